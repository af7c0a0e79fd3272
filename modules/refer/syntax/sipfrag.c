/**
 * @file sipfrag.c  What a NOTIFY says: the status line in a message/sipfrag
 * body (RFC 3420), standard reason phrases (RFC 3261 section 21 and others),
 * and whether it is the last one
 *
 * Tolerant in what it reads: a missing reason phrase, LF for CRLF, blank
 * lines before, header lines behind.
 */
#include <re.h>
#include "host/libre.h"
#include "syntax/event_header.h"
#include "syntax/refer_to.h"
#include "syntax/sipfrag.h"
#include "syntax/token.h"


static const struct {
	uint16_t scode;
	const char *reason;
} reasonv[] = {
	{100, "Trying"},
	{180, "Ringing"},
	{181, "Call Is Being Forwarded"},
	{182, "Queued"},
	{183, "Session Progress"},
	{200, "OK"},
	{202, "Accepted"},
	{204, "No Notification"},
	{300, "Multiple Choices"},
	{301, "Moved Permanently"},
	{302, "Moved Temporarily"},
	{305, "Use Proxy"},
	{380, "Alternative Service"},
	{400, "Bad Request"},
	{401, "Unauthorized"},
	{402, "Payment Required"},
	{403, "Forbidden"},
	{404, "Not Found"},
	{405, "Method Not Allowed"},
	{406, "Not Acceptable"},
	{407, "Proxy Authentication Required"},
	{408, "Request Timeout"},
	{410, "Gone"},
	{413, "Request Entity Too Large"},
	{414, "Request-URI Too Long"},
	{415, "Unsupported Media Type"},
	{416, "Unsupported URI Scheme"},
	{420, "Bad Extension"},
	{421, "Extension Required"},
	{423, "Interval Too Brief"},
	{429, "Provide Referrer Identity"},
	{480, "Temporarily Unavailable"},
	{481, "Call/Transaction Does Not Exist"},
	{482, "Loop Detected"},
	{483, "Too Many Hops"},
	{484, "Address Incomplete"},
	{485, "Ambiguous"},
	{486, "Busy Here"},
	{487, "Request Terminated"},
	{488, "Not Acceptable Here"},
	{489, "Bad Event"},
	{491, "Request Pending"},
	{493, "Undecipherable"},
	{500, "Server Internal Error"},
	{501, "Not Implemented"},
	{502, "Bad Gateway"},
	{503, "Service Unavailable"},
	{504, "Server Time-out"},
	{505, "Version Not Supported"},
	{513, "Message Too Large"},
	{600, "Busy Everywhere"},
	{603, "Decline"},
	{604, "Does Not Exist Anywhere"},
	{606, "Not Acceptable"},
};


/**
 * Decode the status line of a sipfrag
 *
 * @return 0 if success, EBADMSG if it does not begin with a status line
 */
int sipfrag_decode(struct sipfrag *frag, const struct pl *body)
{
	struct pl pl, ws, code, reason;

	if (!frag || !body)
		return EINVAL;

	pl = *body;
	while (pl.l && (*pl.p == '\r' || *pl.p == '\n'))
		pl_advance(&pl, 1);

	if (re_regex(pl.p, pl.l, "SIP/2.0[ \t]+[0-9]3[^\r\n]*",
		     &ws, &code, &reason) || code.p != pl.p + 7 + ws.l)
		return EBADMSG;

	if (code.l != 3 || code.p[0] < '1' || code.p[0] > '6')
		return EBADMSG;

	/* a code of four digits, or "200OK" */
	if (reason.l && *reason.p != ' ' && *reason.p != '\t')
		return EBADMSG;

	while (reason.l && (*reason.p == ' ' || *reason.p == '\t'))
		pl_advance(&reason, 1);

	frag->scode  = pl_u32(&code);
	frag->reason = reason;

	return 0;
}


/** Print a sipfrag with a status line */
int sipfrag_print(struct re_printf *pf, const struct sipfrag *frag)
{
	if (!frag)
		return 0;

	return re_hprintf(pf, "SIP/2.0 %u %r\r\n",
			  frag->scode, &frag->reason);
}


/** Decode a NOTIFY; the status code is 0 if it ends without one */
const struct refusal *notify_decode(struct sipevent_substate *state,
				    struct sipfrag *frag,
				    const struct sip_msg *msg)
{
	static const struct refusal
		bad_state = {400, "Bad Subscription-State", NULL},
		bad_type  = {415, "Unsupported Media Type", NULL},
		bad_frag  = {400, "Bad Sipfrag", NULL};
	const struct sip_hdr *hdr;
	struct pl body;

	hdr = sip_msg_hdr(msg, SIP_HDR_SUBSCRIPTION_STATE);
	if (!hdr || substate_decode(state, &hdr->val))
		return &bad_state;

	if (state->state == SIPEVENT_TERMINATED && !mbuf_get_left(msg->mb)) {
		frag->scode = 0;
		return NULL;
	}

	if (pl_isset(&msg->ctyp.type) &&
	    !msg_ctype_cmp(&msg->ctyp, "message", "sipfrag"))
		return &bad_type;

	pl_set_mbuf(&body, msg->mb);

	return sipfrag_decode(frag, &body) ? &bad_frag : NULL;
}


/* A word that is not known counts */
static bool has_reason(const struct sipevent_substate *state)
{
	struct pl name, val, rest = state->params;

	while (token_param(&name, &val, &rest)) {
		if (!pl_strcasecmp(&name, "reason"))
			return true;
	}

	return false;
}


/** Tell whether a NOTIFY is the last one. Some peers mark each as such, and
    give no reason: SIP.js */
bool notify_is_last(const struct sipevent_substate *state, uint16_t scode)
{
	return state->state == SIPEVENT_TERMINATED &&
		(!scode || has_reason(state));
}


/** Get the standard reason phrase of a status code */
const char *sip_reason(uint16_t scode)
{
	static const char *classv[] = {
		"Progress", "Success", "Redirection", "Request Failure",
		"Server Failure", "Global Failure"
	};
	size_t i;

	for (i=0; i<ARRAY_SIZE(reasonv); ++i) {
		if (reasonv[i].scode == scode)
			return reasonv[i].reason;
	}

	return scode >= 100 && scode <= 699 ? classv[scode / 100 - 1] : "-";
}
