/**
 * @file events.c  The stream of events (server-sent events)
 *
 * Each event is written once, into a ring. A reader is a place in it: one that
 * does not read costs nothing more, and is dropped when the ring has passed
 * it. What comes in one turn of the main loop is sent as one. Without readers,
 * and a minute after the last one, nothing is written at all; what happens
 * then, or finds no memory, is a gap in the numbers, so that who comes back is
 * told that something was missed.
 */
#include <string.h>
#include <time.h>
#include <re.h>
#include "http.h"
#include "libre.h"


enum {
	RING_SIZE  = 1000,
	RING_BYTES = 2 << 20,    /* of all events in it              */
	HEARTBEAT  = 15000,      /* [ms]                             */
	STUCK_MAX  = 4,          /* heartbeats                       */
	KEEP_TIME  = 60000,      /* for a reader that comes back     */
	BATCH_SIZE = 16384,      /* that is put together             */
	ID_SIZE    = 32,
};

struct events {
	struct mbuf *ringv[RING_SIZE];
	uint64_t seq;            /* Of the next event, from 1        */
	uint64_t first;          /* The oldest one that is kept      */
	size_t bytes;            /* Of those that are kept           */
	uint32_t epoch;          /* So that no id is used again      */
	struct list readerl;
	struct tmr tmr_send;
	struct tmr tmr_beat;
	struct tmr tmr_keep;
	bool wanted;
};

/** A connection that gets the events */
struct reader {
	struct le le;
	struct events *es;
	struct conn *conn;
	uint64_t next;           /* Event that it gets next          */
	uint64_t taken;          /* At the last heartbeat [bytes]    */
	unsigned stuck;          /* Heartbeats since it took a byte  */
};


/** Tell whether anybody is to get events */
bool events_wanted(const struct events *es)
{
	return es && es->wanted;
}


static void reader_destructor(void *arg)
{
	struct reader *r = arg;

	list_unlink(&r->le);
}


static void forget_first(struct events *es)
{
	struct mbuf **mbp = &es->ringv[es->first++ % RING_SIZE];

	es->bytes -= (*mbp)->size;
	*mbp = mem_deref(*mbp);
}


static void forget_all(struct events *es)
{
	while (es->first < es->seq)
		forget_first(es);
}


static void keep_handler(void *arg)
{
	struct events *es = arg;

	es->wanted = false;
	forget_all(es);
}


static void gone_handler(void *arg)
{
	struct reader *r = arg;
	struct events *es = r->es;

	mem_deref(r);
	if (es->readerl.head)
		return;

	tmr_cancel(&es->tmr_beat);
	tmr_start(&es->tmr_keep, KEEP_TIME, keep_handler, es);
}


static void drop(struct reader *r)
{
	conn_drop(r->conn);
	gone_handler(r);
}


/* Some events in one piece; they are at least one */
static int write_batch(struct reader *r)
{
	struct mbuf *mb = mbuf_alloc(BATCH_SIZE);
	int err = mb ? 0 : ENOMEM;

	while (!err && r->next < r->es->seq && mb->end < BATCH_SIZE) {
		const struct mbuf *ev = r->es->ringv[r->next++ % RING_SIZE];

		err = mbuf_write_mem(mb, ev->buf, ev->end);
	}

	if (!err) {
		mb->pos = 0;
		err = conn_write(r->conn, mb);
	}

	mem_deref(mb);

	return err;
}


static void reader_send(struct reader *r)
{
	if (r->next < r->es->first) {
		drop(r);
		return;
	}

	while (r->next < r->es->seq && conn_ready(r->conn)) {
		if (write_batch(r)) {
			drop(r);
			return;
		}
	}
}


static void ready_handler(void *arg)
{
	reader_send(arg);
}


static void send_handler(void *arg)
{
	struct events *es = arg;
	struct le *le = es->readerl.head;

	while (le) {
		struct reader *r = le->data;

		le = le->next;
		reader_send(r);
	}
}


static int write_text(struct reader *r, const char *text)
{
	struct mbuf *mb = mbuf_alloc(64);
	int err = ENOMEM;

	if (mb) {
		err = mbuf_write_str(mb, text);
		mb->pos = 0;
	}
	if (!err)
		err = conn_write(r->conn, mb);
	mem_deref(mb);

	return err;
}


/* It has taken nothing, not even the last heartbeat */
static bool is_stuck(struct reader *r)
{
	const uint64_t taken = conn_taken(r->conn);

	r->stuck = taken == r->taken ? r->stuck + 1 : 0;
	r->taken = taken;

	return r->stuck >= STUCK_MAX;
}


