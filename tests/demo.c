/**
 * @file demo.c  The demonstration of `make run`
 *
 * Three baresip processes, each with the module: alice calls bob, then
 * transfers him to carol; with the argument "attended" she calls carol first.
 * Shows the messages as they happen, taken from the packets, and the events.
 * The last line tells how the transfer has ended.
 */
#include <string.h>
#include "wire.h"
#include "harness.h"


static bool attended;


/* The final NOTIFY and the module's event must tell the same */
static const char *outcome(struct sut *alice)
{
	const struct msg *n = seen("bob", "alice", "NOTIFY ~ Subscription-"
				   "State: terminated", WAIT);
	const struct event *ev = event(alice, "* ~ refer,referEnded,", WAIT);
	const char *frag = first_line(body(n)), *code;

	CHECK(!strncmp(frag, "SIP/2.0 ", 8), "sipfrag is '%s'", frag);

	frag += 8;
	code = F(" code=%.3s", frag);

	CHECK(strstr(ev->param, code), "alice's event is '%s', the NOTIFY"
	      " says '%s'", ev->param, frag);

	/* stock baresip answers "200 Answering"; only the code counts */
	return strncmp(frag, "200", 3) ? frag : "200 OK";
}


static void dial(struct sut *from, struct sut *to)
{
	CHECK(ctrl(from, "dial", to->uri).ok, "%s cannot dial", from->name);
	event(from, F("CALL_ESTABLISHED ~ %s", to->uri), WAIT);
	event(to, F("CALL_ESTABLISHED ~ %s", from->uri), WAIT);
}


static void demo(void)
{
	struct sut *alice = sut_start("alice", .plain = true);
	struct sut *bob   = sut_start("bob", .plain = true);
	struct sut *carol = sut_start("carol", .plain = true);
	const char *result;

	(void)printf("alice is %s, bob is %s, carol is %s\n\n    ms\n",
		     alice->uri, bob->uri, carol->uri);
	ladder_live(stdout);

	dial(alice, bob);
	if (attended)
		dial(alice, carol);

	CHECK(attended ? ctrl(alice, "atransfer", "1 2").ok
	      : ctrl(alice, "transfer", carol->uri).ok,
	      "alice cannot transfer");
	event(carol, "CALL_ESTABLISHED ~ sip:bob@", WAIT);
	event(bob, "CALL_ESTABLISHED ~ sip:carol", WAIT);
	result = outcome(alice);
	event(alice, "CALL_CLOSED", WAIT);

	suts_quit();
	ladder_live(NULL);

	(void)printf("\ntransfer: bob -> carol: %s\n", result);
	CHECK(!strcmp(result, "200 OK"), "the transfer has failed");
}


int main(int argc, char *argv[])
{
	static const struct test test = {
		.name = "demo", .run = demo, .limit = 20,
	};
	const struct test_opts opts = {.live = true};

	attended = argc > 1 && !strcmp(argv[1], "attended");

	test_run(&test, &opts);
}
