/**
 * @file policy.c  Who may refer: RFC 3515 section 5.2
 *
 * The settings, then the parameters of the account, then what /referpolicy
 * has said since the start. Nobody may while the guard is shut.
 */
#include <re.h>
#include "admission/admission.h"
#include "admission/patterns.h"
#include "admission/state.h"
#include "config/config.h"
#include "config/params.h"
#include "config/settings.h"
#include "core/core.h"
#include "core/handlers.h"
#include "host/host.h"
#include "host/libre.h"
#include "syntax/refer_to.h"
#include "syntax/text.h"
#include "syntax/uri.h"


/** What /referpolicy has said of an account */
struct override {
	struct le le;
	char *aor;
	enum policy policy;
};


static void destructor(void *arg)
{
	struct override *o = arg;

	list_unlink(&o->le);
	mem_deref(o->aor);
}


static struct override *find(const struct refer *refer, const struct ua *ua)
{
	struct le *le;

	LIST_FOREACH(&refer->admission->overridel, le) {
		struct override *o = le->data;

		if (!str_cmp(o->aor, host_ua_aor(ua)))
			return o;
	}

	return NULL;
}


/** Get the policy for INVITE with Replaces: the stricter one of the call's
    account and of the called one (NULL: there is no such account) */
enum policy policy_replaces(const struct refer *refer, const struct ua *old,
			    const struct ua *called)
{
	const uint32_t dflt = refer->set->replaces;
	enum policy policy, other;

	if (config_shut(refer->config))
		return POLICY_REJECT;

	policy = params_policy(old, "refer_replaces", dflt);

	if (!called || called == old)
		return policy;

	other = params_policy(called, "refer_replaces", dflt);

	return max(policy, other);
}


/** Get the policy of an account for REFERs in a dialog, or out of one */
enum policy policy_get(const struct refer *refer, const struct ua *ua,
		       bool inside)
{
	const struct override *o;

	if (!inside)
		return params_policy(ua, "refer_out_of_dialog",
				     refer->set->out_of_dialog);

	o = find(refer, ua);
	if (o)
		return params_shut(ua) ? POLICY_REJECT : o->policy;

	return params_policy(ua, "refer_policy", refer->set->policy);
}


/**
 * Tell what becomes of a REFER that could be carried out
 *
 * If an application is missing that must decide, a person may, where one is
 * asked; nobody else.
 */
enum policy policy_decide(const struct refer *refer, const struct ua *ua,
			  bool inside)
{
	enum policy policy;
	struct pl name;

	if (config_shut(refer->config))
		return POLICY_REJECT;

	policy = policy_get(refer, ua, inside);
	if (policy == POLICY_ACCEPT &&
	    handlers_missing(&name, refer->set->handlers))
		return POLICY_REJECT;

	return policy;
}


/** Tell whether a redirection may be followed */
bool policy_follow_redirect(const struct refer *refer)
{
	return refer->set->follow_redirect && !config_shut(refer->config);
}


/** Tell whether the patterns let a target be called */
bool policy_allows(const struct refer *refer, const struct refer_to *rt)
{
	return patterns_allow(config_rules(refer->config)->patterns, rt);
}


/* sips: is the same person as sip: */
static struct refer_to *decode_referrer(const char *uri, const char *aor)
{
	struct refer_to *rt = NULL;
	struct pl pl, scheme;
	char *str;

	pl_set_str(&pl, uri);
	if (uri_has_scheme(&pl, "sips"))
		(void)text_cut(&scheme, &pl, ':');

	if (re_sdprintf(&str, "<%s%r>", pl.p == uri ? "" : "sip:", &pl))
		return NULL;

	pl_set_str(&pl, str);
	if (refer_to_is_tel(&pl))
		(void)refer_to_decode_tel(&rt, &pl, aor);
	else
		(void)refer_to_decode(&rt, &pl);

	mem_deref(str);

	return rt;
}


/* A number is a user of the domain of an address-of-record */
static bool allows_as(const struct patterns *ps, const char *uri,
		      const char *aor)
{
	struct refer_to *rt = decode_referrer(uri, aor);
	const bool ok = rt && patterns_allow_from(ps, rt);

	mem_deref(rt);

	return ok;
}


/** Tell whether someone may refer an account; one without a URI is unknown,
    and may not if it matters. A number is denied as one of the account's
    domain, but that domain does not allow it */
bool policy_allows_from(const struct refer *refer, const struct ua *ua,
			const char *uri)
{
	const struct patterns *ps = config_rules(refer->config)->patterns;
	struct pl pl;

	if (!patterns_name_referrers(ps))
		return true;

	if (!uri || !allows_as(ps, uri, host_ua_aor(ua)))
		return false;

	pl_set_str(&pl, uri);

	return !uri_has_scheme(&pl, "tel") ||
		allows_as(ps, uri, "sip:tel.invalid");
}


/**
 * Set the policy for REFERs in a dialog, until it is reloaded
 *
 * @return 0 if success, EPERM if the guard, or the account, is shut,
 *         otherwise errorcode
 */
int policy_set(struct refer *refer, const struct ua *ua, enum policy policy)
{
	struct override *o;
	int err;

	if (config_shut(refer->config) || (ua && params_shut(ua)))
		return EPERM;

	if (!ua) {
		config_set_policy(refer->config, policy);
		return 0;
	}

	o = find(refer, ua);
	if (!o) {
		o = mem_zalloc(sizeof(*o), destructor);
		if (!o)
			return ENOMEM;

		err = str_dup(&o->aor, host_ua_aor(ua));
		if (err) {
			mem_deref(o);
			return err;
		}

		list_append(&refer->admission->overridel, &o->le, o);
	}

	o->policy = policy;

	return 0;
}


/** Print the policy of an account */
int policy_print_ua(struct re_printf *pf, const struct refer *refer,
		    const struct ua *ua)
{
	return re_hprintf(pf, "refer: %s: %s, out of a dialog %s%H\n",
			  host_ua_aor(ua),
			  settings_policy_name(policy_get(refer, ua, true)),
			  settings_policy_name(policy_get(refer, ua, false)),
			  params_print, ua);
}
