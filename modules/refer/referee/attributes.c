/**
 * @file attributes.c  What can be asked of an incoming REFER (seeds:
 * ServerContext and Referral, their attributes)
 *
 * All may be asked at any time; nothing here changes anything. Without a
 * context the answer is NULL, or 0.
 */
#include <re.h>
#include "config/settings.h"
#include "core/call_watch.h"
#include "core/core.h"
#include "core/event.h"
#include "core/invite.h"
#include "host/host.h"
#include "refer.h"
#include "referee/referee.h"
#include "referee/server.h"
#include "syntax/people.h"
#include "syntax/refer_to.h"


void refer_server_set_delegate(struct refer_server *srv,
			       const struct refer_delegate *delegate,
			       void *arg)
{
	if (!srv)
		return;

	srv->delegate = delegate;
	srv->arg      = arg;
	server_watch_connection(srv);
}


void refer_server_set_data(struct refer_server *srv, void *data)
{
	if (srv)
		srv->data = data;
}


void *refer_server_data(const struct refer_server *srv)
{
	return srv ? srv->data : NULL;
}


uint32_t refer_server_id(const struct refer_server *srv)
{
	return srv ? srv->id : 0;
}


enum refer_server_state refer_server_state(const struct refer_server *srv)
{
	return srv ? srv->state : REFER_TERMINATED;
}


const char *refer_server_state_name(enum refer_server_state state)
{
	switch (state) {

	case REFER_WAITING:    return "WAITING";
	case REFER_PENDING:    return "PENDING";
	case REFER_ACCEPTED:   return "ACCEPTED";
	case REFER_REJECTED:   return "REJECTED";
	case REFER_TERMINATED: return "TERMINATED";
	default:               return "???";
	}
}


/** Tell whether the decision is still open */
bool server_is_open(const struct refer_server *srv)
{
	return srv->state == REFER_WAITING || srv->state == REFER_PENDING;
}


/** Get the URI that is called: the target, another one that an application has
    chosen, or where that has redirected us */
const char *server_target(const struct refer_server *srv)
{
	const struct refer_inviter *inv = &srv->inviter;

	return inv->uri ? inv->uri : inv->plan ? inv->plan->rt->uri :
		srv->referral.rt->uri;
}


struct ua *refer_server_ua(const struct refer_server *srv)
{
	return srv && host_ua_alive(srv->ua) ? srv->ua : NULL;
}


struct call *refer_server_call(const struct refer_server *srv)
{
	return srv && call_alive(&srv->watch) ? srv->watch.call : NULL;
}


const struct sip_msg *refer_server_request(const struct refer_server *srv)
{
	return srv ? srv->msg : NULL;
}


struct sip_dialog *refer_server_dialog(const struct refer_server *srv)
{
	return srv ? srv->dlg : NULL;
}


struct referral *refer_server_referral(const struct refer_server *srv)
{
	return srv ? (struct referral *)&srv->referral : NULL;
}


uint16_t refer_server_response(const struct refer_server *srv,
			       const char **reason)
{
	if (reason)
		*reason = srv ? srv->reason : NULL;

	return srv ? srv->scode : 0;
}


const char *referral_refer_to(const struct referral *rf)
{
	return rf ? rf->rt->uri : NULL;
}


int referral_refer_to_addr(const struct referral *rf, struct sip_addr *addr)
{
	const struct sip_hdr *hdr;

	if (!rf || !addr)
		return EINVAL;

	hdr = sip_msg_hdr(rf->srv->msg, SIP_HDR_REFER_TO);

	return sip_addr_decode(addr, &hdr->val) ? EBADMSG : 0;
}


const char *referral_referred_by(const struct referral *rf)
{
	return rf ? rf->referred_by : NULL;
}


const char *referral_replaces(const struct referral *rf)
{
	return rf ? rf->rt->replaces : NULL;
}


