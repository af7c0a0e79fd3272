/**
 * @file stats.c  Median and its confidence interval
 *
 * Both need no assumption on the noise: the interval is between two values
 * of the sorted sample, the ranks of which follow from the binomial
 * distribution (normal approximation).
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "bench.h"


static int cmp(const void *a, const void *b)
{
	const double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}


/* Value at a rank of 0..n-1, between two of them too */
static double at(const double *v, size_t n, double rank)
{
	size_t i;

	if (rank <= 0)
		return v[0];

	i = (size_t)rank;
	if (i + 1 >= n)
		return v[n - 1];

	return v[i] + (rank - (double)i) * (v[i + 1] - v[i]);
}


/**
 * Calculate the median of some values and its spread
 *
 * @param st   Returned median, quartiles, and confidence interval
 * @param valv Values
 * @param valc Number of them, 1 or more
 */
void stats_calc(struct stats *st, const double *valv, size_t valc)
{
	const double last = (double)valc - 1.0;
	const double half = 1.96 * sqrt((double)valc) / 2.0;
	double v[VALUES_MAX];

	memcpy(v, valv, valc * sizeof(*v));
	qsort(v, valc, sizeof(*v), cmp);

	st->median = at(v, valc, last * 0.5);
	st->q1 = at(v, valc, last * 0.25);
	st->q3 = at(v, valc, last * 0.75);
	st->lo = at(v, valc, floor(last / 2.0 - half));
	st->hi = at(v, valc, ceil(last / 2.0 + half));
}
