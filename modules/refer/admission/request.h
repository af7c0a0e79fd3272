/**
 * @file request.h  A REFER that has no context yet
 */
#ifndef REFER_REQUEST_H
#define REFER_REQUEST_H

#include "admission/state.h"
#include "config/settings.h"
#include "syntax/refer_to.h"

struct call;
struct nonce_use;
struct refer;
struct ua;

/** A REFER that is being looked at */
struct request {
	const struct sip_msg *msg;
	struct sip_dialog *dlg;
	struct call *call;
	struct ua *ua;
	struct refer_to *rt;
	enum policy policy;      /**< What becomes of it                 */
	uint32_t depth;          /**< Referrals that led to the call     */
	enum copies_match again; /**< What it is to one that came before */
	uint64_t key;            /**< See auth_hash(), or 0: not yet made */
	bool nosub;              /**< The referrer wants no subscription */
	bool inside;             /**< In a dialog, or by Target-Dialog   */
	uint64_t who;            /**< Identity of the party              */
	char *referrer;          /**< URI of who refers, NULL if unknown */
	struct nonce_use *nonce; /**< That its credentials used, or NULL */

	/* if it is refused */
	struct refusal declined; /**< By policy                          */
	const char *why;         /**< For the log only, or NULL          */
	char *whom;              /**< The same, if it names a target     */
	char *hdrs;              /**< More header lines, or NULL         */
};

const struct refusal *request_addressed(struct refer *refer,
					struct request *req);
const struct refusal *request_wellformed(struct refer *refer,
					 struct request *req);
const struct refusal *request_find(struct refer *refer, struct request *req);
const struct refusal *request_check(struct refer *refer, struct request *req);
void refuse_with(struct refer *refer, const struct sip_msg *msg,
		 const struct refusal *ref, const char *why, const char *hdrs);

#endif
