/**
 * @file unit_replaces.c  Tests of the Replaces header
 */
#include "unit.h"
#include "refer.h"
#include "host/libre.h"


static int decode(struct refer_replaces *rep, const char *val)
{
	struct pl pl;

	pl_set_str(&pl, val);
	memset(rep, 0xa5, sizeof(*rep));

	return refer_replaces_decode(rep, &pl);
}


static void test_good(void **state)
{
	static const struct {
		const char *val;
		const char *callid;
		const char *to_tag;
		const char *from_tag;
		bool early_only;
	} rowv[] = {
		{"c;to-tag=a;from-tag=b", "c", "a", "b", false},
		{"c;from-tag=b;to-tag=a", "c", "a", "b", false},
		{"c@h.example;to-tag=a;from-tag=b", "c@h.example", "a", "b",
		 false},
		{"c;to-tag=a;from-tag=b;early-only", "c", "a", "b", true},
		{"c;early-only;to-tag=a;from-tag=b", "c", "a", "b", true},
		{"c;To-Tag=a;FROM-TAG=b;Early-Only", "c", "a", "b", true},
		{"c ; to-tag = a ; from-tag = b", "c", "a", "b", false},
		{"c\t;\tto-tag=a;from-tag=b\t", "c", "a", "b", false},
		{"c;to-tag=a;from-tag=b;x=y;z", "c", "a", "b", false},
		{"c;x=y;to-tag=a;z;from-tag=b", "c", "a", "b", false},
		{"c;to-tag=0;from-tag=0", "c", "0", "0", false},
		{"12adf2f34456gs5;to-tag=12345;from-tag=54321",
		 "12adf2f34456gs5", "12345", "54321", false},
	};
	struct refer_replaces rep;
	size_t i;
	(void)state;

	for (i=0; i<ARRAY_SIZE(rowv); ++i) {

		print_message("%s\n", rowv[i].val);
		assert_int_equal(0, decode(&rep, rowv[i].val));
		assert_int_equal(0, pl_strcmp(&rep.callid, rowv[i].callid));
		assert_int_equal(0, pl_strcmp(&rep.to_tag, rowv[i].to_tag));
		assert_int_equal(0, pl_strcmp(&rep.from_tag,
					      rowv[i].from_tag));
		assert_int_equal(rowv[i].early_only, rep.early_only);
	}
}


static void test_bad(void **state)
{
	static const char *badv[] = {
		"",
		" ",
		";",
		"c",
		"c;",
		"c;to-tag=a",
		"c;from-tag=b",
		";to-tag=a;from-tag=b",
		"c d;to-tag=a;from-tag=b",
		"c;to-tag=a;from-tag=b x",
		"c;to-tag=a b;from-tag=c",
		"c;to-tag;from-tag=b",
		"c;to-tag=;from-tag=b",
		"c;to-tag=a;from-tag",
		"c;to-tag=a;to-tag=a;from-tag=b",
		"c;to-tag=a;from-tag=b;from-tag=c",
		"c;to-tag=a;TO-TAG=c;from-tag=b",
		"c;;to-tag=a;from-tag=b",
		"c;to-tag=a;from-tag=b;;",
		"c;to-tag==a;from-tag=b",
		"c;to-tag= =a;from-tag=b",
		"c;to-tag a;from-tag=b",
		"c;=a;to-tag=a;from-tag=b",
		"c\x01;to-tag=a;from-tag=b",
		"c\r\nX: y;to-tag=a;from-tag=b",
		"c;to-tag=a\r\nX: y;from-tag=b",
		"c;to-tag=a;from-tag=b\r\nX: y",
		"c;to-tag=a;from-tag=b;x=y\r\nX: y",
		"c;to-tag=\x7f;from-tag=b",
		"c;to-tag=\xc3\xa4;from-tag=b",
	};
	struct refer_replaces rep;
	bool bad = true;
	size_t i;
	(void)state;

	for (i=0; i<ARRAY_SIZE(badv); ++i) {

		if (EBADMSG == decode(&rep, badv[i]))
			continue;

		(void)re_fprintf(stderr, "accepted: %s\n", badv[i]);
		bad = false;
	}

	assert_true(bad);
}


static void test_untouched(void **state)
{
	struct refer_replaces rep, before;
	(void)state;

	memset(&before, 0xa5, sizeof(before));
	assert_int_equal(EBADMSG, decode(&rep, "c;to-tag=a"));
	assert_memory_equal(&before, &rep, sizeof(rep));
}


static void test_null(void **state)
{
	struct refer_replaces rep;
	struct pl pl = PL_INIT;
	(void)state;

	assert_int_equal(EINVAL, refer_replaces_decode(NULL, &pl));
	assert_int_equal(EINVAL, refer_replaces_decode(&rep, NULL));
	assert_int_equal(EBADMSG, refer_replaces_decode(&rep, &pl));
}


/* The value is no string: what is behind it must not be read */
static void test_end(void **state)
{
	static const char text[] = "c;to-tag=a;from-tag=b";
	struct refer_replaces rep;
	struct pl pl;
	char *copy;
	size_t i;
	(void)state;

	for (i=0; i<sizeof(text); ++i) {

		copy = malloc(i + !i);
		assert_non_null(copy);
		memcpy(copy, text, i);
		pl.p = copy;
		pl.l = i;
		assert_int_equal(i < sizeof(text) - 1 ? EBADMSG : 0,
				 refer_replaces_decode(&rep, &pl));
		free(copy);
	}
}


int main(void)
{
	const struct CMUnitTest testv[] = {
		cmocka_unit_test(test_good),
		cmocka_unit_test(test_bad),
		cmocka_unit_test(test_untouched),
		cmocka_unit_test(test_null),
		cmocka_unit_test(test_end),
	};

	return UNIT_RUN(testv, NULL, NULL);
}
