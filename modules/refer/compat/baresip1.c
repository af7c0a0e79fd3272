/**
 * @file baresip1.c  What baresip 1.x does in its own way
 */
#include <string.h>
#include <re.h>
#include "compat.h"
#include "../host.h"
#include "../host_baresip.h"

#if HOST_MAJOR < 3


static news_h *newsh;


static enum news news_of(enum ua_event ev)
{
	switch (ev) {

	case UA_EVENT_CALL_INCOMING:
	case UA_EVENT_CALL_RINGING:
	case UA_EVENT_CALL_PROGRESS:        return NEWS_CALL_NEW;
	case UA_EVENT_CALL_ESTABLISHED:     return NEWS_CALL_ESTABLISHED;
	case UA_EVENT_CALL_TRANSFER_FAILED: return NEWS_CALL_TRANSFER_FAILED;
	case UA_EVENT_CALL_CLOSED:          return NEWS_CALL_CLOSED;
	case UA_EVENT_SHUTDOWN:             return NEWS_SHUTDOWN;
	default:                            return NEWS_OTHER;
	}
}


/* Of the rest, the menu's commands come and go with these only */
static bool is_news(enum ua_event ev, const struct call *call)
{
	return ev <= UA_EVENT_CALL_TRANSFER_FAILED ||
		(ev == UA_EVENT_CALL_LOCAL_SDP && call_is_outgoing(call));
}


static void event_handler(struct ua *ua, enum ua_event ev, struct call *call,
			  const char *prm, void *arg)
{
	(void)ua;
	(void)arg;

	if (is_news(ev, call))
		newsh(news_of(ev), call, prm);
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

	return uag_event_register(event_handler, NULL);
}


/**
 * Unregister it
 */
void host_news_unregister(void)
{
	uag_event_unregister(event_handler);
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
