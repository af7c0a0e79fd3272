/**
 * @file attributes.c  What can be asked of an incoming REFER (seeds:
 * ServerContext and Referral, their attributes)
 *
 * All may be asked at any time; nothing here changes anything. Without a
 * context the answer is NULL, or 0.
 */
#include <re.h>
#include "core/call_watch.h"
#include "core/event.h"
#include "core/invite.h"
#include "host/host.h"
#include "refer.h"
#include "referee/referee.h"
#include "referee/server.h"
#include "syntax/refer_to.h"


/**
 * Set the handlers of an application; they can be replaced at any time
 *
 * @param srv      Server context, or NULL
 * @param delegate Handlers, or NULL for none; not copied, must live as long
 *                 as they are set
 * @param arg      Handler argument; stays the application's
 */
void refer_server_set_delegate(struct refer_server *srv,
			       const struct refer_delegate *delegate,
			       void *arg)
{
	if (!srv)
		return;

	srv->delegate = delegate;
	srv->arg      = arg;
}


/**
 * Set data of an application (seed: data)
 *
 * @param srv  Server context, or NULL
 * @param data Data; stays the application's, nothing is done with it
 */
void refer_server_set_data(struct refer_server *srv, void *data)
{
	if (srv)
		srv->data = data;
}


/**
 * Get data of an application (seed: data)
 *
 * @param srv Server context, or NULL
 *
 * @return As it was set, or NULL
 */
void *refer_server_data(const struct refer_server *srv)
{
	return srv ? srv->data : NULL;
}


/**
 * Get the number of a REFER, as commands and events use it
 *
 * @param srv Server context, or NULL
 *
 * @return Number, from 1; never used again while the module runs
 */
uint32_t refer_server_id(const struct refer_server *srv)
{
	return srv ? srv->id : 0;
}


/**
 * Get the state of a REFER
 *
 * @param srv Server context, or NULL
 *
 * @return State; REFER_TERMINATED without a context
 */
enum refer_server_state refer_server_state(const struct refer_server *srv)
{
	return srv ? srv->state : REFER_TERMINATED;
}


/**
 * Get the user agent that a REFER was sent to (seed: ua)
 *
 * @param srv Server context, or NULL
 *
 * @return User agent, baresip's own; NULL if it is gone
 */
struct ua *refer_server_ua(const struct refer_server *srv)
{
	return srv && host_ua_alive(srv->ua) ? srv->ua : NULL;
}


/**
 * Get the referred call: the one that the REFER came in, or that its
 * Target-Dialog names (RFC 4538)
 *
 * @param srv Server context, or NULL
 *
 * @return Call, baresip's own; NULL if there is none, or it is gone
 */
struct call *refer_server_call(const struct refer_server *srv)
{
	return srv && call_alive(&srv->watch) ? srv->watch.call : NULL;
}


/**
 * Get the request; its method, From, To and body are in it (seeds: request,
 * method, localIdentity, remoteIdentity, message)
 *
 * @param srv Server context, or NULL
 *
 * @return REFER; belongs to the context, valid as long as that lives
 */
const struct sip_msg *refer_server_request(const struct refer_server *srv)
{
	return srv ? srv->msg : NULL;
}


/**
 * Get the dialog of a REFER: the call's, or that which a REFER out of a dialog
 * has made
 *
 * @param srv Server context, or NULL
 *
 * @return Dialog; valid as long as the context lives
 */
struct sip_dialog *refer_server_dialog(const struct refer_server *srv)
{
	return srv ? srv->dlg : NULL;
}


/**
 * Get what a REFER asks for (seed: Referral)
 *
 * @param srv Server context, or NULL
 *
 * @return Referral; part of the context, valid as long as that lives: take a
 *         reference to the context, not to the referral
 */
struct referral *refer_server_referral(const struct refer_server *srv)
{
	return srv ? (struct referral *)&srv->referral : NULL;
}


/**
 * Get the last response that was sent
 *
 * @param srv    Server context, or NULL
 * @param reason Set to its reason phrase, or NULL; valid until the next
 *               response. May be NULL
 *
 * @return Status code, 0 if none was sent
 */
