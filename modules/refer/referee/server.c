/**
 * @file server.c  One incoming REFER (seeds: ServerContext,
 * ReferServerContext, ReferUserAgentServer)
 *
 * Its states, events and timers, the responses, and its life. What can be done
 * with it is in server_calls.c.
 */
#include <re.h>
#include "admission/admission.h"
#include "admission/request.h"
#include "admission/wildcard.h"
#include "config/settings.h"
#include "core/call_watch.h"
#include "core/core.h"
#include "core/event.h"
#include "core/intercept.h"
#include "core/queue.h"
#include "host/host.h"
#include "refer.h"
#include "referee/old_call.h"
#include "referee/opts.h"
#include "referee/referee.h"
#include "referee/referral.h"
#include "referee/server.h"
#include "syntax/sipfrag.h"
#include "syntax/text.h"


/** A response, to be printed */
struct reply {
	const struct refer_server *srv;
	const struct answer *ans;
	const char *contacts;
};


static void unlink_all(struct refer_server *srv)
{
	list_unlink(&srv->le);
	hash_unlink(&srv->he_id);
	hash_unlink(&srv->he_callid);
}


static void destructor(void *arg)
{
	struct refer_server *srv = arg;

	unlink_all(srv);
	queue_remove(&srv->trying_due);
	queue_remove(&srv->decide_due);
	tmr_cancel(&srv->tmr_report);
	call_unwatch(&srv->watch);
	mem_deref(srv->referral);
	mem_deref(srv->notifier);
	mem_deref(srv->st);
	mem_deref(srv->dlg);
	mem_deref(srv->party);
	mem_deref(srv->reason);
	mem_deref((void *)srv->msg);
}


/**
 * Get the name of a state
 *
 * @param state State
 *
 * @return Name
 */
const char *refer_server_state_name(enum refer_server_state state)
{
	switch (state) {

	case REFER_WAITING:    return "WAITING";
	case REFER_PENDING:    return "PENDING";
	case REFER_ACCEPTED:   return "ACCEPTED";
	case REFER_REJECTED:   return "REJECTED";
	case REFER_TERMINATED: return "TERMINATED";
	default:               return "???";
	}
}


/**
 * Tell whether a decision is still open
 *
 * @param state State
 *
 * @return True if it is
 */
bool server_is_open(enum refer_server_state state)
{
	return state == REFER_WAITING || state == REFER_PENDING;
}


/**
 * Change the state
 *
 * @param srv   Server context
 * @param state State
 * @param scode Status code that goes with it, for the log
 */
void server_set_state(struct refer_server *srv,
		      enum refer_server_state state, uint16_t scode)
{
	debug("refer: #%u server %s -> %s (%u)\n", srv->id,
	      refer_server_state_name(srv->state),
	      refer_server_state_name(state), scode);

	if (server_is_open(srv->state) && !server_is_open(state))
		party_wait(srv->party, -1);

	srv->state = state;

	queue_remove(&srv->trying_due);
	queue_remove(&srv->decide_due);
	tmr_cancel(&srv->tmr_report);
}


static void emit(struct refer_server *srv, const char *name,
		 uint16_t scode, const char *reason)
{
	const struct refer_event ev = {
		.name   = name,
		.id     = srv->id,
		.role   = ROLE_SERVER,
		.scode  = scode,
		.reason = reason,
		.target = referral_target(srv->referral),
		.ua     = srv->ua,
		.call   = &srv->watch,
	};
	const struct refer_event_info info = {name, srv->id, scode, reason};

	refer_event(&ev);

	if (srv->delegate && srv->delegate->eventh)
		srv->delegate->eventh(srv, &info, srv->arg);
}


/**
 * Fire an event; there is none after referEnded
 *
 * @param srv    Server context
 * @param name   Name
 * @param scode  Status code, or 0
 * @param reason Reason phrase, or NULL
 */
void server_event(struct refer_server *srv, const char *name,
		  uint16_t scode, const char *reason)
{
	if (!srv->ended)
		emit(srv, name, scode, reason);
}


/*
 * The last event. The protocol lets go of the context; who holds it longer
 * has nothing that reaches into the protocol.
 */
static void end(struct refer_server *srv, uint16_t scode, const char *reason)
{
	if (srv->ended)
		return;

	srv->ended = true;
	unlink_all(srv);
	emit(srv, "referEnded", scode, reason);

	srv->notifier = mem_deref(srv->notifier);
	srv->st       = mem_deref(srv->st);
	srv->party    = mem_deref(srv->party);
	referral_release(srv->referral);
	call_unwatch(&srv->watch);
	mem_deref(srv);
}


