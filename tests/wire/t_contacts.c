/**
 * @file t_contacts.c  A 3xx with several Contacts: the highest q first, then
 * the next on failure (RFC 3261 section 8.1.3.4)
 */
#include "wire.h"
#include "scene.h"


#define FOLLOW "refer_follow_redirect yes\n"

static const char contacts[] =
	"Contact: \"Low, first\" <sip:low@127.0.0.3>;q=0.1,"
	" <sip:high@127.0.0.3;user=phone>;q=0.9;expires=60\r\n"
	"Contact: <sip:mid@127.0.0.3>;q=0.500\r\n";


/* carol is called by this name, and answers with a status */
static void next(const char *user, uint16_t code, const char *more)
{
	struct msg *inv = expect(t.carol, "INVITE", WAIT);

	HAS(inv, F("INVITE sip:%s@", user));
	if (code == 200)
		(void)answer(t.carol, inv);
	else
		peer_reply(t.carol, inv, code, "No", more);
}


/* That is the outcome, and nobody else is called */
static void reported(uint16_t code)
{
	expect_any(t.alice, F("NOTIFY ~ SIP/2.0 %u No", code), WAIT);
	expect_none(t.carol, "INVITE", 0);
}


TEST(redirect_q, "The Contacts of a 3xx are called by q, the next on failure")
{
	scene(.config = FOLLOW);
	(void)refer_carol("Referred-By: <sip:a@b>\r\n");
	next("carol", 302, contacts);
	next("high", 480, NULL);
	event(t.bob, "? ~ refer,referInviteSent ~ code=480 ~"
	      " target=sip:mid@127.0.0.3", WAIT);
	next("mid", 404, NULL);
	HAS(expect(t.carol, "INVITE ~ INVITE sip:low@", WAIT),
	    "\r\nReferred-By: <sip:a@b>\r\n");
	EQ_INT(0, seen_count("bob", "alice", "NOTIFY ~ terminated"));
	ROW("transfer.follow-redirect");
}


TEST(redirect_q_last, "When all have failed, the last failure is reported")
{
	scene(.config = FOLLOW);
	(void)refer_carol("");
	next("carol", 302, contacts);
	next("high", 480, NULL);
	next("mid", 404, NULL);
	next("low", 480, NULL);
	reported(480);
	ROW("transfer.follow-redirect");
}


/* Nobody listens at the first one (RFC 3261 section 8.1.3.1) */
static const char dead[] =
	"Contact: <sip:dead@127.0.0.3:9;transport=tcp>;q=0.9,"
	" <sip:mid@127.0.0.3>;q=0.5\r\n";


TEST(redirect_q_dead, "A Contact that does not respond: the next is called")
{
	scene(.config = FOLLOW);
	(void)refer_carol("");
	next("carol", 302, dead);
	event(t.bob, "? ~ refer,referInviteSent ~ code=503 ~"
	      " target=sip:mid@127.0.0.3", WAIT);
	sut_log_wait(t.bob, "refer: #1 not reached there (503), calling"
		     " sip:mid@127.0.0.3\n", WAIT);
	next("mid", 404, NULL);
	reported(404);
	ROW("transfer.follow-redirect");
}


/* Hung up at the one that rings, with that command */
static void ended_by(const char *cmd, const char *prm)
{
	scene(.config = FOLLOW);
	(void)refer_carol("");
	next("carol", 302, contacts);
	next("high", 180, NULL);
	event(t.bob, "CALL_RINGING", WAIT);
	CHECK(ctrl(t.bob, cmd, prm).ok, "%s", cmd);
	expect_any(t.alice, "NOTIFY ~ SIP/2.0 487", WAIT);
	expect_any(t.carol, "CANCEL", WAIT);
	expect_none(t.carol, "INVITE", 0);
	ROW("transfer.follow-redirect");
}


TEST(redirect_q_ended, "Hung up at the one that rings: no other is called")
{
	ended_by("refercancel", "1");
}


TEST(redirect_q_hangup, "The same by the menu's /hangup")
{
	ended_by("hangup", NULL);
}


