/**
 * @file core.h  Inside of the REFER protocol: what its files share
 *
 * Includes libre and the port to the softphone only.
 */
#ifndef REFER_CORE_H
#define REFER_CORE_H

#include "compat/libre.h"
#include "auth.h"
#include "call_watch.h"
#include "config.h"
#include "guard.h"
#include "handlers.h"
#include "host.h"
#include "intercept.h"
#include "refer.h"
#include "refer_to.h"
#include "limits.h"
#include "party.h"
#include "patterns.h"
#include "queue.h"
#include "settings.h"
#include "rules.h"
#include "sipfrag.h"

enum {
	HASH_SIZE   = 1024,
	TRYING_DELAY = 3500,   /**< 100 over UDP, RFC 4320 section 4.1 [ms] */
	LEG_TIME    = 5000,    /**< For a target to end a replaced call [ms] */
	ENDED_TIME  = 32000,   /**< A dialog that is over is remembered [ms] */
	NOTIFY_PACE = 1000,    /**< Least time between two NOTIFYs [ms] */
	TIMER_N     = 64 * SIP_T1, /**< RFC 6665 section 4.1.2.4 [ms]   */
};

/** The REFER protocol on one SIP stack; refer.c owns the only one */
struct refer {
	struct sip *sip;
	struct intercept *ic;
	struct settings set;         /**< Of the rules, and /referpolicy    */
	struct rules *rules;         /**< What the configuration says       */
	struct guard *failed;        /**< Why it was not reloaded, or NULL  */
	struct conf *conf;           /**< The softphone's, at the last look */
	struct auth *auth;
	struct hash *ht_notifier;    /**< struct notifier, by Call-ID       */
	struct hash *ht_subscriber;  /**< struct subscriber, by Call-ID     */
	struct hash *ht_invite;      /**< struct invite, by Call-ID         */
	struct list invitel;         /**< All of these                      */
	struct list idlel;           /**< struct invite, without a Call-ID  */
	struct response *response;   /**< What the softphone is looking at  */
	struct call_watches *watches;
	struct hash *ht_hold;        /**< struct hold, by Call-ID           */
	struct hash *ht_dialog;      /**< struct confirmed, by Call-ID      */
	struct hash *ht_early;       /**< struct early, by Call-ID          */
	struct list replacel;        /**< struct replacement                */
	struct hash *ht_chain;       /**< struct link, by Call-ID           */
	struct consult *consult;     /**< Before an attended transfer       */
	struct call *resume;         /**< Call to resume in a moment        */
	char *resume_callid;         /**< Its Call-ID                       */
	struct tmr tmr_resume;       /**< That moment                       */
	struct list policyl;         /**< struct account_policy             */
	struct limits *limits;
	struct senders *senders;
	struct patterns *patterns;   /**< Those of the rules                */
	struct hash *ht_party;       /**< struct party, by identity         */
	uint32_t waiting;            /**< REFERs that nobody decided on     */
	uint32_t waiting_outside;    /**< Those of them out of a dialog     */
	struct list serverl;         /**< struct refer_server               */
	struct hash *ht_server;      /**< The same, by number               */
	struct hash *ht_request;     /**< The same, by Call-ID              */
	struct list clientl;         /**< struct refer_client, under way    */
	struct list restl;           /**< Those that are not                */
	struct queue trying;         /**< Servers without a response        */
	struct queue decide;         /**< Servers that wait                 */
	struct queue ask;            /**< Servers that are pending          */
	struct queue ring;           /**< Inviters                          */
	struct queue expire;         /**< Notifiers                         */
	struct queue old;            /**< Calls that were referred          */
	struct queue leg;            /**< Calls with a target, replaced     */
	struct queue ended;          /**< Dialogs that are over             */
	struct queue grace;          /**< Clients whose call is over        */
	struct queue silence;        /**< Subscribers that hear nothing     */
	uint64_t log_time;           /**< Refusals are logged since [ms]    */
	uint32_t log_count;          /**< How many                          */
	uint32_t id;                 /**< The last id given to a context    */
	bool closed;                 /**< Nothing new begins                */
};

int  refer_alloc(struct refer **rp, struct sip *sip,
		 struct sipsess_sock *sock, struct rules *rules);
int  refer_reload(struct refer *refer);
void refer_refresh(struct refer *refer);
void refer_shutdown(struct refer *refer, const char *reason);
void refer_call_established(struct refer *refer, struct call *call);


/* Chains of referrals */

int  chain_add(struct refer *refer, struct call *call, uint32_t depth,
	       struct party_call *pc);
uint32_t chain_depth(const struct refer *refer, const char *callid);
uint64_t chain_party(const struct refer *refer, const char *callid);


/* Policy */

enum policy policy_get(const struct refer *refer, const struct ua *ua,
		       bool inside);
