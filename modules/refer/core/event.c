/**
 * @file event.c  The events of the module
 *
 * Each goes as one line of text to the softphone's events (ctrl_tcp, mqtt),
 * and at debug to the log. See docs/events.md for the format.
 */
#include <string.h>
#include <re.h>
#include "core/call_watch.h"
#include "core/core.h"
#include "core/event.h"
#include "core/observers.h"
#include "core/transfers.h"
#include "host/host.h"
#include "host/libre.h"
#include "syntax/text.h"


enum {
	EVENT_SIZE = 256,    /* of the text, by baresip 1.x's ua_event() */
};


static const char *const eventv[] = {
	[REFER_EV_PROGRESS]               = "progress",
	[REFER_EV_ACCEPTED]               = "accepted",
	[REFER_EV_REJECTED]               = "rejected",
	[REFER_EV_FAILED]                 = "failed",
	[REFER_EV_NOTIFY]                 = "notify",
	[REFER_EV_REPLACED]               = "replaced",
	[REFER_EV_REFER_REQUESTED]        = "referRequested",
	[REFER_EV_REFER_PENDING]          = "referPending",
	[REFER_EV_REFER_REQUEST_PROGRESS] = "referRequestProgress",
	[REFER_EV_REFER_REQUEST_ACCEPTED] = "referRequestAccepted",
	[REFER_EV_REFER_REQUEST_REJECTED] = "referRequestRejected",
	[REFER_EV_REFER_INVITE_SENT]      = "referInviteSent",
	[REFER_EV_REFER_PROGRESS]         = "referProgress",
	[REFER_EV_REFER_ACCEPTED]         = "referAccepted",
	[REFER_EV_REFER_REJECTED]         = "referRejected",
	[REFER_EV_REFER_TIMEOUT]          = "referTimeout",
	[REFER_EV_REFER_ENDED]            = "referEnded",
	[REFER_EV_REFER_LATE]             = "referLate",
};

static const char *const outcomev[] = {
	[REFER_OUTCOME_NONE]      = "",
	[REFER_OUTCOME_ACCEPTED]  = "accepted",
	[REFER_OUTCOME_REJECTED]  = "rejected",
	[REFER_OUTCOME_REFUSED]   = "refused",
	[REFER_OUTCOME_FAILED]    = "failed",
	[REFER_OUTCOME_TIMEOUT]   = "timeout",
	[REFER_OUTCOME_UNKNOWN]   = "unknown",
	[REFER_OUTCOME_CANCELLED] = "cancelled",
};

static const char *const rolev[] = {
	[REFER_ROLE_SERVER] = "server",
	[REFER_ROLE_CLIENT] = "client",
	[REFER_ROLE_TARGET] = "target",
};


static const char *name_of(const char *const *namev, size_t n, unsigned i)
{
	return i < n ? namev[i] : "?";
}


REFER_API const char *refer_event_name(enum refer_event_type type)
{
	return name_of(eventv, ARRAY_SIZE(eventv), type);
}


REFER_API const char *refer_outcome_name(enum refer_outcome outcome)
{
	return name_of(outcomev, ARRAY_SIZE(outcomev), outcome);
}


const char *refer_role_name(enum refer_role role)
{
	return name_of(rolev, ARRAY_SIZE(rolev), role);
}


/* The fields that others fill, in the order of the text */
enum part {
	PART_CALL   = 1 << 0,
	PART_PEER   = 1 << 1,
	PART_REASON = 1 << 2,
	PART_TARGET = 1 << 3,
};

/** The text of an event. It is put together without libre's formats, which
    would cost more than all else that is done for an event */
struct event_text {
	char buf[EVENT_SIZE];
	size_t len;
};


static int add_handler(const char *p, size_t size, void *arg)
{
	struct event_text *t = arg;

	if (size >= sizeof(t->buf) - t->len)
		return EOVERFLOW;

	memcpy(&t->buf[t->len], p, size);
	t->len += size;
	t->buf[t->len] = '\0';

	return 0;
}


