/**
 * @file unit_context_decide.c  Tests of when an application decides on a REFER
 */
#include "unit.h"
#include "context.h"
#include "config/settings.h"
#include "referee/referee.h"


/* There is no 202 before the decision */
static int setup_impatient(void **state)
{
	struct settings set;

	settings_get(&set);
	set.ask_timeout = set.decide_time;

	return setup_set(state, &set);
}


/* Longer than a subscription lives */
static int setup_patient(void **state)
{
	struct settings set;

	settings_get(&set);
	set.ask_timeout = 3 * set.expires;

	return setup_set(state, &set);
}


/* 100 Trying */

static void test_trying(void **state)
{
	uint64_t ms;
	(void)state;

	(void)ask_once();
	assert_int_equal(0, refer_server_trying(app.srv));
	NO_EFFECT(EALREADY, refer_server_trying(app.srv));
	NO_EFFECT(EALREADY, reply(app.srv, 100));
	clock_forward(TRYING_MS - 300);
	settle();
	assert_int_equal(0, sent.n);
	assert_string_equal("", app.text);

	/* not before its time, and soon then */
	(void)wire_await(alice, false, "100 REFER", 0);
	ms = wire_find(bob, true, "100 REFER", 0)->ts -
		wire_find(bob, false, "REFER", 0)->ts;
	assert_true(ms >= TRYING_MS);
	assert_true(ms < TRYING_MS + 500);
	assert_string_equal(" progress=100", app.text);
	assert_answered(100, "Trying");
	assert_int_equal(REFER_WAITING, refer_server_state(app.srv));

	NO_EFFECT(EALREADY, refer_server_trying(app.srv));
	clock_forward(TRYING_MS);
	settle();
	assert_int_equal(1, sent.n);
	assert_int_equal(0, refer_server_reject(app.srv, NULL));
	assert_answered(480, NULL);
	await_end();
	assert_int_equal(2, sent.n);
}


static void test_trying_automatic(void **state)
{
	(void)state;

	(void)ask_once();
	clock_forward(TRYING_MS);
	(void)wire_await(alice, false, "100 REFER", 0);
	clock_forward(DECIDE_MS / 2);
	settle();
	assert_int_equal(1, sent.n);
	NO_EFFECT(EALREADY, refer_server_trying(app.srv));
	finish();
	assert_string_equal(" progress=100 rejected=480 failed=480"
			    " referRequestRejected=480 referEnded=480",
			    app.text);
}


static void test_trying_not_after_answer(void **state)
{
	(void)state;

	(void)ask();
	assert_int_equal(0, refer_server_trying(app.srv));
	assert_int_equal(0, refer_server_reject(app.srv, NULL));
	clock_forward(2 * TRYING_MS);
	settle();
	assert_null(wire_find(bob, true, "100 REFER", 0));
	await_end();

	assert_int_equal(0, accept_nofollow(ask()));
	clock_forward(2 * TRYING_MS);
	settle();
	assert_null(wire_find(bob, true, "100 REFER", 0));
	finish();
	assert_no_state();
}


/* Deciding late */

static void test_pending(void **state)
{
	const struct sip_msg *msg;
	(void)state;

	reach_pending();
	assert_answered(202, "Accepted");
	assert_true(msg_hdr_is(response(), "Expires", "180"));
	assert_int_equal(1, sip_msg_hdr_count(response(), SIP_HDR_CONTACT));
	msg = notify(0);
	assert_notify(msg, "pending;expires=1", "SIP/2.0 100 Trying\r\n");
	assert_string_equal(" progress=100 referPending=202", app.text);

	/* nothing else happens */
	clock_forward((ASK_MS - DECIDE_MS) / 2);
	assert_int_equal(1, notifies());
	assert_int_equal(0, wire_count(bob, true, "INVITE"));
	assert_int_equal(1, list_count(&bob->calll));
	finish();
	assert_no_state();
}


