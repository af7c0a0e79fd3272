/**
 * @file t_held.c  Who is on hold stays so, when a transfer ends other calls
 *
 * baresip 1.0 resumes a call on hold whenever another of the account ends.
 */
#include <string.h>
#include "wire.h"
#include "scene.h"


static struct peer *dave;      /* who is on hold while bob talks to alice */


static void dave_is_held(void)
{
	struct dlg *d;

	t.bob   = sut_start("bob", .config = "call_max_calls 9\n");
	t.alice = peer_new("alice");
	t.carol = peer_new("carol");
	dave    = peer_new("dave");
	d = call_in(dave, t.bob);
	CHECK(ctrl(t.bob, "hold", NULL).ok, "hold");
	(void)answer_hold(d);
	t.call = call_in(t.alice, t.bob);
	peer_flush(dave);
}


/* bob holds alice and calls carol */
static struct msg *start(void)
{
	CHECK(ctrl(t.bob, "atransferstart", t.carol->uri).ok, "start");
	(void)answer_hold(t.call);

	return expect(t.carol, "INVITE", WAIT);
}


static struct dlg *replace(struct peer *p, const struct dlg *old)
{
	struct dlg *d = call_replacing(p, old);

	peer_reply(old->p, expect_any(old->p, "BYE", WAIT), 200, "OK", NULL);
	event(t.bob, "? ~ refer,replaced", WAIT);

	return d;
}


static void dave_stays(void)
{
	expect_none(dave, "INVITE", 500);
	ROW("module.held");
}


TEST(held_leg_bye, "The target hangs up while alice is being held: dave stays"
     " on hold")
{
	struct dlg *target;
	struct resp r;

	dave_is_held();
	target = call_in(t.carol, t.bob);
	r = ctrl(t.bob, "atransfer", F("%s %s", t.call->callid,
				       target->callid));
	CHECK(r.ok, "%s", r.data);
	(void)expect_any(t.alice, "INVITE ~ a=sendonly", WAIT);
	hangup(target);
	event(t.bob, "? ~ refer,referEnded,id=1", WAIT);
	dave_stays();
}


TEST(held_replaced, "The call that bob has is replaced: the other stays held")
{
	dave_is_held();
	(void)replace(t.carol, t.call);
	dave_stays();
}


TEST(held_busy, "The target is busy: alice is resumed, the other is not")
{
	dave_is_held();
	peer_reply(t.carol, start(), 486, "Busy", NULL);
	event(t.bob, "? ~ refer,failed,id=1 ~ code=486 ~ reason=Busy ", WAIT);
	answer_resume(t.call);
	dave_stays();
}


TEST(held_bye, "The target hangs up: alice is resumed, the other is not")
{
	struct dlg *target;

	dave_is_held();
	target = answer(t.carol, start());
	event(t.bob, "CALL_ESTABLISHED ~ carol", WAIT);
	hangup(target);
	answer_resume(t.call);
	dave_stays();
}


TEST(held_leg, "Joined: the other is held as long as the target is there")
{
	const char *calls;
	struct msg *req;
	struct dlg *target;

	dave_is_held();
	target = call_in(t.carol, t.bob);
	calls  = F("%s %s", t.call->callid, target->callid);
	CHECK(ctrl(t.bob, "atransfer", calls).ok, "atransfer");
	req = await_refer(t.call);
	peer_reply(t.alice, req, 202, "Accepted", NULL);
	notify_status(t.call, req, "terminated;reason=noresource",
		      "SIP/2.0 200 OK");
	peer_reply(t.alice, expect_any(t.alice, "BYE", WAIT), 200, "OK",
		   NULL);
	dave_stays();

	/* bob talks to nobody then: a core may resume the call */
	hangup(target);
	if (host_resumes())
		expect_any(dave, "INVITE ~ a=sendrecv", WAIT);
}


TEST(held_self, "Who is on hold does not come off it by a replacement")
{
	struct dlg *d;

	scene();
	CHECK(ctrl(t.bob, "hold", NULL).ok, "hold");
	(void)answer_hold(t.call);
	(void)call_in(t.carol, t.bob);
	d = replace(t.alice, t.call);
	(void)answer_hold(d);
	ROW("module.held replaces.accept");
}


