/**
 * @file event.h  The events of the module, and a transfer as it is shown
 */
#ifndef REFER_EVENT_H
#define REFER_EVENT_H

#include "refer.h"

struct call_watch;
struct refer;

void event_emit(const struct refer *refer, const struct refer_event *ev,
		const struct refer_transfer *row, struct ua *ua,
		const struct call_watch *call);
const char *refer_role_name(enum refer_role role);

#endif
