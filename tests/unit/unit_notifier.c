/**
 * @file unit_notifier.c  Tests of the subscription that a REFER makes
 *
 * On the dialog of a real call: alice, a peer, has called bob and is the
 * subscriber; bob notifies.
 */
#include "unit.h"
#include "fake_host.h"
#include "referee/referee.h"
#include "syntax/sipfrag.h"

enum {
	ID      = 4711,
	EXPIRES = 180,
};

#define CHALLENGE "WWW-Authenticate: Digest realm=\"r\", nonce=\"n1\"\r\n"

static struct ua *alice, *bob;
static struct call *ab, *ba;
static struct notifier *n;

static struct {
	unsigned n;
	uint16_t scodev[64];
	char reason[64];
} told;


/* Lets the notifier go at the end, as server.c does */
static void sent_handler(const struct sipfrag *frag, void *arg)
{
	assert_ptr_equal(&told, arg);
	assert_true(told.n < ARRAY_SIZE(told.scodev));
	told.scodev[told.n++] = frag->scode;
	(void)pl_strcpy(&frag->reason, told.reason, sizeof(told.reason));

	if (frag->scode >= 200)
		n = mem_deref(n);
}


static void start(uint32_t id)
{
	memset(&told, 0, sizeof(told));
	assert_int_equal(0, notifier_alloc(&n, bob->refer->notifiers, bob,
					   call_dlg(ba), id, EXPIRES,
					   sent_handler, &told));
}


static int setup(void **state)
{
	int err = fake_init(state);

	if (err)
		return err;

	alice = peer("alice");
	bob   = softphone("bob");
	ab    = call_setup(alice, bob);
	ba    = call_last(bob);
	start(ID);

	return 0;
}


static int teardown(void **state)
{
	n = mem_deref(n);

	return fake_close(state);
}


static void status(uint16_t scode, const char *reason)
{
	struct sipfrag frag = {scode, PL_INIT};

	pl_set_str(&frag.reason, reason);
	notifier_status(n, &frag);
}


/* The NOTIFY that alice receives */
static const struct sip_msg *notify(unsigned i)
{
	return wire_await(alice, false, "NOTIFY", i);
}


static unsigned notifies(void)
{
	settle();

	return wire_count(alice, false, "NOTIFY");
}


/* The answer is back, so that the next one can go out */
static void await_answer(const char *what, unsigned i)
{
	(void)wire_await(bob, false, what, i);
	settle();
}


static void assert_active(const struct sip_msg *msg, unsigned secs)
{
	char a[64], b[64];

	/* the second may have just begun */
	(void)re_snprintf(a, sizeof(a), "Subscription-State: active;"
			  "expires=%u\r\n", secs);
	(void)re_snprintf(b, sizeof(b), "Subscription-State: active;"
			  "expires=%u\r\n", secs - 1);
	assert_true(msg_has(msg, a) || msg_has(msg, b));
}


static void assert_ended(const struct sip_msg *msg, const char *reason)
{
	char val[64];

	(void)re_snprintf(val, sizeof(val), "terminated;reason=%s", reason);
	assert_true(msg_hdr_is(msg, "Subscription-State", val));
}


static void test_first(void **state)
{
	const struct sip_msg *msg, *invite;
	(void)state;

	status(100, "Trying");
	assert_int_equal(1, told.n);
	assert_int_equal(100, told.scodev[0]);

	msg = notify(0);
	assert_true(msg_hdr_is(msg, "Event", "refer;id=4711"));
	assert_active(msg, EXPIRES);
	assert_true(msg_hdr_is(msg, "Content-Type",
			       "message/sipfrag;version=2.0"));
	assert_true(msg_hdr_is(msg, "Content-Length", "20"));
	assert_true(body_is(msg, "SIP/2.0 100 Trying\r\n"));
	assert_int_equal(1, sip_msg_hdr_count(msg, SIP_HDR_CONTACT));

	/* on the dialog of the call */
	invite = wire_await(alice, true, "INVITE", 0);
	assert_int_equal(0, pl_cmp(&msg->callid, &invite->callid));
	assert_int_equal(0, pl_cmp(&msg->to.tag, &invite->from.tag));
	assert_int_equal(1, notifies());
}


