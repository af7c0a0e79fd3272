/**
 * @file bevent1.c  The events of baresip 1.x, in the way of 4.x
 */
#include <re.h>
#include "compat.h"

#if HOST_MAJOR < 3


struct bevent {
	struct call *call;
	const char *text;
};

/* One for each module that this file is linked into */
static struct {
	bevent_h *h;
	void *arg;
} listener;


static void event_handler(struct ua *ua, enum ua_event ev, struct call *call,
			  const char *prm, void *arg)
{
	struct bevent event = {call, prm};
	(void)ua;
	(void)arg;

	listener.h(ev, &event, listener.arg);
}


/**
 * Register the event handler of this module
 *
 * @param h   Event handler, the only one
 * @param arg Handler argument
 *
 * @return 0 if success, otherwise errorcode
 */
int bevent_register(bevent_h *h, void *arg)
{
	listener.h   = h;
	listener.arg = arg;

	return uag_event_register(event_handler, NULL);
}


/**
 * Unregister the event handler of this module
 *
 * @param h Event handler
 */
void bevent_unregister(bevent_h *h)
{
	(void)h;

	uag_event_unregister(event_handler);
}


/**
 * Get the call that an event is about
 *
 * @param event Event
 *
 * @return Call, or NULL
 */
struct call *bevent_get_call(const struct bevent *event)
{
	return event->call;
}


/**
 * Get the text of an event
 *
 * @param event Event
 *
 * @return Text
 */
const char *bevent_get_text(const struct bevent *event)
{
	return event->text;
}

#endif
