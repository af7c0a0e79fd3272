/**
 * @file client.c  One outgoing REFER (seed: ReferClientContext)
 *
 * The object: what it is made of, its state and its events, and what can be
 * asked of it. client_request.c sends the REFER, client_outcome.c handles what
 * comes back.
 */
#include <string.h>
#include <re.h>
#include "core/call_watch.h"
#include "core/core.h"
#include "core/dialogs.h"
#include "core/event.h"
#include "core/queue.h"
#include "core/sender.h"
#include "host/host.h"
#include "refer.h"
#include "referrer/client.h"
#include "referrer/referrer.h"
#include "syntax/refer_to.h"


static void destructor(void *arg)
{
	struct refer_client *c = arg;

	list_unlink(&c->le);
	queue_remove(&c->grace_due);
	tmr_cancel(&c->tmr);
	call_unwatch(&c->watch);
	call_unwatch(&c->other);
	mem_deref(c->hold);
	mem_deref(c->sub);
	mem_deref(c->sender);
	mem_deref(c->target);
	mem_deref(c->again);
	mem_deref(c->peer);
	mem_deref(c->name);
	mem_deref(c->dialled);
	mem_deref(c->aor);
	mem_deref(c->hdrs);
	mem_deref(c->uri_hdrs);
	mem_deref(c->content);
	list_flush(&c->contacts);
	mem_deref(c->redirect);
	mem_deref(c->reason);
	mem_deref(c->last_reason);
}


/* RFC 3891 section 4: only the target could have it replaced then */
static bool replaces_early(const char *target, const char *aor)
{
	struct refer_to *rt = refer_to_decode_uri(target, aor);
	struct call *call = NULL;

	if (rt && rt->replaces) {
		rt->replaces[strcspn(rt->replaces, "; \t")] = '\0';
		call = host_call_find(rt->replaces, 0);
	}

	mem_deref(rt);

	return call && !host_call_established(call);
}


static int alloc(struct refer_client **cp, struct clients *all, struct ua *ua,
		 struct call *call, struct sip_dialog *dlg, const char *peer,
		 const char *target)
{
	struct refer_client *c;
	int err;

	c = mem_zalloc(sizeof(*c), destructor);
	if (!c)
		return ENOMEM;

	c->all = all;
	c->ua  = ua;

	err = dial_uri(&c->target, target, ua);
	if (!err && replaces_early(c->target, host_ua_aor(ua)))
		err = EAGAIN;
	if (err)
		goto out;

	err  = call_watch(&c->watch, all->refer->watches, ua, call,
			  client_call_handler, c);
	err |= str_dup(&c->peer, peer);
	if (call && host_call_peer_name(call))
		err |= str_dup(&c->name, host_call_peer_name(call));
	err |= str_dup(&c->aor, host_ua_aor(ua));
	err |= sender_alloc(&c->sender, all->refer->senders, ua, dlg,
			    client_send, client_response_handler, c);
	if (err)
		goto out;

	list_append(&all->restl, &c->le, c);

 out:
	if (err)
		mem_deref(c);
	else
		*cp = c;

	return err;
}


/** Allocate a REFER in the dialog of a call; errors as refer_client_alloc() */
int client_alloc(struct refer_client **cp, struct clients *all,
		 struct call *call, const char *target)
{
	struct sip_dialog *dlg;

	if (!cp || !all || !call || !target)
		return EINVAL;

	if (!host_call_established(call))
		return EPROTO;

	dlg = dialogs_of(all->refer->dialogs, call);
	if (!dlg)
		return ENOENT;

	return alloc(cp, all, host_call_ua(call), call, dlg,
		     host_call_peer(call), target);
}


/** Allocate a REFER out of a dialog, of which peer is the referee; errors as
    refer_client_alloc_outside() */
int client_alloc_outside(struct refer_client **cp, struct clients *all,
			 struct ua *ua, const char *peer, const char *target)
{
	struct refer_client *c;
	char *uri;
	int err;

	if (!cp || !all || !ua || !peer || !target)
		return EINVAL;

	err = dial_uri(&uri, peer, ua);
	if (err)
		return err;

	err = alloc(&c, all, ua, NULL, NULL, uri, target);
	mem_deref(uri);
	if (err)
		return err;

	c->outside = true;
	*cp = c;

	return 0;
}


static void clients_destructor(void *arg)
{
	struct clients *all = arg;

	queue_close(&all->grace);
}


int clients_alloc(struct clients **allp, struct refer *refer)
{
	struct clients *all;

	all = mem_zalloc(sizeof(*all), clients_destructor);
	if (!all)
		return ENOMEM;

	all->refer = refer;
	queue_init(&all->grace, TIMER_N, client_grace_handler);
	*allp = all;

	return 0;
}


/** Set whose transfers have a REFER as a part */
void clients_set_owner(struct clients *all, const struct client_owner *owner,
		       void *arg)
{
	all->owner = owner;
	all->arg   = arg;
}


/** End all REFERs. An application may keep a context, which is of no use then
    */
void clients_close(struct clients *all, const char *reason)
{
	struct le *le;

	if (all)
		list_flush(&all->latel);

	while (all && all->l.head)
		client_close(all->l.head->data, reason);

	while (all && (le = all->restl.head)) {
		struct refer_client *c = le->data;

		list_unlink(le);
		call_unwatch(&c->watch);
		call_unwatch(&c->other);
		c->all = NULL;
	}
}


/** Find a REFER that transfers a call, other than one that may be NULL */
struct refer_client *clients_of(const struct clients *all,
				const struct call *call,
				const struct refer_client *but)
{
	struct le *le;

	LIST_FOREACH(&all->l, le) {
		struct refer_client *c = le->data;

		if (c != but && c->watch.call == call)
			return c;
	}

	return NULL;
}


