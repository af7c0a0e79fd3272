/**
 * @file http.h  The module, and what its files give to each other
 */
#ifndef REFER_HTTP_H
#define REFER_HTTP_H

#include "request.h"
#include "server.h"
#include "settings.h"
#include "text.h"

struct call;
struct events;
struct refer_event;
struct refer_transfer;
struct ua;
struct waiters;
struct webhook;

/** The module; module.c owns the only one */
struct http {
	struct settings *set;
	struct server *server;
	struct events *events;
	struct waiters *waiters;
	struct webhook *webhook;
};


/* The table of routes (routes.c), and guards before it (guard.c) */

enum {
	ROUTE_OPEN = 1,            /**< Needs no token                   */
};

/** A method of a path; "{id}" stands for one segment of it */
struct route {
	const char *method;
	const char *path;
	route_h *h;
	unsigned flags;
};

const struct route *route_find(const char **allowp, struct pl *id,
			       const struct http_msg *msg);
bool route_is_method(const struct pl *method);

bool guard_pass(struct request *req);
bool guard_origin(const struct request *req, struct pl *origin);


/* Handlers of the routes */

route_h transfers_list, transfers_start, transfer_get, transfer_ladder,
	transfer_accept, transfer_reject, transfer_redirect,
	transfer_notify, transfer_cancel;
route_h calls_list, calls_dial, call_get, call_end, call_answer_it,
	call_hold_it, call_resume;
route_h events_get, openapi_get, metrics_get, health_get, page_get;


/* What a request means; these answer it if there is no such thing */

bool transfer_find(struct refer_transfer *t, const struct request *req);
bool account_find(struct ua **uap, const struct request *req,
		  const char *account);


/* Transfers and calls as JSON */

int array_add(struct odict *array, uint32_t n, enum odict_type type,
	      void *val);

int transfer_encode(struct odict *od, const struct refer_transfer *t,
		    bool stages);
int call_encode(struct odict *od, const struct call *call);
int transfer_reply(const struct request *req, unsigned scode,
		   const char *hdrs, const struct refer_transfer *t);
int transfer_answer(const struct request *req, unsigned scode,
		    const char *hdrs, uint32_t id);


/* Requests that wait for the end of a transfer (waiters.c) */

int  waiters_alloc(struct waiters **wsp);
void waiters_ended(struct waiters *ws, const struct refer_transfer *t);
void waiters_unloaded(struct waiters *ws);
int  waiters_add(struct waiters *ws, struct request *req, uint32_t id,
		 uint32_t secs);


/* The stream (events.c) */

int  events_alloc(struct events **esp);
bool events_wanted(const struct events *es);
void events_add(struct events *es, const char *name, const struct odict *od);


/* The webhook (webhook.c) */

int  webhook_alloc(struct webhook **whp, const struct settings *set);
void webhook_add(struct webhook *wh, const struct odict *od);


/* What happens, to the stream and the webhook (feed.c) */

int  feed_init(struct http *http);
void feed_close(void);
int  feed_carry_out(struct request *req);
const struct odict *feed_ended(uint32_t id);

#endif
