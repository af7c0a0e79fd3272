/**
 * @file unit_sipfrag.c  Tests of the status line in a sipfrag
 */
#include "unit.h"
#include "syntax/sipfrag.h"
#include "host/libre.h"


static void test_good(void **state)
{
	static const struct {
		const char *body;
		uint16_t scode;
		const char *reason;
	} rowv[] = {
		{"SIP/2.0 200 OK\r\n", 200, "OK"},
		{"SIP/2.0 200 OK", 200, "OK"},
		{"SIP/2.0 200 OK\n", 200, "OK"},
		{"SIP/2.0 200 OK\r", 200, "OK"},
		{"SIP/2.0 100 Trying\r\n", 100, "Trying"},
		{"SIP/2.0 699 Last\r\n", 699, "Last"},
		{"SIP/2.0 486 Busy Here\r\n", 486, "Busy Here"},
		{"SIP/2.0 200\r\n", 200, ""},
		{"SIP/2.0 200", 200, ""},
		{"SIP/2.0 200 \r\n", 200, ""},
		{"SIP/2.0  200  OK\r\n", 200, "OK"},
		{"SIP/2.0\t200\tOK\r\n", 200, "OK"},
		{"\r\nSIP/2.0 200 OK\r\n", 200, "OK"},
		{"\r\n\r\n\nSIP/2.0 200 OK\r\n", 200, "OK"},
		{"SIP/2.0 180 Ringing\r\nContact: <sip:a@h>\r\n\r\n", 180,
		 "Ringing"},
		{"SIP/2.0 180 Ringing\nContact: <sip:a@h>\n", 180, "Ringing"},
		{"sip/2.0 200 OK\r\n", 200, "OK"},
		{"SIP/2.0 486 %s%n\r\n", 486, "%s%n"},
		{"SIP/2.0 486 Besetzt f\xc3\xbcr Sie\r\n", 486,
		 "Besetzt f\xc3\xbcr Sie"},
	};
	struct sipfrag frag;
	struct pl pl;
	size_t i;
	(void)state;

	for (i=0; i<ARRAY_SIZE(rowv); ++i) {

		print_message("%s\n", rowv[i].body);
		pl_set_str(&pl, rowv[i].body);
		assert_int_equal(0, sipfrag_decode(&frag, &pl));
		assert_int_equal(rowv[i].scode, frag.scode);
		assert_int_equal(0, pl_strcmp(&frag.reason, rowv[i].reason));
	}
}


static void test_bad(void **state)
{
	static const char *badv[] = {
		"",
		"\r\n",
		"SIP/2.0",
		"SIP/2.0 ",
		"SIP/2.0 20",
		"SIP/2.0 20\r\n",
		"SIP/2.0 2\r\n",
		"SIP/2.0 2000 OK\r\n",
		"SIP/2.0 20 0\r\n",
		"SIP/2.0 099 Low\r\n",
		"SIP/2.0 000 Null\r\n",
		"SIP/2.0 700 High\r\n",
		"SIP/2.0 999 High\r\n",
		"SIP/2.0 -20 OK\r\n",
		"SIP/2.0 20x OK\r\n",
		"SIP/2.0 200OK\r\n",
		"SIP/2.0200 OK\r\n",
		"SIP/3.0 200 OK\r\n",
		"SIP/2.0 OK\r\n",
		"SIP/2x0 200 OK\r\n",
		"HTTP/1.1 200 OK\r\n",
		"200 OK\r\n",
		" SIP/2.0 200 OK\r\n",
		"x SIP/2.0 200 OK\r\n",
		"xSIP/2.0 200 OK\r\n",
		"INVITE sip:a@h SIP/2.0\r\n",
		"INVITE sip:a@h SIP/2.0\r\nX: SIP/2.0 200 OK\r\n",
		"X: y\r\nSIP/2.0 200 OK\r\n",
		"SIP/2.0\r\n200 OK\r\n",
		"garbage",
		"\x01\x02\x03",
	};
	struct sipfrag frag;
	bool bad = true;
	struct pl pl;
	size_t i;
	(void)state;

	for (i=0; i<ARRAY_SIZE(badv); ++i) {

		pl_set_str(&pl, badv[i]);
		if (EBADMSG == sipfrag_decode(&frag, &pl))
			continue;

		(void)re_fprintf(stderr, "accepted: %s\n", badv[i]);
		bad = false;
	}

	assert_true(bad);
}


static void test_null(void **state)
{
	struct sipfrag frag;
	struct pl pl = PL_INIT;
	(void)state;

	assert_int_equal(EINVAL, sipfrag_decode(NULL, &pl));
	assert_int_equal(EINVAL, sipfrag_decode(&frag, NULL));
	assert_int_equal(EBADMSG, sipfrag_decode(&frag, &pl));
}


/* The body is no string: what is behind it must not be read */
static void test_end(void **state)
{
	static const char text[] = "\r\nSIP/2.0 200 OK";
	struct sipfrag frag;
	struct pl pl;
	char *copy;
	size_t i;
	(void)state;

	for (i=0; i<sizeof(text) - 1; ++i) {

		copy = malloc(i + !i);
		assert_non_null(copy);
		memcpy(copy, text, i);
		pl.p = copy;
		pl.l = i;
		assert_int_equal(i < strlen("\r\nSIP/2.0 200") ? EBADMSG : 0,
				 sipfrag_decode(&frag, &pl));
		free(copy);
	}
}


static void test_print(void **state)
{
	struct sipfrag frag = {486, PL("Busy Here")}, again;
	struct pl pl;
	char *str;
	(void)state;

	assert_int_equal(0, re_sdprintf(&str, "%H", sipfrag_print, &frag));
	assert_string_equal("SIP/2.0 486 Busy Here\r\n", str);

	pl_set_str(&pl, str);
	assert_int_equal(0, sipfrag_decode(&again, &pl));
	assert_int_equal(486, again.scode);
	assert_int_equal(0, pl_cmp(&frag.reason, &again.reason));
	mem_deref(str);

	/* a reason phrase of the peer is no format */
	pl_set_str(&frag.reason, "%s%n %H");
	assert_int_equal(0, re_sdprintf(&str, "%H", sipfrag_print, &frag));
	assert_string_equal("SIP/2.0 486 %s%n %H\r\n", str);
	mem_deref(str);

	frag.reason = pl_null;
	assert_int_equal(0, re_sdprintf(&str, "%H", sipfrag_print, &frag));
	assert_string_equal("SIP/2.0 486 \r\n", str);
	mem_deref(str);

	assert_int_equal(0, re_sdprintf(&str, "%H", sipfrag_print, NULL));
	assert_string_equal("", str);
	mem_deref(str);
}


int main(void)
{
	const struct CMUnitTest testv[] = {
		cmocka_unit_test(test_good),
		cmocka_unit_test(test_bad),
		cmocka_unit_test(test_null),
		cmocka_unit_test(test_end),
		cmocka_unit_test(test_print),
	};

	return UNIT_RUN(testv, NULL, NULL);
}
