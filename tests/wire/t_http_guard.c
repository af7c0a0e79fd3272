/**
 * @file t_http_guard.c  refer_http.so: attempts to get round its guards
 */
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include "wire.h"
#include "harness.h"
#include "scene.h"
#include "rest.h"


#define WITH_TOKEN CONFIG_REST "refer_http_token " REST_TOKEN "\n"
#define AUTH "Authorization: Bearer "

enum {
	IDLE = 200,
	TRANSFERS = 50,
};


static void bob_with(const char *config)
{
	t.bob = sut_start("bob", .app = "refer_http.so", .config = config);
	sut_log_wait(t.bob, REST_LISTENS, WAIT);
}


static void raw(unsigned scode, const char *text)
{
	const int fd = rest_connect();
	const char *resp;

	rest_put(fd, text);
	resp = rest_take(fd);
	if (strncmp(resp, F("HTTP/1.1 %u ", scode), 13))
		FAIL("%s: expected %u, got %s", text, scode, resp);
}


TEST(http_token, "No token, wrong ones, and what looks like it", .secs = 20)
{
	static const char *const wrongv[] = {
		"Authorization: " REST_TOKEN,
		"Authorization:",
		AUTH,
		AUTH "x",
		AUTH "0123456789abcde",
		AUTH "0123456789abcdef0",
		AUTH "0123456789abcdeF",
		AUTH "0123456789abcdef0123456789abcdef",
		AUTH REST_TOKEN " x",
		AUTH "\"" REST_TOKEN "\"",
		AUTH REST_TOKEN ", Bearer x",
		"Authorization: Basic " REST_TOKEN,
		"X-Authorization: Bearer " REST_TOKEN,
		"Cookie: Authorization=" REST_TOKEN,
	};
	size_t i;

	bob_with(WITH_TOKEN);
	for (i=0; i<ARRAY_SIZE(wrongv); ++i) {
		const struct rest r = rest(401, "GET", "/v1/calls", NULL,
					   "-H", wrongv[i]);

		HAS_TEXT(r.head, "\r\nWWW-Authenticate: Bearer\r\n");
	}

	rest(401, "GET", "/v1/calls?token=" REST_TOKEN, NULL);
	rest(401, "GET", "/v1/none", NULL);
	rest(401, "PUT", "/v1/calls", "{}");
	rest(401, "POST", "/v1/transfers", "{}");
	rest(401, "GET", "/metrics", NULL);
	rest(401, "GET", "/v1/events", NULL);
	rest(401, "GET", "/v1/openapi.json", NULL);
	rest(401, "GET", "/v1/calls", NULL, "-H", AUTH "x", "-H",
	     AUTH REST_TOKEN);
	rest(200, "GET", "/v1/calls", NULL, "-H", AUTH REST_TOKEN);
	rest(200, "GET", "/v1/calls", NULL, "-H",
	     "authorization: bearer  " REST_TOKEN);
	rest(200, "GET", "/", NULL);
	rest(200, "GET", "/healthz", NULL);
	ROW("http.token");
}


TEST(http_host, "Names that somebody else can point here", .secs = 20)
{
	static const char *const badv[] = {
		"Host: evil", "Host: evil.example:8090",
		"Host: 127.0.0.2.evil.example", "Host: localhost.evil",
		"Host: localhost.", "Host: 127.0.0.2@evil", "Host: [::1",
		"Host: [evil]:80", "Host: 127.1", "Host: 0x7f.0.0.1",
		"Host: 127.0.0.2:x", "Host: desk.example.org.evil",
		"Host: 127.0.0.2, evil", "Host: 127.0.0.2 evil",
	};
	static const char *const goodv[] = {
		"Host: 127.0.0.2", "Host: 127.0.0.2:1", "Host: localhost",
		"Host: LOCALHOST:8090", "Host: [::1]:8090", "Host: [::1]",
		"Host: desk.example.org", "Host: Other.example.org:80",
	};
	size_t i;

	bob_with(CONFIG_REST "refer_http_host desk.example.org\n"
		 "refer_http_host other.example.org\n");
	for (i=0; i<ARRAY_SIZE(badv); ++i)
		rest(403, "GET", "/v1/calls", NULL, "-H", badv[i]);
	for (i=0; i<ARRAY_SIZE(goodv); ++i)
		rest(200, "GET", "/v1/calls", NULL, "-H", goodv[i]);

	raw(400, "GET /v1/calls HTTP/1.1\r\n\r\n");
	raw(400, "GET /v1/calls HTTP/1.1\r\nHost: 127.0.0.2\r\nHost: evil\r\n"
	    "\r\n");
	raw(400, "GET /v1/calls HTTP/1.1\r\nHost: evil\r\nHost: 127.0.0.2\r\n"
	    "\r\n");
	raw(403, "GET /v1/calls HTTP/1.1\r\nHost:\r\n\r\n");
	raw(404, "GET http://127.0.0.2/v1/calls HTTP/1.1\r\nHost: 127.0.0.2"
	    "\r\n\r\n");
	ROW("http.host");
}


