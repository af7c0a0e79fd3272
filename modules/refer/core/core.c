/**
 * @file core.c  The REFER protocol on one SIP stack
 *
 * Where a message enters: to the file that is responsible, by its method.
 */
#include <re.h>
#include "admission/admission.h"
#include "config/config.h"
#include "core/call_watch.h"
#include "core/core.h"
#include "core/dialogs.h"
#include "core/intercept.h"
#include "core/invite.h"
#include "core/sender.h"
#include "core/transfers.h"
#include "host/host.h"
#include "referee/referee.h"
#include "referrer/hold.h"
#include "referrer/referrer.h"
#include "referrer/subscriber.h"
#include "syntax/event_header.h"
#include "syntax/refer_to.h"
#include "syntax/token.h"
#include "target/target.h"


/* libre takes the last one, and proxies the first. Another header can be one
   to libre alone, which knows a name by 12 bits of a hash */
static const struct refusal
	many_from = {400, "Bad Request", "more than one From"},
	bad_from  = {400, "Bad Request", "From is no address"};


static void destructor(void *arg)
{
	struct refer *refer = arg;

	if (refer->ic)
		refer_shutdown(refer, "module is unloaded");

	senders_close(refer->senders);
	mem_deref(refer->targets);
	mem_deref(refer->dialogs);
	mem_deref(refer->consults);
	mem_deref(refer->clients);
	mem_deref(refer->senders);
	mem_deref(refer->ic);
	mem_deref(refer->subscribers);
	mem_deref(refer->admission);
	mem_deref(refer->config);
	mem_deref(refer->notifiers);
	mem_deref(refer->invites);
	mem_deref(refer->old_calls);
	mem_deref(refer->watches);
	mem_deref(refer->holds);
	mem_deref(refer->servers);
	mem_deref(refer->transfers);
}


/**
 * Find the dialog of a subscription: the one that a REFER out of a dialog has
 * made, or the one of a call that has ended
 *
 * @param refer Protocol
 * @param msg   Request
 *
 * @return Dialog if found, otherwise NULL
 */
struct sip_dialog *refer_dialog(const struct refer *refer,
				const struct sip_msg *msg)
{
	struct sip_dialog *dlg = notifiers_dialog(refer->notifiers, msg);

	return dlg ? dlg : subscribers_dialog(refer->subscribers, msg);
}


/* In our dialogs no other is known; libre has 481 for each */
static bool refuse_event(struct refer *refer, const struct sip_msg *msg)
{
	unsigned n;

	if (!pl_isset(&msg->to.tag) || (!intercept_dialog(refer->ic, msg, &n)
					&& !refer_dialog(refer, msg)))
		return false;

	(void)sip_replyf(refer->sip, msg, 489, "Bad Event",
			 "Allow-Events: refer\r\n"
			 "Content-Length: 0\r\n\r\n");

	return true;
}


static bool is_refer_event(const struct sip_msg *msg)
{
	const struct sip_hdr *hdr = sip_msg_hdr(msg, SIP_HDR_EVENT);
	struct sipevent_event ev;

	return hdr && !event_decode(&ev, &hdr->val) &&
		!pl_strcasecmp(&ev.event, "refer");
}


/* A REFER subscribes, a SUBSCRIBE cannot: RFC 3515 section 2.4.4 */
static bool subscribe(struct refer *refer, const struct sip_msg *msg)
{
	if (pl_isset(&msg->to.tag))
		return notifier_subscribe(refer->notifiers, msg);

	request_same_tag(refer, msg);
	(void)sip_reply(refer->sip, msg, 403, "Forbidden");

	return true;
}


/* In a dialog it means nothing in an INVITE, and no other may have it */
static bool is_replacing(const struct sip_msg *msg)
{
	return sip_msg_hdr(msg, SIP_HDR_REPLACES) &&
		pl_strcmp(&msg->met, "ACK") &&
		(!pl_isset(&msg->to.tag) || pl_strcmp(&msg->met, "INVITE"));
}


/* Who calls is the address in From. libre prefers one in a parameter of it, or
   behind another address. False if it is none */
static bool read_caller(const struct sip_msg *msg)
{
	struct sip_taddr *from = &((struct sip_msg *)(uintptr_t)msg)->from;
	struct pl auri;

	token_addr(&auri, &from->val);
	if (auri.p == from->auri.p && auri.l == from->auri.l)
		return true;

	from->auri   = auri;
	from->dname  = pl_null;
	from->params = pl_null;

	return !uri_decode(&from->uri, &auri);
}


