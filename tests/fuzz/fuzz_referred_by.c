/**
 * @file fuzz_referred_by.c  Any value of a Referred-By header
 *
 * It comes in a REFER and goes into an INVITE: there it must be one line of
 * one header, whatever the peer put into it.
 */
#include "fuzz.h"
#include "core/core.h"
#include "admission/request.h"
#include "referee/server.h"


static struct sip_msg *refer_msg(const uint8_t *data, size_t size)
{
	struct sip_msg *msg = NULL;
	struct mbuf *mb;
	int err;

	mb = mbuf_alloc(256 + size);
	if (!mb)
		abort();

	err  = mbuf_write_str(mb,
			      "REFER sip:b@h SIP/2.0\r\n"
			      "Via: SIP/2.0/UDP h;branch=z9hG4bK1\r\n"
			      "From: <sip:a@h>;tag=1\r\n"
			      "To: <sip:b@h>;tag=2\r\n"
			      "Call-ID: c\r\n"
			      "CSeq: 1 REFER\r\n"
			      "Refer-To: <sip:c@h>\r\n"
			      "Referred-By: ");
	err |= mbuf_write_mem(mb, data, size);
	err |= mbuf_write_str(mb, "\r\nContent-Length: 0\r\n\r\n");
	mb->pos = 0;

	if (err || sip_msg_decode(&msg, mb))
		msg = NULL;

	mem_deref(mb);

	return msg;
}


/* What a parser leaves away */
static struct pl trim(struct pl pl)
{
	while (pl.l && strchr(" \t", pl.p[0]))
		pl_advance(&pl, 1);

	while (pl.l && strchr(" \t", pl.p[pl.l - 1]))
		--pl.l;

	return pl;
}


/* The INVITE, as the other side reads it */
static void check_invite(const struct pl *by)
{
	struct sip_msg *msg;
	struct mbuf *mb;
	const struct pl val = trim(*by);

	mb = mbuf_alloc(256 + by->l);
	if (!mb)
		abort();

	PROPERTY(!mbuf_printf(mb,
			      "INVITE sip:c@h SIP/2.0\r\n"
			      "Via: SIP/2.0/UDP h;branch=z9hG4bK2\r\n"
			      "From: <sip:b@h>;tag=1\r\n"
			      "To: <sip:c@h>\r\n"
			      "Call-ID: c\r\n"
			      "CSeq: 1 INVITE\r\n"
			      "Referred-By: %r\r\n"
			      "X-Last: x\r\n"
			      "\r\n", by));
	mb->pos = 0;
	PROPERTY(!sip_msg_decode(&msg, mb));
	PROPERTY(mb->pos == mb->end);
	PROPERTY(list_count(&msg->hdrl) == 7);
	PROPERTY(sip_msg_hdr_count(msg, SIP_HDR_REFERRED_BY) == 1);
	PROPERTY(!pl_cmp(&sip_msg_hdr(msg, SIP_HDR_REFERRED_BY)->val, &val));
	PROPERTY(sip_msg_xhdr_has_value(msg, "X-Last", "x"));

	mem_deref(msg);
	mem_deref(mb);
}


int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct request req = {.msg = NULL};
	struct referral rf = {.srv = NULL};
	struct sip_msg *msg;
	const char *by;
	struct pl pl;

	msg = refer_msg(data, size);
	if (!msg)
		return 0;

	req.msg = msg;
	req.rt  = mem_zalloc(sizeof(*req.rt), NULL);
	PROPERTY(req.rt && !referral_init(&rf, &req));

	by = referral_referred_by(&rf);
	if (by) {
		pl_set_str(&pl, by);
		PROPERTY(!fuzz_has(pl.p, pl.l, "\r\n", 3));
		check_invite(&pl);
	}

	referral_reset(&rf);
	mem_deref(req.rt);
	mem_deref(msg);

	return 0;
}
