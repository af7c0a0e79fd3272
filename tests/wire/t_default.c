/**
 * @file t_default.c  The default config: the menu holds other calls
 *
 * From 1.1 on it does so when one is established, unless told otherwise.
 */
#include <string.h>
#include "wire.h"
#include "scene.h"


#define HOLDS "call_hold_other_calls yes\n"


static struct peer *dave;


/* Neither who comes nor who goes is put on hold */
static void replaced(bool menu_last)
{
	struct dlg *d;

	scene(.config = HOLDS, .menu_last = menu_last);
	d = call_replacing(t.carol, t.call);
	peer_reply(t.alice, expect(t.alice, "BYE", WAIT), 200, "OK", NULL);
	event(t.bob, "? ~ refer,replaced", WAIT);
	expect_none(t.carol, "INVITE", 500);
	peer_flush(t.carol);
	check_alive(d);
	ROW("replaces.accept");
}


TEST(default_replaced, "Who replaces a call is talked to, not on hold")
{
	replaced(false);
}


TEST(default_replaced_last, "The same, with the menu behind the module")
{
	replaced(true);
}


static struct dlg *call_by_hand(struct peer *p)
{
	struct dlg *d = dlg_new(p, t.bob->uri);

	(void)dlg_request(d, "INVITE", sdp(p));
	expect_any(p, "180", WAIT);
	event(t.bob, "CALL_INCOMING", WAIT);
	CHECK(ctrl(t.bob, "accept", NULL).ok, "accept");

	return d;
}


static void start_manual(const char *config, const char *account)
{
	t.bob   = sut_start("bob", .config = config, .account = account,
			    .manual = true);
	t.alice = peer_new("alice");
	t.carol = peer_new("carol");
	t.call  = call_by_hand(t.alice);
	(void)dlg_taken(t.call);
	event(t.bob, "CALL_ESTABLISHED ~ alice", WAIT);
}


TEST(default_held, "A call on hold is replaced: the other one goes on")
{
	struct dlg *talk, *d;

	start_manual(HOLDS, NULL);
	talk = call_by_hand(t.carol);
	(void)answer_hold(t.call);
	(void)dlg_taken(talk);
	event(t.bob, "CALL_ESTABLISHED ~ carol", WAIT);

	dave = peer_new("dave");
	d = call_replacing(dave, t.call);
	(void)answer_hold(d);
	peer_reply(t.alice, expect_any(t.alice, "BYE", WAIT), 200, "OK",
		   NULL);
	event(t.bob, "? ~ refer,replaced", WAIT);
	expect_none(t.carol, "INVITE", 500);
	ROW("module.held replaces.accept");
}


TEST(default_early, "It is a call that we make: who is talked to is held",
     .na10 = "it does so by hand only")
{
	struct dlg *d;
	struct msg *m;

	scene(.config = HOLDS);
	CHECK(ctrl(t.bob, "dial", t.carol->uri).ok, "dial");
	m = peer_reply(t.carol, expect(t.carol, "INVITE", WAIT), 180,
		       "Ringing", NULL);
	event(t.bob, "CALL_RINGING", WAIT);

	dave = peer_new("dave");
	d = dlg_new(dave, t.bob->uri);
	(void)dlg_request(d, "INVITE",
			  F("Replaces: %s;to-tag=%s;from-tag=%s\r\n%s",
			    hdr(m, "Call-ID"), hdr_param(m, "From", "tag"),
			    hdr_param(m, "To", "tag"), sdp(dave)));
	(void)dlg_taken(d);
	(void)answer_hold(t.call);
	expect_any(t.carol, "CANCEL", WAIT);
	ROW("R72 replaces.early-ours");
}


TEST(default_ice, "With ICE a call rings later; it is answered as well")
{
	net_use("udp6");
	start_manual(HOLDS "module ice.so\n", ";medianat=ice");
	(void)call_replacing(t.carol, t.call);
	peer_reply(t.alice, expect_any(t.alice, "BYE", WAIT), 200, "OK",
		   NULL);
	event(t.bob, "? ~ refer,replaced", WAIT);
	ROW("replaces.accept");
}


TEST(default_100rel, "A PRACK comes first: it is answered after that",
     .na1 = "it does not know PRACK")
{
	struct dlg *d;
	struct msg *m;

	scene(.config = HOLDS, .account = ";100rel=yes");
	d = dlg_new(t.carol, t.bob->uri);
	(void)dlg_request(d, "INVITE",
			  F("%sSupported: 100rel\r\n%s", replaces(t.call),
			    sdp(t.carol)));
	m = expect(t.carol, "180", WAIT);
	dlg_confirm(d, m);
	(void)dlg_request(d, "PRACK", F("RAck: %s 11 INVITE\r\n",
					hdr(m, "RSeq")));
	dlg_ack(d, expect_any(t.carol, "200 INVITE", WAIT));
	peer_reply(t.alice, expect_any(t.alice, "BYE", WAIT), 200, "OK",
		   NULL);
	ROW("replaces.accept");
}


