/**
 * @file fleet.c  What a transfer costs in a fleet of bots behind kamailio
 *
 * First 1 to 8 bots, over UDP and TCP between them and kamailio: transfers a
 * second, and CPU time. Then memory, of calls that stay. Last a bot after
 * 20,000 transfers over TCP beside one after 500. Both have transfers at the
 * same time, so that whatever else goes on in the machine hits both. With
 * callgrind the last only, as it counts instructions, which other programs do
 * not disturb.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include "bench.h"
#include "fleet.h"
#include "fleet_traffic.h"
#include "fleet_table.h"


enum {
	TRANSFERS = 1000,     /**< For each number of bots                  */
	WINDOW    = 8,        /**< At a time, for each bot                  */
	SLICE     = 500,      /**< Whose cost is taken                      */
	PAIRS     = 7,
	MANY      = 20000,    /**< Is it dearer after so many?              */
	CALLS     = 40,       /**< Attended transfers, each leaves a call   */
	TIME_MAX  = 3600,     /**< s                                        */
};

/* Whose cost is compared */
enum bot {
	NEW,                  /**< It has had few transfers                 */
	OLD,                  /**< It has had many                          */
	BOTS
};

/** How transfers come when costs are compared */
struct way {
	const char *name;
	uint32_t n;           /**< Transfers of each bot, in a pair         */
	unsigned pairs;       /**< The median of so many ratios             */
	uint32_t window;      /**< At a time, for each bot                  */
	uint32_t rate;        /**< A second, for each bot; 0: no limit      */
};

#define RATIO_MAX 1.05

static const unsigned blindv[KINDS] = {100, 0, 0, 0};
static const unsigned attendedv[KINDS] = {0, 0, 100, 0};


static struct fleet *start(unsigned bots, bool udp)
{
	/* on a busy machine a bot is slow, not gone */
	static const char *const defv[] = {
		"DENSITY=1000000", "PATIENCE=60000", NULL
	};

	return fleet_start(.bots = bots, .udp = udp, .defv = defv,
			   .memcheck = MEMCHECK_NONE,
			   .config = "refer_allow *@127.*\n");
}


static void stop(struct fleet *fl)
{
	unsigned i;

	procs_check();
	procs_kill();

	for (i=0; i<fl->botc; i++) {
		fl->botv[i]->checked = true;
		dir_remove(fl->botv[i]->dir);
	}
}


/* kamailio is a process for each job */
static uint64_t proxy_cpu(const struct fleet *fl)
{
	const int pid = (int)fl->proxy->pid;
	const char *path = F("/proc/%d/task/%d/children", pid, pid);
	uint64_t sum = meter_cpu_time(pid);
	FILE *f = fopen(path, "r");
	int child;

	while (f && 1 == fscanf(f, "%d", &child))
		sum += meter_cpu_time(child);

	if (f)
		(void)fclose(f);

	return sum;
}


static uint64_t bots_cpu(const struct fleet *fl)
{
	uint64_t sum = 0;
	unsigned i;

	for (i=0; i<fl->botc; i++)
		sum += meter_cpu_time((int)fl->botv[i]->proc->pid);

	return sum;
}


/* Have so many transfers; all must be right. rate is for all bots together,
   countv tells how many each had */
static void paced(struct fleet *fl, struct traffic *l, uint32_t n,
		  uint32_t window, uint32_t rate, const unsigned *mixv,
		  unsigned *countv)
{
	struct fleet_sum sum;
	uint32_t i;

	traffic_start(l, fl, n, window, rate, mixv);
	if (!traffic_wait(l, n, TIME_MAX * 1000)) {
		traffic_print_open(l);
		FAIL("fleet: %u of %u are over", l->done, n);
	}

	fleet_sum(&sum, l, -1);
	if (sum.right != n)
		FAIL("fleet: %u of %u are right", sum.right, n);

	for (i=0; countv && i<n; i++)
		++countv[l->itemv[i].legv[CALL].bot];

	traffic_close(l);
}


static void transfers(struct fleet *fl, struct traffic *l, uint32_t n,
		      uint32_t window, const unsigned *mixv)
{
	paced(fl, l, n, window, 0, mixv, NULL);
}


static void scale(unsigned bots, bool udp)
{
	struct fleet *fl = start(bots, udp);
	uint64_t cpu, proxy;
	struct traffic l;
	double secs;

	transfers(fl, &l, 20 * bots, WINDOW * bots, blindv);
	cpu   = bots_cpu(fl);
	proxy = proxy_cpu(fl);
	transfers(fl, &l, TRANSFERS, WINDOW * bots, blindv);
	cpu   = bots_cpu(fl) - cpu;
	proxy = proxy_cpu(fl) - proxy;
	secs  = (double)(l.last - l.first) / 1000;

	(void)printf("fleet: %u bot(s), %s: %6.0f transfers a second, CPU of"
		     " each %6.0f us at its bot, %5.0f us at kamailio\n",
		     bots, udp ? "UDP" : "TCP", TRANSFERS / secs,
		     (double)cpu / 1000 / TRANSFERS,
		     (double)proxy / 1000 / TRANSFERS);
	(void)fflush(stdout);
	stop(fl);
}


