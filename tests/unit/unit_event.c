/**
 * @file unit_event.c  Tests of the text of events
 *
 * A reader takes it apart at its blanks and at the first '=' of each field:
 * whatever others send, that must give what was sent, or say what is missing.
 */
#include "unit.h"
#include "fake_host.h"
#include "core/call_watch.h"
#include "core/core.h"
#include "core/transfers.h"

enum {
	TEXT_MAX   = 255,
	TARGET_MAX = 2000,
	RANDOM_RUNS = 20000,
};

static char last[1024];
static struct settings set;
static struct refer refer = {.set = &set};


static void keep_last(const char *prm)
{
	str_ncpy(last, prm, sizeof(last));
}


static int init(void **state)
{
	event_act = keep_last;

	return fake_init(state) ||
		transfers_alloc(&refer.transfers, &refer);
}


static int fini(void **state)
{
	event_act = NULL;
	refer.transfers = mem_deref(refer.transfers);

	return fake_close(state);
}


/* The text of an event with these fields; peer is who refers, or NULL */
static const char *text_by(const char *peer, enum refer_role role,
			   const char *callid, const char *reason,
			   const char *target)
{
	struct refer_transfer row = {.id = 1};
	const struct call_watch watch = {.callid = (char *)callid};
	const struct refer_event ev = {
		.type   = REFER_EV_REFER_ENDED,
		.id     = 1,
		.role   = role,
		.scode  = 486,
		.reason = reason,
		.target = target,
	};

	last[0] = '\0';
	pl_set_str(&row.peer, peer ? peer : "");
	event_emit(&refer, &ev, &row, NULL, &watch);

	return last;
}


static const char *text(enum refer_role role, const char *callid,
			const char *reason, const char *target)
{
	return text_by("sip:p@h", role, callid, reason, target);
}


static void test_names(void **state)
{
	unsigned i, j;
	(void)state;

	for (i=0; i<=REFER_EV_REFER_LATE; ++i) {
		for (j=0; j<i; ++j)
			assert_string_not_equal(refer_event_name(j),
						refer_event_name(i));
	}
	assert_string_equal("referEnded",
			    refer_event_name(REFER_EV_REFER_ENDED));
	assert_string_equal("?", refer_event_name(REFER_EV_REFER_LATE + 1));

	assert_string_equal("", refer_outcome_name(REFER_OUTCOME_NONE));
	assert_string_equal("cancelled",
			    refer_outcome_name(REFER_OUTCOME_CANCELLED));
	assert_string_equal("?",
			    refer_outcome_name(REFER_OUTCOME_CANCELLED + 1));
}


static void fill(char *buf, char c, size_t n)
{
	memset(buf, c, n);
	buf[n] = '\0';
}


/* It is there, all of it, or said to be cut */
static void check_target(const char *reason, const char *target)
{
	char want[4096];
	bool fits;

	(void)re_snprintf(want, sizeof(want), "refer,referEnded,id=1"
			  " role=server code=486 call=abc peer=sip:p@h%s%s"
			  " target=%s",
			  reason ? " reason=" : "", reason ? reason : "",
			  target);
	fits = strlen(want) <= TEXT_MAX;
	if (!fits)
		(void)re_snprintf(want, sizeof(want), "refer,referEnded,id=1"
				  " role=server code=486 call=abc"
				  " peer=sip:p@h%s%s cut=target",
				  reason ? " reason=" : "",
				  reason ? reason : "");

	assert_string_equal(want, text(REFER_ROLE_SERVER, "abc", reason,
				       target));
}


static void test_target_lengths(void **state)
{
	char target[TARGET_MAX + 1];
	size_t n;
	(void)state;

	for (n=1; n<=TARGET_MAX; ++n) {
		fill(target, 'x', n);
		check_target(NULL, target);
		check_target("Busy Here", target);
	}
}


