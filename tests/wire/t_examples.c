/**
 * @file t_examples.c  The examples do what docs/bots.md says
 *
 * They run with the files of examples/, in which example.org stands for the
 * namespace of the test.
 */
#include <string.h>
#include <signal.h>
#include "wire.h"
#include "harness.h"
#include "scene.h"

#define GUARD "guard_allow 127.0.0.3\nguard_ask house.example\n"


/* The module guard.so */

TEST(guard_allows, "guard.so: a transfer to an allowed domain is followed")
{
	scene(.app = "guard.so", .config = GUARD);
	(void)refer_carol("");
	expect(t.alice, "202 REFER", WAIT);
	(void)answer(t.carol, expect(t.carol, "INVITE", WAIT));
	expect_any(t.alice, "NOTIFY ~ SIP/2.0 200", WAIT);
	event(t.bob, "? ~ refer,referEnded,id=1", WAIT);

	EQ_STR("guard: 1 allowed, 0 asked, 0 refused; 1 reached the target\n",
	       ctrl(t.bob, "guard", NULL).data);
	sut_log_has(t.bob, "guard: #1 accepted 202 Accepted\n");
	sut_log_has(t.bob, "guard: #1 referAccepted 200 OK\n");
	sut_log_has(t.bob, "guard: #1 referEnded 200 OK\n");
	ROW("example.guard");
}


TEST(guard_asks, "guard.so: a person decides, and it is followed")
{
	scene(.app = "guard.so", .config = GUARD);
	refer("<sip:dave@house.example>", "");
	event(t.bob, "? ~ refer,referRequested,id=1", WAIT);
	expect_none(t.alice, "*", 0);
	sut_log_wait(t.bob, "guard: #1 waits: /referaccept 1 or /referreject 1"
		     "\n", WAIT);
	EQ_STR("refer: #1 rejected\n",
	       ctrl(t.bob, "referreject", "1 486 \"Not now\"").data);
	HAS(expect(t.alice, "486 REFER", WAIT), "SIP/2.0 486 Not now\r\n");

	EQ_STR("guard: 0 allowed, 1 asked, 0 refused; 0 reached the target\n",
	       ctrl(t.bob, "guard", NULL).data);
	sut_log_has(t.bob, "guard: #1 referEnded 486 Not now\n");
	ROW("example.guard");
}


TEST(guard_refuses, "guard.so: refused with its own code, reason and header")
{
	struct msg *m;

	scene(.app = "guard.so", .config = GUARD);
	refer("<sip:carol@127.0.0.4>", "");
	m = expect(t.alice, "4xx REFER", WAIT);
	HAS(m, "SIP/2.0 403 Not Transferred There\r\n");
	EQ_STR("399 guard \"this domain is not allowed\"", hdr(m, "Warning"));
	event(t.bob, "? ~ refer,referEnded,id=1 role=server code=403", WAIT);
	EQ_STR("guard: 0 allowed, 0 asked, 1 refused; 0 reached the target\n",
	       ctrl(t.bob, "guard", NULL).data);
	check_alive(t.call);
	ROW("example.guard");
}


TEST(guard_unload, "guard.so goes while a REFER waits: no more is accepted")
{
	scene(.app = "guard.so", .config = "guard_ask 127.0.0.3\n");
	(void)refer_carol("");
	event(t.bob, "? ~ refer,referRequested,id=1", WAIT);
	(void)ctrl(t.bob, "rmmod", "guard");
	(void)ctrl(t.bob, "referreject", "1");
	expect(t.alice, "480 REFER", WAIT);

	(void)refer_carol("");
	expect(t.alice, "603 REFER", WAIT);
	HAS_TEXT(ctrl(t.bob, "referpolicy", NULL).data,
		 "refer: guard: SHUT: the handler guard is missing\n");

	(void)ctrl(t.bob, "insmod", "guard");
	(void)refer_carol("");
	event(t.bob, "? ~ refer,referRequested,id=2", WAIT);
	(void)ctrl(t.bob, "referreject", "2");
	expect(t.alice, "480 REFER", WAIT);
	ROW("example.guard");
}


/* The bot, and the program that it reports to */

static struct proc *report_start(void)
{
	return proc_run("report", built("report"), net_addr("bot", false),
			F("%u", CTRL_PORT), NULL);
}


static void reports(struct proc *report, const char *text)
{
	CHECK(proc_log_wait(report, text, WAIT), "report prints '%s'", text);
}


/* The program is there first, and waits for the bot */
static struct proc *bot(void)
{
	struct proc *report = report_start();