TEST(held_by_hand, "What was held by hand stays so when bob gives up")
{
	scene();
	CHECK(ctrl(t.bob, "hold", NULL).ok, "hold");
	(void)answer_hold(t.call);
	EQ_STR(F("refer: #1 calling %s, alice stays on hold\n",
		 t.carol->uri),
	       ctrl(t.bob, "atransferstart", t.carol->uri).data);
	(void)answer(t.carol, expect(t.carol, "INVITE", WAIT));
	event(t.bob, "CALL_ESTABLISHED ~ carol", WAIT);
	EQ_STR("refer: #1 given up, the call stays on hold\n",
	       ctrl(t.bob, "atransferabort", NULL).data);
	peer_reply(t.carol, expect_any(t.carol, "BYE", WAIT), 200, "OK",
		   NULL);
	expect_none(t.alice, "INVITE ~ a=sendrecv", 500);
	ROW("module.held command.atransferabort");
}


TEST(held_moved, "The target moves to another phone: alice stays on hold")
{
	struct dlg *target;
	struct msg *req;

	scene();
	dave = peer_new("dave");
	target = answer(t.carol, start());
	event(t.bob, "CALL_ESTABLISHED ~ carol", WAIT);
	target = replace(dave, target);
	expect_none(t.alice, "INVITE ~ a=sendrecv", 500);
	HAS_TEXT(ctrl(t.bob, "referlist", NULL).data, " 1 client TALKING ");

	/* joined with where the target is now */
	CHECK(ctrl(t.bob, "atransferexec", NULL).ok, "exec");
	req = await_refer(t.call);
	HAS_TEXT(hdr(req, "Refer-To"), target->callid);
	ROW("module.held command.atransferexec");
}


TEST(held_caller_moved, "Who is on hold moves to another phone: that is shown")
{
	struct dlg *d;

	scene();
	dave = peer_new("dave");
	(void)answer(t.carol, start());
	event(t.bob, "CALL_ESTABLISHED ~ carol", WAIT);
	d = replace(dave, t.call);
	(void)answer_hold(d);
	HAS_TEXT(ctrl(t.bob, "referinfo", "1").data,
		 F("peer        %s\n", dave->uri));
	HAS_TEXT(ctrl(t.bob, "referinfo", "1").data,
		 F("call        %s\n", d->callid));

	CHECK(ctrl(t.bob, "atransferexec", NULL).ok, "exec");
	peer_reply(dave, await_refer(d), 202, "Accepted", NULL);
	sut_log_wait(t.bob, F("refer: #1 dave accepted the transfer to %s\n",
			      t.carol->uri), WAIT);
	ROW("module.held command.atransferexec");
}


/* bob transfers one who is on hold, or soon will be; REFER is accepted */
static struct msg *under_way(struct dlg *d, const char *target)
{
	const char *prm = F("call=%s %s", d->callid, target);
	struct msg *req;
	struct resp r = ctrl(t.bob, "transfer", prm);

	CHECK(r.ok, "%s", r.data);
	req = await_refer(d);
	peer_reply(d->p, req, 202, "Accepted", NULL);
	notify_status(d, req, "active;expires=60", "SIP/2.0 180 Ringing");
	expect_any(d->p, "200 NOTIFY", WAIT);

	return req;
}


static void reaches(struct dlg *d, const struct msg *req, const char *status)
{
	notify_status(d, req, "terminated;reason=noresource", status);
	expect_any(d->p, "200 NOTIFY", WAIT);
}


static void stays_held(const struct dlg *d)
{
	expect_none(d->p, F("INVITE ~ Call-ID: %s", d->callid), 500);
	ROW("module.held");
}


/* alice and dave, in the order in which they call */
static struct dlg *two_calls(bool alice_first)
{
	struct dlg *d = NULL;

	t.bob   = sut_start("bob", .config = "call_max_calls 9\n");
	t.alice = peer_new("alice");
	t.carol = peer_new("carol");
	dave    = peer_new("dave");
	if (!alice_first)
		d = call_in(dave, t.bob);
	t.call = call_in(t.alice, t.bob);
	if (alice_first)
		d = call_in(dave, t.bob);

	return d;
}


static void two_transfers(bool alice_first)
{
	struct dlg *d = two_calls(alice_first);
	struct msg *req1, *req2;

	req1 = under_way(t.call, "sip:carol@127.0.0.3");
	req2 = under_way(d, "sip:erin@127.0.0.5");
	reaches(t.call, req1, "SIP/2.0 200 OK");
	peer_reply(t.alice, expect_any(t.alice, "BYE", WAIT), 200, "OK",
		   NULL);
	event(t.bob, "? ~ refer,referEnded,id=1 role=client code=200", WAIT);
	stays_held(d);

	reaches(d, req2, "SIP/2.0 486 Busy Here");
	answer_resume(d);
	event(t.bob, "? ~ refer,referEnded,id=2 role=client code=486", WAIT);
	check_alive(d);
}


