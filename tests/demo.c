/**
 * @file demo.c  The demonstrations of `make run`
 *
 * Some baresip processes, each with the module: a transfer, an attended one,
 * the bots of examples/, and the page of each. Shows the messages as they
 * happen, taken from the packets, and the events. The last line tells how the
 * transfer has ended. At a terminal the lines come at the pace of a person, in
 * colour unless NO_COLOR is set, cut to its width, and without the events
 * unless V is set. A fleet of bots (fleet_demo.c) shows a table instead.
 */
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>
#include "wire.h"
#include "harness.h"
#include "fleet.h"
#include "fleet_traffic.h"
#include "fleet_table.h"


enum {
	PACE     = 250,         /* Of the lines, for a person [ms]        */
	COLUMNS  = 80,          /* Of a terminal that does not tell       */
	WEB_PORT = 8090,        /* Of the page of each baresip            */
	WEB_STAY = 600,         /* Time to look around, at most [s]       */
};

static bool person;             /* Somebody looks at it, at a terminal   */
static int webv[3];             /* Sockets outside the namespace          */


static bool is_set(const char *name)
{
	const char *val = getenv(name);

	return val && *val;
}


/* For the eyes of a person, if there is one */
static void choose_style(void)
{
	struct ladder_style st = {.pace = PACE, .columns = COLUMNS,
				  .no_events = !is_set("V")};
	const char *term = getenv("TERM");
	struct winsize ws;

	person = isatty(STDOUT_FILENO);
	if (!person)
		return;

	if (!ioctl(STDOUT_FILENO, TIOCGWINSZ, &ws) && ws.ws_col)
		st.columns = ws.ws_col;

	st.color = !is_set("NO_COLOR") && term && strcmp(term, "dumb");
	ladder_style(&st);
}


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
		(void)printf("%s%s is %s", !i ? "" : person ? "\n" : ", ",
			     sutv[i]->name, sutv[i]->uri);

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


/* The pages, and a story for them */

static bool entered, at_end;


static void input_handler(int flags, void *arg)
{
	char buf[64];
	ssize_t n = read(STDIN_FILENO, buf, sizeof(buf));
	(void)flags;
	(void)arg;

	entered = n > 0;
	at_end  = n <= 0;
	fd_close(STDIN_FILENO);
	wake();
}


static bool is_over(void *arg)
{
	(void)arg;

	return entered || at_end;
}


/* Not /dev/null or a file, which epoll refuses */
static bool can_type(void)
{
	struct stat st;

	return !fstat(STDIN_FILENO, &st) &&
		(isatty(STDIN_FILENO) || S_ISFIFO(st.st_mode) ||
		 S_ISSOCK(st.st_mode));
}


/* Time to look, for those who do; Enter ends the story */
static void pause_s(uint32_t secs)
{
	(void)wait_until(is_over, NULL, secs * 1000);
	if (entered) {
		suts_quit();
		exit(0);
	}
}


/* Tell what happens, after a while */
static void tell(const char *text)
{
	pause_s(4);
	(void)printf("%s\n", text);
	(void)fflush(stdout);
}


/* Whoever looks at the pages may have done it before, or something else */
static void perhaps(struct sut *s, const char *cmd, const char *prm)
{
	(void)ctrl(s, cmd, prm);
}


struct comes {
	struct sut *s;
	const char *pattern;
	unsigned n;
};


static bool has_come(void *arg)
{
	const struct comes *c = arg;

	return event_count(c->s, c->pattern) >= c->n;
}


static void until(struct sut *s, const char *pattern, unsigned n)
{
	struct comes c = {s, pattern, n};

	(void)wait_until(has_come, &c, WAIT);
}


static void all_hang_up(struct sut *const *sutv)
{
	size_t i;

	tell("all hang up");
	for (i=0; i<ARRAY_SIZE(webv); i++) {
		perhaps(sutv[i], "hangup", NULL);
		perhaps(sutv[i], "hangup", NULL);
	}
}


