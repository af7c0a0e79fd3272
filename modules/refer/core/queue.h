/**
 * @file queue.h  Many timers of the same delay
 */
#ifndef REFER_QUEUE_H
#define REFER_QUEUE_H

/** Waits for its time; at first all zero */
struct queue_entry {
	struct le le;
	uint64_t due;          /**< When it is time [ms] */
};

/** Entries of the same delay, or nearly: it can be changed */
struct queue {
	struct list l;         /**< The next one first */
	struct tmr tmr;        /**< For the first one  */
	uint64_t delay;        /**< [ms]               */
	tmr_h *h;
};

void queue_init(struct queue *q, uint64_t delay, tmr_h *h);
void queue_add(struct queue *q, struct queue_entry *e, void *arg);
void queue_remove(struct queue_entry *e);
void queue_close(struct queue *q);
uint64_t queue_left(const struct queue_entry *e);

#endif
