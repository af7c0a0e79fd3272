/**
 * @file t_http_openapi.c  refer_http.so: openapi.json and the code, both ways
 *
 * rest() compares each response of the http_* tests with the description.
 * This asks for all that is described: paths and methods are those of the
 * table in routes.c, bodies of requests are what the module says of a wrong
 * one, and each status and each property of a response comes once.
 */
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include "wire.h"
#include "harness.h"
#include "openapi.h"
#include "scene.h"
#include "rest.h"


enum {
	HELD  = 48,          /* Streams at a time           */
	RUNGS = 40,          /* More than a ladder can have */
};

#define HOST_LINE "Host: 127.0.0.2\r\n"
#define AUTH_LINE "Authorization: Bearer " REST_TOKEN "\r\n"
#define JSON_LINE "Content-Type: application/json\r\n"

static const char *call_id;          /* Of the call in bodies() */
static unsigned routes;


/* With the token */
static struct rest ask(unsigned scode_, const char *method, const char *path,
		       const char *body)
{
	return rest_raw(scode_, method, path,
			F(HOST_LINE AUTH_LINE "%sContent-Length: %zu\r\n\r\n"
			  "%s", strcmp(method, "POST") ? "" : JSON_LINE,
			  body ? strlen(body) : 0, body ? body : ""));
}


static struct rest post(unsigned scode_, const char *path, const char *body)
{
	return ask(scode_, "POST", path, body);
}


static bool has_id(const char *path)
{
	return strstr(path, "{id}") != NULL;
}


static const char *with_id(const char *path, const char *id)
{
	const char *p = strstr(path, "{id}");

	return p ? F("%.*s%s%s", (int)(p - path), path, id, p + 4) : path;
}


/* What any request can have as a response */
static void guards(const char *method, const char *path,
		   const struct odict *op)
{
	const struct odict *security = openapi_get(op, "security");
	const char *p = with_id(path, "99");
	const bool is_post = !strcmp(method, "POST");

	if (!security)
		rest_raw(401, method, p, HOST_LINE "\r\n");

	rest_raw(400, method, p, HOST_LINE HOST_LINE AUTH_LINE "\r\n");
	rest_raw(403, method, p, "Host: evil\r\n" AUTH_LINE "\r\n");
	rest_raw(413, method, p, HOST_LINE AUTH_LINE
		 "Content-Length: 65537\r\n\r\n");
	rest_raw(501, method, p, HOST_LINE AUTH_LINE
		 "Transfer-Encoding: chunked\r\n\r\n");

	if (is_post) {
		rest_raw(415, method, p, HOST_LINE AUTH_LINE "\r\n");
		post(400, p, "{");
	}

	if (has_id(path))
		ask(404, method, p, is_post ? "{}" : NULL);
}


static void count_route(const char *method, const char *path,
			const struct odict *op)
{
	(void)method;
	(void)path;
	(void)op;

	++routes;
}


/* The table of the code has the same methods and paths */
static void check_routes(void)
{
	const char *file = F("%s/modules/refer_http/routes.c", top_dir());
	struct mbuf *mb = mbuf_alloc(8192);
	struct pl rest, met, path;
	unsigned n = 0;

	CHECK(slurp(mb, file), "no file");
	rest = (struct pl){(const char *)mb->buf, mb->end};
	while (!re_regex(rest.p, rest.l, "{\"[A-Z]+\",[ ]+\"[^\"]+\",", &met,
			 NULL, &path)) {
		const char *p = keep(path.p, path.l);

		pl_advance(&rest, path.p + path.l - rest.p);
		CHECK(openapi_has(keep(met.p, met.l), p), "%s is missing", p);
		++n;
	}

	openapi_each(count_route);
	EQ_INT(n, routes);
	mem_deref(mb);
}


static long long number(const struct odict *od, const char *key)
{
	const struct odict_entry *e = odict_lookup(od, key);

	CHECK(e != NULL, "no %s", key);

	return e->u.integer;
}


static const char *texts(const struct odict *array, const char *sep)
{
	const char *str = "";
	struct le *le;

	LIST_FOREACH(array ? &array->lst : NULL, le) {
		const struct odict_entry *e = le->data;

		str = F("%s%s%s", str, *str ? sep : "", e->u.str);
	}

	return str;
}


/* What the module says of a property that is something else */
static const char *allowed(const struct odict *s)
{
	const char *type = odict_string(s, "type");

	if (!strcmp(type, "boolean"))
		return "true or false";

	if (!strcmp(type, "integer"))
		return F("a number from %lld to %lld", number(s, "minimum"),
			 number(s, "maximum"));

	if (!strcmp(type, "object"))
		return F("an object of at most %lld texts",
			 number(s, "maxProperties"));

	if (!strcmp(type, "array"))
		return F("an array of %lld to %lld texts",
			 number(s, "minItems"), number(s, "maxItems"));

	return openapi_get(s, "enum") ? texts(openapi_get(s, "enum"), " or ")
		: "text without control characters";
}


