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


static struct odict *json(const char *text)
{
	struct odict *od;

	CHECK(!json_decode_odict(&od, 32, text, strlen(text), 8), "%s", text);

	return od;
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
	ROW("command.list");

	answers("referaccept", "", "refer: #1 accepted\n");
	expect(t.alice, "202 REFER", WAIT);
	(void)answer(t.carol, expect(t.carol, "INVITE", WAIT));
	expect_any(t.alice, "NOTIFY ~ SIP/2.0 200", WAIT);
	event(t.bob, "? ~ refer,referEnded,id=1", WAIT);
	answers("referlist", NULL, "refer: no transfers\n");
	answers("referaccept", "", "error: no REFER waits\n");
	ROW("command.accept");
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
	ROW("sipjs.37 command.notify");
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
	ROW("command.reject");
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
	ROW("sipjs.58 command.redirect");
}


TEST(cmd_several, "Several REFERs wait: a command must say which")
{
	ask();
	refer("<sip:dave@127.0.0.3>", "");
	event(t.bob, "? ~ refer,referRequested,id=2", WAIT);

	answers("referreject", "",
		"error: several REFERs wait: 1 2; which one?\n");
	answers("referreject", "7 486",
		"error: there is no REFER 7, see /referlist\n");
	answers("referreject", "2 9999",
		"error: 9999 is no status code (300-699)\n");
	answers("referreject", "2 200",
		"error: 200 is no status code (300-699)\n");
	answers("referreject", "2", "refer: #2 rejected\n");
	answers("referreject", "", "refer: #1 rejected\n");
	ROW("command.which");
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
	ROW("sipjs.54 command.cancel");
}


/* bob executes a REFER by hand */
static struct msg *by_hand(unsigned id)
{
	struct msg *req = refer_carol("");

	event(t.bob, F("? ~ refer,referRequested,id=%u", id), WAIT);
	answers("referaccept", F("%u follow=no", id),
		F("refer: #%u accepted\n", id));
	expect(t.alice, "202 REFER", WAIT);
	check_notify(expect(t.alice, "NOTIFY", WAIT), req, "active;",
		     "SIP/2.0 100 Trying");

	return req;
}


TEST(cmd_cancel_by_hand, "/refercancel of a REFER without follow: 487, too")
{
	struct msg *req;

	scene(.config = "refer_policy ask\n");
	req = by_hand(1);
	HAS_TEXT(ctrl(t.bob, "referinfo", NULL).data, "\nfollow      no\n");
	answers("refercancel", NULL, "refer: #1 cancelled\n");
	check_notify(expect(t.alice, "NOTIFY", WAIT), req,
		     "terminated;reason=noresource",
		     "SIP/2.0 487 Request Terminated");
	event(t.bob, "? ~ refer,referRejected,id=1 role=server code=487",
	      WAIT);
	event(t.bob, "? ~ refer,referEnded,id=1 role=server code=487", WAIT);
	answers("refercancel", NULL, "error: no transfer is under way\n");
	check_alive(t.call);
	ROW("command.cancel");
}


TEST(cmd_notify_which, "/refernotify: of two numbers the first one is the id")
{
	struct msg *req;

	scene(.config = "refer_policy ask\n");
	req = by_hand(1);
	answers("refernotify", "180", "refer: #1 notified\n");
	check_notify(expect(t.alice, "NOTIFY", WAIT), req, "active;",
		     "SIP/2.0 180 Ringing");
	answers("refernotify", "200 404 times", "error: there is no REFER"
		" 200, see /referlist\n");
	answers("refernotify", "404 \"2 left\"", "refer: #1 notified\n");
	check_notify(expect(t.alice, "NOTIFY", WAIT), req,
		     "terminated;reason=noresource", "SIP/2.0 404 2 left");

	(void)by_hand(2);
	(void)by_hand(3);
	answers("refernotify", "200 OK", "error: several REFERs wait for a"
		" report: 2 3; which one?\n");
	answers("refercancel", NULL, "error: several transfers are under way:"
		" 2 3; which one?\n");
	answers("refernotify", "2 200 OK", "refer: #2 notified\n");
	answers("refernotify", "200 OK", "refer: #3 notified\n");
	ROW("command.notify command.which");
}


static void transfers(struct peer *p, const char *from, const char *prm)
{
	struct msg *req;

	CHECK(ctrl(t.bob, "transfer", prm).ok, "transfer");
	req = expect_any(p, "REFER", WAIT);
	HAS_TEXT(hdr(req, "From"), from);
	peer_reply(p, req, 603, "Decline", NULL);
	event(t.bob, "? ~ refer,referEnded ~ role=client", WAIT);
}