	reports(report, "no connection to 127.0.0.10:4444");
	t.bob   = sut_start("bot", .example = "bot", .no_ctrl = true,
			    .config = "refer_allow sip:carol@*\n");
	t.alice = peer_new("alice");
	t.carol = peer_new("carol");
	reports(report, "connected to 127.0.0.10:4444\n");
	reports(report, "refer: allow *@example.org\n");
	t.call  = call_in(t.alice, t.bob);
	reports(report, "call with sip:alice@127.0.0.1\n");

	return report;
}


TEST(bot_transfer, "The bot is transferred, the program is told")
{
	struct proc *report = bot();
	struct msg *inv;

	(void)refer_carol("");
	expect(t.alice, "202 REFER", WAIT);
	inv = expect(t.carol, "INVITE", WAIT);
	peer_reply(t.carol, inv, 180, "Ringing", NULL);
	reports(report, "transfer #1: 180 Ringing\n");
	(void)answer(t.carol, inv);
	expect_any(t.alice, "NOTIFY ~ SIP/2.0 200", WAIT);
	reports(report, "transfer #1 by sip:alice@127.0.0.1"
		" to sip:carol@127.0.0.3: 200 OK\n");
	hangup(t.call);
	reports(report, "end of the call with sip:alice@127.0.0.1: ");
	ROW("example.bot");
}


TEST(bot_refuses, "The bot calls nobody who is not on its list")
{
	(void)bot();
	refer("<sip:dave@127.0.0.3>", "");
	expect(t.alice, "603 REFER", WAIT);
	sut_log_has(t.bob, " refused: 603 transfer to sip:dave@127.0.0.3 is"
		    " not allowed");
	refer("<sip:carol@127.0.0.3;maddr=127.0.0.4>", "");
	expect(t.alice, "603 REFER", WAIT);
	expect_none(t.carol, "*", 0);
	check_alive(t.call);
	ROW("example.bot");
}


TEST(bot_again, "Without the program the bot works on; it can come back")
{
	struct proc *report = bot();

	proc_kill(report);
	(void)refer_carol("");
	expect(t.alice, "202 REFER", WAIT);
	peer_reply(t.carol, expect(t.carol, "INVITE", WAIT), 486, "Busy Here",
		   NULL);
	expect_any(t.alice, "NOTIFY ~ SIP/2.0 486", WAIT);

	report = report_start();
	reports(report, "connected to ");
	(void)refer_carol("");
	peer_reply(t.carol, expect(t.carol, "INVITE", WAIT), 603, "Decline",
		   NULL);
	reports(report, "to sip:carol@127.0.0.3: 603 Decline\n");
	ROW("example.bot");
}


/* The receptionist */

static struct peer *anna, *ben;


static void reception(void)
{
	t.bob   = sut_start("reception", .example = "receptionist",
			    .app = "receptionist.so",
			    .config = "receptionist_ring 2\n"
			    "receptionist_sorry_time 1\n");
	t.alice = peer_new("alice");
	anna    = peer_new("anna");
	ben     = peer_new("ben");
	t.call  = call_in(t.alice, t.bob);
}


/* Somebody is asked, the caller is not on hold meanwhile */
static struct msg *asked(struct peer *p)
{
	struct msg *inv = expect(p, "INVITE", WAIT);

	expect_none(t.alice, "*", 0);

	return inv;
}


static void busy(struct peer *p)
{
	peer_reply(p, asked(p), 486, "Busy Here", NULL);
	expect(p, "ACK", WAIT);
}


/* They pick up: the caller is held, and referred to them */
static struct msg *picked_up(struct peer *p, struct dlg **leg)
{
	struct msg *req;

	*leg = answer(p, asked(p));
	(void)answer_hold(t.call);
	req = expect_any(t.alice, "REFER", WAIT);
	HAS_TEXT(hdr(req, "Refer-To"), F("<%s?Replaces=%s%%3Bto-tag%%3D%s",
					 p->uri, (*leg)->callid,
					 (*leg)->ltag));

	return req;
}


static void accept_refer(struct msg *req, const char *frag)
{
	peer_reply(t.alice, req, 202, "Accepted", NULL);
	notify_status(t.call, req, "terminated;reason=noresource",
		      F("SIP/2.0 %s", frag));
	expect_any(t.alice, "200 NOTIFY", WAIT);
}


static void gets_bye(struct peer *p)
{
	peer_reply(p, expect_any(p, "BYE", WAIT), 200, "OK", NULL);
}


