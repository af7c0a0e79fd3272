/**
 * @file unit_transfers.c  Tests of the transfers that have ended
 */
#include <stdlib.h>
#include <string.h>
#include "unit.h"
#include "fake_host.h"
#include "core/core.h"
#include "core/ladder.h"
#include "core/transfers.h"
#include "host/libre.h"

enum {
	MANY = 10000,
	LONG = 1024,
};

static struct settings set;
static struct refer refer = {.set = &set};


static int setup(void **state)
{
	set.history      = 3;
	set.history_time = 600;

	return fake_init(state) ||
		transfers_alloc(&refer.transfers, &refer);
}


static int teardown(void **state)
{
	refer.transfers = mem_deref(refer.transfers);

	return fake_close(state);
}


static void emit(uint32_t id, enum refer_event_type type, uint16_t scode,
		 enum refer_role role, enum refer_outcome outcome,
		 const char *target)
{
	struct refer_transfer row = {
		.id      = id,
		.role    = role,
		.ts      = tmr_jiffies(),
		.account = "sip:bob@h",
		.peer    = PL("sip:alice@h"),
		.target  = target,
		.callid  = "abc",
	};
	const struct refer_event ev = {
		.type    = type,
		.role    = role,
		.id      = id,
		.scode   = scode,
		.reason  = "Reason",
		.outcome = outcome,
		.target  = target,
	};

	transfers_event(refer.transfers, &ev, &row);
}


/* One that goes from its beginning to its end */
static uint32_t whole(void)
{
	const uint32_t id = transfers_begin(refer.transfers);

	emit(id, REFER_EV_REFER_REQUEST_ACCEPTED, 202, REFER_ROLE_CLIENT,
	     REFER_OUTCOME_NONE, "sip:t@h");
	emit(id, REFER_EV_REFER_ENDED, 200, REFER_ROLE_CLIENT,
	     REFER_OUTCOME_ACCEPTED, "sip:t@h");

	return id;
}


static bool there(uint32_t id)
{
	struct refer_transfer row;

	return transfers_ended(&row, refer.transfers, id);
}


/* Something is kept, at least */
static bool known(uint32_t id)
{
	unsigned n;

	return transfers_stages(&n, refer.transfers, id) != NULL;
}


static int count_handler(const struct refer_transfer *row, void *arg)
{
	uint32_t *last = arg;

	assert_true(row->id > *last);
	*last = row->id;

	return 0;
}


static void test_kept(void **state)
{
	const uint32_t id = transfers_begin(refer.transfers);
	const struct stage *stagev;
	struct refer_transfer row;
	unsigned n;
	(void)state;

	emit(id, REFER_EV_REFER_REQUEST_ACCEPTED, 202, REFER_ROLE_CLIENT,
	     REFER_OUTCOME_NONE, "sip:t@h");
	assert_false(there(id));
	emit(id, REFER_EV_REFER_ENDED, 486, REFER_ROLE_CLIENT,
	     REFER_OUTCOME_REJECTED, "sip:t@h");

	assert_true(transfers_ended(&row, refer.transfers, id));
	assert_int_equal(id, row.id);
	assert_string_equal("ENDED", row.state);
	assert_int_equal(REFER_OUTCOME_REJECTED, row.outcome);
	assert_int_equal(486, row.scode);
	assert_string_equal("Reason", row.reason);
	assert_string_equal("sip:t@h", row.target);
	assert_string_equal("sip:bob@h", row.account);
	assert_int_equal(0, pl_strcmp(&row.peer, "sip:alice@h"));
	assert_string_equal("abc", row.callid);
	assert_null(row.replaces);
	assert_null(row.cut);

	/* in the order in which they came, though that took no time */
	stagev = transfers_stages(&n, refer.transfers, id);
	assert_int_equal(2, n);
	assert_int_equal(REFER_EV_REFER_REQUEST_ACCEPTED, stagev[0].type);
	assert_int_equal(REFER_EV_REFER_ENDED, stagev[1].type);
	assert_null(transfers_stages(&n, refer.transfers, id + 1));
}


