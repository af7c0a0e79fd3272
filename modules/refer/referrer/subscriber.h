/**
 * @file subscriber.h  The subscription that a sent REFER makes
 */
#ifndef REFER_SUBSCRIBER_H
#define REFER_SUBSCRIBER_H

struct senders;
struct sipfrag;
struct subscriber;
struct subscribers;
struct ua;

enum {
	TIMER_N = 64 * SIP_T1, /**< RFC 6665 section 4.1.2.4 [ms] */
};

/**
 * Called for each status in a NOTIFY
 *
 * @param frag Status
 * @param msg  NOTIFY
 * @param arg  Handler argument
 */
typedef void (subscriber_status_h)(const struct sipfrag *frag,
				   const struct sip_msg *msg, void *arg);

/**
 * Called when the subscription ended
 *
 * @param err    0 if the notifier ended it, otherwise errorcode
 * @param reason Text, for people
 * @param arg    Handler argument
 */
typedef void (subscriber_close_h)(int err, const char *reason, void *arg);

int  subscribers_alloc(struct subscribers **allp, struct sip *sip,
		       struct senders *senders);
bool subscriber_notify(struct subscribers *all, const struct sip_msg *msg);
struct sip_dialog *subscribers_dialog(const struct subscribers *all,
				      const struct sip_msg *msg);

int  subscriber_alloc(struct subscriber **sp, struct subscribers *all,
		      const struct ua *ua, struct sip_dialog *dlg,
		      uint32_t expires, subscriber_status_h *statush,
		      subscriber_close_h *closeh, void *arg);
void subscriber_record(struct subscriber *s, uint32_t id);
void subscriber_set_id(struct subscriber *s, uint32_t id);
void subscriber_confirm(struct subscriber *s, uint32_t timeout);
bool subscriber_notified(const struct subscriber *s);
void subscriber_call_over(struct subscriber *s);
void subscriber_unsubscribe(struct subscriber *s);
void subscriber_hand_over(struct subscriber *s, subscriber_status_h *statush,
			  subscriber_close_h *closeh, void *arg);
void subscriber_release(struct subscriber *s);

#endif
