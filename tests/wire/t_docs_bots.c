/**
 * @file t_docs_bots.c  bots.md: its programs, started as it says
 *
 * The baresip is alice, whose address is that of the page.
 */
#include <string.h>
#include "wire.h"
#include "harness.h"
#include "docs.h"
#include "scene.h"


#define PAGE "docs/bots.md"

static struct peer *bob, *carol;


static void start(const char *config)
{
	t.bob = sut_start("alice", .no_ctrl = true,
			  .config = F("refer_hold no\n%s", config));
	bob   = peer_new("bob");
	carol = peer_new("carol");
}


/* The line of the page that begins so, and what it shows below; "" if that is
   another command */
static struct proc *program(const char *begin, const char **out)
{
	const char *block = page_block(PAGE, begin), *cmd;

	CHECK(page_sample(&block, "examples/", &cmd, out), "%s", begin);

	return page_shell(F("examples/%s", cmd));
}


/* Of bob, who is called, and referred */
static void refuses(struct msg *inv)
{
	struct msg *req;

	t.call = answer(bob, inv);
	req = expect_any(bob, "REFER", WAIT);
	EQ_STR(F("<%s>", carol->uri), hdr(req, "Refer-To"));
	peer_reply(bob, req, 202, "Accepted", NULL);
	notify_status(t.call, req, "terminated;reason=noresource",
		      "SIP/2.0 486 Busy Here");
}


static void agrees(void)
{
	struct msg *req = expect_any(bob, "REFER", WAIT);

	peer_auto(bob, "BYE");
	peer_reply(bob, req, 202, "Accepted", NULL);
	notify_status(t.call, req, "terminated;reason=noresource",
		      "SIP/2.0 200 OK");
}


static void prints(struct proc *p, const char *text)
{
	CHECK(proc_wait(p, WAIT), "it ends");
	EQ_STR("exit status 0", proc_status(p));
	EQ_STR(text, proc_log(p));
}


TEST(docs_python, "bots.md: transfer.py, with its two lines of configuration")
{
	const char *out;
	struct proc *p;

	start(page_block(PAGE, "module_app              ctrl_tcp.so"));
	p = program("examples/transfer.py", &out);
	refuses(expect(bob, "INVITE", WAIT_START));
	prints(p, out);
	ROW("docs.lines");
}


TEST(docs_python_http, "bots.md: transfer_http.py: an outcome, and an error")
{
	const char *out;
	struct proc *p;

	t.bob = sut_start("alice", .no_ctrl = true, .app = "refer_http.so",
			  .config = F("refer_hold no\n%s",
				      strstr(page_block("docs/http.md",
				      "module_app          refer.so"),
				      "refer_http_")));
	bob   = peer_new("bob");
	carol = peer_new("carol");

	p = program("examples/transfer_http.py", &out);
	refuses(expect(bob, "INVITE", WAIT_START));
	peer_reply(bob, expect_any(bob, "BYE", WAIT), 200, "OK", NULL);
	prints(p, out);

	p = proc_run("program", F("%s/examples/transfer_http.py", top_dir()),
		     bob->uri, carol->uri, NULL);
	p->may_end = true;
	peer_reply(bob, expect_any(bob, "INVITE", WAIT), 603, "Decline",
		   NULL);
	CHECK(proc_wait(p, WAIT), "it ends");
	EQ_STR("exit status 1", proc_status(p));
	HAS_TEXT(proc_log(p), "there is none");
	ROW("docs.lines");
}


TEST(docs_shell, "bots.md: transfer.sh, with httpd as control.md has it")
{
	const char *out;
	struct proc *p;

	start(page_block("docs/control.md", "module_app      httpd.so"));
	t.call = call_in(bob, t.bob);
	p = program("examples/transfer.sh", &out);
	agrees();
	prints(p, out);
	ROW("docs.lines");
}


