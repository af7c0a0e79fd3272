/**
 * @file referred_by.c  The token of a Referred-By (RFC 3892 section 2.2)
 *
 * Referred-By may name a part of the REFER's body, a signed one, which goes
 * into the INVITE with it. What stands there is the referrer's, so that the
 * type must be a token's (section 3), the headers are written anew, and the
 * name of a session description is nowhere: the target could take it for ours.
 */
#include <ctype.h>
#include <re.h>
#include "host/host.h"
#include "host/libre.h"
#include "referee/referee.h"
#include "referee/server.h"
#include "syntax/multipart.h"
#include "syntax/token.h"


enum {
	TOKEN_MAX = 16384,
};


/* "cid" EQUAL sip-clean-msg-id, in quotes and without escapes */
static bool get_cid(struct pl *cid, const char *referred_by)
{
	struct pl rest, name, val;
	bool found = false;

	pl_set_str(&rest, referred_by);
	(void)token_cut(&name, &rest, ';');

	while (token_param(&name, &val, &rest)) {

		if (pl_strcasecmp(&name, "cid"))
			continue;

		if (found)
			return false;

		token_unquote(&val);
		*cid  = val;
		found = true;
	}

	return found && cid->l;
}


static bool is_token(const struct pl *ctype)
{
	static const char *const typev[] = {
		"message/sipfrag", "multipart/signed",
		"application/pkcs7-mime", "application/x-pkcs7-mime",
	};
	size_t i;

	for (i=0; i<ARRAY_SIZE(typev); ++i) {
		if (token_is(ctype, typev[i]))
			return true;
	}

	return false;
}


/* Of which the part has no more headers than these, each in one line */
static int print_header(struct mbuf *mb, const char *name,
			const struct pl *val)
{
	size_t i;
	int err;

	err = mbuf_printf(mb, "%s: ", name);

	for (i=0; i<val->l && !err; ++i) {
		const uint8_t c = (uint8_t)val->p[i];

		err = mbuf_write_u8(mb, iscntrl(c) ? ' ' : c);
	}

	return err | mbuf_write_str(mb, "\r\n");
}


static int print_part(struct mbuf *mb, const struct pl *part,
		      const struct pl *type, const struct pl *cid)
{
	static const char *const namev[] = {
		"Content-ID", "Content-Disposition",
		"Content-Transfer-Encoding",
	};
	struct pl val, content;
	size_t i;
	int err;

	if (!part_header(&val, part, namev[0]) || !part_id_is(&val, cid) ||
	    !part_content(&content, part) || !is_token(type))
		return ENOENT;

	if (content.l > TOKEN_MAX)
		return EMSGSIZE;

	err = print_header(mb, "Content-Type", type);

	for (i=0; i<ARRAY_SIZE(namev); ++i) {
		if (part_header(&val, part, namev[i]))
			err |= print_header(mb, namev[i], &val);
	}

	err |= mbuf_write_str(mb, "\r\n");
	err |= mbuf_write_mem(mb, (const uint8_t *)content.p, content.l);

	return err;
}


static int print(struct mbuf *mb, const struct sip_msg *msg,
		 const struct pl *cid)
{
	const struct sip_hdr *hdr = sip_msg_hdr(msg, SIP_HDR_CONTENT_TYPE);
	const char *end = (const char *)msg->mb->buf + msg->mb->end;
	struct pl body = {(const char *)mbuf_buf(msg->mb),
			  mbuf_get_left(msg->mb)};
	struct pl part, type;

	/* of a datagram libre takes what is there */
	if (!hdr || !body.l ||
	    (pl_isset(&msg->clen) && pl_u32(&msg->clen) != body.l))
		return ENOENT;

	if (!token_is(&hdr->val, "multipart/mixed")) {

		/* the message itself has the form of a part */
		part.p = msg->met.p;
		part.l = (size_t)(end - part.p);
		type   = hdr->val;
	}
	else if (!multipart_find(&part, &msg->ctyp.params, &body, cid) ||
		 !part_header(&type, &part, "Content-Type")) {
		return ENOENT;
	}

	return print_part(mb, &part, &type, cid);
}


/* What a target may look for, wherever it stands */
static bool has_sdp(const struct mbuf *mb)
{
	static const struct pl sdp = PL("application/sdp");
	struct pl pl = {(const char *)mb->buf, sdp.l};
	const char *end = (const char *)mb->buf + mb->end;

	for (; pl.p + pl.l <= end; ++pl.p) {
		if (!pl_casecmp(&pl, &sdp))
			return true;
	}

	return false;
}


/**
 * Get the token of a REFER's Referred-By
 *
 * @param mbp Pointer to allocated body part; untouched if there is none
 * @param srv Server context
 *
 * @return 0 if success or none, otherwise errorcode
 */
int referred_by_token(struct mbuf **mbp, const struct refer_server *srv)
{
	struct mbuf *mb;
	struct pl cid;
	int err;

	if (!srv->referral.referred_by ||
	    !get_cid(&cid, srv->referral.referred_by))
		return 0;

	mb = mbuf_alloc(512);
	if (!mb)
		return ENOMEM;

	err = print(mb, srv->msg, &cid);
	mb->pos = 0;
	if (!err && has_sdp(mb))
		err = EPERM;

	if (err) {
		mem_deref(mb);
		info("refer: #%u the INVITE has no token for Referred-By:"
		     " %m\n", srv->id, err);
		return 0;
	}

	*mbp = mb;

	return 0;
}
