/**
 * @file unit_settings.c  Tests of the settings
 */
#include <stdio.h>
#include <unistd.h>
#include "unit.h"
#include "fake_host.h"
#include "config/rules.h"
#include "config/settings.h"


enum {
	MISSPELT_RUNS = 20000,
};

static char path[64];


static int clear(void **state)
{
	(void)state;
	log_clear();
	(void)snprintf(path, sizeof(path), "/tmp/unit_settings.%d",
		       (int)getpid());
	(void)unlink(path);
	fake_config = NULL;
	fake_conf   = mem_deref(fake_conf);

	return 0;
}


static void write_file(const char *text)
{
	FILE *f = fopen(path, "w");

	assert_non_null(f);
	assert_int_equal(strlen(text), fwrite(text, 1, strlen(text), f));
	assert_int_equal(0, fclose(f));
	fake_config = path;
}


static struct rules *rules_of(const char *text)
{
	struct rules *r;

	write_file(text);
	log_clear();
	assert_int_equal(0, rules_read(&r, false));
	guard_log(r->guard, true);

	return r;
}


static void read_text(struct settings *set, const char *text)
{
	struct rules *r = rules_of(text);

	*set = r->set;
	mem_deref(r);
}


static void assert_defaults(const struct settings *set)
{
	assert_int_equal(180, set->expires);
	assert_int_equal(120, set->ring_timeout);
	assert_false(set->keep);
	assert_true(set->take_transfer);
	assert_int_equal(5, set->max_depth);
	assert_int_equal(TEL_AUTO, set->tel);
	assert_string_equal("User-to-User", set->copy_headers);
	assert_string_equal("User-to-User", set->pass_headers);
}


static void test_defaults(void **state)
{
	struct settings set;
	(void)state;

	settings_init(&set);
	assert_defaults(&set);

	read_text(&set, "");
	assert_defaults(&set);

	read_text(&set, "# refer_expires 20\nother_expires 20\n");
	assert_defaults(&set);

	assert_int_equal(0, log_warnings(NULL));
}


static void test_copy_headers(void **state)
{
	struct settings set;
	(void)state;

	read_text(&set, "refer_copy_headers X-One\n"
		  "refer_copy_headers Via\nrefer_copy_headers f\n"
		  "refer_copy_headers Subject\n");
	assert_string_equal("X-One Subject", set.copy_headers);
	assert_string_equal("User-to-User", set.pass_headers);
	assert_int_equal(2, log_warnings(NULL));

	read_text(&set, "refer_copy_headers NONE\nrefer_pass_headers X-*\n"
		  "refer_copy_headers X-One\nrefer_pass_headers none\n"
		  "refer_pass_headers X-*,\nrefer_pass_headers X:\n"
		  "refer_pass_headers X\nrefer_pass_headers [X]-?\n"
		  "refer_pass_headers *\nrefer_pass_headers Content-*\n");
	assert_string_equal("NONE", set.copy_headers);
	assert_string_equal("X-* *", set.pass_headers);
	assert_int_equal(7, log_warnings(NULL));
}


static void test_good(void **state)
{
	struct settings set;
	(void)state;

	read_text(&set,
		  "refer_expires        300\n"
		  "refer_ring_timeout   60\n"
		  "refer_after_success  keep\n"
		  "refer_take_transfer  no\n");
	assert_int_equal(300, set.expires);
	assert_int_equal(60, set.ring_timeout);
	assert_true(set.keep);
	assert_false(set.take_transfer);

	read_text(&set,
		  "refer_after_success\tHangup # a comment\n"
		  "refer_take_transfer\tYES\n"
		  "refer_ring_timeout\t1\n"
		  "refer_expires\t999999\n");
	assert_int_equal(999999, set.expires);
	assert_int_equal(1, set.ring_timeout);
	assert_false(set.keep);
	assert_true(set.take_transfer);

	assert_int_equal(0, log_warnings(NULL));
}


