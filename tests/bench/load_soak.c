/**
 * @file load_soak.c  Load: transfers of all roles, with all outcomes
 *
 * The number of an item says what it is. The baresip is the referee, out of a
 * dialog and in one, and the target answers, or is busy, or the REFER is
 * refused. It is the target, when its new call is replaced by another. And it
 * is the referrer, by a command.
 */
#include "bench.h"


enum kind {
	ANSWERED,             /**< Referee, out of a dialog                 */
	IN_CALL,              /**< Referee, in one                          */
	BUSY,                 /**< Referee; the target is busy              */
	REFUSED,              /**< Referee that refuses                     */
	REPLACED,             /**< Referee, and then target                 */
	SENT,                 /**< Referrer                                 */
	SENT_BUSY,            /**< Referrer; the target is busy             */
	KINDS
};

/* What has happened so far */
enum {
	UP        = 1<<0,     /**< Our call is established                  */
	ACKED     = 1<<1,     /**< The baresip has called, and our answer   */
	REFERRED  = 1<<2,     /**< REFER has come                           */
	OLD_OVER  = 1<<3,     /**< It has hung up                           */
	BYE_SENT  = 1<<4,
	OVER      = 1<<5,
	ASKED     = 1<<6,     /**< It is known to have our ACK              */
};

/* CSeq of what we send, those of load_transfer.c among them */
enum {
	SEQ_INVITE = 1,
	SEQ_REFER,
	SEQ_NOTIFY,
	SEQ_OPTIONS,
	SEQ_BYE = 8,
};


/* The old call is hung up after 100 ms, so that few are replaced */
static enum kind kind_of(const struct item *it)
{
	const enum kind kind = it->id % KINDS;

	return kind == REPLACED && it->id / KINDS % 10 ? ANSWERED : kind;
}


static void start(struct run *r, struct item *it)
{
	switch (kind_of(it)) {

	case IN_CALL:
	case SENT:
	case SENT_BUSY:
		send_request(r, it, "INVITE", SEQ_INVITE, NULL, "%s",
			     body_sdp);
		break;

	default:
		send_request(r, it, "REFER", SEQ_REFER, NULL,
			     "Refer-To: <sip:%08x@%s%s>\r\n%s", it->id,
			     r->local, kind_of(it) == REFUSED ? ";refuse" : "",
			     body_none);
		break;
	}
}


static void end(struct run *r, struct item *it)
{
	if (!run_first(r, it, OVER))
		return;

	it->dlg = mem_deref(it->dlg);
	run_done(r, it);
}


static void bye(struct run *r, struct item *it, const struct sip_msg *dlg)
{
	if (run_first(r, it, BYE_SENT))
		send_request(r, it, "BYE", SEQ_BYE, dlg, "%s", body_none);
}


static void old_call_over(struct run *r, struct item *it)
{
	if (run_first(r, it, OLD_OVER) && it->dlg)
		bye(r, it, it->dlg);
}


/* Hung up when the old call is over */
static void new_call_up(struct run *r, struct item *it,
			const struct sip_msg *msg)
{
	it->dlg = mem_ref((void *)msg);
	if (it->step & OLD_OVER)
		bye(r, it, it->dlg);
}


static void invite_answered(struct run *r, struct item *it,
			    const struct sip_msg *msg)
{
	send_request(r, it, "ACK", SEQ_INVITE, msg, "%s", body_none);
	if (!run_first(r, it, UP))
		return;

	/* a command by TCP may overtake the ACK; what is behind it does not */
	if (kind_of(it) == REPLACED)
		new_call_up(r, it, msg);
	else
		send_request(r, it, "OPTIONS", SEQ_OPTIONS, NULL, "%s",
			     body_none);
}


static void transfer(struct run *r, const struct item *it)
{
	ctrl_post(r->sut, "transfer", F("sip:%08x@%s", it->id, r->local));
}


static void recv_response(struct run *r, struct item *it,
			  const struct sip_msg *msg)
{
	const bool refer = !pl_strcmp(&msg->cseq.met, "REFER");
	const bool refused = refer && kind_of(it) == REFUSED;

	if (msg->scode < 200)
		return;

	if (refused != (msg->scode > 299))
		run_fail(r, msg);

	if (!pl_strcmp(&msg->cseq.met, "INVITE"))
		invite_answered(r, it, msg);
	else if (!pl_strcmp(&msg->cseq.met, "OPTIONS") &&
		 run_first(r, it, ASKED))
		transfer(r, it);
	else if (!pl_strcmp(&msg->cseq.met, "BYE") || refused)
		end(r, it);
}


