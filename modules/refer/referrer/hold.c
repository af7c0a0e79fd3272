/**
 * @file hold.c  A call on hold, before it is transferred (RFC 5589 section 6)
 *
 * The softphone sends the re-INVITE; this waits for its final response and for
 * the ACK, which is out when the softphone has seen the response. It also
 * waits for what the softphone sends again by itself, after a challenge or
 * 491.
 */
#include <re.h>
#include "core/call_watch.h"
#include "host/host.h"
#include "host/libre.h"
#include "referrer/hold.h"


enum {
	HASH_SIZE   = 1024,
	ANSWER_TIME = 40000,   /* longer than the INVITE's transaction [ms] */
	GLARE_TIME  = 10000,   /* 491 again and again [ms]                  */
};

struct holds {
	struct hash *ht;          /**< struct hold, by Call-ID            */
	uint32_t n;               /**< So many are there                  */
	struct tmr tmr;           /**< Until a call is resumed            */
	struct call *call;        /**< That call, only to compare; NULL if
				       it is to stay on hold              */
	char *callid;             /**< Its Call-ID                        */
};

struct hold {
	struct le he;
	struct holds *all;
	struct tmr tmr;
	struct tmr tmr_limit;
	struct sip_dialog *dlg;
	uint32_t cseq;            /**< It has this CSeq, or a higher one  */
	uint32_t before;          /**< Next CSeq before a response        */
	uint32_t lseq;            /**< The same, of one that was ours     */
	uint16_t scode;           /**< The response                       */
	bool glare;               /**< There was a 491                    */
	bool sure;                /**< Nothing was sent again             */
	hold_h *h;
	void *arg;
};


static void holds_destructor(void *arg)
{
	struct holds *hs = arg;

	holds_close(hs);
	mem_deref(hs->ht);
}


int holds_alloc(struct holds **hsp)
{
	struct holds *hs;
	int err;

	hs = mem_zalloc(sizeof(*hs), holds_destructor);
	if (!hs)
		return ENOMEM;

	err = hash_alloc(&hs->ht, HASH_SIZE);
	if (err)
		mem_deref(hs);
	else
		*hsp = hs;

	return err;
}


static void stop(struct hold *h)
{
	if (h->he.list)
		--h->all->n;

	hash_unlink(&h->he);
	tmr_cancel(&h->tmr);
	tmr_cancel(&h->tmr_limit);
}


static void destructor(void *arg)
{
	struct hold *h = arg;

	stop(h);
	mem_deref(h->dlg);
}


/* The owner may let it go here: call it last */
static void end(struct hold *h, int err)
{
	stop(h);
	h->h(err, h->arg);
}


static void limit_handler(void *arg)
{
	struct hold *h = arg;

	end(h, h->glare ? 0 : ETIMEDOUT);
}


/* Others wait for the same: REFER goes out now, which moves the CSeq */
static void tell_others(const struct hold *h)
{
	struct le *le;

	LIST_FOREACH(h->he.list, le) {
		struct hold *other = le->data;

		if (other->dlg == h->dlg)
			other->sure = true;
	}
}


static void response_handler(void *arg)
{
	struct hold *h = arg;

	/* sent again, with credentials */
	if (!h->sure && sip_dialog_lseq(h->dlg) != h->lseq)
		return;

	tell_others(h);

	if (h->scode != 491) {
		end(h, 0);
	}
	else if (!h->glare) {
		h->glare = true;
		tmr_start(&h->tmr_limit, GLARE_TIME, limit_handler, h);
	}
}


static struct list *find_list(const struct holds *hs,
			      const struct sip_dialog *dlg)
{
	return hash_list(hs->ht, hash_joaat_str(sip_dialog_callid(dlg)));
}


static struct hold *find(const struct holds *hs, const struct sip_dialog *dlg)
{
	struct le *le;

	LIST_FOREACH(find_list(hs, dlg), le) {
		struct hold *h = le->data;

		if (h->dlg == dlg)
			return h;
	}

	return NULL;
}


/** Tell whether the response to a re-INVITE for hold is waited for */
bool hold_under_way(const struct holds *hs, const struct sip_dialog *dlg)
{
	return find(hs, dlg) != NULL;
}


/* Nothing is to be sent if another one waits for the same */
static int start(struct call *call, bool held, bool waited_for)
{
	if (!held)
		return host_call_hold(call, true);

	return waited_for ? 0 : host_call_hold_again(call);
}


