/**
 * @file unit_context_options.c  Tests of what an application answers
 */
#include "unit.h"
#include "context.h"
#include "referee/referee.h"
#include "referee/server.h"


/* Codes and reason phrases */

typedef int (answer_h)(struct refer_server *srv,
		       const struct refer_opts *opts);

static const struct {
	answer_h *h;
	uint16_t first, last, dflt;
	const char *reason;
} answerv[] = {
	{refer_server_accept,   200, 299, 202, "Accepted"},
	{redirect,              300, 399, 302, "Moved Temporarily"},
	{refer_server_reject,   300, 699, 480, "Temporarily Unavailable"},
	{refer_server_reply,    200, 299,   0, NULL},
	{refer_server_reply,    300, 699,   0, NULL},
};


/* Answer so, not following, and let it end */
static void answered(unsigned i, uint16_t scode, const char *text,
		     const char *reason)
{
	struct refer_opts opts = {
		.scode = scode, .reason = text, .nofollow = true
	};

	print_message("call %u, %u\n", i, scode);
	assert_int_equal(0, answerv[i].h(ask(), &opts));
	assert_answered(scode ? scode : answerv[i].dflt, reason);
	finish();
}


static void test_ranges(void **state)
{
	static const uint16_t badv[] = {
		1, 99, 101, 180, 199, 200, 299, 300, 399, 400, 699, 700, 999,
		65535
	};
	unsigned i, j;
	(void)state;

	for (i=0; i<ARRAY_SIZE(answerv); ++i) {

		(void)ask();
		for (j=0; j<ARRAY_SIZE(badv); ++j) {
			const struct refer_opts opts = {.scode = badv[j]};

			if (answerv[i].h == refer_server_reply &&
			    badv[j] >= 200 && badv[j] <= 699)
				continue;

			if (badv[j] < answerv[i].first ||
			    badv[j] > answerv[i].last)
				NO_EFFECT(EINVAL,
					  answerv[i].h(app.srv, &opts));
		}

		if (!answerv[i].dflt) {
			NO_EFFECT(EINVAL, answerv[i].h(app.srv, NULL));
			NO_EFFECT(EINVAL, reply(app.srv, 0));
		}
		finish();

		answered(i, answerv[i].first, NULL, NULL);
		answered(i, answerv[i].last, NULL, NULL);
	}

	assert_no_state();
}


static void test_defaults(void **state)
{
	static const struct refer_opts none;
	unsigned i;
	(void)state;

	for (i=0; i<3; ++i) {

		answered(i, 0, NULL, answerv[i].reason);
		answered(i, 0, "", answerv[i].reason);
		answered(i, answerv[i].first, "Mine %s%n", "Mine %s%n");

		/* no options at all, and empty ones */
		peer_script(carol, "INVITE", HOLD, NULL);
		assert_int_equal(0, answerv[i].h(ask(), NULL));
		assert_answered(answerv[i].dflt, answerv[i].reason);
		finish();
		peer_script(carol, "INVITE", HOLD, NULL);
		assert_int_equal(0, answerv[i].h(ask(), &none));
		assert_answered(answerv[i].dflt, answerv[i].reason);
		finish();
	}

	assert_no_state();
}


static void test_options(void **state)
{
	static const char *const hdrv[] = {
		"X-One: 1 %s", "Server : me", "x-empty:", NULL
	};
	static const struct refer_opts opts = {
		.reason = "So it is", .hdrv = hdrv, .ctype = "text/plain",
		.body = "a body %s\r\n", .nofollow = true
	};
	unsigned i;
	(void)state;

	for (i=0; i<ARRAY_SIZE(answerv); ++i) {

		struct refer_opts mine = opts, copy;
		const struct sip_msg *msg;

		mine.scode = answerv[i].first + 1;
		copy = mine;
		print_message("call %u\n", i);
		assert_int_equal(0, answerv[i].h(ask(), &mine));
		assert_memory_equal(&copy, &mine, sizeof(copy));
		assert_answered(mine.scode, "So it is");
		msg = response();
		assert_true(msg_hdr_is(msg, "X-One", "1 %s"));
		assert_true(msg_hdr_is(msg, "Server", "me"));
		assert_true(msg_hdr_is(msg, "X-Empty", ""));
		assert_true(msg_hdr_is(msg, "Content-Type", "text/plain"));
		assert_true(msg_hdr_is(msg, "Content-Length", "11"));
		assert_true(body_is(msg, opts.body));
		assert_int_equal(mine.scode < 300,
				 sip_msg_xhdr_count(msg, "Expires"));
		finish();
	}

	/* nothing of it in the INVITE nor in a NOTIFY */
	assert_false(msg_has(notify(0), "X-One"));
	assert_no_state();
}


