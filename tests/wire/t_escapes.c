/**
 * @file t_escapes.c  Targets with escapes, which 1.x reads as a format
 */
#include <string.h>
#include "wire.h"
#include "scene.h"


#define AT_CAROL "@127.0.0.3"


static const char *const targetv[] = {
	"sip:alice%40bigco.com" AT_CAROL,
	"sip:john%20smith" AT_CAROL,
	"sip:%25s%25n%25H" AT_CAROL,
	"sip:a%20s%20s%20H%20b%20r%20v%20m%20J" AT_CAROL,
	"sip:a%2525s%20%2520s" AT_CAROL,
	"sip:carol" AT_CAROL ";x=%20s%20H%20r",
	"sip:%c3%a4rger%0as" AT_CAROL,
};


/* Each event that has the target, and each command that prints it */
static void call_target(const char *uri)
{
	struct msg *inv;
	struct dlg *d;

	(void)refer(F("<%s>", uri), "");
	EQ_INT(202, scode(expect_any(t.alice, "xxx REFER", WAIT)));
	inv = expect(t.carol, "INVITE", WAIT);
	EQ_STR(uri, ruri(inv));
	HAS(inv, F("To: <%s>\r\n", uri));

	peer_reply(t.carol, inv, 180, "Ringing", NULL);
	event(t.bob, "CALL_RINGING", WAIT);
	peer_reply(t.carol, inv, 183, "%20s%H", sdp(t.carol));
	event(t.bob, "CALL_PROGRESS", WAIT);
	d = answer(t.carol, inv);
	event(t.bob, "CALL_ESTABLISHED ~ " AT_CAROL, WAIT);
	expect_any(t.alice, "NOTIFY ~ SIP/2.0 200", WAIT);
	event(t.bob, F("? ~ refer,referEnded ~ target=%s", uri), WAIT);

	(void)ctrl(t.bob, "listcalls", NULL);
	(void)ctrl(t.bob, "callstat", NULL);
	hangup(d);
	event(t.bob, "CALL_CLOSED", WAIT);
}


TEST(escaped_target, "A target with an escape is called as it is written",
     .secs = 20)
{
	size_t i;

	scene(.config = "refer_rate 0\n");
	peer_auto(t.alice, "NOTIFY");

	for (i=0; i<ARRAY_SIZE(targetv) - 1; ++i)
		call_target(targetv[i]);

	/* CR, LF and NUL are no characters of a target */
	(void)refer(F("<%s>", targetv[i]), "");
	expect_any(t.alice, "400 REFER", WAIT);
	check_alive(t.call);
	ROW("refer.escaped");
}


/* What comes back may be forged: 1.x looks at the Via branch alone */
TEST(escaped_forged, "A response of another Call-ID to it is harmless",
     .na4 = "it ends a call by such a response")
{
	struct msg *inv;
	const char *raw;

	scene();
	peer_auto(t.alice, "NOTIFY");
	(void)refer(F("<%s>", targetv[3]), "");
	expect_any(t.alice, "202 REFER", WAIT);
	inv = expect(t.carol, "INVITE", WAIT);

	raw = F("SIP/2.0 180 Ringing\r\nVia: %s\r\nFrom: %s\r\nTo: %s;tag=1"
		"\r\nCall-ID: another\r\nCSeq: %s\r\nContact: <%s>\r\n"
		"Content-Length: 0\r\n\r\n", hdr(inv, "Via"),
		hdr(inv, "From"), hdr(inv, "To"), hdr(inv, "CSeq"),
		t.carol->uri);
	(void)peer_send(t.carol, &inv->src, raw);
	(void)answer(t.carol, inv);
	expect_any(t.alice, "NOTIFY ~ SIP/2.0 200", WAIT);
	check_alive(t.call);
	ROW("refer.escaped");
}


