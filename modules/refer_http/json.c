/**
 * @file json.c  Whether a body is JSON (RFC 8259)
 *
 * libre's decoder takes more than that: it leaves out a value that is missing,
 * and reads no further than the first object. What is looked at here is
 * decoded by libre.
 */
#include <string.h>
#include <re.h>
#include "http.h"


enum {
	DEPTH_MAX = 3,
	BODY_HASH = 16,
};

static bool value(struct pl *pl, unsigned depth);


static void skip_blanks(struct pl *pl)
{
	while (pl->l && strchr(" \t\r\n", *pl->p) && *pl->p)
		pl_advance(pl, 1);
}


static bool take(struct pl *pl, char ch)
{
	skip_blanks(pl);
	if (!pl->l || *pl->p != ch)
		return false;

	pl_advance(pl, 1);

	return true;
}


/* A NUL would end the text early */
static bool escape(struct pl *pl)
{
	if (!pl->l || !*pl->p || !strchr("\"\\/bfnrtu", *pl->p))
		return false;

	if (*pl->p == 'u' && (pl->l < 5 || !memcmp(pl->p + 1, "0000", 4) ||
			      re_regex(pl->p + 1, 4, "[0-9a-f]4", NULL)))
		return false;

	pl_advance(pl, 1);

	return true;
}


static bool string(struct pl *pl)
{
	if (!take(pl, '"'))
		return false;

	while (pl->l) {
		const char ch = *pl->p;

		pl_advance(pl, 1);
		if (ch == '"')
			return true;

		if ((uint8_t)ch < ' ' || (ch == '\\' && !escape(pl)))
			return false;
	}

	return false;
}


/* A number, true, false or null */
static bool word(struct pl *pl)
{
	static const char *const wordv[] = {"true", "false", "null"};
	struct pl w = {pl->p, 0};
	size_t i;

	while (w.l < pl->l && (strchr("+-.", w.p[w.l]) ||
			       (w.p[w.l] >= '0' && w.p[w.l] <= '9') ||
			       (w.p[w.l] >= 'a' && w.p[w.l] <= 'z') ||
			       w.p[w.l] == 'E') && w.p[w.l])
		++w.l;

	pl_advance(pl, (ssize_t)w.l);
	for (i=0; i<sizeof(wordv) / sizeof(wordv[0]); ++i) {
		if (!pl_strcmp(&w, wordv[i]))
			return true;
	}

	return w.l && w.l < 32 && (*w.p == '-' ||
				   (*w.p >= '0' && *w.p <= '9')) &&
		w.p[w.l - 1] >= '0' && w.p[w.l - 1] <= '9';
}


static bool member(struct pl *pl, bool object, unsigned depth)
{
	return (!object || (string(pl) && take(pl, ':'))) &&
		value(pl, depth);
}


static bool container(struct pl *pl, bool object, unsigned depth)
{
	const char end = object ? '}' : ']';

	if (depth > DEPTH_MAX)
		return false;

	if (take(pl, end))
		return true;

	do {
		if (!member(pl, object, depth + 1))
			return false;
	} while (take(pl, ','));

	return take(pl, end);
}


static bool value(struct pl *pl, unsigned depth)
{
	skip_blanks(pl);
	if (!pl->l)
		return false;

	if (*pl->p == '"')
		return string(pl);

	if (take(pl, '{'))
		return container(pl, true, depth);

	return take(pl, '[') ? container(pl, false, depth) : word(pl);
}


/**
 * Decode a body
 *
 * @param bodyp Pointer to allocated object; empty without a body
 * @param mb    Body
 *
 * @return 0 if success, EBADMSG if it is no object of JSON, or too deep,
 *         otherwise errorcode
 */
int body_decode(struct odict **bodyp, const struct mbuf *mb)
{
	struct pl pl = {(const char *)mb->buf, mb->end}, rest;

	skip_blanks(&pl);
	if (!pl.l)
		return odict_alloc(bodyp, BODY_HASH);

	rest = pl;
	if (*pl.p != '{' || !value(&rest, 0))
		return EBADMSG;

	skip_blanks(&rest);

	return rest.l || json_decode_odict(bodyp, BODY_HASH, pl.p, pl.l,
					   DEPTH_MAX + 1) ? EBADMSG : 0;
}
