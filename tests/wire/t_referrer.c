/**
 * @file t_referrer.c  bob refers: /transfer, the straight path
 */
#include <string.h>
#include "wire.h"
#include "scene.h"


static void notify(const struct msg *req, const char *state, const char *frag)
{
	notify_status(t.call, req, state, frag);
}


static void accept_refer(struct msg *req)
{
	peer_reply(t.alice, req, 202, "Accepted",
		   F("Contact: <%s>\r\nExpires: 60\r\n", t.alice->uri));
}


/* bob transfers alice, who has accepted */
static struct msg *accepted(void)
{
	struct msg *req;

	scene();
	req = transfer("sip:carol@127.0.0.3");
	accept_refer(req);

	return req;
}


static void check_request(struct msg *req, const char *refer_to)
{
	EQ_INT(1, hdr_count(req, "Refer-To"));
	EQ_STR(refer_to, hdr(req, "Refer-To"));

	EQ_INT(1, hdr_count(req, "Contact"));
	EQ_INT(1, hdr_count(req, "Referred-By"));
	EQ_STR("<sip:bob@127.0.0.2>", hdr(req, "Referred-By"));
	EQ_STR(t.call->callid, hdr(req, "Call-ID"));
	EQ_STR(t.call->ltag, hdr_param(req, "To", "tag"));
}


TEST(transfer_200, "/transfer: REFER, NOTIFYs answered, BYE after the 200")
{
	struct msg *req, *ok, *bye;

	scene();
	req = transfer("<sip:carol@127.0.0.3;transport=udp;x=y>");
	check_request(req, "<sip:carol@127.0.0.3;transport=udp;x=y>");
	ROW("R01 R02 R03 R04 transfer.request");

	accept_refer(req);
	notify(req, "active;expires=60", "SIP/2.0 100 Trying");
	expect(t.alice, "200 NOTIFY", WAIT);
	notify(req, "active;expires=59", "SIP/2.0 180 Ringing");
	expect(t.alice, "200 NOTIFY", WAIT);
	expect_none(t.alice, "BYE", 0);

	notify(req, "terminated;reason=noresource", "SIP/2.0 200 OK");
	ok  = expect(t.alice, "200 NOTIFY", WAIT);
	bye = expect(t.alice, "BYE", WAIT);
	CHECK(ok->time <= bye->time, "BYE came first");
	peer_reply(t.alice, bye, 200, "OK", NULL);
	ROW("R15 transfer.bye");

	sut_log_wait(t.bob, "accepted the transfer to"
		     " sip:carol@127.0.0.3;transport=udp;x=y\n", WAIT);
	event(t.bob, "? ~ refer,referEnded,id=1 role=client code=200", WAIT);
	EQ_INT(1, event_count(t.bob, "? ~ refer,referEnded"));
	ROW("transfer.ended");
}


/* The events of the module so far: these, in this order */
static void check_events(const char *const *v, size_t n)
{
	size_t i;

	/* answered behind all events */
	(void)ctrl(t.bob, "referlist", NULL);
	EQ_INT((long long)n, event_count(t.bob, "? ~ refer,"));

	for (i=0; i<n; i++)
		HAS_TEXT(event(t.bob, "? ~ refer,", WAIT)->param, v[i]);
}


TEST(events_client, "The events of a transfer come in order: success")
{
	static const char *const v[] = {
		"refer,referRequestAccepted,id=1 role=client code=202 ",
		"refer,notify,id=1 role=client code=100 ",
		"refer,referProgress,id=1 role=client code=100 ",
		"refer,notify,id=1 role=client code=180 ",
		"refer,referProgress,id=1 role=client code=180 ",
		"refer,notify,id=1 role=client code=200 ",
		"refer,referAccepted,id=1 role=client code=200 ",
		"refer,referEnded,id=1 role=client code=200 outcome=accepted ",
	};
	struct msg *req = accepted();

	notify(req, "active;expires=60", "SIP/2.0 100 Trying");
	expect(t.alice, "200 NOTIFY", WAIT);
	notify(req, "active;expires=60", "SIP/2.0 180 Ringing");
	expect(t.alice, "200 NOTIFY", WAIT);
	notify(req, "terminated;reason=noresource", "SIP/2.0 200 OK");
	expect(t.alice, "200 NOTIFY", WAIT);
	peer_reply(t.alice, expect(t.alice, "BYE", WAIT), 200, "OK", NULL);
	check_events(v, ARRAY_SIZE(v));
	ROW("transfer.events");
}


