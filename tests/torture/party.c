/**
 * @file party.c  alice and carol over the bad network: good user agents
 *
 * They answer what comes in order, take or refuse a call as the plan says,
 * report what came of a REFER, and give up as RFC 3261 has it.
 */
#include <stdlib.h>
#include <string.h>
#include "badnet.h"


#define OVER "terminated;reason=noresource"

enum {
	GIVE_UP = 32000,      /**< An INVITE without an answer, bob's ms */
};


static struct party *party_of(const struct peer *p)
{
	return p == bn.alice.p ? &bn.alice : &bn.carol;
}


static void reply(const struct party *x, struct msg *m, uint16_t code)
{
	(void)peer_reply(x->p, m, code, "As Told", NULL);
}


/**
 * Hang up; who has answered a call waits for the ACK first
 *
 * @param x Who
 */
void party_bye(struct party *x)
{
	x->leaving = true;
	if (!x->up || x->over)
		return;

	(void)dlg_request(x->d, "BYE", NULL);
	x->over = true;
}


/* When carol does not answer, alice's INVITE has had its time */
static uint16_t outcome(void)
{
	return bn.code ? bn.code : 408;
}


/* One NOTIFY at a time: two could come in the wrong order */
static void notify(struct party *x, unsigned what)
{
	const uint16_t code = what == 2 ? outcome() : 100;

	x->notifying = true;
	x->told_bob  = what;
	(void)dlg_request(x->d, "NOTIFY",
			  F("Event: refer;id=%u\r\nSubscription-State: %s\r\n"
			    "Content-Type: message/sipfrag;version=2.0\r\n\r\n"
			    "SIP/2.0 %u As Told\r\n", x->refer->sip->cseq.num,
			    what == 2 ? OVER : "active;expires=60", code));
}


static void notify_next(struct party *x)
{
	if (!x->refer || x->notifying)
		return;

	if (!x->told_bob)
		notify(x, 1);
	else if (x->told_bob == 1 && !tmr_isrunning(&x->tmr))
		notify(x, 2);
}


/* alice has called carol, who has taken or refused it */
static void refer_handler(void *arg)
{
	struct party *x = arg;

	if (bn.code == 200 && bn.attended)
		party_bye(&bn.carol);

	notify_next(x);
	wake();
}


static void on_refer(struct party *x, struct msg *m)
{
	reply(x, m, 202);
	x->refer = m;
	x->told_bob = 0;
	tmr_start(&x->tmr, FAST(bn.code ? bn.delay : GIVE_UP) + 1,
		  refer_handler, x);
	notify_next(x);
}


static void on_subscribe(struct party *x, struct msg *m)
{
	if (!x->refer || x->told_bob == 2 || x->unsubscribed) {
		reply(x, m, 481);
		return;
	}

	(void)peer_reply(x->p, m, 200, "OK", "Expires: 60\r\n");
	x->told_bob = 0;
	notify_next(x);
}


static void on_notify(struct party *x, struct msg *m)
{
	const uint16_t code = (uint16_t)atoi(body(m) + strlen("SIP/2.0 "));

	reply(x, m, 200);

	if (code < 200)
		return;

	if (x->told && x->told != code)
		FAIL("a NOTIFY of %u after one of %u", code, x->told);

	x->told = code;
	if (code == 200 && bn.bye)
		party_bye(x);
}


static void answer_handler(void *arg)
{
	struct party *x = arg;

	if (bn.answer == 200) {
		(void)peer_reply(x->p, x->invite, 200, "OK", sdp(x->p));
		return;
	}

	reply(x, x->invite, bn.answer);
	x->over = true;
	wake();
}


static void on_call(struct party *x, struct msg *m)
{
	if (x->d)
		FAIL("%s is called twice:\n%s\n%s", x->p->name,
		     x->invite ? x->invite->raw : "", m->raw);

	x->d = dlg_accept(x->p, m);
	x->invite = m;
	x->rseq = m->sip->cseq.num;
	if (bn.rings)
		(void)peer_reply(x->p, m, 180, "Ringing", NULL);
	if (bn.answer)
		tmr_start(&x->tmr, FAST(bn.delay) + 1, answer_handler, x);
}


static void on_reinvite(struct party *x, struct msg *m)
{
	x->held = strstr(body(m), "a=sendonly") ||
		strstr(body(m), "a=inactive");
	(void)peer_reply(x->p, m, 200, "OK",
			 sdp_dir(x->p, x->held ? "recvonly" : "sendrecv"));
}


static void on_invite(struct party *x, struct msg *m)
{
	if (hdr_param(m, "To", "tag"))
		on_reinvite(x, m);
	else
		on_call(x, m);
}


static void on_cancel(struct party *x, struct msg *m)
{
	reply(x, m, 200);

	if (!x->invite || x->invite->final)
		return;

	tmr_cancel(&x->tmr);
	reply(x, x->invite, 487);
	x->over = true;
}


