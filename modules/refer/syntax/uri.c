/**
 * @file uri.c  SIP URIs, strictly (RFC 3261 section 19.1), their escapes, and
 * addresses in one form
 *
 * libre takes what it understands out of a text, and passes over the rest.
 * Here that is malformed.
 */
#include <ctype.h>
#include <string.h>
#include <re.h>
#include "syntax/text.h"
#include "syntax/uri.h"


static bool chars_valid(const struct pl *pl)
{
	size_t i;

	for (i=0; i<pl->l; ++i) {
		const char c = pl->p[i];

		if (!isalnum((uint8_t)c) && (c <= ' ' || c > '~' ||
					     strchr("<>\"\\^`{|}", c)))
			return false;
	}

	return true;
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
 * Tell whether a text has only what can be in a URI: no bad escapes either,
 * and no escaped CR, LF or NUL
 */
bool uri_chars_valid(const struct pl *pl)
{
	return chars_valid(pl) && escape_valid(pl);
}


/** Tell whether a text begins with a scheme and its colon */
bool uri_has_scheme(const struct pl *pl, const char *scheme)
{
	const size_t n = strlen(scheme);

	return pl->l > n && pl->p[n] == ':' &&
		!strncasecmp(pl->p, scheme, n);
}


/** Get the password of a URI, which libre 4.x reads and does not keep */
bool uri_has_password(struct pl *pw, const struct uri *uri,
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


/* Go on behind a part, if it stands here */
static bool skip(struct pl *rest, const struct pl *part)
{
	if (!part->l)
		return true;

	if (part->p != rest->p || part->l > rest->l)
		return false;

	pl_advance(rest, part->l);

	return true;
}


static bool skip_text(struct pl *rest, const char *text)
{
	const size_t n = strlen(text);

	if (rest->l < n || memcmp(rest->p, text, n))
		return false;

	pl_advance(rest, n);

	return true;
}


static bool skip_host(struct pl *rest, const struct uri *uri)
{
	if (uri->af != AF_INET6)
		return skip(rest, &uri->host);

	return skip_text(rest, "[") && skip(rest, &uri->host) &&
		skip_text(rest, "]");
}


static bool skip_port(struct pl *rest, uint16_t port)
{
	char text[8];

	if (!port)
		return true;

	(void)re_snprintf(text, sizeof(text), ":%u", port);

	return skip_text(rest, text);
}


/* The parts that libre has found, one behind the other */
static bool is_all(const struct uri *uri, const struct pl *pl)
{
	struct pl pw, rest = *pl;

	if (!skip(&rest, &uri->scheme) || !skip_text(&rest, ":"))
		return false;

	if (pl_isset(&uri->user)) {
		(void)uri_has_password(&pw, uri, pl);
		if (!skip(&rest, &uri->user) || !skip(&rest, &pw) ||
		    !skip_text(&rest, "@"))
			return false;
	}

	return skip_host(&rest, uri) && skip_port(&rest, uri->port) &&
		skip(&rest, &uri->params) && skip(&rest, &uri->headers) &&
		!rest.l;
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


static int check_text(const struct pl *pl)
{
	if (!chars_valid(pl))
		return EBADMSG;

	return escape_valid(pl) ? 0 : EILSEQ;
}


static int check_parts(struct uri *uri, const struct pl *pl)
{
	if (!host_valid(uri) || pl_isset(&uri->path))
		return EBADMSG;

	if (pl_isset(&uri->params) &&
	    memchr(uri->params.p, '@', uri->params.l))
		return EBADMSG;

	return is_all(uri, pl) && drop_root(uri) ? 0 : EBADMSG;
}


/**
 * Decode a SIP URI, strictly: what libre understands must be all that is
 * there. The host is given without a dot at its end.
 *
 * @return 0 if success, EBADMSG if it is malformed, EILSEQ if it has a bad
 *         escape or one of CR, LF or NUL, otherwise errorcode
 */
int uri_decode_strict(struct uri *uri, const struct pl *pl)
{
	int err;

	if (!uri || !pl_isset(pl))
		return EINVAL;

	err = check_text(pl);
	if (err)
		return err;

	return uri_decode(uri, pl) ? EBADMSG : check_parts(uri, pl);
}


/** Check what libre has decoded a URI to, as uri_decode_strict() does */
int uri_check(const struct uri *uri, const struct pl *pl)
{
	struct uri copy = *uri;
	const int err = check_text(pl);

	return err ? err : check_parts(&copy, pl);
}


/** Tell whether a URI has headers; a '?' may also stand in its user */
bool uri_has_headers(const char *str)
{
	struct uri uri;
	struct pl pl;

	pl_set_str(&pl, str);

	return !uri_decode(&uri, &pl) && pl_isset(&uri.headers);
}


/** Tell whether a URI has a parameter. libre looks at the first that begins
    with that name only: maddr in ";maddrx;maddr=.." */
bool uri_has_param(const struct uri *uri, const char *name)
{
	struct pl rest = uri->params, prm, key;

	while (text_cut(&prm, &rest, ';')) {
		(void)text_cut(&key, &prm, '=');
		if (escape_equals(&key, name))
			return true;
	}

	return false;
}


/** Tell whether a URI can be that of a proxy: libre makes a Route of it, with
    ";lr" at its end, and divides that at a ',' when it writes CANCEL */
bool uri_is_proxy(const char *str)
{
	struct uri uri;
	struct pl pl, end;

	pl_set_str(&pl, str);

	return !uri_decode_strict(&uri, &pl) && !memchr(pl.p, ',', pl.l) &&
		!pl_strcasecmp(&uri.scheme, "sip") &&
		!uri_has_password(&end, &uri, &pl) &&
		!pl_isset(&uri.headers) &&
		!uri_has_param(&uri, "lr");
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
 * Make an IPv4 address out of one that is in an IPv6 address
 * (::ffff:192.0.2.1), and leave others as they are
 */
void addr_unmap(struct sa *sa)
{
	static const uint8_t mapped[12] = {[10] = 0xff, [11] = 0xff};
	uint8_t a[16];

	if (sa_af(sa) != AF_INET6)
		return;

	sa_in6(sa, a);
	if (!memcmp(a, mapped, sizeof(mapped)))
		sa_set_in(sa, (uint32_t)a[12] << 24 | a[13] << 16 |
			  a[14] << 8 | a[15], sa_port(sa));
}


/* The host of a URI, if it is in [..]: behind its user, or its scheme */
static bool find_host6(struct pl *host, const struct pl *uri)
{
	struct pl rest = *uri;
	const char *at = memchr(uri->p, '@', uri->l), *end;

	if (!at)
		at = memchr(uri->p, ':', uri->l);

	if (!at)
		return false;

	pl_advance(&rest, at + 1 - uri->p);
	if (!rest.l || *rest.p != '[')
		return false;

	end = memchr(rest.p, ']', rest.l);
	host->p = rest.p + 1;
	host->l = end ? (size_t)(end - host->p) : 0;

	return end != NULL;
}


/**
 * Write a URI again if its host is an IPv4 address in an IPv6 one, with that
 * address alone: libre cannot read one, and nobody can be reached by it
 *
 * @param urip Allocated URI, not set if it has another host
 * @param uri  URI
 */
int uri_unmap(char **urip, const struct pl *uri)
{
	struct pl host, before = *uri, behind = *uri;
	struct sa sa;

	if (!find_host6(&host, uri) || sa_set(&sa, &host, 0))
		return 0;

	addr_unmap(&sa);
	if (sa_af(&sa) != AF_INET)
		return 0;

	before.l = (size_t)(host.p - 1 - uri->p);
	pl_advance(&behind, host.p + host.l + 1 - uri->p);

	return re_sdprintf(urip, "%r%j%r", &before, &sa, &behind);
}


static bool is_escape(const char *p, const char *end)
{
	return end - p > 2 && isxdigit((uint8_t)p[1]) &&
		isxdigit((uint8_t)p[2]);
}


/** Get the character of an escape: 'A' of "%41" */
char escape_char(const char *p)
{
	return (char)(ch_hex(p[1]) << 4 | ch_hex(p[2]));
}


/** Tell whether each escape is complete, and none stands for CR, LF or NUL */
bool escape_valid(const struct pl *pl)
{
	const char *p, *end = pl->p + pl->l;

	for (p = pl->p; p < end; ++p) {

		if (*p != '%')
			continue;

		if (!is_escape(p, end) ||
		    memchr("\0\r\n", escape_char(p), 3))
			return false;
	}

	return true;
}


/**
 * Decode escapes, and leave the rest as it is: many send '@' or ';' in a
 * Replaces without an escape, which uri_header_unescape() refuses
 */
int escape_decode(char **strp, const struct pl *pl)
{
	const char *p, *end = pl->p + pl->l;
	char *str, *s;

	str = s = mem_alloc(pl->l + 1, NULL);
	if (!str)
		return ENOMEM;

	for (p = pl->p; p < end; ++p) {

		if (*p == '%' && is_escape(p, end)) {
			*s++ = escape_char(p);
			p += 2;
		}
		else {
			*s++ = *p;
		}
	}

	*s = '\0';
	*strp = str;

	return 0;
}


/** Compare escaped text with a name, whatever the case */
bool escape_equals(const struct pl *pl, const char *str)
{
	const char *p, *end = pl->p + pl->l;

	for (p = pl->p; p < end; ++p, ++str) {
		const bool esc = *p == '%' && is_escape(p, end);
		const char c = esc ? escape_char(p) : *p;

		if (!*str || tolower((uint8_t)c) != tolower((uint8_t)*str))
			return false;

		p += esc ? 2 : 0;
	}

	return !*str;
}


/**
 * Print a text as the value of a header in a URI; more is escaped than must
 * be, for some take a '+' for a blank
 */
int escape_print(struct re_printf *pf, const char *str)
{
	int err = 0;

	for (; *str && !err; ++str) {

		if (isalnum((uint8_t)*str) || strchr("-_.!~*'()", *str))
			err = re_hprintf(pf, "%c", *str);
		else
			err = re_hprintf(pf, "%%%02X", (uint8_t)*str);
	}

	return err;
}
