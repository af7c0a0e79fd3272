/**
 * @file carried.c  Headers that a REFER carries for the INVITE
 *
 * In the URI of Refer-To (RFC 3261 section 19.1.1), or in the REFER itself.
 * They are the peer's: each is checked, and becomes one line.
 */
#include <re.h>
#include "syntax/carried.h"
#include "syntax/header.h"
#include "syntax/text.h"
#include "syntax/uri.h"


enum {
	SIZE_MAX_ALL = 4096,   /* of names and values; UDP has no room for
				  many more */
};


static void destructor(void *arg)
{
	struct carried *c = arg;

	list_unlink(&c->le);
	mem_deref(c->name);
	mem_deref(c->val);
}


/* What does not fit is left out whole: half of a value is another one */
static int add(struct carried_headers *ch, enum carried_from from,
	       const char *name, const struct pl *val)
{
	struct pl trimmed = *val;
	struct carried *c;
	size_t size;
	int err;

	if (!header_may_pass(name))
		return 0;

	text_trim(&trimmed);
	size = str_len(name) + trimmed.l;
	if (size > SIZE_MAX_ALL - ch->size) {
		++ch->left;
		return 0;
	}

	c = mem_zalloc(sizeof(*c), destructor);
	if (!c)
		return ENOMEM;

	c->from = from;
	err  = str_dup(&c->name, name);
	err |= re_sdprintf(&c->val, "%H", text_clean, &trimmed);
	if (err) {
		mem_deref(c);
		return err;
	}

	list_append(&ch->l, &c->le, c);
	ch->size += size;

	return 0;
}


static int add_escaped(struct carried_headers *ch, const struct pl *name,
		       const struct pl *val)
{
	char *namestr, *valstr = NULL;
	struct pl pl;
	int err;

	err = escape_decode(&namestr, name);
	if (err)
		return err;

	err = escape_decode(&valstr, val);
	if (!err) {
		pl_set_str(&pl, valstr);
		err = add(ch, CARRIED_URI, namestr, &pl);
	}

	mem_deref(namestr);
	mem_deref(valstr);

	return err;
}


static int add_header(struct carried_headers *ch, const struct sip_hdr *hdr)
{
	char *name;
	int err;

	/* most of them */
	if (header_is_taken(hdr->id))
		return 0;

	err = pl_strdup(&name, &hdr->name);
	if (err)
		return err;

	err = add(ch, CARRIED_REFER, name, &hdr->val);
	mem_deref(name);

	return err;
}


static int print_lines(struct re_printf *pf, const struct carried_headers *ch)
{
	struct le *le;
	int err = 0;

	LIST_FOREACH(&ch->l, le) {
		const struct carried *c = le->data;

		err |= re_hprintf(pf, "%s: %s\n", c->name, c->val);
	}

	return err;
}


/**
 * Decode the headers that a REFER carries; those that must not pass are left
 * out
 *
 * @param ch          Headers, all zero; its owner resets them
 * @param uri_headers Those of the URI, "?name=value&..", or NULL
 * @param msg         REFER
 *
 * @return 0 if success, otherwise errorcode
 */
int carried_decode(struct carried_headers *ch, const char *uri_headers,
		   const struct sip_msg *msg)
{
	struct pl rest, name, val;
	struct le *le;
	int err = 0;

	pl_set_str(&rest, uri_headers ? uri_headers + 1 : "");

	while (!err && text_cut(&val, &rest, '&')) {
		(void)text_cut(&name, &val, '=');
		err = add_escaped(ch, &name, &val);
	}

	for (le = list_head(&msg->hdrl); le && !err; le = le->next)
		err = add_header(ch, le->data);

	if (!err && ch->l.head)
		err = re_sdprintf(&ch->text, "%H", print_lines, ch);

	return err;
}


/** Let go of all headers */
void carried_reset(struct carried_headers *ch)
{
	list_flush(&ch->l);
	ch->text = mem_deref(ch->text);
}


/** Write the lines of those headers that some patterns name; the lines that
    are there already win over one of the same name */
int carried_print(struct mbuf *mb, const struct carried_headers *ch,
		  enum carried_from from, const char *patterns)
{
	const size_t end = mb->end;
	struct le *le;
	int err = 0;

	LIST_FOREACH(&ch->l, le) {
		const struct carried *c = le->data;
		const struct pl before = {(char *)mb->buf, end};

		if (c->from == from && header_is_listed(patterns, c->name) &&
		    !header_lines_have(&before, c->name))
			err |= mbuf_printf(mb, "%s: %s\r\n", c->name, c->val);
	}

	return err;
}


/** Get a header by its place, from 0; NULL if there are no more */
const struct carried *carried_get(const struct carried_headers *ch, size_t n)
{
	struct le *le;

	LIST_FOREACH(&ch->l, le) {
		if (!n--)
			return le->data;
	}

	return NULL;
}
