/**
 * @file t_docs_http.c  http.md: its lines, run as they stand there
 */
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include "wire.h"
#include "harness.h"
#include "channel.h"
#include "openapi.h"
#include "docs.h"
#include "scene.h"
#include "rest.h"


#define PAGE "docs/http.md"
#define CALL_ID "4d0cf586d4b8fc22"       /* In the page */

static unsigned described;


static const char *output(struct proc *p)
{
	CHECK(proc_wait(p, 2 * WAIT), "it ends");
	EQ_STR("exit status 0", proc_status(p));

	return proc_log(p);
}


static void check_hook(int fd)
{
	char buf[4096] = "";
	int hook = accept(fd, NULL, NULL);
	size_t n = 0;
	ssize_t len;

	CHECK(hook >= 0, "no webhook");
	while (!strstr(buf, "referEnded") &&
	       (len = recv(hook, buf + n, sizeof(buf) - 1 - n, 0)) > 0)
		n += (size_t)len;

	HAS_TEXT(buf, "POST /transfers HTTP/1.1\r\n");
	HAS_TEXT(buf, "\r\nAuthorization: Bearer SECRET\r\n");
	HAS_TEXT(buf, "{\"type\":\"referEnded\",\"code\":200,");
	(void)close(hook);
}


TEST(docs_http, "http.md: a program makes a call, and transfers it",
     .secs = 8)
{
	const char *config = page_block(PAGE, "module_app          refer.so");
	const char *hook = page_block(PAGE, "refer_webhook ");
	const char *block = page_block(PAGE, "$ curl -H");
	const char *cmd, *out, *id;
	struct peer *bob, *carol;
	struct msg *inv, *req;
	struct proc *p;
	int fd;

	HAS_TEXT(config, "refer.so\nmodule_app          refer_http.so\n");
	t.bob = sut_start("alice", .app = "refer_http.so",
			  .config = F("%s%s", strstr(config, "refer_http_"),
				      hook));
	sut_log_wait(t.bob, REST_LISTENS "http://127.0.0.1:8090", WAIT);
	bob   = peer_new("bob");
	carol = peer_new("carol");
	fd = rest_receiver("127.0.0.1");

	CHECK(page_sample(&block, "$ ", &cmd, &out), "POST /v1/calls");
	p = page_shell(cmd);
	inv = expect(bob, "INVITE", WAIT);
	id  = hdr(inv, "Call-ID");
	block = replaced(block, CALL_ID, id);
	LIKE(replaced(out, CALL_ID, id), output(p));
	t.call = answer(bob, inv);
	event(t.bob, "CALL_ESTABLISHED", WAIT);

	CHECK(page_sample(&block, "$ ", &cmd, &out), "GET /v1/calls");
	LIKE(out, output(page_shell(cmd)));
	CHECK(page_sample(&block, "$ ", &cmd, &out), "POST /v1/transfers");
	LIKE(out, output(page_shell(cmd)));

	CHECK(page_sample(&block, "$ ", &cmd, &out), "GET with wait");
	p = page_shell(cmd);
	(void)answer_hold(t.call);
	req = expect_any(bob, "REFER", WAIT);
	EQ_STR(F("<%s>", carol->uri), hdr(req, "Refer-To"));
	peer_reply(bob, req, 202, "Accepted", NULL);
	peer_auto(bob, "BYE");
	notify_status(t.call, req, "terminated;reason=noresource",
		      "SIP/2.0 200 OK");
	LIKE(out, output(p));
	check_hook(fd);
	CHECK(!*block, "more lines: %s", block);
	ROW("docs.lines");
}


/* The call of alice, and her REFERs */

static unsigned refers;


static const char *waiting(void)
{
	(void)refer_carol("");
	event(t.bob, F("? ~ refer,referRequested,id=%u ", ++refers), WAIT);

	return F("%u", refers);
}


static const char *not_followed(void)
{
	const char *id = waiting();

	rest(200, "POST", F("/v1/transfers/%s/accept", id),
	     "{\"follow\":false}");

	return id;
}


static const char *ended(void)
{
	const char *id = waiting();

	rest(200, "POST", F("/v1/transfers/%s/reject", id), "{}");

	return id;
}


static const char *rings(void)
{
	t.call = dlg_new(t.alice, t.bob->uri);
	(void)dlg_request(t.call, "INVITE", sdp(t.alice));
	(void)expect_any(t.alice, "180 INVITE", WAIT);

	return http_escape(t.call->callid);
}


static const char *call(void)
{
	return http_escape(t.call->callid);
}


static const char *call_of_alice(void)
{
	return F("{\"call\":\"%s\",\"target\":\"carol\",\"hold\":false}",
		 t.call->callid);
}


/* What alice does then */

static void is_up(void)
{
	struct msg *m = expect_any(t.alice, "200 INVITE", WAIT);

	dlg_confirm(t.call, m);
	dlg_ack(t.call, m);
	event(t.bob, "CALL_ESTABLISHED", WAIT);
}


static void is_held(void)
{
	(void)answer_hold(t.call);
}


static void is_resumed(void)
{
	answer_resume(t.call);
}


static void is_called(void)
{
	peer_reply(t.carol, expect_any(t.carol, "INVITE", WAIT), 486,
		   "Busy Here", NULL);
	event(t.bob, F("? ~ refer,referEnded,id=%u ", refers), WAIT);
}


