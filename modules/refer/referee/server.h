/**
 * @file server.h  Inside of an incoming REFER
 */
#ifndef REFER_SERVER_H
#define REFER_SERVER_H

#include "core/call_watch.h"
#include "core/queue.h"
#include "refer.h"
#include "referee/inviter.h"
#include "syntax/carried.h"

struct answer;
struct notifier;
struct party;
struct refer;
struct refer_transfer;
struct refer_to;
struct request;
struct person;
struct sipfrag;
struct ua;

/** All REFERs that are not over */
struct servers {
	struct list l;
	struct hash *ht_id;            /**< By number               */
	struct hash *ht_callid;        /**< By Call-ID of the REFER */
	struct queue trying;           /**< Without a response      */
	struct queue decide;           /**< Without a decision      */
	struct queue ask;              /**< The same, pending       */
};

/** What a REFER asks for */
struct referral {
	struct refer_server *srv;
	struct refer_to *rt;
	char *referrer;                /**< URI of who refers, or NULL */
	char *referrer_name;           /**< In a call, or NULL         */
	char *referred_by;
	struct carried_headers headers;
};

struct refer_server {
	struct le le;
	struct le he_id;
	struct le he_callid;
	struct queue_entry trying_due;
	struct queue_entry decide_due;
	struct tmr tmr_report;         /**< While the application reports */
	struct tmr tmr_lost;           /**< Its connection is closed    */
	struct sip_keepalive *keepalive; /**< Of that, while it waits   */
	struct refer *refer;
	uint32_t id;
	uint64_t ts;                   /**< When it came [ms]       */
	enum refer_server_state state;
	const struct sip_msg *msg;
	struct sip_strans *st;         /**< While it is not answered */
	struct ua *ua;
	struct call_watch watch;       /**< The referred call        */
	struct sip_dialog *dlg;
	char *remote;                  /**< Its remote target, at first */
	struct notifier *notifier;     /**< None if not wanted       */
	struct referral referral;
	struct refer_inviter inviter;
	struct party *party;           /**< Who refers              */
	uint32_t expires;              /**< Life of the subscription [s] */
	uint32_t depth;                /**< Referrals before this one */
	bool nosub;
	bool nofollow;
	bool trying;                   /**< 100 was asked for        */
	bool undecided;                /**< Time has decided         */
	bool final;                    /**< The last status was given */
	bool ended;                    /**< referEnded was fired     */
	bool closing;                  /**< Being given up           */
	uint16_t scode;                /**< Last response that was sent */
	char *reason;
	const struct refer_delegate *delegate;
	void *arg;
	void *data;
};


/* What it asks for, its states, events and responses (server.c) */

void referral_referrer(struct person *who, const struct referral *rf);
int  referral_init(struct referral *rf, const struct request *req);
void referral_reset(struct referral *rf);
void server_set_state(struct refer_server *srv,
		      enum refer_server_state state, uint16_t scode);
void server_event(struct refer_server *srv, enum refer_event_type type,
		  uint16_t scode, const char *reason);
int  server_respond(struct refer_server *srv, const struct answer *ans,
		    const char *contacts);
void server_end(struct refer_server *srv, uint16_t scode, const char *reason);


/* What can be asked of it (attributes.c) */

bool server_is_open(const struct refer_server *srv);
const char *server_target(const struct refer_server *srv);
void server_row(struct refer_transfer *row, const struct refer_server *srv);


/* What its Referred-By names (referred_by.c) */

int  referred_by_token(struct mbuf **mbp, const struct refer_server *srv);


/* The connection that it came over (connection.c) */

void server_watch_connection(struct refer_server *srv);
void server_unwatch_connection(struct refer_server *srv);


/* How it is executed, and reported on (execution.c) */

int  server_subscribe(struct refer_server *srv);
void server_outlive(struct refer_server *srv, const struct ua *ua);
void server_execute(struct refer_server *srv, struct call_plan *plan);
void server_report(struct refer_server *srv, const struct sipfrag *frag);
void server_refused(struct refer_server *srv, uint16_t scode,
		    const char *reason);

#endif