/* A wrong value: the default holds, and one warning names key and value */
static void test_bad(void **state)
{
	static const struct {
		const char *key;
		const char *val;
	} rowv[] = {
		{"refer_expires", "0"},
		{"refer_expires", "00"},
		{"refer_expires", "-1"},
		{"refer_expires", "x"},
		{"refer_expires", "60s"},
		{"refer_expires", "s60"},
		{"refer_expires", "1.5"},
		{"refer_expires", "1000000"},
		{"refer_expires", "4294967356"},
		{"refer_expires", "99999999999999999999"},
		{"refer_expires", "%s%n"},
		{"refer_ring_timeout", "0"},
		{"refer_ring_timeout", "never"},
		{"refer_ring_timeout", "-120"},
		{"refer_after_success", "yes"},
		{"refer_after_success", "kee"},
		{"refer_after_success", "keeper"},
		{"refer_after_success", "%s"},
		{"refer_take_transfer", "2"},
		{"refer_take_transfer", "keep"},
		{"refer_take_transfer", "truly"},
	};
	struct settings set;
	char text[128];
	size_t i;
	(void)state;

	for (i=0; i<ARRAY_SIZE(rowv); ++i) {

		print_message("%s %s\n", rowv[i].key, rowv[i].val);
		(void)re_snprintf(text, sizeof(text), "%s %s\n", rowv[i].key,
				  rowv[i].val);
		read_text(&set, text);
		assert_defaults(&set);
		assert_int_equal(1, log_warnings(NULL));
		assert_int_equal(1, log_warnings(rowv[i].key));
		assert_int_equal(1, log_warnings(rowv[i].val));
	}
}


/* As in baresip */
static void test_bool(void **state)
{
	static const char *const namev[][2] = {
		{"no", "yes"}, {"false", "true"}, {"off", "on"}, {"0", "1"},
		{"NO", "Yes"}, {"False", "TRUE"},
	};
	struct settings set;
	char text[64];
	size_t i, val;
	(void)state;

	for (i=0; i<ARRAY_SIZE(namev); ++i) {

		for (val=0; val<2; ++val) {

			(void)re_snprintf(text, sizeof(text),
					  "refer_tel %s\nrefer_hold %s\n",
					  namev[i][val], namev[i][val]);
			read_text(&set, text);
			assert_int_equal(val, set.tel);
			assert_int_equal(val, set.hold);
			assert_int_equal(0, log_warnings(NULL));
		}
	}
}


/* A wrong value of a key that restricts: the strictest holds */
static void test_strict(void **state)
{
	static const struct {
		const char *text;
		enum policy policy;
		uint32_t rate;
	} rowv[] = {
		{"refer_policy maybe\n", POLICY_REJECT, 10},
		{"refer_policy\n", POLICY_REJECT, 10},
		{"refer_policy \t \r\n", POLICY_REJECT, 10},
		{"refer_policy # accept\n", POLICY_REJECT, 10},
		{"refer_policy ask me\n", POLICY_REJECT, 10},
		{"refer_policy = ask\n", POLICY_REJECT, 10},
		{"refer_policy=ask\n", POLICY_REJECT, 10},
		{"refer_policy: ask\n", POLICY_REJECT, 10},
		{"refer_policy ask;\n", POLICY_REJECT, 10},
		{"refer_policy \"ask\n", POLICY_REJECT, 10},
		{"refer_policy\xc2\xa0" "ask\n", POLICY_REJECT, 10},
		{"\xef\xbb\xbfrefer_policy ask\n", POLICY_REJECT, 10},
		{"REFER_Policy deny", POLICY_REJECT, 10},
		{"x\rrefer_policy deny\rx", POLICY_REJECT, 10},
		{"refer_policy accept\nrefer_policy ask\n", POLICY_REJECT,
		 10},
		{"refer_policy bad\nrefer_policy accept\n", POLICY_REJECT,
		 10},
		{"refer_rate 3\nrefer_rate 5\n", POLICY_ACCEPT, 3},
		{"refer_rate 0\nrefer_rate 5\n", POLICY_ACCEPT, 5},
		{"refer_rate 3\nrefer_rate x\n", POLICY_ACCEPT, 3},
		{"refer_rate none\n", POLICY_ACCEPT, 10},
		{"refer_follow_redirect y\n", POLICY_ACCEPT, 10},
		{"refer_follow_redirect yes\nrefer_follow_redirect 0\n",
		 POLICY_ACCEPT, 10},
	};
	size_t i;
	(void)state;

	for (i=0; i<ARRAY_SIZE(rowv); ++i) {
		struct rules *r;

		print_message("%s", rowv[i].text);
		r = rules_of(rowv[i].text);
		assert_int_equal(rowv[i].policy, r->set.policy);
		assert_int_equal(rowv[i].rate, r->set.rate);
		assert_false(r->set.follow_redirect);
		assert_non_null(guard_faulty(r->guard));
		assert_null(guard_shut(r->guard));
		mem_deref(r);
	}
}


