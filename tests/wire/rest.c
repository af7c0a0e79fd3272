/**
 * @file rest.c  Client of the HTTP interface of a baresip under test: curl
 */
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include "wire.h"
#include "harness.h"
#include "rest.h"


enum {
	ARGS_MAX = 32,
};


/* Behind the interim responses */
static const char *last_head(const char *p)
{
	const char *end;

	while (!strncmp(p, "HTTP/1.1 100", 12) &&
	       (end = strstr(p, "\r\n\r\n")))
		p = end + 4;

	return p;
}


/**
 * Send a request, see rest()
 *
 * @param file   File of the test
 * @param line   Line of it
 * @param scode  Status code that the response must have
 * @param method Method
 * @param path   Path and query, or a whole URL
 * @param body   Body, JSON unless a header says otherwise; NULL for none
 *
 * @return The response; if there is none, the test ends
 */
struct rest rest_at(const char *file, int line, unsigned scode_,
		    const char *method, const char *path, const char *body,
		    ...)
{
	const char *argv[ARGS_MAX] = {"curl", "-s", "-i", "-m", "20",
				      "-X", method};
	struct rest r = {.body = ""};
	size_t n = 7, i;
	struct proc *p;
	const char *end, *arg;
	va_list ap;

	if (!strcmp(method, "HEAD")) {
		argv[5] = "-I";
		n = 6;
	}

	argv[n++] = *path == '/' ? F("%s%s", REST_URL, path) : path;
	va_start(ap, body);
	while ((arg = va_arg(ap, const char *)) && n < ARGS_MAX - 5)
		argv[n++] = arg;
	va_end(ap);

	if (body) {
		argv[n++] = "--data-binary";
		argv[n++] = body;
	}

	for (i=0; i<n && body; ++i) {
		if (!strncasecmp(argv[i], "Content-Type", 12))
			break;
	}

	if (body && i == n) {
		argv[n++] = "-H";
		argv[n++] = "Content-Type: application/json";
	}

	p = proc_start("curl", (char *const *)(uintptr_t)argv, NULL, -1);
	if (!proc_wait(p, 2 * WAIT) || p->status)
		test_fail(false, file, line, "curl: %s: no answer to %s %s",
			  proc_status(p), method, path);

	r.head = last_head(proc_log(p));
	(void)sscanf(r.head, "HTTP/1.1 %u", &r.scode);
	end = strstr(r.head, "\r\n\r\n");
	if (end)
		r.body = end + 4;

	if (r.scode != scode_)
		test_fail(false, file, line, "%s %s %s: expected %u: %.400s",
			  method, path, body ? body : "", scode_, r.head);

	if (strstr(r.head, "json\r\n") && *r.body &&
	    json_decode_odict(&r.od, 32, r.body, strlen(r.body), 20))
		test_fail(false, file, line, "%s %s: no JSON: %s", method,
			  path, r.body);

	return r;
}


/** Get a text of a response, "" if it has none */
const char *rest_str(const struct rest *r, const char *key)
{
	const char *str = r->od ? odict_string(r->od, key) : NULL;

	return str ? str : "";
}
