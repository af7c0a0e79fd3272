/**
 * @file t_voice.c  What people read at the console about transfers
 *
 * A sentence for each step, with names, which others choose: none can look
 * like a sentence.
 */
#include <stdlib.h>
#include <string.h>
#include "wire.h"
#include "scene.h"


/* The module's lines about transfers so far */
static const char *voice(void)
{
	const char *line = proc_log(t.bob->proc), *all = "";

	/* not what baresip itself says of a reason */
	for (; (line = strstr(line, "refer: ")); ++line) {
		const size_t n = strcspn(line, "\r\n\x1b");
		const char *s = keep(line, n);

		if (strncmp(line - 4, "486 ", 4) &&
		    (s[7] == '#' || strstr(s, " asks you to ")))
			all = F("%s%s\n", all, s);
	}

	return all;
}


/* All of them, once the last one is there */
static void said(const char *text)
{
	const char *last = keep(text, strlen(text) - 1);

	if (strrchr(last, '\n'))
		last = strrchr(last, '\n') + 1;

	sut_log_wait(t.bob, last, WAIT);
	EQ_STR(text, voice());
}


static void ended(unsigned id)
{
	event(t.bob, F("? ~ refer,referEnded,id=%u ", id), WAIT);
}


static void status(struct msg *req, const char *frag)
{
	notify_status(t.call, req, atoi(frag) < 200 ? "active;expires=60"
		      : "terminated;reason=noresource",
		      F("SIP/2.0 %s", frag));
	expect_any(t.alice, "200 NOTIFY", WAIT);
}


static void accept_refer(struct msg *req)
{
	peer_reply(t.alice, req, 202, "Accepted", NULL);
	event(t.bob, "? ~ refer,referRequestAccepted", WAIT);
}


TEST(voice_referee, "A referee's console: two lines, whatever rings between")
{
	struct msg *inv;

	scene();
	(void)refer_carol("");
	inv = expect(t.carol, "INVITE", WAIT);
	peer_reply(t.carol, inv, 180, "Ringing", NULL);
	peer_reply(t.carol, inv, 183, "Session Progress", NULL);
	(void)answer(t.carol, inv);
	ended(1);
	said("refer: #1 calling sip:carol@127.0.0.3 for alice\n"
	     "refer: #1 done: carol answered; alice was told 200 OK\n");
	ROW("console.referee");
}


TEST(voice_referee_busy, "A referee's console: the target is busy")
{
	scene();
	(void)refer_carol("");
	peer_reply(t.carol, expect(t.carol, "INVITE", WAIT), 486,
		   "refer: #9 done: carol answered", NULL);
	ended(1);
	said("refer: #1 calling sip:carol@127.0.0.3 for alice\n"
	     "refer: #1 failed: carol is busy (486); alice was told 486 Busy"
	     " Here\n");
	CHECK(!strstr(ctrl(t.bob, "referinfo", "1").data, "\ntold"), "told");
	ROW("console.referee");
}


TEST(voice_nosub, "A referrer that wants no report is not said to have one")
{
	scene();
	(void)refer_carol("Refer-Sub: false\r\n");
	(void)answer(t.carol, expect(t.carol, "INVITE", WAIT));
	ended(1);
	said("refer: #1 calling sip:carol@127.0.0.3 for alice\n"
	     "refer: #1 done: carol answered; alice was not told\n");
	ROW("console.referee");
}


TEST(voice_referrer, "A referrer's console: the answer, and two lines")
{
	struct msg *req;
	struct resp r;

	scene();
	r = ctrl(t.bob, "transfer", "sip:carol@127.0.0.3");
	EQ_STR("refer: #1 transferring alice to sip:carol@127.0.0.3\n",
	       r.data);
	(void)answer_hold(t.call);
	req = expect_any(t.alice, "REFER", WAIT);
	accept_refer(req);
	status(req, "100 Trying");
	status(req, "180 Ringing");
	status(req, "183 Session Progress");
	status(req, "200 Answering");
	ended(1);
	said("refer: #1 alice accepted the transfer to sip:carol@127.0.0.3\n"
	     "refer: #1 done: carol answered; the call with alice is over\n");
	ROW("console.referrer");
}


