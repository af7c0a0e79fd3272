/**
 * @file t_lifetime.c  Loading, unloading and quitting in the middle of things
 */
#include <string.h>
#include "wire.h"
#include "harness.h"
#include "scene.h"


/* alice has referred bob, carol rings */
static struct msg *ringing(struct msg **reqp)
{
	struct msg *inv;

	*reqp = refer_carol("");
	expect(t.alice, "202 REFER", WAIT);
	expect(t.alice, "NOTIFY ~ SIP/2.0 100", WAIT);
	inv = expect(t.carol, "INVITE", WAIT);
	peer_reply(t.carol, inv, 180, "Ringing", NULL);
	expect(t.alice, "NOTIFY ~ SIP/2.0 180", WAIT);

	return inv;
}


TEST(insmod_in_call, "/insmod in the middle of a call")
{
	scene(.no_module = true, .link_module = true);
	HAS_TEXT(ctrl(t.bob, "insmod", "refer").data, "loaded module refer");

	refer_carol("");
	(void)answer(t.carol, expect(t.carol, "INVITE", WAIT));
	expect_any(t.alice, "NOTIFY ~ SIP/2.0 200", WAIT);
	ROW("module.insmod");
}


TEST(rmmod_referee, "/rmmod while the target rings: deactivated, calls stay")
{
	struct msg *req, *inv, *n;
	struct dlg *d;

	scene();
	inv = ringing(&req);

	CHECK(ctrl(t.bob, "rmmod", "refer").ok, "rmmod");
	n = expect(t.alice, "NOTIFY", WAIT);
	check_notify(n, req, "terminated;reason=deactivated",
		     "SIP/2.0 180 Ringing");

	d = answer(t.carol, inv);
	check_alive(d);
	check_alive(t.call);
	expect_none(t.alice, "NOTIFY", 0);

	/* and back again */
	CHECK(ctrl(t.bob, "insmod", "refer").ok, "insmod");
	refer("<sip:dave@127.0.0.3>", "");
	(void)answer(t.carol, expect(t.carol, "INVITE", WAIT));
	expect_any(t.alice, "NOTIFY ~ SIP/2.0 200", WAIT);
	ROW("module.rmmod");
}


TEST(rmmod_notify_pending, "/rmmod with a NOTIFY unanswered: no harm")
{
	struct msg *n;
	struct dlg *d;

	scene();
	refer("<sip:carol@127.0.0.3>", "");
	expect(t.alice, "202 REFER", WAIT);
	n = expect(t.alice, "NOTIFY ~ SIP/2.0 100", WAIT);
	d = answer(t.carol, expect(t.carol, "INVITE", WAIT));

	CHECK(ctrl(t.bob, "rmmod", "refer").ok, "rmmod");
	peer_reply(t.alice, n, 200, "OK", NULL);
	n = expect(t.alice, "NOTIFY ~ terminated", WAIT);
	HAS(n, "SIP/2.0 200 OK");
	peer_reply(t.alice, n, 200, "OK", NULL);

	check_alive(d);
	check_alive(t.call);
	ROW("module.rmmod");
}


TEST(rmmod_referrer, "/rmmod while a transfer of ours is open: the call stays")
{
	struct msg *req;

	scene();
	req = transfer("sip:carol@127.0.0.3");

	CHECK(ctrl(t.bob, "rmmod", "refer").ok, "rmmod");
	event(t.bob, "? ~ refer,referEnded,id=1", WAIT);
	answer_resume(t.call);
	peer_reply(t.alice, req, 202, "Accepted", NULL);
	check_alive(t.call);

	/* the menu's command is back */
	(void)ctrl(t.bob, "transfer", "sip:dave@127.0.0.4");
	req = menu_refer(t.call);
	EQ_STR("sip:dave@127.0.0.4", hdr(req, "Refer-To"));
	peer_reply(t.alice, req, 603, "Decline", NULL);
	ROW("module.rmmod command.menu");
}


TEST(rmmod_idle, "/rmmod and /insmod, again and again")
{
	int i;

	scene();
	for (i=0; i<5; i++) {
		CHECK(ctrl(t.bob, "rmmod", "refer").ok, "rmmod");
		CHECK(ctrl(t.bob, "insmod", "refer").ok, "insmod");
	}

	refer_carol("");
	(void)answer(t.carol, expect(t.carol, "INVITE", WAIT));
	expect_any(t.alice, "NOTIFY ~ SIP/2.0 200", WAIT);
	ROW("module.rmmod");
}


/* From /quit to the end of the process; all that is sent is answered */
static uint32_t quit_ms(void)
{
	const uint64_t start = now_ms();

	sut_quit(t.bob);

	return (uint32_t)(now_ms() - start);
}


