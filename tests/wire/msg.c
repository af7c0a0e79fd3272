/**
 * @file msg.c  SIP messages as tests see them
 *
 * Every message seen, received or sent is a struct msg: the very bytes, and
 * the same parsed by libre. Header values are returned as plain strings.
 */
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include "wire.h"
#include "harness.h"


enum {
	SHOW_MAX = 72,   /**< Longest URI or header in a summary */
	DATAGRAM = 8192, /**< Largest one: some are kept         */
};

static const char sep[] = " ~ ";


/* The other end of a TCP connection has a random port and perhaps not even
   its own address; its requests tell in their Via who it is */
static void learn(const struct msg *m)
{
	struct sa via;

	if (m->tp == SIP_TRANSP_UDP || !m->sip || !m->sip->req ||
	    ladder_known(&m->src))
		return;

	via = m->sip->via.addr;
	if (!sa_port(&via))
		sa_set_port(&via, sip_transp_port(m->tp, 0));

	if (ladder_known(&via))
		ladder_name(&m->src, ladder_who(&via));
}


/**
 * Make a message from its bytes
 *
 * @param p   The bytes
 * @param len Their number
 * @param src Source address
 * @param dst Destination address
 * @param tp  Transport
 *
 * @return The message; it lasts until the process ends
 */
struct msg *msg_new(const void *p, size_t len, const struct sa *src,
		    const struct sa *dst, enum sip_transp tp)
{
	struct msg *m = calloc(1, sizeof(*m));
	struct mbuf *mb = mbuf_alloc(len + 1);

	if (!m || !mb)
		abort();

	m->raw  = keep(p, len);
	m->len  = len;
	m->src  = *src;
	m->dst  = *dst;
	m->tp   = tp;
	m->time = now_ms();
	m->copies = 1;

	(void)mbuf_write_mem(mb, p, len);
	mb->pos = 0;

	if (sip_msg_decode(&m->sip, mb))
		m->sip = NULL;

	mem_deref(mb);

	learn(m);
	m->from = ladder_who(src);
	m->to   = ladder_who(dst);

	return m;
}


/**
 * Tell whether two messages are copies of each other
 *
 * @param a One
 * @param b The other
 *
 * @return True if they have the same bytes and addresses
 */
bool msg_same(const struct msg *a, const struct msg *b)
{
	return a->len == b->len && !memcmp(a->raw, b->raw, a->len) &&
		sa_cmp(&a->src, &b->src, SA_ALL) &&
		sa_cmp(&a->dst, &b->dst, SA_ALL);
}


static bool what_match(const struct msg *m, const char *what, size_t len)
{
	const char *sp = memchr(what, ' ', len);
	size_t n = sp ? (size_t)(sp - what) : len, i;
	const char *have;
	char code[8];

	if (!m->sip)
		return false;

	if (sp) {
		struct pl met = {sp + 1, len - n - 1};

		if (m->sip->req || pl_cmp(&m->sip->cseq.met, &met))
			return false;
	}

	if (n == 1 && *what == '*')
		return true;

	if (m->sip->req) {
		struct pl met = {what, n};

		return !pl_cmp(&m->sip->met, &met);
	}

	(void)re_snprintf(code, sizeof(code), "%u", m->sip->scode);
	have = code;

	for (i=0; i<n && *have; i++, have++) {

		if (what[i] != *have && what[i] != 'x')
			return false;
	}

	return i == n && !*have;
}


/**
 * Tell whether a text contains what stands behind each ~ of a pattern
 *
 * @param text Text
 * @param what Pattern from its first ~ on, or NULL
 *
 * @return True if so
 */
bool text_match(const char *text, const char *what)
{
	const char *p = what, *end;

	while (p) {
		p  += strlen(sep);
		end = strstr(p, sep);

		if (!strstr(text, keep(p, end ? (size_t)(end - p)
					      : strlen(p))))
			return false;

		p = end;
	}

	return true;
}


/**
 * Match a message. A pattern is a method, a status code (x for any digit), or
 * *; a status may be followed by the method of the CSeq. Then texts that the
 * message must contain, each with a ~ before it:
 *
 *     NOTIFY
 *     200 INVITE
 *     4xx REFER ~ Warning: 399
 *     NOTIFY ~ Event: refer;id=2 ~ SIP/2.0 180
 *
 * @param m       Message
 * @param pattern Pattern
 *
 * @return True if it matches
 */
bool msg_match(const struct msg *m, const char *pattern)
{
	const char *rest = strstr(pattern, sep);

	return what_match(m, pattern, rest ? (size_t)(rest - pattern)
					   : strlen(pattern)) &&
		text_match(m->raw, rest);
}


/**
 * Get the body of a message
 *
 * @param m Message
 *
 * @return Body, "" if it has none
 */
