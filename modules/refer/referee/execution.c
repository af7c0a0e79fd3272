/**
 * @file execution.c  How an accepted REFER is executed and reported (seeds:
 * Referral.makeInviter, Inviter)
 *
 * The module sends an INVITE to the target: without its URI's headers,
 * Replaces unescaped, Referred-By unmodified (RFC 3892 section 2.2). Or an
 * application executes it, and reports. Each status goes out in a NOTIFY (RFC
 * 3515 section 2.4.5), the last one ends the REFER.
 */
#include <re.h>
#include "core/core.h"
#include "core/invite.h"
#include "host/host.h"
#include "refer.h"
#include "referee/referee.h"
#include "referee/server.h"
#include "syntax/header.h"
#include "syntax/refer_to.h"
#include "syntax/sipfrag.h"
#include "syntax/template.h"
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


/* A status is on the wire, or could not be told to the referrer */
static void sent_handler(const struct sipfrag *frag, void *arg)
{
	struct refer_server *srv = mem_ref(arg);
	char *reason = NULL;

	(void)pl_strdup(&reason, &frag->reason);

	if (srv->state == REFER_PENDING)
		warning("refer: #%u %H has ended the subscription: nobody"
			" will learn the outcome\n", srv->id, text_clean,
			&srv->msg->from.auri);
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


/* A target that gives no reason phrase gets the standard one */
static void report(struct refer_server *srv, const struct sipfrag *frag)
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
	report(srv, &frag);
}


/* Who refers if that is known, or who says so */
static struct pl referrer(const struct referral *rf)
{
	struct pl pl = rf->srv->msg->from.auri;

	if (rf->referrer)
		pl_set_str(&pl, rf->referrer);

	return pl;
}


static int print_templates(struct mbuf *mb, const struct refer_server *srv)
{
	const struct referral *rf = &srv->referral;
	struct template_values vals = {
		.v[VAR_REFERRER] = referrer(rf),
		.v[VAR_REFERRED] = srv->msg->to.auri,
	};
	const struct rules *rules = config_rules(srv->refer->config);
	struct pl by;

	pl_set_str(&vals.v[VAR_ACCOUNT], host_ua_aor(srv->ua));
	pl_set_str(&vals.v[VAR_TARGET], rf->rt->uri);
	pl_set_str(&by, rf->referred_by ? rf->referred_by : "");
	if (refer_to_addr(&vals.v[VAR_REFERRED_BY], &by))
		vals.v[VAR_REFERRED_BY] = pl_null;

	return templates_print(mb, &rules->templatel, &vals);
}


/* Replaces, Referred-By, the headers of the application and of the
   configuration, then those of the URI and of the REFER; each wins over those
   behind it */
static int print_headers(struct mbuf *mb, const struct refer_server *srv,
			 const char *const *hdrv)
{
	const struct referral *rf = &srv->referral;
	const struct settings *set = srv->refer->set;
	const bool require = rf->rt->require || set->require_replaces;
	int err = 0;

	if (rf->rt->replaces)
		err |= mbuf_printf(mb, "Replaces: %s\r\n%s", rf->rt->replaces,
				   require ? "Require: replaces\r\n" : "");

	if (rf->referred_by)
		err |= mbuf_printf(mb, "Referred-By: %s\r\n",
				   rf->referred_by);

	for (; hdrv && *hdrv; ++hdrv)
		err |= mbuf_printf(mb, "%s\r\n", *hdrv);

	err |= print_templates(mb, srv);
	err |= carried_print(mb, &rf->headers, CARRIED_URI,
			     set->copy_headers);
	err |= carried_print(mb, &rf->headers, CARRIED_REFER,
			     set->pass_headers);

	return err;
}


static int make_inviter(struct refer_server *srv,
			const struct refer_invite_opts *opts)
{
	struct mbuf *mb;
	int err;

	if (opts && !header_lines_valid(opts->hdrv))
		return EINVAL;

	mb = mbuf_alloc(256);
	if (!mb)
		return ENOMEM;

	err = print_headers(mb, srv, opts ? opts->hdrv : NULL);

	mb->pos = 0;
	if (!err)
		err = mbuf_strdup(mb, &srv->inviter.hdrs, mb->end);
	mem_deref(mb);

	srv->inviter.novideo = opts && opts->novideo;

	return err;
}