TEST(default_unacked, "The ACK of who goes is late: who comes is not held")
{
	struct msg *m = call_unacked(HOLDS);
	struct dlg *d = call_replacing(t.carol, t.call);

	expect_none(t.carol, "INVITE", 300);
	dlg_ack(t.call, m);
	peer_reply(t.alice, expect_any(t.alice, "BYE", WAIT), 200, "OK",
		   NULL);
	event(t.bob, "? ~ refer,replaced", WAIT);
	expect_none(t.carol, "INVITE", 500);
	peer_flush(t.carol);
	check_alive(d);
	ROW("replaces.unacked");
}


/* bob rings with media already, and does not answer */
static struct msg *rings_early(const char *account, const char *hdrs,
			       const char *answer)
{
	struct msg *m;

	t.bob   = sut_start("bob", .config = HOLDS, .manual = true,
			    .account = F(";answermode=early%s", account));
	t.alice = peer_new("alice");
	t.carol = peer_new("carol");
	t.call  = dlg_new(t.alice, t.bob->uri);
	(void)dlg_request(t.call, "INVITE", F("%s%s", hdrs, sdp(t.alice)));
	m = expect_any(t.alice, answer, WAIT);
	dlg_confirm(t.call, m);

	return m;
}


static void not_replaced(void)
{
	struct dlg *d = dlg_new(t.carol, t.bob->uri);

	(void)dlg_request(d, "INVITE", F("%s%s", replaces(t.call),
					 sdp(t.carol)));
	expect(t.carol, "481 INVITE", WAIT);
}


TEST(default_early_media, "It rings with media, and is not answered: 481")
{
	(void)rings_early("", "", "183 INVITE ~ m=audio");
	not_replaced();
	ROW("replaces.unacked");
}


static void prack(const struct msg *m)
{
	(void)dlg_request(t.call, "PRACK", F("RAck: %s 11 INVITE\r\n",
					     hdr(m, "RSeq")));
	expect_any(t.alice, "200 PRACK", WAIT);
}


TEST(default_early_100rel, "The same, and a PRACK is waited for: 481",
     .na1 = "it does not know PRACK")
{
	struct msg *m;

	prack(rings_early(";100rel=yes", "Supported: 100rel\r\n",
			  "180 INVITE ~ RSeq:"));
	m = expect_any(t.alice, "183 INVITE ~ RSeq:", WAIT);
	not_replaced();
	prack(m);
	not_replaced();
	ROW("replaces.unacked");
}


TEST(default_gone, "Who replaces a call hangs up at once: it ends as well")
{
	struct dlg *d;

	scene(.config = HOLDS);
	d = call_replacing(t.carol, t.call);
	(void)dlg_request(d, "BYE", "");
	peer_reply(t.alice, expect(t.alice, "BYE", WAIT), 200, "OK", NULL);
	event(t.bob, "? ~ refer,replaced", WAIT);

	/* the menu draws its line of the current call every 100 ms */
	wait_ms(300);
	HAS_TEXT(ctrl(t.bob, "listcalls", NULL).data, "Active calls (0)");
}


TEST(default_not_sent, "No INVITE can be sent: the call that was told of ends",
     .na1 = "it tells nothing of a call before that")
{
	scene(.config = HOLDS);
	peer_auto(t.alice, "NOTIFY");
	(void)refer("<sip:carol@203.0.113.5>", "");
	expect_any(t.alice, "NOTIFY ~ SIP/2.0 503", WAIT);
	event(t.bob, "CALL_OUTGOING ~ 203.0.113.5", WAIT);
	event(t.bob, "CALL_CLOSED ~ 203.0.113.5", WAIT);
	check_alive(t.call);
}


TEST(default_referred, "The call that a referral makes is the current one")
{
	struct dlg *d;

	scene(.config = HOLDS);
	refer_carol("");
	d = answer(t.carol, expect(t.carol, "INVITE", WAIT));
	expect(t.alice, "202 REFER", WAIT);
	expect_any(t.alice, "NOTIFY ~ SIP/2.0 200", WAIT);
	expect_none(t.alice, "INVITE", 500);
	CHECK(ctrl(t.bob, "hangup", NULL).ok, "hangup");
	peer_reply(t.carol, expect_any(t.carol, "BYE", WAIT), 200, "OK", NULL);
	event(t.bob, F("CALL_CLOSED ~ %s", d->callid), WAIT);
	check_alive(t.call);
	ROW("refer.current");
}


TEST(default_referred_beside, "Who else is talked to is put on hold then",
     .na10 = "it does so by hand only")
{
	struct dlg *talk;

	start_manual(HOLDS, NULL);
	dave = peer_new("dave");
	talk = call_by_hand(dave);
	(void)answer_hold(t.call);
	(void)dlg_taken(talk);
	event(t.bob, "CALL_ESTABLISHED ~ dave", WAIT);

	refer_carol("");
	(void)answer(t.carol, expect(t.carol, "INVITE", WAIT));
	(void)answer_hold(talk);
	check_alive(t.call);
	ROW("refer.current");
}
