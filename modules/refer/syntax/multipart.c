/**
 * @file multipart.c  Bodies of several parts (RFC 2046 section 5.1)
 *
 * A part is found by its Content-ID and returned byte by byte, with its
 * headers. What can be read in two ways is not found: a part without a
 * delimiter behind it, two parts of that name, two boundaries.
 */
#include <string.h>
#include <re.h>
#include "syntax/multipart.h"
#include "syntax/text.h"
#include "syntax/token.h"


enum {
	BOUNDARY_MAX = 70,
};


static bool starts_with(const struct pl *pl, const char *p, size_t l)
{
	return pl->l >= l && !memcmp(pl->p, p, l);
}


/* The next line, its CRLF cut off; false behind the last one */
static bool cut_line(struct pl *line, struct pl *rest)
{
	const struct pl all = *rest;
	const char *p = all.p;

	if (!all.l)
		return false;

	*line = all;
	while ((p = memchr(p, '\r', (size_t)(all.p + all.l - p)))) {

		rest->p = ++p;
		rest->l = (size_t)(all.p + all.l - p);

		if (rest->l && *p == '\n') {
			line->l = (size_t)(p - 1 - all.p);
			pl_advance(rest, 1);
			return true;
		}
	}

	rest->p = all.p + all.l;
	rest->l = 0;

	return true;
}


/* Whether a line is a delimiter; blanks may stand behind it */
static bool is_delimiter(const struct pl *line, const struct pl *boundary,
			 bool *last)
{
	struct pl rest = *line;

	if (!starts_with(&rest, "--", 2))
		return false;

	pl_advance(&rest, 2);
	if (!starts_with(&rest, boundary->p, boundary->l))
		return false;

	pl_advance(&rest, (ssize_t)boundary->l);
	*last = starts_with(&rest, "--", 2);
	if (*last)
		pl_advance(&rest, 2);

	text_trim(&rest);

	return !rest.l;
}


/* What is in front of the next delimiter; the CRLF there belongs to that */
static bool cut_part(struct pl *part, struct pl *rest,
		     const struct pl *boundary, bool *last)
{
	const char *begin = rest->p;
	struct pl line;

	while (cut_line(&line, rest)) {

		if (is_delimiter(&line, boundary, last)) {
			part->p = begin;
			part->l = (size_t)(line.p - begin);
			part->l -= part->l ? 2 : 0;
			return true;
		}
	}

	return false;
}


/* RFC 2046 section 5.1.1: up to 70 characters, no blank at the end */
static bool get_boundary(struct pl *boundary, const struct pl *params)
{
	struct pl rest = *params, name, val;

	*boundary = pl_null;

	while (token_param(&name, &val, &rest)) {

		if (pl_strcasecmp(&name, "boundary"))
			continue;

		if (pl_isset(boundary))
			return false;

		token_unquote(&val);
		*boundary = val;
	}

	return pl_isset(boundary) && boundary->l <= BOUNDARY_MAX &&
		boundary->p[boundary->l - 1] != ' ' &&
		!memchr(boundary->p, '\\', boundary->l) &&
		!memchr(boundary->p, '"', boundary->l);
}


/* A header of a part and the lines that continue it */
static bool cut_header(struct pl *hdr, struct pl *rest)
{
	struct pl line;

	if (!cut_line(hdr, rest) || !hdr->l)
		return false;

	while (rest->l && (*rest->p == ' ' || *rest->p == '\t')) {

		(void)cut_line(&line, rest);
		hdr->l = (size_t)(line.p + line.l - hdr->p);
	}

	return true;
}


/**
 * Get the value of a header of a part
 *
 * @param val  Set on success, folds stay in it
 * @param part Headers, an empty line and more
 * @param name Name of the header
 *
 * @return False if there is none, or more than one
 */
bool part_header(struct pl *val, const struct pl *part, const char *name)
{
	struct pl rest = *part, hdr, key;
	bool found = false;

	while (cut_header(&hdr, &rest)) {

		if (!memchr(hdr.p, ':', hdr.l))
			continue;

		(void)text_cut(&key, &hdr, ':');
		text_trim(&key);
		if (pl_strcasecmp(&key, name))
			continue;

		if (found)
			return false;

		text_trim(&hdr);
		*val  = hdr;
		found = true;
	}

	return found;
}


/** Get what is behind the headers of a part; false without an empty line */
bool part_content(struct pl *content, const struct pl *part)
{
	struct pl hdr;

	*content = *part;
	while (cut_header(&hdr, content))
		;

	return content->p > part->p && content->p[-1] == '\n' && !hdr.l;
}


/** Tell whether the value of a Content-ID is <id> (RFC 2392) */
bool part_id_is(const struct pl *val, const struct pl *id)
{
	return val->l == id->l + 2 && val->p[0] == '<' &&
		val->p[val->l - 1] == '>' && !memcmp(val->p + 1, id->p, id->l);
}


/**
 * Find a part of a body, not of a part in it
 *
 * @param part   Set on success: its headers, an empty line, its content
 * @param params Parameters of the Content-Type of the body
 * @param body   Body
 * @param id     Content-ID of the part, without <>
 *
 * @return False if there is none, or more than one
 */
bool multipart_find(struct pl *part, const struct pl *params,
		    const struct pl *body, const struct pl *id)
{
	struct pl rest = *body, boundary, next, val;
	bool last = false, found = false;

	if (!get_boundary(&boundary, params) ||
	    !cut_part(&next, &rest, &boundary, &last))
		return false;

	while (!last && cut_part(&next, &rest, &boundary, &last)) {

		if (!part_header(&val, &next, "Content-ID") ||
		    !part_id_is(&val, id))
			continue;

		if (found)
			return false;

		*part = next;
		found = true;
	}

	return found;
}
