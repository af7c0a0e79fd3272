/**
 * @file target.h  The target of a transfer: INVITE with Replaces (RFC 3891)
 */
#ifndef REFER_TARGET_H
#define REFER_TARGET_H

#include "core/event.h"

struct call;
struct refer;
struct targets;

/**
 * Called when another call has replaced one, which is about to be hung up;
 * maybe twice
 *
 * @param from Call that is replaced
 * @param to   Call that replaces it, established
 * @param arg  Handler argument
 */
typedef void (target_replaced_h)(const struct call *from, struct call *to,
				 void *arg);

int  targets_alloc(struct targets **tsp, struct refer *refer,
		   target_replaced_h *h, void *arg);
void targets_close(struct targets *ts, const char *reason);
int  targets_apply(const struct targets *ts, refer_transfer_h *h, void *arg);
void target_handle(struct targets *ts, const struct sip_msg *msg);
void target_look(const struct targets *ts, const struct sip_msg *msg);
void target_rings(const struct targets *ts, struct call *call);

#endif
