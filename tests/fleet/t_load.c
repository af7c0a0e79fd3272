/**
 * @file t_load.c  A fleet under load: nothing is lost but what was killed
 *
 * The bots run without a memory checker, which would make the load small.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "wire.h"
#include "harness.h"
#include "fleet.h"
#include "fleet_traffic.h"
#include "fleet_table.h"


enum {
	BOTS     = 4,
	WINDOW   = 16,
	VICTIM   = 1,
	AVOIDED  = 2000,      /**< A killed bot gets no calls after [ms]    */
	BACK     = 5000,      /**< One that is back gets them after [ms]    */
};

static const char *const defv[] = {"DENSITY=1000000", NULL};
static const unsigned mixv[KINDS] = {40, 20, 20, 20};


static struct fleet *start(void)
{
	return fleet_start(.bots = BOTS, .defv = defv,
			   .memcheck = MEMCHECK_NONE,
			   .config = "refer_allow *@127.*\n");
}


static void until(struct traffic *l, uint32_t n)
{
	if (traffic_wait(l, n, 12 * WAIT))
		return;

	traffic_print_open(l);
	FAIL("%u of %u are over", l->done, n);
}


/* Calls that callers or other bots have made to it; without one in the place
   of another, which belongs to the bot that has that one */
static unsigned new_calls(const char *bot)
{
	return seen_count("proxy", bot, "INVITE") -
		seen_count("proxy", bot, "INVITE ~ Replaces: ");
}


TEST(fleet_drain, "A bot that is drained gets no calls, and its transfers"
     " end", .secs = 12,
     .limit = 180)
{
	struct fleet *fl = start();
	struct fleet_sum sum;
	unsigned before;
	struct traffic l;

	traffic_start(&l, fl, 300, WINDOW, 0, mixv);
	until(&l, 60);
	fleet_drain(fl, VICTIM, true);
	before = new_calls(fl->namev[VICTIM]);
	CHECK(before > 0, "it had calls");
	until(&l, 240);
	EQ_INT(before, new_calls(fl->namev[VICTIM]));
	fleet_drain(fl, VICTIM, false);
	until(&l, 300);
	CHECK(new_calls(fl->namev[VICTIM]) > before, "it gets calls again");

	fleet_sum(&sum, &l, -1);
	EQ_INT(300, sum.right);
}


TEST(fleet_weights, "Calls go to the bots by their weights, which can change",
     .secs = 12, .limit = 180)
{
	static const unsigned weightv[BOTS] = {10, 10, 10, 70};
	static const unsigned blindv[KINDS] = {100, 0, 0, 0};
	struct fleet *fl = start();
	struct traffic l;
	unsigned n;

	fleet_list(fl, weightv);
	(void)fleet_cmd(fl, "dispatcher.reload");
	traffic_start(&l, fl, 200, WINDOW, 0, blindv);
	until(&l, 200);
	n = new_calls(fl->namev[BOTS - 1]);
	CHECK(n > 120 && n < 160, "%u of 200 for 70 %%", n);
}


static unsigned of_wire(const char *bot, const char *in, const char *out)
{
	return (in ? seen_count("proxy", bot, in) : 0) +
		(out ? seen_count(bot, "proxy", out) : 0);
}


TEST(fleet_table, "The table of make run DEMO=fleet is what the wire has seen",
     .secs = 10, .limit = 180)
{
	struct fleet *fl = start();
	size_t len = 0;
	char *text = NULL;
	FILE *f = open_memstream(&text, &len);
	unsigned i;

	fleet_demo_table(fl, f);
	(void)fclose(f);

	for (i=0; i<BOTS; i++) {

		const char *bot = fl->namev[i];
		const char *last = "NOTIFY ~ Subscription-State: terminated";
		struct fleet_row row = {
			.calls = of_wire(bot, "200 INVITE", "200 INVITE"),
			.transfers = of_wire(bot, NULL, last),
			.answered = of_wire(bot, NULL,
					    F("%s ~ SIP/2.0 200", last)),
			.refused = of_wire(bot, NULL,
					   F("%s ~ SIP/2.0 486", last)),
			.replaced = of_wire(bot, "INVITE ~ Replaces: ", NULL),
		};
		size_t n = 0;
		char *line = NULL;
		FILE *one = open_memstream(&line, &n);

		fleet_row_print(one, bot, &row);
		(void)fclose(one);
		HAS_TEXT(text, F("\n%s", line));
		free(line);
	}

	free(text);
}


