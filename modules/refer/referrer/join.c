/**
 * @file join.c  Joining the two calls of an attended transfer
 *
 * The REFER is a part of the transfer that began with the consultation. If it
 * fails after the target has answered, that goes on.
 */
#include <re.h>
#include "core/call_watch.h"
#include "core/core.h"
#include "host/host.h"
#include "refer.h"
#include "referrer/consult.h"
#include "referrer/referrer.h"
#include "syntax/people.h"


/* Given up, there is no other try: the consultation ends behind this */
static void say_failed(const struct consult *con, const struct refer_event *ev)
{
	char code[8] = "";

	if (ev->outcome == REFER_OUTCOME_CANCELLED)
		return;

	if (ev->scode)
		(void)re_snprintf(code, sizeof(code), "%u ", ev->scode);

	info("refer: #%u the calls could not be joined: %s%H; /atransferexec"
	     " tries again, /atransferabort gives up\n", con->id, code,
	     people_quote, ev->reason);
}


/* Without a target that waits its end is that of the whole */
static void ended(struct consult *con, const struct refer_event *ev)
{
	const bool other = consult_other(con) != NULL;

	consult_drop_client(con);

	if (ev->outcome != REFER_OUTCOME_ACCEPTED &&
	    ev->outcome != REFER_OUTCOME_UNKNOWN &&
	    call_alive(&con->call) && other) {
		consult_set_state(con, TALKING);
		say_failed(con, ev);
		return;
	}

	/* later: the target's call may be what ends now */
	consult_resume(con, ev->outcome == REFER_OUTCOME_FAILED);
	consult_end(con, ev->outcome, ev->scode, ev->reason);
}


static void client_handler(const struct refer_event *ev, void *arg)
{
	if (ev->type == REFER_EV_REFER_ENDED)
		ended(arg, ev);
}


/* A target that rings is given up first, and called by its URI (RFC 5589
   section 7.6). In the event of that an application may end the call */
static int alloc(struct consult *con, struct call *other, bool rings)
{
	struct refer *refer = con->all->refer;
	struct call *call = con->call.call;

	if (!rings)
		return client_alloc_attended(&con->client, refer, call,
					     other);

	consult_drop_invite(con);
	host_call_drop(other, "Transferred");

	return call_alive(&con->call) ? client_alloc(&con->client,
						     refer->clients, call,
						     con->target) : ENOENT;
}


/** Join the two. If that fails after the target has answered, both calls are
    as before, for another try. ENOENT if there is nothing to join, EPROTO
    before the target is called, or while they are being joined */
int consult_exec(struct consults *cs)
{
	struct consult *con = cs ? cs->con : NULL;
	struct call *other = con ? consult_other(con) : NULL;
	bool talking;
	int err;

	if (!con)
		return ENOENT;

	if ((con->state != CALLING && con->state != TALKING) ||
	    !call_alive(&con->call) || !other)
		return EPROTO;

	talking = con->state == TALKING;
	consult_set_state(con, EXECUTING);

	err = alloc(con, other, !talking);
	if (!err) {
		client_join(con->client, con->id, con->ts);
		refer_client_set_handler(con->client, client_handler, con);
		err = refer_client_refer(con->client, con->opts);
	}
	if (!err)
		return 0;

	consult_drop_client(con);
	if (talking && consult_other(con))
		consult_set_state(con, TALKING);
	else
		consult_fail(con, REFER_OUTCOME_FAILED, 503,
			     "REFER could not be sent");

	return err;
}


/* A client's call is to be transferred when the target was asked */
static bool busy_handler(const struct refer_client *c, void *arg)
{
	const struct consults *cs = arg;
	const struct consult *con = cs->con;

	return con && con->client != c &&
		con->call.call == refer_client_call(c);
}


/* If its REFER fails after the target has answered, it goes on */
static bool goes_on(const struct consult *con, enum refer_event_type type)
{
	switch (type) {

	case REFER_EV_REFER_REQUEST_REJECTED:
	case REFER_EV_REFER_REJECTED:
	case REFER_EV_REFER_TIMEOUT:
	case REFER_EV_FAILED:
		return con->state == EXECUTING && call_alive(&con->call) &&
			consult_other(con);

	default:
		return false;
	}
}


static bool row_handler(struct refer_transfer *row,
			const struct refer_client *c,
			const struct refer_event *ev, void *arg)
{
	const struct consults *cs = arg;
	const struct consult *con = cs->con;

	if (!con || con->id != ev->id)
		return false;

	consult_row(row, con);
	if (con->client == c && goes_on(con, ev->type))
		row->state = consult_state_name(TALKING);

	return true;
}


/* It has joined them after all, while nothing else was tried */
static void late_handler(struct refer_client *c, const struct refer_event *ev,
			 void *arg)
{
	const struct consults *cs = arg;
	struct consult *con = cs->con;

	if (!con || con->id != ev->id || con->state != TALKING ||
	    ev->scode >= 300)
		return;

	consult_set_state(con, EXECUTING);
	client_succeed(c);
	consult_resume(con, false);
	consult_end(con, REFER_OUTCOME_ACCEPTED, ev->scode, ev->reason);
}


/** What the REFER of a consultation asks, and tells */
const struct client_owner join_owner = {
	.busyh = busy_handler,
	.rowh  = row_handler,
	.lateh = late_handler,
};
