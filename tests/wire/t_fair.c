/**
 * @file t_fair.c  Limits that nobody can use up for the others
 */
#include "wire.h"
#include "scene.h"


/* dave, at an address of his own, calls bob too */
static struct dlg *call_dave(void)
{
	return call_in(peer_new("dave"), t.bob);
}


static void refer_in(struct dlg *d, const char *user)
{
	(void)dlg_request(d, "REFER", F("Refer-To: <sip:%s@127.0.0.3>\r\n",
					user));
}


/* alice's call has led to as many as it may; the other sides of those */
static void use_up(struct dlg **d1, struct dlg **d2)
{
	scene(.config = "call_max_calls 9\nrefer_rate 0\n");
	peer_auto(t.alice, "NOTIFY");
	peer_auto(t.carol, "NOTIFY");

	refer_in(t.call, "one");
	*d1 = answer(t.carol, expect(t.carol, "INVITE", WAIT));
	refer_in(t.call, "two");
	*d2 = answer(t.carol, expect_any(t.carol, "INVITE", WAIT));
	refer_in(t.call, "three");
	expect_any(t.alice, "503 REFER", WAIT);
}


/* Whoever has a call calls again, and takes the place of that call */
static struct dlg *move_to_another(const struct dlg *old)
{
	struct dlg *d;

	peer_auto(old->p, "BYE");
	d = call_replacing(old->p, old);
	event(t.bob, "? ~ refer,replaced", WAIT);

	return d;
}


static void flood_outside(struct peer *p, unsigned n)
{
	while (n--)
		refer_in(dlg_new(p, t.bob->uri), "eve");
}


TEST(rate_digest, "REFERs without credentials use up nobody's rate")
{
	const char *users = F("%s/users", test_dir());
	unsigned i;

	spew(users, "alice:wonder\n");
	scene(.config = F("refer_out_of_dialog accept\nrefer_auth yes\n"
			  "refer_users %s\nrefer_rate 3\n", users));
	flood_outside(t.alice, 12);
	for (i=0; i<12; i++)
		expect_any(t.alice, "401 REFER", WAIT);

	refer_carol("");
	expect_any(t.alice, "202 REFER", WAIT);
	(void)answer(t.carol, expect(t.carol, "INVITE", WAIT));
	expect_any(t.alice, "NOTIFY ~ SIP/2.0 200", WAIT);
	ROW("refer.fair");
}


TEST(rate_apart, "REFERs out of a dialog do not stop those in calls, nor those"
     " of one call another")
{
	struct dlg *other;
	int i;

	scene(.config = "refer_out_of_dialog ask\nrefer_policy ask\n"
	      "refer_rate 3\nrefer_max_pending_peer 0\n");
	other = call_in(t.alice, t.bob);
	flood_outside(t.alice, 8);
	for (i=0; i<8; i++)
		refer_in(other, "eve");
	refer_in(t.call, "carol");

	/* three of each flood at most in a second, and this one */
	event(t.bob, "? ~ refer,referRequested ~ sip:carol@127.0.0.3", WAIT);
	(void)expect_any(t.alice, F("503 REFER ~ Call-ID: %s", other->callid),
			 WAIT);
	ROW("refer.fair");
}


TEST(pending_share, "REFERs of one call that wait do not keep out those of"
     " another")
{
	struct dlg *other;
	unsigned i;

	scene(.config = "refer_policy ask\nrefer_rate 0\n");
	other = call_dave();

	for (i=0; i<64; i++)
		refer_in(t.call, "eve");
	expect_any(t.alice, "503 REFER ~ Retry-After", WAIT);

	refer_in(other, "carol");
	event(t.bob, "? ~ refer,referRequested ~ sip:carol@127.0.0.3", WAIT);
	EQ_INT(9, event_count(t.bob, "? ~ refer,referRequested"));

	/* a decision makes room for this call again */
	(void)ctrl(t.bob, "referreject", "1");
	expect_any(t.alice, "480 REFER", WAIT);
	refer_in(t.call, "frank");
	event(t.bob, "? ~ refer,referRequested ~ sip:frank@127.0.0.3", WAIT);
	ROW("refer.fair");
}


TEST(pending_outside, "REFERs out of a dialog leave room for those in calls")
{
	struct dlg *d;
	unsigned i;

	scene(.config = "refer_policy ask\nrefer_out_of_dialog ask\n"
	      "refer_rate 0\nrefer_max_pending 6\n"
	      "refer_max_pending_peer 2\n");

	flood_outside(t.alice, 3);
	expect_any(t.alice, "503 REFER", WAIT);
	flood_outside(t.carol, 3);
	expect_any(t.carol, "503 REFER", WAIT);
	flood_outside(peer_new("dave"), 1);
	d = call_in(t.carol, t.bob);
	for (i=0; i<2; i++) {
		refer_in(t.call, "in");
		refer_in(d, "in");
	}
	for (i=0; i<3; i++)
		event(t.bob, "? ~ refer,referRequested ~ sip:in@", WAIT);
	ROW("refer.fair");
}


