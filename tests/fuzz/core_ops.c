/**
 * @file core_ops.c  What happens in a conversation of fuzz_core
 *
 * What the peers send and answer, and what bob's user and applications do.
 */
#include "core.h"
#include "core/core.h"
#include "referee/referee.h"
#include "referee/server.h"
#include "referrer/referrer.h"


#define CHALLENGE "WWW-Authenticate: Digest realm=\"r\", nonce=\"n1\"\r\n"

static struct ua *any_peer(struct play *p)
{
	return p->peerv[below(p, PEERS)];
}


static struct ua *any_ua(struct play *p)
{
	const unsigned n = below(p, PEERS + 1);

	return n < PEERS ? p->peerv[n] : p->bob;
}


/* Returns NULL if there is none of those that are wanted */
static struct call *any_call(struct play *p, const struct ua *ua,
			     bool established)
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


static void do_refer(struct play *p)
{
	do_request(p, "REFER", any_refer(p));
}


static void do_notify(struct play *p)
{
	do_request(p, "NOTIFY", any_notify(p));
}


static void do_subscribe(struct play *p)
{
	do_request(p, "SUBSCRIBE", any_subscribe(p));
}


static void do_outside(struct play *p)
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
static void do_raw(struct play *p)
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


/* A message of a peer once more, maybe with a few bytes changed */
static void do_again(struct play *p)
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
			const size_t at = take(p) * 256u + take(p);

			buf[at % mb->end] = (char)take(p);
		}

		ua_send(ua, p->bob, "%b", buf, mb->end);
		return;
	}
}


/* A response to a request of bob's, maybe one that was answered */
static void do_respond(struct play *p)
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


static void do_script(struct play *p)
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


static void do_answer_held(struct play *p)
{
	struct ua *ua = any_peer(p);
	const uint16_t code = any_code(p);

	if (!list_isempty(&ua->heldl))
		peer_answer_held(ua, code ? code : 200, any_answer(p, code));
}


static void do_how(struct play *p)
{
	static const uint16_t codev[] = {200, 180, 486, 0, 603, 183, 503};

	any_ua(p)->answer = ONE_OF(p, codev);
}


/* Nothing happens if it was answered, and waits for the ACK */
static void answer(const struct call *call)
{
	struct mbuf *mb = mbuf_alloc(16);

	(void)mbuf_write_str(mb, "v=0\r\n");
	mb->pos = 0;
	(void)sipsess_answer(call->sess, 200, "OK", mb, NULL);
	mem_deref(mb);
}


/* Whoever is called goes on with it */
static void do_ring(struct play *p)
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


static void do_call(struct play *p)
{
	struct ua *peer = any_peer(p);
	const bool out = odds(p, 50);

	(void)call_place(out ? p->bob : peer, out ? peer : p->bob);
}


static void do_replaces(struct play *p)
{
	struct ua *ua = any_peer(p);
	const char *hdrs = text("Replaces: %s\r\n%s", any_replaces(p),
				odds(p, 30) ? "Require: replaces\r\n" : "");
	const struct host_invite inv = {.uri = p->bob->aor, .hdrs = hdrs};
	struct call *call;

	(void)host_call_place(&call, ua, &inv);
}


static void do_bye(struct play *p)
{
	struct call *call = any_call(p, any_ua(p), false);

	if (call)
		call_bye(call);
}


static void do_vanish(struct play *p)
{
	struct call *call = any_call(p, any_ua(p), false);

	if (call)
		call_vanish(call);
}


static void do_reinvite(struct play *p)
{
	struct call *call = any_call(p, any_peer(p), true);

	if (call)
		(void)host_call_hold(call, odds(p, 50));
}


static struct refer_server *any_server(struct play *p)
{
	unsigned n = below(p, 4);
	struct le *le;

	if (!p->bob->refer)
		return NULL;

	for (le = p->bob->refer->servers->l.head; le; le = le->next) {
		if (!n--)
			return le->data;
	}

	return NULL;
}


static void how_to_call(struct refer_invite_opts *opts, struct play *p)
{
	memset(opts, 0, sizeof(*opts));
	opts->target    = odds(p, 20) ? any_uri(p) : NULL;
	opts->anonymous = odds(p, 10);
	opts->name      = odds(p, 10) ? "Bob" : NULL;
}


/* An application, or the user, decides on a REFER */
static void do_server(struct play *p)
{
	const char *const contactv[] = {any_uri(p), NULL};
	struct refer_server *srv = any_server(p);
	struct refer_invite_opts call;
	struct refer_opts opts;

	how_to_call(&call, p);
	memset(&opts, 0, sizeof(opts));
	opts.invite   = &call;
	opts.nofollow = odds(p, 30);

	switch (below(p, 8)) {

	case 0:
	case 1:
		(void)refer_server_accept(srv, &opts);
		break;

	case 2:
		(void)refer_server_reject(srv, NULL);
		break;

	case 3:
		(void)refer_server_redirect(srv, contactv, NULL);
		break;

	case 4:
		(void)refer_server_trying(srv);
		break;

	case 5:
		(void)refer_server_notify(srv, any_code(p), NULL);
		break;

	case 6:
		opts.scode = any_code(p);
		(void)refer_server_reply(srv, &opts);
		break;

	default:
		refer_server_dispose(srv);
		break;
	}
}