TEST(reception_second, "Receptionist: anna is busy, ben gets the caller")
{
	struct dlg *leg;
	struct msg *req;

	reception();
	busy(anna);
	req = picked_up(ben, &leg);
	accept_refer(req, "200 OK");
	gets_bye(t.alice);
	hangup(leg);
	sut_log_wait(t.bob, "receptionist: transfer #1 accepted: 200 OK\n",
		     WAIT);
	expect_none(anna, "*", 0);
	CHECK(!strstr(proc_log(t.bob->proc), "Use module auresamp"),
	      "alice hears nothing");
	ROW("example.receptionist");
}


TEST(reception_nobody, "Receptionist: nobody picks up, the caller is told",
     .secs = 4)
{
	struct msg *inv, *m;
	uint32_t ms;

	reception();
	inv = asked(anna);
	peer_reply(anna, inv, 180, "Ringing", NULL);
	m = expect(anna, "CANCEL", WAIT);
	CHECK(m->time - inv->time >= 1900, "anna has her time");
	peer_reply(anna, m, 200, "OK", NULL);
	peer_reply(anna, inv, 487, "Request Terminated", NULL);
	busy(ben);

	sut_log_wait(t.bob, "receptionist: nobody for sip:alice@127.0.0.1\n",
		     WAIT);
	m  = expect(t.alice, "BYE", WAIT);
	ms = (uint32_t)(m->time - inv->time);
	sut_log_has(t.bob, "frequency 220 Hz");
	CHECK(ms >= 2900, "alice was told for a second: %u ms", ms);
	peer_reply(t.alice, m, 200, "OK", NULL);
	ROW("example.receptionist");
}


TEST(reception_bye, "Receptionist: the caller gives up, nobody rings on")
{
	struct msg *inv, *m;

	reception();
	inv = asked(anna);
	peer_reply(anna, inv, 180, "Ringing", NULL);
	event(t.bob, "CALL_RINGING", WAIT);
	hangup(t.call);
	m = expect(anna, "CANCEL", WAIT);
	peer_reply(anna, m, 200, "OK", NULL);
	peer_reply(anna, inv, 487, "Request Terminated", NULL);
	event(t.bob, "CALL_CLOSED ~ sip:anna", WAIT);
	expect_none(ben, "*", 0);
	ROW("example.receptionist");
}


TEST(reception_fails, "Receptionist: the transfer fails, the next is asked")
{
	struct dlg *leg;
	struct msg *req;

	reception();
	req = picked_up(anna, &leg);
	accept_refer(req, "503 Service Unavailable");
	answer_resume(t.call);
	gets_bye(anna);

	req = picked_up(ben, &leg);
	accept_refer(req, "200 OK");
	gets_bye(t.alice);
	hangup(leg);
	ROW("example.receptionist");
}


TEST(reception_no_refer, "Receptionist: the caller's phone knows no REFER",
     .secs = 2)
{
	struct dlg *leg;
	struct msg *req;

	reception();
	req = picked_up(anna, &leg);
	peer_reply(t.alice, req, 405, "Method Not Allowed", NULL);
	answer_resume(t.call);
	gets_bye(anna);
	gets_bye(t.alice);
	expect_none(ben, "*", 0);
	sut_log_has(t.bob, "receptionist: transfer #1 refused: 405 ");
	ROW("example.receptionist");
}


TEST(reception_gone, "Receptionist: the caller goes while being transferred")
{
	struct dlg *leg;
	struct msg *req;

	reception();
	req = picked_up(anna, &leg);
	hangup(t.call);
	peer_reply(t.alice, req, 481, "Call Does Not Exist", NULL);
	gets_bye(anna);
	expect_none(ben, "*", 0);
	ROW("example.receptionist");
}


TEST(reception_two, "Receptionist: two callers, each gets somebody")
{
	struct peer *carol = peer_new("carol");
	struct dlg *leg[2], *second;
	struct msg *req;

	reception();
	leg[0] = answer(anna, expect(anna, "INVITE", WAIT));
	second = call_in(carol, t.bob);
	peer_reply(anna, expect(anna, "INVITE", WAIT), 486, "Busy Here",
		   NULL);
	leg[1] = answer(ben, expect(ben, "INVITE", WAIT));

	HAS_TEXT(hdr(await_refer(second), "Refer-To"), leg[1]->callid);
	req = await_refer(t.call);
	HAS_TEXT(hdr(req, "Refer-To"), leg[0]->callid);
	accept_refer(req, "200 OK");
	gets_bye(t.alice);
	ROW("example.receptionist");
}


