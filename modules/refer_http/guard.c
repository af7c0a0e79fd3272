/**
 * @file guard.c  Whether a request may be answered at all
 *
 * Any page in a browser on the same machine can send requests here. It cannot
 * choose Host, Origin and Authorization, and without being asked first
 * (OPTIONS) no other type than that of a form: these are looked at, before a
 * body is read. A name that is not configured is refused, for its owner can
 * have it point here at any time (DNS rebinding).
 */
#include <string.h>
#include <re.h>
#include "http.h"
#include "libre.h"


/* As long as the token that is presented, whatever is right of it */
static bool is_token(const struct pl *val, const char *token)
{
	const size_t len = strlen(token);
	unsigned diff = val->l != len;
	size_t i;

	for (i=0; i<val->l; ++i)
		diff |= (unsigned)(val->p[i] ^ token[i % len]);

	return !diff;
}


static bool has_token(const struct request *req)
{
	const struct http_hdr *hdr = http_msg_xhdr(req->msg, "Authorization");
	const char *token = req->http->set->token;
	struct pl scheme, val;

	if (!token)
		return true;

	if (!hdr || http_msg_xhdr_count(req->msg, "Authorization") != 1)
		return false;

	scheme = val = hdr->val;
	scheme.l = min(scheme.l, strlen("Bearer"));
	pl_advance(&val, (ssize_t)scheme.l);
	if (pl_strcasecmp(&scheme, "Bearer") || !val.l || *val.p != ' ')
		return false;

	while (val.l && *val.p == ' ')
		pl_advance(&val, 1);

	return is_token(&val, token);
}


static bool is_port(const char *p, const char *end)
{
	for (; p < end; ++p) {
		if (*p < '0' || *p > '9')
			return false;
	}

	return true;
}


/* "host", "host:port" and "[v6]:port" */
static bool split_host(struct pl *host, const struct pl *val)
{
	const char *end = val->p + val->l, *p;
	const bool v6 = val->l && *val->p == '[';

	p = memchr(val->p, v6 ? ']' : ':', val->l);
	if (v6 && !p)
		return false;

	host->p = val->p + (v6 ? 1 : 0);
	host->l = (size_t)((p ? p : end) - host->p);
	if (v6)
		++p;

	return host->l && (!p || p == end || (*p == ':' &&
					      is_port(p + 1, end)));
}


static bool is_address(const struct pl *host)
{
	struct sa sa;

	return !sa_set(&sa, host, 1);
}


static bool host_ok(const struct http_msg *msg)
{
	const struct http_hdr *hdr = http_msg_xhdr(msg, "Host");
	struct pl host;

	return split_host(&host, &hdr->val) &&
		(is_address(&host) || !pl_strcasecmp(&host, "localhost") ||
		 settings_host(&host));
}


/** Get the site that is configured, if a request comes from it, otherwise
    nothing; false if it comes from another one than that and this */
bool guard_origin(const struct request *req, struct pl *origin)
{
	const char *scheme = server_is_tls(req->http->server) ? "https://"
		: "http://";
	const struct http_hdr *hdr, *host;
	const char *other = req->http->set->origin;
	struct pl rest;

	*origin = pl_null;
	hdr = req->msg ? http_msg_xhdr(req->msg, "Origin") : NULL;
	if (!hdr)
		return true;

	host = http_msg_xhdr(req->msg, "Host");
	rest = hdr->val;
	if (http_msg_xhdr_count(req->msg, "Origin") != 1 || !host)
		return false;

	if (other && !pl_strcmp(&hdr->val, other)) {
		*origin = hdr->val;
		return true;
	}

	if (rest.l < strlen(scheme) ||
	    memcmp(rest.p, scheme, strlen(scheme)))
		return false;

	pl_advance(&rest, (ssize_t)strlen(scheme));

	return !pl_casecmp(&rest, &host->val);
}