/* Each property of the body of a request, and no other */
static void bodies(const char *method, const char *path,
		   const struct odict *op)
{
	const struct odict *schema = openapi_body(op), *od, *required;
	const char *p = with_id(path, strstr(path, "calls") ? call_id : "1");
	const char *names = "";
	struct le *le;

	CHECK(!strcmp(method, "POST") == (schema != NULL), "%s %s", method,
	      path);
	if (!schema)
		return;

	od = openapi_get(schema, "properties");
	LIST_FOREACH(&od->lst, le) {
		const struct odict_entry *e = le->data;
		const struct rest r = post(422, p, F("{\"%s\":null}", e->key));

		EQ_STR(e->key, rest_str(&r, "property"));
		EQ_STR(F("%s is not %s", e->key, allowed(e->u.odict)),
		       rest_str(&r, "detail"));
		names = F("%s%s%s", names, *names ? ", " : "", e->key);
	}

	EQ_STR(F("? is no property (%s)", *names ? names : "there is none"),
	       rest_str((struct rest []){post(422, p, "{\"?\":1}")},
			"detail"));

	required = openapi_get(schema, "required");
	if (required)
		EQ_STR(texts(required, ","),
		       rest_str((struct rest []){post(422, p, "{}")},
				"property"));
}


/* Without refer.so */
static void unloaded(const char *method, const char *path,
		     const struct odict *op)
{
	if (odict_lookup(openapi_get(op, "responses"), "503"))
		ask(503, method, with_id(path, "1"), strcmp(method, "POST") ?
		    NULL : strcmp(path, "/v1/calls") ? "{}" :
		    "{\"target\":\"sip:a@h\"}");
}


static int stream(void)
{
	const int fd = rest_connect();
	char ch;

	rest_put(fd, "GET /v1/events HTTP/1.1\r\n" HOST_LINE AUTH_LINE "\r\n");
	CHECK(recv(fd, &ch, 1, MSG_WAITALL) == 1, "no stream");

	return fd;
}


/* Each event of a stream is described, too */
static void check_events(const char *text)
{
	static const char *const namev[][2] = {
		{"transfer", "TransferEvent"}, {"call", "CallEvent"},
		{"module", "ModuleEvent"}, {"reset", "ResetEvent"},
	};
	struct pl rest, name, data;
	unsigned seen_names = 0;
	size_t i;

	pl_set_str(&rest, text);
	while (!re_regex(rest.p, rest.l, "\nevent: [a-z]+\ndata: [^\n]+\n",
			 &name, &data)) {
		struct odict *od = NULL;

		pl_advance(&rest, data.p + data.l - rest.p);
		CHECK(!json_decode_odict(&od, 32, data.p, data.l, 20), "JSON");
		for (i=0; pl_strcmp(&name, namev[i][0]); ++i) {
			CHECK(i + 1 < ARRAY_SIZE(namev), "%s",
			      keep(name.p, name.l));
		}

		openapi_object(HERE, namev[i][1], od);
		seen_names |= 1u << i;
		mem_deref(od);
	}

	EQ_INT(15, seen_names);
}


/* A call that rings here, and one that rings there */
static void calls(void)
{
	struct rest r;
	struct msg *m;
	struct dlg *d;
	const char *p;

	d = dlg_new(t.alice, "sip:bob@127.0.0.2");
	(void)dlg_request(d, "INVITE", sdp(t.alice));
	(void)expect_any(t.alice, "180 INVITE", WAIT);
	call_id = http_escape(d->callid);
	p = F("/v1/calls/%s", call_id);
	EQ_STR("Alice", rest_str((struct rest []){ask(200, "GET", p, NULL)},
				 "name"));
	post(200, F("%s/answer", p), "{}");
	m = expect_any(t.alice, "200 INVITE", WAIT);
	dlg_confirm(d, m);
	dlg_ack(d, m);
	post(409, F("%s/answer", p), "{}");
	post(200, F("%s/hold", p), "{}");
	(void)answer_hold(d);
	post(200, F("%s/resume", p), "{}");
	answer_resume(d);
	t.call = d;

	r = post(201, "/v1/calls", F("{\"target\":\"%s\"}", t.carol->uri));
	p = F("/v1/calls/%s", http_escape(rest_str(&r, "id")));
	m = expect_any(t.carol, "INVITE", WAIT);
	peer_reply(t.carol, m, 180, "Ringing", NULL);
	event(t.bob, "CALL_RINGING", WAIT);
	post(409, F("%s/hold", p), "{}");
	post(409, F("%s/resume", p), "{}");
	post(409, "/v1/transfers", F("{\"call\":\"%s\",\"target\":\"x\"}",
				     rest_str(&r, "id")));
	ask(200, "GET", "/v1/calls", NULL);
	ask(204, "DELETE", p, NULL);
	(void)expect_any(t.carol, "CANCEL", WAIT);
	peer_reply(t.carol, m, 487, "Request Terminated", NULL);
	(void)expect_any(t.carol, "ACK", WAIT);
}


