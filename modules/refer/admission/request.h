/**
 * @file request.h  A REFER that has no context yet
 */
#ifndef REFER_REQUEST_H
#define REFER_REQUEST_H

struct call;
struct nonce_use;
struct refer_to;
struct ua;

/** A REFER that is being looked at */
struct request {
	const struct sip_msg *msg;
	struct sip_dialog *dlg;
	struct call *call;
	struct ua *ua;
	struct refer_to *rt;
	uint32_t depth;          /**< Referrals that led to the call     */
	bool nosub;              /**< The referrer wants no subscription */
	bool inside;             /**< In a dialog, or by Target-Dialog   */
	uint64_t who;            /**< Identity of the party              */
	struct nonce_use *nonce; /**< That its credentials used, or NULL */
};

#endif
