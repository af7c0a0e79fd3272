/**
 * @file setup.c  Begin and end of the benchmark
 *
 * Stands in for test.c of the wire harness: there is no capture, which would
 * take time from every packet, and a failure prints no ladder.
 */
#include <errno.h>
#include <ftw.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "bench.h"


enum {
	LOG_MAX = 2000,       /**< Bytes of each log shown at a failure */
};

static struct {
	char *dir;            /**< Temporary directory  */
	const char *baresip;  /**< That is measured     */
	uint64_t deadline;    /**< Time limit, ms       */
	bool failing;
} setup;


bool test_stock(void)
{
	return false;
}


bool test_verbose(void)
{
	return false;
}


const char *test_name(void)
{
	return "bench";
}


const char *test_dir(void)
{
	return setup.dir;
}


const char *top_dir(void)
{
	return TOP;
}


void test_here(const char *file, int line)
{
	(void)file;
	(void)line;
}


void test_check_limit(void)
{
	if (now_ms() > setup.deadline)
		SETUP("the time limit is over");
}


void test_fail_here(bool is_setup, const char *text)
{
	(void)is_setup;

	if (!setup.failing) {
		setup.failing = true;
		(void)printf("bench: %s\n", text);
		procs_print(stdout, LOG_MAX);
	}

	setup_exit(2);
}


void test_fail(bool is_setup, const char *file, int line, const char *fmt,
	       ...)
{
	va_list ap;
	char *text;

	va_start(ap, fmt);
	if (vasprintf(&text, fmt, ap) < 0)
		abort();
	va_end(ap);

	test_fail_here(is_setup, F("%s:%d: %s", file, line, text));
}


static int rm(const char *path, const struct stat *st, int flag,
	      struct FTW *ftw)
{
	(void)st;
	(void)flag;
	(void)ftw;

	return remove(path);
}


/**
 * Remove a directory with all that is in it
 *
 * @param path Directory
 */
void dir_remove(const char *path)
{
	(void)nftw(path, rm, 16, FTW_DEPTH | FTW_PHYS);
}


/**
 * End the benchmark, and all its processes
 *
 * @param status Exit status
 */
void setup_exit(int status)
{
	procs_kill();

	if (setup.dir)
		dir_remove(setup.dir);

	(void)fflush(NULL);
	_exit(status);
}


static void signal_handler(int sig)
{
	(void)sig;

	setup_exit(2);
}


/**
 * Give the benchmark some more time; when it is over, it ends as failed
 *
 * @param secs Time from now, in s
 */
void setup_limit(uint32_t secs)
{
	setup.deadline = now_ms() + secs * 1000;
}


/* Our processes inherit it. The kernel leaves 5 % to the others. */
static void realtime(void)
{
	const struct sched_param param = {.sched_priority = 1};

	if (sched_setscheduler(0, SCHED_RR, &param))
		SETUP("no real-time priority: %s", strerror(errno));
}


/**
 * Have the program of the meter start what is measured
 *
 * The harness starts "$BARESIP_BIN -f DIR": this script has the meter's
 * program do it, and what is to be in the place of the baresip. It is written
 * again when there is another meter.
 */
void setup_meter(void)
{
	const char *path = F("%s/baresip", setup.dir);

	spew(path, F("#!/bin/sh\n"
		     "exec %s \"${PROGRAM:-%s}\" \"$@\"\n",
		     bench.meter->prefix, setup.baresip));

	if (chmod(path, 0755) || setenv("BARESIP_BIN", path, 1))
		SETUP("%s: cannot use it", path);
}


/** Make the network namespace and the temporary directory */
void setup_start(void)
{
	const char *tmp = getenv("TMPDIR"), *bin = getenv("BARESIP_BIN");
	int err;

	setup.baresip = bin && *bin ? F("%s", bin) : "/usr/bin/baresip";

	(void)signal(SIGPIPE, SIG_IGN);
	(void)signal(SIGTERM, signal_handler);
	(void)signal(SIGINT, signal_handler);
	clock_start();

	err = netns_enter();
	if (err)
		SETUP("%s", netns_help(err));

	setup.dir = mkdtemp((char *)F("%s/bench.XXXXXX", tmp ? tmp : "/tmp"));
	if (!setup.dir)
		SETUP("no temporary directory");

	setup_meter();

	err = libre_init();
	if (err)
		SETUP("libre: %s", strerror(err));

	if (bench.realtime)
		realtime();
}
