/**
 * @file identity.c  An account that calls as somebody else, for one call
 *
 * Display name, outbound proxy and Contact are the account's. baresip reads
 * them while it makes a call, so that others stand there for as long. Without
 * media NAT traversal the INVITE has left by then.
 */
#include <re.h>
#include "host/host.h"
#include "host/module.h"


/* RFC 3323 section 4.1.1.3 */
#define ANONYMOUS_NAME "Anonymous"
#define ANONYMOUS_URI  "sip:anonymous@anonymous.invalid"
#define ANONYMOUS_USER "anonymous"


struct identity {
	struct ua *ua;
	char *name;
	char *outbound;
	char *gruu;
	bool saved;            /**< Without memory there is nothing */
};


const char *host_from_uri(const struct host_invite *inv)
{
	return inv->anonymous ? ANONYMOUS_URI : NULL;
}


static void set_gruu(struct ua *ua, const char *gruu)
{
	struct pl pl = PL_INIT;

	if (gruu)
		pl_set_str(&pl, gruu);
	ua_pub_gruu_set(ua, &pl);
}


/* It is as it was before */
static void destructor(void *arg)
{
	struct identity *id = arg;
	struct account *acc = ua_account(id->ua);

	if (id->saved) {
		(void)account_set_display_name(acc, id->name);
		(void)account_set_outbound(acc, id->outbound, 0);
		set_gruu(id->ua, id->gruu);
	}

	mem_deref(id->name);
	mem_deref(id->outbound);
	mem_deref(id->gruu);
}


static int copy(char **strp, const char *str)
{
	return str ? str_dup(strp, str) : 0;
}


static int save(struct identity *id, struct ua *ua)
{
	const char *cuser = ua_cuser(ua);
	int err;

	err  = copy(&id->name, account_display_name(ua_account(ua)));
	err |= copy(&id->outbound, account_outbound(ua_account(ua), 0));
	if (str_cmp(cuser, ua_local_cuser(ua)))
		err |= copy(&id->gruu, cuser);
	id->saved = !err;

	return err;
}


int host_identity(struct identity **idp, struct ua *ua,
		  const struct host_invite *inv)
{
	struct account *acc = ua_account(ua);
	struct identity *id;
	int err;

	*idp = NULL;
	if (!inv->name && !inv->outbound && !inv->anonymous)
		return 0;

	if (!host_ua_sends_at_once(ua) && (inv->outbound || inv->anonymous))
		return ENOTSUP;

	id = mem_zalloc(sizeof(*id), destructor);
	if (!id)
		return ENOMEM;

	id->ua = ua;
	err = save(id, ua);
	if (err) {
		mem_deref(id);
		return err;
	}

	if (inv->name)
		err |= account_set_display_name(acc, inv->name);
	if (inv->outbound)
		err |= account_set_outbound(acc, inv->outbound, 0);
	if (inv->anonymous) {
		err |= account_set_display_name(acc, ANONYMOUS_NAME);
		set_gruu(ua, ANONYMOUS_USER);
	}

	if (err)
		mem_deref(id);
	else
		*idp = id;

	return err;
}
