/**
 * @file execution.c  How an accepted REFER is executed and reported
 *
 * The module sends an INVITE to the target (inviter.c), or an application
 * executes it, and reports. Each status goes out in a NOTIFY (RFC
 * 3515 section 2.4.5), the last one ends the REFER.
 */
#include <re.h>
#include "config/params.h"
#include "config/settings.h"
#include "core/core.h"
#include "core/invite.h"
#include "host/host.h"
#include "refer.h"
#include "referee/referee.h"
#include "referee/server.h"
#include "syntax/header.h"
#include "syntax/people.h"
#include "syntax/sipfrag.h"
#include "syntax/text.h"


static void rejected(struct refer_server *srv, uint16_t scode,
		     const char *reason)
{
	server_event(srv, REFER_EV_REJECTED, scode, reason);
	server_event(srv, REFER_EV_FAILED, scode, reason);
	server_event(srv, REFER_EV_REFER_REQUEST_REJECTED, scode, reason);
	server_end(srv, scode, reason);
}


static void done(struct refer_server *srv, uint16_t scode, const char *reason)
{
	const bool success = scode < 300;

	server_set_state(srv, REFER_TERMINATED, scode);
	if (success)
		old_call_watch(srv->refer->old_calls, &srv->watch);

	server_event(srv, success ? REFER_EV_REFER_ACCEPTED
				  : REFER_EV_REFER_REJECTED, scode, reason);
	server_end(srv, scode, reason);
}


static void warn_untold(const struct refer_server *srv)
{
	struct person who;

	referral_referrer(&who, &srv->referral);
	warning("refer: #%u %H has ended the subscription: nobody will learn"
		" the outcome\n", srv->id, text_clean, &who.uri);
}


/* A status is on the wire, or could not be told to the referrer */
static void sent_handler(const struct sipfrag *frag, void *arg)
{
	struct refer_server *srv = mem_ref(arg);
	char *reason = NULL;

	(void)pl_strdup(&reason, &frag->reason);

	if (srv->state == REFER_PENDING)
		warn_untold(srv);
	else if (srv->state == REFER_REJECTED)
		rejected(srv, frag->scode, reason);
	else if (frag->scode >= 200)
		done(srv, frag->scode, reason);
	else if (frag->scode > 100)
		server_event(srv, REFER_EV_REFER_PROGRESS, frag->scode,
			     reason);

	mem_deref(reason);
	mem_deref(srv);
}


/** The subscription lives for as long as a target may ring that is called with
    an account */
void server_outlive(struct refer_server *srv, const struct ua *ua)
{
	const struct settings *set = srv->refer->set;
	const uint32_t ring = params_value(ua, "refer_ring_timeout",
					   set->ring_timeout);

	srv->expires = max(srv->expires, settings_expires(set, ring));
	if (srv->notifier)
		notifier_extend(srv->notifier, srv->expires);
}


/** Make the subscription, if the referrer wants one */
int server_subscribe(struct refer_server *srv)
{
	int err;

	if (srv->nosub || srv->notifier)
		return 0;

	err = notifier_alloc(&srv->notifier, srv->refer->notifiers, srv->ua,
			     srv->dlg, srv->msg->cseq.num, srv->expires,
			     sent_handler, srv);
	if (!err)
		notifier_record(srv->notifier, srv->id);

	return err;
}


/** The decision is no: the referrer knows it by the response, or by the last
    NOTIFY after a 202 */
void server_refused(struct refer_server *srv, uint16_t scode,
		    const char *reason)
{
	struct sipfrag frag = {scode, PL_INIT};

	pl_set_str(&frag.reason, reason);

	if (srv->notifier)
		notifier_reject(srv->notifier, &frag, srv->undecided);
	else
		sent_handler(&frag, srv);
}


/** Tell the referrer a status; one without a reason phrase gets the standard
    one */
void server_report(struct refer_server *srv, const struct sipfrag *frag)
{
	struct sipfrag full = *frag;

	if (!pl_isset(&full.reason))
		pl_set_str(&full.reason, sip_reason(full.scode));

	if (srv->notifier)
		notifier_status(srv->notifier, &full);
	else
		sent_handler(&full, srv);
}


static void report_code(struct refer_server *srv, uint16_t scode,
			const char *reason)
{
	struct sipfrag frag = {scode, PL_INIT};

	pl_set_str(&frag.reason, reason);
	server_report(srv, &frag);
}


static void report_handler(void *arg);


/* The application reports by itself: for as long as the subscription lives */
static void await_reports(struct refer_server *srv)
{
	uint64_t life = (uint64_t)srv->expires * 1000;

	if (srv->notifier)
		life = notifier_left(srv->notifier);

	tmr_start(&srv->tmr_report, life, report_handler, srv);
}


/* It has forgotten it, unless it has an INVITE under way */
static void report_handler(void *arg)
{
	struct refer_server *srv = mem_ref(arg);

	if (notifier_left(srv->notifier)) {
		await_reports(srv);
	}
	else if (!invite_call(srv->inviter.invite)) {
		server_event(srv, REFER_EV_REFER_TIMEOUT, 0, "no report");
		server_close(srv, "no report");
	}

	mem_deref(srv);
}


int refer_server_notify(struct refer_server *srv, uint16_t scode,
			const char *reason)
{
	if (!srv)
		return EINVAL;

	if (srv->state != REFER_ACCEPTED || !srv->nofollow || srv->final)
		return EPROTO;

	if (scode < 100 || scode > 699 || !opts_line_valid(reason))
		return EINVAL;

	srv->final = scode >= 200;
	report_code(srv, scode,
		    str_isset(reason) ? reason : sip_reason(scode));

	return 0;
}


static void follow(struct refer_server *srv, struct call_plan *plan)
{
	struct refer_inviter *inv = &srv->inviter;
	int err;

	if (!inv->plan)
		inv->plan = mem_ref(plan);

	err = refer_inviter_invite(inv);
	if (err && err != EALREADY) {
		warning("refer: #%u could not call %H: %m\n", srv->id,
			people_uri, server_target(srv), err);
		report_code(srv, 503, "Service Unavailable");
	}
}


/** Execute a REFER that was just accepted, by a plan if it is executed here.
    An application may end it in any event */
void server_execute(struct refer_server *srv, struct call_plan *plan)
{
	server_event(srv, REFER_EV_ACCEPTED, srv->scode, srv->reason);
	server_event(srv, REFER_EV_REFER_REQUEST_ACCEPTED, srv->scode,
		     srv->reason);

	if (srv->state != REFER_ACCEPTED)
		return;

	report_code(srv, 100, "Trying");

	if (srv->state != REFER_ACCEPTED)
		return;

	if (srv->nofollow)
		await_reports(srv);
	else
		follow(srv, plan);
}
