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


int refer_client_alloc(struct refer_client **cp, struct call *call,
		       const char *target)
{
	return mod.refer ? client_alloc(cp, mod.refer->clients, call, target)
		: ENOENT;
}


int refer_client_alloc_attended(struct refer_client **cp, struct call *call,
				struct call *other)
{
	return mod.refer ? client_alloc_attended(cp, mod.refer, call, other)
		: ENOENT;
}


int refer_client_alloc_outside(struct refer_client **cp, struct ua *ua,
			       const char *peer, const char *target)
{
	return mod.refer ? client_alloc_outside(cp, mod.refer->clients, ua,
						peer, target) : ENOENT;
}


int refer_transfers_apply(enum refer_which which, refer_transfer_h *h,
			  void *arg)
{
	if (!h || which & ~(unsigned)REFER_ALL)
		return EINVAL;

	return mod.refer ? refer_apply(mod.refer, which, h, arg) : ENOENT;
}


int refer_transfer_get(struct refer_transfer *t, uint32_t id)
{
	if (!t)
		return EINVAL;

	return mod.refer && refer_find(t, mod.refer, id) ? 0 : ENOENT;
}


int refer_transfer_stage(uint32_t *ms, uint32_t id,
			 enum refer_event_type type)
{
	const struct stage *s;
	unsigned n;

	if (!ms || (unsigned)type >= STAGES_MAX)
		return EINVAL;

	if (!mod.refer)
		return ENOENT;

	for (s = transfers_stages(&n, mod.refer->transfers, id); n; --n, ++s) {
		if (s->type == type) {
			*ms = s->ms;
			return 0;
		}
	}

	return ENOENT;
}


int refer_ladder_apply(uint32_t id, refer_message_h *h, void *arg)
{
	struct refer_transfer row;
	int err;

	if (!h)
		return EINVAL;

	err = refer_transfer_get(&row, id);

	return err ? err : transfers_ladder_apply(mod.refer->transfers, id, h,
						  arg);
}


int refer_stats_get(struct refer_stats *stats)
{
	if (!stats)
		return EINVAL;

	if (!mod.refer)
		return ENOENT;

	refer_stats(stats, mod.refer);

	return 0;
}


int refer_transfer_encode(struct odict *od, const struct refer_transfer *t,
			  bool stages)
{
	if (!od || !t)
		return EINVAL;

	return mod.refer ? console_encode(od, t, mod.refer, stages) : ENOENT;
}


int refer_message_encode(struct odict *od, const struct refer_transfer *t,
			 const struct refer_message *msg)
{
	return od && t && msg ? console_encode_message(od, t, msg) : EINVAL;
}


int refer_transfer_cancel(uint32_t id)
{
	return mod.refer ? refer_cancel(mod.refer, id) : ENOENT;
}


struct refer_server *refer_server_find(uint32_t id)
{
	return mod.refer ? server_find(mod.refer, id) : NULL;
}


int refer_guard_print(struct re_printf *pf, bool *in_force)
{
	if (!pf || !in_force)
		return EINVAL;

	return mod.refer ? console_print_guard(pf, mod.refer, in_force)
		: ENOENT;
}


int refer_text_print(struct re_printf *pf, const struct pl *pl)
{
	return text_clean(pf, pl);
}


struct call *refer_call_find(const char *callid)
{
	return mod.refer && callid ? host_call_find(callid, 0) : NULL;
}


static bool is_call(const struct call *call)
{
	return mod.refer && host_call_alive(call, NULL);
}


int refer_call_dial(struct call **callp, struct ua *ua, const char *target)
{
	struct host_invite inv = {.hdrs = ""};
	char *uri;
	int err;

	if (!callp || !ua || !target)
		return EINVAL;

	if (!mod.refer)
		return ENOENT;

	err = dial_complete(&uri, target, account_luri(ua_account(ua)));
	if (err)
		return err == ENOMEM ? err : EINVAL;

	inv.uri = uri;
	err = host_call_place(callp, ua, &inv);
	mem_deref(uri);

	return err;
}


int refer_call_answer(struct call *call)
{
	if (!is_call(call))
		return ENOENT;

	if (call_state(call) != CALL_STATE_INCOMING)
		return EPROTO;

	return host_call_answer(call);
}


/* baresip 3 and 4 make a format of it, and a part of the message */
int refer_call_end(struct call *call, const char *reason)
{
	if (!reason || !opts_line_valid(reason) || strchr(reason, '%'))
		return EINVAL;

	if (!is_call(call))
		return ENOENT;

	host_call_drop(call, reason);

	return 0;
}


int refer_call_hold(struct call *call, bool hold)
{
	if (!is_call(call))
		return ENOENT;

	return host_call_established(call) ? host_call_hold(call, hold)
		: EPROTO;
}


bool refer_call_held(const struct call *call)
{
	return call && host_call_held(call);
}


struct ua *refer_ua_current(void)
{
	return host_ua_current();
}


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

	guard_log(rules->guard);
	err = refer_alloc(&mod.refer, uag_sip(), uag_sipsess_sock(), rules);
	mem_deref(rules);
	if (err)
		return err;

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
