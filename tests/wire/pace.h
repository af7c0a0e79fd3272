/**
 * @file pace.h  Not more than so many a second
 */
#ifndef PACE_H
#define PACE_H


/** A pace */
struct pace {
	struct tmr tmr;       /**< When the next may begin                  */
	uint64_t begin;       /**< Of the first, ms                         */
	uint32_t rate;        /**< A second at most, 0: no limit            */
	uint32_t n;           /**< Begun so far                             */
};

void pace_start(struct pace *p, uint32_t rate);
bool pace_next(struct pace *p, tmr_h *h, void *arg);
void pace_stop(struct pace *p);

#endif