TEST(voice_referrer_fails, "A referrer's console: what failed, and the call")
{
	struct msg *req;

	scene();
	req = transfer("carol");
	accept_refer(req);
	status(req, "486 refer: #9 done: carol answered");
	ended(1);
	answer_resume(t.call);
	said("refer: #1 alice accepted the transfer to sip:carol@127.0.0.2\n"
	     "refer: #1 failed: carol is busy (486); the call with alice is"
	     " back\n");

	peer_reply(t.alice, transfer("carol"), 405, "No", NULL);
	ended(2);
	answer_resume(t.call);
	sut_log_wait(t.bob, "refer: #2 failed: alice cannot be transferred"
		     " (405 Method Not Allowed); the call with alice is back;"
		     " ask alice to call sip:carol@127.0.0.2", WAIT);
	ROW("console.referrer");
}


TEST(voice_attended, "The target of an attended transfer, without Replaces")
{
	struct msg *req;
	struct dlg *target;

	scene();
	target = call_in(t.carol, t.bob);
	EQ_STR("refer: #1 transferring alice to sip:carol@127.0.0.3\n",
	       ctrl(t.bob, "atransfer", "1 2").data);
	req = await_refer(t.call);
	HAS(req, "Replaces=");
	accept_refer(req);
	status(req, "200 OK");
	hangup(target);
	ended(1);
	said("refer: #1 alice accepted the transfer to sip:carol@127.0.0.3\n"
	     "refer: #1 done: carol answered; the call with alice is over\n");
	CHECK(!strstr(proc_log(t.bob->proc), "Replaces"), "a Replaces");
	ROW("console.attended");
}


TEST(voice_consult, "Asking the target: who answered, and what to type")
{
	struct msg *req;
	struct dlg *target;

	scene();
	EQ_STR("refer: #1 calling sip:carol@127.0.0.3, alice is put on hold\n",
	       ctrl(t.bob, "atransferstart", "sip:carol@127.0.0.3").data);
	(void)answer_hold(t.call);
	target = answer(t.carol, expect(t.carol, "INVITE", WAIT));
	sut_log_wait(t.bob, "refer: #1 carol answered; /atransferexec joins"
		     " the calls, /atransferabort gives up", WAIT);
	EQ_STR("refer: #1 joining the two\n",
	       ctrl(t.bob, "atransferexec", NULL).data);
	req = await_refer(t.call);
	accept_refer(req);
	status(req, "200 OK");
	hangup(target);
	ended(1);
	said("refer: #1 carol answered; /atransferexec joins the calls,"
	     " /atransferabort gives up\n"
	     "refer: #1 alice accepted the transfer to sip:carol@127.0.0.3\n"
	     "refer: #1 done: carol answered; the call with alice is over\n");
	ROW("console.attended");
}


TEST(voice_consult_busy, "Asking the target, which is busy: said once")
{
	scene();
	(void)ctrl(t.bob, "atransferstart", "sip:carol@127.0.0.3");
	(void)answer_hold(t.call);
	peer_reply(t.carol, expect(t.carol, "INVITE", WAIT), 486, "Busy Here",
		   NULL);
	ended(1);
	answer_resume(t.call);
	said("refer: #1 failed: carol is busy (486); the call with alice goes"
	     " on\n");
	ROW("console.attended");
}


TEST(voice_replaced, "A call takes the place of another one: who calls")
{
	struct dlg *d;

	scene();
	d = call_replacing(t.carol, t.call);
	expect(t.alice, "BYE", WAIT);
	ended(1);
	said("refer: #1 carol calls in place of alice\n"
	     "refer: #1 done: the call with carol goes on\n");
	hangup(d);
	ROW("console.target");
}


TEST(voice_ask, "ask: who asks, what to type, and for how long")
{
	scene(.config = "refer_policy ask\nrefer_ask_timeout 90\n");
	(void)refer_carol("");
	said("refer: alice asks you to call sip:carol@127.0.0.3"
	     "  (/referaccept 1, /referreject 1; 90 s)\n");
	CHECK(ctrl(t.bob, "referreject", "1").ok, "rejected");
	said("refer: alice asks you to call sip:carol@127.0.0.3"
	     "  (/referaccept 1, /referreject 1; 90 s)\n"
	     "refer: #1 refused; alice was told 480 Temporarily"
	     " Unavailable\n");
	ROW("console.ask");
}


TEST(voice_ask_application, "No person is asked what an application decides")
{
	scene(.app = "handlers.so", .config = "refer_policy ask\n");
	(void)ctrl(t.bob, "appadd", "one wait");
	(void)refer_carol("");
	event(t.bob, "? ~ refer,referRequested,id=1", WAIT);
	CHECK(ctrl(t.bob, "referlist", NULL).ok, "alive");
	EQ_STR("", voice());
	ROW("console.ask");
}


#define PLAYS "tone: plays on 'bell'"
#define TONE "audio_alert tone,bell\nrefer_policy ask\nrefer_rate 0\n"