TEST(cmd_accounts, "All accounts are listed, the current one is meant",
     .na11 = "the current account is that of the menu's current call")
{
	struct dlg *d;

	scene(.config = "refer_policy ask\nrefer_hold no\n");
	(void)ctrl(t.bob, "uanew",
		   "<sip:bert@127.0.0.2>;regint=0;answermode=auto");
	d = dlg_new(t.carol, "sip:bert@127.0.0.2");
	(void)dlg_request(d, "INVITE", sdp(t.carol));
	(void)dlg_taken(d);
	event(t.bob, F("CALL_ESTABLISHED ~ %s", d->callid), WAIT);

	refer("<sip:dave@127.0.0.4>", "");
	event(t.bob, "? ~ refer,referRequested,id=1", WAIT);
	(void)dlg_request(d, "REFER", "Refer-To: <sip:erin@127.0.0.5>\r\n");
	event(t.bob, "? ~ refer,referRequested,id=2", WAIT);
	HAS_TEXT(ctrl(t.bob, "referinfo", "1").data,
		 "\naccount     sip:bob@127.0.0.2\n");
	HAS_TEXT(ctrl(t.bob, "referinfo", "2").data,
		 "\naccount     sip:bert@127.0.0.2\n");
	answers("referreject", NULL,
		"error: several REFERs wait: 1 2; which one?\n");

	(void)ctrl(t.bob, "uafind", "sip:bert@127.0.0.2");
	transfers(t.carol, "sip:bert@", "sip:dave@127.0.0.4");
	transfers(t.carol, "sip:bert@", "call=1 sip:dave@127.0.0.4");
	transfers(t.alice, "sip:bob@", F("call=%s sip:dave@127.0.0.4",
					 t.call->callid));
	(void)ctrl(t.bob, "uafind", "sip:bob@127.0.0.2");
	transfers(t.alice, "sip:bob@", "sip:dave@127.0.0.4");
	ROW("command.accounts");
}


TEST(cmd_policy, "/referpolicy shows the policy, and sets it")
{
	scene(.config = "refer_deny sip:00*@*\nrefer_allow *@127.0.0.3\n");
	answers("referpolicy", NULL,
		"refer: guard: in force\n"
		"refer: version " RELEASE "\n"
		"refer: policy accept, out of a dialog reject, digest no,"
		" replaces accept\n"
		"refer: waiting 0 of 64, 10 a second and peer, depth 5,"
		" tel auto, redirects no\n"
		"refer: of each call 8 waiting, 2 referred calls\n"
		"refer: copied headers User-to-User, passed headers"
		" User-to-User\n"
		"refer: deny sip:00*@*\n"
		"refer: allow *@127.0.0.3\n"
		"refer: sip:bob@127.0.0.2: accept, out of a dialog reject\n");
	answers("referpolicy", "perhaps", "error: usage: /referpolicy"
		" [ACCOUNT] [accept|ask|reject]\n");
	answers("referpolicy", "reject", "refer: policy reject\n");
	refer("<sip:carol@127.0.0.3>", "");
	expect(t.alice, "603 REFER", WAIT);
	ROW("command.policy");
}


TEST(cmd_policy_account, "/referpolicy <account>: it wins over all others")
{
	scene(.account = ";refer_policy=ask");
	answers("referpolicy", "bob@127.0.0.2",
		"refer: sip:bob@127.0.0.2: ask, out of a dialog reject\n");
	answers("referpolicy", "sip:bob@127.0.0.2 maybe",
		"error: the policy is accept, ask or reject\n");
	answers("referpolicy", "sip:bob@127.0.0.2 reject",
		"refer: sip:bob@127.0.0.2: reject, out of a dialog reject\n");
	refer("<sip:carol@127.0.0.3>", "");
	expect(t.alice, "603 REFER", WAIT);

	answers("referpolicy", "bob@127.0.0.2 accept",
		"refer: sip:bob@127.0.0.2: accept, out of a dialog reject\n");
	(void)refer_carol("");
	expect(t.alice, "202 REFER", WAIT);
	(void)answer(t.carol, expect(t.carol, "INVITE", WAIT));
	ROW("command.policy");
}


TEST(cmd_policy_params, "/referpolicy shows the parameters of an account")
{
	scene(.account = ";refer_ring_timeout=25;refer_hold=off"
	      ";refer_replaces=perhaps;refer_notify_timeout=x"
	      ";refer_attended_target=AOR");
	answers("referpolicy", "bob@127.0.0.2",
		"refer: sip:bob@127.0.0.2: accept, out of a dialog reject;"
		" refer_replaces=reject refer_ring_timeout=25 refer_hold=no"
		" refer_attended_target=aor\n");
	ROW("command.policy");
}


