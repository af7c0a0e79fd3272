/**
 * @file cmd_stats.c  Counters of transfers: /referstats
 */
#include <re.h>
#include "console/command.h"
#include "console/fields.h"
#include "core/core.h"
#include "core/event.h"
#include "host/baresip.h"
#include "host/libre.h"


static int add(struct odict *od, const char *key, uint64_t num)
{
	return odict_entry_add(od, key, ODICT_INT, (int64_t)num);
}


static int add_outcomes(struct odict *od, const struct refer_stats *st,
			enum refer_role role)
{
	struct odict *obj = fields_add_object(od, refer_role_name(role));
	unsigned i;
	int err = obj ? 0 : ENOMEM;

	for (i=REFER_OUTCOME_NONE + 1; i<REFER_OUTCOME_MAX && !err; ++i)
		err = add(obj, refer_outcome_name((enum refer_outcome)i),
			  st->ended[role][i]);

	return err;
}


static int add_codes(struct odict *od, const struct refer_stats *st)
{
	struct odict *obj = fields_add_object(od, "refused");
	char code[8];
	size_t i;
	int err = obj ? 0 : ENOMEM;

	for (i=0; i<ARRAY_SIZE(st->refused) && !err; ++i) {
		(void)re_snprintf(code, sizeof(code), "%zu", i);
		if (st->refused[i])
			err = add(obj, code, st->refused[i]);
	}

	return err;
}


static int add_times(struct odict *od, const char *what,
		     enum refer_role role, const struct refer_times *times)
{
	struct odict *obj;
	char key[32];
	int err;

	(void)re_snprintf(key, sizeof(key), "%s_%s", refer_role_name(role),
			  what);
	obj = fields_add_object(od, key);
	if (!obj)
		return ENOMEM;

	err  = add(obj, "count", times->count);
	err |= add(obj, "sum", times->sum);
	err |= add(obj, "p50", times->p50);
	err |= add(obj, "p95", times->p95);

	return err;
}


static int add_all(struct odict *od, const struct refer_stats *st)
{
	unsigned i;
	int err;

	err  = add(od, "age", st->age);
	err |= add(od, "waiting", st->waiting);
	err |= add(od, "notify_sent", st->notify_sent);
	err |= add(od, "notify_received", st->notify_received);
	err |= add(od, "timeouts", st->timeouts);
	err |= add_codes(od, st);

	for (i=0; i<REFER_ROLE_MAX; ++i) {
		const enum refer_role role = (enum refer_role)i;

		err |= add_outcomes(od, st, role);
		err |= add_times(od, "answer", role, &st->answer[i]);
		err |= add_times(od, "outcome", role, &st->outcome[i]);
	}

	return err;
}


/* Keys and numbers, then the objects of numbers */
static int print(struct re_printf *pf, const struct odict *od)
{
	struct le *le;
	int err;

	err = fields_print(pf, od);

	LIST_FOREACH(&od->lst, le) {
		const struct odict_entry *e = le->data;

		if (odict_entry_type(e) == ODICT_OBJECT)
			err |= fields_print_object(pf, od, odict_entry_key(e),
						   "");
	}

	return err;
}


int cmd_stats(struct command *cmd)
{
	struct refer_stats st;
	struct pl w;
	int err;

	if (command_word(&w, &cmd->rest))
		return command_fail(cmd, EINVAL, "usage: /referstats [json]");

	refer_stats(&st, cmd->refer);
	err = add_all(cmd->od, &st);

	return err ? err : print(cmd->pf, cmd->od);
}
