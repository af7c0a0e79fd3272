/**
 * @file cmd_referrer.c  The commands that send REFER
 *
 * It goes by the public interface, as an application's. All that stands
 * behind the target must be understood, or nothing is sent.
 */
#include <re.h>
#include "console/command.h"
#include "core/core.h"
#include "host/host.h"
#include "host/module.h"
#include "refer.h"
#include "referrer/referrer.h"
#include "syntax/people.h"
#include "syntax/text.h"


#define UNDER_WAY "a transfer is under way, see /referlist"
#define HEADER    "Referred-By= or Refer-Sub= is given twice, or uri. with a" \
		  " tel: target"

/* The target, and the options behind it */
static int decode_target(struct command *cmd, struct pl *target,
			 struct options *o)
{
	command_target(target, &cmd->rest);
	if (command_is_option(target))
		return command_fail(cmd, EINVAL, "the target must come before"
				    " the options");

	return options_decode(o);
}


static const struct command_error alloc_errorv[] = {
	{EPROTO, "the call is not established yet, it cannot be transferred"},
	{ENOENT, "the call cannot be told apart from others of its Call-ID"},
	{EAGAIN, "the call that the target replaces is not established yet"},
	{0,      "out of memory"},
};


/* Sends it, and lets go of it; the text tells what happens. It is formatted
   first: the call with the target may be hung up for the REFER */
static int send_refer(struct command *cmd, struct refer_client *c,
		      struct options *o, const char *fmt, ...)
{
	static const struct command_error errorv[] = {
		{EINVAL,   HEADER},
		{EALREADY, UNDER_WAY},
		{0,        "REFER could not be sent"},
	};
	char *text = NULL;
	va_list ap;
	int err;

	va_start(ap, fmt);
	err = re_vsdprintf(&text, fmt, ap);
	va_end(ap);

	if (!err)
		err = refer_client_refer(c, options_refer(o));

	err = err ? command_explain(cmd, err, errorv)
		: command_done(cmd, refer_client_id(c), "%s", text);

	mem_deref(text);
	mem_deref(c);

	return err;
}


/* Who is at the other end of a call */
static struct person *peer_of(struct person *p, const struct call *call)
{
	person_set(p, host_call_peer_name(call), host_call_peer(call));

	return p;
}


static int transfer(struct command *cmd, struct call *call,
		    const char *target, struct options *o)
{
	struct refer_client *c;
	struct person peer;
	int err;

	err = refer_client_alloc(&c, call, target);
	if (err)
		return command_explain(cmd, err, alloc_errorv);

	return send_refer(cmd, c, o, "transferring %H to %H", person_print,
			  peer_of(&peer, call), people_uri, target);
}


static int decode_transfer(struct command *cmd, struct call **callp,
			   char **targetp, struct options *o)
{
	struct pl target;
	int err;

	err = options_decode_call(o);
	if (!err)
		err = decode_target(cmd, &target, o);
	if (err)
		return err;

	*callp = options_call(o);

	return *callp ? command_uri(cmd, targetp, &target, call_get_ua(*callp))
		: ENOENT;
}


int cmd_transfer(struct command *cmd)
{
	struct options *o;
	struct call *call;
	char *target = NULL;
	int err;

	if (!cmd->rest.l)
		return command_fail(cmd, EINVAL, "usage: /transfer"
				    " [call=ID|LINE] TARGET"
				    " [HEADER=VALUE ...]");

	err = options_alloc(&o, cmd, OPTION_ALL);
	if (err)
		return err;

	err = decode_transfer(cmd, &call, &target, o);
	if (!err)
		err = transfer(cmd, call, target, o);

	mem_deref(target);
	mem_deref(o);

	return err;
}


static int refersend(struct command *cmd, struct ua *ua,
		     const char *peer, const char *target,
		     struct options *o)
{
	struct refer_client *c;
	int err;

	err = refer_client_alloc_outside(&c, ua, peer, target);
	if (err)
		return command_explain(cmd, err, alloc_errorv);

	return send_refer(cmd, c, o, "asking %H to call %H", people_uri, peer,
			  people_uri, target);
}


static int send_to(struct command *cmd, struct ua *ua, const struct pl *whom,
		   const struct pl *where, struct options *o)
{
	char *peer = NULL, *target = NULL;
	int err;

	err = command_uri(cmd, &peer, whom, ua);
	if (!err)
		err = command_uri(cmd, &target, where, ua);
	if (!err)
		err = refersend(cmd, ua, peer, target, o);

	mem_deref(peer);
	mem_deref(target);

	return err;
}


