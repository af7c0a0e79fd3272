/**
 * @file hold4.c  Hold, resume and hang up with baresip 3.x and 4.x
 *
 * While an offer is open, theirs or ours, the core sends no other: it notes
 * the new state and the other side never hears of it. So the re-INVITE is
 * sent from here when the offer is answered. This goes on after /rmmod.
 */
#include <re.h>
#include "host/compat.h"
#include "host/host.h"

#if HOST_MAJOR >= 3

enum {
	PACE = 50,             /* Between two looks [ms]                     */
	LOOKS_MAX = 800,       /* Longer than the transaction of an INVITE   */
};

/** A call whose state the other side does not know */
struct late {
	struct le le;
	struct tmr tmr;
	struct call *call;
	unsigned looks;
};

static struct list latel;

static void event_handler(enum bevent_ev ev, struct bevent *event, void *arg);


static void destructor(void *arg)
{
	struct late *late = arg;

	list_unlink(&late->le);
	tmr_cancel(&late->tmr);

	if (list_isempty(&latel))
		bevent_unregister(event_handler);
}


static struct late *find(const struct call *call)
{
	struct le *le;

	LIST_FOREACH(&latel, le) {
		struct late *late = le->data;

		if (late->call == call)
			return late;
	}

	return NULL;
}


static void event_handler(enum bevent_ev ev, struct bevent *event, void *arg)
{
	(void)arg;

	if (ev == BEVENT_CALL_CLOSED)
		mem_deref(find(bevent_get_call(event)));
	else if (ev == BEVENT_SHUTDOWN)
		list_flush(&latel);
}


static void tmr_handler(void *arg)
{
	struct late *late = arg;
	struct call *call = late->call;
	const bool now = call_refresh_allowed(call);

	if (!now && ++late->looks < LOOKS_MAX) {
		tmr_start(&late->tmr, PACE, tmr_handler, late);
		return;
	}

	mem_deref(late);
	if (now)
		(void)call_modify(call);
}


static int tell_later(struct call *call)
{
	struct late *late;
	int err;

	if (find(call))
		return 0;

	late = mem_zalloc(sizeof(*late), destructor);
	if (!late)
		return ENOMEM;

	err = bevent_register(event_handler, NULL);
	if (err) {
		mem_deref(late);
		return err;
	}

	late->call = call;
	list_append(&latel, &late->le, late);
	tmr_start(&late->tmr, PACE, tmr_handler, late);

	return 0;
}


/**
 * Hang up a call, and change no other one
 *
 * @param call   Call
 * @param reason Why, for people; a format to the core
 */
void host_call_drop(struct call *call, const char *reason)
{
	ua_hangup(call_get_ua(call), call, 0, reason);
}


/**
 * Put a call on hold, or resume it: with a re-INVITE, unless it is so already
 *
 * @param call Call
 * @param hold True to hold, false to resume
 *
 * @return 0 if success, otherwise errorcode
 */
int host_call_hold(struct call *call, bool hold)
{
	const bool now = call_refresh_allowed(call);
	int err;

	if (hold == call_is_onhold(call))
		return 0;

	err = call_hold(call, hold);
	if (err || now)
		return err;

	return tell_later(call);
}

#endif
