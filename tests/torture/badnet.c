/**
 * @file badnet.c  Plays transfers over a bad network, and judges them
 *
 * alice calls bob, then the network begins to lose. When the transfer has
 * ended the calls must be those that its outcome means, none left on hold.
 * Then the network is good again, the parties hang up, and nothing may be
 * left.
 */
#include <stdlib.h>
#include <string.h>
#include "badnet.h"


enum {
	ENDS    = 300000,     /**< All timers in a row, bob's ms            */
	STABLE  = 140000,     /**< A resume, INVITE, BYE, all unanswered    */
	CLEAR   = 80000,
	LOOK    = 1000,
	UNDER_WAY = 3000,     /**< A message, at most                       */
	SLACK   = 15000,      /**< Real ms, for a machine that is busy      */
};

static struct {
	uint64_t seed;
	const struct way *way;
	unsigned n;           /* transfer of the run */
	struct le *last;      /* event before it     */
} play;


static void look(void)
{
	(void)wait_until(parties_serve, NULL, FAST(LOOK));
}


static void make_plan(void)
{
	static const uint16_t codev[] = {200, 200, 200, 200, 486, 486, 0};

	rnd_seed(play.seed);
	bn.code     = ONE_OF(codev);
	bn.answer   = play.way->more && odds(80) ? 200 : bn.code;
	bn.delay    = below(6000);
	bn.rings    = odds(60);
	bn.bye      = odds(70);
	bn.attended = play.way->attended;
	bn.joined   = false;
}


static bool ending_find(struct ending *e)
{
	const char *want = F("refer,referEnded,id=%u ", bn.id), *s;
	struct le *le = play.last ? play.last->next
		: list_head(ctrl_events(tt.bob));

	for (; le; le = le->next) {

		const struct event *ev = le->data;

		if (strncmp(ev->param, want, strlen(want)))
			continue;

		s = strstr(ev->param, " code=");
		e->param = ev->param;
		e->time  = now_ms();
		e->code  = s ? (uint16_t)atoi(s + 6) : 0;
		s = strstr(ev->param, " outcome=");
		e->outcome = s ? keep(s + 9, strcspn(s + 9, " ")) : "";
		return true;
	}

	return false;
}


/* What should have begun it has never come to bob, and is not under way */
static bool is_lost(void)
{
	const struct party *x = play.way->start == wayv[4].start ? &bn.carol
		: &bn.alice;

	return x->lost && now_ms() > x->lost + FAST(UNDER_WAY) &&
		!lossy_arrived(x->p, true, "REFER", 0) &&
		!lossy_arrived(x->p, true, "INVITE ~ Replaces", 0);
}


/* Returns false if it has not begun */
static bool await_end(struct ending *e)
{
	const uint64_t end = now_ms() + FAST(ENDS) + SLACK;

	while (!ending_find(e)) {

		if (is_lost())
			return false;
		if (now_ms() > end)
			FAIL("no end: %s", ctrl(tt.bob, "referlist",
						NULL).data);
		if (play.way->more)
			play.way->more();
		look();
	}

	return true;
}


/* bob has given up a call whose re-INVITE was not answered */
static bool reinvite_lost(const struct party *x)
{
	return seen_count("bob", x->p->name,
			  F("INVITE ~ Call-ID: %s ~ tag=%s", x->d->callid,
			    x->d->ltag)) >
		0 && event_count(tt.bob, F("CALL_CLOSED ~ %s",
					   x->d->callid));
}


static bool is_held(const char *calls, const char *who)
{
	const char *s = strstr(calls, who), *line = s;

	while (line && line > calls && line[-1] != '\n')
		--line;

	return s && strstr(keep(line, (size_t)(s - line)), "(on hold)");
}


