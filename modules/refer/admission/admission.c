/**
 * @file admission.c  Who may refer: what is kept for it
 */
#include <re.h>
#include "admission/admission.h"
#include "admission/auth.h"
#include "admission/patterns.h"
#include "admission/state.h"
#include "config/config.h"
#include "core/core.h"
#include "core/handlers.h"
#include "syntax/template.h"


static void destructor(void *arg)
{
	struct admission *adm = arg;

	list_flush(&adm->overridel);
	hash_flush(adm->ht_link);
	mem_deref(adm->ht_link);
	mem_deref(adm->ht_party);
	mem_deref(adm->copies);
	mem_deref(adm->limits);
	mem_deref(adm->auth);
}


/**
 * Allocate what is kept; admission_configure() comes before the first REFER
 */
int admission_alloc(struct admission **admp, struct call_watches *watches)
{
	struct admission *adm;
	int err;

	adm = mem_zalloc(sizeof(*adm), destructor);
	if (!adm)
		return ENOMEM;

	adm->watches = watches;

	err  = hash_alloc(&adm->ht_party, HASH_SIZE);
	err |= hash_alloc(&adm->ht_link, HASH_SIZE);
	err |= limits_alloc(&adm->limits);
	err |= copies_alloc(&adm->copies);

	if (err)
		mem_deref(adm);
	else
		*admp = adm;

	return err;
}


/** Other settings will hold: what /referpolicy has said is forgotten */
int admission_configure(struct admission *adm, const struct settings *set)
{
	struct auth *auth;
	int err;

	/* challenges that are out stay valid if they can */
	if (auth_is(adm->auth, set->realm, set->users)) {
		auth_refresh(adm->auth);
	}
	else {
		err = auth_alloc(&auth, set->realm, set->users);
		if (err)
			return err;

		mem_deref(adm->auth);
		adm->auth = auth;
	}

	list_flush(&adm->overridel);

	return 0;
}


/** Forget which calls referrals led to */
void admission_close(struct admission *adm)
{
	if (adm)
		hash_flush(adm->ht_link);
}


/** Print what holds for all user agents */
int admission_print(struct re_printf *pf, const struct refer *refer)
{
	const struct rules *rules = config_rules(refer->config);
	const struct settings *set = refer->set;
	int err;

	err  = re_hprintf(pf, "refer: policy %s, out of a dialog %s,"
			  " digest %s, replaces %s\n",
			  settings_policy_name((enum policy)set->policy),
			  settings_policy_name((enum policy)
					       set->out_of_dialog),
			  settings_value_name(set, "refer_auth"),
			  settings_policy_name((enum policy)set->replaces));
	err |= re_hprintf(pf, "refer: waiting %u of %u, %u a second and peer,"
			  " depth %u, tel %s, redirects %s\n",
			  refer->admission->waiting, set->max_pending,
			  set->rate, set->max_depth,
			  settings_value_name(set, "refer_tel"),
			  settings_value_name(set, "refer_follow_redirect"));
	err |= re_hprintf(pf, "refer: of each call %u waiting, %u referred"
			  " calls\n", set->max_pending_peer, set->max_calls);
	err |= re_hprintf(pf, "refer: copied headers %s, passed headers %s\n",
			  set->copy_headers, set->pass_headers);
	err |= templates_show(pf, &rules->templatel);
	err |= patterns_print(pf, rules->patterns);
	if (set->auth)
		err |= re_hprintf(pf, "refer: users %u of %s, with %H\n",
				  rules->users, set->users, auth_print,
				  refer->admission->auth);

	return err | handlers_print(pf, set->handlers);
}
