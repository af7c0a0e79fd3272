/**
 * @file load_refer.c  Loads: REFER out of a dialog, compared with the floor
 *
 * Accepted, the module does no more than the floor: an application accepts
 * without a call and reports 200 (tests/decide.c), so that the messages are
 * the same.
 */
#include "bench.h"


#define CONFIG								\
	"refer_rate 0\n"						\
	"refer_max_pending 0\n"						\
	"refer_max_pending_peer 0\n"					\
	"refer_decide_time 30\n"


static void start(struct run *r, struct item *it)
{
	send_request(r, it, "REFER", 1, NULL,
		     "Refer-To: <sip:%08x@%s;report>\r\n%s", it->id, r->local,
		     body_none);
}


static void recv_accepted(struct run *r, struct item *it,
			  const struct sip_msg *msg)
{
	if (!msg->req && msg->scode == 202)
		return;

	if (!msg->req || pl_strcmp(&msg->met, "NOTIFY"))
		run_fail(r, msg);

	send_reply(r, it, msg, "200 OK", "%s", body_none);

	if (it->done)
		++r->again;
	else if (notify_is_last(msg))
		run_done(r, it);
}


static void recv_rejected(struct run *r, struct item *it,
			  const struct sip_msg *msg)
{
	if (!msg->req && msg->scode == 603)
		run_done(r, it);
	else
		run_fail(r, msg);
}


#define ACCEPTED							\
	.config = "refer_out_of_dialog accept\n" CONFIG,		\
	.floor  = true,							\
	.app    = "decide.so",						\
	.limit  = 1.25,							\
	.items  = 50,							\
	.slices = 20,							\
	.window = 8,							\
	.start  = start,						\
	.recv   = recv_accepted

const struct load load_accept = {
	.name   = "accept",
	.desc   = "REFER, 202, NOTIFY, 200, NOTIFY, 200",
	ACCEPTED,
};

const struct load load_reject = {
	.name   = "reject",
	.desc   = "REFER, 603",
	.config = "refer_out_of_dialog reject\n" CONFIG,
	.floor  = true,
	.limit  = 1.25,
	.items  = 50,
	.slices = 20,
	.window = 8,
	.start  = start,
	.recv   = recv_rejected,
};

static void recv_refused(struct run *r, struct item *it,
			 const struct sip_msg *msg)
{
	if (!msg->req && msg->scode >= 400)
		run_done(r, it);
	else
		run_fail(r, msg);
}


const struct load load_refuse = {
	.name   = "refuse",
	.desc   = "REFER out of a dialog, refused; stock: 501",
	.limit  = 1.1,
	.items  = 50,
	.slices = 20,
	.window = 8,
	.start  = start,
	.recv   = recv_refused,
};

const struct load load_wait10 = {
	.name    = "wait10",
	.desc    = "as accept, while 10 wait",
	.waiting = 10,
	ACCEPTED,
};

const struct load load_wait1k = {
	.name    = "wait1k",
	.desc    = "as accept, while 1,000 wait",
	.waiting = 1000,
	ACCEPTED,
};

const struct load load_wait10k = {
	.name    = "wait10k",
	.desc    = "as accept, while 10,000 wait",
	.waiting = 10000,
	ACCEPTED,
};

const struct load load_kept = {
	.name   = "kept",
	.desc   = "as accept, while 10,000 that have ended are kept",
	.config = "refer_out_of_dialog accept\n" CONFIG
		  "refer_history 10000\n"
		  "refer_history_time 3600\n",
	.app    = "decide.so",
	.ctrl   = true,
	.items  = 500,
	.slices = 22,
	.window = 8,
	.start  = start,
	.recv   = recv_accepted,
};