TEST(quit_referee, "Quit while the target rings: deactivated, within 2 s")
{
	struct msg *req;
	uint32_t ms;

	scene();
	(void)ringing(&req);
	ms = quit_ms();
	CHECK(ms < 2000, "took %u ms", ms);

	expect_any(t.alice, "NOTIFY ~ terminated;reason=deactivated",
		   WAIT);
	expect_any(t.alice, "BYE", WAIT);
	expect_any(t.carol, "CANCEL", WAIT);
	ROW("module.quit");
}


TEST(quit_referrer, "Quit while a transfer of ours is open: within 2 s")
{
	uint32_t ms;

	scene();
	peer_reply(t.alice, transfer("sip:carol@127.0.0.3"), 202, "Accepted",
		   NULL);
	event(t.bob, "? ~ refer,referRequestAccepted", WAIT);
	ms = quit_ms();
	CHECK(ms < 2000, "took %u ms", ms);
	ROW("module.quit");
}


TEST(quit_unanswered, "Quit with a REFER that is answered only then")
{
	uint32_t ms;

	scene();
	(void)transfer("sip:carol@127.0.0.3");
	ms = quit_ms();
	CHECK(ms < 2000, "took %u ms", ms);
	ROW("module.quit");
}


/* From /quit to the end of a baresip whose REFER nobody answers. alice's BYE
   is answered, as she has one */
static uint32_t quit_silent_ms(struct sut *s)
{
	const uint64_t start = now_ms();

	s->proc->may_end = true;
	ctrl_post(s, "quit", NULL);
	peer_reply(t.alice, expect_any(t.alice, "BYE", WAIT), 200, "OK",
		   NULL);
	if (s->module)
		event(s, "? ~ refer,referEnded,id=1 ~ outcome=cancelled",
		      WAIT);
	sut_ended(s, WAIT_QUIT);
	EQ_INT(s->module, event_count(s, "? ~ refer,referEnded"));

	return (uint32_t)(now_ms() - start);
}


TEST(quit_silent, "Quit with a REFER that nobody answers: no later than stock",
     .secs = 40, .limit = 100)
{
	struct sut *stock = sut_start("dave", .no_module = true);
	uint32_t ms, most;

	t.alice = peer_new("alice");
	t.call  = call_in(t.alice, stock);
	(void)ctrl(stock, "transfer", "sip:carol@127.0.0.3");
	(void)menu_refer(t.call);
	most = quit_silent_ms(stock);

	t.bob  = sut_start("bob");
	t.call = call_in(t.alice, t.bob);
	(void)transfer("sip:carol@127.0.0.3");
	ms = quit_silent_ms(t.bob);
	CHECK(ms < most + 2000, "%u ms, stock %u ms", ms, most);
	ROW("module.quit");
}


TEST(uadel, "/uadel while the target rings: no crash, no leak")
{
	struct msg *req;

	scene();
	(void)ringing(&req);
	CHECK(ctrl(t.bob, "uadel", "sip:bob@127.0.0.2").ok, "uadel");
	expect_any(t.carol, "CANCEL", WAIT);
	event(t.bob, "? ~ refer,referEnded,id=1", WAIT);
	ROW("module.uadel");
}


TEST(local_hangup, "The new call is hung up by hand while it rings: 487")
{
	struct msg *req, *n;

	scene();
	(void)ringing(&req);
	(void)ctrl(t.bob, "hangup", NULL);
	expect_any(t.carol, "CANCEL", WAIT);
	n = expect(t.alice, "NOTIFY", WAIT);
	check_notify(n, req, "terminated;reason=noresource",
		     "SIP/2.0 487 Request Terminated");
	check_alive(t.call);
	ROW("transfer.local-failure");
}


TEST(unreachable, "The target cannot be reached: NOTIFY 503 or 408")
{
	struct msg *n;

	scene();
	peer_auto(t.alice, "NOTIFY");
	refer("<sip:carol@127.0.0.3:9;transport=tcp>", "");
	n = expect_any(t.alice, "NOTIFY ~ terminated;reason=noresource", WAIT);
	HAS(n, "SIP/2.0 503 Service Unavailable");
	check_alive(t.call);
	ROW("transfer.local-failure");
}


TEST(preload, "Loaded with -m, before there is a SIP stack")
{
	t.bob   = sut_start("bob", .no_module = true, .preload = true);
	t.alice = peer_new("alice");
	t.carol = peer_new("carol");
	t.call  = call_in(t.alice, t.bob);

	refer_carol("");
	(void)answer(t.carol, expect(t.carol, "INVITE", WAIT));
	expect_any(t.alice, "NOTIFY ~ SIP/2.0 200", WAIT);
	ROW("module.preload");
}


