/**
 * @file rest.c  Client of the HTTP interface of a baresip under test: curl
 */
#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include "wire.h"
#include "harness.h"
#include "openapi.h"
#include "scene.h"
#include "rest.h"


enum {
	ARGS_MAX = 32,
	RESPONSE_SIZE = 1 << 20,
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


/* For a person who counts them, see tests/README.md */
static void count(const char *method, const char *path, unsigned scode)
{
	const char *log = getenv("REST_LOG");
	FILE *f = log ? fopen(log, "a") : NULL;

	if (!f)
		return;

	(void)fprintf(f, "%s\t%s\t%s\t%u\n", test_name(), method, path,
		      scode);
	(void)fclose(f);
}


static const char *content_type(const char *head)
{
	static const char name[] = "\r\nContent-Type: ";
	const char *p = strstr(head, name);

	return p ? first_line(p + strlen(name)) : "";
}


/* What came, which must have this status, and be as it is described */
static struct rest take(const char *file, int line, unsigned scode,
			const char *method, const char *path,
			const char *sent, const char *text)
{
	struct rest r = {.head = text, .body = ""};
	const char *end = strstr(text, "\r\n\r\n");

	(void)sscanf(text, "HTTP/1.1 %u", &r.scode);
	if (end) {
		r.head = keep(text, (size_t)(end + 2 - text));
		r.body = end + 4;
	}

	if (r.scode != scode)
		test_fail(false, file, line, "%s %s %.400s: expected %u:"
			  " %.400s", method, path, sent ? sent : "", scode,
			  text);

	if (strstr(r.head, "json\r\n") && *r.body &&
	    json_decode_odict(&r.od, 32, r.body, strlen(r.body), 20))
		test_fail(false, file, line, "%s %s: no JSON: %s", method,
			  path, r.body);

	count(method, path, scode);
	openapi_response(file, line, method, path, scode,
			 content_type(r.head), r.od);

	return r;
}


/* The path of a URL, or a path */
static const char *url_path(const char *url)
{
	const char *p = strstr(url, "://");

	return p ? strchr(p + 3, '/') : url;
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
	size_t n = 7, i;
	struct proc *p;
	const char *arg;
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

	return take(file, line, scode_, method, url_path(path), body,
		    last_head(proc_log(p)));
}


/** Connect to bob's interface */
int rest_connect(void)
{
	const struct timeval tv = {.tv_sec = 15};
	struct sa sa;
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	(void)sa_set_str(&sa, "127.0.0.2", 8090);
	(void)setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &tv, sizeof(tv));
	CHECK(!connect(fd, &sa.u.sa, sa.len), "connect");

	return fd;
}


/** Send text on a connection */
void rest_put(int fd, const char *text)
{
	CHECK(send(fd, text, strlen(text), MSG_NOSIGNAL) > 0, "send");
}


static bool is_whole(const char *text)
{
	static const char name[] = "\r\nContent-Length: ";
	const char *end = strstr(text, "\r\n\r\n");
	const char *len = strstr(text, name);

	return end && len && len < end &&
		strlen(end + 4) >= strtoul(len + strlen(name), NULL, 10);
}


/* What is left of the request must not be taken for another one */
static void check_end(int fd)
{
	char ch;

	(void)shutdown(fd, SHUT_WR);
	CHECK(recv(fd, &ch, 1, 0) <= 0, "there is more than one response");
}


/** Get a response, which is the only one, or what comes until the connection
    is closed */
const char *rest_take(int fd)
{
	char *buf = malloc(RESPONSE_SIZE);
	size_t n = 0;
	ssize_t len = 0;

	if (!buf)
		abort();

	buf[0] = '\0';
	while (!is_whole(buf) &&
	       (len = recv(fd, buf + n, RESPONSE_SIZE - 1 - n, 0)) > 0) {
		n += (size_t)len;
		buf[n] = '\0';
	}
	CHECK(is_whole(buf) || !len || errno != EAGAIN,
	      "the connection stays open");
	if (is_whole(buf))
		check_end(fd);
	(void)close(fd);

	return buf;
}


/**
 * Send a request without curl, see rest_raw()
 *
 * @param file   File of the test
 * @param line   Line of it
 * @param scode  Status code that the response must have
 * @param method Method
 * @param path   Path and query
 * @param more   The rest of the request, from the end of its first line
 *
 * @return The response; if there is none, the test ends
 */
struct rest rest_raw_at(const char *file, int line, unsigned scode,
			const char *method, const char *path,
			const char *more)
{
	const int fd = rest_connect();

	rest_put(fd, F("%s %s HTTP/1.1\r\n%s", method, path, more));

	return take(file, line, scode, method, path, more, rest_take(fd));
}


/** Get a text of a response, "" if it has none */
const char *rest_str(const struct rest *r, const char *key)
{
	const char *str = r->od ? odict_string(r->od, key) : NULL;

	return str ? str : "";
}


/** Listen on port 9000 of an address, as the receiver of a webhook */
int rest_receiver(const char *addr)
{
	const struct timeval tv = {.tv_sec = 15};
	struct sa sa;
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	(void)sa_set_str(&sa, addr, 9000);
	(void)setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &tv, sizeof(tv));
	CHECK(!bind(fd, &sa.u.sa, sa.len) && !listen(fd, 5), "listen");

	return fd;
}


/** Wait until a receiver of events has printed a text */
void rest_wait(struct proc *p, const char *text)
{
	if (!proc_log_wait(p, text, WAIT))
		FAIL("'%s' is not in %s: %s", text, p->name, proc_log(p));
}


/** Receive a REFER, with a number, and reject it over HTTP */
void rest_refuse(unsigned id)
{
	(void)refer_carol("");
	event(t.bob, F("? ~ refer,referRequested,id=%u ", id), WAIT);
	rest(200, "POST", F("/v1/transfers/%u/reject", id), "{}");
}
