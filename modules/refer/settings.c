/**
 * @file settings.c  The settings of the module
 *
 * Read from baresip's config with libre's parser. A wrong value is told with
 * its key, and the default holds.
 */
#include <stddef.h>
#include <unistd.h>
#include <re.h>
#include "compat/libre.h"
#include "header.h"
#include "host.h"
#include "settings.h"


/** A setting: a number in a range, or one of some names */
struct setting {
	const char *key;
	size_t offset;
	uint32_t dflt;
	uint32_t first;
	uint32_t last;
	const char *const *namev;    /**< NULL for a number */
};


static const char *const policyv[] = {"accept", "ask", "reject", NULL};
static const char *const boolv[]   = {"no", "yes", NULL};
static const char *const targetv[] = {"contact", "aor", NULL};
static const char *const afterv[]  = {"hangup", "keep", NULL};

enum {
	SECONDS_MAX = 999999,
	DECIDE_MAX  = 30,      /* the referrer's transaction ends at 32 s */
};

#define FIELD(name) offsetof(struct settings, name)

static const struct setting settingv[] = {
	{"refer_policy", FIELD(policy), POLICY_ACCEPT, 0, 2, policyv},
	{"refer_out_of_dialog", FIELD(out_of_dialog), POLICY_REJECT, 0, 2,
	 policyv},
	{"refer_replaces", FIELD(replaces), POLICY_ACCEPT, 0, 2, policyv},
	{"refer_auth", FIELD(auth), 0, 0, 1, boolv},
	{"refer_accept_code", FIELD(accept_code), 202, 200, 299, NULL},
	{"refer_reject_code", FIELD(reject_code), 603, 300, 699, NULL},
	{"refer_decide_time", FIELD(decide_time), 20, 1, DECIDE_MAX, NULL},
	{"refer_ask_timeout", FIELD(ask_timeout), 120, 1, SECONDS_MAX, NULL},
	{"refer_expires", FIELD(expires), 180, 1, SECONDS_MAX, NULL},
	{"refer_ring_timeout", FIELD(ring_timeout), 120, 1, SECONDS_MAX,
	 NULL},
	{"refer_old_call_timeout", FIELD(old_call_timeout), 32, 1, SECONDS_MAX,
	 NULL},
	{"refer_max_pending", FIELD(max_pending), 64, 0, SECONDS_MAX, NULL},
	{"refer_max_pending_peer", FIELD(max_pending_peer), 8, 0, SECONDS_MAX,
	 NULL},
	{"refer_max_calls", FIELD(max_calls), 2, 0, SECONDS_MAX, NULL},
	{"refer_rate", FIELD(rate), 10, 0, SECONDS_MAX, NULL},
	{"refer_max_depth", FIELD(max_depth), 5, 0, SECONDS_MAX, NULL},
	{"refer_tel", FIELD(tel), 0, 0, 1, boolv},
	{"refer_follow_redirect", FIELD(follow_redirect), 0, 0, 1, boolv},
	{"refer_after_success", FIELD(keep), 0, 0, 1, afterv},
	{"refer_hold", FIELD(hold), 1, 0, 1, boolv},
	{"refer_require_replaces", FIELD(require_replaces), 0, 0, 1, boolv},
	{"refer_attended_target", FIELD(attended_aor), 0, 0, 1, targetv},
	{"refer_take_transfer", FIELD(take_transfer), 1, 0, 1, boolv},
};


static int decode_number(uint32_t *val, const struct setting *s,
			 const struct pl *pl)
{
	struct pl num;
	uint32_t n;

	if (re_regex(pl->p, pl->l, "[0-9]+", &num) || num.l != pl->l ||
	    num.l > 9)
		return EINVAL;

	n = pl_u32(&num);
	if (n < s->first || n > s->last)
		return EINVAL;

	*val = n;

	return 0;
}


static int decode_name(uint32_t *val, const char *const *namev,
		       const struct pl *pl)
{
	uint32_t i;

	for (i=0; namev[i]; ++i) {

		if (!pl_strcasecmp(pl, namev[i])) {
			*val = i;
			return 0;
		}
	}

	return EINVAL;
}