/* A REFER that waits; it is refused when that is logged */
static void asked(unsigned id)
{
	(void)refer(F("<%s>", t.carol->uri), "");
	sut_log_wait(t.bob, F("(/referaccept %u, ", id), WAIT);
}


TEST(voice_sound, "ask plays the tone that the menu has for messages")
{
	scene(.app = "tone.so", .config = TONE);
	asked(1);
	sut_log_wait(t.bob, PLAYS, WAIT);
	asked(2);
	CHECK(!strstr(strstr(proc_log(t.bob->proc), PLAYS) + 1, PLAYS),
	      "two at a time");
	(void)ctrl(t.bob, "rmmod", "refer");
	sut_log_wait(t.bob, "tone: stops on 'bell'", WAIT);
	ROW("setting.ask-sound");
}


TEST(voice_sound_none, "refer_ask_sound none, or no such file: it asks on")
{
	scene(.app = "tone.so", .config = TONE "refer_ask_sound none\n");
	asked(1);
	mend("refer_ask_sound none", "refer_ask_sound nosuch.wav");
	CHECK(ctrl(t.bob, "referreload", NULL).ok, "reload");
	asked(2);
	CHECK(!strstr(proc_log(t.bob->proc), PLAYS), "a sound");
	mend("refer_ask_sound nosuch.wav", "refer_ask_sound ring.wav");
	CHECK(ctrl(t.bob, "referreload", NULL).ok, "reload");
	asked(3);
	sut_log_wait(t.bob, PLAYS, WAIT);
	ROW("setting.ask-sound");
}


TEST(voice_events, "The events are in the log at debug only")
{
	scene();
	(void)refer_carol("");
	(void)answer(t.carol, expect(t.carol, "INVITE", WAIT));
	ended(1);
	sut_log_wait(t.bob, "done: carol answered", WAIT);
	CHECK(!strstr(proc_log(t.bob->proc), "referEnded"), "an event");
	ROW("console.referee");
}


/* A name, how it is shown; others choose it. The peer puts it into quotes */
static const char *const namev[][2] = {
	{"bob", "bob"},
	{"Alice Smith", "\"Alice Smith\""},
	{"", "alice"},
	{"   ", "alice"},
	{"refer: #9 done", "\"refer: #9 done\""},
	{"#9", "\"#9\""},
	{"a asks you to call sip:b@c", "\"a asks you to call sip:b@c\""},
	{"boss\xe2\x80\x9d asks you to call b",
	 "\"boss' asks you to call b\""},
	{"boss\xef\xbc\x82 asks", "\"boss' asks\""},
	{"\x1b[2Jx", "\" [2Jx\""},
	{"x\x07y", "\"x y\""},
	{"x\xc2\x9by", "\"x y\""},
	{"x\xe2\x80\xaey", "\"x y\""},
	{"x\xe2\x80\xa8y", "\"x y\""},
	{"x\xffy", "\"x?y\""},
	{"%s%n%r%H", "\"%s%n%r%H\""},
	{"$p$k", "\"$p$k\""},
	{"Zo\xc3\xab", "\"Zo\xc3\xab\""},
	{"a(/referaccept 2, x)", "\"a(/referaccept 2, x)\""},
	{"01234567890123456789012345678901",
	 "01234567890123456789012345678901"},
	{"012345678901234567890123456789012",
	 "\"01234567890123456789012345678901..\""},
	{"0123456789012345678901234567890\xc3\xab",
	 "\"0123456789012345678901234567890..\""},
};


TEST(voice_names, "No display name looks like a part of a sentence")
{
	size_t i;

	t.bob   = sut_start("bob",
			    .config = "refer_policy ask\nrefer_rate 0\n");
	t.alice = peer_new("alice");
	t.carol = peer_new("carol");
	peer_auto(t.alice, "NOTIFY");

	for (i=0; i<ARRAY_SIZE(namev); i++) {
		t.alice->display = namev[i][0];
		t.call = call_in(t.alice, t.bob);
		(void)refer(F("<%s>", t.carol->uri), "");
		sut_log_wait(t.bob, F("refer: %s asks you to call"
				      " sip:carol@127.0.0.3  (/referaccept"
				      " %zu,", namev[i][1], i + 1), WAIT);
		CHECK(ctrl(t.bob, "referreject", NULL).ok, "rejected");
		expect(t.alice, "480 REFER", WAIT);
		hangup(t.call);
		peer_flush(t.alice);
	}

	CHECK(!strchr(voice(), 0x1b), "an ESC");
	ROW("console.names");
}
