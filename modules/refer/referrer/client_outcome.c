/**
 * @file client_outcome.c  What comes back of a REFER, and how it ends
 *
 * The responses to it (RFC 3515 section 2.4.2), the statuses that the NOTIFYs
 * report, the end of the call: each REFER ends with one outcome. After a
 * success the call is hung up, otherwise it is as it was before.
 */
#include <re.h>
#include "admission/admission.h"
#include "config/settings.h"
#include "core/call_watch.h"
#include "core/core.h"
#include "core/queue.h"
#include "core/redirect.h"
#include "core/sender.h"
#include "host/host.h"
#include "host/libre.h"
#include "refer.h"
#include "referee/referee.h"
#include "referrer/client.h"
#include "referrer/referrer.h"
#include "referrer/subscriber.h"
#include "syntax/sipfrag.h"
#include "syntax/token.h"


/* The call is as it was before, but for another transfer of it */
static void restore(struct refer_client *c)
{
	struct refer_client *other;
	int err;

	if (!c->held)
		return;

	c->held = false;
	if (!call_alive(&c->watch))
		return;

	other = clients_of(c->all, c->watch.call, c);
	if (other) {
		other->held = true;
		return;
	}

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

	old_call_watch_leg(c->all->refer->old_calls, &c->other);
}


/* The REFER has ended: so does its call after a success, otherwise it is as it
   was before */
static void finish(struct refer_client *c, bool success)
{
	if (success && !client_chosen(c->keep, c->ua, "refer_after_success",
				      c->all->refer->set->keep))
		hang_up(c);
	else
		restore(c);
}


/** A REFER that has ended has succeeded after all: so the call ends, unless
    another transfer of it decides */
void client_succeed(struct refer_client *c)
{
	if (call_alive(&c->watch) && !clients_of(c->all, c->watch.call, NULL))
		finish(c, true);
}


/* Whoever it is a part of knows first: the end of the call is no failure */
static void late_handler(struct refer_client *c, struct refer_event *ev)
{
	client_emit(c, ev);

	if (c->part && c->all)
		c->all->owner->lateh(c, ev, c->all->arg);

	if (ev->scode < 300 && c->all && !c->all->owner->busyh(c, c->all->arg))
		client_succeed(c);
}


/* Nothing is under way any more */
static void stop(struct refer_client *c, enum refer_outcome outcome,
		 bool sent)
{
	queue_remove(&c->grace_due);
	tmr_cancel(&c->tmr);
	c->hold = mem_deref(c->hold);
	sender_stop(c->sender);

	/* there has never been a subscription if it was refused */
	if (outcome == REFER_OUTCOME_REFUSED)
		mem_deref(c->sub);
	else if (outcome != REFER_OUTCOME_TIMEOUT || !sent ||
		 !late_listen(c, late_handler))
		subscriber_release(c->sub);

	c->sub = NULL;
}


/** End a REFER with one outcome; the protocol lets go of it */
void client_end(struct refer_client *c, enum refer_outcome outcome,
		uint16_t scode, const char *reason)
{
	static const enum refer_event_type endv[] = {
		[REFER_OUTCOME_ACCEPTED] = REFER_EV_REFER_ACCEPTED,
		[REFER_OUTCOME_REJECTED] = REFER_EV_REFER_REJECTED,
		[REFER_OUTCOME_REFUSED]  = REFER_EV_REFER_REQUEST_REJECTED,
		[REFER_OUTCOME_FAILED]   = REFER_EV_FAILED,
		[REFER_OUTCOME_TIMEOUT]  = REFER_EV_REFER_TIMEOUT,
	};
	struct refer_event ev = {
		.type    = REFER_EV_REFER_ENDED,
		.scode   = scode,
		.reason  = reason,
		.outcome = outcome,
	};
	const bool sent = c->state == REFER_CLIENT_SENT ||
		c->state == REFER_CLIENT_ACCEPTED;

	if (scode)
		client_set_last(c, scode, reason);
	client_set_state(c, REFER_CLIENT_TERMINATED, scode);
	c->ending = true;
	stop(c, outcome, sent);

	if (outcome < ARRAY_SIZE(endv))
		(void)client_event(c, endv[outcome], scode, reason, NULL);

	finish(c, outcome == REFER_OUTCOME_ACCEPTED);

	list_unlink(&c->le);
	list_append(&c->all->restl, &c->le, c);

	/* it may be sent again there */
	c->ending = false;
	client_emit(c, &ev);
	mem_deref(c);
}