TEST(calls_share, "REFERs of one call do not use up all calls of bob")
{
	struct msg *inv1, *m;
	unsigned i;

	scene(.config = "call_max_calls 4\nrefer_rate 0\n");
	peer_auto(t.alice, "NOTIFY");

	for (i=0; i<5; i++)
		refer_in(t.call, "eve");
	m = expect_any(t.alice, "503 REFER", WAIT);
	CHECK(!hdr(m, "Retry-After"), "nobody knows when a call ends");
	for (i=0; i<2; i++)
		expect_any(t.alice, "503 REFER", WAIT);

	inv1 = expect(t.carol, "INVITE", WAIT);
	expect(t.carol, "INVITE", WAIT);
	expect_none(t.carol, "INVITE", 0);

	/* somebody else can call */
	(void)call_dave();

	/* when one has ended, there is room for another */
	peer_reply(t.carol, inv1, 486, "Busy Here", NULL);
	expect_any(t.alice, "NOTIFY ~ SIP/2.0 486", WAIT);
	refer_in(t.call, "frank");
	expect_any(t.alice, "202 REFER", WAIT);
	expect(t.carol, "INVITE", WAIT);
	ROW("refer.fair");
}


TEST(calls_answered, "Nor if the target answers, nor in the calls that are"
     " made so")
{
	struct dlg *d1, *d2;

	use_up(&d1, &d2);
	refer_in(d1, "three");
	expect_any(t.carol, "503 REFER", WAIT);
	expect_none(t.carol, "INVITE", 0);

	hangup(d2);
	refer_in(d1, "three");
	expect_any(t.carol, "202 REFER", WAIT);
	expect_any(t.carol, "INVITE", WAIT);
	ROW("refer.fair");
}


TEST(calls_outside, "Out of a dialog an address is many: a proxy has no limit"
     " of calls")
{
	unsigned i;

	scene(.config = "refer_out_of_dialog accept\ncall_max_calls 9\n");
	peer_auto(t.alice, "NOTIFY");
	flood_outside(t.alice, 3);
	for (i=0; i<3; i++)
		expect(t.carol, "INVITE", WAIT);

	refer_in(t.call, "carol");
	expect_any(t.alice, F("202 REFER ~ Call-ID: %s", t.call->callid),
		   WAIT);
	expect(t.carol, "INVITE", WAIT);
	ROW("refer.fair");
}


TEST(calls_of_outside, "The target of a REFER out of a dialog has its limit")
{
	struct dlg *d;
	unsigned i;

	scene(.config = "refer_out_of_dialog accept\nrefer_rate 0\n"
	      "call_max_calls 9\n");
	peer_auto(t.alice, "NOTIFY");
	peer_auto(t.carol, "NOTIFY");
	refer_in(dlg_new(t.alice, t.bob->uri), "carol");
	d = answer(t.carol, expect(t.carol, "INVITE", WAIT));
	for (i=0; i<2; i++) {
		refer_in(d, "eve");
		expect_any(t.carol, "202 REFER", WAIT);
		expect_any(t.carol, "INVITE", WAIT);
	}
	refer_in(d, "eve");
	CHECK(!hdr(expect_any(t.carol, "503 REFER", WAIT), "Retry-After"),
	      "nobody knows when");
	ROW("refer.fair");
}


TEST(calls_moved, "A caller who moves to another call has the same limit")
{
	struct dlg *d1, *d2, *d;

	use_up(&d1, &d2);
	d = move_to_another(t.call);
	refer_in(d, "three");
	expect_any(t.alice, F("503 REFER ~ Call-ID: %s", d->callid), WAIT);

	/* so has who was called, and then */
	d = move_to_another(d1);
	refer_in(d, "three");
	expect_any(t.carol, F("503 REFER ~ Call-ID: %s", d->callid), WAIT);
	ROW("refer.fair");
}


TEST(depth_moved, "The target of a referral who moves to another call is as"
     " deep in the chain")
{
	struct dlg *called, *d;

	scene(.config = "call_max_calls 9\nrefer_max_depth 1\n");
	peer_auto(t.alice, "NOTIFY");
	peer_auto(t.carol, "NOTIFY");

	refer_in(t.call, "one");
	called = answer(t.carol, expect(t.carol, "INVITE", WAIT));
	refer_in(called, "two");
	expect_any(t.carol, "482 REFER", WAIT);

	d = move_to_another(called);
	refer_in(d, "two");
	expect_any(t.carol, F("482 REFER ~ Call-ID: %s", d->callid), WAIT);
	ROW("refer.fair");
}
