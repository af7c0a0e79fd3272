/**
 * @file notifier.h  The subscription that an accepted REFER makes
 */
#ifndef REFER_NOTIFIER_H
#define REFER_NOTIFIER_H

#include "core/queue.h"

struct notifier;
struct refer;
struct sipfrag;
struct ua;

enum {
	NOTIFY_PACE = 1000,    /**< Least time between two NOTIFYs [ms] */
};

/** All subscriptions */
struct notifiers {
	const struct refer *refer;
	struct hash *ht;             /**< By Call-ID              */
	struct queue expire;         /**< Those of the usual life */
};

/**
 * Called when a status was reported to the subscriber, or could not be
 *
 * @param frag Status
 * @param arg  Handler argument
 */
typedef void (notifier_sent_h)(const struct sipfrag *frag, void *arg);

int  notifiers_alloc(struct notifiers **nsp, const struct refer *refer);
void notifiers_delay(struct notifiers *ns, uint64_t delay);
int  notifier_alloc(struct notifier **np, struct notifiers *ns,
		    const struct ua *ua, struct sip_dialog *dlg, uint32_t id,
		    uint32_t expires, notifier_sent_h *senth, void *arg);
void notifier_pending(struct notifier *n);
void notifier_status(struct notifier *n, const struct sipfrag *frag);
void notifier_reject(struct notifier *n, const struct sipfrag *frag);
uint64_t notifier_left(const struct notifier *n);
bool notifier_subscribe(struct notifiers *ns, const struct sip_msg *msg);

#endif
