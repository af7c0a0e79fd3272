/**
 * @file deeds.c  The actions of a script
 */
#include <stdlib.h>
#include <string.h>
#include "torture.h"
#include "harness.h"


enum {
	PAUSE = 480,          /**< Longest time after an action, bob's [ms] */
	WAIT_LONG = 12000,
};


static void do_call(void)
{
	struct peer *p = peer_any();
	const char *dir = odds(90) ? "sendrecv" : "sendonly";

	(void)leg_call(p, odds(95) ? sdp_dir(p, dir) :
		       mutate(sdp_dir(p, dir), 2048));
}


static void do_replaces(void)
{
	struct peer *p = peer_any();
	const char *val = any_replaces();
	const struct leg *old = leg_find(keep(val, strcspn(val, ";")));
	struct leg *leg;

	leg = leg_call(p, F("Replaces: %s\r\n%s%s", val,
			    odds(30) ? "Require: replaces\r\n" : "",
			    sdp(p)));
	leg->old = old;
}


static void do_refer(void)
{
	struct leg *leg = leg_any();

	if (!leg || odds(20))
		leg = leg_add(dlg_new(peer_any(), tt.bob->uri), false);

	leg->request = leg_send(leg, "REFER", any_refer(leg));
}


static void do_notify(void)
{
	struct leg *leg = leg_any();

	if (leg)
		(void)leg_send(leg, "NOTIFY",
			       any_notify(leg, leg->refer
					  ? leg->refer->sip->cseq.num
					  : below(40)));
}


static void do_subscribe(void)
{
	struct leg *leg = leg_any();

	if (!leg || odds(10))
		leg = leg_add(dlg_new(peer_any(), tt.bob->uri), false);

	(void)leg_send(leg, "SUBSCRIBE", any_subscribe(leg));
}


static void do_bye(void)
{
	struct leg *leg = leg_any();

	if (leg)
		leg_bye(leg);
}


static void do_reinvite(void)
{
	static const char *const dirv[] = {
		"sendrecv", "sendonly", "recvonly", "inactive",
	};
	struct leg *leg = leg_any();

	if (leg && leg->up && leg->call)
		(void)dlg_request(leg->d, odds(80) ? "INVITE" : "UPDATE",
				  sdp_dir(leg->d->p, ONE_OF(dirv)));
}


static void do_cancel(void)
{
	const struct leg *leg = leg_any();

	if (leg && leg->request)
		leg_cancel(leg);
}


static void do_resend(void)
{
	const struct leg *leg = leg_any();
	unsigned n = odds(80) ? 1 : below(10);

	while (leg && leg->request && n--)
		(void)peer_resend(leg->d->p, leg->request);
}


static void do_garble(void)
{
	struct leg *leg = leg_any();

	if (!leg || !leg->request)
		return;

	/* maybe its Contact */
	leg->spoilt = true;
	(void)peer_send(leg->d->p, &tt.bob->addr,
			mutate(leg->request->raw, 8192));
}


static void do_method(void)
{
	static const char *const metv[] = {
		"OPTIONS", "MESSAGE", "INFO", "PRACK", "PUBLISH", "XXX",
	};
	struct leg *leg = leg_any();

	if (leg)
		(void)leg_send(leg, ONE_OF(metv), any_refer(leg));
}


static void do_ack(void)
{
	struct leg *leg = leg_any();

	if (leg)
		(void)dlg_request_cseq(leg->d, "ACK", leg->d->lseq, NULL);
}


static void do_wait(void)
{
	(void)wait_until(serve, NULL, below(FAST(WAIT_LONG)));
}


static void do_dial(void)
{
	const struct peer *p = peer_any();

	(void)command_ask("dial", F("sip:%s", strchr(p->uri, ':') + 1), NULL);
}


/* Not the current account: the menu of 1.0 would go to it again */
static void do_uadel(void)
{
	(void)command_ask("uafind", "sip:spare@127.0.0.2", NULL);
	(void)command_ask("uadel", tt.bob->uri, NULL);
	tt.account = false;
}


static void do_uanew(void)
{
	if (!tt.account)
		account_make();
}


static void do_insmod(void)
{
	if (!tt.loaded)
		tt.loaded = command_ask("insmod", "refer", NULL);
}


/* Without them most actions are of no use */
static void come_back(void)
{
	if (!tt.account && odds(15))
		account_make();
	if (!tt.loaded && odds(15))
		do_insmod();
}


/* "Calls stay as they are" */
static void do_rmmod(void)
{
	(void)command_ask("rmmod", "refer", NULL);
	if (tt.loaded)
		invariants_unloaded();
	tt.loaded = false;
	legs_spoil();
}


static const struct {
	const char *name;
	void (*h)(void);
	unsigned weight;
} deedv[] = {
	{"refer",     do_refer,     20},
	{"command",   command_any,  20},
	{"call",      do_call,      14},
	{"notify",    do_notify,     9},
	{"dial",      do_dial,       7},
	{"wait",      do_wait,       7},
	{"replaces",  do_replaces,   6},
	{"subscribe", do_subscribe,  5},
	{"bye",       do_bye,        4},
	{"reinvite",  do_reinvite,   3},
	{"cancel",    do_cancel,     3},
	{"resend",    do_resend,     3},
	{"garble",    do_garble,     3},
	{"method",    do_method,     2},
	{"uanew",     do_uanew,      1},
	{"insmod",    do_insmod,     1},
	{"ack",       do_ack,        1},
	{"uadel",     do_uadel,      1},
	{"rmmod",     do_rmmod,      1},
	{"settle",    settle,        0},
};


/**
 * Choose an action by its weight
 *
 * @return Its name
 */
const char *deed_any(void)
{
	unsigned sum = 0, n;
	size_t i;

	for (i=0; i<ARRAY_SIZE(deedv); i++)
		sum += deedv[i].weight;

	n = below(sum);

	for (i=0; n >= deedv[i].weight; i++)
		n -= deedv[i].weight;

	return deedv[i].name;
}


/**
 * Do an action, and have the peers react for a short time
 *
 * @param a Action
 */
void deed_do(const struct act *a)
{
	size_t i;

	for (i=0; i<ARRAY_SIZE(deedv); i++) {
		if (!strcmp(deedv[i].name, a->name))
			break;
	}

	if (i == ARRAY_SIZE(deedv))
		SETUP("no action '%s'", a->name);

	ladder_note("alice", F("== %s %llu", a->name,
			       (unsigned long long)a->seed));
	rnd_seed(a->seed);
	++tt.sent;
	deedv[i].h();
	come_back();
	(void)wait_until(serve, NULL, below(FAST(PAUSE)));
}
