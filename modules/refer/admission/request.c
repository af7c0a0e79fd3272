/**
 * @file request.c  A REFER that has no context yet: what is refused
 *
 * RFC 3515 section 2.4.2, RFC 3261 section 8.2. Refusals are stateless.
 */
#include <re.h>
#include "host/libre.h"
#include "admission/admission.h"
#include "admission/auth.h"
#include "admission/limits.h"
#include "admission/nonce.h"
#include "admission/party.h"
#include "admission/patterns.h"
#include "admission/request.h"
#include "admission/wildcard.h"
#include "config/settings.h"
#include "core/core.h"
#include "core/dialogs.h"
#include "core/handlers.h"
#include "core/intercept.h"
#include "host/host.h"
#include "refer.h"
#include "referee/referee.h"
#include "referee/server.h"
#include "syntax/reason.h"
#include "syntax/refer_to.h"
#include "syntax/text.h"


enum {
	RETRY_AFTER = 2,       /* [s]                         */
	LOG_MAX     = 10,      /* Refusals in the log, in 1 s */
};


static const struct refusal
	no_dialog   = {481, "Call Does Not Exist", NULL},
	early       = {480, "Temporarily Unavailable",
		       "the call is not established yet"},
	old_cseq    = {500, "Server Internal Error", "CSeq is too low"},
	not_found   = {404, "Not Found", NULL},
	forbidden   = {403, "Forbidden", NULL},
	bad_contact = {400, "Bad Request", "Contact is malformed"},
	loop        = {482, "Loop Detected",
		       "Replaces is the dialog of the REFER itself"},
	too_deep    = {482, "Loop Detected",
		       "too many referrals led to this call"},
	merged      = {482, "Loop Detected",
		       "this request came over another way before"},
	no_contact  = {400, "Bad Request", "Contact is missing"},
	no_refer_to = {400, "Bad Refer-To", "Refer-To is missing"},
	many_refer_to = {400, "Bad Refer-To", "more than one Refer-To"},
	undialable  = {484, "Address Incomplete",
		       "this baresip cannot dial an escape as in Refer-To"},
	no_memory   = {500, "Server Internal Error", "out of memory"};


/**
 * Let the stateless response to a request have the same To-tag as those to
 * its copies: libre makes it of a random number
 *
 * @param refer Protocol
 * @param msg   Request
 */
void request_same_tag(const struct refer *refer, const struct sip_msg *msg)
{
	if (!pl_isset(&msg->to.tag))
		((struct sip_msg *)msg)->tag = auth_hash(refer->auth, msg);
}


static bool unsupported_handler(const struct sip_hdr *hdr,
				const struct sip_msg *msg, void *arg)
{
	static const char *supportedv[] = {"replaces", "nosub", "norefersub",
					   "tdialog"};
	struct mbuf *mb = arg;
	size_t i;
	(void)msg;

	for (i=0; i<ARRAY_SIZE(supportedv); ++i) {
		if (!pl_strcasecmp(&hdr->val, supportedv[i]))
			return false;
	}

	(void)mbuf_printf(mb, "%s%r", mb->end ? ", " : "", &hdr->val);

	return false;
}


/* RFC 3261 section 8.2.2.3 */
static bool refuse_extension(struct refer *refer, const struct sip_msg *msg)
{
	struct mbuf *mb;
	bool refused;

	if (!sip_msg_hdr(msg, SIP_HDR_REQUIRE))
		return false;

	mb = mbuf_alloc(64);
	if (!mb)
		return false;

	(void)sip_msg_hdr_apply(msg, true, SIP_HDR_REQUIRE,
				unsupported_handler, mb);

	refused = mb->end > 0;
	if (refused) {
		request_same_tag(refer, msg);
		(void)sip_replyf(refer->sip, msg, 420, "Bad Extension",
				 "Unsupported: %b\r\n"
				 "Content-Length: 0\r\n"
				 "\r\n",
				 mb->buf, mb->end);
	}

	mem_deref(mb);

	return refused;
}


/* RFC 7614 section 5.3, RFC 4488 section 4 */
static bool wants_no_subscription(const struct sip_msg *msg)
{
	const struct sip_hdr *hdr = sip_msg_hdr(msg, SIP_HDR_REFER_SUB);
	struct pl val;

	if (sip_msg_hdr_has_value(msg, SIP_HDR_REQUIRE, "nosub"))
		return true;

	return hdr && !re_regex(hdr->val.p, hdr->val.l, "[^; \t]+", &val) &&
		!pl_strcasecmp(&val, "false");
}


