/**
 * @file server.c  One incoming REFER (seeds: ServerContext,
 * ReferServerContext, ReferUserAgentServer)
 *
 * Its life from the request to referEnded: states, events, responses.
 */
#include <ctype.h>
#include <re.h>
#include "admission/admission.h"
#include "admission/request.h"
#include "config/params.h"
#include "core/call_watch.h"
#include "core/core.h"
#include "core/dialogs.h"
#include "core/event.h"
#include "core/intercept.h"
#include "core/ladder.h"
#include "core/queue.h"
#include "core/transfers.h"
#include "host/host.h"
#include "host/libre.h"
#include "refer.h"
#include "referee/referee.h"
#include "referee/server.h"
#include "syntax/header.h"
#include "syntax/people.h"
#include "syntax/refer_to.h"
#include "syntax/sipfrag.h"
#include "syntax/text.h"


enum {
	REPLY_SIZE = 512,      /* Of most responses [bytes] */
};

/** A response, to be printed */
struct reply {
	const struct refer_server *srv;
	const struct answer *ans;
	const char *contacts;
};


static void unlink_all(struct refer_server *srv)
{
	list_unlink(&srv->le);
	hash_unlink(&srv->he_id);
	hash_unlink(&srv->he_callid);
}


static void destructor(void *arg)
{
	struct refer_server *srv = arg;

	unlink_all(srv);
	queue_remove(&srv->trying_due);
	queue_remove(&srv->decide_due);
	tmr_cancel(&srv->tmr_report);
	server_unwatch_connection(srv);
	call_unwatch(&srv->watch);
	inviter_reset(&srv->inviter);
	referral_reset(&srv->referral);
	mem_deref(srv->notifier);
	mem_deref(srv->st);
	mem_deref(srv->dlg);
	mem_deref(srv->remote);
	mem_deref(srv->party);
	mem_deref(srv->reason);
	mem_deref((void *)srv->msg);
}


/** Change the state; a status code goes with it, for the log */
void server_set_state(struct refer_server *srv,
		      enum refer_server_state state, uint16_t scode)
{
	const bool open = server_is_open(srv);

	debug("refer: #%u server %s -> %s (%u)\n", srv->id,
	      refer_server_state_name(srv->state),
	      refer_server_state_name(state), scode);

	srv->state = state;
	if (open && !server_is_open(srv))
		party_wait(srv->party, -1);

	queue_remove(&srv->trying_due);
	queue_remove(&srv->decide_due);
	tmr_cancel(&srv->tmr_report);
	server_unwatch_connection(srv);
}


/* Any handler may end it; there is nothing after referEnded */
static void emit(struct refer_server *srv, enum refer_event_type type,
		 uint16_t scode, const char *reason)
{
	const struct refer_event ev = {
		.type   = type,
		.role   = REFER_ROLE_SERVER,
		.id     = srv->id,
		.srv    = srv,
		.scode  = scode,
		.reason = reason,
		.target = server_target(srv),
	};
	struct call_plan *plan = mem_ref(srv->inviter.plan);
	struct refer_transfer row;

	mem_ref(srv);
	server_row(&row, srv);
	event_emit(srv->refer, &ev, &row, srv->ua, &srv->watch);

	if (srv->delegate && srv->delegate->eventh &&
	    (!srv->ended || type == REFER_EV_REFER_ENDED))
		srv->delegate->eventh(&ev, srv->arg);

	mem_deref(plan);
	mem_deref(srv);
}


/** Fire an event; there is none after referEnded */
void server_event(struct refer_server *srv, enum refer_event_type type,
		  uint16_t scode, const char *reason)
{
	if (!srv->ended)
		emit(srv, type, scode, reason);
}


/** Fire the last event. The protocol lets go of the context; who holds it
    longer has nothing that reaches into the protocol */
void server_end(struct refer_server *srv, uint16_t scode, const char *reason)
{
	if (srv->ended)
		return;

	srv->ended = true;
	unlink_all(srv);
	emit(srv, REFER_EV_REFER_ENDED, scode, reason);

	srv->notifier = mem_deref(srv->notifier);
	srv->st       = mem_deref(srv->st);
	srv->party    = mem_deref(srv->party);
	inviter_release(&srv->inviter);
	call_unwatch(&srv->watch);
	mem_deref(srv);
}


static bool is_success(const struct answer *ans)
{
	return ans->scode >= 200 && ans->scode < 300;
}


