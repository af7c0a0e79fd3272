/**
 * @file referee.h  REFERs that have come
 */
#ifndef REFER_REFEREE_H
#define REFER_REFEREE_H

#include "refer.h"
#include "syntax/sipfrag.h"

struct refer;
struct refer_row;
struct ua;


/* Server */

tmr_h server_trying_handler, server_decide_handler;

struct refer_server *server_find(const struct refer *refer, uint32_t id);
const struct sip_msg *server_request(const struct refer *refer,
				     const struct sip_msg *msg);
void server_close(struct refer_server *srv, const char *reason);
void server_row(struct refer_row *row, const struct refer_server *srv);


/* Inviter */

struct refer_inviter;

tmr_h inviter_ring_handler;

int  inviter_alloc(struct refer_inviter **invp, struct refer_server *srv,
		   const struct refer_invite_opts *opts);
const char *inviter_callid(const struct refer_inviter *inv);
const char *inviter_uri(const struct refer_inviter *inv);
void inviter_release(struct refer_inviter *inv);


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

#endif
