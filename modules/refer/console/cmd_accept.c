/**
 * @file cmd_accept.c  /referaccept, and how the referral is to be executed
 */
#include <re.h>
#include "console/command.h"
#include "host/libre.h"
#include "refer.h"
#include "referee/referee.h"
#include "syntax/text.h"
#include "syntax/uri.h"


/** What /referaccept is given */
struct accept {
	struct command *cmd;
	struct refer_server *srv;
	struct refer_opts opts;
	struct refer_invite_opts invite;
	char *target, *outbound, *name;
};

typedef int (accept_h)(struct accept *a, const struct pl *val);


static int accept_code(struct accept *a, const struct pl *val)
{
	return command_code(a->cmd, &a->opts.scode, val, 200, 299);
}


static int yes_or_no(struct accept *a, bool *yes, const struct pl *val,
		     const char *name)
{
	*yes = !pl_strcasecmp(val, "yes");

	return *yes || !pl_strcasecmp(val, "no") ? 0 :
		command_fail(a->cmd, EINVAL, "%H is no value of %s= (yes or"
			     " no)", text_clean, val, name);
}


static int accept_follow(struct accept *a, const struct pl *val)
{
	bool yes;
	const int err = yes_or_no(a, &yes, val, "follow");

	a->opts.nofollow = !yes;

	return err;
}


static int accept_anonymous(struct accept *a, const struct pl *val)
{
	return yes_or_no(a, &a->invite.anonymous, val, "anonymous");
}


static int accept_account(struct accept *a, const struct pl *val)
{
	a->invite.ua = command_account(val);

	return a->invite.ua ? 0 : command_fail(a->cmd, ENOENT, "there is no"
			" account %H", text_clean, val);
}


/* A text that is not empty */
static int keep(struct accept *a, char **strp, const struct pl *val,
		const char *name)
{
	if (!val->l)
		return command_fail(a->cmd, EINVAL, "there is no value behind"
				    " %s=", name);

	*strp = mem_deref(*strp);

	return pl_strdup(strp, val);
}


static int accept_target(struct accept *a, const struct pl *val)
{
	return keep(a, &a->target, val, "target");
}


static int accept_outbound(struct accept *a, const struct pl *val)
{
	const int err = keep(a, &a->outbound, val, "outbound");

	if (err || uri_is_proxy(a->outbound))
		return err;

	return command_fail(a->cmd, EINVAL, "%H is no value of outbound= (a"
			    " sip: URI without headers, password, comma and"
			    " ;lr)",
			    text_clean, val);
}


static int accept_name(struct accept *a, const struct pl *val)
{
	const int err = keep(a, &a->name, val, "name");

	if (err || text_is_display_name(a->name))
		return err;

	return command_fail(a->cmd, EINVAL, "%H is no value of name= (at most"
			    " 255 bytes, none of \"\\<>)", text_clean, val);
}


static const struct {
	const char *name;
	accept_h *h;
} acceptv[] = {
	{"follow",    accept_follow},
	{"code",      accept_code},
	{"target",    accept_target},
	{"account",   accept_account},
	{"outbound",  accept_outbound},
	{"name",      accept_name},
	{"anonymous", accept_anonymous},
};


static int accept_param(struct accept *a, const struct pl *w)
{
	struct pl name, val = *w;
	size_t i;

	(void)text_cut(&name, &val, '=');
	command_unquote(&val);

	for (i=0; i<ARRAY_SIZE(acceptv); ++i) {
		if (!pl_strcasecmp(&name, acceptv[i].name))
			return acceptv[i].h(a, &val);
	}

	return command_fail(a->cmd, EINVAL, "%H is no option (follow= code="
			    " target= account= outbound= name= anonymous=)",
			    text_clean, w);
}


/* Without an option it stays as an application has it */
static bool says_how(const struct accept *a)
{
	return a->target || a->outbound || a->name || a->invite.ua ||
		a->invite.anonymous;
}


/* The target is completed with the domain of the account that calls it */
static int complete_target(struct accept *a)
{
	struct ua *ua = a->invite.ua ? a->invite.ua : refer_server_ua(a->srv);
	struct pl pl;
	char *uri;
	int err;

	if (!a->target || !ua)
		return 0;

	pl_set_str(&pl, a->target);
	err = command_uri(a->cmd, &uri, &pl, ua);
	if (err)
		return err;

	mem_deref(a->target);
	a->target = uri;

	return 0;
}


static int accept_params(struct accept *a)
{
	struct pl w;
	int err = 0;

	while (!err && command_whole_word(&w, &a->cmd->rest))
		err = accept_param(a, &w);
	if (err)
		return err;

	if (a->opts.nofollow && says_how(a))
		return command_fail(a->cmd, EINVAL, "follow=no calls nobody,"
				    " and has no other option than code=");

	if (a->name && a->invite.anonymous)
		return command_fail(a->cmd, EINVAL, "name= and anonymous=yes"
				    " exclude each other");

	err = complete_target(a);

	a->invite.target   = a->target;
	a->invite.outbound = a->outbound;
	a->invite.name     = a->name;
	a->opts.invite     = says_how(a) ? &a->invite : NULL;

	return err;
}


static int accept_with(struct accept *a)
{
	const struct command_error errorv[] = {
		{EPROTO,  "not in this state, see /referlist"},
		{EPERM,   a->target ? "the target, or the referrer, is not"
			  " allowed, see /referpolicy" : "the target, or the"
			  " referrer, is not allowed any more, see"
			  " /referpolicy"},
		{ENOTSUP, "an account with medianat cannot call so: outbound="
			  " or anonymous=, or an escape (%) in the target"},
		{EINVAL,  "the target, or a header of an application, cannot"
			  " be sent"},
		{0,       NULL},
	};
	const uint32_t id = refer_server_id(a->srv);
	const char *done = server_unheard(a->srv) ?
		"accepted, but nobody will learn the outcome" : "accepted";
	const int err = refer_server_accept(a->srv, &a->opts);

	return err ? command_explain(a->cmd, err, errorv) :
		command_done(a->cmd, id, "%s", done);
}


int cmd_accept(struct command *cmd)
{
	struct accept a = {.cmd = cmd, .srv = command_server(cmd)};
	int err;

	if (!a.srv)
		return ENOENT;

	err = accept_params(&a);
	if (!err)
		err = accept_with(&a);

	mem_deref(a.target);
	mem_deref(a.outbound);
	mem_deref(a.name);

	return err;
}
