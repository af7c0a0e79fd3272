/**
 * @file t_transfer_cmd.c  What can be said to /transfer, and what it tells
 */
#include <string.h>
#include "wire.h"
#include "scene.h"


static void refuse(struct msg *req, uint16_t code)
{
	peer_reply(t.alice, req, code, "As Told", NULL);
}


static void ended(unsigned id, const char *text)
{
	event(t.bob, F("? ~ refer,referEnded,id=%u role=client %s", id, text),
	      WAIT);
}


TEST(transfer_headers, "/transfer with headers of one's own")
{
	struct msg *req;

	scene();
	req = transfer("carol@127.0.0.3 Subject=\"to the office\" X-A=1=2"
		       "  Referred-By=<sip:boss@127.0.0.8>");
	EQ_STR("<sip:carol@127.0.0.3>", hdr(req, "Refer-To"));
	EQ_STR("to the office", hdr(req, "Subject"));
	EQ_STR("1=2", hdr(req, "X-A"));
	EQ_INT(1, hdr_count(req, "Referred-By"));
	EQ_STR("<sip:boss@127.0.0.8>", hdr(req, "Referred-By"));
	EQ_INT(1, hdr_count(req, "Contact"));
	refuse(req, 603);
	ended(1, "code=603");
	answer_resume(t.call);
	ROW("R04 command.transfer-headers");
}


/* Each form of a target, and what is sent */
TEST(transfer_targets, "/transfer takes URIs, name-addrs, users, with blanks")
{
	static const char *const v[][2] = {
		{"carol", "<sip:carol@127.0.0.2>"},
		{"  carol@127.0.0.3  ", "<sip:carol@127.0.0.3>"},
		{"\"Carol C. <x>\" <sip:carol@127.0.0.3>",
		 "<sip:carol@127.0.0.3>"},
		{"Carol C. <sip:carol@127.0.0.3;a=b>",
		 "<sip:carol@127.0.0.3;a=b>"},
		{"sips:carol@127.0.0.3", "<sips:carol@127.0.0.3>"},
		{"sip:carol@127.0.0.3;transport=tcp?X=1,2",
		 "<sip:carol@127.0.0.3;transport=tcp?X=1,2>"},
		{"sip:carol@127.0.0.3;a=b Referred-By=<sip:x@127.0.0.8>",
		 "<sip:carol@127.0.0.3;a=b>"},
		{"carol;a=b", "<sip:carol@127.0.0.2;a=b>"},
	};
	unsigned i;

	scene();
	for (i=0; i<ARRAY_SIZE(v); i++) {
		struct msg *req = transfer(v[i][0]);

		EQ_STR(v[i][1], hdr(req, "Refer-To"));
		refuse(req, 603);
		ended(i + 1, "code=603 outcome=refused");
		answer_resume(t.call);
	}
	ROW("R03 command.transfer");
}


#define TWICE "Referred-By= or Refer-Sub= is given twice, or uri. with a"   \
	" tel: target"
#define NO_OPTION " is no option (call= sub= hold= after= timeout=);"	   \
	" a header begins with a capital letter"


TEST(transfer_not_understood, "/transfer with what it does not understand")
{
	static const char *const v[][2] = {
		{"carol now", "now is not header=value"},
		{"carol =x", "=x is not header=value"},
		{"carol X=1 to go", "to is not header=value"},
		{"carol Refer-To=<sip:eve@127.0.0.9>",
		 "Refer-To= is a header that cannot be sent"},
		{"carol Contact=<sip:eve@127.0.0.9>",
		 "Contact= is a header that cannot be sent"},
		{"carol M=<sip:eve@127.0.0.9>",
		 "M= is a header that cannot be sent"},
		{"carol m=<sip:eve@127.0.0.9>", "m=" NO_OPTION},
		{"carol holt=no", "holt=" NO_OPTION},
		{"carol hold=no holt=no", "holt=" NO_OPTION},
		{"carol hold=maybe",
		 "maybe is no value of hold= (yes or no)"},
		{"carol after=", " is no value of after= (keep or hangup)"},
		{"carol timeout=0",
		 "0 is no value of timeout= (1 to 86400 s)"},
		{"carol timeout=86401",
		 "86401 is no value of timeout= (1 to 86400 s)"},
		{"carol timeout=5 timeout=6", "timeout= is given twice"},
		{"carol X=1\r\nX-Evil=2",
		 "X= is a header that cannot be sent"},
		{"carol sub=perhaps",
		 "perhaps is no value of sub= (yes or no)"},
		{"call=nosuch carol",
		 "there is no call nosuch, see /listcalls"},
		{"call=7 carol", "there is no call 7, see /listcalls"},
		{"call=1", "the target is no SIP address"},
		{"sub=no", "the target must come before the options"},
		{"carol B=<sip:a@h> Referred-By=<sip:c@h>", TWICE},
		{"carol sub=no Refer-Sub=true", TWICE},
		{"sip:carol@127.0.0.3 dave <sip:eve@127.0.0.9>",
		 "dave is not header=value"},
	};
	size_t i;

	scene();
	for (i=0; i<ARRAY_SIZE(v); i++) {
		struct resp r = ctrl(t.bob, "transfer", v[i][0]);

		CHECK(!r.ok, "%s", v[i][0]);
		EQ_STR(F("error: %s\n", v[i][1]), r.data);
	}

	expect_none(t.alice, "*", 0);
	check_alive(t.call);
	EQ_INT(0, event_count(t.bob, "? ~ refer,"));
	ROW("command.transfer-headers");
}


