/**
 * @file event.c  The events of the module
 *
 * Each goes to the log and, as one line of text, to the softphone's events
 * (ctrl_tcp, mqtt). See docs/events.md for the format.
 */
#include <re.h>
#include "host/libre.h"
#include "core/call_watch.h"
#include "core/event.h"
#include "host/host.h"
#include "syntax/text.h"


enum {
	EVENT_SIZE = 256,    /* of the text, by baresip 1.x's ua_event() */
};


/**
 * Get the name of a role
 *
 * @param role Role
 *
 * @return Name
 */
const char *refer_role_name(enum refer_role role)
{
	static const char *const namev[] = {"server", "client", "target"};

	return namev[role];
}


/* The fields that others fill, in the order of the text */
enum part {
	PART_CALL   = 1 << 0,
	PART_REASON = 1 << 1,
	PART_TARGET = 1 << 2,
};

/** An event, and what of it is left out */
struct event_text {
	const struct refer_event *ev;
	unsigned cut;          /**< Of enum part */
};


static int print_ours(struct re_printf *pf, const struct refer_event *ev)
{
	int err;

	err = re_hprintf(pf, "refer,%s,id=%u role=%s", ev->name, ev->id,
			 refer_role_name(ev->role));
	if (ev->scode)
		err |= re_hprintf(pf, " code=%u", ev->scode);
	if (ev->outcome)
		err |= re_hprintf(pf, " outcome=%s", ev->outcome);

	return err;
}


static int print_cut(struct re_printf *pf, unsigned cut)
{
	if (!cut)
		return 0;

	return re_hprintf(pf, " cut=target%s%s",
			  cut & PART_REASON ? ",reason" : "",
			  cut & PART_CALL ? ",call" : "");
}


static unsigned parts(const struct refer_event *ev)
{
	return PART_TARGET |
		(str_isset(ev->reason) ? PART_REASON : 0) |
		(ev->call && ev->call->callid ? PART_CALL : 0);
}


static int print_event(struct re_printf *pf, const struct event_text *t)
{
	const struct refer_event *ev = t->ev;
	const unsigned in = parts(ev) & ~t->cut;
	int err;

	err = print_ours(pf, ev);
	if (in & PART_CALL)
		err |= re_hprintf(pf, " call=%H", text_word, ev->call->callid);
	if (in & PART_REASON)
		err |= re_hprintf(pf, " reason=%H", text_phrase, ev->reason);
	if (in & PART_TARGET)
		err |= re_hprintf(pf, " target=%H", text_uri, ev->target);

	return err | print_cut(pf, t->cut);
}


/* What does not fit is left out whole: half of a URI is another one. Without
   the three of them there is always room. */
static void print_text(char *buf, size_t size, const struct refer_event *ev)
{
	static const unsigned cutv[] = {
		0,
		PART_TARGET,
		PART_TARGET | PART_REASON,
		PART_TARGET | PART_REASON | PART_CALL,
	};
	size_t i;

	for (i=0; i<ARRAY_SIZE(cutv); ++i) {
		const struct event_text t = {ev, cutv[i] & parts(ev)};

		if (re_snprintf(buf, size, "%H", print_event, &t) >= 0)
			return;
	}
}


/**
 * Emit an event
 *
 * @param ev Event
 */
void refer_event(const struct refer_event *ev)
{
	struct ua *ua = host_ua_alive(ev->ua) ? ev->ua : NULL;
	struct call *call = NULL;
	char buf[EVENT_SIZE];

	if (ev->call && call_alive(ev->call))
		call = ev->call->call;

	print_text(buf, sizeof(buf), ev);

	info("refer: %s\n", buf + str_len("refer,"));
	host_event(ua, call, buf);
}
