/**
 * @file fuzz_template.c  Any template of refer_invite_headers, and any URI
 *
 * The first line of the input is the template, the rest stands for each of its
 * variables. What is printed is that one header, to another parser too.
 */
#include "fuzz.h"
#include "syntax/template.h"
#include "syntax/text.h"


/* libre knows a header by twelve bits of a hash: P-Asserted-IdentityVia is a
   Content-Type for it, which must be a valid one */
static bool is_mistaken(const struct mbuf *lines)
{
	static const unsigned idv[] = {
		SIP_HDR_VIA, SIP_HDR_TO, SIP_HDR_FROM, SIP_HDR_CALL_ID,
		SIP_HDR_CSEQ, SIP_HDR_CONTENT_TYPE, SIP_HDR_CONTENT_LENGTH,
		SIP_HDR_MAX_FORWARDS,
	};
	const char *name = (const char *)lines->buf;
	const char *colon = memchr(name, ':', lines->end);
	const unsigned id = !colon ? 0 :
		hash_joaat_ci(name, (size_t)(colon - name)) & 0xfff;
	size_t i;

	for (i=0; i<sizeof(idv) / sizeof(*idv); ++i) {
		if (id == idv[i])
			return true;
	}

	return false;
}


/* The INVITE, as the other side reads it */
static void check_invite(const struct mbuf *lines)
{
	struct mbuf *mb;
	struct sip_msg *msg;

	if (is_mistaken(lines))
		return;

	mb = mbuf_alloc(256 + lines->end);
	PROPERTY(mb && !mbuf_printf(mb, "INVITE sip:c@h SIP/2.0\r\n"
		 "Via: SIP/2.0/UDP h;branch=z9hG4bK2\r\n"
		 "From: <sip:b@h>;tag=1\r\n"
		 "To: <sip:c@h>\r\n"
		 "Call-ID: c\r\n"
		 "CSeq: 1 INVITE\r\n"
		 "%bX-Last: x\r\n\r\n", lines->buf, lines->end));
	mb->pos = 0;
	PROPERTY(!sip_msg_decode(&msg, mb));
	PROPERTY(mb->pos == mb->end);
	PROPERTY(list_count(&msg->hdrl) == 6 + !!lines->end);
	PROPERTY(sip_msg_xhdr_has_value(msg, "X-Last", "x"));
	mem_deref(msg);
	mem_deref(mb);
}


static void check_lines(const struct mbuf *mb)
{
	size_t i;

	for (i=0; i<mb->end; ++i) {
		const uint8_t c = mb->buf[i];

		PROPERTY(c && c != 0x7f);
		PROPERTY(c >= ' ' || i + 2 >= mb->end);
	}

	PROPERTY(!mb->end || !memcmp(mb->buf + mb->end - 2, "\r\n", 2));
}


int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct template_values vals = {.v = {{NULL, 0}}};
	struct list l = LIST_INIT;
	struct pl text, uri;
	const char *why = NULL;
	struct mbuf *mb = mbuf_alloc(64);
	char *copy = fuzz_copy(&uri, data, size);
	int err, i;

	/* a setting is somewhere */
	uri.p = copy;

	PROPERTY(mb);
	(void)text_cut(&text, &uri, '\n');
	err = template_add(&l, &text, &why);
	PROPERTY(!err || (err == EINVAL && str_isset(why)));
	PROPERTY(list_count(&l) == !err);

	for (i=0; i<VARS; ++i)
		vals.v[i] = uri;

	PROPERTY(!templates_print(mb, &l, &vals));
	check_lines(mb);
	check_invite(mb);

	list_flush(&l);
	mem_deref(mb);
	free(copy);

	return 0;
}