/** Give a REFER up, whatever its state: the call is as it was before */
void client_close(struct refer_client *c, const char *reason)
{
	client_end(c, REFER_OUTCOME_CANCELLED, 0, reason);
}


int refer_client_dispose(struct refer_client *c)
{
	if (!c)
		return EINVAL;

	if (!client_open(c))
		return EPROTO;

	if (c->state == REFER_CLIENT_ACCEPTED)
		subscriber_unsubscribe(c->sub);

	client_close(c, "given up");

	return 0;
}


static bool refer_sub_false(const struct sip_msg *msg)
{
	const struct sip_hdr *hdr = sip_msg_hdr(msg, SIP_HDR_REFER_SUB);

	return hdr && token_is(&hdr->val, "false");
}


/* Granted that there are no NOTIFYs: nothing is to be waited for */
static bool is_silent(const struct refer_client *c,
		      const struct sip_msg *msg)
{
	if (subscriber_notified(c->sub))
		return false;

	return refer_sub_false(msg) || (c->nosub && c->outside);
}


static uint32_t notify_timeout(const struct refer_client *c)
{
	return client_setting(c->ua, "refer_notify_timeout",
			      c->all->refer->set->notify_timeout);
}


static void accepted(struct refer_client *c, const struct sip_msg *msg,
		     const char *reason)
{
	const uint16_t scode = msg ? msg->scode : 0;

	if (scode)
		client_set_last(c, scode, reason);
	client_set_state(c, REFER_CLIENT_ACCEPTED, scode);

	if (!client_event(c, REFER_EV_REFER_REQUEST_ACCEPTED, scode, reason,
			  msg))
		return;

	if (msg && is_silent(c, msg))
		client_end(c, REFER_OUTCOME_UNKNOWN, scode,
			   "accepted, its outcome will not be told");
	else
		subscriber_confirm(c->sub, notify_timeout(c));
}


/* What people can do about a refusal */
static const char *hint(const struct refer_client *c, uint16_t scode)
{
	if (scode == 405 || scode == 501)
		return " (it cannot be referred; ask it to call the target)";

	if (scode == 429)
		return " (it wants a signed Referred-By, which is not"
			" supported)";

	if (scode == 420 && c->reduced)
		return " (also without the options)";

	if (scode >= 300 && scode < 400)
		return " (redirected, not followed)";

	return "";
}


static void refused(struct refer_client *c, const struct sip_msg *msg)
{
	char reason[256];

	(void)re_snprintf(reason, sizeof(reason), "%r%s", &msg->reason,
			  hint(c, msg->scode));
	client_end(c, REFER_OUTCOME_REFUSED, msg->scode, reason);
}


/* In a dialog the other side cannot be elsewhere: a 3xx is reported only. msg
   is NULL if nobody has responded (RFC 3261 section 8.1.3.1) */
static bool redirect(struct refer_client *c, uint16_t scode,
		     const struct sip_msg *msg)
{
	if (!host_ua_alive(c->ua) || !c->outside ||
	    !redirect_goes_on(scode) ||
	    !policy_follow_redirect(c->all->refer) ||
	    c->redirects >= REDIRECTS_MAX)
		return false;

	if (msg && scode < 400)
		redirect_add(&c->contacts, msg);

	mem_deref(c->redirect);
	c->redirect = redirect_take_uri(&c->contacts);
	if (!c->redirect)
		return false;

	++c->redirects;

	return !client_start(c);
}


static int keep_response(struct refer_client *c, const struct sip_msg *msg)
{
	char *reason;
	int err;

	err = pl_strdup(&reason, &msg->reason);
	if (err)
		return err;

	mem_deref(c->reason);
	c->reason = reason;
	c->scode  = msg->scode;

	return 0;
}


/* A proxy has no answer, or none any more: that says nothing of the REFER if
   its NOTIFY has come, which is sent only when it is accepted (RFC 3515
   section 2.4.4) */
static bool is_contradicted(const struct refer_client *c, uint16_t scode)
{
	return (scode == 408 || (scode >= 500 && scode < 600)) &&
		subscriber_notified(c->sub);
}


