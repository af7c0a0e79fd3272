/**
 * @file stats.h  Counters of transfers since the start
 */
#ifndef REFER_STATS_H
#define REFER_STATS_H

#include "refer.h"

struct stats;

int  stats_alloc(struct stats **stp);
void stats_stage(struct stats *st, const struct refer_event *ev, uint32_t ms);
void stats_ended(struct stats *st, const struct refer_transfer *t);
void stats_refused(struct stats *st, uint16_t scode);
void stats_notify(struct stats *st, bool sent);
void stats_get(struct refer_stats *stats, const struct stats *st);

#endif
