/**
 * @file t_commands.c  The commands that decide on incoming REFERs
 */
#include <string.h>
#include "wire.h"
#include "scene.h"


/* alice refers bob, who asks */
static void ask(void)
{
	scene(.config = "refer_policy ask\n");
	refer_carol("");
	event(t.bob, "? ~ refer,referRequested,id=1", WAIT);
}


static void answers(const char *cmd, const char *prm, const char *text)
{
	EQ_STR(text, ctrl(t.bob, cmd, prm).data);
}


TEST(cmd_accept, "/referlist shows a REFER that waits, /referaccept takes it")
{
	struct resp r;

	ask();
	r = ctrl(t.bob, "referlist", NULL);
	HAS_TEXT(r.data, "id role   state        age peer");
	HAS_TEXT(r.data, "   1 server WAITING");
	HAS_TEXT(r.data, "sip:alice@127.0.0.1");
	HAS_TEXT(r.data, "sip:carol@127.0.0.3");
	expect_none(t.carol, "*", 0);
	ROW("C5.list");

	answers("referaccept", "", "refer: #1 accepted\n");
	expect(t.alice, "202 REFER", WAIT);
	(void)answer(t.carol, expect(t.carol, "INVITE", WAIT));
	expect_any(t.alice, "NOTIFY ~ SIP/2.0 200", WAIT);
	event(t.bob, "? ~ refer,referEnded,id=1", WAIT);
	answers("referlist", NULL, "refer: no transfers\n");
	answers("referaccept", "", "error: no REFER waits\n");
	ROW("C5.accept");
}


TEST(cmd_accept_nofollow, "/referaccept follow=no, then /refernotify")
{
	struct msg *req;

	scene(.config = "refer_policy ask\n");
	req = refer_carol("");
	event(t.bob, "? ~ refer,referRequested,id=1", WAIT);

	answers("referaccept", "1 follow=no code=200",
		"refer: #1 accepted\n");
	expect(t.alice, "200 REFER", WAIT);
	check_notify(expect(t.alice, "NOTIFY", WAIT), req, "active;",
		     "SIP/2.0 100 Trying");
	answers("refernotify", "1 183", "refer: #1 notified\n");
	check_notify(expect(t.alice, "NOTIFY", WAIT), req, "active;",
		     "SIP/2.0 183 Session Progress");
	answers("refernotify", "1 604 \"Nobody there\"",
		"refer: #1 notified\n");
	check_notify(expect(t.alice, "NOTIFY", WAIT), req,
		     "terminated;reason=noresource",
		     "SIP/2.0 604 Nobody there");
	expect_none(t.carol, "*", 0);
	ROW("C5.notify");
}


TEST(cmd_reject, "/referreject with code and reason, then with none")
{
	struct msg *m;

	ask();
	answers("referreject", "1 486 \"Busy Here\"",
		"refer: #1 rejected\n");
	m = expect(t.alice, "486 REFER", WAIT);
	HAS(m, "SIP/2.0 486 Busy Here\r\n");

	refer("<sip:carol@127.0.0.3>", "");
	event(t.bob, "? ~ refer,referRequested,id=2", WAIT);
	answers("referreject", "603 Not now", "refer: #2 rejected\n");
	HAS(expect(t.alice, "603 REFER", WAIT), "SIP/2.0 603 Not now\r\n");

	refer("<sip:carol@127.0.0.3>", "");
	event(t.bob, "? ~ refer,referRequested,id=3", WAIT);
	answers("referreject", "", "refer: #3 rejected\n");
	expect(t.alice, "480 REFER", WAIT);

	check_alive(t.call);
	expect_none(t.carol, "*", 0);
	ROW("C5.reject");
}


TEST(cmd_redirect, "/referredirect sends 302 with the Contacts")
{
	struct msg *m;

	ask();
	answers("referredirect", "sip:x@127.0.0.8 sip:y@127.0.0.9;a=b",
		"refer: #1 redirected\n");
	m = expect(t.alice, "302 REFER", WAIT);
	HAS(m, "\r\nContact: <sip:x@127.0.0.8>\r\n");
	HAS(m, "\r\nContact: <sip:y@127.0.0.9;a=b>\r\n");
	check_alive(t.call);
	ROW("C5.redirect");
}


TEST(cmd_several, "Several REFERs wait: a command must say which")
{
	ask();
	refer("<sip:dave@127.0.0.3>", "");
	event(t.bob, "? ~ refer,referRequested,id=2", WAIT);

	answers("referreject", "",
		"error: several REFERs wait: 1 2; which one?\n");
	answers("referreject", "7 486", "error: there is no REFER 7\n");
	answers("referreject", "2 9999",
		"error: usage: /referreject [id] [code] [reason]\n");
	answers("referreject", "2 200",
		"error: wrong argument, see /help\n");
	answers("referreject", "2", "refer: #2 rejected\n");
	answers("referreject", "", "refer: #1 rejected\n");
	ROW("C5.which");
}


TEST(cmd_cancel, "/refercancel gives the new call up: CANCEL, NOTIFY 487")
{
	struct msg *req, *inv;

	scene();
	req = refer_carol("");
	inv = expect(t.carol, "INVITE", WAIT);
	peer_reply(t.carol, inv, 180, "Ringing", NULL);
	event(t.bob, "CALL_RINGING", WAIT);

	answers("refercancel", "1", "refer: #1 cancelled\n");
	expect(t.carol, "CANCEL", WAIT);
	check_notify(expect_any(t.alice, "NOTIFY ~ terminated", WAIT), req,
		     "terminated;reason=noresource",
		     "SIP/2.0 487 Request Terminated");
	check_alive(t.call);
	ROW("C5.cancel");
}


TEST(cmd_policy, "/referpolicy shows the policy, and sets it")
{
	scene();
	answers("referpolicy", NULL, "refer: policy accept\n");
	answers("referpolicy", "perhaps",
		"error: usage: /referpolicy [accept|ask|reject]\n");
	answers("referpolicy", "reject", "refer: policy reject\n");
	refer("<sip:carol@127.0.0.3>", "");
	expect(t.alice, "603 REFER", WAIT);
	ROW("C5.policy");
}