/* The dialog of the REFER, and the call in it */
static const struct refusal *check_dialog(struct request *req,
					  struct refer *refer)
{
	unsigned n;

	req->dlg = mem_ref(intercept_dialog(refer->ic, req->msg, &n));
	req->inside = true;
	if (!req->dlg)
		return intercept_early(refer->ic, req->msg) ?
			&early : &no_dialog;

	req->call = host_call_find(sip_dialog_callid(req->dlg), n);
	req->ua   = host_call_ua(req->call);
	if (!req->ua)
		return &no_dialog;

	if (!sip_dialog_rseq_valid(req->dlg, req->msg))
		return &old_cseq;

	if (!host_call_established(req->call))
		return &early;

	req->depth = chain_depth(refer, host_call_id(req->call));
	req->who   = chain_party(refer, host_call_id(req->call));

	return NULL;
}


static bool is_own_dialog(const struct request *req)
{
	const struct sip_msg *msg = req->msg;
	struct refer_replaces rep;
	struct pl pl;

	if (!req->rt->replaces)
		return false;

	pl_set_str(&pl, req->rt->replaces);

	return !refer_replaces_decode(&rep, &pl) &&
		!pl_cmp(&rep.callid, &msg->callid) &&
		((!pl_cmp(&rep.to_tag, &msg->to.tag) &&
		  !pl_cmp(&rep.from_tag, &msg->from.tag)) ||
		 (!pl_cmp(&rep.to_tag, &msg->from.tag) &&
		  !pl_cmp(&rep.from_tag, &msg->to.tag)));
}


static const struct refusal *check_headers(struct request *req,
					   const struct refer *refer)
{
	const struct sip_hdr *hdr = sip_msg_hdr(req->msg, SIP_HDR_REFER_TO);
	const struct refusal *ref;

	if (!hdr)
		return &no_refer_to;

	if (sip_msg_hdr_count(req->msg, SIP_HDR_REFER_TO) > 1)
		return &many_refer_to;

	if (!sip_msg_hdr(req->msg, SIP_HDR_CONTACT))
		return &no_contact;

	if (refer->set.tel && refer_to_is_tel(&hdr->val))
		ref = refer_to_decode_tel(&req->rt, &hdr->val,
					  host_ua_aor(req->ua));
	else
		ref = refer_to_decode(&req->rt, &hdr->val);
	if (ref)
		return ref;

	if (is_own_dialog(req))
		return &loop;

	if (host_uri_safe(req->rt->uri))
		return NULL;

	if (refer_to_normalise(req->rt))
		return &no_memory;

	return host_uri_safe(req->rt->uri) ? NULL : &undialable;
}


/* A flood of refusals is not to become one of lines */
static void log_refusal(struct refer *refer, const struct sip_msg *msg,
			uint16_t scode, const char *why)
{
	const uint64_t now = tmr_jiffies();

	if (now - refer->log_time >= 1000) {
		refer->log_time  = now;
		refer->log_count = 0;
	}

	if (refer->log_count++ < LOG_MAX)
		info("refer: %H from %H refused: %u %s\n", text_clean,
		     &msg->met, text_clean, &msg->from.auri, scode, why);
}


/**
 * Refuse a request, statelessly
 *
 * @param refer Protocol
 * @param msg   Request
 * @param ref   Why
 */
void request_refuse(struct refer *refer, const struct sip_msg *msg,
		    const struct refusal *ref)
{
	log_refusal(refer, msg, ref->scode,
		    ref->warning ? ref->warning : ref->reason);

	request_same_tag(refer, msg);

	if (!ref->warning) {
		(void)sip_reply(refer->sip, msg, ref->scode, ref->reason);
		return;
	}

	(void)sip_replyf(refer->sip, msg, ref->scode, ref->reason,
			 "Warning: 399 %J \"%s\"\r\n"
			 "Content-Length: 0\r\n"
			 "\r\n",
			 &msg->dst, ref->warning);
}


