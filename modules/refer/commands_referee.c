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
#include "commands.h"
#include "referral.h"
#include "server.h"
#include "text.h"


enum {
	CONTACTS_MAX = 8,
};

static struct refer *refer;


static int fail(struct re_printf *pf, int err, const char *text)
{
	(void)re_hprintf(pf, "error: %s\n", text);

	return err;
}


/* The next word, or what stands in quotes */
static struct pl word(struct pl *rest)
{
	struct pl w;

	*rest = text_trim(rest);

	if (!rest->l || *rest->p != '"')
		return text_cut(rest, ' ');

	pl_advance(rest, 1);
	w = text_cut(rest, '"');

	return w;
}


static bool is_open(const struct refer_server *srv)
{
	return srv->state == REFER_WAITING || srv->state == REFER_PENDING;
}


static struct refer_server *find_id(uint32_t id)
{
	struct le *le;

	LIST_FOREACH(&refer->serverl, le) {
		struct refer_server *srv = le->data;

		if (srv->id == id)
			return srv;
	}

	return NULL;
}


static int print_open(struct re_printf *pf, void *arg)
{
	struct le *le;
	int err = 0;
	(void)arg;

	LIST_FOREACH(&refer->serverl, le) {
		const struct refer_server *srv = le->data;

		if (is_open(srv))
			err |= re_hprintf(pf, " %u", srv->id);
	}

	return err;
}


static struct refer_server *find_only(struct re_printf *pf)
{
	struct refer_server *found = NULL;
	struct le *le;

	LIST_FOREACH(&refer->serverl, le) {
		struct refer_server *srv = le->data;

		if (!is_open(srv))
			continue;

		if (found) {
			(void)re_hprintf(pf, "error: several REFERs wait:%H;"
					 " which one?\n", print_open, NULL);
			return NULL;
		}

		found = srv;
	}

	if (!found)
		(void)fail(pf, 0, "no REFER waits");

	return found;
}


/* A first number that is no REFER's may be a status code */
static struct refer_server *find(struct re_printf *pf, struct pl *rest,
				 bool code_follows)
{
	struct pl after = *rest, w = word(&after), next = after;
	struct refer_server *srv;
	uint32_t id;

	if (!text_number(&id, &w))
		return find_only(pf);

	srv = find_id(id);
	if (srv) {
		*rest = after;
		return srv;
	}

	w = word(&next);
	if (code_follows && id >= 100 && !text_number(&(uint32_t){0}, &w))
		return find_only(pf);

	(void)re_hprintf(pf, "error: there is no REFER %u\n", id);

	return NULL;
}


static int result(struct re_printf *pf, int err, uint32_t id,
		  const char *done)
{
	switch (err) {

	case 0:
		return re_hprintf(pf, "refer: #%u %s\n", id, done);

	case EPROTO:
		return fail(pf, err, "not in this state, see /referlist");

	case EALREADY:
		return fail(pf, err, "that was done before");

	case EINVAL:
		return fail(pf, err, "wrong argument, see /help");

	default:
		(void)re_hprintf(pf, "error: %m\n", err);
		return err;
	}
}


static struct pl params(const void *arg)
{
	const struct cmd_arg *carg = arg;
	struct pl pl;

	pl_set_str(&pl, carg->prm ? carg->prm : "");

	return pl;
}


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
	struct pl rest = params(arg);
	struct refer_server *srv = find(pf, &rest, false);
	uint32_t id;

	if (!srv)
		return ENOENT;

	for (rest = text_trim(&rest); rest.l; rest = text_trim(&rest)) {
		struct pl w = word(&rest);

		if (accept_param(&opts, &w))
			return fail(pf, EINVAL, "usage: /referaccept [id]"
				    " [follow=no] [code=200]");
	}

	id = srv->id;

	return result(pf, refer_server_accept(srv, &opts), id, "accepted");
}


/* "[code] [reason]" */
static int code_reason(uint16_t *code, char **reason, struct pl *rest)
{
	struct pl after = *rest, w = word(&after), text;
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

	text = *rest->p == '"' ? word(rest) : *rest;

	return pl_strdup(reason, &text);
}


static int cmd_reject(struct re_printf *pf, void *arg)
{
	struct refer_opts opts = {.scode = 0};
	struct pl rest = params(arg);
	struct refer_server *srv = find(pf, &rest, true);
	char *reason = NULL;
	uint32_t id;
	int err;

	if (!srv)
		return ENOENT;

	if (code_reason(&opts.scode, &reason, &rest))
		return fail(pf, EINVAL,
			    "usage: /referreject [id] [code] [reason]");

	id = srv->id;
	opts.reason = reason;
	err = result(pf, refer_server_reject(srv, &opts), id, "rejected");
	mem_deref(reason);

	return err;
}


