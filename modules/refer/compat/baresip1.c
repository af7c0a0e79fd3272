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


enum {
	EVENT_REFER = UA_EVENT_MAX + 1,
};


/**
 * Emit an event of this module
 *
 * baresip 1.x has no events of modules. A value above UA_EVENT_MAX is
 * nobody's; ctrl_tcp and mqtt show it as type "?", class "other".
 *
 * @param ua   User-Agent
 * @param call Call, or NULL
 * @param prm  Event parameter, at most 255 bytes
 */
void host_event(struct ua *ua, struct call *call, const char *prm)
{
	ua_event(ua, (enum ua_event)EVENT_REFER, call, "%s", prm);
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