static int add(struct re_printf *pf, const char *key, const char *val)
{
	const int err = pf->vph(key, str_len(key), pf->arg);

	return err ? err : pf->vph(val, str_len(val), pf->arg);
}


static int add_number(struct re_printf *pf, const char *key, uint32_t val)
{
	char buf[11], *p = &buf[sizeof(buf) - 1];

	*p = '\0';
	do
		*--p = (char)('0' + val % 10);
	while (val /= 10);

	return add(pf, key, p);
}


static int print_ours(struct re_printf *pf, const struct refer_event *ev)
{
	int err;

	err  = add(pf, "refer,", refer_event_name(ev->type));
	err |= add_number(pf, ",id=", ev->id);
	err |= add(pf, " role=", refer_role_name(ev->role));
	if (ev->scode)
		err |= add_number(pf, " code=", ev->scode);
	if (ev->outcome != REFER_OUTCOME_NONE)
		err |= add(pf, " outcome=", refer_outcome_name(ev->outcome));

	return err;
}


static unsigned parts(const struct refer_event *ev, const char *callid,
		      const struct pl *peer)
{
	return PART_TARGET |
		(str_isset(ev->reason) ? PART_REASON : 0) |
		(peer ? PART_PEER : 0) |
		(callid ? PART_CALL : 0);
}


static int print_event(struct re_printf *pf, const struct refer_event *ev,
		       const char *callid, const struct pl *peer,
		       unsigned cut)
{
	const unsigned all = parts(ev, callid, peer), in = all & ~cut;
	struct pl target;
	int err;

	err = print_ours(pf, ev);
	if (in & PART_CALL) {
		err |= add(pf, " call=", "");
		err |= text_word(pf, callid);
	}
	if (in & PART_PEER) {
		err |= add(pf, " peer=", "");
		err |= text_uri(pf, peer);
	}
	if (in & PART_REASON) {
		err |= add(pf, " reason=", "");
		err |= text_phrase(pf, ev->reason);
	}
	if (in & PART_TARGET) {
		err |= add(pf, " target=", "");
		pl_set_str(&target, ev->target ? ev->target : "");
		err |= text_uri(pf, &target);
	}

	if (cut & all) {
		err |= add(pf, " cut=", "target");
		err |= add(pf, cut & all & PART_REASON ? ",reason" : "",
			   cut & all & PART_PEER ? ",peer" : "");
		err |= add(pf, cut & all & PART_CALL ? ",call" : "", "");
	}

	return err;
}


/* What does not fit is left out whole: half of a URI is another one. Without
   the four of them there is always room. */
static void print_text(struct event_text *t, const struct refer_event *ev,
		       const char *callid, const struct pl *peer)
{
	static const unsigned cutv[] = {
		0,
		PART_TARGET,
		PART_TARGET | PART_REASON,
		PART_TARGET | PART_REASON | PART_PEER,
		PART_TARGET | PART_REASON | PART_PEER | PART_CALL,
	};
	struct re_printf pf = {add_handler, t};
	size_t i;

	for (i=0; i<ARRAY_SIZE(cutv); ++i) {
		t->len = 0;
		if (!print_event(&pf, ev, callid, peer, cutv[i]))
			return;
	}
}


/** Tell who keeps what has ended, observers, the log, and the softphone; row
    is the transfer as it is now. ua and call may be gone, or NULL. The
    handlers of the softphone may do anything: after them the row may be
    gone */
void event_emit(const struct refer *refer, const struct refer_event *ev,
		const struct refer_transfer *row, struct ua *ua,
		const struct call_watch *call)
{
	struct refer_transfer now = *row;
	struct event_text t = {.len = 0};

	transfers_event(refer->transfers, ev, &now);
	observers_event(ev, &now);
	print_text(&t, ev, call ? call->callid : NULL,
		   ev->role == REFER_ROLE_SERVER ? &row->peer : NULL);

	debug("refer: %s\n", t.buf + str_len("refer,"));
	host_event(host_ua_alive(ua) ? ua : NULL,
		   call && call_alive(call) ? call->call : NULL, t.buf);
}