static void on_bye(struct party *x, struct msg *m)
{
	reply(x, m, 200);
	x->over = true;
}


static void on_ack(struct party *x, struct msg *m)
{
	if (!x->invite || x->invite->sip->cseq.num != m->sip->cseq.num)
		return;

	x->up = true;
	if (x->leaving)
		party_bye(x);
}


static const struct {
	const char *met;
	void (*h)(struct party *x, struct msg *m);
	bool in_order;        /* an older one than the last gets 500 */
} requestv[] = {
	{"INVITE",    on_invite,    true },
	{"ACK",       on_ack,       false},
	{"CANCEL",    on_cancel,    false},
	{"BYE",       on_bye,       true },
	{"REFER",     on_refer,     true },
	{"NOTIFY",    on_notify,    true },
	{"SUBSCRIBE", on_subscribe, true },
};


static bool is_late(struct party *x, const struct msg *m)
{
	if (m->sip->cseq.num < x->rseq)
		return true;

	x->rseq = m->sip->cseq.num;

	return false;
}


/* Of a transfer before: bob gives up what has never got through until now */
static void on_old(const struct party *x, struct msg *m)
{
	if (msg_match(m, "INVITE"))
		reply(x, m, 480);
	else if (!msg_match(m, "ACK"))
		reply(x, m, 481);
}


static void on_request(struct party *x, struct msg *m)
{
	const bool inside = hdr_param(m, "To", "tag") != NULL;
	size_t i = 0;

	if (lossy_is_old(m)) {
		on_old(x, m);
		return;
	}

	while (i < ARRAY_SIZE(requestv) && !msg_match(m, requestv[i].met))
		++i;

	if (i == ARRAY_SIZE(requestv))
		FAIL("what is this? %s", m->raw);

	if (inside && requestv[i].in_order &&
	    (!x->d || strcmp(x->d->callid, hdr(m, "Call-ID")))) {
		reply(x, m, 481);
		return;
	}

	if (inside && requestv[i].in_order && is_late(x, m)) {
		reply(x, m, 500);
		return;
	}

	if (x->over && (!strcmp(requestv[i].met, "INVITE") ||
			!strcmp(requestv[i].met, "REFER"))) {
		reply(x, m, 481);
		return;
	}

	requestv[i].h(x, m);
}


static void invite_answered(struct party *x, const struct msg *m)
{
	if (scode(m) >= 300) {
		ack_failure(x->d, m);
		x->over = true;
		return;
	}

	if (!x->up)
		dlg_confirm(x->d, m);

	dlg_ack(x->d, m);

	x->up = true;
	if (x->leaving)
		party_bye(x);
}


static void on_response(struct party *x, const struct msg *m)
{
	if (scode(m) < 200 || !x->d || strcmp(x->d->callid, hdr(m, "Call-ID")))
		return;

	if (msg_match(m, "* INVITE"))
		invite_answered(x, m);
	else if (msg_match(m, "* NOTIFY")) {
		x->notifying = false;
		notify_next(x);
	}
}


/* Nobody has answered it: RFC 3261 sections 13.3.1.4 and 17.1 */
static void lost_handler(struct peer *p, struct msg *m)
{
	struct party *x = party_of(p);

	ladder_note(p->name, F("gives up: %s", msg_summary(m)));

	if (!x->d || strcmp(x->d->callid, hdr(m, "Call-ID")))
		return;

	x->unsubscribed |= msg_match(m, "NOTIFY");
	if (msg_match(m, "INVITE") || msg_match(m, "REFER"))
		x->lost = now_ms();
	if (msg_match(m, "200 INVITE") && !x->up) {
		x->up = true;
		party_bye(x);
	}
	else if (msg_match(m, "INVITE"))
		x->leaving = true;

	wake();
}


/** Make the parties, behind the bad network */
void parties_begin(void)
{
	bn.alice.p = peer_new("alice");
	bn.carol.p = peer_new("carol");
	lossy_join(bn.alice.p);
	lossy_join(bn.carol.p);
	resend_lost(lost_handler);
}


static void reset(struct party *x)
{
	struct peer *p = x->p;

	tmr_cancel(&x->tmr);
	memset(x, 0, sizeof(*x));
	x->p = p;
	tmr_init(&x->tmr);
	peer_flush(p);
}


/** Have the parties forget all */
void parties_reset(void)
{
	reset(&bn.alice);
	reset(&bn.carol);
	resend_forget();
	lossy_forget();
}


static void serve_party(struct party *x)
{
	while (x->p->queue.head) {

		struct msg *m = list_ledata(x->p->queue.head);

		list_unlink(&m->qle);

		if (m->sip->req)
			on_request(x, m);
		else
			on_response(x, m);
	}
}


/**
 * Have the parties react to what they have received
 *
 * @param arg Not used
 *
 * @return False, as a condition that is never fulfilled
 */
bool parties_serve(void *arg)
{
	(void)arg;

	serve_party(&bn.alice);
	serve_party(&bn.carol);

	return false;
}
