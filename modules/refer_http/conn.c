/**
 * @file conn.c  A connection: it is written to, held, and closed
 */
#include <re.h>
#include "conn.h"


enum {
	PIECE_SIZE = 16384,      /* that libre is given at once [bytes]    */
	QUEUE_MAX  = 65536,      /* that wait in libre                     */
	DRAIN_TIME = 2000,       /* for the client to read a response [ms] */
};


/** Close a connection now */
void conn_close(struct conn *c)
{
	conn_h *goneh = c->state == CONN_HELD ? c->goneh : NULL;

	c->goneh = NULL;
	if (goneh)
		goneh(c->arg);

	mem_deref(c);
}


static void close_tmr_handler(void *arg)
{
	conn_close(arg);
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
		c->state = CONN_ENDING;
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


/** Get the number of bytes of those written that are on their way */
uint64_t conn_taken(const struct conn *c)
{
	return c->written - tcp_conn_txqsz(c->tc);
}


/** Write to a connection that is held; its handler tells when it is ready for
    more */
int conn_write(struct conn *c, struct mbuf *mb)
{
	const size_t size = mbuf_get_left(mb);
	int err;

	err = tcp_send(c->tc, mb);
	if (!err)
		c->written += size;
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


/** Close a connection, whatever was sent; its handlers are not called */
void conn_drop(struct conn *c)
{
	if (c->state == CONN_HELD)
		--c->srv->heldc;

	c->state = CONN_ENDING;
	c->goneh = c->readyh = NULL;
	(void)tcp_set_send(c->tc, NULL);
	drop_soon(c);
}
