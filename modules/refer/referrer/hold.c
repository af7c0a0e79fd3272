/**
 * @file hold.c  A call on hold, before it is transferred (RFC 5589 section 6)
 *
 * The softphone sends the re-INVITE; here its final response is waited for,
 * and the ACK, which is out when the softphone has seen the response. What
 * the softphone sends again by itself, after a challenge or 491, is waited
 * for too.
 */
#include <re.h>
#include "core/core.h"
#include "host/host.h"
#include "referrer/referrer.h"


enum {
	ANSWER_TIME = 40000,   /* longer than the INVITE's transaction [ms] */
	GLARE_TIME  = 10000,   /* 491 again and again [ms]                  */
};

struct hold {
	struct le he;
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


static void destructor(void *arg)
{
	struct hold *h = arg;

	hash_unlink(&h->he);
	tmr_cancel(&h->tmr);
	tmr_cancel(&h->tmr_limit);
	mem_deref(h->dlg);
}


/* The owner may let it go here: call it last */
static void end(struct hold *h, int err)
{
	hash_unlink(&h->he);
	tmr_cancel(&h->tmr);
	tmr_cancel(&h->tmr_limit);
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


static struct hold *find(const struct refer *refer,
			 const struct sip_dialog *dlg)
{
	const uint32_t key = hash_joaat_str(sip_dialog_callid(dlg));
	struct le *le;

	LIST_FOREACH(hash_list(refer->ht_hold, key), le) {
		struct hold *h = le->data;

		if (h->dlg == dlg)
			return h;
	}

	return NULL;
}


/**
 * Tell whether a call is being put on hold
 *
 * @param refer Protocol
 * @param dlg   Dialog of the call
 *
 * @return True if the response to the re-INVITE is waited for
 */
bool hold_under_way(const struct refer *refer, const struct sip_dialog *dlg)
{
	return find(refer, dlg) != NULL;
}


/**
 * Put a call on hold, or wait for what does so already
 *
 * A refused re-INVITE is no error: the call is not on hold then, and can be
 * transferred even so. Letting go of it ends the waiting and nothing else.
 *
 * @param hp    Pointer to allocated hold
 * @param refer Protocol
 * @param call  Call, established
 * @param dlg   Its dialog
 * @param h     Handler
 * @param arg   Handler argument
 *
 * @return 0 if success, otherwise errorcode: it is as before then
 */
int hold_alloc(struct hold **hp, struct refer *refer, struct call *call,
	       struct sip_dialog *dlg, hold_h *h, void *arg)
{
	const struct hold *other = find(refer, dlg);
	struct hold *hold;
	int err;

	hold = mem_zalloc(sizeof(*hold), destructor);
	if (!hold)
		return ENOMEM;

	hold->dlg  = mem_ref(dlg);
	hold->cseq = other ? other->cseq : sip_dialog_lseq(dlg);
	hold->h    = h;
	hold->arg  = arg;

	err = host_call_hold(call, true);
	if (err) {
		(void)host_call_hold(call, false);
		mem_deref(hold);
		return err;
	}

	hash_append(refer->ht_hold, hash_joaat_str(sip_dialog_callid(dlg)),
		    &hold->he, hold);
	tmr_start(&hold->tmr_limit, ANSWER_TIME, limit_handler, hold);

	*hp = hold;

	return 0;
}


static bool is_response(const struct hold *h, const struct sip_msg *msg)
{
	return msg->scode >= 200 && msg->cseq.num >= h->cseq &&
		msg->cseq.num < h->before && sip_dialog_cmp(h->dlg, msg);
}


/**
 * Look at a response before the softphone does
 *
 * @param refer Protocol
 * @param msg   Response to an INVITE
 */
void hold_look(struct refer *refer, const struct sip_msg *msg)
{
	struct le *le;

	LIST_FOREACH(hash_list(refer->ht_hold, hash_joaat_pl(&msg->callid)),
		     le) {
		struct hold *h = le->data;

		h->before = sip_dialog_lseq(h->dlg);
	}
}


/**
 * A response belongs to a transaction, and the softphone has seen it
 *
 * @param refer Protocol
 * @param msg   Response to an INVITE
 */
void hold_response(struct refer *refer, const struct sip_msg *msg)
{
	struct le *le;

	LIST_FOREACH(hash_list(refer->ht_hold, hash_joaat_pl(&msg->callid)),
		     le) {
		struct hold *h = le->data;

		if (!is_response(h, msg))
			continue;

		h->sure  = false;
		h->scode = msg->scode;
		h->lseq  = h->before;
		tmr_start(&h->tmr, 0, response_handler, h);
	}
}
