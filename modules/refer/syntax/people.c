/**
 * @file people.c  Names, addresses and results, as people read them
 *
 * A name is the other side's choice. In a sentence it is one plain word, or
 * stands in quotes that it cannot close, and it is short: so it is never taken
 * for a part of the sentence.
 */
#include <ctype.h>
#include <string.h>
#include <re.h>
#include "host/libre.h"
#include "syntax/people.h"
#include "syntax/sipfrag.h"
#include "syntax/text.h"
#include "syntax/uri.h"


enum {
	NAME_MAX_LEN  = 32,    /* of a name [bytes]                   */
	QUOTE_MAX_LEN = 80,    /* of a text of others [bytes]         */
	URI_MAX_LEN   = 128,   /* of an address that is shown whole   */
};


/** Set who somebody is: a display name, or NULL, and a URI, or NULL */
void person_set(struct person *p, const char *name, const char *uri)
{
	pl_set_str(&p->name, name ? name : "");
	pl_set_str(&p->uri, uri ? uri : "");
}


/* What looks like a quote would end the name for a reader */
static bool is_quote(const char *p, size_t size)
{
	static const char *const quotev[] = {
		"\"", "\xca\xba", "\xcb\xae", "\xd7\xb4",
		"\xe2\x80\x9c", "\xe2\x80\x9d", "\xe2\x80\x9e",
		"\xe2\x80\x9f", "\xe2\x80\xb3", "\xe2\x80\xb6",
		"\xe3\x80\x83", "\xe3\x80\x9d", "\xe3\x80\x9e",
		"\xe3\x80\x9f", "\xef\xbc\x82",
	};
	size_t i;

	for (i=0; i<ARRAY_SIZE(quotev); ++i) {
		if (strlen(quotev[i]) == size && !memcmp(p, quotev[i], size))
			return true;
	}

	return false;
}


/* text_clean() prints one character at a time */
static int inner_handler(const char *p, size_t size, void *arg)
{
	const struct re_printf *to = arg;

	return is_quote(p, size) ? to->vph("'", 1, to->arg)
		: to->vph(p, size, to->arg);
}


/* Not in the middle of a UTF-8 character */
static bool cut(struct pl *pl, size_t len)
{
	if (pl->l <= len)
		return false;

	while (len && (pl->p[len] & 0xc0) == 0x80)
		--len;
	pl->l = len;

	return true;
}


static int print_quoted(struct re_printf *pf, const struct pl *text,
			size_t len)
{
	struct re_printf inner = {inner_handler, pf};
	struct pl pl = *text;
	const bool more = cut(&pl, len);
	int err;

	err  = pf->vph("\"", 1, pf->arg);
	err |= text_clean(&inner, &pl);

	return err | re_hprintf(pf, "%s\"", more ? ".." : "");
}


static bool is_word(const struct pl *pl)
{
	size_t i;

	for (i=0; i<pl->l; ++i) {
		const unsigned char c = (unsigned char)pl->p[i];

		if (c >= 0x80 || (!isalnum(c) && !strchr("._+-", c)))
			return false;
	}

	return pl->l > 0 && pl->l <= NAME_MAX_LEN;
}


/* Nobody can tell somebody by blanks */
static bool is_visible(const struct pl *pl)
{
	size_t i;

	for (i=0; i<pl->l; ++i) {
		if ((unsigned char)pl->p[i] > ' ' && pl->p[i] != 0x7f)
			return true;
	}

	return false;
}


/* "alice" of sip:alice@..: the usual address needs no decoder */
static bool plain_user(struct pl *user, const struct pl *uri)
{
	const char *colon = pl_strchr(uri, ':'), *at = pl_strchr(uri, '@');

	if (!colon || !at || at < colon)
		return false;

	user->p = colon + 1;
	user->l = at - user->p;

	return is_word(user);
}


/* baresip's Contact is "alice-0x5581a2c0", as which it is joined to a call */
static void drop_address(struct pl *name)
{
	size_t n = name->l;

	while (n && isxdigit((unsigned char)name->p[n - 1]))
		--n;

	if (n > 3 && n < name->l && !memcmp(name->p + n - 3, "-0x", 3))
		name->l = n - 3;
}