/** A Refer-To, and the Request-URI of the INVITE, or NULL if it is refused */
static const struct {
	const char *refer_to;
	const char *uri;
} dressv[] = {
	{"<sip:carol%n@127.0.0.3>", NULL},
	{"<sip:carol%@127.0.0.3>", NULL},
	{"<sip:carol%%@127.0.0.3>", NULL},
	{"<sip:%s%s%s%s@127.0.0.3>", NULL},
	{"<sip:carol%r%H@127.0.0.3>", NULL},
	{"<sip:carol@%20s%25n>", NULL},
	{"<sip:carol@127.0.0.3:%20s>", NULL},
	{"<tel:%20s>", NULL},
	{"<sip:carol%25@127.0.0.3>", "sip:carol%25@127.0.0.3"},
	{"<sip:%25n%25%25n@127.0.0.3>", "sip:%25n%25%25n@127.0.0.3"},
	{"<sip:carol:%20s%25H@127.0.0.3>", "sip:carol:%20s%25H@127.0.0.3"},
	{"<sip:carol@127.0.0.3;%20s=%25n>", "sip:carol@127.0.0.3;%20s=%25n"},
	{"<sip:carol%20s@127.0.0.3?Subject=%2520s%25n%20s&%20s=%20s>",
	 "sip:carol%20s@127.0.0.3"},
	{"\"%s%n%20s\" <sip:carol%20s@127.0.0.3>;%20s=%n",
	 "sip:carol%20s@127.0.0.3"},
	{"%20s%n <sip:carol%20s@127.0.0.3>", "sip:carol%20s@127.0.0.3"},
	{"\"%s\r\n %n\"\r\n\t<sip:carol%20s@127.0.0.3>\r\n ;p=%20s",
	 "sip:carol%20s@127.0.0.3"},
	{"sip:carol%20s@127.0.0.3", "sip:carol%20s@127.0.0.3"},
};


static struct msg *dressed_refer(bool outside, const char *refer_to)
{
	struct dlg *d = outside ? dlg_new(t.alice, t.bob->uri) : t.call;

	return dlg_request(d, "REFER",
			   F("Refer-To: %s\r\nReferred-By: \"%%s\""
			     " <sip:%%20s%%25n@h>;x=%%20s\r\n", refer_to));
}


static void try_dressed(bool outside, size_t i)
{
	const char *uri = dressv[i].uri;
	struct msg *inv;

	/* 4.x calls without the password */
	if (uri && strstr(uri, "carol:") && host_major() >= 4)
		uri = "sip:carol" AT_CAROL;

	(void)dressed_refer(outside, dressv[i].refer_to);
	if (!dressv[i].uri) {
		(void)expect_any(t.alice, "4xx REFER", WAIT);
		return;
	}

	(void)expect_any(t.alice, "202 REFER", WAIT);
	inv = expect(t.carol, "INVITE", WAIT);
	EQ_STR(uri, ruri(inv));
	peer_reply(t.carol, inv, 180, "Ring%20sing", NULL);
	event(t.bob, "CALL_RINGING", WAIT);
	peer_reply(t.carol, inv, 486, "%20s%n Busy", NULL);
	(void)expect_any(t.alice, "NOTIFY ~ SIP/2.0 486 %20s%n Busy", WAIT);
}


TEST(escaped_dressed, "However it is dressed, no target is read as a format",
     .secs = 30)
{
	size_t i;

	scene(.config = "refer_rate 0\nrefer_copy_headers Subject\n"
	      "refer_out_of_dialog accept\n");
	peer_auto(t.alice, "NOTIFY");

	for (i=0; i<ARRAY_SIZE(dressv); ++i) {
		try_dressed(false, i);
		try_dressed(true, i);
	}

	expect_none(t.carol, "INVITE", 0);
	check_alive(t.call);
	ROW("refer.escaped");
}


/* What the core prints of it is longer than its buffers */
TEST(escaped_long, "A long target with many escapes")
{
	char x[2000], *p;
	struct msg *inv;

	for (p = x; p < x + sizeof(x) - 4; p += 4)
		memcpy(p, "%20s", 4);
	*p = '\0';

	scene();
	peer_auto(t.alice, "NOTIFY");
	(void)refer(F("<sip:%s" AT_CAROL ">", x), "");
	expect_any(t.alice, "202 REFER", WAIT);
	inv = expect(t.carol, "INVITE", WAIT);
	EQ_STR(F("sip:%s" AT_CAROL, x), ruri(inv));
	(void)answer(t.carol, inv);
	event(t.bob, "CALL_ESTABLISHED ~ 20s", WAIT);
	expect_any(t.alice, "NOTIFY ~ SIP/2.0 200", WAIT);
	ROW("refer.escaped");
}


