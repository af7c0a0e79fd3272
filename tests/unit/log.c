/**
 * @file log.c  The log of the module, kept for the tests
 *
 * Implements debug(), info() and warning() of host.h. With UNIT_VERBOSE set
 * every line is printed at once.
 */
#include <stdlib.h>
#include <string.h>
#include <re.h>
#include "host/host.h"
#include "log.h"


enum level {
	LEVEL_DEBUG,
	LEVEL_INFO,
	LEVEL_WARNING,
};

struct line {
	struct le le;
	enum level level;
	char *text;
};

static struct list linel;


static void destructor(void *arg)
{
	struct line *line = arg;

	list_unlink(&line->le);
	mem_deref(line->text);
}


static void add(enum level level, const char *fmt, va_list ap)
{
	struct line *line;

	line = mem_zalloc(sizeof(*line), destructor);
	if (!line || re_vsdprintf(&line->text, fmt, ap))
		abort();

	line->level = level;
	list_append(&linel, &line->le, line);

	if (getenv("UNIT_VERBOSE"))
		(void)re_fprintf(stderr, "%s", line->text);
}


void debug(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	add(LEVEL_DEBUG, fmt, ap);
	va_end(ap);
}


void info(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	add(LEVEL_INFO, fmt, ap);
	va_end(ap);
}


void warning(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	add(LEVEL_WARNING, fmt, ap);
	va_end(ap);
}


/**
 * Forget what was logged
 */
void log_clear(void)
{
	list_flush(&linel);
}


/**
 * Count the warnings
 *
 * @param text Text that a warning must have in it, or NULL for any
 *
 * @return Number of warnings
 */
unsigned log_warnings(const char *text)
{
	unsigned n = 0;
	struct le *le;

	LIST_FOREACH(&linel, le) {
		const struct line *line = le->data;

		if (line->level == LEVEL_WARNING &&
		    (!text || strstr(line->text, text)))
			++n;
	}

	return n;
}


/**
 * Print what was logged
 */
void log_print(void)
{
	struct le *le;

	LIST_FOREACH(&linel, le) {
		const struct line *line = le->data;

		(void)re_fprintf(stderr, "log: %s", line->text);
	}
}
