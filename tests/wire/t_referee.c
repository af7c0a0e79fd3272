/**
 * @file t_referee.c  bob is referred: RFC 3515 section 2.4, the straight path
 */
#include <stdlib.h>
#include <string.h>
#include "wire.h"
#include "scene.h"


static uint32_t substate_expires(struct msg *n)
{
	const char *val = hdr_param(n, "Subscription-State", "expires");

	return val ? (uint32_t)atoi(val) : 0;
}


TEST(blind_200, "Blind transfer: 202, NOTIFY 100, INVITE, NOTIFY 200")
{
	struct msg *req, *m, *n, *inv;
	struct dlg *d;

	scene();
	req = refer_carol("");

	m = expect(t.alice, "202 REFER", WAIT);
	EQ_INT(1, hdr_count(m, "Contact"));
	EQ_STR(t.call->rtag, hdr_param(m, "To", "tag"));
	CHECK(atoi(hdr(m, "Expires")) > 120, "the call may ring for 120 s");
	ROW("R45 refer.accept");

	n = expect(t.alice, "NOTIFY", WAIT);
	check_notify(n, req, "active;expires=", "SIP/2.0 100 Trying");
	CHECK(substate_expires(n) > 120, "is %u", substate_expires(n));
	CHECK(n->time - m->time < 500, "%u ms later",
	      (unsigned)(n->time - m->time));
	ROW("R32 R33 R40 R41 R42");

	inv = expect(t.carol, "INVITE", WAIT);
	EQ_STR(t.carol->uri, ruri(inv));
	EQ_STR(F("<%s>", t.carol->uri), hdr(inv, "To"));
	CHECK(strcmp(t.call->callid, hdr(inv, "Call-ID")), "must be new");
	HAS(inv, "a=sendrecv");
	HASNT(inv, "\r\nReplaces:");
	ROW("R35 R62");

	d = answer(t.carol, inv);
	n = expect(t.alice, "NOTIFY", WAIT);
	check_notify(n, req, "terminated;reason=noresource",
		     "SIP/2.0 200 OK");
	ROW("sipjs.07 sipjs.30 R43 transfer.final");

	hangup(t.call);
	check_alive(d);
}


TEST(busy_486, "The target is busy: the referrer is told, the call stays")
{
	struct msg *req, *n, *inv;

	scene();
	req = refer_carol("");
	expect(t.alice, "202 REFER", WAIT);
	expect(t.alice, "NOTIFY ~ SIP/2.0 100", WAIT);

	inv = expect(t.carol, "INVITE", WAIT);
	peer_reply(t.carol, inv, 486, "Busy Here",
		   "Server: secret/1.0\r\n"
		   "Contact: <sip:hidden@127.9.9.9>\r\n");
	n = expect(t.alice, "NOTIFY", WAIT);
	check_notify(n, req, "terminated;reason=noresource",
		     "SIP/2.0 486 Busy Here");
	HASNT(n, "secret");
	HASNT(n, "hidden");
	ROW("sipjs.03 sipjs.39 R43 R61 transfer.final");

	check_alive(t.call);
}


TEST(target_codes, "Each final code of the target is reported as it came")
{
	static const struct {
		uint16_t code;
		const char *reason;
	} v[] = {
		{603, "Decline"}, {404, "Nobody of that name"},
		{500, "100% broken"}, {699, "Odd"},
	};
	size_t i;

	scene();
	peer_auto(t.alice, "NOTIFY");

	for (i=0; i<ARRAY_SIZE(v); i++) {

		struct msg *req = refer(F("<%s>", t.carol->uri), "");
		struct msg *n;

		expect_any(t.alice, "202 REFER", WAIT);
		peer_reply(t.carol, expect(t.carol, "INVITE", WAIT),
			   v[i].code, v[i].reason, NULL);
		n = expect_any(t.alice, "NOTIFY ~ terminated", WAIT);
		check_notify(n, req, "terminated;reason=noresource",
			     F("SIP/2.0 %u %s", v[i].code, v[i].reason));
		ROW("transfer.final");
	}

	check_alive(t.call);
}