static int print_names(struct re_printf *pf, const char *const *namev)
{
	int err = 0;
	size_t i;

	for (i=0; namev[i]; ++i)
		err |= re_hprintf(pf, "%s%s", i ? " | " : "", namev[i]);

	return err;
}


static void setting_read(uint32_t *val, const struct setting *s,
			 const struct conf *conf)
{
	struct pl pl;

	*val = s->dflt;

	if (!conf || conf_get(conf, s->key, &pl))
		return;

	if (!s->namev && decode_number(val, s, &pl))
		warning("refer: config: %s %r is not a number from %u to %u;"
			" %u is used\n", s->key, &pl, s->first, s->last,
			s->dflt);

	if (s->namev && decode_name(val, s->namev, &pl))
		warning("refer: config: %s %r is not one of %H; %s is used\n",
			s->key, &pl, print_names, s->namev,
			s->namev[s->dflt]);
}


/* Names of headers, with blanks between them */
static int copy_handler(const struct pl *val, void *arg)
{
	struct settings *set = arg;
	const size_t len = str_len(set->copy_headers);

	if (header_is_reserved(val))
		warning("refer: config: refer_copy_headers: %r is never"
			" copied\n", val);
	else
		(void)re_snprintf(set->copy_headers + len,
				  sizeof(set->copy_headers) - len, "%s%r",
				  len ? " " : "", val);

	return 0;
}


/**
 * Read the settings
 *
 * A subscription must outlive the call that it reports on (RFC 3515 section
 * 3.4), so refer_expires is at least refer_ring_timeout and 8 s more.
 *
 * @param set  Settings, set on return
 * @param conf Configuration, or NULL for the defaults
 */
void settings_read(struct settings *set, const struct conf *conf)
{
	size_t i;

	for (i=0; i<ARRAY_SIZE(settingv); ++i) {
		uint8_t *p = (uint8_t *)set + settingv[i].offset;

		setting_read((uint32_t *)(void *)p, &settingv[i], conf);
	}

	set->expires = max(set->expires, set->ring_timeout + 8);

	set->users[0] = set->copy_headers[0] = '\0';
	if (gethostname(set->realm, sizeof(set->realm)))
		str_ncpy(set->realm, "baresip", sizeof(set->realm));

	if (conf) {
		(void)conf_get_str(conf, "refer_users", set->users,
				   sizeof(set->users));
		(void)conf_get_str(conf, "refer_realm", set->realm,
				   sizeof(set->realm));
		(void)conf_apply(conf, "refer_copy_headers", copy_handler,
				 set);
	}
}


/**
 * Get a setting that an account can have a value of its own for
 *
 * @param key Setting with names as values
 * @param val Value of the config
 * @param ua  User agent
 *
 * @return Value for this account
 */
uint32_t settings_account(const char *key, uint32_t val, const struct ua *ua)
{
	struct pl pl;
	size_t i;

	if (host_ua_param(ua, key, &pl))
		return val;

	for (i=0; i<ARRAY_SIZE(settingv); ++i) {

		if (!str_cmp(settingv[i].key, key) &&
		    decode_name(&val, settingv[i].namev, &pl))
			warning("refer: %s: %s=%r is not one of %H\n",
				host_ua_aor(ua), key, &pl, print_names,
				settingv[i].namev);
	}

	return val;
}


/**
 * Decode the name of a policy
 *
 * @param policy Policy, set on success
 * @param pl     Name: accept, ask or reject
 *
 * @return 0 if success, EINVAL if it is no policy
 */
int settings_policy(enum policy *policy, const struct pl *pl)
{
	uint32_t val;
	int err;

	err = decode_name(&val, policyv, pl);
	if (!err)
		*policy = (enum policy)val;

	return err;
}


/**
 * Get the name of a policy
 *
 * @param policy Policy
 *
 * @return Name
 */
const char *settings_policy_name(enum policy policy)
{
	return policyv[policy];
}