/**
 * The referrer knows that it was refused: end it
 *
 * @param srv    Server context
 * @param scode  Status code
 * @param reason Reason phrase
 */
void server_rejected(struct refer_server *srv, uint16_t scode,
		     const char *reason)
{
	mem_ref(srv);
	server_event(srv, "rejected", scode, reason);
	server_event(srv, "failed", scode, reason);
	server_event(srv, "referRequestRejected", scode, reason);
	end(srv, scode, reason);
	mem_deref(srv);
}


/* A status is on the wire, or could not be told to the referrer */
static void sent_handler(const struct sipfrag *frag, void *arg)
{
	struct refer_server *srv = mem_ref(arg);
	char *reason = NULL;

	(void)pl_strdup(&reason, &frag->reason);

	if (srv->state == REFER_REJECTED) {
		server_rejected(srv, frag->scode, reason);
	}
	else if (frag->scode >= 200) {
		server_set_state(srv, REFER_TERMINATED, frag->scode);
		if (frag->scode < 300)
			old_call_watch(srv->refer, &srv->refer->old,
				       &srv->watch);
		server_event(srv, frag->scode < 300 ? "referAccepted"
					     : "referRejected",
		      frag->scode, reason);
		end(srv, frag->scode, reason);
	}
	else if (frag->scode > 100) {
		server_event(srv, "referProgress", frag->scode, reason);
	}

	mem_deref(reason);
	mem_deref(srv);
}


/**
 * Report a status to the referrer
 *
 * @param srv    Server context
 * @param scode  Status code
 * @param reason Reason phrase
 */
void server_report(struct refer_server *srv, uint16_t scode,
		   const char *reason)
{
	struct sipfrag frag = {scode, PL_INIT};

	pl_set_str(&frag.reason, reason);
	server_status(srv, &frag);
}


/**
 * Take a status of the call that executes the referral
 *
 * A target that gives no reason phrase gets the standard one.
 *
 * @param srv  Server context
 * @param frag Status
 */
void server_status(struct refer_server *srv, const struct sipfrag *frag)
{
	struct sipfrag full = *frag;

	if (!pl_isset(&full.reason))
		pl_set_str(&full.reason, sip_reason(full.scode));

	if (srv->notifier)
		notifier_status(srv->notifier, &full);
	else
		sent_handler(&full, srv);
}


static bool is_success(const struct answer *ans)
{
	return ans->scode >= 200 && ans->scode < 300;
}


/* What goes with a 2xx: it makes a dialog and a subscription */
static int print_accepted(struct re_printf *pf,
			  const struct refer_server *srv)
{
	struct sip_contact contact;
	int err;

	sip_contact_set(&contact, host_ua_cuser(srv->ua), &srv->msg->dst,
			srv->msg->tp);

	err  = sip_contact_print(pf, &contact);
	err |= host_ua_print(pf, srv->ua);
	err |= srv->nosub ? re_hprintf(pf, "Refer-Sub: false\r\n")
			  : re_hprintf(pf, "Expires: %u\r\n",
				       srv->expires);

	return err;
}


static int print_reply(struct re_printf *pf, const struct reply *r)
{
	int err = is_success(r->ans) ? print_accepted(pf, r->srv) : 0;

	return err | re_hprintf(pf, "%s%H", r->contacts, opts_print, r->ans);
}


/**
 * Send a response
 *
 * @param srv      Server context, not answered
 * @param ans      Answer
 * @param contacts Contact header lines of a redirection, or ""
 *
 * @return 0 if success, otherwise errorcode
 */
int server_respond(struct refer_server *srv, const struct answer *ans,
		   const char *contacts)
{
	const struct reply r = {srv, ans, contacts};
	char *reason;
	int err;

	err = str_dup(&reason, ans->reason);
	if (err)
		return err;

	err = sip_treplyf(&srv->st, NULL, srv->refer->sip, srv->msg,
			  is_success(ans), ans->scode, reason, "%H",
			  print_reply, &r);
	if (err) {
		mem_deref(reason);
		if (srv->delegate && srv->delegate->errorh)
			srv->delegate->errorh(srv, err, srv->arg);
		return err;
	}

	mem_deref(srv->reason);
	srv->reason = reason;
	srv->scode  = ans->scode;

	return 0;
}


/**
 * Send 100 Trying
 *
 * @param srv Server context, not answered
 */
