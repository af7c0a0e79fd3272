/**
 * @file t_forks.c  An INVITE of ours that forks: each early dialog of it can
 * be replaced (RFC 3891 section 3), as long as it is one
 */
#include <string.h>
#include "wire.h"
#include "scene.h"


static struct msg *inv;        /* bob's INVITE to alice */


static void start(const char *account)
{
	t.bob   = sut_start("bob", .manual = true, .account = account);
	t.alice = peer_new("alice");
	t.carol = peer_new("carol");
}


static void dial(void)
{
	(void)ctrl(t.bob, "dial", t.alice->uri);
	inv = expect_any(t.alice, "INVITE", WAIT);
}


/* One of the places that alice is called at */
static struct msg *fork_replies(const char *tag, uint16_t code,
				const char *more)
{
	inv->tag = tag;

	return peer_reply(t.alice, inv, code, "Phrase", more);
}


static void three_forks(void)
{
	(void)fork_replies("a", 180, NULL);
	(void)fork_replies("b", 183, sdp(t.alice));
	(void)fork_replies("c", 180, NULL);
}


/* carol calls bob in place of an early dialog */
static struct dlg *pick_up(const char *to_tag, const char *from_tag,
			   const char *more)
{
	struct dlg *d = dlg_new(t.carol, t.bob->uri);

	(void)dlg_request(d, "INVITE",
			  F("Replaces: %s;to-tag=%s;from-tag=%s%s\r\n%s",
			    hdr(inv, "Call-ID"), to_tag, from_tag, more,
			    sdp(t.carol)));

	return d;
}


static const char *ours(void)
{
	return hdr_param(inv, "From", "tag");
}


static void refused(const char *tag, const char *more, const char *answer)
{
	struct dlg *d = pick_up(ours(), tag, more);
	struct msg *m = expect(t.carol, answer, WAIT);

	dlg_confirm(d, m);
	dlg_ack(d, m);
	expect_none(t.alice, "*", 0);
}


static void taken(const char *tag)
{
	struct dlg *d = pick_up(ours(), tag, ";early-only");

	(void)dlg_taken(d);
	peer_reply(t.alice, expect_any(t.alice, "CANCEL", WAIT), 200, "OK",
		   NULL);
	peer_reply(t.alice, inv, 487, "Request Terminated", NULL);
	event(t.bob, "? ~ refer,replaced", WAIT);
	hangup(d);
	event(t.bob, F("CALL_CLOSED ~ %s", d->callid), WAIT);
}


TEST(forks_each, "Each of three forks is replaced: 200, CANCEL")
{
	static const char *const tagv[] = {"a", "b", "c"};
	size_t i;

	start(NULL);
	for (i=0; i<ARRAY_SIZE(tagv); ++i) {
		dial();
		three_forks();
		taken(tagv[i]);
	}
	ROW("R72 replaces.early-ours");
}


TEST(forks_wrong, "Tags of no fork, and those of two in one: 481")
{
	start(NULL);
	dial();
	three_forks();
	refused("x", "", "481 INVITE");
	refused("A", "", "481 INVITE");
	refused(ours(), "", "481 INVITE");
	(void)pick_up("a", ours(), "");
	expect_any(t.carol, "481 INVITE", WAIT);
	(void)pick_up("a", "b", "");
	expect_any(t.carol, "481 INVITE", WAIT);
	expect_none(t.alice, "*", 0);
	taken("b");
	ROW("R68 replaces.early-ours");
}


TEST(forks_answered, "One fork answers: the others are no dialogs any more")
{
	struct dlg *d, *new;

	start(NULL);
	dial();
	three_forks();
	inv->tag = "b";
	d = answer(t.alice, inv);
	event(t.bob, "CALL_ESTABLISHED", WAIT);
	refused("a", "", "481 INVITE");
	refused("c", ";early-only", "481 INVITE");
	refused("b", ";early-only", "486 INVITE");
	check_alive(d);
	new = pick_up(ours(), "b", "");
	(void)dlg_taken(new);
	peer_reply(t.alice, expect_any(t.alice, "BYE", WAIT), 200, "OK",
		   NULL);
	event(t.bob, "? ~ refer,replaced", WAIT);
	ROW("R68 R70 replaces.early-ours");
}


