/**
 * @file request.c  A REFER that has no context yet
 *
 * It is refused statelessly, or gets a context and waits for a decision.
 */
#include <re.h>
#include "admission/admission.h"
#include "admission/auth.h"
#include "admission/request.h"
#include "admission/state.h"
#include "core/core.h"
#include "core/transfers.h"
#include "core/handlers.h"
#include "host/host.h"
#include "host/libre.h"
#include "refer.h"
#include "referee/referee.h"
#include "syntax/text.h"
#include "syntax/token.h"


enum {
	LOG_MAX = 10,          /* Refusals in the log, in 1 s */
};

/** A Warning header */
struct warning {
	const struct sa *agent;
	const char *text;      /**< NULL for none */
};

static const struct refusal no_memory = {500, "Server Internal Error",
					 "out of memory"};


/**
 * Let the stateless response to a request have the same To-tag as those to
 * its copies: libre makes it of a random number
 */
void request_same_tag(const struct refer *refer, const struct sip_msg *msg)
{
	if (!pl_isset(&msg->to.tag))
		((struct sip_msg *)msg)->tag =
			auth_hash(refer->admission->auth, msg);
}


/* A flood of refusals is not to become one of lines */
static void log_refusal(struct admission *adm, const struct sip_msg *msg,
			uint16_t scode, const char *why)
{
	const uint64_t now = tmr_jiffies();

	if (now - adm->log_time >= 1000) {
		adm->log_time  = now;
		adm->log_count = 0;
	}

	if (adm->log_count++ < LOG_MAX)
		info("refer: %H from %H refused: %u %s\n", text_clean,
		     &msg->met, text_clean, &msg->from.auri, scode, why);
}


static int print_warning(struct re_printf *pf, const struct warning *w)
{
	return w->text ? re_hprintf(pf, "Warning: 399 %J \"%s\"\r\n",
				    w->agent, w->text) : 0;
}


/**
 * Refuse a request, with a Warning if the refusal has one
 *
 * The log has what the peer is told, or why; hdrs are more header lines, or
 * NULL.
 */
void refuse_with(struct refer *refer, const struct sip_msg *msg,
		 const struct refusal *ref, const char *why, const char *hdrs)
{
	const char *told = ref->warning ? ref->warning : ref->reason;
	const struct warning warning = {&msg->dst, ref->warning};

	log_refusal(refer->admission, msg, ref->scode, why ? why : told);
	if (!pl_strcmp(&msg->met, "REFER"))
		transfers_refused(refer->transfers, ref->scode);

	request_same_tag(refer, msg);

	(void)sip_replyf(refer->sip, msg, ref->scode, ref->reason,
			 "%H"
			 "%s"
			 "Content-Length: 0\r\n"
			 "\r\n",
			 print_warning, &warning, hdrs ? hdrs : "");
}


/** Refuse a request as refuse_with() does, with nothing more to say */
void request_refuse(struct refer *refer, const struct sip_msg *msg,
		    const struct refusal *ref)
{
	refuse_with(refer, msg, ref, NULL, NULL);
}


/* RFC 7614 section 5.3, RFC 4488 section 4 */
static bool wants_no_subscription(const struct sip_msg *msg)
{
	const struct sip_hdr *hdr = sip_msg_hdr(msg, SIP_HDR_REFER_SUB);

	if (sip_msg_hdr_has_value(msg, SIP_HDR_REQUIRE, "nosub"))
		return true;

	return hdr && token_is(&hdr->val, "false");
}


static bool is_waiting(const struct refer_server *srv)
{
	return refer_server_state(srv) == REFER_WAITING;
}


/* By an application; while a required one is missing, none is asked */
static bool is_taken(const struct refer *refer, struct refer_server *srv)
{
	struct pl name;

	return !handlers_missing(&name, refer->set->handlers) &&
		handlers_ask(srv, is_waiting);
}


/* Nobody has taken it; an application may have gone while it was asked */
static void accept_or_reject(struct refer *refer, struct refer_server *srv)
{
	const struct refer_opts no = {
		.scode = (uint16_t)refer->set->reject_code,
	};
	struct pl name;
	int err;

	if (!is_waiting(srv))
		return;

	if (handlers_missing(&name, refer->set->handlers))
		err = refer_server_reject(srv, &no);
	else
		err = refer_server_accept(srv, NULL);

	if (err)
		server_close(srv, "could not be answered");
}


static uint64_t key_of(const struct refer *refer, struct request *req)
{
	if (!req->key)
		req->key = auth_hash(refer->admission->auth, req->msg);

	return req->key;
}


/* It is allowed: now, or when somebody says so */
static void serve(struct refer *refer, struct request *req)
{
	struct refer_server *srv;

	req->nosub = wants_no_subscription(req->msg);

	if (server_alloc(&srv, refer, req)) {
		request_refuse(refer, req->msg, &no_memory);
		return;
	}

	copies_add(refer->admission->copies, key_of(refer, req),
		   &req->msg->via.branch);
	nonce_spend(req->nonce);
	mem_ref(srv);

	if (req->policy == POLICY_ASK || handlers_any())
		server_wait(srv);

	if (is_waiting(srv) && !is_taken(refer, srv)) {
		if (req->policy == POLICY_ACCEPT)
			accept_or_reject(refer, srv);
		else if (is_waiting(srv))
			server_ask(srv);
	}

	mem_deref(srv);
}


/* Whether it came before: it is a copy, or came over another way */
static enum copies_match came_before(const struct refer *refer,
				     struct request *req)
{
	const struct copies *copies = refer->admission->copies;
	const struct sip_msg *msg = req->msg;
	const struct sip_msg *old = server_request(refer, msg);

	if (old)
		return pl_cmp(&old->via.branch, &msg->via.branch) ?
			COPY_MERGED : COPY_SAME;

	return copies_any(copies) ?
		copies_find(copies, key_of(refer, req), &msg->via.branch) :
		COPY_NONE;
}


/** Handle a REFER */
void request_handle(struct refer *refer, const struct sip_msg *msg)
{
	struct request req = {.msg = msg};
	const struct refusal *ref;

	req.again = came_before(refer, &req);

	/* libre knows no more of one whose response could not be sent, or that
	   comes very late */
	if (req.again == COPY_SAME)
		return;

	ref = request_check(refer, &req);
	if (ref)
		refuse_with(refer, msg, ref, req.why, req.hdrs);
	else
		serve(refer, &req);

	mem_deref(req.hdrs);
	mem_deref(req.whom);
	mem_deref(req.referrer);
	mem_deref(req.rt);
	mem_deref(req.dlg);
}
