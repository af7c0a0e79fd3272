/**
 * @file unit_sender.c  Tests of a request of ours, until its response
 *
 * On the dialog of a real call: alice has called bob, a peer, who answers.
 */
#include "unit.h"
#include "fake_host.h"
#include "core/sender.h"

#define CHALLENGE "WWW-Authenticate: Digest realm=\"r\", nonce=\"n1\"\r\n"

static struct ua *alice, *bob;
static struct sip_dialog *dlg;
static struct sender *s;

static struct {
	unsigned n;            /* Responses and errors */
	uint16_t scode;        /* The last one         */
	int err;
	unsigned again;
	int refuse;            /* To send again        */
	bool let_go;           /* In the handler       */
} got;


static int send_it(void *arg)
{
	return sender_request(s, "REFER", "X-Arg: %s\r\n"
			      "Content-Length: 0\r\n\r\n", arg);
}


static int again_handler(void *arg)
{
	++got.again;

	return got.refuse ? got.refuse : send_it(arg);
}


static void response_handler(int err, const struct sip_msg *msg, void *arg)
{
	assert_string_equal("%s", arg);
	assert_true(!err == !!msg);

	++got.n;
	got.err   = err;
	got.scode = msg ? msg->scode : 0;

	if (got.let_go && (err || got.scode >= 200))
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

	return sender_alloc(&s, alice->refer->senders, alice, dlg,
			    again_handler, response_handler, "%s");
}


static int teardown(void **state)
{
	s = mem_deref(s);

	return fake_close(state);
}


static const struct sip_msg *sent(unsigned i)
{
	return wire_await(bob, false, "REFER", i);
}


static void held(void)
{
	peer_script(bob, "REFER", HOLD, NULL);
	assert_int_equal(0, send_it("%s"));
	(void)sent(0);
}


static void await(const char *what, unsigned i)
{
	(void)wire_await(alice, false, what, i);
	settle();
}


static void assert_got(unsigned n, uint16_t scode, int err)
{
	assert_int_equal(n, got.n);
	assert_int_equal(scode, got.scode);
	assert_int_equal(err, got.err);
}


/* Each provisional response, and then the final one, once */
static void test_responses(void **state)
{
	(void)state;

	held();
	assert_true(sender_busy(s));
	assert_ptr_equal(dlg, sender_dialog(s));
	assert_int_equal(sent(0)->cseq.num, sender_cseq(s));
	assert_true(msg_hdr_is(sent(0), "X-Arg", "%s"));
	assert_int_equal(1, sip_msg_hdr_count(sent(0), SIP_HDR_CONTACT));

	peer_answer_held(bob, 100, NULL);
	await("100 REFER", 0);
	assert_got(1, 100, 0);
	assert_true(sender_busy(s));

	peer_answer_held(bob, 202, NULL);
	await("202 REFER", 0);
	assert_got(2, 202, 0);
	assert_false(sender_busy(s));

	clock_forward(40000);
	assert_int_equal(2, got.n);
}


static void test_timeout(void **state)
{
	(void)state;

	held();
	clock_forward(31500);
	settle();
	assert_int_equal(0, got.n);

	clock_forward(600);
	settle();
	assert_got(1, 0, ETIMEDOUT);
	assert_false(sender_busy(s));

	/* it is too late */
	peer_answer_held(bob, 202, NULL);
	await("202 REFER", 0);
	assert_int_equal(1, got.n);
}


static void test_stop(void **state)
{
	(void)state;

	held();
	sender_stop(s);
	assert_false(sender_busy(s));
	peer_answer_held(bob, 202, NULL);
	await("202 REFER", 0);
	clock_forward(40000);
	settle();
	assert_int_equal(0, got.n);

	/* and another one */
	assert_int_equal(0, send_it("%s"));
	await("200 REFER", 0);
	assert_got(1, 200, 0);
}


static void test_let_go(void **state)
{
	(void)state;

	held();
	s = mem_deref(s);
	peer_answer_held(bob, 202, NULL);
	await("202 REFER", 0);
	clock_forward(40000);
	settle();
	assert_int_equal(0, got.n);
}


static void test_let_go_in_handler(void **state)
{
	(void)state;

	got.let_go = true;
	assert_int_equal(0, send_it("%s"));
	await("200 REFER", 0);
	assert_got(1, 200, 0);
	assert_null(s);
}


static void test_let_go_at_timeout(void **state)
{
	(void)state;

	got.let_go = true;
	held();
	clock_forward(33000);
	settle();
	assert_got(1, 0, ETIMEDOUT);
	assert_null(s);
}


/* The owner sends again, and is not told of the challenge */
static void test_challenge(void **state)
{
	(void)state;

	peer_script(bob, "REFER", 401, CHALLENGE);
	assert_int_equal(0, send_it("%s"));
	await("200 REFER", 0);
	assert_got(1, 200, 0);
	assert_int_equal(1, got.again);
	assert_int_equal(sent(0)->cseq.num + 1, sent(1)->cseq.num);
	assert_int_equal(sent(1)->cseq.num, sender_cseq(s));
	assert_true(msg_has(sent(1), "username=\"alice\""));
}


