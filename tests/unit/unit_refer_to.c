/**
 * @file unit_refer_to.c  Tests of the Refer-To header
 */
#include "unit.h"
#include "syntax/refer_to.h"
#include "syntax/uri.h"
#include "host/libre.h"

#define REPL "c1@h;to-tag=a;from-tag=b"
#define TEN "0123456789"
#define HUNDRED TEN TEN TEN TEN TEN TEN TEN TEN TEN TEN
#define TWO_THOUSAND HUNDRED HUNDRED HUNDRED HUNDRED HUNDRED HUNDRED HUNDRED \
	HUNDRED HUNDRED HUNDRED HUNDRED HUNDRED HUNDRED HUNDRED HUNDRED \
	HUNDRED HUNDRED HUNDRED HUNDRED HUNDRED

/** A Refer-To that is accepted */
struct good {
	const char *val;
	const char *uri;
	const char *replaces;
};

/** A Refer-To that is refused */
struct bad {
	const char *val;
	uint16_t scode;
};


static bool str_same(const char *a, const char *b)
{
	return a && b ? !strcmp(a, b) : a == b;
}


static bool is_good(const struct good *g)
{
	const struct refusal *ref;
	struct refer_to *rt;
	struct pl pl;
	bool good;

	pl_set_str(&pl, g->val);
	ref = refer_to_decode(&rt, &pl);
	if (ref) {
		(void)re_fprintf(stderr, "%s: refused: %u %s\n", g->val,
				 ref->scode, ref->warning);
		return false;
	}

	good = str_same(rt->uri, g->uri) &&
		str_same(rt->replaces, g->replaces);
	if (!good)
		(void)re_fprintf(stderr, "%s: uri %s replaces %s\n", g->val,
				 rt->uri, rt->replaces);
	mem_deref(rt);

	return good;
}


static void check_good(const struct good *goodv, size_t n)
{
	bool good = true;
	size_t i;

	for (i=0; i<n; ++i)
		good &= is_good(&goodv[i]);

	assert_true(good);
}


static bool is_bad(const struct pl *val, uint16_t scode)
{
	const struct refusal *ref;
	struct refer_to *rt;

	ref = refer_to_decode(&rt, val);
	if (!ref) {
		(void)re_fprintf(stderr, "%r: accepted: %s replaces %s\n", val,
				 rt->uri, rt->replaces);
		mem_deref(rt);
		return false;
	}

	/* what is told to the peer must be complete, and one quoted line */
	if (!str_isset(ref->reason) || !str_isset(ref->warning) ||
	    strpbrk(ref->warning, "\"\\\r\n")) {
		(void)re_fprintf(stderr, "%r: bad texts\n", val);
		return false;
	}

	if (ref->scode != scode)
		(void)re_fprintf(stderr, "%r: %u, not %u\n", val, ref->scode,
				 scode);

	return ref->scode == scode;
}


static void check_bad(const struct bad *badv, size_t n)
{
	bool bad = true;
	struct pl pl;
	size_t i;

	for (i=0; i<n; ++i) {
		pl_set_str(&pl, badv[i].val);
		bad &= is_bad(&pl, badv[i].scode);
	}

	assert_true(bad);
}


