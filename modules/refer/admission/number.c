/**
 * @file number.c  The telephone number in a target, as a PBX may read it
 *
 * RFC 3966: what only separates digits for the eye is no part of a number,
 * and parameters follow it in the user part (RFC 3261 section 19.1.6). PBXs
 * leave more out than that; each form that one may come to is looked at.
 */
#include <ctype.h>
#include <limits.h>
#include <string.h>
#include <strings.h>
#include <re.h>
#include "admission/patterns.h"
#include "syntax/text.h"
#include "syntax/uri.h"


/** Whom the forms are for */
struct forms {
	number_h *h;
	void *arg;
	char *number;          /**< That of the user part, or NULL */
};


/* In place; true if there was an escape. A NUL would hide the rest */
static bool decode(char *str)
{
	char *s = str;
	bool any = false;

	for (; *str; ++str) {
		char c = *str;

		if (c == '%' && isxdigit((uint8_t)str[1]) &&
		    isxdigit((uint8_t)str[2])) {
			c = escape_char(str);
			str += 2;
			any = true;
		}

		if (c)
			*s++ = c;
	}

	*s = '\0';

	return any;
}


/* Without escapes, also escaped ones, up to some times */
static char *decode_times(const struct pl *pl, unsigned times)
{
	char *str;

	if (re_sdprintf(&str, "%r", pl))
		return NULL;

	while (times-- && decode(str))
		;

	return str;
}


/* The digits of a text; NULL if there are none */
static char *digits(const struct pl *pl, bool letters)
{
	char *str = mem_zalloc(pl->l + 1, NULL), *s = str;
	size_t i;

	for (i=0; str && i<pl->l; ++i) {
		const char c = pl->p[i];

		if (isdigit((uint8_t)c) || (c && strchr("*#", c)) ||
		    (c == '+' && s == str))
			*s++ = c;
		else if (isalpha((uint8_t)c) && !letters)
			break;
	}

	return str && *str ? str : mem_deref(str);
}


static bool form(const struct forms *f, const struct pl *a,
		 const struct pl *b)
{
	char *str;
	bool stop;

	if (re_sdprintf(&str, "%r%r", a, b))
		return true;

	stop = *str && f->h(str, f->arg);
	mem_deref(str);

	return stop;
}


static bool form_str(const struct forms *f, const char *a, const char *b)
{
	struct pl pa = PL_INIT, pb = PL_INIT;

	if (a)
		pl_set_str(&pa, a);
	if (b)
		pl_set_str(&pb, b);

	return form(f, &pa, &pb);
}


/* The value may be dialled instead of the number (rn), before it
   (phone-context, with or without the 0 for those who dial in that area), or
   behind it (ext, and postd, where a letter is a pause) */
static bool param(const struct forms *f, const struct pl *prm)
{
	struct pl name, val = *prm;
	char *num;
	bool stop;

	(void)text_cut(&name, &val, '=');
	num = digits(&val, !pl_strcasecmp(&name, "postd"));
	if (!num)
		return false;

	stop = form_str(f, num, NULL) || (f->number &&
		(form_str(f, num, f->number) ||
		 form_str(f, num, f->number + strspn(f->number, "0")) ||
		 form_str(f, f->number, num)));
	mem_deref(num);

	return stop;
}


static bool params(const struct forms *f, const struct pl *prms)
{
	struct pl rest = *prms, prm;

	while (text_cut(&prm, &rest, ';')) {
		if (prm.l && param(f, &prm))
			return true;
	}

	return false;
}


/* +49(0)30: the digit in brackets is for those who dial without +49 */
static bool without_trunks(const struct forms *f, const struct pl *base)
{
	char *str, *p, *num;
	struct pl pl;
	bool stop;

	if (pl_strdup(&str, base))
		return true;

	while ((p = strstr(str, "(0)")))
		memmove(p, p + 3, strlen(p + 3) + 1);

	pl_set_str(&pl, str);
	num  = digits(&pl, false);
	stop = form_str(f, num, NULL);
	mem_deref(num);
	mem_deref(str);

	return stop;
}


/* The numbers of a user part that begins with one */
static bool numbers(struct forms *f, const struct pl *user,
		    const struct pl *base)
{
	char *all;
	bool stop;

	f->number = digits(base, false);
	if (!f->number && base->l)
		return false;

	all  = digits(user, true);
	stop = form_str(f, f->number, NULL) || form_str(f, all, NULL) ||
		without_trunks(f, base);
	mem_deref(all);

	return stop;
}


static bool apply(struct forms *f, const char *user, const char *uri_params)
{
	static const char scheme[] = "tel:";
	struct pl all, prms, base, rest;

	/* escaped: with a plain colon it is a password */
	if (!strncasecmp(user, scheme, sizeof(scheme) - 1))
		user += sizeof(scheme) - 1;

	pl_set_str(&all, user);
	pl_set_str(&rest, uri_params);
	prms = all;
	(void)text_cut(&base, &prms, ';');

	return form(f, &all, NULL) || form(f, &base, NULL) ||
		numbers(f, &all, &base) || params(f, &prms) ||
		params(f, &rest);
}


static bool apply_times(const struct uri *uri, number_h *h, void *arg,
			unsigned times)
{
	struct forms f = {h, arg, NULL};
	char *user = decode_times(&uri->user, times);
	char *prms = decode_times(&uri->params, times);
	bool stop = true;

	if (user && prms)
		stop = apply(&f, user, prms);

	mem_deref(f.number);
	mem_deref(user);
	mem_deref(prms);

	return stop;
}


static bool has_escape(const struct pl *pl)
{
	return pl->l && memchr(pl->p, '%', pl->l);
}


/**
 * Call a handler for each form in which a PBX may read the user part: without
 * escapes, without its parameters, and the numbers in it
 *
 * Some do not decode, or once only, and skip the '%' in front of digits.
 *
 * @return True if the handler did, or there is no memory
 */
bool number_apply(const struct uri *uri, number_h *h, void *arg)
{
	if (apply_times(uri, h, arg, UINT_MAX))
		return true;

	return (has_escape(&uri->user) || has_escape(&uri->params)) &&
		(apply_times(uri, h, arg, 1) || apply_times(uri, h, arg, 0));
}