/* At most one a second; the newest wins */
static void test_pace(void **state)
{
	uint64_t first, second;
	(void)state;

	status(100, "Trying");
	await_answer("200 NOTIFY", 0);

	status(180, "Ringing");
	status(181, "Forwarded");
	status(183, "Progress");
	assert_int_equal(1, notifies());
	assert_int_equal(1, told.n);

	clock_forward(NOTIFY_PACE);
	assert_true(body_is(notify(1), "SIP/2.0 183 Progress\r\n"));
	assert_int_equal(2, notifies());
	assert_int_equal(2, told.n);
	assert_int_equal(183, told.scodev[1]);

	first  = wire_find(bob, true, "NOTIFY", 0)->ts;
	second = wire_find(bob, true, "NOTIFY", 1)->ts;
	assert_true(second - first >= NOTIFY_PACE);

	/* and nothing by itself */
	clock_forward(10 * NOTIFY_PACE);
	assert_int_equal(2, notifies());

	/* after a pause the next one goes out at once */
	status(180, "Ringing");
	assert_true(body_is(notify(2), "SIP/2.0 180 Ringing\r\n"));
}


static void test_final(void **state)
{
	const struct sip_msg *msg;
	(void)state;

	status(100, "Trying");
	await_answer("200 NOTIFY", 0);
	status(180, "Ringing");
	status(200, "OK");

	msg = notify(1);
	assert_ended(msg, "noresource");
	assert_true(msg_hdr_is(msg, "Event", "refer;id=4711"));
	assert_true(body_is(msg, "SIP/2.0 200 OK\r\n"));
	assert_int_equal(2, told.n);
	assert_int_equal(200, told.scodev[1]);
	assert_null(n);

	clock_forward(10 * NOTIFY_PACE);
	assert_int_equal(2, notifies());
}


/* One is under way at a time, also the last one waits */
static void test_final_waits(void **state)
{
	(void)state;

	peer_script(alice, "NOTIFY", HOLD, NULL);
	status(100, "Trying");
	(void)notify(0);
	status(180, "Ringing");
	status(486, "Busy Here");
	assert_int_equal(1, notifies());
	assert_int_equal(1, told.n);

	peer_answer_held(alice, 200, NULL);
	assert_ended(notify(1), "noresource");
	assert_true(body_is(notify(1), "SIP/2.0 486 Busy Here\r\n"));
	assert_int_equal(2, notifies());
	assert_int_equal(2, told.n);
	assert_string_equal("Busy Here", told.reason);
}


static void test_provisional_answer(void **state)
{
	(void)state;

	peer_script(alice, "NOTIFY", HOLD, NULL);
	status(100, "Trying");
	(void)notify(0);
	peer_answer_held(alice, 100, NULL);
	status(200, "OK");
	assert_int_equal(1, notifies());

	peer_answer_held(alice, 200, NULL);
	assert_ended(notify(1), "noresource");
}


static void test_reason_is_no_format(void **state)
{
	(void)state;

	status(100, "%s%n");
	assert_true(body_is(notify(0), "SIP/2.0 100 %s%n\r\n"));
	assert_string_equal("%s%n", told.reason);
}


/* A final status without one before it */
static void test_final_first(void **state)
{
	(void)state;

	status(603, "Decline");
	assert_ended(notify(0), "noresource");
	assert_true(body_is(notify(0), "SIP/2.0 603 Decline\r\n"));
	assert_int_equal(1, notifies());
}


static void test_challenge(void **state)
{
	const struct sip_msg *first, *second;
	(void)state;

	peer_script(alice, "NOTIFY", 401, CHALLENGE);
	status(100, "Trying");

	first  = notify(0);
	second = notify(1);
	assert_null(sip_msg_hdr(first, SIP_HDR_AUTHORIZATION));
	assert_true(msg_has(second, "username=\"bob\""));
	assert_int_equal(first->cseq.num + 1, second->cseq.num);
	assert_true(body_is(second, "SIP/2.0 100 Trying\r\n"));
	await_answer("200 NOTIFY", 0);
	assert_int_equal(1, told.n);

	/* the credentials are used again */
	status(200, "OK");
	assert_true(msg_has(notify(2), "username=\"bob\""));
	assert_int_equal(3, notifies());
}


