/**
 * @file baresip4.h  baresip 3.x and 4.x: their own header, and what it lacks
 */
#ifndef REFER_COMPAT_BARESIP4_H
#define REFER_COMPAT_BARESIP4_H

#include <baresip.h>

/* There they are macros; ours are functions, see baresip4.c */
#undef debug
#undef info
#undef warning

#if HOST_MAJOR < 4
#define bevent_ev ua_event
#define BEVENT_SHUTDOWN UA_EVENT_SHUTDOWN
#define BEVENT_CALL_INCOMING UA_EVENT_CALL_INCOMING
#define BEVENT_CALL_OUTGOING UA_EVENT_CALL_OUTGOING
#define BEVENT_CALL_RINGING UA_EVENT_CALL_RINGING
#define BEVENT_CALL_PROGRESS UA_EVENT_CALL_PROGRESS
#define BEVENT_CALL_ANSWERED UA_EVENT_CALL_ANSWERED
#define BEVENT_CALL_ESTABLISHED UA_EVENT_CALL_ESTABLISHED
#define BEVENT_CALL_CLOSED UA_EVENT_CALL_CLOSED
#define BEVENT_CALL_TRANSFER UA_EVENT_CALL_TRANSFER
#define BEVENT_CALL_TRANSFER_FAILED UA_EVENT_CALL_TRANSFER_FAILED
#define BEVENT_CALL_LOCAL_SDP UA_EVENT_CALL_LOCAL_SDP
#define BEVENT_CALL_REMOTE_SDP UA_EVENT_CALL_REMOTE_SDP
#endif

/* Exported, declared in the core's private header only */
void call_set_custom_hdrs(struct call *call, const struct list *hdrs);
int  ua_print_allowed(struct re_printf *pf, const struct ua *ua);

#endif
