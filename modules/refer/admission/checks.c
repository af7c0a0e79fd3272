/**
 * @file checks.c  What a REFER is refused for
 *
 * RFC 3515 section 2.4.2, RFC 3261 section 8.2. A new reason to refuse is a
 * new line of checkv.
 */
#include <re.h>
#include "admission/admission.h"
#include "admission/auth.h"
#include "admission/request.h"
#include "admission/state.h"
#include "core/core.h"
#include "core/dialogs.h"
#include "host/host.h"
#include "host/libre.h"
#include "refer.h"
#include "referee/referee.h"
#include "syntax/people.h"
#include "syntax/sipfrag.h"
#include "syntax/token.h"
#include "syntax/uri.h"


/** Checks a REFER: NULL if it passes */
typedef const struct refusal *(check_h)(struct refer *refer,
					struct request *req);

static const struct refusal
	bad_contact   = {400, "Bad Request", "Contact is malformed"},
	no_contact    = {400, "Bad Request", "Contact is missing"},
	no_refer_to   = {400, "Bad Refer-To", "Refer-To is missing"},
	no_numbers    = {416, "Unsupported URI Scheme",
			 "this account calls no telephone numbers"},
	many_refer_to = {400, "Bad Refer-To", "more than one Refer-To"},
	many_by       = {400, "Bad Request", "more than one Referred-By"},
	bad_by        = {400, "Bad Request", "Referred-By is malformed"},
	unauthorized  = {401, "Unauthorized", NULL},
	bad_extension = {420, "Bad Extension", NULL},
	loop          = {482, "Loop Detected",
			 "Replaces is the dialog of the REFER itself"},
	too_deep      = {482, "Loop Detected",
			 "too many referrals led to this call"},
	merged        = {482, "Loop Detected",
			 "this request came over another way before"},
	undialable    = {484, "Address Incomplete",
			 "this baresip cannot dial an escape as in Refer-To"},
	no_memory     = {500, "Server Internal Error", "out of memory"},
	unavailable   = {503, "Service Unavailable", NULL};


static const struct refusal *check_merged(struct refer *refer,
					  struct request *req)
{
	(void)refer;

	return req->again ? &merged : NULL;
}


static bool unsupported_handler(const struct sip_hdr *hdr,
				const struct sip_msg *msg, void *arg)
{
	static const char *supportedv[] = {"replaces", "nosub", "norefersub",
					   "tdialog"};
	struct mbuf *mb = arg;
	size_t i;
	(void)msg;

	if (!pl_isset(&hdr->val))
		return false;

	for (i=0; i<ARRAY_SIZE(supportedv); ++i) {
		if (!pl_strcasecmp(&hdr->val, supportedv[i]))
			return false;
	}

	(void)mbuf_printf(mb, "%s%r", mb->end ? ", " : "", &hdr->val);

	return false;
}


/* RFC 3261 section 8.2.2.3 */
static const struct refusal *check_require(struct refer *refer,
					   struct request *req)
{
	struct mbuf *mb;
	bool refused;
	(void)refer;

	if (!sip_msg_hdr(req->msg, SIP_HDR_REQUIRE))
		return NULL;

	mb = mbuf_alloc(64);
	if (!mb)
		return NULL;

	(void)sip_msg_hdr_apply(req->msg, true, SIP_HDR_REQUIRE,
				unsupported_handler, mb);

	refused = mb->end > 0;
	if (refused)
		(void)re_sdprintf(&req->hdrs, "Unsupported: %b\r\n", mb->buf,
				  mb->end);

	mem_deref(mb);

	return refused ? &bad_extension : NULL;
}


/* A number is the domain's, or a proxy knows what to do with it: an account
   with an address and no proxy has neither */
static bool calls_numbers(const struct ua *ua, enum tel tel)
{
	struct uri aor;
	struct pl pl;
	struct sa sa;

	if (tel != TEL_AUTO)
		return tel == TEL_YES;

	pl_set_str(&pl, host_ua_aor(ua));

	return str_isset(host_ua_outbound(ua)) ||
		(!uri_decode(&aor, &pl) && sa_set(&sa, &aor.host, 0));
}


static const struct refusal *check_refer_to(struct refer *refer,
					    struct request *req)
{
	const struct sip_hdr *hdr = sip_msg_hdr(req->msg, SIP_HDR_REFER_TO);

	if (!hdr)
		return &no_refer_to;

	if (sip_msg_hdr_count(req->msg, SIP_HDR_REFER_TO) > 1)
		return &many_refer_to;

