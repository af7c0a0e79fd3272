/**
 * @file server_get.c  What can be asked of an incoming REFER (seed:
 * ServerContext, its attributes)
 */
#include <re.h>
#include "admission/wildcard.h"
#include "core/call_watch.h"
#include "core/event.h"
#include "core/row.h"
#include "host/host.h"
#include "refer.h"
#include "referee/referee.h"
#include "referee/referral.h"
#include "referee/server.h"


/**
 * Set the handlers of an application; they can be replaced at any time
 *
 * @param srv      Server context
 * @param delegate Handlers, or NULL for none; must live as long as it is set
 * @param arg      Handler argument
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
 * @param srv  Server context
 * @param data Data; nothing is done with it
 */
void refer_server_set_data(struct refer_server *srv, void *data)
{
	if (srv)
		srv->data = data;
}


/**
 * Get data of an application
 *
 * @param srv Server context
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
 * @param srv Server context
 *
 * @return Number, from 1
 */
uint32_t refer_server_id(const struct refer_server *srv)
{
	return srv ? srv->id : 0;
}


/**
 * Get the state of a REFER
 *
 * @param srv Server context
 *
 * @return State
 */
enum refer_server_state refer_server_state(const struct refer_server *srv)
{
	return srv ? srv->state : REFER_TERMINATED;
}


/**
 * Get the user agent that a REFER was sent to (seed: ua)
 *
 * @param srv Server context
 *
 * @return User agent, NULL if it is gone
 */
struct ua *refer_server_ua(const struct refer_server *srv)
{
	return srv && host_ua_alive(srv->ua) ? srv->ua : NULL;
}


/**
 * Get the referred call
 *
 * @param srv Server context
 *
 * @return Call, NULL if it is gone
 */
struct call *refer_server_call(const struct refer_server *srv)
{
	return srv && call_alive(&srv->watch) ? srv->watch.call : NULL;
}


/**
 * Get the request; its method, From, To and body are in it (seeds: request,
 * method, localIdentity, remoteIdentity, message)
 *
 * @param srv Server context
 *
 * @return REFER, as long as the context lives
 */
const struct sip_msg *refer_server_request(const struct refer_server *srv)
{
	return srv ? srv->msg : NULL;
}


/**
 * Get the dialog of a REFER
 *
 * @param srv Server context
 *
 * @return Dialog
 */
struct sip_dialog *refer_server_dialog(const struct refer_server *srv)
{
	return srv ? srv->dlg : NULL;
}


/**
 * Get what a REFER asks for
 *
 * @param srv Server context
 *
 * @return Referral, as long as the context lives
 */
struct referral *refer_server_referral(const struct refer_server *srv)
{
	return srv ? srv->referral : NULL;
}


/**
 * Get the last response that was sent
 *
 * @param srv    Server context
 * @param reason Set to its reason phrase, or NULL
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


static unsigned what_can(const struct refer_server *srv)
{
	unsigned can = 0;

	if (server_is_open(srv->state))
		return CAN_DECIDE;

	if (srv->state != REFER_ACCEPTED)
		return 0;

	if (refer_inviter_call(referral_inviter(srv->referral)))
		can |= CAN_CANCEL;

	if (srv->nofollow && !srv->final)
		can |= CAN_REPORT | CAN_CANCEL;

	return can;
}


/**
 * Get what is shown of a REFER
 *
 * @param row Set on return; points into the context
 * @param srv Server context
 */
void server_row(struct refer_row *row, const struct refer_server *srv)
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
		.target      = referral_target(srv->referral),
		.scode       = srv->scode,
		.reason      = srv->reason,
		.callid      = srv->watch.callid,
		.new_callid  = referral_callid(srv->referral),
		.referred_by = referral_referred_by(srv->referral),
		.replaces    = referral_replaces(srv->referral),
	};
}


/**
 * Give a REFER up, whatever its state (seed: dispose)
 *
 * One that waits is answered with 480; a subscription ends "deactivated"; a
 * call that executes it goes on.
 *
 * @param srv Server context; not to be used any more unless referenced
 */
void refer_server_dispose(struct refer_server *srv)
{
	if (srv && srv->le.list)
		server_close(srv, "disposed");
}
