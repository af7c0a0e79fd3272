/**
 * @file command.c  What the commands share: their parameters, what these mean,
 * and their answer
 */
#include <re.h>
#include "console/command.h"
#include "core/core.h"
#include "host/host.h"
#include "host/module.h"
#include "referrer/referrer.h"
#include "syntax/text.h"


enum {
	LINENUM_MAX = 999,        /* A longer number is a Call-ID */
};


/* Parameters */

/** Cut off the next word, or what stands in quotes; false at the end */
bool command_word(struct pl *w, struct pl *rest)
{
	bool quoted;

	text_trim(rest);
	quoted = rest->l && *rest->p == '"';
	pl_advance(rest, quoted ? 1 : 0);

	return text_cut(w, rest, quoted ? '"' : ' ') && w->l;
}


/** Cut off the next word if it is a number */
bool command_number(uint32_t *num, struct pl *rest)
{
	struct pl after = *rest, w;

	if (!command_word(&w, &after) || !text_number(num, &w))
		return false;

	*rest = after;

	return true;
}


/** Cut off what comes before the next blank that is not between quotes */
bool command_whole_word(struct pl *w, struct pl *rest)
{
	bool quoted = false;

	text_trim(rest);
	w->p = rest->p;

	for (w->l = 0; w->l < rest->l; ++w->l) {
		const char ch = rest->p[w->l];

		if (ch == '"')
			quoted = !quoted;
		else if (!quoted && (ch == ' ' || ch == '\t'))
			break;
	}

	pl_advance(rest, w->l);

	return w->l > 0;
}


/** Take the quotes off a value that begins and ends with them */
void command_unquote(struct pl *val)
{
	if (val->l > 1 && val->p[0] == '"' && val->p[val->l - 1] == '"') {
		pl_advance(val, 1);
		--val->l;
	}
}


/* Not between quotes */
static const char *find_char(const struct pl *pl, char ch)
{
	bool quoted = false;
	size_t i;

	for (i=0; i<pl->l; ++i) {

		if (pl->p[i] == '"')
			quoted = !quoted;
		else if (!quoted && pl->p[i] == ch)
			return pl->p + i;
	}

	return NULL;
}


/* Words and quoted strings: a '=' is of a header, a ':' or '@' of a URI */
static bool is_display_name(const struct pl *pl)
{
	return !find_char(pl, '=') && !find_char(pl, ':') &&
		!find_char(pl, '@');
}


/** Cut off the next word, or a name-addr, which has blanks: its URI, in <> */
void command_target(struct pl *target, struct pl *rest)
{
	const char *open, *close;
	struct pl name;

	text_trim(rest);
	open  = find_char(rest, '<');
	close = find_char(rest, '>');
	name.p = rest->p;
	name.l = open ? open - rest->p : 0;

	if (!open || !close || close < open || !is_display_name(&name)) {
		(void)command_whole_word(target, rest);
		return;
	}

	target->p = open;
	target->l = close + 1 - open;
	pl_advance(rest, close + 1 - rest->p);
}


/** Whether this is an option, "sub=no"; "carol;user=phone" is a target */
bool command_is_option(const struct pl *pl)
{
	const char *equal = find_char(pl, '=');
	struct pl name = {pl->p, equal ? equal - pl->p : 0};

	return equal && is_display_name(&name) && !find_char(&name, ';') &&
		!find_char(&name, '?') && !find_char(&name, '<');
}


/* What they mean */

/** Find a call: by Call-ID, or by line of the current user agent */
struct call *command_call(struct command *cmd, const struct pl *id)
{
	struct call *call = NULL;
	uint32_t num;
	char *text;

	/* the other side chooses a Call-ID */
	if (text_number(&num, id) && num <= LINENUM_MAX) {
		call = call_find_linenum(ua_calls(host_ua_current()), num);
	}
	else if (!pl_strdup(&text, id)) {
		call = host_call_find(text, 0);
		mem_deref(text);
	}

	if (!call)
		(void)command_fail(cmd, ENOENT, "there is no call %H, see"
				   " /listcalls", text_clean, id);

	return call;
}


/** Find an account by its address-of-record, with or without "sip:" */
struct ua *command_account(const struct pl *name)
{
	struct pl aor, bare, scheme;
	struct le *le;

	LIST_FOREACH(uag_list(), le) {
		struct ua *ua = le->data;

		pl_set_str(&aor, host_ua_aor(ua));
		bare = aor;
		(void)text_cut(&scheme, &bare, ':');

		if (!pl_casecmp(name, &aor) || !pl_casecmp(name, &bare))
			return ua;
	}

	return NULL;
}


/** Make a URI of what a person wrote */
int command_uri(struct command *cmd, char **urip, const struct pl *text,
		const struct ua *ua)
{
	char *str;
	int err;

	err = pl_strdup(&str, text);
	if (!err) {
		err = dial_complete(urip, str, account_luri(ua_account(ua)));
		mem_deref(str);
	}

	return err ? command_fail(cmd, err, "%s", dial_error(err)) : 0;
}


