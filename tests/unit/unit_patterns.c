/**
 * @file unit_patterns.c  Tests of the patterns of targets
 */
#include <ctype.h>
#include <errno.h>
#include "unit.h"
#include "host/libre.h"
#include "syntax/refer_to.h"
#include "admission/patterns.h"


static struct patterns *patterns_one(enum pattern_kind kind, const char *text,
				     int want, const char **whyp)
{
	const char *why = NULL;
	struct patterns *ps;
	struct pl pl;

	assert_int_equal(0, patterns_alloc(&ps));
	pl_set_str(&pl, text);
	assert_int_equal(want, patterns_add(ps, kind, &pl, &why));
	if (want)
		assert_non_null(why);
	if (whyp)
		*whyp = why;

	return ps;
}


/* As the Refer-To of a REFER; -1 if that is refused before */
static int allow(const struct patterns *ps, const char *uri)
{
	struct refer_to *rt = NULL;
	char val[512];
	struct pl pl;
	int ok;

	(void)re_snprintf(val, sizeof(val), "<%s>", uri);
	pl_set_str(&pl, val);
	if (refer_to_decode(&rt, &pl))
		return -1;

	ok = patterns_allow(ps, rt);
	mem_deref(rt);

	return ok;
}


static bool denies(enum pattern_kind kind, const char *text, const char *uri)
{
	struct patterns *ps = patterns_one(kind, text, 0, NULL);
	const int ok = allow(ps, uri);

	mem_deref(ps);

	return ok < 1;
}


static bool allows(const char *text, const char *uri)
{
	struct patterns *ps = patterns_one(PATTERN_ALLOW, text, 0, NULL);
	const int ok = allow(ps, uri);

	mem_deref(ps);

	return ok == 1;
}


/* Patterns that can match, and a target that does */
static void test_good(void **state)
{
	static const struct {
		const char *pattern;
		const char *uri;
	} rowv[] = {
		{"*", "sip:carol@h"},
		{"**", "sip:carol@h"},
		{"sip:00*@*", "sip:00900@h"},
		{"SIP:CAROL@H", "sip:carol@h"},
		{"sip:carol@h", "SIP:Carol@H"},
		{"*@example.org", "sip:carol@example.org"},
		{"*@*.example.org", "sip:carol@a.example.org"},
		{"*carol*", "sip:carol@h"},
		{"sip:*@h:5060", "sip:carol@h:5060"},
		{"sip:*@h:*", "sip:carol@h:5070"},
		{"sip:*@h", "sip:carol@h:5070"},
		{"sip:?arol@h", "sip:carol@h"},
		{"?ip:carol@h", "sip:carol@h"},
		{"[a-z]ip:carol@h", "sip:carol@h"},
		{"sip:[0-9]*@*", "sip:1a@h"},
		{"sip:[!0-9]*@*", "sip:a1@h"},
		{"sip:[[:digit:]]@*", "sip:1@h"},
		{"sip:[]0]@*", "sip:0@h"},
		{"sip:\\*21#@h", "sip:*21%23@h"},
		{"sip:*21#@h", "sip:*21#@h"},
		{"sip:a%20b@h", "sip:a%20b@h"},
		{"sip:%c3%a4@h", "sip:%C3%a4@h"},
		{"sip:%25@h", "sip:%25@h"},
		{"sip:+49;ext=1@h", "sip:+49;ext=1@h"},
		{"sip:*;ext=*@h", "sip:+49;ext=1@h"},
		{"sip:a,b@h", "sip:a,b@h"},
		{"sip:a?b=c@h", "sip:a?b=c@h"},
		{"sip:a/b@h", "sip:a/b@h"},
		{"sip:00*", "sip:00900@h"},
		{"sip:example.org", "sip:example.org"},
		{"sip:127.0.0.3", "sip:127.0.0.3"},
		{"sip:*@[::ffff:127.0.0.3]", "sip:a@127.0.0.3"},
		{"sip:*@[::FFFF:7F00:3]:5060", "sip:a@127.0.0.3:5060"},
		{"sip:*@[fd00::3]", "sip:a@[fd00::3]"},
		{"sip:*@[fd00::3]", "sip:a@[FD00:0:0::0003]:5060"},
		{"sip:*@[FD00:0::3]:5060", "sip:a@[fd00::3]:5060"},
		{"sip:*@[fd00::*]", "sip:a@[fd00:0:0::3]"},
		{"sip:*@[fd*]", "sip:a@[fd00::3]"},
		{"sip:*@[FD00:*]", "sip:a@[fd00:1:2:3:4:5:6:7]"},
		{"sip:*@[*:*]", "sip:a@[::1]"},
		{"sip:[fd00::3]", "sip:[fd00::03]"},
		{"*@[fd00::?]*", "sip:a@[fd00::3]:5060"},
		{"sip:*@[a-f]*", "sip:x@example.org"},
	};
	size_t i;
	(void)state;

	for (i=0; i<ARRAY_SIZE(rowv); ++i) {
		print_message("%s %s\n", rowv[i].pattern, rowv[i].uri);
		assert_true(denies(PATTERN_DENY, rowv[i].pattern,
				   rowv[i].uri));
		assert_true(allows(rowv[i].pattern, rowv[i].uri));
	}
}


