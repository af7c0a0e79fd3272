/**
 * @file t_token.c  The token of a Referred-By (RFC 3892 section 2.2)
 *
 * The INVITE is taken apart here as RFC 2046 says, by its boundary only, and
 * by Python's email.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "wire.h"
#include "scene.h"

#define BY "<sip:a@h>;cid=\"tok@h\""
#define SIPFRAG "Content-Type: message/sipfrag\r\n"
#define LEFT_OUT "it leaves the token out"
#define ID "Content-ID: <tok@h>\r\n"
#define FRAG "Date: Thu, 21 Feb 2002 13:02:03 GMT\r\nRefer-To: <sip:c@h>\r\n"


/* A REFER with such a body */
static void refer_body(const char *type, const char *content)
{
	(void)dlg_request(t.call, "REFER",
			  F("Refer-To: <%s>\r\nReferred-By: " BY "\r\n"
			    "Content-Type: %s\r\n\r\n%s", t.carol->uri,
			    type, content));
	expect_any(t.alice, "202 REFER", WAIT);
}


static struct msg *invite(const char *parts)
{
	struct msg *m;

	refer_body("multipart/mixed; boundary=\"b 1;x\"",
		   F("preamble\r\n--b 1;x\r\nContent-Type: text/plain\r\n"
		     "\r\nhello\r\n%s--b 1;x--\r\nepilogue", parts));
	m = expect_any(t.carol, "INVITE", WAIT);
	EQ_STR(BY, hdr(m, "Referred-By"));

	return m;
}


static const char *part(const char *hdrs, const char *content)
{
	return F("--b 1;x \r\n%s\r\n%s\r\n", hdrs, content);
}


/* The nth part of a body, and no more than two of them */
static const char *part_of(const struct msg *m, unsigned n)
{
	const char *delim = F("--%s", hdr_param(m, "Content-Type",
						"boundary"));
	const char *p = body(m), *e;

	EQ_INT((int)strlen(p), atoi(hdr(m, "Content-Length")));
	CHECK(!strncmp(p, delim, strlen(delim)), "no delimiter first");

	for (;; --n) {
		p += strlen(delim);
		CHECK(!strncmp(p, "\r\n", 2), "no part");
		p += 2;
		e = strstr(p, F("\r\n%s", delim));
		CHECK(e, "no delimiter behind a part");
		if (!n)
			break;
		p = e + 2;
	}

	return keep(p, (size_t)(e - p));
}


static void check_parts(const struct msg *m, const char *token)
{
	const char *sdp_part, *end;

	end = F("\r\n--%s--\r\n", hdr_param(m, "Content-Type", "boundary"));
	CHECK(!strncmp(hdr(m, "Content-Type"), "multipart/mixed;", 16),
	      "no multipart");
	EQ_INT(1, hdr_count(m, "Content-Type"));
	EQ_INT(1, hdr_count(m, "Content-Length"));

	sdp_part = part_of(m, 0);
	CHECK(strstr(sdp_part, "Content-Type: application/sdp\r\n"), "type");
	CHECK(strstr(sdp_part, "\r\n\r\nv=0\r\n"), "no description");
	CHECK(strstr(sdp_part, "m=audio "), "no audio");
	EQ_STR(token, part_of(m, 1));
	CHECK(strstr(body(m), end), "no end");
}


static void busy(struct msg *m)
{
	peer_reply(t.carol, m, 486, "Busy Here", NULL);
	expect_any(t.alice, "NOTIFY ~ SIP/2.0 486", WAIT);
}


/* As without a token: a body of the description alone */
static void check_sdp(const struct msg *m)
{
	EQ_STR("application/sdp", hdr(m, "Content-Type"));
	EQ_INT(1, hdr_count(m, "Content-Type"));
	EQ_INT((int)strlen(body(m)), atoi(hdr(m, "Content-Length")));
	CHECK(!strncmp(body(m), "v=0\r\n", 5), "no description");
	CHECK(!strstr(body(m), "\r\n--"), "a delimiter");
	CHECK(!strstr(body(m), "  "), "blanks");
}


