/**
 * @file t_ask.c  A REFER waits for a decision, or policy makes it
 *
 * RFC 3515 section 2.4.2, RFC 4320, RFC 4488, RFC 7614
 */
#include <string.h>
#include "wire.h"
#include "scene.h"


/* A REFER that waits; nothing was sent for it */
static struct msg *waiting(void)
{
	struct msg *req = refer_carol("");

	event(t.bob, "? ~ refer,referRequested", WAIT);
	expect_none(t.alice, "*", 0);

	return req;
}


static void nothing_contacted(void)
{
	expect_none(t.carol, "*", 0);
	EQ_INT(0, seen_count("bob", "carol", "*"));
}


/* The events of a refusal, in order, and no other end */
static void refused_events(const char *code)
{
	static const char *const v[] = {
		"rejected", "failed", "referRequestRejected", "referEnded",
	};
	size_t i;

	for (i=0; i<ARRAY_SIZE(v); i++)
		event(t.bob, F("? ~ refer,%s,id=1 role=server code=%s", v[i],
			       code), WAIT);

	EQ_INT(1, event_count(t.bob, "? ~ refer,referEnded"));
}


TEST(ask_waits, "refer_policy ask: nothing is contacted, 100 after 3.5 s",
     .secs = 5)
{
	struct msg *req, *m;
	uint32_t ms;

	scene(.config = "refer_policy ask\n");
	req = waiting();

	/* copies are not answered either */
	(void)peer_resend(t.alice, req);
	expect_none(t.alice, "*", 2500);
	nothing_contacted();
	ROW("R34");

	m  = expect(t.alice, "100 REFER", WAIT);
	ms = (uint32_t)(m->time - req->time);
	CHECK(ms >= 3490 && ms < 4500, "after %u ms", ms);
	ROW("R37 transfer.trying");

	(void)peer_resend(t.alice, req);
	expect_again(t.alice, m, WAIT);
	expect_none(t.alice, "*", 0);
	nothing_contacted();
	ROW("sipjs.13 sipjs.15 transfer.retransmission");

	check_alive(t.call);
}


TEST(ask_undecided, "Nobody decides: 202, pending, then NOTIFY 603",
     .secs = 4)
{
	struct msg *req, *m, *n;
	uint32_t ms;

	scene(.config = "refer_policy ask\nrefer_decide_time 1\n"
	      "refer_ask_timeout 3\n");
	req = waiting();

	m  = expect(t.alice, "202 REFER", WAIT);
	ms = (uint32_t)(m->time - req->time);
	CHECK(ms >= 990 && ms < 2000, "after %u ms", ms);
	EQ_INT(1, hdr_count(m, "Contact"));
	EQ_STR("180", hdr(m, "Expires"));
	n = expect(t.alice, "NOTIFY", WAIT);
	check_notify(n, req, "pending;expires=", "SIP/2.0 100 Trying");
	event(t.bob, "? ~ refer,referPending,id=1 role=server code=202",
	      WAIT);
	nothing_contacted();
	ROW("R36");

	n  = expect(t.alice, "NOTIFY", WAIT);
	ms = (uint32_t)(n->time - req->time);
	CHECK(ms >= 2990 && ms < 4000, "after %u ms", ms);
	check_notify(n, req, "terminated;reason=giveup",
		     "SIP/2.0 603 Decline");
	ROW("R44 transfer.deciding");

	event(t.bob, "? ~ refer,referTimeout,id=1", WAIT);
	refused_events("603");
	nothing_contacted();
	check_alive(t.call);
	expect_none(t.alice, "NOTIFY", 0);
	ROW("transfer.ended");
}


TEST(ask_undecided_early, "refer_ask_timeout below refer_decide_time: 603",
     .secs = 2)
{
	struct msg *req, *m;

	scene(.config = "refer_policy ask\nrefer_decide_time 2\n"
	      "refer_ask_timeout 1\n");
	req = waiting();
	m = expect(t.alice, "603 REFER", WAIT);
	event(t.bob, "? ~ refer,referTimeout,id=1", WAIT);
	refused_events("603");
	(void)peer_resend(t.alice, req);
	expect_again(t.alice, m, WAIT);
	expect_none(t.alice, "NOTIFY", 0);
	nothing_contacted();
	check_alive(t.call);
	ROW("R36 transfer.deciding transfer.retransmission");
}


