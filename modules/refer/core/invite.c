/**
 * @file invite.c  An INVITE of ours: to execute a referral, or to consult
 *
 * The softphone makes the call; here its outcome is learnt, with the code and
 * reason that came over the wire: of the final response by which the softphone
 * ends or establishes the call. A redirection is never the softphone's to
 * follow: that would get round refer_deny and refer_allow.
 */
#include <re.h>
#include "admission/admission.h"
#include "config/params.h"
#include "core/attempt.h"
#include "core/call_watch.h"
#include "core/core.h"
#include "core/dialogs.h"
#include "core/invite.h"
#include "core/inviting.h"
#include "core/ladder.h"
#include "core/transfers.h"
#include "host/host.h"
#include "host/libre.h"
#include "syntax/sipfrag.h"


static const struct invite_handlers deaf;


/* Follow its call no longer */
static void leave(struct invite *inv)
{
	call_unwatch(&inv->watch);
	hash_unlink(&inv->he);
	list_unlink(&inv->le);
}


static void destructor(void *arg)
{
	struct invite *inv = arg;

	leave(inv);
	queue_remove(&inv->ring_due);
	attempt_close(&inv->at);
	mem_deref(inv->pc);
	mem_deref(inv->reason);
}


/* The last news: the owner may do anything here */
static void final(struct invite *inv, uint16_t scode, const char *reason)
{
	struct sipfrag frag = {scode, PL_INIT};

	hash_unlink(&inv->he);
	list_unlink(&inv->le);

	pl_set_str(&frag.reason, reason);
	if (inv->handlers->finalh)
		inv->handlers->finalh(&frag, inv->arg);

	mem_deref(inv);
}


/** Put an INVITE into the table when its Call-ID is known: it is out, which
    with ICE it is not at once */
void invite_index(struct invite *inv)
{
	const char *callid;

	if (!call_alive(&inv->watch))
		return;

	callid = host_call_id(inv->watch.call);
	if (!callid || (!inv->watch.callid &&
			str_dup(&inv->watch.callid, callid)))
		return;

	list_unlink(&inv->le);
	list_append(&inv->all->l, &inv->le, inv);
	hash_append(inv->all->ht, hash_joaat_str(callid), &inv->he, inv);
	if (inv->pc)
		(void)party_call_link(inv->pc, inv->watch.call, inv->depth);
}


static void watch_handler(enum call_change change, uint16_t scode,
			  const char *reason, void *arg);


static int place(struct invite *inv)
{
	struct call *call;
	struct pl hdrs;
	int err;

	if (!host_ua_alive(inv->ua))
		return ENOENT;

	err = host_call_place(&call, inv->ua, &inv->at.how);
	if (err)
		return err;

	err = call_watch(&inv->watch, inv->all->refer->watches, NULL,
			 call, watch_handler, inv);
	if (err) {
		host_call_hangup(call, "Out of memory");
		return err;
	}

	list_append(&inv->all->idle, &inv->le, inv);
	invite_index(inv);

	/* it may be the first message of its transfer */
	pl_set_str(&hdrs, inv->at.how.hdrs ? inv->at.how.hdrs : "");
	ladder_request(transfers_ladder(inv->all->refer->transfers,
					inv->transfer, true),
		       REFER_PARTY_TARGET, "INVITE", inv->at.how.uri,
		       &hdrs);

	return 0;
}


/* Once more, with another call: the softphone has ended the last one */
static bool again(struct invite *inv, const struct failure *f)
{
	const struct refer *refer = inv->all->refer;
	struct sipfrag frag = {f->scode, PL_INIT};
	const unsigned redirects = inv->at.redirects;
	int err = ENOENT;

	if (refer->closed)
		return false;

	/* one that cannot even be called counts for nothing */
	while (err && attempt_next(&inv->at, refer, inv->ua, f)) {
		leave(inv);
		err = place(inv);
		if (err)
			inv->at.redirects = redirects;
	}
	if (err)
		return false;

	inv->scode = 0;
	pl_set_str(&frag.reason, f->reason);
	if (inv->handlers->againh)
		inv->handlers->againh(&frag, inv->arg);

	return true;
}


/* A call that is hung up here is not ended by what is just being looked at */
static bool is_by(const struct response *resp, const struct invite *inv,
		  uint16_t scode)
{
	if (!resp || resp->scode < 200)
		return false;

	if (resp->scode < 300)
		return scode != 487 &&
			!pl_strcmp(&resp->msg->callid, inv->watch.callid);

	/* of some of its errors the softphone tells no code */
	return scode == resp->msg->scode || scode == 503;
}


