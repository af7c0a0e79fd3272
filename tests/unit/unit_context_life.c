/**
 * @file unit_context_life.c  Tests of how long a REFER and what it needs live
 */
#include "unit.h"
#include "context.h"
#include "referee/referee.h"
#include "referee/server.h"


static void test_delegate_replaced(void **state)
{
	static const struct refer_delegate deaf;
	(void)state;

	refer_server_set_delegate(ask(), NULL, NULL);
	clock_forward(TRYING_MS);
	(void)wire_await(alice, false, "100 REFER", 0);
	assert_string_equal("", app.text);
	refer_server_set_delegate(app.srv, &deaf, NULL);
	sent.fail = 1;
	assert_int_equal(ENETUNREACH, accept_nofollow(app.srv));
	assert_int_equal(0, app.errors);
	refer_server_set_delegate(app.srv, &delegate, &app);
	assert_int_equal(0, accept_nofollow(app.srv));
	finish();
	assert_string_equal(" accepted=202 referRequestAccepted=202"
			    " referAccepted=200 referEnded=200", app.text);
}


/* A response that cannot be sent: the application is told, and tries again */
static void test_send_error(void **state)
{
	(void)state;

	(void)ask();
	sent.fail = 1;
	NO_EFFECT(ENETUNREACH, refer_server_accept(app.srv, NULL));
	assert_int_equal(1, app.errors);
	sent.fail = 1;
	NO_EFFECT(ENETUNREACH, refer_server_reject(app.srv, NULL));
	assert_int_equal(2, app.errors);
	sent.fail = 1;
	NO_EFFECT(ENETUNREACH, redirect(app.srv, NULL));
	assert_int_equal(3, app.errors);

	assert_int_equal(0, accept_nofollow(app.srv));
	finish();
	assert_no_state();
	assert_int_equal(3, app.errors);
}


/* Two that wait are independent */
static void test_two(void **state)
{
	struct refer_server *one = mem_ref(ask()), *two = ask();
	(void)state;

	assert_ptr_not_equal(one, two);
	assert_int_equal(2, refer_server_id(two));
	assert_int_equal(0, refer_server_reject(one, NULL));
	assert_int_equal(REFER_REJECTED, refer_server_state(one));
	assert_int_equal(REFER_WAITING, refer_server_state(two));
	mem_deref(one);
	assert_int_equal(0, accept_nofollow(two));
	finish();
	assert_no_state();
}


/* The referrer hangs up while it waits: it can be accepted even so */
static void test_bye_waiting(void **state)
{
	(void)state;

	(void)ask();
	call_bye(ab);
	(void)wire_await(alice, false, "200 BYE", 0);
	settle();
	assert_int_equal(REFER_WAITING, refer_server_state(app.srv));
	assert_null(refer_server_call(app.srv));
	assert_int_equal(0, refer_server_accept(app.srv, NULL));
	(void)wire_await(carol, false, "INVITE", 0);
	await_end();
	assert_non_null(strstr(app.text, " referAccepted=200"));
	assert_no_state();
}


/* Unloading the module: a REFER that waits is answered */
static void test_unload_waiting(void **state)
{
	(void)state;

	app.loose = true;
	(void)ask();
	refer_stop(bob);
	(void)wire_await(alice, false, "480 REFER", 0);
	assert_string_equal(" referEnded", app.text);
	clock_forward(ASK_MS);
	settle();
	assert_int_equal(1, sent.n);
}


static void test_unload_pending(void **state)
{
	(void)state;

	app.loose = true;
	reach_pending();
	refer_stop(bob);
	assert_notify(notify(1), "terminated;reason=deactivated",
		      "SIP/2.0 100 Trying\r\n");
	assert_int_equal(1, event_count("referEnded"));
	clock_forward(ASK_MS);
	assert_int_equal(2, notifies());
}


/* The user agent vanished without a word while it waited */
static void without_ua(int (*h)(struct refer_server *srv))
{
	struct list *ual = bob->le.list;
	int err;

	settle();
	list_unlink(&bob->le);
	if (h) {
		err = h(app.srv);
	}
	else {
		clock_forward(DECIDE_MS);
		settle();
		err = ENOENT;
	}
	list_append(ual, &bob->le, bob);

	assert_int_equal(ENOENT, err);
	settle();
	assert_int_equal(0, wire_count(alice, false, "202 REFER"));
	assert_int_equal(0, notifies());
}


static void test_no_ua_accept(void **state)
{
	(void)state;

	(void)ask();
	without_ua(accept_nofollow);
}


static void test_no_ua_timer(void **state)
{
	(void)state;

	(void)ask();
	without_ua(NULL);
	(void)wire_await(alice, false, "480 REFER", 0);
	await_end();
}


/* An application may hold a context for longer than the module lives */

static void test_held_deactivated(void **state)
{
	(void)state;

	reach_pending();
	refer_stop(bob);
	assert_notify(notify(1), "terminated;reason=deactivated",
		      "SIP/2.0 100 Trying\r\n");
	assert_int_equal(1, event_count("referEnded"));
}


static void test_held_waiting(void **state)
{
	(void)state;

	(void)ask();
	refer_stop(bob);
	(void)wire_await(alice, false, "480 REFER", 0);
	assert_int_equal(EPROTO, refer_server_accept(app.srv, NULL));
	assert_int_equal(EPROTO, refer_server_reject(app.srv, NULL));
	clock_forward(ASK_MS);
	settle();
	app_drop();
}


