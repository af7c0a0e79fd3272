/**
 * @file load_transfer.c  Load: whole transfers
 *
 * We call the baresip, refer it to ourselves, answer its call, and hang up
 * both when the last NOTIFY has come. Others than baresip may end the old call
 * themselves.
 *
 * For the comparison with others all calls are up before the first REFER.
 * Asterisk needs that: its 200 goes out just before the caller's channel joins
 * the bridge, and until then it refuses a REFER.
 */
#include "bench.h"


enum {
	CALLS = 100,          /* Items of load_peers and load_ringing */
};


/* What has happened so far */
enum {
	CALLED   = 1<<0,      /**< Our call is established                  */
	ANSWERED = 1<<1,      /**< The baresip has called                   */
	ACKED    = 1<<2,
	TOLD     = 1<<3,      /**< The last NOTIFY has come                 */
	OLD_OVER = 1<<4,      /**< The calls are hung up                    */
	NEW_OVER = 1<<5,
	RINGING  = 1<<6,      /**< The target rings, in load_ringing        */
};

/* CSeq of what we send; two dialogs can share the numbers */
enum {
	SEQ_INVITE = 1,
	SEQ_REFER,
	SEQ_BYE_OLD,
	SEQ_BYE_NEW,
};


static void start(struct run *r, struct item *it)
{
	send_request(r, it, "INVITE", SEQ_INVITE, NULL, "%s", body_sdp);
}


static void refer(struct run *r, const struct item *it,
		  const struct sip_msg *dlg)
{
	send_request(r, it, "REFER", SEQ_REFER, dlg,
		     "Refer-To: <sip:%08x@%s>\r\n%s", it->id, r->local,
		     body_none);
}


/* Calls that are up, in their order, and how many of them have had a REFER */
static struct {
	struct sip_msg *msgv[CALLS];
	uint32_t n;
	uint32_t referred;
} up;


static void refer_next(struct run *r)
{
	struct sip_msg *msg;

	if (up.referred == up.n)
		return;

	msg = up.msgv[up.referred++];
	--r->waiting;
	refer(r, &r->itemv[pl_x32(&msg->from.uri.user)], msg);
	mem_deref(msg);
}


/* A call is up: refer it, or when all are */
static void call_up(struct run *r, struct item *it, const struct sip_msg *msg)
{
	uint32_t i;

	if (!r->load->calls_first) {
		refer(r, it, msg);
		return;
	}

	if (up.referred == up.n)
		up.referred = up.n = 0;

	up.msgv[up.n++] = mem_ref((void *)msg);
	run_wait(r, it);

	if (up.n < r->load->items)
		return;

	for (i=0; i<r->load->window; i++)
		refer_next(r);
}


static void over(struct run *r, struct item *it, int step)
{
	const int all = OLD_OVER | NEW_OVER;

	if (!run_first(r, it, step) || (it->step & all) != all)
		return;

	run_done(r, it);
	refer_next(r);
}


static void recv_response(struct run *r, struct item *it,
			  const struct sip_msg *msg)
{
	if (msg->scode < 200)
		return;

	/* both sides may end a call at the same time */
	if (msg->scode > 299 &&
	    !(r->load->program && !pl_strcmp(&msg->cseq.met, "BYE")))
		run_fail(r, msg);

	if (!pl_strcmp(&msg->cseq.met, "REFER"))
		return;

	switch (msg->cseq.num) {

	case SEQ_INVITE:
		send_request(r, it, "ACK", SEQ_INVITE, msg, "%s", body_none);
		if (run_first(r, it, CALLED))
			call_up(r, it, msg);
		break;

	case SEQ_BYE_OLD:
		over(r, it, OLD_OVER);
		break;

	case SEQ_BYE_NEW:
		over(r, it, NEW_OVER);
		break;

	default:
		break;
	}
}


/* The target hangs up, and not before the transferor knows that it has
   answered: Asterisk reports 503 of a call that is over by then */
static void bye_new(struct run *r, struct item *it)
{
	if (!it->dlg || !(it->step & TOLD))
		return;

	send_request(r, it, "BYE", SEQ_BYE_NEW, it->dlg, "%s", body_none);
	it->dlg = mem_deref(it->dlg);
}


static void recv_ack(struct run *r, struct item *it, const struct sip_msg *msg)
{
	if (!run_first(r, it, ACKED))
		return;

	it->dlg = mem_ref((void *)msg);
	bye_new(r, it);
}


