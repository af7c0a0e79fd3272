/**
 * @file t_options.c  Options of one transfer, and calls by their Call-ID
 */
#include <string.h>
#include "wire.h"
#include "harness.h"
#include "channel.h"
#include "scene.h"


static void succeed(struct msg *req)
{
	peer_reply(t.alice, req, 202, "Accepted", NULL);
	notify_status(t.call, req, "terminated;reason=noresource",
		      "SIP/2.0 200 OK");
	(void)expect_any(t.alice, "200 NOTIFY", WAIT);
}


static void refuse(struct msg *req)
{
	peer_reply(t.alice, req, 603, "Decline", NULL);
	event(t.bob, "? ~ refer,referEnded,id=1 ~ outcome=refused", WAIT);
}


TEST(option_hold, "hold=yes against refer_hold no")
{
	scene(.config = "refer_hold no\n");
	refuse(transfer("carol hold=yes"));
	answer_resume(t.call);
	ROW("command.options");
}


TEST(option_hold_not, "hold=no: the REFER goes out at once")
{
	scene();
	CHECK(ctrl(t.bob, "transfer", "carol hold=no").ok, "transfer");
	refuse(expect(t.alice, "REFER", WAIT));
	expect_none(t.alice, "INVITE", 300);
	check_alive(t.call);
	ROW("command.options");
}


TEST(option_after, "after=keep: the call is resumed after the success")
{
	scene();
	succeed(transfer("carol after=keep"));
	answer_resume(t.call);
	event(t.bob, "? ~ refer,referEnded,id=1 ~ outcome=accepted", WAIT);
	check_alive(t.call);

	/* the configuration holds for the next one */
	succeed(transfer("carol Subject=x"));
	peer_reply(t.alice, expect_any(t.alice, "BYE", WAIT), 200, "OK",
		   NULL);
	ROW("command.options");
}


TEST(option_hangup, "after=hangup against refer_after_success keep")
{
	scene(.config = "refer_after_success keep\n");
	succeed(transfer("carol after=hangup"));
	peer_reply(t.alice, expect_any(t.alice, "BYE", WAIT), 200, "OK",
		   NULL);
	event(t.bob, "? ~ refer,referEnded,id=1 ~ outcome=accepted", WAIT);
	ROW("command.options");
}


TEST(option_timeout, "timeout=1: unsubscribed, resumed, outcome timeout",
     .secs = 4)
{
	struct msg *req, *sub;

	scene();
	req = transfer("carol timeout=1");
	peer_reply(t.alice, req, 202, "Accepted", NULL);
	notify_status(t.call, req, "active;expires=60", "SIP/2.0 100 Trying");
	sub = expect_any(t.alice, "SUBSCRIBE", WAIT);
	EQ_STR("0", hdr(sub, "Expires"));
	peer_reply(t.alice, sub, 200, "OK", "Expires: 0\r\n");
	answer_resume(t.call);
	event(t.bob, "? ~ refer,referEnded,id=1 role=client outcome=timeout"
	      " ~ reason=no outcome in time", WAIT);
	check_alive(t.call);
	ROW("command.options");
}


TEST(option_timeout_unanswered, "timeout=1 while the REFER has no answer",
     .secs = 4)
{
	scene();
	(void)transfer("carol timeout=1");
	answer_resume(t.call);
	event(t.bob, "? ~ refer,referEnded,id=1 role=client outcome=timeout",
	      WAIT);
	expect_none(t.alice, "SUBSCRIBE", 300);
	check_alive(t.call);
	ROW("command.options");
}


TEST(option_start, "/atransferstart: its options are for the REFER")
{
	struct msg *req;
	struct dlg *target;
	struct resp r;

	scene();
	r = ctrl(t.bob, "atransferstart",
		 F("call=%s %s after=keep hold=yes Subject=\"a b\"",
		   t.call->callid, t.carol->uri));
	CHECK(r.ok, "%s", r.data);
	(void)answer_hold(t.call);
	target = answer(t.carol, expect(t.carol, "INVITE", WAIT));
	event(t.bob, F("CALL_ESTABLISHED ~ %s", target->callid), WAIT);
	CHECK(ctrl(t.bob, "atransferexec", NULL).ok, "exec");
	req = await_refer(t.call);
	EQ_STR("a b", hdr(req, "Subject"));
	succeed(req);
	answer_resume(t.call);
	event(t.bob, "? ~ refer,referEnded,id=1 ~ outcome=accepted", WAIT);
	ROW("command.options");
}


TEST(option_start_wrong, "/atransferstart with wrong options calls nobody")
{
	static const char *const v[][2] = {
		{"hold=no", "hold=no: the call is always on hold while the"
		 " target is asked"},
		{"hold=yes hold=yes", "hold= is given twice"},
		{"after=x", "x is no value of after= (keep or hangup)"},
		{"Contact=<sip:eve@h>",
		 "Contact= is a header that cannot be sent"},
		{"x", "x is not header=value"},
	};
	size_t i;

	scene();
	for (i=0; i<ARRAY_SIZE(v); i++)
		EQ_STR(F("error: %s\n", v[i][1]),
		       ctrl(t.bob, "atransferstart",
			    F("%s %s", t.carol->uri, v[i][0])).data);

	expect_none(t.alice, "*", 0);
	expect_none(t.carol, "*", 300);
	ROW("command.options");
}


