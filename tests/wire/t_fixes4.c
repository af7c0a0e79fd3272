/**
 * @file t_fixes4.c  Faults of stock baresip 3.x and 4.x that the module mends
 *
 * Each test is run twice: with the module it must pass, without it must fail.
 * Those that they share with 1.x are in t_fixes.c.
 */
#include <string.h>
#include "wire.h"
#include "scene.h"


enum {
	WAIT_TIMER_N = 45000,
};


TEST_FIXES(require_unknown, "A REFER with an unknown Require gets 420",
	   .fault = "expects 'xxx REFER ~ SIP/2.0 420', got nothing")
{
	scene();
	peer_auto(t.alice, "NOTIFY");
	refer(F("<%s>", t.carol->uri), "Require: bogus\r\n");
	expect_any(t.alice, "xxx REFER ~ SIP/2.0 420", WAIT);
	check_alive(t.call);
}


TEST_FIXES(refer_to_sips, "A sips target gets 416, no 202", .of = 4,
	   .fault = "expects 'xxx REFER ~ SIP/2.0 416', got nothing")
{
	scene();
	peer_auto(t.alice, "NOTIFY");
	refer("<sips:carol@127.0.0.3>", "");
	expect_any(t.alice, "xxx REFER ~ SIP/2.0 416", WAIT);
	check_alive(t.call);
}


TEST_FIXES(refer_outside, "REFER out of a dialog is reported on", .of = 4,
	   .fault = "expects 'xxx REFER ~ SIP/2.0 202', got nothing")
{
	struct dlg *d;

	t.bob   = sut_start("bob", .config = "refer_out_of_dialog accept\n");
	t.alice = peer_new("alice");
	t.carol = peer_new("carol");
	peer_auto(t.alice, "NOTIFY");

	d = dlg_new(t.alice, t.bob->uri);
	(void)dlg_request(d, "REFER", F("Refer-To: <%s>\r\n", t.carol->uri));
	expect_any(t.alice, "xxx REFER ~ SIP/2.0 202", WAIT);
	(void)answer(t.carol, expect(t.carol, "INVITE", WAIT));
	expect_any(t.alice, "NOTIFY ~ SIP/2.0 200", WAIT);
}


/* carol wants to take alice's place */
static struct dlg *take(const char *to_tag, const char *from_tag)
{
	struct dlg *d = dlg_new(t.carol, t.bob->uri);

	(void)dlg_request(d, "INVITE",
			  F("Replaces: %s;to-tag=%s;from-tag=%s\r\n%s",
			    t.call->callid, to_tag, from_tag, sdp(t.carol)));

	return d;
}


TEST_FIXES(callid_hijack, "Who knows only the Call-ID takes no call over",
	   .of = 4, .fault = "expects 'xxx INVITE ~ SIP/2.0 481', got nothing")
{
	scene();
	(void)take("x", "y");
	expect_any(t.carol, "xxx INVITE ~ SIP/2.0 481", WAIT);
	check_alive(t.call);
}


TEST_FIXES(replaced_too_early, "The old call lives until the new one does",
	   .of = 4, .fault = "expected 200, got 481")
{
	t.bob   = sut_start("bob", .manual = true,
			    .config = "refer_replaces ask\n");
	t.alice = peer_new("alice");
	t.carol = peer_new("carol");
	t.call  = call_out(t.bob, t.alice);

	(void)take(t.call->rtag, t.call->ltag);
	expect_any(t.carol, "180 INVITE", WAIT);
	check_alive(t.call);
}


TEST_FIXES(hold_and_refer, "The REFER waits for the answer to the hold",
	   .of = 4, .fault = "expects no 'REFER', got REFER")
{
	struct msg *inv;

	scene();
	(void)ctrl(t.bob, "transfer", t.carol->uri);
	inv = expect_any(t.alice, "INVITE ~ a=sendonly", WAIT);
	expect_none(t.alice, "REFER", 300);

	peer_reply(t.alice, inv, 200, "OK", sdp_dir(t.alice, "recvonly"));
	peer_reply(t.alice, expect_any(t.alice, "REFER", WAIT), 603,
		   "Decline", NULL);
	answer_resume(t.call);
}


/* bob transfers alice */
static struct msg *refer_sent(void)
{
	scene();
	if (!test_stock())
		return transfer(t.carol->uri);

