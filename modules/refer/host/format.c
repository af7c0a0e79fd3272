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


bool host_ua_sends_at_once(const struct ua *ua)
{
	return !account_medianat(ua_account(ua));
}


#if HOST_MAJOR < 3

/*
 * A '%', then flags or digits, then one of re_vhprintf()'s conversions is
 * what the core would read. "%%" counts: some texts are formatted twice.
 */
static bool is_safe(const char *uri)
{
	const char *p = uri;

	while ((p = strchr(p, '%'))) {

		p += 1 + strspn(p + 1, "-.0123456789lz");

		if (*p && strchr("%bcdifFHmprsXxuvWwjJ", *p))
			return false;
	}

	return true;
}


/* The core formats the peer's URI with each event of a call, the first one
   at a response to its INVITE. That has left by then, unless it waits for
   media NAT traversal */
bool host_ua_dials(const struct ua *ua, const char *uri)
{
	return is_safe(uri) || host_ua_sends_at_once(ua);
}


static void mask(char *p, size_t len)
{
	char *end = p + len;

	while (p < end && (p = memchr(p, '%', end - p)))
		*p++ = '_';
}


/* The dialog has a copy of it; who asks for it later is given ours */
void host_peer_guard(struct call *call)
{
	char *uri = (char *)call_peeruri(call);

	if (!uri || is_safe(uri))
		return;

	host_call_keep_peer(call);
	mask(uri, strlen(uri));
}


void host_response_guard(const struct sip_msg *msg)
{
	mask((char *)msg->reason.p, msg->reason.l);
}

#else

bool host_ua_dials(const struct ua *ua, const char *uri)
{
	(void)ua;
	(void)uri;

	return true;
}


void host_peer_guard(struct call *call)
{
	(void)call;
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
