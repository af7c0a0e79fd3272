/**
 * @file referee.h  REFERs that have come
 */
#ifndef REFER_REFEREE_H
#define REFER_REFEREE_H

#include "core/row.h"

struct call_watch;
struct call_watches;
struct old_calls;
struct refer;
struct refer_server;
struct request;
struct servers;
struct settings;


/* Servers: REFERs with a context */

int  servers_alloc(struct servers **ssp);
void servers_delay(struct servers *ss, const struct settings *set);
void servers_close(struct servers *ss, const char *reason);
int  servers_apply(const struct servers *ss, row_h *h, void *arg);

int  server_alloc(struct refer_server **srvp, struct refer *refer,
		  const struct request *req);
void server_wait(struct refer_server *srv);
void server_close(struct refer_server *srv, const char *reason);
struct refer_server *server_find(const struct refer *refer, uint32_t id);
const struct sip_msg *server_request(const struct refer *refer,
				     const struct sip_msg *msg);


/* Calls that the other side is to end */

int  old_calls_alloc(struct old_calls **ocp, struct call_watches *watches);
void old_calls_delay(struct old_calls *oc, uint64_t delay);
void old_calls_flush(struct old_calls *oc);
void old_call_watch(struct old_calls *oc, const struct call_watch *w);
void old_call_watch_leg(struct old_calls *oc, const struct call_watch *w);

#endif
