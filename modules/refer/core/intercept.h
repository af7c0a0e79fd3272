/**
 * @file intercept.h  A place in front of the core's SIP listeners
 */
#ifndef REFER_INTERCEPT_H
#define REFER_INTERCEPT_H

struct intercept;

bool intercept_active(const struct intercept *ic);
int  intercept_alloc(struct intercept **icp, struct sip *sip,
		     struct sipsess_sock *sock, sip_msg_h *reqh,
		     sip_msg_h *resph, void *arg);
struct sip_dialog *intercept_dialog(const struct intercept *ic,
				    const struct sip_msg *msg, unsigned *np);
struct sip_dialog *intercept_half(const struct intercept *ic,
				  const struct sip_msg *msg, unsigned *np);
struct sip_dialog *intercept_dialog_nth(const struct intercept *ic,
					const char *callid, unsigned n);
bool intercept_unanswered(const struct intercept *ic,
			  const struct sip_dialog *dlg);
unsigned intercept_count(const struct intercept *ic,
			 const struct sip_msg *msg);
void intercept_drop(struct sip_request **reqp);
void intercept_pass(const struct intercept *ic, const struct sip_msg *msg);
bool intercept_respond(const struct intercept *ic, const struct sip_msg *msg);

#endif
