/**
 * @file t_page.c  The page of refer_http, as a person uses it
 *
 * Chromium, without a screen, plays the person (js/browser.mjs); alice and
 * carol are scripted peers. The pictures are in build/shots/.
 */
#include <string.h>
#include <sys/stat.h>
#include "wire.h"
#include "harness.h"
#include "scene.h"
#include "typed.h"

enum {
	WAIT_PAGE = 20000,        /* Longer than browser.mjs waits, in ms */
};

#define URL "http://127.0.0.2:8090/"
#define SHOTS BUILD "/shots"

/** A test that needs Chromium */
#define PAGE(id, text)							\
	TEST(page_##id, "The page: " text, .secs = 20, .limit = 180)

static struct proc *browser;
static unsigned count;


/* Do something, or look at something; see browser.mjs */
static void page(const char *command)
{
	const char *answer = F("\n%u ", ++count);

	type("browser", command);
	CHECK(proc_log_wait(browser, answer, WAIT_PAGE), "no answer to %s",
	      command);
	if (!strstr(proc_log(browser), F("%sok\n", answer)))
		FAIL("%s: %s", command, strstr(proc_log(browser), answer) + 1);
}


static void shot(const char *name)
{
	page("clean");
	page("fits");
	(void)mkdir(F("%s/" SHOTS, top_dir()), 0755);
	page(F("shot %s/" SHOTS "/%s.png", top_dir(), name));
}


static void look_at(const char *url)
{
	browser = typed_run("browser", F("node %s/" BUILD "/npm/browser.mjs"
					 " %s/profile", top_dir(),
					 test_dir()));
	CHECK(proc_log_wait(browser, "ready", WAIT_START), "Chromium");
	page("size 1000 680");
	page(F("open %s", url));
}


/* alice, whose display name this is, calls bob; somebody looks at his page */
static void look(const char *name, const char *config)
{
	t.bob = sut_start("bob", .app = "refer_http.so",
			  .config = F("refer_http_listen 127.0.0.2:8090\n%s",
				      config));
	t.alice = peer_new("alice");
	t.carol = peer_new("carol");
	t.alice->display = name;
	t.call = call_in(t.alice, t.bob);

	look_at(URL);
}


/* alice is asked to call carol, and agrees */
static struct msg *agree(void)
{
	struct msg *req;

	(void)answer_hold(t.call);
	req = expect_any(t.alice, "REFER", WAIT);
	peer_reply(t.alice, req, 202, "Accepted", NULL);
	notify_status(t.call, req, "active;expires=180", "SIP/2.0 100 Trying");

	return req;
}


/* by mouse */
static struct msg *transfer_alice(void)
{
	struct msg *req;

	page("click button Transfer Alice Liddell");
	page("type sip:carol@127.0.0.3");
	page("click button Transfer");
	req = agree();
	HAS(req, "Refer-To: <sip:carol@127.0.0.3>\r\n");
	page("see Alice Liddell is calling carol.");
	page("see Being transferred to carol.");
	notify_status(t.call, req, "active;expires=180",
		      "SIP/2.0 180 Ringing");
	page("see carol is ringing.");

	return req;
}


/* alice asks bob to call carol */
static void asked(void)
{
	look("Alice Liddell", "refer_policy ask\n");
	page("see Live");
	(void)refer_carol("");
	page("see Alice Liddell asks you to call carol");
}


PAGE(blind, "a blind transfer, and its ladder")
{
	struct msg *req;

	look("Alice Liddell", "");
	page("see Live");
	page("see sip:alice@127.0.0.1");
	req = transfer_alice();
	page("see Under way");
	notify_status(t.call, req, "terminated;reason=noresource",
		      "SIP/2.0 200 OK");
	peer_reply(t.alice, expect_any(t.alice, "BYE", WAIT), 200, "OK", NULL);

	page("hear Alice Liddell was transferred to carol. carol answered"
	     " (200 OK).");
	page("see Done");
	page("see No calls.");
	page("see Refer-To: <sip:carol@127.0.0.3>");
	page("see 202 Accepted");
	page("see NOTIFY: 200 OK");
	page("clean");
}


PAGE(busy, "the target is busy: why, and that the call is back")
{
	struct msg *req;

	look("Alice Liddell", "");
	page("size 1000 680 dark");
	req = transfer_alice();
	notify_status(t.call, req, "terminated;reason=noresource",
		      "SIP/2.0 486 Busy Here");
	answer_resume(t.call);

	page("hear Alice Liddell was not transferred to carol. carol is busy"
	     " (486 Busy Here).");
	page("see Failed");
	page("see You are still talking to Alice Liddell.");
	page("see NOTIFY: 486 Busy Here");
	shot("page-busy");
	check_alive(t.call);
}


PAGE(attended, "two calls are joined")
{
	struct dlg *other;
	struct msg *req;

	look("Alice Liddell", "");
	t.carol->display = "Carol";
	other = call_in(t.carol, t.bob);
	peer_auto(t.alice, "BYE");
	peer_auto(t.carol, "BYE");

	page("click button Transfer Alice Liddell");
	page("click radio Carol");
	page("click button Transfer");
	req = await_refer(t.call);
	HAS(req, F("Replaces=%s", other->callid));
	peer_reply(t.alice, req, 202, "Accepted", NULL);
	notify_status(t.call, req, "active;expires=180", "SIP/2.0 100 Trying");
	page("see Alice Liddell is calling Carol.");
	notify_status(t.call, req, "terminated;reason=noresource",
		      "SIP/2.0 200 OK");

	page("hear Alice Liddell was transferred to Carol. Carol answered"
	     " (200 OK).");
	page("clean");
}


PAGE(accept, "a REFER is accepted")
{
	struct msg *inv;

	asked();
	page("see left");
	page("see to call sip:carol@127.0.0.3");
	page("see Refer-To: <sip:carol@127.0.0.3>");
	shot("page-ask");
	page("click button Accept");
	(void)expect_any(t.alice, "202 REFER", WAIT);
	inv = expect_any(t.carol, "INVITE", WAIT);
	peer_reply(t.carol, inv, 180, "Ringing", NULL);
	page("see carol is ringing.");
	page("see Called for Alice Liddell.");
	page("gone asked by sip:alice");
	(void)answer(t.carol, inv);

	page("hear Alice Liddell transferred you to carol. carol answered,"
	     " and Alice Liddell has been informed.");
	page("see NOTIFY: 200 OK");
	shot("page");
}


PAGE(nosub, "who does not want to be informed is not said to be")
{
	look("Alice Liddell", "refer_policy ask\n");
	page("see Live");
	(void)refer_carol("Refer-Sub: false\r\n");
	page("see Alice Liddell does not want to be informed of the outcome.");
	page("click button Accept");
	(void)answer(t.carol, expect_any(t.carol, "INVITE", WAIT));
	page("hear Alice Liddell transferred you to carol. carol answered,"
	     " and Alice Liddell was not informed.");
	page("clean");
}


PAGE(reject, "a REFER is rejected")
{
	asked();
	page("click button Reject");
	(void)expect_any(t.alice, "xxx REFER ~ CSeq", WAIT);
	page("hear Alice Liddell wanted to transfer you to carol. It was"
	     " refused");
	page("see You are still talking to Alice Liddell.");
	page("see Refused");
	page("gone asked by sip:alice");
	page("clean");
	expect_none(t.carol, "*", 0);
	check_alive(t.call);
}


PAGE(calls, "answer, hold, resume, hang up, and a new call")
{
	struct dlg *d;

	look("Alice Liddell", "");
	page("click button Hold Alice Liddell");
	(void)answer_hold(t.call);
	page("see On hold");
	page("click button Resume Alice Liddell");
	answer_resume(t.call);
	page("gone On hold");
	page("click button Hang up Alice Liddell");
	peer_reply(t.alice, expect_any(t.alice, "BYE", WAIT), 200, "OK", NULL);
	page("see No calls.");

	page("click textbox Address or number to call");
	page("type sip:carol@127.0.0.3");
	page("key Enter");
	d = answer(t.carol, expect_any(t.carol, "INVITE", WAIT));
	page("see Talking");
	hangup(d);
	page("see No calls.");
	page("clean");
}


PAGE(script, "a display name is text")
{
	look("<script>alert(1)</script>", "refer_policy ask\n");
	page("see <script>alert(1)</script>");
	(void)refer_carol("Referred-By: \"<img src=x onerror=alert(2)>\""
			  " <sip:alice@127.0.0.1>\r\n");
	page("see <script>alert(1)</script> asks you to call carol");
	page("see \"<img src=x onerror=alert(2)>\" <sip:alice@127.0.0.1>");
	page("clean");
}


PAGE(reload, "the module is unloaded, and loaded again")
{
	look("Alice Liddell", "");
	page("see sip:alice@127.0.0.1");
	CHECK(ctrl(t.bob, "rmmod", "refer_http").ok, "rmmod");
	page("hear Not connected");
	page("see No connection to baresip.");
	page("see sip:alice@127.0.0.1");
	(void)ctrl(t.bob, "insmod", "refer_http");
	page("hear Live");
	page("gone No connection to baresip.");

	hangup(t.call);
	page("see No calls.");
	page("clean");
}


PAGE(refer_gone, "refer.so is unloaded: it says so, until it is back")
{
	look("Alice Liddell", "");
	page("see sip:alice@127.0.0.1");
	CHECK(ctrl(t.bob, "rmmod", "refer").ok, "rmmod");
	page("hear Transfers do not work as configured");
	page("see sip:alice@127.0.0.1");
	(void)ctrl(t.bob, "insmod", "refer");
	page("gone Transfers do not work as configured");
	page("clean");
	check_alive(t.call);
}


PAGE(ladder, "no message is of another time, or transfer, than it should")
{
	asked();
	page("see Refer-To: <sip:carol@127.0.0.3>");

	/* the page asks for the messages again 700 ms after an event; then it
	   ends while nobody looks */
	wait_ms(2000);
	CHECK(ctrl(t.bob, "rmmod", "refer_http").ok, "rmmod");
	page("hear Not connected");
	CHECK(ctrl(t.bob, "referreject", "1 486").ok, "referreject");
	(void)expect_any(t.alice, "486 REFER", WAIT);
	(void)ctrl(t.bob, "insmod", "refer_http");
	page("hear Live");
	page("see Refused");
	page("see SIP/2.0 486 Busy Here");

	/* another one with its number */
	CHECK(ctrl(t.bob, "rmmod", "refer").ok, "rmmod");
	page("hear Transfers do not work as configured");
	(void)ctrl(t.bob, "insmod", "refer");
	page("gone Transfers do not work as configured");
	refer("<sip:dave@127.0.0.4>", "");
	page("see Alice Liddell asks you to call dave");
	page("see Refer-To: <sip:dave@127.0.0.4>");
	page("gone Refer-To: <sip:carol@127.0.0.3>");
	page("clean");
}


PAGE(keyboard, "the keyboard alone, in a window of 360 px")
{
	struct msg *req;

	look("Alice Liddell", "");
	page("size 360 760 dark");
	page("tab button Transfer Alice Liddell");
	page("key Enter");
	page("type nobody here");
	page("key Enter");
	page("hear target");
	page("key Escape");
	page("key Enter");
	page("type sip:carol@127.0.0.3");
	page("tab button Transfer");
	page("key Space");
	req = agree();
	page("tab button Transferring Alice Liddell");
	page("key Enter");
	page("see Alice Liddell is calling carol.");
	notify_status(t.call, req, "terminated;reason=noresource",
		      "SIP/2.0 603 Decline");
	answer_resume(t.call);
	page("hear carol declined (603 Decline).");
	page("see NOTIFY: 603 Decline");
	shot("page-narrow");

	page("tab button Hang up Alice Liddell");
	page("key Enter");
	peer_reply(t.alice, expect_any(t.alice, "BYE", WAIT), 200, "OK", NULL);
	page("see No calls.");
	page("clean");
}


PAGE(token, "the token is asked for, and kept")
{
	look("Alice Liddell", "refer_http_token a-secret-of-16-chars\n");
	page("see Sign in");
	page("type wrong");
	page("key Enter");
	page("hear That is not the token.");
	page("type a-secret-of-16-chars");
	page("key Enter");
	page("see Alice Liddell");
	page("open " URL);
	page("see Live");
	page("see Alice Liddell");
	page("clean");
}


PAGE(demo, "make run DEMO=web, watched by bob's page, ends by Enter")
{
	struct proc *demo = typed_run("demo", F("%s web", built("demo")));

	CHECK(proc_log_wait(demo, "bob: http://127.0.0.1:8092/", WAIT_START),
	      "the addresses");
	look_at("http://127.0.0.1:8092/");
	page("see alice asks you to call carol");
	page("click button Accept");
	page("see carol is ringing.");
	page("see alice transferred you to carol");
	page("see No calls.");
	page("clean");
	type("demo", "");
	CHECK(proc_wait(demo, WAIT_QUIT), "it ends");
	EQ_INT(0, demo->status);
}
