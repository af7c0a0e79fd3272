/**
 * @file late.c  The outcome of a REFER that comes after its end
 *
 * Some referees send no NOTIFY until the target answers. A REFER that has
 * ended with "timeout" is over, and its call resumed; for as long as a target
 * may ring, its outcome is still heard of, so that nobody stays in a call
 * whose peer has been transferred.
 */
#include <re.h>
#include "config/settings.h"
#include "core/core.h"
#include "referrer/client.h"
#include "referrer/subscriber.h"
#include "syntax/sipfrag.h"


struct late {
	struct le le;
	struct tmr tmr;
	struct refer_client *c;
	uint32_t id;             /* As it was: it may be sent again */
	struct subscriber *sub;
	late_h *h;
};


static void destructor(void *arg)
{
	struct late *l = arg;

	list_unlink(&l->le);
	tmr_cancel(&l->tmr);
	subscriber_release(l->sub);
	mem_deref(l->c);
}


static void tmr_handler(void *arg)
{
	mem_deref(arg);
}


static void close_handler(int err, const char *reason, void *arg)
{
	(void)err;
	(void)reason;

	mem_deref(arg);
}


static void status_handler(const struct sipfrag *frag,
			   const struct sip_msg *msg, void *arg)
{
	struct late *l = arg;
	struct refer_event ev = {
		.type  = REFER_EV_REFER_LATE,
		.scode = frag->scode,
		.id    = l->id,
		.msg   = msg,
	};
	struct refer_client *c = l->c;
	late_h *h = l->h;
	char *reason;

	if (frag->scode < 200 || pl_strdup(&reason, &frag->reason))
		return;

	ev.reason = reason;

	mem_ref(c);
	mem_deref(l);
	h(c, &ev);
	mem_deref(reason);
	mem_deref(c);
}


/** Listen to what still comes for a REFER that ends, for as long as a target
    may ring; false if out of memory */
bool late_listen(struct refer_client *c, late_h *h)
{
	const uint64_t secs = client_setting(c->ua, "refer_ring_timeout",
					     c->all->refer->set->ring_timeout);
	struct late *l;

	l = mem_zalloc(sizeof(*l), destructor);
	if (!l)
		return false;

	l->c   = mem_ref(c);
	l->id  = c->id;
	l->h   = h;
	l->sub = c->sub;
	c->sub = NULL;

	subscriber_hand_over(l->sub, status_handler, close_handler, l);
	tmr_start(&l->tmr, secs * 1000, tmr_handler, l);
	list_append(&c->all->latel, &l->le, l);

	return true;
}
