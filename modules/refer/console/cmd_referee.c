/**
 * @file cmd_referee.c  The commands that decide on incoming REFERs
 *
 * All take the number of a REFER first; without it the only one is meant that
 * the command fits. What is executed goes by the public interface, as an
 * application's.
 */
#include <re.h>
#include "console/command.h"
#include "core/core.h"
#include "core/event.h"
#include "refer.h"
#include "referee/referee.h"
#include "referrer/referrer.h"
#include "syntax/text.h"
#include "syntax/uri.h"


enum {
	CONTACTS_MAX = 8,
};


static struct refer_server *find_server(struct command *cmd, uint32_t id)
{
	struct refer_server *srv = server_find(cmd->refer, id);

	if (!srv)
		(void)command_fail(cmd, ENOENT, "there is no REFER %u, see"
				   " /referlist", id);

	return srv;
}


static struct refer_server *only_server(struct command *cmd,
					unsigned can)
{
	struct refer_transfer row;

	return command_only(cmd, &row, can) ? NULL
		: server_find(cmd->refer, row.id);
}


/** The REFER that "[ID]" means */
struct refer_server *command_server(struct command *cmd)
{
	uint32_t id;

	return command_number(&id, &cmd->rest) ? find_server(cmd, id)
		: only_server(cmd, REFER_CAN_DECIDE);
}


/** A status code in a range; says so if it is none */
int command_code(struct command *cmd, uint16_t *code, const struct pl *text,
		 uint32_t first, uint32_t last)
{
	uint32_t num;

	if (!text_number(&num, text) || num < first || num > last)
		return command_fail(cmd, EINVAL, "%H is no status code"
				    " (%u-%u)", text_clean, text, first,
				    last);

	*code = (uint16_t)num;

	return 0;
}


/* "[CODE] [REASON]" */
static int code_reason(struct command *cmd, uint16_t *code, char **reason,
		       uint32_t first)
{
	struct pl after = cmd->rest, w;
	int err;

	if (command_word(&w, &after)) {
		err = command_code(cmd, code, &w, first, 699);
		if (err)
			return err;

		cmd->rest = after;
	}

	text_trim(&cmd->rest);
	if (!cmd->rest.l)
		return 0;

	w = cmd->rest;
	if (*w.p == '"')
		(void)command_word(&w, &cmd->rest);

	return pl_strdup(reason, &w);
}


/* A first number that is no REFER's may be the status code */
static struct refer_server *reject_server(struct command *cmd)
{
	struct pl rest = cmd->rest;
	uint32_t id, num;

	if (command_number(&id, &rest) && id >= 100 &&
	    !server_find(cmd->refer, id) && !command_number(&num, &rest))
		return only_server(cmd, REFER_CAN_DECIDE);

	return command_server(cmd);
}


int cmd_reject(struct command *cmd)
{
	struct refer_server *srv = reject_server(cmd);
	struct refer_opts opts = {.scode = 0};
	char *reason = NULL;
	uint32_t id;
	int err;

	if (!srv)
		return ENOENT;

	err = code_reason(cmd, &opts.scode, &reason, 300);
	if (err)
		return err;

	id = refer_server_id(srv);
	opts.reason = reason;
	err = command_result(cmd, refer_server_reject(srv, &opts), id,
			     "rejected");
	mem_deref(reason);

	return err;
}


/* The code has to be there: of two numbers the first one is the id */
static struct refer_server *notify_server(struct command *cmd)
{
	struct pl rest = cmd->rest, next;
	uint32_t id, code;

	(void)command_number(&id, &rest);
	text_trim(&rest);
	next = rest;
	if (!next.l || *next.p == '"' || !command_number(&code, &next))
		return only_server(cmd, REFER_CAN_REPORT);

	cmd->rest = rest;

	return find_server(cmd, id);
}


int cmd_notify(struct command *cmd)
{
	struct pl rest = cmd->rest;
	struct refer_server *srv;
	char *reason = NULL;
	uint16_t code = 0;
	uint32_t id;
	int err;

	if (!command_number(&id, &rest))
		return command_fail(cmd, EINVAL, "usage: /refernotify [ID]"
				    " CODE [REASON]");

	srv = notify_server(cmd);
	if (!srv)
		return ENOENT;

	err = code_reason(cmd, &code, &reason, 100);
	if (err)
		return err;

	id  = refer_server_id(srv);
	err = command_result(cmd, refer_server_notify(srv, code, reason), id,
			     "notified");
	mem_deref(reason);

	return err;
}


int cmd_progress(struct command *cmd)
{
	struct refer_server *srv = command_server(cmd);
	struct pl w;
	uint32_t id;

	if (!srv)
		return ENOENT;

	if (command_word(&w, &cmd->rest))
		return command_fail(cmd, EINVAL, "usage: /referprogress [ID]");

	id = refer_server_id(srv);

	return command_result(cmd, refer_server_trying(srv), id, "100 Trying");
}


static bool contact_valid(const char *contact)
{
	struct uri uri;
	struct pl pl;

	pl_set_str(&pl, contact);

	return !uri_decode_strict(&uri, &pl);
}


/* The URIs of a redirection, which the caller dereferences; one that cannot
   be sent is told */
static int decode_contacts(struct command *cmd, char **contactv)
{
	struct pl w;
	size_t n = 0;
	int err = 0;

	for (text_trim(&cmd->rest); cmd->rest.l && !err;
	     text_trim(&cmd->rest)) {

		if (n >= CONTACTS_MAX)
			return command_fail(cmd, E2BIG, "more than %u"
					    " contacts", CONTACTS_MAX);

		(void)command_word(&w, &cmd->rest);
		err = pl_strdup(&contactv[n], &w);
		if (!err && !contact_valid(contactv[n++]))
			err = command_fail(cmd, EINVAL, "%H is no URI",
					   text_clean, &w);
	}

	return n || err ? err :
		command_fail(cmd, EINVAL, "usage: /referredirect [ID]"
			     " CONTACT ...");
}


int cmd_redirect(struct command *cmd)
{
	struct refer_server *srv = command_server(cmd);
	char *contactv[CONTACTS_MAX + 1] = {NULL};
	uint32_t id;
	size_t i;
	int err;

	if (!srv)
		return ENOENT;

	id  = refer_server_id(srv);
	err = decode_contacts(cmd, contactv);
	if (!err)
		err = command_result(cmd, refer_server_redirect(srv,
				     (const char *const *)contactv, NULL),
				     id, "redirected");

	for (i=0; contactv[i]; ++i)
		mem_deref(contactv[i]);

	return err;
}


int cmd_cancel(struct command *cmd)
{
	struct pl rest = cmd->rest, w;
	struct refer_transfer row;
	uint32_t id;
	int err;

	(void)command_number(&id, &rest);
	if (command_word(&w, &rest))
		return command_fail(cmd, EINVAL, "usage: /refercancel [ID]");

	err = command_row(cmd, &row, REFER_CAN_CANCEL);
	if (err)
		return err;

	if (row.can & REFER_CAN_DECIDE)
		return command_fail(cmd, EPROTO, "it waits for a decision, see"
				    " /referreject");

	return command_result(cmd, refer_transfer_cancel(row.id), row.id,
			      "cancelled");
}