TEST(events_client_busy, "The events of a transfer come in order: 486")
{
	static const char *const v[] = {
		"refer,referRequestProgress,id=1 role=client code=100 ",
		"refer,referRequestAccepted,id=1 role=client code=202 ",
		"refer,notify,id=1 role=client code=100 ",
		"refer,referProgress,id=1 role=client code=100 ",
		"refer,notify,id=1 role=client code=486 ",
		"refer,referRejected,id=1 role=client code=486 ",
		"refer,referEnded,id=1 role=client code=486 outcome=rejected ",
	};
	struct msg *req;

	scene();
	req = transfer("sip:carol@127.0.0.3");
	peer_reply(t.alice, req, 100, "Trying", NULL);
	accept_refer(req);
	notify(req, "active;expires=60", "SIP/2.0 100 Trying");
	expect(t.alice, "200 NOTIFY", WAIT);
	notify(req, "terminated;reason=noresource", "SIP/2.0 486 Busy Here");
	expect(t.alice, "200 NOTIFY", WAIT);
	answer_resume(t.call);
	check_events(v, ARRAY_SIZE(v));
	ROW("transfer.events");
}


TEST(events_client_refused, "The events of a transfer come in order: refused")
{
	static const char *const v[] = {
		"refer,referRequestRejected,id=1 role=client code=603 ",
		"refer,referEnded,id=1 role=client code=603 outcome=refused ",
	};

	scene();
	peer_reply(t.alice, transfer("sip:carol@127.0.0.3"), 603, "Decline",
		   NULL);
	answer_resume(t.call);
	check_events(v, ARRAY_SIZE(v));
	ROW("transfer.events");
}


TEST(transfer_200_ok, "200 instead of 202 to the REFER is as good")
{
	struct msg *req;

	scene();
	req = transfer("carol@127.0.0.3");
	check_request(req, "<sip:carol@127.0.0.3>");
	peer_reply(t.alice, req, 200, "OK", F("Contact: <%s>\r\n",
					      t.alice->uri));
	notify(req, "active;expires=60", "SIP/2.0 100 Trying");
	expect(t.alice, "200 NOTIFY", WAIT);
	notify(req, "terminated;reason=noresource", "SIP/2.0 200 OK");
	expect(t.alice, "200 NOTIFY", WAIT);
	peer_reply(t.alice, expect(t.alice, "BYE", WAIT), 200, "OK", NULL);
	ROW("R14");
}


TEST(transfer_busy, "/transfer to a busy target: the call is kept")
{
	struct msg *req;

	scene();
	req = transfer("carol");
	check_request(req, "<sip:carol@127.0.0.2>");
	accept_refer(req);
	notify(req, "active;expires=60", "SIP/2.0 100 Trying");
	expect(t.alice, "200 NOTIFY", WAIT);
	notify(req, "terminated;reason=noresource", "SIP/2.0 486 Busy Here");
	expect(t.alice, "200 NOTIFY", WAIT);

	event(t.bob, "? ~ refer,referRejected,id=1 role=client code=486",
	      WAIT);
	event(t.bob, "? ~ refer,referEnded,id=1 role=client code=486", WAIT);
	sut_log_wait(t.bob, "failed: carol is busy (486)", WAIT);
	answer_resume(t.call);
	check_alive(t.call);
	expect_none(t.alice, "BYE", 0);
	ROW("transfer.kept R16");

	/* and it can be tried again */
	req = transfer("dave@127.0.0.4");
	check_request(req, "<sip:dave@127.0.0.4>");
	peer_reply(t.alice, req, 603, "Decline", NULL);
	event(t.bob, "? ~ refer,referRequestRejected,id=2 role=client"
	      " code=603", WAIT);
	event(t.bob, "? ~ refer,referEnded,id=2 role=client code=603"
	      " outcome=refused", WAIT);
	answer_resume(t.call);
	check_alive(t.call);
	ROW("transfer.again");
}


TEST(transfer_notify_first, "A NOTIFY that overtakes the 202 is taken")
{
	struct msg *req;

	scene();
	req = transfer("sip:carol@127.0.0.3");
	notify(req, "active;expires=60", "SIP/2.0 100 Trying");
	expect(t.alice, "200 NOTIFY", WAIT);
	accept_refer(req);
	notify(req, "terminated;reason=noresource", "SIP/2.0 200 OK");
	expect(t.alice, "200 NOTIFY", WAIT);
	peer_reply(t.alice, expect(t.alice, "BYE", WAIT), 200, "OK", NULL);
	ROW("R07");
}


