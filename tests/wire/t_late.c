/**
 * @file t_late.c  A referee that sends no NOTIFY until the target answers: its
 * outcome comes after the REFER has ended (RFC 6665 section 4.1.2.4)
 */
#include "wire.h"
#include "scene.h"


/* bob transfers alice, who accepts and is silent; the call is resumed */
static struct msg *silence(void)
{
	struct msg *req = transfer("sip:carol@127.0.0.3");

	peer_reply(t.alice, req, 202, "Accepted",
		   F("Contact: <%s>\r\n", t.alice->uri));
	event(t.bob, "? ~ refer,referTimeout,id=1", WAIT);
	event(t.bob, "? ~ refer,referEnded,id=1 ~ outcome=timeout", WAIT);
	answer_resume(t.call);

	return req;
}


/* It is answered 200, in time or not */
static void status(const struct msg *req, const char *state,
		   const char *frag)
{
	notify_status(t.call, req, state, frag);
	expect_any(t.alice, "200 NOTIFY", WAIT);
}


/* That is told, and the call goes on */
static void told(unsigned code)
{
	event(t.bob, F("? ~ refer,referLate,id=1 role=client code=%u", code),
	      WAIT);
	check_alive(t.call);
	expect_none(t.alice, "BYE", 0);
}


/* The consultation: its call ends, alice's is resumed */
static void give_up(void)
{
	CHECK(ctrl(t.bob, "atransferabort", NULL).ok, "abort");
	peer_reply(t.carol, expect_any(t.carol, "BYE", WAIT), 200, "OK",
		   NULL);
	answer_resume(t.call);
}


TEST(late_success, "A success after the timeout ends our call",
     .secs = 5)
{
	struct msg *req;

	scene(.config = "refer_notify_timeout 1\n");
	req = silence();
	HAS_TEXT(ctrl(t.bob, "referinfo", "1").data,
		 "state       ENDED\n");
	EQ_STR("refer: no transfers\n", ctrl(t.bob, "referlist", NULL).data);

	status(req, "active;expires=60", "SIP/2.0 180 Ringing");
	EQ_INT(0, event_count(t.bob, "? ~ refer,referLate"));
	expect_none(t.alice, "BYE", 0);

	status(req, "terminated;reason=noresource", "SIP/2.0 200 Come in");
	peer_reply(t.alice, expect_any(t.alice, "BYE", WAIT), 200, "OK",
		   NULL);
	event(t.bob, "? ~ refer,referLate,id=1 role=client code=200 ~"
	      " reason=Come in", WAIT);
	EQ_INT(1, event_count(t.bob, "? ~ refer,referEnded"));
	HAS_TEXT(ctrl(t.bob, "referinfo", "1").data, "code        200\n");
	HAS_TEXT(ctrl(t.bob, "referinfo", "1").data, "reason      Come in\n");
	EQ_STR("error: there is no transfer 1, see /referlist\n",
	       ctrl(t.bob, "refercancel", "1").data);
	ROW("R09 transfer.late");
}


TEST(late_failure, "A failure after the timeout is told, the call stays",
     .secs = 5)
{
	struct msg *req;

	scene(.account = ";refer_notify_timeout=1");
	req = silence();
	status(req, "terminated;reason=noresource", "SIP/2.0 486 Busy Here");
	told(486);
	EQ_INT(1, event_count(t.bob, "? ~ refer,referEnded"));

	/* and that was all */
	notify_status(t.call, req, "terminated;reason=noresource",
		      "SIP/2.0 200 OK");
	expect_any(t.alice, "481 NOTIFY", WAIT);
	check_alive(t.call);
	EQ_INT(1, event_count(t.bob, "? ~ refer,referLate"));
	ROW("transfer.late setting.notify-timeout");
}


TEST(late_keep, "refer_after_success keep: nor does a late success end it",
     .secs = 5)
{
	struct msg *req;

	scene(.config = "refer_notify_timeout 1\nrefer_after_success keep\n");
	req = silence();
	status(req, "terminated;reason=noresource", "SIP/2.0 200 OK");
	told(200);
	ROW("transfer.late");
}


