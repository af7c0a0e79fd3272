/**
 * @file token.c  The parts of a header's value (RFC 3261 section 25.1)
 *
 * What each header of ours is read with: blanks and folds may stand around
 * each separator (section 7.3.1), and a separator in quotes is none. The
 * parts are not copied; a fold stays in a quoted string.
 */
#include <string.h>
#include <re.h>
#include "syntax/text.h"
#include "syntax/token.h"


/**
 * Get the length of the quoted string that a text begins with
 *
 * @return Length with both quotes, 0 if there is none or it has no end
 */
size_t token_quoted(const struct pl *pl)
{
	size_t i;

	if (!pl->l || *pl->p != '"')
		return 0;

	for (i=1; i<pl->l && pl->p[i] != '"'; ++i) {
		if (pl->p[i] == '\\')
			++i;
	}

	return i < pl->l ? i + 1 : 0;
}


/**
 * Get the length of a text up to one of some characters that is in no quotes,
 * or to its end. What begins with a quote that has no end is all in quotes
 */
size_t token_span(const struct pl *pl, const char *stop)
{
	struct pl rest = *pl;

	while (rest.l) {
		size_t n = 1;

		if (*rest.p == '"') {
			n = token_quoted(&rest);
			if (!n)
				return pl->l;
		}
		else if (*rest.p && strchr(stop, *rest.p)) {
			break;
		}

		pl_advance(&rest, (ssize_t)n);
	}

	return pl->l - rest.l;
}


/* The length of the first address of a list: no comma in quotes or in <>
   ends it */
static size_t addr_span(const struct pl *list)
{
	struct pl rest = *list, uri;

	while (rest.l) {
		pl_advance(&rest, (ssize_t)token_span(&rest, "<,"));
		if (!rest.l || *rest.p == ',')
			break;

		(void)text_cut(&uri, &rest, '>');
	}

	return list->l - rest.l;
}


/**
 * Get the URI of an address, with or without <>, as proxies do. One in a
 * quoted string, in a parameter, or behind another address is none, where
 * libre may find one. A name may have a comma, if no ':' stands before it
 */
void token_addr(struct pl *uri, const struct pl *addr)
{
	struct pl rest = *addr;
	size_t n = token_span(addr, "<;,");

	if (n < addr->l && addr->p[n] == ',' && !memchr(addr->p, ':', n))
		n = token_span(addr, "<;");

	if (n < addr->l && addr->p[n] == '<') {
		pl_advance(&rest, (ssize_t)n + 1);
		(void)text_cut(uri, &rest, '>');
		return;
	}

	uri->p = addr->p;
	uri->l = n;
	text_trim(uri);
}


/* Cut so much off a text, and the separator behind it */
static bool cut(struct pl *part, struct pl *rest, size_t n)
{
	const struct pl all = *rest;

	if (all.l)
		pl_advance(rest, (ssize_t)(n + (n < all.l)));
	part->p = all.p;
	part->l = n;
	text_trim(part);

	return all.l > 0;
}


/**
 * Cut the part up to the next separator that is in no quotes off a text, as
 * text_cut() does, and leave out blanks and folds around it
 */
bool token_cut(struct pl *part, struct pl *rest, char sep)
{
	const char stop[2] = {sep, '\0'};

	return cut(part, rest, token_span(rest, stop));
}


/** Cut the next address off a list of them in the same way */
bool token_cut_addr(struct pl *addr, struct pl *list)
{
	return cut(addr, list, addr_span(list));
}


/**
 * Cut the next parameter off a text, with the ';' behind it
 *
 * @param name   Its name, empty if there is none
 * @param val    Its value, empty if there is none; in quotes if it came so
 * @param params Text, what is behind it is left
 *
 * @return False if there is no other
 */
bool token_param(struct pl *name, struct pl *val, struct pl *params)
{
	if (!token_cut(val, params, ';'))
		return false;

	(void)token_cut(name, val, '=');
	text_trim(val);

	return true;
}


/** Leave out the quotes around a value; what is escaped in there stays so */
void token_unquote(struct pl *val)
{
	if (val->l && token_quoted(val) == val->l) {
		pl_advance(val, 1);
		--val->l;
	}
}


/** Tell whether a quote begins before the URI of an address, and none ends
    it */
bool token_is_open(const struct pl *val)
{
	struct pl rest = *val;

	while (rest.l && *rest.p != '<') {
		const size_t n = *rest.p == '"' ? token_quoted(&rest) : 1;

		if (!n)
			return true;

		pl_advance(&rest, (ssize_t)n);
	}

	return false;
}


/** Tell whether a value is more than one address */
bool token_is_list(const struct pl *val)
{
	return addr_span(val) < val->l;
}


/** Tell whether a value, without its parameters, is a certain word */
bool token_is(const struct pl *val, const char *word)
{
	struct pl rest = *val, part;

	(void)token_cut(&part, &rest, ';');

	return !pl_strcasecmp(&part, word);
}
