/**
 * @file t_fixes.c  What stock baresip does wrong and the module right
 *
 * Each test runs twice: with the module, where it must pass, and as
 * NAME.stock with the stock baresip alone, where it must fail as said in
 * .fault. alice refers, bob is the baresip under test, carol is the target.
 */
#include <string.h>
#include "wire.h"
#include "scene.h"


TEST_FIXES(two_refer_to, "REFER with two Refer-To headers gets 400",
	   .fault = "expects '400 REFER', got 202")
{
	scene();

	refer(F("<%s>", t.carol->uri), "Refer-To: <sip:eve@127.0.0.9>\r\n");
	expect(t.alice, "400 REFER", WAIT);
	expect_none(t.carol, "INVITE", 200);
	check_alive(t.call);
	ROW("stock.two-refer-to");
}


TEST_FIXES(two_refer_to_comma, "REFER with two targets in one header: 400",
	   .fault = "expects '400 REFER', got 202")
{
	scene();

	refer(F("<%s>, <sip:eve@127.0.0.9>", t.carol->uri), "");
	expect(t.alice, "400 REFER", WAIT);
	ROW("stock.two-refer-to-comma");
}


TEST_FIXES(refer_to_bye, "Refer-To with method=BYE gets 501, no call",
	   .fault = "expects '501 REFER', got 202")
{
	scene();

	refer(F("<%s;method=BYE>", t.carol->uri), "");
	expect(t.alice, "501 REFER", WAIT);
	expect_none(t.carol, "*", 200);
	ROW("stock.refer-to-bye");
}


TEST_FIXES(refer_to_tel, "Refer-To with a tel: URI gets 416",
	   .fault = "expects '416 REFER', got 202")
{
	scene();

	refer("<tel:+15551234>", "");
	expect(t.alice, "416 REFER", WAIT);
	ROW("stock.refer-to-tel");
}


TEST_FIXES(referred_by, "Referred-By goes into the new INVITE",
	   .fault = "got '(none)'")
{
	struct msg *inv;

	scene();
	peer_auto(t.alice, "NOTIFY");

	refer(F("<%s>", t.carol->uri),
	      "Referred-By: \"Al\" <sip:al@example.com>;x=y\r\n");
	expect_any(t.alice, "202 REFER", WAIT);

	inv = expect(t.carol, "INVITE", WAIT);
	EQ_STR("\"Al\" <sip:al@example.com>;x=y", hdr(inv, "Referred-By"));
	ROW("stock.referred-by");
}


TEST_FIXES(refer_to_replaces, "Replaces of the Refer-To becomes a header",
	   .fault = NULL, .of = 1)
{
	struct msg *inv;

	scene();
	peer_auto(t.alice, "NOTIFY");

	refer(F("<%s?Replaces=a%%40b%%3Bto-tag%%3D1%%3Bfrom-tag%%3D2>",
		t.carol->uri), "");
	expect_any(t.alice, "202 REFER", WAIT);

	inv = expect(t.carol, "INVITE", 5000);
	EQ_STR(t.carol->uri, ruri(inv));
	EQ_STR("a@b;to-tag=1;from-tag=2", hdr(inv, "Replaces"));
	ROW("stock.refer-to-replaces");
}


TEST_FIXES(notify_ringing, "The target's 180 reaches the referrer",
	   .fault = "expects 'NOTIFY ~ SIP/2.0 180', got nothing")
{
	struct msg *inv, *n;

	scene();
	peer_auto(t.alice, "NOTIFY");

	refer(F("<%s>", t.carol->uri), "");
	expect(t.alice, "202 REFER", WAIT);
	expect(t.alice, "NOTIFY ~ SIP/2.0 100", WAIT);

	inv = expect(t.carol, "INVITE", WAIT);
	peer_reply(t.carol, inv, 180, "Ringing", NULL);
	n = expect(t.alice, "NOTIFY ~ SIP/2.0 180", 5000);
	HAS(n, "Subscription-State: active");
	answer(t.carol, inv);
	n = expect(t.alice, "NOTIFY ~ SIP/2.0 200", WAIT);
	HAS(n, "Subscription-State: terminated;reason=noresource");
	ROW("stock.notify-ringing");
}