static void test_challenge_proxy(void **state)
{
	(void)state;

	peer_script(alice, "NOTIFY", 407,
		    "Proxy-Authenticate: Digest realm=\"r\", nonce=\"n\"\r\n");
	status(100, "Trying");
	assert_non_null(sip_msg_hdr(notify(1), SIP_HDR_PROXY_AUTHORIZATION));
	assert_int_equal(2, notifies());
}


/* Wrong credentials: no loop, and the subscription lives on */
static void test_challenge_twice(void **state)
{
	(void)state;

	peer_script(alice, "NOTIFY", 401, CHALLENGE);
	peer_script(alice, "NOTIFY", 401, CHALLENGE);
	status(100, "Trying");
	await_answer("401 NOTIFY", 1);
	assert_int_equal(2, notifies());

	status(200, "OK");
	assert_ended(notify(2), "noresource");
}


static void test_challenge_stale(void **state)
{
	unsigned i;
	(void)state;

	for (i=0; i<40; ++i)
		peer_script(alice, "NOTIFY", 401, "WWW-Authenticate: Digest"
			    " realm=\"r\", nonce=\"n\", stale=true\r\n");

	status(100, "Trying");
	await_answer("401 NOTIFY", 1);
	run_for(200);
	assert_true(notifies() < 20);
}


/* The last one is challenged: it still gets through */
static void test_challenge_final(void **state)
{
	(void)state;

	status(100, "Trying");
	await_answer("200 NOTIFY", 0);
	peer_script(alice, "NOTIFY", 401, CHALLENGE);
	status(200, "OK");
	assert_ended(notify(2), "noresource");
	assert_true(body_is(notify(2), "SIP/2.0 200 OK\r\n"));
	assert_true(msg_has(notify(2), "username=\"bob\""));
	assert_int_equal(3, notifies());
	assert_int_equal(2, told.n);
}


/* What comes while a NOTIFY is challenged is told, too */
static void test_challenge_newer(void **state)
{
	(void)state;

	peer_script(alice, "NOTIFY", HOLD, NULL);
	status(100, "Trying");
	(void)notify(0);
	status(180, "Ringing");
	peer_answer_held(alice, 401, CHALLENGE);

	(void)notify(1);
	await_answer("200 NOTIFY", 0);
	clock_forward(2 * NOTIFY_PACE);
	settle();
	assert_true(body_is(notify(notifies() - 1),
			    "SIP/2.0 180 Ringing\r\n"));
	assert_int_equal(2, told.n);
	assert_int_equal(180, told.scodev[1]);
}


static void answered(uint16_t scode, bool ends)
{
	const unsigned before = wire_count(alice, false, "NOTIFY");
	char what[32];

	print_message("NOTIFY answered %u\n", scode);
	start(ID + scode);
	peer_script(alice, "NOTIFY", scode, NULL);
	status(100, "Trying");
	(void)notify(before);
	(void)re_snprintf(what, sizeof(what), "%u NOTIFY", scode);
	await_answer(what, 0);
	assert_int_equal(1, told.n);

	/* the owner learns the end at once, with or without a subscriber */
	status(200, "OK");
	assert_int_equal(2, told.n);
	assert_int_equal(200, told.scodev[1]);
	assert_null(n);
	assert_int_equal(before + (ends ? 1 : 2), notifies());
}


/* RFC 6665 section 4.2.2 */
static void test_answers_that_end(void **state)
{
	static const uint16_t scodev[] = {
		404, 405, 410, 416, 480, 481, 482, 483, 484, 485, 489, 501, 604
	};
	size_t i;
	(void)state;

	n = mem_deref(n);
	for (i=0; i<ARRAY_SIZE(scodev); ++i)
		answered(scodev[i], true);
}


