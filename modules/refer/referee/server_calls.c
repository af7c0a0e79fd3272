/**
 * @file server_calls.c  What an application can do with an incoming REFER
 * (seeds: ServerContext, ReferServerContext, ReferUserAgentServer)
 *
 * The state is checked first, then the arguments, and a call that is wrong
 * has no effect: nothing is sent, no event, no change.
 */
#include <re.h>
#include "core/core.h"
#include "host/host.h"
#include "refer.h"
#include "referee/opts.h"
#include "referee/referral.h"
#include "referee/server.h"
#include "syntax/uri.h"
#include "syntax/sipfrag.h"


static void follow(struct refer_server *srv,
		   const struct refer_invite_opts *opts)
{
	struct refer_inviter *inv;
	int err;

	err = referral_make_inviter(&inv, srv->referral, opts);
	if (!err)
		err = refer_inviter_invite(inv);
	if (err && err != EALREADY) {
		warning("refer: #%u could not call %s: %m\n", srv->id,
			referral_refer_to(srv->referral), err);
		server_report(srv, 503, "Service Unavailable");
	}
}


/**
 * Send 100 Trying, once
 *
 * Over UDP it goes out 3.5 s after the REFER came (RFC 4320 section 4.1); an
 * earlier call is kept until then. Seeds: progress(), trying().
 *
 * @param srv Server context
 *
 * @return 0 if success, EPROTO if it is answered, EALREADY if called before
 */
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
		server_send_trying(srv);

	return 0;
}


static void execute(struct refer_server *srv,
		    const struct refer_invite_opts *opts)
{
	server_event(srv, "accepted", srv->scode, srv->reason);
	server_event(srv, "referRequestAccepted", srv->scode, srv->reason);

	if (srv->state != REFER_ACCEPTED)
		return;

	server_report(srv, 100, "Trying");

	if (srv->state != REFER_ACCEPTED)
		return;

	if (srv->nofollow)
		server_await_reports(srv);
	else
		follow(srv, opts);
}


/**
 * Accept the REFER, and execute it unless opts say otherwise
 *
 * Seeds: accept(). While it is pending the 202 is out: the status code, the
 * headers and the body of opts are not used then.
 *
 * @param srv  Server context
 * @param opts Options, default 202; or NULL
 *
 * @return 0 if success, EPROTO if it is decided, EINVAL if opts are wrong,
 *         ENOENT if the user agent is gone, otherwise errorcode
 */
int refer_server_accept(struct refer_server *srv,
			const struct refer_opts *opts)
{
	struct answer ans;
	int err = 0;

	if (!srv)
		return EINVAL;

	if (!server_is_open(srv->state))
		return EPROTO;

	err = opts_answer(&ans, opts, srv->refer->set->accept_code, 200, 299);
	if (err)
		return err;

	if (!refer_server_ua(srv))
		return ENOENT;

	if (!referral_allowed(srv->referral))
		return EPERM;

	if (srv->state == REFER_WAITING) {
		err = server_subscribe(srv);
		if (!err)
			err = server_respond(srv, &ans, "");
		if (err) {
			srv->notifier = mem_deref(srv->notifier);
			return err;
		}
	}

	mem_ref(srv);
	srv->nofollow = opts && opts->nofollow;
	server_set_state(srv, REFER_ACCEPTED, srv->scode);
	execute(srv, opts ? opts->invite : NULL);
	mem_deref(srv);

	return 0;
}


static int refuse(struct refer_server *srv, const struct answer *ans,
		  const char *contacts)
{
	struct sipfrag frag = {ans->scode, PL_INIT};
	int err;

	if (srv->state == REFER_PENDING) {
		server_set_state(srv, REFER_REJECTED, ans->scode);
		pl_set_str(&frag.reason, ans->reason);
		server_late_no(srv, &frag);
		return 0;
	}

	err = server_respond(srv, ans, contacts);
	if (err)
		return err;

	server_set_state(srv, REFER_REJECTED, ans->scode);
	server_rejected(srv, ans->scode, srv->reason);

	return 0;
}


/**
 * Refuse the REFER, and name other addresses that it may be sent to
 *
 * @param srv      Server context
 * @param contactv URIs, NULL at the end; at least one
 * @param opts     Options, default 302, 300-399; or NULL
 *
 * @return 0 if success, EPROTO if it is decided, EINVAL if an argument is
 *         wrong, otherwise errorcode
 */
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

	if (!server_is_open(srv->state))
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


/**
 * Refuse the REFER
 *
 * @param srv  Server context
 * @param opts Options, default 480, or 603 while it is pending; 300-699; or
 *             NULL
 *
 * @return 0 if success, EPROTO if it is decided, EINVAL if opts are wrong,
 *         otherwise errorcode
 */
int refer_server_reject(struct refer_server *srv,
			const struct refer_opts *opts)
{
	struct answer ans;
	int err;

	if (!srv)
		return EINVAL;

	if (!server_is_open(srv->state))
		return EPROTO;

	err = opts_answer(&ans, opts, srv->state == REFER_PENDING ? 603 : 480,
			  300, 699);
	if (err)
		return err;

	return refuse(srv, &ans, "");
}


/**
 * Answer the REFER with any status code: as the call of its range does
 *
 * @param srv  Server context
 * @param opts Options with a status code, 100 or 200-699
 *
 * @return 0 if success, EPROTO if it is decided, EINVAL if opts are wrong,
 *         otherwise errorcode
 */
int refer_server_reply(struct refer_server *srv,
		       const struct refer_opts *opts)
{
	const uint16_t scode = opts ? opts->scode : 0;
	struct answer ans;

	if (!srv)
		return EINVAL;

	if (!server_is_open(srv->state))
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


/**
 * Tell the referrer how an application that executes the referral by itself
 * gets on
 *
 * @param srv    Server context, accepted with nofollow
 * @param scode  Status code, 100-699; 200 and above is the last one
 * @param reason Reason phrase, or NULL for the standard one
 *
 * @return 0 if success, EPROTO if it is not accepted so, EINVAL if an
 *         argument is wrong
 */
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
	server_report(srv, scode,
		      str_isset(reason) ? reason : sip_reason(scode));

	return 0;
}
