/**
 * @file core_peers.c  What the peers do in a conversation of fuzz_core
 *
 * What they send and answer; and calls, of which bob's are like theirs.
 */
#include "core.h"


#define CHALLENGE "WWW-Authenticate: Digest realm=\"r\", nonce=\"n1\"\r\n"


/**
 * Get a peer
 *
 * @param p Conversation
 *
 * @return Peer
 */
struct ua *any_peer(struct play *p)
{
	return p->peerv[below(p, PEERS)];
}


/**
 * Get a peer, or bob
 *
 * @param p Conversation
 *
 * @return One of them
 */
struct ua *any_ua(struct play *p)
{
	const unsigned n = below(p, PEERS + 1);

	return n < PEERS ? p->peerv[n] : p->bob;
}


/**
 * Get a call
 *
 * @param p           Conversation
 * @param ua          Whose
 * @param established True if it must be established
 *
 * @return Call, NULL if there is none of those that are wanted
 */
struct call *any_call(struct play *p, const struct ua *ua, bool established)
{
	unsigned i, n = list_count(&ua->calll);
	const unsigned first = n ? below(p, n) : 0;

	for (i=0; i<n; ++i) {

		struct le *le = list_head(&ua->calll);
		unsigned at = (first + i) % n;
		struct call *call;

		while (at--)
			le = le->next;

		call = le->data;
		if (call->sess && (call->established || !established))
			return call;
	}

	return NULL;
}


static void do_request(struct play *p, const char *met, const char *lines)
{
	struct call *call = any_call(p, any_peer(p), true);

	if (call)
		call_request(call, met, "%s", lines);
}


void do_refer(struct play *p)
{
	do_request(p, "REFER", any_refer(p));
}


void do_notify(struct play *p)
{
	do_request(p, "NOTIFY", any_notify(p));
}


void do_subscribe(struct play *p)
{
	do_request(p, "SUBSCRIBE", any_subscribe(p));
}


void do_outside(struct play *p)
{
	static const char *const metv[] = {
		"REFER", "REFER", "REFER", "NOTIFY", "SUBSCRIBE", "INVITE",
	};
	const char *met = ONE_OF(p, metv);
	struct ua *ua = any_peer(p);
	const unsigned n = take(p);

	ua_send(ua, p->bob,
		"%s %s SIP/2.0\r\n"
		"Via: SIP/2.0/UDP %J;branch=z9hG4bKout%u;rport\r\n"
		"Max-Forwards: 70\r\n"
		"From: <%s>;tag=out%u\r\n"
		"To: <%s>\r\n"
		"Call-ID: out%u\r\n"
		"CSeq: %u %s\r\n"
		"Contact: <%s>\r\n"
		"%s",
		met, p->bob->aor, &ua->addr, n, ua->aor, n % 16, p->bob->aor,
		n % 16, 1 + n / 16, met, ua->aor, any_refer(p));
}


/* With a CSeq and tags of its own */
void do_raw(struct play *p)
{
	static const char *const metv[] = {
		"REFER", "NOTIFY", "SUBSCRIBE", "INVITE", "BYE", "CANCEL",
		"ACK", "OPTIONS", "UPDATE",
	};
	struct ua *ua = any_peer(p);
	struct raw raw;
	const char *lines;

	if (!wire_find(ua, false, "200 INVITE", 0))
		return;

	raw.met      = ONE_OF(p, metv);
	raw.callid   = odds(p, 10) ? "other" : NULL;
	raw.from_tag = odds(p, 10) ? "other" : NULL;
	raw.to_tag   = odds(p, 10) ? "other" : NULL;
	raw.cseq     = odds(p, 10) ? 4294967295u : below(p, 64);
	lines = odds(p, 30) ? any_refer(p) : odds(p, 50) ? any_notify(p) :
		any_subscribe(p);
	raw_request(ua, p->bob, &raw, "%s", lines);
}


/* libre's sessions send to the Contact of an INVITE, or of its answer, also if
   a blank in it makes the start line malformed */
static bool misleads_libre(const struct sip_msg *msg, const char *buf,
			   size_t len)
{
	struct pl contact;

	return !pl_strcmp(&msg->cseq.met, "INVITE") &&
		!re_regex(buf, len, "\nContact: [^\r\n]+", &contact) &&
		(pl_strchr(&contact, ' ') || pl_strchr(&contact, '\t'));
}