/* A new nonce without stale=true, for credentials that have worked */
static void test_challenge_new_nonce(void **state)
{
	(void)state;

	peer_script(bob, "REFER", 401, CHALLENGE);
	assert_int_equal(0, send_it("%s"));
	await("200 REFER", 0);
	peer_script(bob, "REFER", 401, "WWW-Authenticate: Digest realm=\"r\","
		    " nonce=\"n2\"\r\n");
	assert_int_equal(0, send_it("%s"));
	await("200 REFER", 1);
	assert_got(2, 200, 0);
	assert_true(msg_has(sent(3), "nonce=\"n2\""));
}


static void test_challenge_refused(void **state)
{
	(void)state;

	got.refuse = EPERM;
	peer_script(bob, "REFER", 401, CHALLENGE);
	assert_int_equal(0, send_it("%s"));
	await("401 REFER", 0);
	assert_got(1, 401, 0);
	assert_int_equal(1, got.again);
	assert_false(sender_busy(s));
}


/* Without credentials, or with wrong ones, it is told */
static void test_challenge_in_vain(void **state)
{
	(void)state;

	peer_script(bob, "REFER", 407, CHALLENGE);
	assert_int_equal(0, send_it("%s"));
	await("407 REFER", 0);
	assert_got(1, 407, 0);
	assert_int_equal(0, got.again);

	peer_script(bob, "REFER", 401, CHALLENGE);
	peer_script(bob, "REFER", 401, CHALLENGE);
	assert_int_equal(0, send_it("%s"));
	await("401 REFER", 1);
	assert_got(2, 401, 0);
	assert_int_equal(1, got.again);
}


/* With the branch of the request, but not all of the rest */
static void forge(uint16_t scode, const char *tag, const char *callid,
		  int32_t cseq)
{
	const struct sip_msg *msg = sent(0);

	ua_send(bob, alice,
		"SIP/2.0 %u Forged\r\n"
		"Via: %r\r\n"
		"From: <%s>;tag=%r%s\r\n"
		"To: %r\r\n"
		"Call-ID: %r%s\r\n"
		"CSeq: %u REFER\r\n"
		"Content-Length: 0\r\n"
		"\r\n",
		scode, &sip_msg_hdr(msg, SIP_HDR_VIA)->val, alice->aor,
		&msg->from.tag, tag, &msg->to.val, &msg->callid, callid,
		msg->cseq.num + cseq);
}


static void not_ours(const char *tag, const char *callid, int32_t cseq)
{
	held();
	forge(180, tag, callid, cseq);
	await("180 REFER", 0);
	assert_int_equal(0, got.n);
	assert_true(sender_busy(s));

	forge(202, tag, callid, cseq);
	await("202 REFER", 0);
	assert_got(1, 0, EBADMSG);
	assert_false(sender_busy(s));
}


static void test_other_tag(void **state)
{
	(void)state;
	not_ours("x", "", 0);
}


static void test_other_callid(void **state)
{
	(void)state;
	not_ours("", "x", 0);
}


static void test_other_cseq(void **state)
{
	(void)state;
	not_ours("", "", -1);
}


/* The same, with nothing wrong */
static void test_ours(void **state)
{
	(void)state;

	held();
	forge(180, "", "", 0);
	await("180 REFER", 0);
	assert_got(1, 180, 0);
	forge(202, "", "", 0);
	await("202 REFER", 0);
	assert_got(2, 202, 0);
}


/* RFC 6665 sections 4.1.2.2 and 4.2.2 */
static void test_fatal(void **state)
{
	static const uint16_t codev[] = {
		404, 405, 410, 416, 480, 481, 482, 483, 484, 485, 489, 501, 604
	};
	uint16_t scode;
	size_t n = 0;
	(void)state;

	for (scode=100; scode<700; ++scode) {
		const bool listed = n < ARRAY_SIZE(codev) && codev[n] == scode;

		assert_int_equal(listed, sender_is_fatal(scode));
		n += listed;
	}

	assert_int_equal(ARRAY_SIZE(codev), n);
}


#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest testv[] = {
		TEST(test_responses),
		TEST(test_timeout),
		TEST(test_stop),
		TEST(test_let_go),
		TEST(test_let_go_in_handler),
		TEST(test_let_go_at_timeout),
		TEST(test_challenge),
		TEST(test_challenge_new_nonce),
		TEST(test_challenge_refused),
		TEST(test_challenge_in_vain),
		TEST(test_other_tag),
		TEST(test_other_callid),
		TEST(test_other_cseq),
		TEST(test_ours),
		TEST(test_fatal),
	};

	return UNIT_RUN(testv, NULL, NULL);
}
