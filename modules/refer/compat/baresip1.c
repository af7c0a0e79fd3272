/**
 * @file baresip1.c  What baresip 1.x does in its own way
 */
#include <string.h>
#include <re.h>
#include "compat.h"
#include "../host.h"
#include "../host_baresip.h"

#if HOST_MAJOR < 3


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

#endif
