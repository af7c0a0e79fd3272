/**
 * @file send.c  The messages of the loads
 *
 * The number of the item is the user part of our URI, our tag, and the
 * Call-ID of the dialogs that we begin.
 */
#include "bench.h"


/**
 * Send a request
 *
 * @param r    Run
 * @param it   Item
 * @param met  Method
 * @param cseq CSeq; no two requests of an item have the same
 * @param dlg  Message from the baresip in the dialog, NULL for out of one
 * @param fmt  Format as of re_printf() for more header lines, and a body
 */
void send_request(struct run *r, const struct item *it, const char *met,
		  uint32_t cseq, const struct sip_msg *dlg, const char *fmt,
		  ...)
{
	const struct pl none = PL_INIT;
	const struct pl *rtag = &none;
	char callid[9];
	struct pl id;
	va_list ap;

	(void)re_snprintf(callid, sizeof(callid), "%08x", it->id);
	pl_set_str(&id, callid);

	if (dlg) {
		rtag = dlg->req ? &dlg->from.tag : &dlg->to.tag;
		id   = dlg->callid;
	}

	va_start(ap, fmt);
	run_send(r,
		 "%s %s SIP/2.0\r\n"
		 "Via: SIP/2.0/UDP %s;branch=z9hG4bK%08x.%u%s;rport\r\n"
		 "Max-Forwards: 70\r\n"
		 "From: <sip:%08x@%s>;tag=%08x\r\n"
		 "To: <%s>%s%r\r\n"
		 "Call-ID: %r\r\n"
		 "CSeq: %u %s\r\n"
		 "Contact: <sip:%08x@%s>\r\n"
		 "%v",
		 met, r->sut->uri, r->local, it->id, cseq, met, it->id,
		 r->local, it->id, r->sut->uri, dlg ? ";tag=" : "", rtag,
		 &id, cseq, met, it->id, r->local, fmt, &ap);
	va_end(ap);
}


/**
 * Answer a request
 *
 * @param r      Run
 * @param it     Item
 * @param req    Request
 * @param status Status code and reason phrase
 * @param fmt    Format as of re_printf() for more header lines, and a body
 */
void send_reply(struct run *r, const struct item *it,
		const struct sip_msg *req, const char *status,
		const char *fmt, ...)
{
	char tag[16] = "";
	va_list ap;

	if (!pl_isset(&req->to.tag))
		(void)re_snprintf(tag, sizeof(tag), ";tag=%08x", it->id);

	va_start(ap, fmt);
	run_send(r,
		 "SIP/2.0 %s\r\n"
		 "Via: %r\r\n"
		 "From: %r\r\n"
		 "To: %r%s\r\n"
		 "Call-ID: %r\r\n"
		 "CSeq: %u %r\r\n"
		 "%v",
		 status, &req->via.val, &req->from.val, &req->to.val, tag,
		 &req->callid, req->cseq.num, &req->cseq.met, fmt, &ap);
	va_end(ap);
}


/**
 * Tell whether a NOTIFY is the last one
 *
 * @param msg NOTIFY
 *
 * @return True if it is
 */
bool notify_is_last(const struct sip_msg *msg)
{
	const struct sip_hdr *hdr = sip_msg_hdr(msg,
						SIP_HDR_SUBSCRIPTION_STATE);

	return hdr && !re_regex(hdr->val.p, hdr->val.l, "terminated");
}


/**
 * Tell whether a NOTIFY reports that the target has answered
 *
 * @param msg NOTIFY
 *
 * @return True if it does
 */
bool notify_is_success(const struct sip_msg *msg)
{
	return !re_regex((char *)mbuf_buf(msg->mb), mbuf_get_left(msg->mb),
			 "SIP/2.0 200");
}
