/**
 * @file replace.c  Being the target: INVITE with Replaces (RFC 3891)
 *
 * The core makes the call, as of any INVITE; here it is decided whether it
 * may, and the replaced call is hung up when the new one is established. If
 * anything fails the replaced call is not touched.
 */
#include <re.h>
#include "admission/admission.h"
#include "config/settings.h"
#include "core/call_watch.h"
#include "core/core.h"
#include "core/dialogs.h"
#include "core/event.h"
#include "core/intercept.h"
#include "core/row.h"
#include "host/host.h"
#include "refer.h"
#include "referrer/referrer.h"
#include "syntax/refer_to.h"
#include "syntax/text.h"
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

/** A call that takes the place of another one */
struct replacement {
	struct le le;
	struct tmr tmr;
	struct refer *refer;
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

/** What the core is to do with the INVITE */
struct pass {
	const struct intercept *ic;
	const struct sip_msg *msg;
};


static const struct refusal
	many        = {400, "Bad Request", "more than one Replaces"},
	not_invite  = {400, "Bad Request", "Replaces is for INVITE only"},
	malformed   = {400, "Bad Request", "Replaces is malformed"},
	no_match    = {481, "Call/Transaction Does Not Exist",
		       "Replaces matches no call"},
	is_over     = {603, "Decline", "the call to replace is over"},
	is_answered = {486, "Busy Here",
		       "the call to replace is established already"},
	is_replaced = {603, "Decline",
		       "the call is being replaced by another one"},
	merged      = {482, "Loop Detected",
		       "there is a call of this Call-ID already"},
	is_ringing  = {481, "Call/Transaction Does Not Exist",
		       "the call to replace is not established yet"},
	by_policy   = {603, "Decline", "refused by policy"},
	no_memory   = {500, "Server Internal Error", "out of memory"};


static void destructor(void *arg)
{
	struct replacement *r = arg;

	list_unlink(&r->le);
	tmr_cancel(&r->tmr);
	call_unwatch(&r->old);
	call_unwatch(&r->new);
	mem_deref(r->peer);
	mem_deref(r->hint);
}


static void event(const struct replacement *r, enum refer_event_type type,
		  uint16_t scode, const char *reason)
{
	const struct refer_event ev = {
		.type   = type,
		.role   = REFER_ROLE_TARGET,
		.id     = r->id,
		.scode  = scode,
		.reason = reason,
		.target = r->peer,
	};

	event_emit(&ev, r->ua, &r->old);
}


static void end(struct replacement *r, uint16_t scode, const char *reason)
{
	r->state = DONE;
	list_unlink(&r->le);
	event(r, REFER_EV_REFER_ENDED, scode, reason);
	mem_deref(r);
}


/* The old call goes, if it has not gone by itself */
static void hand_over(struct replacement *r)
{
	r->state = DONE;

	consult_moved(r->refer, r->old.call,
		      call_alive(&r->new) ? r->new.call : NULL);

	if (call_alive(&r->old))
		host_call_drop(r->old.call, "Replaced");

	event(r, REFER_EV_REPLACED, 200, r->hint);
	end(r, 200, "OK");
}


static void handover_handler(void *arg)
{
	hand_over(arg);
}


static void old_handler(enum call_change change, uint16_t scode,
			const char *reason, void *arg)
{
	struct replacement *r = arg;
	(void)scode;
	(void)reason;

	if (change == CALL_CLOSED && r->state == HANDING_OVER)
		hand_over(r);
}


/* Who was on hold does not come off it by this, unless people answer */
static void established(struct replacement *r)
{
	if (r->answered && call_alive(&r->old) &&
	    host_call_held(r->old.call))
		(void)host_call_hold(r->new.call, true);

	r->state = HANDING_OVER;
	tmr_start(&r->tmr, HANDOVER, handover_handler, r);
}


/* If it is over before it is established, the old call stays. Later that one
   goes when all have seen this event: the menu would make the call that is
   closing the current one. */
static void new_handler(enum call_change change, uint16_t scode,
			const char *reason, void *arg)
{
	struct replacement *r = arg;

	if (change == CALL_ESTABLISHED)
		established(r);
	else if (r->state == RINGING)
		end(r, scode, reason);
	else if (r->state == HANDING_OVER)
		tmr_start(&r->tmr, 0, handover_handler, r);
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


static int replacement_alloc(struct replacement **rp, struct refer *refer,
			     const struct sip_msg *msg, struct call *old)
{
	struct replacement *r;
	int err;

	r = mem_zalloc(sizeof(*r), destructor);
	if (!r)
		return ENOMEM;

	r->refer = refer;
	r->id    = ++refer->id;
	r->ts    = tmr_jiffies();
	r->ua    = host_call_ua(old);

	err  = call_watch(&r->old, refer->watches, NULL, old, old_handler, r);
	err |= pl_strdup(&r->peer, &msg->from.auri);
	err |= hint_print(&r->hint, msg);
	if (err) {
		mem_deref(r);
		return err;
	}

	list_append(&refer->replacel, &r->le, r);

	*rp = r;

	return 0;
}


/*
 * Understood here: a core that does not must not refuse it, and one that does
 * would look at the Call-ID only, and end the old call at once.
 */
static void take_headers(struct sip_msg *msg)
{
	struct le *le;

	for (le = list_head(&msg->hdrl); le; ) {
		struct sip_hdr *hdr = le->data;

		le = le->next;
		if (hdr->id != SIP_HDR_REPLACES &&
		    (hdr->id != SIP_HDR_REQUIRE ||
		     pl_strcasecmp(&hdr->val, "replaces")))
			continue;

		hash_unlink(&hdr->he);
		list_unlink(&hdr->le);
		mem_deref(hdr);
	}
}


static void pass_handler(void *arg)
{
	const struct pass *pass = arg;

	intercept_pass(pass->ic, pass->msg);
}


/* There is none if the core has refused it */
static int watch_new(struct replacement *r, const struct sip_msg *msg)
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

	return call ? call_watch(&r->new, r->refer->watches, NULL, call,
				 new_handler, r) : ENOENT;
}


static void let_in(struct refer *refer, const struct sip_msg *msg,
		   struct call *old, bool answer)
{
	struct pass pass = {refer->ic, msg};
	struct replacement *r;