const struct sip_msg *referral_request(const struct referral *rf)
{
	return rf ? rf->srv->msg : NULL;
}


int referral_header(const struct referral *rf, size_t n, const char **namep,
		    const char **valp)
{
	const struct carried *c;

	if (!rf || !namep || !valp)
		return EINVAL;

	c = carried_get(&rf->headers, n);
	if (!c)
		return ENOENT;

	*namep = c->name;
	*valp  = c->val;

	return 0;
}


struct call *refer_inviter_call(const struct refer_inviter *inv)
{
	return inv && inv->state != REFER_INVITER_TERMINATED &&
		call_alive(&inv->watch) ? inv->watch.call : NULL;
}


enum refer_inviter_state refer_inviter_state(const struct refer_inviter *inv)
{
	return inv ? inv->state : REFER_INVITER_TERMINATED;
}


const char *refer_inviter_state_name(enum refer_inviter_state state)
{
	switch (state) {

	case REFER_INVITER_INITIAL:      return "INITIAL";
	case REFER_INVITER_ESTABLISHING: return "ESTABLISHING";
	case REFER_INVITER_ESTABLISHED:  return "ESTABLISHED";
	case REFER_INVITER_TERMINATED:   return "TERMINATED";
	default:                         return "???";
	}
}


static unsigned what_can(const struct refer_server *srv)
{
	unsigned can = 0;

	if (server_is_open(srv))
		return REFER_CAN_DECIDE;

	if (srv->state != REFER_ACCEPTED)
		return 0;

	if (invite_call(srv->inviter.invite))
		can |= REFER_CAN_CANCEL;

	if (srv->nofollow && !srv->final)
		can |= REFER_CAN_REPORT | REFER_CAN_CANCEL;

	return can;
}


/* It is refused then, pending or not */
static uint64_t decided_until(const struct refer_server *srv)
{
	return server_is_open(srv)
		? srv->ts + srv->refer->set->ask_timeout * UINT64_C(1000) : 0;
}


static const char *new_callid(const struct refer_inviter *inv)
{
	return inv->invite ? invite_callid(inv->invite) : inv->callid;
}


/** Tell whether the referrer has been sent the status that a REFER ends with:
    in a NOTIFY, or in the response that refuses it */
bool server_told(const struct refer_server *srv)
{
	return srv->notifier ? notifier_sent(srv->notifier)
		: srv->state == REFER_REJECTED;
}


/** Get a REFER as it is shown; points into the context */
void server_row(struct refer_transfer *row, const struct refer_server *srv)
{
	const struct ua *ua = refer_server_ua(srv);
	struct person peer;

	referral_referrer(&peer, &srv->referral);
	*row = (struct refer_transfer){
		.id          = srv->id,
		.can         = what_can(srv),
		.role        = REFER_ROLE_SERVER,
		.state       = refer_server_state_name(srv->state),
		.ts          = srv->ts,
		.until       = decided_until(srv),
		.account     = ua ? host_ua_aor(ua) : NULL,
		.peer        = peer.uri,
		.peer_name   = peer.name,
		.target      = server_target(srv),
		.scode       = srv->scode,
		.reason      = srv->reason,
		.callid      = srv->watch.callid,
		.new_callid  = new_callid(&srv->inviter),
		.referred_by = srv->referral.referred_by,
		.replaces    = srv->referral.rt->replaces,
		.headers     = srv->referral.headers.text,
		.headers_cut = srv->referral.headers.left,
		.told        = srv->ended ? server_told(srv) : !srv->nosub,
	};
}


/** Show all REFERs to a handler; returns 0, or what it returned */
int servers_apply(const struct servers *ss, refer_transfer_h *h, void *arg)
{
	struct refer_transfer row;
	struct le *le;
	int err = 0;

	LIST_FOREACH(&ss->l, le) {
		server_row(&row, le->data);
		err |= h(&row, arg);
	}

	return err;
}
