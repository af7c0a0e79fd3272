/**
 * @file sender.c  A request of ours in a dialog, until its response
 *
 * REFER, NOTIFY and SUBSCRIBE alike: digest (RFC 3261 section 22), a Contact,
 * and a limit of time that includes the look-up of names.
 */
#include <string.h>
#include <re.h>
#include "core/call_watch.h"
#include "core/core.h"
#include "core/dialogs.h"
#include "core/intercept.h"
#include "core/ladder.h"
#include "core/queue.h"
#include "core/sender.h"
#include "core/transfers.h"
#include "host/host.h"
#include "host/libre.h"


enum {
	TEXT_SIZE = 512,         /* Of most requests [bytes]               */
	TIMER_F   = 64 * SIP_T1, /* A request, with DNS [ms]               */
	GONE_TIME = 1000,        /* To find a name, without user agent [ms] */
};

/* Lives as long as a sender: a last NOTIFY outlives the module */
struct senders {
	struct sip *sip;
	struct call_watches *watches;
	struct transfers *transfers;
	struct queue queue;      /* Those with a request under way */
	sender_sent_h *senth;    /* NULL once the module is gone   */
	void *arg;
};

struct sender {
	struct queue_entry due;
	struct tmr tmr_gone;
	struct call_watch watch; /* Of the user agent, until it is out */
	struct senders *senders;
	const struct ua *ua;
	struct sip_dialog *dlg;
	struct sip_request *req;
	struct sip_auth *auth;
	struct sip_loopstate ls;
	bool worked;             /* The credentials were accepted   */
	bool out;                /* It was sent, its name is known  */
	uint32_t cseq;           /* As it was sent last             */
	uint32_t transfer;       /* Which it is for, or 0           */
	const char *met;
	struct mbuf *text;       /* Until it is out                 */
	char *cuser;
	sender_again_h *againh;
	sip_resp_h *resph;
	void *arg;
};


/* For libre, which starts Timer F when the request is out, it can be minutes
   of asking name servers */
static void timeout_handler(void *arg)
{
	struct sender *s = arg;

	s->out = false;
	sender_stop(s);
	s->resph(ETIMEDOUT, NULL, s->arg);
}


static void senders_destructor(void *arg)
{
	struct senders *senders = arg;

	queue_close(&senders->queue);
	mem_deref(senders->watches);
	mem_deref(senders->transfers);
}


int senders_alloc(struct senders **sp, struct sip *sip,
		  struct call_watches *watches, struct transfers *transfers,
		  sender_sent_h *senth, void *arg)
{
	struct senders *senders;

	senders = mem_zalloc(sizeof(*senders), senders_destructor);
	if (!senders)
		return ENOMEM;

	senders->sip     = sip;
	senders->watches = mem_ref(watches);
	senders->transfers = mem_ref(transfers);
	senders->senth   = senth;
	senders->arg     = arg;
	queue_init(&senders->queue, TIMER_F, timeout_handler);
	*sp = senders;

	return 0;
}


/** Tell nobody any more what is sent: some may go on without the protocol */
void senders_close(struct senders *senders)
{
	if (senders)
		senders->senth = NULL;
}


/* A request of a user agent that is gone does not wait long for a name: it
   would hold up quitting for minutes */
static void gone_handler(enum call_change change, uint16_t scode,
			 const char *reason, void *arg)
{
	struct sender *s = arg;
	(void)change;
	(void)scode;
	(void)reason;

	if (!s->out)
		tmr_start(&s->tmr_gone, GONE_TIME, timeout_handler, s);
}


static void destructor(void *arg)
{
	struct sender *s = arg;

	sender_stop(s);
	mem_deref(s->senders);
	mem_deref(s->dlg);
	mem_deref(s->auth);
	mem_deref(s->cuser);
	mem_deref(s->text);
}


static struct ladder *ladder(const struct sender *s)
{
	return transfers_ladder(s->senders->transfers, s->transfer, false);
}


/** What is sent, and its responses, belong to a transfer of that number */
void sender_record(struct sender *s, uint32_t id)
{
	s->transfer = id;
}


/** Record a request that belongs to the same transfer, and our response to it
    */
void sender_record_answer(const struct sender *s, const struct sip_msg *msg,
			  uint16_t scode, const char *reason)
{
	ladder_received(ladder(s), REFER_PARTY_PEER, msg);
	ladder_response(ladder(s), &msg->met, scode, reason, &pl_null);
}


/** Allocate a sender with the credentials and the Contact of a user agent; the
    dialog can be set later. The response handler gets provisional responses,
    then once the final one, or an error: ETIMEDOUT, or EBADMSG if the response
    is another request's. It may let go of the sender */
int sender_alloc(struct sender **sp, struct senders *senders,
		 const struct ua *ua, struct sip_dialog *dlg,
		 sender_again_h *againh, sip_resp_h *resph, void *arg)
{
	struct sender *s;
	int err;

	s = mem_zalloc(sizeof(*s), destructor);
	if (!s)
		return ENOMEM;

	s->senders = mem_ref(senders);
	s->ua      = ua;
	s->dlg     = mem_ref(dlg);
	s->againh  = againh;
	s->resph   = resph;
	s->arg     = arg;

	err  = str_dup(&s->cuser, host_ua_cuser(ua));
	err |= sip_auth_alloc(&s->auth, host_auth, host_ua_auth_arg(ua), true);
	if (err)
		mem_deref(s);
	else
		*sp = s;

	return err;
}


