/**
 * @file referral.c  What a REFER asks for
 *
 * Makes the inviter that executes it (seed: Referral.makeInviter): the
 * target without its URI's headers, Replaces unescaped, Referred-By as it
 * came (RFC 3892 section 2.2).
 */
#include <ctype.h>
#include <re.h>
#include "core/core.h"
#include "admission/admission.h"
#include "admission/request.h"
#include "refer.h"
#include "referee/referee.h"
#include "referee/referral.h"
#include "referee/server.h"
#include "syntax/refer_to.h"


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
 * 7.3.1), and no control character must reach the INVITE in any other way
 */
static int copy_line(char **strp, const struct pl *val)
{
	char *p;
	int err;

	err = pl_strdup(strp, val);
	if (err)
		return err;

	for (p = *strp; p < *strp + val->l; ++p) {
		if (iscntrl((uint8_t)*p))
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
 * Get the parts of Refer-To as they came: display name, URI with parameters
 * and headers (seed: referTo)
 *
 * @param rf   Referral
 * @param addr Set on success; points into the request
 *
 * @return 0 if success, EINVAL if an argument is missing, EBADMSG if it is no
 *         address of libre's
 */
int referral_refer_to_addr(const struct referral *rf, struct sip_addr *addr)
{
	const struct sip_hdr *hdr;

	if (!rf || !addr)
		return EINVAL;

	hdr = sip_msg_hdr(rf->srv->msg, SIP_HDR_REFER_TO);

	return sip_addr_decode(addr, &hdr->val) ? EBADMSG : 0;
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
 * Get the request (seed: request)
 *
 * @param rf Referral
 *
 * @return REFER, as long as the context lives
 */
const struct sip_msg *referral_request(const struct referral *rf)
{
	return rf ? rf->srv->msg : NULL;
}


/**
 * Print the headers that its INVITE carries: Replaces, Referred-By, and those
 * of the URI that refer_copy_headers names
 *
 * @param mb Buffer
 * @param rf Referral
 *
 * @return 0 if success, otherwise errorcode
 */
int referral_headers(struct mbuf *mb, const struct referral *rf)
{
	const bool require = rf->rt->require ||
		rf->srv->refer->set->require_replaces;
	int err = 0;

	if (rf->rt->replaces)
		err |= mbuf_printf(mb, "Replaces: %s\r\n%s", rf->rt->replaces,
				   require ? "Require: replaces\r\n" : "");

	if (rf->referred_by)
		err |= mbuf_printf(mb, "Referred-By: %s\r\n",
				   rf->referred_by);

	return err | refer_to_copy(mb, rf->rt,
				   rf->srv->refer->set->copy_headers);
}


/**
 * Get the inviter, if there is one
 *
 * @param rf Referral
 *
 * @return Inviter, or NULL
 */
struct refer_inviter *referral_inviter(const struct referral *rf)
{
	return rf->inv;
}


/**
 * Get the Call-ID of the call that executes the referral
 *
 * @param rf Referral
 *
 * @return Call-ID, NULL if it is not known
 */
const char *referral_callid(const struct referral *rf)
{
	return rf->inv ? inviter_callid(rf->inv) : NULL;
}


/**
 * Tell whether the target may be called: a reload may have changed that
 *
 * @param rf Referral
 *
 * @return True if it may
 */
bool referral_allowed(const struct referral *rf)
{
	return policy_allows(rf->srv->refer, rf->rt);
}


/**
 * Get whom the referral has us call
 *
 * @param rf Referral
 *
 * @return URI: the target, or where that has redirected us to
 */
const char *referral_target(const struct referral *rf)
{
	const char *uri = rf->inv ? inviter_uri(rf->inv) : NULL;

	return uri ? uri : rf->rt->uri;
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
 * @param opts Options, or NULL; those of later calls are ignored
 *
 * @return 0 if success, EPROTO after the REFER was refused or has ended,
 *         EINVAL if opts are wrong, otherwise errorcode
 */
int referral_make_inviter(struct refer_inviter **invp, struct referral *rf,
			  const struct refer_invite_opts *opts)
{
	int err;

	if (!invp || !rf)
		return EINVAL;

	if (rf->srv->state == REFER_REJECTED || (!rf->inv && rf->srv->ended))
		return EPROTO;

	if (!rf->inv) {
		err = inviter_alloc(&rf->inv, rf->srv, opts);
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
