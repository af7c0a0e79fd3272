/**
 * @file event.h  The events of the module, and a transfer as it is shown
 */
#ifndef REFER_EVENT_H
#define REFER_EVENT_H

#include "refer.h"

struct call_watch;
struct carried_headers;

void event_emit(const struct refer_event *ev, struct ua *ua,
		const struct call_watch *call);
const char *refer_role_name(enum refer_role role);


/* A transfer under way, as it is shown */

/** What can be done with a transfer now */
enum row_can {
	CAN_DECIDE = 1 << 0,   /**< Accept, reject, redirect                 */
	CAN_REPORT = 1 << 1,   /**< Accepted without follow: notify          */
	CAN_CANCEL = 1 << 2,   /**< Stop it                                  */
};

/** A transfer, as /referlist and /referinfo show it */
struct refer_row {
	uint32_t id;
	unsigned can;              /**< Of enum row_can                      */
	enum refer_role role;
	const char *state;
	uint64_t ts;               /**< When it began [ms]                   */
	const char *account;       /**< Address-of-record, or NULL           */
	struct pl peer;            /**< Who refers, or is referred           */
	const char *target;
	uint16_t scode;            /**< Last status, 0 for none              */
	const char *reason;        /**< and its reason phrase, or NULL       */
	const char *callid;        /**< Call-ID of the old call, or NULL     */
	const char *new_callid;    /**< of the one that executes it, or NULL */
	const char *referred_by;   /**< Referred-By, or NULL                 */
	const char *replaces;      /**< Replaces, or NULL                    */
	const struct carried_headers *headers; /**< That came, or NULL       */
};

/** Handles a transfer; returns 0 if success, otherwise errorcode */
typedef int (row_h)(const struct refer_row *row, void *arg);

#endif