static void test_late_yes(void **state)
{
	(void)state;

	reach_pending();
	assert_int_equal(0, refer_server_accept(app.srv, NULL));
	assert_int_equal(REFER_ACCEPTED, refer_server_state(app.srv));
	assert_notify(notify(1), "active;expires=1",
		      "SIP/2.0 100 Trying\r\n");
	(void)wire_await(carol, false, "INVITE", 0);
	await_end();
	assert_notify(notify(2), "terminated;reason=noresource",
		      "SIP/2.0 200 OK\r\n");
	assert_string_equal(" progress=100 referPending=202 accepted=202"
			    " referRequestAccepted=202 referInviteSent"
			    " referAccepted=200 referEnded=200", app.text);
	assert_int_equal(1, wire_count(alice, false, "202 REFER"));
	assert_int_equal(3, notifies());
	assert_no_state();
}


static void late_no(int err, uint16_t scode, const char *reason)
{
	char frag[64], text[256];

	assert_int_equal(0, err);
	(void)re_snprintf(frag, sizeof(frag), "SIP/2.0 %u %s\r\n", scode,
			  reason);
	assert_notify(notify(1), "terminated;reason=rejected\r\n", frag);
	await_end();
	assert_int_equal(REFER_REJECTED, refer_server_state(app.srv));
	(void)re_snprintf(text, sizeof(text), " progress=100 referPending=202"
			  " rejected=%u failed=%u referRequestRejected=%u"
			  " referEnded=%u", scode, scode, scode, scode);
	assert_string_equal(text, app.text);

	/* what was answered stays so */
	assert_answered(202, "Accepted");
	assert_int_equal(2, notifies());
	assert_int_equal(0, wire_count(bob, true, "INVITE"));
	assert_no_state();
}


static void test_late_no(void **state)
{
	(void)state;

	reach_pending();
	late_no(refer_server_reject(app.srv, NULL), 603, "Decline");
}


static void test_late_no_code(void **state)
{
	(void)state;

	reach_pending();
	late_no(refer_server_reject(app.srv, &(struct refer_opts){
				.scode = 486, .reason = "Not now"}),
		486, "Not now");
}


static void test_late_redirect(void **state)
{
	(void)state;

	reach_pending();
	late_no(redirect(app.srv, NULL), 302, "Moved Temporarily");
}


static void test_ask_timeout(void **state)
{
	(void)state;

	reach_pending();
	clock_forward(ASK_MS - DECIDE_MS);
	assert_notify(notify(1), "terminated;reason=giveup",
		      "SIP/2.0 603 Decline\r\n");
	await_end();
	assert_string_equal(" progress=100 referPending=202 referTimeout"
			    " rejected=603 failed=603"
			    " referRequestRejected=603 referEnded=603",
			    app.text);
	assert_int_equal(2, notifies());
	assert_no_state();
}


static void test_ask_timeout_early(void **state)
{
	(void)state;

	(void)ask();
	clock_forward(DECIDE_MS);
	(void)wire_await(alice, false, "603 REFER", 0);
	await_end();
	assert_string_equal(" progress=100 referTimeout rejected=603"
			    " failed=603 referRequestRejected=603"
			    " referEnded=603", app.text);
	assert_int_equal(0, notifies());
	assert_no_state();
}


/* The NOTIFY pending is not answered yet */
static void test_late_busy(void **state)
{
	(void)state;

	peer_script(alice, "NOTIFY", HOLD, NULL);
	reach_pending();
	assert_int_equal(0, refer_server_reject(app.srv, NULL));
	assert_int_equal(1, notifies());
	assert_int_equal(REFER_REJECTED, refer_server_state(app.srv));
	assert_int_equal(0, event_count("rejected"));
	NO_EFFECT(EPROTO, refer_server_accept(app.srv, NULL));
	peer_answer_held(alice, 200, NULL);
	assert_notify(notify(1), "terminated;reason=rejected",
		      "SIP/2.0 603 Decline\r\n");
	await_end();
	assert_no_state();
}


/* Alice has no subscription any more */
static void test_late_unsubscribed(void **state)
{
	(void)state;

	peer_script(alice, "NOTIFY", 481, NULL);
	reach_pending();
	assert_int_equal(0, refer_server_reject(app.srv, NULL));
	await_end();
	assert_non_null(strstr(app.text, " rejected=603 failed=603"
			       " referRequestRejected=603 referEnded=603"));
	assert_int_equal(1, notifies());
	assert_no_state();
}


/* Retransmissions and CANCEL */

static void send_again(void)
{
	const struct mbuf *mb = wire_find(alice, true, "REFER", 0)->msg->mb;

	ua_send(alice, bob, "%b", mb->buf, mb->end);
	settle();
}


