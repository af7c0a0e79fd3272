/**
 * @file soak.c  Many whole transfers: does anything fail, or stay behind?
 *
 * 10,000 transfers in a row, of all roles and with all outcomes, and 1,000
 * REFERs at once. The 1,000 wait together and are then accepted some at a
 * time, since this baresip has no more than 255 calls.
 *
 * libre keeps each transaction and ACK for 32 s, whoever makes them, and the
 * module what it has served for 5 s longer. When they have forgotten it, after
 * 10, 50 and 100 %, the bytes of the heap that are in use are read, and the
 * cost of each of the next 1,000 transfers. Where it is exact, these come at
 * a rate of their own: libre is slower, the more it keeps.
 */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "bench.h"


enum {
	TIME_MAX   = 400,     /**< Time limit, s                            */
	RATE       = 8,       /**< A second of those whose cost is exact    */
	CALLS      = 25,      /**< Calls at a time of those at once         */
	POINTS     = 3,
};

#define ONCE_MAX 1.1      /**< Most growth by those at once             */

/** What is read when all is forgotten */
struct point {
	double bytes;         /**< In use                                   */
	double cost;          /**< Of a transfer, by the meter              */
	unsigned descriptors;
};


/* The most after the first tenth; tables fill during the first 10,000 */
static double growth_max(void)
{
	return bench.times < 10 ? 1.1 : 1.02;
}


static void report(const struct run *r, const char *what)
{
	(void)printf("soak: %6u transfers, %u retransmissions, %6zu KiB"
		     " resident %s\n", r->done, r->again,
		     meter_rss(r->sut) / 1024, what);
	(void)fflush(stdout);
}


/* Returns true if its output ends so */
static bool says(struct run *r, const char *cmd, const char *text)
{
	const char *data = ctrl(r->sut, cmd, NULL).data;
	const size_t len = strlen(data), n = strlen(text);

	if (len >= n && !strcmp(data + len - n, text))
		return true;

	(void)printf("soak: /%s: something is left:\n%s\n", cmd, data);

	return false;
}


/* Returns the bytes in use, or 0 if not all is forgotten */
static double forget(struct run *r)
{
	wait_ms(FORGET);

	if (!says(r, "sipstat", "\nclient transactions:\n"
		  "server transactions:\n"))
		return 0;

	return atof(ctrl(r->sut, "trim", NULL).data);
}


static void accept_one(struct run *r, uint32_t id)
{
	const struct resp resp = ctrl(r->sut, "referaccept", F("%u", id));

	if (!resp.ok)
		FAIL("soak: #%u: %s", id, resp.data);

	--r->waiting;
}


/* Returns the number of the first transfer that is listed */
static uint32_t first_listed(struct run *r)
{
	const char *p = strstr(ctrl(r->sut, "referlist", "json").data,
			       "\"id\":");

	return p ? (uint32_t)atol(p + 5) : 0;
}


static unsigned descriptors(const struct run *r)
{
	DIR *dir = opendir(F("/proc/%d/fd", r->sut->proc->pid));
	unsigned n = 0;

	while (dir && readdir(dir))
		++n;

	/* "." and ".." */
	n -= min(n, 2);

	if (dir)
		(void)closedir(dir);

	return n;
}


/* What all has left behind, and what 1,000 more cost */
static struct point point(struct run *r)
{
	struct point p;

	report(r, "at the end of this share");
	p.bytes       = forget(r);
	p.descriptors = descriptors(r);

	meter_pause(r->sut, false);
	(void)run_cost(r);
	pace_start(&r->pace, bench.meter->exact ? RATE : 0);
	run_slice(r);
	pace_start(&r->pace, 0);
	p.cost = run_cost(r) * bench.meter->scale / r->load->items;
	meter_pause(r->sut, true);

	(void)printf("soak: %6u transfers, then %.1f KiB in use, %u"
		     " descriptors; %.2f %s for each of the next %u\n",
		     r->done - r->load->items, p.bytes / 1024, p.descriptors,
		     p.cost, bench.meter->unit, r->load->items);
	(void)fflush(stdout);

	return p;
}


static void at_once(struct run *r)
{
	uint32_t id, i;

	waiting_start(r, r->load->items);
	waiting_finish(r);
	report(r, F("while %u more wait", r->waiting));
	id = first_listed(r);

	for (i=1; i<=r->load->items; i++) {

		accept_one(r, id++);

		if (i % CALLS == 0)
			run_finish(r);
	}
}


static bool is_flat(const struct point *first, const struct point *last)
{
	const double bytes = last->bytes / first->bytes;
	const double cost  = last->cost / first->cost;
	const bool flat = bytes <= growth_max() &&
		last->descriptors == first->descriptors &&
		(!bench.meter->exact || cost <= growth_max());

	(void)printf("soak: after the first tenth bytes in use x %.4f, cost"
		     " x %.4f: %s x %.2f\n", bytes, cost,
		     flat ? "within" : "NOT within", growth_max());

	return flat;
}


/* Memory that glibc keeps for the next one of a size counts as in use. It
   comes and goes, so there is none here */
static void start(struct run *r)
{
	static const char name[] = "GLIBC_TUNABLES";

	(void)setenv(name, "glibc.malloc.tcache_count=0", 1);
	run_start(r, &load_soak, REFER, "carol");
	(void)unsetenv(name);
}


/**
 * Do many whole transfers
 *
 * @return Exit status: 0 if nothing is left, 1 if something is
 */
int soak(void)
{
	const uint32_t slices = load_soak.slices * bench.times;
	const uint32_t shares[POINTS] = {slices / 10, slices / 2, slices};
	struct point pointv[POINTS];
	uint32_t i, done = 0;
	struct run r;
	double bytes;
	bool ok;

	setup_limit(TIME_MAX * bench.times);
	(void)printf("soak: %s; %u in a row, then %u at once\n",
		     load_soak.desc, load_soak.items * slices,
		     load_soak.items);

	start(&r);
	meter_pause(r.sut, true);

	for (i=0; i<POINTS; i++) {
		while (done++ < shares[i])
			run_slice(&r);
		pointv[i] = point(&r);
	}

	ok = is_flat(&pointv[0], &pointv[POINTS - 1]);

	at_once(&r);
	report(&r, "after those at once");
	ok &= says(&r, "referlist", "refer: no transfers\n");
	ok &= says(&r, "listcalls", "(0) ---\n\n");
	bytes = forget(&r);
	ok &= bytes <= pointv[0].bytes * ONCE_MAX;
	(void)printf("soak: then %.1f KiB in use, x %.4f: limit x %.2f\n",
		     bytes / 1024, bytes / pointv[0].bytes, ONCE_MAX);

	(void)printf("soak: %u transfers, none went wrong, %s left\n",
		     r.done, ok ? "nothing" : "SOMETHING");
	run_stop(&r);

	return ok ? 0 : 1;
}
