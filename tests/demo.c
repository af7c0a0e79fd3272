/**
 * @file demo.c  The demonstrations of `make run`
 *
 * Some baresip processes, each with the module: a transfer, an attended one,
 * and the bots of examples/. Shows the messages as they happen, taken from the
 * packets, and the events. The last line tells how the transfer has ended.
 */
#include <stdlib.h>
#include <string.h>
#include "wire.h"
#include "harness.h"


/* The final NOTIFY and the module's event must tell the same */
static const char *outcome(struct sut *referrer, const char *referee)
{
	const struct msg *n = seen(referee, referrer->name, "NOTIFY ~"
				   " Subscription-State: terminated", WAIT);
	const struct event *ev = event(referrer, "* ~ refer,referEnded,",
				       WAIT);
	const char *frag = first_line(body(n)), *code;

	CHECK(!strncmp(frag, "SIP/2.0 ", 8), "sipfrag is '%s'", frag);

	frag += 8;
	code = F(" code=%.3s", frag);

	CHECK(strstr(ev->param, code), "the event is '%s', the NOTIFY"
	      " says '%s'", ev->param, frag);

	/* stock baresip answers "200 Answering"; only the code counts */
	return strncmp(frag, "200", 3) ? frag : "200 OK";
}


static struct sut *plain(const char *name)
{
	return sut_start(name, .memcheck = MEMCHECK_NONE);
}


static void show(struct sut *const *sutv, size_t n)
{
	size_t i;

	for (i=0; i<n; i++)
		(void)printf("%s%s is %s", i ? ", " : "", sutv[i]->name,
			     sutv[i]->uri);

	(void)printf("\n\n    ms\n");
	ladder_live(stdout);
}


static void dial(struct sut *from, struct sut *to)
{
	CHECK(ctrl(from, "dial", to->uri).ok, "%s cannot dial", from->name);
	event(from, F("CALL_ESTABLISHED ~ %s", to->uri), WAIT);
	if (to->ctrl)
		event(to, F("CALL_ESTABLISHED ~ %s", from->uri), WAIT);
}


static void command(struct sut *s, const char *cmd, const char *prm)
{
	CHECK(ctrl(s, cmd, prm).ok, "%s: /%s %s", s->name, cmd, prm);
}


static void result(const char *from, const char *to, const char *text)
{
	(void)printf("\ntransfer: %s -> %s: %s\n", from, to, text);
	CHECK(!strcmp(text, "200 OK"), "the transfer has failed");
}


static void transfer(bool attended)
{
	struct sut *alice = plain("alice"), *bob = plain("bob");
	struct sut *carol = plain("carol");
	const char *text;

	show((struct sut *[]){alice, bob, carol}, 3);
	dial(alice, bob);
	if (attended)
		dial(alice, carol);

	command(alice, attended ? "atransfer" : "transfer",
		attended ? "1 2" : carol->uri);
	event(carol, "CALL_ESTABLISHED ~ sip:bob@", WAIT);
	event(bob, "CALL_ESTABLISHED ~ sip:carol", WAIT);
	text = outcome(alice, "bob");
	event(alice, "CALL_CLOSED", WAIT);

	suts_quit();
	ladder_live(NULL);
	result("bob", "carol", text);
}


static void demo_blind(void)
{
	transfer(false);
}


static void demo_attended(void)
{
	transfer(true);
}


/* alice wants the bot to call dave, who is not on its list, then carol */
static void demo_bot(void)
{
	struct sut *alice = plain("alice"), *carol = plain("carol");
	struct sut *bot = sut_start("bot", .memcheck = MEMCHECK_NONE,
				    .example = "bot",
				    .config = "refer_allow sip:carol@*\n",
				    .no_ctrl = true);
	struct proc *report = proc_run("report", built("report"),
				       net_addr("bot", false),
				       F("%u", CTRL_PORT), NULL);
	const char *text;

	CHECK(proc_log_wait(report, "connected to", WAIT), "report connects");
	show((struct sut *[]){alice, bot, carol}, 3);

	dial(alice, bot);
	command(alice, "transfer", "sip:dave@127.0.0.4");
	event(alice, "* ~ code=603 outcome=refused ~ reason=Decline", WAIT);
	command(alice, "transfer", carol->uri);
	text = outcome(alice, "bot");
	event(carol, "CALL_ESTABLISHED ~ sip:bot@", WAIT);
	CHECK(proc_log_wait(report, ": 200 Answering\n", WAIT),
	      "the program is told");
	event(alice, "CALL_CLOSED", WAIT);

	suts_quit();
	ladder_live(NULL);
	(void)printf("\nWhat the program has printed:\n\n%s",
		     proc_log(report));
	(void)printf("\ntransfer: bot -> dave: 603 Decline");
	result("bot", "carol", text);
}


/* What the log of a baresip has of the receptionist */
static void print_log(struct sut *s)
{
	const char *p = proc_log(s->proc);

	(void)printf("\nWhat the receptionist has logged:\n\n");

	for (; (p = strstr(p, "receptionist: ")); ++p)
		(void)printf("%s\n", first_line(p));
}


/* alice calls; anna does not pick up, ben does */
static void demo_receptionist(void)
{
	struct sut *anna = sut_start("anna", .memcheck = MEMCHECK_NONE,
				     .manual = true);
	struct sut *alice = plain("alice"), *ben = plain("ben");
	struct sut *bot = sut_start("reception", .memcheck = MEMCHECK_NONE,
				    .example = "receptionist",
				    .app = "receptionist.so",
				    .config = "receptionist_ring 1\n");
	const char *text;

	show((struct sut *[]){alice, bot, anna, ben}, 4);
	dial(alice, bot);
	event(ben, "CALL_ESTABLISHED ~ sip:alice@", WAIT);
	event(alice, "CALL_ESTABLISHED ~ sip:ben", WAIT);
	text = outcome(bot, "alice");
	event(alice, "CALL_CLOSED ~ sip:reception@", WAIT);
	event(ben, "CALL_CLOSED ~ sip:reception@", WAIT);

	suts_quit();
	ladder_live(NULL);
	print_log(bot);
	result("alice", "ben", text);
}


static const struct test demov[] = {
	{.name = "blind",        .run = demo_blind,        .limit = 20},
	{.name = "attended",     .run = demo_attended,     .limit = 20},
	{.name = "bot",          .run = demo_bot,          .limit = 20},
	{.name = "receptionist", .run = demo_receptionist, .limit = 20},
};


int main(int argc, char *argv[])
{
	const char *name = argc > 1 ? argv[1] : "blind";
	const struct test_opts opts = {.live = true};
	size_t i;

	for (i=0; i<ARRAY_SIZE(demov); i++) {

		if (!strcmp(demov[i].name, name))
			test_run(&demov[i], &opts);
	}

	(void)fprintf(stderr,
		      "make run DEMO=blind|attended|bot|receptionist\n");

	return 2;
}
