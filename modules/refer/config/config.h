/**
 * @file config.h  The configuration in force, and its reload
 */
#ifndef REFER_CONFIG_H
#define REFER_CONFIG_H

#include "config/rules.h"

struct config;
struct guard;

/** Called with other settings before they hold; an error keeps the old ones */
typedef int (config_h)(const struct settings *set, void *arg);

int  config_alloc(struct config **cp, struct rules *rules, config_h *h,
		  void *arg);
int  config_reload(struct config *c);
void config_refresh(struct config *c);
void config_set_policy(struct config *c, enum policy policy);
const struct settings *config_settings(const struct config *c);
const struct rules *config_rules(const struct config *c);
const char *config_shut(const struct config *c);
const struct guard *config_failed(const struct config *c);

#endif
