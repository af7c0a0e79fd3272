/**
 * @file baresip4.c  What baresip 3.x and 4.x do in their own way
 */
#include <re.h>
#include "host/compat.h"
#include "host/host.h"
#include "host/host_baresip.h"

#if HOST_MAJOR >= 3


/**
 * Tell whether the account of a user agent allows transfers
 *
 * @param ua User agent
 *
 * @return True if it does: call_transfer is not "no"
 */
bool host_ua_transfer_allowed(const struct ua *ua)
{
	return account_call_transfer(ua_account(ua));
}


/**
 * Find the user agent that a request is for, as the core does: by transport
 * and address family as well, if it does not register
 *
 * @param msg Request out of a dialog
 *
 * @return User agent, or NULL
 */
struct ua *host_ua_find(const struct sip_msg *msg)
{
	return uag_find_msg(msg);
}


/**
 * Tell whether a user agent takes requests from where one came from: only
 * from its registrar, with filter_registrar
 *
 * @param ua  User agent
 * @param msg Request out of a dialog
 *
 * @return True if it does
 */
bool host_ua_takes(const struct ua *ua, const struct sip_msg *msg)
{
	return ua_req_check_origin(ua, msg);
}


static int add_handler(const struct pl *name, const struct pl *val, void *arg)
{
	char *str;
	int err;

	err = pl_strdup(&str, name);
	if (err)
		return err;

	err = custom_hdrs_add(arg, str, "%r", val);
	mem_deref(str);

	return err;
}


/**
 * Set the header lines that the INVITE of a call carries in addition
 *
 * Those of its user agent (/uaaddheader) are there already, and stay.
 *
 * @param call Call
 * @param hdrs Headers
 */
void host_call_headers(struct call *call, const struct list *hdrs)
{
	struct list all = LIST_INIT;

	if (!custom_hdrs_apply(call_get_custom_hdrs(call), add_handler,
			       &all) &&
	    !custom_hdrs_apply(hdrs, add_handler, &all))
		call_set_custom_hdrs(call, &all);

	list_flush(&all);
}


/**
 * Let go of a call of which no INVITE could be sent: its beginning was told,
 * and the menu counts
 *
 * @param call Call, or NULL
 */
void host_call_undo(struct call *call)
{
	ua_hangup(call_get_ua(call), call, 0, "Not connected");
}


/**
 * Tell whether the menu has commands for attended transfer
 *
 * @return True if it has
 */
bool host_menu_attends(void)
{
	return true;
}


/**
 * Tell whether the softphone can dial a URI without harm
 *
 * @param uri Null-terminated URI
 *
 * @return True if it can
 */
bool host_uri_safe(const char *uri)
{
	(void)uri;

	return true;
}


/**
 * Take out of a response what the core would read as a format string: since
 * 3.x it reads none as such
 *
 * @param msg Response to an INVITE that the core has not seen yet
 */
void host_response_guard(const struct sip_msg *msg)
{
	(void)msg;
}

#endif