	if (!sip_msg_hdr(req->msg, SIP_HDR_CONTACT))
		return &no_contact;

	if (!refer_to_is_tel(&hdr->val))
		return refer_to_decode(&req->rt, &hdr->val);

	return calls_numbers(req->ua, (enum tel)refer->set->tel) ?
		refer_to_decode_tel(&req->rt, &hdr->val,
				    host_ua_aor(req->ua)) : &no_numbers;
}


/* RFC 3892 section 2.1 */
static const struct refusal *check_referred_by(struct refer *refer,
					       struct request *req)
{
	const struct sip_hdr *hdr = sip_msg_hdr(req->msg, SIP_HDR_REFERRED_BY);
	(void)refer;

	if (!hdr)
		return NULL;

	if (token_is_open(&hdr->val))
		return &bad_by;

	return sip_msg_hdr_count(req->msg, SIP_HDR_REFERRED_BY) > 1 ||
		token_is_list(&hdr->val) ? &many_by : NULL;
}


static const struct refusal *check_loop(struct refer *refer,
					struct request *req)
{
	const struct sip_msg *msg = req->msg;
	struct refer_replaces rep;
	struct pl pl;
	bool own;
	(void)refer;

	if (!req->rt->replaces)
		return NULL;

	pl_set_str(&pl, req->rt->replaces);

	own = !refer_replaces_decode(&rep, &pl) &&
		!pl_cmp(&rep.callid, &msg->callid) &&
		((!pl_cmp(&rep.to_tag, &msg->to.tag) &&
		  !pl_cmp(&rep.from_tag, &msg->from.tag)) ||
		 (!pl_cmp(&rep.to_tag, &msg->from.tag) &&
		  !pl_cmp(&rep.from_tag, &msg->to.tag)));

	return own ? &loop : NULL;
}


static const struct refusal *check_dialable(struct refer *refer,
					    struct request *req)
{
	(void)refer;

	if (host_ua_dials(req->ua, req->rt->uri))
		return NULL;

	if (refer_to_normalise(req->rt))
		return &no_memory;

	return host_ua_dials(req->ua, req->rt->uri) ? NULL : &undialable;
}


static const struct refusal *check_depth(struct refer *refer,
					 struct request *req)
{
	const uint32_t most = refer->set->max_depth;

	if (req->inside)
		req->depth = chain_depth(refer->admission,
					 host_call_id(req->call));

	return most && req->depth >= most ? &too_deep : NULL;
}


static const struct refusal *decline(const struct refer *refer,
				     struct request *req, const char *why)
{
	req->declined.scode   = (uint16_t)refer->set->reject_code;
	req->declined.reason  = sip_reason(req->declined.scode);
	req->declined.warning = why;

	return &req->declined;
}


static const struct refusal *check_policy(struct refer *refer,
					  struct request *req)
{
	req->policy = policy_decide(refer, req->ua, req->inside);

	return req->policy == POLICY_REJECT ?
		decline(refer, req, "refused by policy") : NULL;
}


static const struct refusal *check_target(struct refer *refer,
					  struct request *req)
{
	if (host_ua_transfer_allowed(req->ua) &&
	    policy_allows(refer, req->rt))
		return NULL;

	(void)re_sdprintf(&req->whom, "transfer to %H is not allowed",
			  people_uri, req->rt->uri);
	req->why = req->whom;

	return decline(refer, req, "transfer is not allowed");
}


static const struct refusal *too_much(struct request *req, const char *why,
				      bool passes)
{
	req->why = why;
	if (passes)
		(void)str_dup(&req->hdrs, "Retry-After: 2\r\n");

	return &unavailable;
}


/* Out of a dialog it is who the credentials are of, in their realm */
static int set_referrer(struct request *req, const struct credentials *cred)
{
	char *user;
	int err;

	err = pl_strdup(&user, &cred->user);
	if (err)
		return err;

	err = re_sdprintf(&req->referrer, "sip:%H@%s", escape_print, user,
			  cred->realm);
	mem_deref(user);

	return err;
}


/* Guesses are limited, and count for nothing else. EACCES: not looked at */
static int authenticate(struct admission *adm, struct request *req,
			uint32_t rate)
{
	const struct sip_msg *msg = req->msg;
	struct credentials cred;
	uint64_t who;
	int err;

	err = auth_get(&cred, adm->auth, msg);
	if (err)
		return err;

	who = limits_guesser(adm->limits, &msg->src, &cred.user);
	if (limits_reached(adm->limits, who, rate))
		return EACCES;

	err = auth_check(&req->nonce, adm->auth, msg, &cred);
	if (err == EAUTH)
		(void)limits_rate(adm->limits, who, rate);

	return err ? err : set_referrer(req, &cred);
}


