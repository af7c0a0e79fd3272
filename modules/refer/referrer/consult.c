/**
 * @file consult.c  Asking the target, before an attended transfer
 *
 * The call to transfer is held, the target is called; then the two are joined
 * (RFC 5589 section 7.1), or all is as it was before. While the target still
 * rings they are joined by a blind transfer (section 7.6). There is one
 * consultation at a time.
 */
#include <re.h>
#include "core/call_watch.h"
#include "core/core.h"
#include "core/dialogs.h"
#include "core/event.h"
#include "core/invite.h"
#include "core/transfers.h"
#include "host/host.h"
#include "refer.h"
#include "referrer/consult.h"
#include "referrer/hold.h"
#include "referrer/referrer.h"
#include "syntax/people.h"
#include "syntax/sipfrag.h"


/** The name of a state */
const char *consult_state_name(enum consult_state state)
{
	static const char *const namev[] = {
		"HOLDING", "CALLING", "TALKING", "EXECUTING",
	};

	return namev[state];
}


/** Let go of the INVITE; its call goes on */
void consult_drop_invite(struct consult *con)
{
	invite_detach(con->invite);
	con->invite = NULL;
}


/** Let go of the REFER that joins the two; it goes on */
void consult_drop_client(struct consult *con)
{
	struct refer_transfer part;

	if (con->client) {
		client_row(&part, con->client);
		mem_deref(con->reason);
		con->scode  = part.scode;
		con->reason = mem_ref((void *)part.reason);
	}

	refer_client_set_handler(con->client, NULL, NULL);
	con->client = mem_deref(con->client);
}


static void destructor(void *arg)
{
	struct consult *con = arg;

	consult_drop_client(con);
	call_unwatch(&con->call);
	call_unwatch(&con->other);
	consult_drop_invite(con);
	mem_deref(con->hold);
	mem_deref(con->peer);
	mem_deref(con->name);
	mem_deref(con->target);
	mem_deref(con->reason);
	mem_deref((void *)con->opts);
}


/** Change the state */
void consult_set_state(struct consult *con, enum consult_state state)
{
	debug("refer: #%u consult %s -> %s\n", con->id,
	      consult_state_name(con->state), consult_state_name(state));

	con->state = state;
}


/** Get it as it is shown */
void consult_row(struct refer_transfer *row, const struct consult *con)
{
	struct refer_transfer part = {.scode = con->scode,
				      .reason = con->reason};

	if (con->client)
		client_row(&part, con->client);

	*row = (struct refer_transfer){
		.id         = con->id,
		.can        = REFER_CAN_CANCEL,
		.role       = REFER_ROLE_CLIENT,
		.state      = consult_state_name(con->state),
		.ts         = con->ts,
		.account    = host_ua_alive(con->ua) ? host_ua_aor(con->ua)
			: NULL,
		.peer       = {con->peer, str_len(con->peer)},
		.target     = con->target,
		.scode      = part.scode,
		.reason     = part.reason,
		.callid     = con->call.callid,
		.new_callid = con->invite ? invite_callid(con->invite)
			: con->other.callid,
		.peer_name  = {con->name, str_len(con->name)},
	};
}


static void event(const struct consult *con, enum refer_event_type type,
		  enum refer_outcome outcome, uint16_t scode,
		  const char *reason)
{
	const struct refer_event ev = {
		.type    = type,
		.role    = REFER_ROLE_CLIENT,
		.id      = con->id,
		.scode   = scode,
		.reason  = reason,
		.outcome = outcome,
		.target  = con->target,
	};
	struct refer_transfer row;

	consult_row(&row, con);
	event_emit(con->all->refer, &ev, &row, con->ua, &con->call);
}


/** The call to transfer is as it was before; later, if another one ends */
void consult_resume(struct consult *con, bool later)
{
	if (con->held && call_alive(&con->call)) {
		if (later)
			hold_resume_later(con->all->refer->holds, &con->call);
		else
			(void)host_call_hold(con->call.call, false);
	}

	con->held = false;
}


/** End it. In each event an application may end it, or begin another one */
void consult_end(struct consult *con, enum refer_outcome outcome,
		uint16_t scode, const char *reason)
{
	if (con->all->con == con)
		con->all->con = NULL;

	event(con, REFER_EV_REFER_ENDED, outcome, scode, reason);
	mem_deref(con);
}


/** End it without success; the call to transfer is kept */
void consult_fail(struct consult *con, enum refer_outcome outcome,
		  uint16_t scode, const char *reason)
{
	consult_resume(con, true);
	mem_ref(con);
	event(con, REFER_EV_FAILED, REFER_OUTCOME_NONE, scode, reason);
	if (con->all->con == con)
		consult_end(con, outcome, scode, reason);
	mem_deref(con);
}