static void test_forms(void **state)
{
	static const struct good goodv[] = {
		{"<sip:a@h>", "sip:a@h", NULL},
		{"sip:a@h", "sip:a@h", NULL},
		{"<sip:h>", "sip:h", NULL},
		{"sip:h", "sip:h", NULL},
		{"SIP:a@H", "SIP:a@H", NULL},
		{"<sip:a:secret@h>", "sip:a:secret@h", NULL},
		{"Alice <sip:a@h>", "sip:a@h", NULL},
		{"Alice of Town <sip:a@h>", "sip:a@h", NULL},
		{"Alice<sip:a@h>", "sip:a@h", NULL},
		{"\"Alice\" <sip:a@h>", "sip:a@h", NULL},
		{"\"Alice\"<sip:a@h>", "sip:a@h", NULL},
		{"\"\" <sip:a@h>", "sip:a@h", NULL},
		{"\"A, B\" <sip:a@h>", "sip:a@h", NULL},
		{"\"<sip:x@y>\" <sip:a@h>", "sip:a@h", NULL},
		{"\"a < b\" <sip:a@h>", "sip:a@h", NULL},
		{"\"say \\\"<sip:x@y>\\\"\" <sip:a@h>", "sip:a@h", NULL},
		{"<sip:a@h>;x=y", "sip:a@h", NULL},
		{"<sip:a@h> ;x=y;z", "sip:a@h", NULL},
		{"<sip:a@h> ", "sip:a@h", NULL},
		{"<sip:a,b@h>", "sip:a,b@h", NULL},
		{"<sip:a%40b@h>", "sip:a%40b@h", NULL},
		{"<sip:a%23@h>", "sip:a%23@h", NULL},
		{"<sip:*21#@h>", "sip:*21#@h", NULL},
	};
	(void)state;

	check_good(goodv, ARRAY_SIZE(goodv));
}


static void test_params(void **state)
{
	static const struct good goodv[] = {
		{"<sip:a@h;transport=tcp>", "sip:a@h;transport=tcp", NULL},
		{"sip:a@h;transport=tcp", "sip:a@h;transport=tcp", NULL},
		{"sip:a@h;lr;x=y", "sip:a@h;lr;x=y", NULL},
		{"<sip:a@h;x=%41>;y=z", "sip:a@h;x=%41", NULL},
		{"<sip:h;maddr=1.2.3.4>", "sip:h;maddr=1.2.3.4", NULL},
		{"<sip:+1;ext=2@h;x>", "sip:+1;ext=2@h;x", NULL},
	};
	static const struct bad badv[] = {
		{"<sip:a@h;;x>", 400},
		{"<sip:a@h;=x>", 400},
	};
	(void)state;

	check_good(goodv, ARRAY_SIZE(goodv));
	check_bad(badv, ARRAY_SIZE(badv));
}


static void test_hosts_and_ports(void **state)
{
	static const struct good goodv[] = {
		{"<sip:a@1.2.3.4:5070>", "sip:a@1.2.3.4:5070", NULL},
		{"<sip:a@h:1>", "sip:a@h:1", NULL},
		{"<sip:a@h:65535>", "sip:a@h:65535", NULL},
		{"<sip:a@[::1]>", "sip:a@[::1]", NULL},
		{"<sip:a@[::1]:5070;x>", "sip:a@[::1]:5070;x", NULL},
		{"<sip:[2001:db8::1]:5070>", "sip:[2001:db8::1]:5070", NULL},
		{"sip:[::1]", "sip:[::1]", NULL},
	};
	static const struct bad badv[] = {
		{"<sip:a@h:0>", 400},
		{"<sip:a@h:65536>", 400},
		{"<sip:a@h:70000>", 400},
		{"<sip:a@h:4294967297>", 400},
		{"<sip:a@h:05060>", 400},
		{"<sip:a@h:x>", 400},
		{"<sip:a@h:>", 400},
		{"<sip:a@h:5060x>", 400},
		{"<sip:a@[::1>", 400},
		{"<sip:a@%68>", 400},
		{"<sip:a@>", 400},
		{"<sip:>", 400},
		{"<sip:@>", 400},
		{"<sip:a@;x>", 400},
	};
	(void)state;

	check_good(goodv, ARRAY_SIZE(goodv));
	check_bad(badv, ARRAY_SIZE(badv));
}


