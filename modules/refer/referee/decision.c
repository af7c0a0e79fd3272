/**
 * @file decision.c  Who decides on an incoming REFER, and when: an
 * application, a person, or time (seeds: ServerContext, ReferServerContext,
 * ReferUserAgentServer)
 *
 * The state is checked first, then the arguments, and a call that is wrong
 * has no effect: nothing is sent, no event, no change.
 */
#include <re.h>
#include "admission/admission.h"
#include "config/settings.h"
#include "core/core.h"
#include "core/queue.h"
#include "host/host.h"
#include "refer.h"
#include "referee/referee.h"
#include "referee/server.h"
#include "syntax/header.h"
#include "syntax/people.h"
#include "syntax/uri.h"


enum {
	TRYING_DELAY = 3500,   /* 100 over UDP, RFC 4320 section 4.1 [ms] */
};


static void send_trying(struct refer_server *srv)
{
	const struct answer ans = {100, "Trying", NULL};

	queue_remove(&srv->trying_due);

	if (!server_respond(srv, &ans, ""))
		server_event(srv, REFER_EV_PROGRESS, 100, "Trying");
}


int refer_server_trying(struct refer_server *srv)
{
	if (!srv)
		return EINVAL;

	if (srv->state != REFER_WAITING)
		return EPROTO;

	if (srv->trying)
		return EALREADY;

	srv->trying = true;

	if (srv->msg->tp != SIP_TRANSP_UDP)
		send_trying(srv);

	return 0;
}


/* Who executes it by itself need not say how */
static int make_plan(struct call_plan **planp, struct refer_server *srv,
		     const struct refer_opts *opts)
{
	const struct refer_invite_opts *invite = opts ? opts->invite : NULL;

	if (!invite && (srv->inviter.plan || (opts && opts->nofollow)))
		return 0;

	return call_plan_alloc(planp, srv, invite);
}


/* What is said now counts, also if an inviter was made before */
static void set_plan(struct refer_inviter *inv, struct call_plan *plan)
{
	mem_deref(inv->plan);
	inv->plan = mem_ref(plan);
}


/* The delegate was asked in the meantime, and may have decided */
static int accept_by(struct refer_server *srv, const struct answer *ans,
		  struct call_plan *plan)
{
	int err;

	if (!server_is_open(srv))
		return EPROTO;

	if (plan && plan->ua != srv->ua)
		server_outlive(srv, plan->ua);

	if (srv->state == REFER_WAITING) {
		err = server_subscribe(srv);
		if (!err)
			err = server_respond(srv, ans, "");
		if (err) {
			srv->notifier = mem_deref(srv->notifier);
			return err;
		}
	}

	if (ans->opts && ans->opts->invite)
		set_plan(&srv->inviter, plan);

	srv->nofollow = ans->opts && ans->opts->nofollow;
	server_set_state(srv, REFER_ACCEPTED, srv->scode);
	server_execute(srv, plan);

	return 0;
}


int refer_server_accept(struct refer_server *srv,
			const struct refer_opts *opts)
{
	struct call_plan *plan = NULL;
	struct answer ans;
	int err;

	if (!srv)
		return EINVAL;

	if (!server_is_open(srv))
		return EPROTO;

	err = opts_answer(&ans, opts, srv->refer->set->accept_code, 200, 299);
	if (err)
		return err;

	if (!refer_server_ua(srv))
		return ENOENT;

	if (!policy_allows(srv->refer, srv->referral.rt) ||
	    !policy_allows_from(srv->refer, srv->ua, srv->referral.referrer))
		return EPERM;

	mem_ref(srv);
	err = make_plan(&plan, srv, opts);
	if (!err)
		err = accept_by(srv, &ans, plan);
	mem_deref(plan);
	mem_deref(srv);

	return err;
}


static int refuse(struct refer_server *srv, const struct answer *ans,
		  const char *contacts)
{
	const bool waiting = srv->state == REFER_WAITING;
	int err;

	if (waiting) {
		err = server_respond(srv, ans, contacts);
		if (err)
			return err;
	}

	server_set_state(srv, REFER_REJECTED, ans->scode);
	server_refused(srv, ans->scode, waiting ? srv->reason : ans->reason);

	return 0;
}


int refer_server_redirect(struct refer_server *srv,
			  const char *const *contactv,
			  const struct refer_opts *opts)
{
	struct answer ans;
	struct mbuf *mb;
	char *contacts = NULL;
	struct uri uri;
	struct pl pl;
	int err;

	if (!srv)
		return EINVAL;

	if (!server_is_open(srv))
		return EPROTO;

	err = opts_answer(&ans, opts, 302, 300, 399);
	if (err || !contactv || !*contactv)
		return EINVAL;

	mb = mbuf_alloc(64);
	if (!mb)
		return ENOMEM;

	for (; !err && *contactv; ++contactv) {
		pl_set_str(&pl, *contactv);
		err = uri_decode_strict(&uri, &pl) ? EINVAL :
			mbuf_printf(mb, "Contact: <%s>\r\n", *contactv);
	}

	mb->pos = 0;
	if (!err)
		err = mbuf_strdup(mb, &contacts, mb->end);
	if (!err)
		err = refuse(srv, &ans, contacts);

	mem_deref(contacts);
	mem_deref(mb);

	return err;
}


