/**
 * @file unit_context_referral.c  An application decides by the referral: the
 * calls of the seed's Referral
 */
#include "unit.h"
#include "context.h"


static struct referral *ask_referral(void)
{
	struct referral *rf = refer_server_referral(ask());

	assert_non_null(rf);

	return rf;
}


static void pend(void)
{
	clock_forward(DECIDE_MS);
	await_state(REFER_PENDING);
	assert_notify(notify(0), "pending;", "SIP/2.0 100 Trying\r\n");
}


static int accept_with(struct referral *rf, uint16_t scode)
{
	return referral_accept(rf, &(struct refer_opts){.scode = scode});
}


static int reject_with(struct referral *rf, uint16_t scode)
{
	return referral_reject(rf, &(struct refer_opts){.scode = scode});
}


/* The module executes it, to its end */
static void test_accept(void **state)
{
	(void)state;

	assert_int_equal(0, referral_accept(ask_referral(), NULL));
	assert_int_equal(REFER_ACCEPTED, refer_server_state(app.srv));
	assert_answered(202, "Accepted");
	assert_notify(notify(0), "active;expires=180",
		      "SIP/2.0 100 Trying\r\n");
	await_end();

	assert_int_equal(REFER_TERMINATED, refer_server_state(app.srv));
	assert_int_equal(1, wire_count(carol, false, "INVITE"));
	assert_int_equal(2, notifies());
	assert_notify(notify(1), "terminated;reason=noresource",
		      "SIP/2.0 200 OK\r\n");
	assert_string_equal(" accepted=202 referRequestAccepted=202"
			    " referInviteSent referAccepted=200"
			    " referEnded=200", app.text);
	assert_no_state();
}


static void test_accept_options(void **state)
{
	const struct refer_opts opts = {
		.scode = 200, .reason = "Will do", .nofollow = true,
	};
	(void)state;

	assert_int_equal(0, referral_accept(ask_referral(), &opts));
	assert_answered(200, "Will do");
	assert_int_equal(1, notifies());
	assert_int_equal(0, wire_count(bob, true, "INVITE"));
	finish();
	assert_no_state();
}


static void test_reject(void **state)
{
	(void)state;

	assert_int_equal(0, referral_reject(ask_referral(), NULL));
	assert_int_equal(REFER_REJECTED, refer_server_state(app.srv));
	assert_answered(480, "Temporarily Unavailable");
	await_end();

	assert_int_equal(0, notifies());
	assert_int_equal(0, wire_count(bob, true, "INVITE"));
	assert_string_equal(" rejected=480 failed=480"
			    " referRequestRejected=480 referEnded=480",
			    app.text);
	assert_no_state();
}


static void test_reject_options(void **state)
{
	const struct refer_opts opts = {.scode = 603, .reason = "Not now"};
	(void)state;

	assert_int_equal(0, referral_reject(ask_referral(), &opts));
	assert_answered(603, "Not now");
	await_end();
	assert_int_equal(1, event_count("referRequestRejected"));
	assert_no_state();
}


/* After the 202 of a REFER that nobody has decided on */
static void test_pending(void **state)
{
	struct referral *rf = ask_referral();
	(void)state;

	pend();
	assert_int_equal(0, referral_accept(rf, NULL));
	await_end();
	assert_non_null(strstr(app.text, " referAccepted=200"
			       " referEnded=200"));

	rf = ask_referral();
	clock_forward(DECIDE_MS);
	await_state(REFER_PENDING);
	assert_int_equal(0, referral_reject(rf, NULL));
	await_end();
	assert_non_null(strstr(app.text, " rejected=603 failed=603"
			       " referRequestRejected=603 referEnded=603"));
	assert_no_state();
}


static void test_invalid(void **state)
{
	const struct refer_opts crlf = {.scode = 480, .reason = "a\r\nX: y"};
	struct referral *rf = ask_referral();
	(void)state;

	NO_EFFECT(EINVAL, referral_accept(NULL, NULL));
	NO_EFFECT(EINVAL, referral_reject(NULL, NULL));
	NO_EFFECT(EINVAL, accept_with(rf, 100));
	NO_EFFECT(EINVAL, accept_with(rf, 300));
	NO_EFFECT(EINVAL, reject_with(rf, 299));
	NO_EFFECT(EINVAL, reject_with(rf, 700));
	NO_EFFECT(EINVAL, referral_reject(rf, &crlf));

	/* and it can still be decided */
	assert_int_equal(0, referral_reject(rf, NULL));
	await_end();
	assert_no_state();
}


static void assert_decided(struct referral *rf)
{
	NO_EFFECT(EPROTO, referral_accept(rf, NULL));
	NO_EFFECT(EPROTO, referral_reject(rf, NULL));
}


static void test_decided(void **state)
{
	struct referral *rf = ask_referral();
	(void)state;

	assert_int_equal(0, referral_accept(rf, &(struct refer_opts){
				.nofollow = true}));
	await_state(REFER_ACCEPTED);
	assert_decided(rf);
	finish();
	assert_int_equal(REFER_TERMINATED, refer_server_state(app.srv));
	assert_decided(rf);

	rf = ask_referral();
	assert_int_equal(0, referral_reject(rf, NULL));
	await_end();
	assert_int_equal(REFER_REJECTED, refer_server_state(app.srv));
	assert_decided(rf);
	assert_no_state();
}


int main(void)
{
	const struct CMUnitTest testv[] = {
		TEST(test_accept),
		TEST(test_accept_options),
		TEST(test_reject),
		TEST(test_reject_options),
		TEST(test_pending),
		TEST(test_invalid),
		TEST(test_decided),
	};

	return UNIT_RUN(testv, NULL, NULL);
}
