/**
 * @file cmd_call.c  The commands that change one call: /callanswer, /callend,
 * /callhold, /callresume
 *
 * baresip 1.x has such commands for the current call only, which another call
 * can become at any time. These leave all other calls as they are.
 */
#include <re.h>
#include "console/command.h"
#include "console/fields.h"
#include "host/host.h"
#include "host/module.h"
#include "refer.h"
#include "syntax/text.h"


/* "ID|LINE", and nothing else */
static int decode_call(struct command *cmd, const char *name,
		       struct call **callp)
{
	struct pl id, w;
	int err;

	if (!command_word(&id, &cmd->rest) || command_word(&w, &cmd->rest))
		return command_fail(cmd, EINVAL, "usage: /%s ID|LINE",
				    name);

	*callp = command_call(cmd, &id);

	if (!*callp)
		return ENOENT;

	err  = fields_add_string(cmd->od, "call", call_id(*callp));
	err |= fields_add_string(cmd->od, "peer", host_call_peer(*callp));

	return err;
}


static int print_done(struct command *cmd, const char *done)
{
	return re_hprintf(cmd->pf, "refer: call with %s %s\n",
			  odict_string(cmd->od, "peer"), done);
}


int cmd_callanswer(struct command *cmd)
{
	struct call *call;
	int err;

	err = decode_call(cmd, "callanswer", &call);
	if (err)
		return err;

	err = refer_call_answer(call);
	if (err == EPROTO)
		return command_fail(cmd, err, "the call does not wait for"
				    " an answer");

	if (err)
		return command_fail(cmd, err, "the call cannot be answered:"
				    " %m", err);

	return print_done(cmd, "answered");
}


int cmd_callend(struct command *cmd)
{
	struct call *call;
	int err;

	err = decode_call(cmd, "callend", &call);
	if (err)
		return err;

	err = refer_call_end(call, "Ended by /callend");

	return err ? err : print_done(cmd, "ended");
}


static int hold(struct command *cmd, const char *name, bool hold_it)
{
	struct call *call;
	int err;

	err = decode_call(cmd, name, &call);
	if (err)
		return err;

	err = refer_call_hold(call, hold_it);
	if (err == EPROTO)
		return command_fail(cmd, err, "the call is not established"
				    " yet");

	if (err)
		return command_fail(cmd, err, "no re-INVITE could be sent:"
				    " %m", err);

	return print_done(cmd, hold_it ? "put on hold" : "resumed");
}


int cmd_callhold(struct command *cmd)
{
	return hold(cmd, "callhold", true);
}


int cmd_callresume(struct command *cmd)
{
	return hold(cmd, "callresume", false);
}