static void test_held_following(void **state)
{
	(void)state;

	carol->answer = 180;
	assert_int_equal(0, refer_server_accept(ask(), NULL));
	(void)wire_await(bob, false, "180 INVITE", 0);
	settle();
	refer_stop(bob);
	settle();

	/* its call goes on, and nobody hangs it up */
	clock_forward(130000);
	settle();
	assert_int_equal(2, list_count(&bob->calll));
	assert_int_equal(EPROTO, cancel(app.srv));
	app_drop();
}


/* Giving it up */

static void test_dispose(void **state)
{
	(void)state;

	refer_server_dispose(NULL);

	reach_waiting();
	refer_server_dispose(app.srv);
	assert_answered(480, "Temporarily Unavailable");
	await_end();
	assert_string_equal(" referEnded", app.text);
	assert_int_equal(REFER_TERMINATED, refer_server_state(app.srv));
	assert_int_equal(0, notifies());

	/* once only */
	refer_server_dispose(app.srv);
	await_end();

	reach_rejected();
	refer_server_dispose(app.srv);
	await_end();
	reach_terminated();
	refer_server_dispose(app.srv);
	await_end();
	assert_no_state();
}


/* Nobody holds it: the subscription ends at once, a call goes on */
static void test_dispose_loose(void **state)
{
	(void)state;

	app.loose = true;
	reach_pending();
	refer_server_dispose(app.srv);
	assert_notify(notify(1), "terminated;reason=rejected",
		      "SIP/2.0 480 Temporarily Unavailable\r\n");
	await_end();

	carol->answer = 180;
	assert_int_equal(0, refer_server_accept(ask(), NULL));
	(void)wire_await(bob, false, "180 INVITE", 0);
	settle();
	refer_server_dispose(app.srv);
	assert_notify(notify(3), "terminated;reason=noresource",
		      "SIP/2.0 480 Temporarily Unavailable\r\n");
	await_end();
	call_answer(call_last(carol));
	call_await_established(bob, 2);
	assert_int_equal(0, event_count("referAccepted"));
	assert_no_state();
}


/* The network is down, and the application gives up */
static void dispose_on_error(struct refer_server *srv, int err, void *arg)
{
	(void)err;
	(void)arg;

	++app.errors;
	refer_server_dispose(srv);
}


static void test_dispose_on_error(void **state)
{
	static const struct refer_delegate quitter = {
		.errorh = dispose_on_error
	};
	(void)state;

	app.loose = true;
	refer_server_set_delegate(ask(), &quitter, &app);
	sent.fail = 20;
	assert_int_equal(ENETUNREACH, refer_server_reject(app.srv, NULL));
	sent.fail = 0;
	await_end();
	assert_true(app.errors <= 2);
	assert_no_state();
}


static void dispose_on_progress(const char *prm)
{
	if (strncmp(prm, "refer,progress", 14))
		return;

	event_act = NULL;
	refer_server_dispose(app.srv);
}


/* Another module ends it in an event, before the application hears of that */
static void test_dispose_in_event(void **state)
{
	(void)state;

	app.loose = true;
	(void)ask();
	event_act = dispose_on_progress;
	clock_forward(TRYING_MS);
	(void)wire_await(alice, false, "480 REFER", 0);
	await_end();
	assert_string_equal(" referEnded", app.text);
	assert_no_state();
}


/* Held: no less is it over */
static void test_held_disposed(void **state)
{
	(void)state;

	carol->answer = 180;
	assert_int_equal(0, refer_server_accept(ask(), NULL));
	(void)wire_await(bob, false, "180 INVITE", 0);
	settle();
	refer_server_dispose(app.srv);
	await_end();
	assert_notify(notify(1), "terminated;reason=noresource", NULL);
	call_answer(call_last(carol));
	call_await_established(bob, 2);
	settle();
	assert_int_equal(REFER_TERMINATED, refer_server_state(app.srv));
	assert_string_equal(" referEnded", strrchr(app.text, ' '));
}


/* Held: nothing of the module's points to it any more */
static void test_held_unlinked(void **state)
{
	(void)state;

	reach_nofollow();
	assert_int_equal(0, refer_server_notify(app.srv, 486, NULL));
	await_end();
	assert_int_equal(0, count(bob->refer->notifiers->ht));
	assert_int_equal(0, watch_count(bob->refer));
}


int main(void)
{
	const struct CMUnitTest testv[] = {
		TEST(test_delegate_replaced),
		TEST(test_send_error),
		TEST(test_two),
		TEST(test_bye_waiting),
		TEST(test_unload_waiting),
		TEST(test_unload_pending),
		TEST(test_dispose),
		TEST(test_dispose_loose),
		TEST(test_dispose_on_error),
		TEST(test_dispose_in_event),
		TEST(test_no_ua_accept),
		TEST(test_no_ua_timer),
		TEST(test_held_unlinked),
		TEST(test_held_disposed),
		TEST(test_held_deactivated),
		TEST(test_held_waiting),
		TEST(test_held_following),
	};

	return UNIT_RUN(testv, NULL, NULL);
}