/* What the INVITE carries, and which options are for the first call only */
static void test_invite_options(void **state)
{
	static const char *const hdrv[] = {"X-One: 1 %s", "Subject: hi", NULL};
	static const char *const badv[][2] = {
		{"Replaces: a"}, {"X: a\r\nY: b"}, {"f: <sip:a@b>"}, {"X"},
	};
	static const struct refer_invite_opts other = {.novideo = true};
	struct refer_invite_opts opts = {.hdrv = hdrv};
	struct refer_inviter *inv, *again;
	unsigned i;
	(void)state;

	(void)ask();
	for (i=0; i<ARRAY_SIZE(badv); ++i) {
		const struct refer_invite_opts bad = {.hdrv = badv[i]};

		NO_EFFECT(EINVAL, refer_server_accept(app.srv,
				&(struct refer_opts){.invite = &bad}));
		NO_EFFECT(EINVAL, referral_make_inviter(&inv,
				refer_server_referral(app.srv), &bad));
	}

	peer_script(carol, "INVITE", 486, NULL);
	assert_int_equal(0, refer_server_accept(app.srv,
				&(struct refer_opts){.invite = &opts}));
	assert_true(msg_hdr_is(wire_await(carol, false, "INVITE", 0), "X-One",
			       "1 %s"));
	assert_true(msg_hdr_is(wire_find(carol, false, "INVITE", 0)->msg,
			       "Subject", "hi"));
	await_end();

	peer_script(carol, "INVITE", 486, NULL);
	assert_int_equal(0, accept_nofollow(ask()));
	assert_int_equal(0, referral_make_inviter(&inv,
				refer_server_referral(app.srv), &opts));
	assert_int_equal(0, referral_make_inviter(&again,
				refer_server_referral(app.srv), &other));
	assert_ptr_equal(inv, again);
	assert_int_equal(0, refer_inviter_invite(inv));
	assert_true(msg_hdr_is(wire_await(carol, false, "INVITE", 1), "X-One",
			       "1 %s"));
	await_end();
	assert_no_state();
}


/* Options that would break the message */
static void test_bad_options(void **state)
{
	static const char *const hdrvv[][3] = {
		{"X: a\r\nY: b"}, {"X: a\nY: b"}, {"X: a\r"}, {"X"}, {""},
		{": x"}, {" X: y"}, {"X y: z"}, {"\tX: y"}, {"\r\n"},
		{"Content-Length: 0"}, {"l: 0"}, {"VIA : x"}, {"Expires: 1"},
		{"Good: x", "X: a\r\n\r\nbody"},
	};
	static const struct refer_opts optsv[] = {
		{.reason = "a\r\nX: y"}, {.reason = "a\r"}, {.reason = "\n"},
		{.ctype = "text/plain\r\nX: y", .body = "b"},
		{.ctype = "text/plain\n", .body = "b"},
		{.body = "no type"}, {.body = "no type", .ctype = ""},
	};
	unsigned i, j;
	(void)state;

	(void)ask();
	for (i=0; i<ARRAY_SIZE(answerv); ++i) {

		struct refer_opts opts;

		for (j=0; j<ARRAY_SIZE(optsv); ++j) {
			print_message("call %u, options %u\n", i, j);
			opts = optsv[j];
			opts.scode = answerv[i].first;
			NO_EFFECT(EINVAL, answerv[i].h(app.srv, &opts));
		}

		for (j=0; j<ARRAY_SIZE(hdrvv); ++j) {
			print_message("call %u, header %u\n", i, j);
			opts = (struct refer_opts){
				.scode = answerv[i].first, .hdrv = hdrvv[j]
			};
			NO_EFFECT(EINVAL, answerv[i].h(app.srv, &opts));
		}
	}
	finish();

	reach_nofollow();
	NO_EFFECT(EINVAL, refer_server_notify(app.srv, 180, "a\r\nb"));
	NO_EFFECT(EINVAL, refer_server_notify(app.srv, 200, "a\n"));
	NO_EFFECT(EINVAL, refer_server_notify(app.srv, 0, NULL));
	NO_EFFECT(EINVAL, refer_server_notify(app.srv, 99, NULL));
	NO_EFFECT(EINVAL, refer_server_notify(app.srv, 700, NULL));
	finish();

	/* state comes before arguments */
	NO_EFFECT(EPROTO, refer_server_notify(app.srv, 99, NULL));
	NO_EFFECT(EPROTO, reply(app.srv, 700));
	NO_EFFECT(EPROTO, refer_server_redirect(app.srv, NULL, NULL));
	assert_no_state();
}


