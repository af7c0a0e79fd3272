/**
 * @file commands_referrer.c  The commands that send REFER
 *
 * /transfer and /refersend go by the public interface, as an application
 * would. All that stands behind the target must be understood, or nothing is
 * sent.
 */
#include <re.h>
#include "host/compat.h"
#include "admission/wildcard.h"
#include "console/command.h"
#include "console/commands.h"
#include "core/core.h"
#include "host/host.h"
#include "host/host_baresip.h"
#include "refer.h"
#include "referrer/referrer.h"
#include "referrer/dial_string.h"
#include "syntax/text.h"


enum {
	HDRS_MAX = 16,
	LINENUM_MAX = 999,        /* A longer number is a Call-ID */
};

/** Parameters of a command */
struct params {
	struct call *call;
	char *target;
	char *hdrv[HDRS_MAX + 1];
	unsigned hdrc;
	bool nosub;
};

static struct refer *refer;


/* For the command to go on with; what the channel gets is command_error() */
static int fail(struct re_printf *pf, int err, const char *text)
{
	(void)re_hprintf(pf, "error: %s\n", text);

	return err;
}


static void params_free(struct params *p)
{
	mem_deref(p->target);
	while (p->hdrc)
		mem_deref(p->hdrv[--p->hdrc]);
}


/* Up to the next blank that is not between quotes */
static struct pl next_word(struct pl *rest)
{
	bool quoted = false;
	struct pl w;

	w   = text_trim(rest);
	*rest = w;

	for (w.l = 0; w.l < rest->l; ++w.l) {
		const char ch = rest->p[w.l];

		if (ch == '"')
			quoted = !quoted;
		else if (!quoted && (ch == ' ' || ch == '\t'))
			break;
	}

	pl_advance(rest, w.l);

	return w;
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


/**
 * Cut off the next word, or a name-addr, which has blanks in it
 *
 * @param rest Parameters, what is left of them on return
 *
 * @return URI, in <> if it was
 */
struct pl commands_target(struct pl *rest)
{
	struct pl t = text_trim(rest), name;
	const char *open, *close;

	open  = find_char(&t, '<');
	close = find_char(&t, '>');
	name.p = t.p;
	name.l = open ? open - t.p : 0;

	if (!open || !close || close < open || !is_display_name(&name))
		return next_word(rest);

	*rest = t;
	pl_advance(rest, close + 1 - t.p);
	t.p = open;
	t.l = close + 1 - open;

	return t;
}


static int add_header(struct params *p, const struct pl *name,
		      struct pl *val)
{
	if (val->l > 1 && val->p[0] == '"' && val->p[val->l - 1] == '"') {
		pl_advance(val, 1);
		--val->l;
	}

	if (p->hdrc >= HDRS_MAX)
		return E2BIG;

	if (re_sdprintf(&p->hdrv[p->hdrc], "%r: %r", name, val))
		return ENOMEM;

	++p->hdrc;

	return 0;
}


static int decode_sub(struct params *p, const struct pl *val)
{
	p->nosub = !pl_strcasecmp(val, "no");

	return p->nosub || !pl_strcasecmp(val, "yes") ? 0 : EINVAL;
}


/* "header=value ..." */
static int decode_rest(struct re_printf *pf, struct params *p,
		       struct pl *rest)
{
	struct pl w;

	for (w = next_word(rest); w.l; w = next_word(rest)) {
		struct pl val = w, name = text_cut(&val, '=');
		int err;

		if (name.l == w.l || !name.l) {
			(void)re_hprintf(pf, "error: %H is not header=value\n",
					 text_clean, &w);
			return EINVAL;
		}

		if (!pl_strcasecmp(&name, "sub"))
			err = decode_sub(p, &val);
		else
			err = add_header(p, &name, &val);
		if (err)
			return fail(pf, err, "wrong, or too many, options");
	}

	return 0;
}


/* "sub=no" where a target is wanted; "carol;user=phone" is one */
static bool is_option(const struct pl *pl)
{
	const char *equal = find_char(pl, '=');
	struct pl name = {pl->p, equal ? equal - pl->p : 0};

	return equal && is_display_name(&name) && !find_char(&name, ';') &&
		!find_char(&name, '?') && !find_char(&name, '<');
}


static int decode_target(struct re_printf *pf, struct params *p,
			 const struct pl *pl, struct ua *ua)
{
	char *text;
	int err;

	if (is_option(pl))
		return fail(pf, EINVAL, "the target must come before the"
			    " options");

	err = pl_strdup(&text, pl);
	if (!err) {
		err = dial_complete(&p->target, text,
				      account_luri(ua_account(ua)));
		mem_deref(text);
	}

	return err ? fail(pf, err, dial_error(err)) : 0;
}


/**
 * Find the call that a parameter means: a Call-ID, or the number of a line of
 * the current user agent
 *
 * @param id Call-ID or number
 *
 * @return Call, or NULL
 */
struct call *commands_find_call(const struct pl *id)
{
	struct call *call;
	uint32_t num;
	char *text;

	/* the other side chooses a Call-ID */
	if (text_number(&num, id) && num <= LINENUM_MAX)
		return call_find_linenum(ua_calls(host_ua_current()), num);

	if (pl_strdup(&text, id))
		return NULL;

