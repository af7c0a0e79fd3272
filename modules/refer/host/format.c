/**
 * @file format.c  Text that baresip prints: our events, and what others sent
 *
 * baresip 1.x reads remote text as a format string: it calls
 * ua_event(ua, ev, call, peeruri), and the like with reason phrases.
 */
#include <string.h>
#include <re.h>
#include "host/host.h"
#include "host/module.h"


#if HOST_MAJOR < 3

/*
 * A '%', then flags or digits, then one of re_vhprintf()'s conversions is
 * what the core would read. "%%" counts: some texts are formatted twice.
 */
bool host_uri_safe(const char *uri)
{
	const char *p = uri;

	while ((p = strchr(p, '%'))) {

		p += 1 + strspn(p + 1, "-.0123456789lz");

		if (*p && strchr("%bcdifFHmprsXxuvWwjJ", *p))
			return false;
	}

	return true;
}


void host_response_guard(const struct sip_msg *msg)
{
	char *p = (char *)msg->reason.p;
	char *end = p + msg->reason.l;

	while (p < end && (p = memchr(p, '%', end - p)))
		*p++ = '_';
}

#else

bool host_uri_safe(const char *uri)
{
	(void)uri;

	return true;
}


void host_response_guard(const struct sip_msg *msg)
{
	(void)msg;
}

#endif


#if HOST_MAJOR == 1 && HOST_MINOR == 0

/*
 * It has no events of modules. A value above UA_EVENT_MAX is nobody's;
 * ctrl_tcp and mqtt show it as type "?", class "other".
 */
void host_event(struct ua *ua, struct call *call, const char *prm)
{
	ua_event(ua, (enum ua_event)(UA_EVENT_MAX + 1), call, "%s", prm);
}

#else

void host_event(struct ua *ua, struct call *call, const char *prm)
{
	struct pl module, name, text;
	char *event;

	if (re_regex(prm, strlen(prm), "[^,]+,[^,]+,[^]*", &module, &name,
		     &text) || pl_strdup(&event, &name))
		return;

	module_event("refer", event, ua, call, "%r", &text);
	mem_deref(event);
}

#endif
