/**
 * @file commands_info.c  The commands that show what is under way and what is
 * allowed
 */
#include <re.h>
#include "host/compat.h"
#include "admission/admission.h"
#include "admission/wildcard.h"
#include "config/config.h"
#include "config/guard.h"
#include "config/params.h"
#include "config/settings.h"
#include "console/command.h"
#include "console/commands.h"
#include "core/core.h"
#include "core/handlers.h"
#include "core/intercept.h"
#include "core/row.h"
#include "host/host.h"
#include "syntax/text.h"


enum {
	JSON_HASH = 32,
};

/** JSON array that is being filled */
struct array {
	struct odict *od;
	uint32_t n;
};

/** Table that is being printed */
struct table {
	struct re_printf *pf;
	struct row_width width;
};

static struct refer *refer;


static int line_handler(const struct refer_row *row, void *arg)
{
	const struct table *t = arg;

	return row_print(t->pf, row, &t->width);
}


static int list_table(struct re_printf *pf)
{
	struct table t = {pf, {0, 0}};

	(void)rows_apply(refer, row_measure, &t.width);
	if (!t.width.peer)
		return re_hprintf(pf, "refer: no transfers\n");

	return row_print_head(pf, &t.width) |
		rows_apply(refer, line_handler, &t);
}


static int array_handler(const struct refer_row *row, void *arg)
{
	struct array *a = arg;
	struct odict *od;
	char key[16];
	int err;

	err = row_odict(&od, row);
	if (err)
		return err;

	(void)re_snprintf(key, sizeof(key), "%u", a->n++);
	err = odict_entry_add(a->od, key, ODICT_OBJECT, od);
	mem_deref(od);

	return err;
}


static int list_json(struct re_printf *pf)
{
	struct array a = {NULL, 0};
	struct odict *od = NULL;
	int err;

	err  = odict_alloc(&od, JSON_HASH);
	err |= odict_alloc(&a.od, JSON_HASH);
	if (err)
		goto out;

	err  = rows_apply(refer, array_handler, &a);
	err |= odict_entry_add(od, "transfers", ODICT_ARRAY, a.od);
	if (!err)
		err = re_hprintf(pf, "%H\n", json_encode_odict, od);

 out:
	mem_deref(a.od);
	mem_deref(od);

	return err;
}


/* "[json]", and nothing else */
static bool only_json(bool *json, struct pl *rest)
{
	struct pl w;

	*json = command_word(&w, rest);
	if (*json && pl_strcasecmp(&w, "json"))
		return false;

	return !command_word(&w, rest);
}


static int cmd_list(struct re_printf *pf, void *arg)
{
	struct answer_page page;
	struct pl rest;
	bool json;

	pf = command_page(&page, pf);
	command_params(&rest, arg);
	if (!only_json(&json, &rest))
		return command_fail(pf, EINVAL, "usage: /referlist [json]");

	return json ? list_json(pf) : list_table(pf);
}


/* The transfer that is meant: by its number, or the only one */
static bool info_row(struct re_printf *pf, struct refer_row *row,
		     struct pl *rest)
{
	struct pl after = *rest, w;
	uint32_t id;

	(void)command_word(&w, &after);
	if (!text_number(&id, &w))
		return command_only(row, refer, pf, 0);

	*rest = after;
	if (rows_find(row, refer, id))
		return true;

	(void)re_hprintf(pf, "error: there is no transfer %u\n", id);

	return false;
}


static int info_json(struct re_printf *pf, const struct refer_row *row)
{
	struct odict *od;
	int err;

	err = row_odict(&od, row);
	if (err)
		return err;

	err = re_hprintf(pf, "%H\n", json_encode_odict, od);
	mem_deref(od);

	return err;
}


static int cmd_info(struct re_printf *pf, void *arg)
{
	struct answer_page page;
	struct refer_row row = {.id = 0};
	struct pl rest;
	bool json;

	pf = command_page(&page, pf);
	command_params(&rest, arg);
	if (!info_row(pf, &row, &rest))
		return command_error(pf, ENOENT);

	if (!only_json(&json, &rest))
		return command_fail(pf, EINVAL,
				    "usage: /referinfo [id] [json]");

	return json ? info_json(pf, &row) : row_print_info(pf, &row);
}


/* By its address-of-record, with or without "sip:" */
static struct ua *find_account(const struct pl *name)
{
	struct pl aor, bare, scheme;
	struct le *le;

	LIST_FOREACH(uag_list(), le) {
		struct ua *ua = le->data;

		pl_set_str(&aor, host_ua_aor(ua));
		bare = aor;
		(void)text_cut(&scheme, &bare, ':');

		if (!pl_casecmp(name, &aor) || !pl_casecmp(name, &bare))
			return ua;
	}

