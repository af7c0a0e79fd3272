/**
 * @file event0.c  Events of the module with baresip 1.0
 */
#include <re.h>
#include "host/compat.h"
#include "host/host.h"

#if HOST_MAJOR == 1 && HOST_MINOR == 0


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