TEST_FIXES(early_bye, "The referrer's early BYE does not end the transfer",
	   .fault = "'SIP/2.0 200' is not in")
{
	struct msg *inv, *n;

	scene();
	peer_auto(t.alice, "NOTIFY");

	refer(F("<%s>", t.carol->uri), "");
	expect_any(t.alice, "202 REFER", WAIT);
	inv = expect(t.carol, "INVITE", WAIT);
	peer_reply(t.carol, inv, 180, "Ringing", NULL);

	wait_ms(200);
	hangup(t.call);
	answer(t.carol, inv);

	n = expect_any(t.alice, "NOTIFY ~ terminated", WAIT);
	HAS(n, "SIP/2.0 200");
	expect_none(t.carol, "BYE", 200);
	ROW("R50");
	ROW("sipjs.52 stock.early-bye");
}


static void notify_refused(uint16_t code, const char *reason)
{
	struct dlg *d;
	struct msg *n;

	scene();

	refer(F("<%s>", t.carol->uri), "");
	n = expect_any(t.alice, "NOTIFY", WAIT);
	peer_reply(t.alice, n, code, reason, NULL);
	peer_auto(t.alice, "NOTIFY");

	d = answer(t.carol, expect(t.carol, "INVITE", WAIT));
	check_alive(t.call);
	check_alive(d);
}


TEST_FIXES(notify_481, "A NOTIFY answered 481 ends no call",
	   .fault = "expected 200, got 481", .of = 1)
{
	notify_refused(481, "Subscription does not exist");
	expect_none(t.alice, "NOTIFY", 0);
	ROW("R48");
	ROW("sipjs.53 stock.notify-481");
}


TEST_FIXES(notify_486, "A NOTIFY answered 486 ends no call",
	   .fault = "expected 200, got 481",
	   .fault4 = "expects 'NOTIFY ~ SIP/2.0 200', got nothing")
{
	notify_refused(486, "Busy Here");
	expect_any(t.alice, "NOTIFY ~ SIP/2.0 200", WAIT);
	ROW("stock.notify-486");
}


/* Whatever bob says to it, he must live on */
static void survive(const char *refer_to)
{
	scene();
	peer_auto(t.alice, "NOTIFY");

	refer(refer_to, "");
	expect_any(t.alice, "xxx REFER", WAIT);
	check_alive(t.call);
}


TEST_FIXES(format_refer_to, "%H in a Refer-To does not crash",
	   .fault = "crashed: signal 11", .of = 1)
{
	survive("<sip:x%d%H@127.0.0.3>");
	ROW("stock.format-refer-to");
}


TEST_FIXES(format_refer_to_n, "%s%n in a Refer-To does not crash",
	   .fault = "crashed: signal 11", .of = 1)
{
	survive("<sip:carol@127.0.0.3;x=%s%n%s%n%s%s%s%s>");
	ROW("stock.format-refer-to-n");
}


TEST_FIXES(format_refer_to_20s, "%20s, a legal one, does not crash",
	   .fault = "crashed: signal 11", .of = 1)
{
	survive("<sip:a%20s%20s%20s%20s%20s%20s@127.0.0.3>");
	ROW("stock.format-refer-to-20s");
}


TEST_FIXES(format_reason, "%s in the target's 486 does not crash",
	   .fault = "crashed: signal 11", .of = 1)
{
	struct msg *inv;

	scene();
	peer_auto(t.alice, "NOTIFY");

	refer(F("<%s>", t.carol->uri), "");
	inv = expect(t.carol, "INVITE", WAIT);
	peer_reply(t.carol, inv, 486, "%s%s%s%s%s%s%s%s Busy", NULL);

	expect_any(t.alice, "NOTIFY ~ SIP/2.0 486", WAIT);
	check_alive(t.call);
	ROW("stock.format-reason");
}


TEST_FIXES(refer_to_long, "A Refer-To of 2000 bytes is dialled in full")
{
	char x[1900];
	struct msg *inv;

	memset(x, 'x', sizeof(x));
	scene();
	peer_auto(t.alice, "NOTIFY");

	refer(F("<%s;p=%.*s;last>", t.carol->uri, (int)sizeof(x), x), "");
	expect_any(t.alice, "202 REFER", WAIT);
	inv = expect(t.carol, "INVITE", 5000);
	CHECK(strstr(ruri(inv), "x;last"));
	ROW("stock.refer-to-long");
}