int referral_make_inviter(struct refer_inviter **invp, struct referral *rf,
			  const struct refer_invite_opts *opts)
{
	struct refer_server *srv = rf ? rf->srv : NULL;
	int err = 0;

	if (!invp || !rf)
		return EINVAL;

	if (srv->state == REFER_REJECTED || (!srv->inviter.hdrs && srv->ended))
		return EPROTO;

	if (!srv->inviter.hdrs)
		err = make_inviter(srv, opts);
	if (!err)
		*invp = &srv->inviter;

	return err;
}


static void progress_handler(const struct sipfrag *frag, void *arg)
{
	report(arg, frag);
}


/* The old call goes: as the core itself has it, it is not put on hold */
static void answer_handler(void *arg)
{
	const struct call *old = refer_server_call(arg);

	if (old && host_call_alone(old))
		host_hold_nobody();
}


/* The target has redirected us, and another one is called */
static void redirect_handler(const struct sipfrag *frag, void *arg)
{
	struct refer_server *srv = arg;
	struct refer_inviter *inv = &srv->inviter;
	char *reason;

	inv->callid = mem_deref(inv->callid);
	mem_deref(inv->uri);
	inv->uri = mem_ref((void *)invite_uri(inv->invite));

	if (pl_strdup(&reason, &frag->reason))
		return;

	info("refer: #%u redirected to %s\n", srv->id, inv->uri);
	server_event(srv, REFER_EV_REFER_INVITE_SENT, frag->scode, reason);
	mem_deref(reason);
}


/* The last status. The Call-ID is still shown when the INVITE is over */
static void final_handler(const struct sipfrag *frag, void *arg)
{
	struct refer_server *srv = arg;
	struct refer_inviter *inv = &srv->inviter;

	if (!inv->callid)
		inv->callid = mem_ref((void *)invite_callid(inv->invite));
	inv->invite = NULL;

	report(srv, frag);
}


static const struct invite_handlers handlers = {
	.progressh = progress_handler,
	.answerh   = answer_handler,
	.redirecth = redirect_handler,
	.finalh    = final_handler,
};


static int send_invite(struct refer_server *srv)
{
	const struct call *old = refer_server_call(srv);
	const struct refer_inviter *inv = &srv->inviter;
	const struct invite_prm prm = {
		.ua       = srv->ua,
		.uri      = srv->referral.rt->uri,
		.hdrs     = inv->hdrs,
		.novideo  = inv->novideo || (old && !host_call_has_video(old)),
		.ring     = true,
		.depth    = srv->depth + 1,
		.transfer = srv->id,
		.party    = srv->party,
		.handlers = &handlers,
		.arg      = srv,
	};

	return invite_send(&srv->inviter.invite, srv->refer->invites, &prm);
}


int refer_inviter_invite(struct refer_inviter *inv)
{
	int err;

	if (!inv)
		return EINVAL;

	if (inv->srv->state != REFER_ACCEPTED)
		return EPROTO;

	if (inv->invited)
		return EALREADY;

	err = send_invite(inv->srv);
	if (err)
		return err;

	inv->invited = true;
	server_event(inv->srv, REFER_EV_REFER_INVITE_SENT, 0, NULL);

	return 0;
}


int refer_inviter_cancel(struct refer_inviter *inv)
{
	struct call *call = refer_inviter_call(inv);

	if (!inv)
		return EINVAL;

	if (!call)
		return EPROTO;

	host_call_hangup(call, "Cancelled");

	return 0;
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
	else if (!refer_inviter_call(&srv->inviter)) {
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


static void follow(struct refer_server *srv,
		   const struct refer_invite_opts *opts)
{
	struct refer_inviter *inv;
	int err;

	err = referral_make_inviter(&inv, &srv->referral, opts);
	if (!err)
		err = refer_inviter_invite(inv);
	if (err && err != EALREADY) {
		warning("refer: #%u could not call %s: %m\n", srv->id,
			srv->referral.rt->uri, err);
		report_code(srv, 503, "Service Unavailable");
	}
}


/** Execute a REFER that was just accepted; an application may end it in any
    event */
void server_execute(struct refer_server *srv,
		    const struct refer_invite_opts *opts)
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
		follow(srv, opts);
}
