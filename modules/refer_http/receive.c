/**
 * @file receive.c  A request, as it comes
 *
 * The head is decoded by libre when all of it is there. What is wrong with it
 * is answered at once: the body is not waited for.
 */
#include <ctype.h>
#include <string.h>
#include <re.h>
#include "conn.h"
#include "text.h"


enum {
	METHOD_SIZE = 16,
	LINE_SIZE   = 4096,
};


static void fault(struct conn *c, unsigned scode, const char *why)
{
	c->unread = true;
	c->srv->hs->faulth(c, scode, why, c->srv->arg);
}


/* Where the head ends, or NULL */
static const char *head_end(const struct mbuf *mb)
{
	const char *p = (const char *)mb->buf;
	const char *crlf = memmem(p, mb->end, "\r\n\r\n", 4);
	const char *lf = memmem(p, mb->end, "\n\n", 2);

	if (crlf && (!lf || crlf < lf))
		return crlf + 4;

	return lf ? lf + 2 : NULL;
}


static unsigned count(const struct http_msg *msg, const char *name)
{
	return http_msg_xhdr_count(msg, name);
}


/* How long the body is; false if that is answered as a fault */
static bool body_length(struct conn *c, const struct http_msg *msg)
{
	const struct http_hdr *hdr = http_msg_xhdr(msg, "Content-Length");
	uint32_t len = 0;

	if (http_msg_xhdr(msg, "Transfer-Encoding"))
		fault(c, 501, "a body needs Content-Length");
	else if (count(msg, "Content-Length") > 1 ||
		 (hdr && !text_uint(&len, &hdr->val)))
		fault(c, 400, "Content-Length is no number");
	else if (count(msg, "Host") != 1)
		fault(c, 400, "a request has one Host");
	else if (pl_strcmp(&msg->ver, "1.1") && pl_strcmp(&msg->ver, "1.0"))
		fault(c, 400, "HTTP 1.1 and 1.0 are spoken here");
	else if (len > BODY_MAX)
		fault(c, 413, "a body has at most 64 KiB");
	else
		return true;

	return false;
}


static uint32_t content_length(const struct http_msg *msg)
{
	const struct http_hdr *hdr = http_msg_xhdr(msg, "Content-Length");

	return hdr ? pl_u32(&hdr->val) : 0;
}


static void body(struct conn *c)
{
	const uint32_t len = content_length(c->msg);

	if (c->mb->end < len)
		return;

	c->unread = c->mb->end > len;
	c->mb->end = len;
	c->mb->pos = 0;
	c->state = CONN_SERVING;
	tmr_cancel(&c->tmr);
	c->srv->hs->requesth(c->req, c->mb);
}


/* curl waits for that before it sends a large body */
static int go_on(struct conn *c)
{
	const struct http_hdr *hdr = http_msg_xhdr(c->msg, "Expect");
	struct mbuf *mb;
	int err;

	if (!hdr || pl_strcasecmp(&hdr->val, "100-continue") ||
	    c->mb->end >= content_length(c->msg))
		return 0;

	mb = mbuf_alloc(32);
	if (!mb)
		return ENOMEM;

	err = mbuf_write_str(mb, "HTTP/1.1 100 Continue\r\n\r\n");
	mb->pos = 0;
	if (!err)
		err = tcp_send(c->tc, mb);
	mem_deref(mb);

	return err;
}


/* The head has a buffer of its own: what was decoded points into it */
static int split(struct conn *c, size_t len)
{
	struct mbuf *head = mbuf_alloc(len), *rest = mbuf_alloc(BODY_MAX / 16);
	int err = ENOMEM;

	if (head && rest) {
		err  = mbuf_write_mem(head, c->mb->buf, len);
		err |= mbuf_write_mem(rest, c->mb->buf + len,
				      c->mb->end - len);
		head->pos = 0;
	}

	if (!err)
		err = http_msg_decode(&c->msg, head, true);

	mem_deref(head);
	mem_deref(c->mb);
	c->mb = rest;

	return err;
}


static bool has_method(const char *p, size_t len)
{
	size_t n = 0;

	while (n < min(len, METHOD_SIZE) && isalpha((uint8_t)p[n]))
		++n;

	return n && n < len && p[n] == ' ';
}


static bool has_long_line(const char *p, const char *end)
{
	const char *lf;

	for (; (lf = memchr(p, '\n', (size_t)(end - p))); p = lf + 1) {
		if (lf - p > LINE_SIZE)
			return true;
	}

	return false;
}


/* libre looks for patterns in a line at each of its characters, in time that
   grows with the square of it; false if that is answered as a fault */
static bool lines_ok(struct conn *c, size_t len)
{
	const char *p = (const char *)c->mb->buf;

	if (!has_method(p, len))
		fault(c, 400, "this is not HTTP");
	else if (has_long_line(p, p + len))
		fault(c, 413, "a line of a head has at most 4 KiB");
	else
		return true;

	return false;
}


static void head(struct conn *c)
{
	const char *end = head_end(c->mb);
	const size_t len = end ? (size_t)(end - (const char *)c->mb->buf)
		: c->mb->end;

	if (len > HEAD_MAX) {
		fault(c, 413, "a head has at most 16 KiB");
		return;
	}

	if (!end || !lines_ok(c, len))
		return;

	if (split(c, len)) {
		fault(c, 400, "this is not HTTP");
		return;
	}

	if (!body_length(c, c->msg))
		return;

	c->unread = c->mb->end < content_length(c->msg);
	c->req = c->srv->hs->headh(c, c->msg, c->srv->arg);
	if (!c->req)
		return;

	if (go_on(c))
		conn_drop(c);
	else
		body(c);
}


/** Something has come */
void conn_receive(struct mbuf *mb, void *arg)
{
	struct conn *c = arg;

	/* there is one request only */
	if (c->state != CONN_READING)
		return;

	c->mb->pos = c->mb->end;
	if (mbuf_write_mem(c->mb, mbuf_buf(mb), mbuf_get_left(mb))) {
		conn_drop(c);
		return;
	}

	if (c->msg)
		body(c);
	else
		head(c);
}


/** The time for a request is over */
void conn_late(void *arg)
{
	struct conn *c = arg;

	if (c->mb->end || c->msg)
		fault(c, 408, "a request has 10 s");
	else
		conn_close(c);
}