TEST(ringing_200, "The target rings: NOTIFY 180, one a second, then 200")
{
	struct msg *req, *n, *last, *inv;

	scene();
	req = refer_carol("");
	expect(t.alice, "202 REFER", WAIT);
	last = expect(t.alice, "NOTIFY ~ SIP/2.0 100", WAIT);

	inv = expect(t.carol, "INVITE", WAIT);
	peer_reply(t.carol, inv, 180, "Ringing", NULL);
	n = expect(t.alice, "NOTIFY", WAIT);
	check_notify(n, req, "active;expires=", "SIP/2.0 180 Ringing");
	CHECK(n->time - last->time >= 990, "only %u ms later",
	      (unsigned)(n->time - last->time));
	ROW("R46 transfer.progress");

	/* the newest of those that wait wins, and a repeated one is none */
	last = n;
	peer_reply(t.carol, inv, 180, "Ringing", NULL);
	peer_reply(t.carol, inv, 182, "Queued", NULL);
	peer_reply(t.carol, inv, 183, "Session Progress", NULL);
	n = expect(t.alice, "NOTIFY", WAIT);
	check_notify(n, req, "active;expires=",
		     "SIP/2.0 183 Session Progress");
	CHECK(n->time - last->time >= 990, "only %u ms later",
	      (unsigned)(n->time - last->time));
	ROW("R46 transfer.progress");

	/* the final one does not wait */
	last = n;
	(void)answer(t.carol, inv);
	n = expect(t.alice, "NOTIFY", WAIT);
	check_notify(n, req, "terminated;reason=noresource",
		     "SIP/2.0 200 OK");
	CHECK(n->time - last->time < 900, "after %u ms",
	      (unsigned)(n->time - last->time));
	ROW("R43 transfer.final");
}


TEST(retransmitted, "A retransmitted REFER is answered again, one INVITE")
{
	struct msg *req, *first;

	scene();
	req = refer_carol("");
	first = expect(t.alice, "202 REFER", WAIT);
	expect(t.alice, "NOTIFY ~ SIP/2.0 100", WAIT);
	(void)answer(t.carol, expect(t.carol, "INVITE", WAIT));
	expect(t.alice, "NOTIFY ~ SIP/2.0 200", WAIT);

	(void)peer_resend(t.alice, req);
	expect_again(t.alice, first, WAIT);
	check_alive(t.call);
	expect_none(t.carol, "INVITE", 0);
	expect_none(t.alice, "NOTIFY", 0);
	ROW("sipjs.16 transfer.retransmission");
}


TEST(merged, "The same REFER over another way gets 482, one INVITE")
{
	struct msg *req, *m;

	scene();
	req = refer_carol("");
	expect(t.alice, "202 REFER", WAIT);
	m = expect(t.carol, "INVITE", WAIT);

	(void)dlg_request_cseq(t.call, "REFER", req->sip->cseq.num,
			       F("Refer-To: <%s>\r\n", t.carol->uri));
	expect_any(t.alice, "482 REFER", WAIT);
	(void)answer(t.carol, m);
	expect_any(t.alice, "NOTIFY ~ SIP/2.0 200", WAIT);
	expect_none(t.carol, "INVITE", 0);
	check_alive(t.call);
	ROW("sipjs.10 refer.merged");
}


