/**
 * @file unit_users.c  Tests of the file of those who may authenticate
 */
#include <errno.h>
#include <stdio.h>
#include "unit.h"
#include "host/libre.h"
#include "admission/auth.h"


static const char path[] = BUILD "/unit_users.txt";


static void spew(const char *text, size_t len)
{
	FILE *f = fopen(path, "w");

	assert_non_null(f);
	assert_int_equal(len, fwrite(text, 1, len, f));
	assert_int_equal(0, fclose(f));
}


static int check(const char *text, size_t len, unsigned *users,
		 unsigned *line, const char **why)
{
	int err;

	spew(text, len);
	*users = *line = 99;
	err = auth_users_check(path, users, line, why);
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

	assert_int_equal(ENOENT, auth_users_check("/nowhere/users", &users,
						  &line, &why));
	assert_int_equal(ENOENT, auth_users_check("", &users, &line, &why));
	assert_int_equal(EISDIR, auth_users_check("/", &users, &line, &why));
	assert_int_equal(0, line);
	assert_null(why);
}


int main(void)
{
	const struct CMUnitTest testv[] = {
		cmocka_unit_test(test_good),
		cmocka_unit_test(test_bad),
		cmocka_unit_test(test_length),
		cmocka_unit_test(test_unreadable),
	};

	return UNIT_RUN(testv, NULL, NULL);
}
