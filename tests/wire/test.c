/**
 * @file test.c  A wire test from its start to its end
 *
 * Keeps where the test is, judges its assertions, and ends it: a failing one
 * prints where and why, the message ladder, and the logs of its processes.
 */
#define _GNU_SOURCE 1
#include <errno.h>
#include <ftw.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "wire.h"
#include "harness.h"


enum {
	LIMIT = 60,         /**< Time limit of a test in s             */
	LOG_MAX = 6000,     /**< Bytes of a log shown when a test fails */
	ROWS_MAX = 64,
	NOT_APPLICABLE = 77, /**< Exit status, known to tests/run.c     */
};

static struct test *tests;

static struct {
	const struct test *test;
	struct test_opts opts;
	char *dir;              /**< Its temporary directory   */
	const char *file;       /**< Where it is               */
	int line;
	bool overdue;
	bool failing;
	bool passed;            /**< The body has come to its end */
	const char *rowv[ROWS_MAX];
	unsigned rowc;
} wire;


/**
 * Register a test
 *
 * @param t Test
 */
void test_register(struct test *t)
{
	t->next = tests;
	tests = t;
}


/**
 * Get the registered tests
 *
 * @return The first one
 */
struct test *test_first(void)
{
	return tests;
}


/**
 * Get the time limit of a test
 *
 * @param t Test
 *
 * @return Limit in s
 */
uint32_t test_limit(const struct test *t)
{
	return t->limit ? t->limit : LIMIT;
}


/**
 * Is this the run that must fail, without the module?
 *
 * @return True if so
 */
bool test_stock(void)
{
	return wire.opts.stock;
}


/**
 * Get the name of the test
 *
 * @return Name, for a .stock half that of the test
 */
const char *test_name(void)
{
	return wire.test->name;
}


/**
 * Shall everything be printed?
 *
 * @return True if so
 */
bool test_verbose(void)
{
	return wire.opts.verbose;
}


/**
 * Get the temporary directory of the test
 *
 * @return Path
 */
const char *test_dir(void)
{
	return wire.dir;
}


/**
 * Get the top directory of the source
 *
 * @return Path
 */
const char *top_dir(void)
{
	const char *top = getenv("WIRE_TOP");

	return top ? top : TOP;
}


/**
 * Note how far the test is, for messages from below
 *
 * @param file File of the test
 * @param line Line of it
 */
void test_here(const char *file, int line)
{
	wire.file = file;
	wire.line = line;
}


/**
 * Remember that the assertions so far show some requirements; it counts only
 * if the whole test passes
 *
 * @param rows Names, separated by spaces
 */
void test_row(const char *rows)
{
	if (wire.rowc < ROWS_MAX)
		wire.rowv[wire.rowc++] = rows;
}


static int rm(const char *path, const struct stat *st, int flag,
	      struct FTW *ftw)
{
	(void)st;
	(void)flag;
	(void)ftw;

	return remove(path);
}


static _Noreturn void finish(int status)
{
	procs_kill();

	if (wire.opts.keep)
		(void)printf("kept %s\n", wire.dir);
	else if (wire.dir)
		(void)nftw(wire.dir, rm, 16, FTW_DEPTH | FTW_PHYS);

	(void)fflush(NULL);
	_exit(status);
}


/* A .stock half, or a self-test, must fail in the way that is said */
static void expected_failure(const char *text)
{
	const char *want = wire.opts.stock ? host_fault(wire.test)
					   : wire.test->fails;

	if (want && !strstr(text, want)) {
		(void)printf("must fail with '%s', and not with this:\n",
			     want);
		return;
	}

	(void)printf("fails as it must: %s:%d: %s\n", wire.file, wire.line,
		     first_line(text));
	if (wire.opts.verbose)
		ladder_print(stdout);

	finish(0);
}


static bool must_fail(void)
{
	return !wire.passed && (wire.opts.stock || wire.test->fails);
}


static _Noreturn void fail(bool setup, const char *text)
{
	if (wire.failing)
		finish(1);

	wire.failing = true;

	if (must_fail() && (!setup || !wire.opts.stock))
		expected_failure(text);

	(void)printf("%s:%d: %s\n\n", wire.file, wire.line, text);
	if (!wire.opts.live)
		ladder_print(stdout);
	(void)printf("\n");
	procs_print(stdout, wire.opts.verbose ? SIZE_MAX : LOG_MAX);
	suts_report(stdout);
	finish(1);
}


/**
 * End the test as failed
 *
 * @param setup True if what failed is not the point of the test; then a .stock
 *              half fails too
 * @param file  File of the test
 * @param line  Line of it
 * @param fmt   Why
 */
void test_fail(bool setup, const char *file, int line, const char *fmt, ...)
{
	va_list ap;
	char *text;

	va_start(ap, fmt);
	if (vasprintf(&text, fmt, ap) < 0)
		abort();
	va_end(ap);

	test_here(file, line);
	fail(setup, text);
}


/**
 * End the test as failed, at the place it is known to be
 *
 * @param setup True if what failed is not the point of the test
 * @param text  Why
 */
void test_fail_here(bool setup, const char *text)
{
	fail(setup, text);
}


/** End the test if its time is over */
void test_check_limit(void)
{
	if (wire.overdue)
		fail(true, "the time limit of the test is over");
}


static void rows_write(void)
{
	const char *dir = F("%s/" BUILD "/rows", top_dir()), *s = "";
	unsigned i;

	for (i=0; i<wire.rowc; i++)
		s = F("%s%s\n", s, wire.rowv[i]);

	if (!wire.rowc)
		return;

	(void)mkdir(dir, 0777);
	spew(F("%s/%s", dir, wire.test->name), s);
}


static void limit_handler(void *arg)
{
	(void)arg;

	wire.overdue = true;
	wake();
}


static void signal_handler(int sig)
{
	(void)sig;

	finish(1);
}


static void prepare(void)
{
	const char *tmp = getenv("TMPDIR");
	int err;

	err = netns_enter();
	if (err) {
		(void)printf("wire: %s\n", netns_help(err));
		finish(1);
	}

	wire.dir = mkdtemp((char *)F("%s/wire.XXXXXX", tmp ? tmp : "/tmp"));
	if (!wire.dir) {
		(void)printf("wire: no temporary directory\n");
		finish(1);
	}

	err = libre_init();
	if (!err)
		err = capture_start();

	if (err) {
		(void)printf("wire: cannot capture: %s\n", strerror(err));
		finish(1);
	}
}


/**
 * Run a test in this process, and end the process
 *
 * @param t    Test
 * @param opts How
 */
void test_run(const struct test *t, const struct test_opts *opts)
{
	const char *na = host_na(t, opts->stock);
	struct tmr tmr;

	if (na) {
		(void)printf("n/a: %s\n", na);
		exit(NOT_APPLICABLE);
	}

	wire.test = t;
	wire.opts = *opts;
	test_here("setup", 0);
	(void)signal(SIGPIPE, SIG_IGN);
	(void)signal(SIGTERM, signal_handler);
	(void)signal(SIGINT, signal_handler);
	clock_start();
	prepare();

	tmr_init(&tmr);
	tmr_start(&tmr, test_limit(t) * 1000, limit_handler, NULL);

	t->run();

	if (!opts->stock)
		suts_quit();

	if (must_fail()) {
		wire.passed = true;
		test_fail_here(false, "passes, but must fail");
	}

	rows_write();

	if (opts->verbose) {
		ladder_print(stdout);
		procs_print(stdout, SIZE_MAX);
	}

	finish(0);
}
