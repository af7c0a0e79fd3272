/**
 * @file t_inviter.c  What an application has of the INVITE of a referral
 */
#include <string.h>
#include "wire.h"
#include "scene.h"


static void play(const char *config)
{
	scene(.app = "inviter.so", .config = config);
	peer_auto(t.alice, "NOTIFY");
}


static void logged(const char *text)
{
	sut_log_wait(t.bob, text, WAIT);
}


static struct msg *referred(void)
{
	(void)refer(F("<%s>", t.carol->uri), "");
	expect_any(t.alice, "202 REFER", WAIT);
	logged("inviter: state ESTABLISHING, a call");
	logged("inviter: referInviteSent, a call");

	return expect(t.carol, "INVITE", WAIT);
}


TEST(inviter_call, "The call is the application's until its end, success too")
{
	struct dlg *d;

	play(NULL);
	d = answer(t.carol, referred());
	logged("inviter: state ESTABLISHED, a call");
	logged("inviter: referAccepted, a call");
	logged("inviter: referEnded, a call");
	hangup(d);
	logged("inviter: state TERMINATED, no call");
	EQ_STR("no call\n", ctrl(t.bob, "invend", NULL).data);
	ROW("api.inviter");
}


TEST(inviter_hangup, "The application hangs up that call")
{
	play(NULL);
	(void)answer(t.carol, referred());
	logged("inviter: referEnded, a call");
	EQ_STR("EPROTO\n", ctrl(t.bob, "invcancel", "late").data);
	EQ_STR("no call\n", ctrl(t.bob, "invend", NULL).data);
	logged("inviter: state TERMINATED, no call");
	expect_any(t.carol, "BYE", WAIT);
	ROW("api.inviter");
}


TEST(inviter_busy, "A target that is busy: terminated before the last event")
{
	play(NULL);
	peer_reply(t.carol, referred(), 486, "Busy", NULL);
	logged("inviter: state TERMINATED, no call");
	logged("inviter: referEnded, no call");
	ROW("api.inviter");
}


TEST(inviter_redirect, "A redirection: the call of the next INVITE is given")
{
	struct msg *inv;

	play("refer_follow_redirect yes\n");
	inv = referred();
	peer_reply(t.carol, inv, 302, "Moved", "Contact: <sip:x@127.0.0.3>"
		   "\r\n");
	expect_any(t.carol, "ACK", WAIT);
	inv = expect_any(t.carol, "INVITE ~ INVITE sip:x@", WAIT);
	logged("inviter: referInviteSent, a call");
	(void)answer(t.carol, inv);
	logged("inviter: state ESTABLISHED, a call");
	logged("inviter: referEnded, a call");
	CHECK(!strstr(proc_log(t.bob->proc), "state TERMINATED"), "too early");
	ROW("api.inviter");
}


TEST(inviter_cancel, "It is given up with a reason: the referrer is told")
{
	struct msg *inv, *m;

	play(NULL);
	inv = referred();
	peer_reply(t.carol, inv, 180, "Ringing", NULL);
	event(t.bob, "? ~ refer,referProgress ~ code=180", WAIT);
	EQ_STR("EINVAL\n", ctrl(t.bob, "invcancel",
				"a\r\nX-Evil: 1").data);
	EQ_STR("done\n", ctrl(t.bob, "invcancel", "agent %s left").data);
	logged("inviter: state TERMINATED, no call");
	expect_any(t.alice, "NOTIFY ~ SIP/2.0 487 agent %s left\r\n", WAIT);

	/* libre writes CANCEL: no host can add a Reason to it */
	m = expect_any(t.carol, "CANCEL", WAIT);
	EQ_INT(0, hdr_count(m, "Reason"));
	peer_reply(t.carol, m, 200, "OK", NULL);
	peer_reply(t.carol, inv, 487, "Request Terminated", NULL);
	logged("inviter: referEnded, no call");
	EQ_STR("EPROTO\n", ctrl(t.bob, "invcancel", "again").data);
	ROW("api.inviter");
}


TEST(inviter_dropped, "Without the context nothing is called, the call lives")
{
	struct dlg *d;

	play(NULL);
	d = answer(t.carol, referred());
	logged("inviter: referEnded, a call");
	CHECK(ctrl(t.bob, "invdrop", NULL).ok, "invdrop");
	check_alive(d);
	hangup(d);
	check_alive(t.call);
	CHECK(!strstr(proc_log(t.bob->proc), "state TERMINATED"), "called");
	ROW("api.inviter");
}


TEST(inviter_rmmod, "/rmmod refer while an application has the call")
{
	struct dlg *d;

	play(NULL);
	d = answer(t.carol, referred());
	logged("inviter: referEnded, a call");
	CHECK(ctrl(t.bob, "rmmod", "refer").ok, "rmmod");
	EQ_STR("no call\n", ctrl(t.bob, "invend", NULL).data);
	expect_any(t.carol, "BYE", WAIT);
	(void)d;
	ROW("api.inviter");
}


TEST(inviter_headers, "The delegate gives headers, with the templates' guard")
{
	static const char *const badv[] = {
		"Via: x", "via: x", "v: x", "Route: <sip:eve@h>",
		"Record-Route: x", "From: <sip:eve@h>", "f: x", "Contact: x",
		"Content-Length: 9", "l: 9", "Replaces: x", "Require: x",
		"Referred-By: x", "Authorization: x", "Call-ID: x",
		"X-A", ": x", "X A: x", "X-A : x", "X\tA: x",
		"X-A: a\r\nX-Evil: 1", "X-A: a\nX-Evil: 1", "X-A: a\r",
		"X-A: \x01", "X-A: \x7f", "X-A: \xff", "X: 1",
		"X-\xc3\xa9: 1",
	};
	struct msg *inv;
	size_t i;

	play("refer_rate 0\n"
	     "refer_invite_headers \"X-A: template\"\n"
	     "refer_invite_headers \"X-B: template\"\n");
	EQ_STR("header\n", ctrl(t.bob, "invhdr",
				"X-A: delegate \xc3\xa9 %s").data);
	inv = referred();
	EQ_STR("delegate \xc3\xa9 %s", hdr(inv, "X-A"));
	EQ_STR("template", hdr(inv, "X-B"));
	EQ_STR("1", hdr(inv, "X-Own"));
	peer_reply(t.carol, inv, 486, "Busy", NULL);
	expect_any(t.carol, "ACK", WAIT);
	peer_flush(t.alice);

	/* one of the options wins */
	CHECK(ctrl(t.bob, "invhdr", "x-own: 2").ok, "invhdr");
	inv = referred();
	EQ_INT(1, hdr_count(inv, "X-Own"));
	EQ_STR("1", hdr(inv, "X-Own"));
	peer_reply(t.carol, inv, 486, "Busy", NULL);
	expect_any(t.carol, "ACK", WAIT);
	peer_flush(t.alice);

	for (i=0; i<ARRAY_SIZE(badv); ++i) {
		(void)ctrl(t.bob, "invhdr", badv[i]);
		(void)refer(F("<%s>", t.carol->uri), "");
		logged("this header of an application cannot be sent");
		logged("inviter: not made, 1");
		expect_any(t.alice, "480 REFER", WAIT);
	}

	EQ_INT(2, seen_count("bob", "carol", "INVITE"));
	ROW("api.delegate-headers");
}
