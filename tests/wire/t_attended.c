/**
 * @file t_attended.c  bob joins alice and carol: attended transfer
 *
 * RFC 5589 section 7
 */
#include <string.h>
#include "wire.h"
#include "scene.h"


static struct dlg *target;     /* carol's call with bob */


/* bob talks to both; the core has put the first call on hold by itself */
static void two_calls(const char *config, bool alice_calls, bool carol_calls)
{
	t.bob   = sut_start("bob", .config = config);
	t.alice = peer_new("alice");
	t.carol = peer_new("carol");
	t.call  = alice_calls ? call_in(t.alice, t.bob)
			      : call_out(t.bob, t.alice);
	target  = carol_calls ? call_in(t.carol, t.bob)
			      : call_out(t.bob, t.carol);
	peer_flush(t.carol);
}


/* Its Refer-To names carol's dialog as she knows it, all escaped */
static void check_refer_to(const struct msg *req, const char *begin)
{
	const char *val = hdr(req, "Refer-To"), *p;

	EQ_INT(1, hdr_count(req, "Refer-To"));
	HAS_TEXT(val, begin);
	HAS_TEXT(val, F("Replaces=%s%%3Bto-tag%%3D%s%%3Bfrom-tag%%3D%s>",
			target->callid, target->ltag, target->rtag));
	for (p = strchr(val, '?'); *p != '>'; ++p)
		CHECK(!strchr("@+;<\"", *p), "%s", val);
}


static void notify(const struct msg *req, const char *state, const char *frag)
{
	notify_status(t.call, req, state, frag);
	expect_any(t.alice, "200 NOTIFY", WAIT);
}


static void accept_refer(struct msg *req)
{
	peer_reply(t.alice, req, 202, "Accepted", NULL);
	notify(req, "active;expires=60", "SIP/2.0 100 Trying");
}


/* alice has reached carol, who hangs up her call with bob */
static void joined(const struct msg *req)
{
	notify(req, "terminated;reason=noresource", "SIP/2.0 200 OK");
	peer_reply(t.alice, expect_any(t.alice, "BYE", WAIT), 200, "OK",
		   NULL);
}


static void two_calls_joined(bool alice_calls, bool carol_calls)
{
	struct msg *req;

	two_calls("", alice_calls, carol_calls);
	CHECK(ctrl(t.bob, "atransfer", "1 2").ok, "atransfer");
	req = await_refer(t.call);
	check_refer_to(req, F("<%s?Replaces=", t.carol->uri));
	ROW("R18 R19");

	accept_refer(req);
	joined(req);
	hangup(target);
	event(t.bob, "? ~ refer,referEnded,id=1 role=client code=200", WAIT);
	EQ_STR("refer: no transfers\n", ctrl(t.bob, "referlist", NULL).data);
	ROW("command.atransfer");
}


TEST(attended_in_in, "Attended: both have called bob")
{
	two_calls_joined(true, true);
}


TEST(attended_in_out, "Attended: alice has called bob, he has called carol")
{
	two_calls_joined(true, false);
}


TEST(attended_out_in, "Attended: bob has called alice, carol has called him")
{
	two_calls_joined(false, true);
}


TEST(attended_out_out, "Attended: bob has called both")
{
	two_calls_joined(false, false);
}


TEST(attended_refused, "Attended: carol is not reached, both calls live")
{
	struct msg *req;

	two_calls("", true, true);
	(void)ctrl(t.bob, "atransfer", "1 2");
	req = await_refer(t.call);
	accept_refer(req);
	notify(req, "terminated;reason=noresource",
	       "SIP/2.0 481 Call Does Not Exist");
	event(t.bob, "? ~ refer,referEnded,id=1 role=client code=481", WAIT);
	check_alive(target);
	expect_none(t.carol, "BYE", 0);
	expect_none(t.alice, "BYE", 0);
	ROW("command.atransfer");
}


TEST(attended_menu_holds, "Attended: the menu has put the first call on hold",
     .na10 = "it has no such setting")
{
	struct msg *req;

	two_calls("call_hold_other_calls yes\n", true, false);
	(void)answer_hold(t.call);
	(void)ctrl(t.bob, "atransfer", "1 2");
	req = expect_any(t.alice, "REFER", WAIT);
	peer_reply(t.alice, req, 603, "Decline", NULL);
	event(t.bob, "? ~ refer,referEnded,id=1 role=client code=603", WAIT);
	(void)ctrl(t.bob, "atransfer", "1 2");
	req = expect(t.alice, "REFER", WAIT);
	accept_refer(req);
	joined(req);
	hangup(target);
	event(t.bob, "? ~ refer,referEnded,id=2 role=client code=200", WAIT);
	ROW("command.atransfer");
}


