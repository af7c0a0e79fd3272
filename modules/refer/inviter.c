/**
 * @file inviter.c  The INVITE that executes a referral
 *
 * The softphone makes the call; here its outcome is learnt, with the code
 * and reason that came over the wire, or a truthful one where none came.
 */
#include <re.h>
#include "core.h"


struct refer_inviter {
	struct le he;              /**< Place in the table by Call-ID     */
	struct le le;              /**< or among those without one yet    */
	struct call_watch watch;
	struct tmr tmr_ring;
	struct refer *refer;
	uint16_t scode;            /**< Status code of the last response  */
	char *reason;              /**< and its reason phrase             */
	inviter_status_h *statush;
	void *arg;
};


static void destructor(void *arg)
{
	struct refer_inviter *inv = arg;

	tmr_cancel(&inv->tmr_ring);
	call_unwatch(&inv->watch);
	hash_unlink(&inv->he);
	list_unlink(&inv->le);
	mem_deref(inv->reason);
}


/**
 * Allocate the INVITE of a referral
 *
 * Letting go of it does not end the call.
 *
 * @param invp    Pointer to allocated inviter
 * @param refer   Protocol
 * @param statush Handler of the statuses
 * @param arg     Handler argument
 *
 * @return 0 if success, otherwise errorcode
 */
int inviter_alloc(struct refer_inviter **invp, struct refer *refer,
		  inviter_status_h *statush, void *arg)
{
	struct refer_inviter *inv;

	inv = mem_zalloc(sizeof(*inv), destructor);
	if (!inv)
		return ENOMEM;

	inv->refer   = refer;
	inv->statush = statush;
	inv->arg     = arg;

	*invp = inv;

	return 0;
}


/* The last status: the owner may let the inviter go here */
static void finish(struct refer_inviter *inv, uint16_t scode,
		   const char *reason)
{
	struct sipfrag frag = {scode, PL_INIT};

	tmr_cancel(&inv->tmr_ring);
	call_unwatch(&inv->watch);
	hash_unlink(&inv->he);
	list_unlink(&inv->le);

	pl_set_str(&frag.reason, reason);
	inv->statush(&frag, inv->arg);
}


static void closed(struct refer_inviter *inv, uint16_t scode,
		   const char *reason)
{
	/* the core may have seen the reason phrase in another form */
	if (scode && scode == inv->scode)
		finish(inv, scode, inv->reason);
	else if (inv->scode >= 200 && inv->scode < 300)
		finish(inv, 488, "Not Acceptable Here");
	else
		finish(inv, scode, reason);
}


static void watch_handler(enum call_change change, uint16_t scode,
			  const char *reason, void *arg)
{
	struct refer_inviter *inv = arg;

	if (change == CALL_CLOSED)
		closed(inv, scode, reason);
	else if (inv->scode >= 200 && inv->scode < 300)
		finish(inv, inv->scode, inv->reason);
	else
		finish(inv, 200, "OK");
}


static void ring_handler(void *arg)
{
	struct refer_inviter *inv = arg;
	struct call *call = inv->watch.call;

	if (call_gone(&inv->watch)) {
		finish(inv, 487, "Request Terminated");
		return;
	}

	finish(inv, 408, "Request Timeout");
	host_call_hangup(call, "No answer");
}


/* The Call-ID is known when the INVITE is out: not at once with ICE */
static bool index_callid(struct refer_inviter *inv)
{
	const char *callid = host_call_id(inv->watch.call);

	if (!callid)
		return false;

	list_unlink(&inv->le);
	hash_append(inv->refer->ht_inviter, hash_joaat_str(callid), &inv->he,
		    inv);

	return inv->watch.callid || !str_dup(&inv->watch.callid, callid);
}


/**
 * Place the call
 *
 * @param inv Inviter
 * @param ua  User agent to call from
 * @param prm What the INVITE carries
 *
 * @return 0 if success, otherwise errorcode
 */
int inviter_invite(struct refer_inviter *inv, struct ua *ua,
		   const struct host_invite *prm)
{
	struct refer *refer = inv->refer;
	struct call *call;
	int err;

	err = host_call_place(&call, ua, prm);
	if (err)
		return err;

	err = call_watch(&inv->watch, refer, call, watch_handler, inv);
	if (err) {
		host_call_hangup(call, "Out of memory");
		return err;
	}

	if (!index_callid(inv))
		list_append(&refer->idlel, &inv->le, inv);

	tmr_start(&inv->tmr_ring, (uint64_t)refer->set.ring_timeout * 1000,
		  ring_handler, inv);

	return 0;
}


/**
 * End the INVITE if its call vanished without a word
 *
 * @param inv Inviter
 */
void inviter_sweep(struct refer_inviter *inv)
{
	if (call_gone(&inv->watch))
		finish(inv, 487, "Request Terminated");
}


static bool cmp_handler(struct le *le, void *arg)
{
	const struct refer_inviter *inv = le->data;
	const struct sip_msg *msg = arg;

	return !pl_strcmp(&msg->callid, inv->watch.callid);
}


static struct refer_inviter *find(struct refer *refer,
				  const struct sip_msg *msg)
{
	struct le *le;

	for (le = list_head(&refer->idlel); le; ) {
		struct refer_inviter *inv = le->data;

		le = le->next;
		(void)index_callid(inv);
	}

	return list_ledata(hash_lookup(refer->ht_inviter,
				       hash_joaat_pl(&msg->callid),
				       cmp_handler, (void *)msg));
}


/**
 * Look at a response before the softphone does
 *
 * A final response is kept until the softphone tells what it made of it: 401
 * and 407 are answered with credentials there. It tells nothing about a call
 * that is gone with its user agent.
 *
 * @param refer Protocol
 * @param msg   Response to an INVITE
 */
void inviter_response(struct refer *refer, const struct sip_msg *msg)
{
	struct refer_inviter *inv = find(refer, msg);
	struct sipfrag frag;
	char *reason;

	if (!inv || msg->scode <= 100)
		return;

	if (msg->scode == inv->scode && !pl_strcmp(&msg->reason, inv->reason))
		return;

	if (pl_strdup(&reason, &msg->reason))
		return;

	mem_deref(inv->reason);
	inv->reason = reason;
	inv->scode  = msg->scode;

	if (msg->scode >= 300 && call_gone(&inv->watch)) {
		finish(inv, inv->scode, inv->reason);
		return;
	}

	if (msg->scode >= 200)
		return;

	frag.scode = msg->scode;
	pl_set_str(&frag.reason, inv->reason);
	inv->statush(&frag, inv->arg);
}