/* Answer a challenge, if it is one and we have not tried in vain */
static bool authenticate(struct sender *s, const struct sip_msg *msg)
{
	const enum sip_hdrid id = msg->scode == 401 ?
		SIP_HDR_WWW_AUTHENTICATE : SIP_HDR_PROXY_AUTHENTICATE;
	int err;

	if (msg->scode != 401 && msg->scode != 407)
		return false;

	if (!sip_msg_hdr(msg, id) || sip_request_loops(&s->ls, msg->scode))
		return false;

	err = challenge_answer(s->auth, msg, id, s->worked);
	s->worked = false;

	return !err;
}


/* libre compares the Via branch only, see RFC 3261 section 8.2.6.2 */
static bool is_ours(const struct sender *s, const struct sip_msg *msg)
{
	return sip_dialog_cmp_half(s->dlg, msg) && msg->cseq.num == s->cseq;
}


static void response_handler(int err, const struct sip_msg *msg, void *arg)
{
	struct sender *s = arg;
	const bool ours = !err && is_ours(s, msg);

	if (ours)
		ladder_received(ladder(s), REFER_PARTY_PEER, msg);

	if (!err && msg->scode < 200) {
		if (ours)
			s->resph(0, msg, s->arg);
		return;
	}

	sender_stop(s);

	if (!ours) {
		s->resph(err ? err : EBADMSG, NULL, s->arg);
		return;
	}

	if (authenticate(s, msg) && !s->againh(s->arg))
		return;

	if (msg->scode < 300) {
		sip_loopstate_reset(&s->ls);
		s->worked = true;
		if (pl_strcmp(&msg->cseq.met, "NOTIFY"))
			dialog_learn(s->dlg, msg);
	}

	s->resph(0, msg, s->arg);
}


/* It is out: a REFER may be the first message of its transfer */
static void record(struct sender *s)
{
	const struct pl text = {(char *)s->text->buf, s->text->end};

	ladder_request(transfers_ladder(s->senders->transfers, s->transfer,
					!strcmp(s->met, "REFER")),
		       REFER_PARTY_PEER, s->met, sip_dialog_uri(s->dlg),
		       &text);
	s->text = mem_deref(s->text);
}


/* The Contact, when it is known where the request leaves from */
static int send_handler(LIBRE_SEND_PARAMS)
{
	struct sender *s = arg;
	struct sip_contact contact;

	s->out = true;
	if (s->text)
		record(s);

	sip_contact_set(&contact, s->cuser, src, tp);

	return mbuf_printf(mb, "%H", sip_contact_print, &contact);
}


/** Send a request, unless busy; fmt has headers that are not the dialog's, and
    the body */
int sender_request(struct sender *s, const char *met, const char *fmt, ...)
{
	struct mbuf *text = mbuf_alloc(TEXT_SIZE);
	va_list ap;
	int err;

	if (!text)
		return ENOMEM;

	va_start(ap, fmt);
	err = mbuf_vprintf(text, fmt, ap);
	va_end(ap);
	if (err)
		goto out;

	s->cseq = sip_dialog_lseq(s->dlg);
	s->out  = false;
	s->text = mem_deref(s->text);

	err = sip_drequestf(&s->req, s->senders->sip, true, met, s->dlg, 0,
			    s->auth, send_handler, response_handler, s,
			    "%b", text->buf, text->end);
	if (err)
		goto out;

	if (s->senders->senth)
		s->senders->senth(s->dlg, s->cseq, s->senders->arg);
	s->met  = met;
	s->text = mem_ref(text);
	if (s->out)
		record(s);

	queue_add(&s->senders->queue, &s->due, s);

	/* the name is being looked up */
	if (!s->out)
		(void)call_watch(&s->watch, s->senders->watches, s->ua, NULL,
				 gone_handler, s);

 out:
	mem_deref(text);

	return err;
}


/** Want no response any more; what is not out never goes out */
void sender_stop(struct sender *s)
{
	queue_remove(&s->due);
	tmr_cancel(&s->tmr_gone);
	call_unwatch(&s->watch);

	if (s->out)
		s->req = mem_deref(s->req);
	else
		intercept_drop(&s->req);
}


/** Send in another dialog from now on; not while busy */
void sender_set_dialog(struct sender *s, struct sip_dialog *dlg)
{
	mem_deref(s->dlg);
	s->dlg = mem_ref(dlg);
}


struct sip_dialog *sender_dialog(const struct sender *s)
{
	return s->dlg;
}


/** The user part of its Contact */
const char *sender_cuser(const struct sender *s)
{
	return s->cuser;
}


/** The CSeq of the request that was sent last */
uint32_t sender_cseq(const struct sender *s)
{
	return s->cseq;
}


bool sender_busy(const struct sender *s)
{
	return s && s->req;
}


/** Tell whether a response ends the subscription that the request is of: RFC
    6665 sections 4.1.2.2 and 4.2.2 */
bool sender_is_fatal(uint16_t scode)
{
	static const uint16_t codev[] = {
		404, 405, 410, 416, 480, 481, 482, 483, 484, 485, 489, 501, 604
	};
	size_t i;

	for (i=0; i<ARRAY_SIZE(codev); ++i) {
		if (scode == codev[i])
			return true;
	}

	return false;
}