static const struct refusal *check_credentials(struct refer *refer,
					       struct request *req)
{
	struct admission *adm = refer->admission;
	int err;

	if (!refer->set->auth || pl_isset(&req->msg->to.tag))
		return NULL;

	err = authenticate(adm, req, refer->set->rate);
	switch (err) {

	case 0:
		return NULL;

	case EACCES:
		return too_much(req, "too many wrong credentials", true);

	case ENOENT:
		req->why = "no credentials";
		break;

	case EAGAIN:
		req->why = "credentials are stale";
		break;

	default:
		req->why = "wrong credentials";
		break;
	}

	return auth_challenge(&req->hdrs, adm->auth, req->msg,
			      err == EAGAIN) ? &no_memory : &unauthorized;
}


/* In a call it is the other side of that, whatever the From of the REFER */
static const struct refusal *check_referrer(struct refer *refer,
					    struct request *req)
{
	static const char why[] = "this referrer is not allowed";

	/* with Target-Dialog: whoever has proven to know a password */
	if ((req->referrer || !req->inside) &&
	    !policy_allows_from(refer, req->ua, req->referrer))
		return decline(refer, req, why);

	if (!req->inside)
		return NULL;

	req->referrer = mem_deref(req->referrer);
	if (str_dup(&req->referrer, host_call_peer(req->call)))
		return &no_memory;

	return policy_allows_from(refer, req->ua, req->referrer) ? NULL :
		decline(refer, req, why);
}


/* Those out of a dialog leave half of the room to those in calls */
static bool too_many_wait(const struct refer *refer,
			  const struct request *req,
			  const struct party *party)
{
	const struct admission *adm = refer->admission;
	const uint32_t most = refer->set->max_pending;
	const uint32_t share = refer->set->max_pending_peer;

	if (most && (adm->waiting >= most || (!req->inside &&
	    adm->waiting_outside >= (most + 1) / 2)))
		return true;

	return party && share && party->waiting >= share;
}


static const struct refusal *check_load(struct refer *refer,
					struct request *req)
{
	struct admission *adm = refer->admission;
	const uint32_t most = refer->set->max_calls;
	const struct party *party;

	req->who = req->inside ? chain_party(adm, host_call_id(req->call)) :
		limits_peer(adm->limits, &req->msg->src);
	party = party_find(adm, req->who);

	if (too_many_wait(refer, req, party))
		return too_much(req, "too many wait", true);

	if (party && req->inside && most && party->calls >= most)
		return too_much(req, "too many referred calls", false);

	if (!limits_rate(adm->limits, req->who, refer->set->rate))
		return too_much(req, "too many in a second", true);

	return NULL;
}


static const struct refusal *check_contact(struct refer *refer,
					   struct request *req)
{
	const bool valid = req->dlg ? dialog_contact_valid(req->msg)
		: !dialog_accept(&req->dlg, req->msg);
	(void)refer;

	return valid ? NULL : &bad_contact;
}


/* In this order; what stands below has what those above have found */
static check_h *const checkv[] = {
	request_addressed,     /* 400, 416: what it is found by             */
	check_merged,          /* 482                                       */
	request_find,          /* 403, 404, 480, 481, 500: dialog, call, ua */
	check_require,         /* 420                                       */
	check_policy,          /* 603, or refer_reject_code                 */
	request_wellformed,    /* 400: what libre does not look at          */
	check_refer_to,        /* 400, 416, 501: the target                 */
	check_referred_by,     /* 400                                       */
	check_loop,            /* 482                                       */
	check_dialable,        /* 484                                       */
	check_depth,           /* 482: chains of referrals                  */
	check_target,          /* 603, or refer_reject_code                 */
	check_credentials,     /* 401, 503                                  */
	check_referrer,        /* 603, or refer_reject_code                 */
	check_load,            /* 503: waiting, calls, rate                 */
	check_contact,         /* 400: where NOTIFYs go                     */
};


/** Find all that a REFER is about, and why it is refused: NULL if it is not */
const struct refusal *request_check(struct refer *refer, struct request *req)
{
	const struct refusal *ref = NULL;
	size_t i;

	for (i=0; i<ARRAY_SIZE(checkv) && !ref; ++i)
		ref = checkv[i](refer, req);

	return ref;
}
