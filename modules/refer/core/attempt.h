/**
 * @file attempt.h  Whom an INVITE of ours calls, and what is tried next
 */
#ifndef REFER_ATTEMPT_H
#define REFER_ATTEMPT_H

struct refer;
struct ua;

/** Whom is called, and with what */
struct attempt {
	char *uri;
	struct mbuf *part;           /**< Body part beside the SDP, or NULL */
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

int  attempt_init(struct attempt *at, const char *uri,
		  const struct mbuf *part);
void attempt_close(struct attempt *at);
bool attempt_next(struct attempt *at, const struct refer *refer,
		  const struct ua *ua, const struct failure *f);

#endif