int cmd_send(struct command *cmd)
{
	struct ua *ua = host_ua_current();
	struct pl peer, target;
	struct options *o;
	int err;

	command_target(&peer, &cmd->rest);
	text_trim(&cmd->rest);
	if (!cmd->rest.l)
		return command_fail(cmd, EINVAL, "usage: /refersend PEER"
				    " TARGET [sub=no]"
				    " [HEADER=VALUE ...]");

	if (!ua)
		return command_fail(cmd, ENOENT, "there is no account");

	err = options_alloc(&o, cmd, OPTION_SUB | OPTION_TIMEOUT);
	if (err)
		return err;

	err = decode_target(cmd, &target, o);
	if (!err)
		err = send_to(cmd, ua, &peer, &target, o);
	mem_deref(o);

	return err;
}


/* Attended transfer */

static int decode_attended(struct command *cmd, struct call **callp)
{
	struct pl w;

	if (!command_word(&w, &cmd->rest))
		return command_fail(cmd, EINVAL,
				    "usage: /atransfer CALL CALL");

	*callp = command_call(cmd, &w);

	return *callp ? 0 : ENOENT;
}


static int join(struct command *cmd, struct call *call, struct call *other,
		struct options *o)
{
	static const struct command_error errorv[] = {
		{EINVAL, "the other side's Contact cannot be sent"},
		{EPROTO, "both calls must be established"},
		{ENOENT, "a call cannot be told apart from others of its"
			 " Call-ID"},
		{ENOSYS, "this libre does not tell the tags of a call"},
		{0,      "out of memory"},
	};
	struct refer_client *c;
	struct person peer;
	int err;

	err = refer_client_alloc_attended(&c, call, other);
	if (err)
		return command_explain(cmd, err, errorv);

	return send_refer(cmd, c, o, "transferring %H to %H", person_print,
			  peer_of(&peer, call), people_uri,
			  host_call_peer(other));
}


/* The call to transfer comes first, or is named by call= */
static int decode_calls(struct command *cmd, struct call **callp,
			struct call **otherp, struct options *o)
{
	bool named;
	int err;

	err = options_decode_call(o);
	if (!err)
		err = decode_attended(cmd, callp);
	if (!err)
		err = options_decode_call(o);
	if (err)
		return err;

	named = options_name_call(o);
	if (named) {
		*otherp = *callp;
		*callp  = options_call(o);
		err = *callp ? 0 : ENOENT;
	}
	else {
		err = decode_attended(cmd, otherp);
	}

	if (!err)
		err = options_decode(o);

	return !err && !named && options_name_call(o) ?
		command_fail(cmd, EINVAL, "call= stands for the first call")
		: err;
}


int cmd_atransfer(struct command *cmd)
{
	struct call *call = NULL, *other = NULL;
	struct options *o;
	int err;

	err = options_alloc(&o, cmd, OPTION_ALL);
	if (err)
		return err;

	err = decode_calls(cmd, &call, &other, o);
	if (!err && call == other)
		err = command_fail(cmd, EINVAL, "a call cannot be"
				   " transferred to itself");
	if (!err)
		err = join(cmd, call, other, o);
	mem_deref(o);

	return err;
}


static int start(struct command *cmd, struct call *call, const char *target,
		 struct options *o)
{
	static const struct command_error errorv[] = {
		{EALREADY, UNDER_WAY},
		{EBADMSG,  HEADER},
		{ENOTSUP,  "baresip cannot call a target with this escape"
			   " (%)"},
		{EPROTO,   "the call is not established yet, it cannot be"
			   " transferred"},
		{0,        "the target could not be called"},
	};
	struct consults *cs = cmd->refer->consults;
	struct person peer;
	char *text = NULL;
	int err;

	if (options_refer(o)->hold == REFER_NO)
		return command_fail(cmd, EINVAL, "hold=no: the call is always"
				    " on hold while the target is asked");

	/* an application may end the call when it hears of the new one */
	err = re_sdprintf(&text, "calling %H, %H %s", people_uri, target,
			  person_print, peer_of(&peer, call),
			  host_call_held(call) ? "stays on hold" :
			  "is put on hold");
	if (!err)
		err = consult_start(cs, call, target, options_refer(o));

	err = err ? command_explain(cmd, err, errorv)
		: command_done(cmd, consult_id(cs), "%s", text);

	mem_deref(text);

	return err;
}


/* Hold a call, and call a target when that is done */
int cmd_start(struct command *cmd)
{
	struct options *o;
	struct call *call;
	char *target = NULL;
	int err;

	text_trim(&cmd->rest);
	if (!cmd->rest.l)
		return command_fail(cmd, EINVAL, "usage: /atransferstart"
				    " TARGET");

	err = options_alloc(&o, cmd, OPTION_ALL);
	if (err)
		return err;

	err = decode_transfer(cmd, &call, &target, o);
	if (!err)
		err = start(cmd, call, target, o);

	mem_deref(target);
	mem_deref(o);

	return err;
}


static int consult_result(struct command *cmd, int err, uint32_t id,
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
	const char *done = consult_stays_held(cs) ?
		"given up, the call stays on hold" :
		"given up, the call is resumed";

	return consult_result(cmd, consult_abort(cs, "given up"), id, done);
}
