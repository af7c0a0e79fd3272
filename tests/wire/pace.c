/**
 * @file pace.c  Not more than so many a second
 *
 * The cost of a transfer depends on the transactions of the last 32 s, which
 * libre keeps, and so on the rate. At the same rate two costs compare.
 */
#include "wire.h"
#include "pace.h"


/**
 * Set a pace; it begins now
 *
 * @param p    Pace
 * @param rate So many a second at most, 0: no limit
 */
void pace_start(struct pace *p, uint32_t rate)
{
	tmr_cancel(&p->tmr);
	p->begin = now_ms();
	p->rate  = rate;
	p->n     = 0;
}


/**
 * Tell whether the next may begin, and count it if so
 *
 * @param p   Pace
 * @param h   Called when it may, if it may not yet
 * @param arg Argument of it
 *
 * @return True if it may begin now
 */
bool pace_next(struct pace *p, tmr_h *h, void *arg)
{
	const uint64_t now = now_ms();
	const uint64_t due = !p->rate ? 0
		: p->begin + (uint64_t)p->n * 1000 / p->rate;

	if (due > now) {
		tmr_start(&p->tmr, due - now, h, arg);
		return false;
	}

	++p->n;

	return true;
}


/**
 * Stop: no handler is called any more
 *
 * @param p Pace
 */
void pace_stop(struct pace *p)
{
	tmr_cancel(&p->tmr);
}