static void test_cut_order(void **state)
{
	static const char head[] = "refer,referEnded,id=1 role=server"
		" code=486";
	char s[400];
	(void)state;

#define EQ(rest, text) assert_string_equal(rest, (text) + strlen(head))

	fill(s, 'r', sizeof(s) - 1);
	EQ(" call=abc peer=sip:p@h cut=target,reason",
	   text(REFER_ROLE_SERVER, "abc", s, "sip:t@h"));
	EQ(" call=abc cut=target,reason,peer",
	   text_by(s, REFER_ROLE_SERVER, "abc", "OK", "sip:t@h"));
	EQ(" call=abc cut=target,peer",
	   text_by(s, REFER_ROLE_SERVER, "abc", NULL, "sip:t@h"));
	EQ(" cut=target,reason,peer,call",
	   text(REFER_ROLE_SERVER, s, "OK", "sip:t@h"));
	EQ(" cut=target,peer,call",
	   text(REFER_ROLE_SERVER, s, NULL, "sip:t@h"));
	EQ(" call=abc cut=target,reason",
	   text(REFER_ROLE_CLIENT, "abc", s, "sip:t@h"));
	EQ(" cut=target,call",
	   text(REFER_ROLE_CLIENT, s, NULL, "sip:t@h"));

	/* one byte more or less */
	fill(s, 'r', TEXT_MAX - strlen("refer,referEnded,id=1 role=server"
				       " code=486 call=abc peer=sip:p@h"
				       " reason= cut=target"));
	(void)text(REFER_ROLE_SERVER, "abc", s, "sip:t@h");
	assert_int_equal(TEXT_MAX, strlen(last));
	assert_non_null(strstr(last, "r cut=target"));
	strcat(s, "r");
	(void)text(REFER_ROLE_SERVER, "abc", s, "sip:t@h");
	assert_non_null(strstr(last, " cut=target,reason"));
}


static void test_fields(void **state)
{
	static const struct {
		const char *callid;
		const char *reason;
		const char *target;
		const char *want;
	} rowv[] = {
		{"4d0c@h", "Busy Here", "sip:c@h;a=b?X=1%23",
		 "call=4d0c@h reason=Busy Here target=sip:c@h;a=b?X=1%23"},
		{"a\x1b[2Jb\x07" "c", NULL, "sip:c@h",
		 "call=a%1B[2Jb%07c target=sip:c@h"},
		{"x code=200 outcome=accepted target=sip:e@h", NULL,
		 "sip:c@h", "call=x%20code=200%20outcome=accepted%20target="
		 "sip:e@h target=sip:c@h"},
		{"50%20", NULL, "sip:c@h", "call=50%2520 target=sip:c@h"},
		{"\xc3\xa4\xff\x7f", NULL, "sip:c@h",
		 "call=%C3%A4%FF%7F target=sip:c@h"},
		{"a\tb", NULL, "sip:c@h", "call=a%09b target=sip:c@h"},
		{"a", "No target=sip:e@h", "sip:c@h",
		 "call=a reason=No target%3Dsip:e@h target=sip:c@h"},
		{"a", "No cut=target", "sip:c@h",
		 "call=a reason=No cut%3Dtarget target=sip:c@h"},
		{"a", "100% \x1b[2J\xff\xc3\xa4\r\n=%3D", "sip:c@h",
		 "call=a reason=100%25  [2J?\xc3\xa4  %3D%253D"
		 " target=sip:c@h"},
		{"a", "\xc2\x9b" "2J\xc2\xa0\xe0\x80\xaf\xed\xa0\x80\xf4\x90"
		 "\x80\x80\xf0\x80\x80\x80", "sip:c@h",
		 "call=a reason= 2J\xc2\xa0?????????????? target=sip:c@h"},
		{"a", NULL, "sip:eve id=2 code=200\x1b@h\xe4\n",
		 "call=a target=sip:eve%20id=2%20code=200%1B@h%E4%0A"},
	};
	size_t i;
	(void)state;

	for (i=0; i<ARRAY_SIZE(rowv); ++i) {
		const char *head = "refer,referEnded,id=1 role=target"
			" code=486 ";

		(void)text(REFER_ROLE_TARGET, rowv[i].callid, rowv[i].reason,
			   rowv[i].target);
		assert_memory_equal(head, last, strlen(head));
		assert_string_equal(rowv[i].want, last + strlen(head));
	}
}


