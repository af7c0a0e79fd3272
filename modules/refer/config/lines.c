/**
 * @file lines.c  The lines of the configuration, as they are in the file
 *
 * libre finds the value of a key that it is asked for. It does not list the
 * keys, takes the first of several lines and the first word of a value, and
 * does not see a key that is misspelt. A guard must.
 *
 * Uses libc only: a module that is loaded into another release reads the
 * configuration too, see required.c.
 */
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <re.h>
#include "config/rules.h"


/** Called for each line of a file */
typedef void (line_h)(const char *text, size_t len, unsigned line,
		      line_item_h *h, void *arg);

enum {
	CHUNK = 4096,
};


/* All of a file, and a NUL */
static int load(char **textp, FILE *f)
{
	char *text = NULL, *more;
	size_t len = 0, n;

	do {
		more = realloc(text, len + CHUNK + 1);
		if (!more) {
			free(text);
			return ENOMEM;
		}

		text = more;
		n    = fread(text + len, 1, CHUNK, f);
		len += n;

	} while (n);

	text[len] = '\0';
	if (ferror(f)) {
		free(text);
		return EIO;
	}

	/* what is behind a NUL is text as well */
	while (strlen(text) < len)
		text[strlen(text)] = '?';

	*textp = text;

	return 0;
}


/* As libre has it, CR ends a line too */
static int read_lines(const char *path, line_h *lh, line_item_h *h,
		      void *arg)
{
	unsigned line = 0;
	char *text, *p;
	FILE *f;
	int err;

	f = fopen(path, "r");
	if (!f)
		return errno;

	err = load(&text, f);
	(void)fclose(f);
	if (err)
		return err;

	for (p = text; *p; ) {
		const size_t len = strcspn(p, "\r\n");

		lh(p, len, ++line, h, arg);
		p += len;
		p += (p[0] == '\r' && p[1] == '\n') ? 2 : *p ? 1 : 0;
	}

	free(text);

	return 0;
}


static bool is_blank(char c)
{
	return c == ' ' || c == '\t';
}


static bool is_key(char c)
{
	return isalnum((unsigned char)c) || c == '_' || c == '-' || c == '.';
}


static void skip(struct pl *pl, bool (*is)(char c), bool want)
{
	while (pl->l && is(*pl->p) == want) {
		++pl->p;
		--pl->l;
	}
}


/* Cut off what is, or is not, of a kind */
static void cut(struct pl *part, struct pl *rest, bool (*is)(char c),
		bool want)
{
	part->p = rest->p;
	skip(rest, is, want);
	part->l = rest->p - part->p;
}


static bool is_comment(const struct pl *pl)
{
	return !pl->l || *pl->p == '#';
}


/* A word, or as libre has it what stands in quotes */
static void value(struct pl *val, struct pl *rest, bool *odd)
{
	const bool quoted = *rest->p == '"';
	const char *end = quoted ? memchr(rest->p + 1, '"', rest->l - 1)
				 : NULL;

	*odd |= quoted && !end;
	if (!end) {
		cut(val, rest, is_blank, false);
		return;
	}

	val->p = rest->p + 1;
	val->l = end - val->p;
	rest->l -= end + 1 - rest->p;
	rest->p  = end + 1;
}


static void parse_line(const char *text, size_t len, unsigned line,
		       line_item_h *h, void *arg)
{
	struct line_item item = {.line = line};
	struct pl rest = {text, len};

	skip(&rest, is_blank, true);
	if (is_comment(&rest))
		return;

	item.odd = !is_key(*rest.p);
	skip(&rest, is_key, false);
	cut(&item.key, &rest, is_key, true);
	if (!item.key.l)
		return;

	if (rest.l && !is_blank(*rest.p))
		item.odd = true;

	skip(&rest, is_blank, true);
	if (!is_comment(&rest))
		value(&item.val, &rest, &item.odd);

	skip(&rest, is_blank, true);
	item.more = item.val.l && !is_comment(&rest);

	h(&item, arg);
}


/** Read a file of lines "key value", with comments */
int lines_read(const char *path, line_item_h *h, void *arg)
{
	return read_lines(path, parse_line, h, arg);
}


static bool is_space(char c)
{
	return isspace((unsigned char)c);
}


static void trim_end(struct pl *pl)
{
	while (pl->l && is_space(pl->p[pl->l - 1]))
		--pl->l;
}


static bool is_end(const char *ends, char c)
{
	return c && strchr(ends, c);
}


/* Only what begins with a quote is quoted, and only if there is another */
static size_t quoted(const struct pl *pl)
{
	const char *p = pl->l && *pl->p == '"' ?
		memchr(pl->p + 1, '"', pl->l - 1) : NULL;

	return p ? (size_t)(p - pl->p) : 0;
}


/* Up to the next ; or = that is not in quotes */
static void part(struct pl *pl, struct pl *rest, const char *ends)
{
	skip(rest, is_space, true);
	pl->p = rest->p;
	pl->l = quoted(rest);

	while (pl->l < rest->l && !is_end(ends, rest->p[pl->l]))
		++pl->l;

	rest->p += pl->l;
	rest->l -= pl->l;
	trim_end(pl);
}


/* "mwi=no refer_policy=ask": the ; before our key was forgotten */
static void glued(const struct pl *pl, size_t first, unsigned line,
		  line_item_h *h, void *arg)
{
	static const char prefix[] = "refer_";
	const size_t n = sizeof(prefix) - 1;
	size_t i;

	for (i = first + quoted(pl); i + n < pl->l; ++i) {
		struct line_item item = {.line = line};

		if ((i && is_key(pl->p[i - 1])) ||
		    strncasecmp(pl->p + i, prefix, n))
			continue;

		item.key.p = pl->p + i;
		item.key.l = pl->l - i;
		h(&item, arg);
		return;
	}
}


/** Go through the parameters of an account, each with a ; before it */
void lines_params(const char *text, size_t len, unsigned line,
		   line_item_h *h, void *arg)
{
	struct pl rest = {text, len}, other;

	part(&other, &rest, ";");

	while (rest.l) {
		struct line_item item = {.line = line};

		++rest.p;
		--rest.l;
		part(&item.key, &rest, ";=>");
		if (rest.l && *rest.p == '=') {
			++rest.p;
			--rest.l;
			part(&item.val, &rest, ";>");
		}

		if (rest.l && *rest.p == '>')
			part(&other, &rest, ";");

		if (item.key.l)
			h(&item, arg);

		glued(&item.key, 1, line, h, arg);
		glued(&item.val, 0, line, h, arg);
	}
}


static void account_line(const char *text, size_t len, unsigned line,
			 line_item_h *h, void *arg)
{
	struct pl pl = {text, len};

	skip(&pl, is_blank, true);
	if (!is_comment(&pl))
		lines_params(pl.p, pl.l, line, h, arg);
}


/** Read the parameters in a file of accounts */
int lines_accounts(const char *path, line_item_h *h, void *arg)
{
	return read_lines(path, account_line, h, arg);
}