TEST(late_other, "Another transfer of the call is not disturbed by it",
     .secs = 5)
{
	struct msg *req, *other;

	scene(.config = "refer_notify_timeout 1\n");
	req   = silence();
	other = transfer("sip:dave@127.0.0.4");
	peer_reply(t.alice, other, 202, "Accepted", NULL);
	status(other, "active;expires=60", "SIP/2.0 100 Trying");
	status(req, "terminated;reason=noresource", "SIP/2.0 200 OK");
	event(t.bob, "? ~ refer,referLate,id=1 role=client code=200", WAIT);
	expect_none(t.alice, "BYE", 0);

	status(other, "terminated;reason=noresource", "SIP/2.0 486 Busy Here");
	event(t.bob, "? ~ refer,referEnded,id=2 ~ outcome=rejected", WAIT);
	answer_resume(t.call);
	check_alive(t.call);
	ROW("transfer.late");
}


TEST(late_consult, "Nor is a consultation of another target", .secs = 5)
{
	struct dlg *dave;
	struct msg *req;

	scene(.config = "refer_notify_timeout 1\n");
	req = silence();
	CHECK(ctrl(t.bob, "atransferstart", "sip:dave@127.0.0.3").ok, "start");
	answer_hold(t.call);
	dave = answer(t.carol, expect(t.carol, "INVITE", WAIT));
	status(req, "terminated;reason=noresource", "SIP/2.0 200 OK");
	event(t.bob, "? ~ refer,referLate,id=1 role=client code=200", WAIT);
	expect_none(t.alice, "BYE", 300);
	check_alive(dave);

	give_up();
	event(t.bob, "? ~ refer,referEnded,id=2 ~ outcome=cancelled", WAIT);
	check_alive(t.call);
	ROW("transfer.late");
}


TEST(late_over, "After refer_ring_timeout it is too late, but still 200",
     .secs = 6)
{
	struct msg *req;

	scene(.config = "refer_notify_timeout 1\nrefer_ring_timeout 1\n");
	req = silence();
	wait_ms(1500);
	HAS_TEXT(ctrl(t.bob, "referinfo", "1").data,
		 "outcome     timeout\n");
	status(req, "terminated;reason=noresource", "SIP/2.0 200 OK");
	check_alive(t.call);
	EQ_INT(0, event_count(t.bob, "? ~ refer,referLate"));
	expect_none(t.alice, "BYE", 0);
	ROW("transfer.late");
}


/* bob asks carol, and joins the two; alice accepts and is silent */
static struct msg *silence_joined(struct dlg **carol)
{
	struct msg *req = joining(carol);

	peer_reply(t.alice, req, 202, "Accepted",
		   F("Contact: <%s>\r\n", t.alice->uri));
	event(t.bob, "? ~ refer,referTimeout,id=1", WAIT);

	return req;
}


/* Tried again after that, which is answered so */
static struct msg *again(uint16_t scode, const char *reason, const char *hdrs)
{
	struct msg *req;

	CHECK(ctrl(t.bob, "atransferexec", NULL).ok, "exec");
	req = expect_any(t.alice, "REFER", WAIT);
	peer_reply(t.alice, req, scode, reason, hdrs);

	return req;
}


static const char *info(const char *cmd)
{
	return ctrl(t.bob, cmd, "1").data;
}


TEST(late_attended, "A late success of an attended transfer is its outcome",
     .secs = 5)
{
	struct dlg *carol;
	struct msg *req;

	scene(.config = "refer_notify_timeout 1\n");
	req = silence_joined(&carol);
	HAS_TEXT(info("referinfo"), "state       TALKING\n");
	expect_none(t.alice, "BYE", 300);

	status(req, "terminated;reason=noresource", "SIP/2.0 200 OK");
	peer_reply(t.alice, expect_any(t.alice, "BYE", WAIT), 200, "OK",
		   NULL);
	event(t.bob, "? ~ refer,referLate,id=1 role=client code=200", WAIT);
	event(t.bob, "? ~ refer,referEnded,id=1 role=client code=200"
	      " outcome=accepted", WAIT);
	EQ_INT(0, event_count(t.bob, "? ~ refer,failed"));
	EQ_INT(1, event_count(t.bob, "? ~ refer,referEnded"));
	HAS_TEXT(info("referinfo"), "outcome     accepted\n");
	hangup(carol);
	ROW("transfer.late");
}


TEST(late_attended_keep, "The same with after=keep: alice is resumed",
     .secs = 5)
{
	struct dlg *carol;
	struct msg *req;

	scene(.config = "refer_notify_timeout 1\n"
	      "refer_after_success keep\n");
	req = silence_joined(&carol);
	status(req, "terminated;reason=noresource", "SIP/2.0 200 OK");
	answer_resume(t.call);
	event(t.bob, "? ~ refer,referEnded,id=1 role=client code=200"
	      " outcome=accepted", WAIT);
	check_alive(t.call);
	hangup(carol);
	ROW("transfer.late");
}


