/**
 * @file referee.h  REFERs that have come
 */
#ifndef REFER_REFEREE_H
#define REFER_REFEREE_H

#include "refer.h"

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

int  inviter_alloc(struct refer_inviter **invp, struct refer_server *srv,
		   const struct refer_invite_opts *opts);
const char *inviter_callid(const struct refer_inviter *inv);
const char *inviter_uri(const struct refer_inviter *inv);
void inviter_release(struct refer_inviter *inv);

#endif