TEST(two_at_once, "Two REFERs at once are told apart by their id")
{
	struct msg *req1, *req2, *inv1, *inv2, *n;

	scene();
	peer_auto(t.alice, "NOTIFY");

	req1 = refer("<sip:one@127.0.0.3>", "");
	req2 = refer("<sip:two@127.0.0.3>", "");
	expect_any(t.alice, F("202 REFER ~ CSeq: %u ", req1->sip->cseq.num),
		   WAIT);
	expect_any(t.alice, F("202 REFER ~ CSeq: %u ", req2->sip->cseq.num),
		   WAIT);

	inv1 = expect_any(t.carol, "INVITE ~ INVITE sip:one", WAIT);
	inv2 = expect_any(t.carol, "INVITE ~ INVITE sip:two", WAIT);
	peer_reply(t.carol, inv1, 486, "Busy Here", NULL);
	(void)answer(t.carol, inv2);

	n = expect_any(t.alice, "NOTIFY ~ SIP/2.0 486", WAIT);
	check_notify(n, req1, "terminated;", "SIP/2.0 486 Busy Here");
	n = expect_any(t.alice, "NOTIFY ~ SIP/2.0 200", WAIT);
	check_notify(n, req2, "terminated;", "SIP/2.0 200 OK");
	ROW("sipjs.51 R39 refer.several");

	check_alive(t.call);
}


TEST(subscription_outlives, "refer_expires under refer_ring_timeout is raised",
     .secs = 4)
{
	struct msg *m, *inv;

	scene(.config = "refer_expires 1\nrefer_ring_timeout 5\n");
	refer_carol("");
	m = expect(t.alice, "202 REFER", WAIT);
	CHECK(atoi(hdr(m, "Expires")) > 5, "is %s", hdr(m, "Expires"));

	inv = expect(t.carol, "INVITE", WAIT);
	peer_reply(t.carol, inv, 180, "Ringing", NULL);

	/* longer than refer_expires, which must not end it */
	expect_none(t.alice, "NOTIFY ~ terminated", 2000);
	(void)answer(t.carol, inv);
	expect_any(t.alice, "NOTIFY ~ SIP/2.0 200 ~ reason=noresource", WAIT);
	ROW("R45 setting.expires");
}


TEST(ring_timeout, "Nobody answers: CANCEL, NOTIFY 408, the call stays",
     .secs = 3)
{
	struct msg *req, *n, *inv;

	scene(.config = "refer_ring_timeout 1\n");
	req = refer_carol("");
	inv = expect(t.carol, "INVITE", WAIT);
	peer_reply(t.carol, inv, 180, "Ringing", NULL);

	peer_reply(t.carol, expect(t.carol, "CANCEL", WAIT), 200, "OK", NULL);
	peer_reply(t.carol, inv, 487, "Request Terminated", NULL);
	n = expect_any(t.alice, "NOTIFY ~ terminated", WAIT);
	check_notify(n, req, "terminated;reason=noresource",
		     "SIP/2.0 408 Request Timeout");
	ROW("transfer.ring-timeout");

	check_alive(t.call);
}


TEST(unsubscribe, "SUBSCRIBE with Expires 0 ends the NOTIFYs, not the call")
{
	struct msg *req, *n, *inv;

	scene();
	req = refer_carol("");
	inv = expect(t.carol, "INVITE", WAIT);
	peer_reply(t.carol, inv, 180, "Ringing", NULL);
	expect_any(t.alice, "NOTIFY ~ SIP/2.0 100", WAIT);
	expect_any(t.alice, "NOTIFY ~ SIP/2.0 180", WAIT);

	(void)dlg_request(t.call, "SUBSCRIBE", F("Event: refer;id=%u\r\n"
						 "Expires: 0\r\n",
						 req->sip->cseq.num));
	n = expect_any(t.alice, "200 SUBSCRIBE", WAIT);
	EQ_STR("0", hdr(n, "Expires"));
	n = expect_any(t.alice, "NOTIFY ~ terminated", WAIT);
	check_notify(n, req, "terminated;reason=timeout",
		     "SIP/2.0 180 Ringing");

	check_alive(answer(t.carol, inv));
	expect_none(t.carol, "CANCEL", 0);
	expect_none(t.alice, "NOTIFY", 0);
	ROW("R47");
}


