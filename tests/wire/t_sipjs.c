/**
 * @file t_sipjs.c  Cases of SIP.js' tests that no other test shows
 *
 * With the outcome that is wanted here.
 */
#include <string.h>
#include "wire.h"
#include "scene.h"


TEST(caller_referred, "bob has called alice, and is referred by her")
{
	struct msg *req;

	t.bob   = sut_start("bob");
	t.alice = peer_new("alice");
	t.carol = peer_new("carol");
	t.call  = call_out(t.bob, t.alice);

	req = refer_carol("");
	expect(t.alice, "202 REFER", WAIT);
	peer_reply(t.carol, expect(t.carol, "INVITE", WAIT), 404, "Not Found",
		   NULL);
	check_notify(expect_any(t.alice, "NOTIFY ~ terminated", WAIT), req,
		     "terminated;reason=noresource", "SIP/2.0 404 Not Found");
	check_alive(t.call);
	ROW("sipjs.01 sipjs.03");
}


TEST(compact_forms, "Refer-To and Referred-By in their compact forms")
{
	struct msg *m;

	scene();
	peer_auto(t.alice, "NOTIFY");
	(void)dlg_request(t.call, "REFER",
			  F("r: \"C\" <%s;x=y?Replaces=a%%40b%%3Bto-tag%%3D1"
			    "%%3Bfrom-tag%%3D2%%3Bearly-only&Subject=hi>\r\n"
			    "b: \"Al\" <sip:a@h>;cid=\"x@y\"\r\n",
			    t.carol->uri));
	expect(t.alice, "202 REFER", WAIT);

	m = expect(t.carol, "INVITE", WAIT);
	EQ_STR(F("%s;x=y", t.carol->uri), ruri(m));
	EQ_STR("a@b;to-tag=1;from-tag=2;early-only", hdr(m, "Replaces"));
	EQ_STR("\"Al\" <sip:a@h>;cid=\"x@y\"", hdr(m, "Referred-By"));
	EQ_INT(0, hdr_count(m, "Subject"));
	HASNT(m, "?");
	ROW("sipjs.46 sipjs.47 R51");
	(void)answer(t.carol, m);
}


static unsigned line_count(const struct msg *m, const char *name)
{
	const char *p = m->raw;
	unsigned n = 0;

	while ((p = strstr(p, name))) {
		p += strlen(name);
		++n;
	}

	return n;
}


TEST(second_refer, "The second REFER's INVITE has each header once")
{
	static const char *const namev[] = {
		"Contact", "Allow", "Referred-By", "To", "Content-Length",
	};
	struct msg *m;
	size_t i, j;

	scene();
	for (i=0; i<2; ++i) {
		(void)refer_carol("Referred-By: <sip:a@h>\r\n");
		expect_any(t.alice, "202 REFER", WAIT);
		m = expect(t.carol, "INVITE", WAIT);

		for (j=0; j<ARRAY_SIZE(namev); ++j)
			CHECK(hdr_count(m, namev[j]) == 1, "%s", namev[j]);

		/* 1.x writes an empty one beside it; libre counts values */
		EQ_INT(host_major() < 3 ? 2 : 1,
		       line_count(m, "\r\nSupported:"));

		peer_reply(t.carol, m, 486, "Busy Here", NULL);
		expect_any(t.alice, "NOTIFY ~ SIP/2.0 486", WAIT);
	}
	ROW("sipjs.50");
}


TEST(cancel_race, "The target answers while it is cancelled: BYE, NOTIFY")
{
	struct msg *req, *inv, *m;

	scene();
	req = refer_carol("");
	inv = expect(t.carol, "INVITE", WAIT);
	peer_reply(t.carol, inv, 180, "Ringing", NULL);
	event(t.bob, "CALL_RINGING", WAIT);

	(void)ctrl(t.bob, "refercancel", "1");
	m = expect(t.carol, "CANCEL", WAIT);
	peer_reply(t.carol, inv, 200, "OK", sdp(t.carol));
	peer_reply(t.carol, m, 200, "OK", NULL);
	peer_reply(t.carol, expect(t.carol, "BYE", WAIT), 200, "OK", NULL);
	EQ_INT(1, seen_count("bob", "carol", "ACK"));

	check_notify(expect_any(t.alice, "NOTIFY ~ terminated", WAIT), req,
		     "terminated;reason=noresource",
		     "SIP/2.0 487 Request Terminated");
	check_alive(t.call);
	ROW("sipjs.55");
}


TEST(empty_reason, "The target gives no reason phrase: the standard one")
{
	struct msg *req, *inv;

	scene();
	req = refer_carol("");
	inv = expect(t.carol, "INVITE", WAIT);
	peer_reply(t.carol, inv, 486, "", NULL);
	check_notify(expect_any(t.alice, "NOTIFY ~ terminated", WAIT), req,
		     "terminated;reason=noresource", "SIP/2.0 486 Busy Here");
	check_alive(t.call);
	ROW("sipjs.56");
}


TEST(cancel_late, "CANCEL for a REFER that was answered: 200, and no effect")
{
	struct msg *req;

	scene();
	req = refer_carol("");
	expect(t.alice, "202 REFER", WAIT);
	cancel_refer(req);
	expect_any(t.alice, "200 CANCEL", WAIT);
	(void)answer(t.carol, expect(t.carol, "INVITE", WAIT));
	expect_any(t.alice, "NOTIFY ~ SIP/2.0 200", WAIT);
	check_alive(t.call);
	ROW("sipjs.57");
}