static void handle(struct refer_client *c, const struct sip_msg *msg)
{
	const uint32_t id = c->id;

	if (host_ua_alive(c->ua) && msg->scode == 420 &&
	    client_reduce(c) && !client_send(c))
		return;

	if (keep_response(c, msg))
		return;

	if (c->resph)
		c->resph(c, msg, c->resp_arg);

	if (!client_open(c) || c->id != id)
		return;

	if (msg->scode < 200) {
		(void)client_event(c, REFER_EV_REFER_REQUEST_PROGRESS,
				   msg->scode, c->reason, msg);
	}
	else if (msg->scode < 300) {
		accepted(c, msg, c->reason);
	}
	else if (is_contradicted(c, msg->scode)) {
		accepted(c, NULL, "its NOTIFY came");
	}
	else if (!redirect(c, msg->scode, msg)) {
		refused(c, msg);
	}
}


static void no_response(struct refer_client *c, int err)
{
	const uint16_t scode = err == ETIMEDOUT ? 408 : 503;
	const uint32_t id = c->id;

	if (subscriber_notified(c->sub)) {
		accepted(c, NULL, "its NOTIFY came");
		return;
	}

	if (c->resph)
		c->resph(c, NULL, c->resp_arg);

	if (!client_open(c) || c->id != id)
		return;

	if (!redirect(c, scode, NULL))
		client_end(c, REFER_OUTCOME_FAILED, scode, sip_reason(scode));
}


/** A response to the REFER, or none came */
void client_response_handler(int err, const struct sip_msg *msg, void *arg)
{
	struct refer_client *c = arg;

	mem_ref(c);

	if (err)
		no_response(c, err);
	else
		handle(c, msg);

	mem_deref(c);
}


/* The referee has not reached the target, or another instance of it */
static bool is_unreached(uint16_t scode)
{
	static const uint16_t codev[] = {404, 410, 480, 481, 503};
	size_t i;

	for (i=0; i<ARRAY_SIZE(codev); ++i) {
		if (scode == codev[i])
			return true;
	}

	return false;
}


/** A NOTIFY reports a status */
void client_status_handler(const struct sipfrag *frag,
			   const struct sip_msg *msg, void *arg)
{
	struct refer_client *c = arg;
	char reason[128];

	(void)pl_strcpy(&frag->reason, reason, sizeof(reason));

	mem_ref(c);

	if (!client_event(c, REFER_EV_NOTIFY, frag->scode, reason, msg))
		goto out;

	client_set_last(c, frag->scode, reason);

	if (frag->scode < 200)
		(void)client_event(c, REFER_EV_REFER_PROGRESS, frag->scode,
				   reason, msg);
	else if (frag->scode < 300)
		client_end(c, REFER_OUTCOME_ACCEPTED, frag->scode, reason);
	else if (!is_unreached(frag->scode) || !client_again(c))
		client_end(c, REFER_OUTCOME_REJECTED, frag->scode, reason);

 out:
	mem_deref(c);
}


/** The subscription ended, without an outcome */
void client_close_handler(int err, const char *reason, void *arg)
{
	client_end(arg, err == ETIMEDOUT ? REFER_OUTCOME_TIMEOUT
		   : REFER_OUTCOME_FAILED, 0, reason);
}


/** The call ended long enough ago: no outcome will come any more */
void client_grace_handler(void *arg)
{
	client_end(arg, REFER_OUTCOME_TIMEOUT, 0,
		   "the call ended before the outcome");
}


/** The time is over that was given for the outcome */
void client_timeout_handler(void *arg)
{
	struct refer_client *c = arg;

	if (c->state == REFER_CLIENT_ACCEPTED)
		subscriber_unsubscribe(c->sub);

	client_end(c, REFER_OUTCOME_TIMEOUT, 0, "no outcome in time");
}


/* The referee may hang up before it reports the outcome */
static void call_over(struct refer_client *c)
{
	if (c->state == REFER_CLIENT_HOLDING) {
		client_end(c, REFER_OUTCOME_FAILED, 0, "the call has ended");
		return;
	}

	subscriber_call_over(c->sub);
	queue_add(&c->all->grace, &c->grace_due, c);
}


/** The call has changed, or the user agent ended */
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