/* RFC 4538: the tags are as the sender sees them; no match is no error */
static void target_dialog(struct request *req, const struct refer *refer)
{
	const struct sip_hdr *hdr =
		sip_msg_hdr(req->msg, SIP_HDR_TARGET_DIALOG);
	struct pl rest, callid, ltag = PL_INIT, rtag = PL_INIT;
	struct sip_dialog *dlg;
	struct sip_msg key;
	unsigned n;

	if (!hdr || !pl_isset(&hdr->val))
		return;

	rest   = hdr->val;
	callid = text_cut(&rest, ';');
	callid = text_trim(&callid);

	while (rest.l) {
		struct pl val = text_cut(&rest, ';');
		struct pl name = text_cut(&val, '=');

		name = text_trim(&name);
		if (!pl_strcasecmp(&name, "local-tag"))
			rtag = text_trim(&val);
		else if (!pl_strcasecmp(&name, "remote-tag"))
			ltag = text_trim(&val);
	}

	dialog_key(&key, &callid, &ltag, &rtag);
	dlg = intercept_dialog(refer->ic, &key, &n);
	if (!dlg)
		return;

	req->call = host_call_find(sip_dialog_callid(dlg), n);
	if (!host_call_established(req->call) ||
	    host_call_ua(req->call) != req->ua)
		req->call = NULL;

	req->inside = req->call != NULL;
	if (req->inside) {
		req->depth = chain_depth(refer, host_call_id(req->call));
		req->who   = chain_party(refer, host_call_id(req->call));
	}
}


/* A REFER out of a dialog makes one of its own */
static const struct refusal *check_outside(struct request *req,
					   struct refer *refer)
{
	req->ua = host_ua_find(req->msg);
	if (!req->ua)
		return &not_found;

	if (!host_ua_takes(req->ua, req->msg))
		return &forbidden;

	req->who = limits_peer(refer->limits, &req->msg->src);
	target_dialog(req, refer);

	return NULL;
}


/** Of what there is too much */
struct excess {
	const char *why;
	bool retry;            /**< It passes soon */
};


static void busy(struct refer *refer, const struct sip_msg *msg,
		 const struct excess *excess)
{
	char retry[32] = "";

	log_refusal(refer, msg, 503, excess->why);
	request_same_tag(refer, msg);

	if (excess->retry)
		(void)re_snprintf(retry, sizeof(retry), "Retry-After: %u\r\n",
				  RETRY_AFTER);
	(void)sip_replyf(refer->sip, msg, 503, "Service Unavailable",
			 "%s"
			 "Content-Length: 0\r\n"
			 "\r\n", retry);
}


/* Guesses are limited, and count for nothing else. EACCES: not looked at */
static int check_credentials(struct refer *refer, struct request *req)
{
	const struct sip_msg *msg = req->msg;
	struct credentials cred;
	uint64_t who;
	int err;

	err = auth_get(&cred, refer->auth, msg);
	if (err)
		return err;

	who = limits_guesser(refer->limits, &msg->src, &cred.resp.username);
	if (limits_reached(refer->limits, who, refer->set.rate))
		return EACCES;

	err = auth_check(&req->nonce, refer->auth, msg, &cred);
	if (err == EAUTH)
		(void)limits_rate(refer->limits, who, refer->set.rate);

	return err;
}


static const char *auth_fault(int err)
{
	switch (err) {

	case ENOENT: return "no credentials";
	case EAGAIN: return "credentials are stale";
	default:     return "wrong credentials";
	}
}


/* True if it is challenged, or refused */
static bool authenticate(struct refer *refer, struct request *req)
{
	static const struct excess guesses = {"too many wrong credentials",
					      true};
	int err;

	if (!refer->set.auth || pl_isset(&req->msg->to.tag))
		return false;

	err = check_credentials(refer, req);
	if (!err)
		return false;

	if (err == EACCES) {
		busy(refer, req->msg, &guesses);
		return true;
	}

	log_refusal(refer, req->msg, 401, auth_fault(err));
	request_same_tag(refer, req->msg);
	auth_challenge(refer->auth, refer->sip, req->msg, err == EAGAIN);

	return true;
}


/* Those out of a dialog leave half of the room to those in calls */
static bool too_many_wait(const struct refer *refer,
			  const struct request *req,
			  const struct party *party)
{
	const uint32_t most = refer->set.max_pending;
	const uint32_t share = refer->set.max_pending_peer;

	if (most && (refer->waiting >= most || (!req->inside &&
	    refer->waiting_outside >= (most + 1) / 2)))
		return true;

	return party && share && party->waiting >= share;
}


