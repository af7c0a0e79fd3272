/**
 * @file text.c  Cutting of text
 *
 * re_regex() looks for a match anywhere; where nothing may be passed over,
 * text is cut at its separators instead.
 */
#include <ctype.h>
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


/* Length of the UTF-8 character that a text begins with, 0 if it is none */
static size_t utf8_length(const struct pl *pl)
{
	const uint8_t c = (uint8_t)*pl->p;
	size_t i, n;

	n = c < 0x80 ? 1 : c < 0xc2 ? 0 : c < 0xe0 ? 2 : c < 0xf0 ? 3 :
		c < 0xf5 ? 4 : 0;
	if (n > pl->l)
		return 0;

	for (i=1; i<n; ++i) {
		if ((pl->p[i] & 0xc0) != 0x80)
			return 0;
	}

	return n;
}


/**
 * Print a text that came from others, for people and programs: without control
 * characters, and what is no UTF-8 as '?'
 *
 * @param pf Print function
 * @param pl Text
 *
 * @return 0 if success, otherwise errorcode
 */
int text_clean(struct re_printf *pf, const struct pl *pl)
{
	struct pl rest = *pl;
	int err = 0;

	while (rest.l && !err) {
		const size_t n = utf8_length(&rest);

		if (!n)
			err = pf->vph("?", 1, pf->arg);
		else if (iscntrl((uint8_t)*rest.p))
			err = pf->vph(" ", 1, pf->arg);
		else
			err = pf->vph(rest.p, n, pf->arg);

		pl_advance(&rest, n ? (ssize_t)n : 1);
	}

	return err;
}


/**
 * Print a text as text_clean() does
 *
 * @param pf  Print function
 * @param str Text, null-terminated
 *
 * @return 0 if success, otherwise errorcode
 */
int text_clean_str(struct re_printf *pf, const char *str)
{
	struct pl pl;

	pl_set_str(&pl, str);

	return text_clean(pf, &pl);
}


/**
 * Get how much of a text fits, if no UTF-8 character may be cut
 *
 * @param str Text, null-terminated, UTF-8
 * @param max Room for it [bytes]
 *
 * @return Number of bytes
 */
size_t text_fit(const char *str, size_t max)
{
	size_t n = str_len(str);

	if (n <= max)
		return n;

	for (n = max; n > 0 && (str[n] & 0xc0) == 0x80; --n)
		;

	return n;
}
