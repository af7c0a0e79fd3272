/**
 * @file format1.c  Remote text that baresip 1.x would read as a format string
 *
 * It calls ua_event(ua, ev, call, peeruri), and the like with reason phrases.
 */
#include <string.h>
#include <re.h>
#include "host/compat.h"
#include "host/host.h"

#if HOST_MAJOR < 3

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
