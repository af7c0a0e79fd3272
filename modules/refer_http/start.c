/**
 * @file start.c  Starts a transfer
 */
#include <stddef.h>
#include <string.h>
#include <re.h>
#include <refer/baresip.h>
#include <refer/refer.h>
#include "http.h"
#include "libre.h"


enum {
	HEADERS_MAX = 16,
	TIMEOUT_MAX = 86400,     /* of a transfer [s] */
};

/** What starts a transfer */
struct start {
	const char *call;
	const char *target;
	const char *with;
	const char *peer;
	const char *account;
	struct odict *headers;
	enum refer_choice hold;
	enum refer_choice keep;
	enum refer_choice sub;
	uint32_t timeout;
};

#define BUSY "a transfer of this call is under way"

#define FIELD(name) offsetof(struct start, name)

static const struct prop startv[] = {
	{"call",    PROP_TEXT,   FIELD(call),    0, 0, {NULL, NULL}},
	{"target",  PROP_TEXT,   FIELD(target),  0, 0, {NULL, NULL}},
	{"with",    PROP_TEXT,   FIELD(with),    0, 0, {NULL, NULL}},
	{"peer",    PROP_TEXT,   FIELD(peer),    0, 0, {NULL, NULL}},
	{"account", PROP_TEXT,   FIELD(account), 0, 0, {NULL, NULL}},
	{"headers", PROP_OBJECT, FIELD(headers), 0, HEADERS_MAX, {NULL, NULL}},
	{"hold",    PROP_BOOL,   FIELD(hold),    0, 0, {NULL, NULL}},
	{"after",   PROP_CHOICE, FIELD(keep),    0, 0, {"hangup", "keep"}},
	{"timeout", PROP_NUMBER, FIELD(timeout), 1, TIMEOUT_MAX, {NULL, NULL}},
	{"sub",     PROP_BOOL,   FIELD(sub),     0, 0, {NULL, NULL}},
};


/** Get an account; false if there is none, which is answered */
bool account_find(struct ua **uap, const struct request *req,
		  const char *account)
{
	struct le *le;

	*uap = account ? NULL : refer_ua_current();
	for (le = list_head(uag_list()); le && account; le = le->next) {
		if (!strcmp(account_aor(ua_account(le->data)), account))
			*uap = le->data;
	}

	if (!*uap)
		problem(req, 422, "account", account ? "there is no account"
			" %s" : "there is no account", account);

	return *uap != NULL;
}


static struct call *find_call(const struct request *req, const char *id,
			      const char *property)
{
	struct call *call = refer_call_find(id);

	if (!call)
		problem(req, 422, property, "there is no call %s", id);

	return call;
}


static int add_headers(char **hdrv, const struct odict *headers)
{
	size_t n = 0;
	struct le *le;
	int err = 0;

	for (le = headers ? headers->lst.head : NULL; le && !err;
	     le = le->next) {
		const struct odict_entry *e = le->data;

		err = re_sdprintf(&hdrv[n++], "%s: %s", odict_entry_key(e),
				  odict_entry_str(e));
	}

	return err;
}


static int send_refer(const struct request *req, struct refer_client *c,
		      const struct start *s)
{
	char *hdrv[HEADERS_MAX + 1] = {NULL};
	struct refer_client_opts opts = {
		.hdrv    = (const char *const *)hdrv,
		.nosub   = s->sub == REFER_NO,
		.hold    = s->hold,
		.keep    = s->keep,
		.timeout = s->timeout,
	};
	char hdr[64];
	size_t i;
	int err;

	err = add_headers(hdrv, s->headers);
	if (!err)
		err = refer_client_refer(c, &opts);

	for (i=0; hdrv[i]; ++i)
		mem_deref(hdrv[i]);

	if (err == EINVAL)
		return problem(req, 422, "headers", "a header cannot be sent:"
			       " the protocol writes it, or it is malformed");

	if (err == EALREADY)
		return problem(req, 409, NULL, BUSY);

	if (err)
		return err;

	(void)re_snprintf(hdr, sizeof(hdr), "Location: /v1/transfers/%u\r\n",
			  refer_client_id(c));

	return transfer_answer(req, 201, hdr, refer_client_id(c));
}


static int explain_alloc(const struct request *req, const struct start *s,
			 int err)
{
	switch (err) {

	case EINVAL:
		return s->with ?
			problem(req, 422, "with", "the other call's Contact"
				" cannot be sent") :
			problem(req, 422, s->peer ? "peer" : "target",
				"%s is no sip, sips or tel URI", s->peer ?
				"peer or target" : "target");

	case EPROTO:
		return problem(req, 409, NULL, "the call is not established");

	case EAGAIN:
		return problem(req, 409, NULL, "the call that the target"
			       " replaces is not established");

	case ENOENT:
		return problem(req, 409, NULL, "the call cannot be told apart"
			       " from others of its Call-ID");

	default:
		return err;
	}
}


static int same_handler(const struct refer_transfer *t, void *arg)
{
	return t->role == REFER_ROLE_CLIENT && !str_cmp(t->callid, arg) ?
		EALREADY : 0;
}


/* A second REFER of a call is legal, but a second click is what it is */
static bool is_busy(const struct call *call)
{
	const char *id = call_id(call);

	return refer_transfers_apply(REFER_UNDER_WAY, same_handler,
				     (void *)(uintptr_t)id) != 0;
}


static int alloc_in_call(struct refer_client **cp, const struct request *req,
			 const struct start *s)
{
	struct call *call = find_call(req, s->call, "call"), *other;
	int err;

	if (!call)
		return 0;

	if (is_busy(call))
		return problem(req, 409, NULL, BUSY);

	if (!s->with) {
		err = refer_client_alloc(cp, call, s->target);
		return err ? explain_alloc(req, s, err) : 0;
	}

	other = find_call(req, s->with, "with");
	if (!other)
		return 0;

	if (other == call)
		return problem(req, 422, "with", "a call cannot be joined with"
			       " itself");

	err = refer_client_alloc_attended(cp, call, other);

	return err ? explain_alloc(req, s, err) : 0;
}


static int alloc_outside(struct refer_client **cp, const struct request *req,
			 const struct start *s)
{
	struct ua *ua;
	int err;

	if (!account_find(&ua, req, s->account))
		return 0;

	err = refer_client_alloc_outside(cp, ua, s->peer, s->target);

	return err ? explain_alloc(req, s, err) : 0;
}


/* Which of them go together */
static const char *missing(const struct start *s, const char **why)
{
	if (!s->call == !s->peer) {
		*why = "either call or peer";
		return "call";
	}

	if (!s->target == !s->with) {
		*why = "either target or with";
		return "target";
	}

	if (s->peer && s->with) {
		*why = "with needs call";
		return "with";
	}

	if (s->account && s->call) {
		*why = "account needs peer: a call has its own";
		return "account";
	}

	return NULL;
}


int transfers_start(struct request *req)
{
	struct refer_stats *stats = mem_zalloc(sizeof(*stats), NULL);
	struct start s = {.call = NULL};
	struct refer_client *c = NULL;
	const char *why, *property;
	int err;

	err = stats ? refer_stats_get(stats) : ENOMEM;
	mem_deref(stats);
	if (err)
		return err;

	if (props_decode(&s, startv, ARRAY_SIZE(startv), req))
		return 0;

	property = missing(&s, &why);
	if (property)
		return problem(req, 422, property, "a transfer has %s", why);

	err = s.call ? alloc_in_call(&c, req, &s) : alloc_outside(&c, req, &s);
	if (!err && c)
		err = send_refer(req, c, &s);
	mem_deref(c);

	return err;
}
