/**
 * @file check.c  Assertions of the wire tests
 *
 * Each tells in full what was expected and what came instead.
 */
#include <string.h>
#include "wire.h"


/**
 * Check a number, see EQ_INT()
 *
 * @param file File of the test
 * @param line Line of it
 * @param expr What is checked
 * @param want Expected value
 * @param got  Value
 */
void check_int(const char *file, int line, const char *expr,
	       long long want, long long got)
{
	if (want != got)
		test_fail(false, file, line, "%s: expected %lld, got %lld",
			  expr, want, got);
}


/**
 * Check a text, see EQ_STR()
 *
 * @param file File of the test
 * @param line Line of it
 * @param expr What is checked
 * @param want Expected text, or NULL
 * @param got  Text, or NULL
 */
void check_str(const char *file, int line, const char *expr,
	       const char *want, const char *got)
{
	if (want == got || (want && got && !strcmp(want, got)))
		return;

	test_fail(false, file, line, "%s: expected '%s', got '%s'", expr,
		  want ? want : "(none)", got ? got : "(none)");
}


/**
 * Check that a text contains another one or not, see HAS() and HASNT()
 *
 * @param file File of the test
 * @param line Line of it
 * @param text Text
 * @param what What to look for
 * @param want True if it must be there
 */
void check_has(const char *file, int line, const char *text,
	       const char *what, bool want)
{
	if (want != !!strstr(text, what))
		test_fail(false, file, line, "'%s' %s in:\n%s", what,
			  want ? "is not" : "must not be", text);
}
