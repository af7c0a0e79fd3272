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
#include "syntax/escape.h"
#include "syntax/refer_to.h"
#include "syntax/text.h"


static const struct refusal
	no_memory   = {500, "Server Internal Error", "out of memory"},
	bad_addr    = {400, "Bad Refer-To", "Refer-To is no single address"},
	bad_uri     = {400, "Bad Refer-To", "URI in Refer-To is malformed"},
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


static bool chars_valid(const struct pl *pl)
{
	size_t i;

	for (i=0; i<pl->l; ++i) {
		if (pl->p[i] <= ' ' || pl->p[i] > '~' ||
		    strchr("<>\"\\^`{|}", pl->p[i]))
			return false;
	}

	return true;
}


static const struct refusal *header(struct refer_to *rt, const struct pl *name,
				    const struct pl *val)
{
	struct refer_replaces rep;
	struct pl pl;

	if (escape_equals(name, "Require")) {
		rt->require = escape_equals(val, "replaces");
		return rt->require ? NULL : &bad_require;
	}

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


static bool is_listed(const char *list, const char *name)
{
	struct pl rest, word;

	pl_set_str(&rest, list);

	while (text_cut(&word, &rest, ' ')) {
		if (!pl_strcasecmp(&word, name))
			return true;
	}

	return false;
}


static int copy_header(struct mbuf *mb, const char *list,
		       const struct pl *name, const struct pl *val)
{
	char *namestr, *valstr = NULL;
	int err;

	err = escape_decode(&namestr, name);
	if (err)
		return err;

	if (is_listed(list, namestr)) {
		err = escape_decode(&valstr, val);
		if (!err)
			err = mbuf_printf(mb, "%s: %H\r\n", namestr,
					  text_clean_str, valstr);
	}

	mem_deref(namestr);
	mem_deref(valstr);

	return err;
}


/**
 * Write the URI's headers that may be copied into the INVITE
 *
 * @param mb   Buffer
 * @param rt   Refer-To
 * @param list Names, with blanks between them
 *
 * @return 0 if success, otherwise errorcode
 */
int refer_to_copy(struct mbuf *mb, const struct refer_to *rt, const char *list)
{
	struct pl hdrs, name, val;
	int err = 0;

	if (!str_isset(list) || !rt->headers)
		return 0;

	pl_set_str(&hdrs, rt->headers + 1);

	while (!err && text_cut(&val, &hdrs, '&')) {
		(void)text_cut(&name, &val, '=');
		err = copy_header(mb, list, &name, &val);
	}

	return err;
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


/* Not in quotes: a second address follows */
static bool has_comma(const struct pl *pl)
{
	bool quoted = false;
	size_t i;

	for (i=0; i<pl->l; ++i) {

		if (pl->p[i] == '"')
			quoted = !quoted;
		else if (pl->p[i] == ',' && !quoted)
			return true;
	}

	return false;
}


/* Words, or a text in quotes: no other address stands before this one */
static bool is_display_name(const struct pl *pl)
{
	struct pl name = *pl;
	size_t i;

	text_trim(&name);
	if (name.l > 1 && *name.p == '"' && name.p[name.l - 1] == '"') {
		pl_advance(&name, 1);
		--name.l;
		return !memchr(name.p, '"', name.l) ||
			memchr(name.p, '\\', name.l);
	}

	for (i=0; i<name.l; ++i) {
		if (strchr("\",:@;?&", name.p[i]))
			return false;
	}

	return true;
}


/**
 * Take the URI out of a name-addr or an addr-spec
 *
 * @param uri URI, set on success
 * @param val Header value
 *
 * @return NULL if success, otherwise why it must be refused
 */
const struct refusal *refer_to_addr(struct pl *uri, const struct pl *val)
{
	struct pl dname, rest, before = *val;

	if (!memchr(val->p, '<', val->l)) {
		*uri = *val;
		return memchr(val->p, ',', val->l) ? &bad_addr : NULL;
	}

	if (re_regex(val->p, val->l,
		     "[~ \t\r\n<]*[ \t\r\n]*<[^>]+>[ \t\r\n]*[^]*",
		     &dname, NULL, uri, NULL, &rest))
		return &bad_addr;

	before.l = uri->p - 1 - val->p;
	if (!is_display_name(&before))
		return &bad_addr;

	if (rest.l && (*rest.p != ';' || has_comma(&rest)))
		return &bad_addr;

	return NULL;
}


static const struct refusal *check_scheme(const struct pl *uri)
{
	struct pl scheme;

	if (re_regex(uri->p, uri->l, "[a-zA-Z0-9+.\\-]+:", &scheme) ||
	    scheme.p != uri->p)
		return &bad_uri;

	return pl_strcasecmp(&scheme, "sip") ? &bad_scheme : NULL;
}


static bool host_valid(const struct uri *uri)
{
	const char *allowed = uri->af == AF_INET6 ? ":." : "-._";
	size_t i;

	for (i=0; i<uri->host.l; ++i) {
		const char c = uri->host.p[i];

		if (!isalnum((uint8_t)c) && !strchr(allowed, c))
			return false;
	}

	return uri->host.l > 0;
}


/**
 * Tell whether a text has only what can be in a URI
 *
 * @param pl Text
 *
 * @return True if so; no bad escapes, no escaped CR, LF or NUL
 */
bool uri_chars_valid(const struct pl *pl)
{
	return chars_valid(pl) && escape_valid(pl);
}


/* The user's end, and the '@', if there is a password between them */
static bool has_password(struct pl *pw, const struct uri *uri,
			 const struct pl *pl)
{
	const char *at;

	*pw = pl_null;
	if (!pl_isset(&uri->user))
		return false;

	pw->p = uri->user.p + uri->user.l;
	at    = memchr(pw->p, '@', pl->p + pl->l - pw->p);
	if (at)
		pw->l = at - pw->p;

	return pw->l > 0;
}


/* But the password, which libre 4.x reads and does not keep */
static bool is_all(const struct uri *uri, const struct pl *pl)
{
	const struct uri bare = {
		.scheme = uri->scheme, .user = uri->user, .host = uri->host,
		.af = uri->af, .port = uri->port, .params = uri->params,
		.headers = uri->headers,
	};
	struct pl pw, head = *pl, tail = {NULL, 0}, is_head, is_tail;
	char *is = NULL;
	bool same;

	if (re_sdprintf(&is, "%H", uri_encode, &bare))
		return false;

	if (has_password(&pw, uri, pl)) {
		head.l = pw.p - pl->p;
		tail.p = pw.p + pw.l;
		tail.l = pl->p + pl->l - tail.p;
	}

	pl_set_str(&is_head, is);
	is_tail = is_head;
	is_head.l = min(is_head.l, head.l);
	pl_advance(&is_tail, is_head.l);

	same = !pl_casecmp(&is_head, &head) && is_tail.l == tail.l &&
		(!tail.l || !pl_casecmp(&is_tail, &tail));

	mem_deref(is);

	return same;
}


/* The root: DNS knows the name by it, libre does not */
static bool drop_root(struct uri *uri)
{
	struct pl *host = &uri->host;

	if (uri->af == AF_INET6 || host->p[host->l - 1] != '.')
		return true;

	--host->l;

	return host->l && host->p[host->l - 1] != '.';
}


/**
 * Decode a SIP URI, strictly: what libre understands must be all that is
 * there. The host is given without a dot at its end.
 *
 * @param uri URI, set on success
 * @param pl  Text
 *
 * @return 0 if success, EBADMSG if it is malformed, EILSEQ if it has a bad
 *         escape or one of CR, LF or NUL, otherwise errorcode
 */
int uri_decode_strict(struct uri *uri, const struct pl *pl)
{
	if (!uri || !pl_isset(pl))
		return EINVAL;

	if (!chars_valid(pl))
		return EBADMSG;

	if (!escape_valid(pl))
		return EILSEQ;

	if (uri_decode(uri, pl) || !host_valid(uri) || pl_isset(&uri->path))
		return EBADMSG;

	if (pl_isset(&uri->params) &&
	    memchr(uri->params.p, '@', uri->params.l))
		return EBADMSG;

	return is_all(uri, pl) && drop_root(uri) ? 0 : EBADMSG;
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


static const struct refusal *decode(struct refer_to *rt, struct mbuf *mb,
				    const struct pl *val)
{
	const struct refusal *ref;
	struct pl pl, pw;
	struct uri uri;

	if (!pl_isset(val))
		return &bad_addr;

	if ((ref = refer_to_addr(&pl, val)) || (ref = check_scheme(&pl)))
		return ref;

	if ((ref = check_uri(&uri, &pl)) || (ref = headers(rt, uri.headers)) ||
	    (ref = params(mb, uri.params)))
		return ref;

	if (pl_isset(&uri.headers) && pl_strdup(&rt->headers, &uri.headers))
		return &no_memory;

	rt->password = has_password(&pw, &uri, &pl);
	mb->pos = 0;
	uri.headers = pl_null;
	pl_set_mbuf(&uri.params, mb);

	return re_sdprintf(&rt->uri, "%H", uri_encode, &uri) ?
		&no_memory : NULL;
}


/**
 * Decode the value of a Refer-To header
 *
 * @param rtp Pointer to allocated Refer-To
 * @param val Header value
 *
 * @return NULL if success, otherwise why it must be refused
 */
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


/* The characters that RFC 3261 allows without an escape */
static bool is_plain(char c, bool user)
{
	if (isalnum((uint8_t)c))
		return true;

	return c && strchr(user ? "-_.!~*'()&=+$,;?/" : "-_.!~*'()", c);
}


/**
 * Write a URI with as few escapes as RFC 3261 allows: %48 becomes H. Those of
 * its headers stay.
 *
 * @param urip URI, is replaced
 *
 * @return 0 if success, otherwise errorcode
 */
int uri_normalise(char **urip)
{
	const char *p, *at, *end;
	struct mbuf *mb;
	char *str;
	int err = 0;

	mb = mbuf_alloc(64);
	if (!mb)
		return ENOMEM;

	at  = strchr(*urip, '@');
	end = at ? at : *urip;
	end += strcspn(end, "?");

	for (p = *urip; p < end; ++p) {

		if (*p != '%') {
			err |= mbuf_write_u8(mb, *p);
			continue;
		}

		if (is_plain(escape_char(p), p < at))
			err |= mbuf_write_u8(mb, escape_char(p));
		else
			err |= mbuf_printf(mb, "%%%02X",
					   (uint8_t)escape_char(p));
		p += 2;
	}

	err |= mbuf_write_str(mb, end);
	mb->pos = 0;
	err |= mbuf_strdup(mb, &str, mb->end);
	if (!err) {
		mem_deref(*urip);
		*urip = str;
	}

	mem_deref(mb);

	return err;
}


/**
 * Normalise the URI of a Refer-To, see uri_normalise()
 *
 * @param rt Refer-To
 *
 * @return 0 if success, otherwise errorcode
 */
int refer_to_normalise(struct refer_to *rt)
{
	return rt ? uri_normalise(&rt->uri) : EINVAL;
}
