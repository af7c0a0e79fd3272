/**
 * @file calls.c  Calls
 */
#include <stddef.h>
#include <re.h>
#include <refer/baresip.h>
#include <refer/refer.h>
#include "http.h"
#include "libre.h"


enum {
	HASH_SIZE = 16,
};

/** What makes a call */
struct dial {
	const char *target;
	const char *account;
};

static const struct prop dialv[] = {
	{"target",  PROP_TEXT, offsetof(struct dial, target), 0, 0,
	 {NULL, NULL}},
	{"account", PROP_TEXT, offsetof(struct dial, account), 0, 0,
	 {NULL, NULL}},
};

static const struct {
	enum call_state state;
	const char *name;
} statev[] = {
	{CALL_STATE_INCOMING,    "incoming"},
	{CALL_STATE_OUTGOING,    "outgoing"},
	{CALL_STATE_RINGING,     "ringing"},
	{CALL_STATE_EARLY,       "early"},
	{CALL_STATE_ESTABLISHED, "established"},
	{CALL_STATE_TERMINATED,  "terminated"},
};


/* A new one is neither of these, but on its way out */
static const char *state_name(const struct call *call)
{
	const enum call_state state = call_state(call);
	size_t i;

	for (i=0; i<ARRAY_SIZE(statev); ++i) {
		if (statev[i].state == state)
			return statev[i].name;
	}

	return call_is_outgoing(call) ? "outgoing" : "incoming";
}


/** Add a call to an object of JSON */
int call_encode(struct odict *od, const struct call *call)
{
	int err;

	err  = odict_add_text(od, "id", call_id(call));
	err |= odict_add_text(od, "account",
			  account_aor(ua_account(call_get_ua(call))));
	err |= odict_add_text(od, "peer", call_peeruri(call));
	err |= odict_add_text(od, "name", call_peername(call));
	err |= odict_add_text(od, "direction", call_is_outgoing(call) ?
			  "outgoing" : "incoming");
	err |= odict_add_text(od, "state", state_name(call));
	err |= odict_entry_add(od, "held", ODICT_BOOL,
			       refer_call_held(call) ? 1 : 0);
	err |= odict_entry_add(od, "duration", ODICT_INT,
			       (int64_t)call_duration(call));

	return err;
}


static int reply_call(const struct request *req, unsigned scode,
		      const char *hdrs, const struct call *call)
{
	struct odict *od;
	int err;

	err = odict_alloc(&od, HASH_SIZE);
	if (err)
		return err;

	err = call_encode(od, call);
	if (!err)
		err = reply_object(req, scode, hdrs, od);
	mem_deref(od);

	return err;
}


static int add_accounts(struct odict *array)
{
	struct le *le;
	uint32_t n = 0;
	int err = 0;

	LIST_FOREACH(uag_list(), le) {
		const char *aor = account_aor(ua_account(le->data));

		err |= array_add(array, n++, ODICT_STRING, (char *)aor);
	}

	return err;
}


static int add_calls(struct odict *array)
{
	struct le *ule, *cle;
	struct odict *od;
	uint32_t n = 0;
	int err = 0;

	LIST_FOREACH(uag_list(), ule) {
		LIST_FOREACH(ua_calls(ule->data), cle) {
			if (odict_alloc(&od, HASH_SIZE))
				return ENOMEM;

			err |= call_encode(od, cle->data);
			err |= array_add(array, n++, ODICT_OBJECT, od);
			mem_deref(od);
		}
	}

	return err;
}


static int add_array(struct odict *od, const char *key,
		     int (*h)(struct odict *array))
{
	struct odict *array;
	int err;

	err = odict_alloc(&array, 256);
	if (err)
		return err;

	err = h(array);
	if (!err)
		err = odict_entry_add(od, key, ODICT_ARRAY, array);
	mem_deref(array);

	return err;
}


int calls_list(struct request *req)
{
	struct odict *od;
	int err;

	err = odict_alloc(&od, 2);
	if (err)
		return err;

	err = add_array(od, "calls", add_calls);
	if (!err)
		err = add_array(od, "accounts", add_accounts);
	if (!err)
		err = reply_object(req, 200, NULL, od);
	mem_deref(od);

	return err;
}


static int print_escaped(struct re_printf *pf, const char *str)
{
	int err = 0;

	for (; str && *str; ++str) {
		const bool plain = (*str >= '0' && *str <= '9') ||
			(*str >= 'a' && *str <= 'z') ||
			(*str >= 'A' && *str <= 'Z') ||
			*str == '-' || *str == '.' || *str == '_';

		err |= plain ? pf->vph(str, 1, pf->arg) :
			re_hprintf(pf, "%%%02X", (unsigned)(uint8_t)*str);
	}

	return err;
}


int calls_dial(struct request *req)
{
	struct dial d = {NULL, NULL};
	char *hdr = NULL;
	struct call *call;
	struct ua *ua;
	int err;

	if (props_decode(&d, dialv, ARRAY_SIZE(dialv), req))
		return 0;

	if (!d.target)
		return problem(req, 422, "target", "target is missing");

	if (!account_find(&ua, req, d.account))
		return 0;

	err = refer_call_dial(&call, ua, d.target);
	if (err == EINVAL || err == ENOTSUP)
		return problem(req, 422, "target", err == EINVAL ?
			       "target is no sip, sips or tel URI" :
			       "baresip cannot call a target with this escape"
			       " (%%)");

	/* with medianat, 1.x has no Call-ID until it sends the INVITE */
	if (!err && call_id(call))
		err = re_sdprintf(&hdr, "Location: /v1/calls/%H\r\n",
				  print_escaped, call_id(call));
	if (!err)
		err = reply_call(req, 201, hdr, call);
	mem_deref(hdr);

	return err;
}


/* The call that the path names */
static struct call *find(const struct request *req)
{
	struct call *call = refer_call_find(req->id);

	if (!call)
		problem_errno(req, ENOENT, "call");

	return call;
}


int call_get(struct request *req)
{
	struct call *call = find(req);

	return call ? reply_call(req, 200, NULL, call) : 0;
}


int call_end(struct request *req)
{
	struct call *call = find(req);
	int err;

	if (!call)
		return 0;

	err = refer_call_end(call, "Ended over HTTP");
	if (!err)
		reply(req, 204, NULL, NULL, NULL);

	return err;
}


typedef int (change_h)(struct call *call);


static int change(struct request *req, change_h *h, const char *state)
{
	struct call *call = find(req);
	int err;

	if (!call || props_decode(NULL, NULL, 0, req))
		return 0;

	err = h(call);
	if (err == EPROTO)
		return problem(req, 409, NULL, "the call %s", state);

	return err ? err : reply_call(req, 200, NULL, call);
}


int call_answer_it(struct request *req)
{
	return change(req, refer_call_answer, "does not wait for an answer");
}


static int hold(struct call *call)
{
	return refer_call_hold(call, true);
}


int call_hold_it(struct request *req)
{
	return change(req, hold, "is not established");
}


static int resume(struct call *call)
{
	return refer_call_hold(call, false);
}


int call_resume(struct request *req)
{
	return change(req, resume, "is not established");
}
