/**
 * @file t_escapes.c  Targets with escapes, which 1.x reads as a format
 */
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
	ROW("C2.escaped");
}


/* What comes back may be forged: 1.x looks at the Via branch alone */
TEST(escaped_forged, "A response of another Call-ID to such a call is harmless",
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
	ROW("C2.escaped");
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
	ROW("C2.escaped");
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
	ROW("C2.484");
}