	return NULL;
}


static bool accounts_faulty(void)
{
	struct le *le;

	LIST_FOREACH(uag_list(), le) {
		if (params_faulty(le->data))
			return true;
	}

	return false;
}


/* For a script: "refer: guard: in force" is there only if all is right */
static int print_guard(struct re_printf *pf)
{
	const bool ours = intercept_active(refer->ic);
	const struct guard *failed = config_failed(refer->config);
	struct pl name = {"", 0};
	bool there;
	struct le *le;
	int err;

	there = !handlers_missing(&name, refer->set->handlers);
	err = guard_print(pf, config_rules(refer->config)->guard,
			  ours && there && !accounts_faulty());
	if (!ours)
		err |= re_hprintf(pf, "refer: guard: SHUT: REFER is not"
				  " ours\n");
	if (!there)
		err |= re_hprintf(pf, "refer: guard: SHUT: the handler %r is"
				  " missing\n", &name);

	LIST_FOREACH(uag_list(), le) {
		err |= params_print_faults(pf, le->data);
	}

	if (failed)
		err |= re_hprintf(pf, "refer: not reloaded: %s\n",
				  guard_faulty(failed));

	return err;
}


static int print_policy(struct re_printf *pf)
{
	struct le *le;
	int err;

	err  = print_guard(pf);
	err |= admission_print(pf, refer);

	LIST_FOREACH(uag_list(), le) {
		err |= policy_print_ua(pf, refer, le->data);
	}

	return err;
}


/* What a person says does not open a guard that nobody knows */
static int refuse_policy(struct re_printf *pf, int err)
{
	const char *why = config_shut(refer->config);

	if (err != EPERM)
		return command_result(pf, err, 0, "");

	(void)re_hprintf(pf, "error: the guard is shut: %s; mend the %s\n",
			 why ? why : "an unknown parameter", why ?
			 "configuration, then /referreload" : "account");

	return command_error(pf, err);
}


static int cmd_policy(struct re_printf *pf, void *arg)
{
	struct answer_page page;
	enum policy policy;
	struct pl rest, w;
	struct ua *ua;
	int err;

	pf = command_page(&page, pf);
	config_refresh(refer->config);
	command_params(&rest, arg);
	if (!command_word(&w, &rest))
		return print_policy(pf);

	if (!settings_policy(&policy, &w)) {
		err = policy_set(refer, NULL, policy);
		return err ? refuse_policy(pf, err)
			: re_hprintf(pf, "refer: policy %s\n",
				     settings_policy_name(policy));
	}

	ua = find_account(&w);
	if (!ua)
		return command_fail(pf, ENOENT, "usage: /referpolicy"
				    " [account] [accept|ask|reject]");

	(void)command_word(&w, &rest);
	if (w.l && settings_policy(&policy, &w))
		return command_fail(pf, EINVAL,
				    "the policy is accept, ask or reject");

	err = w.l ? policy_set(refer, ua, policy) : 0;

	return err ? refuse_policy(pf, err) : policy_print_ua(pf, refer, ua);
}


static int cmd_reload(struct re_printf *pf, void *arg)
{
	struct answer_page page;
	int err;
	(void)arg;

	pf  = command_page(&page, pf);
	err = config_reload(refer->config);
	if (!err) {
		commands_update(false);
		return print_policy(pf);
	}

	(void)re_hprintf(pf, "error: not reloaded, all is as it was: ");
	if (config_failed(refer->config))
		(void)re_hprintf(pf, "%s\n",
				 guard_faulty(config_failed(refer->config)));
	else
		(void)re_hprintf(pf, "%m\n", err);

	return command_error(pf, err);
}


static const struct cmd cmdv[] = {

{"referinfo",     0, CMD_PRM, "Show a transfer [id] [json]", cmd_info   },
{"referlist",     0, CMD_PRM, "List transfers [json]",       cmd_list   },
{"referpolicy",   0, CMD_PRM, "REFER policy [account] [accept|ask|reject]",
							     cmd_policy },
{"referreload",   0, 0,       "Read the configuration again", cmd_reload },
};


/**
 * Register the commands
 *
 * @param r Protocol
 *
 * @return 0 if success, otherwise errorcode
 */
int commands_info_register(struct refer *r)
{
	refer = r;

	return cmd_register(baresip_commands(), cmdv, ARRAY_SIZE(cmdv));
}


/**
 * Unregister the commands
 */
void commands_info_unregister(void)
{
	cmd_unregister(baresip_commands(), cmdv);
	refer = NULL;
}
