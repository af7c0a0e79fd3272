/**
 * @file server.c  Connections: one request each
 *
 * libre's own server has no limit of connections and none of time behind the
 * first request, keeps a body of 65 KiB like any other, and closes without a
 * response what it cannot read. So this has its sockets and its decoder, and
 * limits of its own.
 *
 * A connection is read, then served or held, then written and closed. One
 * that is still read makes room for a new one: who holds many of them open
 * keeps nobody out.
 */
#include <string.h>
#include <re.h>
#include "libre.h"
#include "server.h"


enum {
	PIECE_SIZE = 16384,      /* that libre is given at once [bytes]   */
	QUEUE_MAX  = 65536,      /* that wait in libre                    */
	DRAIN_TIME = 2000,       /* for the client to read a response [ms] */
};

enum conn_state {
	CONN_READING,
	CONN_SERVING,            /* It has all of its request  */
	CONN_HELD,               /* A stream, or it waits      */
	CONN_WRITING,            /* The response, then its end */
	CONN_DRAINING,
};

struct server {
	struct list connl;       /* struct conn, the oldest first */
	struct tcp_sock *ts;
	struct tls *tls;
	const struct server_handlers *hs;
	void *arg;
	unsigned heldc;
};

struct conn {
	struct le le;
	struct server *srv;
	struct tcp_conn *tc;
	struct tls_conn *sc;
	struct tmr tmr;
	struct mbuf *mb;         /* What has come of the head, or body  */
	struct http_msg *msg;    /* The head, once it is there          */
	void *req;               /* What the head handler made of it    */
	struct mbuf *out;        /* What libre has not been given yet   */
	enum conn_state state;
	bool unread;             /* Some of the request may still come  */
	conn_h *readyh;          /* Of one that is held                 */
	conn_h *goneh;
	void *arg;
};


static void conn_destructor(void *arg)
{
	struct conn *c = arg;

	if (c->state == CONN_HELD)
		--c->srv->heldc;

	list_unlink(&c->le);
	tmr_cancel(&c->tmr);
	mem_deref(c->req);
	mem_deref(c->msg);
	mem_deref(c->mb);
	mem_deref(c->out);
	mem_deref(c->sc);
	mem_deref(c->tc);
}


static void close_conn(struct conn *c)
{
	conn_h *goneh = c->state == CONN_HELD ? c->goneh : NULL;

	c->goneh = NULL;
	if (goneh)
		goneh(c->arg);

	mem_deref(c);
}


static void close_tmr_handler(void *arg)
{
	close_conn(arg);
}


static void drop_soon(struct conn *c)
{
	tmr_start(&c->tmr, 0, close_tmr_handler, c);
}


/* To close while the client still sends would reset the connection, and the
   response could be lost */
static void finish(struct conn *c)
{
	(void)tcp_set_send(c->tc, NULL);

	if (c->unread) {
		c->state = CONN_DRAINING;
		tmr_start(&c->tmr, DRAIN_TIME, close_tmr_handler, c);
	}
	else {
		drop_soon(c);
	}
}


static int write_piece(struct conn *c)
{
	struct mbuf piece = *c->out;

	piece.end = min(piece.end, piece.pos + PIECE_SIZE);
	c->out->pos = piece.end;

	return tcp_send(c->tc, &piece);
}


static void flush(struct conn *c)
{
	int err = 0;

	while (!err && mbuf_get_left(c->out) &&
	       tcp_conn_txqsz(c->tc) < QUEUE_MAX)
		err = write_piece(c);

	if (err)
		drop_soon(c);
	else if (!mbuf_get_left(c->out) && !tcp_conn_txqsz(c->tc))
		finish(c);
	else
		tmr_start(&c->tmr, REQUEST_TIME, close_tmr_handler, c);
}


/* What libre had is gone */
static void send_handler(void *arg)
{
	struct conn *c = arg;

	if (c->state == CONN_WRITING) {
		flush(c);
		return;
	}

	(void)tcp_set_send(c->tc, NULL);
	if (c->state == CONN_HELD && c->readyh)
		c->readyh(c->arg);
}


/** Send a response, and close the connection behind it */
void conn_send(struct conn *c, struct mbuf *resp)
{
	if (c->state == CONN_HELD) {
		--c->srv->heldc;
		c->goneh = NULL;
	}

	c->state = CONN_WRITING;
	c->out = mem_ref(resp);
	c->out->pos = 0;

	(void)tcp_set_send(c->tc, send_handler);
	flush(c);
}


/**
 * Keep a connection open without an answer, or with a beginning of one
 *
 * @param c      Connection that is being served
 * @param readyh Called when more can be written, or NULL
 * @param goneh  Called when it is closed by the client; not by conn_send()
 * @param arg    Their argument
 *
 * @return 0 if success, EAGAIN if too many are held
 */
