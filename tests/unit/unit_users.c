/**
 * @file unit_users.c  Tests of the file of those who may authenticate
 */
#include <errno.h>
#include <stdio.h>
#include <sys/stat.h>
#include "unit.h"
#include "host/libre.h"
#include "admission/auth.h"


static const char path[] = BUILD "/unit_users.txt";
static const char realm[] = "example.org";

#define H32 "0123456789abcdefABCDEF9876543210"
#define H64 H32 H32


static void spew(const char *text, size_t len)
{
	FILE *f = fopen(path, "w");

	assert_non_null(f);
	assert_int_equal(0, chmod(path, 0600));
	assert_int_equal(len, fwrite(text, 1, len, f));
	assert_int_equal(0, fclose(f));
}


static int users_check(const char *file, unsigned *users, unsigned *line,
		       const char **why)
{
	struct users_fault fault;
	int err;

	err = auth_users_check(users, &fault, file, realm);
	*line = fault.line;
	*why  = fault.why;
	assert_int_equal(err, fault.err);

	return err;
}


static int check(const char *text, size_t len, unsigned *users,
		 unsigned *line, const char **why)
{
	int err;

	spew(text, len);
	*users = *line = 99;
	err = users_check(path, users, line, why);
	(void)remove(path);

	return err;
}


static void test_good(void **state)
{
	static const struct {
		const char *text;
		unsigned users;
	} rowv[] = {
		{"", 0},
		{"\n\n", 0},
		{"# alice:x\n", 0},
		{"#", 0},
		{"alice:x", 1},
		{"alice:x\n", 1},
		{"alice:x\r\n", 1},
		{"alice:x\r\nbob:y\r\n\r\n", 2},
		{"alice:x\n#\nbob:x", 2},
		{"alice: \n", 1},
		{"alice::\n", 1},
		{"a b:x#y\n", 1},
		{"alice:x\nAlice:x\n", 2},
		{"alice@example.org:x\n", 1},
		{"alice:example.org:" H32 "\n", 1},
		{"alice:example.org:" H64 "\n", 1},
		{"alice:example.org:" H64 "\r\nbob:x\n", 2},
		{"alice:example.org:" H32 "\nalice:example.org:" H64 "\n",
		 1},
		{"alice:" H32 "\n", 1},
		{"alice:example.org\n", 1},
		{"alice:x:y\n", 1},
		{"alice:x:" H32 "0\n", 1},
	};
	unsigned users, line;
	const char *why;
	size_t i;
	(void)state;

	for (i=0; i<ARRAY_SIZE(rowv); ++i) {
		print_message("%s\n", rowv[i].text);
		assert_int_equal(0, check(rowv[i].text, strlen(rowv[i].text),
					  &users, &line, &why));
		assert_int_equal(rowv[i].users, users);
	}
}


static void test_bad(void **state)
{
#define ROW(text, line, why) {text, sizeof(text) - 1, line, why}
	static const struct {
		const char *text;
		size_t len;
		unsigned line;
		const char *why;
	} rowv[] = {
		ROW("alice", 1, "no colon"),
		ROW("alice:x\nbob", 2, "no colon"),
		ROW("\n# x\n\r\nbob\n", 4, "no colon"),
		ROW(" \n", 1, "no colon"),
		ROW("alice:\n", 1, "password"),
		ROW("alice:\r\n", 1, "password"),
		ROW("alice:", 1, "password"),
		ROW("x:y\n:x\n", 2, "user is empty"),
		ROW(":\n", 1, "password"),
		ROW(" :x\n", 1, "blanks"),
		ROW("alice :x\n", 1, "blanks"),
		ROW("\talice:x\n", 1, "blanks"),
		ROW(" # alice:x\n", 1, "blanks"),
		ROW("a:x\rb:y\n", 1, "CR"),
		ROW("a:x\ra:y", 1, "CR"),
		ROW("a:x\r\r\n", 1, "CR"),
		ROW("alice:x\0y\n", 1, "NUL"),
		ROW("\0", 1, "NUL"),
		ROW("a:b\n\0\nc:d", 2, "NUL"),
		ROW("# \0\nc:d", 1, "NUL"),
		ROW("a:x\nb:x\na:y\n", 3, "before"),
		ROW("\xef\xbb\xbf" "a:x\n", 1, "byte order mark"),
		ROW("a:example.org:\n", 1, "32 or 64"),
		ROW("a:example.org:" H32 "0\n", 1, "32 or 64"),
		ROW("a:example.org:" H32 " \n", 1, "32 or 64"),
		ROW("a:example.org: " H32 "\n", 1, "32 or 64"),
		ROW("a:example.org:x" H64 "\n", 1, "32 or 64"),
		ROW("a:example.org:x:y\n", 1, "32 or 64"),
		ROW("a:example.net:" H32 "\n", 1, "realm"),
		ROW("a:Example.org:" H64 "\n", 1, "realm"),
		ROW("a::" H64 "\n", 1, "realm"),
		ROW("a:example.org:x:" H64 "\n", 1, "realm"),
		ROW(":example.org:" H64 "\n", 1, "user is empty"),
		ROW("a:example.org:" H64 "\na:x\n", 2, "before"),
		ROW("a:x\na:example.org:" H64 "\n", 2, "before"),
		ROW("a:example.org:" H64 "\na:example.org:" H64 "\n", 2,
		    "before"),
	};
#undef ROW
	unsigned users, line;
	const char *why;
	size_t i;
	(void)state;

	for (i=0; i<ARRAY_SIZE(rowv); ++i) {
		int err;

		print_message("%s\n", rowv[i].text);
		err = check(rowv[i].text, rowv[i].len, &users, &line, &why);
		assert_int_equal(EINVAL, err);
		assert_int_equal(rowv[i].line, line);
		assert_non_null(strstr(why, rowv[i].why));
	}
}


