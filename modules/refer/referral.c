/**
 * @file referral.c  What a REFER asks for
 *
 * Makes the inviter that executes it (seed: Referral.makeInviter): the
 * target without its URI's headers, Replaces unescaped, Referred-By as it
 * came (RFC 3892 section 2.2).
 */
#include <re.h>
#include "core.h"
#include "server.h"
#include "referral.h"


struct referral {
	struct refer_server *srv;      /**< Owner */
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
 * @param srv Its server context
 * @param req REFER
 *
 * @return 0 if success, otherwise errorcode
 */
int referral_alloc(struct referral **rfp, struct refer_server *srv,
		   const struct request *req)
{
	const struct sip_hdr *by = sip_msg_hdr(req->msg, SIP_HDR_REFERRED_BY);
	struct referral *rf;
	int err = 0;

	rf = mem_zalloc(sizeof(*rf), destructor);
	if (!rf)
		return ENOMEM;

	rf->srv = srv;
	rf->rt  = mem_ref(req->rt);

	if (by && pl_isset(&by->val))
		err = copy_line(&rf->referred_by, &by->val);

	if (err)
		mem_deref(rf);
	else
		*rfp = rf;

	return err;
}


/**
 * Get the target
 *
 * @param rf Referral
 *
 * @return URI, without headers and method
 */
const char *referral_refer_to(const struct referral *rf)
{
	return rf ? rf->rt->uri : NULL;
}


/**
 * Get Referred-By
 *
 * @param rf Referral
 *
 * @return Header value as it came, or NULL
 */
const char *referral_referred_by(const struct referral *rf)
{
	return rf ? rf->referred_by : NULL;
}


/**
 * Get Replaces of the target
 *
 * @param rf Referral
 *
 * @return Value without URI escapes, or NULL
 */
const char *referral_replaces(const struct referral *rf)
{
	return rf ? rf->rt->replaces : NULL;
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
 * Let go of the inviter: its call goes on
 *
 * @param rf Referral
 */
void referral_release(struct referral *rf)
{
	if (rf->inv)
		inviter_release(rf->inv);
}


/**
 * Make the inviter that executes the referral; there is one only, later calls
 * return the same
 *
 * Seed: makeInviter(). What the target answers is reported to the referrer.
 *
 * @param invp Pointer to the inviter; the referral owns it
 * @param rf   Referral
 *
 * @return 0 if success, EPROTO after the REFER was refused, otherwise
 *         errorcode
 */
int referral_make_inviter(struct refer_inviter **invp, struct referral *rf)
{
	int err;

	if (!invp || !rf)
		return EINVAL;

	if (rf->srv->state == REFER_REJECTED)
		return EPROTO;

	if (!rf->inv) {
		err = inviter_alloc(&rf->inv, rf->srv);
		if (err)
			return err;
	}

	*invp = rf->inv;

	return 0;
}


/**
 * Accept the REFER, see refer_server_accept()
 *
 * @param rf   Referral
 * @param opts Options, default 202; or NULL
 *
 * @return 0 if success, otherwise errorcode
 */
int referral_accept(struct referral *rf, const struct refer_opts *opts)
{
	return rf ? refer_server_accept(rf->srv, opts) : EINVAL;
}


/**
 * Refuse the REFER, see refer_server_reject()
 *
 * @param rf   Referral
 * @param opts Options, default 480; or NULL
 *
 * @return 0 if success, otherwise errorcode
 */
int referral_reject(struct referral *rf, const struct refer_opts *opts)
{
	return rf ? refer_server_reject(rf->srv, opts) : EINVAL;
}