static void test_no_single_address(void **state)
{
	static const struct bad badv[] = {
		{"", 400},
		{"<>", 400},
		{"<", 400},
		{">", 400},
		{"<sip:a@h", 400},
		{"sip:a@h>", 400},
		{"Alice <sip:a@h", 400},
		{"\"Alice <sip:a@h>", 400},
		{"<sip:a@h>x", 400},
		{"<sip:a@h> x", 400},
		{"<sip:a@h><sip:b@h>", 400},
		{"<sip:a@h>,<sip:b@h>", 400},
		{"<sip:a@h>, <sip:b@h>", 400},
		{"<sip:a@h>;x, <sip:b@h>", 400},
		{"sip:a@h,sip:b@h", 400},
		{"sip:a@h, sip:b@h", 400},
		{"<sip:a@h>,", 400},
		{"sip:a@h junk", 400},
		{"<<sip:a@h>>", 400},
	};
	(void)state;

	check_bad(badv, ARRAY_SIZE(badv));
}


static void test_schemes(void **state)
{
	static const struct bad badv[] = {
		{"<sips:a@h>", 416},
		{"sips:a@h", 416},
		{"<tel:+1234>", 416},
		{"<http://h/x>", 416},
		{"<mailto:a@h>", 416},
		{"<x-y.z+1:a@h>", 416},
		{"a@h", 400},
		{"<a@h>", 400},
		{"<a>", 400},
		{"a", 400},
		{"<:a@h>", 400},
		{"<@h>", 400},
	};
	(void)state;

	check_bad(badv, ARRAY_SIZE(badv));
}


static void test_method(void **state)
{
	static const struct good goodv[] = {
		{"<sip:a@h;method=INVITE>", "sip:a@h", NULL},
		{"<sip:a@h;METHOD=INVITE>", "sip:a@h", NULL},
		{"<sip:a@h;method=%49NVITE>", "sip:a@h", NULL},
		{"<sip:a@h;%6dethod=INVITE>", "sip:a@h", NULL},
		{"<sip:a@h;method=INVITE;x=y>", "sip:a@h;x=y", NULL},
		{"<sip:a@h;x=y;method=INVITE;z>", "sip:a@h;x=y;z", NULL},
		{"sip:a@h;method=INVITE", "sip:a@h", NULL},
		{"<sip:a@h;methods=BYE>", "sip:a@h;methods=BYE", NULL},
		{"<sip:a@h>;method=BYE", "sip:a@h", NULL},
	};
	static const struct bad badv[] = {
		{"<sip:a@h;method=BYE>", 501},
		{"<sip:a@h;method=REFER>", 501},
		{"<sip:a@h;Method=BYE>", 501},
		{"<sip:a@h;method=bye>", 501},
		{"<sip:a@h;%6Dethod=BYE>", 501},
		{"<sip:a@h;%4dETHOD=BYE>", 501},
		{"<sip:a@h;metho%64=BYE>", 501},
		{"<sip:a@h;method=%42YE>", 501},
		{"<sip:a@h;method=INVITEX>", 501},
		{"<sip:a@h;method=INVIT>", 501},
		{"<sip:a@h;method=>", 501},
		{"<sip:a@h;method>", 501},
		{"<sip:a@h;method=INVITE;method=BYE>", 501},
		{"<sip:a@h;x=y;method=BYE;z>", 501},
		{"sip:a@h;method=BYE", 501},
		{"<sip:a@h;method=MESSAGE?body=x>", 501},
	};
	(void)state;

	check_good(goodv, ARRAY_SIZE(goodv));
	check_bad(badv, ARRAY_SIZE(badv));
}