static void test_answers_that_do_not_end(void **state)
{
	static const uint16_t scodev[] = {
		202, 299, 300, 302, 400, 402, 403, 406, 408, 413, 414, 415,
		420, 421, 423, 486, 487, 488, 491, 493, 500, 502, 503, 504,
		505, 513, 600, 603, 606
	};
	size_t i;
	(void)state;

	n = mem_deref(n);
	for (i=0; i<ARRAY_SIZE(scodev); ++i)
		answered(scodev[i], false);
}


static void test_no_answer(void **state)
{
	(void)state;

	peer_script(alice, "NOTIFY", HOLD, NULL);
	status(100, "Trying");
	(void)notify(0);
	clock_forward(33000);
	settle();

	status(200, "OK");
	assert_int_equal(2, told.n);
	assert_int_equal(1, notifies());
}


/* The end is known while the NOTIFY is not answered, and never is */
static void test_no_answer_final(void **state)
{
	(void)state;

	peer_script(alice, "NOTIFY", HOLD, NULL);
	status(100, "Trying");
	(void)notify(0);
	status(200, "OK");
	assert_int_equal(1, told.n);
	clock_forward(33000);
	settle();
	assert_int_equal(2, told.n);
	assert_int_equal(1, notifies());
}


static void test_expiry(void **state)
{
	(void)state;

	status(100, "Trying");
	await_answer("200 NOTIFY", 0);
	clock_forward((EXPIRES - 2) * 1000);
	assert_int_equal(1, notifies());

	clock_forward(3000);
	assert_ended(notify(1), "timeout");
	assert_true(body_is(notify(1), "SIP/2.0 100 Trying\r\n"));
	assert_int_equal(1, told.n);

	/* nobody listens, but the owner still learns the outcome */
	status(180, "Ringing");
	status(200, "OK");
	assert_int_equal(2, notifies());
	assert_int_equal(200, told.scodev[told.n - 1]);
	assert_null(n);
}


static void test_expires_counts_down(void **state)
{
	(void)state;

	status(100, "Trying");
	await_answer("200 NOTIFY", 0);
	clock_forward(100 * 1000);
	status(180, "Ringing");
	assert_active(notify(1), EXPIRES - 100);
}


static void subscribe(const char *event, const char *expires)
{
	call_request(ab, "SUBSCRIBE",
		     "Event: %s\r\n"
		     "%s%s%s"
		     "Content-Length: 0\r\n"
		     "\r\n",
		     event, expires ? "Expires: " : "", expires,
		     expires ? "\r\n" : "");
}


static void test_refresh(void **state)
{
	const struct sip_msg *msg;
	(void)state;

	status(180, "Ringing");
	await_answer("200 NOTIFY", 0);

	subscribe("refer;id=4711", "60");
	msg = wire_await(alice, false, "200 SUBSCRIBE", 0);
	assert_true(msg_hdr_is(msg, "Expires", "60"));
	assert_int_equal(1, sip_msg_hdr_count(msg, SIP_HDR_CONTACT));

	/* with a NOTIFY at once, RFC 6665 section 4.2.1.4 */
	assert_active(notify(1), 60);
	assert_true(wire_find(bob, true, "NOTIFY", 1)->ts -
		    wire_find(bob, true, "NOTIFY", 0)->ts < NOTIFY_PACE);
	assert_true(body_is(notify(1), "SIP/2.0 180 Ringing\r\n"));
	await_answer("200 NOTIFY", 1);

	/* no longer than was granted with the REFER */
	subscribe("refer;id=4711", "100000");
	msg = wire_await(alice, false, "200 SUBSCRIBE", 1);
	assert_true(msg_hdr_is(msg, "Expires", "180"));
	assert_active(notify(2), EXPIRES);
	await_answer("200 NOTIFY", 2);

	subscribe("refer", NULL);
	msg = wire_await(alice, false, "200 SUBSCRIBE", 2);
	assert_true(msg_hdr_is(msg, "Expires", "180"));
	await_answer("200 NOTIFY", 3);

	/* the new life counts */
	subscribe("refer;id=4711", "10");
	await_answer("200 NOTIFY", 4);
	clock_forward(11000);
	assert_ended(notify(5), "timeout");
}