TEST(attended_aor, "refer_attended_target aor: the AOR and Require=replaces")
{
	struct msg *req;

	two_calls("refer_attended_target aor\n", true, false);
	(void)ctrl(t.bob, "atransfer", "1 2");
	req = await_refer(t.call);
	check_refer_to(req, F("<%s?Require=replaces&Replaces=",
			      t.carol->uri));
	peer_reply(t.alice, req, 603, "Decline", NULL);
	event(t.bob, "? ~ refer,referEnded,id=1 role=client code=603", WAIT);
	ROW("R18 setting.attended-target");
}


TEST(attended_same_peer, "Attended: both calls are with alice")
{
	struct msg *req;

	scene();
	target = call_in(t.alice, t.bob);
	(void)ctrl(t.bob, "atransfer", F("%s %s", t.call->callid,
					 target->callid));
	req = await_refer(t.call);
	EQ_STR(t.call->callid, hdr(req, "Call-ID"));
	check_refer_to(req, F("<%s?Replaces=", t.alice->uri));
	accept_refer(req);
	joined(req);
	check_alive(target);
	ROW("command.atransfer");
}


TEST(attended_accounts, "Attended: the calls are of different accounts")
{
	struct dlg *d;
	struct msg *req;

	scene();
	(void)ctrl(t.bob, "uanew",
		   "<sip:bert@127.0.0.2>;regint=0;answermode=auto");
	target = d = dlg_new(t.carol, "sip:bert@127.0.0.2");
	(void)dlg_request(d, "INVITE", sdp(t.carol));
	(void)dlg_taken(d);
	event(t.bob, F("CALL_ESTABLISHED ~ %s", d->callid), WAIT);

	(void)ctrl(t.bob, "atransfer", F("%s %s", t.call->callid,
					 d->callid));
	req = await_refer(t.call);
	HAS_TEXT(hdr(req, "From"), "sip:bob@");
	check_refer_to(req, F("<%s?Replaces=", t.carol->uri));
	accept_refer(req);
	joined(req);
	ROW("command.atransfer");
}


TEST(attended_leg, "The target forgets to hang up: done after 5 s", .secs = 6)
{
	struct msg *req;

	two_calls("", true, true);
	(void)ctrl(t.bob, "atransfer", "1 2");
	req = await_refer(t.call);
	accept_refer(req);
	joined(req);
	peer_reply(t.carol, expect_any(t.carol, "BYE", WAIT), 200, "OK",
		   NULL);
	ROW("command.atransfer");
}


TEST(attended_bye_first, "alice hangs up before she tells: carol's leg ends",
     .secs = 6)
{
	struct msg *req;

	two_calls("", true, true);
	(void)ctrl(t.bob, "atransfer", "1 2");
	req = await_refer(t.call);
	accept_refer(req);
	hangup(t.call);
	notify(req, "terminated;reason=noresource", "SIP/2.0 200 OK");
	event(t.bob, "? ~ refer,referEnded,id=1 role=client code=200", WAIT);
	expect_any(t.carol, "BYE", 6000);
	ROW("command.atransfer");
}


TEST(attended_gone, "carol hangs up while alice is being held: no REFER")
{
	struct msg *m;

	two_calls("", true, true);
	(void)ctrl(t.bob, "atransfer", "1 2");
	m = expect_any(t.alice, "INVITE ~ a=sendonly", WAIT);
	hangup(target);
	event(t.bob, "? ~ refer,referEnded,id=1 ~ outcome=failed", WAIT);
	peer_reply(t.alice, m, 200, "OK", sdp_dir(t.alice, "recvonly"));
	answer_resume(t.call);
	check_alive(t.call);
	EQ_INT(0, seen_count("bob", "alice", "REFER"));
	ROW("command.atransfer transfer.hold");
}


