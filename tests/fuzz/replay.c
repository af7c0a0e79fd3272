/**
 * @file replay.c  Runs the corpus of a fuzz target as unit tests
 *
 * One test for each file in tests/fuzz/corpus/<target>/; the target is the
 * name of the program, without "unit_".
 */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <dirent.h>
#include <libgen.h>
#include <cmocka.h>
#include "fuzz.h"

enum {
	FILEC = 256,
};

static char *pathv[FILEC];
static struct CMUnitTest testv[FILEC];


static void test_file(void **state)
{
	FILE *f = fopen(*state, "rb");
	uint8_t *data;
	long size;

	assert_non_null(f);
	assert_int_equal(0, fseek(f, 0, SEEK_END));
	size = ftell(f);
	assert_true(size >= 0);
	rewind(f);

	data = malloc((size_t)size + 1);
	assert_non_null(data);
	assert_int_equal(size, fread(data, 1, (size_t)size, f));
	(void)fclose(f);

	assert_int_equal(0, LLVMFuzzerTestOneInput(data, (size_t)size));
	free(data);
}


/* A property that does not hold fails the test, the others go on */
static void abort_handler(int sig)
{
	(void)sig;
	fail();
}


static int is_file(const struct dirent *e)
{
	return e->d_name[0] != '.';
}


int main(int argc, char *argv[])
{
	struct sigaction act;
	const char *target;
	struct dirent **ev;
	char dir[512];
	int i, n, bad;
	(void)argc;

	memset(&act, 0, sizeof(act));

	target = basename(argv[0]);
	if (!strncmp(target, "unit_", 5))
		target += 5;

	(void)snprintf(dir, sizeof(dir), TOP "/tests/fuzz/corpus/%s", target);
	n = scandir(dir, &ev, is_file, alphasort);
	if (n <= 0 || n > FILEC) {
		(void)fprintf(stderr, "%s: no corpus, or too large\n", dir);
		return 1;
	}

	for (i=0; i<n; ++i) {

		if (re_sdprintf(&pathv[i], "%s/%s", dir, ev[i]->d_name))
			return 1;

		free(ev[i]);
		testv[i].name = pathv[i] + strlen(dir) - strlen(target);
		testv[i].test_func = test_file;
		testv[i].initial_state = pathv[i];
	}

	free(ev);
	act.sa_handler = abort_handler;
	act.sa_flags = SA_NODEFER;
	(void)sigaction(SIGABRT, &act, NULL);

	cmocka_set_test_filter(getenv("UNIT_FILTER"));
	bad = _cmocka_run_group_tests(target, testv, (size_t)n, NULL, NULL);

	for (i=0; i<n; ++i)
		mem_deref(pathv[i]);

	return bad;
}
