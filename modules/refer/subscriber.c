/**
 * @file subscriber.c  The subscription that a sent REFER makes
 *
 * The side of the referrer: takes the NOTIFYs of the REFER's dialog (RFC 3515
 * section 2.4.4, RFC 6665 section 4.1), keeps the subscription alive while
 * the outcome is open, and ends in any case: by Timer N, by expiry, or by the
 * notifier. When its owner lets go it still answers what comes late.
 */
#include <re.h>
#include "core.h"
#include "subscriber.h"
#include "text.h"


enum {
	EXPIRES_UNSAID = 300,    /* where a NOTIFY does not say it [s]  */
};


static void stop_timers(struct subscriber *s)
{
	queue_remove(&s->silence_due);
	tmr_cancel(&s->tmr_expire);
	tmr_cancel(&s->tmr_refresh);
}


static void destructor(void *arg)
{
	struct subscriber *s = arg;

	hash_unlink(&s->he);
	stop_timers(s);
	if (!s->out)
		intercept_drop(&s->req);
	mem_deref(s->req);
	mem_deref(s->creds.auth);
	mem_deref(s->dlg);
	mem_deref(s->cuser);
	mem_deref(s->said);
}


/**
 * Wait for the NOTIFYs of a REFER
 *
 * To be called before the REFER is sent: a NOTIFY may overtake its 2xx.
 *
 * @param sp      Pointer to allocated subscriber
 * @param refer   Protocol
 * @param ua      User agent that sends the REFER
 * @param dlg     Dialog of the REFER
 * @param statush Handler of statuses
 * @param closeh  Handler of the end
 * @param arg     Handler argument
 *
 * @return 0 if success, otherwise errorcode
 */
int subscriber_alloc(struct subscriber **sp, struct refer *refer,
		     const struct ua *ua, struct sip_dialog *dlg,
		     subscriber_status_h *statush,
		     subscriber_close_h *closeh, void *arg)
{
	struct subscriber *s;
	int err;

	s = mem_zalloc(sizeof(*s), destructor);
	if (!s)
		return ENOMEM;

	s->refer   = refer;
	s->dlg     = mem_ref(dlg);
	s->expires = refer->set.expires;
	s->statush = statush;
	s->closeh  = closeh;
	s->arg     = arg;

	err  = str_dup(&s->cuser, host_ua_cuser(ua));
	err |= sip_auth_alloc(&s->creds.auth, host_auth,
			      host_ua_auth_arg(ua), true);
	if (err)
		goto out;

	hash_append(refer->ht_subscriber,
		    hash_joaat_str(sip_dialog_callid(dlg)), &s->he, s);

 out:
	if (err)
		mem_deref(s);
	else
		*sp = s;

	return err;
}


/**
 * Set the id that the NOTIFYs carry
 *
 * @param s  Subscriber
 * @param id CSeq of the REFER as it was sent last
 */
void subscriber_set_id(struct subscriber *s, uint32_t id)
{
	if (!s->sent)
		s->first = id;

	s->sent = true;
	s->id   = id;
}


/**
 * End the subscription
 *
 * The owner may let the subscriber go here: call it last.
 *
 * @param s      Subscriber
 * @param err    0 if the notifier ended it, otherwise errorcode
 * @param reason Text, for people
 */
void subscriber_end(struct subscriber *s, int err, const char *reason)
{
	s->ended = true;
	hash_unlink(&s->he);
	stop_timers(s);

	if (s->closeh)
		s->closeh(err, reason, s->arg);
	else
		mem_deref(s);
}


/**
 * Nothing came for Timer N: the end, or nobody waits for it any more
 *
 * @param arg Subscriber
 */
void subscriber_silence_handler(void *arg)
{
	subscriber_end(arg, ETIMEDOUT, "no NOTIFY came");
}


static void expire_handler(void *arg)
{
	subscriber_end(arg, ETIMEDOUT, "the subscription expired");
}


static void refresh_handler(void *arg)
{
	struct subscriber *s = arg;

	if (!s->req && subscriber_subscribe(s))
		info("refer: REFER %u: SUBSCRIBE could not be sent\n", s->id);
}