static void other_handler(enum call_change change, uint16_t scode,
			  const char *reason, void *arg)
{
	struct consult *con = arg;

	if (change != CALL_ESTABLISHED && con->state != EXECUTING)
		consult_fail(con, REFER_OUTCOME_FAILED, scode, reason);
}


static void redirect_handler(const struct sipfrag *frag, void *arg)
{
	struct consult *con = arg;

	mem_deref(con->target);
	con->target = mem_ref((void *)invite_uri(con->invite));

	info("refer: #%u %s (%u), calling %H\n", con->id,
	     invite_left(frag->scode), frag->scode, people_uri, con->target);
}


/* The target has answered, or not */
static void final_handler(const struct sipfrag *frag, void *arg)
{
	struct consult *con = arg;
	struct call *call = invite_call(con->invite);
	struct person target;
	char *reason = NULL;

	con->invite = NULL;

	if (frag->scode < 300 && call &&
	    !call_watch(&con->other, con->all->refer->watches, NULL, call,
			other_handler, con)) {
		consult_set_state(con, TALKING);
		person_set(&target, NULL, con->target);
		info("refer: #%u %H answered; /atransferexec joins the calls,"
		     " /atransferabort gives up\n", con->id, person_print,
		     &target);
		return;
	}

	(void)pl_strdup(&reason, &frag->reason);
	consult_fail(con, REFER_OUTCOME_FAILED, frag->scode,
		     reason ? reason : "");
	mem_deref(reason);
}


static const struct invite_handlers handlers = {
	.againh = redirect_handler,
	.finalh    = final_handler,
};


/** Get the call with the target, whether it is established or not */
struct call *consult_other(const struct consult *con)
{
	if (con->invite)
		return invite_call(con->invite);

	return call_alive(&con->other) ? con->other.call : NULL;
}


/* The remaining party keeps talking to the target */
static void call_handler(enum call_change change, uint16_t scode,
			 const char *reason, void *arg)
{
	struct consult *con = arg;
	(void)scode;

	if (change == CALL_ESTABLISHED || con->state == EXECUTING ||
	    con->given_up)
		return;

	if (change == UA_GONE)
		consult_end(con, REFER_OUTCOME_CANCELLED, 0, reason);
	else
		consult_fail(con, REFER_OUTCOME_FAILED, 0,
			     "the call to transfer has ended");
}


/* The call to transfer, and who that is */
static int set_call(struct consult *con, struct call *call)
{
	const char *name = host_call_peer_name(call);
	int err;

	con->peer = mem_deref(con->peer);
	con->name = mem_deref(con->name);

	err  = call_watch(&con->call, con->all->refer->watches,
			  host_call_ua(call), call, call_handler, con);
	err |= str_dup(&con->peer, host_call_peer(call));
	if (name)
		err |= str_dup(&con->name, name);

	return err;
}


/* baresip 4.x tells of the new call here: an application may give up the
   transfer then, or end the other call */
static int dial(struct consult *con)
{
	const struct invite_prm prm = {
		.ua       = con->ua,
		.how.uri  = con->target,
		.how.novideo = !host_call_has_video(con->call.call),
		.transfer = con->id,
		.handlers = &handlers,
		.arg      = con,
	};
	struct call *other;
	int err;

	err = invite_send(&con->invite, con->all->refer->invites, &prm);
	if (err)
		return err;

	consult_set_state(con, CALLING);

	if (con->given_up) {
		other = consult_other(con);
		consult_drop_invite(con);
		if (other)
			host_call_drop(other, "given up");
	}

	return 0;
}


static void hold_handler(int err, void *arg)
{
	struct consult *con = arg;

	con->hold = mem_deref(con->hold);

	if (err) {
		consult_fail(con, REFER_OUTCOME_FAILED, 408,
			     "the call could not be put on hold");
		return;
	}

	mem_ref(con);
	if ((!call_alive(&con->call) || dial(con)) && con->all->con == con)
		consult_fail(con, REFER_OUTCOME_FAILED, 503,
			     "the target could not be called");
	mem_deref(con);
}


static int begin(struct consult *con)
{
	struct holds *holds = con->all->refer->holds;
	struct call *call = con->call.call;
	int err;

	if (host_call_held(call)) {
		con->held = hold_keep(holds, call);
		err = dial(con);
		if (err)
			consult_resume(con, true);
		return err;
	}

	err = hold_alloc(&con->hold, holds, call,
			 dialogs_of(con->all->refer->dialogs, call),
			 hold_handler, con);
	con->held = !err;

	return err;
}


