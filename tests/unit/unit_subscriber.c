/**
 * @file unit_subscriber.c  Tests of the subscription of a sent REFER
 *
 * On the dialog of a real call: alice has called bob, a peer, and is the
 * subscriber; bob notifies.
 */
#include "unit.h"
#include "fake_host.h"
#include "referrer/subscriber.h"
#include "syntax/sipfrag.h"

enum {
	ID = 77,
};

static struct ua *alice, *bob;
static struct call *ba;
static struct sip_dialog *dlg;
static struct subscriber *s;

static struct {
	unsigned n;
	uint16_t scodev[16];
	char reason[64];
	unsigned closed;
	int err;
	char why[64];
} got;


/* Lets the subscriber go at the end, as client.c does */
static void status_handler(const struct sipfrag *frag,
			   const struct sip_msg *msg, void *arg)
{
	assert_non_null(msg);
	assert_ptr_equal(&got, arg);
	assert_true(got.n < ARRAY_SIZE(got.scodev));
	got.scodev[got.n++] = frag->scode;
	(void)pl_strcpy(&frag->reason, got.reason, sizeof(got.reason));

	if (frag->scode >= 200)
		s = mem_deref(s);
}


static void close_handler(int err, const char *reason, void *arg)
{
	assert_ptr_equal(&got, arg);
	++got.closed;
	got.err = err;
	str_ncpy(got.why, reason, sizeof(got.why));
	s = mem_deref(s);
}


static int setup(void **state)
{
	int err = fake_init(state);

	if (err)
		return err;

	memset(&got, 0, sizeof(got));
	alice = softphone("alice");
	bob   = peer("bob");
	dlg   = call_dlg(call_setup(alice, bob));
	ba    = call_last(bob);

	err = subscriber_alloc(&s, alice->refer->subscribers, alice, dlg,
			       alice->refer->set->expires, status_handler,
			       close_handler, &got);
	if (err)
		return err;

	subscriber_set_id(s, ID);

	return 0;
}


static int teardown(void **state)
{
	s = mem_deref(s);

	return fake_close(state);
}


static void notify_type(const char *event, const char *substate,
			const char *ctype, const char *body)
{
	call_request(ba, "NOTIFY",
		     "Event: %s\r\n"
		     "%s%s%s"
		     "%s%s%s"
		     "Content-Length: %zu\r\n"
		     "\r\n"
		     "%s",
		     event,
		     substate ? "Subscription-State: " : "", substate,
		     substate ? "\r\n" : "",
		     ctype ? "Content-Type: " : "", ctype,
		     ctype ? "\r\n" : "",
		     str_len(body), body);
}


static void notify(const char *event, const char *substate, const char *body)
{
	notify_type(event, substate, "message/sipfrag;version=2.0", body);
}


static void answer(const char *what, unsigned n)
{
	(void)wire_await(bob, false, what, n);
	settle();
}


static void test_status(void **state)
{
	(void)state;

	subscriber_confirm(s, TIMER_N / 1000);
	notify("refer;id=77", "active;expires=60", "SIP/2.0 100 Trying\r\n");
	answer("200 NOTIFY", 0);
	assert_int_equal(1, got.n);
	assert_int_equal(100, got.scodev[0]);
	assert_string_equal("Trying", got.reason);

	notify("refer;id=77", "active;expires=60",
	       "SIP/2.0 180 Ringing %s%n\r\n");
	answer("200 NOTIFY", 1);
	assert_int_equal(180, got.scodev[1]);
	assert_string_equal("Ringing %s%n", got.reason);

	notify("refer;id=77", "terminated;reason=noresource",
	       "SIP/2.0 200 OK\r\n");
	answer("200 NOTIFY", 2);
	assert_int_equal(3, got.n);
	assert_int_equal(200, got.scodev[2]);
	assert_int_equal(0, got.closed);

	/* over: not ours any more */
	notify("refer;id=77", "terminated;reason=noresource",
	       "SIP/2.0 200 OK\r\n");
	answer("501 NOTIFY", 0);
	assert_int_equal(3, got.n);
}


