/**
 * @file referral.c  What a REFER asks for
 *
 * Makes the inviter that executes it (seed: Referral.makeInviter): the
 * target without its URI's headers, Replaces unescaped, Referred-By as it
 * came (RFC 3892 section 2.2).
 */
#include <re.h>
#include "core.h"
#include "referral.h"


struct referral {
	const struct sip_msg *msg;
	struct refer_to *rt;
	struct refer_inviter *inv;
};


static void destructor(void *arg)
{
	struct referral *rf = arg;

	mem_deref(rf->inv);
	mem_deref(rf->rt);
	mem_deref((void *)rf->msg);
}


/**
 * Allocate a referral
 *
 * @param rfp Pointer to allocated referral
 * @param msg REFER
 * @param rt  Its Refer-To
 *
 * @return 0 if success, otherwise errorcode
 */
int referral_alloc(struct referral **rfp, const struct sip_msg *msg,
		   struct refer_to *rt)
{
	struct referral *rf;

	rf = mem_zalloc(sizeof(*rf), destructor);
	if (!rf)
		return ENOMEM;

	rf->msg = mem_ref((void *)msg);
	rf->rt  = mem_ref(rt);

	*rfp = rf;

	return 0;
}


/**
 * Get the URI that the referral is to
 *
 * @param rf Referral
 *
 * @return URI, without headers
 */
const char *referral_target(const struct referral *rf)
{
	return rf->rt->uri;
}


/**
 * End the INVITE if its call vanished without a word
 *
 * @param rf Referral
 */
void referral_sweep(struct referral *rf)
{
	if (rf->inv)
		inviter_sweep(rf->inv);
}


/**
 * Execute the referral
 *
 * @param rf      Referral
 * @param refer   Protocol
 * @param ua      User agent to call from
 * @param call    The referred call, or NULL
 * @param statush Handler of the statuses
 * @param arg     Handler argument
 *
 * @return 0 if success, otherwise errorcode
 */
int referral_invite(struct referral *rf, struct refer *refer, struct ua *ua,
		    const struct call *call, inviter_status_h *statush,
		    void *arg)
{
	const struct sip_hdr *by = sip_msg_hdr(rf->msg, SIP_HDR_REFERRED_BY);
	struct host_invite prm = {
		.uri         = rf->rt->uri,
		.replaces    = rf->rt->replaces,
		.referred_by = by ? &by->val : NULL,
		.like        = call,
	};
	int err;

	if (rf->inv)
		return EALREADY;

	err = inviter_alloc(&rf->inv, refer, statush, arg);
	if (err)
		return err;

	return inviter_invite(rf->inv, ua, &prm);
}