/* Nobody can tell who calls */
static const struct refusal *check_caller(const struct sip_msg *msg)
{
	if (sip_msg_hdr_count(msg, SIP_HDR_FROM) > 1)
		return &many_from;

	return read_caller(msg) ? NULL : &bad_from;
}


static bool request_handler(const struct sip_msg *msg, void *arg)
{
	const struct refusal *ref;
	struct refer *refer = arg;

	host_answer_supported(msg);

	ref = pl_strcmp(&msg->met, "INVITE") ? NULL : check_caller(msg);
	if (ref) {
		request_refuse(refer, msg, ref);
		return true;
	}

	if (is_replacing(msg)) {
		config_refresh(refer->config);
		target_handle(refer->targets, msg);
		return true;
	}

	target_look(refer->targets, msg);

	if (!pl_strcmp(&msg->met, "REFER")) {
		(void)read_caller(msg);
		config_refresh(refer->config);
		request_handle(refer, msg);
		return true;
	}

	if (!pl_strcmp(&msg->met, "NOTIFY"))
		return is_refer_event(msg) &&
			subscriber_notify(refer->subscribers, msg);

	if (!pl_strcmp(&msg->met, "SUBSCRIBE"))
		return is_refer_event(msg) ? subscribe(refer, msg)
			: refuse_event(refer, msg);

	return false;
}


/* What it means is known when the softphone has seen it: before that it may
   belong to no transaction */
static bool invite_response(struct refer *refer, const struct sip_msg *msg)
{
	struct response resp = {.msg = msg, .scode = msg->scode};
	struct early *early;
	bool ours;

	invites_look(refer->invites, &resp);
	hold_look(refer->holds, msg);
	early = dialogs_response(refer->dialogs, msg);
	host_response_guard(msg);

	ours = intercept_respond(refer->ic, msg);
	invites_seen(refer->invites, &resp, ours);

	if (ours) {
		dialogs_answered(refer->dialogs, msg);
		hold_response(refer->holds, msg);
		dialogs_over(refer->dialogs, msg);
	}
	else {
		mem_deref(early);
	}

	mem_deref(resp.reason);

	return ours;
}


static bool response_handler(const struct sip_msg *msg, void *arg)
{
	return !pl_strcmp(&msg->cseq.met, "INVITE") &&
		invite_response(arg, msg);
}


static int config_handler(const struct settings *set, void *arg)
{
	const struct refer *refer = arg;

	return admission_configure(refer->admission, set);
}


/* It is no INVITE that has moved the CSeq */
static void sent_handler(struct sip_dialog *dlg, uint32_t cseq, void *arg)
{
	struct refer *refer = arg;

	hold_sent(refer->holds, dlg, cseq);
}


/**
 * Start the REFER protocol on a SIP stack
 *
 * @param rp    Pointer to allocated protocol
 * @param sip   SIP stack
 * @param sock  Session socket of the softphone
 * @param rules What the configuration says
 *
 * @return 0 if success, ENOSYS if this libre cannot be used, otherwise
 *         errorcode
 */
int refer_alloc(struct refer **rp, struct sip *sip,
		struct sipsess_sock *sock, struct rules *rules)
{
	struct refer *refer;
	int err;

	if (!rp || !sip || !sock || !rules)
		return EINVAL;

	refer = mem_zalloc(sizeof(*refer), destructor);
	if (!refer)
		return ENOMEM;

	refer->sip = sip;

	err  = transfers_alloc(&refer->transfers, refer);
	err |= invites_alloc(&refer->invites, refer);
	err |= call_watches_alloc(&refer->watches);
	err |= old_calls_alloc(&refer->old_calls, refer);
	err |= holds_alloc(&refer->holds);
	err |= servers_alloc(&refer->servers);
	err |= notifiers_alloc(&refer->notifiers, refer);
	err |= senders_alloc(&refer->senders, sip, refer->watches,
			     refer->transfers, sent_handler, refer);
	err |= subscribers_alloc(&refer->subscribers, sip, refer->senders);
	err |= clients_alloc(&refer->clients, refer);
	err |= admission_alloc(&refer->admission, refer->watches);
	if (err)
		goto out;

	err = config_alloc(&refer->config, rules, config_handler, refer);
	if (err)
		goto out;

	refer->set = config_settings(refer->config);

	err = consults_alloc(&refer->consults, refer);
	if (err)
		goto out;

	err = targets_alloc(&refer->targets, refer, consults_moved,
			    refer->consults);
	if (err)
		goto out;

