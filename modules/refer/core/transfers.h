/**
 * @file transfers.h  All transfers by their number, also those that have ended
 */
#ifndef REFER_TRANSFERS_H
#define REFER_TRANSFERS_H

#include "core/event.h"

struct refer;
struct settings;
struct transfers;

enum {
	STAGES_MAX = REFER_EV_REFER_LATE + 1,
};

int  transfers_alloc(struct transfers **tp, const struct refer *refer);
uint32_t transfers_begin(struct transfers *ts);
void transfers_event(struct transfers *ts, const struct refer_event *ev,
		     const struct refer_row *row);
bool transfers_ended(struct refer_row *row, struct transfers *ts, uint32_t id);
int  transfers_ended_apply(struct transfers *ts, row_h *h, void *arg);
const uint32_t *transfers_stages(const struct transfers *ts, uint32_t id);

#endif