static void test_replaces(void **state)
{
	static const struct good goodv[] = {
		{"<sip:a@h?Replaces=c1%40h%3Bto-tag%3Da%3Bfrom-tag%3Db>",
		 "sip:a@h", REPL},
		{"<sip:a@h?replaces=c1%40h%3bto-tag%3da%3bfrom-tag%3db>",
		 "sip:a@h", REPL},
		{"<sip:a@h?%52eplaces=c1%40h%3Bto-tag%3Da%3Bfrom-tag%3Db>",
		 "sip:a@h", REPL},
		/* without escapes, as many send it */
		{"<sip:a@h?Replaces=c1@h;to-tag=a;from-tag=b>", "sip:a@h",
		 REPL},
		{"<sip:a@h?Replaces=c1%40h;to-tag=a;from-tag=b>", "sip:a@h",
		 REPL},
		{"<sip:a@h?Replaces=c1@h%3Bfrom-tag%3Db%3Bto-tag%3Da>",
		 "sip:a@h", "c1@h;from-tag=b;to-tag=a"},
		{"<sip:a@h?Replaces=c1%3Bto-tag%3Da%3Bfrom-tag%3Db"
		 "%3Bearly-only>", "sip:a@h",
		 "c1;to-tag=a;from-tag=b;early-only"},
		{"<sip:a@h;x=y?Replaces=c1%40h;to-tag=a;from-tag=b>",
		 "sip:a@h;x=y", REPL},
		{"<sip:h?Replaces=c1%40h%3Bto-tag%3Da%3Bfrom-tag%3Db>",
		 "sip:h", REPL},
		{"sip:a@h?Replaces=c1%40h%3Bto-tag%3Da%3Bfrom-tag%3Db",
		 "sip:a@h", REPL},
	};
	static const struct bad badv[] = {
		{"<sip:a@h?Replaces=>", 400},
		{"<sip:a@h?Replaces>", 400},
		{"<sip:a@h?Replaces=c1>", 400},
		{"<sip:a@h?Replaces=c1%3Bto-tag%3Da>", 400},
		{"<sip:a@h?Replaces=c1%3Bfrom-tag%3Da>", 400},
		{"<sip:a@h?Replaces=%3Bto-tag%3Da%3Bfrom-tag%3Db>", 400},
		{"<sip:a@h?Replaces=c%3Bto-tag%3Da%3Bto-tag%3Da"
		 "%3Bfrom-tag%3Db>", 400},
		{"<sip:a@h?Replaces=c%3Bto-tag%3Da%3Bfrom-tag%3Db"
		 "&Replaces=c%3Bto-tag%3Da%3Bfrom-tag%3Db>", 400},
		{"<sip:a@h?Replaces=c%3Bto-tag%3Da%3Bfrom-tag%3Db"
		 "&r%65places=c%3Bto-tag%3Da%3Bfrom-tag%3Db>", 400},
		{"<sip:a@h?Replaces=c%0D%0AX:y%3Bto-tag%3Da%3Bfrom-tag%3Db>",
		 400},
		{"<sip:a@h?Replaces=c%3Bto-tag%3Da%3Bfrom-tag%3Db%0d%0aX:y>",
		 400},
		{"<sip:a@h?Replaces=c%3Bto-tag%3Da%3Bfrom-tag%3Db%00>", 400},
		{"<sip:a@h?Replaces=c%09d%3Bto-tag%3Da%3Bfrom-tag%3Db>", 400},
		{"<sip:a@h?Replaces=c%3Bto-tag%3Da%3Bfrom-tag%3Db%7f>", 400},
	};
	(void)state;

	check_good(goodv, ARRAY_SIZE(goodv));
	check_bad(badv, ARRAY_SIZE(badv));
}


static void test_headers(void **state)
{
	static const struct good goodv[] = {
		{"<sip:a@h?Subject=x>", "sip:a@h", NULL},
		{"<sip:a@h?Subject=x&Route=%3Csip:evil%3E>", "sip:a@h", NULL},
		{"<sip:a@h?body=hello&Contact=x>", "sip:a@h", NULL},
		{"<sip:a@h?From=x&Call-ID=y&CSeq=1&Via=z>", "sip:a@h", NULL},
		{"<sip:a@h?Require=replaces>", "sip:a@h", NULL},
		{"<sip:a@h?require=Replaces>", "sip:a@h", NULL},
		{"<sip:a@h?Require=r%65places>", "sip:a@h", NULL},
		{"<sip:a@h?Require=replaces&"
		 "Replaces=c1%40h%3Bto-tag%3Da%3Bfrom-tag%3Db>", "sip:a@h",
		 REPL},
		{"<sip:a@h?Subject=x&"
		 "Replaces=c1%40h%3Bto-tag%3Da%3Bfrom-tag%3Db&X=y>",
		 "sip:a@h", REPL},
	};
	static const struct bad badv[] = {
		{"<sip:a@h?Require=foo>", 400},
		{"<sip:a@h?Require=replaces,foo>", 400},
		{"<sip:a@h?Require=>", 400},
		{"<sip:a@h?Require>", 400},
		{"<sip:a@h?%52equire=foo>", 400},
		{"<sip:a@h?Subject=x&Require=foo>", 400},
		{"<sip:a@h?=x>", 400},
		{"<sip:a@h?a=b&&c=d>", 400},
		{"<sip:a@h?&>", 400},
	};
	(void)state;

	check_good(goodv, ARRAY_SIZE(goodv));
	check_bad(badv, ARRAY_SIZE(badv));
}