static void test_bodies(void **state)
{
	static const char *const bodyv[] = {
		"SIP/2.0 180 Ringing",
		"SIP/2.0 180\r\n",
		"SIP/2.0 180",
		"SIP/2.0 180 Ringing\nContact: <sip:a@h>\n",
		"\r\nSIP/2.0 180 Ringing\r\n",
	};
	unsigned i;
	(void)state;

	for (i=0; i<ARRAY_SIZE(bodyv); ++i) {
		notify("refer;id=77", "active", bodyv[i]);
		answer("200 NOTIFY", i);
		assert_int_equal(i + 1, got.n);
		assert_int_equal(180, got.scodev[i]);
	}
}


static void test_id(void **state)
{
	(void)state;

	/* that of an older REFER, and another event */
	notify("refer;id=7", "active;expires=60", "SIP/2.0 100 Trying\r\n");
	answer("501 NOTIFY", 0);
	notify("presence;id=77", "active;expires=60",
	       "SIP/2.0 100 Trying\r\n");
	answer("501 NOTIFY", 1);
	assert_int_equal(0, got.n);

	/* some drop the id, all along or in the last NOTIFY */
	notify("refer", "active;expires=60", "SIP/2.0 100 Trying\r\n");
	answer("200 NOTIFY", 0);
	assert_int_equal(1, got.n);
	notify("Refer;x=y;id=77", "active;expires=60",
	       "SIP/2.0 180 Ringing\r\n");
	answer("200 NOTIFY", 1);
	assert_int_equal(2, got.n);

	/* some have another; with one subscription it is that */
	notify("refer;id=odd", "active;expires=60", "SIP/2.0 182 X\r\n");
	answer("200 NOTIFY", 2);
	assert_int_equal(182, got.scodev[2]);

	/* challenged, so sent again: that of the last one or the first */
	subscriber_set_id(s, ID + 1);
	notify("refer;id=77", "active;expires=60", "SIP/2.0 183 X\r\n");
	answer("200 NOTIFY", 3);
	notify("refer;id=78", "active;expires=60", "SIP/2.0 184 X\r\n");
	answer("200 NOTIFY", 4);
	assert_int_equal(184, got.scodev[4]);
}


static void test_other_dialog(void **state)
{
	struct call *other;
	(void)state;

	(void)call_setup(alice, bob);
	other = call_last(bob);
	call_request(other, "NOTIFY", "Event: refer;id=77\r\n"
		     "Subscription-State: active\r\n"
		     "Content-Type: message/sipfrag\r\n"
		     "Content-Length: 19\r\n\r\nSIP/2.0 100 Trying\r\n");
	answer("501 NOTIFY", 0);
	assert_int_equal(0, got.n);
}


static void test_refused(void **state)
{
	(void)state;

	notify("refer;id=77", NULL, "SIP/2.0 100 Trying\r\n");
	answer("400 NOTIFY", 0);
	notify("refer;id=77", "", "SIP/2.0 100 Trying\r\n");
	answer("400 NOTIFY", 1);
	notify("refer;id=77", "active", "SIP/2.0 20\r\n");
	answer("400 NOTIFY", 2);
	notify("refer;id=77", "active", "");
	answer("400 NOTIFY", 3);
	notify("refer;id=77", "active", "garbage");
	answer("400 NOTIFY", 4);

	notify_type("refer;id=77", "active", "text/plain",
		    "SIP/2.0 100 Trying\r\n");
	answer("415 NOTIFY", 0);
	notify_type("refer;id=77", "active", "message/sip",
		    "SIP/2.0 100 Trying\r\n");
	answer("415 NOTIFY", 1);
	notify_type("refer;id=77", "active", NULL, "garbage");
	answer("400 NOTIFY", 5);

	/* none of them is an end */
	assert_int_equal(0, got.n);
	assert_int_equal(0, got.closed);
	notify_type("refer;id=77", "active", "Message/SipFrag",
		    "SIP/2.0 100 Trying\r\n");
	answer("200 NOTIFY", 0);
	assert_int_equal(1, got.n);

	/* without a type it is looked at */
	notify_type("refer;id=77", "active", NULL, "SIP/2.0 100 Trying\r\n");
	answer("200 NOTIFY", 1);
	assert_int_equal(2, got.n);
}


