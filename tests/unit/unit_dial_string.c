/**
 * @file unit_target.c  Tests of the target of a transfer
 */
#include "unit.h"
#include "referrer/referrer.h"
#include "host/libre.h"

#define ACCOUNT "sip:alice@example.com:5070;transport=tcp"


static int complete(char **urip, const char *text, const char *account)
{
	struct uri luri;
	struct pl pl;

	pl_set_str(&pl, account);
	assert_int_equal(0, uri_decode(&luri, &pl));

	return dial_complete(urip, text, &luri);
}


static void test_good(void **state)
{
	static const struct {
		const char *text;
		const char *uri;
	} rowv[] = {
		{"sip:bob@h", "sip:bob@h"},
		{"SIP:bob@h", "SIP:bob@h"},
		{"sips:bob@h", "sips:bob@h"},
		{"sip:h", "sip:h"},
		{"sip:bob@h:5080;transport=tcp",
		 "sip:bob@h:5080;transport=tcp"},
		{"sip:bob@[::1]:5080", "sip:bob@[::1]:5080"},
		{"<sip:bob@h>", "sip:bob@h"},
		{"<sip:bob@h>;x=y", "sip:bob@h"},
		{"<sip:bob@h;x=y>", "sip:bob@h;x=y"},
		{"Bob <sip:bob@h>", "sip:bob@h"},
		{"\"Bob of Town\" <sip:bob@h>", "sip:bob@h"},
		{"<bob>", "sip:bob@example.com:5070"},
		{"<bob@h>", "sip:bob@h"},
		{"bob@h", "sip:bob@h"},
		{"bob@h:5080", "sip:bob@h:5080"},
		{"bob@h;transport=tls", "sip:bob@h;transport=tls"},
		{"bob@1.2.3.4", "sip:bob@1.2.3.4"},
		{"bob", "sip:bob@example.com:5070"},
		{"bob;x=y", "sip:bob@example.com:5070;x=y"},
		{"bob;transport=udp",
		 "sip:bob@example.com:5070;transport=udp"},
		{"bob?Subject=x", "sip:bob@example.com:5070?Subject=x"},
		{" bob", "sip:bob@example.com:5070"},
		{"bob ", "sip:bob@example.com:5070"},
		{"\tbob\t", "sip:bob@example.com:5070"},
		{"1234", "sip:1234@example.com:5070"},
		{"+49123", "sip:+49123@example.com:5070"},
		{"*21#", "sip:*21#@example.com:5070"},
		{"bob.smith", "sip:bob.smith@example.com:5070"},
		{"b%40b", "sip:b%40b@example.com:5070"},
		{"sip", "sip:sip@example.com:5070"},
		{"1.2.3.4", "sip:1.2.3.4"},
		{"1.2.3.4:5080", "sip:1.2.3.4:5080"},
		{"1.2.3.4;transport=tcp", "sip:1.2.3.4;transport=tcp"},
		{"1.2.3.4:5080;transport=tcp",
		 "sip:1.2.3.4:5080;transport=tcp"},
		{"[::1]", "sip:[::1]"},
		{"::1", "sip:[::1]"},
		{"fd00::3;transport=tcp", "sip:[fd00::3];transport=tcp"},
		{"2001:db8::3", "sip:[2001:db8::3]"},
		{"[::1]:5080", "sip:[::1]:5080"},
		{"carol:5060", "sip:carol:5060@example.com:5070"},
		{"h.org:5060", "sip:h.org:5060@example.com:5070"},
		{"carol:5060;a=b", "sip:carol:5060@example.com:5070;a=b"},
		{"bob;x=a:b", "sip:bob@example.com:5070;x=a:b"},
		{"bob?Subject=a:b", "sip:bob@example.com:5070?Subject=a:b"},
		{"tel:+49123", "tel:+49123"},
		{"sip:bob@example.org.", "sip:bob@example.org"},
		{"sip:bob:pw@example.org.:5080;a=b?X=1.",
		 "sip:bob:pw@example.org:5080;a=b?X=1."},
		{"sips:example.org.", "sips:example.org"},
		{"bob@example.org.", "sip:bob@example.org"},
		{"sip:bob.@1.2.3.4.", "sip:bob.@1.2.3.4"},
	};
	bool good = true;
	char *uri;
	size_t i;
	(void)state;

	for (i=0; i<ARRAY_SIZE(rowv); ++i) {

		if (complete(&uri, rowv[i].text, ACCOUNT)) {
			(void)re_fprintf(stderr, "refused: %s\n",
					 rowv[i].text);
			good = false;
			continue;
		}

		if (strcmp(uri, rowv[i].uri)) {
			(void)re_fprintf(stderr, "%s: %s, not %s\n",
					 rowv[i].text, uri, rowv[i].uri);
			good = false;
		}

		mem_deref(uri);
	}

	assert_true(good);
}