static void assert_again(const char *what)
{
	const unsigned n = sent.n;
	struct mbuf *mb = mem_ref(sent.last);

	send_again();
	if (sent.n != n + 1)
		fail_msg("%s was not sent again", what);
	assert_int_equal(mb->end, sent.last->end);
	assert_memory_equal(mb->buf, sent.last->buf, mb->end);
	mem_deref(mb);
}


static void test_retransmissions(void **state)
{
	(void)state;

	(void)ask_once();
	send_again();
	assert_int_equal(0, sent.n);
	assert_int_equal(1, app.requests);

	clock_forward(TRYING_MS);
	(void)wire_await(alice, false, "100 REFER", 0);
	assert_again("100");
	assert_string_equal(" progress=100", app.text);

	assert_int_equal(0, refer_server_reject(app.srv, NULL));
	(void)response();
	settle();
	assert_again("480");
	await_end();
	assert_no_state();
	assert_again("480");

	/* Timer J */
	clock_forward(31000);
	settle();
	assert_again("480");
	assert_int_equal(1, app.requests);
	assert_int_equal(1, event_count("referEnded"));
}


static void test_retransmission_accepted(void **state)
{
	(void)state;

	assert_int_equal(0, accept_nofollow(ask()));
	(void)response();
	assert_int_equal(1, notifies());
	assert_again("202");
	finish();
	assert_again("202");
	assert_int_equal(1, app.requests);
}


static void send_cancel(void)
{
	const struct sip_msg *msg = wire_find(alice, true, "REFER", 0)->msg;

	ua_send(alice, bob,
		"CANCEL %r SIP/2.0\r\n"
		"Via: %r\r\n"
		"From: %r\r\n"
		"To: %r\r\n"
		"Call-ID: %r\r\n"
		"CSeq: %u CANCEL\r\n"
		"Max-Forwards: 70\r\n"
		"Content-Length: 0\r\n"
		"\r\n", &msg->ruri, &sip_msg_hdr(msg, SIP_HDR_VIA)->val,
		&sip_msg_hdr(msg, SIP_HDR_FROM)->val,
		&sip_msg_hdr(msg, SIP_HDR_TO)->val, &msg->callid,
		msg->cseq.num);
	settle();
}


static void test_cancel_waiting(void **state)
{
	(void)state;

	(void)ask_once();
	send_cancel();
	(void)wire_await(alice, false, "200 CANCEL", 0);
	assert_int_equal(1, app.cancels);
	assert_int_equal(REFER_WAITING, refer_server_state(app.srv));
	assert_int_equal(1, sent.n);
	assert_string_equal("", app.text);

	/* it is as it was */
	clock_forward(TRYING_MS);
	(void)wire_await(alice, false, "100 REFER", 0);
	assert_int_equal(0, accept_nofollow(app.srv));
	assert_answered(202, NULL);
	finish();

	/* and without effect after the answer */
	send_cancel();
	assert_int_equal(1, app.cancels);
	assert_no_state();
}


static void test_cancel_no_delegate(void **state)
{
	(void)state;

	refer_server_set_delegate(ask(), NULL, NULL);
	send_cancel();
	(void)wire_await(alice, false, "200 CANCEL", 0);
	assert_int_equal(0, app.cancels);
	finish();
}


/* The application executes it */

static void test_nofollow(void **state)
{
	(void)state;

	assert_int_equal(0, accept_nofollow(ask()));
	assert_answered(202, "Accepted");
	assert_notify(notify(0), "active;expires=", "SIP/2.0 100 Trying\r\n");
	assert_string_equal(" accepted=202 referRequestAccepted=202",
			    app.text);
	clock_forward(NOTIFY_PACE);
	assert_int_equal(1, notifies());

	assert_int_equal(0, refer_server_notify(app.srv, 180, NULL));
	assert_notify(notify(1), "active;expires=",
		      "SIP/2.0 180 Ringing\r\n");
	clock_forward(NOTIFY_PACE);
	assert_int_equal(0, refer_server_notify(app.srv, 199, "Mine %n"));
	assert_notify(notify(2), "active;expires=",
		      "SIP/2.0 199 Mine %n\r\n");
	settle();
	assert_int_equal(0, refer_server_notify(app.srv, 200, ""));
	assert_notify(notify(3), "terminated;reason=noresource",
		      "SIP/2.0 200 OK\r\n");
	await_end();
	assert_string_equal(" accepted=202 referRequestAccepted=202"
			    " referProgress=180 referProgress=199"
			    " referAccepted=200 referEnded=200", app.text);
	NO_EFFECT(EPROTO, refer_server_notify(app.srv, 200, NULL));
	assert_int_equal(0, wire_count(bob, true, "INVITE"));
	assert_int_equal(4, notifies());
	assert_no_state();
}


