/**
 * @file cmd_referrer.c  The commands that send REFER
 *
 * It goes by the public interface, as an application's. All that stands
 * behind the target must be understood, or nothing is sent.
 */
#include <re.h>
#include "console/command.h"
#include "core/core.h"
#include "host/module.h"
#include "refer.h"
#include "referrer/referrer.h"
#include "syntax/text.h"


#define UNDER_WAY "a transfer is under way, see /referlist"

enum {
	HDRS_MAX = 16,
};

/** What stands behind the target: header=value ..., sub=no */
struct options {
	char *hdrv[HDRS_MAX + 1];
	unsigned hdrc;
	bool nosub;
};


static void options_free(struct options *o)
{
	while (o->hdrc)
		mem_deref(o->hdrv[--o->hdrc]);
}


static int add_header(struct options *o, const struct pl *name, struct pl *val)
{
	if (val->l > 1 && val->p[0] == '"' && val->p[val->l - 1] == '"') {
		pl_advance(val, 1);
		--val->l;
	}

	if (o->hdrc >= HDRS_MAX)
		return E2BIG;

	if (re_sdprintf(&o->hdrv[o->hdrc], "%r: %r", name, val))
		return ENOMEM;

	++o->hdrc;

	return 0;
}


static int decode_sub(struct options *o, const struct pl *val)
{
	o->nosub = !pl_strcasecmp(val, "no");

	return o->nosub || !pl_strcasecmp(val, "yes") ? 0 : EINVAL;
}


static int decode_options(struct command *cmd, struct options *o)
{
	struct pl w, name, val;
	int err;

	while (command_whole_word(&w, &cmd->rest)) {
		val = w;
		(void)text_cut(&name, &val, '=');
		if (name.l == w.l || !name.l)
			return command_fail(cmd, EINVAL, "%H is not"
					    " header=value", text_clean, &w);

		if (!pl_strcasecmp(&name, "sub"))
			err = decode_sub(o, &val);
		else
			err = add_header(o, &name, &val);
		if (err)
			return command_fail(cmd, err,
					    "wrong, or too many, options");
	}

	return 0;
}


static int decode_target(struct command *cmd, char **targetp,
			 const struct ua *ua)
{
	struct pl pl;

	command_target(&pl, &cmd->rest);
	if (command_is_option(&pl))
		return command_fail(cmd, EINVAL, "the target must come before"
				    " the options");

	return command_uri(cmd, targetp, &pl, ua);
}


/* "[call=<id|line>]" */
static int decode_call(struct command *cmd, struct call **callp)
{
	struct pl after = cmd->rest, val, name;

	(void)command_whole_word(&val, &after);
	(void)text_cut(&name, &val, '=');
	if (pl_strcasecmp(&name, "call")) {
		*callp = host_call_current();
		return *callp ? 0 : command_fail(cmd, ENOENT,
						 "there is no call");
	}

	cmd->rest = after;
	*callp    = command_call(cmd, &val);

	return *callp ? 0 : ENOENT;
}


static const struct command_error alloc_errorv[] = {
	{EPROTO, "the call is not established yet, it cannot be transferred"},
	{ENOENT, "the call cannot be told apart from others of its Call-ID"},
	{EAGAIN, "the call that the target replaces is not established yet"},
	{0,      "out of memory"},
};


/* Sends it, and lets go of it; the text tells what happens. It is formatted
   first: the call with the target may be hung up for the REFER */
static int send_refer(const struct command *cmd, struct refer_client *c,
		      const struct options *o, const char *fmt, ...)
{
	static const struct command_error errorv[] = {
		{EINVAL,   "a header that cannot be sent"},
		{EALREADY, UNDER_WAY},
		{0,        "REFER could not be sent"},
	};
	const struct refer_client_opts opts = {
		.hdrv  = (const char *const *)o->hdrv,
		.nosub = o->nosub,
	};
	char *text = NULL;
	va_list ap;
	int err;

	va_start(ap, fmt);
	err = re_vsdprintf(&text, fmt, ap);
	va_end(ap);

	if (!err)
		err = refer_client_refer(c, &opts);

	err = err ? command_explain(cmd, err, errorv)
		: re_hprintf(cmd->pf, "refer: #%u %s\n", refer_client_id(c),
			     text);

	mem_deref(text);
	mem_deref(c);

	return err;
}


static int transfer(const struct command *cmd, struct call *call,
		    const char *target, const struct options *o)
{
	struct refer_client *c;
	int err;

	err = refer_client_alloc(&c, call, target);
	if (err)
		return command_explain(cmd, err, alloc_errorv);

	return send_refer(cmd, c, o, "transferring %H to %s", text_clean_str,
			  call_peeruri(call), target);
}


int cmd_transfer(struct command *cmd)
{
	struct options o = {.hdrc = 0};
	char *target = NULL;
	struct call *call;
	int err;

	if (!cmd->rest.l)
		return command_fail(cmd, EINVAL, "usage: /transfer"
				    " [call=<id|line>] <target>"
				    " [header=value ...]");

	err = decode_call(cmd, &call);
	if (!err)
		err = decode_target(cmd, &target, call_get_ua(call));
	if (!err)
		err = decode_options(cmd, &o);
	if (!err)
		err = transfer(cmd, call, target, &o);

	mem_deref(target);
	options_free(&o);

	return err;
}