/* 100 has no reason or headers of the application's, yet they are checked */
static void test_bad_options_100(void **state)
{
	static const char *const hdrv[] = {"X: a\r\nY: b", NULL};
	(void)state;

	(void)ask();
	NO_EFFECT(EINVAL, refer_server_reply(app.srv, &(struct refer_opts){
				.scode = 100, .reason = "a\r\nX: y"}));
	NO_EFFECT(EINVAL, refer_server_reply(app.srv, &(struct refer_opts){
				.scode = 100, .hdrv = hdrv}));
	assert_int_equal(0, reply(app.srv, 100));
	finish();
}


static void test_redirect(void **state)
{
	static const char *const none[] = {NULL};
	static const char *const two[] = {
		"sip:d@127.0.0.1;x=y", "sip:e@127.0.0.2", NULL
	};
	static const char *const badv[][3] = {
		{""}, {"d"}, {"sip:d@h>\r\nX-Evil: 1"}, {"sip:d@h", "e f"},
		{"<sip:d@h>"}, {"sip:d@h\r\n"},
	};
	const struct refer_opts opts = {.scode = 301};
	const struct sip_msg *msg;
	unsigned i;
	(void)state;

	(void)ask();
	NO_EFFECT(EINVAL, refer_server_redirect(app.srv, NULL, NULL));
	NO_EFFECT(EINVAL, refer_server_redirect(app.srv, none, NULL));
	for (i=0; i<ARRAY_SIZE(badv); ++i) {
		print_message("contact %u\n", i);
		NO_EFFECT(EINVAL, refer_server_redirect(app.srv, badv[i],
							NULL));
	}

	assert_int_equal(0, refer_server_redirect(app.srv, two, &opts));
	assert_answered(301, "Moved Permanently");
	msg = response();
	assert_int_equal(2, sip_msg_hdr_count(msg, SIP_HDR_CONTACT));
	assert_true(msg_has(msg, "\r\nContact: <sip:d@127.0.0.1;x=y>\r\n"
			    "Contact: <sip:e@127.0.0.2>\r\n"));
	await_end();
	assert_string_equal(" rejected=301 failed=301"
			    " referRequestRejected=301 referEnded=301",
			    app.text);
	assert_int_equal(0, notifies());
	assert_no_state();
}


/* No subscription */

static void nosub(const char *hdr, const char *text)
{
	carol->answer = 180;
	assert_int_equal(0, refer_server_accept(ask_with(hdr), NULL));
	assert_answered(202, NULL);
	assert_true(msg_hdr_is(response(), "Refer-Sub", "false"));
	assert_int_equal(0, sip_msg_xhdr_count(response(), "Expires"));
	assert_int_equal(1, sip_msg_hdr_count(response(), SIP_HDR_CONTACT));
	(void)event_await("referProgress", app.requests - 1);
	call_answer(call_last(carol));
	await_end();
	assert_string_equal(text, app.text);
	assert_int_equal(0, notifies());
	assert_no_state();
}


static void test_no_subscription(void **state)
{
	static const char text[] =
		" accepted=202 referRequestAccepted=202 referInviteSent"
		" referProgress=180 referAccepted=200 referEnded=200";
	(void)state;

	nosub("Refer-Sub: false\r\n", text);
	nosub("Refer-Sub: FALSE;x=y\r\n", text);
	nosub("Require: nosub\r\n", text);
	nosub("Require: replaces, nosub\r\n", text);
}