uint16_t refer_server_response(const struct refer_server *srv,
			       const char **reason)
{
	if (reason)
		*reason = srv ? srv->reason : NULL;

	return srv ? srv->scode : 0;
}


/**
 * Get the target (seed: referTo)
 *
 * @param rf Referral, or NULL
 *
 * @return URI, without headers and method; valid as long as the context lives
 */
const char *referral_refer_to(const struct referral *rf)
{
	return rf ? rf->rt->uri : NULL;
}


/**
 * Get the parts of Refer-To as they came: display name, URI with parameters
 * and headers (seed: referTo)
 *
 * @param rf   Referral
 * @param addr Set on success; points into the request
 *
 * @return 0 if success, EINVAL if an argument is missing, EBADMSG if it is no
 *         address of libre's
 */
int referral_refer_to_addr(const struct referral *rf, struct sip_addr *addr)
{
	const struct sip_hdr *hdr;

	if (!rf || !addr)
		return EINVAL;

	hdr = sip_msg_hdr(rf->srv->msg, SIP_HDR_REFER_TO);

	return sip_addr_decode(addr, &hdr->val) ? EBADMSG : 0;
}


/**
 * Get Referred-By (seed: referredBy; RFC 3892 section 2.1)
 *
 * @param rf Referral, or NULL
 *
 * @return Header value as it came, in one line; NULL if there was none. Valid
 *         as long as the context lives
 */
const char *referral_referred_by(const struct referral *rf)
{
	return rf ? rf->referred_by : NULL;
}


/**
 * Get Replaces of the target (seed: replaces; RFC 3891 section 6.1)
 *
 * @param rf Referral, or NULL
 *
 * @return Value without URI escapes, see refer_replaces_decode(); NULL if
 *         there was none. Valid as long as the context lives
 */
const char *referral_replaces(const struct referral *rf)
{
	return rf ? rf->rt->replaces : NULL;
}


/**
 * Get the request (seed: request)
 *
 * @param rf Referral, or NULL
 *
 * @return REFER; belongs to the context, valid as long as that lives
 */
const struct sip_msg *referral_request(const struct referral *rf)
{
	return rf ? rf->srv->msg : NULL;
}


/**
 * Get the call that executes the referral, until its outcome is known
 *
 * @param inv Inviter, or NULL
 *
 * @return Call, baresip's own; NULL before refer_inviter_invite(), and once
 *         it is established or over
 */
struct call *refer_inviter_call(const struct refer_inviter *inv)
{
	return inv ? invite_call(inv->invite) : NULL;
}


static unsigned what_can(const struct refer_server *srv)
{
	unsigned can = 0;

	if (server_is_open(srv))
		return CAN_DECIDE;

	if (srv->state != REFER_ACCEPTED)
		return 0;

	if (refer_inviter_call(&srv->inviter))
		can |= CAN_CANCEL;

	if (srv->nofollow && !srv->final)
		can |= CAN_REPORT | CAN_CANCEL;

	return can;
}


static const char *new_callid(const struct refer_inviter *inv)
{
	return inv->invite ? invite_callid(inv->invite) : inv->callid;
}


/* What is shown of a REFER; points into the context */
static void row_of(struct refer_row *row, const struct refer_server *srv)
{
	const struct ua *ua = refer_server_ua(srv);

	*row = (struct refer_row){
		.id          = srv->id,
		.can         = what_can(srv),
		.role        = REFER_ROLE_SERVER,
		.state       = refer_server_state_name(srv->state),
		.ts          = srv->ts,
		.account     = ua ? host_ua_aor(ua) : NULL,
		.peer        = srv->msg->from.auri,
		.target      = server_target(srv),
		.scode       = srv->scode,
		.reason      = srv->reason,
		.callid      = srv->watch.callid,
		.new_callid  = new_callid(&srv->inviter),
		.referred_by = srv->referral.referred_by,
		.replaces    = srv->referral.rt->replaces,
	};
}


/** Show all REFERs to a handler; returns 0, or what it returned */
int servers_apply(const struct servers *ss, row_h *h, void *arg)
{
	struct refer_row row;
	struct le *le;
	int err = 0;

	LIST_FOREACH(&ss->l, le) {
		row_of(&row, le->data);
		err |= h(&row, arg);
	}

	return err;
}
