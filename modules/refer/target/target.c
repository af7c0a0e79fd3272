/**
 * @file target.c  The target of a transfer: INVITE with Replaces (RFC 3891)
 *
 * baresip makes the call, as of any INVITE; this decides whether it may, and
 * hangs up the replaced call when the new one is established. If anything
 * fails the replaced call is not touched.
 */
#include <re.h>
#include "admission/admission.h"
#include "config/settings.h"
#include "core/call_watch.h"
#include "core/core.h"
#include "core/event.h"
#include "core/intercept.h"
#include "core/ladder.h"
#include "core/transfers.h"
#include "host/host.h"
#include "refer.h"
#include "referrer/referrer.h"
#include "syntax/people.h"
#include "syntax/refer_to.h"
#include "syntax/replaces.h"
#include "target/match.h"
#include "target/target.h"


enum {
	HANDOVER = 100,        /* From the new call's start to the BYE: its
				  media runs first [ms] */
};

enum state {
	RINGING,               /* The new call is not established */
	HANDING_OVER,
	DONE,
};

struct targets {
	struct list l;             /**< struct target */
	struct refer *refer;
	target_replaced_h *replacedh;
	void *arg;
};

/** A call that takes the place of another one */
struct target {
	struct le le;
	struct tmr tmr;
	struct targets *all;
	uint32_t id;
	uint64_t ts;               /**< When it came [ms] */
	enum state state;
	bool answered;             /**< Without a ring: it is accepted */
	struct ua *ua;
	struct call_watch old;     /**< Call that is replaced           */
	struct call_watch new;     /**< and the one that takes its place */
	char *peer;
	char *hint;                /**< Who is said to have referred it */
};

/** An INVITE to be given to baresip */
struct pass {
	const struct intercept *ic;
	const struct sip_msg *msg;
};


static const struct refusal
	is_replaced = {603, "Decline",
		       "the call is being replaced by another one"},
	by_policy   = {603, "Decline", "refused by policy"},
	no_memory   = {500, "Server Internal Error", "out of memory"};


static void destructor(void *arg)
{
	struct target *t = arg;

	list_unlink(&t->le);
	tmr_cancel(&t->tmr);
	call_unwatch(&t->old);
	call_unwatch(&t->new);
	mem_deref(t->peer);
	mem_deref(t->hint);
}


static void get_row(struct refer_transfer *row, const struct target *t)
{
	const char *aor = host_ua_alive(t->ua) ? host_ua_aor(t->ua) : NULL;

	*row = (struct refer_transfer){
		.id         = t->id,
		.role       = REFER_ROLE_TARGET,
		.state      = t->state == RINGING ? "RINGING" : "HANDOVER",
		.ts         = t->ts,
		.account    = aor,
		.peer       = {t->peer, str_len(t->peer)},
		.target     = aor ? aor : "",
		.callid     = t->old.callid,
		.new_callid = t->new.callid,
	};
}


static void event(const struct target *t, enum refer_event_type type,
		  uint16_t scode, const char *reason)
{
	const struct refer_event ev = {
		.type   = type,
		.role   = REFER_ROLE_TARGET,
		.id     = t->id,
		.scode  = scode,
		.reason = reason,
		.target = t->peer,
	};
	struct refer_transfer row;

	get_row(&row, t);
	event_emit(t->all->refer, &ev, &row, t->ua, &t->old);
}


static void end(struct target *t, uint16_t scode, const char *reason)
{
	t->state = DONE;
	list_unlink(&t->le);
	event(t, REFER_EV_REFER_ENDED, scode, reason);
	mem_deref(t);
}


/* What is done with the old call goes on with the new one */
static void moved(const struct target *t)
{
	if (t->old.call && call_alive(&t->new))
		t->all->replacedh(t->old.call, t->new.call, t->all->arg);
}


/* The old call goes, if it has not gone by itself */
static void hand_over(struct target *t)
{
	t->state = DONE;
	moved(t);    /* what has begun with the old call since */

	if (call_alive(&t->old))
		host_call_drop(t->old.call, "Replaced");

	event(t, REFER_EV_REPLACED, 200, t->hint);
	end(t, 200, "OK");
}


/* Answered here: without the ACK no BYE may be sent (RFC 3261 section 15) */
static bool is_unacked(const struct call_watch *w)
{
	return call_alive(w) && !host_call_outgoing(w->call) &&
		!host_call_established(w->call);
}