	err = intercept_alloc(&refer->ic, sip, sock, request_handler,
			      response_handler, refer);
	if (err)
		goto out;

	err = dialogs_alloc(&refer->dialogs, refer->ic, refer->watches);

 out:
	if (err)
		mem_deref(refer);
	else
		*rp = refer;

	return err;
}


/** Show transfers to a handler, of enum refer_which */
int refer_apply(const struct refer *refer, unsigned which,
		refer_transfer_h *h, void *arg)
{
	int err = 0;

	if (which & REFER_ENDED)
		err = transfers_ended_apply(refer->transfers, h, arg);

	if (which & REFER_UNDER_WAY) {
		err |= servers_apply(refer->servers, h, arg);
		err |= clients_apply(refer->clients, h, arg);
		err |= consults_apply(refer->consults, h, arg);
		err |= targets_apply(refer->targets, h, arg);
	}

	return err;
}


/** What find_handler() looks for */
struct search {
	struct refer_transfer found;
	uint32_t id;
};


static int find_handler(const struct refer_transfer *t, void *arg)
{
	struct search *s = arg;

	if (t->id == s->id)
		s->found = *t;

	return 0;
}


/** Find a transfer by its number, under way or ended */
bool refer_find(struct refer_transfer *t, const struct refer *refer,
		uint32_t id)
{
	struct search s = {.id = id};

	(void)refer_apply(refer, REFER_UNDER_WAY, find_handler, &s);
	if (!s.found.id)
		return transfers_ended(t, refer->transfers, id);

	*t = s.found;

	return true;
}


/** Stop a transfer, in either direction */
int refer_cancel(const struct refer *refer, uint32_t id)
{
	struct refer_transfer t;
	struct refer_server *srv = server_find(refer, id);
	struct refer_client *c = client_find(refer->clients, id);
	int err = 0;

	if (!refer_find(&t, refer, id))
		return ENOENT;

	if (!(t.can & REFER_CAN_CANCEL))
		return EPROTO;

	if (srv)
		return server_cancel(srv);

	if (c)
		err = refer_client_dispose(c);

	/* it goes on when the REFER is given up that joins the two */
	return id == consult_id(refer->consults) ?
		consult_abort(refer->consults, "given up") : err;
}


static int wait_handler(const struct refer_transfer *t, void *arg)
{
	uint32_t *n = arg;

	if (t->can & REFER_CAN_DECIDE)
		++*n;

	return 0;
}


/** Get all counters */
void refer_stats(struct refer_stats *stats, const struct refer *refer)
{
	transfers_stats(stats, refer->transfers);
	(void)servers_apply(refer->servers, wait_handler, &stats->waiting);
}


/**
 * End all that is under way: calls stay, subscriptions end "deactivated"
 *
 * @param refer  Protocol
 * @param reason Why, for people
 */
void refer_shutdown(struct refer *refer, const char *reason)
{
	if (!refer)
		return;

	refer->closed = true;

	servers_close(refer->servers, reason);

	(void)consult_abort(refer->consults, NULL);
	holds_close(refer->holds);
	invites_flush(refer->invites);
	old_calls_flush(refer->old_calls);
	admission_close(refer->admission);
	targets_close(refer->targets, reason);

	clients_close(refer->clients, reason);
}


/**
 * The softphone tells that it answers a call, or sends its first offer
 *
 * The ACK that establishes the call may come much later.
 *
 * @param refer Protocol
 * @param call  Call
 */
void refer_call_answering(struct refer *refer, struct call *call)
{
	if (!host_call_outgoing(call))
		dialogs_confirm(refer->dialogs, call);
}


/**
 * The softphone tells that a call was established
 *
 * @param refer Protocol
 * @param call  Call
 */
void refer_call_established(struct refer *refer, struct call *call)
{
	dialogs_confirm(refer->dialogs, call);
	call_watches_established(refer->watches, call);
}


/**
 * Tell whether a call stays on hold when another one ends
 *
 * It does while it is transferred, and in any case when the protocol itself is
 * about to resume a call.
 *
 * @param call Call that is on hold
 * @param arg  Protocol
 *
 * @return True if the softphone must not resume it
 */
bool refer_holds(const struct call *call, void *arg)
{
	const struct refer *refer = arg;

	if (refer->closed)
		return false;

	return clients_of(refer->clients, call, NULL) ||
		consult_transfers(refer->consults, call) ||
		hold_resumes_later(refer->holds);
}