static void test_no_subscription_late(void **state)
{
	static const char hdr[] = "Refer-Sub: false\r\n";
	(void)state;

	(void)ask_with(hdr);
	clock_forward(DECIDE_MS);
	await_state(REFER_PENDING);
	assert_answered(202, NULL);
	assert_true(msg_hdr_is(response(), "Refer-Sub", "false"));
	assert_int_equal(0, refer_server_reject(app.srv, NULL));
	await_end();
	assert_string_equal(" progress=100 referPending=202 rejected=603"
			    " failed=603 referRequestRejected=603"
			    " referEnded=603", app.text);

	(void)ask_with(hdr);
	clock_forward(DECIDE_MS);
	await_state(REFER_PENDING);
	assert_int_equal(0, refer_server_accept(app.srv, NULL));
	await_end();
	assert_non_null(strstr(app.text, " accepted=202 referRequestAccepted"
			       "=202 referInviteSent referAccepted=200"
			       " referEnded=200"));

	assert_int_equal(0, refer_server_reject(ask_with(hdr), NULL));
	assert_int_equal(0, sip_msg_xhdr_count(response(), "Refer-Sub"));
	await_end();
	assert_int_equal(0, notifies());
	assert_no_state();
}


/* "true", or nothing, is a subscription */
static void test_subscription(void **state)
{
	(void)state;

	assert_int_equal(0, accept_nofollow(ask_with("Refer-Sub: true\r\n")));
	assert_int_equal(0, sip_msg_xhdr_count(response(), "Refer-Sub"));
	assert_true(msg_hdr_is(response(), "Expires", "180"));
	assert_int_equal(1, notifies());
	finish();
}


/* Events in order, the host's too */

static void assert_order(const char *const *namev)
{
	char prm[64];
	unsigned i;

	for (i=0; namev[i]; ++i) {
		(void)re_snprintf(prm, sizeof(prm), "refer,%s,id=1", namev[i]);
		assert_true(event_is(i, prm));
	}

	assert_int_equal(i, events());
}


static void test_order_accepted(void **state)
{
	static const char *const namev[] = {
		"referRequested", "accepted", "referRequestAccepted",
		"referInviteSent", "referProgress", "referAccepted",
		"referEnded", NULL
	};
	(void)state;

	carol->answer = 180;
	assert_int_equal(0, refer_server_accept(ask(), NULL));
	(void)wire_await(bob, false, "180 INVITE", 0);
	settle();
	clock_forward(NOTIFY_PACE);
	(void)event_await("referProgress", 0);
	call_answer(call_last(carol));
	await_end();
	assert_order(namev);
	assert_no_state();
}


static void target_answers(uint16_t scode)
{
	static const char *const namev[] = {
		"referRequested", "accepted", "referRequestAccepted",
		"referInviteSent", "referRejected", "referEnded", NULL
	};
	char text[128], frag[64];

	carol->answer = scode;
	assert_int_equal(0, refer_server_accept(ask(), NULL));
	await_end();
	assert_order(namev);
	(void)re_snprintf(text, sizeof(text), " accepted=202"
			  " referRequestAccepted=202 referInviteSent"
			  " referRejected=%u referEnded=%u", scode, scode);
	assert_string_equal(text, app.text);
	(void)re_snprintf(frag, sizeof(frag), "SIP/2.0 %u Refused\r\n", scode);
	assert_notify(notify(1), "terminated;reason=noresource", frag);
	assert_int_equal(2, notifies());
	assert_int_equal(1, wire_count(bob, true, "INVITE"));
	assert_no_state();
}


static void test_order_486(void **state)
{
	(void)state;
	target_answers(486);
}


static void test_order_429(void **state)
{
	(void)state;
	target_answers(429);
}


static void test_order_302(void **state)
{
	(void)state;
	target_answers(302);
}


static void test_order_rejected(void **state)
{
	static const char *const namev[] = {
		"referRequested", "rejected", "failed",
		"referRequestRejected", "referEnded", NULL
	};
	(void)state;

	assert_int_equal(0, refer_server_reject(ask(), NULL));
	await_end();
	assert_order(namev);
	assert_int_equal(0, notifies());
	assert_no_state();
}


int main(void)
{
	const struct CMUnitTest testv[] = {
		TEST(test_ranges),
		TEST(test_defaults),
		TEST(test_options),
		TEST(test_invite_options),
		TEST(test_invite_options),
		TEST(test_bad_options),
		TEST(test_bad_options_100),
		TEST(test_redirect),
		TEST(test_no_subscription),
		TEST(test_no_subscription_late),
		TEST(test_subscription),
		TEST(test_order_accepted),
		TEST(test_order_486),
		TEST(test_order_429),
		TEST(test_order_302),
		TEST(test_order_rejected),
	};

	return UNIT_RUN(testv, NULL, NULL);
}
