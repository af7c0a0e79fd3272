/**
 * @file response.c  A response to an INVITE of ours
 *
 * It counts if it belongs to the transaction (RFC 3261 section 17.1.3: libre
 * has matched its Via branch) and repeats what we have sent (section 8.2.6.2:
 * Call-ID, From-tag, CSeq). libre 1.x follows a redirection whatever it
 * repeats, if it has the right branch, so that each 3xx is shown to it as 480
 * while there is an INVITE of ours, whatever call it names.
 */
#include <re.h>
#include "core/call_watch.h"
#include "core/core.h"
#include "core/dialogs.h"
#include "core/invite.h"
#include "core/inviting.h"
#include "core/ladder.h"
#include "core/transfers.h"
#include "host/host.h"
#include "host/libre.h"
#include "syntax/sipfrag.h"


static bool cmp_handler(struct le *le, void *arg)
{
	const struct invite *inv = le->data;
	const struct sip_msg *msg = arg;

	return !pl_strcmp(&msg->callid, inv->watch.callid);
}


static struct invite *find(struct invites *is, const struct sip_msg *msg)
{
	struct le *le;

	for (le = list_head(&is->idle); le; ) {
		struct invite *inv = le->data;

		le = le->next;
		invite_index(inv);
	}

	return list_ledata(hash_lookup(is->ht, hash_joaat_pl(&msg->callid),
				       cmp_handler, (void *)msg));
}


/* It repeats what we have sent */
static bool is_ours(const struct invite *inv, const struct sip_msg *msg)
{
	const struct sip_dialog *dlg =
		call_alive(&inv->watch) ? dialogs_of(inv->all->refer->dialogs,
						     inv->watch.call) : NULL;

	return sip_dialog_cmp_half(dlg, msg) &&
		libre_invite_cseq(dlg) == msg->cseq.num;
}


/** Look at a response before the softphone does; resp->reason is to be
    dereferenced */
void invites_look(struct invites *is, struct response *resp)
{
	struct sip_msg *msg = (struct sip_msg *)resp->msg;
	const struct invite *inv;
	bool ours;

	is->response = resp;

	if (!is->idle.head && !is->l.head)
		return;

	inv = find(is, msg);
	ours = inv && is_ours(inv, msg);
	(void)pl_strdup(&resp->reason, &msg->reason);
	if (ours)
		ladder_received(transfers_ladder(is->refer->transfers,
						 inv->transfer, false),
				REFER_PARTY_TARGET, msg);

	if (msg->scode >= 300 && msg->scode < 400) {
		resp->foreign = !inv && !libre_compares();
		if (inv || resp->foreign)
			msg->scode = 480;
	}
	else if (msg->scode >= 200 && msg->scode < 300) {
		if (ours && inv->handlers->answerh)
			inv->handlers->answerh(inv->arg);
	}
}


static void progress(struct invites *is, const struct response *resp)
{
	struct sipfrag frag = {resp->scode, PL_INIT};
	struct invite *inv;
	char *reason;

	if (resp->scode <= 100 || resp->scode >= 200 || !resp->reason)
		return;

	inv = find(is, resp->msg);
	if (!inv || !is_ours(inv, resp->msg))
		return;

	if (resp->scode == inv->scode && !str_cmp(resp->reason, inv->reason))
		return;

	reason = mem_ref(resp->reason);
	mem_deref(inv->reason);
	inv->reason = reason;
	inv->scode  = resp->scode;

	pl_set_str(&frag.reason, reason);
	if (inv->handlers->progressh)
		inv->handlers->progressh(&frag, inv->arg);
}


/** The softphone has seen a response: if ours, it belongs to a transaction */
void invites_seen(struct invites *is, const struct response *resp, bool ours)
{
	is->response = NULL;

	if (!ours)
		return;

	if (resp->foreign)
		warning("refer: a call was redirected, which is not followed"
			" while a transfer calls its target\n");

	progress(is, resp);
}
