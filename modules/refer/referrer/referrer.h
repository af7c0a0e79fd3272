/**
 * @file referrer.h  REFERs that are sent
 */
#ifndef REFER_REFERRER_H
#define REFER_REFERRER_H

struct call;
struct refer;
struct refer_client;
struct refer_row;
struct sipfrag;
struct ua;


/* Client */

tmr_h client_grace_handler;

int  client_alloc(struct refer_client **cp, struct refer *refer,
		  struct call *call, const char *target);
int  client_alloc_attended(struct refer_client **cp, struct refer *refer,
			   struct call *call, struct call *other);
int  client_alloc_outside(struct refer_client **cp, struct refer *refer,
			  struct ua *ua, const char *peer,
			  const char *target);
void client_close(struct refer_client *c, const char *reason);
void client_detach(struct refer_client *c);
void client_row(struct refer_row *row, const struct refer_client *c);
struct refer_client *client_find(const struct refer *refer, uint32_t id);


/* Attended transfer */

struct consult;

int  attended_refer_to(char **urip, const struct refer *refer,
		       const struct call *call);
int  consult_start(struct refer *refer, struct call *call,
		   const char *target);
int  consult_exec(struct refer *refer);
int  consult_abort(struct refer *refer, const char *reason);
bool consult_has(const struct refer *refer, const struct refer_client *c);
void consult_moved(struct refer *refer, const struct call *from,
		   struct call *to);
void consult_close(struct refer *refer);
void consult_row(struct refer_row *row, const struct consult *con);


/* Hold */

struct hold;

/**
 * Called when the re-INVITE was answered, and the answer acknowledged
 *
 * @param err 0 if success, ETIMEDOUT if nobody answered
 * @param arg Handler argument
 */
typedef void (hold_h)(int err, void *arg);

int  hold_alloc(struct hold **hp, struct refer *refer, struct call *call,
		struct sip_dialog *dlg, hold_h *h, void *arg);
bool hold_under_way(const struct refer *refer, const struct sip_dialog *dlg);
void hold_look(struct refer *refer, const struct sip_msg *msg);
void hold_response(struct refer *refer, const struct sip_msg *msg);


/* Subscriber */

struct subscriber;

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

tmr_h subscriber_silence_handler;

int  subscriber_alloc(struct subscriber **sp, struct refer *refer,
		      const struct ua *ua, struct sip_dialog *dlg,
		      subscriber_status_h *statush,
		      subscriber_close_h *closeh, void *arg);
void subscriber_set_id(struct subscriber *s, uint32_t id);
void subscriber_confirm(struct subscriber *s);
bool subscriber_notified(const struct subscriber *s);
void subscriber_call_over(struct subscriber *s);
void subscriber_unsubscribe(struct subscriber *s);
void subscriber_release(struct subscriber *s);
bool subscriber_notify(struct refer *refer, const struct sip_msg *msg);

#endif