/* What goes with a 2xx: it makes a dialog and a subscription */
static int print_accepted(struct re_printf *pf,
			  const struct refer_server *srv)
{
	struct sip_contact contact;
	int err;

	sip_contact_set(&contact, host_ua_cuser(srv->ua), &srv->msg->dst,
			srv->msg->tp);

	err  = sip_contact_print(pf, &contact);
	err |= host_ua_print(pf, srv->ua);
	err |= srv->nosub ? re_hprintf(pf, "Refer-Sub: false\r\n")
			  : re_hprintf(pf, "Expires: %u\r\n",
				       srv->expires);

	return err;
}


static int print_reply(struct re_printf *pf, const struct reply *r)
{
	int err = is_success(r->ans) ? print_accepted(pf, r->srv) : 0;

	err |= pf->vph(r->contacts, str_len(r->contacts), pf->arg);

	return err | opts_print(pf, r->ans);
}


/* A REFER that is accepted moves the remote target; not if that has moved
   since it came, for the newest request counts */
static void refresh(const struct refer_server *srv)
{
	if (sip_dialog_uri(srv->dlg) == srv->remote)
		dialog_refresh(srv->dlg, srv->msg);
}


/* The REFER is the first message */
static struct ladder *ladder(const struct refer_server *srv)
{
	return transfers_ladder(srv->refer->transfers, srv->id, true);
}


/** Send a response to a REFER that is not answered, with the Contact header
    lines of a redirection, or "" */
int server_respond(struct refer_server *srv, const struct answer *ans,
		   const char *contacts)
{
	const struct reply r = {srv, ans, contacts};
	struct mbuf *mb = mbuf_alloc(REPLY_SIZE);
	char *reason = NULL;
	int err;

	err  = str_dup(&reason, ans->reason);
	err |= mb ? mbuf_printf(mb, "%H", print_reply, &r) : ENOMEM;
	if (!err)
		err = sip_treplyf(&srv->st, NULL, srv->refer->sip, srv->msg,
				  is_success(ans), ans->scode, reason, "%b",
				  mb->buf, mb->end);
	if (!err) {
		const struct pl text = {(char *)mb->buf, mb->end};

		ladder_response(ladder(srv), &srv->msg->met, ans->scode,
				reason, &text);
	}
	mem_deref(mb);
	if (err) {
		mem_deref(reason);
		/* of libre, not of the caller: no new connection with TLS */
		if (err == EINVAL)
			err = ENOTCONN;
		if (srv->delegate && srv->delegate->errorh)
			srv->delegate->errorh(srv, err, srv->arg);
		return err;
	}

	mem_deref(srv->reason);
	srv->reason = reason;
	srv->scode  = ans->scode;

	if (is_success(ans))
		refresh(srv);

	return 0;
}


/** End a REFER, whatever its state, with a reason for people: one that waits
    is answered with 480, the subscription ends "deactivated" */
void server_close(struct refer_server *srv, const char *reason)
{
	const struct answer ans = {480, "Temporarily Unavailable", NULL};

	if (srv->closing)
		return;

	srv->closing = true;
	mem_ref(srv);

	if (srv->state == REFER_WAITING && intercept_active(srv->refer->ic))
		(void)server_respond(srv, &ans, "");

	server_set_state(srv, REFER_TERMINATED, 0);
	server_end(srv, 0, reason);

	mem_deref(srv);
}


static void watch_handler(enum call_change change, uint16_t scode,
			  const char *reason, void *arg)
{
	struct refer_server *srv = arg;
	(void)scode;

	if (change == UA_GONE)
		server_close(srv, reason);
	else if (change != CALL_ESTABLISHED)
		debug("refer: #%u the referred call is over: %H\n",
		      srv->id, text_clean_str, reason);
}


static void cancel_handler(void *arg)
{
	struct refer_server *srv = arg;

	debug("refer: #%u CANCEL has no effect on a REFER\n", srv->id);

	if (srv->delegate && srv->delegate->cancelh)
		srv->delegate->cancelh(srv, srv->arg);
}


/*
 * Unmodified, but in one line: a fold is as good as a blank (RFC 3261 section
 * 7.3.1), and no control character must reach the INVITE in any other way
 */
static int copy_line(char **strp, const struct pl *val)
{
	const int err = pl_strdup(strp, val);
	char *p;

	if (err)
		return err;

	for (p = *strp; p < *strp + val->l; ++p) {
		if (iscntrl((uint8_t)*p))
			*p = ' ';
	}

	return 0;
}


/* In a call it is the other side of that, whatever the From of the REFER */
static int copy_referrer(struct referral *rf, const struct request *req)
{
	const char *name = req->inside ? host_call_peer_name(req->call) : NULL;

	rf->referrer = mem_ref(req->referrer);

	return name ? str_dup(&rf->referrer_name, name) : 0;
}