static const char *wrong_after_success(bool alice, bool carol)
{
	const struct party *x = &bn.carol;

	if (alice)
		return "alice's call is left";

	if (!play.way->carol_stays)
		return carol ? "carol's call is left" : NULL;

	if (x->up && !x->over && !carol)
		return "carol's call is gone";

	/* her BYE is what was lost */
	if (x->over && carol && lossy_arrived(x->p, true, "BYE", 0))
		return "carol's call is left";

	return NULL;
}


static const char *wrong_after_failure(bool alice, bool carol,
				       const char *calls)
{
	const struct party *x = &bn.alice;

	if (carol)
		return "carol's call is left";

	if (alice)
		return is_held(calls, "alice@") || x->held ?
			"alice is left on hold" : NULL;

	return reinvite_lost(x) ? NULL : "alice's call is gone";
}


static const char *wrong_calls(bool success)
{
	const char *calls = ctrl(tt.bob, "listcalls", NULL).data;
	const bool alice = strstr(calls, "alice@"),
		carol = strstr(calls, "carol@");

	return success ? wrong_after_success(alice, carol)
		: wrong_after_failure(alice, carol, calls);
}


static void await_calls(const struct ending *e)
{
	const uint64_t end = now_ms() + FAST(STABLE) + SLACK;
	const char *wrong;

	while ((wrong = wrong_calls(play.way->success(e)))) {

		if (now_ms() > end)
			FAIL("%s: %s\n%s", wrong, e->param,
			     ctrl(tt.bob, "listcalls", NULL).data);
		look();
	}
}


static void await_none(const char *cmd, bool (*is_left)(const char *list))
{
	const uint64_t end = now_ms() + FAST(CLEAR) + SLACK;
	struct resp r;

	while (r = ctrl(tt.bob, cmd, NULL), is_left(r.data)) {

		if (now_ms() > end)
			FAIL("/%s does not come to an end: %s", cmd, r.data);
		look();
	}
}


/* The network is good again: nothing is left */
static void clear(void)
{
	lossy_stop();
	await_none("referlist", has_transfers);
	party_bye(&bn.alice);
	party_bye(&bn.carol);
	await_none("listcalls", has_calls);
	events_check();
}


static void transfer(const struct way *way, unsigned loss)
{
	struct ending e = {"", 0, 0, ""};

	play.way  = way;
	play.last = list_tail(ctrl_events(tt.bob));
	++play.n;
	parties_reset();
	make_plan();
	ladder_note("bob", F("== %u %s: carol %u in %u ms%s%s", play.n,
			     way->name, bn.code, bn.delay,
			     bn.rings ? ", rings" : "",
			     bn.bye ? ", alice hangs up" : ""));

	bn.alice.d  = call_in(bn.alice.p, tt.bob);
	bn.alice.up = true;
	bn.since    = now_ms();
	lossy_start(play.seed, loss);
	way->start();

	if (!await_end(&e)) {
		(void)printf("net: %s lost\n", way->name);
	}
	else {
		await_calls(&e);
		way->agree(&e);
		(void)printf("net: %s %s\n", way->name,
			     way->success(&e) ? "success" : "failure");
		++bn.id;
	}

	clear();
}


/**
 * Play transfers of each kind
 *
 * @param seed Seed
 * @param loss Messages lost of 100
 * @param each Transfers of a kind
 */
void badnet_run(uint64_t seed, unsigned loss, unsigned each)
{
	unsigned i, k, sent, lost;

	name_server();
	tt.bob = fast_start("refer_ring_timeout 30\nrefer_expires 60\n"
			    "refer_rate 0\nrefer_max_calls 0\n"
			    "refer_old_call_timeout 8\n");
	parties_begin();
	bn.id = 1;

	for (i=0; i<each; i++) {
		for (k=0; k<KINDS; k++) {
			play.seed = hash_text(seed, F("%u %u", i, k));
			transfer(&wayv[k], loss);
		}
	}

	lost = lossy_lost(&sent);
	(void)printf("lost %u of %u\n", lost, sent);
	final_check();
	(void)printf("played %u\n", each * KINDS);
}