static void check_plain(struct msg *m)
{
	check_sdp(m);
	busy(m);
}


/* A mail reader has nothing to complain of, and finds the same */
static void check_foreign(const struct msg *m, const char *token)
{
	const char *file = F("%s/invite", test_dir());
	struct proc *p;
	FILE *f = fopen(file, "wb");

	CHECK(f && fwrite(m->raw, m->len, 1, f) == 1, "no file");
	(void)fclose(f);
	spew(F("%s/token", test_dir()), token);

	p = proc_run("mime", "python3", F("%s/tests/wire/mime.py", TOP), file,
		     F("%s/token", test_dir()), NULL);
	p->may_end = true;
	CHECK(proc_wait(p, WAIT_START), "it ends");
	EQ_STR("ok\n", proc_log(p));
}


/* bob and carol talk; bob holds, then resumes */
static void check_hold(struct dlg *d)
{
	struct msg *m;

	(void)ctrl(t.bob, "hold", NULL);
	m = expect_any(t.carol, F("INVITE ~ Call-ID: %s ~ a=sendonly",
				  d->callid), WAIT);
	check_sdp(m);
	(void)answer(t.carol, m);

	(void)ctrl(t.bob, "resume", NULL);
	m = expect_any(t.carol, F("INVITE ~ CSeq: %u ~ a=sendrecv",
				  m->sip->cseq.num + 1), WAIT);
	check_sdp(m);
	(void)answer(t.carol, m);
}


static void token_sent(void)
{
	struct msg *m;
	struct dlg *d;

	scene();
	peer_auto(t.alice, "NOTIFY");
	m = invite(part(ID SIPFRAG "X-Other: x\r\n", FRAG));
	if (host_major() == 3) {
		EQ_STR("application/sdp", hdr(m, "Content-Type"));
		sut_log_wait(t.bob, "the INVITE has no token", WAIT);
		return;
	}

	check_parts(m, SIPFRAG ID "\r\n" FRAG);
	check_foreign(m, FRAG);

	d = answer(t.carol, m);
	expect_any(t.alice, "NOTIFY ~ SIP/2.0 200", WAIT);
	hangup(t.call);
	check_hold(d);
	ROW("R51");
}


TEST(token_udp, "The body part that cid names goes into the INVITE")
{
	token_sent();
}


TEST(token_tcp, "The same over TCP")
{
	net_use("tcp");
	token_sent();
}


TEST(token_tcp6, "The same over IPv6")
{
	net_use("tcp6");
	token_sent();
}


TEST(token_whole, "The body of the REFER is the token itself",
     .na3 = LEFT_OUT)
{
	scene();
	peer_auto(t.alice, "NOTIFY");
	refer_body("message/sipfrag\r\n" "Content-ID: <tok@h>", FRAG);
	check_parts(expect_any(t.carol, "INVITE", WAIT),
		    SIPFRAG ID "\r\n" FRAG);
}


TEST(token_challenged, "The INVITE with credentials has the token as well",
     .na3 = LEFT_OUT)
{
	struct msg *m;
	struct dlg *d;

	scene(.account = ";auth_user=bob;auth_pass=secret");
	peer_auto(t.alice, "NOTIFY");
	m = invite(part(ID SIPFRAG, FRAG));
	peer_reply(t.carol, m, 401, "Unauthorized",
		   "WWW-Authenticate: Digest realm=\"r\", nonce=\"n\"\r\n");
	m = expect_any(t.carol, "INVITE ~ Authorization: Digest", WAIT);
	check_parts(m, SIPFRAG ID "\r\n" FRAG);
	check_foreign(m, FRAG);

	/* a proxy may challenge when a phone has rung */
	peer_reply(t.carol, m, 180, "Ringing", F("Contact: <%s>\r\n",
						 t.carol->uri));
	expect_any(t.alice, "NOTIFY ~ SIP/2.0 180", WAIT);
	peer_reply(t.carol, m, 407, "Proxy Authentication Required",
		   "Proxy-Authenticate: Digest realm=\"p\", nonce=\"n\"\r\n");
	m = expect_any(t.carol, "INVITE ~ Proxy-Authorization: Digest", WAIT);
	check_parts(m, SIPFRAG ID "\r\n" FRAG);

	d = answer(t.carol, m);
	expect_any(t.alice, "NOTIFY ~ SIP/2.0 200", WAIT);
	hangup(t.call);
	check_hold(d);
}