enum policy policy_decide(const struct refer *refer, const struct ua *ua,
			  bool inside);
bool policy_follow_redirect(const struct refer *refer);
bool policy_faulty(const struct ua *ua);
int  policy_print_faults(struct re_printf *pf, const struct ua *ua);
enum policy policy_replaces(const struct refer *refer, const struct ua *ua);
int  policy_set(struct refer *refer, const struct ua *ua, enum policy policy);
int  policy_print(struct re_printf *pf, const struct refer *refer);
int  policy_print_ua(struct re_printf *pf, const struct refer *refer,
		     const struct ua *ua);


/* Dialogs that can be replaced */

/** What a Replaces header can mean */
enum dialog_kind {
	DIALOG_NONE,
	DIALOG_CONFIRMED,
	DIALOG_EARLY_OURS,     /**< Of an INVITE that we have sent */
	DIALOG_EARLY_THEIRS,
	DIALOG_ENDED,          /**< Not long ago                   */
};

tmr_h dialogs_ended_handler;

void dialog_key(struct sip_msg *key, const struct pl *callid,
		const struct pl *ltag, const struct pl *rtag);
struct sip_dialog *dialogs_of(const struct refer *refer,
			      const struct call *call);
void dialogs_established(struct refer *refer, struct call *call);
struct early;

struct early *dialogs_response(struct refer *refer,
			       const struct sip_msg *msg);
void dialogs_flush(struct refer *refer);
enum dialog_kind dialogs_match(struct call **callp, const struct refer *refer,
			       const struct refer_replaces *rep);


/* Attended transfer */

struct refer_row;
struct refer_client;
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


/* Being the target */

struct refer_row;
struct replacement;

bool replace_handle(struct refer *refer, const struct sip_msg *msg);
void replace_rings(const struct refer *refer, struct call *call);
void replace_ack(const struct refer *refer, const struct sip_msg *msg);
void replace_row(struct refer_row *row, const struct replacement *r);
void replace_close(struct refer *refer, const char *reason);


/* Events */

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


/* What is shown of a transfer */

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
};

/**
 * Handles a transfer
 *
 * @param row Transfer
 * @param arg Handler argument
 *
 * @return 0 if success, otherwise errorcode
 */
typedef int (row_h)(const struct refer_row *row, void *arg);

/** How wide the columns of the table are */
struct row_width {
	size_t peer;
	size_t target;
};

int  rows_apply(const struct refer *refer, row_h *h, void *arg);
bool rows_find(struct refer_row *row, const struct refer *refer, uint32_t id);
int  row_measure(const struct refer_row *row, void *arg);
int  row_print_head(struct re_printf *pf, const struct row_width *width);
int  row_print(struct re_printf *pf, const struct refer_row *row,
	       const struct row_width *width);
int  row_print_info(struct re_printf *pf, const struct refer_row *row);
int  row_odict(struct odict **op, const struct refer_row *row);


/* Notifier */

struct notifier;

tmr_h notifier_expire_handler;

/**
 * Called when a status was reported to the subscriber, or could not be
 *
 * @param frag Status
 * @param arg  Handler argument
 */
typedef void (notifier_sent_h)(const struct sipfrag *frag, void *arg);

int  notifier_alloc(struct notifier **np, struct refer *refer,
		    const struct ua *ua, struct sip_dialog *dlg, uint32_t id,
		    uint32_t expires, notifier_sent_h *senth, void *arg);
void notifier_pending(struct notifier *n);
void notifier_status(struct notifier *n, const struct sipfrag *frag);
void notifier_reject(struct notifier *n, const struct sipfrag *frag);
uint64_t notifier_left(const struct notifier *n);
bool notifier_subscribe(struct refer *refer, const struct sip_msg *msg);


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


/* Inviter */

struct refer_inviter;
struct refer_server;

tmr_h inviter_ring_handler;

int  inviter_alloc(struct refer_inviter **invp, struct refer_server *srv,
		   const struct refer_invite_opts *opts);
const char *inviter_callid(const struct refer_inviter *inv);
const char *inviter_uri(const struct refer_inviter *inv);
void inviter_release(struct refer_inviter *inv);


/* Server */

struct refer_server;

tmr_h server_trying_handler, server_decide_handler;

void request_handle(struct refer *refer, const struct sip_msg *msg);
void request_same_tag(const struct refer *refer, const struct sip_msg *msg);
void request_refuse(struct refer *refer, const struct sip_msg *msg,
		    const struct refusal *ref);
struct refer_server *server_find(const struct refer *refer, uint32_t id);
const struct sip_msg *server_request(const struct refer *refer,
				     const struct sip_msg *msg);
void server_close(struct refer_server *srv, const char *reason);
void server_row(struct refer_row *row, const struct refer_server *srv);


/* Client */

struct refer_client;

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

#endif