/* The guard is shut: nobody knows what was meant */
static void test_shut(void **state)
{
	static const char *const textv[] = {
		"refer_polcy ask\n",
		"refer_plocy ask\n",
		"refer-policy ask\n",
		"referpolicy ask\n",
		"refer policy ask\n",
		"Refer_Polizei ask\n",
		"reffer_policy ask\n",
		"efer_policy ask\n",
		"_refer_polic ask\n",
		"refer_deny_ sip:x@y\n",
		"refer_denied sip:x@y\n",
		"refer_block sip:x@y\n",
		"refer_something_else_altogether 1\n",
		"refer_maxpending 1\n",
		"refer_deny\n",
		"refer_deny # none\n",
		"refer_deny sip:a@b sip:c@d\n",
		"refer_deny = sip:a@b\n",
		"refer_deny=sip:a@b\n",
		"refer_allow sip:a@b *\n",
		"refer_allow\n",
		"refer_handler a b\n",
		"refer_handler a-name-that-is-longer-than-any-can-be\n",
		"refer_users /a b\n",
		"refer_users /a\nrefer_users /b\n",
		"refer_auth yes\n",
		"refer_auth maybe\n",
		"set refer_policy ask\n",
		"- refer_deny sip:x@y\n",
		"refer_deny \"sip:x@y\n",
		"refer_deny \"\"\n",
		"refer_deny \"sip:a@b\" sip:c@d\n",
		"refer_auth true\nrefer_users /nowhere/at/all\n",
	};
	size_t i;
	(void)state;

	for (i=0; i<ARRAY_SIZE(textv); ++i) {
		struct rules *r;

		print_message("%s", textv[i]);
		r = rules_of(textv[i]);
		assert_non_null(guard_shut(r->guard));
		assert_true(log_warnings("nobody may refer") > 0);
		mem_deref(r);
	}
}


/* Nearly a key that does not restrict, or none of ours: no harm */
static void test_open(void **state)
{
	static const struct {
		const char *text;
		unsigned warnings;
	} rowv[] = {
		{"refer_expire 20\n", 1},
		{"refer_copy_header Subject\n", 1},
		{"refer_take_transfers no\n", 1},
		{"refer_hold yes\nrefer_hold no\n", 1},
		{"refer_realm a b\n", 1},
		{"prefer_ipv6 yes\n", 0},
		{"net_prefer_ipv6 yes\n", 0},
		{"module_app refer.so\n", 0},
		{"# refer_polcy ask\n  # refer_x\n\n\t\n", 0},
		{"refer_policy accept # as before\n", 0},
		{"refer_policy accept\nrefer_policy ACCEPT\n", 0},
		{"refer_tel yes\nrefer_tel 1\n", 0},
		{"refer_tel auto\n", 0},
		{"guard_allow a b\n", 0},
		{"reference_clock 1\n", 0},
		{"refer_policy \"accept\"\n", 0},
		{"refer_deny \"sip:a@b\" # x\n", 0},
		{"refer_realm \"a b\"\n", 0},
	};
	size_t i;
	(void)state;

	for (i=0; i<ARRAY_SIZE(rowv); ++i) {
		struct rules *r;

		print_message("%s", rowv[i].text);
		r = rules_of(rowv[i].text);
		assert_null(guard_shut(r->guard));
		assert_int_equal(POLICY_ACCEPT, r->set.policy);
		assert_int_equal(rowv[i].warnings, log_warnings(NULL));
		mem_deref(r);
	}
}


static void memory(const char *text)
{
	mem_deref(fake_conf);
	assert_int_equal(0, conf_alloc_buf(&fake_conf, (const uint8_t *)text,
					   strlen(text)));
}


/* Without a file the known keys are found in memory */
static void test_memory(void **state)
{
	struct rules *r;
	(void)state;

	memory("refer_policy ask\nrefer_policy maybe\n"
	       "refer_deny\tsip:a@b\n");
	assert_int_equal(0, rules_read(&r, true));
	assert_int_equal(POLICY_REJECT, r->set.policy);
	assert_non_null(guard_faulty(r->guard));
	assert_null(guard_shut(r->guard));
	mem_deref(r);
}


