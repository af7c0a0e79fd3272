/**
 * @file policy.c  Who may refer: RFC 3515 section 5.2
 *
 * The settings, then the parameters of the account, then what /referpolicy
 * has said since the start.
 */
#include <re.h>
#include "core.h"


/** What /referpolicy has said of an account */
struct account_policy {
	struct le le;
	char *aor;
	enum policy policy;
};


static void destructor(void *arg)
{
	struct account_policy *ap = arg;

	list_unlink(&ap->le);
	mem_deref(ap->aor);
}


static struct account_policy *find(const struct refer *refer,
				   const struct ua *ua)
{
	struct le *le;

	LIST_FOREACH(&refer->policyl, le) {
		struct account_policy *ap = le->data;

		if (!str_cmp(ap->aor, host_ua_aor(ua)))
			return ap;
	}

	return NULL;
}


/* A parameter of the account wins */
static enum policy param_policy(const struct ua *ua, const char *key,
				uint32_t dflt)
{
	enum policy policy = (enum policy)dflt;
	struct pl pl;

	if (!host_ua_param(ua, key, &pl) && settings_policy(&policy, &pl))
		warning("refer: %s: %s=%r is no policy\n",
			host_ua_aor(ua), key, &pl);

	return policy;
}


/**
 * Get the policy of a user agent for calls that replace another
 *
 * @param refer Protocol
 * @param ua    User agent of the call to replace
 *
 * @return Policy
 */
enum policy policy_replaces(const struct refer *refer, const struct ua *ua)
{
	return param_policy(ua, "refer_replaces", refer->set.replaces);
}


/**
 * Get the policy of a user agent
 *
 * @param refer  Protocol
 * @param ua     User agent that the REFER is for
 * @param inside True for REFERs in a dialog
 *
 * @return Policy
 */
enum policy policy_get(const struct refer *refer, const struct ua *ua,
		       bool inside)
{
	const struct account_policy *ap = inside ? find(refer, ua) : NULL;

	if (ap)
		return ap->policy;

	return inside ? param_policy(ua, "refer_policy", refer->set.policy)
		: param_policy(ua, "refer_out_of_dialog",
			       refer->set.out_of_dialog);
}


/**
 * Set the policy for REFERs in a dialog, until the module is unloaded
 *
 * @param refer  Protocol
 * @param ua     User agent, or NULL for all that have none of their own
 * @param policy Policy
 *
 * @return 0 if success, otherwise errorcode
 */
int policy_set(struct refer *refer, const struct ua *ua, enum policy policy)
{
	struct account_policy *ap;
	int err;

	if (!ua) {
		refer->set.policy = policy;
		return 0;
	}

	ap = find(refer, ua);
	if (!ap) {
		ap = mem_zalloc(sizeof(*ap), destructor);
		if (!ap)
			return ENOMEM;

		err = str_dup(&ap->aor, host_ua_aor(ua));
		if (err) {
			mem_deref(ap);
			return err;
		}

		list_append(&refer->policyl, &ap->le, ap);
	}

	ap->policy = policy;

	return 0;
}


static const char *yes_no(uint32_t val)
{
	return val ? "yes" : "no";
}


/**
 * Print the policy of a user agent
 *
 * @param pf    Print function
 * @param refer Protocol
 * @param ua    User agent
 *
 * @return 0 if success, otherwise errorcode
 */
int policy_print_ua(struct re_printf *pf, const struct refer *refer,
		    const struct ua *ua)
{
	return re_hprintf(pf, "refer: %s: %s, out of a dialog %s\n",
			  host_ua_aor(ua),
			  settings_policy_name(policy_get(refer, ua, true)),
			  settings_policy_name(policy_get(refer, ua, false)));
}


/**
 * Print what holds for all user agents
 *
 * @param pf    Print function
 * @param refer Protocol
 *
 * @return 0 if success, otherwise errorcode
 */
int policy_print(struct re_printf *pf, const struct refer *refer)
{
	const struct settings *set = &refer->set;
	int err;

	err  = re_hprintf(pf, "refer: policy %s, out of a dialog %s,"
			  " digest %s, replaces %s\n",
			  settings_policy_name((enum policy)set->policy),
			  settings_policy_name((enum policy)
					       set->out_of_dialog),
			  yes_no(set->auth),
			  settings_policy_name((enum policy)set->replaces));
	err |= re_hprintf(pf, "refer: waiting %u of %u, %u a second and peer,"
			  " depth %u, tel %s, redirects %s\n",
			  refer->waiting, set->max_pending, set->rate,
			  set->max_depth, yes_no(set->tel),
			  yes_no(set->follow_redirect));

	return err | patterns_print(pf, refer->patterns);
}
