/**
 * @file t_http_events.c  refer_http.so: the stream, the webhook, and the end
 * of a module
 */
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include "wire.h"
#include "harness.h"
#include "scene.h"
#include "rest.h"


enum {
	READERS = 20,
	MANY    = 100,       /* REFERs, with several events each */
	BIG     = 450,       /* NOTIFYs, with two events each: fewer than
				1,000, but of more than 2 MiB       */
};

#define ASKS CONFIG_REST "refer_policy ask\n"


static void begin(const char *config)
{
	scene(.app = "refer_http.so", .config = config);
	sut_log_wait(t.bob, REST_LISTENS, WAIT);
}


static struct proc *stream(const char *more)
{
	struct proc *p = proc_run("curl", "curl", "-s", "-N",
				  REST_URL "/v1/events", "-H", more, NULL);

	p->may_end = true;

	return p;
}


static void wait_for(struct proc *p, const char *text)
{
	if (!proc_log_wait(p, text, WAIT))
		FAIL("'%s' is not in the stream: %s", text, proc_log(p));
}


/* The last id that a stream has had */
static const char *last_id(struct proc *p)
{
	const char *id = NULL, *next = proc_log(p);

	while ((next = strstr(next, "\nid: "))) {
		next += 5;
		id = next;
	}

	CHECK(id != NULL, "no id");

	return keep(id, strcspn(id, "\n"));
}


static void refuse(unsigned id)
{
	(void)refer_carol("");
	event(t.bob, F("? ~ refer,referRequested,id=%u ", id), WAIT);
	rest(200, "POST", F("/v1/transfers/%u/reject", id), "{}");
}


TEST(http_stream, "Each event of a transfer and of a call, and a resume",
     .secs = 15)
{
	struct proc *p, *again;
	const char *id;
	struct dlg *d;

	begin(ASKS);
	p = stream("X-A: b");
	wait_for(p, "event: reset\ndata: {}\n\n");
	refuse(1);
	wait_for(p, "event: transfer\ndata: {\"type\":\"referRequested\"");
	wait_for(p, "\"transfer\":{\"id\":1,\"role\":\"server\",\"state\":"
		 "\"WAITING\"");
	wait_for(p, "data: {\"type\":\"referEnded\",\"code\":480");
	wait_for(p, "\"state\":\"ENDED\"");
	wait_for(p, "\"outcome\":\"refused\"");
	id = last_id(p);

	d = call_in(t.carol, t.bob);
	wait_for(p, "event: call\ndata: {\"type\":\"established\","
		 "\"call\":{\"id\":");
	wait_for(p, F("\"%s\"", d->callid));
	ctrl(t.bob, "callhold", d->callid);
	answer_hold(d);
	wait_for(p, "data: {\"type\":\"changed\"");
	(void)dlg_request(d, "BYE", "");
	wait_for(p, "event: call\ndata: {\"type\":\"closed\"");

	again = stream(F("Last-Event-ID: %s", id));
	wait_for(again, "data: {\"type\":\"established\"");
	wait_for(again, "data: {\"type\":\"closed\"");
	CHECK(!strstr(proc_log(again), "event: reset"), "%s", proc_log(again));
	CHECK(!strstr(proc_log(again), "referEnded"), "%s",
	      proc_log(again));

	again = stream("Last-Event-ID: 1-1");
	wait_for(again, "event: reset\n");
	again = stream("Last-Event-ID: x");
	wait_for(again, "event: reset\n");
	ROW("http.stream");
}


TEST(http_stream_gap, "What nobody was there to read for a minute is missed",
     .secs = 64, .limit = 90)
{
	struct proc *p;
	const char *id;

	begin(ASKS);
	p = stream("X-A: b");
	wait_for(p, "event: reset\n");
	refuse(1);
	wait_for(p, "\"state\":\"ENDED\"");
	id = last_id(p);
	proc_kill(p);
	wait_ms(61000);
	refuse(2);

	p = stream(F("Last-Event-ID: %s", id));
	wait_for(p, "event: reset\n");
}


