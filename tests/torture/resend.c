/**
 * @file resend.c  What RFC 3261 has a peer send again (sections 13.3, 17)
 *
 * A request goes again until there is a response, a final answer to an INVITE
 * until its ACK comes; a copy of a request gets the last response again, and
 * one of a final response to an INVITE its ACK. All else is the script's.
 */
#include <stdlib.h>
#include <string.h>
#include "badnet.h"
#include "harness.h"


enum {
	T1 = 500,             /**< bob's ms */
	T2 = 4000,
	GIVE_UP = 64 * T1,
};

/** A message that is sent again */
struct resent {
	struct le le;
	struct tmr tmr;
	struct peer *p;
	struct msg *m;
	uint32_t delay;       /**< Until the next time, bob's ms    */
	uint32_t age;
};

/** A response, or an ACK */
struct answer {
	struct le le;
	const struct peer *p;
	struct msg *m;
};

static struct list resentl, answerl;
static resend_h *lost_handler;


static bool is_invite(const struct msg *m)
{
	return !pl_strcmp(&m->sip->cseq.met, "INVITE");
}


static bool same_dialog(const struct msg *a, const struct msg *b)
{
	return !pl_cmp(&a->sip->callid, &b->sip->callid) &&
		a->sip->cseq.num == b->sip->cseq.num;
}


static bool same_transaction(const struct msg *a, const struct msg *b)
{
	return same_dialog(a, b) &&
		!pl_cmp(&a->sip->via.branch, &b->sip->via.branch) &&
		!pl_cmp(&a->sip->cseq.met, &b->sip->cseq.met);
}


static void stop(struct resent *r)
{
	tmr_cancel(&r->tmr);
	list_unlink(&r->le);
	free(r);
}


static void again_handler(void *arg)
{
	struct resent *r = arg;

	r->age += r->delay;

	if (r->age >= GIVE_UP) {
		struct peer *p = r->p;
		struct msg *m = r->m;

		stop(r);
		lost_handler(p, m);
		return;
	}

	/* an INVITE is not limited by T2 */
	r->delay *= 2;
	if (!r->m->sip->req || !is_invite(r->m))
		r->delay = MIN(r->delay, T2);
	r->delay = MIN(r->delay, GIVE_UP - r->age);

	tmr_start(&r->tmr, FAST(r->delay), again_handler, r);
	lossy_send(r->p, r->m, true);
}


static void start(struct peer *p, struct msg *m)
{
	struct resent *r = calloc(1, sizeof(*r));

	if (!r)
		abort();

	r->p = p;
	r->m = m;
	r->delay = T1;
	list_append(&resentl, &r->le, r);
	tmr_init(&r->tmr);
	tmr_start(&r->tmr, FAST(T1), again_handler, r);
}


static void remember(const struct peer *p, struct msg *m)
{
	struct answer *a = calloc(1, sizeof(*a));

	if (!a)
		abort();

	a->p = p;
	a->m = m;
	list_prepend(&answerl, &a->le, a);
}


/**
 * A peer sends a message for the first time
 *
 * @param p Peer
 * @param m Message
 */
void resend_sent(struct peer *p, struct msg *m)
{
	const bool ack = m->sip->req && msg_match(m, "ACK");

	if (!m->sip->req || ack)
		remember(p, m);

	if (m->sip->req ? !ack : scode(m) >= 200 && is_invite(m))
		start(p, m);
}


/* What is answered is not sent again */
static void answered(const struct peer *p, const struct msg *m)
{
	const bool ack = m->sip->req;
	struct le *le = resentl.head;

	while (le) {
		struct resent *r = le->data;

		le = le->next;

		if (r->p != p || r->m->sip->req == ack ||
		    !(ack ? same_dialog(r->m, m) : same_transaction(r->m, m)))
			continue;

		if (ack || scode(m) >= 200 || is_invite(m))
			stop(r);
		else
			r->delay = T2;
	}
}


static bool is_answer_to(const struct msg *a, const struct msg *m)
{
	if (m->sip->req)
		return !a->sip->req && same_transaction(a, m);

	return a->sip->req && is_invite(m) && scode(m) >= 200 &&
		same_dialog(a, m);
}


static void answer_again(struct peer *p, const struct msg *m)
{
	struct le *le;

	for (le = answerl.head; le; le = le->next) {

		const struct answer *a = le->data;

		if (a->p == p && is_answer_to(a->m, m)) {
			lossy_send(p, a->m, true);
			return;
		}
	}
}


/* In 4.x copies of an INVITE differ in the version of their SDP */
static bool is_copy(const struct peer *p, const struct msg *m)
{
	struct le *le;

	for (le = list_tail(&p->all); le; le = le->prev) {

		const struct msg *old = le->data;

		if (m->sip->req ? old->sip->req && same_transaction(old, m)
		    : msg_same(old, m))
			return true;
	}

	return false;
}


/**
 * A message has come for a peer
 *
 * @param p Peer
 * @param m Message
 */
void resend_received(struct peer *p, struct msg *m)
{
	if (!m->sip->req || msg_match(m, "ACK"))
		answered(p, m);

	if (is_copy(p, m))
		answer_again(p, m);
	else
		peer_take(p, m);
}


/** What was sent so far is not sent again, but for answers to copies */
void resend_forget(void)
{
	while (resentl.head)
		stop(resentl.head->data);
}


/**
 * Say who is to know of what was never answered
 *
 * @param h Handler
 */
void resend_lost(resend_h *h)
{
	lost_handler = h;
}
