/**
 * @file unit_queue.c  Tests of timers of the same delay
 */
#include "unit.h"
#include "core/queue.h"
#include "fake_host.h"

enum {
	DELAY = 100000,    /* [ms]; the real time goes on too */
};

struct item {
	struct queue_entry due;
	char name;
};

static struct queue queue;
static struct item items[3];
static char called[8];


static void handler(void *arg)
{
	const struct item *it = arg;

	called[strlen(called)] = it->name;

	/* "f" frees all, as the last request of a module that has gone */
	if (it->name == 'f') {
		queue_close(&queue);
		memset(&queue, 0xa5, sizeof(queue));
	}

	/* "b" takes "c" out, and begins again once */
	if (it->name == 'b' && !strchr(called, 'B')) {
		queue_remove(&items[2].due);
		items[1].name = 'B';
		queue_add(&queue, &items[1].due, &items[1]);
	}
}


static int setup(void **state)
{
	size_t i;

	memset(called, 0, sizeof(called));
	memset(items, 0, sizeof(items));
	for (i=0; i<ARRAY_SIZE(items); ++i)
		items[i].name = (char)('a' + i);

	queue_init(&queue, DELAY, handler);

	return fake_init(state);
}


static int teardown(void **state)
{
	queue_close(&queue);

	return fake_close(state);
}


static void wait(uint64_t ms)
{
	clock_forward(ms);
	settle();
}


static void add(unsigned i)
{
	queue_add(&queue, &items[i].due, &items[i]);
}


static void test_order(void **state)
{
	(void)state;

	add(0);
	wait(DELAY / 2);
	add(2);
	assert_in_range(queue_left(&items[0].due), DELAY / 2 - 1000,
			DELAY / 2);
	assert_in_range(queue_left(&items[2].due), DELAY - 1000, DELAY);

	wait(DELAY / 2 - 1000);
	assert_string_equal("", called);
	wait(1000);
	assert_string_equal("a", called);
	assert_int_equal(0, queue_left(&items[0].due));
	wait(DELAY / 2);
	assert_string_equal("ac", called);
}


static void test_again(void **state)
{
	(void)state;

	add(0);
	wait(DELAY - 1000);
	add(0);
	wait(DELAY - 1000);
	assert_string_equal("", called);
	wait(1000);
	assert_string_equal("a", called);
}


static void test_remove(void **state)
{
	(void)state;

	queue_remove(&items[0].due);
	add(0);
	add(2);
	queue_remove(&items[0].due);
	queue_remove(&items[0].due);
	wait(DELAY);
	assert_string_equal("c", called);
}


static void test_handler_changes(void **state)
{
	(void)state;

	add(0);
	add(1);
	add(2);
	wait(DELAY);
	assert_string_equal("ab", called);
	wait(DELAY);
	assert_string_equal("abB", called);
}


/* The delay becomes less: who waits keeps its time, in order */
static void test_delay(void **state)
{
	(void)state;

	items[1].name = 'x';
	add(0);
	queue.delay = DELAY / 4;
	add(1);
	queue.delay = DELAY / 2;
	add(2);
	wait(DELAY / 4);
	assert_string_equal("x", called);
	wait(DELAY / 4);
	assert_string_equal("xc", called);
	wait(DELAY / 2);
	assert_string_equal("xca", called);
}


static void test_close(void **state)
{
	(void)state;

	add(0);
	queue_close(&queue);
	wait(2 * DELAY);
	assert_string_equal("", called);
	queue_remove(&items[0].due);
}


static void test_freed_in_handler(void **state)
{
	(void)state;

	items[0].name = 'f';
	add(0);
	add(1);
	wait(DELAY);
	assert_string_equal("f", called);
	queue_init(&queue, DELAY, handler);
}


#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest testv[] = {
		TEST(test_order),
		TEST(test_again),
		TEST(test_remove),
		TEST(test_handler_changes),
		TEST(test_delay),
		TEST(test_close),
		TEST(test_freed_in_handler),
	};

	return UNIT_RUN(testv, NULL, NULL);
}