/* Or executes it in its own time */
static void do_inviter(struct play *p)
{
	struct refer_server *srv = any_server(p);
	struct refer_invite_opts opts;
	struct refer_inviter *inv;

	how_to_call(&opts, p);
	if (!srv || referral_make_inviter(&inv, refer_server_referral(srv),
					  &opts))
		return;

	if (odds(p, 50))
		(void)refer_inviter_cancel(inv, NULL);
	else
		(void)refer_inviter_invite(inv);
}


static void send_refer(struct play *p, struct refer_client *c)
{
	static const char *const linev[] = {"X-A: b", NULL};
	struct refer_client_opts opts;
	const unsigned slot = below(p, 8), how = take(p);

	memset(&opts, 0, sizeof(opts));
	opts.nosub   = how >= 128 && how & 1;
	opts.hold    = (how >> 1 & 3) % 3;
	opts.keep    = (how >> 3 & 3) % 3;
	opts.timeout = how & 32 ? 9 : 0;
	opts.hdrv    = how & 64 ? linev : NULL;
	(void)refer_client_refer(c, &opts);

	if (slot < CLIENTS && !p->clientv[slot])
		p->clientv[slot] = c;
	else
		mem_deref(c);
}


static void do_transfer(struct play *p)
{
	struct call *call = any_call(p, p->bob, true);
	const char *uri = any_uri(p);
	struct refer_client *c;

	if (p->bob->refer && call &&
	    !client_alloc(&c, p->bob->refer->clients, call, uri))
		send_refer(p, c);
}


static void do_attended(struct play *p)
{
	struct call *call  = any_call(p, p->bob, true);
	struct call *other = any_call(p, p->bob, true);
	struct refer_client *c;

	if (p->bob->refer && call && other &&
	    !client_alloc_attended(&c, p->bob->refer, call, other))
		send_refer(p, c);
}


static void do_refer_outside(struct play *p)
{
	const char *peer = any_uri(p), *uri = any_uri(p);
	struct refer_client *c;

	if (p->bob->refer &&
	    !client_alloc_outside(&c, p->bob->refer->clients, p->bob, peer,
				  uri))
		send_refer(p, c);
}


/* What an application does with a REFER that it has kept, at any time */
static void do_client(struct play *p)
{
	struct refer_client **cp = &ONE_OF(p, p->clientv);

	switch (below(p, 4)) {

	case 0:
		*cp = mem_deref(*cp);
		break;

	case 1:
		(void)refer_client_dispose(*cp);
		break;

	default:
		(void)refer_client_refer(*cp, NULL);
		break;
	}
}


static void do_consult(struct play *p)
{
	static const struct refer_client_opts plain;
	struct call *call = any_call(p, p->bob, true);
	const unsigned how = below(p, 4);
	const char *uri = any_uri(p);
	struct consults *cs;

	if (!p->bob->refer)
		return;

	cs = p->bob->refer->consults;

	if (how == 0 && call)
		(void)consult_start(cs, call, uri, &plain);
	else if (how == 3)
		(void)consult_abort(cs, "given up");
	else
		(void)consult_exec(cs);
}


static void do_cancel(struct play *p)
{
	const unsigned id = below(p, 16);

	if (p->bob->refer)
		(void)refer_cancel(p->bob->refer, id);
}


static void do_wait(struct play *p)
{
	static const unsigned msv[] = {
		10, 100, 501, 1000, 2000, 3600, 5000, 11000, 16000, 33000,
		70000, 300000,
	};

	clock_forward(ONE_OF(p, msv));
}


/* As /rmmod */
static void do_stop(struct play *p)
{
	if (odds(p, 50))
		refer_stop(p->bob);
}


static void do_account(struct play *p)
{
	p->bob->no_calls    = below(p, 4) == 3;
	p->bob->no_transfer = below(p, 8) == 7;
}


/**
 * Do the next thing that the input says
 *
 * @param p Conversation
 */
void op_do(struct play *p)
{
	static void (*const opv[])(struct play *p) = {
		do_wait, do_refer, do_refer, do_notify, do_notify,
		do_subscribe, do_outside, do_raw, do_again, do_respond,
		do_script, do_script, do_answer_held, do_how, do_ring,
		do_ring, do_call, do_replaces, do_bye, do_vanish,
		do_reinvite, do_server, do_server, do_transfer, do_transfer,
		do_attended, do_refer_outside, do_client, do_consult,
		do_cancel, do_account, do_inviter,
	};
	const unsigned kind = take(p);

	if (kind == 255)
		do_stop(p);
	else
		opv[kind % ARRAY_SIZE(opv)](p);
}


static void answer_ringing(struct ua *ua)
{
	struct le *le = ua->calll.head;

	while (le) {
		struct call *call = le->data;

		le = le->next;
		if (!call->outgoing && !call->established && call->sess)
			answer(call);
	}
}


/**
 * From now on all is answered, and well
 *
 * @param p Conversation
 */
void be_polite(struct play *p)
{
	unsigned i;

	for (i=0; i<PEERS; ++i) {
		struct ua *ua = p->peerv[i];

		list_flush(&ua->scriptl);
		while (ua->heldl.head)
			peer_answer_held(ua, 200, NULL);

		ua->answer = 200;
		answer_ringing(ua);
	}

	p->bob->answer   = 200;
	p->bob->no_calls = 0;
	answer_ringing(p->bob);
}
