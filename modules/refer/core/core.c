/**
 * @file core.c  The REFER protocol on one SIP stack
 *
 * Where a message enters: to the file that is responsible, by its method.
 */
#include <re.h>
#include "admission/admission.h"
#include "admission/auth.h"
#include "admission/limits.h"
#include "config/guard.h"
#include "config/rules.h"
#include "config/settings.h"
#include "core/call_watch.h"
#include "core/core.h"
#include "core/intercept.h"
#include "core/invite.h"
#include "core/queue.h"
#include "core/sender.h"
#include "host/host.h"
#include "referee/notifier.h"
#include "referee/referee.h"
#include "referrer/referrer.h"
#include "target/target.h"


static void queues_init(struct refer *refer)
{
	queue_init(&refer->ended, ENDED_TIME, dialogs_ended_handler);
	queue_init(&refer->grace, TIMER_N, client_grace_handler);
	queue_init(&refer->silence, TIMER_N, subscriber_silence_handler);
}


static void queues_close(struct refer *refer)
{
	queue_close(&refer->ended);
	queue_close(&refer->grace);
	queue_close(&refer->silence);
}


static void destructor(void *arg)
{
	struct refer *refer = arg;

	if (refer->ic)
		refer_shutdown(refer, "module is unloaded");

	queues_close(refer);
	mem_deref(refer->senders);
	mem_deref(refer->ic);
	mem_deref(refer->auth);
	mem_deref(refer->limits);
	mem_deref(refer->rules);
	mem_deref(refer->failed);
	mem_deref(refer->conf);
	mem_deref(refer->notifiers);
	mem_deref(refer->ht_subscriber);
	mem_deref(refer->invites);
	mem_deref(refer->old_calls);
	mem_deref(refer->watches);
	mem_deref(refer->ht_hold);
	mem_deref(refer->servers);
	mem_deref(refer->ht_chain);
	mem_deref(refer->ht_dialog);
	mem_deref(refer->ht_early);
	mem_deref(refer->ht_party);
	list_flush(&refer->policyl);
}


static bool is_refer_event(const struct sip_msg *msg)
{
	const struct sip_hdr *hdr = sip_msg_hdr(msg, SIP_HDR_EVENT);
	struct sipevent_event ev;

	return hdr && !sipevent_event_decode(&ev, &hdr->val) &&
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


static bool request_handler(const struct sip_msg *msg, void *arg)
{
	struct refer *refer = arg;

	if (is_replacing(msg)) {
		refer_refresh(refer);
		return replace_handle(refer, msg);
	}

	if (refer->replacel.head && !pl_strcmp(&msg->met, "ACK")) {
		replace_ack(refer, msg);
		return false;
	}

	if (!pl_strcmp(&msg->met, "REFER")) {
		refer_refresh(refer);
		request_handle(refer, msg);
		return true;
	}

	if (!pl_strcmp(&msg->met, "NOTIFY"))
		return is_refer_event(msg) && subscriber_notify(refer, msg);

	if (!pl_strcmp(&msg->met, "SUBSCRIBE"))
		return is_refer_event(msg) && subscribe(refer, msg);

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
	hold_look(refer, msg);
	early = dialogs_response(refer, msg);
	host_response_guard(msg);

	ours = intercept_respond(refer->ic, msg);
	invites_seen(refer->invites, &resp, ours);

	if (ours)
		hold_response(refer, msg);
	else
		mem_deref(early);

	mem_deref(resp.reason);

	return ours;
}


static bool response_handler(const struct sip_msg *msg, void *arg)
{
	return !pl_strcmp(&msg->cseq.met, "INVITE") &&
		invite_response(arg, msg);
}


/* From now on these hold */
static void take_rules(struct refer *refer, struct rules *rules)
{
	mem_ref(rules);
	mem_deref(refer->rules);
	refer->rules    = rules;
	refer->patterns = rules->patterns;
	refer->set      = rules->set;
}


/* Another user file, or realm; else the challenges that are out stay valid */
static int take_auth(struct refer *refer, const struct settings *set)
{
	struct auth *auth;
	int err;

	if (refer->auth && !str_cmp(set->users, refer->set.users) &&
	    !str_cmp(set->realm, refer->set.realm))
		return 0;

	err = auth_alloc(&auth, set->realm, set->users);
	if (err)
		return err;

	mem_deref(refer->auth);
	refer->auth = auth;

	return 0;
}


/**
 * Read the configuration again: all of it, or with any fault nothing
 *
 * What /referpolicy has said is forgotten.
 *
 * @param refer Protocol
 *
 * @return 0 if success, EBADMSG if it has faults (refer->failed), otherwise
 *         errorcode
 */
int refer_reload(struct refer *refer)
{
	struct rules *rules;
	int err;

	mem_deref(refer->conf);
	refer->conf   = mem_ref(host_conf());
	refer->failed = mem_deref(refer->failed);

	err = rules_read(&rules, false);
	if (err)
		return err;

	if (guard_faulty(rules->guard)) {
		refer->failed = mem_ref(rules->guard);
		guard_log(refer->failed);
		warning("refer: not reloaded, all is as it was\n");
		err = EBADMSG;
	}
	else {
		err = take_auth(refer, &rules->set);
	}

	if (!err) {
		take_rules(refer, rules);
		list_flush(&refer->policyl);
		info("refer: configuration reloaded\n");
	}

	mem_deref(rules);

	return err;
}


/**
 * Read the configuration again if the softphone has done so
 *
 * @param refer Protocol
 */
void refer_refresh(struct refer *refer)
{
	if (host_conf() != refer->conf)
		(void)refer_reload(refer);
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

	refer->sip  = sip;
	refer->conf = mem_ref(host_conf());
	queues_init(refer);
	take_rules(refer, rules);

	err  = hash_alloc(&refer->ht_subscriber, HASH_SIZE);
	err |= invites_alloc(&refer->invites, refer);
	err |= call_watches_alloc(&refer->watches);
	err |= old_calls_alloc(&refer->old_calls, refer);
	err |= hash_alloc(&refer->ht_hold, HASH_SIZE);
	err |= servers_alloc(&refer->servers);
	err |= hash_alloc(&refer->ht_chain, HASH_SIZE);
	err |= hash_alloc(&refer->ht_dialog, HASH_SIZE);
	err |= hash_alloc(&refer->ht_early, HASH_SIZE);
	err |= hash_alloc(&refer->ht_party, HASH_SIZE);
	err |= notifiers_alloc(&refer->notifiers, refer);
	err |= senders_alloc(&refer->senders, sip,
			     refer->watches);
	err |= limits_alloc(&refer->limits);
	err |= take_auth(refer, &rules->set);
	if (err)
		goto out;

	err = intercept_alloc(&refer->ic, sip, sock, request_handler,
			      response_handler, refer);

 out:
	if (err)
		mem_deref(refer);
	else
		*rp = refer;

	return err;
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

	(void)consult_abort(refer, NULL);
	consult_close(refer);
	invites_flush(refer->invites);
	old_calls_flush(refer->old_calls);
	hash_flush(refer->ht_chain);
	replace_close(refer, reason);
	dialogs_flush(refer);

	while (refer->clientl.head)
		client_close(refer->clientl.head->data, reason);

	while (refer->restl.head)
		client_detach(refer->restl.head->data);

	/* those that answer late NOTIFYs of what is over */
	hash_flush(refer->ht_subscriber);
}


/**
 * The softphone tells that a call was established
 *
 * @param refer Protocol
 * @param call  Call
 */
void refer_call_established(struct refer *refer, struct call *call)
{
	dialogs_established(refer, call);
	call_watches_established(refer->watches, call);
}