/* A message of a peer once more, maybe with a few bytes changed */
void do_again(struct play *p)
{
	struct ua *ua = any_peer(p);
	unsigned n = below(p, 16);
	char buf[4096];
	struct le *le;

	for (le = ua->wirel.tail; le; le = le->prev) {

		const struct wire *w = le->data;
		const struct mbuf *mb = w->msg->mb;

		if (!w->tx || n--)
			continue;

		if (mb->end > sizeof(buf))
			return;

		memcpy(buf, mb->buf, mb->end);
		for (n=below(p, 8); n>4; --n) {
			size_t at = take(p) * 256u;

			at += take(p);
			buf[at % mb->end] = (char)take(p);
		}

		if (!misleads_libre(w->msg, buf, mb->end))
			ua_send(ua, p->bob, "%b", buf, mb->end);
		return;
	}
}


/* A response to a request of bob's, maybe one that was answered */
void do_respond(struct play *p)
{
	static const char *const tagv[] = {"", ";tag=fork1", ";tag=fork2"};
	const uint16_t code = any_code(p);
	const char *tag = ONE_OF(p, tagv), *hdrs = any_answer(p, code);
	struct ua *ua = any_peer(p);
	unsigned n = below(p, 16);
	struct le *le;

	for (le = p->bob->wirel.tail; le; le = le->prev) {

		const struct wire *w = le->data;

		if (!w->tx || !w->msg->req || n--)
			continue;

		ua_send(ua, p->bob,
			"SIP/2.0 %u Forked\r\n"
			"Via: %r\r\nFrom: %r\r\nTo: %r%s\r\n"
			"Call-ID: %r\r\nCSeq: %u %r\r\n"
			"Contact: <%s>\r\n%sContent-Length: 0\r\n\r\n",
			code ? code : 100, &w->msg->via.val,
			&w->msg->from.val, &w->msg->to.val,
			pl_isset(&w->msg->to.tag) ? "" : tag,
			&w->msg->callid, w->msg->cseq.num, &w->msg->cseq.met,
			ua->aor, hdrs);
		return;
	}
}


void do_script(struct play *p)
{
	static const char *const metv[] = {
		"REFER", "NOTIFY", "INVITE", "SUBSCRIBE", "BYE",
	};
	const char *met = ONE_OF(p, metv);
	const uint16_t code = any_code(p);
	const char *hdrs = (code == 401 && odds(p, 50)) ? CHALLENGE :
		any_answer(p, code);

	peer_script(any_peer(p), met, code, hdrs);
}


void do_answer_held(struct play *p)
{
	struct ua *ua = any_peer(p);
	const uint16_t code = any_code(p);

	if (!list_isempty(&ua->heldl))
		peer_answer_held(ua, code ? code : 200, any_answer(p, code));
}


void do_how(struct play *p)
{
	static const uint16_t codev[] = {200, 180, 486, 0, 603, 183, 503};

	any_ua(p)->answer = ONE_OF(p, codev);
}


/**
 * Answer a call; nothing happens if it was answered, and waits for the ACK
 *
 * @param call Call
 */
void answer(const struct call *call)
{
	struct mbuf *mb = mbuf_alloc(16);

	(void)mbuf_write_str(mb, "v=0\r\n");
	mb->pos = 0;
	(void)sipsess_answer(call->sess, 200, "OK", mb, NULL);
	mem_deref(mb);
}


/* Whoever is called goes on with it */
void do_ring(struct play *p)
{
	struct call *call = any_call(p, any_ua(p), false);

	if (!call || call->outgoing || call->established)
		return;

	switch (below(p, 4)) {

	case 0:
		(void)sipsess_progress(call->sess, 183, "On", NULL, NULL);
		break;

	case 1:
		if (!sipsess_reject(call->sess, 486, "Busy", NULL))
			mem_deref(call);
		break;

	default:
		answer(call);
		break;
	}
}


void do_call(struct play *p)
{
	struct ua *peer = any_peer(p);
	const bool out = odds(p, 50);

	(void)call_place(out ? p->bob : peer, out ? peer : p->bob);
}


void do_replaces(struct play *p)
{
	struct ua *ua = any_peer(p);
	struct host_invite inv = {.uri = p->bob->aor};
	struct call *call;

	inv.hdrs = text("Replaces: %s\r\n", any_replaces(p));
	if (odds(p, 30))
		inv.hdrs = text("%sRequire: replaces\r\n", inv.hdrs);

	(void)host_call_place(&call, ua, &inv);
}


void do_bye(struct play *p)
{
	struct call *call = any_call(p, any_ua(p), false);

	if (call)
		call_bye(call);
}


void do_vanish(struct play *p)
{
	struct call *call = any_call(p, any_ua(p), false);

	if (call)
		call_vanish(call);
}


void do_reinvite(struct play *p)
{
	struct call *call = any_call(p, any_peer(p), true);

	if (call)
		(void)host_call_hold(call, odds(p, 50));
}
