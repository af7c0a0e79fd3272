/**
 * @file target.c  The target of a transfer, as people write it
 */
#include <string.h>
#include <re.h>
#include "refer_to.h"
#include "target.h"


static bool has_scheme(const struct pl *pl, const char *scheme)
{
	struct pl pre = *pl;

	pre.l = str_len(scheme);

	return pl->l > pre.l && pl->p[pre.l] == ':' &&
		!pl_strcasecmp(&pre, scheme);
}


static int complete(char **urip, const struct pl *pl, const struct uri *luri)
{
	struct uri uri = {.scheme = luri->scheme, .host = luri->host,
			  .af = luri->af, .port = luri->port};
	struct sa addr;

	if (has_scheme(pl, "sip") || has_scheme(pl, "sips") ||
	    has_scheme(pl, "tel"))
		return pl_strdup(urip, pl);

	uri.user = *pl;
	uri.user.l = strcspn(pl->p, ";?");
	if (uri.user.l > pl->l)
		uri.user.l = pl->l;

	if (memchr(pl->p, '@', pl->l) || *pl->p == '[' ||
	    !sa_decode(&addr, uri.user.p, uri.user.l) ||
	    !sa_set(&addr, &uri.user, 0))
		return re_sdprintf(urip, "sip:%r", pl);

	uri.params = *pl;
	pl_advance(&uri.params, uri.user.l);

	return re_sdprintf(urip, "%H", uri_encode, &uri);
}


/**
 * Make a complete URI of a target
 *
 * @param urip Pointer to allocated URI
 * @param text A name-addr, a URI, user@host, an IP address, or a user of the
 *             account's own domain; parameters are kept
 * @param luri URI of the account
 *
 * @return 0 if success, EINVAL if it cannot be a URI, otherwise errorcode
 */
int target_complete(char **urip, const char *text, const struct uri *luri)
{
	struct uri uri;
	struct pl pl;
	char *str;
	int err;

	if (!urip || !text || !luri)
		return EINVAL;

	if (re_regex(text, str_len(text), "<[^>]+>", &pl) &&
	    re_regex(text, str_len(text), "[^ \t]+", &pl))
		return EINVAL;

	err = complete(&str, &pl, luri);
	if (err)
		return err;

	pl_set_str(&pl, str);
	if (has_scheme(&pl, "tel") ? !uri_chars_valid(&pl) || pl.l < 5
				   : uri_decode_strict(&uri, &pl)) {
		mem_deref(str);
		return EINVAL;
	}

	*urip = str;

	return 0;
}