TEST(escaped_challenged, "The target challenges, by an outbound proxy")
{
	const char *uri = "sip:%25s%20s@example.org;x=%20s";
	struct msg *inv;

	scene(.outbound = "sip:127.0.0.3", .account = ";auth_pass=secret");
	peer_auto(t.alice, "NOTIFY");
	(void)refer(F("<%s>", uri), "");
	expect_any(t.alice, "202 REFER", WAIT);
	inv = expect(t.carol, "INVITE", WAIT);
	peer_reply(t.carol, inv, 407, "%20s%H",
		   "Proxy-Authenticate: Digest realm=\"%20s\","
		   " nonce=\"n\"\r\n");
	inv = expect(t.carol, "INVITE ~ Proxy-Authorization", WAIT);
	EQ_STR(uri, ruri(inv));
	HAS(inv, F("uri=\"%s\"", uri));
	(void)answer(t.carol, inv);
	expect_any(t.alice, "NOTIFY ~ SIP/2.0 200", WAIT);
	check_alive(t.call);
	ROW("refer.escaped");
}


TEST(escaped_redirected, "A redirection to such a target is followed if set")
{
	struct msg *inv;

	scene(.config = "refer_follow_redirect yes\n");
	peer_auto(t.alice, "NOTIFY");
	(void)refer_carol("");
	inv = expect(t.carol, "INVITE", WAIT);
	peer_reply(t.carol, inv, 302, "%20s%H",
		   F("Contact: \"%%s\" <%s>\r\n", targetv[1]));
	inv = expect(t.carol, "INVITE ~ john", WAIT);
	EQ_STR(targetv[1], ruri(inv));
	(void)answer(t.carol, inv);
	expect_any(t.alice, "NOTIFY ~ SIP/2.0 200", WAIT);
	check_alive(t.call);
	ROW("refer.escaped");
}


TEST(escaped_aor, "Such a target is named as it is written when it is joined")
{
	struct msg *req;
	struct dlg *d;

	scene(.config = "refer_attended_target aor\n");
	peer_auto(t.alice, "NOTIFY");
	(void)refer(F("<%s>", targetv[1]), "");
	expect_any(t.alice, "202 REFER", WAIT);
	d = answer(t.carol, expect(t.carol, "INVITE", WAIT));
	expect_any(t.alice, "NOTIFY ~ SIP/2.0 200", WAIT);

	(void)ctrl(t.bob, "atransfer",
		   F("%s %s", t.call->callid, d->callid));
	req = await_refer(t.call);
	HAS(req, F("Refer-To: <%s?", targetv[1]));
	ROW("refer.escaped");
}


TEST(escaped_consult, "/atransferstart calls such a target, and joins it")
{
	struct msg *inv, *req;

	scene(.config = "refer_attended_target aor\n");
	(void)ctrl(t.bob, "atransferstart", targetv[1]);
	answer_hold(t.call);
	inv = expect(t.carol, "INVITE", WAIT);
	EQ_STR(targetv[1], ruri(inv));
	peer_reply(t.carol, inv, 180, "Ringing", NULL);
	(void)answer(t.carol, inv);
	event(t.bob, "CALL_ESTABLISHED", WAIT);
	HAS_TEXT(ctrl(t.bob, "referlist", NULL).data, targetv[1]);
	(void)ctrl(t.bob, "atransferexec", NULL);
	req = await_refer(t.call);
	HAS(req, F("Refer-To: <%s?", targetv[1]));
	ROW("refer.escaped command.target-format");
}


TEST(refused_484, "With medianat a target that reads as a format gets 484",
     .na4 = "it reads no remote text as a format")
{
	struct dlg *d;

	t.bob   = sut_start("bob", .config = "module ice.so\n"
			    "refer_out_of_dialog accept\n",
			    .account = ";medianat=ice");
	t.alice = peer_new("alice");
	t.carol = peer_new("carol");
	d = dlg_new(t.alice, t.bob->uri);
	(void)dlg_request(d, "REFER", F("Refer-To: <%s>\r\n", targetv[1]));
	expect_any(t.alice, "484 REFER", WAIT);
	expect_none(t.carol, "*", 0);
	ROW("refer.484");
}