/* What is too much, or NULL */
static const struct excess *is_too_much(const struct refer *refer,
					const struct request *req)
{
	static const struct excess
		waiting = {"too many wait", true},
		calls   = {"too many referred calls", false},
		rate    = {"too many in a second", true};
	const struct party *party = party_find(refer->ht_party, req->who);
	const uint32_t most = refer->set.max_calls;

	if (too_many_wait(refer, req, party))
		return &waiting;

	if (party && req->inside && most && party->calls >= most)
		return &calls;

	if (!limits_rate(refer->limits, req->who, refer->set.rate))
		return &rate;

	return NULL;
}


/* By an application; while a required one is missing, none is asked */
static bool is_taken(const struct refer *refer, struct refer_server *srv)
{
	struct pl name;

	return !handlers_missing(&name, refer->set.handlers) &&
		handlers_ask(srv);
}


/* Nobody has taken it; an application may have gone while it was asked */
static void accept_or_reject(struct refer *refer, struct refer_server *srv)
{
	const struct refer_opts no = {
		.scode = (uint16_t)refer->set.reject_code,
	};
	struct pl name;
	int err;

	if (srv->state != REFER_WAITING)
		return;

	if (handlers_missing(&name, refer->set.handlers))
		err = refer_server_reject(srv, &no);
	else
		err = refer_server_accept(srv, NULL);

	if (err)
		server_close(srv, "could not be answered");
}


/* It is allowed: now, or when somebody says so */
static void serve(struct refer *refer, const struct request *req,
		  enum policy pol)
{
	struct refer_server *srv;

	if (server_alloc(&srv, refer, req)) {
		request_refuse(refer, req->msg, &no_memory);
		return;
	}

	nonce_spend(req->nonce);
	mem_ref(srv);

	if (pol == POLICY_ASK || handlers_any())
		server_wait(srv);

	if (srv->state == REFER_WAITING && !is_taken(refer, srv) &&
	    pol == POLICY_ACCEPT)
		accept_or_reject(refer, srv);

	mem_deref(srv);
}


static void decline(struct refer *refer, const struct request *req,
		    const char *why)
{
	const uint16_t scode = (uint16_t)refer->set.reject_code;
	const struct refusal declined = {scode, sip_reason(scode), why};

	request_refuse(refer, req->msg, &declined);
}


/* It can be carried out: what becomes of it? */
static void decide(struct refer *refer, struct request *req)
{
	const enum policy pol = policy_decide(refer, req->ua, req->inside);
	const struct excess *excess;

	if (pol == POLICY_REJECT) {
		decline(refer, req, "refused by policy");
	}
	else if (!host_ua_transfer_allowed(req->ua) ||
		 !patterns_allow(refer->patterns, req->rt)) {
		decline(refer, req, "transfer is not allowed");
	}
	else if (authenticate(refer, req)) {
		return;
	}
	else if ((excess = is_too_much(refer, req))) {
		busy(refer, req->msg, excess);
	}
	else if (!req->dlg && sip_dialog_accept(&req->dlg, req->msg)) {
		request_refuse(refer, req->msg, &bad_contact);
	}
	else {
		serve(refer, req, pol);
	}
}


static void handle(struct refer *refer, struct request *req)
{
	const struct refusal *ref;
	const struct sip_msg *old;

	/* libre knows no more of one whose response could not be sent */
	old = server_request(refer, req->msg);
	if (old && !pl_cmp(&old->via.branch, &req->msg->via.branch))
		return;

	if (old)
		ref = &merged;
	else if (pl_isset(&req->msg->to.tag))
		ref = check_dialog(req, refer);
	else
		ref = check_outside(req, refer);

	if (!ref && refuse_extension(refer, req->msg))
		return;

	if (!ref)
		ref = check_headers(req, refer);
	if (!ref && refer->set.max_depth &&
	    req->depth >= refer->set.max_depth)
		ref = &too_deep;

	if (ref) {
		request_refuse(refer, req->msg, ref);
		return;
	}

	req->nosub = wants_no_subscription(req->msg);

	decide(refer, req);
}


/**
 * Handle a REFER
 *
 * @param refer Protocol
 * @param msg   REFER; no retransmission
 */
void request_handle(struct refer *refer, const struct sip_msg *msg)
{
	struct request req = {.msg = msg};

	handle(refer, &req);
	mem_deref(req.rt);
	mem_deref(req.dlg);
}