int conn_hold(struct conn *c, conn_h *readyh, conn_h *goneh, void *arg)
{
	if (c->srv->heldc >= HELD_MAX)
		return EAGAIN;

	++c->srv->heldc;
	c->state  = CONN_HELD;
	c->readyh = readyh;
	c->goneh  = goneh;
	c->arg    = arg;
	tmr_cancel(&c->tmr);

	return 0;
}


/** Tell whether more can be written to a connection that is held now */
bool conn_ready(const struct conn *c)
{
	return tcp_conn_txqsz(c->tc) < QUEUE_MAX;
}


/** Write to a connection that is held; its handler tells when it is ready for
    more */
int conn_write(struct conn *c, struct mbuf *mb)
{
	int err;

	err = tcp_send(c->tc, mb);
	if (!err && !conn_ready(c))
		err = tcp_set_send(c->tc, send_handler);

	return err;
}


/** Close a connection that is held, when all of it was sent */
void conn_end(struct conn *c)
{
	struct mbuf *none = mbuf_alloc(1);

	if (none)
		conn_send(c, none);
	else
		drop_soon(c);

	mem_deref(none);
}


/** Close a connection, whatever was sent; its handler is not called */
void conn_drop(struct conn *c)
{
	c->goneh = NULL;
	drop_soon(c);
}


static void fault(struct conn *c, unsigned scode, const char *why)
{
	c->unread = true;
	c->srv->hs->faulth(c, scode, why, c->srv->arg);
}


/* Where the head ends, or NULL */
static const char *head_end(const struct mbuf *mb)
{
	const char *p = (const char *)mb->buf;
	const char *crlf = memmem(p, mb->end, "\r\n\r\n", 4);
	const char *lf = memmem(p, mb->end, "\n\n", 2);

	if (crlf && (!lf || crlf < lf))
		return crlf + 4;

	return lf ? lf + 2 : NULL;
}


static unsigned count(const struct http_msg *msg, const char *name)
{
	return http_msg_xhdr_count(msg, name);
}


static bool is_number(const struct pl *pl)
{
	size_t i;

	for (i=0; i<pl->l; ++i) {
		if (pl->p[i] < '0' || pl->p[i] > '9')
			return false;
	}

	return pl->l > 0 && pl->l < 10;
}


/* How long the body is; false if that is answered as a fault */
static bool body_length(struct conn *c, const struct http_msg *msg)
{
	const struct http_hdr *hdr = http_msg_xhdr(msg, "Content-Length");

	if (http_msg_xhdr(msg, "Transfer-Encoding"))
		fault(c, 501, "a body needs Content-Length");
	else if (count(msg, "Content-Length") > 1 ||
		 (hdr && !is_number(&hdr->val)))
		fault(c, 400, "Content-Length is no number");
	else if (count(msg, "Host") != 1)
		fault(c, 400, "a request has one Host");
	else if (pl_strcmp(&msg->ver, "1.1") && pl_strcmp(&msg->ver, "1.0"))
		fault(c, 400, "HTTP 1.1 and 1.0 are spoken here");
	else if (hdr && pl_u32(&hdr->val) > BODY_MAX)
		fault(c, 413, "a body has at most 64 KiB");
	else
		return true;

	return false;
}


static uint32_t content_length(const struct http_msg *msg)
{
	const struct http_hdr *hdr = http_msg_xhdr(msg, "Content-Length");

	return hdr ? pl_u32(&hdr->val) : 0;
}


static void body(struct conn *c)
{
	const uint32_t len = content_length(c->msg);

	if (c->mb->end < len)
		return;

	c->unread = c->mb->end > len;
	c->mb->end = len;
	c->mb->pos = 0;
	c->state = CONN_SERVING;
	tmr_cancel(&c->tmr);
	c->srv->hs->requesth(c->req, c->mb);
}


/* curl waits for that before it sends a large body */
static int go_on(struct conn *c)
{
	const struct http_hdr *hdr = http_msg_xhdr(c->msg, "Expect");
	struct mbuf *mb;
	int err;

	if (!hdr || pl_strcasecmp(&hdr->val, "100-continue") ||
	    c->mb->end >= content_length(c->msg))
		return 0;

	mb = mbuf_alloc(32);
	if (!mb)
		return ENOMEM;

	err = mbuf_write_str(mb, "HTTP/1.1 100 Continue\r\n\r\n");
	mb->pos = 0;
	if (!err)
		err = tcp_send(c->tc, mb);
	mem_deref(mb);

	return err;
}


