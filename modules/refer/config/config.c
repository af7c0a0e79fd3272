/**
 * @file config.c  The configuration in force, and its reload
 *
 * A reload takes all of another configuration, or with any fault nothing.
 */
#include <errno.h>
#include <re.h>
#include "config/config.h"
#include "config/rules.h"
#include "host/host.h"


struct refer_config {
	struct settings set;   /**< Of the rules, and /referpolicy    */
	struct rules *rules;   /**< What the configuration says       */
	struct guard *failed;  /**< Why it was not reloaded, or NULL  */
	struct conf *conf;     /**< The softphone's, at the last look */
	config_h *h;
	void *arg;
};


static void destructor(void *arg)
{
	struct refer_config *c = arg;

	mem_deref(c->rules);
	mem_deref(c->failed);
	mem_deref(c->conf);
}


static int take_rules(struct refer_config *c, struct rules *rules)
{
	const int err = c->h(&rules->set, c->arg);

	if (err)
		return err;

	mem_ref(rules);
	mem_deref(c->rules);
	c->rules = rules;
	c->set   = rules->set;

	return 0;
}


/** Allocate the configuration */
int config_alloc(struct refer_config **cp, struct rules *rules, config_h *h,
		 void *arg)
{
	struct refer_config *c;
	int err;

	c = mem_zalloc(sizeof(*c), destructor);
	if (!c)
		return ENOMEM;

	c->conf = mem_ref(host_conf());
	c->h    = h;
	c->arg  = arg;

	err = take_rules(c, rules);
	if (err)
		mem_deref(c);
	else
		*cp = c;

	return err;
}


/**
 * Read the configuration again; what /referpolicy has said is forgotten
 *
 * @return 0 if success, EBADMSG if it has faults, see config_failed(),
 *         otherwise errorcode
 */
int config_reload(struct refer_config *c)
{
	struct rules *rules;
	int err;

	mem_deref(c->conf);
	c->conf   = mem_ref(host_conf());
	c->failed = mem_deref(c->failed);

	err = rules_read(&rules, false);
	if (err)
		return err;

	if (guard_faulty(rules->guard)) {
		c->failed = mem_ref(rules->guard);
		guard_log(c->failed, false);
		warning("refer: not reloaded, all is as it was\n");
		err = EBADMSG;
	}
	else {
		err = take_rules(c, rules);
	}

	if (!err)
		info("refer: configuration reloaded\n");

	mem_deref(rules);

	return err;
}


/** Read the configuration again if the softphone has done so */
void config_refresh(struct refer_config *c)
{
	if (host_conf() != c->conf)
		(void)config_reload(c);
}


/** A person says what policy holds, in the place of a wrong value too */
void config_set_policy(struct refer_config *c, enum policy policy)
{
	c->set.policy = policy;
	guard_settle(c->rules->guard, "refer_policy");
}


/** Get the settings in force; the pointer stays the same */
const struct settings *config_settings(const struct refer_config *c)
{
	return &c->set;
}


/** Get what the configuration says, until the next reload */
const struct rules *config_rules(const struct refer_config *c)
{
	return c->rules;
}


/** Get why the guard is shut, NULL if it is not */
const char *config_shut(const struct refer_config *c)
{
	return guard_shut(c->rules->guard);
}


/** Get why the last reload failed, NULL if it did not */
const struct guard *config_failed(const struct refer_config *c)
{
	return c->failed;
}