/* Those that never can, and a part of what is said about it */
static void test_never(void **state)
{
	static const struct {
		const char *pattern;
		const char *why;
	} rowv[] = {
		{"", "empty"},
		{"=", "no = between"},
		{"=sip:00*@*", "no = between"},
		{"00*@*", "begins with sip:"},
		{"carol", "begins with sip:"},
		{"http://h", "begins with sip:"},
		{"sipp:*@*", "begins with sip:"},
		{"<sip:00*@*>", "without <>"},
		{"*<sip:00*@*>", "without <>"},
		{"\"sip:00*@*\"", "without <>"},
		{"sips:00*@*", "also one of sips:"},
		{"TEL:00*", "also one of sips: or tel:"},
		{"a,b", "begins with sip:"},
		{"sip:0*@*,sip:1*@*", "a line of its own"},
		{"*@a,*@b", "a line of its own"},
		{"sip:a@b@c", "a line of its own"},
		{"sip:0*@* sip:1*@*", "characters"},
		{"sip:a b@h", "characters"},
		{"sip:\xc3\xa4@h", "characters"},
		{"sip:\x7f@h", "characters"},
		{"sip:[0@h", "a [ has no ]"},
		{"sip:*@[fd00::3", "a [ has no ]"},
		{"sip:[[:digit:@h", "a [ has no ]"},
		{"sip:*@[fd00::3::]", "no IPv6 address"},
		{"sip:*@[fd00:1]", "no IPv6 address"},
		{"sip:*@[f]", "no IPv6 address"},
		{"sip:*@[fe80::1%eth0]", "no IPv6 address"},
		{"sip:*@[::ffff:127.0.0.*]", "written as one"},
		{"sip:*@[fd00::03*]", "no target"},
		{"sip:*@[fd00:*]x", "no target"},
		{"sip:a@h\\", "last backslash"},
		{"sip:%30@h", "written as itself"},
		{"sip:%2A@h", "written as itself"},
		{"sip:%2x@h", "written as itself"},
		{"sip:%@h", "written as itself"},
		{"sip:*@ex%61mple.org", "written as itself"},
		{"sip:*@h;transport=tcp", "parameters"},
		{"sip:*@h;user=phone", "parameters"},
		{"sip:*@h?x=1", "parameters"},
		{"sip:*@h/x", "parameters"},
		{"sip:a:b@h", "no target"},
		{"sip:*:*@h", "no target"},
		{"sip:*@h.", "no dot"},
		{"sip:*@h:05060", "no target"},
		{"sip:*@h:x", "no target"},
		{"sip:00900", "no host"},
		{"sip:+4930", "no host"},
		{"sip:0-0-9", "no host"},
		{"sip:@h", "no target"},
		{"sip:*@*[@]*@h", "a line of its own"},
		{"sip:[:]@h", "no target"},
		{"sip:", "no host"},
		{"sip", "begins with sip:"},
		{"?", "no host"},
	};
	const char *why;
	size_t i;
	(void)state;

	for (i=0; i<ARRAY_SIZE(rowv); ++i) {
		struct patterns *ps;

		print_message("%s\n", rowv[i].pattern);
		ps = patterns_one(PATTERN_DENY, rowv[i].pattern, EINVAL,
				  &why);
		print_message("    %s\n", why);
		assert_non_null(strstr(why, rowv[i].why));

		/* a guard that cannot be is shut */
		assert_int_equal(0, allow(ps, "sip:carol@h"));
		mem_deref(ps);
	}
}