TEST(attended_wrong, "/atransfer says what is wrong, and sends nothing")
{
	static const struct {
		const char *prm;
		const char *text;
	} rowv[] = {
		{"", "error: usage: /atransfer CALL CALL\n"},
		{"1", "error: usage: /atransfer CALL CALL\n"},
		{"1 9", "error: there is no call 9, see /listcalls\n"},
		{"x 1", "error: there is no call x, see /listcalls\n"},
		{"1 1", "error: a call cannot be transferred to itself\n"},
	};
	size_t i;

	scene();
	for (i=0; i<ARRAY_SIZE(rowv); ++i)
		EQ_STR(rowv[i].text,
		       ctrl(t.bob, "atransfer", rowv[i].prm).data);

	EQ_STR("error: there is no attended transfer, see /atransferstart\n",
	       ctrl(t.bob, "atransferexec", NULL).data);
	EQ_STR("error: there is no attended transfer, see /atransferstart\n",
	       ctrl(t.bob, "atransferabort", NULL).data);
	EQ_STR("error: usage: /atransferstart TARGET\n",
	       ctrl(t.bob, "atransferstart", "").data);
	EQ_STR("error: the target is no SIP address\n",
	       ctrl(t.bob, "atransferstart", "sip:").data);
	expect_none(t.alice, "*", 0);
	check_alive(t.call);
	ROW("command.atransfer");
}


/* /atransferstart: alice is held, then carol is called */
static struct msg *started(void)
{
	struct msg *m;

	scene();
	EQ_STR(F("refer: #1 calling %s, alice is put on hold\n",
		 t.carol->uri),
	       ctrl(t.bob, "atransferstart", t.carol->uri).data);
	m = expect_any(t.alice, "INVITE ~ a=sendonly", WAIT);
	expect_none(t.carol, "*", 0);
	peer_reply(t.alice, m, 200, "OK", sdp_dir(t.alice, "recvonly"));

	return expect(t.carol, "INVITE", WAIT);
}


/* bob has both, alice on hold */
static void talking(void)
{
	target = answer(t.carol, started());
	event(t.bob, "CALL_ESTABLISHED", WAIT);
}


TEST(atransfer_exec, "/atransferstart, then /atransferexec joins the two")
{
	struct msg *req;

	talking();
	HAS_TEXT(ctrl(t.bob, "referlist", NULL).data, " 1 client TALKING ");
	EQ_STR("error: a transfer is under way, see /referlist\n",
	       ctrl(t.bob, "atransferstart", "dave").data);

	EQ_STR("refer: #1 joining the two\n",
	       ctrl(t.bob, "atransferexec", NULL).data);
	req = await_refer(t.call);
	check_refer_to(req, F("<%s?Replaces=", t.carol->uri));
	EQ_STR("error: not now, see /referlist\n",
	       ctrl(t.bob, "atransferabort", NULL).data);
	accept_refer(req);
	joined(req);
	hangup(target);
	event(t.bob, "? ~ refer,referEnded,id=1 ~ outcome=accepted", WAIT);
	EQ_STR("refer: no transfers\n", ctrl(t.bob, "referlist", NULL).data);
	ROW("command.atransferexec");
}


TEST(atransfer_again, "Joining fails: it may be tried again, or given up")
{
	struct msg *req;

	talking();
	(void)ctrl(t.bob, "atransferexec", NULL);
	req = await_refer(t.call);
	peer_reply(t.alice, req, 503, "Service Unavailable", NULL);
	event(t.bob, "? ~ refer,referRequestRejected,id=1 role=client"
	      " code=503", WAIT);
	HAS_TEXT(ctrl(t.bob, "referlist", NULL).data, " 1 client TALKING ");
	HAS_TEXT(ctrl(t.bob, "referinfo", "1").data, "code        503\n"
		 "reason      Service Unavailable\n");

	EQ_STR("refer: #1 given up, the call is resumed\n",
	       ctrl(t.bob, "atransferabort", NULL).data);
	peer_reply(t.carol, expect(t.carol, "BYE", WAIT), 200, "OK", NULL);
	answer_resume(t.call);
	event(t.bob, "? ~ refer,referEnded,id=1 ~ outcome=cancelled", WAIT);
	check_alive(t.call);
	ROW("command.atransferexec command.atransferabort");
}


/* The consultation is given up; an application hears of it */
static void aborted(const char *cmd, const char *params)
{
	scene(.app = "handlers.so");
	(void)consulting();
	(void)ctrl(t.bob, cmd, params);
	CHECK(ctrl(t.bob, "atransferabort", NULL).ok, "abort");
}


TEST(atransfer_abort_next, "An application transfers the call that is resumed")
{
	aborted("appnext", "dave");
	answer_resume(t.call);
	(void)answer_hold(t.call);
	accept_refer(expect_any(t.alice, "REFER", WAIT));
	expect_none(t.alice, "INVITE", 0);
	ROW("command.atransferabort");
}


