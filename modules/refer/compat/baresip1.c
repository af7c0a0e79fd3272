/**
 * @file baresip1.c  What baresip 1.x does in its own way
 *
 * Events of modules, and the core's fault of reading remote text as a format
 * string: it calls ua_event(ua, ev, call, peeruri).
 */
#include <string.h>
#include <re.h>
#include "compat.h"
#include "../host.h"
#include "../host_baresip.h"

#if HOST_MAJOR < 3


static news_h *newsh;


#if HOST_MINOR
/**
 * Emit an event of this module
 *
 * @param ua   User-Agent
 * @param call Call, or NULL
 * @param prm  Event parameter: "refer,<event>,<text>", at most 255 bytes
 */
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
#else
/**
 * Emit an event of this module
 *
 * baresip 1.0 has no events of modules. A value above UA_EVENT_MAX is
 * nobody's; ctrl_tcp and mqtt show it as type "?", class "other".
 *
 * @param ua   User-Agent
 * @param call Call, or NULL
 * @param prm  Event parameter, at most 255 bytes
 */
void host_event(struct ua *ua, struct call *call, const char *prm)
{
	ua_event(ua, (enum ua_event)(UA_EVENT_MAX + 1), call, "%s", prm);
}
#endif


static enum news news_of(enum ua_event ev)
{
	switch (ev) {

	case UA_EVENT_CALL_INCOMING:
	case UA_EVENT_CALL_RINGING:
	case UA_EVENT_CALL_PROGRESS:        return NEWS_CALL_NEW;
	case UA_EVENT_CALL_ESTABLISHED:     return NEWS_CALL_ESTABLISHED;
	case UA_EVENT_CALL_TRANSFER_FAILED: return NEWS_CALL_TRANSFER_FAILED;
	case UA_EVENT_CALL_CLOSED:          return NEWS_CALL_CLOSED;
	case UA_EVENT_SHUTDOWN:             return NEWS_SHUTDOWN;
	default:                            return NEWS_OTHER;
	}
}


/* Of the rest, the menu's commands come and go with these only */
static bool is_news(enum ua_event ev, const struct call *call)
{
	return ev <= UA_EVENT_CALL_TRANSFER_FAILED ||
		(ev == UA_EVENT_CALL_LOCAL_SDP && call_is_outgoing(call));
}


static void event_handler(struct ua *ua, enum ua_event ev, struct call *call,
			  const char *prm, void *arg)
{
	(void)ua;
	(void)arg;

	if (is_news(ev, call))
		newsh(news_of(ev), call, prm);
}


/**
 * Register the handler of what baresip tells
 *
 * @param h Handler
 *
 * @return 0 if success, otherwise errorcode
 */
int host_news_register(news_h *h)
{
	newsh = h;

	return uag_event_register(event_handler, NULL);
}


/**
 * Unregister it
 */
void host_news_unregister(void)
{
	uag_event_unregister(event_handler);
}


/**
 * Tell whether the account of a user agent allows transfers
 *
 * @param ua User agent
 *
 * @return True if it does: call_transfer is not "no"
 */
bool host_ua_transfer_allowed(const struct ua *ua)
{
	return str_casecmp(account_call_transfer(ua_account(ua)), "no");
}


/**
 * Set the header lines that the INVITE of a call carries in addition
 *
 * @param call Call
 * @param hdrs Headers
 */
void host_call_headers(struct call *call, const struct list *hdrs)
{
	call_set_custom_hdrs(call, hdrs);
}


/**
 * Tell whether the menu has commands for attended transfer
 *
 * @return True if it has
 */
bool host_menu_attends(void)
{
	return false;
}


/**
 * Tell whether the softphone can dial a URI without harm
 *
 * A '%', then flags or digits, then one of re_vhprintf()'s conversions is
 * what the core would read. "%%" counts: some texts are formatted twice.
 *
 * @param uri Null-terminated URI
 *
 * @return True if it can
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


/**
 * Take out of a response what the core would read as a format string
 *
 * @param msg Response to an INVITE that the core has not seen yet
 */
void host_response_guard(const struct sip_msg *msg)
{
	char *p = (char *)msg->reason.p;
	char *end = p + msg->reason.l;

	while (p < end && (p = memchr(p, '%', end - p)))
		*p++ = '_';
}

#endif
