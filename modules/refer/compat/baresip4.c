/**
 * @file baresip4.c  What baresip 3.x and 4.x do in their own way
 */
#include <re.h>
#include "compat.h"
#include "../host.h"
#include "../host_baresip.h"

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
