/**
 * @file t_http_events.c  refer_http.so: the stream of events, and the end of a
 * module
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


TEST(http_stream, "Each event of a transfer and of a call, and a resume",
     .secs = 15)
{
	struct proc *p, *again;
	const char *id;
	struct dlg *d;

	begin(ASKS);
	p = stream("X-A: b");
	rest_wait(p, "event: reset\ndata: {}\n\n");
	rest_refuse(1);
	rest_wait(p, "event: transfer\ndata: {\"type\":\"referRequested\"");
	rest_wait(p, "\"transfer\":{\"id\":1,\"role\":\"server\",\"state\":"
		 "\"WAITING\"");
	rest_wait(p, "data: {\"type\":\"referEnded\",\"code\":480");
	rest_wait(p, "\"state\":\"ENDED\"");
	rest_wait(p, "\"outcome\":\"refused\"");
	id = last_id(p);

	d = call_in(t.carol, t.bob);
	rest_wait(p, "event: call\ndata: {\"type\":\"established\","
		 "\"call\":{\"id\":");
	rest_wait(p, F("\"%s\"", d->callid));
	ctrl(t.bob, "callhold", d->callid);
	answer_hold(d);
	rest_wait(p, "data: {\"type\":\"changed\"");
	(void)dlg_request(d, "BYE", "");
	rest_wait(p, "event: call\ndata: {\"type\":\"closed\"");

	again = stream(F("Last-Event-ID: %s", id));
	rest_wait(again, "data: {\"type\":\"established\"");
	rest_wait(again, "data: {\"type\":\"closed\"");
	CHECK(!strstr(proc_log(again), "event: reset"), "%s", proc_log(again));
	CHECK(!strstr(proc_log(again), "referEnded"), "%s",
	      proc_log(again));

	again = stream("Last-Event-ID: 1-1");
	rest_wait(again, "event: reset\n");
	again = stream("Last-Event-ID: x");
	rest_wait(again, "event: reset\n");
	ROW("http.stream");
}


TEST(http_stream_gap, "What nobody was there to read for a minute is missed",
     .secs = 64, .limit = 90)
{
	struct proc *p;
	const char *id;

	begin(ASKS);
	p = stream("X-A: b");
	rest_wait(p, "event: reset\n");
	rest_refuse(1);
	rest_wait(p, "\"state\":\"ENDED\"");
	id = last_id(p);
	proc_kill(p);
	wait_ms(61000);
	rest_refuse(2);

	p = stream(F("Last-Event-ID: %s", id));
	rest_wait(p, "event: reset\n");
}


TEST(http_uadel, "A call that goes with its account is in no list; in 1.x it"
     " has no event", .secs = 6)
{
	struct proc *p;

	begin(CONFIG_REST);
	p = stream("X-A: b");
	rest_wait(p, "event: reset\n");
	HAS_TEXT(rest(200, "GET", "/v1/calls", NULL).body, t.call->callid);
	CHECK(ctrl(t.bob, "uadel", "sip:bob@127.0.0.2").ok, "uadel");
	EQ_STR("{\"calls\":[],\"accounts\":[]}\n",
	       rest(200, "GET", "/v1/calls", NULL).body);
	rest(422, "POST", "/v1/calls", "{\"target\":\"sip:a@h\"}");
	if (host_major() == 1)
		CHECK(!strstr(proc_log(p), "\"closed\""), "%s", proc_log(p));
	else
		rest_wait(p, "\"closed\"");
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
	rest_wait(p, "event: reset\n");
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
		rest_wait(pv[i], "event: reset\n");
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

		rest_wait(pv[i], F("\"transfer\":{\"id\":%u,\"role\":"
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
	rest_wait(p, "event: reset\n");
	(void)refer_carol("");
	event(t.bob, "? ~ refer,referRequested,id=1 ", WAIT);
	waits = proc_run("curl", "curl", "-s", REST_URL
			 "/v1/transfers/1?wait=60", NULL);
	waits->may_end = true;
	ctrl(t.bob, "rmmod", "refer");
	rest_wait(p, "event: module\ndata: {\"type\":\"unloaded\"}");
	CHECK(proc_wait(waits, WAIT), "it still waits");

	rest(200, "GET", "/v1/calls", NULL);
	HAS_TEXT(rest(503, "GET", "/v1/transfers", NULL).body, "not loaded");
	HAS_TEXT(rest(503, "GET", "/v1/transfers/1", NULL).body, "not loaded");
	rest(503, "POST", "/v1/transfers", "{}");
	rest(503, "POST", "/v1/calls", "{\"target\":\"sip:a@h\"}");
	rest(503, "GET", "/metrics", NULL);
	HAS_TEXT(rest(503, "GET", "/healthz", NULL).body, "not loaded");
	ctrl(t.bob, "insmod", "refer.so");
	rest_wait(p, "event: module\ndata: {\"type\":\"loaded\"}");
	rest(200, "GET", "/healthz", NULL);
	rest_refuse(1);
	rest_wait(p, "data: {\"type\":\"referEnded\"");

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


TEST(http_unload_half, "A module leaves while a request is half read, a stream"
     " is open and a webhook is under way", .secs = 10)
{
	static const char head[] = "POST /v1/calls HTTP/1.1\r\n"
		"Host: 127.0.0.2\r\nContent-Type: application/json\r\n"
		"Content-Length: 100\r\n\r\n{";
	static const char *const orderv[][2] = {
		{"refer", "refer_http"}, {"refer_http", "refer"},
	};
	const int receiver = rest_receiver("127.0.0.9");
	struct proc *p;
	size_t i;

	begin(ASKS "refer_webhook http://127.0.0.9:9000/hook\n");

	for (i=0; i<ARRAY_SIZE(orderv); ++i) {
		const int half = rest_connect(), body = rest_connect();
		int hook;

		rest_put(half, "GET /v1/ca");
		rest_put(body, head);
		p = stream("X-A: b");
		rest_wait(p, "event: reset\n");
		rest_refuse(1);
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


TEST(http_late_forgotten, "A late outcome of a transfer that is forgotten: it"
     " has ended", .secs = 8)
{
	const char *late;
	struct proc *p;
	struct msg *req;

	begin(CONFIG_REST "refer_notify_timeout 1\nrefer_history 0\n");
	p = stream("X-A: b");
	rest_wait(p, "event: reset\n");
	req = transfer("sip:carol@127.0.0.3");
	peer_reply(t.alice, req, 202, "Accepted",
		   F("Contact: <%s>\r\n", t.alice->uri));
	rest_wait(p, "data: {\"type\":\"referEnded\"");
	answer_resume(t.call);
	notify_status(t.call, req, "terminated;reason=noresource",
		      "SIP/2.0 486 Busy Here");
	rest_wait(p, "data: {\"type\":\"referLate\"");
	rest_wait(p, "\"state\":\"ENDED\"");
	late = strstr(proc_log(p), "referLate");
	HAS_TEXT(late, "\"outcome\":\"timeout\"");
	HAS_TEXT(late, "\"can\":[]");
	CHECK(!strstr(late, "TERMINATED"), "%s", late);
	ROW("http.stream");
}


TEST(http_query_escaped, "A value of the query may be escaped, as most clients"
     " do")
{
	begin(CONFIG_REST);
	(void)rest(200, "GET", "/v1/transfers?state=active%2Cended", NULL);
	(void)rest(200, "GET", "/v1/transfers?state=%61ctive", NULL);
	(void)rest(400, "GET", "/v1/transfers?state=active%2", NULL);
	(void)rest(400, "GET", "/v1/transfers?state=active%00", NULL);
	(void)rest(400, "GET", "/v1/transfers?state=active%2Cactive", NULL);
	ROW("http.requests");
}


/* The stream, while bob joins alice and carol */
static struct msg *streamed(struct proc **p, struct dlg **carol,
			    const char *config)
{
	begin(config);
	*p = stream("X-A: b");
	rest_wait(*p, "event: reset\n");

	return joining(carol);
}