/* How often kamailio has tried to give it a call in vain */
static unsigned tried(struct fleet *fl, unsigned bot)
{
	const char *text = F("cannot be sent to sip:%s:",
			     net_addr(fl->namev[bot], false));
	const char *p = proc_log(fl->proxy);
	unsigned n = 0;

	for (; (p = strstr(p, text)); ++p)
		++n;

	return n;
}


/* Those that have begun since then have another bot */
static void avoided(const struct traffic *l, uint64_t since)
{
	unsigned n = 0;
	uint32_t i;

	for (i=0; i<l->started; i++) {

		const struct xfer *it = &l->itemv[i];

		if (it->begin < since)
			continue;

		++n;
		CHECK(it->legv[CALL].bot != VICTIM, "%08x", it->id);
	}

	CHECK(n > 50, "%u calls since", n);
}


/* When the first call began that a bot has taken */
static uint64_t first_call(const struct traffic *l, int bot)
{
	uint32_t i;

	for (i=0; i<l->started; i++) {
		if (l->itemv[i].legv[CALL].bot == bot)
			return l->itemv[i].begin;
	}

	FAIL("no call has come to bot%d", bot + 1);
}


TEST(fleet_kill, "kill -9 of a bot of four under load: its own calls are lost,"
     " others are not", .secs = 25, .limit = 400)
{
	struct fleet *fl = start();
	struct fleet_sum sum;
	uint64_t killed, back;
	unsigned n;
	struct traffic l;

	traffic_start(&l, fl, 100000, WINDOW, 0, mixv);
	until(&l, 100);

	killed = now_ms();
	fleet_kill(fl, VICTIM);
	traffic_lose(&l, VICTIM);
	CHECK(fleet_wait(fl, VICTIM, false, AVOIDED), "kamailio finds out");
	while (now_ms() < killed + AVOIDED)
		wait_ms(10);

	n = tried(fl, VICTIM);
	until(&l, l.done + 100);
	traffic_stop(&l);
	until(&l, l.started);
	avoided(&l, killed + AVOIDED);
	EQ_INT(n, tried(fl, VICTIM));

	fleet_sum(&sum, &l, VICTIM);
	EQ_INT(0, sum.wrong);
	CHECK(sum.lost + sum.cut <= WINDOW, "%u, %u", sum.lost, sum.cut);
	traffic_close(&l);

	fleet_back(fl, VICTIM);
	back = now_ms();
	CHECK(fleet_wait(fl, VICTIM, true, BACK), "kamailio finds out");
	traffic_start(&l, fl, 100, WINDOW, 0, mixv);
	until(&l, 100);
	CHECK(first_call(&l, VICTIM) - back <= BACK, "it gets calls late");
	fleet_sum(&sum, &l, -1);
	EQ_INT(100, sum.right);
}


TEST(demo_fleet, "make run DEMO=fleet", .secs = 20, .limit = 400)
{
	struct proc *p = proc_run("demo", built("demo"), "fleet", NULL);

	CHECK(proc_wait(p, 30 * WAIT), "the demonstration ends");
	CHECK(!p->status, "demo fleet: %s", proc_status(p));
	HAS_TEXT(proc_log(p), ": 200 with the right outcome, 0 without\n");
	HAS_TEXT(proc_log(p), "\n   0 have none, or a wrong one\n");
	HAS_TEXT(proc_log(p), "\nOf 60 more transfers 60 have the right"
		 " outcome; bot2 has had ");
}