static void closed(struct invite *inv, uint16_t scode, const char *reason)
{
	const struct response *resp = inv->all->response;
	struct failure f = {scode, reason, NULL, inv->scode != 0};

	if (!is_by(resp, inv, scode)) {
		if (scode < 300) {
			f.scode  = 503;
			f.reason = "Service Unavailable";
		}
	}
	else if (resp->scode < 300) {
		final(inv, 488, "Not Acceptable Here");
		return;
	}
	else {
		f.scode  = resp->scode;
		f.reason = resp->reason;
		f.msg    = resp->msg;
	}

	if (!again(inv, &f))
		final(inv, f.scode, f.reason);
}


static void established(struct invite *inv)
{
	const struct response *resp = inv->all->response;

	if (is_by(resp, inv, 0) && resp->scode < 300)
		final(inv, resp->scode, resp->reason);
	else
		final(inv, 200, "OK");
}


static void watch_handler(enum call_change change, uint16_t scode,
			  const char *reason, void *arg)
{
	if (change == CALL_ESTABLISHED)
		established(arg);
	else if (change == CALL_CLOSED)
		closed(arg, scode, reason);
	else
		final(arg, 487, "Request Terminated");
}


/* Nobody has answered in time: the owner knows it first */
static void ring_handler(void *arg)
{
	struct invite *inv = arg;
	const struct invite_handlers *h = inv->handlers;
	const struct sipfrag frag = {408, PL("Request Timeout")};
	struct call *call = invite_call(inv);
	char *callid = mem_ref(inv->watch.callid);

	invite_detach(inv);
	if (h->finalh)
		h->finalh(&frag, inv->arg);

	if (host_call_alive(call, callid))
		host_call_hangup(call, "No answer");
	mem_deref(callid);
}


/** Call a target. The INVITE belongs to the protocol, and is gone when it has
    told its end; after an error no handler is called */
int invite_send(struct invite **invp, struct invites *is,
		const struct invite_prm *prm)
{
	struct invite *inv;
	int err;

	inv = mem_zalloc(sizeof(*inv), destructor);
	if (!inv)
		return ENOMEM;

	inv->all      = is;
	inv->ua       = prm->ua;
	inv->depth    = prm->depth;
	inv->transfer = prm->transfer;
	inv->handlers = prm->handlers;
	inv->arg      = prm->arg;

	err = attempt_init(&inv->at, &prm->how);
	if (prm->party)
		err |= party_call_alloc(&inv->pc, prm->party);
	if (!err)
		err = place(inv);
	if (err) {
		mem_deref(inv);
		return err;
	}

	if (prm->ring) {
		is->ring.delay = 1000 * (uint64_t)
			params_value(inv->ua, "refer_ring_timeout",
				     is->refer->set->ring_timeout);
		queue_add(&is->ring, &inv->ring_due, inv);
	}
	*invp = inv;

	return 0;
}


/** Follow an INVITE, or none, no longer: its call goes on */
void invite_detach(struct invite *inv)
{
	if (!inv)
		return;

	queue_remove(&inv->ring_due);
	inv->handlers = &deaf;
	inv->transfer = 0;
}


/** Get the call of an INVITE, or of none: NULL once it is over */
struct call *invite_call(const struct invite *inv)
{
	return inv && call_alive(&inv->watch) ? inv->watch.call : NULL;
}


/** Get the Call-ID of an INVITE, or of none: NULL if it is not known yet */
const char *invite_callid(const struct invite *inv)
{
	return inv ? inv->watch.callid : NULL;
}


/** Get the URI that is called now: another one after a redirection */
const char *invite_uri(const struct invite *inv)
{
	return inv->at.how.uri;
}


/** Why somebody else is called after a status, for people */
const char *invite_left(uint16_t scode)
{
	return scode < 400 ? "redirected" : "not reached there";
}


static void invites_destructor(void *arg)
{
	struct invites *is = arg;

	invites_flush(is);
	queue_close(&is->ring);
	mem_deref(is->ht);
}


/** Allocate the table of all INVITEs */
int invites_alloc(struct invites **isp, struct refer *refer)
{
	struct invites *is;
	int err;

	is = mem_zalloc(sizeof(*is), invites_destructor);
	if (!is)
		return ENOMEM;

	is->refer = refer;
	queue_init(&is->ring, 0, ring_handler);

	err = hash_alloc(&is->ht, HASH_SIZE);
	if (err)
		mem_deref(is);
	else
		*isp = is;

	return err;
}


/** Forget all: their calls go on */
void invites_flush(struct invites *is)
{
	list_flush(&is->idle);
	list_flush(&is->l);
}
