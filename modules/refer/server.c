/**
 * @file server.c  One incoming REFER (seed: ReferServerContext)
 *
 * Checks it (RFC 3515 section 2.4.2), accepts it, has it executed and
 * reports every step. Refusals before a context exists are stateless.
 */
#include <re.h>
#include "core.h"
#include "referral.h"


enum state {
	WAITING,
	ACCEPTED,
	TERMINATED,
};

struct refer_server {
	struct le le;
	struct refer *refer;
	uint32_t id;
	enum state state;
	struct ua *ua;
	struct call_watch watch;       /**< The referred call */
	struct sip_dialog *dlg;
	struct notifier *notifier;
	struct referral *referral;
};

/** A REFER that is being looked at */
struct request {
	const struct sip_msg *msg;
	struct sip_dialog *dlg;
	struct call *call;
	struct ua *ua;
	struct refer_to *rt;
};


static const struct refusal
	no_dialog   = {481, "Call Does Not Exist", NULL},
	early       = {480, "Temporarily Unavailable",
		       "the call is not established yet"},
	old_cseq    = {500, "Server Internal Error", "CSeq is too low"},
	not_allowed = {603, "Decline", "transfer is not allowed"},
	no_contact  = {400, "Bad Request", "Contact is missing"},
	no_refer_to = {400, "Bad Refer-To", "Refer-To is missing"},
	many_refer_to = {400, "Bad Refer-To", "more than one Refer-To"},
	undialable  = {484, "Address Incomplete",
		       "this baresip cannot dial an escape as in Refer-To"},
	no_memory   = {500, "Server Internal Error", "out of memory"};


static void destructor(void *arg)
{
	struct refer_server *srv = arg;

	list_unlink(&srv->le);
	call_unwatch(&srv->watch);
	mem_deref(srv->referral);
	mem_deref(srv->notifier);
	mem_deref(srv->dlg);
}


static const char *state_name(enum state state)
{
	switch (state) {

	case WAITING:    return "WAITING";
	case ACCEPTED:   return "ACCEPTED";
	case TERMINATED: return "TERMINATED";
	default:         return "???";
	}
}


static void set_state(struct refer_server *srv, enum state state,
		      uint16_t scode)
{
	info("refer: #%u server %s -> %s (%u)\n", srv->id,
	     state_name(srv->state), state_name(state), scode);

	srv->state = state;
}


static void event(const struct refer_server *srv, const char *name,
		  uint16_t scode, const char *reason)
{
	const struct refer_event ev = {
		.name   = name,
		.id     = srv->id,
		.role   = ROLE_SERVER,
		.scode  = scode,
		.reason = reason,
		.target = referral_target(srv->referral),
		.ua     = srv->ua,
		.call   = &srv->watch,
	};

	refer_event(&ev);
}


static void call_handler(enum call_change change, uint16_t scode,
			 const char *reason, void *arg)
{
	const struct refer_server *srv = arg;
	(void)scode;

	if (change == CALL_CLOSED)
		debug("refer: #%u the referred call is over: %s\n",
		      srv->id, reason);
}


/* A status is on the wire, or could not be told to the referrer */
static void sent_handler(const struct sipfrag *frag, void *arg)
{
	struct refer_server *srv = arg;
	char reason[128];

	(void)pl_strcpy(&frag->reason, reason, sizeof(reason));

	if (frag->scode == 100)
		return;

	if (frag->scode < 200) {
		event(srv, "referProgress", frag->scode, reason);
		return;
	}

	set_state(srv, TERMINATED, frag->scode);

	event(srv, frag->scode < 300 ? "referAccepted" : "referRejected",
	      frag->scode, reason);
	event(srv, "referEnded", frag->scode, reason);

	mem_deref(srv);
}


static void status_handler(const struct sipfrag *frag, void *arg)
{
	struct refer_server *srv = arg;

	notifier_status(srv->notifier, frag);
}