/* At the start the file must be what baresip was started with */
static void test_other_file(void **state)
{
	static const struct {
		const char *memory;
		const char *file;
		bool shut;
	} rowv[] = {
		{"refer_policy ask\n", "refer_policy ask\n", false},
		{"refer_policy ask\n", "refer_policy accept\n", true},
		{"refer_policy ask\n", "refer_expires 20\n", true},
		{"refer_deny sip:a@b\n", "", true},
		{"", "refer_policy ask\n", false},
		{"refer_expires 20\n", "refer_expires 200\n", false},
	};
	struct rules *r;
	size_t i;
	(void)state;

	for (i=0; i<ARRAY_SIZE(rowv); ++i) {

		memory(rowv[i].memory);
		write_file(rowv[i].file);
		assert_int_equal(0, rules_read(&r, true));
		assert_int_equal(rowv[i].shut,
				 guard_shut(r->guard) != NULL);
		mem_deref(r);

		assert_int_equal(0, rules_read(&r, false));
		assert_null(guard_shut(r->guard));
		mem_deref(r);
	}
}


/* The subscription outlives the ringing */
static void test_expires(void **state)
{
	static const struct {
		const char *text;
		uint32_t expires;
	} rowv[] = {
		{"refer_expires 60\nrefer_ring_timeout 120\n", 128},
		{"refer_expires 127\nrefer_ring_timeout 120\n", 128},
		{"refer_expires 128\nrefer_ring_timeout 120\n", 128},
		{"refer_expires 129\nrefer_ring_timeout 120\n", 129},
		{"refer_expires 60\n", 128},
		{"refer_ring_timeout 300\n", 308},
		{"refer_ring_timeout 999999\n", 1000007},
		{"refer_expires 1\nrefer_ring_timeout 1\n", 9},
	};
	struct settings set;
	size_t i;
	(void)state;

	for (i=0; i<ARRAY_SIZE(rowv); ++i) {
		read_text(&set, rowv[i].text);
		assert_int_equal(rowv[i].expires, set.expires);
	}
}


static void misspell(char *key)
{
	const size_t len = strlen(key), at = rand_u32() % len;
	const char c = "abcdefghijklmnopqrstuvwxyz_"[rand_u32() % 27];

	switch (rand_u32() % 3) {

	case 0:
		key[at] = c;
		break;

	case 1:
		memmove(key + at, key + at + 1, len - at);
		break;

	default:
		memmove(key + at + 1, key + at, len - at + 1);
		key[at] = c;
		break;
	}
}


/* Two letters off, wherever: it is seen to be meant as one of ours */
static void test_misspelt(void **state)
{
	const struct setting *s = NULL, *near = NULL;
	unsigned i;
	(void)state;

	for (i=0; i<MISSPELT_RUNS; ++i) {
		char key[64];
		struct pl pl;

		s = settings_next(s);
		if (!s)
			s = settings_next(s);

		(void)re_snprintf(key, sizeof(key), "%s", s->key);
		misspell(key);
		misspell(key);
		pl_set_str(&pl, key);

		if (settings_unknown(&near, &pl, false) == UNKNOWN_OTHERS)
			fail_msg("%s for %s", key, s->key);
	}
}


int main(void)
{
	const struct CMUnitTest testv[] = {
		cmocka_unit_test_setup_teardown(test_defaults, clear, clear),
		cmocka_unit_test_setup_teardown(test_good, clear, clear),
		cmocka_unit_test_setup_teardown(test_bad, clear, clear),
		cmocka_unit_test_setup_teardown(test_copy_headers, clear,
						clear),
		cmocka_unit_test_setup_teardown(test_expires, clear, clear),
		cmocka_unit_test_setup_teardown(test_bool, clear, clear),
		cmocka_unit_test_setup_teardown(test_misspelt, clear, clear),
		cmocka_unit_test_setup_teardown(test_strict, clear, clear),
		cmocka_unit_test_setup_teardown(test_shut, clear, clear),
		cmocka_unit_test_setup_teardown(test_open, clear, clear),
		cmocka_unit_test_setup_teardown(test_memory, clear, clear),
		cmocka_unit_test_setup_teardown(test_other_file, clear,
						clear),
	};

	return UNIT_RUN(testv, NULL, NULL);
}
