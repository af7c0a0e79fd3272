/**
 * @file unit_settings.c  Tests of the settings
 */
#include "unit.h"
#include "settings.h"
#include "log.h"


static int clear(void **state)
{
	(void)state;
	log_clear();

	return 0;
}


static void read_text(struct settings *set, const char *text)
{
	struct conf *conf;

	assert_int_equal(0, conf_alloc_buf(&conf, (const uint8_t *)text,
					   strlen(text)));
	settings_read(set, conf);
	mem_deref(conf);
}


static void assert_defaults(const struct settings *set)
{
	assert_int_equal(180, set->expires);
	assert_int_equal(120, set->ring_timeout);
	assert_false(set->keep);
	assert_true(set->take_transfer);
	assert_int_equal(5, set->max_depth);
	assert_false(set->tel);
	assert_string_equal("", set->copy_headers);
}


static void test_defaults(void **state)
{
	struct settings set;
	(void)state;

	settings_read(&set, NULL);
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
	assert_int_equal(2, log_warnings(NULL));
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
		{"refer_take_transfer", "1"},
		{"refer_take_transfer", "keep"},
		{"refer_take_transfer", "true"},
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
		log_clear();
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


int main(void)
{
	const struct CMUnitTest testv[] = {
		cmocka_unit_test_setup_teardown(test_defaults, clear, clear),
		cmocka_unit_test_setup_teardown(test_good, clear, clear),
		cmocka_unit_test_setup_teardown(test_bad, clear, clear),
		cmocka_unit_test_setup_teardown(test_copy_headers, clear,
						clear),
		cmocka_unit_test_setup_teardown(test_expires, clear, clear),
	};

	return UNIT_RUN(testv, NULL, NULL);
}
