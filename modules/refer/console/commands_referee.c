/**
 * @file commands_referee.c  The commands that decide on incoming REFERs
 *
 * All take the number of a REFER first; without it the only one is meant that
 * the command fits. What is executed goes by the public interface, as an
 * application's.
 */
#include <string.h>
#include <re.h>
#include "host/compat.h"
#include "admission/wildcard.h"
#include "console/command.h"
#include "console/commands.h"
#include "core/core.h"
#include "core/row.h"
#include "refer.h"
#include "referee/referee.h"
#include "referee/referral.h"
#include "referee/server.h"
#include "referrer/referrer.h"
#include "syntax/text.h"


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


static int accept_params(struct refer_opts *opts, struct pl *rest)
{
	int err = 0;

	for (*rest = text_trim(rest); rest->l && !err;
	     *rest = text_trim(rest)) {
		struct pl w = command_word(rest);

		err = accept_param(opts, &w);
	}

	return err;
}


static int cmd_accept(struct re_printf *pf, void *arg)
{
	struct refer_opts opts = {.scode = 0};
	struct pl rest = command_params(arg);
	struct refer_server *srv;
	struct answer_page page;
	uint32_t id;
	int err;

	pf  = command_page(&page, pf);
	srv = command_server(refer, pf, &rest, false);
	if (!srv)
		return command_error(pf, ENOENT);

	if (accept_params(&opts, &rest))
		return command_fail(pf, EINVAL, "usage: /referaccept [id]"
				    " [follow=no] [code=200]");

	id  = srv->id;
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
	struct refer_server *srv;
	struct answer_page page;
	char *reason = NULL;
	uint32_t id;
	int err;

	pf  = command_page(&page, pf);
	srv = command_server(refer, pf, &rest, true);
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


/* The code has to be there: of two numbers the first one is the id */
static bool takes_id(uint32_t *id, struct pl *rest)
{
	struct pl after = *rest, w = command_word(&after), next = after;
	uint32_t num;

	if (!text_number(&num, &w))
		return false;

	next = text_trim(&next);
	if (!next.l || *next.p == '"')
		return false;

	w = command_word(&next);
	if (!text_number(&(uint32_t){0}, &w))
		return false;

	*id   = num;
	*rest = after;

	return true;
}


/* The REFER that "[id]" means */
static struct refer_server *notify_server(struct re_printf *pf,
					  struct pl *rest)
{
	struct refer_server *srv;
	struct refer_row row = {.id = 0};
	uint32_t id;

	if (!takes_id(&id, rest))
		return command_only(&row, refer, pf, CAN_REPORT) ?
			server_find(refer, row.id) : NULL;

	srv = server_find(refer, id);
	if (!srv)
		(void)re_hprintf(pf, "error: there is no REFER %u\n", id);

	return srv;
}


static bool starts_with_code(const struct pl *rest)
{
	struct pl after = *rest, w = command_word(&after);
	uint32_t num;

	return text_number(&num, &w);
}


static int cmd_notify(struct re_printf *pf, void *arg)
{
	static const char usage[] = "usage: /refernotify [id] <code>"
		" [reason]";
	struct pl rest = command_params(arg);
	struct refer_server *srv;
	struct answer_page page;
	char *reason = NULL;
	uint16_t code = 0;
	uint32_t id;
	int err;

	pf = command_page(&page, pf);
	if (!starts_with_code(&rest))
		return command_fail(pf, EINVAL, usage);

	srv = notify_server(pf, &rest);
	if (!srv)
		return command_error(pf, ENOENT);

	if (code_reason(&code, &reason, &rest))
		return command_fail(pf, EINVAL, usage);

	id  = srv->id;
	err = command_result(pf, refer_server_notify(srv, code, reason), id,
			     "notified");
	mem_deref(reason);

	return err;
}


static int cmd_progress(struct re_printf *pf, void *arg)
{
	struct pl rest = command_params(arg);
	struct refer_server *srv;
	struct answer_page page;
	uint32_t id;
	int err;

	pf  = command_page(&page, pf);
	srv = command_server(refer, pf, &rest, false);
	if (!srv)
		return command_error(pf, ENOENT);

	if (command_word(&rest).l)
		return command_fail(pf, EINVAL,
				    "usage: /referprogress [id]");

	id  = srv->id;
	err = refer_server_trying(srv);

	return command_result(pf, err, id, "100 Trying");
}


static int redirect(struct re_printf *pf, struct refer_server *srv,
		    struct pl *rest)
{
	char *contactv[CONTACTS_MAX + 1] = {NULL};
	const uint32_t id = srv->id;
	size_t i;
	int err = 0;

	*rest = text_trim(rest);
	for (i=0; i<CONTACTS_MAX && rest->l && !err; ++i) {
		struct pl w = command_word(rest);

		err   = pl_strdup(&contactv[i], &w);
		*rest = text_trim(rest);
	}

	if (!err && rest->l)
		err = E2BIG;
	if (!err)
		err = refer_server_redirect(srv,
					    (const char *const *)contactv,
					    NULL);
	while (i--)
		mem_deref(contactv[i]);

	return command_result(pf, err, id, "redirected");
}


static int cmd_redirect(struct re_printf *pf, void *arg)
{
	struct pl rest = command_params(arg);
	struct refer_server *srv;
	struct answer_page page;

	pf = command_page(&page, pf);
	srv = command_server(refer, pf, &rest, false);
	if (!srv)
		return command_error(pf, ENOENT);

	rest = text_trim(&rest);
	if (!rest.l)
		return command_fail(pf, EINVAL,
				    "usage: /referredirect [id]"
				    " <contact ...>");

	return redirect(pf, srv, &rest);
}


static int cancel_server(struct refer_server *srv)
{
	struct refer_inviter *inv = referral_inviter(srv->referral);

	if (refer_inviter_call(inv))
		return refer_inviter_cancel(inv);

	/* whoever executes it reports no more */
	return refer_server_notify(srv, 487, "Request Terminated");
}


static int cancel(const struct refer_row *row)
{
	struct refer_server *srv = server_find(refer, row->id);
	struct refer_client *c = client_find(refer->clients, row->id);

	if (srv)
		return cancel_server(srv);

	return c ? refer_client_dispose(c) : consult_abort(refer->consults,
							   "given up");
}


static int cmd_cancel(struct re_printf *pf, void *arg)
{
	struct pl rest = command_params(arg), w = command_word(&rest);
	struct answer_page page;
	struct refer_row row = {.id = 0};
	uint32_t id;

	pf = command_page(&page, pf);
	if (command_word(&rest).l || (w.l && !text_number(&id, &w)))
		return command_fail(pf, EINVAL, "usage: /refercancel [id]");

	if (!w.l && !command_only(&row, refer, pf, CAN_CANCEL))
		return command_error(pf, ENOENT);

	if (w.l && !rows_find(&row, refer, id)) {
		(void)re_hprintf(pf, "error: there is no transfer %u\n", id);
		return command_error(pf, ENOENT);
	}

	if (row.can & CAN_DECIDE)
		return command_fail(pf, EPROTO, "it waits for a decision, see"
				    " /referreject");

	return command_result(pf, row.can & CAN_CANCEL ? cancel(&row) : EPROTO,
			      row.id, "cancelled");
}


static const struct cmd cmdv[] = {

{"referaccept",   0, CMD_PRM, "Accept a REFER [id] [follow=no] [code=200]",
							cmd_accept   },
{"refercancel",   0, CMD_PRM, "Stop a transfer [id]",
							cmd_cancel   },
{"refernotify",   0, CMD_PRM, "Report on a REFER [id] <code> [reason]",
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