static void test_unsubscribe(void **state)
{
	const struct sip_msg *msg;
	(void)state;

	status(100, "Trying");
	await_answer("200 NOTIFY", 0);

	subscribe("refer;id=4711", "0");
	msg = wire_await(alice, false, "200 SUBSCRIBE", 0);
	assert_true(msg_hdr_is(msg, "Expires", "0"));
	assert_ended(notify(1), "timeout");
	assert_true(body_is(notify(1), "SIP/2.0 100 Trying\r\n"));

	/* over: not ours any more, the call of the referral goes on */
	subscribe("refer;id=4711", "60");
	(void)wire_await(alice, false, "501 SUBSCRIBE", 0);
	status(200, "OK");
	assert_int_equal(2, told.n);
	assert_int_equal(2, notifies());
}


/* While a NOTIFY is under way */
static void test_unsubscribe_busy(void **state)
{
	(void)state;

	peer_script(alice, "NOTIFY", HOLD, NULL);
	status(100, "Trying");
	(void)notify(0);
	subscribe("refer", "0");
	(void)wire_await(alice, false, "200 SUBSCRIBE", 0);
	assert_int_equal(1, notifies());
	peer_answer_held(alice, 200, NULL);
	assert_ended(notify(1), "timeout");
}


static void test_subscribe_others(void **state)
{
	const struct raw old = {.met = "SUBSCRIBE", .cseq = 0};
	(void)state;

	status(100, "Trying");
	await_answer("200 NOTIFY", 0);

	subscribe("refer;id=4712", "60");
	(void)wire_await(alice, false, "501 SUBSCRIBE", 0);
	subscribe("presence", "60");
	(void)wire_await(alice, false, "489 SUBSCRIBE", 0);
	call_request(ab, "SUBSCRIBE", "Expires: 60\r\n\r\n");
	(void)wire_await(alice, false, "489 SUBSCRIBE", 1);
	raw_request(alice, bob, &old, "Event: refer\r\n\r\n");
	(void)wire_await(alice, false, "500 SUBSCRIBE", 0);
	assert_int_equal(1, notifies());
}


static void test_two(void **state)
{
	struct notifier *first = n;
	(void)state;

	status(100, "Trying");
	await_answer("200 NOTIFY", 0);
	start(ID + 1);
	status(180, "Ringing");
	await_answer("200 NOTIFY", 1);
	assert_true(msg_hdr_is(notify(1), "Event", "refer;id=4712"));

	subscribe("refer;id=4712", "0");
	assert_true(msg_hdr_is(notify(2), "Event", "refer;id=4712"));
	assert_ended(notify(2), "timeout");
	await_answer("200 NOTIFY", 2);
	subscribe("refer;id=4711", "60");
	assert_true(msg_hdr_is(notify(3), "Event", "refer;id=4711"));
	assert_active(notify(3), 60);

	mem_deref(first);
	assert_ended(notify(4), "deactivated");
}


static void test_release(void **state)
{
	(void)state;

	status(180, "Ringing");
	await_answer("200 NOTIFY", 0);
	n = mem_deref(n);
	assert_ended(notify(1), "deactivated");
	assert_true(body_is(notify(1), "SIP/2.0 180 Ringing\r\n"));
	assert_true(msg_hdr_is(notify(1), "Event", "refer;id=4711"));
	assert_int_equal(1, told.n);
}


static void test_release_new(void **state)
{
	(void)state;

	n = mem_deref(n);
	assert_int_equal(0, notifies());
	assert_int_equal(0, told.n);
}