static void test_account(void **state)
{
	static const struct {
		const char *account;
		const char *uri;
	} rowv[] = {
		{"sip:alice@h", "sip:bob@h"},
		{"sip:alice:secret@h", "sip:bob@h"},
		{"sip:alice@h;transport=tls?x=y", "sip:bob@h"},
		{"sips:alice@h", "sips:bob@h"},
		{"sip:alice@[::1]:5070", "sip:bob@[::1]:5070"},
		{"sip:alice@1.2.3.4", "sip:bob@1.2.3.4"},
	};
	char *uri;
	size_t i;
	(void)state;

	for (i=0; i<ARRAY_SIZE(rowv); ++i) {
		assert_int_equal(0, complete(&uri, "bob", rowv[i].account));
		assert_string_equal(rowv[i].uri, uri);
		mem_deref(uri);
	}
}


static void test_bad(void **state)
{
	static const char *badv[] = {
		"",
		" ",
		"\t ",
		"<>",
		"<bob",
		"bob>",
		"<sip:bob@h",
		"<bob smith>",
		"sip:",
		"sip:bob@h:70000",
		"sip:bob@h:x",
		"bob@",
		"b\"ob",
		"bob\r\nX:y",
		"bob\x01",
		"bob\x7f",
		"bob\xc3\xa4",
		"bob%0d%0aX:y",
		"bob%00",
		"bob%4",
		"bob%zz",
		"sip:bob@h;x=%0d%0aX:y",
		"<sip:bob@h?x=%0A>",
		"sip:bob@h..",
		"sip:bob@.",
	};
	bool bad = true;
	char *uri;
	size_t i;
	(void)state;

	for (i=0; i<ARRAY_SIZE(badv); ++i) {

		const int err = complete(&uri, badv[i], ACCOUNT);

		if (err == EINVAL)
			continue;

		(void)re_fprintf(stderr, "%s: %m %s\n", badv[i], err,
				 err ? "" : uri);
		bad = false;
		if (!err)
			mem_deref(uri);
	}

	assert_true(bad);
}


/* Another scheme; a password needs "sip:" for the same reason */
static void test_scheme(void **state)
{
	static const char *badv[] = {
		"http://x", "http:x", "https://example.org/a?b", "mailto:a@b",
		"MAILTO:a@b", "foo:bar", "<foo:bar>", "x-a+b.c:d",
		"Bob <xmpp:bob@h>", "sipx:bob@h", "si:bob@h", "sip+x:bob@h",
		"tels:65536", "tels:0", "urn:service:sos", "im:123@h",
		"bob:secret@h", "callto:+49123", "bob:", "bob:;x=y",
		"bob:123456", "bob:5060@h", "file:///etc/passwd", " http://x ",
		"javascript:x;", "http:",
	};
	char *uri;
	size_t i;
	(void)state;

	for (i=0; i<ARRAY_SIZE(badv); ++i) {

		const int err = complete(&uri, badv[i], ACCOUNT);

		if (err != ENOTSUP)
			fail_msg("%s: %d %s", badv[i], err, err ? "" : uri);
	}
}


static void test_valid(void **state)
{
	static const char *const goodv[] = {
		"sip:bob@h", "SIPS:bob@h;a=b?Replaces=a%3Bb", "tel:+49123",
		"sip:h", "sip:bob:pw@[::1]:5060",
	};
	static const char *const badv[] = {
		"", "carol", "a,b", "<sip:bob@h>", "sip:", "sip:bob@h b",
		"http://x", "foo:bar", "mailto:a@b", "tel:", "1.2.3.4:5060",
		"sip:bob@h\r\nX: y", "sip:bob%0d%0a@h", "bob@h", "sip:a>b@h",
	};
	size_t i;
	(void)state;

	for (i=0; i<ARRAY_SIZE(goodv); ++i)
		assert_true(dial_valid(goodv[i]));

	for (i=0; i<ARRAY_SIZE(badv); ++i) {
		if (dial_valid(badv[i]))
			fail_msg("taken: %s", badv[i]);
	}

	assert_false(dial_valid(NULL));
}


static void test_null(void **state)
{
	struct uri luri;
	char *uri;
	(void)state;

	memset(&luri, 0, sizeof(luri));
	assert_int_equal(EINVAL, dial_complete(NULL, "bob", &luri));
	assert_int_equal(EINVAL, dial_complete(&uri, NULL, &luri));
	assert_int_equal(EINVAL, dial_complete(&uri, "bob", NULL));
}


int main(void)
{
	const struct CMUnitTest testv[] = {
		cmocka_unit_test(test_good),
		cmocka_unit_test(test_account),
		cmocka_unit_test(test_bad),
		cmocka_unit_test(test_scheme),
		cmocka_unit_test(test_valid),
		cmocka_unit_test(test_null),
	};

	return UNIT_RUN(testv, NULL, NULL);
}
