/**
 * @file fleet_demo.c  make run DEMO=fleet
 *
 * Mixed transfers through a fleet, a table of what each bot has done, and the
 * same with one of the bots killed in the middle.
 */
#include <stdio.h>
#include <string.h>
#include "wire.h"
#include "fleet.h"
#include "fleet_traffic.h"
#include "fleet_table.h"


enum {
	TRANSFERS = 200,
	WINDOW    = 16,       /**< So many at a time                        */
	BEFORE    = 60,       /**< The bot is killed when so many are over  */
	VICTIM    = 1,        /**< Which bot                                */
	STEP      = 50,       /**< To look at the bus again [ms]            */
};

static const unsigned mixv[KINDS] = {40, 20, 20, 20};


static unsigned transfers(const struct fleet_row *rowv, unsigned n)
{
	unsigned i, sum = 0;

	for (i=0; i<n; i++)
		sum += rowv[i].transfers + rowv[i].replaced;

	return sum;
}


/* The events of the last transfers take their time to come over the bus */
static void await_bus(struct fleet *fl, struct fleet_row *rowv, unsigned n)
{
	const uint64_t late = now_ms() + WAIT;

	do {
		wait_ms(STEP);
		fleet_count(fl, rowv);
	} while (transfers(rowv, fl->botc) < n && now_ms() < late);
}


/**
 * Have mixed transfers, and print what came of them
 *
 * @param fl Fleet
 * @param f  File to print to
 */
void fleet_demo_table(struct fleet *fl, FILE *f)
{
	struct fleet_row rowv[FLEET_MAX];
	struct fleet_sum sum;
	struct traffic l;
	double secs;

	(void)fprintf(f, "%u transfers, %u at a time: %u %% to a target that"
		      " answers, %u %% to one that is\nbusy, %u %% attended,"
		      " which join the calls of two bots, and %u %% in which a"
		      " phone\ntakes the place of the caller.\n\n", TRANSFERS,
		      WINDOW, mixv[BLIND], mixv[BUSY], mixv[ATTENDED],
		      mixv[REPLACED]);
	(void)fflush(f);

	traffic_start(&l, fl, TRANSFERS, WINDOW, 0, mixv);
	if (!traffic_wait(&l, TRANSFERS, 12 * WAIT))
		FAIL("%u transfers have no end", l.started - l.done);

	secs = (double)(l.last - l.first) / 1000;
	fleet_sum(&sum, &l, -1);

	/* an attended one is one more at the bot whose call is replaced */
	await_bus(fl, rowv, TRANSFERS + TRANSFERS * mixv[ATTENDED] / 100);
	fleet_table_print(f, fl, rowv);
	(void)fprintf(f, "\n%u transfers in %.1f s, %.0f a second: %u with the"
		      " right outcome, %u without\n", l.done, secs,
		      l.done / secs, sum.right, sum.wrong + sum.lost);
	CHECK(sum.right == TRANSFERS, "not all transfers are right");
	traffic_close(&l);
}


static void one_killed(struct fleet *fl)
{
	const char *name = fl->namev[VICTIM];
	struct fleet_sum sum;
	struct traffic l;
	uint64_t killed;

	traffic_start(&l, fl, TRANSFERS, WINDOW, 0, mixv);
	if (!traffic_wait(&l, BEFORE, 12 * WAIT))
		FAIL("%u transfers have no end", l.started - l.done);

	(void)printf("\n%u more. After %u of them %s is killed (kill -9).\n",
		     TRANSFERS, l.done, name);
	(void)fflush(stdout);
	killed = now_ms();
	fleet_kill(fl, VICTIM);
	traffic_lose(&l, VICTIM);
	if (!fleet_wait(fl, VICTIM, false, WAIT))
		FAIL("kamailio does not find that %s is gone", name);

	(void)printf("kamailio gives it no more calls after %.1f s.\n",
		     (double)(now_ms() - killed) / 1000);

	if (!traffic_wait(&l, TRANSFERS, 12 * WAIT))
		FAIL("%u transfers have no end", l.started - l.done);

	fleet_sum(&sum, &l, VICTIM);
	(void)printf("\n%4u transfers were under way at %s, and are lost"
		     "\n%4u were to join a call of another bot with one of %s:"
		     " the outcome says that it is gone\n%4u have the right"
		     " outcome\n%4u have none, or a wrong one\n", sum.lost,
		     name, sum.cut, name, sum.right, sum.wrong);
	CHECK(!sum.wrong, "others have lost a transfer too");
	traffic_close(&l);
}


static void back_again(struct fleet *fl)
{
	const char *name = fl->namev[VICTIM];
	const uint64_t start = now_ms();
	struct fleet_row rowv[FLEET_MAX], oldv[FLEET_MAX];
	struct fleet_sum sum;
	struct traffic l;

	fleet_back(fl, VICTIM);
	if (!fleet_wait(fl, VICTIM, true, WAIT))
		FAIL("kamailio does not find that %s is back", name);

	(void)printf("\n%s is started again, and gets calls after %.1f s.\n",
		     name, (double)(now_ms() - start) / 1000);
	fleet_count(fl, oldv);
	traffic_start(&l, fl, BEFORE, WINDOW, 0, mixv);
	if (!traffic_wait(&l, BEFORE, 12 * WAIT))
		FAIL("%u transfers have no end", l.started - l.done);

	fleet_sum(&sum, &l, -1);
	await_bus(fl, rowv, transfers(oldv, fl->botc) + BEFORE);
	(void)printf("Of %u more transfers %u have the right outcome; %s has"
		     " had %u of their calls.\n", BEFORE, sum.right, name,
		     rowv[VICTIM].calls - oldv[VICTIM].calls);
	CHECK(sum.right == BEFORE, "not all transfers are right");
	traffic_close(&l);
}


/**
 * Show a fleet
 *
 * @param bots So many bots
 */
void fleet_demo(unsigned bots)
{
	static const char *const defv[] = {"DENSITY=1000000", NULL};
	struct fleet *fl = fleet_start(.bots = bots, .defv = defv,
				       .memcheck = MEMCHECK_NONE,
				       .config = "refer_allow *@127.*\n");

	(void)printf("%u bots at %s, behind kamailio at %s, with mosquitto as"
		     " their bus.\n\n", bots, net_addr(fl->namev[0], false),
		     fl->uri);
	fleet_demo_table(fl, stdout);
	one_killed(fl);
	back_again(fl);
}