TEST(transfer_call, "/transfer call=: by Call-ID, and by line")
{
	struct peer *dave;
	struct msg *req;
	struct dlg *d;

	scene();
	dave = peer_new("dave");
	d = call_in(dave, t.bob);

	req = transfer(F("call=%s sip:carol@127.0.0.3", t.call->callid));
	refuse(req, 603);
	ended(1, F("code=603 outcome=refused call=%s", t.call->callid));
	answer_resume(t.call);

	req = transfer("call=1 sip:carol@127.0.0.3");
	refuse(req, 603);
	ended(2, "code=603");
	answer_resume(t.call);

	CHECK(ctrl(t.bob, "transfer", "call=2 sip:carol@127.0.0.3").ok,
	      "transfer");
	(void)answer_hold(d);
	req = expect_any(dave, "REFER", WAIT);
	peer_reply(dave, req, 603, "Decline", NULL);
	ended(3, F("code=603 outcome=refused call=%s", d->callid));
	answer_resume(d);
	expect_none(t.alice, "REFER", 0);
	ROW("command.transfer-call");
}


TEST(transfer_420, "420: the REFER is sent again without its Require")
{
	struct msg *req, *again;

	scene();
	req = transfer("carol Require=tcap,replaces X-A=1");
	EQ_STR("tcap,replaces", hdr(req, "Require"));
	peer_reply(t.alice, req, 420, "Bad Extension",
		   "Unsupported: tcap\r\n");
	again = expect(t.alice, "REFER", WAIT);
	EQ_INT(0, hdr_count(again, "Require"));
	EQ_STR("1", hdr(again, "X-A"));
	EQ_STR(hdr(req, "Refer-To"), hdr(again, "Refer-To"));
	refuse(again, 420);
	ended(1, "code=420 outcome=refused");
	expect_none(t.alice, "REFER", 300);
	answer_resume(t.call);
	ROW("R22");
}


TEST(transfer_hints, "405, 501, 429: the event says what can be done")
{
	static const struct {
		uint16_t code;
		const char *hint;
		const char *row;
	} v[] = {
		{405, "(it cannot be referred; ask it to call the target)",
		 "R21"},
		{501, "(it cannot be referred; ask it to call the target)",
		 "R21"},
		{429, "(it wants a signed Referred-By, which is not"
		 " supported)", "R27"},
	};
	unsigned i;

	scene();
	for (i=0; i<ARRAY_SIZE(v); i++) {
		refuse(transfer("carol"), v[i].code);
		event(t.bob, F("? ~ refer,referRequestRejected,id=%u"
			       " role=client code=%u ~ reason=As Told %s",
			       i + 1, v[i].code, v[i].hint), WAIT);
		ended(i + 1, F("code=%u outcome=refused", v[i].code));
		answer_resume(t.call);
		ROW(v[i].row);
	}
}


TEST(transfer_nosub, "sub=no in a call: Refer-Sub: false, granted or not")
{
	struct msg *req;

	scene();
	req = transfer("carol sub=no");
	EQ_STR("false", hdr(req, "Refer-Sub"));
	EQ_INT(0, hdr_count(req, "Require"));
	peer_reply(t.alice, req, 200, "OK", "Refer-Sub: false\r\n");
	ended(1, "code=200 outcome=unknown");
	answer_resume(t.call);
	check_alive(t.call);
	ROW("R24 transfer.nosub");

	/* not granted: there are NOTIFYs then */
	req = transfer("carol sub=no");
	peer_reply(t.alice, req, 202, "Accepted", NULL);
	notify_status(t.call, req, "terminated;reason=noresource",
		      "SIP/2.0 200 OK");
	expect(t.alice, "200 NOTIFY", WAIT);
	peer_reply(t.alice, expect(t.alice, "BYE", WAIT), 200, "OK", NULL);
	ended(2, "code=200 outcome=accepted");
	ROW("R24 transfer.nosub");
}


TEST(transfer_early, "A call that only rings is not replaced by the target")
{
	struct msg *inv;
	struct resp r;

	scene();
	CHECK(ctrl(t.bob, "dial", t.carol->uri).ok, "dial");
	inv = expect(t.carol, "INVITE", WAIT);
	peer_reply(t.carol, inv, 180, "Ringing", NULL);
	event(t.bob, "CALL_RINGING", WAIT);

	r = ctrl(t.bob, "transfer",
		 F("call=%s sip:carol@127.0.0.3?Replaces=%s%%3Bto-tag%%3D%s"
		   "%%3Bfrom-tag%%3D%s", t.call->callid, hdr(inv, "Call-ID"),
		   inv->tag, hdr_param(inv, "From", "tag")));
	CHECK(!r.ok, "%s", r.data);
	EQ_STR("error: the call that the target replaces is not established"
	       " yet\n", r.data);
	expect_none(t.alice, "REFER", 300);
	ROW("R20");
}


TEST(transfer_again, "After a failure it can be tried again, ten times")
{
	unsigned i;

	scene();
	for (i=0; i<10; i++) {
		refuse(transfer("carol"), 486);
		ended(i + 1, "code=486 outcome=refused");
		answer_resume(t.call);
	}
	check_alive(t.call);
	ROW("transfer.again");
}
