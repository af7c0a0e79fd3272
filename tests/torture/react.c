/**
 * @file react.c  What the peers do when a message comes from bob
 *
 * Their choices are drawn from the seed, the peer, the method and how many of
 * it the peer has had, so that they stay when a script gets shorter.
 */
#include <stdlib.h>
#include <string.h>
#include "torture.h"


typedef void (react_h)(struct peer *p, struct leg *leg, struct msg *m);
typedef void (later_h)(struct leg *leg, struct msg *m);

/** Something that a peer does in a while */
struct later {
	struct tmr tmr;
	later_h *h;
	struct leg *leg;
	struct msg *m;
	uint64_t seed;
};


static void later_handler(void *arg)
{
	const struct later *l = arg;
	const uint64_t state = rnd_get();

	rnd_seed(l->seed);
	if (!l->leg->over)
		l->h(l->leg, l->m);
	rnd_set(state);
}


static void later(later_h *h, struct leg *leg, struct msg *m)
{
	struct later *l = calloc(1, sizeof(*l));

	if (!l)
		abort();

	l->h    = h;
	l->leg  = leg;
	l->m    = m;
	l->seed = rnd();
	tmr_init(&l->tmr);
	tmr_start(&l->tmr, below(FAST(12000)), later_handler, l);
}


static void reply(struct peer *p, struct msg *m, uint16_t code)
{
	(void)peer_reply(p, m, code, "As Told",
			 leg_headers(leg_find(hdr(m, "Call-ID")),
				     any_answer(code)));
	++tt.sent;
}


/**
 * Acknowledge the refusal of an INVITE: the ACK has the Via of it
 *
 * @param d Dialog
 * @param m Refusal
 */
void ack_failure(const struct dlg *d, const struct msg *m)
{
	(void)peer_send(d->p, &d->dst,
			F("ACK %s SIP/2.0\r\nVia: %s\r\nMax-Forwards: 70\r\n"
			  "From: %s\r\nTo: %s\r\nCall-ID: %s\r\n"
			  "CSeq: %u ACK\r\nContent-Length: 0\r\n\r\n",
			  d->target, hdr(m, "Via"), hdr(m, "From"),
			  hdr(m, "To"), d->callid, m->sip->cseq.num));
}


static void invite_answered(struct leg *leg, const struct msg *m)
{
	if (scode(m) >= 300) {
		ack_failure(leg->d, m);
		leg->over |= !leg->up;
		return;
	}

	if (!leg->up)
		dlg_confirm(leg->d, m);

	leg->up = true;
	dlg_ack(leg->d, m);

	/* given up meanwhile, or never to be heard of again */
	if (leg->over)
		(void)dlg_request(leg->d, "BYE", NULL);
}


static void on_response(struct leg *leg, const struct msg *m)
{
	if (!leg || scode(m) < 200 || !hdr(m, "Via"))
		return;

	if (msg_match(m, "* INVITE"))
		invite_answered(leg, m);
	else if (!leg->up && scode(m) < 300 && !leg->call) {
		dlg_confirm(leg->d, m);
		leg->up = true;
	}
}


static void take_call(struct leg *leg, struct msg *m)
{
	if (m->final)
		return;

	(void)peer_reply(leg->d->p, m, 200, "OK", sdp(leg->d->p));
	leg->up = true;
}


static void on_call(struct peer *p, struct leg *leg, struct msg *m)
{
	leg = leg_add(dlg_accept(p, m), true);

	if (tt.polite) {
		(void)peer_reply(p, m, 480, "Gone", NULL);
		leg->over = true;
		return;
	}

	switch (below(10)) {

	case 0:
		(void)peer_reply(p, m, 180, "Ringing", NULL);
		later(take_call, leg, m);
		break;

	case 1:
		(void)peer_reply(p, m, 183, "Progress", sdp(p));
		if (host_major() >= 3)
			legs_spoil_called();
		break;

	case 2:
	case 3:
		reply(p, m, any_code());
		leg->over = true;
		break;

	case 4:
		break;

	default:
		take_call(leg, m);
		break;
	}
}


static void on_reinvite(struct peer *p, struct leg *leg, struct msg *m)
{
	const bool held = strstr(body(m), "a=sendonly") ||
		strstr(body(m), "a=inactive");

	if (!tt.polite && odds(15)) {
		leg->spoilt = true;
		if (odds(80))
			reply(p, m, odds(50) ? 491 : any_code());
		return;
	}

	/* the menu's own /transfer holds, too */
	leg->spoilt |= !tt.loaded;
	leg->held = held;
	ladder_note(p->name, F("%s %s", held ? "held" : "resumed",
			       leg->d->callid));
	(void)peer_reply(p, m, 200, "OK",
			 sdp_dir(p, held ? "recvonly" : "sendrecv"));
}


static void on_invite(struct peer *p, struct leg *leg, struct msg *m)
{
	if (!hdr_param(m, "To", "tag"))
		on_call(p, leg, m);
	else if (leg && !leg->over)
		on_reinvite(p, leg, m);
	else
		(void)peer_reply(p, m, 481, "No Such Call", NULL);
}


static struct msg *canceled(const struct peer *p, const struct msg *cancel)
{
	struct le *le;