static void test_never_number(void **state)
{
	static const char *const goodv[] = {
		"*", "00900*", "+900*", "0190?", "[0-3]*", "\\*21#", "+*",
		"?", "110",
	};
	static const char *const badv[] = {
		"", "+", "sip:00*@*", "0-0*", "00 9", "0+9", "++9", "a*",
		"[0", "(0)9", "00*@*", "0900\\", "00900;x", "<00*>", "=00*",
		"00*,01*",
	};
	const char *why;
	size_t i;
	(void)state;

	for (i=0; i<ARRAY_SIZE(goodv); ++i)
		mem_deref(patterns_one(PATTERN_DENY_NUMBER, goodv[i], 0,
				       NULL));

	for (i=0; i<ARRAY_SIZE(badv); ++i) {
		print_message("%s\n", badv[i]);
		mem_deref(patterns_one(PATTERN_DENY_NUMBER, badv[i], EINVAL,
				       &why));
	}
}


/* A forbidden number, however it is written */
static const char *const spellingv[] = {
	"00900123", "%30%30900123", "%30%30%39%30%30%31%32%33",
	"0-0-9(0)0.123",
	"0-0-900123", "0.0.900123", "(00)900123", "((0)0)900123",
	"%28%30%30%29900123", "0%2d0%2D900123", "0%2E0900123",
	"0%200900123", "%20%2000900123", "0%090900123", "00900123%20",
	"00900123;ext=1", "00900123;isub=2;x=y", "00900123;phone-context=h",
	"0-0-900123;phone-context=+49", "900123;phone-context=00",
	"900123;phone-context=0-0", "0;ext=0900123", "00;ext=900123",
	"0;isub=0900123", "1;rn=00900123", "1;rn=0-0-900123;npdi",
	"110;postd=00900123", "00:900123", "00:", "0:0900123", "00900123:",
	"00900123:pw", "00%3A900123", "0%3A0900123", "00%40900123",
	"00%3B900123", "00900123%3Bext=1", "00900123%00", "%2530%2530900123",
	"%252530%2530900123", "0%252D0900123", "00900123#", "00900123%23",
	"00*900123", "0~0~900123", "0!0'900123", "0_0_900123", "0/0/900123",
	"0,0,900123", "0&0=900123", "0$0900123", "%C2%A000900123",
	"%E2%80%8B00900123", "0%C2%AD0900123", "00900123abc", "00900p123",
	"0%25000900123", "00(0)900123", "%2D00900123", ".00900123",
	"%7F00900123", "%0100900123", "00[900123", "0]0900123",
	"110;postd=p00900123", "110;POSTD=pp0w0900123", "tel%3A00900123",
	"TEL%3a0-0-900123", "tel%3A%30%30900123;ext=1",
	";00900123", "%3B00900123", "00(0)(0)900123", "0(0)(0)0900123",
};


static void test_spellings(void **state)
{
	char uri[128];
	size_t i;
	(void)state;

	assert_true(ARRAY_SIZE(spellingv) >= 40);

	for (i=0; i<ARRAY_SIZE(spellingv); ++i) {
		static const char *const tailv[] = {
			"@h", "@h:5070", "@H.", "@h;user=phone",
			"@[fd00::1];x=1",
		};
		size_t j;

		for (j=0; j<ARRAY_SIZE(tailv); ++j) {
			(void)re_snprintf(uri, sizeof(uri), "sip:%s%s",
					  spellingv[i], tailv[j]);
			print_message("%s\n", uri);
			assert_true(denies(PATTERN_DENY, "sip:00*@*", uri));
			assert_true(denies(PATTERN_DENY_NUMBER, "00*", uri));
		}
	}
}


