/**
 * @file refer.c  The module: call transfer for baresip
 *
 * @defgroup refer refer
 *
 * Takes over REFER from the core: executes referrals and reports on them,
 * and transfers calls and tells how that ended. No patch to baresip or libre.
 *
 * Sample config:
 *
 \verbatim
  module_app            refer.so

  refer_expires         180       # Life of a subscription [s]
  refer_ring_timeout    120       # Longest wait for the target [s]
  refer_hold            yes       # Put a call on hold before it is transferred
  refer_after_success   hangup    # hangup or keep the transferred call
  refer_take_transfer   yes       # Own /transfer while menu is loaded
 \endverbatim
 *
 * The commands are in docs/control.md, the events in docs/events.md.
 */
#include <string.h>
#include <re.h>
#include "api.h"
#include "config/config.h"
#include "config/params.h"
#include "config/rules.h"
#include "config/settings.h"
#include "console/console.h"
#include "core/call_watch.h"
#include "core/core.h"
#include "core/handlers.h"
#include "core/observers.h"
#include "core/transfers.h"
#include "host/host.h"
#include "host/module.h"
#include "refer.h"
#include "referee/referee.h"
#include "referrer/referrer.h"
#include "syntax/header.h"
#include "syntax/text.h"
#include "target/target.h"


static struct {
	struct refer *refer;
	struct tmr tmr;
	bool right;            /**< This is the baresip it was built for */
} mod;


static void event_handler(enum bevent_ev ev, struct bevent *event, void *arg)
{
	struct call *call = bevent_get_call(event);
	const char *reason;
	uint16_t scode;
	(void)arg;

	switch (ev) {

	case BEVENT_CALL_INCOMING:
		target_rings(mod.refer->targets, call);
		break;

	case BEVENT_CALL_LOCAL_SDP:
		refer_call_answering(mod.refer, call);
		break;

	case BEVENT_CALL_ESTABLISHED:
		refer_call_established(mod.refer, call);
		break;

	case BEVENT_CALL_CLOSED:
		scode = host_call_outcome(&reason, call,
					  bevent_get_text(event));
		call_watches_closed(mod.refer->watches, call, scode, reason);
		host_resume_not(call, refer_holds, mod.refer);
		break;

	case BEVENT_SHUTDOWN:
		call_watches_sweep(mod.refer->watches);
		break;

	default:
		break;
	}
}


static void stop(void)
{
	console_unregister();

	/* calls may be hung up here, which is to be heard */
	mod.refer = mem_deref(mod.refer);
	api_set(NULL);
	voice_close();
	bevent_unregister(event_handler);
	host_resume_close();
	host_sound_close();
	host_calls_close();
	observers_loaded(false);
}


/* All modules are loaded, and all accounts there */
static void look_handler(void *arg)
{
	struct pl name;
	struct le *le;
	(void)arg;

	if (handlers_missing(&name, mod.refer->set->handlers))
		warning("refer: the handler %r is missing: until it comes no"
			" REFER is accepted but by a person\n", &name);

	LIST_FOREACH(uag_list(), le) {
		if (params_faulty(le->data))
			warning("%H", params_print_faults, le->data);
	}
}


static int start(void)
{
	struct rules *rules;
	int err;

	err = rules_read(&rules, true);
	if (err)
		return err;

	guard_log(rules->guard, true);
	err = refer_alloc(&mod.refer, uag_sip(), uag_sipsess_sock(), rules);
	mem_deref(rules);
	if (err)
		return err;

	api_set(mod.refer);
	err = host_calls_init();
	if (!err)
		err = bevent_register(event_handler, NULL);
	if (!err)
		err = console_register(mod.refer);
	if (!err)
		err = voice_init();
	if (err) {
		stop();
		return err;
	}

	info("refer: took over REFER from the core\n");
	observers_loaded(true);
	tmr_start(&mod.tmr, 0, look_handler, NULL);

	return 0;
}


/* Pre-loaded with -m: there was no SIP stack yet */
static void tmr_handler(void *arg)
{
	int err;
	(void)arg;

	err = uag_sip() ? start() : ENOENT;
	if (err) {
		warning("refer: could not start: %m\n", err);
		required_check();
	}
}


static int module_init(void)
{
	int err = 0;

	mod.right = host_version_matches();
	if (!mod.right) {
		required_check();
		return ENOSYS;
	}

	tmr_init(&mod.tmr);

	if (uag_sip()) {
		err = start();
		if (err)
			required_check();
		return err;
	}

	tmr_start(&mod.tmr, 0, tmr_handler, NULL);

	return 0;
}


static int module_close(void)
{
	/* libre calls it even if module_init() has failed */
	if (!mod.right)
		return 0;

	tmr_cancel(&mod.tmr);
	stop();

	return 0;
}


/* the only symbol that is not hidden */
__attribute__((visibility("default")))
const struct mod_export DECL_EXPORTS(refer) = {
	"refer",
	"application",
	module_init,
	module_close
};