	(void)ctrl(t.bob, "transfer", t.carol->uri);

	return menu_refer(t.call);
}


static void notify(const char *event, const char *state, const char *frag)
{
	(void)dlg_request(t.call, "NOTIFY",
			  F("Event: %s\r\n"
			    "Subscription-State: %s\r\n"
			    "Content-Type: message/sipfrag;version=2.0\r\n"
			    "\r\n%s\r\n", event, state, frag));
}


static const char *event_of(const struct msg *req)
{
	return F("refer;id=%u", req->sip->cseq.num);
}


/* It ends: bob is told, and alice is no longer held */
static void resumed(uint32_t ms)
{
	struct msg *inv = expect_any(t.alice, "INVITE ~ a=sendrecv", ms);

	(void)peer_reply(t.alice, inv, 200, "OK", sdp(t.alice));
	event(t.bob, "? ~ refer,referEnded,id=1", WAIT);
	check_alive(t.call);
}


#define HELD "expects 'INVITE ~ a=sendrecv', got nothing"

TEST_FIXES(held_no_notify, "202 and no NOTIFY: not on hold for ever",
	   .of = 4, .secs = 50, .limit = 100, .fault = HELD)
{
	peer_reply(t.alice, refer_sent(), 202, "Accepted", NULL);
	resumed(WAIT_TIMER_N);
}


TEST_FIXES(held_terminated, "Terminated at 100: not on hold for ever",
	   .of = 4, .secs = 12, .fault = HELD)
{
	struct msg *req = refer_sent();

	peer_reply(t.alice, req, 202, "Accepted", NULL);
	notify(event_of(req), "terminated;reason=noresource",
	       "SIP/2.0 100 Trying");
	resumed(WAIT);
}


TEST_FIXES(held_no_id, "A last NOTIFY without id: not on hold for ever",
	   .of = 4, .secs = 12, .fault = HELD)
{
	struct msg *req = refer_sent();

	peer_reply(t.alice, req, 202, "Accepted", NULL);
	notify(event_of(req), "active;expires=60", "SIP/2.0 100 Trying");
	expect_any(t.alice, "200 NOTIFY", WAIT);
	notify("refer", "terminated;reason=noresource",
	       "SIP/2.0 486 Busy Here");
	resumed(WAIT);
}


TEST_FIXES(held_refer_sub, "Refer-Sub: false in the 202: not on hold for ever",
	   .of = 4, .secs = 12, .fault = HELD)
{
	peer_reply(t.alice, refer_sent(), 202, "Accepted",
		   "Refer-Sub: false\r\n");
	resumed(WAIT);
}


TEST_FIXES(held_no_answer, "No answer to the REFER: not on hold for ever",
	   .of = 4, .secs = 50, .limit = 100, .fault = HELD)
{
	(void)refer_sent();
	resumed(WAIT_TIMER_N);
}


TEST_FIXES(outcome_told, "The outcome of /transfer is told", .of = 4,
	   .fault = "no event")
{
	struct msg *req = refer_sent();

	peer_reply(t.alice, req, 202, "Accepted", NULL);
	notify(event_of(req), "terminated;reason=noresource",
	       "SIP/2.0 200 OK");
	expect_any(t.alice, "200 NOTIFY", WAIT);
	peer_reply(t.alice, expect_any(t.alice, "BYE", WAIT), 200, "OK",
		   NULL);
	event(t.bob, "* ~ reason=OK", WAIT);
}


TEST_FIXES(call_freed, "A transferred call that is gone is not used",
	   .of = 4, .secs = 8, .fault = "bob uses memory that was freed",
	   .na1 = "its menu cannot hang up any call but the current one")
{
	struct msg *inv;

	scene(.memcheck = MEMCHECK_VALGRIND);
	peer_auto(t.alice, "NOTIFY");
	refer(F("<%s>", t.carol->uri), "");
	inv = expect(t.carol, "INVITE", WAIT);

	(void)ctrl(t.bob, "hangup", t.call->callid);
	peer_reply(t.alice, expect_any(t.alice, "BYE", WAIT), 200, "OK",
		   NULL);
	peer_reply(t.carol, inv, 486, "Busy Here", NULL);
	event(t.bob, "CALL_CLOSED ~ 486", WAIT);
	CHECK(!sut_misuses_memory(t.bob), "bob uses memory that was freed");
}
