/**
 * @file transfers.h  All transfers by their number, also those that have ended
 */
#ifndef REFER_TRANSFERS_H
#define REFER_TRANSFERS_H

#include "core/event.h"

struct ladder;
struct refer;
struct settings;
struct transfers;

enum {
	STAGES_MAX = REFER_EV_REFER_LATE + 1,
};

/** The first event of a type that a transfer had */
struct stage {
	enum refer_event_type type;
	uint32_t ms;               /**< After the beginning */
};

int  transfers_alloc(struct transfers **tp, const struct refer *refer);
uint32_t transfers_begin(struct transfers *ts);
void transfers_event(struct transfers *ts, const struct refer_event *ev,
		     struct refer_transfer *row);
bool transfers_ended(struct refer_transfer *row, struct transfers *ts,
		     uint32_t id);
int  transfers_ended_apply(struct transfers *ts, refer_transfer_h *h,
			   void *arg);
void transfers_refused(struct transfers *ts, uint16_t scode);
void transfers_notify_sent(struct transfers *ts);
void transfers_stats(struct refer_stats *stats, const struct transfers *ts);
const struct stage *transfers_stages(unsigned *n, const struct transfers *ts,
				     uint32_t id);
struct ladder *transfers_ladder(struct transfers *ts, uint32_t id,
				bool begin);
int  transfers_ladder_apply(const struct transfers *ts, uint32_t id,
			    refer_message_h *h, void *arg);

#endif