static void test_old_cseq(void **state)
{
	const struct sip_msg *ack = wire_await(bob, false, "ACK", 0);
	(void)state;

	notify("refer;id=77", "active", "SIP/2.0 100 Trying\r\n");
	answer("200 NOTIFY", 0);

	ua_send(bob, alice,
		"NOTIFY %s SIP/2.0\r\n"
		"Via: SIP/2.0/UDP %J;branch=z9hG4bKold\r\n"
		"From: <%s>;tag=%r\r\n"
		"To: <%s>;tag=%r\r\n"
		"Call-ID: %r\r\n"
		"CSeq: 0 NOTIFY\r\n"
		"Event: refer;id=77\r\n"
		"Subscription-State: terminated;reason=noresource\r\n"
		"Content-Type: message/sipfrag\r\n"
		"Content-Length: 16\r\n"
		"\r\n"
		"SIP/2.0 200 OK\r\n",
		alice->aor, &bob->addr, bob->aor, &ack->to.tag, alice->aor,
		&ack->from.tag, &ack->callid);
	answer("500 NOTIFY", 0);
	assert_int_equal(1, got.n);
}


static void test_timer_n(void **state)
{
	(void)state;

	subscriber_confirm(s, TIMER_N / 1000);
	clock_forward(TIMER_N - 1000);
	settle();
	assert_int_equal(0, got.closed);

	clock_forward(1000);
	settle();
	assert_int_equal(1, got.closed);
	assert_int_equal(ETIMEDOUT, got.err);
	assert_null(s);

	clock_forward(TIMER_N);
	settle();
	assert_int_equal(1, got.closed);
}


/* It runs from the 2xx on: before, the transaction has its own timer */
static void test_timer_n_not_yet(void **state)
{
	(void)state;

	clock_forward(10 * TIMER_N);
	settle();
	assert_int_equal(0, got.closed);
}


/* A NOTIFY came, so Timer N has done its work */
static void test_timer_n_stopped(void **state)
{
	(void)state;

	subscriber_confirm(s, TIMER_N / 1000);
	notify("refer;id=77", "active;expires=180", "SIP/2.0 180 Ringing\r\n");
	answer("200 NOTIFY", 0);
	clock_forward(TIMER_N + 1000);
	settle();
	assert_int_equal(0, got.closed);
}


/* A NOTIFY overtakes the 2xx of the REFER */
static void test_overtaken(void **state)
{
	(void)state;

	notify("refer;id=77", "active;expires=180", "SIP/2.0 100 Trying\r\n");
	answer("200 NOTIFY", 0);
	subscriber_confirm(s, TIMER_N / 1000);
	clock_forward(TIMER_N + 1000);
	settle();
	assert_int_equal(0, got.closed);
}


static void test_overtaken_no_expires(void **state)
{
	(void)state;

	notify("refer;id=77", "active", "SIP/2.0 100 Trying\r\n");
	answer("200 NOTIFY", 0);
	subscriber_confirm(s, TIMER_N / 1000);
	clock_forward(TIMER_N + 1000);
	settle();
	assert_int_equal(0, got.closed);
}


static void test_expiry(void **state)
{
	(void)state;

	subscriber_confirm(s, TIMER_N / 1000);
	notify("refer;id=77", "active;expires=60", "SIP/2.0 100 Trying\r\n");
	answer("200 NOTIFY", 0);
	clock_forward(50000);
	settle();
	assert_int_equal(0, got.closed);

	/* each NOTIFY says it anew */
	notify("refer;id=77", "active;expires=60", "SIP/2.0 180 Ringing\r\n");
	answer("200 NOTIFY", 1);
	clock_forward(50000);
	settle();
	assert_int_equal(0, got.closed);

	clock_forward(11000);
	settle();
	assert_int_equal(1, got.closed);
	assert_int_equal(ETIMEDOUT, got.err);
}