TEST(forks_refused, "All forks are busy: none is a dialog any more")
{
	start(NULL);
	dial();
	three_forks();
	(void)fork_replies("a", 486, NULL);
	event(t.bob, "CALL_CLOSED", WAIT);
	expect_any(t.alice, "ACK", WAIT);
	refused("a", "", "481 INVITE");
	refused("c", "", "481 INVITE");
	ROW("R68");
}


TEST(forks_199, "One fork has ended, says 199: it is no dialog any more")
{
	start(NULL);
	dial();
	three_forks();
	(void)fork_replies("c", 199, NULL);
	(void)fork_replies("d", 199, NULL);
	refused("c", "", "481 INVITE");
	refused("d", "", "481 INVITE");
	taken("a");
	ROW("R68 R72 replaces.early-ours");
}


/* A copy of the 401 is for the first INVITE: the second one's forks stay */
TEST(forks_challenge, "A proxy wants a password: what has rung before is over")
{
	const char *tag;
	struct msg *m;

	start(";auth_user=bob;auth_pass=secret");
	dial();
	(void)fork_replies("a", 180, NULL);
	(void)fork_replies("b", 180, NULL);
	m = fork_replies("p", 401,
		   "WWW-Authenticate: Digest realm=\"r\", nonce=\"n\"\r\n");
	inv = expect_any(t.alice, "INVITE ~ Authorization", WAIT);
	(void)fork_replies("c", 180, NULL);
	(void)peer_resend(t.alice, m);
	expect_any(t.alice, "ACK", WAIT);
	refused("a", "", "481 INVITE");

	/* libre 4.x has sent it in an early dialog of the first one */
	tag = hdr_param(inv, "To", "tag");
	taken(tag ? tag : "c");
	ROW("R68 R72 replaces.early-ours");
}


TEST(forks_refer, "REFER in an early dialog of ours: 480, whichever fork")
{
	static const char *const tagv[] = {"a", "b", "c"};
	struct dlg *d;
	size_t i;

	start(NULL);
	dial();
	three_forks();
	for (i=0; i<ARRAY_SIZE(tagv); ++i) {
		d = dlg_new(t.alice, t.bob->uri);
		d->callid = hdr(inv, "Call-ID");
		d->ltag   = tagv[i];
		d->rtag   = ours();
		(void)dlg_request(d, "REFER", F("Refer-To: <%s>\r\n",
						t.carol->uri));
		expect(t.alice, "480 REFER", WAIT);
	}
	expect_none(t.carol, "*", 0);
	ROW("refer.dialog");
}


/* As after a REFER to a line of our own: its INVITE comes back to us. 482 is
   for an INVITE that has a session here already */
TEST(forks_own, "One fork is ourselves, in place of a call: taken")
{
	struct dlg *d;

	scene();
	(void)ctrl(t.bob, "dial", t.carol->uri);
	inv = expect_any(t.carol, "INVITE", WAIT);
	inv->tag = "a";
	(void)peer_reply(t.carol, inv, 180, "Ringing", NULL);
	(void)peer_send(t.carol, &t.bob->addr,
			F("INVITE %s SIP/2.0\r\n"
			  "Via: SIP/2.0/UDP 127.0.0.3;branch=z9hG4bKown\r\n"
			  "%s%s", t.bob->uri, replaces(t.call),
			  strstr(inv->raw, "\r\n") + 2));
	d = dlg_new(t.carol, t.bob->uri);
	d->callid = hdr(inv, "Call-ID");
	d->ltag   = ours();
	(void)dlg_taken(d);
	peer_reply(t.alice, expect_any(t.alice, "BYE", WAIT), 200, "OK",
		   NULL);
	event(t.bob, "? ~ refer,replaced", WAIT);
	ROW("R75");
}
