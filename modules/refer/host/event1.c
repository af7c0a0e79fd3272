/**
 * @file event1.c  Events of the module with baresip 1.1 and later
 */
#include <string.h>
#include <re.h>
#include "host/compat.h"
#include "host/host.h"

#if HOST_MAJOR > 1 || HOST_MINOR > 0


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

#endif
