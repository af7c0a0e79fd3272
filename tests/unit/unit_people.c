/**
 * @file unit_people.c  Names, addresses and results, as people read them
 */
#include "unit.h"
#include "syntax/people.h"


static void shows(const char *want, re_printf_h *h, const void *arg)
{
	char buf[512];

	assert_true(re_snprintf(buf, sizeof(buf), "%H", h, arg) >= 0);
	assert_string_equal(want, buf);
}


static void name(const char *want, const char *dname, const char *uri)
{
	struct person p;

	person_set(&p, dname, uri);
	shows(want, (re_printf_h *)person_print, &p);
}


static void test_names(void **state)
{
	(void)state;

	name("bob", NULL, "sip:bob@h");
	name("bob", "", "sip:bob@h");
	name("bob", " \t\r\n ", "sip:bob@h");
	name("bob", "\"\"", "sip:bob@h");
	name("Bob", "Bob", "sip:x@h");
	name("Bob", "\"Bob\"", "sip:x@h");
	name("\"Bob X\"", "Bob X", "sip:x@h");
	name("h", NULL, "sip:h");
	name("h", NULL, "sip:h:5070;transport=tcp");
	name("carol", NULL, "sip:carol-0x558f16d26c90@h:5060");
	name("a-0x", NULL, "sip:a-0x@h");
	name("-0x12", NULL, "sip:-0x12@h");
	name("+4930", NULL, "sip:+4930@h;user=phone");
	name("\"no uri\"", NULL, "no uri");
	name("\"\"", NULL, NULL);
}


/* Nothing that others choose ends the quotes, or looks as if */
static void test_dressed(void **state)
{
	(void)state;

	name("\"refer: #9 done\"", "refer: #9 done", "sip:x@h");
	name("\"a'  b\"", "a\"\r\nb", "sip:x@h");
	name("\"a\\\"", "a\\", "sip:x@h");
	name("\"a'b'c'd'e'\"", "a\xe2\x80\x9c" "b\xe2\x80\x9f" "c\xe2\x80\xb3"
	     "d\xef\xbc\x82" "e\xe3\x80\x83", "sip:x@h");
	name("\"a?\?b\"", "a\xe2\x80" "b", "sip:x@h");
	name("\"a b c\"", "a\x1b" "b\x7f" "c", "sip:x@h");
	name("\"a b\"", "a\xe2\x80\xae" "b", "sip:x@h");
	name("\"a%22b\"", NULL, "sip:a%22b@h");
	name("\"01234567890123456789012345678901..\"",
	     "0123456789012345678901234567890123456789", "sip:x@h");

	/* not in the middle of a character */
	name("\"012345678901234567890123456789..\"",
	     "012345678901234567890123456789\xe2\x82\xac\xe2\x82\xac",
	     "sip:x@h");
}


static void uri(const char *want, const char *text)
{
	shows(want, (re_printf_h *)people_uri, text);
}


static void test_addresses(void **state)
{
	char text[600];
	(void)state;

	uri("sip:carol@example.org", "sip:carol@example.org");
	uri("sip:carol@h;transport=tcp",
	    "sip:carol@h;transport=tcp?Replaces=1%3Bto-tag%3D2");
	uri("sip:a?b@h", "sip:a?b@h");
	uri("sip:a?b@h", "sip:a?b@h?Replaces=1");
	uri("sip:a%20b%0D%0A%1B@h", "sip:a b\r\n\x1b@h");
	uri("%C3%AB", "\xc3\xab");
	uri("", "");
	uri("", NULL);

	/* the host is seen, however long the user is */
	assert_true(re_snprintf(text, sizeof(text), "sip:good%%40example.org"
				"%0300u@evil.example;x=1", 0) > 0);
	uri("sip:good%40example.org00000000000000..@evil.example;..", text);
	assert_true(re_snprintf(text, sizeof(text), "sips:x@[fd00::1]:5070"
				";x=%0300u", 1) > 0);
	uri("sips:x@[fd00::1]:5070;..", text);
}


static void result(const char *want, uint16_t scode)
{
	shows(want, (re_printf_h *)people_result, &scode);
}


static void test_results(void **state)
{
	(void)state;

	result("answered", 200);
	result("answered", 299);
	result("is busy (486)", 486);
	result("declined (603)", 603);
	result("did not take the call (488 Not Acceptable Here)", 488);
	result("did not take the call (499 Request Failure)", 499);
}


static void test_quotes(void **state)
{
	(void)state;

	shows("\"No' \"", (re_printf_h *)people_quote, "No\"\n");
	shows("\"\"", (re_printf_h *)people_quote, NULL);
}


int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_dressed),
		cmocka_unit_test(test_addresses),
		cmocka_unit_test(test_results),
		cmocka_unit_test(test_quotes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
