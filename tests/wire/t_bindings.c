/**
 * @file t_bindings.c  Programs of others: Python, and one that embeds baresip
 *
 * examples/python/refer.py drives a baresip by ctrl_tcp; examples/embed.c has
 * baresip and refer inside.
 */
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "wire.h"
#include "harness.h"
#include "scene.h"


static struct proc *python(const char *what, const char *arg1,
			   const char *arg2)
{
	struct proc *p = proc_run("python", "env",
			F("CTRL=%s:%u", net_addr("bob", false), CTRL_PORT),
			F("%s/examples/python/refer.py", top_dir()), what,
			arg1, arg2, NULL);

	p->may_end = true;

	return p;
}


static void start(void)
{
	t.bob   = sut_start("bob", .no_ctrl = true,
			    .config = "module_app ctrl_tcp.so\n"
			    "refer_hold no\nrefer_policy ask\n");
	t.alice = peer_new("alice");
	t.carol = peer_new("carol");
}


static void ends(struct proc *p, const char *text, int status)
{
	CHECK(proc_wait(p, WAIT), "it ends");
	HAS_TEXT(proc_log(p), text);
	CHECK((p->status != 0) == (status != 0), "its status: %d", p->status);
}


static void outcome(struct msg *req, const char *frag)
{
	peer_reply(t.alice, req, 202, "Accepted", NULL);
	notify_status(t.call, req, "terminated;reason=noresource", frag);
}


TEST(python_transfer, "refer.py: a transfer, its outcome by await")
{
	struct proc *p;

	start();
	p = python("transfer", t.alice->uri, t.carol->uri);
	t.call = answer(t.alice, expect(t.alice, "INVITE", WAIT_START));
	outcome(expect(t.alice, "REFER", WAIT), "SIP/2.0 486 Busy Here");
	ends(p, "rejected 486 Busy Here\n", 0);
	ROW("example.python");
}


TEST(python_join, "refer.py: an attended transfer, its outcome by await")
{
	struct dlg *leg;
	struct proc *p;
	struct msg *req;

	start();
	p = python("join", t.alice->uri, t.carol->uri);
	t.call = answer(t.alice, expect(t.alice, "INVITE", WAIT_START));
	leg = answer(t.carol, expect(t.carol, "INVITE", WAIT));
	req = expect_any(t.alice, "REFER", WAIT);
	HAS_TEXT(hdr(req, "Refer-To"), F("<%s?Replaces=%s", t.carol->uri,
					 leg->callid));
	outcome(req, "SIP/2.0 200 OK");
	ends(p, "accepted 200 OK\n", 0);
	ROW("example.python");
}


TEST(python_decide, "refer.py: decides on REFERs, and tells of it")
{
	struct proc *p;

	start();
	p = python("decide", "127.0.0.3", NULL);
	t.call = call_in(t.alice, t.bob);
	refer("<sip:dave@127.0.0.4>", "");
	expect(t.alice, "480 REFER", WAIT_START);
	refer("<sip:carol@127.0.0.3>", "");
	expect(t.alice, "202 REFER", WAIT);
	expect(t.carol, "INVITE", WAIT);
	CHECK(proc_log_wait(p, "sip:alice@127.0.0.1 -> sip:carol@127.0.0.3"
			    " yes\n", WAIT), "it tells");
	ROW("example.python");
}


TEST(python_fails, "refer.py: no call, and a wrong target: an error each")
{
	struct proc *p;

	start();
	p = python("transfer", t.alice->uri, t.carol->uri);
	peer_reply(t.alice, expect(t.alice, "INVITE", WAIT_START), 603,
		   "Decline", NULL);
	ends(p, "603 Decline\n", 1);

	p = python("transfer", t.alice->uri, "http://x");
	(void)answer(t.alice, expect_any(t.alice, "INVITE", WAIT_START));
	ends(p, "the target is not a sip:, sips: or tel: URI\n", 1);
	ROW("example.python");
}


/* examples/embed.c: it calls alice, and reads whom to transfer her to */

#define NO_LIBRARY "Debian's baresip 1.x is a program, not a library"

static int orders;


static struct proc *embed(void)
{
	const char *ip = net_addr("bot", false), *fifo;
	struct proc *p;

	t.alice = peer_new("alice");
	fifo    = F("%s/orders", test_dir());
	CHECK(!mkfifo(fifo, 0600), "fifo");
	orders  = open(fifo, O_RDWR | O_CLOEXEC);

	p = proc_run("embed", "env", "HOME=/nonexistent",
		     F("LD_PRELOAD=%s", built("address.so")),
		     F("ADDRESS4=%s", ip), "sh", "-c",
		     "exec \"$0\" \"$@\" <orders", built("embed"),
		     F("<sip:bot@%s>;regint=0", ip), t.alice->uri,
		     F("net_interface %s\nsip_listen %s:5060", ip, ip), NULL);
	t.call = answer(t.alice, expect(t.alice, "INVITE", WAIT));

	return p;
}


static void order(const char *target)
{
	const char *line = F("%s\n", target);
	const ssize_t len = strlen(line);

	CHECK(write(orders, line, len) == len, "write");
}


/* alice is held, and asked to call */
static void referred(const char *target, const char *frag)
{
	struct msg *req;

	order(target);
	(void)answer_hold(t.call);
	req = expect_any(t.alice, "REFER", WAIT);
	EQ_STR(F("<%s>", target), hdr(req, "Refer-To"));
	outcome(req, frag);
}


TEST(embed_transfer, "embed.c: a transfer by the C API, its outcome and end",
     .na1 = NO_LIBRARY)
{
	struct proc *p = embed();

	referred("sip:carol@127.0.0.3", "SIP/2.0 200 OK");
	peer_reply(t.alice, expect_any(t.alice, "BYE", WAIT), 200, "OK",
		   NULL);
	ends(p, "\nreferEnded 200 accepted\n", 0);
}


TEST(embed_busy, "embed.c: a failure, an error, and the call is there again",
     .na1 = NO_LIBRARY)
{
	struct proc *p = embed();

	referred("sip:carol@127.0.0.3", "SIP/2.0 486 Busy Here");
	answer_resume(t.call);
	order("http://x");
	CHECK(proc_log_wait(p, "error: http://x: Invalid argument", WAIT),
	      "an error");
	check_alive(t.call);
	hangup(t.call);
	ends(p, "referEnded 486 rejected\n", 1);
}
