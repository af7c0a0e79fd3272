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
#include <re.h>
#include "conn.h"
#include "libre.h"


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


static void close_handler(int err, void *arg)
{
	(void)err;

	conn_close(arg);
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

	err = tcp_accept(&c->tc, srv->ts, NULL, conn_receive, close_handler,
			 c);
	if (!err && srv->tls)
		err = tls_start_tcp(&c->sc, srv->tls, c->tc, 0);
	if (!err)
		tmr_start(&c->tmr, REQUEST_TIME, conn_late, c);

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
		conn_close(le->data);

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
int server_listen(struct server **sp, const struct sa *laddr,
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
