/**
 * @file waiting.c  REFERs that wait for a decision while others are handled
 *
 * One that waits is not answered before 3.5 s are over, with 100. So that none
 * is lost, after some of them goes one that is answered at once: with 400,
 * since it has no Refer-To.
 */
#include "bench.h"


enum {
	BATCH    = 50,        /**< REFERs that go out in one                */
	WAIT_MAX = 25000,     /**< Deadline for all to be waiting, ms       */
};


static void send_batch(struct run *r)
{
	const uint32_t end = MIN(r->started + BATCH, r->goal);
	struct item *it = NULL;

	while (r->started < end) {

		it = &r->itemv[r->started];
		it->id = r->started++;

		send_request(r, it, "REFER", 1, NULL,
			     "Refer-To: <sip:%08x@%s;wait>\r\n%s", it->id,
			     r->local, body_none);
	}

	if (it)
		send_request(r, it, "REFER", 2, NULL, "%s", body_none);
}


/**
 * Handle a message for a REFER that is to wait
 *
 * @param r   Run
 * @param msg Message
 *
 * @return False if it is no business of waiting
 */
bool waiting_recv(struct run *r, const struct sip_msg *msg)
{
	if (msg->req || pl_strcmp(&msg->cseq.met, "REFER"))
		return false;

	if (msg->scode == 400)
		send_batch(r);
	else if (msg->scode != 100)
		return false;
	else if (++r->waiting + r->done == r->goal)
		wake();

	return true;
}


static bool all_cond(void *arg)
{
	const struct run *r = arg;

	return r->waiting + r->done == r->goal;
}


/**
 * Have some REFERs wait
 *
 * @param r Run
 * @param n Number of them
 */
void waiting_start(struct run *r, uint32_t n)
{
	r->rss = run_rss(r);
	(void)run_cost(r);

	r->goal = r->started + n;
	send_batch(r);
}


/**
 * Wait until they wait, and tell what one of them costs
 *
 * @param r Run
 */
void waiting_finish(struct run *r)
{
	const double n = r->goal - r->done;

	if (!wait_until(all_cond, r, WAIT_MAX))
		FAIL("%s: %u of %u do not wait at %s", r->load->name,
		     r->goal - r->done - r->waiting, r->goal - r->done,
		     r->sut->name);

	r->wait_cost  = run_cost(r) / n;
	r->wait_bytes = (run_rss(r) - (double)r->rss) / n;
}
