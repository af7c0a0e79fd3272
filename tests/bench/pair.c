/**
 * @file pair.c  Compares a load without and with the module
 *
 * A pair is two fresh baresips (libre remembers a request for 32 s and gets
 * slower by it), one without and one with the module. For some loads the floor
 * (tests/floor.c) takes the place of the one without. They get the slices of
 * the load by turns, A B B A A B B A.., so that whatever else goes on in the
 * machine hits both. What counts is the ratio with/without of each pair, and
 * the median of the pairs.
 */
#include <stdio.h>
#include "bench.h"


enum {
	PROGRESS = 5000,      /**< Time between two lines of progress, ms */
	GRACE = 60,           /**< Time limit beyond what is planned, s   */
	PAIRS_LIMIT = 6,      /**< Pairs that tell whether within a limit */
	MANY_WAIT = 1000,     /**< More that wait make all others slow    */
	FEW_SLICES = 2,       /**< With those, when instructions count    */
};

/* Neither name, address, nor age shall go with the module; the names are of
   one length since each message has them */
static void pair_start(struct run *runv, const struct load *load, unsigned n)
{
	int i;

	for (i=0; i<SIDES; i++) {

		const enum side side = (n + (unsigned)i) & 1 ? REFER : BASE;

		run_start(&runv[side], load, side, i ? "frank" : "carol");
	}
}


/* Duration of a slice of both, in s */
static void pair_slice(double *timev, struct run *runv, unsigned n)
{
	const enum side first = n & 1 ? REFER : BASE;
	int i;

	run_slice(&runv[first]);
	run_slice(&runv[!first]);

	for (i=0; i<SIDES; i++)
		timev[i] = (double)runv[i].time * 1e-9;
}


static void pair_cost(double *costv, struct run *runv)
{
	int i;

	for (i=0; i<SIDES; i++)
		costv[i] = run_cost(&runv[i]) * bench.meter->scale;
}


/* Paused, or under callgrind it would take longer than REFERs wait */
static void pair_fill(struct result *res, struct run *runv)
{
	int i;

	if (!res->load->waiting)
		return;

	for (i=0; i<SIDES; i++) {
		meter_pause(runv[i].sut, true);
		waiting_start(&runv[i], res->load->waiting);
	}

	for (i=0; i<SIDES; i++) {
		waiting_finish(&runv[i]);
		res->waitv[i][res->pairs] = runv[i].wait_cost *
			bench.meter->scale;
		res->bytesv[i][res->pairs] = runv[i].wait_bytes;
		meter_pause(runv[i].sut, false);
	}
}


static void pair_stop(struct result *res, struct run *runv)
{
	int i;

	for (i=0; i<SIDES; i++) {
		res->items += runv[i].done;
		res->again += runv[i].again;
		run_stop(&runv[i]);
	}
}


/* The REFERs wait for no more than 30 s, which under callgrind is enough for
   few others */
static uint32_t slices_of(const struct load *load)
{
	return load->waiting > MANY_WAIT && bench.meter->exact ? FEW_SLICES
							       : load->slices;
}


/*
 * Rate: median of the slices, since others can still delay some of them.
 * Cost: of all slices together, since a delay costs nothing, and what the
 * module does only now and then shall count.
 */
static void pair(struct result *res)
{
	const struct load *load = res->load;
	const uint32_t slices = slices_of(load);
	const double items = load->items * slices;
	const unsigned n = res->pairs;
	double timev[SIDES], costv[SIDES], sumv[SIDES] = {0};
	double ratiov[VALUES_MAX];
	struct run runv[SIDES];
	struct stats st;
	uint32_t i;

	pair_start(runv, load, n);
	pair_slice(timev, runv, n / 2);
	pair_fill(res, runv);
	pair_cost(costv, runv);

	for (i=0; i<slices; i++) {

		pair_slice(timev, runv, n / 2 + i + 1);

		ratiov[i] = timev[BASE] / timev[REFER];
		sumv[BASE] += timev[BASE];
		sumv[REFER] += timev[REFER];
	}

	pair_cost(costv, runv);
	pair_stop(res, runv);

	for (i=0; i<SIDES; i++) {
		res->ratev[i][n] = items / sumv[i];
		res->costv[i][n] = costv[i] / items;
	}

	stats_calc(&st, ratiov, slices);
	res->rrv[n] = st.median;
	res->crv[n] = costv[REFER] / costv[BASE];

	++res->pairs;
	stats_calc(&res->rate, res->rrv, res->pairs);
	stats_calc(&res->cost, res->crv, res->pairs);
}