static void test_escapes(void **state)
{
	static const struct bad badv[] = {
		{"<sip:a%0d@h>", 400},
		{"<sip:a%0D%0AX:y@h>", 400},
		{"<sip:a%0a@h>", 400},
		{"<sip:a%00@h>", 400},
		{"<sip:a@h;x=%0d%0a>", 400},
		{"<sip:a@h;%00>", 400},
		{"<sip:a@h?x=%0d%0a>", 400},
		{"<sip:a@h?x%0A=y>", 400},
		{"<sip:a@h?Subject=%00>", 400},
		{"<sip:a%4@h>", 400},
		{"<sip:a%@h>", 400},
		{"<sip:a%zz@h>", 400},
		{"<sip:a%4g@h>", 400},
		{"<sip:a%%34@h>", 400},
		{"<sip:a@h;x=%4>", 400},
		{"<sip:a@h;x=%>", 400},
		{"sip:a@h;x=%4", 400},
		{"<sip:a@h?x=%zz>", 400},
		{"<sip:a%20s@h;x=%-1>", 400},
	};
	(void)state;

	check_bad(badv, ARRAY_SIZE(badv));
}


static void test_characters(void **state)
{
	static const struct bad badv[] = {
		{"<sip:a b@h>", 400},
		{"<sip:a@h x>", 400},
		{"< sip:a@h>", 400},
		{"<sip:a@h >", 400},
		{"<sip:a\tb@h>", 400},
		{"<sip:a\"b@h>", 400},
		{"<sip:a\\b@h>", 400},
		{"<sip:a{b}@h>", 400},
		{"<sip:a^b@h>", 400},
		{"<sip:a`b@h>", 400},
		{"<sip:a|b@h>", 400},
		{"<sip:a\x7f@h>", 400},
		{"<sip:a\xc3\xa4@h>", 400},
		{"<sip:a\x01@h>", 400},
		{"<sip:a\r\nX: y@h>", 400},
		{"<sip:a@h;x=\r\n y>", 400},
	};
	static const char nul[] = "<sip:a\0b@h>";
	struct pl pl = {nul, sizeof(nul) - 1};
	(void)state;

	check_bad(badv, ARRAY_SIZE(badv));
	assert_true(is_bad(&pl, 400));
}


static void test_long(void **state)
{
	static const struct good goodv[] = {
		{"<sip:" TWO_THOUSAND "@h>", "sip:" TWO_THOUSAND "@h", NULL},
		{"<sip:a@h;x=" TWO_THOUSAND ">", "sip:a@h;x=" TWO_THOUSAND,
		 NULL},
		{"<sip:a@h?Replaces=" TWO_THOUSAND ";to-tag=a;from-tag=b>",
		 "sip:a@h", TWO_THOUSAND ";to-tag=a;from-tag=b"},
		{"<sip:a@h?Subject=" TWO_THOUSAND ">", "sip:a@h", NULL},
		{"\"" TWO_THOUSAND "\" <sip:a@h>", "sip:a@h", NULL},
	};
	static const struct bad badv[] = {
		{"<sip:" TWO_THOUSAND HUNDRED "@h>", 400},
		{"<sip:a@h;x=" TWO_THOUSAND HUNDRED ">", 400},
		{"<sip:a?x=" TWO_THOUSAND HUNDRED "@h>", 400},
		{"<sip:a@h;x=" TWO_THOUSAND HUNDRED "?Subject=a>", 400},
	};
	(void)state;

	check_good(goodv, ARRAY_SIZE(goodv));
	check_bad(badv, ARRAY_SIZE(badv));
}


