/**
 * @file subscriber.c  The subscription that a sent REFER makes
 *
 * The side of the referrer: takes the NOTIFYs of the call's own dialog
 * (RFC 3515 section 2.4.4, RFC 6665 section 4.1), and ends in any case: by
 * Timer N, by expiry, or by the notifier.
 */
#include <re.h>
#include "core.h"
#include "text.h"


enum {
	EXPIRES_UNSAID = 300,    /* where a NOTIFY does not say it [s]  */
};

struct subscriber {
	struct le he;
	struct tmr tmr;
	struct sip *sip;
	struct sip_dialog *dlg;
	uint32_t id;                /**< CSeq of the REFER */
	subscriber_status_h *statush;
	subscriber_close_h *closeh;
	void *arg;
};

struct lookup {
	const struct sip_msg *msg;
	struct sipevent_event event;
};


static void destructor(void *arg)
{
	struct subscriber *s = arg;

	hash_unlink(&s->he);
	tmr_cancel(&s->tmr);
	mem_deref(s->dlg);
}


/**
 * Wait for the NOTIFYs of a REFER
 *
 * To be called before the REFER is sent: a NOTIFY may overtake its 2xx.
 *
 * @param sp      Pointer to allocated subscriber
 * @param refer   Protocol
 * @param dlg     Dialog of the REFER
 * @param statush Handler of statuses
 * @param closeh  Handler of the end
 * @param arg     Handler argument
 *
 * @return 0 if success, otherwise errorcode
 */
int subscriber_alloc(struct subscriber **sp, struct refer *refer,
		     struct sip_dialog *dlg, subscriber_status_h *statush,
		     subscriber_close_h *closeh, void *arg)
{
	struct subscriber *s;

	s = mem_zalloc(sizeof(*s), destructor);
	if (!s)
		return ENOMEM;

	s->sip     = refer->sip;
	s->dlg     = mem_ref(dlg);
	s->statush = statush;
	s->closeh  = closeh;
	s->arg     = arg;

	hash_append(refer->ht_subscriber,
		    hash_joaat_str(sip_dialog_callid(dlg)), &s->he, s);

	*sp = s;

	return 0;
}


/**
 * Set the id that the NOTIFYs carry
 *
 * @param s  Subscriber
 * @param id CSeq of the REFER as it was sent last
 */
void subscriber_set_id(struct subscriber *s, uint32_t id)
{
	s->id = id;
}


/* The owner may let the subscriber go here: call it last */
static void end(struct subscriber *s, int err, const char *reason)
{
	hash_unlink(&s->he);
	tmr_cancel(&s->tmr);
	s->closeh(err, reason, s->arg);
}


static void timer_n_handler(void *arg)
{
	end(arg, ETIMEDOUT, "no NOTIFY came");
}


static void expire_handler(void *arg)
{
	end(arg, ETIMEDOUT, "the subscription expired");
}


/**
 * The REFER was accepted: the first NOTIFY must come within Timer N
 *
 * @param s Subscriber
 */
void subscriber_confirm(struct subscriber *s)
{
	if (!tmr_isrunning(&s->tmr))
		tmr_start(&s->tmr, TIMER_N, timer_n_handler, s);
}


static bool cmp_handler(struct le *le, void *arg)
{
	const struct subscriber *s = le->data;
	const struct lookup *lu = arg;

	if (!sip_dialog_cmp(s->dlg, lu->msg))
		return false;

	return !pl_isset(&lu->event.id) || pl_u32(&lu->event.id) == s->id;
}


static void reply(const struct subscriber *s, const struct sip_msg *msg,
		  uint16_t scode, const char *reason)
{
	(void)sip_treply(NULL, s->sip, msg, scode, reason);
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

	if (!msg_ctype_cmp(&msg->ctyp, "message", "sipfrag")) {
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


/* Some mark every NOTIFY so, and give no reason: SIP.js */
static bool is_end(const struct sipevent_substate *state)
{
	struct pl reason;

	return state->state == SIPEVENT_TERMINATED &&
		!msg_param_exists(&state->params, "reason", &reason);
}


static void handle(struct subscriber *s, const struct sip_msg *msg)
{
	struct sipevent_substate state;
	struct sipfrag frag;
	uint32_t expires = EXPIRES_UNSAID;

	if (!sip_dialog_rseq_valid(s->dlg, msg)) {
		reply(s, msg, 500, "Server Internal Error");
		return;
	}

	if (decode(&state, &frag, s, msg))
		return;

	reply(s, msg, 200, "OK");

	(void)text_number(&expires, &state.expires);
	tmr_start(&s->tmr, (uint64_t)expires * 1000, expire_handler, s);

	mem_ref(s);

	if (frag.scode)
		s->statush(&frag, s->arg);

	if (frag.scode < 200 && mem_nrefs(s) > 1 &&
	    (!frag.scode || is_end(&state)))
		end(s, 0, sipevent_reason_name(state.reason));

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
	struct lookup lu = {.msg = msg};
	struct subscriber *s;

	(void)sipevent_event_decode(&lu.event,
				    &sip_msg_hdr(msg, SIP_HDR_EVENT)->val);

	s = list_ledata(hash_lookup(refer->ht_subscriber,
				    hash_joaat_pl(&msg->callid),
				    cmp_handler, &lu));
	if (!s)
		return false;

	handle(s, msg);

	return true;
}
