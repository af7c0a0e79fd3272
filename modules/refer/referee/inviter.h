/**
 * @file inviter.h  The INVITE that executes an incoming REFER
 */
#ifndef REFER_INVITER_H
#define REFER_INVITER_H

#include "core/call_watch.h"
#include "refer.h"

struct invite;
struct refer_to;
struct ua;

/** How the INVITE goes out: options that were checked, and the rest */
struct call_plan {
	struct ua *ua;                 /**< Account that calls      */
	struct refer_to *rt;           /**< Whom it calls           */
	char *hdrs;
	char *name;                    /**< NULL: the account's     */
	char *outbound;                /**< NULL: the account's     */
	bool anonymous;
	bool novideo;
};

/** The INVITE that executes it */
struct refer_inviter {
	struct refer_server *srv;
	struct call_plan *plan;        /**< NULL until it is made   */
	enum refer_inviter_state state;
	struct invite *invite;         /**< While it is under way   */
	struct call_watch watch;       /**< Its call                */
	char *callid;                  /**< Of its call, afterwards */
	char *uri;                     /**< By a redirection        */
	char *reason;                  /**< Why it was cancelled    */
	refer_inviter_state_h *stateh;
	void *arg;
};


/* How the target is called (call_plan.c) */

int  call_plan_alloc(struct call_plan **planp, struct refer_server *srv,
		     const struct refer_invite_opts *opts);


/* The INVITE (inviter.c) */

void inviter_release(struct refer_inviter *inv);
void inviter_reset(struct refer_inviter *inv);

#endif
