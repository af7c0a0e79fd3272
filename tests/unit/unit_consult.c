/**
 * @file unit_consult.c  Tests of asking the target, with an application that
 * acts in the events of it
 *
 * Alice has called bob, and asks carol; both are peers.
 */
#include "unit.h"
#include "fake_host.h"
#include "referrer/referrer.h"


static struct ua *alice, *bob, *carol;
static struct call *ab;

static struct {
	const char *at;        /* Event to act in, once */
	bool again;            /* Begin another one     */
	uint16_t answer;       /* Of carol to that      */
	int err;
} app;


static const struct refer_client_opts plain;


static void act(const char *prm)
{
	if (!app.at || !strstr(prm, app.at))
		return;

	app.at  = NULL;
	app.err = consult_abort(alice->refer->consults, "given up");
	if (app.answer)
		carol->answer = app.answer;
	if (app.again)
		assert_int_equal(0, consult_start(alice->refer->consults, ab,
						  carol->aor, &plain));
}


static int setup(void **state)
{
	int err = fake_init(state);

	if (err)
		return err;

	memset(&app, 0, sizeof(app));
	event_act = act;
	alice = softphone("alice");
	bob   = peer("bob");
	carol = peer("carol");
	ab    = call_setup(alice, bob);

	return 0;
}


static int teardown(void **state)
{
	event_act = NULL;

	return fake_close(state);
}


static void ask(uint16_t answer)
{
	carol->answer = answer;
	assert_int_equal(0, consult_start(alice->refer->consults, ab,
					  carol->aor, &plain));
	(void)wire_await(carol, false, "INVITE", 0);
	settle();
}


static void assert_over(unsigned n)
{
	settle();
	assert_int_equal(n, event_count("referEnded"));
	assert_int_equal(0, consult_id(alice->refer->consults));
	assert_false(ab->held);
}


static void test_busy(void **state)
{
	(void)state;

	ask(486);
	assert_over(1);
	assert_int_equal(1, event_count("failed"));
}


/* It is over already when the application gives it up */
static void test_abort_at_failed(void **state)
{
	(void)state;

	app.at = "refer,failed";
	ask(486);
	assert_int_equal(0, app.err);
	assert_over(1);
}


/* Another one begins before the first has told its end */
static void test_again_at_failed(void **state)
{
	(void)state;

	app.at    = "refer,failed";
	app.again = true;
	ask(486);
	(void)event_await("referEnded", 1);
	assert_over(2);
}


/* The next one, whom that calls, is talked to while the call is on hold */
static void test_held_at_end(void **state)
{
	(void)state;

	app.at     = "referEnded";
	app.again  = true;
	app.answer = 200;
	ask(486);
	call_await_established(alice, 2);
	settle();
	assert_int_not_equal(0, consult_id(alice->refer->consults));
	assert_true(ab->held);
}


static void refer(const char *prm)
{
	struct refer_client *c;

	if (!app.at || !strstr(prm, app.at))
		return;

	app.at = NULL;
	assert_int_equal(0, client_alloc(&c, alice->refer->clients, ab,
					 carol->aor));
	assert_int_equal(0, refer_client_refer(c, NULL));
	mem_deref(c);
}


/* A blind transfer begins instead */
static void test_held_blind_at_end(void **state)
{
	(void)state;

	event_act = refer;
	app.at    = "referEnded";
	ask(486);
	(void)wire_await(bob, false, "REFER", 0);
	settle();
	assert_true(ab->held);
}


static void test_abort_at_end(void **state)
{
	(void)state;

	app.at = "referEnded";
	ask(486);
	assert_int_equal(ENOENT, app.err);
	assert_over(1);
}


/* Bob calls in the place of his call, which is on hold for a consultation;
   returns alice's new call. Time stands still while she is about to end the
   old one */
static struct call *replace(void)
{
	struct host_invite inv = {.uri = alice->aor};
	const struct sip_msg *ok;
	struct call *call;
	char hdrs[256];

	ask(200);
	call_await_established(alice, 2);
	clock_stop(true);
	ok = wire_find(alice, false, "200 INVITE", 0)->msg;
	(void)re_snprintf(hdrs, sizeof(hdrs), "Replaces: %r;to-tag=%r;"
			  "from-tag=%r\r\n", &ok->callid, &ok->from.tag,
			  &ok->to.tag);
	inv.hdrs = hdrs;
	assert_int_equal(0, host_call_place(&call, bob, &inv));
	run_idle();

	return call_last(alice);
}


/* The new call is on hold for the consultation, as the old one was */
static void test_abort_at_replaced(void **state)
{
	struct call *call = replace();
	(void)state;

	assert_true(call->held);
	assert_int_equal(0, consult_abort(alice->refer->consults, "given up"));
	assert_false(call->held);

	clock_stop(false);
	clock_forward(1000);
	(void)event_await("replaced", 0);
	assert_false(call->held);
}


/* It is not over with the old call */
static void test_bye_at_replaced(void **state)
{
	struct call *call = replace();
	(void)state;

	call_bye(call_first(bob));
	run_idle();
	clock_stop(false);
	(void)event_await("replaced", 0);
	assert_true(call->held);
	assert_true(consult_transfers(alice->refer->consults, call));

	assert_int_equal(0, consult_abort(alice->refer->consults, "given up"));
	assert_false(call->held);
}


#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest testv[] = {
		TEST(test_busy),
		TEST(test_abort_at_failed),
		TEST(test_again_at_failed),
		TEST(test_held_at_end),
		TEST(test_held_blind_at_end),
		TEST(test_abort_at_end),
		TEST(test_abort_at_replaced),
		TEST(test_bye_at_replaced),
	};

	return UNIT_RUN(testv, NULL, NULL);
}