	if (replacement_alloc(&r, refer, msg, old)) {
		request_refuse(refer, msg, &no_memory);
		return;
	}

	r->answered = answer;
	info("refer: #%u call from %H replaces the one with %H\n", r->id,
	     text_clean_str, r->peer, text_clean_str, host_call_peer(old));

	take_headers((struct sip_msg *)msg);

	mem_ref(r);
	host_incoming(host_ua_find(msg), answer, pass_handler, &pass);

	if (watch_new(r, msg))
		end(r, 0, "the new call could not be made");

	mem_deref(r);
}


/* An INVITE of ours to ourselves has a session, and no more than that */
static bool is_merged(const struct refer *refer, const struct sip_msg *msg)
{
	const unsigned n = intercept_count(refer->ic, msg);
	struct sip_msg key;

	dialog_key(&key, &msg->callid, &msg->from.tag, &msg->to.tag);

	return n > 1 || (n && !intercept_early(refer->ic, &key));
}


/* Answered already; one that rings leaves the old call to whoever is first */
static const struct refusal *being_replaced(const struct refer *refer,
					    const struct call *old)
{
	struct le *le;

	LIST_FOREACH(&refer->replacel, le) {
		const struct replacement *r = le->data;

		if (r->old.call == old &&
		    (r->answered || r->state == HANDING_OVER))
			return &is_replaced;
	}

	return NULL;
}


static const struct refusal *match(struct call **callp, struct refer *refer,
				   const struct sip_msg *msg)
{
	const struct sip_hdr *hdr = sip_msg_hdr(msg, SIP_HDR_REPLACES);
	struct refer_replaces rep;

	if (pl_strcmp(&msg->met, "INVITE"))
		return &not_invite;

	if (sip_msg_hdr_count(msg, SIP_HDR_REPLACES) > 1)
		return &many;

	if (refer_replaces_decode(&rep, &hdr->val))
		return &malformed;

	if (is_merged(refer, msg))
		return &merged;

	switch (dialogs_match(callp, refer->dialogs, &rep)) {

	case DIALOG_CONFIRMED:    return rep.early_only ? &is_answered
					: being_replaced(refer, *callp);
	case DIALOG_EARLY_OURS:   return being_replaced(refer, *callp);
	case DIALOG_EARLY_THEIRS: return &is_ringing;
	case DIALOG_ENDED:        return &is_over;
	default:                  return &no_match;
	}
}


/**
 * Handle a request with Replaces
 *
 * @param refer Protocol
 * @param msg   Request out of a dialog, no ACK
 *
 * @return False if it is left to the core
 */
bool replace_handle(struct refer *refer, const struct sip_msg *msg)
{
	const struct refusal *ref;
	struct call *old = NULL;
	enum policy policy;

	ref = match(&old, refer, msg);
	if (ref) {
		request_refuse(refer, msg, ref);
		return true;
	}

	policy = policy_replaces(refer, host_call_ua(old));
	if (policy == POLICY_REJECT) {
		request_refuse(refer, msg, &by_policy);
		return true;
	}

	let_in(refer, msg, old, policy == POLICY_ACCEPT);

	return true;
}


/**
 * The softphone tells that a call rings
 *
 * With ICE, and the like, that is later than the INVITE.
 *
 * @param refer Protocol
 * @param call  Call
 */
void replace_rings(const struct refer *refer, struct call *call)
{
	struct le *le;

	LIST_FOREACH(&refer->replacel, le) {
		const struct replacement *r = le->data;

		if (r->new.call == call && r->answered) {
			host_call_answer(call);
			return;
		}
	}
}


/* It comes into a talk, or on hold */
static bool takes_place(const struct replacement *r)
{
	return r->state == RINGING && r->answered && call_alive(&r->old) &&
		host_call_established(r->old.call);
}


/**
 * Look at an ACK before the softphone does
 *
 * If it establishes a call that was answered here, nobody is put on hold for
 * that: not the call that is about to end, and not whoever is talked to while
 * that one is on hold.
 *
 * @param refer Protocol
 * @param msg   ACK
 */
void replace_ack(const struct refer *refer, const struct sip_msg *msg)
{
	struct le *le;

	LIST_FOREACH(&refer->replacel, le) {
		const struct replacement *r = le->data;

		if (!pl_strcmp(&msg->callid, r->new.callid) && takes_place(r))
			host_hold_nobody();
	}
}


/**
 * Get what is shown of a call that replaces another
 *
 * @param row Set on return; points into the context
 * @param r   Replacement
 */
void replace_row(struct refer_row *row, const struct replacement *r)
{
	*row = (struct refer_row){
		.id         = r->id,
		.role       = REFER_ROLE_TARGET,
		.state      = r->state == RINGING ? "RINGING" : "HANDOVER",
		.ts         = r->ts,
		.account    = host_ua_alive(r->ua) ? host_ua_aor(r->ua) : NULL,
		.peer       = {r->peer, str_len(r->peer)},
		.target     = host_ua_alive(r->ua) ? host_ua_aor(r->ua) : "",
		.callid     = r->old.callid,
		.new_callid = r->new.callid,
	};
}


/**
 * End all: a handover is finished, a call that rings stays
 *
 * @param refer  Protocol
 * @param reason Why, for people
 */
void replace_close(struct refer *refer, const char *reason)
{
	struct le *le;

	while ((le = list_head(&refer->replacel))) {
		struct replacement *r = le->data;

		if (r->state == HANDING_OVER)
			hand_over(r);
		else
			end(r, 0, reason);
	}
}
