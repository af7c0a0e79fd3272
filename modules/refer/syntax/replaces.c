/**
 * @file replaces.c  The Replaces header (RFC 3891)
 */
#include <string.h>
#include <re.h>
#include "host/libre.h"
#include "refer.h"
#include "syntax/replaces.h"
#include "syntax/text.h"
#include "syntax/token.h"


/* More than a token: some put '=' into their tags */
static bool is_word(const struct pl *pl)
{
	size_t i;

	for (i=0; i<pl->l; ++i) {
		if (pl->p[i] <= ' ' || pl->p[i] > '~')
			return false;
	}

	return pl->l > 0 && *pl->p != '=';
}


static int set_tag(struct pl *tag, const struct pl *val)
{
	if (tag->p || !is_word(val) || memchr(val->p, '"', val->l))
		return EBADMSG;

	*tag = *val;

	return 0;
}


static int param(struct refer_replaces *rep, const struct pl *name,
		 const struct pl *val)
{
	if (!is_word(name) || (val->l && !is_word(val) &&
			       token_quoted(val) != val->l))
		return EBADMSG;

	if (!pl_strcasecmp(name, "to-tag"))
		return set_tag(&rep->to_tag, val);

	if (!pl_strcasecmp(name, "from-tag"))
		return set_tag(&rep->from_tag, val);

	if (!pl_strcasecmp(name, "early-only"))
		rep->early_only = true;

	return 0;
}


int refer_replaces_decode(struct refer_replaces *rep, const struct pl *val)
{
	struct refer_replaces r;
	struct pl rest, name, part;
	int err;

	if (!rep || !val)
		return EINVAL;

	memset(&r, 0, sizeof(r));

	rest = *val;
	(void)text_cut(&r.callid, &rest, ';');
	text_trim(&r.callid);

	if (!is_word(&r.callid))
		return EBADMSG;

	while (token_param(&name, &part, &rest)) {
		err = param(&r, &name, &part);
		if (err)
			return err;
	}

	if (!r.to_tag.p || !r.from_tag.p)
		return EBADMSG;

	*rep = r;

	return 0;
}


/* Require is a list, of which libre makes a header each, beside the line */
static bool is_understood(const struct sip_hdr *hdr,
			  const struct sip_msg *msg, void *arg)
{
	(void)msg;
	(void)arg;

	return hdr->id == SIP_HDR_REPLACES || !pl_isset(&hdr->val) ||
		!pl_strcasecmp(&hdr->val, "replaces");
}


/* The table and the list of a message have a reference each */
static void take_header(struct sip_hdr *hdr)
{
	const bool listed = hdr->le.list != NULL;

	hash_unlink(&hdr->he);
	list_unlink(&hdr->le);
	mem_deref(hdr);
	if (listed)
		mem_deref(hdr);
}


/**
 * Take what is understood here out of an INVITE with Replaces: a core that
 * does not understand it must not refuse it, and one that does would look at
 * the Call-ID only, and end the old call at once. What else is required is
 * the core's to refuse.
 */
void replaces_take(struct sip_msg *msg)
{
	static const enum sip_hdrid idv[] = {SIP_HDR_REPLACES,
					     SIP_HDR_REQUIRE};
	const struct sip_hdr *hdr;
	size_t i;

	for (i=0; i<ARRAY_SIZE(idv); ++i) {
		while ((hdr = sip_msg_hdr_apply(msg, true, idv[i],
						is_understood, NULL)))
			take_header((struct sip_hdr *)hdr);
	}
}