TEST(http_uadel, "A call that goes with its account is in no list; in 1.x it"
     " has no event", .secs = 6)
{
	struct proc *p;

	begin(CONFIG_REST);
	p = stream("X-A: b");
	wait_for(p, "event: reset\n");
	HAS_TEXT(rest(200, "GET", "/v1/calls", NULL).body, t.call->callid);
	CHECK(ctrl(t.bob, "uadel", "sip:bob@127.0.0.2").ok, "uadel");
	EQ_STR("{\"calls\":[],\"accounts\":[]}\n",
	       rest(200, "GET", "/v1/calls", NULL).body);
	rest(422, "POST", "/v1/calls", "{\"target\":\"sip:a@h\"}");
	if (host_major() == 1)
		CHECK(!strstr(proc_log(p), "\"closed\""), "%s", proc_log(p));
	else
		wait_for(p, "\"closed\"");
}


TEST(http_forgotten, "What has ended by a request is its answer, though it is"
     " not kept", .secs = 8)
{
	struct rest r;

	begin(ASKS "refer_history 0\n");
	(void)refer_carol("");
	event(t.bob, "? ~ refer,referRequested,id=1 ", WAIT);
	r = rest(200, "POST", "/v1/transfers/1/reject", "{}");
	HAS_TEXT(r.body, "{\"id\":1,");
	HAS_TEXT(r.body, "\"state\":\"ENDED\"");
	HAS_TEXT(r.body, "\"outcome\":\"refused\"");
	HAS_TEXT(r.body, "\"can\":[]");
	rest(404, "GET", "/v1/transfers/1", NULL);
}


TEST(http_beat, "A heartbeat each 15 s", .secs = 20)
{
	struct proc *p;

	begin(CONFIG_REST);
	p = stream("X-A: b");
	wait_for(p, "event: reset\n");
	if (!proc_log_wait(p, ": heartbeat\n\n", 20000))
		FAIL("no heartbeat");
	ROW("http.stream");
}


TEST(http_readers, "Of 20 readers one stops: the others have each event",
     .secs = 40)
{
	const int size = 4096;
	struct proc *pv[READERS - 1];
	struct sa sa;
	size_t i;
	int fd;

	begin(CONFIG_REST);
	peer_auto(t.alice, "NOTIFY");
	fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	(void)sa_set_str(&sa, "127.0.0.2", 8090);
	(void)setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof(size));
	CHECK(!connect(fd, &sa.u.sa, sa.len), "connect");
	CHECK(send(fd, "GET /v1/events HTTP/1.1\r\nHost: 127.0.0.2\r\n\r\n",
		   47, MSG_NOSIGNAL) == 47, "send");

	for (i=0; i<READERS - 1; ++i) {
		pv[i] = stream("X-A: b");
		wait_for(pv[i], "event: reset\n");
	}

	for (i=1; i<=MANY; ++i) {
		(void)rest(201, "POST", "/v1/transfers",
			   F("{\"peer\":\"%s\",\"target\":\"sip:x@h\"}",
			     t.carol->uri));
		peer_reply(t.carol, expect_any(t.carol, "REFER", WAIT), 603,
			   "Decline", NULL);
		event(t.bob, F("? ~ refer,referEnded,id=%zu ", i), WAIT);
	}

	for (i=0; i<READERS - 1; ++i) {
		const char *p;
		size_t n = 0;

		wait_for(pv[i], F("\"transfer\":{\"id\":%u,\"role\":"
				  "\"client\",\"state\":\"ENDED\"",
				  MANY));
		for (p = proc_log(pv[i]);
		     (p = strstr(p, "\"type\":\"referEnded\"")); ++p)
			++n;
		EQ_INT(MANY, (int)n);
	}

	(void)close(fd);
	ROW("http.stream");
}


