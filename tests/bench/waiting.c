/**
 * @file waiting.c  REFERs that wait for a decision while others are handled
 *
 * One that waits is not answered before 3.5 s are over, with 100. So that few
 * are lost, after some of them goes one that is answered at once: with 400,
 * since it has no Refer-To. The answers come in a burst, for which the socket
 * may have no room: a REFER without an answer is sent again, as over UDP.
 */
#include "bench.h"


enum {
	BATCH    = 50,        /**< REFERs that go out in one                */
	AGAIN    = 5000,      /**< REFERs without an answer go again, ms    */
	WAIT_MAX = 25000,     /**< Deadline for all to be waiting, ms       */
};


static void send_one(struct run *r, const struct item *it)
{
	send_request(r, it, "REFER", 1, NULL,
		     "Refer-To: <sip:%08x@%s;wait>\r\n%s", it->id, r->local,
		     body_none);
}


static void send_marker(struct run *r, const struct item *it)
{
	send_request(r, it, "REFER", 2, NULL, "%s", body_none);
}


static void send_batch(struct run *r)
{
	const uint32_t end = MIN(r->started + BATCH, r->goal);
	struct item *it = NULL;

	while (r->started < end) {

		it = &r->itemv[r->started];
		it->id = r->started++;

		send_one(r, it);
	}

	if (it)
		send_marker(r, it);
}


/**
 * Handle a message for a REFER that is to wait
 *
 * @param r   Run
 * @param it  Item that it is for
 * @param msg Message
 *
 * @return False if it is no business of waiting
 */
bool waiting_recv(struct run *r, struct item *it, const struct sip_msg *msg)
{
	if (msg->req || pl_strcmp(&msg->cseq.met, "REFER"))
		return false;

	if (msg->scode == 400)
		send_batch(r);
	else if (msg->scode != 100)
		return false;
	else if (!it->waits) {
		it->waits = true;
		if (++r->waiting + r->done == r->goal)
			wake();
	}

	return true;
}


/* The last one of a batch may be what is missing for the next one to go */
static void send_again(struct run *r)
{
	uint32_t i;

	for (i=0; i<r->started; i++) {

		const struct item *it = &r->itemv[i];

		if (!it->done && !it->waits)
			send_one(r, it);
	}

	if (r->started < r->goal)
		send_marker(r, &r->itemv[r->started - 1]);
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
	r->rss = meter_rss(r->sut);
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
	const uint64_t end = now_ms() + WAIT_MAX;

	while (!wait_until(all_cond, r, AGAIN) && now_ms() < end)
		send_again(r);

	if (!all_cond(r))
		FAIL("%s: %u of %u do not wait at %s", r->load->name,
		     r->goal - r->done - r->waiting, r->goal - r->done,
		     r->sut->name);

	r->wait_cost  = run_cost(r) / n;
	r->wait_bytes = (meter_rss(r->sut) - (double)r->rss) / n;
}
