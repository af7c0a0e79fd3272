/**
 * @file inviter.c  The INVITE that executes a referral
 *
 * The softphone makes the call; here its outcome is learnt, with the code
 * and reason that came over the wire, or a truthful one where none came.
 */
#include <re.h>
#include "core.h"
#include "header.h"
#include "referral.h"
#include "server.h"


enum {
	REDIRECTS_MAX = 5,
};

struct refer_inviter {
	struct le he;              /**< Place in the table by Call-ID     */
	struct le le;              /**< or among those without one yet    */
	struct call_watch watch;
	struct queue_entry ring_due;
	struct refer *refer;
	struct refer_server *srv;  /**< The REFER that it executes        */
	char *hdrs;                /**< More header lines                 */
	bool novideo;              /**< Audio only                        */
	bool invited;              /**< It was sent                       */
	bool hidden;               /**< The core does not see the 3xx     */
	char *next;                /**< Redirected to this URI            */
	unsigned redirects;
	uint16_t scode;            /**< Status code of the last response  */
	char *reason;              /**< and its reason phrase             */
};


static void destructor(void *arg)
{
	struct refer_inviter *inv = arg;

	inviter_release(inv);
	mem_deref(inv->hdrs);
	mem_deref(inv->next);
	mem_deref(inv->reason);
}


/* The headers of the referral, then those of the application */
static int collect_headers(struct refer_inviter *inv,
			   const char *const *hdrv)
{
	struct mbuf *mb;
	int err;

	mb = mbuf_alloc(256);
	if (!mb)
		return ENOMEM;

	err = referral_headers(mb, inv->srv->referral);

	for (; hdrv && *hdrv; ++hdrv)
		err |= mbuf_printf(mb, "%s\r\n", *hdrv);

	mb->pos = 0;
	err |= mbuf_strdup(mb, &inv->hdrs, mb->end);
	mem_deref(mb);

	return err;
}


/**
 * Allocate the INVITE of a referral
 *
 * Letting go of it does not end the call.
 *
 * @param invp Pointer to allocated inviter
 * @param srv  Server context; takes the statuses
 * @param opts Options, or NULL
 *
 * @return 0 if success, EINVAL if opts are wrong, otherwise errorcode
 */
int inviter_alloc(struct refer_inviter **invp, struct refer_server *srv,
		  const struct refer_invite_opts *opts)
{
	struct refer_inviter *inv;
	int err;

	if (opts && !header_lines_valid(opts->hdrv))
		return EINVAL;

	inv = mem_zalloc(sizeof(*inv), destructor);
	if (!inv)
		return ENOMEM;

	inv->srv     = srv;
	inv->refer   = srv->refer;
	inv->novideo = opts && opts->novideo;

	err = collect_headers(inv, opts ? opts->hdrv : NULL);
	if (err)
		mem_deref(inv);
	else
		*invp = inv;

	return err;
}


/**
 * Follow the call no longer; it goes on
 *
 * @param inv Inviter
 */
void inviter_release(struct refer_inviter *inv)
{
	queue_remove(&inv->ring_due);
	call_unwatch(&inv->watch);
	hash_unlink(&inv->he);
	list_unlink(&inv->le);
}


/* The last status: the owner may let the inviter go here */
static void finish(struct refer_inviter *inv, uint16_t scode,
		   const char *reason)
{
	struct sipfrag frag = {scode, PL_INIT};

	inviter_release(inv);

	pl_set_str(&frag.reason, reason);
	server_status(inv->srv, &frag);
}


/**
 * Nobody has answered in time
 *
 * @param arg Inviter
 */
void inviter_ring_handler(void *arg)
{
	struct refer_inviter *inv = arg;
	struct call *call = inv->watch.call;
	char *callid;

	if (call_gone(&inv->watch)) {
		finish(inv, 487, "Request Terminated");
		return;
	}

	callid = mem_ref(inv->watch.callid);
	finish(inv, 408, "Request Timeout");
	if (host_call_alive(call, callid))
		host_call_hangup(call, "No answer");
	mem_deref(callid);
}


/* The Call-ID is known when the INVITE is out: not at once with ICE */
static bool index_callid(struct refer_inviter *inv)
{
	const char *callid;

	if (call_gone(&inv->watch))
		return false;

	callid = host_call_id(inv->watch.call);
	if (!callid)
		return false;

	list_unlink(&inv->le);
	hash_append(inv->refer->ht_inviter, hash_joaat_str(callid), &inv->he,
		    inv);
	(void)chain_add(inv->refer, inv->watch.call, inv->srv->depth + 1);

	return inv->watch.callid || !str_dup(&inv->watch.callid, callid);
}


static void watch_handler(enum call_change change, uint16_t scode,
			  const char *reason, void *arg);