/* A line of 511 bytes is one, a longer one is an error */
static void test_length(void **state)
{
	unsigned users, line;
	char text[1024];
	const char *why;
	size_t len;
	(void)state;

	for (len=400; len<1000; ++len) {
		int err;

		memset(text, 'x', sizeof(text));
		memcpy(text, len & 1 ? "#y" : "a:", 2);
		memcpy(text + len, "\nbob:x\n", 7);
		err = check(text, len + 7, &users, &line, &why);
		assert_int_equal(len <= 511 ? 0 : EINVAL, err);
		if (err)
			assert_int_equal(1, line);
		else
			assert_int_equal(len & 1 ? 1 : 2, users);
	}
}


static void test_unreadable(void **state)
{
	unsigned users, line;
	const char *why;
	(void)state;

	assert_int_equal(ENOENT, users_check("/nowhere/users", &users, &line,
					     &why));
	assert_int_equal(ENOENT, users_check("", &users, &line, &why));
	assert_int_equal(EISDIR, users_check("/", &users, &line, &why));
	assert_int_equal(0, line);
	assert_null(why);
}


/* As ssh(1) has it for a private key: root is the owner here, or we are */
static void test_mode(void **state)
{
	static const struct {
		mode_t mode;
		bool ok;
	} rowv[] = {
		{0600, true}, {0400, true}, {0700, true},
		{0640, false}, {0604, false}, {0620, false}, {0602, false},
		{0610, false}, {0601, false}, {0644, false}, {0666, false},
	};
	unsigned users, line;
	const char *why;
	size_t i;
	(void)state;

	spew("alice:x\n", 8);
	for (i=0; i<ARRAY_SIZE(rowv); ++i) {
		print_message("%o\n", rowv[i].mode);
		assert_int_equal(0, chmod(path, rowv[i].mode));
		assert_int_equal(rowv[i].ok ? 0 : EPERM,
				 users_check(path, &users, &line, &why));
		assert_int_equal(0, line);
		assert_int_equal(!rowv[i].ok, why && strstr(why, "0600"));
	}

	(void)remove(path);
}


static bool ha1_is(const struct users *users, const char *name,
		   enum digest_algorithm alg, const char *hex)
{
	char text[2 * DIGEST_SIZE_MAX + 1];
	uint8_t ha1[DIGEST_SIZE_MAX];
	struct pl pl;

	pl_set_str(&pl, name);
	assert_true(users_have(users, &pl, alg) == (hex != NULL));
	assert_true(users_ha1(ha1, users, &pl, alg) == (hex != NULL));
	(void)re_snprintf(text, sizeof(text), "%w", ha1, digest_size(alg));

	return !hex || !str_casecmp(hex, text);
}


/* A hash is for its algorithm alone, a password for each */
static void test_ha1(void **state)
{
	static const char text[] = "alice:wonder\nbob:example.org:" H32 "\n"
		"carol:example.org:" H64 "\n";
	struct users_fault fault;
	struct users *users;
	(void)state;

	spew(text, sizeof(text) - 1);
	assert_int_equal(0, users_load(&users, &fault, path, realm));
	(void)remove(path);

	/* of alice:example.org:wonder, by md5sum and sha256sum */
	assert_true(ha1_is(users, "alice", DIGEST_MD5,
			   "d18bc266a0640931a539367a522a3fbb"));
	assert_true(ha1_is(users, "alice", DIGEST_SHA256,
			   "b5e8c518c37402640dadde930a916907"
			   "e0bffabb1fe781017b2bd3be9da24b0f"));
	assert_true(ha1_is(users, "bob", DIGEST_MD5, H32));
	assert_true(ha1_is(users, "bob", DIGEST_SHA256, NULL));
	assert_true(ha1_is(users, "carol", DIGEST_MD5, NULL));
	assert_true(ha1_is(users, "carol", DIGEST_SHA256, H64));
	assert_true(ha1_is(users, "dave", DIGEST_MD5, NULL));
	assert_true(users_have(users, NULL, DIGEST_MD5));
	assert_true(users_have(users, NULL, DIGEST_SHA256));
	mem_deref(users);

	spew("bob:example.org:" H32, 48);
	assert_int_equal(0, users_load(&users, &fault, path, realm));
	(void)remove(path);
	assert_true(users_have(users, NULL, DIGEST_MD5));
	assert_false(users_have(users, NULL, DIGEST_SHA256));
	mem_deref(users);
}


int main(void)
{
	const struct CMUnitTest testv[] = {
		cmocka_unit_test(test_good),
		cmocka_unit_test(test_bad),
		cmocka_unit_test(test_length),
		cmocka_unit_test(test_unreadable),
		cmocka_unit_test(test_mode),
		cmocka_unit_test(test_ha1),
	};

	return UNIT_RUN(testv, NULL, NULL);
}