/* It lives for 1,000 s, and is refreshed after 900 */
static void refresh(uint16_t scode, const char *hdrs)
{
	notify("refer;id=77", "active;expires=1000",
	       "SIP/2.0 100 Trying\r\n");
	answer("200 NOTIFY", 0);
	peer_script(bob, "SUBSCRIBE", scode, hdrs);
	clock_forward(900 * 1000);
	answer("SUBSCRIBE", 0);
}


/* A notifier that is gone would keep the REFER open for 32 years, and its
   call on hold */
static void test_expires_huge(void **state)
{
	(void)state;

	notify("refer;id=77", "active;expires=999999999",
	       "SIP/2.0 100 Trying\r\n");
	answer("200 NOTIFY", 0);
	peer_script(bob, "SUBSCRIBE", 200, "Expires: 999999999\r\n");
	clock_forward(3240 * 1000);
	answer("SUBSCRIBE", 0);
	notify("refer;id=77", "active;expires=999999999",
	       "SIP/2.0 180 Ringing\r\n");
	answer("200 NOTIFY", 1);

	peer_script(bob, "SUBSCRIBE", HOLD, "");
	clock_forward(3240 * 1000);
	answer("SUBSCRIBE", 1);
	assert_int_equal(0, got.closed);

	clock_forward(361 * 1000);
	settle();
	assert_int_equal(1, got.closed);
	assert_int_equal(ETIMEDOUT, got.err);
}


/* Timer F of the SUBSCRIBE is not Timer N: it lives until it expires */
static void test_refresh_unanswered(void **state)
{
	(void)state;

	refresh(HOLD, "");
	clock_forward(TIMER_N + 1000);
	settle();
	assert_int_equal(0, got.closed);

	clock_forward(100 * 1000);
	settle();
	assert_int_equal(1, got.closed);
	assert_int_equal(ETIMEDOUT, got.err);
}


/* RFC 6665 section 4.1.2.2: Timer N runs from the 2xx on */
static void test_refresh_silent(void **state)
{
	(void)state;

	refresh(200, "Expires: 1000\r\n");
	clock_forward(TIMER_N - 1000);
	settle();
	assert_int_equal(0, got.closed);

	clock_forward(2000);
	settle();
	assert_int_equal(1, got.closed);
	assert_int_equal(ETIMEDOUT, got.err);
}


/* More refreshes do not give it more time */
static void test_refresh_brief(void **state)
{
	unsigned i;
	(void)state;

	refresh(200, "Expires: 20\r\n");
	for (i=1; i<3 && !got.closed; ++i) {
		peer_script(bob, "SUBSCRIBE", 200, "Expires: 20\r\n");
		clock_forward(18 * 1000);
		settle();
	}

	assert_int_equal(1, got.closed);
	assert_int_equal(ETIMEDOUT, got.err);
}


/* A NOTIFY that overtakes the 2xx of the SUBSCRIBE */
static void test_refresh_overtaken(void **state)
{
	(void)state;

	refresh(HOLD, "");
	notify("refer;id=77", "active;expires=1000",
	       "SIP/2.0 180 Ringing\r\n");
	answer("200 NOTIFY", 1);
	peer_answer_held(bob, 200, "Expires: 1000\r\n");
	settle();
	clock_forward(TIMER_N + 1000);
	settle();
	assert_int_equal(0, got.closed);
}


/* "Ends in any case": also if the notifier never says how long it lives */
static void test_no_expires(void **state)
{
	unsigned i;
	(void)state;

	subscriber_confirm(s, TIMER_N / 1000);
	notify("refer;id=77", "active", "SIP/2.0 100 Trying\r\n");
	answer("200 NOTIFY", 0);

	for (i=0; i<24 && !got.closed; ++i) {
		clock_forward(600 * 1000);
		settle();
	}

	assert_int_equal(1, got.closed);
	assert_int_equal(ETIMEDOUT, got.err);
}


