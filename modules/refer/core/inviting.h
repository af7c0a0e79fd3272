/**
 * @file inviting.h  Inside of an INVITE of ours
 */
#ifndef REFER_INVITING_H
#define REFER_INVITING_H

#include "core/attempt.h"
#include "core/call_watch.h"
#include "core/invite.h"
#include "core/queue.h"

/** An INVITE that is under way */
struct invite {
	struct le he;                /**< In the table by Call-ID          */
	struct le le;                /**< Among all, or those without one  */
	struct queue_entry ring_due;
	struct call_watch watch;
	struct invites *all;
	struct ua *ua;
	struct attempt at;
	uint32_t depth;
	uint32_t transfer;           /**< Whose messages these are, or 0   */
	struct party_call *pc;       /**< It counts for who refers         */
	uint16_t scode;              /**< Last provisional response        */
	char *reason;                /**< and its reason phrase            */
	const struct invite_handlers *handlers;
	void *arg;
};

void invite_index(struct invite *inv);

#endif