static void get_name(struct pl *name, const struct person *p)
{
	struct uri uri;

	*name = p->name;
	text_trim(name);
	if (name->l > 1 && name->p[0] == '"' && name->p[name->l - 1] == '"') {
		pl_advance(name, 1);
		--name->l;
		text_trim(name);
	}

	if (is_visible(name))
		return;

	if (!plain_user(name, &p->uri)) {
		*name = p->uri;
		if (!uri_decode(&uri, &p->uri))
			*name = pl_isset(&uri.user) ? uri.user : uri.host;
	}

	drop_address(name);
}


/** Print who somebody is: the display name, or else the user of the address */
int person_print(struct re_printf *pf, const struct person *p)
{
	struct pl name;

	get_name(&name, p);

	return is_word(&name) ? pf->vph(name.p, name.l, pf->arg)
		: print_quoted(pf, &name, NAME_MAX_LEN);
}


/* The host is what counts, and a long user must not hide it */
static int print_short(struct re_printf *pf, const struct pl *pl)
{
	struct pl head = *pl;
	struct uri uri;
	int err;

	if (uri_decode(&uri, pl)) {
		(void)cut(&head, URI_MAX_LEN);
		return text_uri(pf, &head) | re_hprintf(pf, "..");
	}

	err = re_hprintf(pf, "%r:", &uri.scheme);
	if (pl_isset(&uri.user)) {
		const bool more = cut(&uri.user, NAME_MAX_LEN);

		err |= text_uri(pf, &uri.user);
		err |= re_hprintf(pf, "%s@", more ? ".." : "");
	}

	err |= re_hprintf(pf, uri.af == AF_INET6 ? "[%H]" : "%H",
			  text_uri, &uri.host);
	if (uri.port)
		err |= re_hprintf(pf, ":%u", uri.port);

	return err | re_hprintf(pf, "%s", pl_isset(&uri.params) ? ";.." : "");
}


/** Print an address without its headers, such as Replaces; of a long one the
    host, and the beginning of the user */
int people_uri(struct re_printf *pf, const char *str)
{
	struct uri uri;
	struct pl pl;

	pl_set_str(&pl, str ? str : "");
	if (pl_strchr(&pl, '?') && !uri_decode(&uri, &pl) &&
	    pl_isset(&uri.headers)) {
		pl.l = uri.headers.p - pl.p;
		if (pl.l && pl.p[pl.l - 1] == '?')
			--pl.l;
	}

	return pl.l > URI_MAX_LEN ? print_short(pf, &pl) : text_uri(pf, &pl);
}


/** Print a text of others in quotes */
int people_quote(struct re_printf *pf, const char *text)
{
	struct pl pl;

	pl_set_str(&pl, text ? text : "");

	return print_quoted(pf, &pl, QUOTE_MAX_LEN);
}


/** Print what a final status code says about somebody: "is busy (486)" */
int people_result(struct re_printf *pf, const uint16_t *scode)
{
	static const struct {
		uint16_t scode;
		const char *text;
	} resultv[] = {
		{401, "wants a password"},
		{403, "may not be called"},
		{404, "does not exist"},
		{407, "wants a password"},
		{408, "did not answer"},
		{410, "does not exist any more"},
		{480, "is not available"},
		{484, "does not exist: the number is not complete"},
		{486, "is busy"},
		{487, "did not answer before the call was given up"},
		{503, "cannot be reached"},
		{504, "cannot be reached"},
		{600, "is busy"},
		{603, "declined"},
		{604, "does not exist"},
	};
	size_t i;

	if (*scode < 300)
		return re_hprintf(pf, "answered");

	for (i=0; i<ARRAY_SIZE(resultv); ++i) {
		if (resultv[i].scode == *scode)
			return re_hprintf(pf, "%s (%u)", resultv[i].text,
					  *scode);
	}

	return re_hprintf(pf, "did not take the call (%u %s)", *scode,
			  sip_reason(*scode));
}