TEST(http_origin, "Pages of other sites", .secs = 15)
{
	struct rest r;

	bob_with(CONFIG_REST "refer_http_origin https://desk.example.org\n");
	rest(403, "GET", "/v1/calls", NULL, "-H", "Origin: http://evil");
	rest(403, "GET", "/v1/calls", NULL, "-H", "Origin: null");
	rest(403, "OPTIONS", "/v1/calls", NULL, "-H", "Origin: http://evil");
	rest(403, "POST", "/v1/calls", "{}", "-H",
	     "Origin: https://desk.example.org.evil");
	rest(403, "POST", "/v1/calls", "{}", "-H",
	     "Origin: http://desk.example.org");
	rest(403, "POST", "/v1/calls", "{}", "-H",
	     "Origin: https://127.0.0.2:8090");
	r = rest(200, "GET", "/v1/calls", NULL, "-H",
		 "Origin: http://127.0.0.2:8090");
	CHECK(!strstr(r.head, "Access-Control"), "%s", r.head);
	r = rest(200, "GET", "/v1/calls", NULL);
	CHECK(!strstr(r.head, "Access-Control"), "%s", r.head);
	HAS_TEXT(r.head, "\r\nCross-Origin-Resource-Policy: same-origin\r\n");
	r = rest(404, "GET", "/v1/calls/x", NULL, "-H",
		 "Origin: https://desk.example.org", "-H",
		 "Sec-Fetch-Site: cross-site");
	CHECK(!strstr(r.head, "Cross-Origin"), "%s", r.head);
	HAS_TEXT(r.head, "\r\nAccess-Control-Allow-Origin:"
		 " https://desk.example.org\r\n");
	HAS_TEXT(r.head, "\r\nVary: Origin\r\n");
	r = rest(204, "OPTIONS", "/v1/calls", NULL, "-H",
		 "Origin: https://desk.example.org");
	HAS_TEXT(r.head, "\r\nAccess-Control-Allow-Headers: Authorization,");
	ROW("http.origin");
}


TEST(http_fetch, "Requests that a page of another site makes without Origin",
     .secs = 15)
{
	static const char *const sitev[] = {
		"Sec-Fetch-Site: cross-site", "Sec-Fetch-Site: same-site",
		"Sec-Fetch-Site: Same-Origin x",
		"Sec-Fetch-Site: same-origin,x",
	};
	size_t i;

	bob_with(CONFIG_REST);
	for (i=0; i<ARRAY_SIZE(sitev); ++i) {
		rest(403, "GET", "/v1/calls", NULL, "-H", sitev[i]);
		rest(403, "GET", "/v1/calls", NULL, "-H", sitev[i], "-H",
		     "Sec-Fetch-Mode: navigate");
		rest(403, "GET", "/", NULL, "-H", sitev[i], "-H",
		     "Sec-Fetch-Mode: no-cors");
	}

	rest(200, "GET", "/", NULL, "-H", sitev[0], "-H",
	     "Sec-Fetch-Mode: navigate");
	rest(200, "GET", "/v1/calls", NULL, "-H",
	     "Sec-Fetch-Site: same-origin");
	rest(200, "GET", "/v1/calls", NULL, "-H", "Sec-Fetch-Site: none");
	ROW("http.origin");
}