/** The transfers that a command can mean */
struct choice {
	const struct refer *refer;
	unsigned can;              /**< What it does, 0 for anything */
	struct refer_transfer row;      /**< The last one                 */
	unsigned n;
	struct re_printf *pf;      /**< For print_handler()          */
};


static int choose_handler(const struct refer_transfer *row, void *arg)
{
	struct choice *c = arg;

	if (row->can & c->can || !c->can) {
		c->row = *row;
		++c->n;
	}

	return 0;
}


static int print_handler(const struct refer_transfer *row, void *arg)
{
	const struct choice *c = arg;

	return row->can & c->can || !c->can ?
		re_hprintf(c->pf, " %u", row->id) : 0;
}


static int print_which(struct re_printf *pf, struct choice *c)
{
	int err;

	if (c->n < 2)
		return 0;

	c->pf = pf;

	err  = re_hprintf(pf, ":");
	err |= refer_apply(c->refer, REFER_UNDER_WAY, print_handler,
			   c);
	err |= re_hprintf(pf, "; which one?");

	return err;
}


static const char *no_choice(unsigned can, bool several)
{
	switch (can) {

	case REFER_CAN_DECIDE:
		return several ? "several REFERs wait" : "no REFER waits";

	case REFER_CAN_REPORT:
		return several ? "several REFERs wait for a report"
			       : "no REFER waits for a report";

	case REFER_CAN_CANCEL:
		return several ? "several transfers are under way"
			       : "no transfer is under way";

	default:
		return several ? "several transfers" : "no transfers";
	}
}


/**
 * Find the only transfer that a command can mean
 *
 * @param cmd Command
 * @param row Set on success
 * @param can What the command does, of enum row_can; 0 for anything
 *
 * @return 0 if success, ENOENT if there is none, or several
 */
int command_only(struct command *cmd, struct refer_transfer *row,
		 unsigned can)
{
	struct choice c = {.refer = cmd->refer, .can = can};

	(void)refer_apply(cmd->refer, REFER_UNDER_WAY, choose_handler, &c);
	if (c.n != 1)
		return command_fail(cmd, ENOENT, "%s%H",
				    no_choice(can, c.n > 1), print_which, &c);

	*row = c.row;

	return 0;
}


/** Find the transfer that "[ID]" means: by its number, or the only one */
int command_row(struct command *cmd, struct refer_transfer *row, unsigned can)
{
	uint32_t id;

	if (!command_number(&id, &cmd->rest))
		return command_only(cmd, row, can);

	/* one that has ended can still be looked at */
	if (refer_find(row, cmd->refer, id) && (!can || !row->ended))
		return 0;

	return command_fail(cmd, ENOENT, "there is no transfer %u, see"
			    " /referlist", id);
}


/** The same for a command with no more parameters than that */
int command_row_alone(struct command *cmd, struct refer_transfer *row,
		      const char *name)
{
	struct pl w;
	int err;

	err = command_row(cmd, row, 0);
	if (err)
		return err;

	return command_word(&w, &cmd->rest) ?
		command_fail(cmd, EINVAL, "usage: /%s [ID] [json]", name) : 0;
}


/* Answers */

/** Answer with an error; returns it */
int command_fail(struct command *cmd, int err, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	cmd->error = mem_deref(cmd->error);
	(void)re_vsdprintf(&cmd->error, fmt, ap);
	va_end(ap);

	return err;
}


/** Answer with what an error means, by a table; returns it */
int command_explain(struct command *cmd, int err,
		    const struct command_error *errv)
{
	while (errv->err && errv->err != err)
		++errv;

	return errv->text ? command_fail(cmd, err, "%s", errv->text)
		: command_fail(cmd, err, "%m", err);
}


/** Answer that something was done with a transfer */
int command_done(struct command *cmd, uint32_t id, const char *fmt, ...)
{
	va_list ap;
	int err;

	cmd->id = id;

	va_start(ap, fmt);
	err = re_hprintf(cmd->pf, "refer: #%u %v\n", id, fmt, &ap);
	va_end(ap);

	return err;
}


/** Answer that something was done with a transfer, or why not */
int command_result(struct command *cmd, int err, uint32_t id,
		   const char *done)
{
	static const struct command_error errv[] = {
		{EPROTO,   "not in this state, see /referlist"},
		{EALREADY, "that was done before"},
		{EINVAL,   "wrong argument, see /help"},
		{EPERM,    "the target, or the referrer, is not allowed any"
			   " more, see /referpolicy"},
		{0,        NULL},
	};

	return err ? command_explain(cmd, err, errv)
		: command_done(cmd, id, "%s", done);
}
