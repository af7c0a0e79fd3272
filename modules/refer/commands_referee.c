/**
 * @file commands_referee.c  The commands that decide on incoming REFERs
 *
 * All take the number of a REFER first; without it the only one that waits is
 * meant. What is executed goes by the public interface, as an application's.
 */
#include <string.h>
#include <re.h>
#include "compat/compat.h"
#include "core.h"
#include "command.h"
#include "commands.h"
#include "referral.h"
#include "server.h"
#include "text.h"


enum {
	CONTACTS_MAX = 8,
};

static struct refer *refer;


static int accept_param(struct refer_opts *opts, const struct pl *w)
{
	struct pl val = *w, name = text_cut(&val, '=');
	uint32_t code;

	if (!pl_strcasecmp(&name, "follow")) {
		opts->nofollow = !pl_strcasecmp(&val, "no");
		return opts->nofollow || !pl_strcasecmp(&val, "yes") ?
			0 : EINVAL;
	}

	if (!pl_strcasecmp(&name, "code") && text_number(&code, &val) &&
	    code < 1000) {
		opts->scode = (uint16_t)code;
		return 0;
	}

	return EINVAL;
}


static int cmd_accept(struct re_printf *pf, void *arg)
{
	struct refer_opts opts = {.scode = 0};
	struct pl rest = command_params(arg);
	struct refer_server *srv = command_server(refer, pf, &rest, false);
	uint32_t id;
	int err;

	if (!srv)
		return command_error(pf, ENOENT);

	for (rest = text_trim(&rest); rest.l; rest = text_trim(&rest)) {
		struct pl w = command_word(&rest);

		if (accept_param(&opts, &w))
			return command_fail(pf, EINVAL, "usage: /referaccept"
					    " [id] [follow=no] [code=200]");
	}

	id = srv->id;

	err = refer_server_accept(srv, &opts);

	return command_result(pf, err, id, "accepted");
}


/* "[code] [reason]" */
static int code_reason(uint16_t *code, char **reason, struct pl *rest)
{
	struct pl after = *rest, w = command_word(&after), text;
	uint32_t num;

	if (w.l) {
		if (!text_number(&num, &w) || num > 999)
			return EINVAL;

		*code = (uint16_t)num;
		*rest = after;
	}

	*rest = text_trim(rest);
	if (!rest->l)
		return 0;

	text = *rest->p == '"' ? command_word(rest) : *rest;

	return pl_strdup(reason, &text);
}


static int cmd_reject(struct re_printf *pf, void *arg)
{
	struct refer_opts opts = {.scode = 0};
	struct pl rest = command_params(arg);
	struct refer_server *srv = command_server(refer, pf, &rest, true);
	char *reason = NULL;
	uint32_t id;
	int err;

	if (!srv)
		return command_error(pf, ENOENT);

	if (code_reason(&opts.scode, &reason, &rest))
		return command_fail(pf, EINVAL,
				    "usage: /referreject [id] [code]"
				    " [reason]");

	id = srv->id;
	opts.reason = reason;
	err = command_result(pf, refer_server_reject(srv, &opts), id,
			     "rejected");
	mem_deref(reason);

	return err;
}


static int cmd_notify(struct re_printf *pf, void *arg)
{
	struct pl rest = command_params(arg), w = command_word(&rest);
	struct refer_server *srv = NULL;
	char *reason = NULL;
	uint16_t code = 0;
	uint32_t id;
	int err;

	if (text_number(&id, &w))
		srv = server_find(refer, id);

	if (!srv)
		return command_fail(pf, ENOENT, "usage: /refernotify <id>"
				    " <code> [reason]; see /referlist for the"
				    " id");

	if (code_reason(&code, &reason, &rest))
		return command_fail(pf, EINVAL,
				    "usage: /refernotify <id> <code>"
				    " [reason]");

	err = command_result(pf, refer_server_notify(srv, code, reason), id,
		     "notified");
	mem_deref(reason);

	return err;
}


static int cmd_progress(struct re_printf *pf, void *arg)
{
	struct pl rest = command_params(arg);
	struct refer_server *srv = command_server(refer, pf, &rest, false);

	uint32_t id;
	int err;

	if (!srv)
		return command_error(pf, ENOENT);

	id  = srv->id;
	err = refer_server_trying(srv);

	return command_result(pf, err, id, "100 Trying");
}


static int cmd_redirect(struct re_printf *pf, void *arg)
{
	char *contactv[CONTACTS_MAX + 1] = {NULL};
	struct pl rest = command_params(arg);
	struct refer_server *srv = command_server(refer, pf, &rest, false);
	uint32_t id;
	size_t i;
	int err = 0;

	if (!srv)
		return command_error(pf, ENOENT);

	rest = text_trim(&rest);
	for (i=0; i<CONTACTS_MAX && rest.l && !err; ++i) {
		struct pl w = command_word(&rest);

		err  = pl_strdup(&contactv[i], &w);
		rest = text_trim(&rest);
	}

	if (!err && rest.l)
		err = E2BIG;

	if (!contactv[0])
		return command_fail(pf, EINVAL,
				    "usage: /referredirect [id]"
				    " <contact ...>");

	id = srv->id;
	if (!err)
		err = refer_server_redirect(srv,
					    (const char *const *)contactv,
					    NULL);
	while (i--)
		mem_deref(contactv[i]);

	return command_result(pf, err, id, "redirected");
}


static int cmd_cancel(struct re_printf *pf, void *arg)
{
	struct pl rest = command_params(arg), w = command_word(&rest);
	struct refer_inviter *inv;
	struct refer_server *srv;
	uint32_t id;
	int err;

	if (!text_number(&id, &w))
		return command_fail(pf, EINVAL, "usage: /refercancel <id>;"
				    " see /referlist for the id");

	srv = server_find(refer, id);
	if (!srv)
		return commands_cancel_client(pf, id);

	inv = referral_inviter(srv->referral);
	err = inv ? refer_inviter_cancel(inv) : EPROTO;

	return command_result(pf, err, id, "cancelled");
}


static const struct cmd cmdv[] = {

{"referaccept",   0, CMD_PRM, "Accept a REFER [id] [follow=no] [code=200]",
							cmd_accept   },
{"refercancel",   0, CMD_PRM, "Stop a transfer <id>",
							cmd_cancel   },
{"refernotify",   0, CMD_PRM, "Report on a REFER <id> <code> [reason]",
							cmd_notify   },
{"referprogress", 0, CMD_PRM, "Send 100 Trying to a REFER [id]",
							cmd_progress },
{"referredirect", 0, CMD_PRM, "Redirect a REFER [id] <contact ...>",
							cmd_redirect },
{"referreject",   0, CMD_PRM, "Reject a REFER [id] [code] [reason]",
							cmd_reject   },
};


/**
 * Register the commands
 *
 * @param r Protocol
 *
 * @return 0 if success, otherwise errorcode
 */
int commands_referee_register(struct refer *r)
{
	refer = r;

	return cmd_register(baresip_commands(), cmdv, ARRAY_SIZE(cmdv));
}


/**
 * Unregister the commands
 */
void commands_referee_unregister(void)
{
	cmd_unregister(baresip_commands(), cmdv);
	refer = NULL;
}