static void requested(unsigned id)
{
	event(t.bob, F("? ~ refer,referRequested,id=%u ", id), WAIT);
}


/* alice's REFERs wait: the first one has all that a REFER can have */
static void ask_bob(void)
{
	char big[4001];

	memset(big, 'x', sizeof(big) - 1);
	big[sizeof(big) - 1] = '\0';

	(void)refer(F("<sip:carol@127.0.0.3?Replaces=1%%3Bto-tag%%3D2%%3B"
		      "from-tag%%3D3&X-A=b&X-B=%s&X-C=%.200s>", big, big),
		    F("Referred-By: <sip:%.1200s@h>\r\n", big));
	requested(1);
	(void)refer_carol("");
	requested(2);
	(void)refer_carol("");
	requested(3);
	(void)refer_carol("");
	requested(4);
	(void)refer_carol("");
	requested(5);
}


static void decide(void)
{
	struct msg *inv;

	post(409, "/v1/transfers/1/notify", "{\"code\":200}");
	post(200, "/v1/transfers/1/reject", "{\"code\":486,\"reason\":\"x\"}");
	post(409, "/v1/transfers/1/accept", "{}");
	post(409, "/v1/transfers/1/reject", "{}");
	post(409, "/v1/transfers/1/redirect", "{\"contacts\":[\"sip:a@h\"]}");
	post(409, "/v1/transfers/1/cancel", "{}");
	ask(200, "GET", "/v1/transfers/1", NULL);
	ask(200, "GET", "/v1/transfers/1/ladder", NULL);

	post(200, "/v1/transfers/2/accept", "{\"follow\":false}");
	post(200, "/v1/transfers/2/notify", "{\"code\":180}");
	post(200, "/v1/transfers/2/cancel", "{}");

	post(200, "/v1/transfers/3/redirect", "{\"contacts\":[\"sip:a@h\"]}");
	post(200, "/v1/transfers/4/accept", "{}");
	inv = expect_any(t.carol, "INVITE", WAIT);
	(void)answer(t.carol, inv);
	event(t.bob, "? ~ refer,referEnded,id=4 ", WAIT);
	ask(200, "GET", "/v1/transfers/4", NULL);
}


/* A transfer with more messages than a ladder has */
static void begin(void)
{
	struct msg *req;
	size_t i;

	post(201, "/v1/transfers", F("{\"call\":\"%s\",\"target\":\"sip:x@h\","
				     "\"hold\":false}", t.call->callid));
	req = expect_any(t.alice, "REFER", WAIT);
	peer_reply(t.alice, req, 202, "Accepted", NULL);
	for (i=0; i<RUNGS; ++i) {
		notify_status(t.call, req, "active;expires=60",
			      F("SIP/2.0 180 %zu", i));
		(void)expect_any(t.alice, "200 NOTIFY", WAIT);
	}

	ask(200, "GET", "/v1/transfers/6/ladder", NULL);
}


TEST(http_openapi, "openapi.json has what the module has, and the reverse",
     .secs = 20)
{
	static const char *const listv[] = {
		"/", "/healthz", "/metrics", "/v1/openapi.json",
		"/v1/transfers", "/v1/transfers?limit=1", "/v1/calls",
	};
	int fdv[HELD], fd;
	size_t i;

	t.bob = sut_start("bob", .app = "refer_http.so", .manual = true,
			  .config = CONFIG_REST "refer_policy ask\n"
			  "refer_http_token " REST_TOKEN "\n");
	sut_log_wait(t.bob, REST_LISTENS, WAIT);
	t.alice = peer_new("alice");
	t.carol = peer_new("carol");
	t.alice->display = "Alice";
	peer_auto(t.alice, "NOTIFY");

	check_routes();
	openapi_each(guards);
	fd = stream();
	calls();
	ask_bob();
	openapi_each(bodies);
	decide();
	begin();
	for (i=0; i<ARRAY_SIZE(listv); ++i)
		ask(200, "GET", listv[i], NULL);
	ask(200, "HEAD", "/v1/events", NULL);

	for (i=1; i<HELD; ++i)
		fdv[i] = stream();
	ask(429, "GET", "/v1/events", NULL);
	ask(429, "GET", "/v1/transfers/5?wait=1", NULL);
	for (i=1; i<HELD; ++i)
		(void)close(fdv[i]);

	ctrl(t.bob, "rmmod", "refer");
	openapi_each(unloaded);
	ctrl(t.bob, "rmmod", "refer_http");
	check_events(rest_take(fd));
	openapi_all_seen(HERE);
	ROW("http.openapi");
}