static void test_nofollow_failure(void **state)
{
	(void)state;

	reach_nofollow();
	assert_int_equal(0, refer_server_notify(app.srv, 699, NULL));
	assert_notify(notify(1), "terminated;reason=noresource",
		      "SIP/2.0 699 Global Failure\r\n");
	await_end();
	assert_non_null(strstr(app.text, " referRejected=699"
			       " referEnded=699"));
	assert_no_state();
}


/* It ends with the subscription, which the referrer can refresh */
static void test_nofollow_forgotten(void **state)
{
	(void)state;

	reach_nofollow();
	(void)notify(0);
	clock_forward(179000);
	call_request(ab, "SUBSCRIBE", "Event: refer\r\nExpires: 100\r\n"
		     "Content-Length: 0\r\n\r\n");
	(void)notify(1);
	settle();
	clock_forward(99000);
	settle();
	assert_int_equal(REFER_ACCEPTED, refer_server_state(app.srv));

	clock_forward(2000);
	await_end();
	assert_string_equal(" accepted=202 referRequestAccepted=202"
			    " referTimeout referEnded", app.text);
	assert_notify(notify(2), "terminated;reason=timeout",
		      "SIP/2.0 100 Trying\r\n");
	assert_no_state();

	/* without a subscription too */
	(void)ask_with("Refer-Sub: false\r\n");
	assert_int_equal(0, accept_nofollow(app.srv));
	clock_forward(180000);
	await_end();
	assert_no_state();
}


/* An INVITE of the application's */
static void test_app_invites(void **state)
{
	struct refer_inviter *one, *two;
	(void)state;

	carol->answer = 180;
	(void)ask();
	assert_int_equal(0, make(app.srv, &one));
	assert_null(refer_inviter_call(one));
	NO_EFFECT(EPROTO, refer_inviter_invite(one));
	NO_EFFECT(EPROTO, refer_inviter_cancel(one, NULL));
	assert_int_equal(0, accept_nofollow(app.srv));
	assert_int_equal(0, make(app.srv, &two));
	assert_ptr_equal(one, two);
	assert_int_equal(0, refer_inviter_invite(one));
	assert_int_equal(EALREADY, refer_inviter_invite(one));
	assert_ptr_equal(call_last(bob), refer_inviter_call(one));
	(void)wire_await(carol, true, "180 INVITE", 0);
	settle();
	clock_forward(NOTIFY_PACE);
	assert_notify(notify(1), "active;expires=",
		      "SIP/2.0 180 Ringing\r\n");
	call_answer(call_last(carol));
	await_end();
	assert_notify(notify(2), "terminated;reason=noresource",
		      "SIP/2.0 200 OK\r\n");
	assert_string_equal(" accepted=202 referRequestAccepted=202"
			    " referInviteSent referProgress=180"
			    " referAccepted=200 referEnded=200", app.text);
	/* the call is the application's until it ends */
	assert_ptr_equal(call_last(bob), refer_inviter_call(one));
	assert_int_equal(REFER_INVITER_ESTABLISHED, refer_inviter_state(one));
	NO_EFFECT(EPROTO, refer_inviter_cancel(one, NULL));
	assert_int_equal(1, wire_count(bob, true, "INVITE"));
	call_bye(call_last(carol));
	while (refer_inviter_call(one))
		settle();
	assert_int_equal(REFER_INVITER_TERMINATED, refer_inviter_state(one));
	assert_no_state();
}


/* It cannot be placed: the application knows, and goes on */
static void test_app_invite_fails(void **state)
{
	(void)state;

	reach_nofollow();
	bob->no_calls = 1;
	NO_EFFECT(EHOSTUNREACH, invite(app.srv));
	assert_int_equal(0, bob->no_calls);
	peer_script(carol, "INVITE", HOLD, NULL);
	assert_int_equal(0, invite(app.srv));
	finish();
	assert_no_state();
}