TEST(ask_bye, "The referrer hangs up while it waits: still an answer",
     .secs = 2)
{
	scene(.config = "refer_policy ask\nrefer_decide_time 2\n"
	      "refer_ask_timeout 1\n");
	(void)waiting();
	hangup(t.call);
	expect(t.alice, "603 REFER", WAIT);
	refused_events("603");
	ROW("R36");
}


TEST(ask_bye_pending, "The referrer hangs up while it is pending: NOTIFY 603",
     .secs = 3)
{
	struct msg *req, *n;

	scene(.config = "refer_policy ask\nrefer_decide_time 1\n"
	      "refer_ask_timeout 2\n");
	req = waiting();
	expect(t.alice, "202 REFER", WAIT);
	expect(t.alice, "NOTIFY ~ pending", WAIT);
	hangup(t.call);
	n = expect(t.alice, "NOTIFY", WAIT);
	check_notify(n, req, "terminated;reason=giveup",
		     "SIP/2.0 603 Decline");
	refused_events("603");
	ROW("R44");
}


TEST(ask_dropped, "The referrer ends the subscription while it is pending",
     .secs = 4)
{
	struct msg *req, *n;

	scene(.config = "refer_policy ask\nrefer_decide_time 1\n");
	req = refer(F("<%s>", t.carol->uri), "");
	expect(t.alice, "202 REFER", WAIT);
	n = expect(t.alice, "NOTIFY ~ pending", WAIT);
	peer_reply(t.alice, n, 481, "Subscription does not exist", NULL);
	sut_log_wait(t.bob, "refer: #1 sip:alice@127.0.0.1 has ended the"
		     " subscription: nobody will learn the outcome", WAIT);
	EQ_STR("refer: #1 accepted, but nobody will learn the outcome\n",
	       ctrl(t.bob, "referaccept", "1").data);
	(void)answer(t.carol, expect(t.carol, "INVITE", WAIT));
	event(t.bob, "? ~ refer,referEnded,id=1 ~ code=200", WAIT);
	expect_none(t.alice, "NOTIFY", 0);

	/* the same with SUBSCRIBE */
	req = refer(F("<%s>", t.carol->uri), "");
	expect(t.alice, "202 REFER", WAIT);
	n = expect(t.alice, "NOTIFY ~ pending", WAIT);
	peer_reply(t.alice, n, 200, "OK", NULL);
	(void)dlg_request(t.call, "SUBSCRIBE",
			  F("Event: refer;id=%u\r\nExpires: 0\r\n",
			    req->sip->cseq.num));
	expect(t.alice, "200 SUBSCRIBE", WAIT);
	peer_reply(t.alice, expect(t.alice, "NOTIFY ~ timeout", WAIT), 200,
		   "OK", NULL);
	sut_log_wait(t.bob, "refer: #2 sip:alice@127.0.0.1 has ended the"
		     " subscription: nobody will learn the outcome", WAIT);
	CHECK(ctrl(t.bob, "referreject", "2").ok, "referreject");
	event(t.bob, "? ~ refer,referEnded,id=2", WAIT);
	ROW("transfer.dropped");
}


TEST(ask_cancel, "CANCEL for a REFER that waits: 200, the REFER goes on",
     .secs = 2)
{
	struct msg *req;

	scene(.config = "refer_policy ask\nrefer_decide_time 2\n"
	      "refer_ask_timeout 1\n");
	req = waiting();
	cancel_refer(req);
	expect(t.alice, "200 CANCEL", WAIT);
	EQ_INT(0, event_count(t.bob, "? ~ refer,referEnded"));

	/* the answer is its own, not 487 */
	expect(t.alice, "603 REFER", WAIT);
	refused_events("603");
	check_alive(t.call);
	ROW("sipjs.57 transfer.cancel");
}


TEST(ask_account, "The account's refer_policy goes before the config's")
{
	scene(.config = "refer_policy reject\n",
	      .account = ";refer_policy=ask");
	(void)waiting();
	nothing_contacted();
	check_alive(t.call);
	ROW("setting.policy");
}


TEST(reject_account, "refer_policy=reject of the account: 603, no context")
{
	scene(.config = "refer_policy accept\n",
	      .account = ";refer_policy=Reject");
	refer_carol("");
	expect(t.alice, "603 REFER", WAIT);
	nothing_contacted();
	check_alive(t.call);
	ROW("setting.policy");
}