static void test_uri_params(void **state)
{
	(void)state;

	assert_true(denies(PATTERN_DENY, "sip:00*@*",
			   "sip:900@h;phone-context=00;user=phone"));
	assert_true(denies(PATTERN_DENY, "sip:00*@*",
			   "sip:1@h;rn=0-0-900"));
	assert_true(denies(PATTERN_DENY, "sip:00*@*",
			   "sip:1@h;r%6e=0%2D0-900"));
	assert_true(denies(PATTERN_DENY, "sip:1*@*", "sip:1@h;maddr=x"));

	/* where a % is skipped like a separator, before or after decoding */
	assert_true(denies(PATTERN_DENY_NUMBER, "00900*", "sip:0%0900123@h"));
	assert_true(denies(PATTERN_DENY_NUMBER, "00900*",
			   "sip:%2500900123@h"));
	assert_true(denies(PATTERN_DENY_NUMBER, "00900*",
			   "sip:900123@h;phone-context=0%250"));
	assert_true(denies(PATTERN_DENY, "sip:9@*", "sip:x@h;MADDR=x"));

	/* refused by libre 1.x, the same address for others */
	assert_true(denies(PATTERN_DENY, "sip:*@127.0.0.3",
			   "sip:a@[::ffff:7f00:3]"));

	/* a denied host, without a user, or with the port that it has */
	assert_true(denies(PATTERN_DENY, "sip:*@127.0.0.3", "sip:127.0.0.3"));
	assert_true(denies(PATTERN_DENY, "*@example.org", "sip:example.org"));
	assert_true(denies(PATTERN_DENY, "sip:*@h:5060", "sip:a@h"));
	assert_false(denies(PATTERN_DENY, "sip:*@h:5060", "sip:a@h:5061"));
	assert_true(denies(PATTERN_DENY, "sip:*@h:5061",
			   "sip:a@h;transport=TLS"));
	assert_true(denies(PATTERN_DENY, "sip:*@h:443",
			   "sip:a@h;tr%61nsport=udp;transport=wss"));
	assert_false(denies(PATTERN_DENY, "sip:*@h:5061", "sip:a@h"));
	assert_false(allows("*@example.org", "sip:example.org"));
	assert_false(allows("sip:*@h:5060", "sip:a@h"));

	/* addresses, to getaddrinfo() */
	assert_true(denies(PATTERN_DENY, "sip:9@*", "sip:a@127.3"));
	assert_true(denies(PATTERN_DENY, "sip:9@*", "sip:a@0x7f000003"));
	assert_true(denies(PATTERN_DENY, "sip:9@*", "sip:a@2130706435"));
	assert_true(denies(PATTERN_DENY, "sip:9@*", "sip:a@127.0.0.003"));
	assert_true(denies(PATTERN_DENY, "sip:9@*", "sip:a@127.0.0.0x3."));
	assert_false(denies(PATTERN_DENY, "sip:9@*", "sip:a@3.example.org"));

	/* a number without a host */
	assert_true(denies(PATTERN_DENY, "sip:9@*", "sip:00900"));
	assert_true(denies(PATTERN_DENY, "sip:9@*", "sip:0-0-9"));
	assert_false(denies(PATTERN_DENY, "sip:9@*", "sip:127.0.0.3"));
}


/* + and 00, and what it must leave alone */
static void test_number(void **state)
{
	static const char *const badv[] = {
		"sip:00900123@h", "sip:+900123@h", "sip:%2B900123@h",
		"sip:%2b(9)00-123@h", "sip:+9(0)00123@h", "sip:+900;ext=1@h",
		"sip:(+)900123@h", "sip:+00900123@h", "sip:++900123@h",
		"sip:0+0900123@h", "sip:1;phone-context=+900@h",
		"sip:900123;phone-context=+@h", "sip:123;rn=+900@h",
	};
	static const char *const goodv[] = {
		"sip:+4930900@h", "sip:0900123@h", "sip:900123@h",
		"sip:carol@h", "sip:alice00900@h", "sip:a.00900@h",
		"sip:example.org", "sip:100900@h", "sip:00800900@h",
		"sip:110;ext=5@h",
	};
	size_t i;
	(void)state;

	for (i=0; i<ARRAY_SIZE(badv); ++i) {
		print_message("%s\n", badv[i]);
		assert_true(denies(PATTERN_DENY_NUMBER, "00900*", badv[i]));
		assert_true(denies(PATTERN_DENY_NUMBER, "+900*", badv[i]));
	}

	for (i=0; i<ARRAY_SIZE(goodv); ++i) {
		print_message("%s\n", goodv[i]);
		assert_false(denies(PATTERN_DENY_NUMBER, "00900*",
				    goodv[i]));
		assert_false(denies(PATTERN_DENY, "sip:00900*@*", goodv[i]));
	}

	/* the 0 of those who dial in an area is not of the whole number */
	assert_true(denies(PATTERN_DENY_NUMBER, "+49900*",
			   "sip:0900123;phone-context=+49@h"));
	assert_true(denies(PATTERN_DENY_NUMBER, "+49900*",
			   "sip:0-900123@h;phone-context=+49;user=phone"));
	assert_false(denies(PATTERN_DENY_NUMBER, "+49900*",
			    "sip:030;phone-context=+49@h"));

	/* all numbers, but no names */
	assert_true(denies(PATTERN_DENY_NUMBER, "*", "sip:1@h"));
	assert_false(denies(PATTERN_DENY_NUMBER, "*", "sip:carol@h"));
	assert_false(denies(PATTERN_DENY_NUMBER, "*", "sip:carol1@h"));
	assert_true(denies(PATTERN_DENY_NUMBER, "\\*21*", "sip:*21*1@h"));
	assert_false(denies(PATTERN_DENY_NUMBER, "\\*21*", "sip:210@h"));
}


