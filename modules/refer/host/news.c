/**
 * @file news.c  What of baresip's events matters here
 */
#include <re.h>
#include "host/compat.h"
#include "host/host_baresip.h"


static news_h *newsh;


static enum news news_of(enum bevent_ev ev)
{
	switch (ev) {

#if HOST_MAJOR >= 3
	case BEVENT_CALL_OUTGOING:
#endif
	case BEVENT_CALL_INCOMING:
	case BEVENT_CALL_RINGING:
	case BEVENT_CALL_PROGRESS:        return NEWS_CALL_NEW;
	case BEVENT_CALL_ESTABLISHED:     return NEWS_CALL_ESTABLISHED;
	case BEVENT_CALL_TRANSFER_FAILED: return NEWS_CALL_TRANSFER_FAILED;
	case BEVENT_CALL_CLOSED:          return NEWS_CALL_CLOSED;
	case BEVENT_SHUTDOWN:             return NEWS_SHUTDOWN;
	default:                          return NEWS_OTHER;
	}
}


/* Of the rest, the menu's commands come and go with these only */
static bool is_news(enum bevent_ev ev, const struct call *call)
{
	if (ev == BEVENT_CALL_LOCAL_SDP)
		return HOST_MAJOR >= 3 || call_is_outgoing(call);

	return ev <= BEVENT_CALL_TRANSFER_FAILED ||
		(ev == BEVENT_CALL_REMOTE_SDP && HOST_MAJOR >= 3);
}


static void event_handler(enum bevent_ev ev, struct bevent *event, void *arg)
{
	struct call *call = bevent_get_call(event);
	(void)arg;

	if (is_news(ev, call))
		newsh(news_of(ev), call, bevent_get_text(event));
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
