/**
 * @file consult.h  Inside of a consultation
 */
#ifndef REFER_CONSULT_H
#define REFER_CONSULT_H

#include "core/call_watch.h"
#include "referrer/referrer.h"

struct hold;
struct invite;

enum consult_state {
	HOLDING,
	CALLING,
	TALKING,
	EXECUTING,
};

struct consults {
	struct consult *con;        /**< The one, or NULL                */
	struct refer *refer;
};

struct consult {
	struct consults *all;
	uint32_t id;
	uint64_t ts;                /**< When it began [ms]              */
	enum consult_state state;
	struct ua *ua;
	struct call_watch call;     /**< The call to transfer            */
	struct invite *invite;      /**< While the target rings          */
	struct call_watch other;    /**< The call with the target        */
	struct hold *hold;
	bool held;                  /**< Was put on hold for this        */
	bool given_up;              /**< Its calls are not followed      */
	struct refer_client *client; /**< While the two are being joined */
	uint16_t scode;             /**< Last status of the last try, or 0 */
	char *reason;               /**< and its reason phrase           */
	char *peer;
	char *name;                 /**< Display name of that, or NULL   */
	char *target;
	const struct refer_client_opts *opts; /**< How the two are joined */
};

extern const struct client_owner join_owner;

void consult_row(struct refer_transfer *row, const struct consult *con);
const char *consult_state_name(enum consult_state state);
void consult_drop_client(struct consult *con);
void consult_drop_invite(struct consult *con);
void consult_set_state(struct consult *con, enum consult_state state);
void consult_resume(struct consult *con, bool later);
void consult_end(struct consult *con, enum refer_outcome outcome,
		 uint16_t scode, const char *reason);
void consult_fail(struct consult *con, enum refer_outcome outcome,
		  uint16_t scode, const char *reason);
struct call *consult_other(const struct consult *con);

#endif
