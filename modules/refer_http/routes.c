/**
 * @file routes.c  What can be asked for: methods and paths
 *
 * openapi.json describes these; a test compares the two.
 */
#include <string.h>
#include <re.h>
#include "http.h"
#include "libre.h"


static const struct route routev[] = {
	{"GET",    "/",                           page_get, ROUTE_OPEN},
	{"GET",    "/healthz",                    health_get, ROUTE_OPEN},
	{"GET",    "/metrics",                    metrics_get, 0},
	{"GET",    "/v1/openapi.json",            openapi_get, 0},
	{"GET",    "/v1/events",                  events_get, 0},
	{"GET",    "/v1/transfers",               transfers_list, 0},
	{"POST",   "/v1/transfers",               transfers_start, 0},
	{"GET",    "/v1/transfers/{id}",          transfer_get, 0},
	{"GET",    "/v1/transfers/{id}/ladder",   transfer_ladder, 0},
	{"POST",   "/v1/transfers/{id}/accept",   transfer_accept, 0},
	{"POST",   "/v1/transfers/{id}/reject",   transfer_reject, 0},
	{"POST",   "/v1/transfers/{id}/redirect", transfer_redirect, 0},
	{"POST",   "/v1/transfers/{id}/notify",   transfer_notify, 0},
	{"POST",   "/v1/transfers/{id}/cancel",   transfer_cancel, 0},
	{"GET",    "/v1/calls",                   calls_list, 0},
	{"POST",   "/v1/calls",                   calls_dial, 0},
	{"GET",    "/v1/calls/{id}",              call_get, 0},
	{"DELETE", "/v1/calls/{id}",              call_end, 0},
	{"POST",   "/v1/calls/{id}/answer",       call_answer_it, 0},
	{"POST",   "/v1/calls/{id}/hold",         call_hold_it, 0},
	{"POST",   "/v1/calls/{id}/resume",       call_resume, 0},
};

/* Of HTTP; one that is not here is 501 */
static const char *const methodv[] = {
	"GET", "HEAD", "POST", "DELETE", "OPTIONS", "PUT", "PATCH",
};


/* Whether a path is one of a pattern, and its {id} then */
static bool match(struct pl *id, const char *pattern, const struct pl *path)
{
	const char *p = path->p, *end = path->p + path->l;

	*id = pl_null;

	while (*pattern) {

		if (*pattern == '{') {
			pattern = strchr(pattern, '}') + 1;
			for (id->p = p; p < end && *p != '/'; ++p)
				++id->l;

			if (!id->l)
				return false;
		}
		else if (p < end && *p == *pattern) {
			++p;
			++pattern;
		}
		else {
			return false;
		}
	}

	return p == end;
}


/* HEAD is a GET without a body */
static bool is_method(const struct route *r, const struct pl *met)
{
	return !pl_strcmp(met, r->method) ||
		(!pl_strcmp(met, "HEAD") && !strcmp(r->method, "GET"));
}


static const char *allow(bool get, bool post, bool del)
{
	return get && post ? "GET, HEAD, POST, OPTIONS" :
		get && del ? "GET, HEAD, DELETE, OPTIONS" :
		get ? "GET, HEAD, OPTIONS" : "POST, OPTIONS";
}


/**
 * Find a route
 *
 * @param allowp Set to the methods that the path has, NULL if it is unknown
 * @param id     Set to the variable segment of the path, undecoded
 * @param msg    Request
 *
 * @return Route, NULL if there is none for this method
 */
const struct route *route_find(const char **allowp, struct pl *id,
			       const struct http_msg *msg)
{
	const struct route *found = NULL;
	bool get = false, post = false, del = false;
	struct pl seg;
	size_t i;

	for (i=0; i<ARRAY_SIZE(routev); ++i) {

		const struct route *r = &routev[i];

		if (!match(&seg, r->path, &msg->path))
			continue;

		*id = seg;
		get  |= !strcmp(r->method, "GET");
		post |= !strcmp(r->method, "POST");
		del  |= !strcmp(r->method, "DELETE");
		if (is_method(r, &msg->met))
			found = r;
	}

	*allowp = get || post || del ? allow(get, post, del) : NULL;

	return found;
}


/** Tell whether a method is one of HTTP */
bool route_is_method(const struct pl *method)
{
	size_t i;

	for (i=0; i<ARRAY_SIZE(methodv); ++i) {
		if (!pl_strcmp(method, methodv[i]))
			return true;
	}

	return false;
}
