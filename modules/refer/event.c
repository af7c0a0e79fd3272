/**
 * @file event.c  The events of the module
 *
 * Each goes to the log and, as one line of text, to the softphone's events
 * (ctrl_tcp, mqtt). See docs/events.md for the format.
 */
#include <re.h>
#include "core.h"
#include "text.h"


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


static int print_fields(struct re_printf *pf, const struct refer_event *ev)
{
	int err;

	err = re_hprintf(pf, "refer,%s,id=%u role=%s", ev->name, ev->id,
			 refer_role_name(ev->role));
	if (ev->scode)
		err |= re_hprintf(pf, " code=%u", ev->scode);
	if (ev->outcome)
		err |= re_hprintf(pf, " outcome=%s", ev->outcome);
	if (ev->call && ev->call->callid)
		err |= re_hprintf(pf, " call=%s", ev->call->callid);
	if (str_isset(ev->reason))
		err |= re_hprintf(pf, " reason=%H", text_clean_str,
				  ev->reason);

	return err;
}


/* Print what fits, whole characters; the target, which can be long, is last */
static void print_text(char *buf, size_t size, const struct refer_event *ev)
{
	size_t len;
	char *str;

	buf[0] = '\0';

	if (re_sdprintf(&str, "%H target=%H", print_fields, ev,
			text_clean_str, ev->target))
		return;

	len = text_fit(str, size - 1);
	str_ncpy(buf, str, len + 1);
	mem_deref(str);
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