static int refersend(const struct command *cmd, struct ua *ua,
		     const char *peer, const char *target,
		     const struct options *o)
{
	struct refer_client *c;
	int err;

	err = refer_client_alloc_outside(&c, ua, peer, target);
	if (err)
		return command_explain(cmd, err, alloc_errorv);

	return send_refer(cmd, c, o, "referring %s to %s", peer, target);
}


int cmd_send(struct command *cmd)
{
	char *peer = NULL, *target = NULL;
	struct ua *ua = host_ua_current();
	struct options o = {.hdrc = 0};
	struct pl rest = cmd->rest, pl;
	int err;

	command_target(&pl, &rest);
	text_trim(&rest);
	if (!rest.l)
		return command_fail(cmd, EINVAL, "usage: /refersend <peer>"
				    " <refer-to> [sub=no]"
				    " [header=value ...]");

	if (!ua)
		return command_fail(cmd, ENOENT, "there is no account");

	err = decode_target(cmd, &peer, ua);
	if (!err)
		err = decode_target(cmd, &target, ua);
	if (!err)
		err = decode_options(cmd, &o);
	if (!err)
		err = refersend(cmd, ua, peer, target, &o);

	mem_deref(peer);
	mem_deref(target);
	options_free(&o);

	return err;
}


/* Attended transfer */

static struct call *decode_attended(struct command *cmd)
{
	struct pl w;

	if (command_word(&w, &cmd->rest))
		return command_call(cmd, &w);

	(void)command_fail(cmd, ENOENT, "usage: /atransfer <call> <call>");

	return NULL;
}


int cmd_atransfer(struct command *cmd)
{
	static const struct command_error errorv[] = {
		{EINVAL, "the other side's Contact cannot be sent"},
		{EPROTO, "both calls must be established"},
		{ENOENT, "a call cannot be told apart from others of its"
			 " Call-ID"},
		{ENOSYS, "this libre does not tell the tags of a call"},
		{0,      "out of memory"},
	};
	struct call *call = decode_attended(cmd);
	struct call *other = call ? decode_attended(cmd) : NULL;
	const struct options o = {.hdrc = 0};
	struct refer_client *c;
	int err;

	if (!other)
		return ENOENT;

	if (call == other)
		return command_fail(cmd, EINVAL, "a call cannot be"
				    " transferred to itself");

	err = refer_client_alloc_attended(&c, call, other);
	if (err)
		return command_explain(cmd, err, errorv);

	return send_refer(cmd, c, &o, "transferring %H to %H", text_clean_str,
			  call_peeruri(call), text_clean_str,
			  call_peeruri(other));
}


/* Hold the current call, and call a target when that is done */
int cmd_start(struct command *cmd)
{
	static const struct command_error errorv[] = {
		{EALREADY, UNDER_WAY},
		{ENOTSUP,  "baresip cannot call a target with this escape"
			   " (%)"},
		{EPROTO,   "the call is not established yet, it cannot be"
			   " transferred"},
		{0,        "the target could not be called"},
	};
	struct consults *cs = cmd->refer->consults;
	struct call *call = host_call_current();
	struct pl pl, w;
	char *target;
	int err;

	command_target(&pl, &cmd->rest);
	if (!pl.l || command_word(&w, &cmd->rest))
		return command_fail(cmd, EINVAL,
				    "usage: /atransferstart <target>");

	if (!call)
		return command_fail(cmd, ENOENT, "there is no call");

	err = command_uri(cmd, &target, &pl, call_get_ua(call));
	if (err)
		return err;

	err = consult_start(cs, call, target);
	err = err ? command_explain(cmd, err, errorv)
		: re_hprintf(cmd->pf, "refer: #%u calling %s, %H is put on"
			     " hold\n", consult_id(cs), target,
			     text_clean_str, call_peeruri(call));
	mem_deref(target);

	return err;
}


static int consult_result(const struct command *cmd, int err, uint32_t id,
			  const char *done)
{
	static const struct command_error errorv[] = {
		{ENOENT, "there is no attended transfer, see /atransferstart"},
		{EPROTO, "not now, see /referlist"},
		{0,      "REFER could not be sent"},
	};

	return err ? command_explain(cmd, err, errorv)
		: command_result(cmd, 0, id, done);
}


/* Join the current call and the target */
int cmd_exec(struct command *cmd)
{
	struct consults *cs = cmd->refer->consults;
	const uint32_t id = consult_id(cs);

	return consult_result(cmd, consult_exec(cs), id,
			      "joining the two");
}


int cmd_abort(struct command *cmd)
{
	struct consults *cs = cmd->refer->consults;
	const uint32_t id = consult_id(cs);

	return consult_result(cmd, consult_abort(cs, "given up"), id,
			      "given up, the call is resumed");
}