TEST(atransfer_abort_kill, "An application ends the call when it is given up")
{
	aborted("appkill", "closed");
	event(t.bob, "? ~ refer,referEnded,id=1 ~ outcome=cancelled", WAIT);
	EQ_INT(0, event_count(t.bob, "? ~ refer,failed"));
	ROW("command.atransferabort");
}


static void killed_outgoing(bool held)
{
	scene(.app = "handlers.so");
	if (held) {
		CHECK(ctrl(t.bob, "hold", NULL).ok, "hold");
		(void)answer_hold(t.call);
	}

	(void)ctrl(t.bob, "appkill", "outgoing");
	(void)ctrl(t.bob, "atransferstart", t.carol->uri);
	if (!held)
		(void)answer_hold(t.call);
	expect_any(t.alice, "BYE", WAIT);
	event(t.bob, "? ~ refer,referEnded,id=1 ~ outcome=failed", WAIT);
	EQ_STR("refer: no transfers\n", ctrl(t.bob, "referlist", NULL).data);
	(void)answer(t.carol, expect_any(t.carol, "INVITE", WAIT));
	ROW("command.atransferstart");
}


TEST(atransfer_outgoing_kill, "An application ends the call when it hears of"
     " that with the target, which goes on",
     .na1 = "the core tells of no call that goes out")
{
	killed_outgoing(true);
}


TEST(atransfer_outgoing_kill_later, "The same once alice is on hold",
     .na1 = "the core tells of no call that goes out")
{
	killed_outgoing(false);
}


TEST(atransfer_outgoing_cancel, "An application gives up as the target is"
     " called: the target is left, alice resumed",
     .na1 = "the core tells of no call that goes out")
{
	scene(.app = "handlers.so");
	(void)ctrl(t.bob, "appkill", "cancel");
	(void)ctrl(t.bob, "atransferstart", t.carol->uri);
	(void)answer_hold(t.call);
	event(t.bob, "? ~ refer,referEnded,id=1 ~ outcome=cancelled", WAIT);
	answer_resume(t.call);
	expect_any(t.carol, "INVITE", WAIT);
	event(t.bob, "CALL_CLOSED ~ given up", WAIT);
	EQ_INT(0, event_count(t.bob, "? ~ refer,failed"));
	check_alive(t.call);
	ROW("command.atransferstart");
}


TEST(referred_outgoing_kill, "An application ends the referred call when it"
     " hears of that with the target, which goes on",
     .na1 = "the core tells of no call that goes out")
{
	scene(.app = "handlers.so");
	(void)ctrl(t.bob, "appkill", "outgoing");
	(void)refer_carol("");
	expect_any(t.alice, "BYE", WAIT);
	(void)answer(t.carol, expect_any(t.carol, "INVITE", WAIT));
	event(t.bob, "? ~ refer,referEnded,id=1 role=server code=200", WAIT);
	EQ_STR("refer: no transfers\n", ctrl(t.bob, "referlist", NULL).data);
	ROW("transfer.final");
}


TEST(attended_closed, "The call ends with the target's: no REFER after BYE")
{
	scene(.app = "handlers.so",
	      .config = "refer_attended_target blind\n");
	CHECK(ctrl(t.bob, "hold", NULL).ok, "hold");
	(void)answer_hold(t.call);
	target = call_in(t.carol, t.bob);
	(void)ctrl(t.bob, "appkill", "closed");
	EQ_STR("error: REFER could not be sent\n",
	       ctrl(t.bob, "atransfer", F("%s %s", t.call->callid,
					  target->callid)).data);
	expect_any(t.alice, "BYE", WAIT);
	expect_none(t.alice, "REFER", 0);
	EQ_STR("refer: no transfers\n", ctrl(t.bob, "referlist", NULL).data);
	ROW("command.atransfer");
}


TEST(atransfer_busy, "/atransferstart to a busy target: alice is resumed")
{
	struct msg *inv = started();

	peer_reply(t.carol, inv, 486, "Busy Here", NULL);
	answer_resume(t.call);
	event(t.bob, "? ~ refer,failed,id=1 role=client code=486", WAIT);
	event(t.bob, "? ~ refer,referEnded,id=1 ~ outcome=failed", WAIT);
	check_alive(t.call);
	ROW("command.atransferstart");
}


TEST(atransfer_bye, "alice hangs up before: bob goes on with carol")
{
	talking();
	hangup(t.call);
	event(t.bob, "? ~ refer,referEnded,id=1 ~ outcome=failed", WAIT);
	check_alive(target);
	EQ_STR("refer: no transfers\n", ctrl(t.bob, "referlist", NULL).data);
	ROW("command.atransferstart");
}