/** Make a REFER a part of a transfer that has a number, and began, already;
    whoever owns that shows and ends it */
void client_join(struct refer_client *c, uint32_t id, uint64_t ts)
{
	c->part = id;
	c->ts   = ts;
}


/** Is a call on hold for a REFER that transfers it? */
bool clients_hold(const struct clients *all, const struct call *call)
{
	struct le *le;

	LIST_FOREACH(&all->l, le) {
		const struct refer_client *c = le->data;

		if (c->held && c->watch.call == call)
			return true;
	}

	return false;
}


/** Find an outgoing REFER that is under way by its number */
struct refer_client *client_find(const struct clients *all, uint32_t id)
{
	struct le *le;

	LIST_FOREACH(&all->l, le) {
		struct refer_client *c = le->data;

		if (c->id == id)
			return c;
	}

	return NULL;
}


/** Get a REFER as it is shown */
void client_row(struct refer_transfer *row, const struct refer_client *c)
{
	*row = (struct refer_transfer){
		.id      = c->id,
		.can     = REFER_CAN_CANCEL,
		.role    = REFER_ROLE_CLIENT,
		.state   = refer_client_state_name(c->state),
		.ts      = c->ts,
		.account = c->aor,
		.peer    = {c->peer, str_len(c->peer)},
		.target  = c->target,
		.scode   = c->last,
		.reason  = c->last_reason,
		.callid  = c->watch.callid,
		.peer_name = {c->name, str_len(c->name)},
		.dialled = c->dialled,
	};
}


/** Show all that are under way, and no part of another, to a handler */
int clients_apply(const struct clients *all, refer_transfer_h *h, void *arg)
{
	struct refer_transfer row;
	struct le *le;
	int err = 0;

	LIST_FOREACH(&all->l, le) {
		const struct refer_client *c = le->data;

		client_row(&row, c);
		if (!c->part)
			err |= h(&row, arg);
	}

	return err;
}


/** Tell whether an outgoing REFER is under way */
bool client_open(const struct refer_client *c)
{
	return c->state != REFER_CLIENT_IDLE &&
		c->state != REFER_CLIENT_TERMINATED;
}


/** Take note of the last status that came, or 0 */
void client_set_last(struct refer_client *c, uint16_t scode,
		     const char *reason)
{
	c->last        = scode;
	c->last_reason = mem_deref(c->last_reason);
	if (reason)
		(void)str_dup(&c->last_reason, reason);
}


/** Change the state; scode led to it, or is 0 */
void client_set_state(struct refer_client *c, enum refer_client_state state,
		      uint16_t scode)
{
	debug("refer: #%u client %s -> %s (%u)\n", c->id,
	     refer_client_state_name(c->state),
	     refer_client_state_name(state), scode);

	c->state = state;
}


/** Fire an event, the last one at the end; of the number that it has, if any:
    the context may have been sent again */
void client_emit(struct refer_client *c, struct refer_event *ev)
{
	const struct clients *all = c->all;
	struct refer_transfer row;

	ev->role   = REFER_ROLE_CLIENT;
	ev->id     = ev->id ? ev->id : c->id;
	ev->client = c;
	ev->target = c->target;

	if (!c->part || !all->owner->rowh(&row, c, ev, all->arg))
		client_row(&row, c);

	if (!c->part || ev->type != REFER_EV_REFER_ENDED)
		event_emit(all->refer, ev, &row, c->ua, &c->watch);

	if (c->eventh)
		c->eventh(ev, c->arg);
}


/** Fire an event; the caller holds the context. False if the application has
    ended it there */
bool client_event(struct refer_client *c, enum refer_event_type type,
		  uint16_t scode, const char *reason,
		  const struct sip_msg *msg)
{
	struct refer_event ev = {
		.type   = type,
		.scode  = scode,
		.reason = reason,
		.msg    = msg,
	};

	client_emit(c, &ev);

	return client_open(c) && c->id == ev.id;
}


void refer_client_set_handler(struct refer_client *c,
			      refer_event_h *eventh, void *arg)
{
	if (!c)
		return;

	c->eventh = eventh;
	c->arg    = arg;

	/* who lets go of it wants to hear nothing more */
	if (!eventh)
		c->resph = NULL;
}


void refer_client_set_data(struct refer_client *c, void *data)
{
	if (c)
		c->data = data;
}


void *refer_client_data(const struct refer_client *c)
{
	return c ? c->data : NULL;
}


uint32_t refer_client_id(const struct refer_client *c)
{
	return c ? c->id : 0;
}


enum refer_client_state refer_client_state(const struct refer_client *c)
{
	return c ? c->state : REFER_CLIENT_IDLE;
}


const char *refer_client_state_name(enum refer_client_state state)
{
	switch (state) {

	case REFER_CLIENT_IDLE:       return "IDLE";
	case REFER_CLIENT_HOLDING:    return "HOLDING";
	case REFER_CLIENT_SENT:       return "SENT";
	case REFER_CLIENT_ACCEPTED:   return "ACCEPTED";
	case REFER_CLIENT_TERMINATED: return "TERMINATED";
	default:                      return "???";
	}
}


struct ua *refer_client_ua(const struct refer_client *c)
{
	return c && host_ua_alive(c->ua) ? c->ua : NULL;
}


struct call *refer_client_call(const struct refer_client *c)
{
	return c && call_alive(&c->watch) ? c->watch.call : NULL;
}


const char *refer_client_target(const struct refer_client *c)
{
	return c ? c->target : NULL;
}


uint16_t refer_client_response(const struct refer_client *c,
			       const char **reason)
{
	if (reason)
		*reason = c ? c->reason : NULL;

	return c ? c->scode : 0;
}
