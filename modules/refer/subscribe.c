/**
 * @file subscribe.c  SUBSCRIBE in the subscription that a sent REFER makes
 *
 * To live longer, or to end (RFC 3515 section 2.4.6, RFC 6665 section 4.1.2).
 * The Event is the one of the NOTIFYs, with the same id or none. A refusal
 * ends what RFC 5057 says that it ends.
 */
#include <re.h>
#include "core.h"
#include "subscriber.h"
#include "header.h"
#include "text.h"


static int send_handler(LIBRE_SEND_PARAMS)
{
	struct subscriber *s = arg;

	s->out = true;

	return header_write_contact(mb, s->cuser, src, tp);
}


/* Responses to SUBSCRIBE that end the subscription, RFC 5057 section 5.1 */
static bool is_fatal(uint16_t scode)
{
	static const uint16_t codev[] = {
		404, 405, 410, 416, 480, 481, 482, 483, 484, 485, 489, 501,
		502, 604
	};
	size_t i;

	for (i=0; i<ARRAY_SIZE(codev); ++i) {
		if (scode == codev[i])
			return true;
	}

	return false;
}


/* 423: it wants to live longer, which is granted once */
static bool is_too_brief(struct subscriber *s, const struct sip_msg *msg)
{
	const struct sip_hdr *hdr = sip_msg_hdr(msg, SIP_HDR_MIN_EXPIRES);
	uint32_t least;

	if (msg->scode != 423 || !hdr || !text_number(&least, &hdr->val) ||
	    least <= s->expires || s->expires != s->refer->set.expires)
		return false;

	s->expires = least;

	return true;
}


static void response_handler(int err, const struct sip_msg *msg, void *arg)
{
	struct subscriber *s = arg;
	uint32_t expires;
	char reason[128];

	/* without an answer it lives until it expires */
	if (err || msg->scode < 200)
		return;

	if ((creds_answer(&s->creds, msg) || is_too_brief(s, msg)) &&
	    !subscriber_subscribe(s))
		return;

	/* it was to live on when this was sent, and is not any more */
	if (!s->expires && s->asked && !is_fatal(msg->scode)) {
		(void)subscriber_subscribe(s);
		return;
	}

	if (msg->scode < 300) {
		creds_accepted(&s->creds);
		if (text_number(&expires, &msg->expires))
			subscriber_live(s, expires, true);
		return;
	}

	(void)re_snprintf(reason, sizeof(reason),
			  "the subscription was refused: %u %r", msg->scode,
			  &msg->reason);
	info("refer: REFER %u: %H\n", s->id, text_clean_str, reason);

	/* a notifier that has hung up may tell the outcome even so */
	if (is_fatal(msg->scode) && !s->call_over)
		subscriber_end(s, EPROTO, reason);
}


static int print_event(struct re_printf *pf, const struct subscriber *s)
{
	if (!s->notified)
		return re_hprintf(pf, "refer;id=%u", s->id);

	return re_hprintf(pf, "refer%s%s", s->said ? ";id=" : "",
			  s->said ? s->said : "");
}


/**
 * Refresh a subscription, or end it
 *
 * @param s Subscriber, with no other SUBSCRIBE under way
 *
 * @return 0 if success, otherwise errorcode
 */
int subscriber_subscribe(struct subscriber *s)
{
	s->asked = s->expires;
	s->out   = false;

	return sip_drequestf(&s->req, s->refer->sip, true, "SUBSCRIBE",
			     s->dlg, 0, s->creds.auth, send_handler,
			     response_handler, s,
			     "Event: %H\r\n"
			     "Expires: %u\r\n"
			     "Content-Length: 0\r\n"
			     "\r\n", print_event, s, s->expires);
}
