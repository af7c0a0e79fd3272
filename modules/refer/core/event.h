/**
 * @file event.h  The events of the module
 */
#ifndef REFER_EVENT_H
#define REFER_EVENT_H

#include "core/call_watch.h"

struct call_watch;
struct ua;

enum refer_role {
	ROLE_SERVER,
	ROLE_CLIENT,
	ROLE_TARGET,
};

/** What an event tells */
struct refer_event {
	const char *name;          /**< As in the seeds: "referAccepted"  */
	uint32_t id;               /**< Number of the context             */
	enum refer_role role;
	uint16_t scode;            /**< Status code, or 0                 */
	const char *outcome;       /**< How it ended, or NULL             */
	const char *reason;        /**< Reason phrase, or NULL            */
	const char *target;        /**< Target URI                        */
	struct ua *ua;
	const struct call_watch *call; /**< Call it happens on            */
};

void refer_event(const struct refer_event *ev);

const char *refer_role_name(enum refer_role role);

#endif
