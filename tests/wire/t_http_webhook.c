/**
 * @file t_http_webhook.c  refer_http.so: events to a receiver, with POST
 */
#include <string.h>
#include "wire.h"
#include "harness.h"
#include "scene.h"
#include "rest.h"


enum {
	BIG = 450,           /* NOTIFYs, with two events each: fewer than
				1,000, but of more than 2 MiB       */
};

#define ASKS CONFIG_REST "refer_policy ask\n"


static void begin(const char *config)
{
	scene(.app = "refer_http.so", .config = config);
	sut_log_wait(t.bob, REST_LISTENS, WAIT);
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


TEST(http_webhook, "Each event is sent until it is taken, in order",
     .secs = 20)
{
	struct proc *p;
	const char *log, *first, *second;

	begin(ASKS "refer_webhook http://127.0.0.9:9000/hook\n"
	      "refer_webhook_token abc\n");
	rest_refuse(1);
	p = proc_run("receiver", "python3", "-c", RECEIVER, "503,299,400",
		     NULL);
	p->may_end = true;
	rest_wait(p, "ready\n");
	rest_wait(p, "503 \"");
	rest_wait(p, "299 \"");
	rest_refuse(2);
	rest_wait(p, "400 \"");
	rest_refuse(3);
	rest_wait(p, "\"transfer\":{\"id\":3,");

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


/* A receiver with a certificate of its own; it prints what it is sent */
#define TLS_RECEIVER							\
	"import http.server, ssl, sys\n"				\
	"class H(http.server.BaseHTTPRequestHandler):\n"		\
	"    def do_POST(self):\n"					\
	"        n = int(self.headers['Content-Length'])\n"		\
	"        print(self.rfile.read(n).decode(), flush=True)\n"	\
	"        self.send_response(204)\n"				\
	"        self.end_headers()\n"				\
	"    def log_message(self, *a): pass\n"			\
	"class S(http.server.HTTPServer):\n"				\
	"    def handle_error(self, *a): pass\n"			\
	"    def get_request(self):\n"				\
	"        try: return super().get_request()\n"			\
	"        except ssl.SSLError as e:\n"				\
	"            print('TLS:', e, flush=True)\n"			\
	"            raise OSError\n"					\
	"s = S(('127.0.0.9', 9000), H)\n"				\
	"c = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)\n"		\
	"c.load_cert_chain(sys.argv[1], sys.argv[2])\n"		\
	"s.socket = c.wrap_socket(s.socket, server_side=True)\n"	\
	"print('ready', flush=True)\n"				\
	"s.serve_forever()\n"


/* A certificate, and its key beside it */
static const char *certify(const char *name, const char *alt)
{
	const char *path = F("%s/%s.pem", test_dir(), name);
	struct proc *p;

	p = proc_run("openssl", "openssl", "req", "-x509", "-newkey",
		     "rsa:2048", "-nodes", "-days", "2", "-subj",
		     F("/CN=%s", name), "-addext",
		     F("subjectAltName=%s", alt), "-keyout",
		     F("%s.key", path), "-out", path, NULL);
	CHECK(proc_wait(p, WAIT) && !p->status, "%s", proc_log(p));

	return path;
}


static struct proc *tls_receiver(const char *cert)
{
	struct proc *p = proc_run("receiver", "python3", "-c", TLS_RECEIVER,
				  cert, F("%s.key", cert), NULL);

	p->may_end = true;
	rest_wait(p, "ready\n");

	return p;
}


TEST(http_webhook_tls, "An event goes to a receiver that is trusted only",
     .na1 = "http_client_add_ca() is not in libre 1.1", .secs = 25)
{
	const char *good  = certify("good", "IP:127.0.0.9");
	const char *other = certify("other", "IP:127.0.0.9");
	struct proc *p;

	begin(F(ASKS "refer_webhook https://127.0.0.9:9000/hook\n"
		"refer_webhook_ca %s\n", good));

	p = tls_receiver(other);
	rest_refuse(1);
	rest_wait(p, "TLS:");
	CHECK(!strstr(proc_log(p), "referEnded"), "it got the event");
	proc_kill(p);

	p = tls_receiver(good);
	rest_wait(p, "\"type\":\"referEnded\"");
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
	rest_wait(p, "\"type\":\"referEnded\"");
	sut_log_has(t.bob, "events are delivered again, ");
	proc_kill(p);
	ROW("http.webhook");
}
