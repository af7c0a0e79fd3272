/**
 * @file t_remote_text.c  What others send, in events and in the log
 *
 * A Call-ID, a reason phrase and a From are the peer's: they must not reach a
 * terminal as control characters, nor be read as other fields of an event.
 */
#include <ctype.h>
#include <string.h>
#include "wire.h"
#include "harness.h"
#include "scene.h"

#define FORGED " code=200 outcome=accepted target=sip:e@h"


/* alice calls bob with a Call-ID of her own making */
static void call_as(const char *callid)
{
	struct msg *m;

	t.call = dlg_new(t.alice, t.bob->uri);
	t.call->callid = callid;
	(void)dlg_request(t.call, "INVITE", sdp(t.alice));
	do {
		m = expect_any(t.alice, "xxx INVITE", WAIT);
	} while (scode(m) < 200);
	EQ_INT(200, scode(m));
	dlg_confirm(t.call, m);
	dlg_ack(t.call, m);
	event(t.bob, "CALL_ESTABLISHED", WAIT);
}


static void players(void)
{
	t.bob   = sut_start("bob", .config = "refer_old_call_timeout 1\n");
	t.alice = peer_new("alice");
	t.carol = peer_new("carol");
}


/* The module's lines of the log: no byte of them can steer a terminal */
static void check_log(void)
{
	const char *line = proc_log(t.bob->proc);
	unsigned n = 0;

	while ((line = strstr(line, "refer: "))) {
		for (; *line && *line != '\n'; ++line)
			CHECK(!iscntrl((unsigned char)*line),
			      "a control character: %s", line);
		++n;
	}

	CHECK(n > 0, "no line of the module in the log");
}


/* The events, from the first one on: with this Call-ID */
static void check_events(const char *call)
{
	const struct event *ev;

	do {
		ev = event(t.bob, "? ~ refer,", WAIT);
		HAS_TEXT(ev->param, F(" call=%s ", call));
		EQ_STR(F("target=%s", t.carol->uri),
		       strrchr(ev->param, ' ') + 1);
	} while (!strstr(ev->param, "referEnded"));
}


TEST(remote_callid_control, "ESC and BEL of a Call-ID reach no terminal")
{
	players();
	call_as("a\x1b[2Jb\x07" "c@127.0.0.1");
	(void)refer_carol("");
	(void)answer(t.carol, expect(t.carol, "INVITE", WAIT));
	check_events("a%1B[2Jb%07c@127.0.0.1");
	sut_log_wait(t.bob, "was not hung up: done here", WAIT);
	CHECK(!strchr(ctrl(t.bob, "referlist", NULL).data, 0x1b), "an ESC");
	check_log();
	ROW("transfer.remote-text");
}


TEST(remote_callid_forged, "A Call-ID with blanks is one field of an event")
{
	players();
	call_as("x" FORGED " 50%20");
	(void)refer_carol("");
	peer_reply(t.carol, expect(t.carol, "INVITE", WAIT), 486,
		   "Busy Here", NULL);
	check_events("x%20code=200%20outcome=accepted%20target=sip:e@h"
		     "%2050%2520");
	check_log();
	ROW("transfer.remote-text");
}


#define PEER " peer=sip:alice@127.0.0.1"


/* Of the target of a referral, and of who answers our REFER */
TEST(remote_reason_forged, "A reason phrase cannot forge fields of an event")
{
	const char *const reason = "No" FORGED " 5% \x1b[2J\x07.";
	const char *const shown = "No code%3D200 outcome%3Daccepted"
		" target%3Dsip:e@h 5";
	const struct event *ev;

	scene();
	(void)refer_carol("");
	peer_reply(t.carol, expect(t.carol, "INVITE", WAIT), 486, reason,
		   NULL);
	ev = event(t.bob, "? ~ refer,referEnded,id=1", WAIT);
	HAS_TEXT(ev->param, F("code=486 call=%s" PEER " reason=%s",
			      t.call->callid, shown));
	HAS_TEXT(ev->param, F("%%25  [2J . target=%s", t.carol->uri));

	peer_reply(t.alice, transfer("carol"), 603, reason, NULL);
	ev = event(t.bob, "? ~ refer,referEnded,id=2", WAIT);
	EQ_STR(F("refer,referEnded,id=2 role=client code=603"
		 " outcome=refused call=%s reason=%s%%25  [2J ."
		 " target=sip:carol@127.0.0.2", t.call->callid, shown),
	       ev->param);
	answer_resume(t.call);
	check_log();
	ROW("transfer.remote-text");
}


/* A target that is too long is left out: no other domain appears */
TEST(remote_target_long, "A target that does not fit is left out of an event")
{
	char user[200];
	const struct event *ev;

	memset(user, 'x', sizeof(user));
	user[sizeof(user) - 1] = '\0';
	scene();
	peer_auto(t.alice, "NOTIFY");
	(void)refer(F("<sip:%s@127.0.0.3>", user), "");
	peer_reply(t.carol, expect(t.carol, "INVITE", WAIT), 486, "Busy Here",
		   NULL);

	ev = event(t.bob, "? ~ refer,referEnded", WAIT);
	EQ_STR(F("refer,referEnded,id=1 role=server code=486 call=%s"
		 PEER " reason=Busy Here cut=target", t.call->callid),
	       ev->param);
	ROW("transfer.remote-text transfer.event-size");
}
