/**
 * @file t_badnet.c  A few transfers over a bad network, for make test
 */
#include "badnet.h"


TEST(badnet_5, "Transfers while 5 % of all messages are lost, seed 1",
     .secs = 12, .limit = 240)
{
	badnet_run(1, 5, 1);
}


TEST(badnet_20, "Transfers while 20 % of all messages are lost, seed 2",
     .secs = 15, .limit = 240)
{
	badnet_run(2, 20, 1);
}


TEST(badnet_40, "Transfers while 40 % of all messages are lost, seed 3",
     .secs = 15, .limit = 240)
{
	badnet_run(3, 40, 1);
}
