/**
 * @file current0.c  The current user agent and call of baresip 1.0
 */
#include <re.h>
#include "host/compat.h"
#include "host/host_baresip.h"

#if HOST_MAJOR == 1 && HOST_MINOR == 0


/**
 * Get the user agent that commands mean
 *
 * @return User agent, or NULL
 */
struct ua *host_ua_current(void)
{
	return uag_current();
}


/**
 * Get the call that commands mean
 *
 * @return Call, or NULL
 */
struct call *host_call_current(void)
{
	return ua_call(uag_current());
}

#endif