TEST(transfer_proxy_error, "After its NOTIFY an error of a proxy says nothing")
{
	static const uint16_t codev[] = {408, 500, 503, 504};
	size_t i;

	scene();
	for (i=0; i<ARRAY_SIZE(codev); ++i) {

		struct msg *req = transfer("sip:carol@127.0.0.3");

		notify(req, "active;expires=60", "SIP/2.0 180 Ringing");
		expect(t.alice, "200 NOTIFY", WAIT);
		peer_reply(t.alice, req, codev[i], "Proxy", NULL);
		event(t.bob, F("? ~ refer,referRequestAccepted,id=%zu", i + 1),
		      WAIT);
		notify(req, "terminated;reason=noresource",
		       "SIP/2.0 486 Busy Here");
		expect(t.alice, "200 NOTIFY", WAIT);
		event(t.bob, F("? ~ refer,referEnded,id=%zu role=client"
			       " code=486 outcome=rejected", i + 1), WAIT);
		answer_resume(t.call);
	}

	ROW("R07");
}


TEST(transfer_terminated_100, "A NOTIFY of 100 that says terminated, without a"
     " reason, is not the last, whatever its expires")
{
	struct msg *req = accepted();

	notify(req, "terminated;expires=0", "SIP/2.0 100 Trying");
	expect(t.alice, "200 NOTIFY", WAIT);
	event(t.bob, "? ~ refer,referProgress,id=1 role=client code=100",
	      WAIT);
	HAS_TEXT(ctrl(t.bob, "referlist", NULL).data, " 1 client ");
	notify(req, "terminated;expires=0", "SIP/2.0 486 Busy Here");
	expect_any(t.alice, "200 NOTIFY", WAIT);
	event(t.bob, "? ~ refer,referEnded,id=1 role=client code=486"
	      " outcome=rejected", WAIT);
	ROW("R12 transfer.tolerant");
}


TEST(transfer_notify_type, "A NOTIFY of another type gets 415, which says what"
     " type is known")
{
	struct msg *req = accepted();

	(void)dlg_request(t.call, "NOTIFY",
			  F("Event: refer;id=%u\r\n"
			    "Subscription-State: active;expires=60\r\n"
			    "Content-Type: text/plain\r\n"
			    "\r\nSIP/2.0 100 Trying\r\n",
			    req->sip->cseq.num));
	HAS(expect(t.alice, "415 NOTIFY", WAIT),
	    "Accept: message/sipfrag\r\n");
	ROW("transfer.notify-type");
}


TEST(transfer_challenged, "A challenge on REFER is answered; the id is new")
{
	struct msg *req, *again;

	scene(.account = ";auth_user=bob;auth_pass=secret");
	req = transfer("sip:carol@127.0.0.3");
	peer_reply(t.alice, req, 407, "Proxy Authentication Required",
		   "Proxy-Authenticate: Digest realm=\"r\", nonce=\"n\"\r\n");

	again = expect(t.alice, "REFER", WAIT);
	HAS(again, "\r\nProxy-Authorization: Digest username=\"bob\"");
	check_request(again, "<sip:carol@127.0.0.3>");
	EQ_INT(req->sip->cseq.num + 1, again->sip->cseq.num);

	accept_refer(again);
	/* that of the REFER before the challenge is taken for it */
	notify(req, "active;expires=60", "SIP/2.0 100 Trying");
	expect(t.alice, "200 NOTIFY", WAIT);

	notify(again, "terminated;reason=noresource", "SIP/2.0 200 OK");
	expect(t.alice, "200 NOTIFY", WAIT);
	peer_reply(t.alice, expect(t.alice, "BYE", WAIT), 200, "OK", NULL);
	ROW("transfer.challenge");
}


TEST(transfer_keep, "refer_after_success keep: the call stays")
{
	struct msg *req;

	scene(.config = "refer_after_success keep\n");
	req = transfer("sip:carol@127.0.0.3");
	accept_refer(req);
	notify(req, "terminated;reason=noresource", "SIP/2.0 200 OK");
	expect(t.alice, "200 NOTIFY", WAIT);
	event(t.bob, "? ~ refer,referEnded,id=1", WAIT);
	answer_resume(t.call);
	check_alive(t.call);
	expect_none(t.alice, "BYE", 0);
	ROW("setting.after-success");
}


TEST(transfer_bye_first, "The outcome counts when it comes after the BYE")
{
	struct msg *req = accepted();

	notify(req, "active;expires=60", "SIP/2.0 100 Trying");
	expect(t.alice, "200 NOTIFY", WAIT);
	hangup(t.call);
	notify(req, "terminated;reason=noresource", "SIP/2.0 200 OK");
	expect(t.alice, "200 NOTIFY", WAIT);
	event(t.bob, "? ~ refer,referEnded,id=1 role=client code=200", WAIT);
	ROW("R28");
}


