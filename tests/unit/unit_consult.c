/**
 * @file unit_consult.c  Tests of asking the target, with an application that
 * acts in the events of it
 *
 * Alice has called bob, and asks carol; both are peers.
 */
#include "unit.h"
#include "fake_host.h"
#include "referrer/referrer.h"


static struct ua *alice, *carol;
static struct call *ab;

static struct {
	const char *at;        /* Event to act in, once */
	bool again;            /* Begin another one     */
	int err;
} app;


static const struct refer_client_opts plain;


static void act(const char *prm)
{
	if (!app.at || !strstr(prm, app.at))
		return;

	app.at  = NULL;
	app.err = consult_abort(alice->refer->consults, "given up");
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
	carol = peer("carol");
	ab    = call_setup(alice, peer("bob"));

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


static void test_abort_at_end(void **state)
{
	(void)state;

	app.at = "referEnded";
	ask(486);
	assert_int_equal(ENOENT, app.err);
	assert_over(1);
}


#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest testv[] = {
		TEST(test_busy),
		TEST(test_abort_at_failed),
		TEST(test_again_at_failed),
		TEST(test_abort_at_end),
	};

	return UNIT_RUN(testv, NULL, NULL);
}
