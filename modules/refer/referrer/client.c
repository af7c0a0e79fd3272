/**
 * @file client.c  One outgoing REFER (seed: ReferClientContext)
 *
 * Its life: states, events, the statuses that the NOTIFYs tell (RFC 3515),
 * and the end with one outcome. Then the call is hung up after a success, and
 * otherwise as it was before.
 */
#include <re.h>
#include "core/core.h"
#include "config/params.h"
#include "core/call_watch.h"
#include "core/event.h"
#include "core/queue.h"
#include "core/sender.h"
#include "host/host.h"
#include "refer.h"
#include "referee/old_call.h"
#include "referrer/client.h"
#include "referrer/referrer.h"
#include "syntax/sipfrag.h"
#include "syntax/text.h"


/**
 * Tell whether an outgoing REFER is under way
 *
 * @param c Client context
 *
 * @return True if it is
 */
bool client_open(const struct refer_client *c)
{
	return c->state != REFER_CLIENT_IDLE &&
		c->state != REFER_CLIENT_TERMINATED;
}


/**
 * Change the state of an outgoing REFER
 *
 * @param c     Client context
 * @param state New state
 * @param scode Status code that led to it, or 0
 */
void client_set_state(struct refer_client *c, enum refer_client_state state,
		      uint16_t scode)
{
	if (scode)
		c->last = scode;

	info("refer: #%u client %s -> %s (%u)\n", c->id,
	     refer_client_state_name(c->state),
	     refer_client_state_name(state), scode);

	c->state = state;
}


static void emit(struct refer_client *c, const struct refer_client_event *ev)
{
	const struct refer_event rev = {
		.name    = ev->name,
		.id      = ev->id,
		.role    = ROLE_CLIENT,
		.scode   = ev->scode,
		.outcome = ev->outcome,
		.reason  = ev->reason,
		.target  = c->target,
		.ua      = c->ua,
		.call    = &c->watch,
	};

	refer_event(&rev);

	if (c->eventh)
		c->eventh(c, ev, c->arg);
}


/**
 * Emit an event of an outgoing REFER
 *
 * @param c      Client context, held by the caller
 * @param name   Name of the event
 * @param scode  Status code, or 0
 * @param reason Reason phrase, or NULL
 * @param msg    Message that it tells of, or NULL
 *
 * @return True if the application has not ended it there
 */
bool client_event(struct refer_client *c, const char *name, uint16_t scode,
		  const char *reason, const struct sip_msg *msg)
{
	const struct refer_client_event ev = {
		.name   = name,
		.id     = c->id,
		.scode  = scode,
		.reason = reason,
		.msg    = msg,
	};

	emit(c, &ev);

	return client_open(c) && c->id == ev.id;
}


/* Another transfer of the same call may still need it on hold */
static bool pass_hold_on(const struct refer_client *c)
{
	struct le *le;

	LIST_FOREACH(&c->refer->clientl, le) {
		struct refer_client *other = le->data;

		if (other != c && client_open(other) &&
		    other->watch.call == c->watch.call) {
			other->held = true;
			return true;
		}
	}

	return false;
}


/* The call is as it was before */
static void restore(struct refer_client *c)
{
	int err;

	if (!c->held)
		return;

	c->held = false;
	if (!call_alive(&c->watch) || pass_hold_on(c))
		return;

	err = host_call_hold(c->watch.call, false);
	if (err)
		warning("refer: #%u the call could not be resumed: %m\n",
			c->id, err);
}


/* The target hangs up its call with us, when it is replaced: until then no
   other call is resumed */
static void hang_up(struct refer_client *c)
{
	const bool leg = call_alive(&c->other);

	if (call_alive(&c->watch) && leg)
		host_call_drop(c->watch.call, "Transferred");
	else if (call_alive(&c->watch))
		host_call_hangup(c->watch.call, "Transferred");

	old_call_watch(c->refer, &c->refer->leg, &c->other);
}


static void finish_call(struct refer_client *c, bool success)
{
	if (success &&
	    !params_value(c->ua, "refer_after_success", c->refer->set->keep))
		hang_up(c);
	else
		restore(c);
}


static void log_end(const struct refer_client *c, enum outcome outcome,
		    uint16_t scode, const char *reason)
{
	if (outcome == OUTCOME_ACCEPTED)
		info("refer: #%u transfer to %s: %u %H\n", c->id, c->target,
		     scode, text_clean_str, reason);
	else if (outcome == OUTCOME_CANCELLED || outcome == OUTCOME_UNKNOWN)
		info("refer: #%u transfer to %s: %H\n", c->id, c->target,
		     text_clean_str, reason);
	else
		warning("refer: #%u transfer to %s failed: %u %H%s\n", c->id,
			c->target, scode, text_clean_str, reason,
			c->outside ? "" : "; the call is kept");
}


