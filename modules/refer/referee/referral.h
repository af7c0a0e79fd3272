/**
 * @file referral.h  What a REFER asks for
 */
#ifndef REFER_REFERRAL_H
#define REFER_REFERRAL_H

struct refer_inviter;
struct refer_server;
struct referral;
struct request;

int  referral_alloc(struct referral **rfp, struct refer_server *srv,
		    const struct request *req);
struct refer_inviter *referral_inviter(const struct referral *rf);
const char *referral_callid(const struct referral *rf);
int  referral_headers(struct mbuf *mb, const struct referral *rf);
bool referral_allowed(const struct referral *rf);
const char *referral_target(const struct referral *rf);
void referral_release(struct referral *rf);

#endif