TEST(policy_account_wrong, "A wrong refer_policy of the account: reject")
{
	scene(.config = "refer_policy accept\n",
	      .account = ";refer_policy=maybe");
	refer_carol("");
	expect(t.alice, "603 REFER", WAIT);
	sut_log_has(t.bob, "refer_policy=maybe: allowed is");
	ROW("setting.policy");
}


TEST(policy_reject, "refer_policy reject: 603, the same for each copy")
{
	struct msg *req, *m;

	scene(.config = "refer_policy reject\n");
	req = refer_carol("");
	m = expect(t.alice, "603 REFER", WAIT);
	HAS(m, "SIP/2.0 603 Decline\r\n");
	HAS(m, "Warning: 399 ");
	EQ_STR(t.call->rtag, hdr_param(m, "To", "tag"));
	EQ_INT(0, hdr_count(m, "Contact"));

	(void)peer_resend(t.alice, req);
	expect_again(t.alice, m, WAIT);
	expect_none(t.alice, "*", 0);
	EQ_INT(0, event_count(t.bob, "? ~ refer,"));
	nothing_contacted();
	check_alive(t.call);
	ROW("sipjs.31 transfer.stateless refer.policy");
}


TEST(policy_reject_code, "refer_reject_code is the code of refusals by policy")
{
	struct msg *m;

	scene(.config = "refer_policy reject\nrefer_reject_code 480\n");
	refer_carol("");
	m = expect(t.alice, "480 REFER", WAIT);
	HAS(m, "SIP/2.0 480 Temporarily Unavailable\r\n");
	nothing_contacted();
	check_alive(t.call);
	ROW("setting.codes");
}


TEST(accept_code, "refer_accept_code is the code of what is accepted")
{
	scene(.config = "refer_accept_code 200\n");
	refer_carol("");
	HAS(expect(t.alice, "200 REFER", WAIT), "SIP/2.0 200 OK\r\n");
	(void)answer(t.carol, expect(t.carol, "INVITE", WAIT));
	expect_any(t.alice, "NOTIFY ~ SIP/2.0 200", WAIT);
	ROW("setting.codes");
}


/* It is executed, and nothing of it is told */
static void no_subscription(const char *line)
{
	struct msg *m, *inv;
	struct dlg *d;

	scene();
	refer_carol(line);
	m = expect(t.alice, "202 REFER", WAIT);
	EQ_STR("false", hdr(m, "Refer-Sub"));
	EQ_INT(0, hdr_count(m, "Expires"));
	EQ_INT(1, hdr_count(m, "Contact"));

	inv = expect(t.carol, "INVITE", WAIT);
	peer_reply(t.carol, inv, 180, "Ringing", NULL);
	event(t.bob, "? ~ refer,referProgress,id=1 role=server code=180",
	      WAIT);
	d = answer(t.carol, inv);
	event(t.bob, "? ~ refer,referAccepted,id=1 role=server code=200",
	      WAIT);
	event(t.bob, "? ~ refer,referEnded,id=1 role=server code=200", WAIT);
	HAS_TEXT(ctrl(t.bob, "referinfo", "1").data, "\ntold        no\n");

	check_alive(d);
	hangup(t.call);
	expect_none(t.alice, "NOTIFY", 0);
	EQ_INT(0, seen_count("bob", "alice", "NOTIFY"));
}


TEST(refer_sub_false, "Refer-Sub: false: granted, no NOTIFY, the call is made")
{
	no_subscription("Refer-Sub: false\r\n");
	ROW("R52 refer.nosub");
}


TEST(require_nosub, "Require: nosub: granted, no NOTIFY, the call is made")
{
	no_subscription("Require: nosub\r\n");
	ROW("R53 refer.nosub");
}


TEST(ask_no_subscription, "Pending without a subscription: 202 and no NOTIFY",
     .secs = 3)
{
	struct msg *m;

	scene(.config = "refer_policy ask\nrefer_decide_time 1\n"
	      "refer_ask_timeout 2\n");
	refer_carol("Refer-Sub: false\r\n");
	m = expect(t.alice, "202 REFER", WAIT);
	EQ_STR("false", hdr(m, "Refer-Sub"));
	EQ_INT(0, hdr_count(m, "Expires"));
	refused_events("603");
	check_alive(t.call);
	expect_none(t.alice, "NOTIFY", 0);
	nothing_contacted();
	ROW("R52 refer.nosub");
}


