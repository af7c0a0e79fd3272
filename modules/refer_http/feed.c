/**
 * @file feed.c  What happens, to the stream and the webhook
 */
#include <re.h>
#include <refer/baresip.h>
#include <refer/refer.h>
#include "http.h"
#include "libre.h"


enum {
	HASH_SIZE = 16,
};

static struct {
	struct http *http;
	struct refer_observer *observer;
	struct odict *ended;     /**< A transfer that it has ended      */
	uint32_t ended_id;
	bool asked;              /**< A request is being carried out    */
} feed;


static int add_event(struct odict *od, const struct refer_event *ev)
{
	int err;

	err = odict_add_text(od, "type", refer_event_name(ev->type));
	if (ev->scode)
		err |= odict_entry_add(od, "code", ODICT_INT,
				       (int64_t)ev->scode);
	err |= odict_add_text(od, "reason", ev->reason);
	err |= odict_add_text(od, "target", ev->target);
	err |= odict_add_text(od, "outcome", refer_outcome_name(ev->outcome));

	return err;
}


static int event_encode(struct odict **odp, const struct refer_event *ev,
			const struct refer_transfer *t)
{
	struct odict *od, *transfer = NULL;
	int err;

	err = odict_alloc(&od, HASH_SIZE);
	if (err)
		return err;

	err = odict_alloc(&transfer, 2 * HASH_SIZE);
	if (!err)
		err = add_event(od, ev);
	if (!err)
		err = transfer_encode(transfer, t, true);
	if (!err)
		err = odict_entry_add(od, "transfer", ODICT_OBJECT, transfer);

	mem_deref(transfer);
	if (err)
		mem_deref(od);
	else
		*odp = od;

	return err;
}


static void keep_ended(const struct refer_transfer *t)
{
	struct odict *od;

	feed.ended = mem_deref(feed.ended);
	if (odict_alloc(&od, 2 * HASH_SIZE))
		return;

	if (transfer_encode(od, t, true)) {
		mem_deref(od);
		return;
	}

	feed.ended    = od;
	feed.ended_id = t->id;
}


static bool hooks(const struct http *http, const struct refer_event *ev)
{
	return http->webhook && (http->set->webhook_all ||
				 ev->type == REFER_EV_REFER_ENDED);
}


static void refer_handler(const struct refer_event *ev,
			  const struct refer_transfer *t, void *arg)
{
	struct http *http = arg;
	const bool hooked = hooks(http, ev);
	struct odict *od;

	if ((events_wanted(http->events) || hooked) &&
	    !event_encode(&od, ev, t)) {
		events_add(http->events, "transfer", od);
		if (hooked)
			webhook_add(http->webhook, od);
		mem_deref(od);
	}

	if (ev->type == REFER_EV_REFER_ENDED) {
		if (feed.asked)
			keep_ended(t);
		waiters_ended(http->waiters, t);
	}
}


static void add(const char *name, const char *type, const char *reason,
		const struct call *call)
{
	struct odict *od, *obj = NULL;
	int err;

	err = odict_alloc(&od, HASH_SIZE);
	if (err)
		return;

	err  = odict_add_text(od, "type", type);
	err |= odict_add_text(od, "reason", reason);
	if (call) {
		err |= odict_alloc(&obj, HASH_SIZE);
		if (!err)
			err = call_encode(obj, call);
		if (!err)
			err = odict_entry_add(od, "call", ODICT_OBJECT, obj);
	}

	if (!err)
		events_add(feed.http->events, name, od);

	mem_deref(obj);
	mem_deref(od);
}


static void loaded_handler(bool loaded, void *arg)
{
	struct http *http = arg;

	if (!loaded)
		waiters_unloaded(http->waiters);

	if (events_wanted(http->events))
		add("module", loaded ? "loaded" : "unloaded", NULL, NULL);
}


static const char *call_type(enum bevent_ev ev)
{
	switch (ev) {

	case BEVENT_CALL_INCOMING:    return "incoming";
#ifdef HAVE_OUTGOING
	case BEVENT_CALL_OUTGOING:    return "outgoing";
#endif
	case BEVENT_CALL_RINGING:     return "ringing";
	case BEVENT_CALL_PROGRESS:    return "progress";
	case BEVENT_CALL_ESTABLISHED: return "established";
	case BEVENT_CALL_LOCAL_SDP:   return "changed";
	case BEVENT_CALL_REMOTE_SDP:  return "changed";
	case BEVENT_CALL_CLOSED:      return "closed";
	default:                      return NULL;
	}
}


static void call_handler(enum bevent_ev ev, struct bevent *event, void *arg)
{
	const struct call *call = bevent_get_call(event);
	const char *type;
	(void)arg;

	if (!call || !events_wanted(feed.http->events))
		return;

	type = call_type(ev);
	if (type)
		add("call", type, ev == BEVENT_CALL_CLOSED ?
		    bevent_get_text(event) : NULL, call);
}


/** Follow transfers and calls */
int feed_init(struct http *http)
{
	int err;

	feed.http = http;
	err = refer_observe(&feed.observer, refer_handler, loaded_handler,
			    http);

	return err ? err : bevent_register(call_handler, NULL);
}


void feed_close(void)
{
	if (feed.observer)
		bevent_unregister(call_handler);

	feed.observer = mem_deref(feed.observer);
}


/** Carry a request out; what has ended meanwhile is known to feed_ended() */
int feed_carry_out(struct request *req)
{
	int err;

	feed.asked = true;
	err = req->route->h(req);
	feed.asked = false;
	feed.ended = mem_deref(feed.ended);

	return err;
}


/** Get a transfer that this request has ended, as JSON, or NULL */
const struct odict *feed_ended(uint32_t id)
{
	return feed.ended_id == id ? feed.ended : NULL;
}
