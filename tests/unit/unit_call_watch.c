/**
 * @file unit_call_watch.c  Tests of what is reported of a call, and of a user
 * agent, whatever a handler does
 */
#include "unit.h"
#include "fake_host.h"
#include "core/call_watch.h"

struct item {
	struct call_watch watch;
	char name;
};

static struct ua *alice, *bob;
static struct call *call, *other;
static struct call_watches *ws;
static struct item items[3];
static char heard[32];
static struct call_watch *unwatched;    /* By whoever hears first */


static void handler(enum call_change change, uint16_t scode,
		    const char *reason, void *arg)
{
	static const char changev[] = {
		[CALL_ESTABLISHED] = 'e',
		[CALL_CLOSED]      = 'c',
		[CALL_GONE]        = 'g',
		[UA_GONE]          = 'u',
	};
	const struct item *it = arg;
	(void)scode;
	(void)reason;

	heard[strlen(heard)] = it->name;
	heard[strlen(heard)] = changev[change];

	if (change != CALL_ESTABLISHED)
		assert_null(it->watch.call);

	if (unwatched)
		call_unwatch(unwatched);

	unwatched = NULL;
}


static void watch(unsigned i, const struct ua *ua, struct call *c)
{
	items[i].name = (char)('1' + i);
	assert_int_equal(0, call_watch(&items[i].watch, ws, ua, c, handler,
				       &items[i]));
}


static void assert_heard(const char *text)
{
	assert_string_equal(text, heard);
	memset(heard, 0, sizeof(heard));
}


static int setup(void **state)
{
	memset(items, 0, sizeof(items));
	memset(heard, 0, sizeof(heard));
	unwatched = NULL;

	if (fake_init(state))
		return -1;

	alice = softphone("alice");
	bob   = peer("bob");
	call  = call_setup(alice, bob);
	other = call_setup(alice, bob);

	return call_watches_alloc(&ws);
}


static int teardown(void **state)
{
	unsigned i;

	for (i=0; i<ARRAY_SIZE(items); ++i)
		call_unwatch(&items[i].watch);

	ws = mem_deref(ws);

	return fake_close(state);
}


static void test_established(void **state)
{
	(void)state;

	watch(0, NULL, call);
	watch(1, NULL, other);
	watch(2, alice, call);
	call_watches_established(ws, call);
	assert_heard("1e3e");

	/* once; a new watch has not heard of it */
	call_watches_established(ws, call);
	assert_heard("");
	call_unwatch(&items[0].watch);
	watch(0, NULL, call);
	call_watches_established(ws, call);
	assert_heard("1e");
}


/* It ends once: with an event it is not gone afterwards */
static void test_closed(void **state)
{
	(void)state;

	watch(0, NULL, call);
	watch(1, NULL, other);
	call_watches_closed(ws, call, 486, "Busy Here");
	assert_heard("1c");
	call_vanish(call);
	call_watches_sweep(ws);
	assert_heard("");
	assert_non_null(items[0].watch.callid);
}


static void test_gone(void **state)
{
	(void)state;

	watch(0, NULL, call);
	watch(1, NULL, other);
	watch(2, alice, call);
	call_watches_sweep(ws);
	assert_heard("");

	call_vanish(call);
	call_watches_sweep(ws);
	assert_heard("1g3g");
	call_watches_sweep(ws);
	assert_heard("");
	assert_true(call_alive(&items[1].watch));
}


/* The call goes with it; one whose call has ended hears of it even so */
static void test_ua(void **state)
{
	struct list *ual = alice->le.list;
	(void)state;

	watch(0, alice, call);
	watch(1, alice, other);
	watch(2, alice, NULL);
	call_watches_closed(ws, other, 0, "");
	assert_heard("2c");

	list_unlink(&alice->le);
	call_watches_sweep(ws);
	call_watches_sweep(ws);
	list_append(ual, &alice->le, alice);
	assert_heard("1u2u3u");
}


/* Whichever the first one lets go of, itself too, hears nothing, and the
   others do */
static void test_unwatch(void **state)
{
	static const char *const textv[] = {"1g2g3g", "1g3g", "1g2g"};
	unsigned i;
	(void)state;

	call_vanish(other);
	for (i=0; i<ARRAY_SIZE(items); ++i) {
		call = call_setup(alice, bob);
		watch(0, NULL, call);
		watch(1, NULL, call);
		watch(2, alice, call);
		unwatched = &items[i].watch;
		call_vanish(call);
		call_watches_sweep(ws);
		assert_heard(textv[i]);
		call_unwatch(&items[0].watch);
		call_unwatch(&items[1].watch);
		call_unwatch(&items[2].watch);
	}
}


/* By itself, within a second; with nothing to watch there is no timer */
static void test_timer(void **state)
{
	(void)state;

	assert_false(tmr_isrunning(&ws->tmr));
	watch(0, NULL, call);
	assert_true(tmr_isrunning(&ws->tmr));
	call_vanish(call);
	clock_forward(1001);
	settle();
	assert_heard("1g");
	assert_false(tmr_isrunning(&ws->tmr));
}


int main(void)
{
	const struct CMUnitTest testv[] = {
		cmocka_unit_test_setup_teardown(test_established, setup,
						teardown),
		cmocka_unit_test_setup_teardown(test_closed, setup, teardown),
		cmocka_unit_test_setup_teardown(test_gone, setup, teardown),
		cmocka_unit_test_setup_teardown(test_ua, setup, teardown),
		cmocka_unit_test_setup_teardown(test_unwatch, setup, teardown),
		cmocka_unit_test_setup_teardown(test_timer, setup, teardown),
	};

	return UNIT_RUN(testv, NULL, NULL);
}
