/**
 * @file client.c  One outgoing REFER (seed: ReferClientContext)
 *
 * Sends it in the dialog of a call (RFC 3515, RFC 5589), follows the NOTIFYs
 * and ends with one outcome: the call is hung up after a success, and stays
 * after anything else.
 */
#include <re.h>
#include "core.h"


enum state {
	IDLE,
	SENT,            /**< The REFER waits for its response       */
	ACCEPTED,        /**< The outcome is open                    */
	TERMINATED,
};

struct refer_client {
	struct le le;
	struct tmr tmr;
	struct refer *refer;
	uint32_t id;
	uint64_t ts;                /**< When it began [ms]       */
	uint16_t scode;             /**< Last status that came    */
	enum state state;
	struct ua *ua;
	struct call_watch watch;
	struct sip_dialog *dlg;
	struct sip_request *req;
	struct creds creds;
	struct subscriber *sub;
	char *target;
	char *peer;
	char *aor;
	char *cuser;
};


static int  send_refer(struct refer_client *c);


static void destructor(void *arg)
{
	struct refer_client *c = arg;

	list_unlink(&c->le);
	tmr_cancel(&c->tmr);
	call_unwatch(&c->watch);
	mem_deref(c->req);
	mem_deref(c->sub);
	mem_deref(c->dlg);
	mem_deref(c->creds.auth);
	mem_deref(c->target);
	mem_deref(c->peer);
	mem_deref(c->aor);
	mem_deref(c->cuser);
}


static const char *state_name(enum state state)
{
	switch (state) {

	case IDLE:       return "IDLE";
	case SENT:       return "SENT";
	case ACCEPTED:   return "ACCEPTED";
	case TERMINATED: return "TERMINATED";
	default:         return "???";
	}
}


static void set_state(struct refer_client *c, enum state state, uint16_t scode)
{
	if (scode)
		c->scode = scode;

	info("refer: #%u client %s -> %s (%u)\n", c->id,
	     state_name(c->state), state_name(state), scode);

	c->state = state;
}


static void event(const struct refer_client *c, const char *name,
		  uint16_t scode, const char *reason)
{
	const struct refer_event ev = {
		.name   = name,
		.id     = c->id,
		.role   = ROLE_CLIENT,
		.scode  = scode,
		.reason = reason,
		.target = c->target,
		.ua     = c->ua,
		.call   = &c->watch,
	};

	refer_event(&ev);
}


/* The outcome is known */
static void end(struct refer_client *c, const char *name, uint16_t scode,
		const char *reason)
{
	const bool success = scode >= 200 && scode < 300;

	set_state(c, TERMINATED, scode);
	event(c, name, scode, reason);

	if (success)
		info("refer: #%u transfer to %s: %u %s\n", c->id, c->target,
		     scode, reason);
	else
		warning("refer: #%u transfer to %s failed: %u %s;"
			" the call is kept\n", c->id, c->target, scode,
			reason);

	if (success && !c->refer->set.keep && c->watch.call &&
	    !call_gone(&c->watch))
		host_call_hangup(c->watch.call, "Transferred");

	event(c, "referEnded", scode, reason);

	mem_deref(c);
}


static void status_handler(const struct sipfrag *frag, void *arg)
{
	struct refer_client *c = arg;
	char reason[128];

	(void)pl_strcpy(&frag->reason, reason, sizeof(reason));

	event(c, "notify", frag->scode, reason);

	if (frag->scode < 200)
		event(c, "referProgress", frag->scode, reason);
	else if (frag->scode < 300)
		end(c, "referAccepted", frag->scode, reason);
	else
		end(c, "referRejected", frag->scode, reason);
}


static void close_handler(int err, const char *reason, void *arg)
{
	end(arg, err == ETIMEDOUT ? "referTimeout" : "failed", 0, reason);
}


static void grace_handler(void *arg)
{
	end(arg, "referTimeout", 0, "the call ended before the outcome");
}


/* The referee may hang up before it tells the outcome */
static void call_handler(enum call_change change, uint16_t scode,
			 const char *reason, void *arg)
{
	struct refer_client *c = arg;
	(void)scode;
	(void)reason;

	if (change == CALL_CLOSED && c->state != TERMINATED)
		tmr_start(&c->tmr, TIMER_N, grace_handler, c);
}


static void response_handler(int err, const struct sip_msg *msg, void *arg)
{
	struct refer_client *c = arg;
	char reason[128];

	if (err) {
		end(c, "failed", err == ETIMEDOUT ? 408 : 503,
		    err == ETIMEDOUT ? "Request Timeout"
				     : "Service Unavailable");
		return;
	}

	/* the id is the new CSeq then */
	if (host_ua_alive(c->ua) && creds_answer(&c->creds, msg) &&
	    !send_refer(c))
		return;

	(void)pl_strcpy(&msg->reason, reason, sizeof(reason));

	if (msg->scode < 200) {
		event(c, "referRequestProgress", msg->scode, reason);
	}
	else if (msg->scode < 300) {
		set_state(c, ACCEPTED, msg->scode);
		subscriber_confirm(c->sub);
		event(c, "referRequestAccepted", msg->scode, reason);
	}
	else {
		end(c, "referRequestRejected", msg->scode, reason);
	}
}


static int send_handler(enum sip_transp tp, const struct sa *src,
			const struct sa *dst, struct mbuf *mb, void *arg)
{
	struct sip_contact contact;
	const struct refer_client *c = arg;
	(void)dst;

	sip_contact_set(&contact, c->cuser, src, tp);

	return mbuf_printf(mb, "%H", sip_contact_print, &contact);
}


