/**
 * @file attempt.h  Whom an INVITE of ours calls, and what is tried next
 */
#ifndef REFER_ATTEMPT_H
#define REFER_ATTEMPT_H

#include "host/host.h"

struct refer;
struct ua;

/** Whom is called, and with what */
struct attempt {
	struct host_invite how;      /**< With references to what it names  */
	struct list contacts;        /**< Where it was redirected to        */
	unsigned redirects;
};

/** How an attempt has failed */
struct failure {
	uint16_t scode;
	const char *reason;
	const struct sip_msg *msg;   /**< Response, NULL if there is none   */
	bool rung;                   /**< There was a provisional response  */
};

int  attempt_init(struct attempt *at, const struct host_invite *how);
void attempt_close(struct attempt *at);
bool attempt_next(struct attempt *at, const struct refer *refer,
		  const struct ua *ua, const struct failure *f);

#endif