TEST(held_two_transfers, "Of two transfers one succeeds: the other call stays"
     " on hold")
{
	two_transfers(true);
}


TEST(held_two_transfers_first, "The same, in the other order of the calls")
{
	two_transfers(false);
}


TEST(held_other_bye, "Somebody else hangs up: who is transferred stays held")
{
	struct dlg *d = two_calls(true);
	struct msg *req = under_way(t.call, "sip:carol@127.0.0.3");

	hangup(d);
	event(t.bob, F("CALL_CLOSED ~ %s", d->callid), WAIT);
	stays_held(t.call);
	reaches(t.call, req, "SIP/2.0 486 Busy Here");
	answer_resume(t.call);
	check_alive(t.call);
}


TEST(held_other_hangup, "/hangup of another call: who is transferred stays"
     " held, and the menu is there")
{
	struct dlg *d = two_calls(true);
	struct msg *req = under_way(t.call, "sip:carol@127.0.0.3");

	CHECK(ctrl(t.bob, "hangup", host_resumes() ? NULL : d->callid).ok,
	      "hangup");
	peer_reply(dave, expect_any(dave, "BYE", WAIT), 200, "OK", NULL);
	event(t.bob, F("CALL_CLOSED ~ %s", d->callid), WAIT);
	stays_held(t.call);
	reaches(t.call, req, "SIP/2.0 486 Busy Here");
	answer_resume(t.call);
	check_alive(t.call);
	CHECK(ctrl(t.bob, "hold", NULL).ok, "hold");
	(void)answer_hold(t.call);
}


TEST(held_order, "The current call is the same after that")
{
	struct dlg *d = two_calls(true), *talk = call_in(t.carol, t.bob);

	(void)under_way(t.call, "sip:erin@127.0.0.5");
	(void)under_way(d, "sip:erin@127.0.0.5");
	hangup(talk);
	event(t.bob, F("CALL_CLOSED ~ %s", talk->callid), WAIT);
	stays_held(t.call);
	stays_held(d);
	CHECK(ctrl(t.bob, "hangup", NULL).ok, "hangup");
	peer_reply(dave, expect_any(dave, "BYE", WAIT), 200, "OK", NULL);
	stays_held(t.call);
}


/* alice is on hold, carol rings or talks, and dave hangs up */
static void third_call(bool talking)
{
	struct dlg *d = two_calls(false);
	struct msg *inv;

	CHECK(ctrl(t.bob, "atransferstart", t.carol->uri).ok, "start");
	(void)answer_hold(t.call);
	inv = expect(t.carol, "INVITE", WAIT);
	if (talking) {
		(void)answer(t.carol, inv);
		event(t.bob, "CALL_ESTABLISHED ~ carol", WAIT);
	}
	hangup(d);
	event(t.bob, F("CALL_CLOSED ~ %s", d->callid), WAIT);
	stays_held(t.call);
	if (!talking)
		peer_reply(t.carol, inv, 486, "Busy Here", NULL);
	else
		CHECK(ctrl(t.bob, "atransferabort", NULL).ok, "abort");
	answer_resume(t.call);
	ROW("command.atransferstart");
}


TEST(held_third_rings, "A third call ends while the target rings: alice stays"
     " held")
{
	third_call(false);
}


TEST(held_third_talks, "A third call ends while bob talks to the target")
{
	third_call(true);
}


TEST(held_target_first, "The target hangs up before the success is told")
{
	struct dlg *target;
	struct msg *req;

	dave_is_held();
	target = answer(t.carol, start());
	event(t.bob, "CALL_ESTABLISHED ~ carol", WAIT);
	CHECK(ctrl(t.bob, "atransferexec", NULL).ok, "exec");
	req = await_refer(t.call);
	peer_reply(t.alice, req, 202, "Accepted", NULL);
	hangup(target);
	event(t.bob, F("CALL_CLOSED ~ %s", target->callid), WAIT);
	stays_held(t.call);
	reaches(t.call, req, "SIP/2.0 200 OK");
	peer_reply(t.alice, expect_any(t.alice, "BYE", WAIT), 200, "OK",
		   NULL);
	event(t.bob, "? ~ refer,referEnded,id=1 ~ outcome=accepted", WAIT);
}