/* What is allowed is the target as it is written, and no more */
static void test_allow_exact(void **state)
{
	static const char *const userv[] = {
		"1-1-0", "(110)", "110;ext=1", "110%40x", "110%3B", "110:",
		"110:1", "110%20", "%2B110", "110#", "%25310", "110;x",
		"110,", "0110",
	};
	char uri[64];
	size_t i;
	(void)state;

	for (i=0; i<ARRAY_SIZE(userv); ++i) {
		(void)re_snprintf(uri, sizeof(uri), "sip:%s@h", userv[i]);
		print_message("%s\n", uri);
		assert_false(allows("sip:110@h", uri));
	}

	assert_true(allows("sip:110@h", "sip:110@h"));
	assert_true(allows("sip:110@h", "sip:%31%310@H.;user=phone"));
	assert_false(allows("*@example.org", "sip:a%40example.org@evil"));
	assert_false(allows("*@example.org", "sip:a@evil;x=example.org"));
	assert_false(allows("*@example.org", "sip:a%40example.org"));
	assert_false(allows("*@example.org", "sip:a@example.org.evil"));
	assert_false(allows("*@example.org", "sip:a@example.org;maddr=e"));
	assert_false(allows("*@h", "sip:a@h;maddrx;m%61ddr=e"));
	assert_true(allows("*@h", "sip:a@h;maddrx=e;x=maddr"));
}


/* Deny wins, and any of several matches */
static void test_several(void **state)
{
	struct patterns *ps = patterns_one(PATTERN_ALLOW, "*@h", 0, NULL);
	const char *why = NULL;
	struct pl pl;
	(void)state;

	pl_set_str(&pl, "*@i");
	assert_int_equal(0, patterns_add(ps, PATTERN_ALLOW, &pl, &why));
	pl_set_str(&pl, "sip:0*@*");
	assert_int_equal(0, patterns_add(ps, PATTERN_DENY, &pl, &why));
	pl_set_str(&pl, "+9*");
	assert_int_equal(0, patterns_add(ps, PATTERN_DENY_NUMBER, &pl, &why));

	assert_int_equal(1, allow(ps, "sip:a@h"));
	assert_int_equal(1, allow(ps, "sip:a@i"));
	assert_int_equal(0, allow(ps, "sip:a@j"));
	assert_int_equal(0, allow(ps, "sip:0@h"));
	assert_int_equal(0, allow(ps, "sip:+9@h"));
	mem_deref(ps);
}


static void escape_glob(char *to, const char *from)
{
	for (; *from; ++from) {
		if (strchr("*?[]\\", *from))
			*to++ = '\\';
		*to++ = *from;
	}

	*to = '\0';
}


/* The same for one that may be malformed */
static bool tries(const char *text, const char *uri)
{
	struct patterns *ps;
	const char *why;
	struct pl pl;
	bool ok;

	assert_int_equal(0, patterns_alloc(&ps));
	pl_set_str(&pl, text);
	ok = !patterns_add(ps, PATTERN_ALLOW, &pl, &why) &&
		allow(ps, uri) == 1;
	mem_deref(ps);

	return ok;
}