TEST(transfer_ends, "terminated without an outcome: the call is kept")
{
	struct msg *req = accepted();

	notify(req, "terminated;reason=noresource", "SIP/2.0 100 Trying");
	expect(t.alice, "200 NOTIFY", WAIT);
	event(t.bob, "? ~ refer,referEnded,id=1", WAIT);
	answer_resume(t.call);
	check_alive(t.call);
	ROW("R10");
}


TEST(transfer_no_notify, "202 and no NOTIFY: it ends after Timer N, 32 s",
     .secs = 35, .limit = 90)
{
	scene();
	accept_refer(transfer("sip:carol@127.0.0.3"));
	event(t.bob, "? ~ refer,referTimeout,id=1", 40000);
	event(t.bob, "? ~ refer,referEnded,id=1", WAIT);
	answer_resume(t.call);
	check_alive(t.call);
	ROW("R09");
}


/* What /transfer answers to what cannot be done */
static void wrong(const char *target, const char *text)
{
	struct resp r = ctrl(t.bob, "transfer", target);

	CHECK(!r.ok, "%s", r.data);
	EQ_STR(F("error: %s\n", text), r.data);
}


TEST(transfer_wrong, "/transfer says what is wrong, and sends nothing")
{
	scene();

	wrong("", "usage: /transfer [call=ID|LINE] TARGET"
	      " [HEADER=VALUE ...]");
	wrong("sip:", "the target is no SIP address");
	wrong("carol%0d%0aX", "the target is no SIP address");
	wrong("<sip:a b@127.0.0.3>", "the target is no SIP address");
	check_alive(t.call);
	expect_none(t.alice, "REFER", 0);

	hangup(t.call);
	event(t.bob, "CALL_CLOSED", WAIT);
	ROW("command.transfer");
}


TEST(transfer_no_call, "/transfer without a call, without the menu: an error")
{
	t.bob = sut_start("bob", .no_menu = true);
	wrong("sip:carol@127.0.0.3", "there is no call, see /listcalls");
	ROW("command.transfer");
}


TEST(transfer_no_menu, "/transfer without the menu")
{
	scene(.no_menu = true);
	check_request(transfer("sip:carol@127.0.0.3"),
		      "<sip:carol@127.0.0.3>");
}


TEST(transfer_menu_last, "/transfer is ours when the menu was loaded last")
{
	scene(.menu_last = true);
	check_request(transfer("sip:carol@127.0.0.3"),
		      "<sip:carol@127.0.0.3>");

	/* the menu's other commands of a call still work */
	(void)ctrl(t.bob, "resume", NULL);
	answer_resume(t.call);
	ROW("command.menu");
}


TEST(transfer_menu_calls, "The menu's commands come and go beside ours")
{
	struct msg *req;
	struct dlg *d;
	int i;

	scene();
	for (i=0; i<3; i++) {
		req = transfer("sip:carol@127.0.0.3");
		check_request(req, "<sip:carol@127.0.0.3>");
		peer_reply(t.alice, req, 603, "Decline", NULL);
		answer_resume(t.call);
		hangup(t.call);
		event(t.bob, "CALL_CLOSED", WAIT);

		d = call_out(t.bob, t.alice);
		CHECK(ctrl(t.bob, "hold", NULL).ok, "hold");
		(void)answer(t.alice, expect_any(t.alice, "INVITE", WAIT));
		hangup(d);
		event(t.bob, "CALL_CLOSED", WAIT);
		t.call = call_in(t.alice, t.bob);
	}
	ROW("command.menu");
}


TEST(transfer_menu_reload, "The menu is loaded anew in a call: it has all")
{
	struct dlg *d;

	scene();
	CHECK(ctrl(t.bob, "rmmod", "menu").ok, "rmmod");
	CHECK(ctrl(t.bob, "insmod", "menu").ok, "insmod");
	d = call_in(t.carol, t.bob);
	CHECK(ctrl(t.bob, "hold", NULL).ok, "hold");
	(void)answer(t.carol, expect_any(t.carol, "INVITE", WAIT));
	hangup(d);
	event(t.bob, "CALL_CLOSED", WAIT);
	check_request(transfer("sip:carol@127.0.0.3"),
		      "<sip:carol@127.0.0.3>");
	ROW("command.menu");
}


TEST(take_transfer_no, "refer_take_transfer no leaves /transfer to the menu")
{
	struct msg *req;

	scene(.config = "refer_take_transfer no\n");
	(void)ctrl(t.bob, "transfer", "sip:carol@127.0.0.3");
	req = menu_refer(t.call);
	EQ_STR("sip:carol@127.0.0.3", hdr(req, "Refer-To"));
	ROW("setting.take-transfer");

	/* its NOTIFYs are the core's */
	accept_refer(req);
	notify(req, "terminated;reason=noresource", "SIP/2.0 200 OK");
	expect(t.alice, "200 NOTIFY", WAIT);
}


