/**
 * @file admission.h  Who may refer, and to whom
 */
#ifndef REFER_ADMISSION_H
#define REFER_ADMISSION_H

#include "config/settings.h"

struct admission;
struct call;
struct call_watches;
struct party;
struct party_call;
struct refer;
struct refer_to;
struct refusal;
struct ua;

int  admission_alloc(struct admission **admp, struct call_watches *watches);
int  admission_configure(struct admission *adm, const struct settings *set);
void admission_close(struct admission *adm);
int  admission_print(struct re_printf *pf, const struct refer *refer);


/* A REFER without a context */

void request_handle(struct refer *refer, const struct sip_msg *msg);
void request_same_tag(const struct refer *refer, const struct sip_msg *msg);
void request_refuse(struct refer *refer, const struct sip_msg *msg,
		    const struct refusal *ref);


/* Policy */

enum policy policy_get(const struct refer *refer, const struct ua *ua,
		       bool inside);
enum policy policy_decide(const struct refer *refer, const struct ua *ua,
			  bool inside);
enum policy policy_replaces(const struct refer *refer, const struct ua *old,
			    const struct ua *called);
bool policy_follow_redirect(const struct refer *refer);
bool policy_allows(const struct refer *refer, const struct refer_to *rt);
bool policy_allows_from(const struct refer *refer, const struct ua *ua,
			const char *uri);
int  policy_set(struct refer *refer, const struct ua *ua, enum policy policy);
int  policy_print_ua(struct re_printf *pf, const struct refer *refer,
		     const struct ua *ua);


/* Those who refer, and the calls that execute their referrals */

int  party_get(struct party **pp, struct admission *adm, uint64_t who,
	       bool inside);
void party_wait(struct party *party, int n);
int  party_call_alloc(struct party_call **pcp, struct party *party);
int  party_call_link(struct party_call *pc, struct call *call, uint32_t depth);
int  party_call_move(struct admission *adm, const char *callid,
		     struct call *call);

#endif