/** Get who refers if that is known, or who says so */
void referral_referrer(struct person *who, const struct referral *rf)
{
	const struct sip_msg *msg = rf->srv->msg;

	if (rf->referrer)
		person_set(who, rf->referrer_name, rf->referrer);
	else
		*who = (struct person){msg->from.dname, msg->from.auri};
}


/** Set what a REFER asks for; after an error too, it is to be reset */
int referral_init(struct referral *rf, const struct request *req)
{
	const struct sip_hdr *by = sip_msg_hdr(req->msg, SIP_HDR_REFERRED_BY);
	int err;

	rf->rt = mem_ref(req->rt);

	err  = copy_referrer(rf, req);
	err |= carried_decode(&rf->headers, rf->rt->headers, req->msg);

	return !err && by && pl_isset(&by->val) ?
		copy_line(&rf->referred_by, &by->val) : err;
}


/** Let go of what a REFER asks for */
void referral_reset(struct referral *rf)
{
	mem_deref(rf->rt);
	mem_deref(rf->referrer);
	mem_deref(rf->referrer_name);
	mem_deref(rf->referred_by);
	carried_reset(&rf->headers);
}


/** Make the context of a REFER that was checked; the protocol owns it until it
    ends */
int server_alloc(struct refer_server **srvp, struct refer *refer,
		 const struct request *req)
{
	struct servers *ss = refer->servers;
	struct refer_server *srv;
	int err;

	srv = mem_zalloc(sizeof(*srv), destructor);
	if (!srv)
		return ENOMEM;

	srv->refer   = refer;
	srv->id      = transfers_begin(refer->transfers);
	srv->ts      = tmr_jiffies();
	srv->state   = REFER_WAITING;
	srv->msg     = mem_ref((void *)req->msg);
	srv->ua      = req->ua;
	srv->dlg     = mem_ref(req->dlg);
	srv->remote  = mem_ref((void *)sip_dialog_uri(req->dlg));
	srv->depth   = req->depth;
	srv->nosub   = req->nosub;
	srv->referral.srv = srv;
	srv->inviter.srv  = srv;
	server_outlive(srv, req->ua);

	err = call_watch(&srv->watch, refer->watches, req->ua, req->call,
			 watch_handler, srv);
	if (err)
		goto out;

	err = referral_init(&srv->referral, req);
	if (err)
		goto out;

	err = party_get(&srv->party, refer->admission, req->who, req->inside);
	if (err)
		goto out;

	err = sip_strans_alloc(&srv->st, refer->sip, req->msg, cancel_handler,
			       srv);
	if (err)
		goto out;

	list_append(&ss->l, &srv->le, srv);
	hash_append(ss->ht_id, srv->id, &srv->he_id, srv);
	hash_append(ss->ht_callid, hash_joaat_pl(&req->msg->callid),
		    &srv->he_callid, srv);
	party_wait(srv->party, 1);
	ladder_received(ladder(srv), REFER_PARTY_PEER, req->msg);

 out:
	if (err)
		mem_deref(srv);
	else
		*srvp = srv;

	return err;
}


static bool cmp_id(struct le *le, void *arg)
{
	const struct refer_server *srv = le->data;

	return srv->id == *(const uint32_t *)arg;
}


/** Tell whether the referrer has ended the subscription before the outcome */
bool server_unheard(const struct refer_server *srv)
{
	return srv->notifier && notifier_over(srv->notifier);
}


/** Find a REFER by its number: NULL if it is over or was never there */
struct refer_server *server_find(const struct refer *refer, uint32_t id)
{
	return list_ledata(hash_lookup(refer->servers->ht_id, id, cmp_id,
				       &id));
}


static bool cmp_request(struct le *le, void *arg)
{
	const struct refer_server *srv = le->data;
	const struct sip_msg *msg = arg;

	return srv->msg->cseq.num == msg->cseq.num &&
		!pl_cmp(&srv->msg->callid, &msg->callid) &&
		!pl_cmp(&srv->msg->from.tag, &msg->from.tag);
}


/** Find the same REFER that came before, over another way or as a copy (RFC
    3261 section 8.2.2.2), or NULL */
const struct sip_msg *server_request(const struct refer *refer,
				     const struct sip_msg *msg)
{
	const struct refer_server *srv = list_ledata(
		hash_lookup(refer->servers->ht_callid,
			    hash_joaat_pl(&msg->callid), cmp_request,
			    (void *)msg));

	return srv ? srv->msg : NULL;
}


void refer_server_dispose(struct refer_server *srv)
{
	static const struct sipfrag sf = {480, PL("Temporarily Unavailable")};

	if (!srv || !srv->le.list)
		return;

	if (srv->notifier && !srv->closing)
		notifier_abandon(srv->notifier, &sf);
	server_close(srv, "disposed");
}
