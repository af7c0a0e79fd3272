/**
 * @file subscriber.c  The subscription that a sent REFER makes
 *
 * The side of the referrer: takes the NOTIFYs of the REFER's dialog, refreshes
 * with SUBSCRIBE while the outcome is open, and ends in any case: by Timer N,
 * expiry, or the notifier (RFC 3515 section 2.4.4, RFC 6665 section 4.1).
 * Without an owner it still answers what comes late.
 */
#include <re.h>
#include "core/queue.h"
#include "core/sender.h"
#include "host/host.h"
#include "referrer/subscriber.h"
#include "syntax/refer_to.h"
#include "syntax/sipfrag.h"
#include "syntax/subscription.h"
#include "syntax/text.h"


enum {
	HASH_SIZE      = 1024,
	EXPIRES_UNSAID = 300,    /* where a NOTIFY does not say it [s]  */
};

struct subscribers {
	struct hash *ht;            /**< struct subscriber, by Call-ID   */
	struct queue silence;       /**< Those that hear nothing         */
	struct sip *sip;
	struct senders *senders;
};

struct subscriber {
	struct le he;
	struct queue_entry silence_due; /**< Timer N, or let go of       */
	struct tmr tmr_expire;
	struct tmr tmr_refresh;
	struct subscribers *all;
	struct sender *sender;      /**< Of SUBSCRIBE                    */
	char *said;                 /**< Id of the last NOTIFY, or NULL  */
	uint32_t first;             /**< CSeq of the REFER, first sent   */
	uint32_t id;                /**< and as it was sent last         */
	uint32_t rseq;              /**< CSeq of the last NOTIFY         */
	uint32_t expires;           /**< To ask for [s]                  */
	bool longer;                /**< As a 423 has asked for          */
	uint32_t asked;             /**< As in the last SUBSCRIBE [s]    */
	bool sent;                  /**< The REFER is out                */
	bool call_over;             /**< The dialog has lost its call    */
	bool notified;              /**< A NOTIFY has come               */
	bool ended;                 /**< By the notifier                 */
	subscriber_status_h *statush;  /**< NULL: the owner is gone      */
	subscriber_close_h *closeh;
	void *arg;
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
	mem_deref(s->sender);
	mem_deref(s->said);
}


/* The owner may let the subscriber go here: call it last */
static void end(struct subscriber *s, int err, const char *reason)
{
	s->ended = true;
	hash_unlink(&s->he);
	stop_timers(s);

	if (s->closeh)
		s->closeh(err, reason, s->arg);
	else
		mem_deref(s);
}


/* Nothing came for Timer N: the end, or nobody waits for it any more */
static void silence_handler(void *arg)
{
	end(arg, ETIMEDOUT, "no NOTIFY came");
}


static void subscribers_destructor(void *arg)
{
	struct subscribers *all = arg;

	/* those that still answer what comes late */
	hash_flush(all->ht);
	queue_close(&all->silence);
	mem_deref(all->ht);
}


int subscribers_alloc(struct subscribers **allp, struct sip *sip,
		      struct senders *senders)
{
	struct subscribers *all;
	int err;

	all = mem_zalloc(sizeof(*all), subscribers_destructor);
	if (!all)
		return ENOMEM;

	all->sip     = sip;
	all->senders = senders;
	queue_init(&all->silence, TIMER_N, silence_handler);

	err = hash_alloc(&all->ht, HASH_SIZE);
	if (err)
		mem_deref(all);
	else
		*allp = all;

	return err;
}


static void expire_handler(void *arg)
{
	end(arg, ETIMEDOUT, "the subscription expired");
}


static bool has_dialog(const struct subscriber *s)
{
	return sip_dialog_established(sender_dialog(s->sender));
}


/* The Event is the one of the NOTIFYs, with the same id or none */
static int print_event(struct re_printf *pf, const struct subscriber *s)
{
	if (s->notified && !s->said)
		return re_hprintf(pf, "refer");

	return s->said ? re_hprintf(pf, "refer;id=%s", s->said)
		: re_hprintf(pf, "refer;id=%u", s->id);
}


/* To live longer, or to end: RFC 3515 section 2.4.6, RFC 6665 section 4.1.2 */
static int subscribe(void *arg)
{
	struct subscriber *s = arg;

	if (sender_busy(s->sender))
		return 0;

	s->asked = s->expires;

	return sender_request(s->sender, "SUBSCRIBE",
			      "Event: %H\r\n"
			      "Expires: %u\r\n"
			      "Content-Length: 0\r\n"
			      "\r\n", print_event, s, s->expires);
}