/** Put an established call on hold, or wait for what does so already. A
    refused re-INVITE is no error: the call is not on hold then, and can be
    transferred even so. Letting go of it ends the waiting and nothing else */
int hold_alloc(struct hold **hp, struct holds *hs, struct call *call,
	       struct sip_dialog *dlg, hold_h *h, void *arg)
{
	const struct hold *other = find(hs, dlg);
	const bool held = host_call_held(call);
	struct hold *hold;
	int err;

	hold = mem_zalloc(sizeof(*hold), destructor);
	if (!hold)
		return ENOMEM;

	hold->all  = hs;
	hold->dlg  = mem_ref(dlg);
	hold->h    = h;
	hold->arg  = arg;

	if (other)
		hold->cseq = other->cseq;
	else
		hold->cseq = held ? libre_invite_cseq(dlg)
			: sip_dialog_lseq(dlg);

	err = start(call, held, other != NULL);
	if (err) {
		if (!held)
			(void)host_call_hold(call, false);
		mem_deref(hold);
		return err;
	}

	hash_append(hs->ht, hash_joaat_str(sip_dialog_callid(dlg)), &hold->he,
		    hold);
	++hs->n;
	tmr_start(&hold->tmr_limit, ANSWER_TIME, limit_handler, hold);

	*hp = hold;

	return 0;
}


static bool is_response(const struct hold *h, const struct sip_msg *msg)
{
	return msg->scode >= 200 && msg->cseq.num >= h->cseq &&
		msg->cseq.num < h->before && sip_dialog_cmp(h->dlg, msg);
}


/** A response to an INVITE came, which the softphone has not seen yet */
void hold_look(struct holds *hs, const struct sip_msg *msg)
{
	struct le *le;

	LIST_FOREACH(hash_list(hs->ht, hash_joaat_pl(&msg->callid)), le) {
		struct hold *h = le->data;

		h->before = sip_dialog_lseq(h->dlg);
	}
}


/** A request was sent that is no INVITE: the softphone has not sent that one
    again */
void hold_sent(struct holds *hs, const struct sip_dialog *dlg, uint32_t cseq)
{
	struct le *le;

	/* nearly always */
	if (!hs->n)
		return;

	LIST_FOREACH(find_list(hs, dlg), le) {
		struct hold *h = le->data;

		if (h->dlg == dlg && tmr_isrunning(&h->tmr) && h->lseq == cseq)
			++h->lseq;
	}
}


/** It belongs to a transaction, and the softphone has seen it */
void hold_response(struct holds *hs, const struct sip_msg *msg)
{
	struct le *le;

	LIST_FOREACH(hash_list(hs->ht, hash_joaat_pl(&msg->callid)), le) {
		struct hold *h = le->data;

		if (!is_response(h, msg))
			continue;

		h->sure  = false;
		h->scode = msg->scode;
		h->lseq  = h->before;
		tmr_start(&h->tmr, 0, response_handler, h);
	}
}


static void resume_handler(void *arg)
{
	struct holds *hs = arg;

	if (hs->call && host_call_alive(hs->call, hs->callid))
		(void)host_call_hold(hs->call, false);

	hs->call   = NULL;
	hs->callid = mem_deref(hs->callid);
}


/** Resume a call when the event that is being handled is over. When a call
    ends baresip 1.0 resumes one that is on hold, but none now: see
    refer_holds() */
void hold_resume_later(struct holds *hs, const struct call_watch *w)
{
	mem_deref(hs->callid);
	hs->call   = w->call;
	hs->callid = mem_ref(w->callid);
	tmr_start(&hs->tmr, 0, resume_handler, hs);
}


/** The same for a call that is resumed at once, when another one has ended */
void hold_resume_none(struct holds *hs)
{
	if (!tmr_isrunning(&hs->tmr))
		tmr_start(&hs->tmr, 0, resume_handler, hs);
}


/** Keep a call on hold that was to be resumed later: who does so is to resume
    it then. False if it was not to be resumed */
bool hold_keep(struct holds *hs, const struct call *call)
{
	if (!tmr_isrunning(&hs->tmr) || hs->call != call)
		return false;

	hs->call = NULL;

	return true;
}


/** Tell whether a call is to be resumed when the event is over */
bool hold_resumes_later(const struct holds *hs)
{
	return tmr_isrunning(&hs->tmr);
}


/** Resume at once what was to be resumed later */
void holds_close(struct holds *hs)
{
	if (!hs)
		return;

	if (tmr_isrunning(&hs->tmr))
		resume_handler(hs);

	tmr_cancel(&hs->tmr);
}
