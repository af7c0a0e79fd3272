/**
 * @file referral.h  What a REFER asks for
 */
#ifndef REFER_REFERRAL_H
#define REFER_REFERRAL_H

struct referral;

int  referral_alloc(struct referral **rfp, const struct sip_msg *msg,
		    struct refer_to *rt);
const char *referral_target(const struct referral *rf);
void referral_sweep(struct referral *rf);
int  referral_invite(struct referral *rf, struct refer *refer, struct ua *ua,
		     const struct call *call, inviter_status_h *statush,
		     void *arg);

#endif