/* Nothing is under way any more */
static void stop(struct refer_client *c, enum outcome outcome)
{
	queue_remove(&c->grace_due);
	c->hold = mem_deref(c->hold);
	sender_stop(c->sender);

	/* there has never been a subscription then */
	if (outcome != OUTCOME_REFUSED)
		subscriber_release(c->sub);
	else
		mem_deref(c->sub);

	c->sub = NULL;
}


/**
 * End an outgoing REFER; the protocol lets go of it
 *
 * @param c       Client context
 * @param outcome How it ended
 * @param scode   Status code, or 0
 * @param reason  Reason phrase, for people
 */
void client_end(struct refer_client *c, enum outcome outcome, uint16_t scode,
		const char *reason)
{
	static const struct {
		const char *name;
		const char *event;
	} endv[] = {
		[OUTCOME_ACCEPTED]  = {"accepted",  "referAccepted"},
		[OUTCOME_REJECTED]  = {"rejected",  "referRejected"},
		[OUTCOME_REFUSED]   = {"refused",   "referRequestRejected"},
		[OUTCOME_FAILED]    = {"failed",    "failed"},
		[OUTCOME_TIMEOUT]   = {"timeout",   "referTimeout"},
		[OUTCOME_UNKNOWN]   = {"unknown",   NULL},
		[OUTCOME_CANCELLED] = {"cancelled", NULL},
	};
	const struct refer_client_event ev = {
		.name    = "referEnded",
		.id      = c->id,
		.outcome = endv[outcome].name,
		.scode   = scode,
		.reason  = reason,
	};

	client_set_state(c, REFER_CLIENT_TERMINATED, scode);
	c->ending = true;
	stop(c, outcome);

	if (endv[outcome].event)
		(void)client_event(c, endv[outcome].event, scode, reason,
				   NULL);

	log_end(c, outcome, scode, reason);
	finish_call(c, outcome == OUTCOME_ACCEPTED);

	list_unlink(&c->le);
	list_append(&c->refer->restl, &c->le, c);

	/* it may be sent again there */
	c->ending = false;
	emit(c, &ev);
	mem_deref(c);
}


static void status_handler(const struct sipfrag *frag,
			   const struct sip_msg *msg, void *arg)
{
	struct refer_client *c = arg;
	char reason[128];

	(void)pl_strcpy(&frag->reason, reason, sizeof(reason));

	mem_ref(c);

	if (!client_event(c, "notify", frag->scode, reason, msg))
		goto out;

	c->last = frag->scode;

	if (frag->scode < 200)
		(void)client_event(c, "referProgress", frag->scode, reason,
				   msg);
	else if (frag->scode < 300)
		client_end(c, OUTCOME_ACCEPTED, frag->scode, reason);
	else
		client_end(c, OUTCOME_REJECTED, frag->scode, reason);

 out:
	mem_deref(c);
}


static void close_handler(int err, const char *reason, void *arg)
{
	client_end(arg, err == ETIMEDOUT ? OUTCOME_TIMEOUT : OUTCOME_FAILED,
		   0, reason);
}


/**
 * The call ended long enough ago: no outcome will come any more
 *
 * @param arg Client context
 */
void client_grace_handler(void *arg)
{
	client_end(arg, OUTCOME_TIMEOUT, 0,
		   "the call ended before the outcome");
}


/* The referee may hang up before it tells the outcome */
static void call_over(struct refer_client *c)
{
	if (c->state == REFER_CLIENT_HOLDING) {
		client_end(c, OUTCOME_FAILED, 0, "the call has ended");
		return;
	}

	subscriber_call_over(c->sub);
	queue_add(&c->refer->grace, &c->grace_due, c);
}


/**
 * Handle a change of the call, or the end of the user agent
 *
 * @param change What happened
 * @param scode  Not used
 * @param reason Reason phrase
 * @param arg    Client context
 */
void client_call_handler(enum call_change change, uint16_t scode,
			 const char *reason, void *arg)
{
	struct refer_client *c = arg;
	(void)scode;

	if (change == CALL_ESTABLISHED || !client_open(c))
		return;

	if (change == UA_GONE)
		client_close(c, reason);
	else
		call_over(c);
}


/**
 * Follow the NOTIFYs
 *
 * @param c Client context with a dialog
 *
 * @return 0 if success, otherwise errorcode
 */
int client_subscribe(struct refer_client *c)
{
	return subscriber_alloc(&c->sub, c->refer, c->ua,
				sender_dialog(c->sender), status_handler,
				close_handler, c);
}


/**
 * End the REFER, whatever its state: the call is as it was before
 *
 * @param c      Client context, under way
 * @param reason Why, for people
 */
void client_close(struct refer_client *c, const char *reason)
{
	client_end(c, OUTCOME_CANCELLED, 0, reason);
}


/**
 * The protocol goes, an application keeps the context: it is of no use
 *
 * @param c Client context, not under way
 */
void client_detach(struct refer_client *c)
{
	list_unlink(&c->le);
	call_unwatch(&c->watch);
	call_unwatch(&c->other);
	c->refer = NULL;
}