TEST(cmd_info, "/referinfo shows all of a transfer, as text and JSON")
{
	struct odict *od;
	struct resp r;

	scene(.config = "refer_policy ask\n");
	answers("referinfo", NULL, "error: no transfers\n");
	refer("<sip:carol@127.0.0.3?Replaces=a%40b%3Bto-tag%3D1%3B"
	      "from-tag%3D2>", "Referred-By: \"Al\" <sip:alice@a.org>\r\n");
	event(t.bob, "? ~ refer,referRequested,id=1", WAIT);

	r = ctrl(t.bob, "referinfo", NULL);
	HAS_TEXT(r.data, "id          1\nrole        server\n"
		 "state       WAITING\nage         ");
	HAS_TEXT(r.data, "\ntarget      sip:carol@127.0.0.3\n");
	HAS_TEXT(r.data, "\nreferred_by \"Al\" <sip:alice@a.org>\n");
	HAS_TEXT(r.data, "\nreplaces    a@b;to-tag=1;from-tag=2\n");
	EQ_STR(r.data, ctrl(t.bob, "referinfo", "1").data);

	od = json(ctrl(t.bob, "referinfo", "1 json").data);
	EQ_INT(1, (int)odict_lookup(od, "id")->u.integer);
	EQ_STR("server", odict_lookup(od, "role")->u.str);
	EQ_STR("sip:bob@127.0.0.2", odict_lookup(od, "account")->u.str);
	EQ_STR("sip:alice@127.0.0.1", odict_lookup(od, "peer")->u.str);
	EQ_STR(t.call->callid, odict_lookup(od, "call")->u.str);
	EQ_STR("\"Al\" <sip:alice@a.org>",
	       odict_lookup(od, "referred_by")->u.str);
	mem_deref(od);

	answers("referinfo", "7",
		"error: there is no transfer 7, see /referlist\n");
	answers("referinfo", "1 xml",
		"error: usage: /referinfo [ID] [json]\n");
	ROW("command.info");
}


TEST(cmd_clean, "What others send cannot break the table, or the JSON")
{
	struct odict *od;
	struct resp r;
	struct dlg *d;

	t.bob   = sut_start("bob", .config = "refer_out_of_dialog ask\n");
	t.alice = peer_new("alice");
	d = dlg_new(t.alice, t.bob->uri);
	d->luri = "sip:alice@127.0.0.1;x=\r\n \x1b[31mRED";
	(void)dlg_request(d, "REFER",
			  "Refer-To: <sip:carol@127.0.0.3>\r\n"
			  "Referred-By: <sip:a@b>;x=\"\xff\xc3\xa4\x01\"\r\n");
	event(t.bob, "? ~ refer,referRequested,id=1", WAIT);

	r = ctrl(t.bob, "referlist", NULL);
	CHECK(!strchr(r.data, 0x1b), "%s", r.data);
	HAS_TEXT(r.data, "sip:alice@127.0.0.1;x=    [31mRED");
	od = json(ctrl(t.bob, "referinfo", "1 json").data);
	EQ_STR("<sip:a@b>;x=\"?\xc3\xa4 \"",
	       odict_lookup(od, "referred_by")->u.str);
	mem_deref(od);
	ROW("command.list command.info");
}


TEST(cmd_list_json, "/referlist json: an array of objects")
{
	struct odict *od, *first;
	const struct odict_entry *e;

	scene(.config = "refer_policy ask\n");
	answers("referlist", "json", "{\"ok\":true,\"transfers\":[]}\n");
	answers("referlist", "xml",
		"error: usage: /referlist [all|ended] [json]\n");
	refer("<sip:a@127.0.0.3>", "");
	refer("<sip:b@127.0.0.3>", "");
	event(t.bob, "? ~ refer,referRequested,id=2", WAIT);

	od = json(ctrl(t.bob, "referlist", "json").data);
	e  = odict_lookup(od, "transfers");
	CHECK(e && e->type == ODICT_ARRAY, "an array");
	EQ_INT(2, (int)odict_count(e->u.odict, false));
	first = ((struct odict_entry *)e->u.odict->lst.head->data)->u.odict;
	EQ_STR("sip:a@127.0.0.3", odict_lookup(first, "target")->u.str);
	EQ_STR("WAITING", odict_lookup(first, "state")->u.str);
	mem_deref(od);

	answers("referinfo", NULL, "error: several transfers: 1 2;"
		" which one?\n");
	ROW("command.list command.info");
}
