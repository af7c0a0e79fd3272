/**
 * @file queue.c  Many timers of the same delay
 *
 * libre keeps all its timers in one sorted list, in which thousands of long
 * ones are in the way of each short one. These have one timer for all.
 */
#include <re.h>
#include "core/queue.h"


/* Whose handler runs: it may free all, with the queue. None runs in another */
static const struct queue *running;


/** Set up a queue of entries that wait for delay milliseconds; the handler
    gets the argument of each */
void queue_init(struct queue *q, uint64_t delay, tmr_h *h)
{
	list_init(&q->l);
	tmr_init(&q->tmr);
	q->delay = delay;
	q->h     = h;
}


static void tmr_handler(void *arg)
{
	struct queue *q = arg;
	const uint64_t now = tmr_jiffies();
	struct le *le;

	running = q;

	/* the handler may add, and remove any */
	while (running == q && (le = list_head(&q->l))) {
		struct queue_entry *e = (struct queue_entry *)le;

		if (e->due > now) {
			tmr_start(&q->tmr, e->due - now, tmr_handler, q);
			break;
		}

		list_unlink(le);
		q->h(le->data);
	}

	running = NULL;
}


/** Let an entry wait; one that waits begins again */
void queue_add(struct queue *q, struct queue_entry *e, void *arg)
{
	struct le *le;

	list_unlink(&e->le);
	e->due = tmr_jiffies() + q->delay;

	/* the last one, unless the delay has become less */
	le = list_tail(&q->l);
	while (le && ((struct queue_entry *)le)->due > e->due)
		le = le->prev;

	if (le)
		list_insert_after(&q->l, le, &e->le, arg);
	else
		list_prepend(&q->l, &e->le, arg);

	/* one that fires early is left: setting it passes all of libre's */
	if (!tmr_isrunning(&q->tmr) || tmr_get_expire(&q->tmr) > q->delay)
		tmr_start(&q->tmr, q->delay, tmr_handler, q);
}


void queue_remove(struct queue_entry *e)
{
	list_unlink(&e->le);
}


/** The time that an entry still waits [ms], 0 if it does not */
uint64_t queue_left(const struct queue_entry *e)
{
	const uint64_t now = tmr_jiffies();

	return e->le.list && e->due > now ? e->due - now : 0;
}


/** Stop a queue: nothing more is called, and the entries are in none */
void queue_close(struct queue *q)
{
	if (running == q)
		running = NULL;

	tmr_cancel(&q->tmr);
	list_clear(&q->l);
}
