/**
 * @file fleet.c  What a transfer costs in a fleet of bots behind kamailio
 *
 * First 1 to 8 bots, over UDP and TCP between them and kamailio: transfers a
 * second, and CPU time. Then memory, of calls that stay. Last one bot over TCP
 * after 500 transfers and after 20,000, each when libre has forgotten them: it
 * keeps a timer of 32 s for each INVITE over TCP too. With callgrind the last
 * only, as it counts instructions, which other programs do not disturb.
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
	SLICES    = 3,        /**< The median of so many                    */
	MANY      = 20000,    /**< Is it dearer after so many?              */
	EXACT     = 100,      /**< Those that callgrind looks at            */
	CALLS     = 40,       /**< Attended transfers, each leaves a call   */
	FORGET    = 64 * SIP_T1 + 500, /**< Then libre has forgotten, ms    */
	TIME_MAX  = 3600,     /**< s                                        */
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


/* Have so many transfers; all must be right */
static void transfers(struct fleet *fl, struct traffic *l, uint32_t n,
		      uint32_t window, const unsigned *mixv)
{
	struct fleet_sum sum;

	traffic_start(l, fl, n, window, mixv);
	if (!traffic_wait(l, n, TIME_MAX * 1000)) {
		traffic_print_open(l);
		FAIL("fleet: %u of %u are over", l->done, n);
	}

	fleet_sum(&sum, l, -1);
	if (sum.right != n)
		FAIL("fleet: %u of %u are right", sum.right, n);

	traffic_close(l);
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
	double bot, proxy;
	struct traffic l;

	transfers(fl, &l, 5, 1, attendedv);
	wait_ms(FORGET);
	bot   = (double)meter_rss(s);
	proxy = shm_kib(fl);
	transfers(fl, &l, CALLS, 1, attendedv);
	wait_ms(FORGET);
	(void)printf("fleet: a call that stays: %.0f KiB resident at its bot,"
		     " %.1f KiB at kamailio\n",
		     (meter_rss(s) - bot) / 1024 / (2 * CALLS),
		     (shm_kib(fl) - proxy) / (2 * CALLS));
	(void)fflush(stdout);
	stop(fl);
}


/* Counts while it is on; faster while it is off */
static double exact(struct fleet *fl)
{
	struct sut *s = fl->botv[0];
	struct traffic l;
	uint64_t n;

	meter_pause(s, false);
	n = bench.meter->read(s);
	transfers(fl, &l, EXACT, 1, blindv);
	n = bench.meter->read(s) - n;
	meter_pause(s, true);

	return (double)n * bench.meter->scale / EXACT;
}


/* CPU time of the bot; the median of some slices */
static double timed(struct fleet *fl)
{
	double valv[SLICES];
	struct stats st;
	struct traffic l;
	unsigned i;

	for (i=0; i<SLICES; i++) {

		uint64_t cpu = bots_cpu(fl);

		transfers(fl, &l, SLICE, WINDOW, blindv);
		cpu = bots_cpu(fl) - cpu;
		valv[i] = (double)cpu * bench.meter->scale / SLICE;
	}

	stats_calc(&st, valv, SLICES);

	return st.median;
}


static bool flat(void)
{
	struct fleet *fl = start(1, false);
	double (*measure)(struct fleet *) = bench.meter->exact ? exact : timed;
	double first, last;
	struct traffic l;
	bool ok;

	meter_pause(fl->botv[0], true);
	transfers(fl, &l, SLICE, WINDOW, blindv);
	wait_ms(FORGET);
	first = measure(fl);
	(void)printf("fleet: 1 bot, TCP: after %5u transfers %8.1f %s each\n",
		     SLICE, first, bench.meter->unit);
	(void)fflush(stdout);
	transfers(fl, &l, MANY, WINDOW, blindv);
	(void)printf("fleet: 1 bot, TCP: at once after them    %8.1f %s\n",
		     measure(fl), bench.meter->unit);
	(void)fflush(stdout);
	wait_ms(FORGET);
	last = measure(fl);
	ok   = last <= first * RATIO_MAX;
	(void)printf("fleet: 1 bot, TCP: after %5u transfers %8.1f %s each:"
		     " x %.3f, %s %.2f\n", MANY, last, bench.meter->unit,
		     last / first, ok ? "within" : "NOT within", RATIO_MAX);
	(void)fflush(stdout);
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
