/**
 * @file old_call.h  The referred call, when the referral has succeeded
 */
#ifndef REFER_OLD_CALL_H
#define REFER_OLD_CALL_H

#include "core/call_watch.h"

struct queue;
struct refer;

tmr_h old_call_handler;

void old_call_watch(struct refer *refer, struct queue *queue,
		    const struct call_watch *w);

#endif