TEST(reception_empty, "Receptionist: without anybody to ask it is not loaded")
{
	struct sut *s = sut_start("bob", .app = "receptionist.so");

	sut_log_has(s, "receptionist: there is nobody to ask, see"
		    " receptionist_ask\n");
}


/* The demonstrations of `make run` */

static const char *demo(const char *name)
{
	struct proc *p = proc_run("demo", built("demo"), name, NULL);

	CHECK(proc_wait(p, 2 * WAIT), "the demonstration ends");
	CHECK(!p->status, "demo %s: %s", name, proc_status(p));

	return proc_log(p);
}


TEST(demo_blind, "make run: a transfer", .secs = 2)
{
	HAS_TEXT(demo("blind"), "\ntransfer: bob -> carol: 200 OK\n");
}


TEST(demo_attended, "make run DEMO=attended", .secs = 2)
{
	HAS_TEXT(demo("attended"), "\ntransfer: bob -> carol: 200 OK\n");
}


TEST(demo_bot, "make run DEMO=bot", .secs = 2)
{
	const char *out = demo("bot");

	HAS_TEXT(out, "\ntransfer #1 by sip:alice@127.0.0.1"
		 " to sip:carol@127.0.0.3: 200 Answering\n");
	HAS_TEXT(out, "\ntransfer: bot -> dave: 603 Decline\n");
	HAS_TEXT(out, "\ntransfer: bot -> carol: 200 OK\n");
	ROW("example.bot");
}


TEST(demo_receptionist, "make run DEMO=receptionist", .secs = 3)
{
	const char *out = demo("receptionist");

	HAS_TEXT(out, "\nreceptionist: transfer #1 accepted: 200 Answering");
	HAS_TEXT(out, "\ntransfer: alice -> ben: 200 OK\n");
	ROW("example.receptionist");
}


/* On a terminal of 60 columns */
static const char *demo_at_terminal(const char *env)
{
	struct proc *p = proc_run("demo", "script", "-qec",
				  F("stty cols 60; TERM=xterm %s exec %s"
				    " blind", env, built("demo")),
				  "/dev/null", NULL);

	CHECK(proc_wait(p, 3 * WAIT), "the demonstration ends");
	CHECK(!p->status, "demo: %s", proc_status(p));
	HAS_TEXT(proc_log(p), "transfer: bob -> carol: 200 OK");

	return proc_log(p);
}


/* What a terminal shows of the longest line */
static size_t columns(const char *p)
{
	size_t n = 0, most = 0;

	for (; *p; ++p) {

		if (*p == '\x1b')
			p = strchr(p, 'm');
		else if (*p == '\n')
			n = 0;
		else if (*p != '\r' && ++n > most)
			most = n;
	}

	return most;
}


TEST(demo_terminal, "make run at a terminal: cut, in colour, the messages",
     .secs = 12)
{
	const char *out = demo_at_terminal("");

	HAS_TEXT(out, "\x1b[36malice\x1b[0m -> \x1b[33mbob\x1b[0m");
	HAS_TEXT(out, "/transfer sip:carol@127.0.0.3\r\n");
	CHECK(!strstr(out, "event refer,") && !strstr(out, "CALL_"),
	      "an event");
	EQ_INT(60, columns(out));
}


TEST(demo_terminal_events, "make run V=1 at a terminal, NO_COLOR=1",
     .secs = 12)
{
	const char *out = demo_at_terminal("V=1 NO_COLOR=1");

	CHECK(!strchr(out, '\x1b'), "a colour");
	HAS_TEXT(out, "* alice          event refer,referRequestAccepted"
		 ",..\r");
	EQ_INT(60, columns(out));
}


/* As root in a container that gives no rights */
TEST(demo_container, "make run without the right to a network namespace")
{
	struct proc *p = proc_run("demo", "unshare", "--user",
				  "--map-root-user", "sh", "-c",
				  F("echo 0 >/proc/sys/user/max_net_namespaces"
				    "; exec %s", built("demo")), NULL);

	CHECK(proc_wait(p, WAIT), "it ends");
	CHECK(p->status, "it fails");
	HAS_TEXT(proc_log(p), "cannot make a network namespace (");
	HAS_TEXT(proc_log(p), "--cap-add SYS_ADMIN");
}


TEST(demo_unknown, "make run DEMO=.. says which there are")
{
	struct proc *p = proc_run("demo", built("demo"), "x", NULL);

	CHECK(proc_wait(p, WAIT), "it ends");
	CHECK(p->status, "it fails");
	HAS_TEXT(proc_log(p), "DEMO=blind|attended|bot|receptionist|web|fleet"
		 "\n");
}


