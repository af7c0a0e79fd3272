/**
 * @file text.c  Cutting of text
 *
 * re_regex() looks for a match anywhere; where nothing may be passed over,
 * text is cut at its separators instead.
 */
#include <string.h>
#include <re.h>
#include "text.h"


/**
 * Cut the part up to the next separator off a text
 *
 * @param pl  Text; what is left behind the separator on return
 * @param sep Separator
 *
 * @return The part, all of it if there is no separator
 */
struct pl text_cut(struct pl *pl, char sep)
{
	const char *p = pl->l ? memchr(pl->p, sep, pl->l) : NULL;
	struct pl part = *pl;

	if (p)
		part.l = p - pl->p;

	pl_advance(pl, part.l + (p ? 1 : 0));

	return part;
}


static bool is_blank(char c)
{
	return c == ' ' || c == '\t';
}


/**
 * Leave blanks at both ends out
 *
 * @param pl Text
 *
 * @return The text without them
 */
struct pl text_trim(const struct pl *pl)
{
	struct pl t = *pl;

	while (t.l && is_blank(t.p[0]))
		pl_advance(&t, 1);

	while (t.l && is_blank(t.p[t.l - 1]))
		--t.l;

	return t;
}


/**
 * Read a number, and nothing but that
 *
 * @param num Number, set on success
 * @param pl  Text
 *
 * @return True if it is one below 10^9
 */
bool text_number(uint32_t *num, const struct pl *pl)
{
	size_t i;

	for (i=0; i<pl->l; ++i) {
		if (pl->p[i] < '0' || pl->p[i] > '9')
			return false;
	}

	if (!pl->l || pl->l > 9)
		return false;

	*num = pl_u32(pl);

	return true;
}
