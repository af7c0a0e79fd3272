/**
 * @file peer.c  Scripted SIP peers
 *
 * A peer uses libre's SIP transports and parser and nothing else of a stack:
 * every message goes into its queue, and what it sends is the test's text.
 */
#include <stdlib.h>
#include <string.h>
#include "wire.h"
#include "harness.h"


static struct list peerl;


struct peer *peer_find(const char *name)
{
	struct le *le;

	for (le = peerl.head; le; le = le->next) {

		struct peer *p = le->data;

		if (!strcmp(p->name, name))
			return p;
	}

	return NULL;
}


static bool is_auto(const struct peer *p, const struct msg *m)
{
	unsigned i;

	for (i=0; i<p->autoc; i++) {

		if (msg_match(m, p->autom[i]))
			return true;
	}

	return false;
}


static struct msg *canceled(struct peer *p, const struct msg *cancel)
{
	struct le *le;

	for (le = list_tail(&p->all); le; le = le->prev) {

		struct msg *m = le->data;

		if (msg_match(m, "INVITE") &&
		    !pl_cmp(&m->sip->via.branch, &cancel->sip->via.branch))
			return m;
	}

	return NULL;
}


/* Answer so that a baresip can come to an end */
static void polite(struct peer *p, struct msg *m)
{
	struct msg *inv;

	if (m->final || !m->sip->req || msg_match(m, "ACK"))
		return;

	if (msg_match(m, "INVITE")) {
		peer_reply(p, m, 480, "Gone", NULL);
		return;
	}

	peer_reply(p, m, 200, "OK", NULL);

	inv = msg_match(m, "CANCEL") ? canceled(p, m) : NULL;
	if (inv && !inv->final)
		peer_reply(p, inv, 487, "Request Terminated", NULL);
}


/**
 * Let a peer have a message
 *
 * @param p Peer
 * @param m Message; a copy of one that it has had is only counted
 */
void peer_take(struct peer *p, struct msg *m)
{
	struct le *le;

	if (p->tp == SIP_TRANSP_TLS)
		ladder_msg(m);

	for (le = list_tail(&p->all); le; le = le->prev) {

		struct msg *old = le->data;

		if (msg_same(old, m)) {
			++old->copies;
			return;
		}
	}

	list_append(&p->all, &m->le, m);
	list_append(&p->queue, &m->qle, m);

	if (p->polite)
		polite(p, m);
	else if (m->sip->req && is_auto(p, m))
		peer_reply(p, m, 200, "OK", NULL);

	wake();
}


static bool msg_handler(const struct sip_msg *sip, void *arg)
{
	struct peer *p = arg;
	const char *start = sip->req ? sip->met.p : (char *)sip->mb->buf;
	const char *end = (char *)sip->mb->buf + sip->mb->end;
	struct msg *m;

	/* a response may have an empty line before it */
	while (!sip->req && (*start == '\r' || *start == '\n'))
		++start;

	m = msg_new(start, (size_t)(end - start), &sip->src, &sip->dst,
		    sip->tp);
	m->to   = p->name;
	m->sock = mem_ref(sip->sock);
	m->tag  = random_id();

	if (p->net)
		p->net->recvh(p, m);
	else
		peer_take(p, m);

	return true;
}


/* Stands before that of libre 2.x, which wants the name of a server to verify:
   sip_send() has none, and a peer verifies nobody */
int tls_set_verify_server(struct tls_conn *tc, const char *host);
int tls_set_verify_server(struct tls_conn *tc, const char *host)
{
	(void)tc;
	(void)host;

	return 0;
}


static int transp_add(struct peer *p)
{
	struct tls *tls = NULL;
	int err;

	if (p->tp == SIP_TRANSP_TLS) {
		err = tls_alloc(&tls, TLS_METHOD_SSLV23,
				F("%s/" BUILD "/cert.pem", top_dir()), NULL);
		if (err)
			return err;
	}

	err = sip_transp_add(p->sip, p->tp, &p->addr, tls);
	mem_deref(tls);

	return err;
}


/**
 * Make a peer, see peer_new()
 *
 * @param file File of the test
 * @param line Line of it
 * @param o    How
 *
 * @return The peer
 */
struct peer *peer_new_at(const char *file, int line,
			 const struct peer_opts *o)
{
	struct peer *p = calloc(1, sizeof(*p));
	bool ip6;
	int err;

	if (!p)
		abort();

	test_here(file, line);

	p->name = keep(o->name, strlen(o->name));
	net_transp(o->transp, &p->tp, &ip6);
	(void)sa_set_str(&p->addr, net_addr(p->name, ip6),
			 sip_transp_port(p->tp, o->port));
	p->uri = (char *)net_uri(p->name, &p->addr, p->tp);
	list_append(&peerl, &p->le, p);
	ladder_name(&p->addr, p->name);

	err = sip_alloc(&p->sip, NULL, 16, 16, 16, p->name, NULL, NULL);
	if (err)
		goto out;

	err = transp_add(p);
	if (err)
		goto out;

	err  = sip_listen(&p->lsnr[0], p->sip, true, msg_handler, p);
	err |= sip_listen(&p->lsnr[1], p->sip, false, msg_handler, p);

 out:
	if (err)
		test_fail(true, file, line, "%s: cannot listen at %s: %s",
			  p->name, p->uri, strerror(err));

	return p;
}