TEST_FIXES(ring_70s, "Ringing for 70 s does not end the call", .secs = 75,
	   .limit = 120, .fault = "expected 200, got 481",
	   .fault4 = "expects 'NOTIFY ~ SIP/2.0 200', got nothing")
{
	struct msg *inv;

	scene();
	peer_auto(t.alice, "NOTIFY");

	refer(F("<%s>", t.carol->uri), "");
	expect_any(t.alice, "202 REFER", WAIT);
	inv = expect(t.carol, "INVITE", WAIT);
	peer_reply(t.carol, inv, 180, "Ringing", NULL);

	wait_ms(70000);
	check_alive(t.call);
	answer(t.carol, inv);
	expect_any(t.alice, "NOTIFY ~ SIP/2.0 200", WAIT);
	ROW("stock.ring-70s");
}


/* What bob sends when he is told to transfer */
static struct msg *refer_sent(void)
{
	return test_stock() ? menu_refer(t.call)
		: expect_any(t.alice, "REFER", WAIT);
}


TEST_FIXES(refer_refused, "/transfer refused with 403 keeps the call",
	   .fault = "expected 200, got 481", .of = 1)
{
	scene(.config = "refer_hold no\n");

	ctrl(t.bob, "transfer", t.carol->uri);
	peer_reply(t.alice, refer_sent(), 403, "Forbidden", NULL);
	check_alive(t.call);
	ROW("stock.refer-refused");
}


TEST_FIXES(transfer_brackets, "/transfer sends Refer-To in angle brackets",
	   .fault = "got 'sip:carol@127.0.0.3'")
{
	struct msg *m;

	scene(.config = "refer_hold no\n");

	ctrl(t.bob, "transfer", "sip:carol@127.0.0.3");
	m = expect_any(t.alice, "REFER", WAIT);
	EQ_STR("<sip:carol@127.0.0.3>", hdr(m, "Refer-To"));
	ROW("stock.transfer-brackets");
}


TEST_FIXES(transfer_ringing, "/transfer of a call that rings sends nothing",
	   .fault = "expects no 'REFER', got REFER")
{
	struct msg *inv;

	t.bob   = sut_start("bob");
	t.alice = peer_new("alice");

	ctrl(t.bob, "dial", t.alice->uri);
	inv = expect(t.alice, "INVITE", WAIT);
	peer_reply(t.alice, inv, 180, "Ringing", NULL);
	event(t.bob, "CALL_RINGING", WAIT);

	ctrl(t.bob, "transfer", "sip:carol@127.0.0.3");
	expect_none(t.alice, "REFER", 200);
	ROW("stock.transfer-ringing");
}


TEST_FIXES(sipfrag_no_reason, "A sipfrag without a reason phrase is taken",
	   .fault = "expects '200 NOTIFY', got 400")
{
	struct msg *m;

	scene(.config = "refer_hold no\n");

	ctrl(t.bob, "transfer", t.carol->uri);
	m = refer_sent();
	peer_reply(t.alice, m, 202, "Accepted", NULL);

	(void)dlg_request(t.call, "NOTIFY",
			  F("Event: refer;id=%u\r\n"
			    "Subscription-State: active;expires=60\r\n"
			    "Content-Type: message/sipfrag\r\n\r\n"
			    "SIP/2.0 100\r\n", m->sip->cseq.num));
	expect(t.alice, "200 NOTIFY", WAIT);
	ROW("stock.sipfrag-no-reason");
}


TEST_FIXES(notify_after_call, "A NOTIFY refused after its call: no crash",
	   .fault = "crashed: signal 11", .fault4 = "crashed: signal")
{
	static char *const env[] = {
		"GLIBC_TUNABLES=glibc.malloc.tcache_count=0:"
		"glibc.malloc.perturb=165", NULL
	};
	struct msg *n, *inv;

	/* memory that was freed is overwritten: its use shows; bob's call with
	   alice ends for want of RTP, so that no NOTIFY is sent for that */
	scene(.env = env, .config = "rtp_timeout 1\n");

	refer(F("<%s>", t.carol->uri), "");
	n = expect_any(t.alice, "NOTIFY", WAIT);
	inv = expect(t.carol, "INVITE", WAIT);
	peer_reply(t.carol, inv, 180, "Ringing", NULL);
	event(t.bob, "CALL_CLOSED ~ rtp stream error", WAIT);

	peer_reply(t.alice, n, 481, "Subscription does not exist", NULL);
	check_alive(answer(t.carol, inv));
	ROW("stock.notify-after-call");
}
