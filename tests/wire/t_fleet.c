/**
 * @file t_fleet.c  Transfers across the bots of a fleet, examples/fleet
 *
 * alice, carol and dave are phones, who reach the bots through the dispatcher.
 */
#include <string.h>
#include "wire.h"
#include "scene.h"
#include "fleet.h"


enum {
	TRIES = 40,           /**< Calls until each bot has had one         */
};

static struct fleet *fl;


static int bot_of(const struct dlg *d)
{
	return fleet_bot_of(fl, d->target);
}


static struct dlg *try_call(struct peer *p, const char *uri,
			    const char *extra)
{
	struct dlg *d = dlg_new(p, uri);

	dlg_route(d, F("%s;lr", fl->proxy_uri));
	(void)dlg_request(d, "INVITE", F("%s%s", extra, sdp(p)));
	(void)dlg_taken(d);

	return d;
}


/* The dispatcher has its own choice: call until that bot has taken one */
static struct dlg *call_bot(struct peer *p, int bot)
{
	unsigned i;

	for (i=0; i<TRIES; i++) {
		struct dlg *d = try_call(p, fl->uri, "");

		if (bot_of(d) == bot)
			return d;

		hangup(d);
	}

	FAIL("no call of %u has come to bot%d", TRIES, bot + 1);
}


static const char *call_in_uri(const struct dlg *d)
{
	return F("%s?Replaces=%s%%3Bto-tag%%3D%s%%3Bfrom-tag%%3D%s", fl->uri,
		 d->callid, d->rtag, d->ltag);
}


static struct peer *phone(const char *name)
{
	struct peer *p = peer_new(name);

	peer_auto(p, "NOTIFY");
	peer_auto(p, "BYE");

	return p;
}


static struct msg *refer_in(struct dlg *d, const char *refer_to)
{
	return dlg_request(d, "REFER", F("Refer-To: <%s>\r\n", refer_to));
}


static void accepted(struct dlg *d)
{
	expect_any(d->p, F("202 REFER ~ Call-ID: %s", d->callid), WAIT);
}


static void ended_with(struct dlg *d, const char *frag)
{
	expect_any(d->p, F("NOTIFY ~ Call-ID: %s ~ Subscription-State:"
			   " terminated ~ %s", d->callid, frag), WAIT);
}


/* The two calls of alice become one of the bots */
static void join_bots(struct peer *alice, int i, int j)
{
	struct dlg *a = call_bot(alice, i), *b = call_bot(alice, j);

	(void)refer_in(a, call_in_uri(b));
	accepted(a);
	seen("proxy", fl->namev[j], F("INVITE ~ Replaces: %s", b->callid),
	     WAIT);
	ended_with(a, "SIP/2.0 200");
	expect_any(alice, F("BYE ~ Call-ID: %s", b->callid), WAIT);
	hangup(a);
}


TEST(fleet_attended, "Attended transfers from each bot of two to each",
     .secs = 10)
{
	struct peer *alice = phone("alice");
	int i, j;

	fl = fleet_start(.bots = 2);
	for (i=0; i<2; i++) {
		for (j=0; j<2; j++)
			join_bots(alice, i, j);
	}
}


/* carol takes the place of somebody who is in a call with a bot; she knows the
   address of the fleet, or the Contact of the bot */
static void replace(struct peer *carol, const struct dlg *old, int bot,
		    const char *uri)
{
	struct dlg *d = try_call(carol, uri, replaces(old));

	EQ_INT(bot, bot_of(d));
	expect_any(old->p, F("BYE ~ Call-ID: %s", old->callid), WAIT);
	hangup(d);
}


static struct dlg *blind(struct dlg *d, struct peer *target)
{
	struct dlg *called;

	(void)refer_in(d, target->uri);
	accepted(d);
	called = answer(target, expect_any(target, "INVITE", WAIT));
	ended_with(d, "SIP/2.0 200");

	return called;
}


TEST(fleet_replaces, "A phone takes the place of another in a call with a bot"
     " of two, whoever had called", .secs = 8)
{
	struct peer *alice = phone("alice"), *carol = phone("carol");
	struct peer *dave = phone("dave");
	int i;

	fl = fleet_start(.bots = 2, .config = "refer_allow sip:dave@*\n");
	for (i=0; i<2; i++) {
		struct dlg *call = call_bot(alice, i);

		replace(carol, blind(call, dave), i, fl->uri);
		replace(carol, call, i, fl->uri);

		call = call_bot(alice, i);
		replace(carol, call, i, call->target);
	}
}


/* How many requests of a kind have reached a bot */
static unsigned at_bots(const char *pattern)
{
	return seen_count("proxy", "bot1", pattern) +
		seen_count("proxy", "bot2", pattern);
}


TEST(fleet_full, "A bot that has no room leaves a call to the other",
     .secs = 4)
{
	struct peer *alice = phone("alice");
	struct dlg *a, *b, *c;

	fl = fleet_start(.bots = 2, .config = "call_max_calls 1\n");
	a = try_call(alice, fl->uri, "");
	b = try_call(alice, fl->uri, "");
	CHECK(bot_of(a) != bot_of(b), "each has one");

	c = dlg_new(alice, fl->uri);
	dlg_route(c, F("%s;lr", fl->proxy_uri));
	(void)dlg_request(c, "INVITE", sdp(alice));
	expect_any(alice, "486 INVITE", WAIT);
	EQ_INT(2, at_bots(F("INVITE ~ Call-ID: %s", c->callid)));
	hangup(a);
	hangup(b);
}


