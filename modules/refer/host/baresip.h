/**
 * @file baresip.h  The baresip that a module is built for
 *
 * Installed for modules that use refer.h. baresip 1.x has no header, so ours
 * is used; 3.x and 4.x bring theirs. Events have the names of 4.x, and are
 * heard by its functions, which the core has from 3.15 on.
 */
#ifndef REFER_BARESIP_H
#define REFER_BARESIP_H

#ifndef HOST_MAJOR
#error "compile with the options of pkg-config --cflags refer"
#endif

#if HOST_MAJOR >= 3
#include <baresip.h>
#else
#include "baresip1.h"
#endif

#if HOST_MAJOR < 4
#define bevent_ev ua_event
#define BEVENT_SHUTDOWN UA_EVENT_SHUTDOWN
#define BEVENT_CALL_INCOMING UA_EVENT_CALL_INCOMING
#define BEVENT_CALL_RINGING UA_EVENT_CALL_RINGING
#define BEVENT_CALL_PROGRESS UA_EVENT_CALL_PROGRESS
#define BEVENT_CALL_ESTABLISHED UA_EVENT_CALL_ESTABLISHED
#define BEVENT_CALL_CLOSED UA_EVENT_CALL_CLOSED
#define BEVENT_CALL_TRANSFER_FAILED UA_EVENT_CALL_TRANSFER_FAILED
#define BEVENT_CALL_LOCAL_SDP UA_EVENT_CALL_LOCAL_SDP
#define BEVENT_CALL_REMOTE_SDP UA_EVENT_CALL_REMOTE_SDP
#if HOST_MAJOR == 3
#define BEVENT_CALL_OUTGOING UA_EVENT_CALL_OUTGOING
#endif
#endif

#if HOST_MAJOR * 100 + HOST_MINOR < 315
struct bevent {
	struct call *call;
	const char *text;
};

typedef void (bevent_h)(enum bevent_ev ev, struct bevent *event, void *arg);

/* One in each file that includes this and registers */
static struct {
	bevent_h *h;
	void *arg;
} bevent_listener;


static inline void bevent_forward(struct ua *ua, enum ua_event ev,
				  struct call *call, const char *prm,
				  void *arg)
{
	struct bevent event = {call, prm};
	(void)ua;
	(void)arg;

	bevent_listener.h(ev, &event, bevent_listener.arg);
}


static inline int bevent_register(bevent_h *h, void *arg)
{
	bevent_listener.h   = h;
	bevent_listener.arg = arg;

	return uag_event_register(bevent_forward, NULL);
}


static inline void bevent_unregister(bevent_h *h)
{
	(void)h;

	uag_event_unregister(bevent_forward);
}


static inline struct call *bevent_get_call(const struct bevent *event)
{
	return event->call;
}


static inline const char *bevent_get_text(const struct bevent *event)
{
	return event->text;
}
#endif

#endif