TEST(option_outside, "/refersend has no options that are for a call")
{
	static const char *const v[] = {"call=1", "hold=yes", "after=keep"};
	size_t i;

	scene();
	for (i=0; i<ARRAY_SIZE(v); i++)
		EQ_STR(F("error: %.*s is for a call, and out of a dialog there"
			 " is none (sub= timeout=)\n",
			 (int)strcspn(v[i], "=") + 1, v[i]),
		       ctrl(t.bob, "refersend",
			    F("%s sip:dave@127.0.0.4 %s", t.carol->uri,
			      v[i])).data);

	expect_none(t.carol, "*", 300);
	ROW("command.options");
}


TEST(option_attended, "/atransfer: call= is the call to transfer")
{
	static const char *const v[][2] = {
		{"call=$a", "usage: /atransfer CALL CALL"},
		{"call=$a call=$a $c", "call= is given twice"},
		{"call=9 $c", "there is no call 9, see /listcalls"},
		{"$c call=$c", "a call cannot be transferred to itself"},
		{"call=$c $c", "a call cannot be transferred to itself"},
		{"$a $c call=$a", "call= stands for the first call"},
		{"call=$a $a $c", "$c is not header=value"},
	};
	struct dlg *carol;
	struct resp r;
	size_t i;

	scene();
	carol = call_in(t.carol, t.bob);
	for (i=0; i<ARRAY_SIZE(v); i++) {
		const char *prm = replaced(v[i][0], "$a", t.call->callid);

		EQ_STR(F("error: %s\n",
			 replaced(v[i][1], "$c", carol->callid)),
		       ctrl(t.bob, "atransfer",
			    replaced(prm, "$c", carol->callid)).data);
	}

	r = ctrl(t.bob, "atransfer", F("%s call=%s hold=no", carol->callid,
				       t.call->callid));
	EQ_STR(F("refer: #1 transferring alice to %s\n", t.carol->uri),
	       r.data);
	HAS(await_refer(t.call), carol->callid);
	ROW("command.options");
}


/* A call to bob, who does not answer by himself */
static struct dlg *ring(struct peer *p)
{
	struct dlg *d = dlg_new(p, t.bob->uri);

	(void)dlg_request(d, "INVITE", sdp(p));
	event(t.bob, F("CALL_INCOMING ~ %s", d->callid), WAIT);

	return d;
}


TEST(call_end, "/callend ends the call that it names, and no other",
     .secs = 3)
{
	struct dlg *carol;

	scene();
	CHECK(ctrl(t.bob, "callhold", t.call->callid).ok, "hold");
	(void)answer_hold(t.call);
	carol = call_in(t.carol, t.bob);
	EQ_STR(F("refer: call with %s ended\n", t.carol->uri),
	       ctrl(t.bob, "callend", carol->callid).data);
	peer_reply(t.carol, expect_any(t.carol, "BYE", WAIT), 200, "OK",
		   NULL);
	expect_none(t.alice, "*", 300);
	check_alive(t.call);
	EQ_STR(F("error: there is no call %s, see /listcalls\n",
		 carol->callid),
	       ctrl(t.bob, "callend", carol->callid).data);
	ROW("command.calls");
}


TEST(call_answer, "/callanswer answers the call that it names")
{
	struct dlg *first, *second;

	t.bob   = sut_start("bob", .manual = true);
	t.alice = peer_new("alice");
	t.carol = peer_new("carol");
	first   = ring(t.alice);
	second  = ring(t.carol);

	EQ_STR(F("refer: call with %s answered\n", t.alice->uri),
	       ctrl(t.bob, "callanswer", first->callid).data);
	(void)dlg_taken(first);
	expect_none(t.carol, "200 INVITE", 300);
	EQ_STR("error: the call does not wait for an answer\n",
	       ctrl(t.bob, "callanswer", first->callid).data);
	EQ_STR("error: the call is not established yet\n",
	       ctrl(t.bob, "callhold", second->callid).data);

	/* one that rings can be ended, too */
	CHECK(ctrl(t.bob, "callend", second->callid).ok, "end");
	(void)expect_any(t.carol, "486 INVITE", WAIT);
	ROW("command.calls");
}


/* The menu of 1.x takes its commands back at events that tell of no call */
TEST(call_unacked, "Answered, and the ACK is late: nothing is done, or sent")
{
	struct msg *m = call_unacked("");
	struct resp a;

	a = ctrl(t.bob, "transfer", "sip:carol@127.0.0.3 json");
	CHECK(!a.ok, "transfer");
	HAS_TEXT(a.data, "\"errno\":\"EPROTO\"");
	a = ctrl(t.bob, "callanswer", "1 json");
	CHECK(!a.ok, "callanswer");
	HAS_TEXT(a.data, "\"errno\":\"EPROTO\"");
	expect_none(t.alice, "REFER", 300);
	EQ_INT(1, event_count(t.bob, "CALL_LOCAL_SDP"));

	dlg_ack(t.call, m);
	event(t.bob, "CALL_ESTABLISHED", WAIT);
	check_alive(t.call);
	ROW("command.calls");
}


TEST(call_hold, "/callhold and /callresume, by Call-ID, while another rings")
{
	scene();
	EQ_STR(F("refer: call with %s put on hold\n", t.alice->uri),
	       ctrl(t.bob, "callhold", t.call->callid).data);
	(void)answer_hold(t.call);
	EQ_STR(F("{\"ok\":true,\"call\":\"%s\",\"peer\":\"%s\"}\n",
		 t.call->callid, t.alice->uri),
	       ctrl(t.bob, "callresume", F("%s json", t.call->callid)).data);
	answer_resume(t.call);
	check_alive(t.call);
	ROW("command.calls");
}