static void refresh_handler(void *arg)
{
	struct subscriber *s = arg;

	if (subscribe(s))
		info("refer: REFER %u: SUBSCRIBE could not be sent\n", s->id);
}


/* What the notifier says counts (RFC 6665 section 4.1.3) */
static void live(struct subscriber *s, uint32_t expires, bool refresh)
{
	const uint64_t ms = (uint64_t)expires * 1000;

	tmr_cancel(&s->tmr_refresh);

	if (!s->statush)
		return;

	queue_remove(&s->silence_due);
	tmr_start(&s->tmr_expire, ms, expire_handler, s);

	if (refresh && has_dialog(s))
		tmr_start(&s->tmr_refresh, ms * 9 / 10, refresh_handler, s);
}


/* 423: it wants to live longer, which is granted once */
static bool is_too_brief(struct subscriber *s, const struct sip_msg *msg)
{
	const struct sip_hdr *hdr = sip_msg_hdr(msg, SIP_HDR_MIN_EXPIRES);
	uint32_t least;

	if (msg->scode != 423 || !hdr || !text_number(&least, &hdr->val) ||
	    least <= s->expires || !s->expires || s->longer)
		return false;

	s->longer  = true;
	s->expires = least;

	return true;
}


static void response_handler(int err, const struct sip_msg *msg, void *arg)
{
	struct subscriber *s = arg;
	char reason[128];
	uint32_t expires;
	bool fatal;

	/* without an answer it lives until it expires */
	if (err || msg->scode < 200)
		return;

	/* RFC 6665 leaves out 502, which RFC 5057 section 5.1 has */
	fatal = sender_is_fatal(msg->scode) || msg->scode == 502;

	if (is_too_brief(s, msg) && !subscribe(s))
		return;

	/* it was to live on when this was sent, and is not any more */
	if (!s->expires && s->asked && !fatal) {
		(void)subscribe(s);
		return;
	}

	if (msg->scode < 300) {
		if (text_number(&expires, &msg->expires))
			live(s, expires, true);
		return;
	}

	(void)re_snprintf(reason, sizeof(reason),
			  "the subscription was refused: %u %r", msg->scode,
			  &msg->reason);
	info("refer: REFER %u: %H\n", s->id, text_clean_str, reason);

	/* a notifier may report the outcome after it has hung up */
	if (fatal && !s->call_over)
		end(s, EPROTO, reason);
}


/** Wait for the NOTIFYs of a REFER, before it is sent: they may overtake its
    2xx. The subscription is to live for expires seconds */
int subscriber_alloc(struct subscriber **sp, struct subscribers *all,
		     const struct ua *ua, struct sip_dialog *dlg,
		     uint32_t expires, subscriber_status_h *statush,
		     subscriber_close_h *closeh, void *arg)
{
	struct subscriber *s;
	int err;

	s = mem_zalloc(sizeof(*s), destructor);
	if (!s)
		return ENOMEM;

	s->all     = all;
	s->expires = expires;
	s->statush = statush;
	s->closeh  = closeh;
	s->arg     = arg;

	err = sender_alloc(&s->sender, all->senders, ua, dlg,
			   subscribe, response_handler, s);
	if (err) {
		mem_deref(s);
		return err;
	}

	hash_append(all->ht, hash_joaat_str(sip_dialog_callid(dlg)), &s->he,
		    s);
	*sp = s;

	return 0;
}


/** Set the id that the NOTIFYs carry: the CSeq of the REFER as it was sent */
void subscriber_set_id(struct subscriber *s, uint32_t id)
{
	if (!s->sent)
		s->first = id;

	s->sent = true;
	s->id   = id;
}


/** The REFER was accepted: the first NOTIFY must come within Timer N */
void subscriber_confirm(struct subscriber *s)
{
	if (!subscriber_notified(s))
		queue_add(&s->all->silence, &s->silence_due, s);
}


/** Tell whether a NOTIFY has come: then the REFER was accepted */
bool subscriber_notified(const struct subscriber *s)
{
	return s->notified;
}


/** The call is over: NOTIFYs may come for as long as the owner waits */
void subscriber_call_over(struct subscriber *s)
{
	if (!s)
		return;

	s->call_over = true;
	stop_timers(s);
}


