/**
 * @file scene.c  The scene that most tests begin with
 */
#include <string.h>
#include "wire.h"
#include "harness.h"
#include "scene.h"
#include "channel.h"


struct scene t;


/**
 * Start bob, alice and carol; alice calls bob, who answers. See scene()
 *
 * @param opts How to start bob
 */
void scene_call(const struct sut_opts *opts)
{
	t.bob   = sut_start_at(HERE, opts);
	t.alice = peer_new("alice");
	t.carol = peer_new("carol");
	t.call  = call_in(t.alice, t.bob);
}


/**
 * alice refers bob; the response is not awaited
 *
 * @param refer_to Value of Refer-To
 * @param more     More header lines, or ""
 *
 * @return The REFER
 */
struct msg *refer(const char *refer_to, const char *more)
{
	return dlg_request(t.call, "REFER", F("Refer-To: %s\r\n%s", refer_to,
					      more));
}


/**
 * alice refers bob to carol, and answers his NOTIFYs from now on
 *
 * @param more More header lines, or ""
 *
 * @return The REFER
 */
struct msg *refer_carol(const char *more)
{
	peer_auto(t.alice, "NOTIFY");

	return refer(F("<%s>", t.carol->uri), more);
}


/**
 * alice cancels her REFER
 *
 * @param req REFER
 */
void cancel_refer(const struct msg *req)
{
	(void)peer_send(t.alice, &t.call->dst,
			F("CANCEL %s SIP/2.0\r\n"
			  "Via: %s\r\n"
			  "Max-Forwards: 70\r\n"
			  "From: %s\r\n"
			  "To: %s\r\n"
			  "Call-ID: %s\r\n"
			  "CSeq: %u CANCEL\r\n"
			  "Content-Length: 0\r\n"
			  "\r\n", ruri(req), hdr(req, "Via"),
			  hdr(req, "From"), hdr(req, "To"),
			  hdr(req, "Call-ID"), req->sip->cseq.num));
}


/**
 * The call of a dialog lives if a re-INVITE in it gets 200
 *
 * @param d Dialog
 */
void check_alive(struct dlg *d)
{
	struct msg *m;

	(void)dlg_request(d, "INVITE", sdp(d->p));
	m = expect_any(d->p, F("xxx INVITE ~ Call-ID: %s", d->callid), WAIT);
	EQ_INT(200, scode(m));
	dlg_ack(d, m);
}


/**
 * Check all that a NOTIFY of a REFER must have
 *
 * @param n     NOTIFY
 * @param req   REFER
 * @param state Beginning of its Subscription-State
 * @param frag  Its status line
 */
void check_notify(struct msg *n, const struct msg *req, const char *state,
		  const char *frag)
{
	EQ_STR(F("refer;id=%u", req->sip->cseq.num), hdr(n, "Event"));
	EQ_STR("message/sipfrag;version=2.0", hdr(n, "Content-Type"));
	EQ_STR(F("%s\r\n", frag), body(n));
	CHECK(!strncmp(hdr(n, "Subscription-State"), state, strlen(state)),
	      "is %s", hdr(n, "Subscription-State"));
	EQ_INT(1, hdr_count(n, "Contact"));
}


/**
 * A peer tells bob the status of a transfer
 *
 * @param d     Dialog of the peer
 * @param req   The REFER that it is of
 * @param state Subscription-State
 * @param frag  Status line
 */
void notify_status(struct dlg *d, const struct msg *req, const char *state,
		   const char *frag)
{
	(void)dlg_request(d, "NOTIFY",
			  F("Event: refer;id=%u\r\n"
			    "Subscription-State: %s\r\n"
			    "Content-Type: message/sipfrag;version=2.0\r\n"
			    "\r\n%s\r\n", req->sip->cseq.num, state, frag));
}


/**
 * bob puts a call on hold; the peer agrees
 *
 * @param d Dialog of the peer
 *
 * @return The re-INVITE
 */
struct msg *answer_hold(struct dlg *d)
{
	struct msg *inv = expect_any(d->p, "INVITE ~ a=sendonly", WAIT);

	(void)peer_reply(d->p, inv, 200, "OK", sdp_dir(d->p, "recvonly"));
	(void)expect_any(d->p, F("ACK ~ CSeq: %u ACK", inv->sip->cseq.num),
			 WAIT);

	return inv;
}


/**
 * alice calls bob, who answers; she does not send the ACK
 *
 * @param config More configuration of bob, or NULL
 *
 * @return bob's 200, to be acknowledged
 */