const char *body(const struct msg *m)
{
	return m->sip ? m->raw + m->sip->mb->pos : "";
}


/**
 * Get the Request-URI of a request
 *
 * @param m Message
 *
 * @return Request-URI, NULL if it is not a request
 */
const char *ruri(const struct msg *m)
{
	if (!m->sip || !m->sip->req)
		return NULL;

	return keep(m->sip->ruri.p, m->sip->ruri.l);
}


/**
 * Get the status code of a response
 *
 * @param m Message
 *
 * @return Status code, 0 if it is not a response
 */
uint16_t scode(const struct msg *m)
{
	return m->sip && !m->sip->req ? m->sip->scode : 0;
}


/**
 * Get the n'th value of a header
 *
 * @param m    Message
 * @param name Name of the header, in its long form
 * @param n    Which one, from 0
 *
 * @return Value, NULL if there are not so many
 */
const char *hdr_n(const struct msg *m, const char *name, unsigned n)
{
	struct le *le;

	if (!m->sip)
		return NULL;

	for (le = list_head(&m->sip->hdrl); le; le = le->next) {

		const struct sip_hdr *h = le->data;

		if (!pl_strcasecmp(&h->name, name) && !n--)
			return keep(h->val.p, h->val.l);
	}

	return NULL;
}


/**
 * Get the value of a header, which is its whole line
 *
 * @param m    Message
 * @param name Name of the header
 *
 * @return Value of the first one, NULL if there is none
 */
const char *hdr(const struct msg *m, const char *name)
{
	return hdr_n(m, name, 0);
}


/**
 * Count the lines of a header
 *
 * @param m    Message
 * @param name Name of the header
 *
 * @return Their number
 */
unsigned hdr_count(const struct msg *m, const char *name)
{
	unsigned n = 0;

	while (hdr_n(m, name, n))
		++n;

	return n;
}


/**
 * Get a parameter of a header (not one of a URI in angle brackets)
 *
 * @param m     Message
 * @param name  Name of the header
 * @param param Name of the parameter
 *
 * @return Its value, NULL if there is none
 */
const char *hdr_param(const struct msg *m, const char *name,
		      const char *param)
{
	const char *val = hdr(m, name), *gt;
	struct pl pl, v;

	if (!val)
		return NULL;

	gt = strrchr(val, '>');
	pl_set_str(&pl, gt ? gt : val);

	if (msg_param_decode(&pl, param, &v))
		return NULL;

	return keep(v.p, v.l);
}


static const char *cut(const char *s)
{
	size_t n = s ? strcspn(s, "\r\n") : 0;

	return n <= SHOW_MAX ? keep(s ? s : "", n) :
		F("%.*s..(%zu bytes)", SHOW_MAX, s, n);
}


/**
 * Describe a message on one line
 *
 * @param m Message
 *
 * @return What is worth knowing about it
 */
const char *msg_summary(const struct msg *m)
{
	const struct sip_msg *sip = m->sip;
	const char *s;

	if (!sip)
		return F("(not SIP) %s", cut(m->raw));

	if (!sip->req)
		return F("%u %s (%u %.*s)%s", sip->scode,
			 cut(keep(sip->reason.p, sip->reason.l)),
			 sip->cseq.num, (int)sip->cseq.met.l, sip->cseq.met.p,
			 m->again ? " again" : "");

	s = F("%.*s %s (%u)%s", (int)sip->met.l, sip->met.p, cut(ruri(m)),
	      sip->cseq.num, m->again ? " again" : "");

	if (hdr(m, "Refer-To"))
		s = F("%s Refer-To: %s", s, cut(hdr(m, "Refer-To")));

	if (hdr(m, "Replaces"))
		s = F("%s Replaces: %s", s, cut(hdr(m, "Replaces")));

	if (hdr(m, "Event"))
		s = F("%s %s", s, cut(hdr(m, "Event")));

	if (hdr(m, "Subscription-State"))
		s = F("%s [%s] %s", s, cut(hdr(m, "Subscription-State")),
		      cut(body(m)));

	return s;
}


/**
 * Read all datagrams that wait in a socket. Each must be SIP.
 *
 * @param fd  UDP socket
 * @param h   Called for each message
 * @param arg Argument of it
 */
void msg_read(int fd, msg_read_h *h, void *arg)
{
	ssize_t n;

	do {
		struct mbuf *mb = mbuf_alloc(DATAGRAM);
		struct sip_msg *msg;

		n = recv(fd, mb->buf, mb->size, MSG_DONTWAIT);
		if (n > 0) {
			mb->end = (size_t)n;
			if (sip_msg_decode(&msg, mb))
				FAIL("no SIP:\n%.*s", (int)n, mb->buf);

			h(msg, arg);
			mem_deref(msg);
		}

		mem_deref(mb);

	} while (n > 0);
}
