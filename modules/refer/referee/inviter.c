/**
 * @file inviter.c  What executes a referral (seed: Referral.makeInviter)
 *
 * Sends the INVITE, and passes on to the REFER what becomes of it.
 */
#include <re.h>
#include "core/core.h"
#include "core/invite.h"
#include "host/host.h"
#include "refer.h"
#include "referee/referee.h"
#include "referee/referral.h"
#include "referee/server.h"
#include "syntax/header.h"
#include "syntax/sipfrag.h"


struct refer_inviter {
	struct refer *refer;
	struct refer_server *srv;  /**< The REFER that it executes        */
	char *hdrs;                /**< More header lines                 */
	bool novideo;              /**< Audio only                        */
	bool invited;              /**< It was sent                       */
	struct invite *invite;     /**< While it is under way             */
	char *callid;              /**< Of its call                       */
	char *uri;                 /**< Another target, by a redirection  */
};


static void destructor(void *arg)
{
	struct refer_inviter *inv = arg;

	inviter_release(inv);
	mem_deref(inv->hdrs);
	mem_deref(inv->callid);
	mem_deref(inv->uri);
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


/* The Call-ID is still shown when the INVITE is over */
static void keep_callid(struct refer_inviter *inv)
{
	if (!inv->callid)
		inv->callid = mem_ref((void *)invite_callid(inv->invite));
}


/**
 * Follow the call no longer; it goes on
 *
 * @param inv Inviter
 */
void inviter_release(struct refer_inviter *inv)
{
	keep_callid(inv);
	invite_detach(inv->invite);
	inv->invite = NULL;
}


static void progress_handler(const struct sipfrag *frag, void *arg)
{
	const struct refer_inviter *inv = arg;

	server_status(inv->srv, frag);
}


/* The old call goes: as the core itself has it, it is not put on hold */
static void answer_handler(void *arg)
{
	const struct refer_inviter *inv = arg;
	const struct call *old = refer_server_call(inv->srv);

	if (old && host_call_alone(old))
		host_hold_nobody();
}


static void redirect_handler(const struct sipfrag *frag, void *arg)
{
	struct refer_inviter *inv = arg;

	inv->callid = mem_deref(inv->callid);
	mem_deref(inv->uri);
	inv->uri = mem_ref((void *)invite_uri(inv->invite));

	server_redirected(inv->srv, frag);
}


/* The last status: the owner may let the inviter go here */
static void final_handler(const struct sipfrag *frag, void *arg)
{
	struct refer_inviter *inv = arg;

	inviter_release(inv);
	server_status(inv->srv, frag);
}


static const struct invite_handlers handlers = {
	.progressh = progress_handler,
	.answerh   = answer_handler,
	.redirecth = redirect_handler,
	.finalh    = final_handler,
};


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
	struct invite_prm prm = {
		.ring = true, .handlers = &handlers, .arg = inv,
	};
	const struct call *old;
	int err;

	if (!inv)
		return EINVAL;

	if (inv->srv->state != REFER_ACCEPTED)
		return EPROTO;

	if (inv->invited)
		return EALREADY;

	old = refer_server_call(inv->srv);

	prm.ua      = inv->srv->ua;
	prm.uri     = referral_refer_to(inv->srv->referral);
	prm.hdrs    = inv->hdrs;
	prm.novideo = inv->novideo || (old && !host_call_has_video(old));
	prm.depth   = inv->srv->depth + 1;
	prm.party   = inv->srv->party;

	err = invite_send(&inv->invite, inv->refer->invites, &prm);
	if (err)
		return err;

	inv->invited = true;
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
	return inv ? invite_call(inv->invite) : NULL;
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
	return inv->invite ? invite_callid(inv->invite) : inv->callid;
}


/**
 * Get the URI that is called in place of the referral's
 *
 * @param inv Inviter
 *
 * @return URI, NULL if it was not redirected
 */
const char *inviter_uri(const struct refer_inviter *inv)
{
	return inv->uri;
}