TEST(wrong_settings, "A wrong setting is reported with its key and default")
{
	struct msg *m;

	scene(.config = "refer_expires soon\nrefer_ring_timeout 0\n"
	      "refer_after_success perhaps\n");
	sut_log_has(t.bob, "refer_expires soon: this value is unknown,"
		    " allowed is 1 to 999999; 180 holds");
	sut_log_has(t.bob, "refer_ring_timeout 0: this value is unknown,"
		    " allowed is 1 to 999999; 120 holds");
	sut_log_has(t.bob, "refer_after_success perhaps: this value is"
		    " unknown, allowed is hangup | keep; hangup holds");

	refer_carol("");
	m = expect(t.alice, "202 REFER", WAIT);
	EQ_STR("180", hdr(m, "Expires"));
	ROW("setting.wrong");
}


TEST(transfer_bare_401, "401 without a challenge to REFER: it ends, no loop")
{
	scene();
	peer_reply(t.alice, transfer("sip:carol@127.0.0.3"), 401,
		   "Unauthorized", NULL);
	event(t.bob, "? ~ refer,referEnded,id=1 role=client code=401", WAIT);
	expect_none(t.alice, "REFER", 0);
	answer_resume(t.call);
	check_alive(t.call);
	ROW("transfer.challenge");
}


TEST(transfer_injection, "/transfer with line breaks sends nothing")
{
	scene();
	wrong("tel:1>\r\nX-Evil:yes\r\nX:<", "the target is no SIP address");
	wrong("sip:a@b>\r\nX-Evil:yes\r\nX:<", "the target is no SIP address");
	wrong("tel:", "the target is no SIP address");
	check_alive(t.call);
	expect_none(t.alice, "REFER", 0);
	ROW("command.transfer");
}


TEST(transfer_unsendable, "A REFER that cannot be sent is one error line")
{
	t.bob   = sut_start("bob");
	t.alice = peer_new("alice");
	t.call  = dlg_new(t.alice, t.bob->uri);
	t.call->contact = "sips:alice@127.0.0.1";
	(void)dlg_request(t.call, "INVITE", sdp(t.alice));
	(void)dlg_taken(t.call);
	event(t.bob, "CALL_ESTABLISHED", WAIT);

	wrong("sip:carol@127.0.0.3", "REFER could not be sent");
	ROW("command.transfer");
}


TEST(transfer_same_callid, "Calls that share a Call-ID are not mixed up")
{
	struct dlg *d;
	struct msg *m;

	scene();
	d = dlg_new(t.alice, t.bob->uri);
	d->callid = t.call->callid;
	(void)dlg_request(d, "INVITE", sdp(t.alice));
	do {
		m = expect_any(t.alice, "xxx INVITE", WAIT);
	} while (scode(m) < 200);
	dlg_confirm(d, m);
	dlg_ack(d, m);
	event(t.bob, "CALL_ESTABLISHED", WAIT);

	wrong("sip:carol@127.0.0.3", "the call cannot be told apart from"
	      " others of its Call-ID");
	expect_none(t.alice, "REFER", 0);
	check_alive(t.call);
	ROW("command.transfer");
}


TEST(transfer_expires, "A huge or odd expires does not end the transfer")
{
	struct msg *req = accepted();

	notify(req, "active;expires=4294967296", "SIP/2.0 100 Trying");
	expect(t.alice, "200 NOTIFY", WAIT);
	notify(req, "active;expires=soon", "SIP/2.0 180 Ringing");
	expect(t.alice, "200 NOTIFY", WAIT);
	notify(req, "terminated;reason=noresource", "SIP/2.0 200 OK");
	expect(t.alice, "200 NOTIFY", WAIT);
	event(t.bob, "? ~ refer,referEnded,id=1 role=client code=200", WAIT);
}


TEST(transfer_bare_end, "terminated without a body ends it, the call stays")
{
	struct msg *req = accepted();

	(void)dlg_request(t.call, "NOTIFY",
			  F("Event: refer;id=%u\r\n"
			    "Subscription-State: terminated;"
			    "reason=timeout\r\n", req->sip->cseq.num));
	expect(t.alice, "200 NOTIFY", WAIT);
	event(t.bob, "? ~ refer,referEnded,id=1 role=client", WAIT);
	answer_resume(t.call);
	check_alive(t.call);
	ROW("R10");
}
