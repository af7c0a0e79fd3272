/**
 * @file baresip1.c  What baresip 1.x does in its own way
 */
#include <string.h>
#include <re.h>
#include "host/compat.h"
#include "host/host.h"
#include "host/host_baresip.h"

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
 * Find the user agent that a request is for
 *
 * @param msg Request out of a dialog
 *
 * @return User agent, or NULL
 */
struct ua *host_ua_find(const struct sip_msg *msg)
{
	return uag_find(&msg->uri.user);
}


/**
 * Tell whether a user agent takes requests from where one came from: of any
 *
 * @param ua  User agent
 * @param msg Request out of a dialog
 *
 * @return True
 */
bool host_ua_takes(const struct ua *ua, const struct sip_msg *msg)
{
	(void)ua;
	(void)msg;

	return true;
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
 * Let go of a call of which no INVITE could be sent
 *
 * @param call Call, or NULL
 */
void host_call_undo(struct call *call)
{
	mem_deref(call);
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