static void print_pair(const struct result *res)
{
	const unsigned n = res->pairs - 1;

	(void)printf("%4u: %.0f/s %.0f/s, %.2f %.2f %s, ratios %.4f %.4f\n",
		     res->pairs, res->ratev[BASE][n], res->ratev[REFER][n],
		     res->costv[BASE][n], res->costv[REFER][n],
		     bench.meter->unit, res->rrv[n], res->crv[n]);
}


static void print_progress(const struct result *res)
{
	(void)printf("%s: %u pairs", res->load->name, res->pairs);

	if (!bench.meter->exact)
		(void)printf(", rate x %.3f (%.3f..%.3f)", res->rate.median,
			     res->rate.lo, res->rate.hi);

	(void)printf(", %s x %.3f (%.3f..%.3f)\n", bench.meter->name,
		     res->cost.median, res->cost.lo, res->cost.hi);
	(void)fflush(stdout);
}


static bool is_sure(const struct stats *st)
{
	return st->hi - st->lo <= 2 * bench.accuracy;
}


static enum verdict judge(const struct stats *st, double min, double max)
{
	if (st->lo >= min && st->hi <= max)
		return WITHIN;

	return st->hi < min || st->lo > max ? BEYOND : UNDECIDED;
}


/**
 * Tell whether a load is as fast and as cheap with the module as without
 *
 * @param res Result
 *
 * @return Verdict
 */
enum verdict verdict(const struct result *res)
{
	const double min = 1 - bench.tolerance, max = 1 + bench.tolerance;
	enum verdict cost, rate;

	if (res->load->limit > 0)
		return judge(&res->cost, 0, res->load->limit);

	cost = judge(&res->cost, min, max);
	rate = bench.meter->exact ? WITHIN : judge(&res->rate, min, max);

	if (cost == BEYOND || rate == BEYOND)
		return BEYOND;

	return cost == UNDECIDED ? cost : rate;
}


static bool enough(const struct result *res, uint64_t ms)
{
	const bool limit = res->load->limit > 0;
	const uint64_t plan = bench.secs * (limit ? 500 : 1000);
	const unsigned least = MIN(bench.pairs_min,
				   limit ? PAIRS_LIMIT : bench.pairs_min);

	if (res->pairs < least)
		return ms >= plan * 3 / 2;

	if (res->pairs == bench.pairs_max || ms >= plan * 3 / 2)
		return true;

	if (limit)
		return verdict(res) != UNDECIDED;

	if (ms >= plan)
		return verdict(res) != UNDECIDED;

	return is_sure(&res->cost) &&
		(bench.meter->exact || is_sure(&res->rate));
}


/**
 * Compare a load without and with the module: as many pairs as it takes
 * until both ratios are sure enough, if there is time for so many
 *
 * @param res  Result
 * @param load Load
 */
void compare(struct result *res, const struct load *load)
{
	const uint64_t start = now_ms();
	uint64_t printed = start;

	res->load = load;
	setup_limit(bench.secs * 3 / 2 + GRACE);

	(void)printf("%s: %s; %u to each of %s, by turns %u, %u at a time\n",
		     load->name, load->desc, load->items * slices_of(load),
		     load->floor ? "the floor and a baresip" : "two baresips",
		     load->items, load->window);
	(void)fflush(stdout);

	do {
		pair(res);

		if (bench.verbose)
			print_pair(res);

		if (now_ms() >= printed + PROGRESS) {
			print_progress(res);
			printed = now_ms();
		}

	} while (!enough(res, now_ms() - start));

	print_progress(res);
}
