/**
 * @file t_torture.c  A short torture with fixed seeds, for make test
 */
#include "torture.h"


static void run(uint64_t seed)
{
	struct script s = {0, NULL, 0};

	script_make(&s, seed);
	torture_run(&s);
}


TEST(torture_1, "Random messages and commands, seed 1",
     .secs = 25, .limit = 240)
{
	run(1);
}


TEST(torture_2, "Random messages and commands, seed 2",
     .secs = 25, .limit = 240)
{
	run(2);
}


TEST(torture_3, "Random messages and commands, seed 3",
     .secs = 25, .limit = 240)
{
	run(3);
}
