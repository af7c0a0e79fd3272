/**
 * @file t_voice_ends.c  What people read at the console when a transfer ends
 *
 * Each sentence of console/voice.c about a refusal, a failure or silence, and
 * each result of syntax/people.c.
 */
#include <stdlib.h>
#include <string.h>
#include "wire.h"
#include "scene.h"


#define CAROL "sip:carol@127.0.0.3"
#define BACK "; the call with alice is back"
#define OVER "; the call with alice is over"
#define ON "; the call with alice goes on"

static unsigned number;               /* Of the transfer */


/* The whole line */
static void says(const char *text)
{
	sut_log_wait(t.bob, F("refer: #%u %s\n", number, text), WAIT);
}


/* bob transfers alice without hold; her REFER */
static struct msg *asks(const char *options)
{
	const struct resp r = ctrl(t.bob, "transfer",
				   F(CAROL " hold=no%s", options));

	++number;
	CHECK(r.ok, "%s", r.data);

	return expect_any(t.alice, "REFER", WAIT);
}


/* alice agrees */
static struct msg *agreed(const char *options, const char *more)
{
	struct msg *req = asks(options);

	peer_reply(t.alice, req, 202, "Accepted", more);

	return req;
}


static void reports(const struct msg *req, const char *frag)
{
	notify_status(t.call, req, "terminated;reason=noresource",
		      F("SIP/2.0 %s", frag));
	expect_any(t.alice, "200 NOTIFY", WAIT);
}


/** A refusal, and what is said; the rest of the sentence is the same */
static const struct {
	uint16_t scode;
	const char *text;
} refusalv[] = {
	{302, "failed: alice is at another address, which is not followed"
	 " (302 Moved Temporarily)" BACK},
	{399, "failed: alice is at another address, which is not followed"
	 " (399 Redirection)" BACK},
	{405, "failed: alice cannot be transferred (405 Method Not Allowed)"
	 BACK "; ask alice to call " CAROL},
	{501, "failed: alice cannot be transferred (501 Not Implemented)"
	 BACK "; ask alice to call " CAROL},
	{429, "failed: alice wants a signed Referred-By, which is not"
	 " supported (429 Provide Referrer Identity)" BACK
	 "; ask alice to call " CAROL},
	{400, "failed: alice refused the transfer (400 Bad Request)" BACK},
	{480, "failed: alice refused the transfer (480 Temporarily"
	 " Unavailable)" BACK},
	{603, "failed: alice refused the transfer (603 Decline)" BACK},
};


TEST(voice_refused, "A referrer's console: each way to refuse the REFER")
{
	size_t i;

	scene();
	for (i=0; i<ARRAY_SIZE(refusalv); ++i) {
		peer_reply(t.alice, asks(""), refusalv[i].scode,
			   "refer: #9 done", refusalv[i].scode < 400 ?
			   "Contact: <sip:alice@127.0.0.4>\r\n" : NULL);
		says(refusalv[i].text);
	}
	ROW("console.refused");
}


TEST(voice_on_hold, "A referrer's console: the call was on hold, and is")
{
	scene();
	CHECK(ctrl(t.bob, "callhold", t.call->callid).ok, "callhold");
	(void)answer_hold(t.call);
	peer_reply(t.alice, asks(""), 603, "Decline", NULL);
	says("failed: alice refused the transfer (603 Decline); the call with"
	     " alice is on hold");
	ROW("console.refused");
}


TEST(voice_no_outcome, "A referrer's console: no outcome, or none in time",
     .secs = 5)
{
	struct msg *req;

	scene(.config = "refer_notify_timeout 1\n");
	peer_auto(t.alice, "SUBSCRIBE");
	(void)agreed("", "Refer-Sub: false\r\n");
	says("done: alice will not report the outcome" ON);

	(void)agreed(" timeout=1", NULL);
	says("failed: no outcome in time" BACK);

	req = agreed("", F("Contact: <%s>\r\n", t.alice->uri));
	says("failed: no NOTIFY came" BACK);
	reports(req, "486 refer: #9 done");
	says("late: carol is busy (486)");

	(void)agreed("", NULL);
	CHECK(ctrl(t.bob, "refercancel", NULL).ok, "cancelled");
	says("ended: given up" BACK);
	ROW("console.referrer");
}


TEST(voice_call_ends, "A referrer's console: the call ends before the REFER")
{
	scene();
	CHECK(ctrl(t.bob, "transfer", CAROL).ok, "transfer");
	++number;
	(void)expect_any(t.alice, "INVITE ~ a=sendonly", WAIT);
	hangup(t.call);
	says("failed: \"the call has ended\"" OVER);
	ROW("console.referrer");
}


TEST(voice_unreachable, "A referrer's console: a peer that cannot be reached")
{
	scene();
	CHECK(ctrl(t.bob, "refersend", "sip:alice@127.0.0.1:9;transport=tcp "
		   CAROL).ok, "refersend");
	++number;
	says("failed: alice did not respond (503 Service Unavailable)");
	ROW("console.referrer");
}


