/**
 * @file call_watch.c  Calls and user agents that are followed to their end
 *
 * A call ends with an event, or without one, with its user agent: /uadel, or
 * quitting. Either is reported to all that watch it, the oldest first: a REFER
 * hears of the end before the INVITE that it has led to.
 */
#include <re.h>
#include "core/call_watch.h"
#include "host/host.h"


enum {
	HASH_SIZE  = 1024,
	SWEEP_TIME = 1000,     /* Between two looks for what is gone [ms] */
};

struct lookup {
	const struct call *call;
	bool established;      /* Only those that have not heard of it */
};


static void destructor(void *arg)
{
	struct call_watches *ws = arg;

	tmr_cancel(&ws->tmr);
	list_clear(&ws->l);
	hash_clear(ws->ht);
	mem_deref(ws->ht);
}


int call_watches_alloc(struct call_watches **wsp)
{
	struct call_watches *ws;
	int err;

	ws = mem_zalloc(sizeof(*ws), destructor);
	if (!ws)
		return ENOMEM;

	err = hash_alloc(&ws->ht, HASH_SIZE);
	if (err)
		mem_deref(ws);
	else
		*wsp = ws;

	return err;
}


/* Objects of the heap are 16 bytes apart */
static uint32_t key(const struct call *call)
{
	return (uint32_t)((uintptr_t)call >> 4);
}


static bool cmp_handler(struct le *le, void *arg)
{
	const struct call_watch *w = le->data;
	const struct lookup *lu = arg;

	if (w->call != lu->call || (lu->established && w->established))
		return false;

	/* another call can be where a vanished one was */
	return !w->callid || !str_cmp(w->callid, host_call_id(lu->call));
}


static struct call_watch *find(const struct call_watches *ws,
			       const struct call *call, bool established)
{
	struct lookup lu = {call, established};

	return list_ledata(hash_lookup(ws->ht, key(call), cmp_handler, &lu));
}


/** The softphone reports that a call was established */
void call_watches_established(struct call_watches *ws, struct call *call)
{
	struct call_watch *w;

	while ((w = find(ws, call, true))) {
		w->established = true;
		w->h(CALL_ESTABLISHED, 0, "", w->arg);
	}
}


/* The user agent may still be watched */
static void call_over(struct call_watch *w)
{
	hash_unlink(&w->he);
	w->call = NULL;
	if (!w->ua)
		list_unlink(&w->le);
}


static bool ua_gone(const struct call_watch *w)
{
	return w->ua && !host_ua_alive(w->ua);
}


static bool call_gone(const struct call_watch *w)
{
	return w->call && !call_alive(w);
}


/* No handler is called in here, so that nothing changes meanwhile */
static void collect(struct list *gone, const struct list *l)
{
	struct le *le = list_head(l);

	while (le) {
		struct call_watch *w = le->data;

		le = le->next;
		if (!ua_gone(w) && !call_gone(w))
			continue;

		list_unlink(&w->le);
		list_append(gone, &w->le, w);
	}
}


/* The handler of another one may have seen to it */
static void report(struct call_watches *ws, struct call_watch *w)
{
	list_unlink(&w->le);

	if (ua_gone(w)) {
		w->ua = NULL;
		call_over(w);
		w->h(UA_GONE, 0, "user agent is gone", w->arg);
		return;
	}

	list_append(&ws->l, &w->le, w);
	if (call_gone(w)) {
		call_over(w);
		w->h(CALL_GONE, 0, "the call is gone", w->arg);
	}
}


/** The softphone reports the end of a call, with its status. 4.x does so for
    each call of a user agent that goes */
void call_watches_closed(struct call_watches *ws, const struct call *call,
			 uint16_t scode, const char *reason)
{
	struct call_watch *w;

	while ((w = find(ws, call, false))) {
		if (ua_gone(w)) {
			report(ws, w);
			continue;
		}
		call_over(w);
		w->h(CALL_CLOSED, scode, reason, w->arg);
	}
}


/** Report all that is gone without an event */
void call_watches_sweep(struct call_watches *ws)
{
	struct list gone = LIST_INIT;

	mem_ref(ws);

	do {
		while (gone.head)
			report(ws, gone.head->data);

		collect(&gone, &ws->l);

	} while (gone.head);

	mem_deref(ws);
}


static void sweep_handler(void *arg)
{
	struct call_watches *ws = mem_ref(arg);

	call_watches_sweep(ws);

	if (ws->l.head)
		tmr_start(&ws->tmr, SWEEP_TIME, sweep_handler, ws);

	mem_deref(ws);
}


/** Follow a call, a user agent, or both; either may be NULL */
int call_watch(struct call_watch *w, struct call_watches *ws,
	       const struct ua *ua, struct call *call, call_watch_h *h,
	       void *arg)
{
	const char *callid = call ? host_call_id(call) : NULL;
	int err = callid ? str_dup(&w->callid, callid) : 0;

	if (err)
		return err;

	w->call = call;
	w->ua   = ua;
	w->h    = h;
	w->arg  = arg;
	w->established = false;

	if (call)
		hash_append(ws->ht, key(call), &w->he, w);

	if (call || ua)
		list_append(&ws->l, &w->le, w);

	/* not for each: a short timer passes all of libre's long ones */
	if (!tmr_isrunning(&ws->tmr))
		tmr_start(&ws->tmr, SWEEP_TIME, sweep_handler, ws);

	return 0;
}


void call_unwatch(struct call_watch *w)
{
	hash_unlink(&w->he);
	list_unlink(&w->le);
	w->call   = NULL;
	w->ua     = NULL;
	w->callid = mem_deref(w->callid);
}


/** Tell whether a watched call is still there; false if there is none, too */
bool call_alive(const struct call_watch *w)
{
	return host_call_alive(w->call, w->callid);
}


void call_watch_deref(enum call_change change, uint16_t scode,
		      const char *reason, void *arg)
{
	(void)scode;
	(void)reason;

	if (change != CALL_ESTABLISHED)
		mem_deref(arg);
}
