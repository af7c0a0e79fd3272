/**
 * @file event.c  The events of the module
 *
 * Each goes to the log and, as one line of text, to the softphone's events
 * (ctrl_tcp, mqtt). See docs/manual.md for the format.
 */
#include <re.h>
#include "core.h"


enum {
	EVENT_SIZE = 256,    /* of the text, by baresip 1.x's ua_event() */
};


static const char *role_name(enum refer_role role)
{
	return role == ROLE_SERVER ? "server" : "client";
}


static int print_fields(struct re_printf *pf, const struct refer_event *ev)
{
	int err;

	err = re_hprintf(pf, "refer,%s,id=%u role=%s", ev->name, ev->id,
			 role_name(ev->role));
	if (ev->scode)
		err |= re_hprintf(pf, " code=%u", ev->scode);
	if (ev->call && ev->call->callid)
		err |= re_hprintf(pf, " call=%s", ev->call->callid);
	if (str_isset(ev->reason))
		err |= re_hprintf(pf, " reason=%s", ev->reason);

	return err;
}


/**
 * Emit an event
 *
 * @param ev Event; the longest field, the target, is cut to fit
 */
void refer_event(const struct refer_event *ev)
{
	char buf[EVENT_SIZE];
	struct ua *ua = host_ua_alive(ev->ua) ? ev->ua : NULL;
	struct call *call = NULL;
	int n;

	if (ev->call && host_call_alive(ev->call->call, ev->call->callid))
		call = ev->call->call;

	n = re_snprintf(buf, sizeof(buf), "%H", print_fields, ev);
	if (n < 0)
		n = (int)str_len(buf);

	(void)re_snprintf(buf + n, sizeof(buf) - n, " target=%s", ev->target);

	info("refer: #%u %s %s: %u %s, target %s\n", ev->id,
	     role_name(ev->role), ev->name, ev->scode,
	     ev->reason ? ev->reason : "", ev->target);

	host_event(ua, call, buf);
}
