/**
 * @file unit_limits.c  Tests of the rate of REFERs
 */
#include "unit.h"
#include "host/libre.h"
#include "admission/state.h"


enum {
	RATE = 10,
};

static uint64_t ms;


/* In the place of libre's */
uint64_t tmr_jiffies(void);
uint64_t tmr_jiffies(void)
{
	return ms;
}


static struct limits *limits_new(void)
{
	struct limits *l;

	ms += 1000000;
	assert_int_equal(0, limits_alloc(&l));

	return l;
}


static bool refer_v4(struct limits *l, uint32_t addr)
{
	struct sa sa;

	sa_set_in(&sa, addr, (uint16_t)addr);

	return limits_rate(l, limits_peer(l, &sa), RATE);
}


static uint64_t peer_of(const struct limits *l, const char *addr)
{
	struct sa sa;

	assert_int_equal(0, sa_set_str(&sa, addr, 5060));

	return limits_peer(l, &sa);
}


static void test_rate(void **state)
{
	struct limits *l = limits_new();
	unsigned i;
	(void)state;

	for (i=0; i<RATE; ++i)
		assert_true(refer_v4(l, 1));

	assert_false(refer_v4(l, 1));
	assert_true(refer_v4(l, 2));
	ms += 999;
	assert_false(refer_v4(l, 1));
	ms += 1;
	assert_true(refer_v4(l, 1));

	for (i=0; i<10 * RATE; ++i)
		assert_true(limits_rate(l, peer_of(l, "1.1.1.1"), 0));
	mem_deref(l);
}


/* These had one place in common: each took the other's count away */
static void test_alternating(void **state)
{
	struct limits *l = limits_new();
	unsigned i;
	(void)state;

	for (i=0; i<RATE; ++i) {
		assert_true(refer_v4(l, 0x0a000001));
		assert_true(refer_v4(l, 0x0a000401));
	}

	assert_false(refer_v4(l, 0x0a000001));
	assert_false(refer_v4(l, 0x0a000401));
	mem_deref(l);
}


/* More than there are places: none gets more than its rate */
static void test_many(void **state)
{
	enum {PEERS = 5000};
	struct limits *l = limits_new();
	static unsigned okv[PEERS];
	unsigned i, n, all = 0;
	(void)state;

	for (n=0; n<RATE + 5; ++n) {
		for (i=0; i<PEERS; ++i)
			okv[i] += refer_v4(l, 0x0a000000 + i);
	}

	for (i=0; i<PEERS; ++i) {
		assert_true(okv[i] <= RATE);
		all += okv[i];
	}

	/* a table that is full is not shut before it must */
	assert_true(all >= 1024);
	ms += 1000;
	assert_true(refer_v4(l, 0x0b000001));
	mem_deref(l);
}


/* Sets and places filled with identities of the test's choice */
static void test_one_set(void **state)
{
	struct limits *l = limits_new();
	unsigned okv[64] = {0};
	uint64_t i, n;
	(void)state;

	for (n=0; n<3 * RATE; ++n) {
		for (i=0; i<ARRAY_SIZE(okv); ++i)
			okv[i] += limits_rate(l, i << 32 | 7, RATE);
	}

	for (i=0; i<ARRAY_SIZE(okv); ++i)
		assert_true(okv[i] <= RATE);

	/* the other sets are not full */
	assert_true(limits_rate(l, 8, RATE));
	mem_deref(l);
}


static void test_identity(void **state)
{
	struct limits *l = limits_new(), *other = limits_new();
	(void)state;

	assert_true(peer_of(l, "127.0.0.1") == peer_of(l, "127.0.0.1"));
	assert_true(peer_of(l, "::ffff:127.0.0.1") ==
		    peer_of(l, "127.0.0.1"));
	assert_true(peer_of(l, "fd00:0:0::3") == peer_of(l, "fd00::3"));
	assert_false(peer_of(l, "::127.0.0.1") == peer_of(l, "127.0.0.1"));
	assert_false(peer_of(l, "127.0.0.2") == peer_of(l, "127.0.0.1"));

	/* a host has all addresses of its network */
	assert_true(peer_of(l, "fd00::1:2") == peer_of(l, "fd00::2:1"));

	/* those that sa_hash() has the same value for */
	assert_false(peer_of(l, "fd00:1:2::") == peer_of(l, "fd00:2:1::"));
	assert_false(peer_of(l, "fd00:0:1::1") == peer_of(l, "fd00:0:2::2"));

	/* kinds, and the table's secret */
	assert_false(limits_call(l, "127.0.0.1") == peer_of(l, "127.0.0.1"));
	assert_false(peer_of(other, "::1") == peer_of(l, "::1"));
	mem_deref(other);
	mem_deref(l);
}


static void test_reached(void **state)
{
	struct limits *l = limits_new();
	unsigned i;
	(void)state;

	for (i=0; i<RATE; ++i) {
		assert_false(limits_reached(l, 1, RATE));
		assert_true(limits_rate(l, 1, RATE));
	}

	assert_true(limits_reached(l, 1, RATE));
	assert_false(limits_reached(l, 2, RATE));
	assert_false(limits_reached(l, 1, 0));
	ms += 1000;
	assert_false(limits_reached(l, 1, RATE));
	mem_deref(l);
}


int main(void)
{
	const struct CMUnitTest testv[] = {
		cmocka_unit_test(test_rate),
		cmocka_unit_test(test_alternating),
		cmocka_unit_test(test_many),
		cmocka_unit_test(test_one_set),
		cmocka_unit_test(test_identity),
		cmocka_unit_test(test_reached),
	};

	return UNIT_RUN(testv, NULL, NULL);
}
