/**
 * @file subscription.h  Inside of the subscription that a sent REFER makes
 */
#ifndef REFER_SUBSCRIPTION_H
#define REFER_SUBSCRIPTION_H

#include "core/queue.h"
#include "referrer/subscriber.h"

/** All subscriptions that our REFERs have made */
struct subscribers {
	struct hash *ht;            /**< struct subscriber, by Call-ID   */
	struct queue silence;       /**< Those without an owner          */
	struct sip *sip;
	struct senders *senders;
};

/** One of them */
struct subscriber {
	struct le he;
	struct queue_entry silence_due; /**< Without an owner            */
	struct tmr tmr_expire;      /**< Timer N first                   */
	struct tmr tmr_refresh;
	struct subscribers *all;
	struct sender *sender;      /**< Of SUBSCRIBE                    */
	char *said;                 /**< Id of the last NOTIFY, or NULL  */
	uint32_t first;             /**< CSeq of the REFER, first sent   */
	uint32_t id;                /**< and as it was sent last         */
	uint32_t rseq;              /**< CSeq of the last NOTIFY         */
	uint32_t expires;           /**< To ask for [s]                  */
	bool longer;                /**< As a 423 has asked for          */
	uint32_t asked;             /**< As in the last SUBSCRIBE [s]    */
	bool sent;                  /**< The REFER is out                */
	bool confirmed;             /**< and was accepted                */
	bool call_over;             /**< The dialog has lost its call    */
	bool notified;              /**< A NOTIFY has come               */
	bool heard;                 /**< and one since our SUBSCRIBE     */
	bool ended;                 /**< By the notifier                 */
	bool over;                  /**< The REFER has ended             */
	subscriber_status_h *statush;  /**< NULL: the owner is gone      */
	subscriber_close_h *closeh;
	void *arg;
};

void subscription_live(struct subscriber *s, uint32_t expires, bool refresh);
void subscription_end(struct subscriber *s, int err, const char *reason);

#endif
