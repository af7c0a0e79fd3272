/**
 * @file server.h  Inside of an incoming REFER
 */
#ifndef REFER_SERVER_H
#define REFER_SERVER_H

#include "admission/request.h"
#include "core/call_watch.h"
#include "core/queue.h"
#include "refer.h"

struct notifier;
struct party;
struct refer;
struct sipfrag;

struct refer_server {
	struct le le;
	struct le he_id;               /**< Place in the table by number  */
	struct le he_callid;           /**< and in the one by Call-ID     */
	struct queue_entry trying_due;
	struct queue_entry decide_due;
	struct tmr tmr_report;         /**< While the application reports */
	struct refer *refer;
	uint32_t id;
	uint64_t ts;                   /**< When it came [ms]       */
	enum refer_server_state state;
	const struct sip_msg *msg;
	struct sip_strans *st;         /**< While it is not answered */
	struct ua *ua;
	struct call_watch watch;       /**< The referred call        */
	struct sip_dialog *dlg;
	struct notifier *notifier;     /**< None if not wanted       */
	struct referral *referral;
	struct party *party;           /**< Who refers              */
	uint32_t expires;              /**< Life of the subscription [s] */
	uint32_t depth;                /**< Referrals before this one */
	bool nosub;
	bool nofollow;
	bool trying;                   /**< 100 was asked for        */
	bool final;                    /**< The last status was given */
	bool ended;                    /**< referEnded was fired     */
	bool closing;                  /**< Being given up           */
	uint16_t scode;                /**< Last response that was sent */
	char *reason;
	const struct refer_delegate *delegate;
	void *arg;
	void *data;
};

int  server_alloc(struct refer_server **srvp, struct refer *refer,
		  const struct request *req);
void server_wait(struct refer_server *srv);
void server_invite_sent(struct refer_server *srv);
void server_redirected(struct refer_server *srv, const struct sipfrag *frag);
void server_status(struct refer_server *srv, const struct sipfrag *frag);


/* For server_calls.c */

struct answer;

bool server_is_open(enum refer_server_state state);
void server_set_state(struct refer_server *srv,
		      enum refer_server_state state, uint16_t scode);
void server_await_reports(struct refer_server *srv);
void server_event(struct refer_server *srv, enum refer_event_type type,
		  uint16_t scode, const char *reason);
void server_rejected(struct refer_server *srv, uint16_t scode,
		     const char *reason);
void server_report(struct refer_server *srv, uint16_t scode,
		   const char *reason);
void server_late_no(struct refer_server *srv, const struct sipfrag *frag);
int  server_respond(struct refer_server *srv, const struct answer *ans,
		    const char *contacts);
void server_send_trying(struct refer_server *srv);
int  server_subscribe(struct refer_server *srv);

#endif
