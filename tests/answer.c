/**
 * @file answer.c  A module that answers calls, for a baresip without the menu
 *
 * From 3.x on it is the menu that answers by itself, not the core.
 */
#include <re.h>
#include "host/module.h"

#if HOST_MAJOR >= 3

static void event_handler(enum bevent_ev ev, struct bevent *event, void *arg)
{
	struct call *call = bevent_get_call(event);
	(void)arg;

	if (ev == BEVENT_CALL_INCOMING &&
	    account_answermode(call_account(call)) == ANSWERMODE_AUTO)
		call_start_answtmr(call, 0);
}


static int module_init(void)
{
	return bevent_register(event_handler, NULL);
}


static int module_close(void)
{
	bevent_unregister(event_handler);

	return 0;
}


__attribute__((visibility("default")))
const struct mod_export exports = {
	"answer",
	"application",
	module_init,
	module_close
};

#endif