/* A browser tells where a request comes from; that a link was followed to the
   page, which has its own guards, is no harm. Another port of this host is the
   same site, not the same origin */
static bool is_cross_site(const struct http_msg *msg)
{
	const struct http_hdr *hdr = http_msg_xhdr(msg, "Sec-Fetch-Site");
	const struct http_hdr *mode = http_msg_xhdr(msg, "Sec-Fetch-Mode");

	if (!hdr || (mode && !pl_strcmp(&mode->val, "navigate") &&
		     !pl_strcmp(&msg->path, "/")))
		return false;

	return pl_strcmp(&hdr->val, "same-origin") &&
		pl_strcmp(&hdr->val, "none");
}


static bool is_json(const struct http_msg *msg)
{
	const struct http_hdr *hdr = http_msg_xhdr(msg, "Content-Type");
	struct pl type;

	return hdr && http_msg_xhdr_count(msg, "Content-Type") == 1 &&
		!re_regex(hdr->val.p, hdr->val.l, "[^; \t]+", &type) &&
		type.p == hdr->val.p &&
		!pl_strcasecmp(&type, "application/json");
}


/* What a page of the other site may do is asked for without the token */
static int preflight(const struct request *req, const char *allow)
{
	char *hdrs;
	int err;

	err = req->http->set->origin ?
		re_sdprintf(&hdrs, "Allow: %s\r\n"
			    "Access-Control-Allow-Methods: %s\r\n"
			    "Access-Control-Allow-Headers: Authorization,"
			    " Content-Type, Last-Event-ID\r\n"
			    "Access-Control-Max-Age: 600\r\n", allow, allow) :
		re_sdprintf(&hdrs, "Allow: %s\r\n", allow);
	if (err)
		return problem(req, 500, NULL, "%m", err);

	reply(req, 204, NULL, hdrs, NULL);
	mem_deref(hdrs);

	return 0;
}


static int refuse_method(const struct request *req, const char *allow)
{
	char hdr[64];

	if (!route_is_method(&req->msg->met))
		return problem(req, 501, NULL, "this method is unknown");

	if (!allow)
		return problem(req, 404, NULL, "there is no such path");

	(void)re_snprintf(hdr, sizeof(hdr), "Allow: %s\r\n", allow);

	return problem_hdrs(req, 405, hdr, "this path has %s", allow);
}


/**
 * Decide whether a request may go on to its route
 *
 * @param req Request, of which the head has come; its route and id are set
 *
 * @return True if so; otherwise it is answered
 */
bool guard_pass(struct request *req)
{
	const struct http_msg *msg = req->msg;
	const struct route *r;
	const char *allow;
	struct pl id, origin;

	if (!host_ok(msg)) {
		problem(req, 403, NULL, "Host is neither an address nor a"
			" name of refer_http_host");
		return false;
	}

	if (!guard_origin(req, &origin)) {
		problem(req, 403, NULL, "Origin is another site");
		return false;
	}

	if (!origin.l && is_cross_site(msg)) {
		problem(req, 403, NULL, "Sec-Fetch-Site is another site");
		return false;
	}

	r = route_find(&allow, &id, msg);
	req->route = r;
	if (allow && !pl_strcmp(&msg->met, "OPTIONS")) {
		(void)preflight(req, allow);
		return false;
	}

	req->trusted = has_token(req);
	if (!req->trusted && !(r && r->flags & ROUTE_OPEN)) {
		problem_hdrs(req, 401, "WWW-Authenticate: Bearer\r\n",
			     "this needs Authorization: Bearer and the token");
		return false;
	}

	if (!r) {
		(void)refuse_method(req, allow);
		return false;
	}

	if (!strcmp(r->method, "POST") && !is_json(msg)) {
		problem(req, 415, NULL, "a POST is application/json");
		return false;
	}

	if (id.l && text_unescape(&req->id, &id)) {
		problem(req, 400, NULL, "the path has a malformed escape");
		return false;
	}

	return true;
}