static void status(struct refer_server *srv, uint16_t scode,
		   const char *reason)
{
	struct sipfrag frag = {scode, PL_INIT};

	pl_set_str(&frag.reason, reason);
	notifier_status(srv->notifier, &frag);
}


static void follow(struct refer_server *srv)
{
	int err;

	err = referral_invite(srv->referral, srv->refer, srv->ua,
			      srv->watch.call, status_handler, srv);
	if (err) {
		warning("refer: #%u could not call %s: %m\n", srv->id,
			referral_target(srv->referral), err);
		status(srv, 503, "Service Unavailable");
		return;
	}

	event(srv, "referInviteSent", 0, NULL);
}


static int reply_accepted(const struct refer_server *srv,
			  const struct sip_msg *msg)
{
	struct sip_contact contact;

	sip_contact_set(&contact, host_ua_cuser(srv->ua), &msg->dst, msg->tp);

	return sip_treplyf(NULL, NULL, srv->refer->sip, msg, true,
			   202, "Accepted",
			   "%H"
			   "%H"
			   "Expires: %u\r\n"
			   "Content-Length: 0\r\n"
			   "\r\n",
			   sip_contact_print, &contact,
			   host_ua_print, srv->ua,
			   srv->refer->set.expires);
}


static int accept_request(struct refer_server *srv, const struct sip_msg *msg)
{
	int err;

	err = notifier_alloc(&srv->notifier, srv->refer, srv->ua, srv->dlg,
			     msg->cseq.num, srv->refer->set.expires,
			     sent_handler, srv);
	if (err)
		return err;

	err = reply_accepted(srv, msg);
	if (err)
		return err;

	set_state(srv, ACCEPTED, 202);
	event(srv, "accepted", 202, "Accepted");
	event(srv, "referRequestAccepted", 202, "Accepted");

	status(srv, 100, "Trying");
	follow(srv);

	return 0;
}


static int server_alloc(struct refer_server **srvp, struct refer *refer,
			const struct request *req)
{
	struct refer_server *srv;
	int err;

	srv = mem_zalloc(sizeof(*srv), destructor);
	if (!srv)
		return ENOMEM;

	srv->refer = refer;
	srv->id    = ++refer->id;
	srv->state = WAITING;
	srv->ua    = req->ua;
	srv->dlg   = mem_ref(req->dlg);

	err  = call_watch(&srv->watch, refer, req->call, call_handler, srv);
	err |= referral_alloc(&srv->referral, req->msg, req->rt);
	if (err)
		goto out;

	list_append(&refer->serverl, &srv->le, srv);

 out:
	if (err)
		mem_deref(srv);
	else
		*srvp = srv;

	return err;
}


static bool unsupported_handler(const struct sip_hdr *hdr,
				const struct sip_msg *msg, void *arg)
{
	struct mbuf *mb = arg;
	(void)msg;

	if (pl_strcasecmp(&hdr->val, "replaces"))
		(void)mbuf_printf(mb, "%s%r", mb->end ? ", " : "", &hdr->val);

	return false;
}


/* RFC 3261 section 8.2.2.3 */
static bool refuse_extension(struct refer *refer, const struct sip_msg *msg)
{
	struct mbuf *mb;
	bool refused;

	if (!sip_msg_hdr(msg, SIP_HDR_REQUIRE))
		return false;

	mb = mbuf_alloc(64);
	if (!mb)
		return false;

	(void)sip_msg_hdr_apply(msg, true, SIP_HDR_REQUIRE,
				unsupported_handler, mb);

	refused = mb->end > 0;
	if (refused)
		(void)sip_replyf(refer->sip, msg, 420, "Bad Extension",
				 "Unsupported: %b\r\n"
				 "Content-Length: 0\r\n"
				 "\r\n",
				 mb->buf, mb->end);

	mem_deref(mb);

	return refused;
}


