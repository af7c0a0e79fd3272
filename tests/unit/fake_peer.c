/**
 * @file fake_peer.c  A softphone for the tests: what its peers send and answer
 */
#include "unit.h"
#include "fake_host.h"


/* Scripted answers of a peer */

struct script {
	struct le le;
	const char *met;
	uint16_t scode;
	const char *hdrs;
};

struct held {
	struct le le;
	struct sip_strans *st;
	struct sip_msg *msg;
};


static void script_destructor(void *arg)
{
	struct script *s = arg;

	list_unlink(&s->le);
}


static void held_destructor(void *arg)
{
	struct held *held = arg;

	list_unlink(&held->le);
	mem_deref(held->msg);
}


static void hold(struct ua *ua, const struct sip_msg *msg)
{
	struct held *held = mem_zalloc(sizeof(*held), held_destructor);

	assert_non_null(held);
	assert_int_equal(0, sip_strans_alloc(&held->st, ua->sip, msg, NULL,
					     NULL));
	held->msg = mem_ref((void *)msg);
	list_append(&ua->heldl, &held->le, held);
}


static void answer(struct ua *ua, struct sip_strans **stp,
		   const struct sip_msg *msg, uint16_t scode,
		   const char *hdrs)
{
	(void)sip_treplyf(stp, NULL, ua->sip, msg, true, scode,
			  scode < 300 ? "OK" : "Refused",
			  "Contact: <%s>\r\n"
			  "%s"
			  "Content-Length: 0\r\n"
			  "\r\n", ua->aor, hdrs);
}


static struct script *script_find(const struct ua *ua, const struct pl *met)
{
	struct le *le;

	LIST_FOREACH(&ua->scriptl, le) {
		struct script *s = le->data;

		if (!pl_strcmp(met, s->met))
			return s;
	}

	return NULL;
}


static bool peer_handler(const struct sip_msg *msg, void *arg)
{
	static const char *corev[] = {"INVITE", "ACK", "BYE", "CANCEL"};
	struct ua *ua = arg;
	struct script *s;
	size_t i;

	s = script_find(ua, &msg->met);

	for (i=0; i<ARRAY_SIZE(corev) && !s; ++i) {
		if (!pl_strcmp(&msg->met, corev[i]))
			return false;
	}

	if (s && s->scode == HOLD)
		hold(ua, msg);
	else
		answer(ua, NULL, msg, s ? s->scode : 200, s ? s->hdrs : "");

	mem_deref(s);

	return true;
}


/**
 * Start a peer: it takes calls, and answers other requests by its script or
 * with 200
 *
 * @param user User part of its address
 *
 * @return Peer
 */
struct ua *peer(const char *user)
{
	struct ua *ua = ua_new(user);

	assert_int_equal(0, sip_listen(&ua->lsnr, ua->sip, true, peer_handler,
				       ua));
	ua_listen(ua);

	return ua;
}


/**
 * Tell a peer how to answer the next request with a method
 *
 * @param ua    Peer
 * @param met   Method
 * @param scode Status code, or HOLD
 * @param hdrs  More headers of the response, or NULL
 */
void peer_script(struct ua *ua, const char *met, uint16_t scode,
		 const char *hdrs)
{
	struct script *s = mem_zalloc(sizeof(*s), script_destructor);

	assert_non_null(s);
	s->met   = met;
	s->scode = scode;
	s->hdrs  = hdrs ? hdrs : "";
	list_append(&ua->scriptl, &s->le, s);
}


/**
 * Answer the oldest request that was held
 *
 * @param ua    Peer
 * @param scode Status code
 * @param hdrs  More headers of the response, or NULL
 */
void peer_answer_held(struct ua *ua, uint16_t scode, const char *hdrs)
{
	struct held *held = list_ledata(ua->heldl.head);

	assert_non_null(held);
	answer(ua, &held->st, held->msg, scode, hdrs ? hdrs : "");

	if (scode >= 200)
		mem_deref(held);
}


static int contact_handler(enum sip_transp tp, const struct sa *src,
			   const struct sa *dst, struct mbuf *mb, void *arg)
{
	(void)tp;
	(void)dst;
	(void)arg;

	return mbuf_printf(mb, "Contact: <sip:%J>\r\n", src);
}


static void vrequest(struct call *call, const char *met, sip_send_h *sendh,
		     const char *fmt, va_list *ap)
{
	assert_int_equal(0, sip_drequestf(NULL, call->ua->sip, true, met,
					  call_dlg(call), 0, NULL, sendh,
					  NULL, NULL, "%v", fmt, ap));
}


/**
 * Send a request in the dialog of a peer's call
 *
 * @param call Call
 * @param met  Method
 * @param fmt  Headers, empty line and body
 */
void call_request(struct call *call, const char *met, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vrequest(call, met, contact_handler, fmt, &ap);
	va_end(ap);
}


/**
 * Send a request without a Contact in the dialog of a peer's call
 *
 * @param call Call
 * @param met  Method
 * @param fmt  Headers, empty line and body
 */
void call_request_bare(struct call *call, const char *met, const char *fmt,
		       ...)
{
	va_list ap;

	va_start(ap, fmt);
	vrequest(call, met, NULL, fmt, &ap);
	va_end(ap);
}


/**
 * Send a request with a CSeq and tags of one's own
 *
 * @param ua  Peer, which has called
 * @param to  Who was called
 * @param raw What is of one's own
 * @param fmt Headers, empty line and body
 */
void raw_request(struct ua *ua, const struct ua *to, const struct raw *raw,
		 const char *fmt, ...)
{
	const struct wire *w = wire_find(ua, false, "200 INVITE", 0);
	struct pl callid, from, tag;
	va_list ap;

	assert_non_null(w);
	callid = w->msg->callid;
	from   = w->msg->from.tag;
	tag    = w->msg->to.tag;

	if (raw->callid)
		pl_set_str(&callid, raw->callid);
	if (raw->from_tag)
		pl_set_str(&from, raw->from_tag);
	if (raw->to_tag)
		pl_set_str(&tag, raw->to_tag);

	va_start(ap, fmt);
	ua_send(ua, to,
		"%s %s SIP/2.0\r\n"
		"Via: SIP/2.0/UDP %J;branch=z9hG4bK%016llx;rport\r\n"
		"Max-Forwards: 70\r\n"
		"From: <%s>;tag=%r\r\n"
		"To: <%s>;tag=%r\r\n"
		"Call-ID: %r\r\n"
		"CSeq: %u %s\r\n"
		"Contact: <%s>\r\n"
		"%v",
		raw->met, to->aor, &ua->addr, rand_u64(), ua->aor, &from,
		to->aor, &tag, &callid, raw->cseq, raw->met, ua->aor, fmt,
		&ap);
	va_end(ap);
}


/**
 * Send a text as it is
 *
 * @param ua  Who sends
 * @param to  Who receives
 * @param fmt Text
 */
void ua_send(struct ua *ua, const struct ua *to, const char *fmt, ...)
{
	struct mbuf *mb = mbuf_alloc(512);
	va_list ap;

	assert_non_null(mb);

	va_start(ap, fmt);
	assert_int_equal(0, mbuf_vprintf(mb, fmt, ap));
	va_end(ap);

	mb->pos = 0;
	assert_int_equal(0, sip_send(ua->sip, NULL, SIP_TRANSP_UDP, &to->addr,
				     mb));
	mem_deref(mb);
}