static int send_refer(struct refer_client *c)
{
	subscriber_set_id(c->sub, sip_dialog_lseq(c->dlg));

	return sip_drequestf(&c->req, c->refer->sip, true, "REFER", c->dlg, 0,
			     c->creds.auth, send_handler, response_handler, c,
			     "Refer-To: <%s>\r\n"
			     "Referred-By: <%s>\r\n"
			     "%H"
			     "Content-Length: 0\r\n"
			     "\r\n",
			     c->target, c->aor, host_ua_print, c->ua);
}


/*
 * Of a call to oneself the called side is the younger session. Others that
 * share a Call-ID, a forked INVITE, cannot be told apart: better no transfer
 * than one of the wrong call.
 */
static struct sip_dialog *call_dialog(const struct refer_client *c)
{
	const struct intercept *ic = c->refer->ic;
	const char *callid = c->watch.callid;
	struct sip_dialog *first, *second;
	struct call *from, *to;

	first  = intercept_dialog_nth(ic, callid, 0);
	second = intercept_dialog_nth(ic, callid, 1);
	if (!second)
		return first;

	from = host_call_find(callid, 0);
	to   = host_call_find(callid, 1);
	if (intercept_dialog_nth(ic, callid, 2) ||
	    !host_call_outgoing(from) || host_call_outgoing(to))
		return NULL;

	return host_call_outgoing(c->watch.call) ? first : second;
}


/**
 * Allocate an outgoing REFER
 *
 * @param cp     Pointer to allocated client context
 * @param refer  Protocol
 * @param call   Call to transfer
 * @param target URI of the target, without <>
 *
 * @return 0 if success, EPROTO if the call is not established, ENOENT if it
 *         has no dialog, otherwise errorcode
 */
int client_alloc(struct refer_client **cp, struct refer *refer,
		 struct call *call, const char *target)
{
	struct refer_client *c;
	int err;

	if (!cp || !refer || !call || !target)
		return EINVAL;

	if (!host_call_established(call))
		return EPROTO;

	c = mem_zalloc(sizeof(*c), destructor);
	if (!c)
		return ENOMEM;

	c->refer = refer;
	c->id    = ++refer->id;
	c->ts    = tmr_jiffies();
	c->ua    = host_call_ua(call);

	err  = call_watch(&c->watch, refer, call, call_handler, c);
	err |= str_dup(&c->target, target);
	err |= str_dup(&c->peer, host_call_peer(call));
	err |= str_dup(&c->aor, host_ua_aor(c->ua));
	err |= str_dup(&c->cuser, host_ua_cuser(c->ua));
	err |= sip_auth_alloc(&c->creds.auth, host_auth,
			      host_ua_auth_arg(c->ua), true);
	if (err)
		goto out;

	c->dlg = mem_ref(call_dialog(c));
	if (!c->dlg) {
		err = ENOENT;
		goto out;
	}

	err = subscriber_alloc(&c->sub, refer, c->dlg, status_handler,
			       close_handler, c);
	if (err)
		goto out;

	list_append(&refer->clientl, &c->le, c);
	refer_watch_over(refer);

 out:
	if (err)
		mem_deref(c);
	else
		*cp = c;

	return err;
}


/**
 * Send the REFER
 *
 * From here on the protocol owns the context, and lets it go at its end.
 *
 * @param c Client context
 *
 * @return 0 if success, EALREADY if it was sent, otherwise errorcode
 */
int client_refer(struct refer_client *c)
{
	int err;

	if (!c)
		return EINVAL;

	if (c->state != IDLE)
		return EALREADY;

	err = send_refer(c);
	if (err)
		return err;

	set_state(c, SENT, 0);

	return 0;
}


/**
 * Get the number of an outgoing REFER
 *
 * @param c Client context
 *
 * @return Number
 */
uint32_t client_id(const struct refer_client *c)
{
	return c ? c->id : 0;
}


/**
 * Find an outgoing REFER by its number
 *
 * @param refer Protocol
 * @param id    Number
 *
 * @return Client context, or NULL
 */
struct refer_client *client_find(const struct refer *refer, uint32_t id)
{
	struct le *le;

	LIST_FOREACH(&refer->clientl, le) {
		struct refer_client *c = le->data;

		if (c->id == id)
			return c;
	}

	return NULL;
}


/**
 * Get what is shown of an outgoing REFER
 *
 * @param row Set on return; points into the context
 * @param c   Client context
 */
void client_row(struct refer_row *row, const struct refer_client *c)
{
	*row = (struct refer_row){
		.id      = c->id,
		.role    = ROLE_CLIENT,
		.state   = state_name(c->state),
		.ts      = c->ts,
		.account = c->aor,
		.peer    = {c->peer, str_len(c->peer)},
		.target  = c->target,
		.scode   = c->scode,
		.callid  = c->watch.callid,
	};
}


/**
 * End the REFER, whatever its state: the call stays as it is
 *
 * @param c      Client context
 * @param reason Why, for people
 */
void client_close(struct refer_client *c, const char *reason)
{
	set_state(c, TERMINATED, 0);
	event(c, "referEnded", 0, reason);
	mem_deref(c);
}


/**
 * End what vanished without a word: the user agent, or the call
 *
 * @param c Client context
 */
void client_sweep(struct refer_client *c)
{
	if (!host_ua_alive(c->ua)) {
		client_close(c, "user agent is gone");
		return;
	}

	if (call_gone(&c->watch)) {
		call_unwatch(&c->watch);
		tmr_start(&c->tmr, TIMER_N, grace_handler, c);
	}
}