static void recv_notify(struct run *r, struct item *it,
			const struct sip_msg *msg)
{
	send_reply(r, it, msg, "200 OK", "%s", body_none);

	if (!notify_is_last(msg) || !run_first(r, it, TOLD))
		return;

	if (!notify_is_success(msg))
		run_fail(r, msg);

	bye_new(r, it);

	if (it->step & OLD_OVER)
		return;

	if (it->step & CALLED)
		send_request(r, it, "BYE", SEQ_BYE_OLD, msg, "%s", body_none);
	else
		over(r, it, OLD_OVER);
}


static void recv_bye(struct run *r, struct item *it,
		     const struct sip_msg *msg)
{
	const bool old = pl_x32(&msg->callid) == it->id &&
		!pl_strcmp(&msg->callid, F("%08x", it->id));

	send_reply(r, it, msg, "200 OK", "%s", body_none);
	over(r, it, old ? OLD_OVER : NEW_OVER);
}


static void pick_up(struct run *r, struct item *it, const struct sip_msg *msg)
{
	(void)run_first(r, it, ANSWERED);
	send_reply(r, it, msg, "200 OK", "Contact: <sip:%08x@%s>\r\n"
		   "%s", it->id, r->local, body_sdp);
}


static void recv_msg(struct run *r, struct item *it,
		     const struct sip_msg *msg)
{
	if (!msg->req) {
		recv_response(r, it, msg);
	}
	else if (!pl_strcmp(&msg->met, "NOTIFY")) {
		recv_notify(r, it, msg);
	}
	else if (!pl_strcmp(&msg->met, "INVITE")) {
		pick_up(r, it, msg);
	}
	else if (!pl_strcmp(&msg->met, "ACK")) {
		recv_ack(r, it, msg);
	}
	else if (!pl_strcmp(&msg->met, "BYE") && r->load->program) {
		recv_bye(r, it, msg);
	}
	else {
		run_fail(r, msg);
	}
}


static struct {
	struct sip_msg *msgv[CALLS];
	uint32_t n;
} ringing;


/* The target rings until ringing_finish() */
static void recv_ringing(struct run *r, struct item *it,
			 const struct sip_msg *msg)
{
	const bool invite = msg->req && !pl_strcmp(&msg->met, "INVITE");

	if (!invite || it->step & ANSWERED) {
		recv_msg(r, it, msg);
		return;
	}

	send_reply(r, it, msg, "180 Ringing", "%s", body_none);
	if (run_first(r, it, RINGING)) {
		ringing.msgv[ringing.n++] = mem_ref((void *)msg);
		run_wait(r, it);
		refer_next(r);
	}
}


/**
 * Answer the calls whose targets ring, and wait until all is done
 *
 * @param r Run of load_ringing, all items of which wait
 */
void ringing_finish(struct run *r)
{
	while (ringing.n) {

		struct sip_msg *msg = ringing.msgv[--ringing.n];

		--r->waiting;
		pick_up(r, &r->itemv[pl_x32(&msg->uri.user)], msg);
		mem_deref(msg);
		run_finish(r);
	}
}


/* Debian's baresip has not more than 255 calls, pjsua as many as it is told */
const struct load load_peers = {
	.name   = "peers",
	.desc   = "a call, REFER in it, the new call, both hung up",
	.config = "refer_rate 0\ncall_max_calls 250\n",
	.items  = CALLS,
	.slices = 5,
	.window = 4,
	.calls_first = true,
	.start  = start,
	.recv   = recv_msg,
};

const struct load load_ringing = {
	.name   = "ringing",
	.desc   = "the same, with targets that ring all at once",
	.config = "refer_rate 0\nrefer_max_calls 0\ncall_max_calls 250\n",
	.items  = CALLS,
	.slices = 1,
	.window = 4,
	.calls_first = true,
	.start  = start,
	.recv   = recv_ringing,
};

const struct load load_transfer = {
	.name   = "transfer",
	.desc   = "a call, REFER in it, the new call, both hung up",
	.config = "refer_rate 0\n",
	.limit  = 1.25,
	.items  = 20,
	.slices = 10,
	.window = 4,
	.start  = start,
	.recv   = recv_msg,
};

const struct load load_http = {
	.name   = "http",
	.desc   = "the same, with refer_http.so and no client",
	.config = "refer_rate 0\nrefer_http_listen 127.0.0.1:8090\n",
	.app    = "refer_http.so",
	.beside = true,
	.limit  = 1.005,
	.items  = 20,
	.slices = 10,
	.window = 4,
	.start  = start,
	.recv   = recv_msg,
};

const struct load load_flood = {
	.name   = "flood",
	.desc   = "a transfer a second while others flood",
	.config = "module_app debug_cmd.so\n",
	.ctrl   = true,
	.items  = 1000,
	.start  = start,
	.recv   = recv_msg,
};