TEST(late_attended_again, "A late success while it is tried again: an event",
     .secs = 6)
{
	struct msg *req, *second;
	struct dlg *carol;

	scene(.config = "refer_notify_timeout 1\n");
	req    = silence_joined(&carol);
	second = again(202, "Accepted",
		       F("Contact: <%s>\r\n", t.alice->uri));
	status(req, "terminated;reason=noresource", "SIP/2.0 200 OK");
	expect_none(t.alice, "BYE", 300);
	HAS_TEXT(info("referinfo"), "state       EXECUTING\n");

	status(second, "terminated;reason=noresource", "SIP/2.0 486 Busy");
	event(t.bob, "? ~ refer,referRejected,id=1 ~ code=486", WAIT);
	HAS_TEXT(info("referinfo"), "state       TALKING\n");
	check_alive(t.call);
	check_alive(carol);
	give_up();
	event(t.bob, "? ~ refer,referEnded,id=1 ~ outcome=cancelled", WAIT);
	ROW("transfer.late");
}


TEST(late_attended_abort, "Given up before: a late success ends the call",
     .secs = 5)
{
	struct dlg *carol;
	struct msg *req;

	scene(.config = "refer_notify_timeout 1\n");
	req = silence_joined(&carol);
	give_up();
	status(req, "terminated;reason=noresource", "SIP/2.0 200 OK");
	peer_reply(t.alice, expect_any(t.alice, "BYE", WAIT), 200, "OK",
		   NULL);
	event(t.bob, "? ~ refer,referLate,id=1 role=client code=200", WAIT);
	EQ_INT(1, event_count(t.bob, "? ~ refer,referEnded"));
	ROW("transfer.late");
}


TEST(late_quit, "Quitting while an outcome may still come", .secs = 5)
{
	scene(.config = "refer_notify_timeout 1\n");
	(void)silence();
	CHECK(ctrl(t.bob, "rmmod", "refer").ok, "rmmod");
	check_alive(t.call);
	ROW("transfer.late");
}


TEST(late_second_failed, "A late success after another try has failed",
     .secs = 6)
{
	struct dlg *carol;
	struct msg *req;

	scene(.config = "refer_notify_timeout 1\n");
	req = silence_joined(&carol);
	(void)again(491, "Request Pending", NULL);
	event(t.bob, "? ~ refer,referRequestRejected,id=1", WAIT);
	HAS_TEXT(info("referinfo"), "state       TALKING\n");

	status(req, "terminated;reason=noresource", "SIP/2.0 200 OK");
	peer_reply(t.alice, expect_any(t.alice, "BYE", WAIT), 200, "OK",
		   NULL);
	event(t.bob, "? ~ refer,referLate,id=1 role=client code=200", WAIT);
	event(t.bob, "? ~ refer,referEnded,id=1 role=client"
	      " ~ outcome=accepted", WAIT);
	hangup(carol);
	ROW("transfer.late");
}


TEST(late_unanswered, "timeout= ends it before the 202: then a success comes",
     .secs = 6)
{
	struct msg *req;

	scene();
	req = transfer("carol timeout=1");
	answer_resume(t.call);
	event(t.bob, "? ~ refer,referEnded,id=1 role=client outcome=timeout",
	      WAIT);
	peer_reply(t.alice, req, 202, "Accepted",
		   F("Contact: <%s>\r\n", t.alice->uri));
	status(req, "terminated;reason=noresource", "SIP/2.0 200 OK");
	peer_reply(t.alice, expect_any(t.alice, "BYE", WAIT), 200, "OK",
		   NULL);
	event(t.bob, "? ~ refer,referLate,id=1 role=client code=200", WAIT);
	ROW("transfer.late");
}


TEST(late_account, "refer_ring_timeout of the account holds for it, too",
     .secs = 6)
{
	struct msg *req;

	scene(.config = "refer_notify_timeout 1\nrefer_ring_timeout 1\n",
	      .account = ";refer_ring_timeout=60");
	req = silence();
	wait_ms(1500);
	status(req, "terminated;reason=noresource", "SIP/2.0 200 OK");
	event(t.bob, "? ~ refer,referLate,id=1 role=client code=200", 3000);
	peer_reply(t.alice, expect_any(t.alice, "BYE", WAIT), 200, "OK",
		   NULL);
	ROW("transfer.late");
}
