/**
 * @file find.c  The dialog, the call and the account that a REFER is for
 */
#include <re.h>
#include "admission/request.h"
#include "core/core.h"
#include "core/dialogs.h"
#include "core/intercept.h"
#include "host/host.h"
#include "host/libre.h"
#include "syntax/text.h"
#include "syntax/token.h"


static const struct refusal
	no_dialog = {481, "Call Does Not Exist", NULL},
	early     = {480, "Temporarily Unavailable",
		     "the call is not established yet"},
	old_cseq  = {500, "Server Internal Error", "CSeq is too low"},
	not_found = {404, "Not Found", NULL},
	forbidden = {403, "Forbidden", NULL};


/* n is as intercept_dialog() sets it */
static const struct refusal *find_call(struct request *req, unsigned n)
{
	req->call = host_call_find(sip_dialog_callid(req->dlg), n);
	req->ua   = host_call_ua(req->call);
	if (!req->ua)
		return &no_dialog;

	if (!sip_dialog_rseq_valid(req->dlg, req->msg))
		return &old_cseq;

	if (!host_call_established(req->call))
		return &early;

	req->inside = true;

	return NULL;
}


/* The tags are as the sender sees them; false if there is no such header */
static bool target_dialog_decode(struct sip_msg *key, struct pl *callid,
				 const struct sip_msg *msg)
{
	const struct sip_hdr *hdr = sip_msg_hdr(msg, SIP_HDR_TARGET_DIALOG);
	struct pl rest, name, val, ltag = PL_INIT, rtag = PL_INIT;

	if (!hdr || !pl_isset(&hdr->val))
		return false;

	rest = hdr->val;
	(void)text_cut(callid, &rest, ';');
	text_trim(callid);

	while (token_param(&name, &val, &rest)) {
		if (!pl_strcasecmp(&name, "local-tag"))
			rtag = val;
		else if (!pl_strcasecmp(&name, "remote-tag"))
			ltag = val;
	}

	dialog_key(key, callid, &ltag, &rtag);

	return true;
}


/* RFC 4538 has the tags as the sender sees them, the figures of RFC
   5589 as we do. Either way it has to know both */
static struct sip_dialog *target_dialog(const struct refer *refer,
					const struct sip_msg *key,
					unsigned *np)
{
	struct sip_dialog *dlg = intercept_dialog(refer->ic, key, np);
	struct sip_msg swapped;

	if (dlg)
		return dlg;

	dialog_key(&swapped, &key->callid, &key->from.tag, &key->to.tag);

	return intercept_dialog(refer->ic, &swapped, np);
}


/* RFC 4538: no match is no error */
static void find_target_dialog(const struct refer *refer, struct request *req)
{
	struct sip_dialog *dlg;
	struct sip_msg key;
	struct pl callid;
	struct call *call;
	unsigned n;

	if (!target_dialog_decode(&key, &callid, req->msg))
		return;

	dlg = target_dialog(refer, &key, &n);
	if (!dlg)
		return;

	call = host_call_find(sip_dialog_callid(dlg), n);
	if (!host_call_established(call) || host_call_ua(call) != req->ua)
		return;

	req->call   = call;
	req->inside = true;
}


/* A REFER out of a dialog makes one of its own, later */
static const struct refusal *find_outside(const struct refer *refer,
					  struct request *req)
{
	req->ua = host_ua_find(req->msg);
	if (!req->ua)
		return &not_found;

	if (!host_ua_takes(req->ua, req->msg))
		return &forbidden;

	find_target_dialog(refer, req);

	return NULL;
}


/* In the dialog of a subscription it is as out of a dialog: of no call */
static const struct refusal *find_inside(const struct refer *refer,
					 struct request *req)
{
	unsigned n;

	req->dlg = mem_ref(intercept_dialog(refer->ic, req->msg, &n));
	if (req->dlg)
		return find_call(req, n);

	req->dlg = mem_ref(refer_dialog(refer, req->msg));
	if (!req->dlg)
		return dialogs_calling(refer->dialogs, req->msg) ?
			&early : &no_dialog;

	return sip_dialog_rseq_valid(req->dlg, req->msg) ?
		find_outside(refer, req) : &old_cseq;
}


/** Find the dialog, the call and the account of a REFER: NULL if success */
const struct refusal *request_find(struct refer *refer, struct request *req)
{
	return pl_isset(&req->msg->to.tag) ? find_inside(refer, req)
					   : find_outside(refer, req);
}