TEST(replaces_crlf, "CR and LF escaped in Replaces add no header: 400")
{
	scene();

	refer(F("<%s?Replaces=a%%3Bto-tag%%3D1%%3Bfrom-tag%%3D2"
		"%%0d%%0aX-Evil%%3A%%20yes>", t.carol->uri), "");
	HAS(expect(t.alice, "400 REFER", WAIT), "Warning: 399 ");
	refer(F("<%s?Replaces=a%%00b%%3Bto-tag%%3D1%%3Bfrom-tag%%3D2>",
		t.carol->uri), "");
	expect(t.alice, "400 REFER", WAIT);

	check_alive(t.call);
	expect_none(t.carol, "INVITE", 0);
	ROW("sipjs.48 refer.400");
}


TEST(uri_headers, "Of the URI's headers only Replaces goes into the INVITE")
{
	struct msg *inv;

	scene();
	peer_auto(t.alice, "NOTIFY");

	refer(F("\"Carol, \\\"<C>\\\"\" <%s;x=y;method=INVITE"
		"?From=sip:eve%%40e"
		"&Call-ID=1&Route=%%3Csip:127.9.9.9%%3E&Subject=hi"
		"&Require=replaces>", t.carol->uri), "");
	expect_any(t.alice, "202 REFER", WAIT);

	inv = expect(t.carol, "INVITE", WAIT);
	EQ_STR(F("%s;x=y", t.carol->uri), ruri(inv));
	HASNT(inv, "sip:eve");
	HASNT(inv, "Subject");
	HASNT(inv, "Route");
	HASNT(inv, "method");
	ROW("R55 R56");

	refer(F("<%s?Require=foo>", t.carol->uri), "");
	expect_any(t.alice, "400 REFER", WAIT);
	ROW("R57");
}


/* Each is refused, and nothing else happens */
static void refused(const char *refer_to, const char *more, const char *status)
{
	struct msg *m;

	refer(refer_to, more);
	m = expect(t.alice, "xxx REFER", WAIT);
	CHECK(msg_match(m, status), "Refer-To: %s %s", refer_to, more);
}


TEST(refusals, "What cannot be done is refused with the right code")
{
	struct msg *m;

	scene();

	(void)dlg_request(t.call, "REFER", NULL);
	HAS(expect(t.alice, "400 REFER", WAIT), "Warning: 399 ");
	refused("<sip:c@127.0.0.3>", "Refer-To: <sip:d@127.0.0.3>\r\n",
		"400 REFER");
	ROW("R30");

	refused("<sip:c@127.0.0.3>, <sip:d@127.0.0.3>", "", "400 REFER");
	refused("sip:c@127.0.0.3, <sip:d@127.0.0.3>", "", "400 REFER");
	refused("sip:c@127.0.0.3,<sip:d@127.0.0.3>", "", "400 REFER");
	refused("C, D <sip:d@127.0.0.3>", "", "400 REFER");
	refused("sip:c@127.0.0.3, sip:d@127.0.0.3", "", "400 REFER");
	ROW("R30");
	refused("<sip:c@127.0.0.3", "", "400 REFER");
	refused("carol", "", "400 REFER");
	refused("<sip:c%4@127.0.0.3>", "", "400 REFER");
	ROW("refer.400");

	refused("<sips:c@127.0.0.3>", "", "416 REFER");
	ROW("R65");
	refused("<tel:+15551234>", "", "416 REFER");
	refused("<http://127.0.0.3/>", "", "416 REFER");
	ROW("R38 refer.416");

	refused("<sip:c@127.0.0.3;method=BYE>", "", "501 REFER");
	refused("<sip:c@127.0.0.3;m%65thod=b%79e>", "", "501 REFER");
	ROW("R55 refer.501");

	refer("<sip:c@127.0.0.3>", "Require: replaces, bogus, more\r\n");
	m = expect(t.alice, "420 REFER", WAIT);
	EQ_STR("bogus, more", hdr(m, "Unsupported"));
	refer("<sip:c@127.0.0.3>", "Require: explicitsub\r\n");
	m = expect(t.alice, "420 REFER", WAIT);
	EQ_STR("explicitsub", hdr(m, "Unsupported"));
	ROW("sipjs.11 sipjs.44 sipjs.45 R31 R53 refer.420");

	check_alive(t.call);
	expect_none(t.carol, "*", 0);
}