/* The owner goes while a NOTIFY is not answered: the rest goes by itself */
static void test_orphan(void **state)
{
	(void)state;

	peer_script(alice, "NOTIFY", HOLD, NULL);
	status(100, "Trying");
	(void)notify(0);
	n = mem_deref(n);
	assert_int_equal(1, notifies());

	/* nobody refreshes it any more */
	subscribe("refer;id=4711", "60");
	(void)wire_await(alice, false, "501 SUBSCRIBE", 0);

	peer_answer_held(alice, 200, NULL);
	assert_ended(notify(1), "deactivated");
	await_answer("200 NOTIFY", 1);
	assert_int_equal(1, told.n);
	assert_int_equal(2, notifies());
}


static void test_orphan_final(void **state)
{
	(void)state;

	peer_script(alice, "NOTIFY", HOLD, NULL);
	peer_script(alice, "NOTIFY", HOLD, NULL);
	status(100, "Trying");
	(void)notify(0);
	status(486, "Busy Here");
	n = mem_deref(n);
	peer_answer_held(alice, 200, NULL);

	/* the outcome, not "deactivated" */
	assert_ended(notify(1), "noresource");
	assert_true(body_is(notify(1), "SIP/2.0 486 Busy Here\r\n"));
	peer_answer_held(alice, 200, NULL);
	settle();
	assert_int_equal(1, told.n);
}


static void test_orphan_challenge(void **state)
{
	(void)state;

	peer_script(alice, "NOTIFY", HOLD, NULL);
	status(100, "Trying");
	(void)notify(0);
	n = mem_deref(n);
	peer_answer_held(alice, 401, CHALLENGE);
	assert_true(msg_has(notify(1), "username=\"bob\""));
	await_answer("200 NOTIFY", 0);
	clock_forward(2 * NOTIFY_PACE);
	assert_ended(notify(notifies() - 1), "deactivated");
}


static void test_orphan_refused(void **state)
{
	(void)state;

	peer_script(alice, "NOTIFY", HOLD, NULL);
	status(100, "Trying");
	(void)notify(0);
	n = mem_deref(n);
	peer_answer_held(alice, 481, NULL);
	await_answer("481 NOTIFY", 0);
	assert_int_equal(1, notifies());
}


/* teardown sees that the stack is let go of */
static void test_orphan_forever(void **state)
{
	(void)state;

	peer_script(alice, "NOTIFY", HOLD, NULL);
	peer_script(alice, "NOTIFY", HOLD, NULL);
	status(100, "Trying");
	(void)notify(0);
	n = mem_deref(n);
	clock_forward(33000);
	settle();
	assert_int_equal(1, told.n);
}


static void test_call_is_over(void **state)
{
	(void)state;

	status(100, "Trying");
	await_answer("200 NOTIFY", 0);
	call_bye(ab);
	(void)wire_await(alice, false, "200 BYE", 0);

	/* the dialog lives as long as the subscription, RFC 5057 */
	status(200, "OK");
	assert_ended(notify(1), "noresource");
	await_answer("200 NOTIFY", 1);
}


#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest testv[] = {
		TEST(test_first),
		TEST(test_pace),
		TEST(test_final),
		TEST(test_final_waits),
		TEST(test_provisional_answer),
		TEST(test_reason_is_no_format),
		TEST(test_final_first),
		TEST(test_challenge),
		TEST(test_challenge_proxy),
		TEST(test_challenge_twice),
		TEST(test_challenge_stale),
		TEST(test_challenge_final),
		TEST(test_challenge_newer),
		TEST(test_answers_that_end),
		TEST(test_answers_that_do_not_end),
		TEST(test_no_answer),
		TEST(test_no_answer_final),
		TEST(test_expiry),
		TEST(test_expires_counts_down),
		TEST(test_refresh),
		TEST(test_unsubscribe),
		TEST(test_unsubscribe_busy),
		TEST(test_subscribe_others),
		TEST(test_two),
		TEST(test_release),
		TEST(test_release_new),
		TEST(test_orphan),
		TEST(test_orphan_final),
		TEST(test_orphan_challenge),
		TEST(test_orphan_refused),
		TEST(test_orphan_forever),
		TEST(test_call_is_over),
	};

	return UNIT_RUN(testv, NULL, NULL);
}
