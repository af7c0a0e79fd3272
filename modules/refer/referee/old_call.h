/**
 * @file old_call.h  Calls that the other side is to hang up
 */
#ifndef REFER_OLD_CALL_H
#define REFER_OLD_CALL_H

struct call_watch;
struct call_watches;
struct old_calls;

int  old_calls_alloc(struct old_calls **ocp, struct call_watches *watches);
void old_calls_delay(struct old_calls *oc, uint64_t delay);
void old_calls_flush(struct old_calls *oc);
void old_call_watch(struct old_calls *oc, const struct call_watch *w);
void old_call_watch_leg(struct old_calls *oc, const struct call_watch *w);

#endif
