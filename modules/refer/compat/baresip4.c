/**
 * @file baresip4.c  What baresip 3.x and 4.x do in their own way
 */
#include <re.h>
#include "compat.h"
#include "../host.h"
#include "../host_baresip.h"

#if HOST_MAJOR >= 3


static news_h *newsh;


/* The core's own are macros around functions of other names */
#define LOG(name)							\
	void name(const char *fmt, ...)					\
	{								\
		va_list ap;						\
									\
		va_start(ap, fmt);					\
		_##name(false, "%v", fmt, &ap);				\
		va_end(ap);						\
	}

LOG(debug)
LOG(info)
LOG(warning)


static enum news news_of(enum bevent_ev ev)
{
	switch (ev) {

	case BEVENT_CALL_INCOMING:
	case BEVENT_CALL_OUTGOING:
	case BEVENT_CALL_RINGING:
	case BEVENT_CALL_PROGRESS:        return NEWS_CALL_NEW;
	case BEVENT_CALL_ESTABLISHED:     return NEWS_CALL_ESTABLISHED;
	case BEVENT_CALL_TRANSFER_FAILED: return NEWS_CALL_TRANSFER_FAILED;
	case BEVENT_CALL_CLOSED:          return NEWS_CALL_CLOSED;
	case BEVENT_SHUTDOWN:             return NEWS_SHUTDOWN;
	default:                          return NEWS_OTHER;
	}
}


/* Of the rest, the menu's commands come and go with these */
static bool is_news(enum bevent_ev ev)
{
	return ev <= BEVENT_CALL_TRANSFER_FAILED ||
		ev == BEVENT_CALL_LOCAL_SDP || ev == BEVENT_CALL_REMOTE_SDP;
}


static void event_handler(enum bevent_ev ev, struct bevent *event, void *arg)
{
	(void)arg;

	if (is_news(ev))
		newsh(news_of(ev), bevent_get_call(event),
		      bevent_get_text(event));
}


/**
 * Register the handler of what baresip tells
 *
 * @param h Handler
 *
 * @return 0 if success, otherwise errorcode
 */
int host_news_register(news_h *h)
{
	newsh = h;

	return bevent_register(event_handler, NULL);
}


/**
 * Unregister it
 */
void host_news_unregister(void)
{
	bevent_unregister(event_handler);
}


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