/* A new call, or a re-INVITE that puts ours on hold or resumes it */
static void recv_invite(struct run *r, struct item *it,
			const struct sip_msg *msg)
{
	if (kind_of(it) == BUSY)
		send_reply(r, it, msg, "486 Busy Here", "%s", body_none);
	else
		send_reply(r, it, msg, "200 OK",
			   "Contact: <sip:%08x@%s>\r\n%s", it->id, r->local,
			   body_sdp);
}


static void recv_ack(struct run *r, struct item *it,
		     const struct sip_msg *msg)
{
	if (kind_of(it) == REPLACED && run_first(r, it, ACKED))
		send_request(r, it, "INVITE", SEQ_INVITE, NULL,
			     "Replaces: %r;to-tag=%r;from-tag=%r\r\n%s",
			     &msg->callid, &msg->from.tag, &msg->to.tag,
			     body_sdp);
	else if (kind_of(it) == SENT_BUSY && it->step & REFERRED)
		bye(r, it, msg);
}


static void recv_refer(struct run *r, struct item *it,
		       const struct sip_msg *msg)
{
	const char *frag = kind_of(it) == SENT ? "SIP/2.0 200 OK\r\n"
		: "SIP/2.0 486 Busy Here\r\n";

	send_reply(r, it, msg, "202 Accepted", "Contact: <sip:%08x@%s>\r\n%s",
		   it->id, r->local, body_none);
	if (run_first(r, it, REFERRED))
		send_request(r, it, "NOTIFY", SEQ_NOTIFY, msg,
			     "Event: refer;id=%u\r\n"
			     "Subscription-State: terminated;reason=noresource"
			     "\r\nContent-Type: message/sipfrag\r\n"
			     "Content-Length: %zu\r\n\r\n%s",
			     msg->cseq.num, str_len(frag), frag);
}


static void recv_notify(struct run *r, struct item *it,
			const struct sip_msg *msg)
{
	send_reply(r, it, msg, "200 OK", "%s", body_none);

	if (!notify_is_last(msg))
		return;

	if (notify_is_success(msg) != (kind_of(it) != BUSY))
		run_fail(r, msg);
	if (kind_of(it) == BUSY)
		end(r, it);
}


static void recv_bye(struct run *r, struct item *it,
		     const struct sip_msg *msg)
{
	send_reply(r, it, msg, "200 OK", "%s", body_none);

	if (kind_of(it) == SENT)
		end(r, it);
	else
		old_call_over(r, it);
}


static void recv_msg(struct run *r, struct item *it,
		     const struct sip_msg *msg)
{
	static const struct {
		const char *met;
		void (*h)(struct run *r, struct item *it,
			  const struct sip_msg *msg);
	} requestv[] = {
		{"INVITE", recv_invite},
		{"ACK",    recv_ack   },
		{"REFER",  recv_refer },
		{"NOTIFY", recv_notify},
		{"BYE",    recv_bye   },
	};
	size_t i;

	if (it->waits || kind_of(it) == ANSWERED || kind_of(it) == IN_CALL) {
		load_transfer.recv(r, it, msg);
		return;
	}

	if (!msg->req) {
		recv_response(r, it, msg);
		return;
	}

	for (i=0; i<ARRAY_SIZE(requestv); i++) {
		if (!pl_strcmp(&msg->met, requestv[i].met)) {
			requestv[i].h(r, it, msg);
			return;
		}
	}

	run_fail(r, msg);
}


const struct load load_soak = {
	.name   = "soak",
	.desc   = "transfers of all roles with all outcomes",
	.config = "refer_out_of_dialog accept\n"
		  "refer_rate 0\n"
		  "refer_max_pending 0\n"
		  "refer_max_pending_peer 0\n"
		  "refer_max_calls 0\n"
		  "module_app debug_cmd.so\n",
	.app    = "decide.so",
	.ctrl   = true,
	.items  = 1000,
	.slices = 10,
	.window = 1,
	.start  = start,
	.recv   = recv_msg,
};
