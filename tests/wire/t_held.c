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
	ROW("C6.held");
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
	ROW("C6.held C4.accept");
}


TEST(held_by_hand, "What was held by hand stays so when bob gives up")
{
	scene();
	CHECK(ctrl(t.bob, "hold", NULL).ok, "hold");
	(void)answer_hold(t.call);
	CHECK(ctrl(t.bob, "atransferstart", t.carol->uri).ok, "start");
	(void)answer(t.carol, expect(t.carol, "INVITE", WAIT));
	event(t.bob, "CALL_ESTABLISHED ~ carol", WAIT);
	CHECK(ctrl(t.bob, "atransferabort", NULL).ok, "abort");
	peer_reply(t.carol, expect_any(t.carol, "BYE", WAIT), 200, "OK",
		   NULL);
	expect_none(t.alice, "INVITE ~ a=sendrecv", 500);
	ROW("C6.held C5.atransferabort");
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
	ROW("C6.held C5.atransferexec");
}
