/**
 * @file fuzz_http.c  Anything that comes on a connection of refer_http
 *
 * There is one response, or none if nothing has come; it is HTTP, and a
 * problem in it is JSON. Which one does not depend on the pieces that it
 * comes in. Who gets further than the guards has named this host, and has the
 * token.
 */
#include "fuzz.h"
#include "../refer_http/conn.h"
#include "../refer_http/http.h"

#define TOKEN "0123456789abcdef"

/** What came of one connection */
struct outcome {
	unsigned scode;          /* Of the response, 0 without one   */
	bool asked;              /* The request got past the guards  */
};

static struct outcome outcome;
static struct settings set = {.token = (char *)(uintptr_t)TOKEN};
static struct server server;
static struct http http = {.set = &set, .server = &server};


/* Stand for conn.c */

void conn_send(struct conn *c, struct mbuf *resp)
{
	struct http_msg *msg;
	struct odict *od;
	uint32_t len;

	PROPERTY(c->state == CONN_READING || c->state == CONN_SERVING);
	PROPERTY(!outcome.scode);
	c->state = CONN_WRITING;

	resp->pos = 0;
	PROPERTY(!http_msg_decode(&msg, resp, false));
	outcome.scode = msg->scode;
	PROPERTY(outcome.scode >= 200 && outcome.scode < 600);
	PROPERTY(http_msg_xhdr_count(msg, "Content-Length") ==
		 (outcome.scode != 204));

	len = http_msg_xhdr(msg, "Content-Length") ?
		pl_u32(&http_msg_xhdr(msg, "Content-Length")->val) : 0;
	PROPERTY(mbuf_get_left(resp) == len || !mbuf_get_left(resp));
	if (mbuf_get_left(resp) && outcome.scode >= 400) {
		PROPERTY(!json_decode_odict(&od, 8, (char *)mbuf_buf(resp),
					    len, 2));
		PROPERTY(odict_lookup(od, "detail"));
		mem_deref(od);
	}

	mem_deref(msg);
}


void conn_close(struct conn *c)
{
	PROPERTY(c->state == CONN_READING);
	c->state = CONN_ENDING;
}


void conn_drop(struct conn *c)
{
	c->state = CONN_ENDING;
}


int conn_hold(struct conn *c, conn_h *readyh, conn_h *goneh, void *arg)
{
	(void)c;
	(void)readyh;
	(void)goneh;
	(void)arg;

	return EAGAIN;
}


bool conn_ready(const struct conn *c)
{
	return c != NULL;
}


uint64_t conn_taken(const struct conn *c)
{
	return c != NULL;
}


int conn_write(struct conn *c, struct mbuf *mb)
{
	(void)c;

	return mb ? 0 : EINVAL;
}


/* For 100 Continue, and of none that is open */
int tcp_send(struct tcp_conn *tc, struct mbuf *mb)
{
	PROPERTY(!tc && mb);

	return 0;
}


/* As in module.c */

static void request_destructor(void *arg)
{
	struct request *req = arg;

	mem_deref(req->id);
	mem_deref(req->body);
}


static void *head_handler(struct conn *c, const struct http_msg *msg,
			  void *arg)
{
	struct request *req = mem_zalloc(sizeof(*req), request_destructor);

	if (!req)
		abort();

	req->http = arg;
	req->conn = c;
	req->msg  = msg;
	if (!guard_pass(req))
		req = mem_deref(req);

	return req;
}


static void request_handler(void *arg, const struct mbuf *body)
{
	struct request *req = arg;
	struct pl val;

	PROPERTY(req->route && req->trusted >= !(req->route->flags &
						 ROUTE_OPEN));
	PROPERTY(!req->id || !fuzz_has(req->id, strlen(req->id),
				       "\r\n\t\x7f", 4));
	PROPERTY(body->end <= BODY_MAX);
	outcome.asked = true;

	if (query_param(&val, req->msg, "wait"))
		PROPERTY(val.p >= req->msg->prm.p && val.p + val.l <=
			 req->msg->prm.p + req->msg->prm.l);

	if (body_decode(&req->body, body))
		problem(req, 400, NULL, "the body is no object of JSON");
	else
		problem(req, 404, NULL, "%s", req->id ? req->id : "none");
}


static void fault_handler(struct conn *c, unsigned scode, const char *why,
			  void *arg)
{
	const struct request req = {.http = arg, .conn = c};

	problem(&req, scode, NULL, "%s", why);
}


static const struct server_handlers handlers = {
	head_handler, request_handler, fault_handler
};


/* All of it, in pieces of this size */
static struct outcome come(const uint8_t *data, size_t size, size_t piece)
{
	struct conn c;
	struct mbuf mb = {.buf = (uint8_t *)(uintptr_t)data};

	memset(&c, 0, sizeof(c));
	memset(&outcome, 0, sizeof(outcome));
	tmr_init(&c.tmr);
	c.srv = &server;
	c.mb  = mbuf_alloc(64);
	if (!c.mb)
		abort();

	while (mb.end < size) {
		mb.pos = mb.end;
		mb.end = min(size, mb.end + piece);
		conn_receive(&mb, &c);
	}

	if (c.state == CONN_READING)
		conn_late(&c);

	PROPERTY(c.state != CONN_READING && c.state != CONN_SERVING);
	PROPERTY(outcome.scode || c.state == CONN_ENDING);
	PROPERTY(outcome.scode || !size);
	mem_deref(c.req);
	mem_deref(c.msg);
	mem_deref(c.mb);

	return outcome;
}


int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct outcome whole, pieces;
	struct pl pl;
	char *copy;

	server.hs  = &handlers;
	server.arg = &http;

	copy   = fuzz_copy(&pl, data, size);
	whole  = come((uint8_t *)copy, size, size ? size : 1);
	pieces = come((uint8_t *)copy, size, 1);

	PROPERTY(whole.scode == pieces.scode);
	PROPERTY(whole.asked == pieces.asked);
	PROPERTY(!whole.asked || memmem(copy, size, TOKEN, strlen(TOKEN)) ||
		 memmem(copy, size, " / ", 3) || memmem(copy, size, " /?", 3)
		 || memmem(copy, size, " /healthz", 9));
	free(copy);

	return 0;
}