TEST(no_contact, "A REFER without Contact gets 400")
{
	scene();

	t.call->contact = NULL;
	refer(F("<%s>", t.carol->uri), "");
	expect(t.alice, "400 REFER", WAIT);
	ROW("refer.contact");

	t.call->contact = t.alice->uri;
	check_alive(t.call);
}


TEST(wrong_dialog, "Old CSeq 500, unknown dialog 481, early dialog 480")
{
	struct dlg *other, *early;

	scene();

	(void)dlg_request_cseq(t.call, "REFER", t.call->lseq - 1,
			       "Refer-To: <sip:c@127.0.0.3>\r\n");
	expect(t.alice, "500 REFER", WAIT);

	other = dlg_new(t.alice, t.call->target);
	other->rtag = "unknown";
	(void)dlg_request(other, "REFER", "Refer-To: <sip:c@127.0.0.3>\r\n");
	expect(t.alice, "481 REFER", WAIT);

	ctrl(t.bob, "dial", t.carol->uri);
	early = dlg_accept(t.carol, expect(t.carol, "INVITE", WAIT));
	peer_reply(t.carol, early->invite, 180, "Ringing", NULL);
	event(t.bob, "CALL_RINGING", WAIT);
	(void)dlg_request(early, "REFER", "Refer-To: <sip:c@127.0.0.3>\r\n");
	expect(t.carol, "480 REFER", WAIT);
	ROW("sipjs.65 refer.dialog");

	check_alive(t.call);
}


/* RFC 6665 section 4.2.2: those end the subscription, others do not */
TEST(notify_codes, "Which refusals of a NOTIFY end the subscription")
{
	static const uint16_t codev[] = {
		404, 405, 410, 416, 480, 481, 482, 483, 484, 485, 489, 501,
		604, 486,
	};
	struct msg *n, *inv;
	size_t i;

	scene(.config = "refer_rate 0\n");
	for (i=0; i<ARRAY_SIZE(codev); ++i) {
		refer("<sip:carol@127.0.0.3>", "");
		expect_any(t.alice, "202 REFER", WAIT);
		n = expect_any(t.alice, "NOTIFY ~ 100 Trying", WAIT);
		peer_reply(t.alice, n, codev[i], "No", NULL);
		inv = expect(t.carol, "INVITE", WAIT);
		peer_reply(t.carol, inv, 486, "Busy Here", NULL);
		event(t.bob, F("? ~ refer,referEnded,id=%zu ~ code=486",
			       i + 1), WAIT);
	}

	/* the last one goes on */
	n = expect_any(t.alice, "NOTIFY ~ 486 Busy Here", WAIT);
	peer_reply(t.alice, n, 200, "OK", NULL);
	HAS(n, F("refer;id=%u", hdr(n, "Event") ? 12 + 13 : 0));
	EQ_INT(15, seen_count("bob", "alice", "NOTIFY"));
	check_alive(t.call);
	ROW("R48");
}


TEST(call_transfer_no, "An account with call_transfer=no refuses")
{
	scene(.account = ";call_transfer=no",
	      .config = "refer_reject_code 403\n");

	refer(F("<%s>", t.carol->uri), "");
	expect(t.alice, "403 REFER", WAIT);
	check_alive(t.call);
	expect_none(t.carol, "*", 0);
	ROW("refer.policy");
}


TEST(without_menu, "The module executes a REFER without menu.so")
{
	scene(.no_menu = true);
	refer_carol("");
	(void)answer(t.carol, expect(t.carol, "INVITE", WAIT));
	expect_any(t.alice, "NOTIFY ~ SIP/2.0 200", WAIT);
}


