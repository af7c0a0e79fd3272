/**
 * @file hold1.c  Hold and resume with baresip 1.x
 */
#include <re.h>
#include "host/compat.h"
#include "host/host.h"

#if HOST_MAJOR < 3

/**
 * Put a call on hold, or resume it: with a re-INVITE, unless it is so already
 *
 * @param call Call
 * @param hold True to hold, false to resume
 *
 * @return 0 if success, otherwise errorcode
 */
int host_call_hold(struct call *call, bool hold)
{
	return call_hold(call, hold);
}

#endif
