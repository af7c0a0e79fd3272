/**
 * @file text.c  Cutting of text, and printing of what others have sent
 *
 * re_regex() looks for a match anywhere; where nothing may be passed over,
 * text is cut at its separators instead.
 */
#include <ctype.h>
#include <string.h>
#include <re.h>
#include "syntax/text.h"


enum {
	DISPLAY_NAME_MAX = 255,
};


/**
 * Cut the part up to the next separator off a text, of which what stands
 * behind it is left; part and rest may be the same
 *
 * @return False if the text was empty, and so is the part
 */
bool text_cut(struct pl *part, struct pl *rest, char sep)
{
	const struct pl all = *rest;
	const char *p = all.l ? memchr(all.p, sep, all.l) : NULL;
	const size_t len = p ? (size_t)(p - all.p) : all.l;

	if (all.l)
		pl_advance(rest, len + (p ? 1 : 0));
	part->p = all.p;
	part->l = len;

	return all.l > 0;
}


/* A fold counts as one: RFC 3261 section 7.3.1 */
static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}


/** Leave out blanks, and folds of a header, at both ends */
void text_trim(struct pl *pl)
{
	while (pl->l && is_blank(pl->p[0]))
		pl_advance(pl, 1);

	while (pl->l && is_blank(pl->p[pl->l - 1]))
		--pl->l;
}


/** Read a number below 10^9, and nothing but that */
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


/* The second byte of some rules out longer forms, surrogates, and what is
   above U+10FFFF */
static bool second_valid(uint8_t first, uint8_t second)
{
	switch (first) {

	case 0xe0: return second >= 0xa0;
	case 0xed: return second <  0xa0;
	case 0xf0: return second >= 0x90;
	case 0xf4: return second <  0x90;
	default:   return true;
	}
}


/* Length of the UTF-8 character that a text begins with, 0 if it is none */
static size_t utf8_length(const struct pl *pl)
{
	const uint8_t c = (uint8_t)*pl->p;
	size_t i, n;

	n = c < 0x80 ? 1 : c < 0xc2 ? 0 : c < 0xe0 ? 2 : c < 0xf0 ? 3 :
		c < 0xf5 ? 4 : 0;
	if (n > pl->l || (n > 1 && !second_valid(c, (uint8_t)pl->p[1])))
		return 0;

	for (i=1; i<n; ++i) {
		if ((pl->p[i] & 0xc0) != 0x80)
			return 0;
	}

	return n;
}


/* What breaks a line, or turns its direction round, so that a reader takes
   one target for another */
static bool is_direction(const uint8_t *p)
{
	if (p[0] != 0xe2)
		return false;

	/* U+200E, U+200F, U+2028 to U+202E; U+2066 to U+2069 */
	return p[1] == 0x80 ? (p[2] >= 0x8e && p[2] <= 0x8f) ||
		(p[2] >= 0xa8 && p[2] <= 0xae)
		: p[1] == 0x81 && p[2] >= 0xa6 && p[2] <= 0xa9;
}


/* C0, DEL, and C1, to which terminals listen as well */
static bool is_control(const struct pl *pl, size_t n)
{
	const uint8_t *p = (const uint8_t *)pl->p;

	return iscntrl(p[0]) || (n == 2 && p[0] == 0xc2 && p[1] < 0xa0) ||
		(n == 2 && p[0] == 0xd8 && p[1] == 0x9c) || /* U+061C */
		(n == 3 && is_direction(p));
}


static int escape(struct re_printf *pf, char c)
{
	return re_hprintf(pf, "%%%02X", (uint8_t)c);
}


/* As text_clean(); of the characters in `escaped` each is written as %XX */
static int clean(struct re_printf *pf, const struct pl *pl,
		 const char *escaped)
{
	struct pl rest = *pl;
	int err = 0;

	while (rest.l && !err) {
		const size_t n = utf8_length(&rest);

		if (!n)
			err = pf->vph("?", 1, pf->arg);
		else if (is_control(&rest, n))
			err = pf->vph(" ", 1, pf->arg);
		else if (strchr(escaped, *rest.p))
			err = escape(pf, *rest.p);
		else
			err = pf->vph(rest.p, n, pf->arg);

		pl_advance(&rest, n ? (ssize_t)n : 1);
	}

	return err;
}


/**
 * Print a text that came from others, for people and programs: without
 * control characters, and what is no UTF-8 as '?'
 */
int text_clean(struct re_printf *pf, const struct pl *pl)
{
	return clean(pf, pl, "");
}


/** Print a text as text_clean() does */
int text_clean_str(struct re_printf *pf, const char *str)
{
	struct pl pl;

	pl_set_str(&pl, str);

	return text_clean(pf, &pl);
}


/** Tell whether a text is what text_clean() makes of it */
bool text_is_clean(const struct pl *pl)
{
	struct pl rest = *pl;

	while (rest.l) {
		const size_t n = utf8_length(&rest);

		if (!n || is_control(&rest, n))
			return false;

		pl_advance(&rest, (ssize_t)n);
	}

	return true;
}


/** Tell whether a text can be the display name of an address, in quotes; libre
    reads its own From, and no '<' in it */
bool text_is_display_name(const char *name)
{
	struct pl pl;

	pl_set_str(&pl, name);

	return pl.l > 0 && pl.l <= DISPLAY_NAME_MAX && text_is_clean(&pl) &&
		!strpbrk(name, "\"\\<>");
}


/* Printable ASCII, and nothing to escape */
static bool is_plain(const struct pl *pl, const char *escaped)
{
	size_t i;

	for (i=0; i<pl->l; ++i) {
		if (pl->p[i] < ' ' || pl->p[i] > '~' ||
		    strchr(escaped, pl->p[i]))
			return false;
	}

	return true;
}


/**
 * Print a text as text_clean() does, for a field of an event that may have
 * blanks: a '=' would begin the next field, and is %3D, as '%' is %25
 */
int text_phrase(struct re_printf *pf, const char *str)
{
	struct pl pl;

	pl_set_str(&pl, str);

	/* most are */
	if (is_plain(&pl, "%="))
		return pf->vph(pl.p, pl.l, pf->arg);

	return clean(pf, &pl, "%=");
}


static size_t plain_length(const struct pl *pl, char escaped)
{
	size_t n = 0;

	while (n < pl->l && pl->p[n] > ' ' && pl->p[n] <= '~' &&
	       pl->p[n] != escaped)
		++n;

	return n;
}


static int print_escaped(struct re_printf *pf, const struct pl *pl,
			 char escaped)
{
	struct pl rest = *pl;
	int err = 0;

	while (rest.l && !err) {
		const size_t n = plain_length(&rest, escaped);

		err = n ? pf->vph(rest.p, n, pf->arg) : escape(pf, *rest.p);
		pl_advance(&rest, n ? (ssize_t)n : 1);
	}

	return err;
}


/**
 * Print a URI for a field of an event: what no URI has in it is %XX, and its
 * own escapes stay
 */
int text_uri(struct re_printf *pf, const struct pl *uri)
{
	return print_escaped(pf, uri, ' ');
}


/**
 * Print a text for a field of an event that has no blanks: as text_uri()
 * does, and '%' is %25, so that it can be undone
 */
int text_word(struct re_printf *pf, const char *str)
{
	struct pl pl;

	pl_set_str(&pl, str);

	return print_escaped(pf, &pl, '%');
}
