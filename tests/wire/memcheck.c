/**
 * @file memcheck.c  What looks for errors of memory in a baresip under test
 *
 * Two tools see different faults. valgrind knows of memory that is used before
 * it is set, of memory that is still reachable at the end, and of what libre
 * does with the module's memory, but takes a second of CPU for each baresip.
 * ASan and UBSan, with which a refer.so of its own is built, take a tenth of
 * it, and see what is next to a variable on the stack. A test is run under one
 * of them, by its name, so that it is the same one each time and each file of
 * tests has some of both.
 */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "wire.h"
#include "harness.h"


enum {
	VALGRIND_EACH = 6,    /**< One test in so many is under valgrind */
};


/**
 * Get the module that is built with ASan
 *
 * @param so Its file name
 *
 * @return Path, NULL if there is none
 */
const char *memcheck_build(const char *so)
{
	const char *path = built(F("asan/%s", so));

	return access(path, R_OK) ? NULL : path;
}


static enum memcheck by_environment(const char *tool)
{
	if (!strcmp(tool, "none"))
		return MEMCHECK_NONE;
	if (!strcmp(tool, "asan"))
		return MEMCHECK_ASAN;
	if (!strcmp(tool, "valgrind"))
		return MEMCHECK_VALGRIND;

	SETUP("MEMCHECK=%s: not none, asan or valgrind", tool);
}


/**
 * Choose the tool for a baresip
 *
 * @param o       How it is started
 * @param linked  True if it can load refer.so
 *
 * @return Tool
 */
enum memcheck memcheck_choose(const struct sut_opts *o, bool linked)
{
	const char *tool = getenv("MEMCHECK");

	if (o->memcheck)
		return o->memcheck;

	/* nothing of ours in it */
	if (test_stock() || !linked)
		return MEMCHECK_NONE;

	/* what a test brings along is not built with ASan */
	if (o->module || (o->example && !o->edit) ||
	    (o->app && !memcheck_build(o->app)))
		return MEMCHECK_VALGRIND;

	if (tool && *tool)
		return by_environment(tool);

	return hash_joaat_str(test_name()) % VALGRIND_EACH
		? MEMCHECK_ASAN : MEMCHECK_VALGRIND;
}


/**
 * Get the command that is put in front of baresip's
 *
 * @param argv Returned arguments; has room for 8
 * @param s    The baresip
 *
 * @return Number of arguments
 */
unsigned memcheck_args(const char **argv, const struct sut *s)
{
	unsigned n = 0;

	if (s->memcheck != MEMCHECK_VALGRIND)
		return 0;

	argv[n++] = "valgrind";
	argv[n++] = "--leak-check=full";
	argv[n++] = "--show-leak-kinds=all";
	argv[n++] = "--num-callers=40";
	argv[n++] = "--keep-debuginfo=yes";
	argv[n++] = "--fullpath-after=";
	argv[n++] = F("--log-file=%s", s->memlog);

	return n;
}


/**
 * Get what the tool adds to the environment
 *
 * @param v        Returned VAR=value; has room for 2
 * @param preloads Libraries to preload, or NULL; those of the tool are put in
 *                 front
 * @param s        The baresip
 *
 * @return Number of variables
 */
unsigned memcheck_env(const char **v, const char **preloads,
		      const struct sut *s)
{
	if (s->memcheck != MEMCHECK_ASAN)
		return 0;

	*preloads = F("%s%s%s", ASAN_LIBS, *preloads ? ":" : "",
		      *preloads ? *preloads : "");

	/* libre has no frame pointers: the fast way ends in it */
	v[0] = F("ASAN_OPTIONS=log_path=%s:halt_on_error=0:detect_leaks=1"
		 ":exitcode=0:handle_abort=1:verify_asan_link_order=0"
		 ":fast_unwind_on_malloc=0", s->memlog);
	v[1] = "UBSAN_OPTIONS=print_stacktrace=1";

	return 2;
}


/**
 * Read the log of the tool
 *
 * @param s The baresip
 *
 * @return Text, "" if there is none; lasts until the end of the test
 */
const char *memcheck_log(const struct sut *s)
{
	struct mbuf *mb = mbuf_alloc(8192);
	const char *text;

	/* ASan's log has the process in its name; UBSan knows of no log_path
	   beside it, and writes to stderr */
	if (s->memcheck == MEMCHECK_ASAN) {
		(void)slurp(mb, F("%s.%d", s->memlog, s->proc->pid));
		(void)mbuf_write_str(mb, proc_log(s->proc));
	}
	else {
		(void)slurp(mb, s->memlog);
	}

	text = keep((char *)mb->buf, mb->end);
	mem_deref(mb);

	return text;
}


/**
 * Check what the tool has found in a baresip that has ended
 *
 * @param file File of the test
 * @param line Line of it
 * @param s    The baresip
 */
void memcheck_end(const char *file, int line, const struct sut *s)
{
	const bool valgrind = s->memcheck == MEMCHECK_VALGRIND;
	struct mbuf *mine = mbuf_alloc(1024);
	const char *log;
	unsigned n;

	if (s->memcheck == MEMCHECK_NONE)
		return;

	log = memcheck_log(s);
	n = valgrind ? valgrind_check(log, mine)
		: sanitizer_check(log, mine, NULL);

	if (test_verbose())
		(void)printf("%s: %s: %u of refer.so\n", s->name,
			     valgrind ? "valgrind" : "ASan", n);

	if (n)
		test_fail(false, file, line, "%s: %s found %u errors or"
			  " leaks with a frame of refer.so:\n%.*s", s->name,
			  valgrind ? "valgrind" : "ASan", n, (int)mine->end,
			  (char *)mine->buf);

	if (valgrind && !strstr(log, "ERROR SUMMARY"))
		test_fail(false, file, line, "%s: valgrind did not finish",
			  s->name);

	/* whose exit status is 0 */
	if (strstr(log, "==ABORTING"))
		test_fail(false, file, line, "%s: crashed:\n%s", s->name, log);

	mem_deref(mine);
}


/**
 * Tell whether the tool has found a wrong access to memory so far, anywhere
 *
 * @param s The baresip
 *
 * @return True if it has
 */
bool sut_misuses_memory(const struct sut *s)
{
	return strstr(memcheck_log(s), "== Invalid ") != NULL;
}
