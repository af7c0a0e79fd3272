/**
 * @file unit_tel.c  Tests of telephone numbers as targets (RFC 3966)
 */
#include "unit.h"
#include "syntax/refer_to.h"
#include "host/libre.h"


static const struct refusal *decode(struct refer_to **rtp, const char *val,
				    const char *aor)
{
	struct pl pl;

	pl_set_str(&pl, val);
	assert_true(refer_to_is_tel(&pl));

	return refer_to_decode_tel(rtp, &pl, aor);
}


static void test_good(void **state)
{
	static const struct {
		const char *val;
		const char *aor;
		const char *uri;
	} rowv[] = {
		{"<tel:+4930123>", "sip:bob@h",
		 "sip:+4930123@h;user=phone"},
		{"tel:+4930123", "sip:bob@h:5070",
		 "sip:+4930123@h:5070;user=phone"},
		{"TEL:+49-(30)-12.3", "sip:bob@h",
		 "sip:+4930123@h;user=phone"},
		{"\"Carol\" <tel:110>;x=y", "sip:bob@h",
		 "sip:110@h;user=phone"},
		{"<tel:*21>", "sip:bob@[::1]:5070",
		 "sip:*21@[::1]:5070;user=phone"},
		{"<tel:123;phone-context=+4930>", "sip:bob@h;transport=tcp",
		 "sip:123;phone-context=+4930@h;transport=tcp;user=phone"},
		{"<tel:+1;ext=5;isub=6>", "sip:h",
		 "sip:+1;ext=5;isub=6@h;user=phone"},
		{"<tel:+49-(0)30-1(0)>", "sip:h",
		 "sip:+49(0)3010@h;user=phone"},
		{"<tel:(0)30>", "sip:h", "sip:030@h;user=phone"},
		{"<tel:123;phone-context=h.example.org>", "sip:h",
		 "sip:123;phone-context=h.example.org@h;user=phone"},
		{"<tel:123;PHONE-CONTEXT=+49-30;x>", "sip:h",
		 "sip:123;PHONE-CONTEXT=+49-30;x@h;user=phone"},
	};
	struct refer_to *rt;
	size_t i;
	(void)state;

	for (i=0; i<ARRAY_SIZE(rowv); ++i) {
		assert_null(decode(&rt, rowv[i].val, rowv[i].aor));
		assert_string_equal(rowv[i].uri, rt->uri);
		assert_null(rt->replaces);
		mem_deref(rt);
	}
}


static void test_bad(void **state)
{
	static const char *const valv[] = {
		"tel:", "<tel:>", "<tel:+>", "<tel:-()>", "<tel:1+2>",
		"<tel:++1>", "<tel:abc>", "<tel:1 2>", "<tel:12%33>",
		"<tel:1@h>", "<tel:1;x=@h>", "<tel:1?Replaces=a>",
		"<tel:1;x=%0d%0a>", "<tel:1;x=%>", "<tel:1>, <tel:2>",
		"tel:1,tel:2", "<tel:1;x=\"y\">",
		"<tel:1;phone-context=>", "<tel:1;phone-context>",
		"<tel:1;phone-context=+>", "<tel:1;phone-context=++1>",
		"<tel:1;phone-context=+1a>", "<tel:1;phone-context=a/b>",
		"<tel:1;phone-context=%2B49>", "<tel:1;phone-context=a_b>",
		"<tel:1;phone-context=+1;Phone-Context=+2>", "<tel:1;x;x>",
		"<tel:1;ext=1;EXT=2>", "<tel:1;;x>", "<tel:1;=x>",
	};
	struct refer_to *rt = NULL;
	size_t i;
	(void)state;

	for (i=0; i<ARRAY_SIZE(valv); ++i) {
		struct pl pl;

		pl_set_str(&pl, valv[i]);
		print_message("%s\n", valv[i]);

		if (refer_to_is_tel(&pl))
			assert_int_equal(400, decode(&rt, valv[i],
						     "sip:bob@h")->scode);
		else
			assert_int_equal(400,
					 refer_to_decode(&rt, &pl)->scode);
	}

	assert_null(rt);
	assert_int_equal(400, decode(&rt, "tel:1", "nonsense")->scode);
}


/* <tel:+1;p1;p2;..> */
static int print_params(struct re_printf *pf, const unsigned *n)
{
	unsigned i;
	int err = re_hprintf(pf, "<tel:+1");

	for (i=0; i<*n; ++i)
		err |= re_hprintf(pf, ";p%u", i);

	return err | re_hprintf(pf, ">");
}


static bool takes_params(unsigned n)
{
	struct refer_to *rt = NULL;
	char *val;

	assert_int_equal(0, re_sdprintf(&val, "%H", print_params, &n));
	(void)decode(&rt, val, "sip:bob@h");
	mem_deref(val);
	mem_deref(rt);

	return rt != NULL;
}


static bool takes_digits(size_t n)
{
	char val[600] = "tel:";
	struct refer_to *rt = NULL;

	memset(val + 4, '1', n);
	(void)decode(&rt, val, "sip:bob@h");
	mem_deref(rt);

	return rt != NULL;
}


/* Each pair of parameters is compared: a datagram must not keep it busy */
static void test_long(void **state)
{
	(void)state;

	assert_true(takes_params(16));
	assert_false(takes_params(17));
	assert_false(takes_params(8000));
	assert_true(takes_digits(512));
	assert_false(takes_digits(513));
}


static void test_other(void **state)
{
	static const char *const valv[] = {
		"", "sip:1@h", "<sip:tel@h>", "telx:1", "<http:tel:1>",
	};
	size_t i;
	(void)state;

	for (i=0; i<ARRAY_SIZE(valv); ++i) {
		struct pl pl;

		pl_set_str(&pl, valv[i]);
		assert_false(refer_to_is_tel(&pl));
	}
}


int main(void)
{
	const struct CMUnitTest testv[] = {
		cmocka_unit_test(test_good),
		cmocka_unit_test(test_bad),
		cmocka_unit_test(test_long),
		cmocka_unit_test(test_other),
	};

	return UNIT_RUN(testv, NULL, NULL);
}
