/**
 * @file main.c  Benchmark: is a baresip slower with the module?
 *
 * Compares some loads without and with the module, prints what it found, and
 * ends with a verdict on each. Exit status: 0 if rate and cost are within 3 %
 * of those without the module, 1 if not, 2 if the machine was too busy to
 * tell, or something failed: an answer was missing, a process has ended.
 */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "bench.h"


static const struct load *const loadv[] = {
	&load_options,
	&load_calls,
};

static struct result resultv[ARRAY_SIZE(loadv)];

struct bench bench = {
	.meter     = &meter_cpu,
	.tolerance = 0.03,
	.accuracy  = 0.003,
	.pairs_min = 30,
	.pairs_max = VALUES_MAX,
	.secs      = 40,
};


static double median(const double *valv, size_t valc)
{
	struct stats st;

	stats_calc(&st, valv, valc);

	return st.median;
}


static void print_values(const struct result *res)
{
	const char *const sidev[SIDES] = {"without", "with"};
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


static void print_table(void)
{
	const bool exact = bench.meter->exact;
	size_t i;

	(void)printf("\n%-8s %-8s %14s %14s\n", "load", "module", "rate [1/s]",
		     F("%s [%s]", exact ? "instr." : "CPU",
		       bench.meter->unit));

	for (i=0; i<ARRAY_SIZE(resultv); i++) {

		const struct result *res = &resultv[i];

		if (!res->pairs)
			continue;

		print_values(res);
		(void)printf("%8s %-8s %14s %14s  median of %u pairs\n", "",
			     "ratio", exact ? "-" : percent(&res->rate),
			     percent(&res->cost), res->pairs);
		(void)printf("%8s %-8s %14s %14s  half of them\n", "", "",
			     exact ? "-" : spread(&res->rate),
			     spread(&res->cost));
		(void)printf("%8s %-8s %u done, none lost, %u"
			     " retransmissions\n", "", "", res->items,
			     res->again);
	}

	(void)printf("\n");
}


static const char *ratio(const struct stats *st)
{
	return F("%.3f (%.3f..%.3f)", st->median, st->lo, st->hi);
}


/* Returns the exit status */
static int print_verdict(const struct result *res)
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

	(void)printf("%s: ", res->load->name);
	if (!bench.meter->exact)
		(void)printf("rate x %s, ", ratio(&res->rate));

	(void)printf("%s x %s: %s %.0f %%\n", bench.meter->name,
		     ratio(&res->cost), v[i].text, bench.tolerance * 100);

	return v[i].status;
}


/* Beyond the tolerance is worse than not decided */
static int worse(int a, int b)
{
	return a == 1 || b == 1 ? 1 : MAX(a, b);
}


/* A mode or a load */
static bool word(const char *s, bool *wantv)
{
	size_t i;

	if (!strcmp(s, "null")) {
		bench.null = true;
		return true;
	}

	if (!strcmp(s, "callgrind")) {
		bench.meter     = &meter_callgrind;
		bench.pairs_min = bench.pairs_max = 2;
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

	(void)fprintf(stderr, "usage: bench [-rv] [-m MODULE] [-t SECONDS]"
		      " [callgrind] [null] [LOAD..]\n"
		      " -r         real-time priority, on a busy machine\n"
		      " -v         print each pair\n"
		      " -m         module, default build/refer.so\n"
		      " -t         time for a load, default %u\n"
		      " callgrind  count instructions\n"
		      " null       no module on either side: shows the"
		      " noise\n", bench.secs);

	for (i=0; i<ARRAY_SIZE(loadv); i++)
		(void)fprintf(stderr, " %-10s %s\n", loadv[i]->name,
			      loadv[i]->desc);

	return 2;
}


int main(int argc, char *argv[])
{
	bool wantv[ARRAY_SIZE(loadv)] = {false}, all = true;
	int c, status = 0;
	size_t i;

	while ((c = getopt(argc, argv, "rvm:t:")) >= 0) {

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

		case 't':
			bench.secs = (uint32_t)atoi(optarg);
			break;

		default:
			return usage();
		}
	}

	for (; optind < argc; optind++) {
		if (!word(argv[optind], wantv))
			return usage();
	}

	for (i=0; i<ARRAY_SIZE(loadv); i++)
		all &= !wantv[i];

	setup_start();
	bench.meter->init(test_dir());

	for (i=0; i<ARRAY_SIZE(loadv); i++) {
		if (all || wantv[i])
			compare(&resultv[i], loadv[i]);
	}

	print_table();

	for (i=0; i<ARRAY_SIZE(loadv); i++) {
		if (resultv[i].pairs)
			status = worse(status, print_verdict(&resultv[i]));
	}

	setup_exit(status);
}