/* The head has a buffer of its own: what was decoded points into it */
static int split(struct conn *c, size_t len)
{
	struct mbuf *head = mbuf_alloc(len), *rest = mbuf_alloc(BODY_MAX / 16);
	int err = ENOMEM;

	if (head && rest) {
		err  = mbuf_write_mem(head, c->mb->buf, len);
		err |= mbuf_write_mem(rest, c->mb->buf + len,
				      c->mb->end - len);
		head->pos = 0;
	}

	if (!err)
		err = http_msg_decode(&c->msg, head, true);

	mem_deref(head);
	mem_deref(c->mb);
	c->mb = rest;

	return err;
}


static void head(struct conn *c)
{
	const char *end = head_end(c->mb);
	const size_t len = end ? (size_t)(end - (const char *)c->mb->buf)
		: c->mb->end;

	if (len > HEAD_MAX) {
		fault(c, 413, "a head has at most 16 KiB");
		return;
	}

	if (!end)
		return;

	if (split(c, len)) {
		fault(c, 400, "this is not HTTP");
		return;
	}

	if (!body_length(c, c->msg))
		return;

	c->unread = c->mb->end < content_length(c->msg);
	c->req = c->srv->hs->headh(c, c->msg, c->srv->arg);
	if (!c->req)
		return;

	if (go_on(c))
		drop_soon(c);
	else
		body(c);
}


static void recv_handler(struct mbuf *mb, void *arg)
{
	struct conn *c = arg;

	/* there is one request only */
	if (c->state != CONN_READING)
		return;

	c->mb->pos = c->mb->end;
	if (mbuf_write_mem(c->mb, mbuf_buf(mb), mbuf_get_left(mb))) {
		drop_soon(c);
		return;
	}

	if (c->msg)
		body(c);
	else
		head(c);
}


static void close_handler(int err, void *arg)
{
	(void)err;

	close_conn(arg);
}


static void late_handler(void *arg)
{
	struct conn *c = arg;

	if (c->mb->end || c->msg)
		fault(c, 408, "a request has 10 s");
	else
		close_conn(c);
}


/* The one that has waited longest for its request, or has had its answer */
static struct conn *spare(const struct server *srv)
{
	struct conn *other = NULL;
	struct le *le;

	LIST_FOREACH(&srv->connl, le) {
		struct conn *c = le->data;

		if (c->state == CONN_READING)
			return c;

		if (c->state != CONN_HELD && !other)
			other = c;
	}

	return other;
}


static void connect_handler(const struct sa *peer, void *arg)
{
	struct server *srv = arg;
	struct conn *c;
	int err = ENOMEM;
	(void)peer;

	if (list_count(&srv->connl) >= CONNS_MAX)
		mem_deref(spare(srv));

	c = mem_zalloc(sizeof(*c), conn_destructor);
	if (!c)
		goto out;

	list_append(&srv->connl, &c->le, c);
	c->srv = srv;
	c->mb  = mbuf_alloc(1024);
	if (!c->mb)
		goto out;

	err = tcp_accept(&c->tc, srv->ts, NULL, recv_handler, close_handler,
			 c);
	if (!err && srv->tls)
		err = tls_start_tcp(&c->sc, srv->tls, c->tc, 0);
	if (!err)
		tmr_start(&c->tmr, REQUEST_TIME, late_handler, c);

 out:
	if (err) {
		mem_deref(c);
		tcp_reject(srv->ts);
	}
}


static void destructor(void *arg)
{
	struct server *srv = arg;
	struct le *le;

	/* each may have an owner that lets go of it */
	while ((le = srv->connl.head))
		close_conn(le->data);

	mem_deref(srv->ts);
	mem_deref(srv->tls);
}


/**
 * Listen on an address
 *
 * @param sp    Pointer to allocated server
 * @param laddr Address and port
 * @param cert  File of a certificate and its key, NULL without TLS
 * @param hs    Handlers
 * @param arg   Their argument
 *
 * @return 0 if success, otherwise errorcode
 */
int server_alloc(struct server **sp, const struct sa *laddr,
		 const char *cert, const struct server_handlers *hs,
		 void *arg)
{
	struct server *srv;
	int err = 0;

	srv = mem_zalloc(sizeof(*srv), destructor);
	if (!srv)
		return ENOMEM;

	srv->hs  = hs;
	srv->arg = arg;
	if (cert)
		err = tls_alloc(&srv->tls, LIBRE_TLS, cert, NULL);
	if (!err)
		err = tcp_listen(&srv->ts, laddr, connect_handler, srv);

	if (err)
		mem_deref(srv);
	else
		*sp = srv;

	return err;
}


/** Tell whether a server speaks TLS */
bool server_is_tls(const struct server *srv)
{
	return srv->tls != NULL;
}


/** Get how many connections there are */
unsigned server_count(const struct server *srv)
{
	return srv ? list_count(&srv->connl) : 0;
}