void server_send_trying(struct refer_server *srv)
{
	const struct answer ans = {100, "Trying", NULL};

	queue_remove(&srv->trying_due);

	if (!server_respond(srv, &ans, ""))
		server_event(srv, "progress", 100, "Trying");
}


/**
 * There was no decision for 3.5 s: 100 goes out by itself
 *
 * @param arg Server context
 */
void server_trying_handler(void *arg)
{
	struct refer_server *srv = arg;

	srv->trying = true;
	server_send_trying(srv);
}


/**
 * Make the subscription, if the referrer wants one
 *
 * @param srv Server context
 *
 * @return 0 if success, otherwise errorcode
 */
int server_subscribe(struct refer_server *srv)
{
	if (srv->nosub || srv->notifier)
		return 0;

	return notifier_alloc(&srv->notifier, srv->refer, srv->ua, srv->dlg,
			      srv->msg->cseq.num, srv->expires,
			      sent_handler, srv);
}


/**
 * The decision is no, after the 202
 *
 * @param srv  Server context that is pending
 * @param frag Status
 */
void server_late_no(struct refer_server *srv, const struct sipfrag *frag)
{
	if (srv->notifier)
		notifier_reject(srv->notifier, frag);
	else
		sent_handler(frag, srv);
}


/* No decision so far: the referrer gets a 202, people get more time */
static int pend(struct refer_server *srv)
{
	const struct answer ans = {202, "Accepted", NULL};
	const struct settings *set = srv->refer->set;
	int err;

	/* it lives until there is a decision */
	srv->expires = max(set->expires, set->ask_timeout);

	err = server_subscribe(srv);
	if (err)
		return err;

	err = server_respond(srv, &ans, "");
	if (err) {
		srv->notifier = mem_deref(srv->notifier);
		return err;
	}

	server_set_state(srv, REFER_PENDING, 202);
	queue_add(&srv->refer->ask, &srv->decide_due, srv);

	if (srv->notifier)
		notifier_pending(srv->notifier);
	server_event(srv, "referPending", 202, "Accepted");

	return 0;
}


static void report_handler(void *arg);


/**
 * The application reports by itself: for as long as the subscription lives
 *
 * @param srv Server context that was accepted
 */
void server_await_reports(struct refer_server *srv)
{
	uint64_t life = (uint64_t)srv->expires * 1000;

	if (srv->notifier)
		life = notifier_left(srv->notifier);

	tmr_start(&srv->tmr_report, life, report_handler, srv);
}


/* The application has forgotten it, unless it has an INVITE under way */
static void report_handler(void *arg)
{
	struct refer_server *srv = mem_ref(arg);

	if (notifier_left(srv->notifier)) {
		server_await_reports(srv);
	}
	else if (!refer_inviter_call(referral_inviter(srv->referral))) {
		server_event(srv, "referTimeout", 0, "no report");
		server_close(srv, "no report");
	}

	mem_deref(srv);
}


/**
 * There was no decision in time
 *
 * @param arg Server context
 */
void server_decide_handler(void *arg)
{
	struct refer_server *srv = arg;
	const struct settings *set = srv->refer->set;
	const struct refer_opts opts = {.scode = 603};

	mem_ref(srv);

	if (!refer_server_ua(srv)) {
		server_close(srv, "user agent is gone");
	}
	else if (srv->state != REFER_WAITING ||
		 set->ask_timeout <= set->decide_time || pend(srv)) {
		server_event(srv, "referTimeout", 0, "no decision");
		if (refer_server_reject(srv, &opts) &&
		    server_is_open(srv->state))
			server_close(srv, "no response could be sent");
	}

	mem_deref(srv);
}


static void watch_handler(enum call_change change, uint16_t scode,
			  const char *reason, void *arg)
{
	struct refer_server *srv = arg;
	(void)scode;

	if (change == UA_GONE)
		server_close(srv, reason);
	else if (change != CALL_ESTABLISHED)
		debug("refer: #%u the referred call is over: %H\n",
		      srv->id, text_clean_str, reason);
}


static void cancel_handler(void *arg)
{
	struct refer_server *srv = arg;

	info("refer: #%u CANCEL has no effect on a REFER\n", srv->id);

	if (srv->delegate && srv->delegate->cancelh)
		srv->delegate->cancelh(srv, srv->arg);
}


/**
 * Make the context of a REFER
 *
 * @param srvp  Pointer to the context; the protocol owns it until it ends
 * @param refer Protocol
 * @param req   REFER that was checked
 *
 * @return 0 if success, otherwise errorcode
 */
