/**
 * @file config.h  The configuration in force, and its reload
 */
#ifndef REFER_CONFIG_H
#define REFER_CONFIG_H

#include "config/rules.h"

struct guard;
struct refer_config;

/** Called with other settings before they hold; an error keeps the old ones */
typedef int (config_h)(const struct settings *set, void *arg);

int  config_alloc(struct refer_config **cp, struct rules *rules, config_h *h,
		  void *arg);
int  config_reload(struct refer_config *c);
void config_refresh(struct refer_config *c);
void config_set_policy(struct refer_config *c, enum policy policy);
const struct settings *config_settings(const struct refer_config *c);
const struct rules *config_rules(const struct refer_config *c);
const char *config_shut(const struct refer_config *c);
const struct guard *config_failed(const struct refer_config *c);

/** End baresip if it must not go on without the module (required.c) */
void required_check(void);

#endif