/* The call of alice is held, and carol is asked; her call */
static struct dlg *talks(void)
{
	struct dlg *target;

	CHECK(ctrl(t.bob, "atransferstart", CAROL).ok, "atransferstart");
	++number;
	(void)answer_hold(t.call);
	target = answer(t.carol, expect_any(t.carol, "INVITE", WAIT));
	says("carol answered; /atransferexec joins the calls,"
	     " /atransferabort gives up");

	return target;
}


TEST(voice_not_joined, "Two calls that could not be joined; then carol goes")
{
	struct dlg *target;

	scene();
	target = talks();
	CHECK(ctrl(t.bob, "atransferexec", NULL).ok, "atransferexec");
	peer_reply(t.alice, await_refer(t.call), 603,
		   "x\"; refer: #9 done", NULL);
	says("the calls could not be joined: 603 \"x'; refer: #9 done\";"
	     " /atransferexec tries again, /atransferabort gives up");

	hangup(target);
	says("failed: the call with carol has ended" ON);
	ROW("console.attended");
}


TEST(voice_joining_cancelled, "/refercancel while two calls are being joined")
{
	scene();
	(void)talks();
	CHECK(ctrl(t.bob, "atransferexec", NULL).ok, "atransferexec");
	(void)await_refer(t.call);
	EQ_STR("refer: #1 cancelled\n",
	       ctrl(t.bob, "refercancel", "1").data);
	says("ended: given up" ON);
	CHECK(!strstr(proc_log(t.bob->proc), "could not be joined"), "said");
	peer_reply(t.carol, expect_any(t.carol, "BYE", WAIT), 200, "OK",
		   NULL);
	answer_resume(t.call);
	event(t.bob, "? ~ refer,referEnded,id=1 ~ outcome=cancelled", WAIT);
	ROW("console.attended command.cancel");
}


/* carol is given up while she rings, alice is referred to her */
static struct msg *joins_ringing(void)
{
	struct msg *inv;

	scene();
	CHECK(ctrl(t.bob, "atransferstart", CAROL).ok, "atransferstart");
	++number;
	(void)answer_hold(t.call);
	inv = expect(t.carol, "INVITE", WAIT);
	peer_reply(t.carol, inv, 180, "Ringing", NULL);
	event(t.bob, "CALL_RINGING", WAIT);
	CHECK(ctrl(t.bob, "atransferexec", NULL).ok, "atransferexec");
	peer_reply(t.carol, expect(t.carol, "CANCEL", WAIT), 200, "OK", NULL);
	peer_reply(t.carol, inv, 487, "Request Terminated", NULL);

	return await_refer(t.call);
}


TEST(voice_ringing_cancelled, "The same when the target rang: one end")
{
	(void)joins_ringing();
	CHECK(ctrl(t.bob, "refercancel", "1").ok, "refercancel");
	event(t.bob, "? ~ refer,referEnded,id=1 ~ outcome=cancelled", WAIT);
	says("ended: given up" ON);
	answer_resume(t.call);
	EQ_INT(0, event_count(t.bob, "? ~ refer,failed"));
	ROW("console.attended command.cancel");
}


TEST(voice_ringing_busy, "Referred while it rang: what the target answers")
{
	struct msg *req = joins_ringing();

	peer_reply(t.alice, req, 202, "Accepted", NULL);
	reports(req, "486 Busy Here");
	event(t.bob, "? ~ refer,referRejected,id=1 role=client code=486",
	      WAIT);
	event(t.bob, "? ~ refer,referEnded,id=1 role=client code=486"
	      " outcome=rejected", WAIT);
	says("failed: carol is busy (486)" ON);
	answer_resume(t.call);
	EQ_INT(0, event_count(t.bob, "? ~ refer,failed"));
	ROW("console.attended command.atransferexec");
}


TEST(voice_ringing_refused, "The same, and alice does not want to")
{
	peer_reply(t.alice, joins_ringing(), 603, "Decline", NULL);
	event(t.bob, "? ~ refer,referEnded,id=1 role=client code=603"
	      " outcome=refused", WAIT);
	says("failed: alice refused the transfer (603 Decline)" ON);
	answer_resume(t.call);
	ROW("console.attended command.atransferexec");
}


TEST(voice_not_joined_silence, "Two calls that could not be joined: no code")
{
	scene(.config = "refer_notify_timeout 1\n");
	(void)talks();
	CHECK(ctrl(t.bob, "atransferexec", NULL).ok, "atransferexec");
	peer_reply(t.alice, await_refer(t.call), 202, "Accepted", NULL);
	says("the calls could not be joined: \"no NOTIFY came\";"
	     " /atransferexec tries again, /atransferabort gives up");
	ROW("console.attended");
}


TEST(voice_left, "A consultation: alice goes while carol is talked to")
{
	scene();
	(void)talks();
	hangup(t.call);
	says("failed: the call with alice has ended");
	ROW("console.attended");
}