TEST(http_stream_joined, "Joining fails: the stream has the transfer as it is",
     .secs = 8)
{
	const char *refused = "data: {\"type\":\"referRequestRejected\"";
	struct dlg *carol;
	struct proc *p;
	struct msg *req = streamed(&p, &carol, CONFIG_REST);

	peer_reply(t.alice, req, 100, "Trying", NULL);
	rest_wait(p, "\"state\":\"EXECUTING\"");
	peer_reply(t.alice, req, 603, "Decline", NULL);
	rest_wait(p, refused);
	rest_wait(p, "\"state\":\"TALKING\"");
	CHECK(!strstr(strstr(proc_log(p), refused), "TERMINATED"), "%s",
	      proc_log(p));
	HAS_TEXT(rest(200, "GET", "/v1/transfers/1", NULL).body,
		 "\"state\":\"TALKING\"");
	hangup(carol);
	ROW("http.stream");
}


TEST(http_stream_joined_late, "A late outcome: the stream has it as it is",
     .secs = 8)
{
	const char *late = "data: {\"type\":\"referLate\"";
	const char *said;
	struct dlg *carol;
	struct proc *p;
	struct msg *req = streamed(&p, &carol,
				   CONFIG_REST "refer_notify_timeout 1\n");

	peer_reply(t.alice, req, 202, "Accepted",
		   F("Contact: <%s>\r\n", t.alice->uri));
	event(t.bob, "? ~ refer,referTimeout,id=1", WAIT);
	notify_status(t.call, req, "terminated;reason=noresource",
		      "SIP/2.0 486 Busy Here");
	rest_wait(p, late);
	said = strstr(proc_log(p), late);
	HAS_TEXT(said, "\"state\":\"TALKING\"");
	HAS_TEXT(said, F("\"new_call\":\"%s\"", carol->callid));
	CHECK(!strstr(said, "TERMINATED"), "%s", said);
	hangup(carol);
	ROW("http.stream");
}