/** Put a call on hold, and call the target; opts are for the REFER that joins
    the two. EALREADY during another consultation, or transfer of the call,
    EPROTO if the call is not established, EBADMSG if opts are wrong, otherwise
    as dial_prepare() */
int consult_start(struct consults *cs, struct call *call, const char *target,
		  const struct refer_client_opts *opts)
{
	struct consult *con;
	int err;

	if (!client_opts_valid(opts, target))
		return EBADMSG;

	if (cs->con || clients_of(cs->refer->clients, call, NULL))
		return EALREADY;

	if (!host_call_established(call) ||
	    !dialogs_of(cs->refer->dialogs, call))
		return EPROTO;

	con = mem_zalloc(sizeof(*con), destructor);
	if (!con)
		return ENOMEM;

	con->all = cs;
	con->id  = transfers_begin(cs->refer->transfers);
	con->ts  = tmr_jiffies();
	con->ua  = host_call_ua(call);

	err  = set_call(con, call);
	err |= str_dup(&con->target, target);
	err |= client_opts_copy(&con->opts, opts);
	if (!err)
		err = dial_prepare(&con->target, con->ua);
	if (err) {
		mem_deref(con);
		return err;
	}

	cs->con = mem_ref(con);
	err = begin(con);
	if (cs->con != con)
		err = ENOENT;
	else if (err)
		cs->con = mem_deref(con);

	mem_deref(con);

	return err;
}


/** Give it up: the target is hung up, the call resumed. NULL for the reason
    leaves both calls as they are. ENOENT if there is nothing to give up,
    EPROTO while the two are being joined */
int consult_abort(struct consults *cs, const char *reason)
{
	struct consult *con = cs ? cs->con : NULL;
	struct call *other;

	if (!con)
		return ENOENT;

	if (reason && con->state == EXECUTING)
		return EPROTO;

	other = consult_other(con);
	consult_drop_invite(con);
	call_unwatch(&con->other);
	con->given_up = true;
	cs->con = NULL;

	/* when it hears that the target's call is closed, an application may
	   transfer this one, which puts it on hold again */
	if (reason) {
		consult_resume(con, false);
		if (other)
			host_call_drop(other, reason);
	}

	consult_end(con, REFER_OUTCOME_CANCELLED, 0,
	    reason ? reason : "module is unloaded");

	return 0;
}


/** Is a call on hold for a consultation, and is being joined? */
bool consults_hold(const struct consults *cs, const struct call *call)
{
	const struct consult *con = cs->con;

	return con && con->state == EXECUTING && con->held &&
		con->call.call == call;
}


/** A call has taken the place of another one: of one of these two, maybe */
void consults_moved(const struct call *from, struct call *to, void *arg)
{
	struct consults *cs = arg;
	struct consult *con = cs->con;

	if (!con)
		return;

	if (con->call.call == from && con->state != EXECUTING) {
		call_unwatch(&con->call);
		(void)set_call(con, to);
	}
	else if (consult_other(con) == from) {
		consult_drop_invite(con);
		call_unwatch(&con->other);
		(void)call_watch(&con->other, cs->refer->watches, NULL, to,
				 other_handler, con);
		if (con->state != EXECUTING)
			consult_set_state(con, TALKING);
	}
}


/** The number of the one that is under way, 0 if there is none */
uint32_t consult_id(const struct consults *cs)
{
	return cs->con ? cs->con->id : 0;
}


/** Tell whether the one under way is to transfer a call */
bool consult_transfers(const struct consults *cs, const struct call *call)
{
	return cs->con && cs->con->call.call == call;
}


/** Tell whether its call was on hold before, and stays so when it is given up
    */
bool consult_stays_held(const struct consults *cs)
{
	const struct consult *con = cs->con;

	return con && !con->held && call_alive(&con->call) &&
		host_call_held(con->call.call);
}


/** Show the one that is under way to a handler */
int consults_apply(const struct consults *cs, refer_transfer_h *h, void *arg)
{
	struct refer_transfer row;

	if (!cs->con)
		return 0;

	consult_row(&row, cs->con);

	return h(&row, arg);
}


/** Allocate what does consultations, of which there is one at a time */
int consults_alloc(struct consults **csp, struct refer *refer)
{
	struct consults *cs;

	cs = mem_zalloc(sizeof(*cs), NULL);
	if (!cs)
		return ENOMEM;

	cs->refer = refer;
	clients_set_owner(refer->clients, &join_owner, cs);
	*csp = cs;

	return 0;
}
