/**
 * @file report.c  Prints what was found
 */
#include <stdio.h>
#include "bench.h"


enum {
	BYTES_MAX = 16384,    /**< Most that a REFER that waits may take    */
};


static double median(const double *valv, size_t valc)
{
	struct stats st;

	stats_calc(&st, valv, valc);

	return st.median;
}


/* What the module is compared with */
static const char *base_name(const struct load *load)
{
	return load->floor ? "floor" : load->beside ? "refer.so" : "stock";
}


static void print_values(const struct result *res)
{
	const char *const sidev[SIDES] = {base_name(res->load), "module"};
	int i;

	for (i=0; i<SIDES; i++) {

		(void)printf("%-8s %-8s", i ? "" : res->load->name, sidev[i]);

		if (bench.meter->exact)
			(void)printf(" %14s", "-");
		else
			(void)printf(" %14.0f",
				     median(res->ratev[i], res->pairs));

		(void)printf(" %14.2f\n", median(res->costv[i], res->pairs));
	}
}


static const char *percent(const struct stats *st)
{
	return F("%+.2f %%", (st->median - 1) * 100);
}


static const char *spread(const struct stats *st)
{
	return F("%+.1f..%+.1f", (st->q1 - 1) * 100, (st->q3 - 1) * 100);
}


static void print_result(const struct result *res)
{
	const bool exact = bench.meter->exact;

	print_values(res);
	(void)printf("%8s %-8s %14s %14s  median of %u pairs\n", "", "ratio",
		     exact ? "-" : percent(&res->rate), percent(&res->cost),
		     res->pairs);
	(void)printf("%8s %-8s %14s %14s  half of them\n", "", "",
		     exact ? "-" : spread(&res->rate), spread(&res->cost));
	(void)printf("%8s %-8s %u done, none lost, %u retransmissions\n", "",
		     "", res->items, res->again);
}


/* Of each that waits, but not under callgrind: it is paused then, and has a
   memory of its own */
static const char *of_each(const double *valv, const struct result *res)
{
	return bench.meter->exact ? "-" :
		F("%.1f", median(valv, res->pairs));
}


/* What REFERs that wait cost others, and what each costs itself */
static void print_waiting(const struct result *res)
{
	const double floor = median(res->costv[BASE], res->pairs);
	const double module = median(res->costv[REFER], res->pairs);

	(void)printf("%8u %10.1f %8.1f %8.1f %10s %8s %10s %8s\n",
		     res->load->waiting, floor, module, module - floor,
		     of_each(res->waitv[BASE], res),
		     of_each(res->waitv[REFER], res),
		     of_each(res->bytesv[BASE], res),
		     of_each(res->bytesv[REFER], res));
}


static void print_waiting_table(const struct result *resv, size_t resc)
{
	bool head = true;
	size_t i;

	for (i=0; i<resc; i++) {

		if (!resv[i].pairs || !resv[i].load->waiting)
			continue;

		if (head) {
			(void)printf("\n%8s %28s %19s %19s\n"
				     "%8s %10s %8s %8s %10s %8s %10s %8s\n",
				     "REFERs",
				     F("%s of another [%s]",
				       bench.meter->name, bench.meter->unit),
				     F("of each [%s]", bench.meter->unit),
				     "bytes of each", "waiting", "floor",
				     "module", "more", "floor", "module",
				     "floor", "module");
			head = false;
		}

		print_waiting(&resv[i]);
	}
}


static bool any(const struct result *resv, size_t resc)
{
	while (resc--) {
		if (resv[resc].pairs)
			return true;
	}

	return false;
}


/**
 * Print the tables of the loads
 *
 * @param resv Results; those without pairs are left out
 * @param resc Number of them
 */
void report_tables(const struct result *resv, size_t resc)
{
	size_t i;

	if (!any(resv, resc))
		return;

	(void)printf("\n%-8s %-8s %14s %14s\n", "load", "", "rate [1/s]",
		     F("%s [%s]", bench.meter->exact ? "instr." : "CPU",
		       bench.meter->unit));

	for (i=0; i<resc; i++) {
		if (resv[i].pairs)
			print_result(&resv[i]);
	}

	print_waiting_table(resv, resc);
	(void)printf("\n");
}


/**
 * Find the worse one of two exit statuses: beyond is worse than not decided
 *
 * @param a Exit status
 * @param b Exit status
 *
 * @return The worse one
 */
int report_worse(int a, int b)
{
	return a == 1 || b == 1 ? 1 : MAX(a, b);
}


static const char *ratio(const struct stats *st)
{
	return F("%.3f (%.3f..%.3f)", st->median, st->lo, st->hi);
}


/**
 * Print the verdict on the memory of REFERs that wait, if there are some
 *
 * @param res Result
 *
 * @return Exit status
 */
int report_bytes(const struct result *res)
{
	const double bytes = median(res->bytesv[REFER], res->pairs);
	const bool ok = bytes <= BYTES_MAX;

	if (!res->load->waiting || bench.meter->exact)
		return 0;

	(void)printf("%s: %.0f bytes for a REFER that waits: %s %d\n",
		     res->load->name, bytes, ok ? "within" : "NOT within",
		     BYTES_MAX);

	return ok ? 0 : 1;
}


/**
 * Print the verdict on what a load costs
 *
 * @param res Result
 *
 * @return Exit status
 */
int report_verdict(const struct result *res)
{
	static const struct {
		const char *text;
		int status;
	} v[] = {
		[WITHIN]    = {"within", 0},
		[BEYOND]    = {"NOT within", 1},
		[UNDECIDED] = {"machine too busy (try -r) to tell whether"
			       " within", 2},
	};
	const enum verdict i = verdict(res);
	const double limit = res->load->limit;

	(void)printf("%s: ", res->load->name);
	if (!bench.meter->exact)
		(void)printf("rate x %s, ", ratio(&res->rate));

	(void)printf("%s x %s: %s %s\n", bench.meter->name, ratio(&res->cost),
		     v[i].text, limit > 0 ?
		     F("%.4g times %s", limit, base_name(res->load)) :
		     F("%.0f %%", bench.tolerance * 100));

	return v[i].status;
}
