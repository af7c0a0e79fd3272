/**
 * @file referrer.h  REFERs that are sent
 */
#ifndef REFER_REFERRER_H
#define REFER_REFERRER_H

#include "config/settings.h"
#include "core/event.h"

struct call;
struct clients;
struct consults;
struct refer;
struct refer_client;
struct refer_client_opts;
struct ua;


/* Client */

/** Whose transfers have a REFER as a part */
struct client_owner {

	/** Tell whether a call is being transferred in another way, before
	    a REFER */
	bool (*busyh)(const struct refer_client *c, void *arg);

	/** Get the transfer that a REFER is a part of, as it is after an
	    event; false if there is none any more */
	bool (*rowh)(struct refer_transfer *row, const struct refer_client *c,
		     const struct refer_event *ev, void *arg);

	/** The outcome of such a REFER has come late, and was told */
	void (*lateh)(struct refer_client *c, const struct refer_event *ev,
		      void *arg);
};

int  clients_alloc(struct clients **allp, struct refer *refer);
void clients_set_owner(struct clients *all, const struct client_owner *owner,
		       void *arg);
void clients_close(struct clients *all, const char *reason);
int  clients_apply(const struct clients *all, refer_transfer_h *h, void *arg);
struct refer_client *clients_of(const struct clients *all,
				const struct call *call,
				const struct refer_client *but);
bool clients_hold(const struct clients *all, const struct call *call);

int  client_alloc(struct refer_client **cp, struct clients *all,
		  struct call *call, const char *target);
int  client_alloc_outside(struct refer_client **cp, struct clients *all,
			  struct ua *ua, const char *peer,
			  const char *target);
void client_close(struct refer_client *c, const char *reason);
void client_succeed(struct refer_client *c);
void client_join(struct refer_client *c, uint32_t id, uint64_t ts);
void client_row(struct refer_transfer *row, const struct refer_client *c);
struct refer_client *client_find(const struct clients *all, uint32_t id);

bool client_line_valid(const char *line);
bool client_uri_line_valid(const char *line);
bool client_opts_valid(const struct refer_client_opts *opts,
		       const char *target);
int  client_opts_copy(const struct refer_client_opts **optsp,
		      const struct refer_client_opts *opts);


/* Attended transfer */

/** Refer-To URIs of an attended transfer */
struct attended_target {
	char *uri;
	char *again;           /**< To try after that, or NULL */
};

int  attended_refer_to(struct attended_target *to, const struct refer *refer,
		       const struct call *call, enum attended how);
int  client_alloc_attended(struct refer_client **cp, struct refer *refer,
			   struct call *call, struct call *other);

int  consults_alloc(struct consults **csp, struct refer *refer);
int  consults_apply(const struct consults *cs, refer_transfer_h *h, void *arg);
bool consults_hold(const struct consults *cs, const struct call *call);
void consults_moved(const struct call *from, struct call *to, void *arg);
uint32_t consult_id(const struct consults *cs);
bool consult_transfers(const struct consults *cs, const struct call *call);
bool consult_stays_held(const struct consults *cs);
int  consult_start(struct consults *cs, struct call *call,
		   const char *target, const struct refer_client_opts *opts);
int  consult_exec(struct consults *cs);
int  consult_abort(struct consults *cs, const char *reason);


/* The target as people type it (dial_string.c) */

int  dial_complete(char **urip, const char *text, const struct uri *luri);
int  dial_uri(char **urip, const char *text, const struct ua *ua);
int  dial_prepare(char **urip, const struct ua *ua);
bool dial_valid(const char *uri);
const char *dial_error(int err);

#endif
