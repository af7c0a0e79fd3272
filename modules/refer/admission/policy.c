/**
 * @file policy.c  Who may refer: RFC 3515 section 5.2
 *
 * The settings, then the parameters of the account, then what /referpolicy
 * has said since the start.
 */
#include <re.h>
#include "host/libre.h"
#include "admission/admission.h"
#include "admission/patterns.h"
#include "admission/state.h"
#include "config/config.h"
#include "config/lines.h"
#include "config/settings.h"
#include "core/core.h"
#include "core/handlers.h"
#include "host/host.h"
#include "syntax/text.h"


/** What /referpolicy has said of an account */
struct override {
	struct le le;
	char *aor;
	enum policy policy;
};


/** What the parameters of an account say about a setting */
struct params {
	const struct setting *s;
	uint32_t val;
	bool found;
	bool uri;                    /**< Those of the URI are read now */
	struct line_item bad;      /**< Its value is wrong            */
	struct line_item unknown;  /**< A key that nobody knows       */
};


static void destructor(void *arg)
{
	struct override *o = arg;

	list_unlink(&o->le);
	mem_deref(o->aor);
}


static struct override *find(const struct refer *refer,
				   const struct ua *ua)
{
	struct le *le;

	LIST_FOREACH(&refer->admission->overridel, le) {
		struct override *o = le->data;

		if (!str_cmp(o->aor, host_ua_aor(ua)))
			return o;
	}

	return NULL;
}


/* Two parameters that contradict: the stricter one */
static void param_value(struct params *p, const struct line_item *item)
{
	uint32_t val;

	if (settings_decode(&val, p->s, &item->val)) {
		val = p->s->strict;
		p->bad = *item;
	}

	p->val = p->found ? max(p->val, val) : val;
	p->found = true;
}


static void param_handler(const struct line_item *item, void *arg)
{
	const struct setting *near = NULL, *s = settings_find(&item->key);
	struct params *p = arg;

	if (s && s == p->s && !p->uri)
		param_value(p, item);
	else if (s && (s->flags & SETTING_ACCOUNT) && !p->uri)
		return;
	else if (s || settings_unknown(&near, &item->key, true) ==
		 UNKNOWN_GUARD)
		p->unknown = *item;
}


/* Those of the account, and those of its URI, where ours have no effect */
static void params_read(struct params *p, const struct ua *ua)
{
	struct pl pl;

	host_ua_params(&pl, ua, false);
	lines_params(pl.p, pl.l, 0, param_handler, p);

	p->uri = true;
	host_ua_params(&pl, ua, true);
	lines_params(pl.p, pl.l, 0, param_handler, p);
}


static void params_of(struct params *p, const struct ua *ua, const char *key)
{
	struct line_item item = {.line = 0};

	pl_set_str(&item.key, key);
	p->s = settings_find(&item.key);
	params_read(p, ua);

	/* libre, which does not know quotes, may find one in them */
	if (!host_ua_param(ua, key, &item.val))
		param_value(p, &item);
}


/* A parameter that nobody knows may be a restriction: it shuts the account */
static bool is_shut(const struct ua *ua)
{
	struct params p = {.val = 0};

	params_read(&p, ua);

	return p.unknown.key.l != 0;
}


/* A parameter of the account wins */
static enum policy param_policy(const struct ua *ua, const char *key,
				uint32_t dflt)
{
	struct params p = {.val = dflt};

	params_of(&p, ua, key);

	return p.unknown.key.l ? POLICY_REJECT : (enum policy)p.val;
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
	if (config_shut(refer->config))
		return POLICY_REJECT;

	return param_policy(ua, "refer_replaces", refer->set->replaces);
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
	const struct override *o = inside ? find(refer, ua) : NULL;

	if (o)
		return is_shut(ua) ? POLICY_REJECT : o->policy;

	return inside ? param_policy(ua, "refer_policy", refer->set->policy)
		: param_policy(ua, "refer_out_of_dialog",
			       refer->set->out_of_dialog);
}


/**
 * Tell what becomes of a REFER that could be carried out
 *
 * Nothing if the guard is shut. If an application is missing that must
 * decide, a person may, where one is asked; nobody else.
 *
 * @param refer  Protocol
 * @param ua     User agent that the REFER is for
 * @param inside True for REFERs in a dialog
 *
 * @return Policy
 */
enum policy policy_decide(const struct refer *refer, const struct ua *ua,
			  bool inside)
{
	const enum policy policy = policy_get(refer, ua, inside);
	struct pl name;

	if (config_shut(refer->config))
		return POLICY_REJECT;

	if (policy == POLICY_ACCEPT &&
	    handlers_missing(&name, refer->set->handlers))
		return POLICY_REJECT;

	return policy;
}


/**
 * Tell whether a redirection may be followed
 *
 * @param refer Protocol
 *
 * @return True if it may
 */
bool policy_follow_redirect(const struct refer *refer)
{
	return refer->set->follow_redirect &&
		!config_shut(refer->config);
}


/** Tell whether the patterns let a target be called */
bool policy_allows(const struct refer *refer, const struct refer_to *rt)
{
	return patterns_allow(config_rules(refer->config)->patterns, rt);
}


/**
 * Set the policy for REFERs in a dialog, until it is reloaded
 *
 * @param refer  Protocol
 * @param ua     User agent, or NULL for all that have none of their own
 * @param policy Policy
 *
 * @return 0 if success, EPERM if the guard, or the account, is shut, otherwise
 *         errorcode
 */
int policy_set(struct refer *refer, const struct ua *ua, enum policy policy)
{
	struct override *o;
	int err;

	if (config_shut(refer->config) || (ua && is_shut(ua)))
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


/**
 * Tell whether a parameter of an account is wrong
 *
 * @param ua User agent
 *
 * @return True if one that restricts is, or may be
 */
bool policy_faulty(const struct ua *ua)
{
	static const char *const keyv[] = {
		"refer_policy", "refer_out_of_dialog", "refer_replaces",
	};
	size_t i;

	for (i=0; i<ARRAY_SIZE(keyv); ++i) {
		struct params p = {.val = 0};

		params_of(&p, ua, keyv[i]);
		if (p.bad.key.l || p.unknown.key.l)
			return true;
	}

	return false;
}


/* What is wrong with one parameter; the unknown ones are the same for all */
static int print_param(struct re_printf *pf, const struct ua *ua,
		       const char *key, bool first)
{
	struct params p = {.val = 0};
	int err = 0;

	params_of(&p, ua, key);

	if (p.bad.key.l)
		err |= re_hprintf(pf, "refer: guard: STRICT: %s: %s=%H:"
				  " allowed is %H; reject holds\n",
				  host_ua_aor(ua), key, text_clean,
				  &p.bad.val, settings_print_allowed, p.s);
	if (first && p.unknown.key.l)
		err |= re_hprintf(pf, "refer: guard: SHUT: %s: ;%H is no"
				  " parameter of an account, behind the <>;"
				  " reject holds\n",
				  host_ua_aor(ua), text_clean,
				  &p.unknown.key);

	return err;
}


/**
 * Print what is wrong with the parameters of an account
 *
 * @param pf Print function
 * @param ua User agent
 *
 * @return 0 if success, otherwise errorcode
 */
int policy_print_faults(struct re_printf *pf, const struct ua *ua)
{
	return print_param(pf, ua, "refer_policy", true) |
		print_param(pf, ua, "refer_out_of_dialog", false) |
		print_param(pf, ua, "refer_replaces", false);
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