TEST(notify_challenged, "A challenge on NOTIFY is answered with credentials")
{
	struct msg *n;

	scene(.account = ";auth_user=bob;auth_pass=secret");
	refer(F("<%s>", t.carol->uri), "");

	n = expect_any(t.alice, "NOTIFY", WAIT);
	peer_reply(t.alice, n, 401, "Unauthorized",
		   "WWW-Authenticate: Digest realm=\"r\", nonce=\"n\","
		   " qop=\"auth\"\r\n");
	n = expect_any(t.alice, "NOTIFY", WAIT);
	HAS(n, "\r\nAuthorization: Digest username=\"bob\"");
	HAS(n, "SIP/2.0 100 Trying");
	peer_reply(t.alice, n, 200, "OK", NULL);

	peer_auto(t.alice, "NOTIFY");
	(void)answer(t.carol, expect(t.carol, "INVITE", WAIT));
	expect_any(t.alice, "NOTIFY ~ SIP/2.0 200", WAIT);
	ROW("transfer.notify-challenged");
}


TEST(events_server, "The events of a followed REFER come in order")
{
	static const char *const v[] = {
		"refer,accepted,id=1 role=server code=202",
		"refer,referRequestAccepted,id=1",
		"refer,referInviteSent,id=1",
		"refer,referProgress,id=1 role=server code=180",
		"refer,referAccepted,id=1 role=server code=200",
		"refer,referEnded,id=1 role=server code=200",
	};
	struct msg *inv;
	size_t i;

	scene();
	refer_carol("");
	inv = expect(t.carol, "INVITE", WAIT);
	peer_reply(t.carol, inv, 180, "Ringing", NULL);
	expect_any(t.alice, "NOTIFY ~ SIP/2.0 180", WAIT);
	(void)answer(t.carol, inv);
	expect_any(t.alice, "NOTIFY ~ SIP/2.0 200", WAIT);

	for (i=0; i<ARRAY_SIZE(v); i++)
		event(t.bob, F("? ~ %s", v[i]), WAIT);

	EQ_INT(1, event_count(t.bob, "? ~ refer,referEnded"));
	ROW("sipjs.38 transfer.events");
}


TEST(subscription_expires, "A subscription that is not refreshed: timeout",
     .secs = 3)
{
	struct msg *req, *n, *inv;

	scene();
	req = refer_carol("");
	inv = expect(t.carol, "INVITE", WAIT);
	peer_reply(t.carol, inv, 180, "Ringing", NULL);
	expect_any(t.alice, "NOTIFY ~ SIP/2.0 100", WAIT);
	expect_any(t.alice, "NOTIFY ~ SIP/2.0 180", WAIT);

	(void)dlg_request(t.call, "SUBSCRIBE", F("Event: refer;id=%u\r\n"
						 "Expires: 1\r\n",
						 req->sip->cseq.num));
	EQ_STR("1", hdr(expect_any(t.alice, "200 SUBSCRIBE", WAIT),
			"Expires"));
	n = expect_any(t.alice, "NOTIFY", WAIT);
	check_notify(n, req, "active;expires=1", "SIP/2.0 180 Ringing");
	n = expect_any(t.alice, "NOTIFY", WAIT);
	check_notify(n, req, "terminated;reason=timeout",
		     "SIP/2.0 180 Ringing");
	ROW("R49");

	check_alive(answer(t.carol, inv));
}


TEST(subscribe_outside, "SUBSCRIBE to refer makes no subscription: 403")
{
	struct dlg *d;

	scene();
	d = dlg_new(t.alice, t.bob->uri);
	(void)dlg_request(d, "SUBSCRIBE", "Event: refer\r\nExpires: 60\r\n");
	expect(t.alice, "403 SUBSCRIBE", WAIT);
	ROW("R63");
}