TEST(redirect_q_busy, "A callee who is busy or declines is not looked for")
{
	static const uint16_t codev[] = {486, 600, 603, 604};
	size_t i;

	scene(.config = FOLLOW);
	for (i=0; i<ARRAY_SIZE(codev); i++) {
		(void)refer_carol("");
		next("carol", 302, contacts);
		next("high", codev[i], NULL);
		reported(codev[i]);
	}
	ROW("transfer.follow-redirect");
}


TEST(redirect_q_denied, "Of the Contacts of a 3xx the allowed ones are called")
{
	scene(.config = FOLLOW "refer_deny sip:high@*\n"
	      "refer_deny sip:low@*\n");
	(void)refer_carol("");
	next("carol", 302, contacts);
	next("mid", 503, NULL);
	reported(503);
	CHECK(!seen_count("bob", NULL, "INVITE ~ sip:high"), "denied");
	ROW("transfer.follow-redirect setting.allow");
}


TEST(redirect_q_odd, "Odd values of q, URIs that cannot be called, circles")
{
	scene(.config = FOLLOW);
	(void)refer_carol("");
	next("carol", 300,
	     "Contact: <sip:worst@127.0.0.3>;q=9,<tel:+49>,<mailto:a@b>\r\n"
	     "Contact: <sip:b@127.0.0.3>;q=.5, <sip:half@127.0.0.3>;q=0.5\r\n"
	     "Contact: <sip:best@127.0.0.3>, <sip:best@127.0.0.3>;q=0.2\r\n"
	     "Contact: <sip:x@127.0.0.3;transport=x>;q=1.0\r\n");
	next("best", 302, "Contact: <sip:best@127.0.0.3>\r\n");
	next("half", 500, NULL);
	next("worst", 410, NULL);
	next("b", 480, NULL);
	reported(480);
	ROW("transfer.follow-redirect");
}


TEST(redirect_commas, "A comma in <> or in quotes separates no Contacts")
{
	scene(.config = FOLLOW);
	(void)refer_carol("");
	next("carol", 302,
	     "m: <sip:a,b@127.0.0.3>;q=0.5, \"x, y\" <sip:c@127.0.0.3>;q=0.4"
	     ",\r\n \"\\\",<\" <sip:d;x=1,2@127.0.0.3>\r\n"
	     "\t;q=0.3,,sip:e@127.0.0.3;q=0.2\r\n"
	     "Contact: \"no end, <sip:x@127.0.0.3>;q=0.1,"
	     " <sip:y@127.0.0.3, <sip:z@127.0.0.3>\r\n"
	     "Contact: ,\r\n");
	next("a,b", 480, NULL);
	next("c", 480, NULL);
	next("d;x=1,2", 480, NULL);
	next("e", 480, NULL);
	reported(480);
	ROW("transfer.follow-redirect");
}


/* bob sends carol a REFER out of a dialog, and she has moved */
static void refersend_moved(const char *hdrs)
{
	t.bob   = sut_start("bob", .no_menu = true, .config = FOLLOW);
	t.carol = peer_new("carol");
	CHECK(ctrl(t.bob, "refersend", "sip:carol@127.0.0.3 sip:a@127.0.0.1")
	      .ok, "refersend");
	peer_reply(t.carol, expect(t.carol, "REFER", WAIT), 302, "Moved",
		   hdrs);
}


TEST(refersend_q, "The same for a 3xx to a REFER out of a dialog")
{
	struct msg *m;

	refersend_moved(contacts);
	m = expect(t.carol, "REFER ~ REFER sip:high@", WAIT);
	peer_reply(t.carol, m, 480, "No", NULL);
	m = expect(t.carol, "REFER ~ REFER sip:mid@", WAIT);
	peer_reply(t.carol, m, 603, "No", NULL);
	event(t.bob, "? ~ refer,referEnded ~ code=603 outcome=refused", WAIT);
	expect_none(t.carol, "REFER", 0);
	ROW("transfer.redirect-refer");
}


TEST(refersend_q_dead, "The same for one that does not respond")
{
	refersend_moved(dead);
	peer_reply(t.carol, expect(t.carol, "REFER ~ REFER sip:mid@", WAIT),
		   603, "No", NULL);
	event(t.bob, "? ~ refer,referEnded ~ code=603 outcome=refused", WAIT);
	ROW("transfer.redirect-refer");
}
