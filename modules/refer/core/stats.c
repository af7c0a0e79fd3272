/**
 * @file stats.c  Counters of transfers since the start
 *
 * And how long they took: number and sum of all, and of the last ones
 * the percentiles.
 */
#include <stdlib.h>
#include <string.h>
#include <re.h>
#include "core/stats.h"
#include "host/libre.h"
#include "refer.h"


enum {
	SAMPLES_MAX = 1000,
};

/** How long something took, of one role */
struct samples {
	uint32_t v[SAMPLES_MAX];   /**< The last ones [ms]               */
	uint32_t count;
	uint64_t sum;              /**< Of all [ms]                      */
};

struct stats {
	uint64_t ts;               /**< When it began [ms]               */
	struct refer_stats sum;
	struct samples answer[REFER_ROLE_MAX];
	struct samples outcome[REFER_ROLE_MAX];
};


static void add(struct samples *s, uint32_t ms)
{
	s->v[s->count++ % SAMPLES_MAX] = ms;
	s->sum += ms;
}


/** Count an event that came first ms after the beginning of its transfer */
void stats_stage(struct stats *st, const struct refer_event *ev, uint32_t ms)
{
	switch (ev->type) {

	case REFER_EV_REFER_REQUEST_ACCEPTED:
		add(&st->answer[ev->role], ms);
		break;

	case REFER_EV_REFER_ACCEPTED:
	case REFER_EV_REFER_REJECTED:
	case REFER_EV_REPLACED:
		add(&st->outcome[ev->role], ms);
		break;

	case REFER_EV_REFER_REQUEST_REJECTED:
		if (ev->role == REFER_ROLE_SERVER)
			stats_refused(st, ev->scode);
		break;

	case REFER_EV_REFER_TIMEOUT:
		++st->sum.timeouts;
		break;

	default:
		break;
	}
}


/** Count a transfer that has ended */
void stats_ended(struct stats *st, const struct refer_transfer *t)
{
	++st->sum.ended[t->role][t->outcome];
}


/** Count a REFER that we refuse */
void stats_refused(struct stats *st, uint16_t scode)
{
	if (scode < ARRAY_SIZE(st->sum.refused))
		++st->sum.refused[scode];
}


/** Count a NOTIFY that was sent, or received */
void stats_notify(struct stats *st, bool sent)
{
	++*(sent ? &st->sum.notify_sent : &st->sum.notify_received);
}


static int compare(const void *p1, const void *p2)
{
	const uint32_t a = *(const uint32_t *)p1, b = *(const uint32_t *)p2;

	return a < b ? -1 : a > b;
}


/* The least time that so many of a hundred did not exceed */
static uint32_t percentile(const uint32_t *v, uint32_t n, uint32_t percent)
{
	return n ? v[(n * percent + 99) / 100 - 1] : 0;
}


static void get_times(struct refer_times *times, const struct samples *s)
{
	const uint32_t n = min(s->count, SAMPLES_MAX);
	uint32_t v[SAMPLES_MAX];

	memcpy(v, s->v, n * sizeof(*v));
	qsort(v, n, sizeof(*v), compare);

	times->count = s->count;
	times->sum   = s->sum;
	times->p50   = percentile(v, n, 50);
	times->p95   = percentile(v, n, 95);
}


/** Get all but how many wait now */
void stats_get(struct refer_stats *stats, const struct stats *st)
{
	unsigned role;

	*stats = st->sum;
	stats->age = (tmr_jiffies() - st->ts) / 1000;

	for (role=0; role<REFER_ROLE_MAX; ++role) {
		get_times(&stats->answer[role], &st->answer[role]);
		get_times(&stats->outcome[role], &st->outcome[role]);
	}
}


/** Allocate counters, all 0 */
int stats_alloc(struct stats **stp)
{
	struct stats *st;

	st = mem_zalloc(sizeof(*st), NULL);
	if (!st)
		return ENOMEM;

	st->ts = tmr_jiffies();
	*stp = st;

	return 0;
}