TEST(http_unload, "refer.so and refer_http.so leave in both orders, and come"
     " back", .secs = 20)
{
	struct proc *p, *waits;

	begin(ASKS);
	p = stream("X-A: b");
	wait_for(p, "event: reset\n");
	(void)refer_carol("");
	event(t.bob, "? ~ refer,referRequested,id=1 ", WAIT);
	waits = proc_run("curl", "curl", "-s", REST_URL
			 "/v1/transfers/1?wait=60", NULL);
	waits->may_end = true;
	ctrl(t.bob, "rmmod", "refer");
	wait_for(p, "event: module\ndata: {\"type\":\"unloaded\"}");
	CHECK(proc_wait(waits, WAIT), "it still waits");

	rest(200, "GET", "/v1/calls", NULL);
	HAS_TEXT(rest(503, "GET", "/v1/transfers", NULL).body, "not loaded");
	HAS_TEXT(rest(503, "GET", "/v1/transfers/1", NULL).body, "not loaded");
	rest(503, "POST", "/v1/transfers", "{}");
	rest(503, "POST", "/v1/calls", "{\"target\":\"sip:a@h\"}");
	rest(503, "GET", "/metrics", NULL);
	HAS_TEXT(rest(503, "GET", "/healthz", NULL).body, "not loaded");
	ctrl(t.bob, "insmod", "refer.so");
	wait_for(p, "event: module\ndata: {\"type\":\"loaded\"}");
	rest(200, "GET", "/healthz", NULL);
	refuse(1);
	wait_for(p, "data: {\"type\":\"referEnded\"");

	ctrl(t.bob, "rmmod", "refer_http");
	CHECK(proc_wait(p, WAIT), "the stream is still there");
	ctrl(t.bob, "insmod", "refer_http.so");
	sut_log_wait(t.bob, REST_LISTENS, WAIT);
	rest(200, "GET", "/v1/transfers", NULL);
	ctrl(t.bob, "rmmod", "refer_http");
	ctrl(t.bob, "rmmod", "refer");
	ROW("http.unload");
}


TEST(http_health, "The guard is not in force: 503 and why", .secs = 6)
{
	begin(CONFIG_REST "refer_policy aks\n");
	HAS_TEXT(rest(503, "GET", "/healthz", NULL).body,
		 "refer_policy aks: this value is unknown");
	ROW("http.health");
}


/* A receiver that answers what the file `script` says, a line a request */
#define RECEIVER							\
	"import http.server, sys\n"					\
	"codes = [int(c) for c in sys.argv[1].split(',')]\n"		\
	"class H(http.server.BaseHTTPRequestHandler):\n"		\
	"    def do_POST(self):\n"					\
	"        n = int(self.headers['Content-Length'])\n"		\
	"        code = codes.pop(0) if codes else 200\n"		\
	"        print(code, self.headers['Idempotency-Key'],\n"	\
	"              self.headers['Authorization'],\n"		\
	"              self.rfile.read(n).decode(), flush=True)\n"	\
	"        self.send_response(code)\n"				\
	"        body = b'x' * (1000000 if code == 299 else 0)\n"	\
	"        self.send_header('Content-Length', len(body))\n"	\
	"        self.end_headers()\n"					\
	"        self.wfile.write(body)\n"				\
	"    def log_message(self, *a): pass\n"			\
	"s = http.server.HTTPServer(('127.0.0.9', 9000), H)\n"		\
	"print('ready', flush=True)\n"					\
	"s.serve_forever()\n"


/* A receiver that answers nothing */
static int receive(void)
{
	const struct timeval tv = {.tv_sec = 15};
	struct sa sa;
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	(void)sa_set_str(&sa, "127.0.0.9", 9000);
	(void)setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &tv, sizeof(tv));
	CHECK(!bind(fd, &sa.u.sa, sa.len) && !listen(fd, 5), "listen");

	return fd;
}


TEST(http_webhook, "Each event is sent until it is taken, in order",
     .secs = 20)
{
	struct proc *p;
	const char *log, *first, *second;

	begin(ASKS "refer_webhook http://127.0.0.9:9000/hook\n"
	      "refer_webhook_token abc\n");
	refuse(1);
	p = proc_run("receiver", "python3", "-c", RECEIVER, "503,299,400",
		     NULL);
	p->may_end = true;
	wait_for(p, "ready\n");
	wait_for(p, "503 \"");
	wait_for(p, "299 \"");
	refuse(2);
	wait_for(p, "400 \"");
	refuse(3);
	wait_for(p, "\"transfer\":{\"id\":3,");

	log = proc_log(p);
	first  = strstr(log, "503 ") + 4;
	second = strstr(log, "\n299 ") + 5;
	CHECK(!strncmp(first, second, strcspn(first, " ")), "%s", log);
	HAS_TEXT(log, "Bearer abc {\"type\":\"referEnded\",\"code\":480,");
	HAS_TEXT(log, "\"transfer\":{\"id\":1,");
	CHECK(!strstr(strstr(log, "\n400 "), "{\"id\":1,"), "%s", log);
	sut_log_has(t.bob, "was refused: 400");
	proc_kill(p);
	ROW("http.webhook");
}


