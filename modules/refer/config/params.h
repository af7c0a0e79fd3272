/**
 * @file params.h  The parameters of an account
 */
#ifndef REFER_PARAMS_H
#define REFER_PARAMS_H

#include "config/settings.h"

struct ua;

uint32_t params_value(const struct ua *ua, const char *key, uint32_t dflt);
enum policy params_policy(const struct ua *ua, const char *key, uint32_t dflt);
bool params_shut(const struct ua *ua);
bool params_faulty(const struct ua *ua);
int  params_print(struct re_printf *pf, const struct ua *ua);
int  params_print_faults(struct re_printf *pf, const struct ua *ua);

#endif
