/**
 * @file referee.h  REFERs that have come
 */
#ifndef REFER_REFEREE_H
#define REFER_REFEREE_H

#include "core/queue.h"
#include "core/event.h"

struct call_watch;
struct notifier;
struct old_calls;
struct refer;
struct refer_server;
struct request;
struct servers;
struct sipfrag;
struct ua;


/* Servers: REFERs with a context */

int  servers_alloc(struct servers **ssp);
void servers_close(struct servers *ss, const char *reason);
int  servers_apply(const struct servers *ss, refer_transfer_h *h, void *arg);

int  server_alloc(struct refer_server **srvp, struct refer *refer,
		  const struct request *req);
void server_wait(struct refer_server *srv);
void server_close(struct refer_server *srv, const char *reason);
int  server_cancel(struct refer_server *srv);
void server_ask(const struct refer_server *srv);
bool server_told(const struct refer_server *srv);
bool server_unheard(const struct refer_server *srv);
struct refer_server *server_find(const struct refer *refer, uint32_t id);
const struct sip_msg *server_request(const struct refer *refer,
				     const struct sip_msg *msg);


/* Calls that the other side is to end */

int  old_calls_alloc(struct old_calls **ocp, const struct refer *refer);
void old_calls_flush(struct old_calls *oc);
void old_call_watch(struct old_calls *oc, const struct call_watch *w);
void old_call_watch_leg(struct old_calls *oc, const struct call_watch *w);


/* Notifiers (notifier.c) */

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
 * Called when a status was reported to the subscriber, or could not be; with
 * the 100 of notifier_pending() only if the subscription ends then
 *
 * @param frag Status
 * @param arg  Handler argument
 */
typedef void (notifier_sent_h)(const struct sipfrag *frag, void *arg);

int  notifiers_alloc(struct notifiers **nsp, const struct refer *refer);
int  notifier_alloc(struct notifier **np, struct notifiers *ns,
		    const struct ua *ua, struct sip_dialog *dlg, uint32_t id,
		    uint32_t expires, notifier_sent_h *senth, void *arg);
void notifier_extend(struct notifier *n, uint32_t expires);
void notifier_record(struct notifier *n, uint32_t id);
void notifier_pending(struct notifier *n);
void notifier_status(struct notifier *n, const struct sipfrag *frag);
void notifier_reject(struct notifier *n, const struct sipfrag *frag,
		     bool undecided);
void notifier_abandon(struct notifier *n, const struct sipfrag *frag);
bool notifier_sent(const struct notifier *n);
bool notifier_over(const struct notifier *n);
uint64_t notifier_left(const struct notifier *n);
bool notifier_subscribe(struct notifiers *ns, const struct sip_msg *msg);
struct sip_dialog *notifiers_dialog(const struct notifiers *ns,
				    const struct sip_msg *msg);

#endif
