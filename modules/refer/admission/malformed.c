/**
 * @file malformed.c  What libre reads in a REFER although it is malformed
 *
 * RFC 3261 sections 7.3.1, 8.1.1, 8.2.2.1 and 18.3, RFC 4475 sections 3.1.2
 * and 3.3. libre also reads a message that lacks most of its headers, takes
 * the last of several, and cuts numbers. What it cannot read it drops.
 */
#include <ctype.h>
#include <errno.h>
#include <re.h>
#include "admission/request.h"
#include "core/core.h"
#include "syntax/token.h"
#include "syntax/uri.h"


static const struct refusal
	bad_uri    = {400, "Bad Request", "Request-URI is malformed"},
	no_via     = {400, "Bad Request", "Via is missing"},
	bad_scheme = {416, "Unsupported URI Scheme", NULL},
	bad_to     = {400, "Bad Request", "To is missing or malformed"},
	bad_from   = {400, "Bad Request", "From is missing or malformed"},
	bad_callid = {400, "Bad Request", "no Call-ID, or more than one"},
	bad_cseq   = {400, "Bad Request", "CSeq is missing or wrong"},
	bad_length = {400, "Bad Request", "Content-Length is wrong"};


/* The only header of its kind, NULL if there is none or another */
static const struct pl *only(const struct sip_msg *msg, enum sip_hdrid id)
{
	const struct sip_hdr *hdr = sip_msg_hdr(msg, id);

	return hdr && sip_msg_hdr_count(msg, id) == 1 && pl_isset(&hdr->val) ?
		&hdr->val : NULL;
}


static bool is_address(const struct sip_msg *msg, enum sip_hdrid id)
{
	const struct pl *val = only(msg, id);

	return val && !token_is_open(val);
}


/* The digits that a text begins with, at most 32 bits */
static bool number(uint32_t *num, size_t *len, const struct pl *pl)
{
	uint64_t n = 0;
	size_t i;

	for (i=0; i<pl->l && isdigit((uint8_t)pl->p[i]); ++i) {
		n = n * 10 + (uint64_t)(pl->p[i] - '0');
		if (n > UINT32_MAX)
			return false;
	}

	*num = (uint32_t)n;
	*len = i;

	return i > 0;
}


/* RFC 3261 section 8.1.1.5: less than 2^31 */
static bool is_cseq(const struct sip_msg *msg)
{
	const struct pl *val = only(msg, SIP_HDR_CSEQ);
	uint32_t num;
	size_t len;

	return val && number(&num, &len, val) && num <= INT32_MAX;
}


/* A datagram ends where it ends; libre waits for the rest on a connection */
static bool is_length(const struct sip_msg *msg)
{
	const struct pl *val = only(msg, SIP_HDR_CONTENT_LENGTH);
	uint32_t num;
	size_t len;

	if (!sip_msg_hdr(msg, SIP_HDR_CONTENT_LENGTH))
		return true;

	return val && number(&num, &len, val) && len == val->l &&
		num <= mbuf_get_left(msg->mb);
}


static const struct refusal *check_scheme(const struct sip_msg *msg)
{
	if (*msg->ruri.p == '<')
		return &bad_uri;

	return pl_strcasecmp(&msg->uri.scheme, "sip") &&
		pl_strcasecmp(&msg->uri.scheme, "sips") ? &bad_scheme : NULL;
}


/** Check what a REFER is found and answered by: NULL if it is there */
const struct refusal *request_addressed(struct refer *refer,
					struct request *req)
{
	const struct sip_msg *msg = req->msg;
	(void)refer;

	if (!sip_msg_hdr(msg, SIP_HDR_VIA))
		return &no_via;

	if (!pl_isset(&msg->to.auri))
		return &bad_to;

	return pl_cmp(&msg->cseq.met, &msg->met) ? &bad_cseq :
		check_scheme(msg);
}


/** Check the rest of what every request must have, which takes longer: NULL if
    a REFER has it */
const struct refusal *request_wellformed(struct refer *refer,
					 struct request *req)
{
	const struct sip_msg *msg = req->msg;
	(void)refer;

	if (!is_address(msg, SIP_HDR_TO))
		return &bad_to;

	if (!is_address(msg, SIP_HDR_FROM))
		return &bad_from;

	if (!only(msg, SIP_HDR_CALL_ID))
		return &bad_callid;

	if (!is_cseq(msg))
		return &bad_cseq;

	if (!is_length(msg))
		return &bad_length;

	return uri_check(&msg->uri, &msg->ruri) == EBADMSG ? &bad_uri : NULL;
}
