/**
 * @file api.c  The public API: what refer.h offers, of the module in force
 *
 * Without the module the functions return ENOENT, or NULL.
 */
#include <string.h>
#include <re.h>
#include "api.h"
#include "config/params.h"
#include "console/console.h"
#include "core/core.h"
#include "core/dialogs.h"
#include "core/transfers.h"
#include "host/host.h"
#include "host/module.h"
#include "refer.h"
#include "referee/referee.h"
#include "referrer/referrer.h"
#include "syntax/header.h"
#include "syntax/text.h"


static struct refer *inst;


/**
 * Tell the API which module it speaks for
 *
 * @param refer The module (not referenced), NULL if there is none
 */
void api_set(struct refer *refer)
{
	inst = refer;
}


int refer_client_alloc(struct refer_client **cp, struct call *call,
		       const char *target)
{
	return inst ? client_alloc(cp, inst->clients, call, target)
		: ENOENT;
}


int refer_client_alloc_attended(struct refer_client **cp, struct call *call,
				struct call *other)
{
	return inst ? client_alloc_attended(cp, inst, call, other)
		: ENOENT;
}


int refer_client_alloc_outside(struct refer_client **cp, struct ua *ua,
			       const char *peer, const char *target)
{
	return inst ? client_alloc_outside(cp, inst->clients, ua,
						peer, target) : ENOENT;
}


int refer_transfers_apply(enum refer_which which, refer_transfer_h *h,
			  void *arg)
{
	if (!h || which & ~(unsigned)REFER_ALL)
		return EINVAL;

	return inst ? refer_apply(inst, which, h, arg) : ENOENT;
}


int refer_transfer_get(struct refer_transfer *t, uint32_t id)
{
	if (!t)
		return EINVAL;

	return inst && refer_find(t, inst, id) ? 0 : ENOENT;
}


int refer_transfer_stage(uint32_t *ms, uint32_t id,
			 enum refer_event_type type)
{
	const struct stage *s;
	unsigned n;

	if (!ms || (unsigned)type >= STAGES_MAX)
		return EINVAL;

	if (!inst)
		return ENOENT;

	for (s = transfers_stages(&n, inst->transfers, id); n; --n, ++s) {
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

	return err ? err : transfers_ladder_apply(inst->transfers, id, h,
						  arg);
}


int refer_stats_get(struct refer_stats *stats)
{
	if (!stats)
		return EINVAL;

	if (!inst)
		return ENOENT;

	refer_stats(stats, inst);

	return 0;
}


int refer_transfer_encode(struct odict *od, const struct refer_transfer *t,
			  bool stages)
{
	if (!od || !t)
		return EINVAL;

	return inst ? console_encode(od, t, inst, stages) : ENOENT;
}


int refer_message_encode(struct odict *od, const struct refer_transfer *t,
			 const struct refer_message *msg)
{
	return od && t && msg ? console_encode_message(od, t, msg) : EINVAL;
}


int refer_transfer_cancel(uint32_t id)
{
	return inst ? refer_cancel(inst, id) : ENOENT;
}


struct refer_server *refer_server_find(uint32_t id)
{
	return inst ? server_find(inst, id) : NULL;
}


int refer_guard_print(struct re_printf *pf, bool *in_force)
{
	if (!pf || !in_force)
		return EINVAL;

	return inst ? console_print_guard(pf, inst, in_force)
		: ENOENT;
}


int refer_text_print(struct re_printf *pf, const struct pl *pl)
{
	return text_clean(pf, pl);
}


struct call *refer_call_find(const char *callid)
{
	return inst && callid ? host_call_find(callid, 0) : NULL;
}


static bool is_call(const struct call *call)
{
	return inst && host_call_alive(call, NULL);
}


int refer_call_dial(struct call **callp, struct ua *ua, const char *target)
{
	struct host_invite inv = {.hdrs = ""};
	char *uri;
	int err;

	if (!callp || !ua || !target)
		return EINVAL;

	if (!inst)
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
	if (!inst || !is_call(call))
		return ENOENT;

	/* without its ACK it is still incoming */
	if (call_state(call) != CALL_STATE_INCOMING ||
	    dialogs_is_answered(inst->dialogs, call))
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