TEST(alien, "Built for another baresip: one line, and REFER is the core's")
{
	scene(.no_module = true, .link_module = true,
	      .module = F("%s/" BUILD "/alien/refer.so", top_dir()),
	      .config = "module_app refer.so\n");
	sut_log_has(t.bob, "refer: built for baresip 9.9.9 with libre 9.9.8,"
		    " but this is ");
	CHECK(!strstr(proc_log(t.bob->proc), "took over REFER"));
	refer_carol("");
	expect_any(t.alice, "202 REFER", WAIT);
}


TEST(alien_debian, "Built for 3.x or 4.x, loaded into Debian's: one line",
     .na1 = "the module is Debian's own there")
{
	struct proc *p;

	spew(F("%s/config", test_dir()),
	     F("sip_listen 127.0.0.2:5060\nmodule_path %s\n"
	       "module_app refer.so\n", built("")));
	spew(F("%s/accounts", test_dir()), "");
	spew(F("%s/contacts", test_dir()), "");
	p = proc_run("bob", "/usr/bin/baresip", "-f", test_dir(), NULL);
	CHECK(proc_log_wait(p, ", but this is libre 1.", WAIT_START),
	      "not that line");
	HAS_TEXT(proc_log(p), "refer: built for baresip " HOST " with libre ");
}


TEST(intercept_refused, "Another libre: the log says why, REFER is stock")
{
	static char *const env[] = {"REFER_INTERCEPT_REFUSE=1", NULL};
	struct msg *n, *req;

	scene(.no_module = true, .link_module = true,
	      .config = "module_app refer.so\n", .env = env);
	sut_log_has(t.bob, "REFER_INTERCEPT_REFUSE, as asked for; REFER is"
		    " left to the core");

	refer_carol("");
	expect_any(t.alice, "202 REFER", WAIT);
	(void)answer(t.carol, expect(t.carol, "INVITE", WAIT));
	n = expect_any(t.alice, "NOTIFY ~ SIP/2.0 200", WAIT);
	HAS(n, "Subscription-State: terminated");

	/* and the other way round */
	t.call = call_in(t.alice, t.bob);
	(void)ctrl(t.bob, "transfer", "sip:carol@127.0.0.3");
	req = expect_any(t.alice, "REFER", WAIT);
	EQ_STR("sip:carol@127.0.0.3", hdr(req, "Refer-To"));
	peer_reply(t.alice, req, 603, "Decline", NULL);
	ROW("module.refused");
}


TEST(uadel_referrer, "/uadel while a transfer of ours is open: it ends")
{
	struct msg *req;

	scene(.account = ";auth_user=bob;auth_pass=secret");
	req = transfer("sip:carol@127.0.0.3");
	CHECK(ctrl(t.bob, "uadel", "sip:bob@127.0.0.2").ok, "uadel");

	/* the account is gone, nobody can answer this */
	peer_reply(t.alice, req, 401, "Unauthorized",
		   "WWW-Authenticate: Digest realm=\"r\", nonce=\"n\"\r\n");
	event(t.bob, "? ~ refer,referEnded,id=1", WAIT);
	expect_none(t.alice, "REFER", 0);
	ROW("module.uadel");
}


TEST(uadel_accepted, "/uadel, and the outcome comes before that is noticed",
     .secs = 3)
{
	struct msg *req;

	/* the freed account is read, not written */
	t.bob = sut_start("bob", .memcheck = MEMCHECK_VALGRIND);
	t.alice = peer_new("alice");
	t.call = call_in(t.alice, t.bob);
	req = transfer("sip:carol@127.0.0.3");
	peer_reply(t.alice, req, 202, "Accepted", NULL);
	event(t.bob, "? ~ refer,referRequestAccepted", WAIT);
	CHECK(ctrl(t.bob, "uadel", "sip:bob@127.0.0.2").ok, "uadel");
	notify_status(t.call, req, "terminated;reason=noresource",
		      "SIP/2.0 200 OK");
	event(t.bob, "? ~ refer,referEnded,id=1", WAIT);
	ROW("module.uadel");
}


TEST(refused_call, "A call that the core refuses with 488: no crash")
{
	struct dlg *d;

	scene();
	d = dlg_new(t.carol, t.bob->uri);
	(void)dlg_request(d, "INVITE",
			  "Content-Type: application/sdp\r\n\r\n"
			  "v=0\r\no=- 1 1 IN IP4 127.0.0.3\r\ns=-\r\n"
			  "c=IN IP4 127.0.0.3\r\nt=0 0\r\n"
			  "m=audio 9 RTP/AVP 99\r\n"
			  "a=rtpmap:99 nothing/8000\r\n");
	expect(t.carol, "488 INVITE", WAIT);
	check_alive(t.call);
}


