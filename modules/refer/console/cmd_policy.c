/**
 * @file cmd_policy.c  What is allowed: /referpolicy, /referreload
 */
#include <re.h>
#include "admission/admission.h"
#include "config/config.h"
#include "config/params.h"
#include "config/rules.h"
#include "config/settings.h"
#include "console/command.h"
#include "console/console.h"
#include "core/core.h"
#include "core/handlers.h"
#include "core/intercept.h"
#include "host/host.h"
#include "host/module.h"
#include "syntax/text.h"


static bool accounts_faulty(void)
{
	struct le *le;

	LIST_FOREACH(uag_list(), le) {
		if (params_faulty(le->data))
			return true;
	}

	return false;
}


/** Print what is wrong with the guard, and tell whether it is in force. For a
    script: "refer: guard: in force" is there only if all is right */
int console_print_guard(struct re_printf *pf, const struct refer *refer,
			bool *in_force)
{
	const struct guard *guard = config_rules(refer->config)->guard;
	const bool ours = intercept_active(refer->ic);
	const struct guard *failed = config_failed(refer->config);
	struct pl name = {"", 0};
	bool there, rest;
	struct le *le;
	int err;

	there = !handlers_missing(&name, refer->set->handlers);
	rest  = ours && there && !accounts_faulty();
	*in_force = rest && guard_in_force(guard);
	err = guard_print(pf, guard, rest);
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


static int print_policy(struct command *cmd)
{
	bool in_force;
	struct le *le;
	int err;

	err  = console_print_guard(cmd->pf, cmd->refer, &in_force);
	err |= re_hprintf(cmd->pf, "refer: version " REFER_VERSION "\n");
	err |= admission_print(cmd->pf, cmd->refer);

	LIST_FOREACH(uag_list(), le) {
		err |= policy_print_ua(cmd->pf, cmd->refer, le->data);
	}

	return err;
}


/* What a person says does not open a guard that nobody knows */
static int refuse_policy(struct command *cmd, int err)
{
	const char *why = config_shut(cmd->refer->config);

	if (err != EPERM)
		return command_result(cmd, err, 0, "");

	return command_fail(cmd, err, "the guard is shut: %s; mend the %s",
			    why ? why : "an unknown parameter", why ?
			    "configuration, then /referreload" : "account");
}


int cmd_policy(struct command *cmd)
{
	enum policy policy;
	struct ua *ua;
	struct pl w;
	int err;

	config_refresh(cmd->refer->config);
	if (!command_word(&w, &cmd->rest))
		return print_policy(cmd);

	if (!settings_policy(&policy, &w)) {
		err = policy_set(cmd->refer, NULL, policy);
		return err ? refuse_policy(cmd, err)
			: re_hprintf(cmd->pf, "refer: policy %s\n",
				     settings_policy_name(policy));
	}

	ua = command_account(&w);
	if (!ua)
		return command_fail(cmd, EINVAL, "usage: /referpolicy"
				    " [ACCOUNT] [accept|ask|reject]");

	(void)command_word(&w, &cmd->rest);
	if (w.l && settings_policy(&policy, &w))
		return command_fail(cmd, EINVAL,
				    "the policy is accept, ask or reject");

	err = w.l ? policy_set(cmd->refer, ua, policy) : 0;

	return err ? refuse_policy(cmd, err)
		: policy_print_ua(cmd->pf, cmd->refer, ua);
}


int cmd_reload(struct command *cmd)
{
	const struct guard *failed;
	int err;

	err = config_reload(cmd->refer->config);
	if (!err)
		return print_policy(cmd);

	failed = config_failed(cmd->refer->config);
	if (failed)
		return command_fail(cmd, err, "not reloaded, all is as it was:"
				    " %s", guard_faulty(failed));

	return command_fail(cmd, err, "not reloaded, all is as it was: %m",
			    err);
}
