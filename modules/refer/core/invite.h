/**
 * @file invite.h  An INVITE of ours: to execute a referral, or to consult
 */
#ifndef REFER_INVITE_H
#define REFER_INVITE_H

#include "core/queue.h"
#include "host/host.h"

struct call;
struct invite;
struct party;
struct refer;
struct sipfrag;
struct ua;

/** A response to an INVITE, while the softphone looks at it */
struct response {
	const struct sip_msg *msg;
	uint16_t scode;              /**< As received                       */
	char *reason;                /**< The same; NULL without an INVITE
				          of ours                           */
	bool foreign;                /**< A redirection of a call that is not
				          ours, and is not followed         */
};

/** All INVITEs of ours */
struct invites {
	struct refer *refer;
	struct hash *ht;             /**< By Call-ID                         */
	struct list l;               /**< The same                           */
	struct list idle;            /**< Those without a Call-ID yet        */
	struct queue ring;           /**< Those that end by themselves       */
	const struct response *response; /**< What the softphone looks at    */
};

/** What an INVITE tells its owner; each may be NULL */
struct invite_handlers {
	/** A provisional response */
	void (*progressh)(const struct sipfrag *frag, void *arg);

	/** A 2xx, before the softphone acts on it */
	void (*answerh)(void *arg);

	/** After this response, or without any, it has been sent once more: to
	    another target after a redirection, see invite_uri(), or to the
	    same without the body part */
	void (*againh)(const struct sipfrag *frag, void *arg);

	/** How it ended. A call that is established is no longer followed
	    after this; the INVITE is gone */
	void (*finalh)(const struct sipfrag *frag, void *arg);
};

/** How to send one */
struct invite_prm {
	struct ua *ua;
	struct host_invite how;      /**< What it carries; it keeps references
				          to the texts, which are libre's    */
	bool ring;                   /**< Give up after the time to ring     */
	uint32_t depth;              /**< Referrals that led to it           */
	uint32_t transfer;           /**< Number of the transfer that it is
					  of                                */
	struct party *party;         /**< Whose referral it is, or NULL      */
	const struct invite_handlers *handlers;
	void *arg;                   /**< Of the handlers                    */
};

int  invites_alloc(struct invites **isp, struct refer *refer);
void invites_flush(struct invites *is);
void invites_look(struct invites *is, struct response *resp);
void invites_seen(struct invites *is, const struct response *resp, bool ours);

int  invite_send(struct invite **invp, struct invites *is,
		 const struct invite_prm *prm);
void invite_detach(struct invite *inv);
struct call *invite_call(const struct invite *inv);
const char *invite_callid(const struct invite *inv);
const char *invite_uri(const struct invite *inv);
const char *invite_left(uint16_t scode);

#endif
