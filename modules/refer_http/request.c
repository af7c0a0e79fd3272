/**
 * @file request.c  One request, and its response
 *
 * Errors are application/problem+json (RFC 9457).
 */
#include <stdlib.h>
#include <re.h>
#include <refer/baresip.h>
#include <refer/refer.h>
#include "http.h"
#include "libre.h"


static const struct {
	unsigned scode;
	const char *reason;
} reasonv[] = {
	{200, "OK"},
	{201, "Created"},
	{204, "No Content"},
	{400, "Bad Request"},
	{401, "Unauthorized"},
	{403, "Forbidden"},
	{404, "Not Found"},
	{405, "Method Not Allowed"},
	{408, "Request Timeout"},
	{409, "Conflict"},
	{413, "Content Too Large"},
	{415, "Unsupported Media Type"},
	{422, "Unprocessable Content"},
	{429, "Too Many Requests"},
	{500, "Internal Server Error"},
	{501, "Not Implemented"},
	{503, "Service Unavailable"},
};


static const char *reason(unsigned scode)
{
	size_t i;

	for (i=0; i<ARRAY_SIZE(reasonv); ++i) {
		if (reasonv[i].scode == scode)
			return reasonv[i].reason;
	}

	return "?";
}


/* Only to the site that is configured: others cannot read an answer, or put
   it into a page */
static int print_cors(struct re_printf *pf, const struct request *req)
{
	struct pl origin;
	int err = 0;

	if (req->http->set->origin)
		err = re_hprintf(pf, "Vary: Origin\r\n");

	if (!guard_origin(req, &origin) || !origin.l)
		return err | re_hprintf(pf, "Cross-Origin-Resource-Policy:"
					" same-origin\r\n");

	return err | re_hprintf(pf, "Access-Control-Allow-Origin: %r\r\n"
				"Access-Control-Expose-Headers: Location\r\n",
				&origin);
}


/** Write the head of a response, without its length and end */
int reply_head(struct mbuf *mb, const struct request *req, unsigned scode,
	       const char *ctype, const char *hdrs)
{
	int err;

	err  = mbuf_printf(mb, "HTTP/1.1 %u %s\r\n", scode, reason(scode));
	err |= mbuf_printf(mb, "Date: %H\r\n", fmt_gmtime, NULL);
	if (ctype)
		err |= mbuf_printf(mb, "Content-Type: %s\r\n", ctype);
	err |= mbuf_printf(mb, "Cache-Control: no-store\r\n"
			   "X-Content-Type-Options: nosniff\r\n"
			   "Connection: close\r\n"
			   "%H%s", print_cors, req, hdrs ? hdrs : "");

	return err;
}


/** Send a response, and let go of the connection */
void reply(const struct request *req, unsigned scode, const char *ctype,
	   const char *hdrs, const struct mbuf *body)
{
	const bool head = req->msg && !pl_strcmp(&req->msg->met, "HEAD");
	const size_t len = body ? body->end : 0;
	struct mbuf *mb;
	int err;

	mb = mbuf_alloc(1024 + len);
	if (!mb) {
		conn_drop(req->conn);
		return;
	}

	err = reply_head(mb, req, scode, ctype, hdrs);
	if (scode != 204)
		err |= mbuf_printf(mb, "Content-Length: %zu\r\n", len);
	err |= mbuf_write_str(mb, "\r\n");
	if (len && !head)
		err |= mbuf_write_mem(mb, body->buf, len);

	if (err)
		conn_drop(req->conn);
	else
		conn_send(req->conn, mb);

	mem_deref(mb);
}


static int reply_print(const struct request *req, unsigned scode,
		       const char *ctype, const char *hdrs, re_printf_h *h,
		       const void *arg)
{
	struct mbuf *mb = mbuf_alloc(2048);
	int err = ENOMEM;

	if (mb)
		err = mbuf_printf(mb, "%H", h, arg);
	if (!err)
		reply(req, scode, ctype, hdrs, mb);

	mem_deref(mb);

	return err;
}


static int print_line(struct re_printf *pf, const struct odict *od)
{
	return re_hprintf(pf, "%H\n", json_encode_odict, od);
}


