/**
 * @file core_ops.c  What happens in a conversation of fuzz_core
 *
 * What bob's user and applications do; the peers are in core_peers.c.
 */
#include "core.h"
#include "core/core.h"
#include "referee/referee.h"
#include "referee/server.h"
#include "referrer/referrer.h"


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
	static op_h *const opv[] = {
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
