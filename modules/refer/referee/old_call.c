/**
 * @file old_call.c  A call that the other side is to hang up, when a transfer
 * has succeeded
 *
 * The referred call is the referrer's to end (RFC 5589 section 6), the call
 * with the target of an attended transfer the target's. One that forgets it
 * does not leave a call behind: after a while it is hung up here.
 */
#include <re.h>
#include "core/call_watch.h"
#include "core/core.h"
#include "core/queue.h"
#include "host/host.h"
#include "referee/referee.h"
#include "syntax/text.h"


enum {
	LEG_TIME = 5000,       /* For a target to end a replaced call [ms] */
};

struct old_calls {
	struct queue referred; /* Calls that were referred        */
	struct queue leg;      /* Calls with a target, replaced   */
	const struct refer *refer;
};

struct old_call {
	struct queue_entry due;
	struct call_watch watch;
};


static void destructor(void *arg)
{
	struct old_call *old = arg;

	queue_remove(&old->due);
	call_unwatch(&old->watch);
}


/* The other side has not hung up in time */
static void due_handler(void *arg)
{
	struct old_call *old = arg;

	if (!call_alive(&old->watch)) {
		mem_deref(old);
		return;
	}

	info("refer: %H was not hung up: done here\n", text_clean_str,
	     old->watch.callid);

	/* closes it, and that lets go of this */
	host_call_hangup(old->watch.call, "Transferred");
}


static void watch(struct old_calls *oc, struct queue *queue,
		  const struct call_watch *w)
{
	struct old_call *old;

	if (!call_alive(w))
		return;

	old = mem_zalloc(sizeof(*old), destructor);
	if (!old)
		return;

	if (call_watch(&old->watch, oc->refer->watches, NULL, w->call,
		       call_watch_deref, old)) {
		mem_deref(old);
		return;
	}

	queue_add(queue, &old->due, old);
}


/** Hang up the referred call if the referrer does not; it may be over */
void old_call_watch(struct old_calls *oc, const struct call_watch *w)
{
	oc->referred.delay =
		(uint64_t)oc->refer->set->old_call_timeout * 1000;
	watch(oc, &oc->referred, w);
}


/** Hang up the call with the target if the target does not */
void old_call_watch_leg(struct old_calls *oc, const struct call_watch *w)
{
	watch(oc, &oc->leg, w);
}


static void old_calls_destructor(void *arg)
{
	struct old_calls *oc = arg;

	old_calls_flush(oc);
	queue_close(&oc->referred);
	queue_close(&oc->leg);
}


/** Allocate the table of such calls */
int old_calls_alloc(struct old_calls **ocp, const struct refer *refer)
{
	struct old_calls *oc;

	oc = mem_zalloc(sizeof(*oc), old_calls_destructor);
	if (!oc)
		return ENOMEM;

	queue_init(&oc->referred, 0, due_handler);
	queue_init(&oc->leg, LEG_TIME, due_handler);
	oc->refer = refer;
	*ocp = oc;

	return 0;
}


/** Forget all: they stay */
void old_calls_flush(struct old_calls *oc)
{
	list_flush(&oc->referred.l);
	list_flush(&oc->leg.l);
}