static void handover_handler(void *arg)
{
	struct target *t = arg;

	if (!is_unacked(&t->old))
		hand_over(t);
}


/* The ACK comes, or the core ends the call without it */
static void old_handler(enum call_change change, uint16_t scode,
			const char *reason, void *arg)
{
	struct target *t = arg;
	(void)scode;
	(void)reason;

	if (t->state != HANDING_OVER)
		return;

	if (change == CALL_CLOSED)
		hand_over(t);
	else if (!tmr_isrunning(&t->tmr))
		tmr_start(&t->tmr, 0, handover_handler, t);
}


/* The INVITE is the first message */
static struct ladder *ladder(const struct target *t)
{
	return transfers_ladder(t->all->refer->transfers, t->id, true);
}


/* A party that was on hold stays on hold, unless a person answers, or it was
   for a transfer, which ends with the old call */
static void established(struct target *t)
{
	static const struct pl invite = PL("INVITE");
	const struct refer *refer = t->all->refer;

	/* baresip's, which is not seen; its ACK has come */
	ladder_response(ladder(t), &invite, 200, "OK", &pl_null);

	if (t->answered && call_alive(&t->old) &&
	    host_call_held(t->old.call) &&
	    !clients_hold(refer->clients, t->old.call) &&
	    !consults_hold(refer->consults, t->old.call))
		(void)host_call_hold(t->new.call, true);

	/* not only before the BYE: it may be over by then, and who has put it
	   on hold resumes one of them */
	moved(t);

	t->state = HANDING_OVER;
	tmr_start(&t->tmr, HANDOVER, handover_handler, t);
}


/* If it is over before it is established, the old call stays. Later that one
   goes when all have seen this event: the menu would make the call that is
   closing the current one. */
static void new_handler(enum call_change change, uint16_t scode,
			const char *reason, void *arg)
{
	struct target *t = arg;

	if (change == CALL_ESTABLISHED)
		established(t);
	else if (t->state == RINGING)
		end(t, scode, reason);
	else if (t->state == HANDING_OVER)
		tmr_start(&t->tmr, 0, handover_handler, t);
}


/* Referred-By proves nothing without a token: RFC 3892 section 2.3 */
static int hint_print(char **hintp, const struct sip_msg *msg)
{
	const struct sip_hdr *hdr = sip_msg_hdr(msg, SIP_HDR_REFERRED_BY);
	struct sip_addr addr;

	if (!hdr || sip_addr_decode(&addr, &hdr->val))
		return str_dup(hintp, "OK");

	return re_sdprintf(hintp, "referred by %r (not proven)", &addr.auri);
}


static int alloc(struct target **tp, struct targets *ts,
		 const struct sip_msg *msg, struct call *old)
{
	struct target *t;
	int err;

	t = mem_zalloc(sizeof(*t), destructor);
	if (!t)
		return ENOMEM;

	t->all = ts;
	t->id  = transfers_begin(ts->refer->transfers);
	t->ts  = tmr_jiffies();
	t->ua  = host_call_ua(old);

	err  = call_watch(&t->old, ts->refer->watches, NULL, old, old_handler,
			  t);
	err |= pl_strdup(&t->peer, &msg->from.auri);
	err |= hint_print(&t->hint, msg);
	if (err) {
		mem_deref(t);
		return err;
	}

	list_append(&ts->l, &t->le, t);
	ladder_received(ladder(t), REFER_PARTY_PEER, msg);
	*tp = t;

	return 0;
}


static void pass_handler(void *arg)
{
	const struct pass *pass = arg;

	intercept_pass(pass->ic, pass->msg);
}


/* There is none if baresip has refused it */
static int watch_new(struct target *t, const struct sip_msg *msg)
{
	struct call *call;
	char *callid;
	int err;

	err = pl_strdup(&callid, &msg->callid);
	if (err)
		return err;

	/* the called side, if it is our own INVITE */
	call = host_call_find(callid, 1);
	mem_deref(callid);

	return call ? call_watch(&t->new, t->all->refer->watches, NULL, call,
				 new_handler, t) : ENOENT;
}


/* Those that a person is to answer */
static uint32_t ringing(const struct targets *ts)
{
	uint32_t n = 0;
	struct le *le;

	LIST_FOREACH(&ts->l, le) {
		const struct target *t = le->data;

		if (t->state == RINGING && call_alive(&t->new))
			++n;
	}

	return n;
}


