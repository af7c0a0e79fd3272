/**
 * @file peers.c  What a referred call costs others, on the same transfers
 *
 * Each is started in the place of a baresip, by the script of its name in
 * tests/bench/peers/. It is called and referred, and calls us, as in
 * load_transfer.c. Then some targets ring at once, to see what memory each
 * referred call takes meanwhile.
 */
#include <stdio.h>
#include <stdlib.h>
#include "bench.h"


enum {
	TIME_MAX = 300,       /* Time limit for one [s]                     */
	PAUSE    = 700,       /* So long pjsua keeps a closed socket, and it
				 has 1,024 [ms]                          */
};

#define SCRIPTS TOP "/tests/bench/peers/"

/** Who is measured */
struct rival {
	const char *name;
	const char *program;  /**< NULL: baresip                            */
	const char *where;    /**< Variable with its prefix, NULL: none     */
	enum side side;       /**< With or without the module               */
};

static const struct rival rivalv[] = {
	{"refer.so",      NULL,               NULL,       REFER},
	{"stock baresip", NULL,               NULL,       BASE},
	{"pjsua",         SCRIPTS "pjsua",    "PJSUA",    BASE},
	{"Asterisk",      SCRIPTS "asterisk", "ASTERISK", BASE},
	{"SIP.js",        SCRIPTS "sipjs",    NULL,       BASE},
};

/** What a referred call costs one of them */
struct price {
	double rate;          /**< Transfers a second                       */
	double cost;          /**< CPU time of one [us]                     */
	double bytes;         /**< Memory of one whose target rings         */
	double rss;           /**< Memory before all [bytes]                */
};


static void begin(struct run *r, struct load *load, const struct load *like,
		  const struct rival *rival)
{
	*load = *like;
	load->program = rival->program;
	run_start(r, load, rival->side, "carol");
}


/* The first slice is to warm up */
static void transfers(struct price *price, const struct rival *rival)
{
	const double items = load_peers.items * load_peers.slices;
	struct load load;
	double secs = 0;
	struct run r;
	uint32_t i;

	begin(&r, &load, &load_peers, rival);
	price->rss = meter_rss(r.sut);
	run_slice(&r);
	(void)run_cost(&r);

	for (i=0; i<load.slices; i++) {
		wait_ms(PAUSE);
		run_slice(&r);
		secs += r.time * 1e-9;
	}

	price->cost = run_cost(&r) * bench.meter->scale / items;
	price->rate = items / secs;
	run_stop(&r);
}


/* What each takes, of many that ring */
static void ringing(struct price *price, const struct rival *rival)
{
	double before, after;
	struct load load;
	struct run r;

	begin(&r, &load, &load_ringing, rival);
	before = meter_rss(r.sut);
	run_slice(&r);
	after = meter_rss(r.sut);
	price->bytes = (after - before) / load.items;
	ringing_finish(&r);
	run_stop(&r);
}


static bool is_there(const struct rival *rival)
{
	const char *prefix = rival->where ? getenv(rival->where) : "";

	if (prefix)
		return true;

	(void)printf("%-14s not measured: %s is not set\n", rival->name,
		     rival->where);

	return false;
}


/**
 * Measure all that are there
 *
 * @return Exit status: 0
 */
int peers(void)
{
	double first = 0;
	size_t i;

	(void)printf("\n%s; %u to each, %u at a time\n"
		     "%-14s %10s %10s %8s %12s %10s\n", load_peers.desc,
		     load_peers.items * load_peers.slices, load_peers.window,
		     "", "rate [1/s]", "CPU [us]", "ratio", "ringing [KiB]",
		     "idle [MiB]");

	for (i=0; i<ARRAY_SIZE(rivalv); i++) {
		struct price price;

		if (!is_there(&rivalv[i]))
			continue;

		setup_limit(TIME_MAX);
		transfers(&price, &rivalv[i]);
		ringing(&price, &rivalv[i]);
		if (!first)
			first = price.cost;

		(void)printf("%-14s %10.0f %10.0f %8.2f %12.1f %10.1f\n",
			     rivalv[i].name, price.rate, price.cost,
			     price.cost / first, price.bytes / 1024,
			     price.rss / 1048576);
		(void)fflush(stdout);
	}

	return 0;
}
