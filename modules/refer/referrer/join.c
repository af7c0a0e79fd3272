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


/* It has joined them after all, while nothing else was tried: the end of the
   call is no failure */
static void late(struct consult *con, const struct refer_event *ev)
{
	if (ev->scode >= 300 || con->state != TALKING)
		return;

	consult_set_state(con, EXECUTING);
	client_succeed(con->client);
	consult_resume(con, false);
	consult_end(con, REFER_OUTCOME_ACCEPTED, ev->scode, ev->reason);
}


static void ended(struct consult *con, const struct refer_event *ev)
{
	if (ev->outcome != REFER_OUTCOME_TIMEOUT)
		consult_drop_client(con);

	if (ev->outcome == REFER_OUTCOME_ACCEPTED ||
	    ev->outcome == REFER_OUTCOME_UNKNOWN || !call_alive(&con->call)) {
		consult_resume(con, false);
		consult_end(con, ev->outcome, ev->scode, ev->reason);
	}
	else if (consult_other(con)) {
		consult_set_state(con, TALKING);
		info("refer: #%u the calls could not be joined: %u %H;"
		     " /atransferexec tries again, /atransferabort gives"
		     " up\n", con->id, ev->scode, people_quote, ev->reason);
	}
	else
		consult_fail(con, ev->outcome == REFER_OUTCOME_TIMEOUT ?
			     REFER_OUTCOME_TIMEOUT : REFER_OUTCOME_FAILED,
			     ev->scode, ev->reason);
}


static void client_handler(const struct refer_event *ev, void *arg)
{
	if (ev->type == REFER_EV_REFER_ENDED)
		ended(arg, ev);
	else if (ev->type == REFER_EV_REFER_LATE)
		late(arg, ev);
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

	consult_drop_client(con);
	talking = con->state == TALKING;
	consult_set_state(con, EXECUTING);
	if (!talking)
		consult_drop_invite(con);

	err = client_alloc_join(&con->client, cs->refer, con->call.call, other,
				talking ? NULL : con->target);
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
