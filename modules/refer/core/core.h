/**
 * @file core.h  Inside of the REFER protocol: what its files share
 *
 * Includes libre and the port to the softphone only.
 */
#ifndef REFER_CORE_H
#define REFER_CORE_H

#include "config/config.h"
#include "core/queue.h"

struct admission;
struct call;
struct call_watches;
struct consult;
struct intercept;
struct invites;
struct notifiers;
struct old_calls;
struct senders;
struct servers;

enum {
	HASH_SIZE   = 1024,
	ENDED_TIME  = 32000,   /**< A dialog that is over is remembered [ms] */
	TIMER_N     = 64 * SIP_T1, /**< RFC 6665 section 4.1.2.4 [ms]   */
};

/** The REFER protocol on one SIP stack; refer.c owns the only one */
struct refer {
	struct sip *sip;
	struct intercept *ic;
	struct config *config;
	const struct settings *set;  /**< Those of it, in force             */
	struct admission *admission;
	struct notifiers *notifiers;
	struct hash *ht_subscriber;  /**< struct subscriber, by Call-ID     */
	struct servers *servers;
	struct invites *invites;
	struct call_watches *watches;
	struct old_calls *old_calls;
	struct hash *ht_hold;        /**< struct hold, by Call-ID           */
	struct hash *ht_dialog;      /**< struct confirmed, by Call-ID      */
	struct hash *ht_early;       /**< struct early, by Call-ID          */
	struct list replacel;        /**< struct replacement                */
	struct consult *consult;     /**< Before an attended transfer       */
	struct call *resume;         /**< Call to resume in a moment        */
	char *resume_callid;         /**< Its Call-ID                       */
	struct tmr tmr_resume;       /**< That moment                       */
	struct senders *senders;
	struct list clientl;         /**< struct refer_client, under way    */
	struct list restl;           /**< Those that are not                */
	struct queue ended;          /**< Dialogs that are over             */
	struct queue grace;          /**< Clients whose call is over        */
	struct queue silence;        /**< Subscribers that hear nothing     */
	uint32_t id;                 /**< The last id given to a context    */
	bool closed;                 /**< Nothing new begins                */
};

int  refer_alloc(struct refer **rp, struct sip *sip,
		 struct sipsess_sock *sock, struct rules *rules);
void refer_shutdown(struct refer *refer, const char *reason);
void refer_call_established(struct refer *refer, struct call *call);

#endif
