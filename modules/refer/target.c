/**
 * @file target.c  The target of a transfer, as people write it
 */
#include <string.h>
#include <re.h>
#include "refer_to.h"
#include "target.h"


static bool has_scheme(const struct pl *pl)
{
	static const char *schemev[] = {"sip", "sips", "tel"};
	struct pl scheme;
	size_t i;

	if (re_regex(pl->p, pl->l, "[a-z]+:", &scheme) || scheme.p != pl->p)
		return false;

	for (i=0; i<ARRAY_SIZE(schemev); ++i) {
		if (!pl_strcasecmp(&scheme, schemev[i]))
			return true;
	}

	return false;
}


static int complete(char **urip, const struct pl *pl, const struct uri *luri)
{
	struct uri uri = *luri;
	struct sa addr;

	if (has_scheme(pl))
		return pl_strdup(urip, pl);

	uri.user = *pl;
	uri.user.l = strcspn(pl->p, ";?");
	if (uri.user.l > pl->l)
		uri.user.l = pl->l;

	if (memchr(pl->p, '@', pl->l) ||
	    !sa_decode(&addr, uri.user.p, uri.user.l) ||
	    !sa_set(&addr, &uri.user, 0))
		return re_sdprintf(urip, "sip:%r", pl);

	uri.password = uri.path = uri.headers = pl_null;
	uri.params   = *pl;
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

	if (!uri_text_valid(&pl))
		return EINVAL;

	err = complete(&str, &pl, luri);
	if (err)
		return err;

	pl_set_str(&pl, str);
	if (uri_decode(&uri, &pl)) {
		mem_deref(str);
		return EINVAL;
	}

	*urip = str;

	return 0;
}
