/**
 * @file refer_to.c  The Refer-To header (RFC 3515 section 2.1)
 *
 * A name-addr, or an addr-spec as older user agents send it: there a
 * parameter is the URI's. Of the URI's headers only Replaces is kept, and
 * Require is checked (RFC 3261 section 19.1.5).
 */
#include <ctype.h>
#include <string.h>
#include <re.h>
#include "refer.h"
#include "syntax/refer_to.h"
#include "syntax/text.h"
#include "syntax/token.h"
#include "syntax/uri.h"


enum {
	URI_MAX = 2048,        /* without its headers [bytes] */
};


static const struct refusal
	no_memory   = {500, "Server Internal Error", "out of memory"},
	bad_addr    = {400, "Bad Refer-To", "Refer-To is no single address"},
	bad_uri     = {400, "Bad Refer-To", "URI in Refer-To is malformed"},
	too_long    = {400, "Bad Refer-To", "URI in Refer-To is too long"},
	bad_escape  = {400, "Bad Refer-To", "bad escape in Refer-To"},
	bad_scheme  = {416, "Unsupported URI Scheme",
		       "only sip: can be called"},
	bad_method  = {501, "Not Implemented",
		       "only the method INVITE can be referred to"},
	bad_repl    = {400, "Bad Refer-To", "Replaces is malformed"},
	bad_require = {400, "Bad Refer-To",
		       "Refer-To requires an unsupported extension"};


static void destructor(void *arg)
{
	struct refer_to *rt = arg;

	mem_deref(rt->uri);
	mem_deref(rt->replaces);
	mem_deref(rt->headers);
}


/* A list, escaped */
static const struct refusal *require(struct refer_to *rt, const struct pl *val)
{
	const struct refusal *ref = NULL;
	struct pl rest, tag;
	char *str;

	if (escape_decode(&str, val))
		return &no_memory;

	pl_set_str(&rest, str);

	while (!ref && token_cut(&tag, &rest, ',')) {
		if (!pl_strcasecmp(&tag, "replaces"))
			rt->require = true;
		else if (tag.l)
			ref = &bad_require;
	}

	mem_deref(str);

	return ref || rt->require ? ref : &bad_require;
}


static const struct refusal *header(struct refer_to *rt, const struct pl *name,
				    const struct pl *val)
{
	struct refer_replaces rep;
	struct pl pl;

	if (escape_equals(name, "Require"))
		return require(rt, val);

	if (!escape_equals(name, "Replaces"))
		return NULL;

	if (rt->replaces)
		return &bad_repl;

	if (escape_decode(&rt->replaces, val))
		return &no_memory;

	pl_set_str(&pl, rt->replaces);

	return refer_replaces_decode(&rep, &pl) ? &bad_repl : NULL;
}


static const struct refusal *headers(struct refer_to *rt, struct pl hdrs)
{
	const struct refusal *ref = NULL;
	struct pl name, val;

	pl_advance(&hdrs, hdrs.l ? 1 : 0);

	while (!ref && text_cut(&val, &hdrs, '&')) {
		(void)text_cut(&name, &val, '=');
		ref = name.l ? header(rt, &name, &val) : &bad_uri;
	}

	return ref;
}


/* Take the method parameter out of the URI's parameters */
static const struct refusal *params(struct mbuf *mb, struct pl prms)
{
	struct pl prm, name, val;
	int err = 0;

	pl_advance(&prms, prms.l ? 1 : 0);

	while (text_cut(&prm, &prms, ';')) {
		val = prm;
		(void)text_cut(&name, &val, '=');
		if (!name.l)
			return &bad_uri;

		if (!escape_equals(&name, "method"))
			err |= mbuf_printf(mb, ";%r", &prm);
		else if (!escape_equals(&val, "INVITE"))
			return &bad_method;
	}

	return err ? &no_memory : NULL;
}


/* Words, or a text in quotes: no other address stands before this one */
static bool is_display_name(const struct pl *pl)
{
	struct pl name = *pl;
	size_t i;

	text_trim(&name);
	if (name.l && token_quoted(&name) == name.l)
		return true;

	for (i=0; i<name.l; ++i) {
		if (strchr("\",:@;?&", name.p[i]))
			return false;
	}

	return true;
}


/* What stands behind an address: parameters, or nothing. Behind a comma there
   is a second address */
static bool is_params(const struct pl *pl)
{
	struct pl rest = *pl, name, val;

	text_trim(&rest);
	if (!rest.l)
		return true;

	if (*rest.p != ';' || token_span(&rest, ",<>") != rest.l)
		return false;

	pl_advance(&rest, 1);

	while (token_param(&name, &val, &rest)) {
		if (val.l && memchr(val.p, '"', val.l) &&
		    token_quoted(&val) != val.l)
			return false;
	}

	return true;
}


