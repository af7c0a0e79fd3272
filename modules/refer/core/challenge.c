/**
 * @file challenge.c  A response that wants credentials, and libre's answer
 *
 * libre gives up at the first challenge with an algorithm that it does not
 * have, and answers two of one realm both. RFC 8760 section 2.4 wants the
 * first one answered that the client supports: libre sees no other.
 */
#include <re.h>
#include "core/sender.h"
#include "host/libre.h"
#include "syntax/digest.h"


enum {
	HIDDEN_MAX = 16,
};

/** The challenges of a response */
struct challenges {
	enum sip_hdrid id;
	struct sip_hdr *hiddenv[HIDDEN_MAX];
	size_t n;
	const struct sip_hdr *hdr; /**< The one that is looked at        */
	struct pl realm;           /**< Of that                          */
	bool left;                 /**< One can be answered              */
};


static bool is_answerable(struct pl *realm, const struct sip_hdr *hdr)
{
	struct httpauth_digest_chall ch;
	enum digest_algorithm alg;

	if (httpauth_digest_challenge_decode(&ch, &hdr->val) ||
	    !digest_of(&alg, &hdr->val) || !libre_answers(alg == DIGEST_MD5))
		return false;

	*realm = ch.realm;

	return true;
}


/* Stops at the challenge itself: there is none of its realm before it */
static bool before_handler(const struct sip_hdr *hdr,
			   const struct sip_msg *msg, void *arg)
{
	const struct challenges *c = arg;
	struct pl realm;
	(void)msg;

	return hdr == c->hdr || (is_answerable(&realm, hdr) &&
				 !pl_casecmp(&realm, &c->realm));
}


static bool hide_handler(const struct sip_hdr *hdr, const struct sip_msg *msg,
			 void *arg)
{
	struct challenges *c = arg;

	c->hdr = hdr;
	if (is_answerable(&c->realm, hdr) &&
	    sip_msg_hdr_apply(msg, true, c->id, before_handler, c) == hdr) {
		c->left = true;
		return false;
	}

	if (c->n >= HIDDEN_MAX)
		return true;

	c->hiddenv[c->n] = (struct sip_hdr *)(uintptr_t)hdr;
	c->hiddenv[c->n++]->id = SIP_HDR_NONE;

	return false;
}


/**
 * Have libre answer the challenges of a response with the next request
 *
 * @param auth   Authentication state of the request
 * @param msg    Response
 * @param id     Header of the challenges
 * @param worked True if the last credentials were accepted
 *
 * @return 0 if success, ENOTSUP if there is none that can be answered,
 *         otherwise errorcode
 */
int challenge_answer(struct sip_auth *auth, const struct sip_msg *msg,
		     enum sip_hdrid id, bool worked)
{
	struct challenges c = {.id = id};
	int err = ENOTSUP;
	size_t i;

	if (!sip_msg_hdr_apply(msg, true, id, hide_handler, &c) && c.left) {
		err = sip_auth_authenticate(auth, msg);

		/* a new nonce for credentials that are right: libre wants
		   stale=true for that, and has forgotten the realm now */
		if (err == EAUTH && worked)
			err = sip_auth_authenticate(auth, msg);
	}

	for (i=0; i<c.n; ++i)
		c.hiddenv[i]->id = id;

	return err;
}
