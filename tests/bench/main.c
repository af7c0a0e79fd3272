/**
 * @file main.c  Benchmark: what does the module cost?
 *
 * Compares some loads without and with the module, or with the floor, which
 * is the least that a REFER can cost; prints what it found, and ends with a
 * verdict on each. Exit status: 0 if all are within their limits, 1 if not, 2
 * if neither is sure, or something failed: an answer was missing, a process
 * has ended.
 */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "bench.h"


enum {
	SECS = 40,            /**< Time for a load, if not told otherwise   */
};

#define DOUBT 1.1         /**< Time is in doubt so far beyond a limit       */

static const struct load *const loadv[] = {
	&load_options,
	&load_calls,
	&load_accept,
	&load_reject,
	&load_refuse,
	&load_transfer,
	&load_http,
	&load_wait10,
	&load_wait1k,
	&load_wait10k,
};

static struct result resultv[ARRAY_SIZE(loadv)];

struct bench bench = {
	.meter     = &meter_cpu,
	.tolerance = 0.03,
	.accuracy  = 0.003,
	.pairs_min = 30,
	.pairs_max = VALUES_MAX,
	.secs      = SECS,
	.times     = 1,
};


/** A program of its own: not a load that is compared */
struct special {
	const char *name;
	const char *desc;
	int (*run)(void);
	bool usual;           /**< Also if nothing was named */
};

static const struct special specialv[] = {
	{"soak",  "10,000 transfers in a row, 1,000 at once", soak, true},
	{"flood", "100,000 messages of each kind", flood, false},
	{"fleet", "1 to 8 bots behind kamailio", fleet_bench, false},
	{"kept",  "a transfer while 10,000 ended ones are kept", kept, false},
	{"peers", "the same transfers done by others", peers, false},
};


static void count_instructions(void)
{
	bench.meter     = &meter_callgrind;
	bench.pairs_min = bench.pairs_max = 2;
}


/* A mode, a load, or a special */
static bool word(const char *s, bool *wantv, bool *want_specialv)
{
	size_t i;

	for (i=0; i<ARRAY_SIZE(specialv); i++) {

		if (!strcmp(s, specialv[i].name)) {
			want_specialv[i] = true;
			return true;
		}
	}

	if (!strcmp(s, "null")) {
		bench.null = true;
		return true;
	}

	if (!strcmp(s, "callgrind")) {
		count_instructions();
		return true;
	}

	for (i=0; i<ARRAY_SIZE(loadv); i++) {

		if (!strcmp(s, loadv[i]->name)) {
			wantv[i] = true;
			return true;
		}
	}

	return false;
}


static int usage(void)
{
	size_t i;

	(void)fprintf(stderr, "usage: bench [-rv] [-m MODULE] [-n TIMES]"
		      " [-t SECONDS]"
		      " [callgrind] [null] [LOAD..]\n"
		      " -r         real-time priority, on a busy machine\n"
		      " -v         print each pair\n"
		      " -m         module, default build/refer.so\n"
		      " -n         times the transfers of the soak, and the"
		      " messages of the floods\n"
		      " -t         time for a load, default %u\n"
		      " callgrind  count instructions\n"
		      " null       no module on either side: shows the"
		      " noise\n",
		      bench.secs);

	for (i=0; i<ARRAY_SIZE(loadv); i++)
		(void)fprintf(stderr, " %-10s %s\n", loadv[i]->name,
			      loadv[i]->desc);

	for (i=0; i<ARRAY_SIZE(specialv); i++)
		(void)fprintf(stderr, " %-10s %s\n", specialv[i].name,
			      specialv[i].desc);

	return 2;
}


/* All, unless some were named; not what takes hours under callgrind */
static void want_all(bool *wantv, bool *want_specialv)
{
	size_t i;

	for (i=0; i<ARRAY_SIZE(loadv); i++) {
		if (wantv[i])
			return;
	}

	for (i=0; i<ARRAY_SIZE(specialv); i++) {
		if (want_specialv[i])
			return;
	}

	for (i=0; i<ARRAY_SIZE(loadv); i++)
		wantv[i] = bench.meter->exact || !loadv[i]->beside;

	for (i=0; i<ARRAY_SIZE(specialv); i++)
		want_specialv[i] = specialv[i].usual && !bench.meter->exact &&
			!bench.null;
}


/* Time depends on the machine: how dear a cache miss is, and what else runs.
   So instructions are counted if it is not surely within the limit, and not so
   far beyond that no machine explains it. A rate has a limit if the cost has
   none of its own */
static bool is_doubtful(const struct result *res)
{
	const double limit = res->load->limit > 0 ? res->load->limit
		: 1 + bench.tolerance;

	if (bench.meter->exact || bench.null || verdict(res) == WITHIN)
		return false;

	return res->cost.median <= limit * DOUBT &&
		(res->load->limit > 0 ||
		 res->rate.median >= (1 - bench.tolerance) / DOUBT);
}


/* Returns the exit status */
static int judge(const struct result *res)
{
	const int status = report_verdict(res);

	return report_worse(is_doubtful(res) ? 0 : status, report_bytes(res));
}


/* Returns the exit status */
static int count_again(const struct load *load)
{
	const struct bench before = bench;
	static struct result res;
	int status;

	memset(&res, 0, sizeof(res));
	count_instructions();
	bench.secs = SECS;
	setup_meter();
	compare(&res, load);
	status = report_verdict(&res);
	bench = before;
	setup_meter();

	return status;
}


/* Returns the exit status */
static int run_all(const bool *wantv, const bool *want_specialv)
{
	int status = 0;
	size_t i;

	for (i=0; i<ARRAY_SIZE(loadv); i++) {
		if (wantv[i])
			compare(&resultv[i], loadv[i]);
	}

	report_tables(resultv, ARRAY_SIZE(resultv));

	for (i=0; i<ARRAY_SIZE(specialv); i++) {
		if (want_specialv[i])
			status = report_worse(status, specialv[i].run());
	}

	for (i=0; i<ARRAY_SIZE(loadv); i++) {
		if (wantv[i])
			status = report_worse(status, judge(&resultv[i]));
	}

	for (i=0; i<ARRAY_SIZE(loadv); i++) {
		if (wantv[i] && is_doubtful(&resultv[i]))
			status = report_worse(status, count_again(loadv[i]));
	}

	return status;
}


int main(int argc, char *argv[])
{
	bool wantv[ARRAY_SIZE(loadv)] = {false};
	bool want_specialv[ARRAY_SIZE(specialv)] = {false};
	int c;

	while ((c = getopt(argc, argv, "hrvm:n:t:")) >= 0) {

		switch (c) {

		case 'r':
			bench.realtime = true;
			break;

		case 'v':
			bench.verbose = true;
			break;

		case 'm':
			bench.module = optarg;
			break;

		case 'n':
			bench.times = (unsigned)atoi(optarg);
			if (!bench.times)
				return usage();
			break;

		case 't':
			bench.secs = (uint32_t)atoi(optarg);
			break;

		default:
			return usage();
		}
	}

	for (; optind < argc; optind++) {
		if (!word(argv[optind], wantv, want_specialv))
			return usage();
	}

	want_all(wantv, want_specialv);
	setup_start();
	setup_exit(run_all(wantv, want_specialv));
}
