/**
 * @file t_http.c  refer_http.so: a table of requests, good and bad
 */
#include <string.h>
#include "wire.h"
#include "harness.h"
#include "scene.h"
#include "rest.h"


/** A request, and its response */
struct ask {
	const char *method;
	const char *path;
	const char *body;
	unsigned scode;
	const char *has;      /**< Text of the body                 */
};


static void ask_all(const struct ask *askv, size_t n)
{
	size_t i;

	for (i=0; i<n; ++i) {
		const struct ask *a = &askv[i];
		const struct rest r = rest(a->scode, a->method, a->path,
					   a->body);

		HAS_TEXT(r.body, a->has);
	}
}


TEST(http_empty, "Requests without a call or a transfer", .secs = 30)
{
	static const struct ask askv[] = {
		{"GET", "/", NULL, 200, "<!doctype html>"},
		{"HEAD", "/", NULL, 200, ""},
		{"GET", "/healthz", NULL, 200, "{\"status\":\"ok\"}"},
		{"GET", "/metrics", NULL, 200, "\nrefer_waiting 0\n"},
		{"GET", "/v1/transfers", NULL, 200, "{\"transfers\":[]}\n"},
		{"GET", "/v1/transfers?state=active", NULL, 200, "[]"},
		{"GET", "/v1/transfers?state=ended", NULL, 200, "[]"},
		{"GET", "/v1/transfers?state=active,ended", NULL, 200, "[]"},
		{"GET", "/v1/transfers?state=x", NULL, 400, "state is active"},
		{"GET", "/v1/transfers?state=", NULL, 400, "state is active"},
		{"GET", "/v1/transfers?limit=1000", NULL, 200, "[]}\n"},
		{"GET", "/v1/transfers?limit=0", NULL, 400, "limit is 1 to"},
		{"GET", "/v1/transfers?limit=1001", NULL, 400, "limit is 1 "},
		{"GET", "/v1/transfers?limit=x", NULL, 400, "limit is 1 to"},
		{"GET", "/v1/transfers?before=7", NULL, 200, "[]}\n"},
		{"GET", "/v1/transfers?before=-1", NULL, 400, "before is a"},
		{"GET", "/v1/calls", NULL, 200, "{\"calls\":[],\"accounts\":["
		 "\"sip:bob@127.0.0.2\"]}\n"},
		{"GET", "/v1/openapi.json", NULL, 200, "\"openapi\""},
		{"GET", "/v1/transfers/1", NULL, 404, "transfer"},
		{"GET", "/v1/transfers/0", NULL, 404, "transfer"},
		{"GET", "/v1/transfers/-1", NULL, 404, "transfer"},
		{"GET", "/v1/transfers/x", NULL, 404, "transfer"},
		{"GET", "/v1/transfers/1x", NULL, 404, "transfer"},
		{"GET", "/v1/transfers/99999999999", NULL, 404, "transfer"},
		{"GET", "/v1/transfers/1?wait=1", NULL, 404, "transfer"},
		{"GET", "/v1/transfers/1?wait=0", NULL, 400, "wait is 1 to"},
		{"GET", "/v1/transfers/1?wait=61", NULL, 400, "wait is 1 to"},
		{"GET", "/v1/transfers/1?wait=x", NULL, 400, "wait is 1 to"},
		{"GET", "/v1/transfers/1?wait=", NULL, 400, "wait is 1 to"},
		{"GET", "/v1/transfers/%zz", NULL, 400, "malformed escape"},
		{"GET", "/v1/transfers/%00", NULL, 400, "malformed escape"},
		{"GET", "/v1/calls/a%0d%0ab", NULL, 400, "malformed escape"},
		{"GET", "/v1/calls/nobody", NULL, 404, "call"},
		{"DELETE", "/v1/calls/nobody", NULL, 404, "call"},
		{"POST", "/v1/calls/nobody/answer", "", 404, "call"},
		{"POST", "/v1/calls/nobody/hold", "{}", 404, "call"},
		{"POST", "/v1/calls/nobody/resume", "{}", 404, "call"},
		{"POST", "/v1/transfers/1/accept", "{}", 404, "transfer"},
		{"POST", "/v1/transfers/1/reject", "{}", 404, "transfer"},
		{"POST", "/v1/transfers/1/redirect", "{}", 404, "transfer"},
		{"POST", "/v1/transfers/1/notify", "{}", 404, "transfer"},
		{"POST", "/v1/transfers/1/cancel", "{}", 404, "transfer"},
		{"GET", "/v1/transfers/1/ladder", NULL, 404, "transfer"},
		{"GET", "/v1", NULL, 404, "no such path"},
		{"GET", "/v1/", NULL, 404, "no such path"},
		{"GET", "/v1/transfers/", NULL, 404, "no such path"},
		{"GET", "/v1/transfers/1/", NULL, 404, "no such path"},
		{"GET", "/v1/transfers//ladder", NULL, 404, "no such path"},
		{"GET", "/index.html", NULL, 404, "no such path"},
		{"GET", "/healthz/", NULL, 404, "no such path"},
		{"GET", "/V1/calls", NULL, 404, "no such path"},
		{"POST", "/", "{}", 405, "GET, HEAD, OPTIONS"},
		{"DELETE", "/v1/transfers", NULL, 405, "GET, HEAD, POST"},
		{"PUT", "/v1/transfers", "{}", 405, "GET, HEAD, POST"},
		{"PATCH", "/v1/transfers/1", "{}", 405, "GET, HEAD, OPTIONS"},
		{"DELETE", "/v1/transfers/1", NULL, 405, "GET, HEAD"},
		{"GET", "/v1/transfers/1/cancel", NULL, 405, "POST, OPTIONS"},
		{"POST", "/v1/calls/x", "{}", 405, "GET, HEAD, DELETE"},
		{"POST", "/v1/events", "{}", 405, "GET, HEAD, OPTIONS"},
		{"BREW", "/v1/calls", NULL, 501, "method is unknown"},
		{"get", "/v1/calls", NULL, 501, "method is unknown"},
		{"OPTIONS", "/v1/calls", NULL, 204, ""},
		{"OPTIONS", "/v1/none", NULL, 404, "no such path"},
	};

	t.bob = sut_start("bob", .app = "refer_http.so",
			  .config = CONFIG_REST);
	sut_log_wait(t.bob, REST_LISTENS, WAIT);
	ask_all(askv, ARRAY_SIZE(askv));
	HAS_TEXT(rest(204, "OPTIONS", "/v1/calls", NULL).head,
		 "\r\nAllow: GET, HEAD, POST, OPTIONS\r\n");
	HAS_TEXT(rest(405, "PUT", "/v1/calls", "{}").head,
		 "\r\nAllow: GET, HEAD, POST, OPTIONS\r\n");
	ROW("http.requests");
}


