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
#include "referee/old_call.h"
#include "syntax/text.h"


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


static void watch_handler(enum call_change change, uint16_t scode,
			  const char *reason, void *arg)
{
	(void)scode;
	(void)reason;

	if (change != CALL_ESTABLISHED)
		mem_deref(arg);
}


/**
 * The other side has not hung up in time
 *
 * @param arg Old call
 */
void old_call_handler(void *arg)
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


/**
 * Hang up a call if the other side does not
 *
 * @param refer Protocol
 * @param queue Its queue of such calls, with the time to wait
 * @param w     Call; may be over or gone
 */
void old_call_watch(struct refer *refer, struct queue *queue,
		    const struct call_watch *w)
{
	struct old_call *old;

	if (!call_alive(w))
		return;

	old = mem_zalloc(sizeof(*old), destructor);
	if (!old)
		return;

	if (call_watch(&old->watch, refer->watches, NULL, w->call,
		       watch_handler, old)) {
		mem_deref(old);
		return;
	}

	queue_add(queue, &old->due, old);
}