/* carol rings, and bob holds */
static struct msg *held(void)
{
	struct msg *m;

	scene(.account = ";auth_user=bob;auth_pass=secret");
	peer_auto(t.alice, "NOTIFY");
	m = invite(part(ID SIPFRAG, FRAG));
	hangup(t.call);
	peer_reply(t.carol, m, 180, "Ringing", F("Contact: <%s>\r\n",
						 t.carol->uri));
	expect_any(t.alice, "NOTIFY ~ SIP/2.0 180", WAIT);
	CHECK(ctrl(t.bob, "hold", NULL).ok, "not held");

	return m;
}


TEST(token_held, "/hold while it rings: the re-INVITE has no token",
     .na4 = "it sends none")
{
	struct dlg *d = answer(t.carol, held());
	struct msg *m;

	m = expect(t.carol, F("INVITE ~ Call-ID: %s", d->callid), WAIT);
	check_sdp(m);
	HAS(m, "a=sendonly\r\n");
	(void)answer(t.carol, m);
	expect_any(t.alice, "NOTIFY ~ SIP/2.0 200", WAIT);

	(void)ctrl(t.bob, "resume", NULL);
	m = expect(t.carol, F("INVITE ~ Call-ID: %s", d->callid), WAIT);
	check_sdp(m);
	HAS(m, "a=sendrecv\r\n");
	(void)answer(t.carol, m);
}


TEST(token_rmmod, "/rmmod, then /hold, while it rings",
     .na4 = "it sends no offer before the answer")
{
	struct msg *m;
	struct dlg *d;

	scene();
	peer_auto(t.alice, "NOTIFY");
	m = invite(part(ID SIPFRAG, FRAG));
	hangup(t.call);
	peer_reply(t.carol, m, 180, "Ringing", NULL);
	expect_any(t.alice, "NOTIFY ~ SIP/2.0 180", WAIT);
	CHECK(ctrl(t.bob, "rmmod", "refer").ok, "rmmod");
	CHECK(ctrl(t.bob, "hold", NULL).ok, "not held");

	d = answer(t.carol, m);
	m = expect(t.carol, F("INVITE ~ Call-ID: %s", d->callid), WAIT);
	check_sdp(m);
	HAS(m, "a=sendonly\r\n");
	(void)answer(t.carol, m);
}


TEST(token_held_challenged, "/hold while it rings, then a challenge",
     .na3 = LEFT_OUT)
{
	struct msg *m = held();

	peer_reply(t.carol, m, 401, "Unauthorized",
		   "WWW-Authenticate: Digest realm=\"r\", nonce=\"n\"\r\n");
	m = expect_any(t.carol, "INVITE ~ Authorization: Digest", WAIT);
	check_parts(m, SIPFRAG ID "\r\n" FRAG);
	HAS(m, "a=sendonly\r\n");

	(void)answer(t.carol, m);
	expect_any(t.alice, "NOTIFY ~ SIP/2.0 200", WAIT);
}


