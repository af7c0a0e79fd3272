/**
 * @file waiters.c  Requests that wait for the end of a transfer
 */
#include <re.h>
#include <refer/baresip.h>
#include <refer/refer.h>
#include "http.h"


struct waiters {
	struct list l;             /* struct waiter */
};

struct waiter {
	struct le le;
	struct tmr tmr;
	struct request *req;
	uint32_t id;
};


static void waiter_destructor(void *arg)
{
	struct waiter *w = arg;

	list_unlink(&w->le);
	tmr_cancel(&w->tmr);
	mem_deref(w->req);
}


static void gone_handler(void *arg)
{
	mem_deref(arg);
}


static void answer(struct waiter *w, const struct refer_transfer *t)
{
	struct request *req = mem_ref(w->req);

	mem_deref(w);
	transfer_reply(req, 200, NULL, t);
	mem_deref(req);
}


static void tmr_handler(void *arg)
{
	struct waiter *w = arg;
	struct refer_transfer t;

	if (refer_transfer_get(&t, w->id))
		t.id = 0;

	answer(w, t.id ? &t : NULL);
}


/** Have a request answered when a transfer has ended, or after some time */
int waiters_add(struct waiters *ws, struct request *req, uint32_t id,
		uint32_t secs)
{
	struct waiter *w;
	int err;

	w = mem_zalloc(sizeof(*w), waiter_destructor);
	if (!w)
		return ENOMEM;

	err = conn_hold(req->conn, NULL, gone_handler, w);
	if (err) {
		mem_deref(w);
		return err;
	}

	w->req = mem_ref(req);
	w->id  = id;
	list_append(&ws->l, &w->le, w);
	tmr_start(&w->tmr, secs * 1000, tmr_handler, w);

	return 0;
}


/** A transfer has ended */
void waiters_ended(struct waiters *ws, const struct refer_transfer *t)
{
	struct le *le = ws->l.head;

	while (le) {
		struct waiter *w = le->data;

		le = le->next;
		if (w->id == t->id)
			answer(w, t);
	}
}


/** There are no transfers any more */
void waiters_unloaded(struct waiters *ws)
{
	struct le *le;

	while ((le = ws->l.head))
		answer(le->data, NULL);
}


static void destructor(void *arg)
{
	struct waiters *ws = arg;

	list_flush(&ws->l);
}


int waiters_alloc(struct waiters **wsp)
{
	*wsp = mem_zalloc(sizeof(**wsp), destructor);

	return *wsp ? 0 : ENOMEM;
}