/* Unloading and quitting while nothing is decided */

static struct msg *pending(void)
{
	struct msg *req;

	scene(.config = "refer_policy ask\nrefer_decide_time 1\n");
	req = waiting();
	expect(t.alice, "202 REFER", WAIT);
	expect(t.alice, "NOTIFY ~ pending", WAIT);

	return req;
}


static void quit_quickly(void)
{
	const uint64_t start = now_ms();
	uint32_t ms;

	sut_quit(t.bob);
	ms = (uint32_t)(now_ms() - start);
	CHECK(ms < 2000, "took %u ms", ms);
}


TEST(quit_waiting, "Quit while a REFER waits: it gets 480, within 2 s")
{
	scene(.config = "refer_policy ask\n");
	(void)waiting();
	quit_quickly();
	expect_any(t.alice, "480 REFER", WAIT);
	expect_any(t.alice, "BYE", WAIT);
	nothing_contacted();
	ROW("module.quit");
}


TEST(quit_pending, "Quit while a REFER is pending: deactivated, within 2 s",
     .secs = 3)
{
	struct msg *req, *n;

	req = pending();
	quit_quickly();
	n = expect_any(t.alice, "NOTIFY", WAIT);
	check_notify(n, req, "terminated;reason=deactivated",
		     "SIP/2.0 100 Trying");
	expect_any(t.alice, "BYE", WAIT);
	nothing_contacted();
	ROW("module.quit");
}


TEST(rmmod_waiting, "/rmmod while a REFER waits: 480, the call stays")
{
	struct msg *req, *m;

	scene(.config = "refer_policy ask\n");
	req = waiting();
	CHECK(ctrl(t.bob, "rmmod", "refer").ok, "rmmod");
	m = expect(t.alice, "480 REFER", WAIT);
	event(t.bob, "? ~ refer,referEnded,id=1", WAIT);
	(void)peer_resend(t.alice, req);
	expect_again(t.alice, m, WAIT);
	check_alive(t.call);
	nothing_contacted();
	ROW("module.rmmod");
}


TEST(rmmod_pending, "/rmmod while a REFER is pending: deactivated",
     .secs = 3)
{
	struct msg *req, *n;

	req = pending();
	CHECK(ctrl(t.bob, "rmmod", "refer").ok, "rmmod");
	n = expect(t.alice, "NOTIFY", WAIT);
	check_notify(n, req, "terminated;reason=deactivated",
		     "SIP/2.0 100 Trying");
	event(t.bob, "? ~ refer,referEnded,id=1", WAIT);
	check_alive(t.call);
	expect_none(t.alice, "NOTIFY", 0);
	nothing_contacted();
	ROW("module.rmmod");
}


TEST(uadel_waiting, "/uadel while a REFER waits: 480, no crash", .secs = 3)
{
	scene(.config = "refer_policy ask\nrefer_decide_time 1\n"
	      "refer_ask_timeout 3\n");
	(void)waiting();
	CHECK(ctrl(t.bob, "uadel", "sip:bob@127.0.0.2").ok, "uadel");

	/* at the latest when it is to be decided */
	expect_any(t.alice, "xxx REFER", WAIT);
	event(t.bob, "? ~ refer,referEnded,id=1", WAIT);
	EQ_INT(1, seen_count("bob", "alice", "480 REFER"));
	EQ_INT(0, seen_count("bob", "alice", "202 REFER"));
	EQ_INT(0, seen_count("bob", "alice", "NOTIFY"));
	EQ_INT(1, event_count(t.bob, "? ~ refer,referEnded"));
	nothing_contacted();
	ROW("module.uadel");
}


TEST(uadel_pending, "/uadel while a REFER is pending: no crash", .secs = 4)
{
	scene(.config = "refer_policy ask\nrefer_decide_time 1\n"
	      "refer_ask_timeout 3\n");
	(void)waiting();
	expect(t.alice, "202 REFER", WAIT);
	expect(t.alice, "NOTIFY ~ pending", WAIT);
	CHECK(ctrl(t.bob, "uadel", "sip:bob@127.0.0.2").ok, "uadel");
	event(t.bob, "? ~ refer,referEnded,id=1", WAIT);
	expect_any(t.alice, "NOTIFY ~ terminated", WAIT);
	nothing_contacted();
	ROW("module.uadel");
}
