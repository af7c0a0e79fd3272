/**
 * @file notifier.h  Inside of the subscription that an accepted REFER makes
 */
#ifndef REFER_NOTIFIER_H
#define REFER_NOTIFIER_H

#include "core/queue.h"
#include "referee/referee.h"

/** States of a subscription */
enum notifier_state {
	NEW,             /**< No status yet                     */
	PENDING,         /**< Nobody has decided yet            */
	ACTIVE,
	ENDING,          /**< The last NOTIFY is not out yet   */
	ENDED,           /**< The last NOTIFY waits for its answer */
	DEAD,            /**< Nothing more can be sent         */
};

/** The subscription that an accepted REFER makes */
struct notifier {
	struct le he;
	struct queue_entry expire_due;
	struct tmr tmr_expire;     /**< Instead, if it has another life */
	struct tmr tmr_pace;
	struct notifiers *all;
	struct transfers *transfers; /**< Held: it may outlive the module */
	struct sip *sip;           /**< Held by the request under way */
	struct sender *sender;
	uint32_t id;               /**< CSeq of the REFER              */
	uint32_t expires;          /**< Longest life [s]               */
	enum notifier_state state;
	enum sipevent_reason why;  /**< Why it ended                   */
	uint16_t scode;            /**< Status to report               */
	char *reason;              /**< and its reason phrase          */
	bool due;                  /**< A NOTIFY is to be sent         */
	bool sent;                 /**< The status is on the wire      */
	bool told;                 /**< The owner knows of the report  */
	bool orphan;               /**< The owner is gone              */
	uint64_t ts;               /**< When the last one was sent [ms] */
	notifier_sent_h *senth;
	void *arg;
};

void notifier_end(struct notifier *n, enum sipevent_reason why);
void notifier_flush(void *arg);
void notifier_live(struct notifier *n, uint32_t expires);

#endif
