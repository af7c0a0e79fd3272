/**
 * @file tel.c  A telephone number as the target (RFC 3966)
 *
 * Called as a user of the account's domain: RFC 3261 section 19.1.6. That is
 * the context of a local number without phone-context as well.
 */
#include <ctype.h>
#include <string.h>
#include <re.h>
#include "syntax/refer_to.h"
#include "syntax/text.h"
#include "syntax/uri.h"


enum {
	TEL_MAX    = 512,      /* without the scheme [bytes] */
	PARAMS_MAX = 16,
};


static const struct refusal
	bad_number = {400, "Bad Refer-To", "telephone number is malformed"},
	no_memory  = {500, "Server Internal Error", "out of memory"};


/* +49(0)30: only the proxy knows whether the 0 is dialled. The patterns see
   both */
static bool is_trunk(const struct pl *num, size_t i)
{
	return *num->p == '+' && num->l - i > 3 &&
		!memcmp(num->p + i, "(0)", 3);
}


/* Digits; what only separates them for the eye is left out */
static int print_number(struct mbuf *mb, const struct pl *num)
{
	size_t i, digits = 0;
	int err = 0;

	for (i=0; i<num->l; ++i) {
		const char c = num->p[i];

		if (is_trunk(num, i)) {
			err |= mbuf_write_str(mb, "(0)");
			i += 2;
			continue;
		}

		if (strchr("-.()", c))
			continue;

		if (!strchr("0123456789*+", c) || (c == '+' && i))
			return EBADMSG;

		digits += c != '+';
		err |= mbuf_write_u8(mb, c);
	}

	return digits ? err : EBADMSG;
}


static bool is_domain(const struct pl *pl)
{
	size_t i;

	for (i=0; i<pl->l; ++i) {
		if (!isalnum((uint8_t)pl->p[i]) && !strchr("-.", pl->p[i]))
			return false;
	}

	return pl->l > 0;
}


/* A domain, or a global number: all else could be taken for anything */
static bool is_context(const struct pl *val)
{
	struct mbuf *mb = mbuf_alloc(32);
	bool ok;

	ok = mb && val->l && (*val->p == '+' ? !print_number(mb, val) :
			      is_domain(val));
	mem_deref(mb);

	return ok;
}


/* Each name once (RFC 3966 section 3). Each pair is compared: few only */
static bool params_valid(const struct pl *prms)
{
	struct pl rest = *prms, prm, name, more, next, again;
	unsigned n = 0;

	while (text_cut(&prm, &rest, ';')) {
		if (++n > PARAMS_MAX)
			return false;

		(void)text_cut(&name, &prm, '=');
		more = rest;
		while (text_cut(&next, &more, ';')) {
			(void)text_cut(&again, &next, '=');
			if (!pl_casecmp(&again, &name))
				return false;
		}

		if (!name.l || (!pl_strcasecmp(&name, "phone-context") &&
				!is_context(&prm)))
			return false;
	}

	return true;
}


static int print_uri(struct mbuf *mb, const struct pl *tel,
		     const struct uri *domain)
{
	struct pl prms = *tel, num, transp;
	int err;

	(void)text_cut(&num, &prms, ';');
	err = mbuf_printf(mb, "<sip:");
	err |= print_number(mb, &num);
	if (!params_valid(&prms))
		return EBADMSG;
	if (err)
		return err;

	if (prms.l)
		err |= mbuf_printf(mb, ";%r", &prms);

	err |= mbuf_printf(mb, domain->af == AF_INET6 ? "@[%r]" : "@%r",
			   &domain->host);
	if (domain->port)
		err |= mbuf_printf(mb, ":%u", domain->port);

	if (!msg_param_decode(&domain->params, "transport", &transp))
		err |= mbuf_printf(mb, ";transport=%r", &transp);

	return err | mbuf_printf(mb, ";user=phone>");
}


/** Tell whether a Refer-To names a telephone number */
bool refer_to_is_tel(const struct pl *val)
{
	struct pl uri;

	return !refer_to_addr(&uri, val) && uri_has_scheme(&uri, "tel");
}


/** Decode the value of a Refer-To header with a tel URI */
const struct refusal *refer_to_decode_tel(struct refer_to **rtp,
					  const struct pl *val,
					  const char *aor)
{
	const struct refusal *ref;
	struct pl tel, pl;
	struct uri domain;
	struct mbuf *mb;
	int err;

	ref = refer_to_addr(&tel, val);
	if (ref)
		return ref;

	pl_advance(&tel, strlen("tel:"));
	pl_set_str(&pl, aor);
	if (!tel.l || tel.l > TEL_MAX || memchr(tel.p, '@', tel.l) ||
	    memchr(tel.p, '?', tel.l) || uri_decode(&domain, &pl))
		return &bad_number;

	mb = mbuf_alloc(64);
	if (!mb)
		return &no_memory;

	err = print_uri(mb, &tel, &domain);

	mb->pos = 0;
	pl_set_mbuf(&pl, mb);
	ref = err ? &bad_number : refer_to_decode(rtp, &pl);
	mem_deref(mb);

	return ref;
}