/** Want no more NOTIFYs; to be let go of after that */
void subscriber_unsubscribe(struct subscriber *s)
{
	if (!s || s->call_over || !has_dialog(s))
		return;

	s->expires = 0;
	(void)subscribe(s);
}


/** Let go of a subscriber: what the notifier still sends is answered with 200,
    for there are peers that hang up when it is not */
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
		queue_add(&s->all->silence, &s->silence_due, s);
}


static bool is_of_dialog(const struct subscriber *s, const struct sip_msg *msg)
{
	const struct sip_dialog *dlg = sender_dialog(s->sender);

	return sip_dialog_established(dlg) ? sip_dialog_cmp(dlg, msg)
		: sip_dialog_cmp_half(dlg, msg);
}


/* What answers our un-SUBSCRIBE: RFC 6665 section 4.2.1.4 */
static bool is_farewell(const struct subscriber *s, const struct sip_msg *msg)
{
	const struct sip_hdr *hdr =
		sip_msg_hdr(msg, SIP_HDR_SUBSCRIPTION_STATE);
	struct sipevent_substate state;

	return s && !s->expires && hdr &&
		!substate_decode(&state, &hdr->val) &&
		state.state == SIPEVENT_TERMINATED &&
		state.reason == SIPEVENT_TIMEOUT;
}


/*
 * The id says which one of several it is. The first REFER of a dialog may go
 * without (RFC 3515 section 2.4.6), some never have one, or that of the REFER
 * before the challenge: of the one that is open then.
 */
static struct subscriber *find(const struct subscribers *all,
			       const struct sip_msg *msg, const struct pl *id)
{
	const uint32_t key = hash_joaat_pl(&msg->callid);
	struct subscriber *open = NULL, *late = NULL;
	uint32_t num;
	const bool has_num = pl_isset(id) && text_number(&num, id);
	unsigned openc = 0;
	struct le *le;

	LIST_FOREACH(hash_list(all->ht, key), le) {
		struct subscriber *s = le->data;

		/* before its REFER is out it can have none */
		if (!s->sent || !is_of_dialog(s, msg))
			continue;

		if (pl_isset(id) && pl_u32(id) == s->id)
			return s;

		/* of an older REFER, which is over */
		if (has_num && num < s->first)
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


/* After a BYE there is no other request whose order could matter */
static bool is_in_order(struct subscriber *s, const struct sip_msg *msg)
{
	return sip_dialog_rseq_valid(sender_dialog(s->sender), msg) ||
		(s->call_over && msg->cseq.num > s->rseq);
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
	if (!has_dialog(s))
		(void)sip_dialog_create(sender_dialog(s->sender), msg);
}


static void handle(struct subscriber *s, const struct sip_msg *msg,
		   const struct pl *id)
{
	static const struct refusal out_of_order = {
		500, "Server Internal Error", NULL
	};
	const struct refusal *ref;
	struct sipevent_substate state;
	struct sipfrag frag;
	uint32_t expires = EXPIRES_UNSAID;

	ref = is_in_order(s, msg) ? notify_decode(&state, &frag, msg)
		: &out_of_order;
	if (ref) {
		(void)sip_treply(NULL, s->all->sip, msg, ref->scode,
				 ref->reason);
		return;
	}

	(void)sip_treply(NULL, s->all->sip, msg, 200, "OK");
	learn(s, msg, id);

	(void)text_number(&expires, &state.expires);
	if (!s->call_over)
		live(s, expires, state.state != SIPEVENT_TERMINATED);

	s->ended = notify_is_last(&state, frag.scode);

	mem_ref(s);

	if (frag.scode && s->statush)
		s->statush(&frag, msg, s->arg);

	if (s->ended && mem_nrefs(s) > 1)
		end(s, 0, sipevent_reason_name(state.reason));

	mem_deref(s);
}


/** Handle a NOTIFY with "Event: refer"; false if it is for none of ours: the
    libre answers it with 481 then */
bool subscriber_notify(struct subscribers *all, const struct sip_msg *msg)
{
	struct sipevent_event event;
	struct subscriber *s;

	(void)event_decode(&event, &sip_msg_hdr(msg, SIP_HDR_EVENT)->val);

	s = find(all, msg, &event.id);
	if (s)
		handle(s, msg, &event.id);

	return s != NULL;
}