/**
 * Set how long it lives from now on: what the notifier says counts (RFC 6665
 * section 4.1.3)
 *
 * @param s       Subscriber
 * @param expires Time [s]
 * @param refresh False if it is not to live longer than that
 */
void subscriber_live(struct subscriber *s, uint32_t expires, bool refresh)
{
	const uint64_t ms = (uint64_t)expires * 1000;

	tmr_cancel(&s->tmr_refresh);

	if (!s->statush)
		return;

	queue_remove(&s->silence_due);
	tmr_start(&s->tmr_expire, ms, expire_handler, s);

	if (refresh && sip_dialog_established(s->dlg))
		tmr_start(&s->tmr_refresh, ms * 9 / 10, refresh_handler, s);
}


/**
 * The REFER was accepted: the first NOTIFY must come within Timer N
 *
 * @param s Subscriber
 */
void subscriber_confirm(struct subscriber *s)
{
	if (!subscriber_notified(s))
		queue_add(&s->refer->silence, &s->silence_due, s);
}


/**
 * Tell whether a NOTIFY has come: then the REFER was accepted
 *
 * @param s Subscriber
 *
 * @return True if so
 */
bool subscriber_notified(const struct subscriber *s)
{
	return s->notified;
}


/**
 * The call is over: NOTIFYs may still come, in any order, for as long as the
 * owner cares to wait
 *
 * @param s Subscriber, or NULL
 */
void subscriber_call_over(struct subscriber *s)
{
	if (!s)
		return;

	s->call_over = true;
	stop_timers(s);
}


/**
 * Want no more NOTIFYs; to be let go of after that
 *
 * @param s Subscriber, or NULL
 */
void subscriber_unsubscribe(struct subscriber *s)
{
	if (!s || s->call_over || !sip_dialog_established(s->dlg))
		return;

	s->expires = 0;
	if (!s->req)
		(void)subscriber_subscribe(s);
}


/**
 * Let go of a subscriber: what the notifier still sends is answered with 200,
 * for there are peers that hang up when it is not
 *
 * @param s Subscriber, or NULL
 */
void subscriber_release(struct subscriber *s)
{
	if (!s)
		return;

	s->statush = NULL;
	s->closeh  = NULL;
	stop_timers(s);

	if (s->ended)
		mem_deref(s);
	else
		queue_add(&s->refer->silence, &s->silence_due, s);
}


static bool is_of_dialog(const struct subscriber *s,
			 const struct sip_msg *msg)
{
	return sip_dialog_established(s->dlg) ?
		sip_dialog_cmp(s->dlg, msg) : sip_dialog_cmp_half(s->dlg, msg);
}


/* Not one of an older REFER, which is over */
static bool may_be_id(const struct subscriber *s, const struct pl *id)
{
	uint32_t num;

	return !text_number(&num, id) || num >= s->first;
}


/* What answers our un-SUBSCRIBE: RFC 6665 section 4.2.1.4 */
static bool is_farewell(const struct subscriber *s,
			const struct sip_msg *msg)
{
	const struct sip_hdr *hdr;
	struct sipevent_substate state;

	if (!s || s->expires)
		return false;

	hdr = sip_msg_hdr(msg, SIP_HDR_SUBSCRIPTION_STATE);

	return hdr && !sipevent_substate_decode(&state, &hdr->val) &&
		state.state == SIPEVENT_TERMINATED &&
		state.reason == SIPEVENT_TIMEOUT;
}


/*
 * The id says which one of several it is. The first REFER of a dialog may go
 * without (RFC 3515 section 2.4.6), some never have one, or that of the REFER
 * before the challenge: of the one that is open then.
 */
static struct subscriber *find(const struct refer *refer,
			       const struct sip_msg *msg, const struct pl *id)
{
	const uint32_t key = hash_joaat_pl(&msg->callid);
	struct subscriber *open = NULL, *late = NULL;
	unsigned openc = 0;
	struct le *le;

	LIST_FOREACH(hash_list(refer->ht_subscriber, key), le) {
		struct subscriber *s = le->data;

		/* before its REFER is out it can have none */
		if (!s->sent || !is_of_dialog(s, msg))
			continue;

		if (pl_isset(id) && pl_u32(id) == s->id)
			return s;

		if (pl_isset(id) && !may_be_id(s, id))
			continue;

		if (!s->statush)
			late = s;
		else if (!openc++)
			open = s;
	}

	if (openc > 1 && pl_isset(id))
		return NULL;

	return open && !is_farewell(late, msg) ? open : late;
}