static void test_inviter_cancel(void **state)
{
	(void)state;

	carol->answer = 180;
	assert_int_equal(0, refer_server_accept(ask(), NULL));
	(void)wire_await(bob, false, "180 INVITE", 0);
	settle();
	assert_int_equal(0, cancel(app.srv));
	assert_int_equal(EPROTO, cancel(app.srv));
	(void)wire_await(carol, false, "CANCEL", 0);
	await_end();
	assert_notify(wire_await(alice, false, "NOTIFY", notifies() - 1),
		      "terminated;reason=noresource",
		      "SIP/2.0 487 Request Terminated\r\n");
	assert_non_null(strstr(app.text, " referRejected=487 referEnded=487"));
	assert_int_equal(1, list_count(&bob->calll));
	assert_no_state();
}


/* After a final status there is no other */
static void test_notify_final_once(void **state)
{
	(void)state;

	/* the first NOTIFY is not answered, so the final one waits */
	peer_script(alice, "NOTIFY", HOLD, NULL);
	assert_int_equal(0, accept_nofollow(ask()));
	(void)notify(0);
	assert_int_equal(0, refer_server_notify(app.srv, 200, NULL));
	NO_EFFECT(EPROTO, refer_server_notify(app.srv, 486, NULL));
	peer_answer_held(alice, 200, NULL);
	assert_notify(notify(1), "terminated;reason=noresource",
		      "SIP/2.0 200 OK\r\n");
	await_end();
	assert_non_null(strstr(app.text, " referAccepted=200 referEnded=200"));
	assert_no_state();
}


static void test_notify_no_progress_after_final(void **state)
{
	(void)state;

	peer_script(alice, "NOTIFY", HOLD, NULL);
	assert_int_equal(0, accept_nofollow(ask()));
	(void)notify(0);
	assert_int_equal(0, refer_server_notify(app.srv, 200, NULL));
	(void)refer_server_notify(app.srv, 180, NULL);
	peer_answer_held(alice, 200, NULL);
	assert_notify(notify(1), "terminated;reason=noresource",
		      "SIP/2.0 200 OK\r\n");
	await_end();
	assert_no_state();
}


/* The subscription begins anew with a late yes */
static void test_late_yes_expires(void **state)
{
	(void)state;

	reach_pending();
	clock_forward(ASK_MS - DECIDE_MS - 5000);
	settle();
	assert_int_equal(0, accept_nofollow(app.srv));
	assert_true(msg_has(notify(1), "Subscription-State: active;"
			    "expires=180\r\n") ||
		    msg_has(notify(1), "Subscription-State: active;"
			    "expires=179\r\n"));
	finish();
}


/* A subscription that is pending lives until there is a decision */
static void test_patient(void **state)
{
	(void)state;

	reach_pending();
	clock_forward(2 * 180000);
	settle();
	assert_int_equal(REFER_PENDING, refer_server_state(app.srv));
	assert_int_equal(1, notifies());
	assert_int_equal(0, refer_server_reject(app.srv, NULL));
	assert_notify(notify(1), "terminated;reason=rejected",
		      "SIP/2.0 603 Decline\r\n");
	await_end();
}


int main(void)
{
	const struct CMUnitTest testv[] = {
		TEST(test_trying),
		TEST(test_trying_automatic),
		TEST(test_trying_not_after_answer),
		TEST(test_pending),
		TEST(test_late_yes),
		TEST(test_late_no),
		TEST(test_late_no_code),
		TEST(test_late_redirect),
		TEST(test_ask_timeout),
		TEST_WITH(test_ask_timeout_early, setup_impatient),
		TEST(test_late_busy),
		TEST(test_late_unsubscribed),
		TEST(test_retransmissions),
		TEST(test_retransmission_accepted),
		TEST(test_cancel_waiting),
		TEST(test_cancel_no_delegate),
		TEST(test_nofollow),
		TEST(test_nofollow_failure),
		TEST(test_nofollow_forgotten),
		TEST(test_app_invites),
		TEST(test_app_invite_fails),
		TEST(test_inviter_cancel),
		TEST(test_notify_final_once),
		TEST(test_notify_no_progress_after_final),
		TEST(test_late_yes_expires),
		TEST_WITH(test_patient, setup_patient),
	};

	return UNIT_RUN(testv, NULL, NULL);
}