int server_alloc(struct refer_server **srvp, struct refer *refer,
		 const struct request *req)
{
	struct refer_server *srv;
	int err;

	srv = mem_zalloc(sizeof(*srv), destructor);
	if (!srv)
		return ENOMEM;

	srv->refer = refer;
	srv->id    = ++refer->id;
	srv->ts    = tmr_jiffies();
	srv->state = REFER_WAITING;
	srv->msg   = mem_ref((void *)req->msg);
	srv->ua    = req->ua;
	srv->dlg   = mem_ref(req->dlg);
	srv->depth = req->depth;
	srv->expires = refer->set->expires;
	srv->nosub = req->nosub;

	err = call_watch(&srv->watch, refer->watches, req->ua, req->call,
			 watch_handler, srv);
	if (err)
		goto out;

	err = referral_alloc(&srv->referral, srv, req);
	if (err)
		goto out;

	err = party_get(&srv->party, refer->admission, req->who, req->inside);
	if (err)
		goto out;

	err = sip_strans_alloc(&srv->st, refer->sip, req->msg, cancel_handler,
			       srv);
	if (err)
		goto out;

	list_append(&refer->serverl, &srv->le, srv);
	hash_append(refer->ht_server, srv->id, &srv->he_id, srv);
	hash_append(refer->ht_request, hash_joaat_pl(&req->msg->callid),
		    &srv->he_callid, srv);
	party_wait(srv->party, 1);

 out:
	if (err)
		mem_deref(srv);
	else
		*srvp = srv;

	return err;
}


static bool cmp_id(struct le *le, void *arg)
{
	const struct refer_server *srv = le->data;

	return srv->id == *(const uint32_t *)arg;
}


/**
 * Find an incoming REFER by its number
 *
 * @param refer Protocol
 * @param id    Number
 *
 * @return Server context, NULL if it is over or was never there
 */
struct refer_server *server_find(const struct refer *refer, uint32_t id)
{
	return list_ledata(hash_lookup(refer->ht_server, id, cmp_id, &id));
}


static bool cmp_request(struct le *le, void *arg)
{
	const struct refer_server *srv = le->data;
	const struct sip_msg *msg = arg;

	return srv->msg->cseq.num == msg->cseq.num &&
		!pl_cmp(&srv->msg->callid, &msg->callid) &&
		!pl_cmp(&srv->msg->from.tag, &msg->from.tag);
}


/**
 * Find the same REFER, that came before: over another way, or a copy of it
 * (RFC 3261 section 8.2.2.2)
 *
 * @param refer Protocol
 * @param msg   REFER
 *
 * @return REFER that has a server context, or NULL
 */
const struct sip_msg *server_request(const struct refer *refer,
				     const struct sip_msg *msg)
{
	return refer_server_request(list_ledata(
		hash_lookup(refer->ht_request, hash_joaat_pl(&msg->callid),
			    cmp_request, (void *)msg)));
}


/**
 * Wait for the decision of an application or a person
 *
 * @param srv Server context
 */
void server_wait(struct refer_server *srv)
{
	queue_add(&srv->refer->trying, &srv->trying_due, srv);
	queue_add(&srv->refer->decide, &srv->decide_due, srv);

	server_event(srv, "referRequested", 0, NULL);
}


/**
 * The inviter has placed its call
 *
 * @param srv Server context
 */
void server_invite_sent(struct refer_server *srv)
{
	server_event(srv, "referInviteSent", 0, NULL);
}


/**
 * The target has redirected us, and another one is called
 *
 * @param srv  Server context
 * @param frag Response of the first one
 */
void server_redirected(struct refer_server *srv, const struct sipfrag *frag)
{
	char *reason;

	if (pl_strdup(&reason, &frag->reason))
		return;

	info("refer: #%u redirected to %s\n", srv->id,
	     referral_target(srv->referral));
	server_event(srv, "referInviteSent", frag->scode, reason);
	mem_deref(reason);
}


/**
 * End the REFER, whatever its state: the subscription ends "deactivated"
 *
 * @param srv    Server context
 * @param reason Why, for people
 */
void server_close(struct refer_server *srv, const char *reason)
{
	const struct answer ans = {480, "Temporarily Unavailable", NULL};

	if (srv->closing)
		return;

	srv->closing = true;
	mem_ref(srv);

	if (srv->state == REFER_WAITING && intercept_active(srv->refer->ic))
		(void)server_respond(srv, &ans, "");

	server_set_state(srv, REFER_TERMINATED, 0);
	end(srv, 0, reason);

	mem_deref(srv);
}