/* /transfer, and the re-INVITE is not answered */
static struct msg *holding(void)
{
	scene();
	CHECK(ctrl(t.bob, "transfer", "sip:carol@127.0.0.3").ok, "transfer");

	return expect_any(t.alice, "INVITE ~ a=sendonly", WAIT);
}


TEST(rmmod_hold, "/rmmod while a call is being held: it is resumed")
{
	struct msg *inv = holding();

	CHECK(ctrl(t.bob, "rmmod", "refer").ok, "rmmod");
	event(t.bob, "? ~ refer,referEnded,id=1 role=client"
	      " outcome=cancelled", WAIT);
	peer_reply(t.alice, inv, 200, "OK", sdp_dir(t.alice, "recvonly"));
	answer_resume(t.call);
	check_alive(t.call);
	expect_none(t.alice, "REFER", 300);
	ROW("module.rmmod");
}


TEST(rmmod_late, "/rmmod while late NOTIFYs are answered")
{
	scene();
	peer_reply(t.alice, transfer("sip:carol@127.0.0.3"), 202, "Accepted",
		   "Refer-Sub: false\r\n");
	event(t.bob, "? ~ refer,referEnded,id=1", WAIT);
	answer_resume(t.call);
	CHECK(ctrl(t.bob, "rmmod", "refer").ok, "rmmod");
	check_alive(t.call);
	ROW("module.rmmod");
}


TEST(uadel_hold, "/uadel while a call is being held: it ends")
{
	struct msg *inv = holding();

	CHECK(ctrl(t.bob, "uadel", "sip:bob@127.0.0.2").ok, "uadel");
	peer_reply(t.alice, inv, 200, "OK", sdp_dir(t.alice, "recvonly"));
	event(t.bob, "? ~ refer,referEnded,id=1 ~ outcome=cancelled", WAIT);
	EQ_INT(0, event_count(t.bob, "? ~ refer,failed"));
	expect_none(t.alice, "REFER", 300);
	ROW("module.uadel");
}


TEST(uadel_consult, "/uadel while bob talks to the target: given up")
{
	scene();
	CHECK(ctrl(t.bob, "atransferstart", t.carol->uri).ok, "start");
	(void)answer_hold(t.call);
	(void)answer(t.carol, expect_any(t.carol, "INVITE", WAIT));
	event(t.bob, "CALL_ESTABLISHED ~ carol", WAIT);
	CHECK(ctrl(t.bob, "uadel", "sip:bob@127.0.0.2").ok, "uadel");
	event(t.bob, "? ~ refer,referEnded,id=1 role=client"
	      " outcome=cancelled", WAIT);
	EQ_INT(0, event_count(t.bob, "? ~ refer,failed"));
	ROW("module.uadel");
}


TEST(quit_hold, "Quit while a call is being held: within 2 s")
{
	uint32_t ms;

	(void)holding();
	ms = quit_ms();
	CHECK(ms < 2000, "took %u ms", ms);
	ROW("module.quit");
}


TEST(quit_late, "Quit while late NOTIFYs are answered: within 2 s")
{
	uint32_t ms;

	scene();
	peer_reply(t.alice, transfer("sip:carol@127.0.0.3"), 202, "Accepted",
		   "Refer-Sub: false\r\n");
	event(t.bob, "? ~ refer,referEnded,id=1", WAIT);
	ms = quit_ms();
	CHECK(ms < 2000, "took %u ms", ms);
	ROW("module.quit");
}


TEST(uadel_command, "/uadel of the only account and /uanew: commands use that",
     .secs = 3)
{
	t.bob   = sut_start("bob");
	t.alice = peer_new("alice");
	CHECK(ctrl(t.bob, "uadel", t.bob->uri).ok, "uadel");
	EQ_STR("error: there is no account\n",
	       ctrl(t.bob, "refersend", "alice carol").data);
	(void)ctrl(t.bob, "uanew", F("<%s>;regint=0", t.bob->uri));
	EQ_STR("refer: #1 asking sip:alice@127.0.0.1 to call"
	       " sip:carol@127.0.0.2\n",
	       ctrl(t.bob, "refersend", "sip:alice@127.0.0.1 carol").data);
	peer_reply(t.alice, expect(t.alice, "REFER", WAIT), 603, "Decline",
		   NULL);
	ROW("module.uadel");
}