TEST(token_update, "A hold of early media has the description alone",
     .na1 = "it sends no UPDATE",
     .na3 = LEFT_OUT)
{
	struct msg *m, *u;

	scene(.account = ";auth_user=bob;auth_pass=secret;100rel=yes");
	peer_auto(t.alice, "NOTIFY");
	m = invite(part(ID SIPFRAG, FRAG));
	hangup(t.call);
	peer_auto(t.carol, "PRACK");
	peer_reply(t.carol, m, 183, "Session Progress",
		   F("Require: 100rel\r\nRSeq: 1\r\nContact: <%s>\r\n%s",
		     t.carol->uri, sdp(t.carol)));
	expect_any(t.alice, "NOTIFY ~ SIP/2.0 183", WAIT);
	expect_any(t.carol, "PRACK", WAIT);

	CHECK(ctrl(t.bob, "hold", NULL).ok, "not held");
	u = expect_any(t.carol, "UPDATE", WAIT);
	check_sdp(u);
	HAS(u, "a=sendonly\r\n");
	peer_reply(t.carol, u, 200, "OK", sdp(t.carol));

	peer_reply(t.carol, m, 401, "Unauthorized",
		   "WWW-Authenticate: Digest realm=\"r\", nonce=\"n\"\r\n");
	m = expect_any(t.carol, "INVITE ~ Authorization: Digest", WAIT);
	check_parts(m, SIPFRAG ID "\r\n" FRAG);
	(void)answer(t.carol, m);
	expect_any(t.alice, "NOTIFY ~ SIP/2.0 200", WAIT);
}


TEST(token_redirected, "Where a 3xx leads, the token goes as well",
     .na3 = LEFT_OUT)
{
	struct msg *m;

	scene(.config = "refer_follow_redirect yes\n");
	peer_auto(t.alice, "NOTIFY");
	m = invite(part(ID SIPFRAG, FRAG));
	peer_reply(t.carol, m, 302, "Moved", "Contact: <sip:x@127.0.0.3>\r\n");
	m = expect(t.carol, "INVITE", WAIT);
	EQ_STR("sip:x@127.0.0.3", ruri(m));
	EQ_STR(BY, hdr(m, "Referred-By"));
	check_parts(m, SIPFRAG ID "\r\n" FRAG);
	(void)answer(t.carol, m);
	expect_any(t.alice, "NOTIFY ~ SIP/2.0 200", WAIT);
}


/* One that refuses the token is called once more, and the referrer sees one
   transfer */
static void refused(uint16_t code, bool rung)
{
	struct msg *m = invite(part(ID SIPFRAG, FRAG)), *n;
	const char *event;

	check_parts(m, SIPFRAG ID "\r\n" FRAG);
	n = expect(t.alice, "NOTIFY ~ SIP/2.0 100", WAIT);
	event = hdr(n, "Event");
	if (rung) {
		peer_reply(t.carol, m, 180, "Ringing", NULL);
		expect(t.alice, "NOTIFY ~ SIP/2.0 180", WAIT);
	}
	peer_reply(t.carol, m, code, "No", NULL);

	m = expect(t.carol, "INVITE", WAIT);
	EQ_STR(BY, hdr(m, "Referred-By"));
	check_sdp(m);
	peer_reply(t.carol, m, 180, "Ringing", NULL);
	n = expect(t.alice, "NOTIFY ~ SIP/2.0 180", WAIT);
	EQ_STR(event, hdr(n, "Event"));

	/* never a third one */
	peer_reply(t.carol, m, code, "No", NULL);
	n = expect(t.alice, F("NOTIFY ~ SIP/2.0 %u No", code), WAIT);
	EQ_STR(event, hdr(n, "Event"));
	expect_none(t.carol, "INVITE", 0);
}


TEST(token_415, "A target that does not take the token is called without",
     .na3 = LEFT_OUT)
{
	static const uint16_t surev[] = {413, 415, 493, 513};
	static const uint16_t maybev[] = {400, 406, 488, 500, 606};
	struct msg *m;
	size_t i;

	scene();
	peer_auto(t.alice, "NOTIFY");

	for (i=0; i<ARRAY_SIZE(surev); ++i) {
		refused(surev[i], false);
		refused(surev[i], true);
	}

	for (i=0; i<ARRAY_SIZE(maybev); ++i)
		refused(maybev[i], false);

	m = invite(part(ID SIPFRAG, FRAG));
	peer_reply(t.carol, m, 415, "Unsupported Media Type", NULL);
	(void)answer(t.carol, expect(t.carol, "INVITE", WAIT));
	expect_any(t.alice, "NOTIFY ~ SIP/2.0 200", WAIT);
	sut_log_has(t.bob, "once more, without the token: 415 Unsupported");
	event(t.bob, "? ~ refer,referEnded ~ code=200", WAIT);
	EQ_INT(2 * ARRAY_SIZE(surev) + ARRAY_SIZE(maybev) + 1,
	       event_count(t.bob, "? ~ refer,referEnded"));
	ROW("transfer.token");
}


