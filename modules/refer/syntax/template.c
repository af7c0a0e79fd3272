/**
 * @file template.c  Headers that the configuration adds to an INVITE
 *
 * "Diversion: <${account}>;reason=deflection". The user writes the header, the
 * URIs in it may be a peer's: nothing of them ends the place where they stand.
 */
#include <ctype.h>
#include <string.h>
#include <re.h>
#include "syntax/header.h"
#include "syntax/template.h"
#include "syntax/text.h"
#include "syntax/uri.h"


/** One of them */
struct template {
	struct le le;
	char *account;         /**< Whose INVITEs have it, NULL for all */
	char *name;
	char *val;             /**< With its variables                  */
};

static const char *const varv[VARS] = {
	[VAR_REFERRER]    = "referrer",
	[VAR_REFERRED]    = "referred",
	[VAR_ACCOUNT]     = "account",
	[VAR_TARGET]      = "target",
	[VAR_REFERRED_BY] = "referred_by",
};


static void destructor(void *arg)
{
	struct template *t = arg;

	list_unlink(&t->le);
	mem_deref(t->account);
	mem_deref(t->name);
	mem_deref(t->val);
}


/* Cut "${name}" off a text; VARS if there is no such variable */
static enum template_var cut_var(struct pl *rest)
{
	unsigned var = VARS;
	struct pl name;

	pl_advance(rest, 2);
	if (!memchr(rest->p, '}', rest->l))
		return VARS;

	(void)text_cut(&name, rest, '}');

	for (var=0; var<VARS; ++var) {
		if (!pl_strcmp(&name, varv[var]))
			break;
	}

	return var;
}


static bool at_var(const struct pl *pl)
{
	return pl->l > 1 && pl->p[0] == '$' && pl->p[1] == '{';
}


static bool value_valid(const char *val, const char **whyp)
{
	struct pl rest;

	*whyp = "there is no value behind the header";
	pl_set_str(&rest, val);
	if (!rest.l)
		return false;

	while (rest.l) {

		*whyp = "the variables are ${referrer}, ${referred},"
			" ${account}, ${target} and ${referred_by}";
		if (at_var(&rest)) {
			if (cut_var(&rest) == VARS)
				return false;
			continue;
		}

		*whyp = "there is a control character";
		if (iscntrl((uint8_t)*rest.p))
			return false;

		pl_advance(&rest, 1);
	}

	return true;
}


static bool template_valid(const struct template *t, const char **whyp)
{
	const struct pl name = {t->name, str_len(t->name)};

	*whyp = "there is no header, as in \"Name: value\"";
	if (!header_is_name(t->name))
		return false;

	*whyp = "this header cannot be given";
	if (header_is_reserved(&name))
		return false;

	return value_valid(t->val, whyp);
}


/**
 * Add a template, "Name: value" for all accounts, or "AOR Name: value" for one
 *
 * @param l    List to add to; its owner flushes it
 * @param text Template
 * @param whyp Set to what is wrong
 *
 * @return 0 if success, EINVAL if it is wrong, otherwise errorcode
 */
int template_add(struct list *l, const struct pl *text, const char **whyp)
{
	struct pl account = PL_INIT, name, val = *text;
	struct template *t;
	int err = 0;

	if (uri_has_scheme(&val, "sip") || uri_has_scheme(&val, "sips"))
		(void)text_cut(&account, &val, ' ');

	(void)text_cut(&name, &val, ':');
	text_trim(&name);
	text_trim(&val);

	t = mem_zalloc(sizeof(*t), destructor);
	if (!t)
		return ENOMEM;

	if (account.l)
		err = pl_strdup(&t->account, &account);
	err |= pl_strdup(&t->name, &name);
	err |= pl_strdup(&t->val, &val);
	if (!err && !template_valid(t, whyp))
		err = EINVAL;

	if (err)
		mem_deref(t);
	else
		list_append(l, &t->le, t);

	return err;
}


/* In <> a URI may have its separators. Outside a ';' or ',' would be the
   header's; a '?' begins headers of the URI, which none of these has */
static int print_uri(struct mbuf *mb, const struct pl *uri, bool bracket)
{
	size_t i;
	int err = 0;

	for (i=0; i<uri->l; ++i) {
		const char c = uri->p[i];

		if (c <= ' ' || c > '~' || strchr("<>\"\\^`{|}?", c) ||
		    (!bracket && strchr(",;", c)))
			err |= mbuf_printf(mb, "%%%02X", (uint8_t)c);
		else
			err |= mbuf_write_u8(mb, (uint8_t)c);
	}

	return err;
}


/* ENOENT if a variable is unknown */
static int print_value(struct mbuf *mb, const struct template *t,
		       const struct template_values *vals)
{
	bool bracket = false;
	struct pl rest;
	int err = 0;

	pl_set_str(&rest, t->val);

	while (rest.l && !err) {
		const char c = *rest.p;

		if (at_var(&rest)) {
			const struct pl *uri = &vals->v[cut_var(&rest)];

			err = uri->l ? print_uri(mb, uri, bracket) : ENOENT;
			continue;
		}

		if (c == '<' || c == '>')
			bracket = c == '<';

		err = mbuf_write_u8(mb, (uint8_t)c);
		pl_advance(&rest, 1);
	}

	return err;
}


/* Without what is unknown there is no header at all */
static int print_line(struct mbuf *mb, const struct template *t,
		      const struct template_values *vals)
{
	const size_t end = mb->end;
	int err;

	err = mbuf_printf(mb, "%s: ", t->name);
	if (err)
		return err;

	err = print_value(mb, t, vals);
	if (err == ENOENT) {
		mb->pos = mb->end = end;
		return 0;
	}

	return err ? err : mbuf_write_str(mb, "\r\n");
}


static bool is_for(const struct template *t, const struct pl *account)
{
	return !t->account || !pl_strcasecmp(account, t->account);
}


/* One of the account wins over those for all */
static bool is_replaced(const struct template *t, const struct list *l,
			const struct pl *account)
{
	struct le *le;

	LIST_FOREACH(l, le) {
		const struct template *other = le->data;

		if (!t->account && other->account && is_for(other, account) &&
		    !str_casecmp(t->name, other->name))
			return true;
	}

	return false;
}


/** Write the headers of an account; the lines that are there already win over
    one of the same name */
int templates_print(struct mbuf *mb, const struct list *l,
		    const struct template_values *vals)
{
	const struct pl *account = &vals->v[VAR_ACCOUNT];
	const size_t end = mb->end;
	struct le *le;
	int err = 0;

	LIST_FOREACH(l, le) {
		const struct template *t = le->data;
		const struct pl before = {(char *)mb->buf, end};

		if (is_for(t, account) && !is_replaced(t, l, account) &&
		    !header_lines_have(&before, t->name))
			err |= print_line(mb, t, vals);
	}

	return err;
}


/** Show all, as they were given */
int templates_show(struct re_printf *pf, const struct list *l)
{
	struct le *le;
	int err = 0;

	LIST_FOREACH(l, le) {
		const struct template *t = le->data;

		err |= re_hprintf(pf, "refer: invite header %s%s%s: %s\n",
				  t->account ? t->account : "",
				  t->account ? " " : "", t->name, t->val);
	}

	return err;
}