TEST(http_webhook_bytes, "Events that wait are bounded by their size, too",
     .secs = 25)
{
	static const char lost[] = "more than 1000 events or 2 MiB wait, ";
	struct proc *p;
	char big[1001];
	struct msg *req;
	size_t i;

	memset(big, 'x', sizeof(big) - 1);
	big[sizeof(big) - 1] = '\0';
	begin(ASKS "refer_webhook http://127.0.0.9:9000/hook\n"
	      "refer_webhook_events all\n");
	rest(201, "POST", "/v1/transfers",
	     F("{\"call\":\"%s\",\"target\":\"sip:%s@h\",\"hold\":false}",
	       t.call->callid, big));
	req = expect_any(t.alice, "REFER", WAIT);
	peer_reply(t.alice, req, 202, "Accepted", NULL);
	for (i=0; i<BIG; ++i) {
		notify_status(t.call, req, "active;expires=60",
			      F("SIP/2.0 180 %.900s", big));
		(void)expect_any(t.alice, "200 NOTIFY", WAIT);
	}

	sut_log_has(t.bob, lost);
	CHECK(!strstr(strstr(proc_log(t.bob->proc), lost) + 1, lost),
	      "it says so more than once");
	peer_auto(t.alice, "SUBSCRIBE");
	rest(200, "POST", "/v1/transfers/1/cancel", "{}");

	p = proc_run("receiver", "python3", "-c", RECEIVER, "200", NULL);
	p->may_end = true;
	wait_for(p, "\"type\":\"referEnded\"");
	sut_log_has(t.bob, "events are delivered again, ");
	proc_kill(p);
	ROW("http.webhook");
}


TEST(http_unload_half, "A module leaves while a request is half read, a stream"
     " is open and a webhook is under way", .secs = 10)
{
	static const char head[] = "POST /v1/calls HTTP/1.1\r\n"
		"Host: 127.0.0.2\r\nContent-Type: application/json\r\n"
		"Content-Length: 100\r\n\r\n{";
	static const char *const orderv[][2] = {
		{"refer", "refer_http"}, {"refer_http", "refer"},
	};
	const int receiver = receive();
	struct proc *p;
	size_t i;

	begin(ASKS "refer_webhook http://127.0.0.9:9000/hook\n");

	for (i=0; i<ARRAY_SIZE(orderv); ++i) {
		const int half = rest_connect(), body = rest_connect();
		int hook;

		rest_put(half, "GET /v1/ca");
		rest_put(body, head);
		p = stream("X-A: b");
		wait_for(p, "event: reset\n");
		refuse(1);
		hook = accept(receiver, NULL, NULL);
		CHECK(hook >= 0, "no webhook");

		ctrl(t.bob, "rmmod", orderv[i][0]);
		ctrl(t.bob, "rmmod", orderv[i][1]);
		EQ_STR("", rest_take(half));
		EQ_STR("", rest_take(body));
		CHECK(proc_wait(p, WAIT), "the stream is still there");
		(void)close(hook);

		ctrl(t.bob, "insmod", "refer.so");
		ctrl(t.bob, "insmod", "refer_http.so");
		sut_log_wait(t.bob, REST_LISTENS, WAIT);
	}

	(void)close(receiver);
	check_alive(t.call);
	ROW("http.unload");
}


TEST(http_tls, "The same over TLS", .secs = 8)
{
	begin(CONFIG_REST "refer_http_cert " TOP "/" BUILD "/cert.pem\n");
	HAS_TEXT(rest(200, "GET", "https://127.0.0.2:8090/v1/calls", NULL,
		      "-k").body, t.call->callid);
	HAS_TEXT(rest(200, "GET", "https://127.0.0.2:8090/", NULL,
		      "-k").body, "</html>");
	rest(403, "GET", "https://127.0.0.2:8090/v1/calls", NULL, "-k", "-H",
	     "Origin: http://127.0.0.2:8090");
	rest(200, "GET", "https://127.0.0.2:8090/v1/calls", NULL, "-k", "-H",
	     "Origin: https://127.0.0.2:8090");
}