TEST(http_type, "What a form of another page could send", .secs = 12)
{
	static const char *const typev[] = {
		"Content-Type: text/plain",
		"Content-Type: application/x-www-form-urlencoded",
		"Content-Type: multipart/form-data; boundary=x",
		"Content-Type: text/plain; application/json",
		"Content-Type: application/jsonp",
		"Content-Type: text/application/json",
		"Content-Type:",
	};
	size_t i;

	bob_with(CONFIG_REST);
	for (i=0; i<ARRAY_SIZE(typev); ++i) {
		rest(415, "POST", "/v1/calls", "{}", "-H", typev[i]);
		rest(415, "POST", "/v1/transfers/1/accept", "", "-H",
		     typev[i]);
	}

	rest(415, "POST", "/v1/transfers/1/cancel", NULL);
	rest(422, "POST", "/v1/calls", "{}", "-H",
	     "Content-Type: Application/JSON; charset=utf-8");
	raw(415, "POST /v1/calls HTTP/1.1\r\nHost: 127.0.0.2\r\n"
	    "Content-Type: text/plain\r\nContent-Type: application/json\r\n"
	    "Content-Length: 2\r\n\r\n{}");
	ROW("http.type");
}


TEST(http_size, "Bodies and heads that are too long, or lie", .secs = 40)
{
	char big[65537];

	bob_with(CONFIG_REST);
	memset(big, ' ', sizeof(big) - 1);
	big[sizeof(big) - 1] = '\0';
	raw(413, "POST /v1/calls HTTP/1.1\r\nHost: 127.0.0.2\r\n"
	    "Content-Type: application/json\r\nContent-Length: 65537\r\n\r\n");
	raw(413, F("POST /v1/calls HTTP/1.1\r\nHost: 127.0.0.2\r\n"
		   "Content-Type: application/json\r\nContent-Length: 66560"
		   "\r\n\r\n%s", big));
	raw(422, F("POST /v1/calls HTTP/1.1\r\nHost: 127.0.0.2\r\n"
		   "Content-Type: application/json\r\nContent-Length: 65536"
		   "\r\n\r\n{}%s", big + 2));
	raw(400, "POST /v1/calls HTTP/1.1\r\nHost: 127.0.0.2\r\n"
	    "Content-Type: application/json\r\nContent-Length: -1\r\n\r\n");
	raw(400, "POST /v1/calls HTTP/1.1\r\nHost: 127.0.0.2\r\n"
	    "Content-Type: application/json\r\nContent-Length: 2x\r\n\r\n{}");
	raw(400, "POST /v1/calls HTTP/1.1\r\nHost: 127.0.0.2\r\n"
	    "Content-Type: application/json\r\nContent-Length: 4294967298\r\n"
	    "\r\n{}");
	raw(400, "POST /v1/calls HTTP/1.1\r\nHost: 127.0.0.2\r\n"
	    "Content-Type: application/json\r\nContent-Length: 2\r\n"
	    "Content-Length: 3\r\n\r\n{}");
	raw(501, "POST /v1/calls HTTP/1.1\r\nHost: 127.0.0.2\r\n"
	    "Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n"
	    "\r\n2\r\n{}\r\n0\r\n\r\n");
	raw(413, F("GET /%.17000s HTTP/1.1\r\nHost: 127.0.0.2\r\n\r\n",
		   big));
	memset(big, 'a', 16000);
	raw(413, F("GET /%.4096s HTTP/1.1\r\nHost: 127.0.0.2\r\n\r\n",
		   big));
	raw(404, F("GET /%.4000s HTTP/1.1\r\nHost: 127.0.0.2\r\n\r\n",
		   big));
	raw(413, F("GET / HTTP/1.1\r\nHost: 127.0.0.2\r\nX: %.4096s\r\n"
		   "\r\n", big));
	raw(400, F("%.16000s HTTP/1.1\r\nHost: 127.0.0.2\r\n\r\n", big));
	raw(400, F("%.17s /v1/calls HTTP/1.1\r\nHost: 127.0.0.2\r\n\r\n",
		   big));
	raw(501, F("%.16s /v1/calls HTTP/1.1\r\nHost: 127.0.0.2\r\n\r\n",
		   big));
	raw(400, "GET  /v1/calls HTTP/1.1\r\nHost: 127.0.0.2\r\n\r\n");
	raw(400, "\r\n\r\n");
	raw(400, "x\r\n\r\n");
	raw(400, "GET /v1/calls\r\n\r\n");
	raw(400, "GET /v1/calls HTTP/2.0\r\nHost: 127.0.0.2\r\n\r\n");
	raw(400, "GET /v1/calls HTTP/1.1\r\n: x\r\n\r\n");
	raw(200, "GET /v1/calls HTTP/1.0\nHost: 127.0.0.2\n\n");
	raw(200, "GET /v1/calls HTTP/1.1\r\nHost: 127.0.0.2\r\n\r\n"
	    "GET /v1/calls HTTP/1.1\r\nHost: 127.0.0.2\r\n\r\n");
	rest(422, "POST", "/v1/calls", "{}", "-H", "Expect: 100-continue");
	ROW("http.size");
}