int refer_server_reject(struct refer_server *srv,
			const struct refer_opts *opts)
{
	struct answer ans;
	int err;

	if (!srv)
		return EINVAL;

	if (!server_is_open(srv))
		return EPROTO;

	err = opts_answer(&ans, opts, srv->state == REFER_PENDING ? 603 : 480,
			  300, 699);
	if (err)
		return err;

	return refuse(srv, &ans, "");
}


int refer_server_reply(struct refer_server *srv,
		       const struct refer_opts *opts)
{
	const uint16_t scode = opts ? opts->scode : 0;
	struct answer ans;

	if (!srv)
		return EINVAL;

	if (!server_is_open(srv))
		return EPROTO;

	if (scode == 100)
		return opts_answer(&ans, opts, 0, 100, 100) ?
			EINVAL : refer_server_trying(srv);

	if (scode >= 200 && scode < 300)
		return refer_server_accept(srv, opts);

	if (scode >= 300)
		return refer_server_reject(srv, opts);

	return EINVAL;
}


int referral_accept(struct referral *rf, const struct refer_opts *opts)
{
	return refer_server_accept(rf ? rf->srv : NULL, opts);
}


int referral_reject(struct referral *rf, const struct refer_opts *opts)
{
	return refer_server_reject(rf ? rf->srv : NULL, opts);
}


/* How long it waits for a decision until it is pending [s] */
static uint32_t decide_time(const struct settings *set)
{
	return min(set->decide_time, set->ask_timeout);
}


/** Let a REFER wait for the decision of an application or a person */
void server_wait(struct refer_server *srv)
{
	struct servers *ss = srv->refer->servers;

	ss->decide.delay = decide_time(srv->refer->set) * UINT64_C(1000);

	queue_add(&ss->trying, &srv->trying_due, srv);
	queue_add(&ss->decide, &srv->decide_due, srv);

	server_event(srv, REFER_EV_REFER_REQUESTED, 0, NULL);
}


/** Ask the person at the console to decide on a REFER that waits */
void server_ask(const struct refer_server *srv)
{
	const struct settings *set = srv->refer->set;
	struct person by;

	referral_referrer(&by, &srv->referral);
	info("refer: %H asks you to call %H  (/referaccept %u, /referreject"
	     " %u; %u s)\n", person_print, &by, people_uri,
	     server_target(srv), srv->id, srv->id, set->ask_timeout);

	if (str_casecmp(set->ask_sound, "none"))
		host_sound(set->ask_sound);
}


/* No decision for 3.5 s: 100 goes out by itself */
static void trying_handler(void *arg)
{
	struct refer_server *srv = arg;

	srv->trying = true;
	send_trying(srv);
}


/* No decision so far: the referrer gets a 202, people get more time */
static int pend(struct refer_server *srv)
{
	const struct answer ans = {202, "Accepted", NULL};
	const struct settings *set = srv->refer->set;
	struct servers *ss = srv->refer->servers;
	int err;

	/* it lives until there is a decision */
	srv->expires = max(srv->expires, set->ask_timeout);

	err = server_subscribe(srv);
	if (err)
		return err;

	err = server_respond(srv, &ans, "");
	if (err) {
		srv->notifier = mem_deref(srv->notifier);
		return err;
	}

	server_set_state(srv, REFER_PENDING, 202);
	ss->ask.delay = (set->ask_timeout - decide_time(set)) *
		UINT64_C(1000);
	queue_add(&ss->ask, &srv->decide_due, srv);

	if (srv->notifier)
		notifier_pending(srv->notifier);
	server_event(srv, REFER_EV_REFER_PENDING, 202, "Accepted");

	return 0;
}


/* There was no decision in time */
static void decide_handler(void *arg)
{
	struct refer_server *srv = mem_ref(arg);
	const struct settings *set = srv->refer->set;
	const struct refer_opts opts = {.scode = 603};

	if (!refer_server_ua(srv)) {
		server_close(srv, "user agent is gone");
	}
	else if (srv->state != REFER_WAITING ||
		 set->ask_timeout <= set->decide_time || pend(srv)) {
		srv->undecided = true;
		server_event(srv, REFER_EV_REFER_TIMEOUT, 0, "no decision");
		if (refer_server_reject(srv, &opts) && server_is_open(srv))
			server_close(srv, "no response could be sent");
	}

	mem_deref(srv);
}


static void servers_destructor(void *arg)
{
	struct servers *ss = arg;

	queue_close(&ss->trying);
	queue_close(&ss->decide);
	queue_close(&ss->ask);
	mem_deref(ss->ht_id);
	mem_deref(ss->ht_callid);
}


/** Allocate the table of all incoming REFERs */
int servers_alloc(struct servers **ssp)
{
	struct servers *ss;
	int err;

	ss = mem_zalloc(sizeof(*ss), servers_destructor);
	if (!ss)
		return ENOMEM;

	queue_init(&ss->trying, TRYING_DELAY, trying_handler);
	queue_init(&ss->decide, 0, decide_handler);
	queue_init(&ss->ask, 0, decide_handler);

	err  = hash_alloc(&ss->ht_id, HASH_SIZE);
	err |= hash_alloc(&ss->ht_callid, HASH_SIZE);
	if (err)
		mem_deref(ss);
	else
		*ssp = ss;

	return err;
}


/** End all incoming REFERs, with a reason for people */
void servers_close(struct servers *ss, const char *reason)
{
	while (ss->l.head)
		server_close(ss->l.head->data, reason);
}
