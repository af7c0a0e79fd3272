/**
 * @file inviter.c  The INVITE that executes a referral (seeds:
 * Referral.makeInviter, Inviter)
 *
 * It is reported to the referrer what the target answers, and to the
 * application in which state it is. Its call is followed to its end, also
 * after the REFER is over, for as long as somebody holds the context.
 */
#include <re.h>
#include "admission/admission.h"
#include "core/call_watch.h"
#include "core/core.h"
#include "core/invite.h"
#include "host/host.h"
#include "refer.h"
#include "referee/referee.h"
#include "referee/server.h"
#include "syntax/header.h"
#include "syntax/people.h"
#include "syntax/refer_to.h"
#include "syntax/sipfrag.h"


/* The last thing that is done: the application may let go of it */
static void set_state(struct refer_inviter *inv,
		      enum refer_inviter_state state)
{
	if (state <= inv->state)
		return;

	debug("refer: #%u inviter %s -> %s\n", inv->srv->id,
	      refer_inviter_state_name(inv->state),
	      refer_inviter_state_name(state));

	inv->state = state;
	if (inv->stateh)
		inv->stateh(inv, state, inv->arg);
}


static void watch_handler(enum call_change change, uint16_t scode,
			  const char *reason, void *arg)
{
	(void)scode;
	(void)reason;

	set_state(arg, change == CALL_ESTABLISHED ? REFER_INVITER_ESTABLISHED
		  : REFER_INVITER_TERMINATED);
}


/* Behind the INVITE itself, which hears of each change first */
static int follow(struct refer_inviter *inv)
{
	call_unwatch(&inv->watch);

	return call_watch(&inv->watch, inv->srv->refer->watches, NULL,
			  invite_call(inv->invite), watch_handler, inv);
}


/** Let go of the INVITE: its call goes on, and is still followed */
void inviter_release(struct refer_inviter *inv)
{
	invite_detach(inv->invite);
	inv->invite = NULL;
}


/** Let go of all */
void inviter_reset(struct refer_inviter *inv)
{
	inviter_release(inv);
	call_unwatch(&inv->watch);
	mem_deref(inv->plan);
	mem_deref(inv->callid);
	mem_deref(inv->uri);
	mem_deref(inv->reason);
}


int referral_make_inviter(struct refer_inviter **invp, struct referral *rf,
			  const struct refer_invite_opts *opts)
{
	struct refer_server *srv = rf ? rf->srv : NULL;
	int err = 0;

	if (!invp || !rf)
		return EINVAL;

	if (srv->state == REFER_REJECTED || (!srv->inviter.plan && srv->ended))
		return EPROTO;

	if (!srv->inviter.plan)
		err = call_plan_alloc(&srv->inviter.plan, srv, opts);
	if (!err)
		*invp = &srv->inviter;

	return err;
}


static void progress_handler(const struct sipfrag *frag, void *arg)
{
	server_report(arg, frag);
}


/* The old call goes: as the core itself has it, it is not put on hold */
static void answer_handler(void *arg)
{
	const struct call *old = refer_server_call(arg);

	if (old && host_call_alone(old))
		host_hold_nobody();
}


/* It has refused, and another one is called, or the same without the token */
static void again_handler(const struct sipfrag *frag, void *arg)
{
	struct refer_server *srv = arg;
	struct refer_inviter *inv = &srv->inviter;
	const char *uri = invite_uri(inv->invite);
	char *reason;

	if (str_cmp(uri, server_target(srv)))
		info("refer: #%u %s (%u), calling %H\n", srv->id,
		     invite_left(frag->scode), frag->scode, people_uri, uri);
	else
		info("refer: #%u calling %H once more, without the token:"
		     " %u %s\n", srv->id, people_uri, uri, frag->scode,
		     sip_reason(frag->scode));

	inv->callid = mem_deref(inv->callid);
	mem_deref(inv->uri);
	inv->uri = mem_ref((void *)uri);

	if (follow(inv) || pl_strdup(&reason, &frag->reason))
		return;

	server_event(srv, REFER_EV_REFER_INVITE_SENT, frag->scode, reason);
	mem_deref(reason);
}