static void beat_handler(void *arg)
{
	struct events *es = arg;
	struct le *le = es->readerl.head;

	tmr_start(&es->tmr_beat, HEARTBEAT, beat_handler, es);

	while (le) {
		struct reader *r = le->data;

		le = le->next;
		if (is_stuck(r) ||
		    (!r->stuck && write_text(r, ": heartbeat\n\n")))
			drop(r);
	}
}


static void keep(struct events *es, struct mbuf *mb)
{
	mbuf_trim(mb);
	if (es->seq - es->first == RING_SIZE)
		forget_first(es);

	es->ringv[es->seq++ % RING_SIZE] = mb;
	es->bytes += mb->size;
	while (es->bytes > RING_BYTES)
		forget_first(es);
}


/** Add an event, of which od is the data */
void events_add(struct events *es, const char *name, const struct odict *od)
{
	struct mbuf *mb;

	if (!events_wanted(es))
		return;

	mb = mbuf_alloc(512);
	if (!mb || mbuf_printf(mb, "id: %u-%llu\nevent: %s\ndata: %H\n\n",
			       es->epoch, (unsigned long long)es->seq, name,
			       json_encode_odict, od)) {
		mem_deref(mb);
		forget_all(es);
		es->first = ++es->seq;
	}
	else {
		keep(es, mb);
	}

	if (es->readerl.head && !tmr_isrunning(&es->tmr_send))
		tmr_start(&es->tmr_send, 0, send_handler, es);
}


/* Behind the last event that it has had; false if some were missed */
static bool resume(struct reader *r, const struct request *req)
{
	const struct http_hdr *hdr = http_msg_xhdr(req->msg, "Last-Event-ID");
	struct pl val = pl_null, epoch, seq;

	if (hdr)
		val = hdr->val;
	else if (!query_param(&val, req->msg, "last_event_id"))
		return false;

	if (val.l > ID_SIZE ||
	    re_regex(val.p, val.l, "[0-9]+-[0-9]+", &epoch, &seq) ||
	    epoch.p != val.p || seq.p + seq.l != val.p + val.l ||
	    seq.l > 18 || pl_u64(&epoch) != r->es->epoch ||
	    pl_u64(&seq) + 1 < r->es->first || pl_u64(&seq) >= r->es->seq)
		return false;

	r->next = pl_u64(&seq) + 1;

	return true;
}


static void want(struct events *es)
{
	tmr_cancel(&es->tmr_keep);
	if (!es->wanted)
		es->first = ++es->seq;

	es->wanted = true;
}


static int begin(struct reader *r, const struct request *req)
{
	struct mbuf *mb = mbuf_alloc(512);
	int err = ENOMEM;

	if (mb) {
		err  = reply_head(mb, req, 200, "text/event-stream", NULL);
		err |= mbuf_write_str(mb, "\r\nretry: 2000\n\n");
		if (!resume(r, req))
			err |= mbuf_printf(mb, "id: %u-%llu\nevent: reset\n"
					   "data: {}\n\n", r->es->epoch,
					   (unsigned long long)r->next - 1);
		mb->pos = 0;
	}
	if (!err)
		err = conn_write(r->conn, mb);
	mem_deref(mb);

	return err;
}


int events_get(struct request *req)
{
	struct events *es = req->http->events;
	struct reader *r;
	int err;

	/* there is no end of it */
	if (!pl_strcmp(&req->msg->met, "HEAD")) {
		reply(req, 200, "text/event-stream", NULL, NULL);
		return 0;
	}

	r = mem_zalloc(sizeof(*r), reader_destructor);
	if (!r)
		return ENOMEM;

	err = conn_hold(req->conn, ready_handler, gone_handler, r);
	if (err) {
		mem_deref(r);
		return err;
	}

	want(es);
	r->es   = es;
	r->conn = req->conn;
	r->next = es->seq;
	list_append(&es->readerl, &r->le, r);
	if (!tmr_isrunning(&es->tmr_beat))
		tmr_start(&es->tmr_beat, HEARTBEAT, beat_handler, es);

	if (begin(r, req))
		drop(r);
	else
		reader_send(r);

	return 0;
}


static void destructor(void *arg)
{
	struct events *es = arg;

	tmr_cancel(&es->tmr_send);
	tmr_cancel(&es->tmr_beat);
	tmr_cancel(&es->tmr_keep);
	list_flush(&es->readerl);
	keep_handler(es);
}


int events_alloc(struct events **esp)
{
	struct events *es = mem_zalloc(sizeof(*es), destructor);

	if (!es)
		return ENOMEM;

	es->seq   = 1;
	es->first = 1;
	es->epoch = rand_u32();
	*esp = es;

	return 0;
}
