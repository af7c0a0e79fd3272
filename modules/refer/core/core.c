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
#include "core/dialogs.h"
#include "core/intercept.h"
#include "core/invite.h"
#include "core/queue.h"
#include "core/sender.h"
#include "host/host.h"
#include "referee/old_call.h"
#include "referee/referee.h"
#include "referrer/hold.h"
#include "referrer/referrer.h"
#include "referrer/subscriber.h"
#include "target/target.h"


static void queues_init(struct refer *refer)
{
	queue_init(&refer->trying, TRYING_DELAY, server_trying_handler);
	queue_init(&refer->decide, 0, server_decide_handler);
	queue_init(&refer->ask, 0, server_decide_handler);
	queue_init(&refer->ring, 0, inviter_ring_handler);
	queue_init(&refer->expire, 0, notifier_expire_handler);
	queue_init(&refer->old, 0, old_call_handler);
	queue_init(&refer->leg, LEG_TIME, old_call_handler);
}


/* Who waits already keeps its time */
static void queues_delay(struct refer *refer)
{
	const struct settings *set = &refer->set;
	const uint64_t decide = min(set->decide_time, set->ask_timeout);

	refer->decide.delay = decide * 1000;
	refer->ask.delay    = (set->ask_timeout - decide) * 1000;
	refer->ring.delay   = (uint64_t)set->ring_timeout * 1000;
	refer->expire.delay = (uint64_t)set->expires * 1000;
	refer->old.delay    = (uint64_t)set->old_call_timeout * 1000;
}


static void queues_close(struct refer *refer)
{
	queue_close(&refer->trying);
	queue_close(&refer->decide);
	queue_close(&refer->ask);
	queue_close(&refer->ring);
	queue_close(&refer->expire);
	queue_close(&refer->old);
	queue_close(&refer->leg);
}


static void destructor(void *arg)
{
	struct refer *refer = arg;

	refer_shutdown(refer, "module is unloaded");
	queues_close(refer);
	mem_deref(refer->targets);
	mem_deref(refer->dialogs);
	mem_deref(refer->consults);
	mem_deref(refer->clients);
	mem_deref(refer->senders);
	mem_deref(refer->ic);
	mem_deref(refer->auth);
	mem_deref(refer->limits);
	mem_deref(refer->rules);
	mem_deref(refer->failed);
	mem_deref(refer->conf);
	mem_deref(refer->ht_notifier);
	mem_deref(refer->subscribers);
	mem_deref(refer->ht_invite);
	mem_deref(refer->watches);
	mem_deref(refer->holds);
	mem_deref(refer->ht_server);
	mem_deref(refer->ht_request);
	mem_deref(refer->ht_chain);
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
		return notifier_subscribe(refer, msg);

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
		target_handle(refer->targets, msg);
		return true;
	}

	target_look(refer->targets, msg);

	if (!pl_strcmp(&msg->met, "REFER")) {
		refer_refresh(refer);
		request_handle(refer, msg);
		return true;
	}

	if (!pl_strcmp(&msg->met, "NOTIFY"))
		return is_refer_event(msg) &&
			subscriber_notify(refer->subscribers, msg);

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

	invite_look(&resp, refer);
	hold_look(refer->holds, msg);
	early = dialogs_response(refer->dialogs, msg);
	host_response_guard(msg);

	refer->response = &resp;
	ours = intercept_respond(refer->ic, msg);
	refer->response = NULL;

	if (ours) {
		invite_progress(&resp, refer);
		hold_response(refer->holds, msg);
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


/* From now on these hold */
static void take_rules(struct refer *refer, struct rules *rules)
{
	mem_ref(rules);
	mem_deref(refer->rules);
	refer->rules    = rules;
	refer->patterns = rules->patterns;
	refer->set      = rules->set;
	queues_delay(refer);
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

	err  = hash_alloc(&refer->ht_notifier, HASH_SIZE);
	err |= hash_alloc(&refer->ht_invite, HASH_SIZE);
	err |= call_watches_alloc(&refer->watches);
	err |= holds_alloc(&refer->holds);
	err |= hash_alloc(&refer->ht_server, HASH_SIZE);
	err |= hash_alloc(&refer->ht_request, HASH_SIZE);
	err |= hash_alloc(&refer->ht_chain, HASH_SIZE);
	err |= hash_alloc(&refer->ht_party, HASH_SIZE);
	err |= senders_alloc(&refer->senders, sip,
			     refer->watches);
	err |= subscribers_alloc(&refer->subscribers, sip, refer->senders);
	err |= limits_alloc(&refer->limits);
	err |= clients_alloc(&refer->clients, refer);
	err |= take_auth(refer, &rules->set);
	if (err)
		goto out;

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

	while (refer->serverl.head)
		server_close(refer->serverl.head->data, reason);

	(void)consult_abort(refer->consults, NULL);
	holds_close(refer->holds);
	invite_close(refer);
	list_flush(&refer->old.l);
	list_flush(&refer->leg.l);
	hash_flush(refer->ht_chain);
	targets_close(refer->targets, reason);

	clients_close(refer->clients, reason);
}


/**
 * The softphone tells that a call was established
 *
 * @param refer Protocol
 * @param call  Call
 */
void refer_call_established(struct refer *refer, struct call *call)
{
	dialogs_established(refer->dialogs, call);
	call_watches_established(refer->watches, call);
}