static void test_null(void **state)
{
	struct pl pl = PL_INIT;
	(void)state;

	assert_true(is_bad(&pl, 400));
	assert_int_equal(EINVAL, refer_to_normalise(NULL));
}


static void test_normalise(void **state)
{
	static const struct {
		const char *val;
		const char *uri;
	} rowv[] = {
		{"<sip:a@h>", "sip:a@h"},
		{"<sip:%48i@h>", "sip:Hi@h"},
		{"<sip:%2B1@h>", "sip:+1@h"},
		{"<sip:%2b1@h>", "sip:+1@h"},
		{"<sip:a%40b@h>", "sip:a%40b@h"},
		{"<sip:a%3ab@h>", "sip:a%3Ab@h"},
		{"<sip:a%3Bb@h>", "sip:a;b@h"},
		{"<sip:100%25@h>", "sip:100%25@h"},
		{"<sip:%20s@h>", "sip:%20s@h"},
		{"<sip:%c3%a4@h>", "sip:%C3%A4@h"},
		{"<sip:a@h;x=%41%2B>", "sip:a@h;x=A%2B"},
		{"<sip:a@h;x=%3b%3d>", "sip:a@h;x=%3B%3D"},
		{"<sip:h;x=%7E>", "sip:h;x=~"},
		{"<sip:%73ip%73@h>", "sip:sips@h"},
	};
	struct refer_to *rt;
	struct pl pl;
	size_t i;
	(void)state;

	for (i=0; i<ARRAY_SIZE(rowv); ++i) {
		pl_set_str(&pl, rowv[i].val);
		assert_null(refer_to_decode(&rt, &pl));
		assert_int_equal(0, refer_to_normalise(rt));
		assert_string_equal(rowv[i].uri, rt->uri);
		mem_deref(rt);
	}
}


static void test_strict(void **state)
{
	static const struct {
		const char *text;
		int err;
	} rowv[] = {
		{"sip:a@h", 0}, {"sip:a%40b@h:5070;x=y?z=1", 0},
		{"sips:[::1]", 0}, {"", EINVAL}, {"a", EBADMSG},
		{"sip:a b@h", EBADMSG}, {"sip:a\"@h", EBADMSG},
		{"<sip:a@h>", EBADMSG}, {"sip:a\x7f@h", EBADMSG},
		{"sip:\xc3\xa4@h", EBADMSG}, {"sip:a@", EBADMSG},
		{"sip:a@h:70000", EBADMSG}, {"sip:a@h%41", EBADMSG},
		{"sip:%0d@h", EILSEQ}, {"sip:a@h;x=%00", EILSEQ},
		{"sip:%4@h", EILSEQ}, {"sip:%zz@h", EILSEQ},
	};
	struct uri uri;
	struct pl pl;
	size_t i;
	(void)state;

	for (i=0; i<ARRAY_SIZE(rowv); ++i) {
		pl_set_str(&pl, rowv[i].text);
		assert_int_equal(rowv[i].err, uri_decode_strict(&uri, &pl));
	}
}


int main(void)
{
	const struct CMUnitTest testv[] = {
		cmocka_unit_test(test_forms),
		cmocka_unit_test(test_params),
		cmocka_unit_test(test_hosts_and_ports),
		cmocka_unit_test(test_no_single_address),
		cmocka_unit_test(test_schemes),
		cmocka_unit_test(test_method),
		cmocka_unit_test(test_replaces),
		cmocka_unit_test(test_headers),
		cmocka_unit_test(test_escapes),
		cmocka_unit_test(test_characters),
		cmocka_unit_test(test_long),
		cmocka_unit_test(test_null),
		cmocka_unit_test(test_normalise),
		cmocka_unit_test(test_strict),
	};

	return UNIT_RUN(testv, NULL, NULL);
}
