/**
 * @file http.c  Client of the httpd of a baresip under test: curl
 */
#include <stdlib.h>
#include <string.h>
#include "wire.h"
#include "harness.h"


/**
 * Write a text so that it can be part of a URL
 *
 * @param text Text
 *
 * @return The text with all but letters, digits and - escaped
 */
const char *http_escape(const char *text)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyz"
		"ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-";
	char *s = malloc(3 * strlen(text) + 1);
	size_t n = 0;

	if (!s)
		abort();

	for (; *text; ++text) {
		if (strchr(plain, *text))
			s[n++] = *text;
		else
			n += (size_t)sprintf(s + n, "%%%02X",
					     (unsigned char)*text);
	}
	s[n] = '\0';

	return s;
}


/**
 * Get a page, see http()
 *
 * @param file File of the test
 * @param line Line of it
 * @param path Path and query
 *
 * @return Head and body; if there is none, the test ends
 */
const char *http_at(const char *file, int line, const char *path)
{
	struct proc *p;

	p = proc_run_at(file, line, "curl", "curl", "-s", "-i", "-m", "5",
			F("http://127.0.0.2:8000%s", path), NULL);

	if (!proc_wait(p, WAIT) || p->status)
		test_fail(false, file, line, "curl: %s: no answer to %s",
			  proc_status(p), path);

	return proc_log(p);
}
