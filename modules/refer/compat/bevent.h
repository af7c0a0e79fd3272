/**
 * @file bevent.h  The events of 1.x and 3.x under the names of 4.x
 */
#ifndef REFER_COMPAT_BEVENT_H
#define REFER_COMPAT_BEVENT_H

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

#if HOST_MAJOR < 3
struct bevent;

typedef void (bevent_h)(enum bevent_ev ev, struct bevent *event, void *arg);

int  bevent_register(bevent_h *h, void *arg);
void bevent_unregister(bevent_h *h);
struct call *bevent_get_call(const struct bevent *event);
const char *bevent_get_text(const struct bevent *event);
#endif

#endif
