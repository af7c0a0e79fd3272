/**
 * @file load_calls.c  Load: calls that are answered and hung up at once
 */
#include "bench.h"


enum {
	INVITED,
	HANGING_UP,
};


static void start(struct run *r, struct item *it)
{
	send_request(r, it, "INVITE", 1, NULL, "%s", body_sdp);
}


static void invite_resp(struct run *r, struct item *it,
			const struct sip_msg *msg)
{
	if (msg->scode < 200)
		return;

	if (msg->scode != 200)
		run_fail(r, msg);

	send_request(r, it, "ACK", 1, msg, "%s", body_none);

	if (it->step != INVITED) {
		++r->again;
		return;
	}

	it->step = HANGING_UP;
	send_request(r, it, "BYE", 2, msg, "%s", body_none);
}


static void recv_msg(struct run *r, struct item *it,
		     const struct sip_msg *msg)
{
	if (!msg->req && !pl_strcmp(&msg->cseq.met, "INVITE"))
		invite_resp(r, it, msg);
	else if (msg->req || msg->scode != 200 || it->step != HANGING_UP)
		run_fail(r, msg);
	else if (it->done)
		++r->again;
	else
		run_done(r, it);
}


const struct load load_calls = {
	.name   = "calls",
	.desc   = "INVITE, 200, ACK, BYE, 200",
	.items  = 20,
	.slices = 10,
	.window = 4,
	.start  = start,
	.recv   = recv_msg,
};