/* The bot of a call is the one that is asked from outside of it */
static struct dlg *refer_target_dialog(struct peer *p, const struct msg *inv,
				       const char *refer_to)
{
	struct dlg *d = dlg_new(p, fl->uri);

	dlg_route(d, F("%s;lr", fl->proxy_uri));
	(void)dlg_request(d, "REFER", F("Target-Dialog: %s;local-tag=%s"
					";remote-tag=%s\r\nRefer-To: <%s>\r\n",
					hdr(inv, "Call-ID"),
					hdr_param(inv, "From", "tag"),
					hdr_param(inv, "To", "tag"),
					refer_to));

	return d;
}


/* Three in a second, whichever bots they are for */
static void guard_rate(struct peer *p)
{
	struct dlg *d[] = {call_bot(p, 0), call_bot(p, 1)};
	unsigned i, n;

	for (i=0; i<10; i++)
		(void)refer_in(d[i % 2], "sip:nobody@example.net");

	/* they can be of two seconds, not of three */
	for (i=0; i<4; i++) {
		struct msg *m = expect_any(p, "503 REFER ~ Too Many REFERs",
					   WAIT);

		EQ_STR("1", hdr(m, "Retry-After"));
	}
	n = at_bots(F("REFER ~ From: <%s>", p->uri));
	CHECK(n <= 6, "%u have come through", n);
	hangup(d[0]);
	hangup(d[1]);
}


/* alice, carol and dave in a chain, of which the first two may refer */
static void guard_depth(struct peer *alice, struct peer *carol,
			struct peer *dave)
{
	struct dlg *first, *second, *third;

	first = call_bot(alice, 0);
	(void)dlg_request(first, "REFER", F("Refer-To: <%s>\r\nX-Fleet-Depth:"
					    " -9\r\n", carol->uri));
	accepted(first);
	second = answer(carol, expect_any(carol, "INVITE", WAIT));
	HASNT(second->invite, "X-Fleet-Depth");
	HAS(seen("bot1", "proxy", "INVITE", WAIT), "\r\nX-Fleet-Depth: 1\r\n");
	third = blind(second, dave);
	(void)refer_in(third, alice->uri);
	expect_any(dave, "482 REFER ~ Too Many Referrals", WAIT);
	EQ_INT(0, at_bots(F("REFER ~ Call-ID: %s", third->callid)));
	hangup(third);
	hangup(second);
	hangup(first);
}


/* alice has bot1 call the fleet; bot2, which is called then, knows nothing of
   her REFER, but the dispatcher does */
static void guard_depth_across(struct peer *alice, struct peer *dave)
{
	struct dlg *call = call_bot(alice, 0), *asked;
	const struct msg *ok;

	fleet_drain(fl, 0, true);
	(void)refer_in(call, fl->uri);
	accepted(call);
	ended_with(call, "SIP/2.0 200");
	ok = seen("bot2", "proxy", "200 INVITE ~ From: <sip:bot@", WAIT);
	seen("proxy", "bot2", F("ACK ~ Call-ID: %s", hdr(ok, "Call-ID")),
	     WAIT);
	asked = refer_target_dialog(dave, ok, dave->uri);
	expect_any(dave, "202 REFER", WAIT);
	(void)answer(dave, expect_any(dave, "INVITE", WAIT));
	seen("proxy", "bot2", F("REFER ~ Call-ID: %s ~ X-Fleet-Depth: 2",
				asked->callid), WAIT);
	hangup(call);
	fleet_drain(fl, 0, false);
}


/* Nobody but a bot gets out through the dispatcher */
static void guard_relay(struct peer *alice, struct peer *carol)
{
	struct dlg *d = dlg_new(alice, carol->uri);

	dlg_route(d, F("%s;lr", fl->proxy_uri));
	(void)dlg_request(d, "INVITE", sdp(alice));
	expect_any(alice, "403 INVITE", WAIT);
}


/* What comes too fast is dropped, and others are not. Between two bursts carol
   asks too: the kernel would drop what kamailio has no time to read */
static void guard_flood(struct peer *alice, struct peer *carol)
{
	struct peer *mallory = peer_new("mallory");
	struct dlg *d = dlg_new(mallory, fl->uri);
	struct dlg *other = dlg_new(carol, fl->uri);
	unsigned i, n;

	dlg_route(d, F("%s;lr", fl->proxy_uri));
	dlg_route(other, F("%s;lr", fl->proxy_uri));
	for (i=0; i<1000; i++) {
		(void)dlg_request(d, "OPTIONS", NULL);
		if (i % 50)
			continue;

		(void)dlg_request(other, "OPTIONS", NULL);
		expect_any(carol, "200 OPTIONS", WAIT);
	}

	hangup(call_bot(alice, 0));
	n = at_bots("OPTIONS ~ mallory");
	CHECK(n < 500, "%u have come through", n);
}


TEST(fleet_guards, "Rate, depth, relaying and floods are limited for all bots"
     " together", .secs = 10)
{
	static const char *const defv[] = {
		"REFERS=3", "DEPTH=2", "DENSITY=100", NULL
	};
	struct peer *alice = phone("alice"), *carol = phone("carol");
	struct peer *dave = phone("dave");

	fl = fleet_start(.bots = 2, .defv = defv,
			 .config = "refer_allow *@127.*\n");
	guard_relay(alice, carol);
	guard_rate(phone("erin"));
	guard_depth(alice, carol, dave);
	guard_depth_across(alice, dave);
	guard_flood(alice, carol);
}