TEST(token_not_at_fault, "Other failures are the transfer's own")
{
	static const uint16_t codev[] = {
		403, 404, 429, 480, 486, 503, 600, 603,
	};
	struct msg *m;
	size_t i;

	scene();
	peer_auto(t.alice, "NOTIFY");

	for (i=0; i<ARRAY_SIZE(codev); ++i) {
		m = invite(part(ID SIPFRAG, FRAG));
		peer_reply(t.carol, m, codev[i], "No", NULL);
		expect_any(t.alice, F("NOTIFY ~ SIP/2.0 %u", codev[i]), WAIT);
		expect_none(t.carol, "INVITE", 0);
	}

	/* it has understood the INVITE, and rung */
	m = invite(part(ID SIPFRAG, FRAG));
	peer_reply(t.carol, m, 180, "Ringing", NULL);
	peer_reply(t.carol, m, 488, "Not Acceptable Here", NULL);
	expect_any(t.alice, "NOTIFY ~ SIP/2.0 488", WAIT);
	check_alive(t.call);
}


TEST(token_hangup, "The user hangs up: the target is not called once more")
{
	struct msg *m;

	scene();
	peer_auto(t.alice, "NOTIFY");
	m = invite(part(ID SIPFRAG, FRAG));
	peer_reply(t.carol, m, 100, "Trying", NULL);
	hangup(t.call);
	event(t.bob, "CALL_CLOSED", WAIT);

	(void)ctrl(t.bob, "hangup", NULL);
	expect_any(t.carol, "CANCEL", WAIT);
	peer_reply(t.carol, m, 487, "Request Terminated", NULL);
	expect_any(t.alice, "NOTIFY ~ SIP/2.0 487", WAIT);
	expect_none(t.carol, "INVITE", 0);
}


TEST(token_silence, "No response: perhaps it was too large, so once without",
     .secs = 40, .limit = 90,
     .na3 = LEFT_OUT)
{
	const char *callid;
	struct msg *m;

	scene();
	peer_auto(t.alice, "NOTIFY");
	m = invite(part(ID SIPFRAG, FRAG));
	check_parts(m, SIPFRAG ID "\r\n" FRAG);

	callid = hdr(m, "Call-ID");
	while (!strcmp(hdr(m, "Call-ID"), callid))
		m = expect(t.carol, "INVITE", 40000);
	check_sdp(m);
	(void)answer(t.carol, m);
	expect_any(t.alice, "NOTIFY ~ SIP/2.0 200", WAIT);
	ROW("transfer.token");
}


/* carol's INVITE for such a body */
static struct msg *invite_for(const char *type, const char *content)
{
	refer_body(type, content);

	return expect_any(t.carol, "INVITE", WAIT);
}


