/**
 * @file core.h  Inside of the REFER protocol: what its files share
 *
 * Includes libre and the port to the softphone only.
 */
#ifndef REFER_CORE_H
#define REFER_CORE_H

#include "config/settings.h"
#include "core/queue.h"

struct auth;
struct call;
struct call_watches;
struct conf;
struct clients;
struct consults;
struct dialogs;
struct guard;
struct holds;
struct intercept;
struct limits;
struct patterns;
struct response;
struct rules;
struct senders;
struct subscribers;
struct targets;

enum {
	HASH_SIZE   = 1024,
	TRYING_DELAY = 3500,   /**< 100 over UDP, RFC 4320 section 4.1 [ms] */
	LEG_TIME    = 5000,    /**< For a target to end a replaced call [ms] */
	NOTIFY_PACE = 1000,    /**< Least time between two NOTIFYs [ms] */
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
	struct subscribers *subscribers;
	struct hash *ht_invite;      /**< struct invite, by Call-ID         */
	struct list invitel;         /**< All of these                      */
	struct list idlel;           /**< struct invite, without a Call-ID  */
	struct response *response;   /**< What the softphone is looking at  */
	struct call_watches *watches;
	struct holds *holds;
	struct dialogs *dialogs;
	struct targets *targets;
	struct hash *ht_chain;       /**< struct link, by Call-ID           */
	struct consults *consults;
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
	struct clients *clients;
	struct queue trying;         /**< Servers without a response        */
	struct queue decide;         /**< Servers that wait                 */
	struct queue ask;            /**< Servers that are pending          */
	struct queue ring;           /**< Inviters                          */
	struct queue expire;         /**< Notifiers                         */
	struct queue old;            /**< Calls that were referred          */
	struct queue leg;            /**< Calls with a target, replaced     */
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

#endif
