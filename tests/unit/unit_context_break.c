/**
 * @file unit_context_break.c  What must not break a context: responses that
 * cannot be sent, and applications that act in the middle of something
 */
#include "unit.h"
#include "context.h"
#include "admission/state.h"
#include "referee/referee.h"
#include "referee/server.h"

static struct refer_server *other;


static void dispose_other(struct refer_server *srv)
{
	(void)srv;
	refer_server_dispose(other);
}


/* The end of one context is the end of the next */
static void test_sweep(void **state)
{
	struct list *ual = bob->le.list;
	(void)state;

	app.loose = true;
	(void)ask();
	other   = ask();
	app.at  = "referEnded";
	app.act = dispose_other;
	settle();

	list_unlink(&bob->le);
	clock_forward(1500);
	settle();
	list_append(ual, &bob->le, bob);

	assert_int_equal(2, event_count("referEnded"));
	assert_int_equal(0, count(bob->refer->servers->ht_id));
}


static void hang_up(struct refer_server *srv)
{
	(void)srv;
	host_call_hangup(call_last(bob), "application");
}


/* The application hangs up the call that has rung for too long */
static void test_ring_timeout(void **state)
{
	(void)state;

	app.loose = true;
	carol->answer = 180;
	assert_int_equal(0, refer_server_accept(ask(), NULL));
	(void)wire_await(bob, false, "180 INVITE", 0);
	settle();
	clock_forward(1100);
	settle();

	app.at  = "referRejected";
	app.act = hang_up;
	clock_forward(120001);
	await_end();
	assert_non_null(strstr(app.text, "referRejected=408"));
	assert_int_equal(1, wire_count(bob, true, "CANCEL"));
}


/* Neither the 202 nor the refusal can be sent when the time is over */
static void test_no_response(void **state)
{
	(void)state;

	app.loose = true;
	(void)ask();
	sent.fail = 3;
	clock_forward(DECIDE_MS);
	await_end();
	assert_int_equal(0, bob->refer->admission->waiting);
	assert_no_state();
}


/* A 100 could not be sent, and libre has forgotten the transaction */
static void test_copy(void **state)
{
	(void)state;

	app.loose = true;
	(void)ask();
	sent.fail = 1;
	clock_forward(TRYING_MS);
	run_for(700);
	clock_forward(4000);
	run_for(200);
	assert_int_equal(REFER_WAITING, refer_server_state(app.srv));
	assert_int_equal(0, wire_count(alice, false, "482 REFER"));

	peer_script(carol, "INVITE", 486, NULL);
	assert_int_equal(0, refer_server_accept(app.srv, NULL));
	(void)wire_await(alice, false, "202 REFER", 0);
	await_end();
}


static void test_accept_fails(void **state)
{
	(void)state;

	app.loose = true;
	(void)ask();
	clock_forward(TRYING_MS);
	settle();

	sent.fail = 1;
	assert_int_not_equal(0, refer_server_accept(app.srv, NULL));
	assert_int_equal(REFER_WAITING, refer_server_state(app.srv));
	assert_int_equal(0, count(bob->refer->notifiers->ht));

	assert_int_equal(0, refer_server_reject(app.srv, NULL));
	await_end();
	clock_forward(200000);
	settle();
	assert_int_equal(0, notifies());
	assert_no_state();
}


/* It is held by the application, the module is gone */
static void test_held_make(void **state)
{
	struct refer_inviter *inv = NULL;
	(void)state;

	(void)ask();
	refer_stop(bob);
	assert_int_equal(EPROTO, make(app.srv, &inv));
	assert_null(inv);
}


int main(void)
{
	const struct CMUnitTest testv[] = {
		TEST(test_sweep),
		TEST(test_ring_timeout),
		TEST(test_no_response),
		TEST(test_copy),
		TEST(test_accept_fails),
		TEST(test_held_make),
	};

	return UNIT_RUN(testv, NULL, NULL);
}