TEST(token_refused, "What is no token, or could be another, is not sent")
{
	const char *ok = part(ID SIPFRAG, FRAG);

	scene(.config = "refer_rate 0\n");
	peer_auto(t.alice, "NOTIFY");

	check_plain(invite(""));
	check_plain(invite(F("%s%s", ok, ok)));
	check_plain(invite(part(ID ID SIPFRAG, FRAG)));
	check_plain(invite(part(ID, FRAG)));
	check_plain(invite(part("Content-ID: <TOK@h>\r\n" SIPFRAG, FRAG)));
	check_plain(invite(part(ID "Content-Type: application/sdp\r\n",
				"v=0\r\n")));
	check_plain(invite(part(ID "Content-Type: message/sipfrag;"
				"x=Application/SDP\r\n", "v=0\r\n")));
	check_plain(invite(part(ID SIPFRAG SIPFRAG, FRAG)));

	/* a part of a part */
	check_plain(invite(F("--b 1;x\r\nContent-Type: multipart/mixed;"
			     "boundary=c\r\n\r\n--c\r\n" ID SIPFRAG "\r\n%s"
			     "\r\n--c--\r\n", FRAG)));

	/* no delimiter behind it, none at all, or none that could be one */
	check_plain(invite_for("multipart/mixed;boundary=b",
			       "--b\r\n" ID SIPFRAG "\r\n" FRAG));
	check_plain(invite_for("multipart/mixed;boundary=b", ""));
	check_plain(invite_for("multipart/mixed", ok));
	check_plain(invite_for("multipart/mixed;boundary=", ok));
	check_plain(invite_for("multipart/mixed;boundary=\"\"", ok));
	check_plain(invite_for("multipart/mixed;boundary=b;boundary=\"b 1;x\"",
			       F("%s--b 1;x--\r\n", ok)));
	check_alive(t.call);
}


TEST(token_clen, "A datagram with a smaller Content-Length has no token, one"
     " with a wrong one is refused")
{
	static const struct {
		const char *len;
		bool wrong;
	} lenv[] = {
		{"0", false}, {"1", false}, {"99999", true}, {"-1", true},
		{"4294967296", true},
	};
	const char *content = F("%s--b 1;x--\r\n", part(ID SIPFRAG, FRAG));
	struct dlg *d;
	size_t i;

	scene(.config = "refer_rate 0\n");
	d = t.call;
	peer_auto(t.alice, "NOTIFY");

	for (i=0; i<ARRAY_SIZE(lenv); ++i) {
		(void)peer_send(t.alice, &d->dst,
			F("REFER %s SIP/2.0\r\n"
			  "Via: SIP/2.0/UDP 127.0.0.1:5060;branch="
			  "z9hG4bK%s\r\n"
			  "From: <%s>;tag=%s\r\nTo: <%s>;tag=%s\r\n"
			  "Call-ID: %s\r\nCSeq: %u REFER\r\n"
			  "Max-Forwards: 70\r\nContact: <%s>\r\n"
			  "Refer-To: <%s>\r\nReferred-By: " BY "\r\n"
			  "Content-Type: multipart/mixed;boundary=\"b 1;x\""
			  "\r\nContent-Length: %s\r\n\r\n%s",
			  d->target, random_id(), d->luri, d->ltag, d->ruri,
			  d->rtag, d->callid, ++d->lseq, t.alice->uri,
			  t.carol->uri, lenv[i].len, content));
		if (lenv[i].wrong)
			(void)expect_any(t.alice, "400 REFER", WAIT);
		else
			check_plain(expect_any(t.carol, "INVITE",
					       WAIT));
	}
	check_alive(d);
}


TEST(token_names, "A cid names a part as it is written, once")
{
	static const char *const cidv[] = {
		"cid=\"<tok@h>\"", "cid=\"tok%40h\"", "cid=\"cid:tok@h\"",
		"cid=\"tok@h", "cid=\"\"", "cid",
		"cid=\"tok@h\";cid=\"tok@h\"",
		"cid=\"tok@h\\\"\"", "xcid=\"tok@h\"", "x=\";cid=tok@h\"",
	};
	struct msg *m;
	size_t i;

	scene(.config = "refer_rate 0\n");
	peer_auto(t.alice, "NOTIFY");

	for (i=0; i<ARRAY_SIZE(cidv); ++i) {
		(void)dlg_request(t.call, "REFER",
			F("Refer-To: <%s>\r\nReferred-By: <sip:a@h>;%s\r\n"
			  "Content-Type: multipart/mixed;boundary=\"b 1;x\""
			  "\r\n\r\n%s--b 1;x--\r\n", t.carol->uri, cidv[i],
			  part(ID SIPFRAG, FRAG)));
		expect_any(t.alice, "202 REFER", WAIT);
		m = expect_any(t.carol, "INVITE", WAIT);
		EQ_STR(F("<sip:a@h>;%s", cidv[i]), hdr(m, "Referred-By"));
		check_plain(m);
	}
}