static void is_refused(void)
{
	peer_reply(t.alice, expect_any(t.alice, "REFER", WAIT), 603,
		   "Decline", NULL);
	event(t.bob, F("? ~ refer,referEnded,id=%u ", ++refers), WAIT);
}


static void is_hung_up(void)
{
	peer_reply(t.alice, expect_any(t.alice, "BYE", WAIT), 200, "OK",
		   NULL);
}


/** What a request of the table needs, in the order of this test */
static const struct {
	const char *request;
	const char *(*id)(void);     /**< The ID in its path            */
	const char *(*body)(void);   /**< Where the table has none      */
	void (*then)(void);
} needv[] = {
	{"POST /v1/calls/ID/answer", rings, NULL, is_up},
	{"GET /v1/calls/ID", call, NULL, NULL},
	{"POST /v1/calls/ID/hold", call, NULL, is_held},
	{"POST /v1/calls/ID/resume", call, NULL, is_resumed},
	{"GET /v1/transfers/ID", ended, NULL, NULL},
	{"GET /v1/transfers/ID/ladder", ended, NULL, NULL},
	{"POST /v1/transfers/ID/accept", waiting, NULL, is_called},
	{"POST /v1/transfers/ID/reject", waiting, NULL, NULL},
	{"POST /v1/transfers/ID/redirect", waiting, NULL, NULL},
	{"POST /v1/transfers/ID/notify", not_followed, NULL, NULL},
	{"POST /v1/transfers/ID/cancel", not_followed, NULL, NULL},
	{"POST /v1/transfers", NULL, call_of_alice, is_refused},
	{"GET /v1/transfers", NULL, NULL, NULL},
	{"GET /v1/calls", NULL, NULL, NULL},
	{"DELETE /v1/calls/ID", call, NULL, is_hung_up},
	{"POST /v1/calls", NULL, NULL, NULL},
	{"GET /v1/events", NULL, NULL, NULL},
	{"GET /v1/openapi.json", NULL, NULL, NULL},
	{"GET /metrics", NULL, NULL, NULL},
	{"GET /healthz", NULL, NULL, NULL},
	{"GET /", NULL, NULL, NULL},
};


/* A stream does not end */
static void ask_stream(unsigned scode_, const char *path)
{
	const int fd = rest_connect();
	char buf[64] = "";

	rest_put(fd, F("GET %s HTTP/1.1\r\nHost: 127.0.0.2\r\n\r\n", path));
	CHECK(recv(fd, buf, 15, MSG_WAITALL) == 15, "no stream");
	EQ_STR(F("HTTP/1.1 %u OK", scode_), buf);
	(void)close(fd);
}


/* The row of a request: "`GET /x` | 200 .. | text with `{body}`" */
static void ask_row(size_t i, const char *row)
{
	const char *req = needv[i].request, *path = strchr(req, '/');
	const char *cell = strstr(row, " | "), *body = NULL;
	const char *met = keep(req, (size_t)(path - 1 - req));
	const char *json = strstr(strstr(cell + 3, " | "), "`{");
	unsigned scode_ = (unsigned)atoi(cell + 3);

	CHECK(scode_ >= 200 && scode_ < 300, "%s: %u", req, scode_);
	if (needv[i].id)
		path = replaced(path, "ID", needv[i].id());

	if (needv[i].body)
		body = needv[i].body();
	else if (json)
		body = keep(json + 1, strcspn(json + 1, "`"));
	else if (!strcmp(met, "POST"))
		body = "";

	if (!strcmp(path, "/v1/events"))
		ask_stream(scode_, path);
	else
		(void)rest(scode_, met, path, body);

	if (needv[i].then)
		needv[i].then();
}


static void count_path(const char *method, const char *path,
		       const struct odict *op)
{
	(void)method;
	(void)path;
	(void)op;
	++described;
}


/* As a row has it: of `POST ../answer`, `hold`, `resume` the first one */
static const char *find_row(const char *request)
{
	const char *page = net_names(page_text(PAGE));
	const char *row = strstr(page, F("\n| `%s`", request));

	if (!row && strstr(request, "/hold"))
		return find_row("POST /v1/calls/ID/answer`, `hold`, `resume");
	if (!row && strstr(request, "/resume"))
		return find_row("POST /v1/calls/ID/answer`, `hold`, `resume");

	CHECK(row, "%s is not in the table", request);

	return first_line(row + 1);
}


TEST(docs_http_table, "http.md: each request of the table, with its body",
     .secs = 20)
{
	const char *page = page_text(PAGE), *p;
	size_t i, rows = 0;

	t.bob = sut_start("bob", .app = "refer_http.so", .manual = true,
			  .config = CONFIG_REST "refer_policy ask\n"
			  "refer_rate 0\n");
	sut_log_wait(t.bob, REST_LISTENS, WAIT);
	t.alice = peer_new("alice");
	t.carol = peer_new("carol");
	(void)peer_new("dave");
	peer_auto(t.alice, "NOTIFY");

	for (i=0; i<ARRAY_SIZE(needv); ++i)
		ask_row(i, find_row(needv[i].request));

	/* no other row, and no other path */
	for (p = page; (p = strstr(p, "\n| `")); ++p) {
		const char *row = p + 4;

		rows += !strncmp(row, "GET /", 5) ||
			!strncmp(row, "POST /", 6) ||
			!strncmp(row, "DELETE /", 8);
	}
	EQ_INT(ARRAY_SIZE(needv), rows + 2);
	openapi_each(count_path);
	EQ_INT(ARRAY_SIZE(needv), described);
	ROW("docs.lines");
}
