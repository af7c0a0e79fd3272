/**
 * @file notified.c  A NOTIFY that comes for a REFER of ours
 *
 * Which subscription it is for, and whether it is in order: RFC 3515 section
 * 2.4.6, RFC 6665 section 4.1.3.
 */
#include <re.h>
#include "core/dialogs.h"
#include "core/sender.h"
#include "referrer/subscriber.h"
#include "referrer/subscription.h"
#include "syntax/event_header.h"
#include "syntax/refer_to.h"
#include "syntax/sipfrag.h"
#include "syntax/text.h"


enum {
	EXPIRES_UNSAID = 300,    /* where a NOTIFY does not say it [s]  */
};


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


/* The last one of an older REFER, from a peer that tells no ids: it comes
   before the answer to the newer REFER, and ends what is not over */
static bool is_last_word(const struct subscriber *s,
			 const struct subscriber *open,
			 const struct sip_msg *msg, const struct pl *id)
{
	struct sipevent_substate state;
	struct sipfrag frag;

	return s && s->notified && !s->said && !pl_isset(id) &&
		!open->notified && !open->confirmed &&
		!notify_decode(&state, &frag, msg) &&
		notify_is_last(&state, frag.scode);
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

		if (s->over && (!late || !late->statush))
			late = s;
		else if (!s->over && !openc++)
			open = s;
	}

	if (openc > 1 && pl_isset(id))
		return NULL;

	return open && !is_farewell(late, msg) &&
		!is_last_word(late, open, msg, id) ? open : late;
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
	s->heard    = true;
	s->rseq     = msg->cseq.num;
	if (!s->over)
		queue_remove(&s->silence_due);

	/* the first one may make the dialog, if it has a Contact */
	dialog_learn(sender_dialog(s->sender), msg);
}


static void refuse(struct subscriber *s, const struct sip_msg *msg,
		   const struct refusal *ref)
{
	(void)sip_treplyf(NULL, NULL, s->all->sip, msg, false, ref->scode,
			  ref->reason, "%sContent-Length: 0\r\n\r\n",
			  ref->scode == 415 ?
			  "Accept: message/sipfrag\r\n" : "");
	sender_record_answer(s->sender, msg, ref->scode, ref->reason);
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
		refuse(s, msg, ref);
		return;
	}

	(void)sip_treply(NULL, s->all->sip, msg, 200, "OK");
	sender_record_answer(s->sender, msg, 200, "OK");
	learn(s, msg, id);

	/* it means nothing when the subscription ends */
	if (state.state != SIPEVENT_TERMINATED)
		(void)text_number(&expires, &state.expires);
	if (!s->call_over)
		subscription_live(s, expires,
				  state.state != SIPEVENT_TERMINATED);

	s->ended = notify_is_last(&state, frag.scode);

	mem_ref(s);

	if (frag.scode && s->statush)
		s->statush(&frag, msg, s->arg);

	if (s->ended && mem_nrefs(s) > 1)
		subscription_end(s, 0, sipevent_reason_name(state.reason));

	mem_deref(s);
}


/** Handle a NOTIFY with "Event: refer"; false if it fits no subscription
    of ours: libre answers it with 481 then */
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


static bool dialog_handler(struct le *le, void *arg)
{
	const struct subscriber *s = le->data;

	return sip_dialog_cmp(sender_dialog(s->sender), arg);
}


/** Find the dialog of a subscription of ours, in which a request came, or NULL
    */
struct sip_dialog *subscribers_dialog(const struct subscribers *all,
				      const struct sip_msg *msg)
{
	const struct subscriber *s;

	s = list_ledata(hash_lookup(all->ht, hash_joaat_pl(&msg->callid),
				    dialog_handler, (void *)msg));

	return s ? sender_dialog(s->sender) : NULL;
}