/* The SIP side goes on meanwhile: a REFER is refused at once */
static void check_sip(void)
{
	const uint64_t begin = now_ms();

	(void)refer("<sip:x@h>", "Require: nothing\r\n");
	(void)expect_any(t.alice, "420 REFER", WAIT);
	CHECK(now_ms() - begin < 2000, "%llu ms",
	      (unsigned long long)(now_ms() - begin));
}


TEST(http_idle, "200 idle connections keep nobody out", .secs = 25)
{
	int fdv[IDLE];
	size_t i, open = 0;
	char ch;

	scene(.app = "refer_http.so", .config = CONFIG_REST);
	sut_log_wait(t.bob, REST_LISTENS, WAIT);
	for (i=0; i<IDLE; ++i) {
		fdv[i] = rest_connect();
		if (i % 20 == 0) {
			rest(200, "GET", "/v1/calls", NULL);
			check_sip();
		}
	}

	rest(200, "GET", "/v1/calls", NULL);
	for (i=0; i<IDLE; ++i) {
		if (recv(fdv[i], &ch, 1, MSG_DONTWAIT) < 0)
			++open;
	}

	CHECK(open <= 64, "%zu are open", open);

	/* the rest has 10 s for a request */
	for (i=0; i<IDLE; ++i)
		EQ_STR("", rest_take(fdv[i]));
	ROW("http.time");
}


TEST(http_slow, "A byte a second, in head and body", .secs = 25)
{
	static const char head[] = "POST /v1/calls HTTP/1.1\r\n"
		"Host: 127.0.0.2\r\nContent-Type: application/json\r\n"
		"Content-Length: 100\r\n\r\n";
	const uint64_t begin = now_ms();
	int slow, body;
	size_t i;

	scene(.app = "refer_http.so", .config = CONFIG_REST);
	sut_log_wait(t.bob, REST_LISTENS, WAIT);
	slow = rest_connect();
	body = rest_connect();
	rest_put(body, head);
	for (i=0; i<8; ++i) {
		rest_put(slow, F("%c", head[i]));
		rest_put(body, " ");
		check_sip();
		wait_ms(1000);
	}

	HAS_TEXT(rest_take(slow), "HTTP/1.1 408 ");
	HAS_TEXT(rest_take(body), "HTTP/1.1 408 ");
	CHECK(now_ms() - begin < 20000, "it took too long");
	ROW("http.time");
}


/* 200 connections that send nothing, 20 that send a byte a second, and bodies
   of 65 KiB, up to 100 a second */
#define ATTACK								\
	"import select, socket, time\n"				\
	"bob = ('127.0.0.2', 8090)\n"					\
	"head = b'POST /v1/calls HTTP/1.1\\r\\nHost: 127.0.0.2\\r\\n' \\\n" \
	"    b'Content-Type: application/json\\r\\nContent-Length: '\n" \
	"def open():\n"							\
	"    time.sleep(.002)\n"					\
	"    return socket.create_connection(bob)\n"			\
	"idle = [open() for i in range(200)]\n"			\
	"slow, last, n = [], 0, 0\n"					\
	"print('ready', flush=True)\n"					\
	"while True:\n"						\
	"    for s in select.select(idle, [], [], 0)[0][:1]:\n"		\
	"        idle.remove(s)\n"					\
	"        s.close()\n"						\
	"        idle.append(open())\n"				\
	"    if time.time() - last > 1:\n"				\
	"        last = time.time()\n"					\
	"        slow = slow[-19:] + [open()]\n"			\
	"        for s in slow:\n"					\
	"            try: s.send(head[:1])\n"				\
	"            except OSError: pass\n"				\
	"    s = open()\n"						\
	"    try:\n"							\
	"        s.sendall(head + b'66560\\r\\n\\r\\n' + b' ' * 66560)\n" \
	"        s.recv(1000)\n"					\
	"    except OSError: pass\n"					\
	"    s.close()\n"						\
	"    time.sleep(.01)\n"					\
	"    n += 1\n"							\
	"    if n % 10 == 0: print(n, 'bodies', flush=True)\n"