static void let_in(struct targets *ts, const struct sip_msg *msg,
		   struct call *old, bool answer)
{
	const struct person caller = {msg->from.dname, msg->from.auri};
	struct pass pass = {ts->refer->ic, msg};
	struct person other;
	struct target *t;

	if (alloc(&t, ts, msg, old)) {
		request_refuse(ts->refer, msg, &no_memory);
		return;
	}

	t->answered = answer;
	person_set(&other, host_call_peer_name(old), host_call_peer(old));
	info("refer: #%u %H calls in place of %H\n", t->id, person_print,
	     &caller, person_print, &other);

	replaces_take((struct sip_msg *)msg);

	mem_ref(t);
	host_incoming(host_ua_find(msg), answer, ringing(ts), pass_handler,
		      &pass);

	if (watch_new(t, msg) ||
	    party_call_move(ts->refer->admission, t->old.callid, t->new.call))
		end(t, 0, "the new call could not be made");

	mem_deref(t);
}


/* By a call that was answered already; one that rings is not sure yet */
static const struct refusal *being_replaced(const struct targets *ts,
					    const struct call *old)
{
	struct le *le;

	LIST_FOREACH(&ts->l, le) {
		const struct target *t = le->data;

		if (t->old.call == old &&
		    (t->answered || t->state == HANDING_OVER))
			return &is_replaced;
	}

	return NULL;
}


/** Handle a request with Replaces that is out of a dialog, and no ACK */
void target_handle(struct targets *ts, const struct sip_msg *msg)
{
	enum policy policy = POLICY_REJECT;
	const struct refusal *ref;
	struct call *old = NULL;

	ref = replaces_match(&old, ts->refer, msg);
	if (!ref)
		ref = being_replaced(ts, old);

	if (!ref) {
		policy = policy_replaces(ts->refer, host_call_ua(old),
					 host_ua_find(msg));
		ref = policy == POLICY_REJECT ? &by_policy : NULL;
	}

	if (ref)
		request_refuse(ts->refer, msg, ref);
	else
		let_in(ts, msg, old, policy == POLICY_ACCEPT);
}


/** The softphone reports that a call rings; with ICE, and the like, that is
    later than the INVITE */
void target_rings(const struct targets *ts, struct call *call)
{
	struct le *le;

	LIST_FOREACH(&ts->l, le) {
		const struct target *t = le->data;

		if (t->new.call == call && t->answered) {
			(void)host_call_answer(call);
			return;
		}
	}
}


/* The new call comes into a talk, or on hold; the old one is about to end */
static bool holds_nobody(const struct target *t, const struct pl *callid)
{
	if (!call_alive(&t->old))
		return false;

	if (t->state == HANDING_OVER)
		return !pl_strcmp(callid, t->old.callid);

	return t->state == RINGING && t->answered &&
		(host_call_established(t->old.call) || is_unacked(&t->old)) &&
		!pl_strcmp(callid, t->new.callid);
}


/** Look at a request before the softphone does. If it is an ACK that
    establishes a call that was answered here, nobody is put on hold for that:
    not the call that is about to end, and not the party that is talked to
    while that one is on hold */
void target_look(const struct targets *ts, const struct sip_msg *msg)
{
	struct le *le;

	if (!ts->l.head || pl_strcmp(&msg->met, "ACK"))
		return;

	LIST_FOREACH(&ts->l, le) {
		const struct target *t = le->data;

		if (holds_nobody(t, &msg->callid))
			host_hold_nobody();
	}
}


/** Show all to a handler */
int targets_apply(const struct targets *ts, refer_transfer_h *h, void *arg)
{
	struct refer_transfer row;
	struct le *le;
	int err = 0;

	LIST_FOREACH(&ts->l, le) {
		get_row(&row, le->data);
		err |= h(&row, arg);
	}

	return err;
}


/** Allocate all replaced calls; the handler hears of each */
int targets_alloc(struct targets **tsp, struct refer *refer,
		  target_replaced_h *h, void *arg)
{
	struct targets *ts;

	ts = mem_zalloc(sizeof(*ts), NULL);
	if (!ts)
		return ENOMEM;

	ts->refer     = refer;
	ts->replacedh = h;
	ts->arg       = arg;
	*tsp = ts;

	return 0;
}


/** End all: a handover is finished, a call that rings stays */
void targets_close(struct targets *ts, const char *reason)
{
	while (ts && ts->l.head) {
		struct target *t = ts->l.head->data;

		if (t->state == HANDING_OVER)
			hand_over(t);
		else
			end(t, 0, reason);
	}
}
