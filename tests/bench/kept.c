/**
 * @file kept.c  What a transfer costs while 10,000 ended ones are kept
 *
 * One baresip is measured twice: while few ended transfers are kept, and while
 * as many are as refer_history allows, so that each new one takes the place of
 * the oldest. Before each of the two libre forgets its transactions, which
 * would cost more. Instructions tell the cost, for a busy machine adds to CPU
 * time. Resident memory tells the size.
 */
#include <stdio.h>
#include "bench.h"


enum {
	KEPT      = 10000,    /**< refer_history                            */
	TIME_MAX  = 600,      /**< Time limit, s                            */
	BYTES_MAX = 8192,     /**< Most memory of one that is kept          */
};

#define RATIO_MAX 1.05


/* Returns the cost of a transfer */
static double measure(struct run *r)
{
	uint64_t val;
	double cost;

	wait_ms(FORGET);
	(void)run_cost(r);
	run_slice(r);
	val  = run_cost(r);
	cost = (double)val * bench.meter->scale / r->load->items;

	(void)printf("kept: %5u transfers, %8.2f %s for each of the last %u\n",
		     r->done, cost, bench.meter->unit, r->load->items);
	(void)fflush(stdout);

	return cost;
}


/**
 * Fill the history, and compare what a transfer costs before and after
 *
 * @return Exit status: 0 if it costs the same, and memory is bounded
 */
int kept(void)
{
	double few, many, bytes;
	size_t before, after;
	struct run r;
	bool ok;

	setup_limit(TIME_MAX);
	run_start(&r, &load_kept, REFER, "carol");
	run_slice(&r);
	few = measure(&r);
	before = meter_rss_trimmed(r.sut);

	do {
		run_slice(&r);
	} while (r.done < KEPT);

	many  = measure(&r);
	after = meter_rss_trimmed(r.sut);
	bytes = ((double)after - (double)before) /
		(KEPT - 2 * load_kept.items);
	ok    = bench.meter->exact ? many <= few * RATIO_MAX
				   : bytes <= BYTES_MAX;

	(void)printf("kept: x %.3f, %.0f bytes each: %s ", many / few, bytes,
		     ok ? "within" : "NOT within");
	if (bench.meter->exact)
		(void)printf("x %.2f\n", RATIO_MAX);
	else
		(void)printf("%d bytes\n", BYTES_MAX);

	run_stop(&r);

	return ok ? 0 : 1;
}