/* Whole transfers, each to its end; returns how many a second */
static unsigned transfers(unsigned *id)
{
	const uint64_t begin = now_ms();
	unsigned i;

	for (i=0; i<TRANSFERS; ++i) {
		struct dlg *d;

		(void)refer_carol("");
		d = answer(t.carol, expect_any(t.carol, "INVITE", WAIT));
		event(t.bob, F("? ~ refer,referEnded,id=%u ", ++*id), WAIT);
		(void)seen("bob", "alice", "NOTIFY ~ SIP/2.0 200", WAIT);
		hangup(d);
	}

	return (unsigned)(1000 * TRANSFERS / (now_ms() - begin + 1));
}


TEST(http_attack, "Transfers go on while others attack the HTTP side",
     .secs = 5)
{
	struct proc *attacker;
	unsigned id = 0, before, during;

	scene(.app = "refer_http.so", .config = CONFIG_REST "refer_rate 0\n",
	      .memcheck = MEMCHECK_NONE);
	sut_log_wait(t.bob, REST_LISTENS, WAIT);
	peer_auto(t.alice, "NOTIFY");
	before = transfers(&id);

	attacker = proc_run("attacker", "python3", "-c", ATTACK, NULL);
	attacker->may_end = true;
	CHECK(proc_log_wait(attacker, "10 bodies", WAIT_START), "no attack");
	during = transfers(&id);
	rest(200, "GET", "/v1/calls", NULL);
	proc_kill(attacker);

	ladder_note("bob", F("transfers a second: %u before, %u during the"
			     " attack", before, during));
	ROW("http.pace");
}


#define NEEDS_PATH "its libre sends to any URL"

/* A configuration that is wrong does not listen */
#define FAULT(name, config_, text, ...)					\
	TEST(http_config_##name, "It does not listen: " text, __VA_ARGS__) \
	{								\
		t.bob = sut_start("bob", .app = "refer_http.so",	\
				  .config = config_);			\
		sut_log_wait(t.bob, text, WAIT);			\
		sut_log_wait(t.bob, "refer_http: not started", WAIT);	\
		check_has(HERE, proc_log(t.bob->proc), REST_TOKEN,	\
			  false);					\
	}

FAULT(any, "refer_http_listen 0.0.0.0:8090\n", "needs refer_http_token")
FAULT(any6, "refer_http_listen [::]:8090\n", "needs refer_http_token")
FAULT(port, "refer_http_listen 127.0.0.2\n", "no address and port")
FAULT(name, "refer_http_listen localhost:80\n", "no address and port")
FAULT(token, CONFIG_REST "refer_http_token short\n", "16 to 128 characters")
FAULT(file, CONFIG_REST "refer_http_token_file /none\n", "cannot be read")
FAULT(key, CONFIG_REST "refer_http_tokn " REST_TOKEN "\n",
      "this key is unknown")
FAULT(empty, CONFIG_REST "refer_http_token\n", "there is no value")
FAULT(equals, CONFIG_REST "refer_http_token=" REST_TOKEN "\n",
      "refer_http_token: key and value")
FAULT(colon, CONFIG_REST "refer_http_token:" REST_TOKEN "\n",
      "refer_http_token: key and value")
FAULT(words, CONFIG_REST "refer_http_token " REST_TOKEN " x\n",
      "refer_http_token: there is more than one word")
FAULT(two, CONFIG_REST "refer_http_token " REST_TOKEN "\n"
      "refer_http_token x" REST_TOKEN "\n", "another line says otherwise")
FAULT(plain, CONFIG_REST "refer_http_cert=/none\n",
      "refer_http_cert: key and value")
FAULT(hook, CONFIG_REST "refer_webhook_tokn " REST_TOKEN "\n",
      "refer_webhook_tokn: this key is unknown")
FAULT(far, CONFIG_REST "refer_tokn " REST_TOKEN "\n",
      "refer_tokn: this key is unknown")
FAULT(hidden, CONFIG_REST "set refer_http_token " REST_TOKEN "\n",
      "set refer_http_token ..: this key is unknown")
FAULT(cert, CONFIG_REST "refer_http_cert /none\n", "cannot listen on")
FAULT(origin, CONFIG_REST "refer_http_origin desk\n", "is no origin")
FAULT(webhook, CONFIG_REST "refer_webhook ftp://h/\n", "no http or https")
FAULT(path, CONFIG_REST "refer_webhook http://127.0.0.9:9000\n", "/PATH",
      .na4 = NEEDS_PATH)
FAULT(six, CONFIG_REST "refer_webhook http://[::1]:9000/x\n", "/PATH",
      .na4 = NEEDS_PATH)
FAULT(events, CONFIG_REST "refer_webhook_events some\n", "ended or all")