static int cmd_notify(struct re_printf *pf, void *arg)
{
	struct pl rest = params(arg), first = rest, w = word(&first);
	struct refer_server *srv = NULL;
	char *reason = NULL;
	uint16_t code = 0;
	uint32_t id;
	int err;

	if (text_number(&id, &w))
		srv = find_id(id);

	if (!srv)
		return fail(pf, ENOENT, "usage: /refernotify <id> <code>"
			    " [reason]; see /referlist for the id");

	if (code_reason(&code, &reason, &first))
		return fail(pf, EINVAL,
			    "usage: /refernotify <id> <code> [reason]");

	err = result(pf, refer_server_notify(srv, code, reason), id,
		     "notified");
	mem_deref(reason);

	return err;
}


static int cmd_progress(struct re_printf *pf, void *arg)
{
	struct pl rest = params(arg);
	struct refer_server *srv = find(pf, &rest, false);

	if (!srv)
		return ENOENT;

	return result(pf, refer_server_trying(srv), srv->id, "100 Trying");
}


static int cmd_redirect(struct re_printf *pf, void *arg)
{
	char *contactv[CONTACTS_MAX + 1] = {NULL};
	struct pl rest = params(arg);
	struct refer_server *srv = find(pf, &rest, false);
	uint32_t id;
	size_t i;
	int err = 0;

	if (!srv)
		return ENOENT;

	rest = text_trim(&rest);
	for (i=0; i<CONTACTS_MAX && rest.l && !err; ++i) {
		struct pl w = word(&rest);

		err  = pl_strdup(&contactv[i], &w);
		rest = text_trim(&rest);
	}

	if (!contactv[0])
		return fail(pf, EINVAL,
			    "usage: /referredirect [id] <contact ...>");

	id = srv->id;
	if (!err)
		err = refer_server_redirect(srv,
					    (const char *const *)contactv,
					    NULL);
	while (i--)
		mem_deref(contactv[i]);

	return result(pf, err, id, "redirected");
}


static int cmd_cancel(struct re_printf *pf, void *arg)
{
	struct pl rest = params(arg), w = word(&rest);
	struct refer_inviter *inv;
	struct refer_server *srv;
	uint32_t id;
	int err;

	if (!text_number(&id, &w))
		return fail(pf, EINVAL, "usage: /refercancel <id>;"
			    " see /referlist for the id");

	srv = find_id(id);
	if (!srv)
		return commands_cancel_client(pf, id);

	err = referral_make_inviter(&inv, srv->referral);
	if (!err)
		err = refer_inviter_cancel(inv);

	return result(pf, err, id, "cancelled");
}


static int cmd_list(struct re_printf *pf, void *arg)
{
	struct le *le;
	int err;
	(void)arg;

	if (!refer->serverl.head && !refer->clientl.head)
		return re_hprintf(pf, "refer: no transfers\n");

	err = re_hprintf(pf, "%4s %-6s %-10s %5s %-32s %-32s %s\n", "id",
			 "role", "state", "age", "peer", "target", "code");

	LIST_FOREACH(&refer->serverl, le)
		err |= server_print(pf, le->data);

	LIST_FOREACH(&refer->clientl, le)
		err |= client_print(pf, le->data);

	return err;
}


static int cmd_policy(struct re_printf *pf, void *arg)
{
	struct pl rest = params(arg), w = word(&rest);
	enum policy policy;

	if (w.l) {
		if (settings_policy(&policy, &w))
			return fail(pf, EINVAL, "usage: /referpolicy"
				    " [accept|ask|reject]");

		refer->set.policy = policy;
	}

	return re_hprintf(pf, "refer: policy %s\n",
			  settings_policy_name((enum policy)
					       refer->set.policy));
}


static const struct cmd cmdv[] = {

{"referaccept",   0, CMD_PRM, "Accept a REFER [id] [follow=no] [code=200]",
							cmd_accept   },
{"refercancel",   0, CMD_PRM, "Stop a transfer <id>",
							cmd_cancel   },
{"referlist",     0, 0,       "List transfers",         cmd_list     },
{"refernotify",   0, CMD_PRM, "Report on a REFER <id> <code> [reason]",
							cmd_notify   },
{"referpolicy",   0, CMD_PRM, "REFER policy [accept|ask|reject]",
							cmd_policy   },
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