/** Answer with an object of JSON */
int reply_object(const struct request *req, unsigned scode, const char *hdrs,
		 const struct odict *od)
{
	return reply_print(req, scode, "application/json", hdrs,
			   (re_printf_h *)print_line, od);
}


/** Answer with what a handler prints */
int reply_text(const struct request *req, const char *ctype,
	       const char *hdrs, re_printf_h *h, void *arg)
{
	return reply_print(req, 200, ctype, hdrs, h, arg);
}


static int add_problem(struct odict *od, unsigned scode, const char *property,
		       const char *detail)
{
	int err;

	err  = odict_entry_add(od, "type", ODICT_STRING, "about:blank");
	err |= odict_entry_add(od, "title", ODICT_STRING, reason(scode));
	err |= odict_entry_add(od, "status", ODICT_INT, (int64_t)scode);
	err |= odict_add_text(od, "detail", detail);
	err |= odict_add_text(od, "property", property);

	return err;
}


static int vproblem(const struct request *req, unsigned scode,
		    const char *hdrs, const char *property, const char *fmt,
		    va_list ap)
{
	struct odict *od = NULL;
	char *detail = NULL;
	int err;

	err = re_vsdprintf(&detail, fmt, ap);
	if (!err)
		err = odict_alloc(&od, 8);
	if (!err)
		err = add_problem(od, scode, property, detail);
	if (!err)
		err = reply_print(req, scode, "application/problem+json",
				  hdrs, (re_printf_h *)print_line, od);
	if (err)
		conn_drop(req->conn);

	mem_deref(detail);
	mem_deref(od);

	return 0;
}


/**
 * Answer with an error
 *
 * @param req      Request
 * @param scode    Status code
 * @param property Property of the body that is wrong, or NULL
 * @param fmt      A sentence that tells what is wrong, and what is allowed
 *
 * @return 0: this is the answer
 */
int problem(const struct request *req, unsigned scode, const char *property,
	    const char *fmt, ...)
{
	va_list ap;
	int err;

	va_start(ap, fmt);
	err = vproblem(req, scode, NULL, property, fmt, ap);
	va_end(ap);

	return err;
}


/** Answer with an error that has more header lines */
int problem_hdrs(const struct request *req, unsigned scode,
		 const char *hdrs, const char *fmt, ...)
{
	va_list ap;
	int err;

	va_start(ap, fmt);
	err = vproblem(req, scode, hdrs, NULL, fmt, ap);
	va_end(ap);

	return err;
}


/** Answer with what an error of the API means */
int problem_errno(const struct request *req, int err, const char *what)
{
	struct refer_stats *stats = mem_zalloc(sizeof(*stats), NULL);
	const bool loaded = stats && !refer_stats_get(stats);

	mem_deref(stats);
	if (!loaded)
		return problem(req, 503, NULL, "refer.so is not loaded");

	switch (err) {

	case ENOENT:
		return problem(req, 404, NULL, "%s: there is none", what);

	case EPROTO:
		return problem(req, 409, NULL, "%s: not in this state", what);

	case EALREADY:
		return problem(req, 409, NULL, "%s: this was done before",
			       what);

	case EPERM:
		return problem(req, 403, NULL, "%s: this is not allowed",
			       what);

	case EAGAIN:
		return problem_hdrs(req, 429, "Retry-After: 2\r\n",
				    "%s: there are too many", what);

	default:
		return problem(req, 500, NULL, "%s: %m", what, err);
	}
}


/** Find a parameter of the query, undecoded */
bool query_param(struct pl *val, const struct http_msg *msg, const char *name)
{
	struct pl rest = msg->prm, key;

	pl_advance(&rest, rest.l ? 1 : 0);

	while (!re_regex(rest.p, rest.l, "[^&=]+[=]*[^&]*[&]*", &key, NULL,
			 val, NULL)) {

		pl_advance(&rest, val->p + val->l - rest.p);
		pl_advance(&rest, rest.l ? 1 : 0);
		if (!pl_strcmp(&key, name))
			return true;
	}

	return false;
}