TEST(voice_not_called, "A consultation: there is no way to the target")
{
	scene();
	(void)ctrl(t.bob, "atransferstart",
		   "sip:carol@127.0.0.3;transport=sctp");
	++number;
	(void)answer_hold(t.call);
	says("failed: \"the target could not be called\"" ON);
	ROW("console.attended");
}


TEST(voice_consult_redirected, "The target of a consultation is elsewhere")
{
	struct peer *dave = peer_new("dave");

	scene(.config = "refer_follow_redirect yes\n");
	CHECK(ctrl(t.bob, "atransferstart", CAROL).ok, "atransferstart");
	++number;
	(void)answer_hold(t.call);
	peer_reply(t.carol, expect(t.carol, "INVITE", WAIT), 302, "Moved",
		   F("Contact: <%s>\r\n", dave->uri));
	says("redirected (302), calling sip:dave@127.0.0.4");
	(void)answer(dave, expect(dave, "INVITE", WAIT));
	says("dave answered; /atransferexec joins the calls,"
	     " /atransferabort gives up");
	ROW("console.attended");
}


TEST(voice_referee_redirected, "A referee's console: the target is elsewhere")
{
	struct peer *dave = peer_new("dave");

	scene(.config = "refer_follow_redirect yes\n");
	(void)refer_carol("");
	++number;
	peer_reply(t.carol, expect(t.carol, "INVITE", WAIT), 302, "Moved",
		   F("Contact: <%s>\r\n", dave->uri));
	says("redirected (302), calling sip:dave@127.0.0.4");
	peer_reply(dave, expect(dave, "INVITE", WAIT), 486, "Busy", NULL);
	says("failed: dave is busy (486); alice was told 486 Busy Here");
	ROW("console.referee");
}


TEST(voice_referee_manual, "A referee's console: nothing is called here",
     .secs = 4)
{
	scene(.config = "refer_policy ask\nrefer_ask_timeout 1\n");
	(void)refer_carol("");
	++number;
	event(t.bob, "? ~ refer,referRequested,id=1 ", WAIT);
	CHECK(ctrl(t.bob, "referaccept", "follow=no").ok, "referaccept");
	says("accepted, not called here; /refernotify 1 reports on " CAROL);
	CHECK(ctrl(t.bob, "refernotify", "1 404").ok, "refernotify");
	says("failed: carol does not exist (404); alice was told 404 Not"
	     " Found");

	(void)refer_carol("");
	++number;
	says("no decision in time");
	ROW("console.referee");
}


TEST(voice_referee_unloaded, "A referee's console: /rmmod while carol rings")
{
	scene();
	(void)refer_carol("");
	++number;
	(void)expect(t.carol, "INVITE", WAIT);
	CHECK(ctrl(t.bob, "rmmod", "refer").ok, "rmmod");
	says("ended: module is unloaded");
	ROW("console.referee");
}


TEST(voice_not_replaced, "A call in place of another is given up")
{
	struct dlg *d;

	t.bob   = sut_start("bob", .manual = true,
			    .config = "refer_replaces ask\n");
	t.alice = peer_new("alice");
	t.carol = peer_new("carol");
	t.call  = call_out(t.bob, t.alice);
	d = dlg_new(t.carol, t.bob->uri);
	(void)dlg_request(d, "INVITE", F("%s%s", replaces(t.call),
					 sdp(t.carol)));
	expect(t.carol, "180 INVITE", WAIT);
	++number;
	says("carol calls in place of alice");
	(void)ctrl(t.bob, "callend", d->callid);
	says("failed: no call with carol" ON);
	ROW("console.target");
}


/** What the target answers, and what is said of it */
static const struct {
	const char *status;
	const char *text;
} resultv[] = {
	{"401 Unauthorized", "wants a password (401)"},
	{"403 Forbidden", "may not be called (403)"},
	{"404 Not Found", "does not exist (404)"},
	{"407 Proxy Authentication Required", "wants a password (407)"},
	{"408 Request Timeout", "did not answer (408)"},
	{"410 Gone", "does not exist any more (410)"},
	{"480 Temporarily Unavailable", "is not available (480)"},
	{"484 Address Incomplete",
	 "does not exist: the number is not complete (484)"},
	{"486 Busy Here", "is busy (486)"},
	{"487 Request Terminated",
	 "did not answer before the call was given up (487)"},
	{"503 Service Unavailable", "cannot be reached (503)"},
	{"504 Server Time-out", "cannot be reached (504)"},
	{"600 Busy Everywhere", "is busy (600)"},
	{"603 Decline", "declined (603)"},
	{"604 Does Not Exist Anywhere", "does not exist (604)"},
	{"488 refer: #9 done",
	 "did not take the call (488 Not Acceptable Here)"},
	{"302 Moved", "did not take the call (302 Moved Temporarily)"},
};


TEST(voice_results, "What became of the target, for each status code")
{
	size_t i;

	scene();
	for (i=0; i<ARRAY_SIZE(resultv); ++i) {
		reports(agreed("", NULL), resultv[i].status);
		says(F("failed: carol %s" BACK, resultv[i].text));
	}
	ROW("console.results");
}
