/**
 * @file subscribed.c  A SUBSCRIBE that comes for a REFER
 *
 * It refreshes the subscription, or ends it (RFC 3515 section 2.4.4, RFC 6665
 * section 4.2.1).
 */
#include <re.h>
#include "core/dialogs.h"
#include "core/sender.h"
#include "referee/notifier.h"
#include "referee/referee.h"
#include "syntax/event_header.h"
#include "syntax/text.h"


static bool dialog_handler(struct le *le, void *arg)
{
	const struct notifier *n = le->data;

	return sip_dialog_cmp(sender_dialog(n->sender), arg);
}


static bool event_handler(struct le *le, void *arg)
{
	const struct notifier *n = le->data;
	const struct sip_msg *msg = arg;
	const struct sip_hdr *hdr = sip_msg_hdr(msg, SIP_HDR_EVENT);
	struct sipevent_event ev;

	return dialog_handler(le, arg) && !event_decode(&ev, &hdr->val) &&
		(!pl_isset(&ev.id) || pl_u32(&ev.id) == n->id);
}


static void subscribe_reply(const struct notifier *n,
			    const struct sip_msg *msg, uint32_t expires)
{
	struct sip_contact contact;

	sip_contact_set(&contact, sender_cuser(n->sender), &msg->dst,
			msg->tp);

	(void)sip_treplyf(NULL, NULL, n->sip, msg, true, 200, "OK",
			  "%H"
			  "Expires: %u\r\n"
			  "Content-Length: 0\r\n\r\n",
			  sip_contact_print, &contact, expires);
}


/* What is no number, or a huge one, is as good as nothing */
static uint32_t wanted_expires(const struct notifier *n,
			       const struct sip_msg *msg)
{
	uint32_t expires;

	if (!text_number(&expires, &msg->expires))
		return n->expires;

	return min(expires, n->expires);
}


/** Handle a SUBSCRIBE that refreshes or ends a subscription; false if it
    fits none of ours. The call goes on either way (RFC 3515 section 2.4.4) */
bool notifier_subscribe(struct notifiers *ns, const struct sip_msg *msg)
{
	struct notifier *n;
	uint32_t expires;

	n = list_ledata(hash_lookup(ns->ht, hash_joaat_pl(&msg->callid),
				    event_handler, (void *)msg));
	if (!n)
		return false;

	if (!sip_dialog_rseq_valid(sender_dialog(n->sender), msg)) {
		(void)sip_treply(NULL, n->sip, msg, 500,
				 "Server Internal Error");
		sender_record_answer(n->sender, msg, 500,
				     "Server Internal Error");
		return true;
	}

	expires = wanted_expires(n, msg);
	subscribe_reply(n, msg, expires);
	sender_record_answer(n->sender, msg, 200, "OK");
	dialog_refresh(sender_dialog(n->sender), msg);

	if (expires) {
		notifier_live(n, expires);
		n->ts  = 0;
		n->due = true;
		notifier_flush(n);
	}
	else {
		notifier_end(n, SIPEVENT_TIMEOUT);
	}

	return true;
}


/** Find the dialog of a subscription, in which a request came, or NULL */
struct sip_dialog *notifiers_dialog(const struct notifiers *ns,
				    const struct sip_msg *msg)
{
	const struct notifier *n;

	n = list_ledata(hash_lookup(ns->ht, hash_joaat_pl(&msg->callid),
				    dialog_handler, (void *)msg));

	return n ? sender_dialog(n->sender) : NULL;
}
