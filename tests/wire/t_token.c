/**
 * @file t_token.c  The token of a Referred-By (RFC 3892 section 2.2)
 *
 * The INVITE is taken apart here as RFC 2046 says, by its boundary only.
 */
#include <stdlib.h>
#include <string.h>
#include "wire.h"
#include "scene.h"

#define BY "<sip:a@h>;cid=\"tok@h\""
#define SIPFRAG "Content-Type: message/sipfrag\r\n"
#define ID "Content-ID: <tok@h>\r\n"
#define FRAG "Date: Thu, 21 Feb 2002 13:02:03 GMT\r\nRefer-To: <sip:c@h>\r\n"


/* A REFER with such a body */
static void refer_body(const char *type, const char *content)
{
	(void)dlg_request(t.call, "REFER",
			  F("Refer-To: <%s>\r\nReferred-By: " BY "\r\n"
			    "Content-Type: %s\r\nContent-Length: %zu\r\n"
			    "\r\n%s", t.carol->uri, type, strlen(content),
			    content));
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


/* As without a token: a body of the description alone */
static void check_plain(struct msg *m)
{
	EQ_STR("application/sdp", hdr(m, "Content-Type"));
	EQ_INT((int)strlen(body(m)), atoi(hdr(m, "Content-Length")));
	CHECK(!strncmp(body(m), "v=0\r\n", 5), "no description");
	peer_reply(t.carol, m, 486, "Busy Here", NULL);
	expect_any(t.alice, "NOTIFY ~ SIP/2.0 486", WAIT);
}


static void token_sent(void)
{
	struct msg *m;
	struct dlg *d;

	scene(.console = true);
	peer_auto(t.alice, "NOTIFY");
	m = invite(part(ID SIPFRAG "X-Other: x\r\n", FRAG));
	check_parts(m, SIPFRAG ID "\r\n" FRAG);

	d = answer(t.carol, m);
	expect_any(t.alice, "NOTIFY ~ SIP/2.0 200", WAIT);
	hangup(t.call);

	(void)ctrl(t.bob, "hold", NULL);
	m = expect_any(t.carol, F("INVITE ~ Call-ID: %s", d->callid), WAIT);
	EQ_STR("application/sdp", hdr(m, "Content-Type"));
	CHECK(!strstr(body(m), "--"), "a delimiter in the re-INVITE");
	EQ_INT((int)strlen(body(m)), atoi(hdr(m, "Content-Length")));
	(void)answer(t.carol, m);
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


TEST(token_whole, "The body of the REFER is the token itself")
{
	scene();
	peer_auto(t.alice, "NOTIFY");
	refer_body("message/sipfrag\r\n" "Content-ID: <tok@h>", FRAG);
	check_parts(expect_any(t.carol, "INVITE", WAIT),
		    SIPFRAG ID "\r\n" FRAG);
}


TEST(token_challenged, "The INVITE with credentials has the token as well")
{
	struct msg *m;

	scene(.account = ";auth_user=bob;auth_pass=secret");
	peer_auto(t.alice, "NOTIFY");
	m = invite(part(ID SIPFRAG, FRAG));
	peer_reply(t.carol, m, 401, "Unauthorized",
		   "WWW-Authenticate: Digest realm=\"r\", nonce=\"n\"\r\n");
	m = expect(t.carol, "INVITE ~ Authorization: Digest", WAIT);
	check_parts(m, SIPFRAG ID "\r\n" FRAG);
	(void)answer(t.carol, m);
}


TEST(token_refused, "What is no token, or could be another, is not sent")
{
	const char *ok = part(ID SIPFRAG, FRAG);

	scene();
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

	/* no delimiter behind it */
	refer_body("multipart/mixed;boundary=b",
		   "--b\r\n" ID SIPFRAG "\r\n" FRAG);
	check_plain(expect_any(t.carol, "INVITE", WAIT));
	check_alive(t.call);
}


TEST(token_large, "A token of more than 16 KiB is left out, one of 15 is not")
{
	char text[17000];

	/* over UDP libre takes no more than 8 KiB */
	net_use("tcp");
	scene();
	peer_auto(t.alice, "NOTIFY");

	memset(text, 'x', sizeof(text));
	text[sizeof(text) - 1] = '\0';
	check_plain(invite(part(ID SIPFRAG, text)));

	text[15000] = '\0';
	check_parts(invite(part(ID SIPFRAG, text)),
		    F(SIPFRAG ID "\r\n%s", text));
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