static void test_terminated(void **state)
{
	static const char *const reasonv[] = {
		"deactivated", "probation", "rejected", "timeout", "giveup",
		"noresource",
	};
	char substate[64];
	unsigned i;
	(void)state;

	for (i=0; i<ARRAY_SIZE(reasonv); ++i) {

		if (!s)
			assert_int_equal(0, subscriber_alloc(&s,
					 alice->refer->subscribers, alice, dlg,
					 alice->refer->set->expires,
					 status_handler, close_handler,
					 &got));
		subscriber_set_id(s, ID + i);

		(void)re_snprintf(substate, sizeof(substate),
				  "terminated;reason=%s", reasonv[i]);
		notify("refer", substate, "SIP/2.0 100 Trying\r\n");
		answer("200 NOTIFY", i);
		assert_int_equal(i + 1, got.n);
		assert_int_equal(i + 1, got.closed);
		assert_int_equal(0, got.err);
		assert_string_equal(reasonv[i], got.why);
		assert_null(s);
	}
}


static void test_terminated_final(void **state)
{
	(void)state;

	subscriber_confirm(s, TIMER_N / 1000);
	notify("refer;id=77", "terminated;reason=noresource",
	       "SIP/2.0 486 Busy Here\r\n");
	answer("200 NOTIFY", 0);
	assert_int_equal(1, got.n);
	assert_int_equal(486, got.scodev[0]);
	assert_string_equal("Busy Here", got.reason);
	assert_int_equal(0, got.closed);
	assert_null(s);
}


/* SIP.js marks every NOTIFY so */
static void test_terminated_without_reason(void **state)
{
	(void)state;

	subscriber_confirm(s, TIMER_N / 1000);
	notify("refer;id=77", "terminated", "SIP/2.0 100 Trying\r\n");
	answer("200 NOTIFY", 0);
	assert_int_equal(1, got.n);
	assert_int_equal(0, got.closed);
	notify("refer;id=77", "terminated", "SIP/2.0 200 OK\r\n");
	answer("200 NOTIFY", 1);
	assert_int_equal(2, got.n);
	assert_int_equal(200, got.scodev[1]);
	assert_int_equal(0, got.closed);
}


/* and if it was the last one, that must not be for ever */
static void test_terminated_and_no_more(void **state)
{
	unsigned i;
	(void)state;

	subscriber_confirm(s, TIMER_N / 1000);
	notify("refer;id=77", "terminated", "SIP/2.0 100 Trying\r\n");
	answer("200 NOTIFY", 0);

	for (i=0; i<24 && !got.closed; ++i) {
		clock_forward(600 * 1000);
		settle();
	}

	assert_int_equal(1, got.closed);
}


static void test_two(void **state)
{
	struct subscriber *first = s;
	(void)state;

	assert_int_equal(0, subscriber_alloc(&s, alice->refer->subscribers,
					     alice, dlg,
					     alice->refer->set->expires,
					     status_handler, close_handler,
					     &got));
	subscriber_set_id(s, ID + 1);

	notify("refer;id=78", "terminated;reason=noresource",
	       "SIP/2.0 200 OK\r\n");
	answer("200 NOTIFY", 0);
	assert_null(s);

	s = first;
	notify("refer;id=77", "terminated;reason=noresource",
	       "SIP/2.0 486 Busy Here\r\n");
	answer("200 NOTIFY", 1);
	assert_null(s);
	assert_int_equal(2, got.n);
	assert_int_equal(486, got.scodev[1]);
}


#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest testv[] = {
		TEST(test_status),
		TEST(test_bodies),
		TEST(test_id),
		TEST(test_other_dialog),
		TEST(test_refused),
		TEST(test_old_cseq),
		TEST(test_timer_n),
		TEST(test_timer_n_not_yet),
		TEST(test_timer_n_stopped),
		TEST(test_overtaken),
		TEST(test_overtaken_no_expires),
		TEST(test_expiry),
		TEST(test_expires_huge),
		TEST(test_refresh_unanswered),
		TEST(test_refresh_silent),
		TEST(test_refresh_brief),
		TEST(test_refresh_overtaken),
		TEST(test_no_expires),
		TEST(test_terminated),
		TEST(test_terminated_final),
		TEST(test_terminated_without_reason),
		TEST(test_terminated_and_no_more),
		TEST(test_two),
	};

	return UNIT_RUN(testv, NULL, NULL);
}
