/**
 * @file subscriber.c  The subscription that a sent REFER makes
 *
 * The side of the referrer: refreshes with SUBSCRIBE while the outcome is
 * open, and ends in any case: by Timer N, expiry, or the notifier (RFC 3515
 * section 2.4.4, RFC 6665 section 4.1). Without an owner it still answers what
 * comes late. Its NOTIFYs are handled in notified.c.
 */
#include <re.h>
#include "core/queue.h"
#include "core/sender.h"
#include "host/host.h"
#include "referrer/subscriber.h"
#include "referrer/subscription.h"
#include "syntax/text.h"


enum {
	HASH_SIZE = 1024,
	LIFE_MAX  = 3600,        /* Then it is refreshed, or over [s] */
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


/** End a subscription. The owner may let the subscriber go here: call it last
    */
void subscription_end(struct subscriber *s, int err, const char *reason)
{
	s->ended = true;
	hash_unlink(&s->he);
	stop_timers(s);

	if (s->closeh)
		s->closeh(err, reason, s->arg);
	else
		mem_deref(s);
}


/* Nothing came in time. The owner may hand it over; without one nobody waits
   for it any more */
static void give_up(struct subscriber *s, const char *reason)
{
	stop_timers(s);

	if (s->closeh)
		s->closeh(ETIMEDOUT, reason, s->arg);
	else
		mem_deref(s);
}


static void silence_handler(void *arg)
{
	give_up(arg, "no NOTIFY came");
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
	give_up(arg, "the subscription expired");
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


/* To live longer, or to end (RFC 3515 section 2.4.6, RFC 6665 4.1.2) */
static int subscribe(void *arg)
{
	struct subscriber *s = arg;

	if (sender_busy(s->sender))
		return 0;

	s->asked = s->expires;
	s->heard = false;

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
		debug("refer: REFER %u: SUBSCRIBE could not be sent\n", s->id);
}


/** Let a subscription live as long as the notifier says (RFC 6665 section
    4.1.3), but for LIFE_MAX at most unless it is refreshed */
void subscription_live(struct subscriber *s, uint32_t expires, bool refresh)
{
	const uint64_t ms = min(expires, LIFE_MAX) * 1000;

	tmr_cancel(&s->tmr_refresh);

	if (s->over)
		return;

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


/* One that lives on has a NOTIFY, or is over: Timer N. Another refresh does
   not give it more time */
static void await_notify(struct subscriber *s)
{
	if (s->asked && !s->heard && !s->over && !s->call_over &&
	    !queue_left(&s->silence_due))
		queue_add(&s->all->silence, &s->silence_due, s);
}


static void response_handler(int err, const struct sip_msg *msg, void *arg)
{
	struct subscriber *s = arg;
	char reason[128];
	uint32_t expires;
	bool fatal;

	if (!err && msg->scode < 200)
		return;

	/* without an answer, or refused, it lives until it expires */
	if ((err || msg->scode >= 300) && !s->over)
		queue_remove(&s->silence_due);
	if (err)
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
		await_notify(s);
		if (text_number(&expires, &msg->expires))
			subscription_live(s, expires, true);
		return;
	}

	(void)re_snprintf(reason, sizeof(reason),
			  "the subscription was refused: %u %r", msg->scode,
			  &msg->reason);
	debug("refer: REFER %u: %H\n", s->id, text_clean_str, reason);

	/* a notifier may report the outcome after it has hung up */
	if (fatal && !s->call_over)
		subscription_end(s, EPROTO, reason);
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


/** Its messages belong to a transfer of that number */
void subscriber_record(struct subscriber *s, uint32_t id)
{
	sender_record(s->sender, id);
}


/** Set the id that the NOTIFYs carry: the CSeq of the REFER as it was sent */
void subscriber_set_id(struct subscriber *s, uint32_t id)
{
	if (!s->sent)
		s->first = id;

	s->sent = true;
	s->id   = id;
}


/** The REFER was accepted: the first NOTIFY must come within so many seconds
    (Timer N, RFC 6665 section 4.1.2.4) */
void subscriber_confirm(struct subscriber *s, uint32_t timeout)
{
	s->confirmed = true;

	if (!subscriber_notified(s))
		tmr_start(&s->tmr_expire, (uint64_t)timeout * 1000,
			  silence_handler, s);
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


/** Give a subscriber that was given up another owner, who hears what still
    comes. It lives as long as the owner wants */
void subscriber_hand_over(struct subscriber *s, subscriber_status_h *statush,
			  subscriber_close_h *closeh, void *arg)
{
	s->statush = statush;
	s->closeh  = closeh;
	s->arg     = arg;
	s->over    = true;
	stop_timers(s);
}


/** Let go of a subscriber: what the notifier still sends is answered with 200,
    for there are peers that hang up when it is not */
void subscriber_release(struct subscriber *s)
{
	if (!s)
		return;

	s->statush = NULL;
	s->closeh  = NULL;
	s->over    = true;
	stop_timers(s);

	if (s->ended)
		mem_deref(s);
	else
		queue_add(&s->all->silence, &s->silence_due, s);
}