TEST(atransfer_ringing, "The target still rings: CANCEL, then a blind REFER")
{
	struct msg *inv = started(), *m, *req;

	peer_reply(t.carol, inv, 180, "Ringing", NULL);
	event(t.bob, "CALL_RINGING", WAIT);
	EQ_STR("refer: #1 joining the two\n",
	       ctrl(t.bob, "atransferexec", NULL).data);
	m = expect(t.carol, "CANCEL", WAIT);
	peer_reply(t.carol, m, 200, "OK", NULL);
	peer_reply(t.carol, inv, 487, "Request Terminated", NULL);

	req = await_refer(t.call);
	EQ_INT(0, seen_count("bob", "alice", "INVITE ~ a=sendrecv"));
	EQ_STR(F("<%s>", t.carol->uri), hdr(req, "Refer-To"));
	accept_refer(req);
	joined(req);
	event(t.bob, "? ~ refer,referEnded,id=1 ~ outcome=accepted", WAIT);
	ROW("R20 command.atransferexec");
}


TEST(atransfer_unknown, "Refer-Sub: false to its REFER: nothing is known")
{
	struct msg *req;

	talking();
	(void)ctrl(t.bob, "atransferexec", NULL);
	req = await_refer(t.call);
	peer_reply(t.alice, req, 202, "Accepted", "Refer-Sub: false\r\n");
	event(t.bob, "? ~ refer,referEnded,id=1 ~ outcome=unknown", WAIT);
	answer_resume(t.call);
	hangup(target);
	event(t.bob, "CALL_CLOSED", WAIT);
	EQ_INT(0, event_count(t.bob, "? ~ refer,failed"));
	ROW("command.atransferexec");
}


TEST(atransfer_keep, "refer_after_success keep: alice is resumed")
{
	struct msg *req;

	scene(.config = "refer_after_success keep\n");
	CHECK(ctrl(t.bob, "atransferstart", t.carol->uri).ok, "start");
	(void)answer_hold(t.call);
	target = answer(t.carol, expect(t.carol, "INVITE", WAIT));
	event(t.bob, "CALL_ESTABLISHED ~ carol", WAIT);
	(void)ctrl(t.bob, "atransferexec", NULL);
	req = await_refer(t.call);
	accept_refer(req);
	notify(req, "terminated;reason=noresource", "SIP/2.0 200 OK");
	event(t.bob, "? ~ refer,referEnded,id=1 ~ outcome=accepted", WAIT);
	answer_resume(t.call);
	ROW("command.atransferexec setting.after-success");
}


TEST(atransfer_or_transfer, "A call is transferred in one way at a time")
{
	static const char text[] =
		"error: a transfer is under way, see /referlist\n";
	struct msg *req;

	talking();
	EQ_STR(text, ctrl(t.bob, "transfer", F("call=%s dave",
					       t.call->callid)).data);
	EQ_STR(text, ctrl(t.bob, "atransfer", "1 2").data);
	(void)ctrl(t.bob, "atransferabort", NULL);
	peer_reply(t.carol, expect_any(t.carol, "BYE", WAIT), 200, "OK",
		   NULL);
	answer_resume(t.call);

	req = transfer("sip:dave@127.0.0.4");
	EQ_STR(text, ctrl(t.bob, "atransferstart", t.carol->uri).data);
	peer_reply(t.alice, req, 603, "Decline", NULL);
	answer_resume(t.call);
	ROW("command.atransferstart command.transfer");
}


TEST(attended_moved, "The target moves to another phone while the calls are"
     " joined: the next try is with that", .secs = 3)
{
	struct peer *dave;
	struct msg *req;
	struct dlg *d;

	scene();
	dave = peer_new("dave");
	req  = joining(&target);

	d = call_replacing(dave, target);
	peer_reply(t.carol, expect_any(t.carol, "BYE", WAIT), 200, "OK", NULL);
	event(t.bob, "? ~ refer,replaced", WAIT);
	peer_reply(t.alice, req, 603, "Decline", NULL);
	event(t.bob, "? ~ refer,referRequestRejected,id=1", WAIT);

	CHECK(ctrl(t.bob, "atransferexec", NULL).ok, "exec again");
	req = expect_any(t.alice, "REFER", WAIT);
	HAS_TEXT(hdr(req, "Refer-To"), d->callid);
	check_alive(t.call);
	peer_flush(dave);
	check_alive(d);
	ROW("command.atransferexec");
}
