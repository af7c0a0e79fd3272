/**
 * @file join.c  Joining the two calls of an attended transfer
 *
 * The REFER is a part of the transfer that began with the consultation. If it
 * fails after the target has answered, that goes on.
 */
#include <re.h>
#include "core/call_watch.h"
#include "core/core.h"
#include "refer.h"
#include "referrer/consult.h"
#include "referrer/referrer.h"


static void client_handler(const struct refer_event *ev, void *arg)
{
	struct consult *con = arg;

	if (ev->type != REFER_EV_REFER_ENDED)
		return;

	refer_client_set_handler(ev->client, NULL, NULL);
	con->client = mem_deref(con->client);

	if (ev->outcome == REFER_OUTCOME_ACCEPTED ||
	    ev->outcome == REFER_OUTCOME_UNKNOWN || !call_alive(&con->call)) {
		consult_resume(con, false);
		consult_end(con, ev->outcome, ev->scode, ev->reason);
	}
	else if (consult_other(con))
		consult_set_state(con, TALKING);
	else
		consult_fail(con, ev->scode, ev->reason);
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

	con->client = mem_deref(con->client);
	if (talking && consult_other(con))
		consult_set_state(con, TALKING);
	else
		consult_fail(con, 503, "REFER could not be sent");

	return err;
}
