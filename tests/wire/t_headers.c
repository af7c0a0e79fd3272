/**
 * @file t_headers.c  Headers as RFC 3261 section 7.3.1 lets them be written
 */
#include <string.h>
#include "wire.h"
#include "scene.h"


/* carol calls bob, in place of alice */
static struct dlg *invite(const char *hdrs)
{
	struct dlg *d = dlg_new(t.carol, t.bob->uri);

	(void)dlg_request(d, "INVITE", F("%s%s", hdrs, sdp(t.carol)));

	return d;
}


static void refused(const char *hdrs, const char *answer, const char *tags)
{
	struct dlg *d = invite(hdrs);
	struct msg *m = expect(t.carol, answer, WAIT);

	EQ_STR(tags, hdr(m, "Unsupported"));
	dlg_confirm(d, m);
	dlg_ack(d, m);
	expect_none(t.alice, "*", 0);
}


/* Each is bob's call with alice, and is replaced by one with carol */
static void replaced(const char *hdrs)
{
	struct msg *bye;

	(void)dlg_taken(invite(hdrs));
	bye = expect(t.alice, "BYE", WAIT);
	peer_reply(t.alice, bye, 200, "OK", NULL);
	peer_flush(t.carol);
}


TEST(require_replaces_list, "Require of an INVITE with Replaces is a list")
{
	const char *old;

	scene();
	old = replaces(t.call);

	refused(F("%sRequire: replaces, bogus\r\n", old), "420 INVITE",
		"bogus");
	refused(F("%sRequire: bogus\r\nRequire: Replaces\r\n", old),
		"420 INVITE", "bogus");
	refused(F("%sRequire: replaces,\r\n replaces ,bogus\r\n", old),
		"420 INVITE", "bogus");
	check_alive(t.call);

	replaced(F("%sRequire: replaces, replaces,\r\nRequire:\r\n REPLACES"
		   "\r\nRequire: replaces\r\n", old));
	ROW("C4.require-list");
}


TEST(require_replaces_100rel, "1.x has no 100rel, which is all that it names",
     .na4 = "it has 100rel")
{
	scene();
	refused(F("%sRequire: replaces, 100rel\r\nSupported: 100rel\r\n",
		  replaces(t.call)), "420 INVITE", "100rel");
	check_alive(t.call);
	ROW("C4.require-list");
}


/* alice refers bob to carol: he calls her */
static void referred(const char *refer_to, const char *more)
{
	(void)refer(refer_to, more);
	expect_any(t.alice, "202 REFER", WAIT);
	(void)answer(t.carol, expect(t.carol, "INVITE", WAIT));
}


TEST(require_refer_list, "Require of a REFER is a list, in its target too")
{
	struct msg *m;

	scene();
	peer_auto(t.alice, "NOTIFY");

	(void)refer(F("<%s>", t.carol->uri), "Require: replaces, 100rel\r\n");
	m = expect(t.alice, "420 REFER", WAIT);
	EQ_STR("100rel", hdr(m, "Unsupported"));
	(void)refer(F("<%s>", t.carol->uri), "Require: replaces,\r\n"
		    "\tfoo ,replaces\r\nRequire: norefersub,, bar,\r\n");
	m = expect(t.alice, "420 REFER", WAIT);
	EQ_STR("foo, bar", hdr(m, "Unsupported"));
	(void)refer(F("<%s?Require=replaces%%2Cfoo>", t.carol->uri), "");
	expect(t.alice, "400 REFER", WAIT);
	(void)refer(F("<%s?Require=replaces&Require=foo>", t.carol->uri), "");
	expect(t.alice, "400 REFER", WAIT);

	referred(F("<%s>", t.carol->uri), "Require: replaces,replaces,\r\n"
		 "Require: REPLACES\r\n");
	referred(F("<%s?Require=replaces%%2C%%20replaces&require=Replaces>",
		   t.carol->uri), "");
	ROW("C2.420");
}
