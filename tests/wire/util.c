/**
 * @file util.c  Text and waiting for the wire harness
 *
 * Waiting means running libre's main loop until a condition holds: every
 * handler that changes something calls wake(), and then the condition is
 * looked at again.
 */
#define _GNU_SOURCE 1
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include "wire.h"
#include "harness.h"


static struct timespec start;


/**
 * Copy text into memory that lasts until the process ends
 *
 * @param p   Text
 * @param len Its length
 *
 * @return The copy, NUL-terminated
 */
char *keep(const char *p, size_t len)
{
	char *s = malloc(len + 1);

	if (!s)
		abort();

	memcpy(s, p, len);
	s[len] = '\0';

	return s;
}


/**
 * Format text; the only function here that takes a format for SIP text, so
 * that a "%H" in a message is never one
 *
 * @param fmt Format as of printf()
 *
 * @return The text; it lasts until the process ends
 */
const char *F(const char *fmt, ...)
{
	va_list ap;
	char *s;
	int n;

	va_start(ap, fmt);
	n = vasprintf(&s, fmt, ap);
	va_end(ap);

	if (n < 0)
		abort();

	return s;
}


/**
 * Get the first line of a text
 *
 * @param s Text
 *
 * @return Its first line, without the end of line
 */
const char *first_line(const char *s)
{
	return keep(s, strcspn(s, "\r\n"));
}


/**
 * Get the path of a file that was built
 *
 * @param name Name
 *
 * @return Path
 */
const char *built(const char *name)
{
	return F("%s/" BUILD "/%s", top_dir(), name);
}


/**
 * Make a random text for tags, branches and Call-IDs
 *
 * @return 16 hexadecimal digits
 */
const char *random_id(void)
{
	return F("%016llx", (unsigned long long)rand_u64());
}


/**
 * Read a file
 *
 * @param mb   Buffer to append to
 * @param path File
 *
 * @return True if it could be read
 */
bool slurp(struct mbuf *mb, const char *path)
{
	uint8_t buf[8192];
	size_t n;
	FILE *f;

	f = fopen(path, "r");
	if (!f)
		return false;

	while ((n = fread(buf, 1, sizeof(buf), f)) > 0)
		(void)mbuf_write_mem(mb, buf, n);

	(void)fclose(f);

	return true;
}


/**
 * Write a file; the test ends if that fails
 *
 * @param path File
 * @param text Its new contents
 */
void spew(const char *path, const char *text)
{
	FILE *f = fopen(path, "w");

	/* as a file of users must be */
	if (!f || fchmod(fileno(f), 0600) || fputs(text, f) < 0 ||
	    fclose(f) != 0)
		SETUP("%s: cannot write", path);
}


static uint64_t since(clockid_t clock, const struct timespec *from)
{
	struct timespec t;

	(void)clock_gettime(clock, &t);

	return (uint64_t)((t.tv_sec - from->tv_sec) * 1000 +
			  (t.tv_nsec - from->tv_nsec) / 1000000);
}


/**
 * Get the time since the start of the test
 *
 * @return Time in ms
 */
uint64_t now_ms(void)
{
	return since(CLOCK_MONOTONIC, &start);
}


/**
 * Turn the kernel's timestamp of a packet into time since the test's start
 *
 * @param ts Wall clock time
 *
 * @return Time in ms
 */
uint64_t stamp_ms(const struct timespec *ts)
{
	struct timespec wall;
	uint64_t age;

	(void)clock_gettime(CLOCK_REALTIME, &wall);

	age = (uint64_t)((wall.tv_sec - ts->tv_sec) * 1000 +
			 (wall.tv_nsec - ts->tv_nsec) / 1000000);

	return now_ms() > age ? now_ms() - age : 0;
}


/** Start the clock of the test */
void clock_start(void)
{
	(void)clock_gettime(CLOCK_MONOTONIC, &start);
}


/** Have the waiting function look at its condition again */
void wake(void)
{
	re_cancel();
}


static void late_handler(void *arg)
{
	bool *late = arg;

	*late = true;
	wake();
}


/**
 * Wait for a condition. A process that ends meanwhile, when it should not,
 * and the time limit of the test, end the test.
 *
 * @param h   Condition
 * @param arg Argument for it
 * @param ms  Deadline in ms from now
 *
 * @return True if the condition holds, false if the deadline has passed
 */
bool wait_until(wait_h *h, void *arg, uint32_t ms)
{
	struct tmr tmr;
	bool late = false, ok;

	tmr_init(&tmr);
	tmr_start(&tmr, ms, late_handler, &late);

	while (!(ok = h(arg)) && !late) {

		procs_check();
		test_check_limit();
		(void)re_main(NULL);
	}

	tmr_cancel(&tmr);

	return ok;
}


static bool never(void *arg)
{
	(void)arg;

	return false;
}


/**
 * Let time pass, for a test whose point is a time. Not for waiting until
 * something has happened.
 *
 * @param ms Time in ms
 */
void wait_ms(uint32_t ms)
{
	(void)wait_until(never, NULL, ms);
}