/* Random bytes, often those that matter */
static void randomize(char *buf, size_t size)
{
	static const char dangerous[] = " =%,\t\x1b\x07\x7f\x9b\xc3\xa4\xff"
		"target cut reason call code";
	const size_t n = 1 + rand_u32() % (size - 1);
	size_t i;

	for (i=0; i<n; ++i) {
		const uint8_t r = rand_u32() & 0xff;

		buf[i] = rand_u32() & 1 || !r ?
			dangerous[r % (sizeof(dangerous) - 1)] : (char)r;
	}

	buf[n] = '\0';
}


static void unescape(char *s)
{
	char *to = s;

	for (; *s; ++to) {
		unsigned c = (uint8_t)*s;

		if (*s == '%' && sscanf(s + 1, "%2X", &c) == 1)
			s += 2;
		++s;
		*to = (char)c;
	}

	*to = '\0';
}


/* As docs/events.md says that one reads it */
static void check_read(const char *callid, bool reason)
{
	static const char *const keyv[] = {
		"refer,referEnded,id", "role", "code", "call", "peer",
		"reason", "target", "cut"
	};
	char buf[sizeof(last)], *p = buf, *end;
	size_t k = 0;

	str_ncpy(buf, last, sizeof(buf));
	assert_true(strlen(buf) <= TEXT_MAX);

	for (; p; p = end) {
		char *val = strchr(p, '=');

		assert_non_null(val);
		*val++ = '\0';
		while (k < ARRAY_SIZE(keyv) && strcmp(p, keyv[k]))
			++k;
		assert_true(k < ARRAY_SIZE(keyv));

		/* the reason may have blanks, and no '=' */
		end = strchr(val, strcmp(p, "reason") ? ' ' : '=');
		if (end && !strcmp(p, "reason"))
			while (*end != ' ')
				--end;
		if (end)
			*end++ = '\0';

		if (!strcmp(p, "call")) {
			unescape(val);
			assert_string_equal(callid, val);
		}
		if (!strcmp(p, "reason"))
			assert_true(reason);
		if (!strcmp(p, "code"))
			assert_string_equal("486", val);
		++k;
	}
}


static void test_random(void **state)
{
	char callid[80], reason[80], target[120];
	unsigned i;
	(void)state;

	for (i=0; i<RANDOM_RUNS; ++i) {
		const bool said = rand_u32() & 1;

		randomize(callid, sizeof(callid));
		randomize(reason, sizeof(reason));
		randomize(target, sizeof(target));
		(void)text(i % 3, callid, said ? reason : NULL, target);
		check_read(callid, said);
	}
}


static void late(uint16_t scode)
{
	struct refer_transfer row = {.id = 1};
	const struct refer_event ev = {
		.type   = REFER_EV_REFER_LATE,
		.id     = 1,
		.scode  = scode,
		.reason = "Reason",
	};

	event_emit(&refer, &ev, &row, NULL, NULL);
}


static void act_once(const char *prm)
{
	(void)prm;

	event_act = keep_last;
	late(487);
}


static void codes_handler(const struct refer_event *ev,
			  const struct refer_transfer *t, void *arg)
{
	char *codes = arg;

	(void)re_snprintf(codes + strlen(codes), 32 - strlen(codes),
			  "%u %s,", ev->scode, t->reason);
}


/* An event in an event: what an observer is shown is in order, and there */
static void test_nested(void **state)
{
	struct refer_observer *o;
	char codes[32] = "";
	(void)state;

	set.history = 1;
	set.history_time = 60;
	(void)text(REFER_ROLE_CLIENT, "c", "r", "sip:t@h");
	assert_int_equal(0, refer_observe(&o, codes_handler, NULL, codes));

	event_act = act_once;
	late(486);
	assert_string_equal("486 Reason,487 Reason,", codes);

	mem_deref(o);
	set.history = 0;
}


int main(void)
{
	const struct CMUnitTest testv[] = {
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_target_lengths),
		cmocka_unit_test(test_cut_order),
		cmocka_unit_test(test_fields),
		cmocka_unit_test(test_random),
		cmocka_unit_test(test_nested),
	};

	return UNIT_RUN(testv, init, fini);
}