static double shm_kib(struct fleet *fl)
{
	const char *text = fleet_cmd(fl, "core.shmmem", "k");
	const char *p = strstr(text, "real_used:");

	return p ? atof(p + strlen("real_used:")) : 0;
}


/* Each transfer joins two calls of the bot to one with itself: two sides */
static void memory(void)
{
	struct fleet *fl = start(1, false);
	struct sut *s = fl->botv[0];
	double proxy;
	size_t bot;
	struct traffic l;

	transfers(fl, &l, 5, 1, attendedv);
	wait_ms(FORGET);
	bot   = meter_rss(s);
	proxy = shm_kib(fl);
	transfers(fl, &l, CALLS, 1, attendedv);
	wait_ms(FORGET);
	(void)printf("fleet: a call that stays: %.0f KiB resident at its bot,"
		     " %.1f KiB at kamailio\n",
		     (double)(meter_rss(s) - bot) / 1024 / (2 * CALLS),
		     (shm_kib(fl) - proxy) / (2 * CALLS));
	(void)fflush(stdout);
	stop(fl);
}


/* One of them has many, as fast as it goes; the other gets none */
static void age(struct fleet *fl)
{
	struct traffic l;

	fleet_drain(fl, NEW, true);
	transfers(fl, &l, MANY, WINDOW, blindv);
	fleet_drain(fl, NEW, false);
	wait_ms(FORGET);
}


/* Both have so many transfers, at the same time; costs of one */
static void beside(struct fleet *fl, const struct way *w, uint32_t n,
		   double *costv)
{
	unsigned countv[BOTS] = {0}, i;
	uint64_t valv[BOTS];
	struct traffic l;

	for (i=0; i<BOTS; i++)
		valv[i] = bench.meter->read(fl->botv[i]);

	paced(fl, &l, BOTS * n, BOTS * w->window, BOTS * w->rate, blindv,
	      countv);

	for (i=0; i<BOTS; i++) {
		valv[i]  = bench.meter->read(fl->botv[i]) - valv[i];
		costv[i] = (double)valv[i] * bench.meter->scale / countv[i];
	}
}


static bool compare_ages(struct fleet *fl, const struct way *w)
{
	double costv[BOTS], ratiov[PAIRS];
	struct stats st;
	unsigned i;
	bool ok;

	for (i=0; i<w->pairs; i++) {
		beside(fl, w, w->n, costv);
		ratiov[i] = costv[OLD] / costv[NEW];
		(void)printf("fleet: %s: new bot %7.1f %s each, old bot %7.1f:"
			     " x %.3f\n", w->name, costv[NEW],
			     bench.meter->unit, costv[OLD], ratiov[i]);
		(void)fflush(stdout);
	}

	stats_calc(&st, ratiov, w->pairs);
	ok = st.median <= RATIO_MAX;
	(void)printf("fleet: %s: %s after %u transfers x %.3f, %s %.2f\n",
		     w->name, bench.meter->name, MANY, st.median,
		     ok ? "within" : "NOT within", RATIO_MAX);
	(void)fflush(stdout);

	return ok;
}


static bool flat(void)
{
	static const struct way wayv[] = {
		{"20 a second", SLICE, PAIRS, SLICE, 20},
		{"8 at a time", SLICE, PAIRS, WINDOW, 0},
	};
	/* what counts exactly is slow */
	static const struct way exact = {"1 at a time", 100, 1, 1, 20};
	struct fleet *fl = start(BOTS, false);
	double costv[BOTS];
	bool ok = true;
	unsigned i;

	for (i=0; i<BOTS; i++)
		meter_pause(fl->botv[i], true);

	age(fl);
	beside(fl, &wayv[0], SLICE, costv);

	for (i=0; i<BOTS; i++)
		meter_pause(fl->botv[i], false);

	if (bench.meter->exact)
		ok = compare_ages(fl, &exact);

	for (i=0; i<ARRAY_SIZE(wayv) && !bench.meter->exact; i++)
		ok &= compare_ages(fl, &wayv[i]);

	stop(fl);

	return ok;
}


/**
 * Measure a fleet
 *
 * @return Exit status: 0 if a transfer costs the same after many
 */
int fleet_bench(void)
{
	unsigned bots;

	setup_limit(TIME_MAX);
	(void)printf("fleet: a call, REFER in it, the new call, both hung up;"
		     " %u at a time for each bot\n", WINDOW);
	(void)fflush(stdout);

	for (bots=1; bots<=FLEET_MAX && !bench.meter->exact; bots *= 2) {
		scale(bots, true);
		scale(bots, false);
	}

	if (!bench.meter->exact)
		memory();

	return flat() ? 0 : 1;
}
