/**
 * @file event.h  The events of the module
 */
#ifndef REFER_EVENT_H
#define REFER_EVENT_H

#include "refer.h"

struct call_watch;

void event_emit(const struct refer_event *ev, struct ua *ua,
		const struct call_watch *call);
const char *refer_role_name(enum refer_role role);

#endif