/**
 * Have a peer answer the requests of a method with 200 by itself from now on.
 * They are queued as well.
 *
 * @param p      Peer
 * @param method Method, or a whole pattern
 */
void peer_auto(struct peer *p, const char *method)
{
	unsigned i;

	for (i=0; i<p->autoc; ++i) {
		if (!strcmp(p->autom[i], method))
			return;
	}

	if (p->autoc >= ARRAY_SIZE(p->autom))
		SETUP("too many methods for peer_auto()");

	p->autom[p->autoc++] = method;
}


/** Have all peers answer everything from now on, also what is unanswered */
void peers_polite(void)
{
	struct le *le, *lm;

	for (le = peerl.head; le; le = le->next) {

		struct peer *p = le->data;

		if (p->polite)
			continue;

		p->polite = true;

		for (lm = p->all.head; lm; lm = lm->next)
			polite(p, lm->data);
	}
}


/**
 * Put a message on the wire
 *
 * @param p Peer
 * @param m Message
 */
void peer_put(struct peer *p, const struct msg *m)
{
	struct mbuf *mb = mbuf_alloc(m->len);
	int err;

	(void)mbuf_write_mem(mb, (const uint8_t *)m->raw, m->len);
	mb->pos = 0;

	err = sip_send(p->sip, p->tp == SIP_TRANSP_UDP ? NULL : m->sock,
		       p->tp, &m->dst, mb);
	mem_deref(mb);

	if (err)
		test_fail_here(true, F("%s cannot send: %s", p->name,
				       strerror(err)));
}


static struct msg *transmit(struct peer *p, void *sock, const struct sa *dst,
			    const char *raw, size_t len)
{
	struct msg *m = msg_new(raw, len, &p->addr, dst, p->tp);

	m->from = p->name;
	m->sock = sock;

	if (p->tp == SIP_TRANSP_TLS)
		ladder_msg(m);

	if (p->net)
		p->net->sendh(p, m);
	else
		peer_put(p, m);

	return m;
}


/**
 * Send some bytes
 *
 * @param p   Peer
 * @param dst Address to send to, e.g. &sut->addr
 * @param raw The bytes; they are sent as they are
 *
 * @return The message sent
 */
struct msg *peer_send(struct peer *p, const struct sa *dst, const char *raw)
{
	return transmit(p, NULL, dst, raw, strlen(raw));
}


/** The same for bytes that may have a NUL among them */
struct msg *peer_send_bytes(struct peer *p, const struct sa *dst,
			    const char *raw, size_t len)
{
	return transmit(p, NULL, dst, raw, len);
}


/**
 * Send the very bytes of a message that was sent before again
 *
 * @param p Peer
 * @param m Message sent before
 *
 * @return The message sent
 */
struct msg *peer_resend(struct peer *p, const struct msg *m)
{
	return transmit(p, m->sock, &m->dst, m->raw, m->len);
}


static const char *copy_hdr(const struct msg *m, const char *name)
{
	const char *s = "";
	unsigned i, n = hdr_count(m, name);

	for (i=0; i<n; i++)
		s = F("%s%s: %s\r\n", s, name, hdr_n(m, name, i));

	return s;
}


/**
 * Answer a request
 *
 * @param p      Peer
 * @param m      Request; its To-tag in the answer is m->tag
 * @param code   Status code
 * @param reason Reason phrase
 * @param extra  Header lines to add, or NULL; what follows an empty line in it
 *               is the body. A Contact line of it replaces the usual one.
 *
 * @return The message sent
 */
struct msg *peer_reply(struct peer *p, struct msg *m, uint16_t code,
		       const char *reason, const char *extra)
{
	const bool tag = !pl_isset(&m->sip->to.tag) && code > 100;
	const char *x = extra ? extra : "", *b = strstr(x, "\r\n\r\n"), *raw;
	const bool contact = code < 400 && !strstr(x, "Contact:") &&
		!msg_match(m, "BYE") && !msg_match(m, "CANCEL");

	if (code >= 200)
		m->final = true;

	b = b ? b + 4 : NULL;
	if (b)
		x = keep(x, (size_t)(b - x) - 2);

	raw = F("SIP/2.0 %u %s\r\n%s%sFrom: %s\r\nTo: %s%s%s\r\n"
		"Call-ID: %s\r\nCSeq: %s\r\n%s%s%s%s"
		"Content-Length: %zu\r\n\r\n%s",
		code, reason, copy_hdr(m, "Via"),
		code < 300 ? copy_hdr(m, "Record-Route") : "",
		hdr(m, "From"), hdr(m, "To"), tag ? ";tag=" : "",
		tag ? m->tag : "", hdr(m, "Call-ID"), hdr(m, "CSeq"),
		contact ? "Contact: <" : "", contact ? p->uri : "",
		contact ? ">\r\n" : "", x, b ? strlen(b) : 0, b ? b : "");

	return transmit(p, m->sock, &m->src, raw, strlen(raw));
}
