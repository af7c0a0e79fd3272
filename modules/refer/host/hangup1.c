/**
 * @file hangup1.c  How a call of baresip 1.x is hung up, and no other resumed
 */
#include <re.h>
#include "host/compat.h"
#include "host/host.h"

#if HOST_MAJOR < 3

/**
 * Hang up a call, and change no other one
 *
 * ua_hangup() would resume one that is on hold.
 *
 * @param call   Call
 * @param reason Why, for people
 */
void host_call_drop(struct call *call, const char *reason)
{
	call_hangup(call, 0, reason);
	ua_event(call_get_ua(call), UA_EVENT_CALL_CLOSED, call, "%s",
		 reason);
	mem_deref(call);
}

#endif