TEST(own_dialog, "Replaces with the REFER's own dialog gets 482")
{
	scene();
	refer(F("<%s?Replaces=%s%%3Bto-tag%%3D%s%%3Bfrom-tag%%3D%s>",
		t.alice->uri, t.call->callid, t.call->ltag, t.call->rtag),
	      "");
	expect(t.alice, "482 REFER", WAIT);
	refer(F("<%s?Replaces=%s%%3Bto-tag%%3D%s%%3Bfrom-tag%%3D%s>",
		t.alice->uri, t.call->callid, t.call->rtag, t.call->ltag),
	      "");
	expect(t.alice, "482 REFER", WAIT);
	check_alive(t.call);
	ROW("refer.loop");
}


TEST(full_uri, "Who decides sees the whole target")
{
	const char *target = "sip:carol@127.0.0.3;transport=udp;x="
		"0123456789012345678901234567890123456789";

	scene(.config = "refer_policy ask\n");
	refer(F("<%s>", target), "");
	event(t.bob, F("? ~ refer,referRequested ~ target=%s", target), WAIT);
	HAS_TEXT(ctrl(t.bob, "referlist", NULL).data, target);
	ROW("R64");
}


TEST(notify_nonce, "A new nonce for each NOTIFY is answered, the result told")
{
	struct msg *n;

	scene(.account = ";auth_user=bob;auth_pass=secret");
	refer(F("<%s>", t.carol->uri), "");
	n = expect_any(t.alice, "NOTIFY", WAIT);
	peer_reply(t.alice, n, 401, "Unauthorized",
		   "WWW-Authenticate: Digest realm=\"r\", nonce=\"n1\"\r\n");
	n = expect_any(t.alice, "NOTIFY ~ nonce=\"n1\"", WAIT);
	peer_reply(t.alice, n, 200, "OK", NULL);

	(void)answer(t.carol, expect(t.carol, "INVITE", WAIT));
	n = expect_any(t.alice, "NOTIFY ~ SIP/2.0 200", WAIT);
	peer_reply(t.alice, n, 401, "Unauthorized",
		   "WWW-Authenticate: Digest realm=\"r\", nonce=\"n2\"\r\n");
	n = expect_any(t.alice, "NOTIFY ~ nonce=\"n2\"", WAIT);
	HAS(n, "SIP/2.0 200 OK");
	peer_reply(t.alice, n, 200, "OK", NULL);
	ROW("transfer.notify-challenged");
}


TEST(notify_bare_401, "401 without a challenge is a refusal: no loop")
{
	scene();
	refer(F("<%s>", t.carol->uri), "");
	peer_reply(t.alice, expect_any(t.alice, "NOTIFY", WAIT), 401,
		   "Unauthorized", NULL);
	expect_none(t.alice, "NOTIFY", 300);
	check_alive(answer(t.carol, expect(t.carol, "INVITE", WAIT)));
	ROW("transfer.notify-challenged");
}


TEST(target_401, "The target wants what we do not have: its code is told")
{
	struct msg *req;

	scene();
	req = refer_carol("");
	peer_reply(t.carol, expect(t.carol, "INVITE", WAIT), 401,
		   "Unauthorized", "WWW-Authenticate: Basic realm=\"x\"\r\n");
	check_notify(expect_any(t.alice, "NOTIFY ~ terminated", WAIT), req,
		     "terminated;reason=noresource",
		     "SIP/2.0 401 Unauthorized");
	check_alive(t.call);
	ROW("transfer.final");
}


TEST(folded_refer_to, "A folded Refer-To, and a comma in quotes, are legal")
{
	scene();
	peer_auto(t.alice, "NOTIFY");
	refer("<sip:carol@127.0.0.3>\r\n ;x=y", "");
	expect_any(t.alice, "202 REFER", WAIT);
	(void)answer(t.carol, expect(t.carol, "INVITE", WAIT));
	refer("<sip:carol@127.0.0.3>;x=\"a,b\"", "");
	expect_any(t.alice, "202 REFER", WAIT);
	(void)answer(t.carol, expect(t.carol, "INVITE", WAIT));
}