/* Finds out what a target is compared with: the pattern that allows it,
   character by character */
static void written(char *pattern, const char *uri)
{
	char plain[256] = "";
	size_t n = 0;

	do {
		char c;

		for (c = ' ' + 1; c <= '~'; ++c) {
			plain[n] = c;
			plain[n + 1] = '\0';
			escape_glob(pattern, plain);
			strcat(pattern, "*");
			if (tries(pattern, uri))
				break;
		}

		if (c > '~' || ++n >= sizeof(plain) - 1)
			fail_msg("%s is not written as %s..", uri, plain);

		escape_glob(pattern, plain);

	} while (!tries(pattern, uri));
}


/* Any target, as it is written, is a pattern that matches it */
static void test_property(void **state)
{
	static const char user[] = "aZ09-_.!~*'()&=+$,;?/#[]%|";
	static const char *const hostv[] = {
		"h", "Example.ORG", "127.0.0.3", "[fd00::3]", "[FD00:0::03]",
		"[::ffff:7f00:3]", "[1:2:3:4:5:6:7:8]", "a-b_c.d", "9.org",
		"[::]", "[1:0:0:2::3]", "[::102:304]", "x..", "123",
	};
	static const char *const portv[] = {"", ":5060", ":1", ":65535"};
	uint32_t seed = 1, i, j, n, tested = 0;
	char uri[256], text[64], pattern[512];
	(void)state;

	for (i=0; i<120; ++i) {

		for (j=0, n = i % 7; n; --n) {
			char c;

			seed = seed * 1103515245 + 12345;
			c = user[(seed >> 16) % (sizeof(user) - 1)];
			if (c == '%' || c == '|')
				j += re_snprintf(text + j, sizeof(text) - j,
						 "%%%02x", seed >> 24 & 0xff);
			else
				text[j++] = c;
		}
		text[j] = '\0';

		(void)re_snprintf(uri, sizeof(uri), "sip:%s%s%s%s", text,
				  *text ? "@" : "",
				  hostv[i % ARRAY_SIZE(hostv)],
				  portv[i / 3 % ARRAY_SIZE(portv)]);
		if (!allows("*", uri))
			continue;

		print_message("%s\n", uri);
		written(pattern, uri);
		assert_true(allows(pattern, uri));
		assert_true(denies(PATTERN_DENY, pattern, uri));
		++tested;
	}

	assert_true(tested > 60);
}


static int print_handler(const char *p, size_t size, void *arg)
{
	return mbuf_write_mem(arg, (const uint8_t *)p, size);
}


static void test_print(void **state)
{
	struct patterns *ps = patterns_one(PATTERN_DENY, "sip:*@[FD00:0::3]",
					   0, NULL);
	struct mbuf *mb = mbuf_alloc(64);
	struct re_printf pf = {print_handler, mb};
	const char *why;
	struct pl pl;
	char *str;
	(void)state;

	pl_set_str(&pl, "+900*");
	assert_int_equal(0, patterns_add(ps, PATTERN_DENY_NUMBER, &pl, &why));
	pl_set_str(&pl, "*@h");
	assert_int_equal(0, patterns_add(ps, PATTERN_ALLOW, &pl, &why));
	assert_int_equal(0, patterns_print(&pf, ps));
	mb->pos = 0;
	assert_int_equal(0, mbuf_strdup(mb, &str, mb->end));
	assert_string_equal("refer: deny sip:*@\\[fd00::3\\]\n"
			    "refer: deny_number 00900*\n"
			    "refer: allow *@h\n", str);
	mem_deref(str);
	mem_deref(mb);
	mem_deref(ps);
}


int main(void)
{
	const struct CMUnitTest testv[] = {
		cmocka_unit_test(test_good),
		cmocka_unit_test(test_never),
		cmocka_unit_test(test_never_number),
		cmocka_unit_test(test_spellings),
		cmocka_unit_test(test_uri_params),
		cmocka_unit_test(test_number),
		cmocka_unit_test(test_allow_exact),
		cmocka_unit_test(test_several),
		cmocka_unit_test(test_property),
		cmocka_unit_test(test_print),
	};

	return UNIT_RUN(testv, NULL, NULL);
}