TEST(http_bodies, "Bodies that no transfer can begin with", .secs = 30)
{
#define START "POST", "/v1/transfers"
#define DIAL "POST", "/v1/calls"
	static const struct ask askv[] = {
		{START, "{", 400, "no object of JSON"},
		{START, "[]", 400, "no object of JSON"},
		{START, "null", 400, "no object of JSON"},
		{START, "\"x\"", 400, "no object of JSON"},
		{START, "{} {}", 400, "no object of JSON"},
		{START, "{}}", 400, "no object of JSON"},
		{START, "{\"call\":}", 400, "no object of JSON"},
		{START, "{\"call\":\"x\",}", 400, "no object of JSON"},
		{START, "{\"call\" \"x\"}", 400, "no object of JSON"},
		{START, "{\"call\":\"x\" \"a\":1}", 400, "no object of"},
		{START, "{\"hold\":maybe}", 400, "no object of JSON"},
		{START, "{\"hold\":True}", 400, "no object of JSON"},
		{START, "{\"call\":\"\\x\"}", 400, "no object of JSON"},
		{START, "{\"call\":\"a\nb\"}", 400, "no object of JSON"},
		{START, "{\"call\":'x'}", 400, "no object of JSON"},
		{START, "call=x&target=y", 400, "no object of JSON"},
		{START, "{\"call\":\"a\\u0000b\"}", 400, "no object"},
		{START, "{\"a\":{\"b\":{\"c\":{\"d\":{}}}}}", 400, "no obj"},
		{START, "{}", 422, "\"property\":\"call\""},
		{START, "", 422, "\"property\":\"call\""},
		{START, " \r\n", 422, "\"property\":\"call\""},
		{START, "{\"call\":\"x\"}", 422, "\"property\":\"target\""},
		{START, "{\"call\":\"x\",\"peer\":\"y\"}", 422, "either call"},
		{START, "{\"call\":\"x\",\"target\":\"y\",\"with\":\"z\"}",
		 422, "either target"},
		{START, "{\"peer\":\"x\",\"with\":\"y\"}", 422, "with needs"},
		{START, "{\"call\":\"x\",\"target\":\"y\",\"account\":\"z\"}",
		 422, "account needs peer"},
		{START, "{\"call\":\"x\",\"target\":\"y\"}", 422,
		 "there is no call x"},
		{START, "{\"call\":1,\"target\":\"y\"}", 422, "call is not"},
		{START, "{\"call\":\"\",\"target\":\"y\"}", 422,
		 "call is not text"},
		{START, "{\"call\":\"a\\r\\nb\"}", 422, "call is not text"},
		{START, "{\"call\":\"a\\u007fb\"}", 422, "call is not text"},
		{START, "{\"call\":null}", 422, "call is not text"},
		{START, "{\"Call\":\"x\"}", 422, "Call is no property (call,"
		 " target, with, peer, account, headers, hold, after, timeout,"
		 " sub)"},
		{START, "{\"<script>\":\"x\"}", 422, "<script> is no prop"},
		{START, "{\"call\":\"x\",\"call\":\"y\"}", 422, "call is there"
		 " twice"},
		{START, "{\"hold\":1}", 422, "hold is not true or false"},
		{START, "{\"hold\":\"yes\"}", 422, "hold is not true or"},
		{START, "{\"after\":\"x\"}", 422, "after is not hangup or"},
		{START, "{\"after\":true}", 422, "after is not hangup or"},
		{START, "{\"timeout\":0}", 422,
		 "timeout is not a number from 1 to 86400"},
		{START, "{\"timeout\":86401}", 422, "timeout is not a number"},
		{START, "{\"timeout\":-1}", 422, "timeout is not a number"},
		{START, "{\"timeout\":1.5}", 422, "timeout is not a number"},
		{START, "{\"timeout\":\"1\"}", 422, "timeout is not a number"},
		{START, "{\"timeout\":1e30}", 422, "timeout is not a number"},
		{START, "{\"sub\":0}", 422, "sub is not true or false"},
		{START, "{\"headers\":[]}", 422, "headers is not an object of"
		 " at most 16 texts"},
		{START, "{\"headers\":{\"A\":1}}", 422, "headers is not"},
		{START, "{\"headers\":{\"A\":{}}}", 422, "headers is not"},
		{START, "{\"headers\":{\"A\":\"b\\r\\nC: d\"}}", 422,
		 "headers is not"},
		{START, "{\"peer\":\"carol@h\",\"target\":\"http://h\"}", 422,
		 "no sip, sips or tel URI"},
		{START, "{\"peer\":\"a b\",\"target\":\"sip:c@h\"}", 422,
		 "no sip, sips or tel URI"},
		{START, "{\"peer\":\"sip:a@h\",\"target\":\"sip:c@h\","
		 "\"account\":\"sip:x@y\"}", 422, "there is no account sip:x"},
		{START, "{\"peer\":\"sip:a@h\",\"target\":\"sip:c@h\","
		 "\"headers\":{\"Via\":\"x\"}}", 422, "a header cannot be"},
		{START, "{\"peer\":\"sip:a@h\",\"target\":\"sip:c@h\","
		 "\"headers\":{\"X y\":\"x\"}}", 422, "a header cannot be"},
		{DIAL, "{}", 422, "target is missing"},
		{DIAL, "{\"target\":\"\"}", 422, "target is not text"},
		{DIAL, "{\"target\":7}", 422, "target is not text"},
		{DIAL, "{\"to\":\"x\"}", 422, "to is no property (target,"
		 " account)"},
		{DIAL, "{\"target\":\"http://h\"}", 422, "no sip, sips or"},
		{DIAL, "{\"target\":\"sip:c@h\",\"account\":\"x\"}", 422,
		 "there is no account x"},
	};

	t.bob = sut_start("bob", .app = "refer_http.so",
			  .config = CONFIG_REST);
	sut_log_wait(t.bob, REST_LISTENS, WAIT);
	ask_all(askv, ARRAY_SIZE(askv));
	EQ_STR("application/problem+json",
	       strstr(rest(400, "POST", "/v1/calls", "x").head,
		      "application/problem+json\r\n") ?
	       "application/problem+json" : "");
	EQ_STR("{\"transfers\":[]}\n", rest(200, "GET", "/v1/transfers",
					    NULL).body);
	ROW("http.requests");
}
