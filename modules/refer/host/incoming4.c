/**
 * @file incoming4.c  How baresip 3.x and 4.x are made to take a call that
 * replaces another
 *
 * The menu answers by the account's mode, and first gives up whatever call we
 * are making, maybe the replaced one. So it rings, and is answered here.
 */
#include <re.h>
#include "host/compat.h"
#include "admission/wildcard.h"
#include "host/host.h"
#include "host/host_baresip.h"

#if HOST_MAJOR >= 3


static void event_handler(enum bevent_ev ev, struct bevent *event, void *arg)
{
	struct call **callp = arg;

	if (ev == BEVENT_CALL_INCOMING)
		*callp = bevent_get_call(event);
}


static void pass(struct call **callp, void (*h)(void *arg), void *arg)
{
	if (bevent_register(event_handler, callp))
		return;

	h(arg);
	bevent_unregister(event_handler);
}


/**
 * Answer a call
 *
 * @param call Incoming call
 */
void host_call_answer(struct call *call)
{
	/* the core answers later if a PRACK must come first */
	if (call_answer(call, 200, VIDMODE_ON) == EAGAIN)
		call_start_answtmr(call, 0);
}


/**
 * Have the softphone take an INVITE that takes the place of another call
 *
 * @param ua     User agent that it is for, or NULL
 * @param answer True to answer it at once, whatever the account says
 * @param h      Gives the INVITE to the softphone
 * @param arg    Handler argument
 */
void host_incoming(struct ua *ua, bool answer, void (*h)(void *arg),
		   void *arg)
{
	struct account *acc = ua_account(ua);
	const enum answermode mode = account_answermode(acc);
	uint32_t *most = &conf_config()->call.max_calls;
	const uint32_t limit = *most;
	struct call *call = NULL;

	if (answer)
		(void)account_set_answermode(acc, ANSWERMODE_MANUAL);
	if (limit)
		++*most;

	pass(&call, h, arg);

	if (answer)
		(void)account_set_answermode(acc, mode);
	*most = limit;

	if (answer && call)
		host_call_answer(call);
}


/**
 * Get the setting that puts other calls on hold when one is established
 *
 * @return Setting, or NULL if there is none
 */
bool *host_hold_others(void)
{
	return &conf_config()->call.hold_other_calls;
}

#endif
