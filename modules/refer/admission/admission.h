/**
 * @file admission.h  Who may refer, and how deep
 */
#ifndef REFER_ADMISSION_H
#define REFER_ADMISSION_H

#include "config/settings.h"

struct call;
struct party_call;
struct refer;
struct refer_to;
struct ua;


/* Policy */

enum policy policy_get(const struct refer *refer, const struct ua *ua,
		       bool inside);
enum policy policy_decide(const struct refer *refer, const struct ua *ua,
			  bool inside);
bool policy_follow_redirect(const struct refer *refer);
bool policy_allows(const struct refer *refer, const struct refer_to *rt);
bool policy_faulty(const struct ua *ua);
int  policy_print_faults(struct re_printf *pf, const struct ua *ua);
enum policy policy_replaces(const struct refer *refer, const struct ua *ua);
int  policy_set(struct refer *refer, const struct ua *ua, enum policy policy);
int  policy_print(struct re_printf *pf, const struct refer *refer);
int  policy_print_ua(struct re_printf *pf, const struct refer *refer,
		     const struct ua *ua);


/* Chains of referrals */

int  chain_add(struct refer *refer, struct call *call, uint32_t depth,
	       struct party_call *pc);
uint32_t chain_depth(const struct refer *refer, const char *callid);
uint64_t chain_party(const struct refer *refer, const char *callid);


/* A REFER without a context */

struct refusal;

void request_handle(struct refer *refer, const struct sip_msg *msg);
void request_same_tag(const struct refer *refer, const struct sip_msg *msg);
void request_refuse(struct refer *refer, const struct sip_msg *msg,
		    const struct refusal *ref);

#endif
