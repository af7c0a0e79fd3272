/**
 * @file client_start.c  How an outgoing REFER begins (RFC 5589 section 6)
 *
 * In the dialog of a call, which is put on hold first, or in one of its own.
 */
#include <string.h>
#include <re.h>
#include "config/params.h"
#include "core/call_watch.h"
#include "core/core.h"
#include "core/queue.h"
#include "core/sender.h"
#include "host/host.h"
#include "refer.h"
#include "referrer/client.h"
#include "referrer/referrer.h"
#include "referrer/target_uri.h"
#include "syntax/refer_to.h"
#include "target/target.h"


static void destructor(void *arg)
{
	struct refer_client *c = arg;

	list_unlink(&c->le);
	queue_remove(&c->grace_due);
	call_unwatch(&c->watch);
	call_unwatch(&c->other);
	mem_deref(c->hold);
	mem_deref(c->sub);
	mem_deref(c->sender);
	mem_deref(c->target);
	mem_deref(c->peer);
	mem_deref(c->aor);
	mem_deref(c->hdrs);
	mem_deref(c->content);
	mem_deref(c->redirect);
	mem_deref(c->reason);
}


/* RFC 3891 section 4: only the target could have it replaced then */
static bool replaces_early(const char *target)
{
	struct refer_to *rt;
	struct call *call;
	char *text = NULL;
	struct pl pl;

	if (re_sdprintf(&text, "<%s>", target))
		return false;

	pl_set_str(&pl, text);
	if (refer_to_decode(&rt, &pl)) {
		mem_deref(text);
		return false;
	}

	call = NULL;
	if (rt->replaces) {
		rt->replaces[strcspn(rt->replaces, "; \t")] = '\0';
		call = host_call_find(rt->replaces, 0);
	}

	mem_deref(rt);
	mem_deref(text);

	return call && !host_call_established(call);
}


static int alloc(struct refer_client **cp, struct refer *refer,
		 struct ua *ua, struct call *call, struct sip_dialog *dlg,
		 const char *peer, const char *target)
{
	struct refer_client *c;
	int err;

	if (!target_valid(target))
		return EINVAL;

	if (replaces_early(target))
		return EAGAIN;

	c = mem_zalloc(sizeof(*c), destructor);
	if (!c)
		return ENOMEM;

	c->refer = refer;
	c->ua    = ua;

	err  = call_watch(&c->watch, refer->watches, ua, call,
			  client_call_handler, c);
	err |= str_dup(&c->target, target);
	err |= str_dup(&c->peer, peer);
	err |= str_dup(&c->aor, host_ua_aor(ua));
	err |= client_sender(c, dlg);
	if (err) {
		mem_deref(c);
		return err;
	}

	list_append(&refer->restl, &c->le, c);
	*cp = c;

	return 0;
}


/** Allocate a REFER in the dialog of a call; EINVAL if the target is no sip,
    sips or tel URI, EPROTO if the call is not established, ENOENT if it has no
    dialog, EAGAIN if the target replaces a call that is not established */
int client_alloc(struct refer_client **cp, struct refer *refer,
		 struct call *call, const char *target)
{
	struct sip_dialog *dlg;

	if (!cp || !refer || !call || !target)
		return EINVAL;

	if (!host_call_established(call))
		return EPROTO;

	dlg = dialogs_of(refer, call);
	if (!dlg)
		return ENOENT;

	return alloc(cp, refer, host_call_ua(call), call, dlg,
		     host_call_peer(call), target);
}


/* The target can end it by itself once it knows of the transfer */
static void other_handler(enum call_change change, uint16_t scode,
			  const char *reason, void *arg)
{
	struct refer_client *c = arg;
	(void)scode;
	(void)reason;

	if (change != CALL_ESTABLISHED && c->state == REFER_CLIENT_HOLDING)
		client_end(c, OUTCOME_FAILED, 0,
			   "the call with the target has ended");
}


/** Allocate a REFER that joins two calls (RFC 5589 section 7), of which other
    is the one with the target; errors as above */
int client_alloc_attended(struct refer_client **cp, struct refer *refer,
			  struct call *call, struct call *other)
{
	struct refer_client *c = NULL;
	char *target;
	int err;

	if (!cp || !refer || !call || !other || call == other)
		return EINVAL;

	err = attended_refer_to(&target, refer, other);
	if (err)
		return err;

	err = client_alloc(&c, refer, call, target);
	mem_deref(target);
	if (!err)
		err = call_watch(&c->other, refer->watches, NULL, other,
				 other_handler, c);
	if (err)
		mem_deref(c);
	else
		*cp = c;

	return err;
}


/** Allocate a REFER out of a dialog, of which peer is the referee; EINVAL if a
    URI is no sip, sips or tel URI */
int client_alloc_outside(struct refer_client **cp, struct refer *refer,
			 struct ua *ua, const char *peer, const char *target)
{
	struct refer_client *c;
	int err;

	if (!cp || !refer || !ua || !peer || !target ||
	    !target_valid(peer))
		return EINVAL;

	err = alloc(&c, refer, ua, NULL, NULL, peer, target);
	if (err)
		return err;

	c->outside = true;
	*cp = c;

	return 0;
}


static void hold_handler(int err, void *arg)
{
	struct refer_client *c = arg;

	c->hold = mem_deref(c->hold);

	if (err)
		client_end(c, OUTCOME_TIMEOUT, 408,
			   "the call could not be put on hold");
	else if (client_send(c))
		client_end(c, OUTCOME_FAILED, 503, "Service Unavailable");
}


/* Wants a dialog of its own when it is out of one */
static int make_dialog(struct refer_client *c)
{
	const char *route = host_ua_outbound(c->ua);
	const char *uri = c->redirect ? c->redirect : c->peer;
	struct sip_dialog *dlg;
	int err;

	err = sip_dialog_alloc(&dlg, uri, c->peer, NULL, c->aor,
			       str_isset(route) ? &route : NULL,
			       str_isset(route) ? 1 : 0);
	if (err)
		return err;

	sender_set_dialog(c->sender, dlg);
	mem_deref(dlg);

	return 0;
}


static bool must_hold(const struct refer_client *c)
{
	if (c->outside ||
	    !params_value(c->ua, "refer_hold", c->refer->set->hold))
		return false;

	return !host_call_held(c->watch.call) ||
		hold_under_way(c->refer, sender_dialog(c->sender));
}


/** Start an attempt: hold, or send the REFER at once; after an error nothing
    is under way */
int client_start(struct refer_client *c)
{
	const bool was_held = !c->outside && host_call_held(c->watch.call);
	int err;

	if (c->outside) {
		err = make_dialog(c);
		if (err)
			return err;
	}

	c->sub = mem_deref(c->sub);
	err = client_subscribe(c);
	if (err)
		return err;

	if (must_hold(c) && !hold_alloc(&c->hold, c->refer, c->watch.call,
					sender_dialog(c->sender),
					hold_handler, c)) {
		c->held = !was_held;
		client_set_state(c, REFER_CLIENT_HOLDING, 0);
		return 0;
	}

	err = client_send(c);
	if (err)
		c->sub = mem_deref(c->sub);

	return err;
}
