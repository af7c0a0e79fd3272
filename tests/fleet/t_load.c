/**
 * @file t_load.c  A fleet under load: nothing is lost but what was killed
 */
#include <stdio.h>
#include "wire.h"
#include "fleet.h"
#include "fleet_load.h"


static const char *const defv[] = {"DENSITY=1000000", NULL};
static const unsigned mixv[KINDS] = {40, 20, 20, 20};


TEST(fleet_drain, "A bot that is drained gets no calls, and ends its own",
     .secs = 10)
{
	struct fleet *fl = fleet_start(.bots = 4, .defv = defv,
				       .memcheck = MEMCHECK_NONE,
				       .config = "refer_allow *@127.*\n");
	struct load l;

	load_start(&l, fl, 200, 16, mixv);
	if (!load_wait(&l, 200, 3 * WAIT)) {
		load_print_open(&l);
		FAIL("not done: %u", l.done);
	}
	printf("%llu ms\n", (unsigned long long)(l.last - l.first));
}
