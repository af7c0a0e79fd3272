/**
 * @file baresip4.c  What baresip 3.x and 4.x do in their own way
 */
#include <re.h>
#include "host/host.h"
#include "host/module.h"

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

/* A listener that goes during an event takes the core's place in its list with
   it: ours goes when that is over */
static struct {
	struct tmr tmr;
	bool on;
} listener;


/* From 3.20 on the core's own are macros around functions of other names */
#if HOST_MAJOR * 100 + HOST_MINOR >= 320
#define LOG(name)							\
	void name(const char *fmt, ...)					\
	{								\
		va_list ap;						\
									\
		va_start(ap, fmt);					\
		_##name(false, "%v", fmt, &ap);				\
		va_end(ap);						\
	}

LOG(debug)
LOG(info)
LOG(warning)
#endif


bool host_ua_transfer_allowed(const struct ua *ua)
{
	return account_call_transfer(ua_account(ua));
}


/* By transport and address family as well, if it does not register */
struct ua *host_ua_find(const struct sip_msg *msg)
{
	return uag_find_msg(msg);
}


/* Only from its registrar, with filter_registrar, which 3.15 brought */
bool host_ua_takes(const struct ua *ua, const struct sip_msg *msg)
{
#if HOST_MAJOR * 100 + HOST_MINOR >= 315
	return ua_req_check_origin(ua, msg);
#else
	(void)ua;
	(void)msg;

	return true;
#endif
}


static int add_handler(const struct pl *name, const struct pl *val, void *arg)
{
	char *str;
	int err;

	err = pl_strdup(&str, name);
	if (err)
		return err;

	err = custom_hdrs_add(arg, str, "%r", val);
	mem_deref(str);

	return err;
}


/* It says all of that itself, in answers too */
int host_call_supported(struct list *hdrs)
{
	(void)hdrs;

	return 0;
}


void host_answer_supported(const struct sip_msg *msg)
{
	(void)msg;
}


/* Those of its user agent (/uaaddheader) are there already, and stay */
void host_call_headers(struct call *call, const struct list *hdrs)
{
	struct list all = LIST_INIT;

	if (!custom_hdrs_apply(call_get_custom_hdrs(call), add_handler,
			       &all) &&
	    !custom_hdrs_apply(hdrs, add_handler, &all))
		call_set_custom_hdrs(call, &all);

	list_flush(&all);
}


/* Its beginning was told, and the menu counts */
void host_call_undo(struct call *call)
{
	ua_hangup(call_get_ua(call), call, 0, "Not connected");
}


/* The reason is a format to the core */
void host_call_drop(struct call *call, const char *reason)
{
	ua_hangup(call_get_ua(call), call, 0, reason);
}


/*
 * Hold and resume: while an offer is open, theirs or ours, the core sends no
 * other. It notes the new state, and the other side never hears of it. So the
 * re-INVITE is sent from here when the offer is answered. This goes on after
 * /rmmod.
 */

static void late_event_handler(enum bevent_ev ev, struct bevent *event,
			       void *arg);


static void unlisten(void)
{
	tmr_cancel(&listener.tmr);
	bevent_unregister(late_event_handler);
	listener.on = false;
}


static void idle_handler(void *arg)
{
	(void)arg;

	if (list_isempty(&latel))
		unlisten();
}


static void destructor(void *arg)
{
	struct late *late = arg;

	list_unlink(&late->le);
	tmr_cancel(&late->tmr);

	if (list_isempty(&latel))
		tmr_start(&listener.tmr, 0, idle_handler, NULL);
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


static void late_event_handler(enum bevent_ev ev, struct bevent *event,
			       void *arg)
{
	(void)arg;

	if (ev == BEVENT_CALL_CLOSED) {
		mem_deref(find(bevent_get_call(event)));
	}
	else if (ev == BEVENT_SHUTDOWN) {
		list_flush(&latel);
		unlisten();
	}
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

	if (!listener.on) {
		err = bevent_register(late_event_handler, NULL);
		if (err)
			return err;
		listener.on = true;
	}

	late = mem_zalloc(sizeof(*late), destructor);
	if (!late)
		return ENOMEM;

	late->call = call;
	list_append(&latel, &late->le, late);
	tmr_start(&late->tmr, PACE, tmr_handler, late);

	return 0;
}


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


/* libre knows whether one is under way; one that got no answer, since its
   connection was lost, is sent again */
int host_call_hold_again(struct call *call)
{
	return call_refresh_allowed(call) ? call_modify(call) : 0;
}


/*
 * A call that replaces another: the menu answers by the account's mode, and
 * first gives up whatever call we are making, maybe the replaced one. So it
 * rings, and is answered here.
 */

static void new_event_handler(enum bevent_ev ev, struct bevent *event,
			      void *arg)
{
	struct call **callp = arg;

	if (ev == BEVENT_CALL_INCOMING)
		*callp = bevent_get_call(event);
}


static void pass(struct call **callp, void (*h)(void *arg), void *arg)
{
	if (bevent_register(new_event_handler, callp))
		return;

	h(arg);
	bevent_unregister(new_event_handler);
}


int host_call_answer(struct call *call)
{
	const int err = call_answer(call, 200, VIDMODE_ON);

	if (err != EAGAIN)
		return err;

	/* the core answers later: a PRACK must come first */
	call_start_answtmr(call, 0);

	return 0;
}


static uint32_t call_count(void)
{
	uint32_t n = 0;
	struct le *le;

	LIST_FOREACH(uag_list(), le) {
		n += list_count(ua_calls(le->data));
	}

	return n;
}


void host_incoming(struct ua *ua, bool answer, uint32_t rings,
		   void (*h)(void *arg), void *arg)
{
	struct account *acc = ua_account(ua);
	const enum answermode mode = account_answermode(acc);
	uint32_t *most = &conf_config()->call.max_calls;
	const uint32_t limit = *most, n = call_count();
	struct call *call = NULL;

	if (answer)
		(void)account_set_answermode(acc, ANSWERMODE_MANUAL);
	if (limit)
		*most = max(limit, n - min(n, rings)) + 1;

	pass(&call, h, arg);

	if (answer)
		(void)account_set_answermode(acc, mode);
	*most = limit;

	if (answer && call)
		(void)host_call_answer(call);
}


/* The setting that puts other calls on hold */
bool *host_hold_others(void)
{
	return &conf_config()->call.hold_other_calls;
}

#endif