/* Of us and of a target the event before the last one tells the outcome */
static void test_outcomes(void **state)
{
	static const struct {
		enum refer_event_type last;
		enum refer_outcome outcome;
	} rowv[] = {
		{REFER_EV_REFER_ACCEPTED, REFER_OUTCOME_ACCEPTED},
		{REFER_EV_REPLACED, REFER_OUTCOME_ACCEPTED},
		{REFER_EV_REFER_REJECTED, REFER_OUTCOME_REJECTED},
		{REFER_EV_REFER_REQUEST_REJECTED, REFER_OUTCOME_REFUSED},
		{REFER_EV_REFER_TIMEOUT, REFER_OUTCOME_TIMEOUT},
		{REFER_EV_REFER_REQUESTED, REFER_OUTCOME_CANCELLED},
	};
	struct refer_transfer row;
	size_t i;
	(void)state;

	for (i=0; i<ARRAY_SIZE(rowv); ++i) {
		const uint32_t id = transfers_begin(refer.transfers);

		emit(id, rowv[i].last, 0, REFER_ROLE_SERVER,
		     REFER_OUTCOME_NONE, "sip:t@h");
		emit(id, REFER_EV_REFER_ENDED, 0, REFER_ROLE_SERVER,
		     REFER_OUTCOME_NONE, "sip:t@h");
		assert_true(transfers_ended(&row, refer.transfers, id));
		assert_int_equal(rowv[i].outcome, row.outcome);
	}
}


static void test_number(void **state)
{
	uint32_t last = 0, i;
	(void)state;

	for (i=1; i<=5; ++i)
		assert_int_equal(i, whole());

	assert_false(there(1));
	assert_false(there(2));
	assert_true(there(3));
	assert_int_equal(0, transfers_ended_apply(refer.transfers,
						  count_handler, &last));
	assert_int_equal(5, last);

	/* after a reload there may be fewer */
	set.history = 1;
	assert_false(there(4));
	assert_true(there(5));
	set.history = 0;
	assert_false(there(5));
	assert_false(there(whole()));
}


static void test_time(void **state)
{
	const uint32_t first = whole();
	uint32_t second;
	(void)state;

	clock_forward(500000);
	second = whole();
	assert_true(there(first));
	clock_forward(101000);
	assert_false(there(first));
	assert_true(there(second));
	clock_forward(500000);
	assert_false(there(second));
	assert_false(known(second));
}


/* Others choose how long a target is: nothing of it is kept, or all */
static void test_long(void **state)
{
	char target[2001];
	struct refer_transfer row;
	size_t n;
	(void)state;

	for (n=1; n<sizeof(target); ++n) {
		const uint32_t id = transfers_begin(refer.transfers);

		memset(target, 'x', n);
		target[n] = '\0';
		emit(id, REFER_EV_REFER_ENDED, 200, REFER_ROLE_CLIENT,
		     REFER_OUTCOME_ACCEPTED, target);
		assert_true(transfers_ended(&row, refer.transfers, id));
		if (n <= LONG) {
			assert_string_equal(target, row.target);
			assert_null(row.cut);
		}
		else {
			assert_null(row.target);
			assert_string_equal("target", row.cut);
		}
		assert_string_equal("abc", row.callid);
	}
}


/* What comes late is of the same transfer, if that is still there */
static void test_late(void **state)
{
	const uint32_t id = whole();
	struct refer_transfer row;
	(void)state;

	emit(id, REFER_EV_REFER_LATE, 486, REFER_ROLE_CLIENT,
	     REFER_OUTCOME_NONE, "sip:other@h");
	assert_true(transfers_ended(&row, refer.transfers, id));
	assert_int_equal(486, row.scode);
	assert_string_equal("sip:t@h", row.target);

	set.history = 0;
	assert_false(there(id));
	emit(id, REFER_EV_REFER_LATE, 486, REFER_ROLE_CLIENT,
	     REFER_OUTCOME_NONE, "sip:other@h");
	assert_false(known(id));
}


static int number_handler(const struct refer_transfer *row, void *arg)
{
	uint32_t *n = arg;
	(void)row;

	++*n;

	return 0;
}


/* With 10,000 kept, each new one takes the place of the oldest */
static void test_bounded(void **state)
{
	uint32_t i, n = 0;
	(void)state;

	set.history = MANY;
	for (i=0; i<2 * MANY; ++i)
		(void)whole();

	assert_int_equal(0, transfers_ended_apply(refer.transfers,
						  number_handler, &n));
	assert_int_equal(MANY, n);
	for (i=1; i<=MANY; ++i)
		assert_false(known(i));
	assert_true(there(MANY + 1));
	assert_true(there(2 * MANY));
}


