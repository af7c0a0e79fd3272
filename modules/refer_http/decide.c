/**
 * @file decide.c  What can be done with a transfer
 */
#include <stddef.h>
#include <re.h>
#include <refer/baresip.h>
#include <refer/refer.h>
#include "http.h"
#include "libre.h"


enum {
	CONTACTS_MAX = 8,
};

/** How to answer a REFER */
struct decision {
	enum refer_choice follow;
	uint32_t code;
	const char *reason;
	struct odict *contacts;
};

#define FIELD(name) offsetof(struct decision, name)

static const struct prop acceptv[] = {
	{"follow", PROP_BOOL,   FIELD(follow), 0, 0, {NULL, NULL}},
	{"code",   PROP_NUMBER, FIELD(code), 200, 299, {NULL, NULL}},
};

static const struct prop rejectv[] = {
	{"code",   PROP_NUMBER, FIELD(code), 300, 699, {NULL, NULL}},
	{"reason", PROP_TEXT,   FIELD(reason), 0, 0, {NULL, NULL}},
};

static const struct prop redirectv[] = {
	{"contacts", PROP_LIST, FIELD(contacts), 1, CONTACTS_MAX,
	 {NULL, NULL}},
};

static const struct prop notifyv[] = {
	{"code",   PROP_NUMBER, FIELD(code), 100, 699, {NULL, NULL}},
	{"reason", PROP_TEXT,   FIELD(reason), 0, 0, {NULL, NULL}},
};


typedef int (decide_h)(struct refer_server *srv, const struct decision *d);


static int answer(const struct request *req, uint32_t id, int err,
		  const char *state)
{
	if (err == EPROTO)
		return problem(req, 409, NULL, "transfer %u %s", id, state);

	return err ? err : transfer_answer(req, 200, NULL, id);
}


/* Decide on the REFER that the path names, if that can be done now */
static int decide(struct request *req, const struct prop *propv, size_t n,
		  enum refer_can can, const char *state, decide_h *h)
{
	struct decision d = {.code = 0};
	struct refer_server *srv;
	struct refer_transfer t;
	int err;

	if (!transfer_find(&t, req) || props_decode(&d, propv, n, req))
		return 0;

	if (can == REFER_CAN_REPORT && !d.code)
		return problem(req, 422, "code", "code is missing");

	if (propv == redirectv && !d.contacts)
		return problem(req, 422, "contacts", "contacts is missing");

	srv = refer_server_find(t.id);
	err = srv && t.can & can ? h(srv, &d) : EPROTO;
	if (err == EINVAL)
		return problem(req, 422, NULL, "%s cannot be sent",
			       d.contacts ? "a contact" : "the reason");

	return answer(req, t.id, err, state);
}


static int accept_it(struct refer_server *srv, const struct decision *d)
{
	const struct refer_opts opts = {
		.scode    = (uint16_t)d->code,
		.nofollow = d->follow == REFER_NO,
	};

	return refer_server_accept(srv, &opts);
}


int transfer_accept(struct request *req)
{
	return decide(req, acceptv, ARRAY_SIZE(acceptv), REFER_CAN_DECIDE,
		      "does not wait for a decision", accept_it);
}


static int reject_it(struct refer_server *srv, const struct decision *d)
{
	const struct refer_opts opts = {
		.scode  = (uint16_t)d->code,
		.reason = d->reason,
	};

	return refer_server_reject(srv, &opts);
}


int transfer_reject(struct request *req)
{
	return decide(req, rejectv, ARRAY_SIZE(rejectv), REFER_CAN_DECIDE,
		      "does not wait for a decision", reject_it);
}


static int redirect_it(struct refer_server *srv, const struct decision *d)
{
	const char *contactv[CONTACTS_MAX + 1] = {NULL};
	struct le *le;
	size_t n = 0;

	LIST_FOREACH(&d->contacts->lst, le) {
		contactv[n++] = odict_entry_str(le->data);
	}

	return refer_server_redirect(srv, contactv, NULL);
}


int transfer_redirect(struct request *req)
{
	return decide(req, redirectv, ARRAY_SIZE(redirectv), REFER_CAN_DECIDE,
		      "does not wait for a decision", redirect_it);
}


static int notify_it(struct refer_server *srv, const struct decision *d)
{
	return refer_server_notify(srv, (uint16_t)d->code, d->reason);
}


int transfer_notify(struct request *req)
{
	return decide(req, notifyv, ARRAY_SIZE(notifyv), REFER_CAN_REPORT,
		      "was not accepted with \"follow\":false, or is over",
		      notify_it);
}


int transfer_cancel(struct request *req)
{
	struct refer_transfer t;

	if (!transfer_find(&t, req) || props_decode(NULL, NULL, 0, req))
		return 0;

	return answer(req, t.id, refer_transfer_cancel(t.id), t.ended ?
		      "has ended" : t.can & REFER_CAN_DECIDE ?
		      "waits for a decision: reject it" :
		      "cannot be cancelled now");
}