/* Programs of some lines: transfer.py over ctrl_tcp, transfer.sh over httpd,
   transfer.mjs over mqtt */

static struct proc *program(const char *name, const char *arg1,
			    const char *arg2)
{
	struct proc *p = proc_run("program", "env",
			F("CTRL=%s:%u", net_addr("bot", false), CTRL_PORT),
			"HTTP=http://127.0.0.2:8000", "MQTT=127.0.0.9:1883",
			"TOPIC=bob",
			F("%s/examples/%s", top_dir(), name), arg1, arg2,
			NULL);

	p->may_end = true;

	return p;
}


static void start_bot(void)
{
	t.bob   = sut_start("bot", .example = "bot", .no_ctrl = true,
			    .config = "refer_hold no\n");
	t.alice = peer_new("alice");
	t.carol = peer_new("carol");
}


static void prints(struct proc *p, const char *text)
{
	CHECK(proc_wait(p, WAIT), "it ends");
	HAS_TEXT(proc_log(p), text);
}


TEST(program_python, "transfer.py: a call, a transfer, and its outcome")
{
	struct proc *p;
	struct msg *req;

	start_bot();
	p = program("transfer.py", t.alice->uri, t.carol->uri);
	t.call = answer(t.alice, expect(t.alice, "INVITE", WAIT));
	req = expect(t.alice, "REFER", WAIT);
	peer_reply(t.alice, req, 202, "Accepted", NULL);
	notify_status(t.call, req, "terminated;reason=noresource",
		      "SIP/2.0 486 Busy Here");
	prints(p, "rejected 486 Busy Here\n");
	ROW("example.programs");
}


TEST(program_python_fails, "transfer.py: nobody answers; a wrong target")
{
	struct proc *p;

	start_bot();
	p = program("transfer.py", t.alice->uri, t.carol->uri);
	peer_reply(t.alice, expect(t.alice, "INVITE", WAIT), 603, "Decline",
		   NULL);
	prints(p, F("no call with %s: ", t.alice->uri));

	p = program("transfer.py", t.alice->uri, "http://x");
	(void)answer(t.alice, expect_any(t.alice, "INVITE", WAIT));
	prints(p, "the target is not a sip:, sips: or tel: URI\n");
	ROW("example.programs");
}


TEST(program_shell, "transfer.sh: it transfers, and prints the outcome")
{
	struct proc *p;
	struct msg *req;

	scene(.config = "refer_hold no\n" CONFIG_HTTP);
	p = program("transfer.sh", t.carol->uri, NULL);
	req = expect(t.alice, "REFER", WAIT);
	peer_reply(t.alice, req, 202, "Accepted", NULL);
	notify_status(t.call, req, "terminated;reason=noresource",
		      "SIP/2.0 200 OK");
	peer_reply(t.alice, expect_any(t.alice, "BYE", WAIT), 200, "OK",
		   NULL);
	prints(p, "accepted 200 OK\n");

	p = program("transfer.sh", t.carol->uri, NULL);
	prints(p, "no reply: is there a call?\n");
	ROW("example.programs");
}


/* A program that dies while its transfer is under way, and is started again */
TEST(program_node, "transfer.mjs: it transfers; started again it finds the"
     " outcome")
{
	struct proc *p;
	struct msg *req;

	(void)mqtt_start();
	scene(.config = "refer_hold no\n" CONFIG_MQTT);
	sut_log_wait(t.bob, "mqtt: subscribed to pattern", WAIT);
	p = program("transfer.mjs", t.carol->uri, NULL);
	req = expect(t.alice, "REFER", WAIT);
	peer_reply(t.alice, req, 603, "Decline", NULL);
	prints(p, "#1 refused 603 Decline\n");

	p = program("transfer.mjs", "http://x", NULL);
	prints(p, "the target is not a sip:, sips: or tel: URI\n");

	p = program("transfer.mjs", t.carol->uri, NULL);
	req = expect_any(t.alice, "REFER", WAIT);
	CHECK(!kill(p->pid, SIGKILL), "kill");
	CHECK(proc_wait(p, WAIT), "it ends");
	peer_reply(t.alice, req, 202, "Accepted", NULL);

	p = program("transfer.mjs", NULL, NULL);
	CHECK(proc_log_wait(p, "#1 refused 603 Decline\n", WAIT), "the first");
	notify_status(t.call, req, "terminated;reason=noresource",
		      "SIP/2.0 486 Busy Here");
	prints(p, "#2 rejected 486 Busy Here\n");
	ROW("example.programs");
}
