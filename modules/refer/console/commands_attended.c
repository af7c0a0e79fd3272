/**
 * @file commands_attended.c  The commands of attended transfer
 */
#include <re.h>
#include "host/compat.h"
#include "admission/wildcard.h"
#include "console/command.h"
#include "console/commands.h"
#include "core/core.h"
#include "core/row.h"
#include "host/host_baresip.h"
#include "refer.h"
#include "referrer/referrer.h"
#include "referrer/dial_string.h"
#include "syntax/text.h"

static struct refer *refer;


static const char *error_text(int err)
{
	switch (err) {

	case EINVAL:
		return "the other side's Contact cannot be sent";

	case EPROTO:
		return "both calls must be established";

	case ENOENT:
		return "a call cannot be told apart from others of its"
			" Call-ID";

	case ENOSYS:
		return "this libre does not tell the tags of a call";

	default:
		return "out of memory";
	}
}


static struct call *call_param(struct re_printf *pf, struct pl *rest)
{
	struct pl w = command_word(rest);
	struct call *call = w.l ? commands_find_call(&w) : NULL;

	if (!call && w.l)
		(void)re_hprintf(pf, "error: there is no call %H\n",
				 text_clean, &w);
	else if (!call)
		(void)re_hprintf(pf, "error: usage: /atransfer <call>"
				 " <call>\n");

	return call;
}


static int cmd_atransfer(struct re_printf *pf, void *arg)
{
	struct pl rest = command_params(arg);
	struct refer_client *c;
	struct call *call, *other;
	struct answer_page page;
	int err;

	pf    = command_page(&page, pf);
	call  = call_param(pf, &rest);
	other = call ? call_param(pf, &rest) : NULL;
	if (!other)
		return command_error(pf, ENOENT);

	if (call == other)
		return command_fail(pf, EINVAL, "a call cannot be"
				    " transferred to itself");

	err = client_alloc_attended(&c, refer, call, other);
	if (err)
		return command_fail(pf, err, error_text(err));

	err = refer_client_refer(c, NULL);
	if (err)
		err = command_fail(pf, err, err == EALREADY ?
				   COMMANDS_UNDER_WAY :
				   "REFER could not be sent");
	else
		err = re_hprintf(pf, "refer: #%u transferring %H to %H\n",
				 refer_client_id(c), text_clean_str,
				 call_peeruri(call), text_clean_str,
				 call_peeruri(other));
	mem_deref(c);

	return err;
}


static int start_result(struct re_printf *pf, int err, const struct call *call,
			const char *target)
{
	switch (err) {

	case 0:
		return re_hprintf(pf, "refer: #%u calling %s, %H is put on"
				  " hold\n", consult_id(refer->consults),
				  target,
				  text_clean_str, call_peeruri(call));

	case EALREADY:
		return command_fail(pf, err, COMMANDS_UNDER_WAY);

	case ENOTSUP:
		return command_fail(pf, err, "baresip cannot call a target"
				    " with this escape (%)");

	case EPROTO:
		return command_fail(pf, err, "the call is not established"
				    " yet, it cannot be transferred");

	default:
		return command_fail(pf, err, "the target could not be called");
	}
}


/**
 * Hold the current call, and call a target when that is done: /atransferstart
 *
 * @param pf  Print function
 * @param arg Argument of the command
 *
 * @return 0 if success, otherwise errorcode
 */
int commands_start(struct re_printf *pf, void *arg)
{
	struct pl rest = command_params(arg), pl = commands_target(&rest);
	struct call *call = host_call_current();
	struct answer_page page;
	char *text, *target;
	int err;

	pf = command_page(&page, pf);
	if (!pl.l || command_word(&rest).l)
		return command_fail(pf, EINVAL,
				    "usage: /atransferstart <target>");

	if (!call)
		return command_fail(pf, ENOENT, "there is no call");

	err = pl_strdup(&text, &pl);
	if (!err) {
		err = dial_complete(&target, text, account_luri(
				      ua_account(call_get_ua(call))));
		mem_deref(text);
	}
	if (err)
		return command_fail(pf, err, dial_error(err));

	err = start_result(pf, consult_start(refer->consults, call, target),
			   call,
			   target);
	mem_deref(target);

	return err;
}


static int result(struct re_printf *pf, int err, uint32_t id,
		  const char *done)
{
	switch (err) {

	case 0:
		return re_hprintf(pf, "refer: #%u %s\n", id, done);

	case ENOENT:
		return command_fail(pf, err, "there is no attended transfer,"
				    " see /atransferstart");

	case EPROTO:
		return command_fail(pf, err, "not now, see /referlist");

	default:
		return command_fail(pf, err, "REFER could not be sent");
	}
}


/**
 * Join the current call and the target: /atransferexec
 *
 * @param pf  Print function
 * @param arg Argument of the command
 *
 * @return 0 if success, otherwise errorcode
 */
int commands_exec(struct re_printf *pf, void *arg)
{
	const uint32_t id = consult_id(refer->consults);
	(void)arg;

	return result(pf, consult_exec(refer->consults), id,
		      "joining the two");
}


/**
 * Give the attended transfer up: /atransferabort
 *
 * @param pf  Print function
 * @param arg Argument of the command
 *
 * @return 0 if success, otherwise errorcode
 */
int commands_abort(struct re_printf *pf, void *arg)
{
	const uint32_t id = consult_id(refer->consults);
	(void)arg;

	return result(pf, consult_abort(refer->consults, "given up"), id,
		      "given up, the call is resumed");
}


static const struct cmd cmdv[] = {

{"atransfer",      0, CMD_PRM, "Attended transfer <call> <call>",
							cmd_atransfer },
};

/* Where the menu has none of these */
static const struct cmd consultv[] = {

{"atransferabort", 0, 0,       "Give the attended transfer up",
							commands_abort },
{"atransferexec",  0, 0,       "Join the call and the target",
							commands_exec },
{"atransferstart", 0, CMD_PRM, "Hold the call, and call <target>",
							commands_start },
};


/**
 * Register the commands
 *
 * @param r Protocol
 *
 * @return 0 if success, otherwise errorcode
 */
int commands_attended_register(struct refer *r)
{
	int err;

	refer = r;

	err = cmd_register(baresip_commands(), cmdv, ARRAY_SIZE(cmdv));
	if (!host_menu_attends())
		err |= cmd_register(baresip_commands(), consultv,
				    ARRAY_SIZE(consultv));

	return err;
}


/**
 * Unregister the commands
 */
void commands_attended_unregister(void)
{
	cmd_unregister(baresip_commands(), cmdv);
	cmd_unregister(baresip_commands(), consultv);
	refer = NULL;
}