static int place(struct refer_inviter *inv, const char *uri)
{
	const struct refer_server *srv = inv->srv;
	const struct host_invite prm = {
		.uri     = uri,
		.hdrs    = inv->hdrs,
		.like    = refer_server_call(srv),
		.novideo = inv->novideo,
	};
	struct call *call;
	int err;

	if (!refer_server_ua(srv))
		return ENOENT;

	err = host_call_place(&call, srv->ua, &prm);
	if (err)
		return err;

	err = call_watch(&inv->watch, inv->refer, call, watch_handler, inv);
	if (err) {
		host_call_hangup(call, "Out of memory");
		return err;
	}

	if (!index_callid(inv))
		list_append(&inv->refer->idlel, &inv->le, inv);

	return 0;
}


/* The call that was redirected is over */
static bool follow(struct refer_inviter *inv)
{
	char *uri = inv->next;
	int err;

	if (!uri)
		return false;

	inv->next = NULL;
	call_unwatch(&inv->watch);
	hash_unlink(&inv->he);
	list_unlink(&inv->le);

	err = place(inv, uri);
	mem_deref(uri);
	if (err)
		return false;

	inv->hidden = false;
	inv->scode  = 0;

	return true;
}


static void closed(struct refer_inviter *inv, uint16_t scode,
		   const char *reason)
{
	if (follow(inv))
		return;

	/* the core may have seen the reason phrase in another form */
	if (inv->hidden || (scode && scode == inv->scode))
		finish(inv, inv->scode, inv->reason);
	else if (inv->scode >= 200 && inv->scode < 300)
		finish(inv, 488, "Not Acceptable Here");
	else if (scode == 503 && inv->scode >= 300)
		finish(inv, inv->scode, inv->reason);
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


/**
 * Send the INVITE (seed: Inviter.invite)
 *
 * @param inv Inviter
 *
 * @return 0 if success, EPROTO if the REFER is not accepted, EALREADY if it
 *         was sent before, otherwise errorcode
 */
int refer_inviter_invite(struct refer_inviter *inv)
{
	int err;

	if (!inv)
		return EINVAL;

	if (inv->srv->state != REFER_ACCEPTED)
		return EPROTO;

	if (inv->invited)
		return EALREADY;

	err = place(inv, referral_refer_to(inv->srv->referral));
	if (err)
		return err;

	inv->invited = true;
	queue_add(&inv->refer->ring, &inv->ring_due, inv);
	server_invite_sent(inv->srv);

	return 0;
}


/**
 * Give the INVITE up; the referrer is told 487
 *
 * @param inv Inviter
 *
 * @return 0 if success, EPROTO if it is not under way
 */
int refer_inviter_cancel(struct refer_inviter *inv)
{
	struct call *call;

	if (!inv)
		return EINVAL;

	call = refer_inviter_call(inv);
	if (!call)
		return EPROTO;

	host_call_hangup(call, "Cancelled");

	return 0;
}


/**
 * Get the call that executes the referral, until its outcome is known
 *
 * @param inv Inviter
 *
 * @return Call, or NULL
 */
struct call *refer_inviter_call(const struct refer_inviter *inv)
{
	return inv && call_alive(&inv->watch) ? inv->watch.call : NULL;
}


/**
 * Get the Call-ID of the call
 *
 * @param inv Inviter
 *
 * @return Call-ID, NULL if it is not known
 */
const char *inviter_callid(const struct refer_inviter *inv)
{
	return inv->watch.callid;
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


/* The old call goes: as the core itself has it, it is not put on hold */
static void answered(const struct refer_inviter *inv)
{
	const struct call *old = refer_server_call(inv->srv);

	if (old && host_call_alone(old))
		host_hold_nobody();
}


/* To the first Contact, with another call when the core has ended this one */
static void redirected(struct refer_inviter *inv, const struct sip_msg *msg)
{
	const struct refer *refer = inv->refer;
	const struct sip_hdr *hdr = sip_msg_hdr(msg, SIP_HDR_CONTACT);
	struct refer_to *rt;

	inv->next = mem_deref(inv->next);

	if (!refer->set.follow_redirect || !hdr ||
	    inv->redirects >= REDIRECTS_MAX ||
	    refer_to_decode(&rt, &hdr->val))
		return;

	if (patterns_allow(refer->patterns, rt) && !refer_to_normalise(rt) &&
	    host_uri_safe(rt->uri)) {
		inv->next = mem_ref(rt->uri);
		++inv->redirects;
	}

	mem_deref(rt);
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

	if (msg->scode >= 300 && msg->scode < 400) {
		redirected(inv, msg);

		/* the core would follow it: toll fraud, unless wanted */
		inv->hidden = true;
		((struct sip_msg *)msg)->scode = 480;
	}

	if (msg->scode >= 200) {
		if (msg->scode < 300)
			answered(inv);
		return;
	}

	frag.scode = msg->scode;
	pl_set_str(&frag.reason, inv->reason);
	server_status(inv->srv, &frag);
}