/* The n-th time that alice asks bob to call carol, whose phone rings then */
static void refer_bob(struct sut *const *sutv, unsigned n)
{
	struct sut *alice = sutv[0], *bob = sutv[1], *carol = sutv[2];

	tell("alice calls bob");
	perhaps(alice, "dial", bob->uri);
	until(alice, "CALL_ESTABLISHED", n);

	tell("alice asks bob to call carol; he has 8 s to decide");
	perhaps(alice, "transfer", carol->uri);
	until(bob, "* ~ refer,referRequested,", n);
	pause_s(4);

	tell("bob accepts, and carol's phone rings");
	perhaps(bob, "referaccept", NULL);
	until(carol, "CALL_INCOMING", n);
}


static void story(struct sut *const *sutv)
{
	refer_bob(sutv, 1);
	tell("carol answers");
	perhaps(sutv[2], "accept", NULL);
	until(sutv[0], "* ~ refer,referEnded,", 1);
	all_hang_up(sutv);

	refer_bob(sutv, 2);
	tell("carol declines: the call of alice and bob is back");
	perhaps(sutv[2], "hangup", NULL);
	until(sutv[0], "* ~ refer,referEnded,", 2);
}


static void demo_web(void)
{
	static const char *const namev[] = {"alice", "bob", "carol"};
	const char *env = getenv("STORY");
	const bool told = !env || strcmp(env, "no") != 0;
	struct sut *sutv[ARRAY_SIZE(webv)];
	size_t i;

	for (i=0; i<ARRAY_SIZE(webv); i++) {
		const char *addr = net_addr(namev[i], false);

		sutv[i] = sut_start(namev[i], .memcheck = MEMCHECK_NONE,
				    .app = "refer_http.so",
				    .manual = i == 2,
				    .config = F("refer_http_listen %s:%u\n%s",
						addr, WEB_PORT, i == 1 ?
						"refer_policy ask\n" : ""));
		(void)printf("%s: http://127.0.0.1:%u/\n", namev[i],
			     relay_start(webv[i], addr, WEB_PORT));
	}

	(void)printf("\nOpen them side by side. Enter ends all. %s\n\n",
		     told ? "First comes a story of a\nminute (STORY=no leaves"
		     " it out): please do nothing meanwhile." : "");
	(void)fflush(stdout);
	if (can_type())
		(void)fd_listen(STDIN_FILENO, FD_READ, input_handler, NULL);

	pause_s(6);
	if (told)
		story(sutv);
	(void)printf("\nNow it is yours, for %u minutes at most: call,"
		     " answer, transfer.\n", WEB_STAY / 60);
	(void)fflush(stdout);
	pause_s(WEB_STAY);
}


/* BOTS of them, or four */
static void demo_fleet(void)
{
	const char *bots = getenv("BOTS");
	const unsigned n = bots ? (unsigned)atoi(bots) : 0;

	fleet_demo(n >= 2 && n <= FLEET_MAX ? n : 4);
}


static const struct test demov[] = {
	{.name = "blind",        .run = demo_blind,        .limit = 60},
	{.name = "attended",     .run = demo_attended,     .limit = 60},
	{.name = "bot",          .run = demo_bot,          .limit = 60},
	{.name = "receptionist", .run = demo_receptionist, .limit = 60},
	{.name = "web",          .run = demo_web, .limit = WEB_STAY + 120},
	{.name = "fleet",        .run = demo_fleet,        .limit = 400},
};


int main(int argc, char *argv[])
{
	const char *name = argc > 1 ? argv[1] : "blind";
	const struct test_opts opts = {.live = true};
	size_t i;

	choose_style();

	for (i=0; i<ARRAY_SIZE(webv) && !strcmp(name, "web"); i++)
		webv[i] = relay_listen((uint16_t)(WEB_PORT + 1 + i));

	for (i=0; i<ARRAY_SIZE(demov); i++) {

		if (!strcmp(demov[i].name, name))
			test_run(&demov[i], &opts);
	}

	(void)fprintf(stderr,
		      "make run DEMO=blind|attended|bot|receptionist|web"
		      "|fleet\n");

	return 2;
}