struct msg *call_unacked(const char *config)
{
	struct msg *m;

	t.bob   = sut_start("bob", .config = config);
	t.alice = peer_new("alice");
	t.carol = peer_new("carol");
	t.call  = dlg_new(t.alice, t.bob->uri);
	(void)dlg_request(t.call, "INVITE", sdp(t.alice));

	m = expect_any(t.alice, "200 INVITE", WAIT);
	dlg_confirm(t.call, m);
	peer_flush(t.alice);

	return m;
}


/**
 * bob resumes a call; the peer agrees
 *
 * @param d Dialog of the peer
 */
void answer_resume(struct dlg *d)
{
	struct msg *inv = expect_any(d->p, "INVITE ~ a=sendrecv", WAIT);

	(void)peer_reply(d->p, inv, 200, "OK", sdp(d->p));
	(void)expect_any(d->p, F("ACK ~ CSeq: %u ACK", inv->sip->cseq.num),
			 WAIT);
}


/**
 * bob's menu transfers a call, without the module
 *
 * @param d Dialog of the peer, who agrees to be held
 *
 * @return The REFER, which is not answered yet
 */
struct msg *menu_refer(struct dlg *d)
{
	if (host_menu_holds())
		(void)answer_hold(d);

	return expect_any(d->p, "REFER", WAIT);
}


/**
 * bob transfers alice, who agrees to be held first
 *
 * @param target Parameters of /transfer
 *
 * @return The REFER, which is not answered yet
 */
struct msg *transfer(const char *target)
{
	struct resp r = ctrl(t.bob, "transfer", target);

	CHECK(r.ok, "%s", r.data);
	(void)answer_hold(t.call);

	return expect_any(t.alice, "REFER", WAIT);
}


/**
 * bob transfers a peer: the hold, if there is one to come, then the REFER
 *
 * @param d Dialog of the peer
 *
 * @return The REFER, which is not answered yet
 */
struct msg *await_refer(struct dlg *d)
{
	struct msg *m = expect_any(d->p, "*", WAIT);

	while (!msg_match(m, "REFER")) {
		if (msg_match(m, "INVITE"))
			peer_reply(d->p, m, 200, "OK",
				   sdp_dir(d->p, "recvonly"));
		m = expect_any(d->p, "*", WAIT);
	}

	return m;
}


/**
 * Get the Replaces header for a call of bob's, as he must be told
 *
 * @param old Call
 *
 * @return Header line
 */
const char *replaces(const struct dlg *old)
{
	return F("Replaces: %s;to-tag=%s;from-tag=%s\r\n", old->callid,
		 old->rtag, old->ltag);
}


/**
 * Call bob in the place of another call with him
 *
 * @param p   Who calls
 * @param old The other call
 *
 * @return Established call
 */
struct dlg *call_replacing(struct peer *p, const struct dlg *old)
{
	struct dlg *d = dlg_new(p, t.bob->uri);

	(void)dlg_request(d, "INVITE", F("%s%s", replaces(old), sdp(p)));
	(void)dlg_taken(d);

	return d;
}


/**
 * Have bob consult carol about alice's call
 *
 * @return The call with carol
 */
struct dlg *consulting(void)
{
	struct dlg *target;

	CHECK(ctrl(t.bob, "atransferstart", t.carol->uri).ok, "start");
	(void)answer_hold(t.call);
	target = answer(t.carol, expect_any(t.carol, "INVITE", WAIT));
	event(t.bob, "CALL_ESTABLISHED ~ carol", WAIT);

	return target;
}


/**
 * Have bob consult carol about alice's call, and join the two
 *
 * @param target Set to the call with carol
 *
 * @return REFER to alice, unanswered
 */
struct msg *joining(struct dlg **target)
{
	*target = consulting();
	CHECK(ctrl(t.bob, "atransferexec", NULL).ok, "exec");

	return expect_any(t.alice, "REFER", WAIT);
}


/**
 * Change what the configuration of bob has, beside what made him start
 *
 * @param from Text in it
 * @param to   What stands there from now on
 */
void mend(const char *from, const char *to)
{
	const char *file = F("%s/config", t.bob->dir);
	struct mbuf *mb = mbuf_alloc(4096);

	if (!slurp(mb, file))
		SETUP("no config");

	spew(file, replaced(keep((char *)mb->buf, mb->end), from, to));
	mem_deref(mb);
}
