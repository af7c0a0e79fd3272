/**
 * @file params.c  The parameters of an account
 *
 * They win over the settings. One that restricts has its strictest value if
 * it is wrong; one that nobody knows may be a restriction, and shuts the
 * account.
 */
#include <string.h>
#include <re.h>
#include "config/rules.h"
#include "config/params.h"
#include "config/settings.h"
#include "host/host.h"
#include "host/libre.h"
#include "syntax/text.h"


/** What the parameters of an account say about a setting */
struct params {
	const struct setting *s;
	uint32_t val;
	bool found;
	bool uri;                  /**< Those of the URI are read now */
	struct line_item bad;      /**< Its value is wrong            */
	struct line_item unknown;  /**< A key that nobody knows       */
};

/** Those that restrict */
static const char *const guardv[] = {
	"refer_policy", "refer_out_of_dialog", "refer_replaces",
};


/* Two parameters that contradict: the stricter one */
static void take_value(struct params *p, const struct line_item *item)
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
		take_value(p, item);
	else if (s && (s->flags & SETTING_ACCOUNT) && !p->uri)
		return;
	else if (s || settings_unknown(&near, &item->key, true) ==
		 UNKNOWN_GUARD)
		p->unknown = *item;
}


static const struct setting *find(const char *key)
{
	struct pl pl;

	pl_set_str(&pl, key);

	return settings_find(&pl);
}


/* Those of the account, and those of its URI, where ours have no effect. With
   quotes and > libre, which does not know them, may find another value */
static void params_read(struct params *p, const struct ua *ua, const char *key)
{
	struct line_item item = {.line = 0};
	struct pl pl;

	p->s = key ? find(key) : NULL;
	host_ua_params(&pl, ua, false);
	lines_params(pl.p, pl.l, 0, param_handler, p);

	if (key && pl.l && (memchr(pl.p, '"', pl.l) ||
			    memchr(pl.p, '>', pl.l)) &&
	    !host_ua_param(ua, key, &item.val))
		take_value(p, &item);

	p->uri = true;
	host_ua_params(&pl, ua, true);
	lines_params(pl.p, pl.l, 0, param_handler, p);
}


/** Get a setting that an account can have a value of its own for */
uint32_t params_value(const struct ua *ua, const char *key, uint32_t dflt)
{
	const struct setting *s = find(key);
	struct pl pl;

	if (s && !host_ua_param(ua, key, &pl) &&
	    settings_decode(&dflt, s, &pl))
		warning("refer: %s: %s=%r is not one of %H\n",
			host_ua_aor(ua), key, &pl, settings_print_allowed, s);

	return dflt;
}


/** Get a policy that an account can have a value of its own for */
enum policy params_policy(const struct ua *ua, const char *key, uint32_t dflt)
{
	struct params p = {.val = dflt};

	params_read(&p, ua, key);

	return p.unknown.key.l ? POLICY_REJECT : (enum policy)p.val;
}


/** Tell whether an account has a parameter that nobody knows */
bool params_shut(const struct ua *ua)
{
	struct params p = {.val = 0};

	params_read(&p, ua, NULL);

	return p.unknown.key.l != 0;
}


/** Tell whether a parameter that restricts, or may do so, is wrong */
bool params_faulty(const struct ua *ua)
{
	size_t i;

	for (i=0; i<ARRAY_SIZE(guardv); ++i) {
		struct params p = {.val = 0};

		params_read(&p, ua, guardv[i]);
		if (p.bad.key.l || p.unknown.key.l)
			return true;
	}

	return false;
}


/** Print what is wrong with the parameters of an account */
int params_print_faults(struct re_printf *pf, const struct ua *ua)
{
	const char *aor = host_ua_aor(ua);
	int err = 0;
	size_t i;

	for (i=0; i<ARRAY_SIZE(guardv); ++i) {
		struct params p = {.val = 0};

		params_read(&p, ua, guardv[i]);

		if (p.bad.key.l)
			err |= re_hprintf(pf, "refer: guard: STRICT: %s:"
					  " %s=%H: allowed is %H; reject"
					  " holds\n", aor, guardv[i],
					  text_clean, &p.bad.val,
					  settings_print_allowed, p.s);

		/* the same for all */
		if (!i && p.unknown.key.l)
			err |= re_hprintf(pf, "refer: guard: SHUT: %s: ;%H is"
					  " no parameter of an account,"
					  " behind the <>; reject holds\n",
					  aor, text_clean, &p.unknown.key);
	}

	return err;
}


/* As it is in force; one that is wrong is a fault, or left out */
static bool value(uint32_t *val, const struct ua *ua, const struct setting *s)
{
	struct pl pl;

	if (!(s->flags & SETTING_ACCOUNT) || host_ua_param(ua, s->key, &pl))
		return false;

	if (!(s->flags & SETTING_RESTRICTS))
		return !settings_decode(val, s, &pl);

	*val = params_policy(ua, s->key, s->dflt);

	return true;
}


/** Print the parameters that an account has of its own, but for the policies
    of REFER, which can be set otherwise */
int params_print(struct re_printf *pf, const struct ua *ua)
{
	const struct setting *s = NULL;
	const char *sep = "; ";
	uint32_t val;
	int err = 0;

	while ((s = settings_next(s))) {

		if (!strcmp(s->key, "refer_policy") ||
		    !strcmp(s->key, "refer_out_of_dialog") ||
		    !value(&val, ua, s))
			continue;

		err |= re_hprintf(pf, "%s%s=", sep, s->key);
		err |= settings_print_value(pf, s, val);
		sep = " ";
	}

	return err;
}
