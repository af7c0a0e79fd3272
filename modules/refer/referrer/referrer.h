/**
 * @file referrer.h  REFERs that are sent
 */
#ifndef REFER_REFERRER_H
#define REFER_REFERRER_H

struct call;
struct refer;
struct refer_client;
struct refer_row;
struct ua;


/* Client */

tmr_h client_grace_handler;

int  client_alloc(struct refer_client **cp, struct refer *refer,
		  struct call *call, const char *target);
int  client_alloc_attended(struct refer_client **cp, struct refer *refer,
			   struct call *call, struct call *other);
int  client_alloc_outside(struct refer_client **cp, struct refer *refer,
			  struct ua *ua, const char *peer,
			  const char *target);
void client_close(struct refer_client *c, const char *reason);
void client_detach(struct refer_client *c);
void client_row(struct refer_row *row, const struct refer_client *c);
struct refer_client *client_find(const struct refer *refer, uint32_t id);


/* Attended transfer */

struct consult;

int  attended_refer_to(char **urip, const struct refer *refer,
		       const struct call *call);
int  consult_start(struct refer *refer, struct call *call,
		   const char *target);
int  consult_exec(struct refer *refer);
int  consult_abort(struct refer *refer, const char *reason);
bool consult_has(const struct refer *refer, const struct refer_client *c);
void consult_moved(const struct call *from, struct call *to, void *arg);
void consult_row(struct refer_row *row, const struct consult *con);

#endif