/* A parameter is the URI's, unless none of a URI can be like that */
static const struct refusal *addr_spec(struct pl *uri, const struct pl *val)
{
	struct pl rest = *val;
	size_t n = 0;

	if (!val->l)
		return &bad_addr;

	while (n < rest.l && !memchr(" \t\r\n\"", rest.p[n], 5))
		++n;

	pl_advance(&rest, (ssize_t)n);
	text_trim(&rest);
	if (rest.l && *rest.p != ';') {
		while (n && val->p[n] != ';')
			--n;
	}

	uri->p = val->p;
	uri->l = n;
	rest   = *val;
	pl_advance(&rest, (ssize_t)n);

	return memchr(uri->p, ',', uri->l) || !is_params(&rest) ?
		&bad_addr : NULL;
}


/** Take the URI out of a name-addr or an addr-spec: NULL if success */
const struct refusal *refer_to_addr(struct pl *uri, const struct pl *val)
{
	struct pl before = *val, rest = *val;

	before.l = token_span(val, "<");
	if (before.l == val->l)
		return addr_spec(uri, val);

	pl_advance(&rest, (ssize_t)before.l);
	if (!is_display_name(&before) || !memchr(rest.p, '>', rest.l))
		return &bad_addr;

	(void)text_cut(uri, &rest, '>');
	pl_advance(uri, 1);

	return uri->l && is_params(&rest) ? NULL : &bad_addr;
}


static const struct refusal *check_scheme(const struct pl *uri)
{
	struct pl scheme, rest = *uri;
	size_t i;

	if (uri_has_scheme(uri, "sip"))
		return NULL;

	(void)text_cut(&scheme, &rest, ':');
	for (i=0; i<scheme.l; ++i) {
		const char c = scheme.p[i];

		if (!isalnum((uint8_t)c) && c != '+' && c != '.' && c != '-')
			return &bad_uri;
	}

	return scheme.l && scheme.l < uri->l ? &bad_scheme : &bad_uri;
}


static const struct refusal *check_uri(struct uri *uri, const struct pl *pl)
{
	switch (uri_decode_strict(uri, pl)) {

	case 0:      return NULL;
	case EILSEQ: return &bad_escape;
	case ENOMEM: return &no_memory;
	default:     return &bad_uri;
	}
}


static const struct refusal *decode_uri(struct refer_to *rt, struct mbuf *mb,
					const struct pl *pl)
{
	const struct refusal *ref;
	struct uri uri;
	struct pl pw;

	ref = check_uri(&uri, pl);
	if (ref)
		return ref;

	if (pl->l - uri.headers.l > URI_MAX)
		return &too_long;

	if ((ref = headers(rt, uri.headers)) || (ref = params(mb, uri.params)))
		return ref;

	if (pl_isset(&uri.headers) && pl_strdup(&rt->headers, &uri.headers))
		return &no_memory;

	rt->password = uri_has_password(&pw, &uri, pl);
	mb->pos = 0;
	uri.headers = pl_null;
	pl_set_mbuf(&uri.params, mb);

	return re_sdprintf(&rt->uri, "%H", uri_encode, &uri) ?
		&no_memory : NULL;
}


static const struct refusal *decode(struct refer_to *rt, struct mbuf *mb,
				    const struct pl *val)
{
	const struct refusal *ref;
	char *plain = NULL;
	struct pl pl;

	if (!pl_isset(val))
		return &bad_addr;

	if ((ref = refer_to_addr(&pl, val)) || (ref = check_scheme(&pl)))
		return ref;

	if (uri_unmap(&plain, &pl))
		return &no_memory;

	if (plain)
		pl_set_str(&pl, plain);

	ref = decode_uri(rt, mb, &pl);
	mem_deref(plain);

	return ref;
}


/** Decode the value of a Refer-To header: NULL if success */
const struct refusal *refer_to_decode(struct refer_to **rtp,
				      const struct pl *val)
{
	const struct refusal *ref = &no_memory;
	struct refer_to *rt;
	struct mbuf *mb;

	rt = mem_zalloc(sizeof(*rt), destructor);
	mb = mbuf_alloc(64);

	if (rt && mb)
		ref = decode(rt, mb, val);

	mem_deref(mb);

	if (ref)
		mem_deref(rt);
	else
		*rtp = rt;

	return ref;
}


/** Decode a URI of ours, without <>, as a Refer-To: a tel URI in the domain of
    an address-of-record. NULL if it is none, or without memory */
struct refer_to *refer_to_decode_uri(const char *uri, const char *aor)
{
	struct refer_to *rt = NULL;
	char *str;
	struct pl pl;

	if (re_sdprintf(&str, "<%s>", uri))
		return NULL;

	pl_set_str(&pl, str);
	if (refer_to_is_tel(&pl))
		(void)refer_to_decode_tel(&rt, &pl, aor);
	else
		(void)refer_to_decode(&rt, &pl);
	mem_deref(str);

	return rt;
}


/** Normalise the URI of a Refer-To, see uri_normalise() */
int refer_to_normalise(struct refer_to *rt)
{
	return rt ? uri_normalise(&rt->uri) : EINVAL;
}
