/**
 * @file replaces.c  The Replaces header (RFC 3891)
 */
#include <string.h>
#include <re.h>
#include "replaces.h"


static bool is_token(const struct pl *pl)
{
	size_t i;

	for (i=0; i<pl->l; ++i) {
		if (pl->p[i] <= ' ' || pl->p[i] > '~')
			return false;
	}

	return pl->l > 0;
}


static int param(struct replaces *rep, const struct pl *name,
		 const struct pl *val)
{
	struct pl *tag = NULL;

	if (!pl_strcasecmp(name, "to-tag"))
		tag = &rep->to_tag;
	else if (!pl_strcasecmp(name, "from-tag"))
		tag = &rep->from_tag;
	else if (!pl_strcasecmp(name, "early-only"))
		rep->early_only = true;

	if (!tag)
		return 0;

	if (tag->p || !is_token(val))
		return EBADMSG;

	*tag = *val;

	return 0;
}


/**
 * Decode the value of a Replaces header
 *
 * @param rep Replaces, set on success; points into the value
 * @param val Header value, without URI escapes
 *
 * @return 0 if success, EBADMSG if it is malformed: it must have a Call-ID
 *         and exactly one to-tag and one from-tag (RFC 3891 section 6.1)
 */
int replaces_decode(struct replaces *rep, const struct pl *val)
{
	struct pl rest, ws, name, eq, pv;
	struct replaces r;
	int err;

	if (!rep || !val)
		return EINVAL;

	memset(&r, 0, sizeof(r));

	if (re_regex(val->p, val->l, "[^; \t]+[ \t]*[^]*",
		     &r.callid, NULL, &rest) || r.callid.p != val->p ||
	    !is_token(&r.callid))
		return EBADMSG;

	while (rest.l) {
		const char *start = rest.p;

		if (re_regex(rest.p, rest.l,
			     ";[ \t]*[^;= \t]+[ \t]*[=]*[ \t]*[^; \t]*[ \t]*",
			     &ws, &name, NULL, &eq, NULL, &pv, NULL) ||
		    *start != ';' || ws.p != start + 1 ||
		    name.p != ws.p + ws.l || eq.l > 1)
			return EBADMSG;

		err = param(&r, &name, &pv);
		if (err)
			return err;

		pl_advance(&rest, pv.p + pv.l - rest.p);
		while (rest.l && (*rest.p == ' ' || *rest.p == '\t'))
			pl_advance(&rest, 1);
	}

	if (!r.to_tag.p || !r.from_tag.p)
		return EBADMSG;

	*rep = r;

	return 0;
}