/* The last status. The Call-ID is still shown when the INVITE is over */
static void final_handler(const struct sipfrag *frag, void *arg)
{
	struct refer_server *srv = mem_ref(arg);
	struct refer_inviter *inv = &srv->inviter;
	struct sipfrag last = *frag;

	if (!inv->callid)
		inv->callid = mem_ref((void *)invite_callid(inv->invite));
	if (frag->scode < 300 && !inv->watch.callid)
		(void)follow(inv);
	inv->invite = NULL;

	if (inv->reason && frag->scode == 487)
		pl_set_str(&last.reason, inv->reason);

	set_state(inv, frag->scode < 300 ? REFER_INVITER_ESTABLISHED
		  : REFER_INVITER_TERMINATED);
	if (!srv->ended)
		server_report(srv, &last);
	mem_deref(srv);
}


static const struct invite_handlers handlers = {
	.progressh = progress_handler,
	.answerh   = answer_handler,
	.againh    = again_handler,
	.finalh    = final_handler,
};


static int send_invite(struct refer_inviter *inv)
{
	struct refer_server *srv = inv->srv;
	const struct call *old = refer_server_call(srv);
	const struct call_plan *plan = inv->plan;
	struct invite_prm prm = {
		.ua       = plan->ua,
		.how      = {
			.uri       = plan->rt->uri,
			.hdrs      = plan->hdrs,
			.novideo   = plan->novideo ||
				(old && !host_call_has_video(old)),
			.name      = plan->name,
			.outbound  = plan->outbound,
			.anonymous = plan->anonymous,
		},
		.ring     = true,
		.depth    = srv->depth + 1,
		.transfer = srv->id,
		.party    = srv->party,
		.handlers = &handlers,
		.arg      = srv,
	};
	struct mbuf *part = NULL;
	int err;

	err = referred_by_token(&part, srv);
	if (err)
		return err;

	prm.how.part = part;
	err = invite_send(&inv->invite, srv->refer->invites, &prm);
	mem_deref(part);

	return err;
}


int refer_inviter_invite(struct refer_inviter *inv)
{
	struct refer_server *srv = inv ? inv->srv : NULL;
	int err;

	if (!inv)
		return EINVAL;

	if (srv->state != REFER_ACCEPTED)
		return EPROTO;

	if (inv->state != REFER_INVITER_INITIAL)
		return EALREADY;

	if (!policy_allows(srv->refer, inv->plan->rt))
		return EPERM;

	err = send_invite(inv);
	if (err)
		return err;

	mem_ref(srv);
	(void)follow(inv);
	set_state(inv, REFER_INVITER_ESTABLISHING);
	server_event(srv, REFER_EV_REFER_INVITE_SENT, 0, NULL);
	mem_deref(srv);

	return 0;
}


int refer_inviter_cancel(struct refer_inviter *inv, const char *reason)
{
	struct call *call = inv ? invite_call(inv->invite) : NULL;
	int err;

	if (!inv || !opts_line_valid(reason))
		return EINVAL;

	if (!call)
		return EPROTO;

	if (str_isset(reason)) {
		err = str_dup(&inv->reason, reason);
		if (err)
			return err;
	}

	host_call_hangup(call, "Cancelled");

	return 0;
}


/** Give up what executes a REFER: the INVITE, or the reports of whoever does
    it */
int server_cancel(struct refer_server *srv)
{
	return refer_inviter_cancel(&srv->inviter, NULL) ?
		refer_server_notify(srv, 487, "Request Terminated") : 0;
}


void refer_inviter_set_handler(struct refer_inviter *inv,
			       refer_inviter_state_h *stateh, void *arg)
{
	if (!inv)
		return;

	inv->stateh = stateh;
	inv->arg    = arg;
}