	call = host_call_find(text, 0);
	mem_deref(text);

	return call;
}


/* "[call=<id|line>]" */
static int decode_call(struct re_printf *pf, struct params *p,
		       struct pl *rest)
{
	struct pl after = *rest, val = next_word(&after), name;

	name = text_cut(&val, '=');
	if (pl_strcasecmp(&name, "call")) {
		p->call = host_call_current();
		return p->call ? 0 : fail(pf, ENOENT, "there is no call");
	}

	*rest   = after;
	p->call = commands_find_call(&val);
	if (p->call)
		return 0;

	(void)re_hprintf(pf, "error: there is no call %H\n", text_clean,
			 &val);

	return ENOENT;
}


static const char *alloc_error(int err)
{
	switch (err) {

	case EPROTO:
		return "the call is not established yet, it cannot be"
			" transferred";

	case ENOENT:
		return "the call cannot be told apart from others of its"
			" Call-ID";

	case EAGAIN:
		return "the call that the target replaces is not"
			" established yet";

	default:
		return "out of memory";
	}
}


static int send_refer(struct re_printf *pf, struct refer_client *c,
		      const struct params *p)
{
	const struct refer_client_opts opts = {
		.hdrv  = (const char *const *)p->hdrv,
		.nosub = p->nosub,
	};
	int err;

	err = refer_client_refer(c, &opts);
	if (err == EINVAL)
		return fail(pf, err, "a header that cannot be sent");
	if (err == EALREADY)
		return fail(pf, err, COMMANDS_UNDER_WAY);
	if (err)
		return fail(pf, err, "REFER could not be sent");

	return 0;
}


static int transfer(struct re_printf *pf, const struct params *p)
{
	struct refer_client *c;
	int err;

	err = client_alloc(&c, refer->clients, p->call, p->target);
	if (err)
		return fail(pf, err, alloc_error(err));

	err = send_refer(pf, c, p);
	if (!err)
		err = re_hprintf(pf, "refer: #%u transferring %H to %s\n",
				 refer_client_id(c), text_clean_str,
				 call_peeruri(p->call), p->target);
	mem_deref(c);

	return err;
}


/**
 * /transfer [call=<id|line>] <target> [header=value ...]
 *
 * @param pf  Print function
 * @param arg Command argument
 *
 * @return 0 if success, otherwise errorcode
 */
int commands_transfer(struct re_printf *pf, void *arg)
{
	struct params p = {.call = NULL};
	struct answer_page page;
	struct pl rest, target;
	int err;

	pf = command_page(&page, pf);
	rest = command_params(arg);
	if (!rest.l)
		return command_fail(pf, EINVAL, "usage: /transfer"
				    " [call=<id|line>] <target>"
				    " [header=value ...]");

	err = decode_call(pf, &p, &rest);
	if (err)
		return command_error(pf, err);

	target = commands_target(&rest);
	err = decode_target(pf, &p, &target, call_get_ua(p.call));
	if (!err)
		err = decode_rest(pf, &p, &rest);
	if (!err)
		err = transfer(pf, &p);

	params_free(&p);

	return err ? command_error(pf, err) : 0;
}


static int refersend(struct re_printf *pf, const struct params *p,
		     const char *peer)
{
	struct refer_client *c;
	int err;

	err = client_alloc_outside(&c, refer->clients, host_ua_current(),
				   peer, p->target);
	if (err)
		return fail(pf, err, alloc_error(err));

	err = send_refer(pf, c, p);
	if (!err)
		err = re_hprintf(pf, "refer: #%u referring %s to %s\n",
				 refer_client_id(c), peer, p->target);
	mem_deref(c);

	return err;
}


static int cmd_send(struct re_printf *pf, void *arg)
{
	struct params p = {.call = NULL}, to = {.call = NULL};
	struct ua *ua = host_ua_current();
	struct answer_page page;
	struct pl rest, pl;
	int err;

	pf = command_page(&page, pf);
	rest = command_params(arg);

	pl = commands_target(&rest);
	rest = text_trim(&rest);
	if (!rest.l)
		return command_fail(pf, EINVAL, "usage: /refersend <peer>"
				    " <refer-to> [sub=no]"
				    " [header=value ...]");

	if (!ua)
		return command_fail(pf, ENOENT, "there is no account");

	err = decode_target(pf, &to, &pl, ua);
	if (!err) {
		pl  = commands_target(&rest);
		err = decode_target(pf, &p, &pl, ua);
	}
	if (!err)
		err = decode_rest(pf, &p, &rest);
	if (!err)
		err = refersend(pf, &p, to.target);

	params_free(&to);
	params_free(&p);

	return err ? command_error(pf, err) : 0;
}


static const struct cmd cmdv[] = {

{"refersend", 0, CMD_PRM, "Send REFER <peer> <refer-to> [sub=no]",
							cmd_send     },
};


/**
 * Register the commands
 *
 * @param r Protocol
 *
 * @return 0 if success, otherwise errorcode
 */
int commands_referrer_register(struct refer *r)
{
	refer = r;

	return cmd_register(baresip_commands(), cmdv, ARRAY_SIZE(cmdv));
}


/**
 * Unregister the commands
 */
void commands_referrer_unregister(void)
{
	cmd_unregister(baresip_commands(), cmdv);
	refer = NULL;
}
