/**
 * @file dial_string.c  The dial string: a target as people type it
 *
 * And which URIs can be targets at all.
 */
#include <ctype.h>
#include <string.h>
#include <re.h>
#include "host/host.h"
#include "referrer/referrer.h"
#include "syntax/refer_to.h"
#include "syntax/text.h"
#include "syntax/uri.h"


/* "5060": what stands before it is a user or a host then */
static bool is_port(const struct pl *pl)
{
	struct pl port = *pl;
	uint32_t num;

	port.l = min(port.l, strcspn(port.p, ";?"));

	return text_number(&num, &port) && num > 0 && num <= 65535;
}


/* "http:" is one, also where a user and a password were meant */
static bool has_any_scheme(const struct pl *pl)
{
	struct pl scheme, rest = *pl;
	size_t i;

	(void)text_cut(&scheme, &rest, ':');
	if (scheme.l == pl->l || !scheme.l || !isalpha((uint8_t)*scheme.p))
		return false;

	for (i=0; i<scheme.l; ++i) {
		if (!isalnum((uint8_t)scheme.p[i]) &&
		    !strchr("+-.", scheme.p[i]))
			return false;
	}

	return !is_port(&rest);
}


static bool is_uri(const struct pl *pl)
{
	return uri_has_scheme(pl, "sip") || uri_has_scheme(pl, "sips") ||
		uri_has_scheme(pl, "tel");
}


/* "fd00::3" */
static bool is_ipv6(struct pl *addr, struct pl *prms, const struct pl *pl)
{
	struct sa sa;

	*prms   = *pl;
	*addr   = *pl;
	addr->l = min(pl->l, strcspn(pl->p, ";?"));
	pl_advance(prms, addr->l);

	return !sa_set(&sa, addr, 0) && sa_af(&sa) == AF_INET6;
}


static int complete(char **urip, const struct pl *pl, const struct uri *luri)
{
	struct uri uri = {.scheme = luri->scheme, .host = luri->host,
			  .af = luri->af, .port = luri->port};
	struct pl host, prms;
	struct sa addr;

	if (is_uri(pl))
		return pl_strdup(urip, pl);

	if (is_ipv6(&host, &prms, pl))
		return re_sdprintf(urip, "sip:[%r]%r", &host, &prms);

	if (has_any_scheme(pl))
		return ENOTSUP;

	uri.user = *pl;
	uri.user.l = min(pl->l, strcspn(pl->p, ";?"));
	if (memchr(uri.user.p, ',', uri.user.l))
		return EINVAL;

	if (memchr(pl->p, '@', pl->l) || *pl->p == '[' ||
	    !sa_decode(&addr, uri.user.p, uri.user.l) ||
	    !sa_set(&addr, &uri.user, 0))
		return re_sdprintf(urip, "sip:%r", pl);

	uri.params = *pl;
	pl_advance(&uri.params, uri.user.l);

	return re_sdprintf(urip, "%H", uri_encode, &uri);
}


/* uri_decode_strict() takes the host without its last dot */
static void drop_dot(char *str, const struct uri *uri)
{
	char *end = str + (uri->host.p + uri->host.l - str);

	if (*end == '.')
		memmove(end, end + 1, strlen(end));
}


static int check(char *str)
{
	struct uri uri;
	struct pl pl;

	pl_set_str(&pl, str);

	if (uri_has_scheme(&pl, "tel"))
		return dial_valid(str) ? 0 : EINVAL;

	if (uri_decode_strict(&uri, &pl))
		return EINVAL;

	drop_dot(str, &uri);

	return 0;
}


/* A name-addr, or one word */
static int address(struct pl *addr, const char *text)
{
	struct pl all, blank;

	pl_set_str(&all, text);
	text_trim(&all);
	*addr = all;

	if (memchr(all.p, '<', all.l))
		return refer_to_addr(addr, &all) ? EINVAL : 0;

	return !all.l || !re_regex(all.p, all.l, "[ \t]+", &blank) ?
		EINVAL : 0;
}


/** Make a URI of a dial string: a name-addr, a URI, user@host, an IP address,
    or a user of the account's own domain; parameters are kept. ENOTSUP if it
    has another scheme than sip, sips or tel, EINVAL if it cannot be a URI */
int dial_complete(char **urip, const char *text, const struct uri *luri)
{
	struct pl pl;
	char *str;
	int err;

	if (!urip || !text || !luri)
		return EINVAL;

	err = address(&pl, text);
	if (!err)
		err = complete(&str, &pl, luri);
	if (err)
		return err;

	err = check(str);
	if (err)
		mem_deref(str);
	else
		*urip = str;

	return err;
}


/** Make a URI of a dial string of an account; EINVAL for anything that cannot
    be a target */
int dial_uri(char **urip, const char *text, const struct ua *ua)
{
	struct uri luri;
	struct pl pl;
	int err;

	pl_set_str(&pl, host_ua_aor(ua));
	if (uri_decode(&luri, &pl))
		return EINVAL;

	err = dial_complete(urip, text, &luri);

	return err == ENOTSUP ? EINVAL : err;
}


/** Tell whether a URI, without <>, can be sent as a target: sip, sips or tel
    */
bool dial_valid(const char *uri)
{
	struct uri dec;
	struct pl pl;

	pl_set_str(&pl, uri ? uri : "");

	if (!is_uri(&pl) || !uri_chars_valid(&pl))
		return false;

	return uri_has_scheme(&pl, "tel") ? pl.l > 4 : !uri_decode(&dec, &pl);
}


/** Prepare a URI for a call of ours. EINVAL if it is no sip, sips or tel URI,
    ENOTSUP if the account cannot call it */
int dial_prepare(char **urip, const struct ua *ua)
{
	int err;

	if (!dial_valid(*urip))
		return EINVAL;

	err = uri_normalise(urip);
	if (err)
		return err;

	return host_ua_dials(ua, *urip) ? 0 : ENOTSUP;
}


/** What is wrong with a dial string, for people */
const char *dial_error(int err)
{
	switch (err) {

	case ENOTSUP: return "the target is not a sip:, sips: or tel: URI";
	case ENOMEM:  return "out of memory";
	default:      return "the target is no SIP address";
	}
}