static void refuse(struct refer *refer, const struct sip_msg *msg,
		   const struct refusal *ref)
{
	info("refer: REFER from %r refused: %u %s%s%s\n", &msg->from.auri,
	     ref->scode, ref->reason, ref->warning ? ", " : "",
	     ref->warning ? ref->warning : "");

	if (!ref->warning) {
		(void)sip_reply(refer->sip, msg, ref->scode, ref->reason);
		return;
	}

	(void)sip_replyf(refer->sip, msg, ref->scode, ref->reason,
			 "Warning: 399 %j \"%s\"\r\n"
			 "Content-Length: 0\r\n"
			 "\r\n",
			 &msg->dst, ref->warning);
}


/* The dialog of the REFER, and the call in it */
static const struct refusal *check_dialog(struct request *req,
					  struct refer *refer)
{
	unsigned n;

	req->dlg = intercept_dialog(refer->ic, req->msg, &n);
	if (!req->dlg)
		return intercept_early(refer->ic, req->msg) ?
			&early : &no_dialog;

	req->call = host_call_find(sip_dialog_callid(req->dlg), n);
	req->ua   = host_call_ua(req->call);
	if (!req->ua)
		return &no_dialog;

	if (!sip_dialog_rseq_valid(req->dlg, req->msg))
		return &old_cseq;

	if (!host_call_established(req->call))
		return &early;

	return NULL;
}


static const struct refusal *check_headers(struct request *req)
{
	const struct sip_hdr *hdr = sip_msg_hdr(req->msg, SIP_HDR_REFER_TO);
	const struct refusal *ref;

	if (!hdr)
		return &no_refer_to;

	if (sip_msg_hdr_count(req->msg, SIP_HDR_REFER_TO) > 1)
		return &many_refer_to;

	if (!sip_msg_hdr(req->msg, SIP_HDR_CONTACT))
		return &no_contact;

	ref = refer_to_decode(&req->rt, &hdr->val);
	if (ref)
		return ref;

	if (host_uri_safe(req->rt->uri))
		return NULL;

	if (refer_to_normalise(req->rt))
		return &no_memory;

	return host_uri_safe(req->rt->uri) ? NULL : &undialable;
}


static void handle(struct refer *refer, struct request *req)
{
	struct refer_server *srv;
	const struct refusal *ref;

	ref = check_dialog(req, refer);
	if (ref) {
		refuse(refer, req->msg, ref);
		return;
	}

	if (refuse_extension(refer, req->msg))
		return;

	ref = check_headers(req);
	if (!ref && !host_ua_transfer_allowed(req->ua))
		ref = &not_allowed;
	if (!ref && server_alloc(&srv, refer, req))
		ref = &no_memory;
	if (ref) {
		refuse(refer, req->msg, ref);
		return;
	}

	if (accept_request(srv, req->msg)) {
		warning("refer: #%u could not be accepted\n", srv->id);
		mem_deref(srv);
	}
}


/**
 * Handle a REFER
 *
 * @param refer Protocol
 * @param msg   REFER; no retransmission
 *
 * @return False if it is outside a dialog
 */
bool server_request(struct refer *refer, const struct sip_msg *msg)
{
	struct request req = {.msg = msg};

	if (!pl_isset(&msg->to.tag))
		return false;

	handle(refer, &req);
	mem_deref(req.rt);

	return true;
}


/**
 * End the REFER, whatever its state: the subscription ends "deactivated"
 *
 * @param srv    Server context
 * @param reason Why, for people
 */
void server_close(struct refer_server *srv, const char *reason)
{
	set_state(srv, TERMINATED, 0);
	event(srv, "referEnded", 0, reason);
	mem_deref(srv);
}


/**
 * End what vanished without a word: the user agent, or one of the calls
 *
 * @param srv Server context
 */
void server_sweep(struct refer_server *srv)
{
	if (!host_ua_alive(srv->ua)) {
		server_close(srv, "user agent is gone");
		return;
	}

	if (call_gone(&srv->watch))
		call_unwatch(&srv->watch);

	referral_sweep(srv->referral);
}