static void reply(const struct subscriber *s, const struct sip_msg *msg,
		  uint16_t scode, const char *reason)
{
	(void)sip_treply(NULL, s->refer->sip, msg, scode, reason);
}


static bool has_type(const struct sip_msg *msg)
{
	return pl_isset(&msg->ctyp.type);
}


static int decode(struct sipevent_substate *state, struct sipfrag *frag,
		  const struct subscriber *s, const struct sip_msg *msg)
{
	const struct sip_hdr *hdr;
	struct pl body;

	hdr = sip_msg_hdr(msg, SIP_HDR_SUBSCRIPTION_STATE);
	if (!hdr || !pl_isset(&hdr->val) || *hdr->val.p == ';' ||
	    sipevent_substate_decode(state, &hdr->val)) {
		reply(s, msg, 400, "Bad Subscription-State");
		return EBADMSG;
	}

	/* the end needs no status */
	if (state->state == SIPEVENT_TERMINATED && !mbuf_get_left(msg->mb)) {
		frag->scode = 0;
		return 0;
	}

	if (has_type(msg) &&
	    !msg_ctype_cmp(&msg->ctyp, "message", "sipfrag")) {
		reply(s, msg, 415, "Unsupported Media Type");
		return EBADMSG;
	}

	pl_set_mbuf(&body, msg->mb);
	if (sipfrag_decode(frag, &body)) {
		reply(s, msg, 400, "Bad Sipfrag");
		return EBADMSG;
	}

	return 0;
}


/* After a BYE there is no other request whose order could matter */
static bool is_in_order(struct subscriber *s, const struct sip_msg *msg)
{
	if (sip_dialog_rseq_valid(s->dlg, msg))
		return true;

	return s->call_over && msg->cseq.num > s->rseq;
}


/* Some mark every NOTIFY as the last one, and give no reason: SIP.js */
static bool is_end(const struct sipevent_substate *state, uint16_t scode)
{
	struct pl reason;

	return state->state == SIPEVENT_TERMINATED && (!scode ||
		!msg_param_exists(&state->params, "reason", &reason));
}


static void learn(struct subscriber *s, const struct sip_msg *msg,
		  const struct pl *id)
{
	s->said = mem_deref(s->said);
	if (pl_isset(id))
		(void)pl_strdup(&s->said, id);

	s->notified = true;
	s->rseq     = msg->cseq.num;

	/* the first one may make the dialog, if it has a Contact */
	if (!sip_dialog_established(s->dlg))
		(void)sip_dialog_create(s->dlg, msg);
}


static void handle(struct subscriber *s, const struct sip_msg *msg,
		   const struct pl *id)
{
	struct sipevent_substate state;
	struct sipfrag frag;
	uint32_t expires = EXPIRES_UNSAID;

	if (!is_in_order(s, msg)) {
		reply(s, msg, 500, "Server Internal Error");
		return;
	}

	if (decode(&state, &frag, s, msg))
		return;

	reply(s, msg, 200, "OK");

	learn(s, msg, id);

	(void)text_number(&expires, &state.expires);
	if (!s->call_over)
		subscriber_live(s, expires,
				state.state != SIPEVENT_TERMINATED);

	s->ended = is_end(&state, frag.scode);

	mem_ref(s);

	if (frag.scode && s->statush)
		s->statush(&frag, msg, s->arg);

	if (s->ended && mem_nrefs(s) > 1)
		subscriber_end(s, 0, sipevent_reason_name(state.reason));

	mem_deref(s);
}


/**
 * Handle a NOTIFY
 *
 * @param refer Protocol
 * @param msg   NOTIFY with "Event: refer"
 *
 * @return False if it is for none of ours
 */
bool subscriber_notify(struct refer *refer, const struct sip_msg *msg)
{
	struct sipevent_event event;
	struct subscriber *s;

	(void)sipevent_event_decode(&event,
				    &sip_msg_hdr(msg, SIP_HDR_EVENT)->val);

	s = find(refer, msg, &event.id);
	if (!s)
		return false;

	handle(s, msg, &event.id);

	return true;
}
