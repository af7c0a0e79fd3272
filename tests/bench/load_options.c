/**
 * @file load_options.c  Load: OPTIONS out of a dialog
 */
#include "bench.h"


static void start(struct run *r, struct item *it)
{
	send_request(r, it, "OPTIONS", 1, NULL,
		     "Accept: application/sdp\r\n%s", body_none);
}


static void recv_msg(struct run *r, struct item *it,
		     const struct sip_msg *msg)
{
	if (it->done)
		++r->again;
	else if (msg->scode == 200)
		run_done(r, it);
	else
		run_fail(r, msg);
}


const struct load load_options = {
	.name   = "options",
	.desc   = "OPTIONS, 200",
	.items  = 50,
	.slices = 20,
	.window = 8,
	.start  = start,
	.recv   = recv_msg,
};