TEST(docs_node, "bots.md: transfer.mjs, with mqtt as control.md has it")
{
	const char *conf = F("%s/mosquitto.conf", test_dir()), *out;
	struct proc *broker, *p;

	spew(conf, "listener 1883 127.0.0.1\nallow_anonymous true\n"
	     "persistence false\nuser root\n");
	broker = proc_run("mosquitto", "/usr/sbin/mosquitto", "-c", conf,
			  NULL);
	CHECK(proc_log_wait(broker, " running", WAIT_START), "no broker");
	start(page_block("docs/control.md", "module_app       mqtt.so"));
	sut_log_wait(t.bob, "mqtt: subscribed to pattern", WAIT);
	t.call = call_in(bob, t.bob);
	p = program("examples/transfer.mjs", &out);
	agrees();
	prints(p, out);
	ROW("docs.lines");
}


TEST(docs_refer_py, "bots.md: refer.py transfers and joins")
{
	const char *out;
	struct msg *req;
	struct dlg *leg;
	struct proc *p;

	start(page_block(PAGE, "module_app              ctrl_tcp.so"));
	p = program("examples/python/refer.py transfer", &out);
	refuses(expect(bob, "INVITE", WAIT_START));
	prints(p, "rejected 486 Busy Here\n");
	(void)dlg_request(t.call, "BYE", "");
	(void)expect_any(bob, "200 BYE", WAIT);

	p = program("examples/python/refer.py join", &out);
	t.call = answer(bob, expect_any(bob, "INVITE", WAIT_START));
	leg = answer(carol, expect(carol, "INVITE", WAIT));
	req = expect_any(bob, "REFER", WAIT);
	HAS_TEXT(hdr(req, "Refer-To"), leg->callid);
	peer_reply(bob, req, 603, "Decline", NULL);
	prints(p, "refused 603 Decline\n");
	ROW("docs.lines");
}


/* carol's is the proxy, to which all goes */
TEST(docs_decide, "bots.md: refer.py decides on REFERs by their domain")
{
	const char *out;
	struct proc *p;

	t.bob = sut_start("alice", .no_ctrl = true,
			  .outbound = "sip:127.0.0.3",
			  .config = F("%s%s", page_block(PAGE,
				"refer_policy            ask"),
				page_block(PAGE, "module_app              "
					   "ctrl_tcp.so")));
	bob    = peer_new("bob");
	carol  = peer_new("carol");
	p      = program("examples/python/refer.py decide", &out);
	t.call = call_in(bob, t.bob);
	(void)dlg_request(t.call, "REFER",
			  "Refer-To: <sip:dave@example.net>\r\n");
	expect(bob, "480 REFER", WAIT_START);
	(void)dlg_request(t.call, "REFER",
			  "Refer-To: <sip:dave@example.org>\r\n");
	expect(bob, "202 REFER", WAIT);
	EQ_STR("sip:dave@example.org", ruri(expect(carol, "INVITE", WAIT)));
	CHECK(proc_log_wait(p, " -> sip:dave@example.org yes\n", WAIT),
	      "it tells");
	ROW("docs.lines");
}


/* The lines of the page, in a coroutine */
TEST(docs_await, "bots.md: the lines with await")
{
	const char *block = page_block(PAGE, "async def decide"), *p;
	const char *code = "import asyncio, sys\n"
		"sys.path.insert(0, 'examples/python')\n"
		"from refer import Baresip\n"
		"async def main():\n";
	struct proc *python;

	start(page_block(PAGE, "module_app              ctrl_tcp.so"));
	for (p = block; *p; p = strchr(p, '\n') + 1)
		code = F("%s    %s\n", code, first_line(p));
	code = F("%sasyncio.run(main())\n", code);

	spew(F("%s/lines.py", test_dir()), code);
	python = page_shell(F("python3 %s/lines.py", test_dir()));
	t.call = answer(bob, expect(bob, "INVITE", WAIT_START));
	agrees();
	HAS_TEXT(block, "# accepted 200 OK\n");
	prints(python, "accepted 200 OK\n");
	ROW("docs.lines");
}


TEST(docs_guard, "bots.md: guard.so, with its lines of configuration")
{
	const char *config = page_block(PAGE, "module_app              guard");

	scene(.app = "guard.so", .config = strchr(config, '\n') + 1);
	refer("<sip:dave@example.com>", "");
	expect(t.alice, "403 REFER", WAIT);
	EQ_STR("guard: 0 allowed, 0 asked, 1 refused; 0 reached the target\n",
	       ctrl(t.bob, "guard", NULL).data);
	ROW("docs.lines");
}