/* Each is a token, but some of it is not the INVITE's */
TEST(token_dressed, "A part has its headers in one line each, and no others",
     .na3 = LEFT_OUT)
{
	struct msg *m;

	scene(.config = "refer_rate 0\n");
	peer_auto(t.alice, "NOTIFY");

	m = invite(part("content-id :\r\n <tok@h>\r\n" SIPFRAG, FRAG));
	check_parts(m, SIPFRAG ID "\r\n" FRAG);
	busy(m);
	m = invite(part(ID SIPFRAG "Content-Disposition: auth-id;\r\n"
			" handling=optional\rVia: x\n\tTo: y\r\n", FRAG));
	check_parts(m, SIPFRAG ID "Content-Disposition: auth-id;  "
		    " handling=optional Via: x  To: y\r\n\r\n" FRAG);
	busy(m);
	check_foreign(m, FRAG);

	/* what stands there is no delimiter of ours */
	m = invite(part(ID SIPFRAG, "\r\n--\r\n----\r\n--b 1;xy\r\n--b\r\n"));
	check_parts(m, SIPFRAG ID "\r\n\r\n--\r\n----\r\n--b 1;xy\r\n--b\r\n");
	check_foreign(m, "\r\n--\r\n----\r\n--b 1;xy\r\n--b\r\n");
}


TEST(token_signed, "A signed token, with parts of its own",
     .na3 = LEFT_OUT)
{
	const char *type = "multipart/signed; boundary=dragons39; micalg=sha1";
	const char *text = "--dragons39\r\n" SIPFRAG "\r\n" FRAG
		"\r\n--dragons39\r\nContent-Type: application/pkcs7-signature"
		"; name=\"smime.p7s\"\r\n\r\nghyHhHUujhJhjH77n8HHGTrfvbnj7\r\n"
		"--dragons39--\r\n";
	struct msg *m;

	scene(.config = "refer_rate 0\n");
	peer_auto(t.alice, "NOTIFY");
	m = invite(part(F(ID "Content-Type: %s\r\n", type), text));
	check_parts(m, F("Content-Type: %s\r\n" ID "\r\n%s", type, text));
}


TEST(token_lengths, "Tokens of any length, up to 16 KiB", .secs = 40,
     .limit = 180,
     .na3 = LEFT_OUT)
{
	static const size_t lenv[] = {
		0, 1, 2, 3, 62, 63, 64, 65, 255, 256, 257, 510, 511, 512, 513,
		1000, 1023, 1024, 1025, 2047, 2048, 2049, 4095, 4096, 4097,
		8000, 8191, 8192, 8193, 16383, 16384,
	};
	static const size_t largev[] = {16385, 17000, 32768, 60000};
	static char text[65536];
	struct msg *m;
	size_t i;

	/* over UDP libre takes no more than 8 KiB */
	net_use("tcp");
	scene(.config = "refer_rate 0\n");
	peer_auto(t.alice, "NOTIFY");

	for (i=0; i<ARRAY_SIZE(lenv); ++i) {
		memset(text, 'x', lenv[i]);
		text[lenv[i]] = '\0';
		m = invite(part(ID SIPFRAG, text));
		check_parts(m, F(SIPFRAG ID "\r\n%s", text));
		busy(m);
	}

	for (i=0; i<ARRAY_SIZE(largev); ++i) {
		memset(text, 'x', largev[i]);
		text[largev[i]] = '\0';
		check_plain(invite(part(ID SIPFRAG, text)));
	}
	check_alive(t.call);
}


TEST(token_medianat, "With medianat the token is left out; the log says so",
     .na4 = "its ICE finds no address here, and sends no INVITE")
{
	scene(.config = "module ice.so\n", .account = ";medianat=ice");
	peer_auto(t.alice, "NOTIFY");
	EQ_STR("application/sdp",
	       hdr(invite(part(ID SIPFRAG, FRAG)), "Content-Type"));
	sut_log_wait(t.bob, "the INVITE has no token", WAIT);
}