	for (le = list_tail(&p->all); le; le = le->prev) {

		struct msg *m = le->data;

		if (msg_match(m, "INVITE") && !m->final &&
		    !pl_cmp(&m->sip->via.branch, &cancel->sip->via.branch))
			return m;
	}

	return NULL;
}


static void on_cancel(struct peer *p, struct leg *leg, struct msg *m)
{
	struct msg *inv = canceled(p, m);

	if (!tt.polite && odds(10))
		return;

	(void)peer_reply(p, m, inv ? 200 : 481, "As Told", NULL);

	if (inv && (tt.polite || odds(90))) {
		(void)peer_reply(p, inv, 487, "Request Terminated", NULL);
		if (leg && !leg->up)
			leg->over = true;
	}
}


static void on_bye(struct peer *p, struct leg *leg, struct msg *m)
{
	if (leg)
		leg->over = true;

	if (tt.polite || odds(90))
		(void)peer_reply(p, m, leg ? 200 : 481, "As Told", NULL);
}


static void notify_any(struct leg *leg, struct msg *m)
{
	(void)leg_send(leg, "NOTIFY", any_notify(leg, m->sip->cseq.num));
	++tt.sent;
}


static void notify_end(struct leg *leg, struct msg *m)
{
	static const char *const fragv[] = {
		"SIP/2.0 200 OK\r\n", "SIP/2.0 486 Busy Here\r\n",
		"SIP/2.0 603 Decline\r\n",
	};

	(void)dlg_request(leg->d, "NOTIFY",
			  F("Event: refer;id=%u\r\nSubscription-State:"
			    " terminated;reason=noresource\r\nContent-Type:"
			    " message/sipfrag\r\n\r\n%s", m->sip->cseq.num,
			    ONE_OF(fragv)));
	++tt.sent;
}


static void on_refer(struct peer *p, struct leg *leg, struct msg *m)
{
	if (tt.polite) {
		(void)peer_reply(p, m, 603, "Decline", NULL);
		return;
	}

	if (!leg)
		leg = leg_add(dlg_accept(p, m), false);

	leg->refer = m;
	tt.core_refer |= !tt.loaded;

	if (odds(10))
		return;

	if (odds(15))
		notify_any(leg, m);

	if (odds(30)) {
		reply(p, m, odds(30) ? 202 : any_code());
		return;
	}

	(void)peer_reply(p, m, 202, "Accepted", NULL);
	if (odds(60))
		notify_any(leg, m);
	if (odds(30))
		later(notify_any, leg, m);
	if (odds(70))
		later(notify_end, leg, m);
}


static void on_notify(struct peer *p, struct leg *leg, struct msg *m)
{
	(void)leg;

	if (tt.polite || odds(80))
		(void)peer_reply(p, m, 200, "OK", NULL);
	else if (odds(70))
		reply(p, m, any_code());
}


static void on_subscribe(struct peer *p, struct leg *leg, struct msg *m)
{
	if (tt.polite || odds(60)) {
		(void)peer_reply(p, m, 200, "OK", "Expires: 60\r\n");
		if (leg && !leg->over)
			notify_end(leg, leg->refer ? leg->refer : m);
	}
	else if (odds(70))
		reply(p, m, any_code());
}


static void on_other(struct peer *p, struct leg *leg, struct msg *m)
{
	(void)leg;
	(void)peer_reply(p, m, 200, "OK", NULL);
}


static void on_ack(struct peer *p, struct leg *leg, struct msg *m)
{
	(void)p;
	(void)leg;
	(void)m;
}


static const struct {
	const char *met;
	react_h *h;
} reactv[] = {
	{"INVITE",    on_invite   },
	{"ACK",       on_ack      },
	{"BYE",       on_bye      },
	{"CANCEL",    on_cancel   },
	{"REFER",     on_refer    },
	{"NOTIFY",    on_notify   },
	{"SUBSCRIBE", on_subscribe},
	{"*",         on_other    },
};


static unsigned count(const struct peer *p, const char *met)
{
	unsigned n = 0;
	struct le *le;

	for (le = p->all.head; le; le = le->next)
		n += msg_match(le->data, met);

	return n;
}


static void on_request(struct peer *p, struct leg *leg, struct msg *m)
{
	const uint64_t state = rnd_get();
	size_t i = 0;

	while (!msg_match(m, reactv[i].met))
		++i;

	rnd_seed(hash_text(tt.script.seed,
			   F("%s %s %u", p->name, reactv[i].met,
			     count(p, reactv[i].met))));
	reactv[i].h(p, leg, m);
	rnd_set(state);
}


/**
 * Have the peers react to what they have received
 *
 * @param arg Not used
 *
 * @return False, as a condition that is never fulfilled
 */
bool serve(void *arg)
{
	unsigned i;

	(void)arg;

	for (i=0; i<PEERS; i++) {

		struct peer *p = tt.peerv[i];

		while (p && p->queue.head) {

			struct msg *m = list_ledata(p->queue.head);
			struct leg *leg = leg_find(hdr(m, "Call-ID"));

			list_unlink(&m->qle);

			if (m->sip->req)
				on_request(p, leg, m);
			else
				on_response(leg, m);
		}
	}

	return false;
}
