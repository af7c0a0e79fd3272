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
	struct refer_to *rt;
	char *referred_by;
	struct refer_inviter *inv;
};


static void destructor(void *arg)
{
	struct referral *rf = arg;

	mem_deref(rf->inv);
	mem_deref(rf->rt);
	mem_deref(rf->referred_by);
}


/*
 * As it came, but one line: a fold is as good as a blank (RFC 3261 section
 * 7.3.1), and a CR, LF or NUL must not reach the INVITE in any other way
 */
static int copy_line(char **strp, const struct pl *val)
{
	char *p;
	int err;

	err = pl_strdup(strp, val);
	if (err)
		return err;

	for (p = *strp; p < *strp + val->l; ++p) {
		if (!*p || *p == '\r' || *p == '\n')
			*p = ' ';
	}

	return 0;
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
	const struct sip_hdr *by = sip_msg_hdr(msg, SIP_HDR_REFERRED_BY);
	struct referral *rf;
	int err = 0;

	rf = mem_zalloc(sizeof(*rf), destructor);
	if (!rf)
		return ENOMEM;

	rf->rt = mem_ref(rt);

	if (by && pl_isset(&by->val))
		err = copy_line(&rf->referred_by, &by->val);

	if (err)
		mem_deref(rf);
	else
		*rfp = rf;

	return err;
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
	struct host_invite prm = {
		.uri         = rf->rt->uri,
		.replaces    = rf->rt->replaces,
		.referred_by = rf->referred_by,
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