/** What is left of a ladder */
struct rungs {
	unsigned n;
	unsigned skipped;
	size_t size;           /* Of the texts                   */
	char first[8][16];     /* Targets of the first ones      */
	char last[16];
};


static int rung_handler(const struct refer_message *msg, void *arg)
{
	struct rungs *r = arg;
	const char *uri = msg->line ? msg->line + strlen("INVITE ") : "";

	if (r->n < ARRAY_SIZE(r->first))
		(void)str_ncpy(r->first[r->n], uri, strcspn(uri, " ") + 1);
	(void)str_ncpy(r->last, uri, min(strcspn(uri, " "), 15) + 1);
	r->size += str_len(msg->line) + str_len(msg->headers);
	r->skipped += msg->skipped;
	++r->n;

	assert_string_equal("INVITE", msg->method);

	return 0;
}


/* So many requests, each with a header of so many bytes */
static struct rungs climb(uint32_t id, unsigned n, size_t len)
{
	struct ladder *l = transfers_ladder(refer.transfers, id, true);
	struct rungs r = {0};
	char uri[16], *text;
	struct pl pl;
	unsigned i;

	text = malloc(len + 16);
	assert_non_null(text);
	memset(text, 'x', len + 16);
	memcpy(text, "Event: ", 7);
	memcpy(text + 7 + len, "\r\n\r\n", 5);
	pl_set_str(&pl, text);

	for (i=0; i<n; ++i) {
		(void)re_snprintf(uri, sizeof(uri), "sip:%u", i);
		ladder_request(l, REFER_PARTY_TARGET, "INVITE", uri, &pl);
	}
	free(text);

	assert_int_equal(0, transfers_ladder_apply(refer.transfers, id,
						   rung_handler, &r));

	return r;
}


static void test_ladder(void **state)
{
	struct rungs r;
	unsigned i;
	char uri[16];
	(void)state;

	r = climb(1, 64, 10);
	assert_int_equal(64, r.n);
	assert_int_equal(0, r.skipped);

	r = climb(2, 1000, 10);
	assert_int_equal(64, r.n);
	assert_int_equal(1000 - 64, r.skipped);
	assert_string_equal("sip:999", r.last);
	for (i=0; i<ARRAY_SIZE(r.first); ++i) {
		(void)re_snprintf(uri, sizeof(uri), "sip:%u", i);
		assert_string_equal(uri, r.first[i]);
	}

	/* of long ones there are fewer, and what is too long is left out */
	r = climb(3, 1000, 960);
	assert_true(r.size <= 8192 && r.n >= 8);
	assert_int_equal(1000 - r.n, r.skipped);
	assert_string_equal("sip:999", r.last);
	r = climb(4, 10, 2000);
	assert_int_equal(10, r.n);
	assert_true(r.size < 10 * 40);
}


/* Only what can be the first message begins a ladder; it goes with its
   transfer */
static void test_ladder_life(void **state)
{
	unsigned n;
	(void)state;

	assert_null(transfers_ladder(refer.transfers, 1, false));
	assert_null(transfers_ladder(refer.transfers, 0, true));
	ladder_request(NULL, REFER_PARTY_PEER, "NOTIFY", "sip:a", &pl_null);

	(void)climb(1, 3, 10);
	assert_null(transfers_stages(&n, refer.transfers, 1));
	emit(1, REFER_EV_REFER_ENDED, 200, REFER_ROLE_CLIENT,
	     REFER_OUTCOME_ACCEPTED, "sip:t@h");
	assert_non_null(transfers_ladder(refer.transfers, 1, false));
	set.history = 0;
	assert_false(there(1));
	assert_null(transfers_ladder(refer.transfers, 1, false));
}


#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)


int main(void)
{
	const struct CMUnitTest testv[] = {
		TEST(test_kept),
		TEST(test_outcomes),
		TEST(test_number),
		TEST(test_time),
		TEST(test_long),
		TEST(test_late),
		TEST(test_bounded),
		TEST(test_ladder),
		TEST(test_ladder_life),
	};

	return UNIT_RUN(testv, NULL, NULL);
}
