/**
 * @file t_moves.c  A peer moves: the Contact of REFER, NOTIFY, SUBSCRIBE and
 * their 2xx is the remote target from then on (RFC 3261 section 12.2, RFC 5057
 * section 5.4)
 */
#include <string.h>
#include "wire.h"
#include "scene.h"


/* alice's new address: where dave answers */
static struct peer *move(void)
{
	struct peer *dave = peer_new("dave");

	t.call->contact = dave->uri;

	return dave;
}


/* bob hangs up: the BYE shows where he thinks that the peer is */
static void check_bye(struct peer *p, struct peer *other)
{
	struct msg *bye;

	(void)ctrl(t.bob, "hangup", NULL);
	bye = expect_any(p, "BYE", WAIT);
	EQ_STR(p->uri, ruri(bye));
	peer_reply(p, bye, 200, "OK", NULL);
	expect_none(other, "BYE", 0);
}


TEST_FIXES(refer_moves, "The Contact of a REFER is where NOTIFY and BYE go",
	   .fault = "dave expects 'NOTIFY', got nothing")
{
	struct peer *dave;
	struct msg *req, *n;

	scene();
	dave = move();
	req = refer(F("<%s>", t.carol->uri), "");
	expect_any(t.alice, "202 REFER", WAIT);

	n = expect(dave, "NOTIFY", 3000);
	EQ_STR(dave->uri, ruri(n));
	check_notify(n, req, "active", "SIP/2.0 100 Trying");
	/* what some peers write there is not to be believed */
	peer_reply(dave, n, 200, "OK", F("Contact: <%s>\r\n", t.alice->uri));

	peer_reply(t.carol, expect(t.carol, "INVITE", WAIT), 486, "Busy",
		   NULL);
	n = expect(dave, "NOTIFY", WAIT);
	check_notify(n, req, "terminated", "SIP/2.0 486 Busy");
	peer_reply(dave, n, 200, "OK", NULL);
	expect_none(t.alice, "NOTIFY", 0);
	check_bye(dave, t.alice);
	ROW("refer.refresh");
}


TEST(refer_moves_refused, "A REFER that is refused moves nobody")
{
	struct peer *dave;

	scene();
	dave = move();
	(void)refer("<sip:carol@127.0.0.3;method=BYE>", "");
	expect_any(t.alice, "501 REFER", WAIT);
	check_bye(t.alice, dave);
	ROW("refer.refresh");
}


TEST(refer_moves_malformed, "A Contact that can be no target: 400")
{
	static const char *const v[] = {
		"*", "<>", "<sip:>", "<tel:+4930123>", "<mailto:a@b>",
		"<sip:a@127.0.0.4", "sip:", "\"a",
		"<sip:a@127.0.0.4 5060>", "<sip:a@127.0.0.4\t>",
	};
	struct peer *dave = NULL;
	size_t i;

	scene();
	dave = peer_new("dave");

	for (i=0; i<ARRAY_SIZE(v); i++) {
		struct msg *m;

		(void)refer(F("<%s>", t.carol->uri),
			    F("Contact: %s\r\n", v[i]));
		m = expect_any(t.alice, "xxx REFER", WAIT);
		CHECK(scode(m) == 400, "%s: %u", v[i], scode(m));
		HAS(m, "Contact is m");
	}

	expect_none(t.carol, "INVITE", 0);
	check_bye(t.alice, dave);
	ROW("refer.contact refer.refresh");
}


TEST(refer_moves_again, "One that moves again while a REFER waits is there")
{
	struct peer *dave, *erin;
	struct msg *m;

	scene(.config = "refer_policy ask\n");
	dave = move();
	(void)refer(F("<%s>", t.carol->uri), "");
	event(t.bob, "? ~ refer,referRequested", WAIT);

	erin = peer_new("erin");
	t.call->contact = erin->uri;
	check_alive(t.call);

	CHECK(ctrl(t.bob, "referaccept", "").ok, "referaccept");
	expect_any(t.alice, "202 REFER", WAIT);
	m = expect(erin, "NOTIFY", WAIT);
	peer_reply(erin, m, 200, "OK", NULL);
	expect_none(dave, "NOTIFY", 0);
	ROW("refer.refresh");
}


TEST(subscribe_moves, "The Contact of a SUBSCRIBE is where NOTIFYs go")
{
	struct peer *dave;
	struct msg *req;

	scene();
	req = refer_carol("");
	expect_any(t.alice, "NOTIFY", WAIT);

	dave = move();
	(void)dlg_request(t.call, "SUBSCRIBE",
			  F("Event: refer;id=%u\r\nExpires: 60\r\n",
			    req->sip->cseq.num));
	expect_any(t.alice, "200 SUBSCRIBE", WAIT);
	peer_reply(dave, expect(dave, "NOTIFY", WAIT), 200, "OK", NULL);

	peer_reply(t.carol, expect(t.carol, "INVITE", WAIT), 486, "Busy",
		   NULL);
	peer_reply(dave, expect(dave, "NOTIFY ~ 486", WAIT), 200, "OK", NULL);
	ROW("refer.refresh");
}


TEST(transfer_moves, "The Contact of the 2xx to our REFER is where BYE goes")
{
	struct peer *dave;
	struct msg *req, *bye;

	scene();
	req = transfer("sip:carol@127.0.0.3");
	dave = move();
	peer_reply(t.alice, req, 202, "Accepted",
		   F("Contact: <%s>\r\n", dave->uri));
	notify_status(t.call, req, "terminated;reason=noresource",
		      "SIP/2.0 200 OK");
	bye = expect(dave, "BYE", WAIT);
	EQ_STR(dave->uri, ruri(bye));
	peer_reply(dave, bye, 200, "OK", NULL);
	expect_none(t.alice, "BYE", 0);
	ROW("transfer.refresh");
}


TEST(transfer_moves_refused, "The Contact of a refusal of our REFER does not")
{
	struct peer *dave;

	scene();
	dave = peer_new("dave");
	peer_reply(t.alice, transfer("sip:carol@127.0.0.3"), 603, "Decline",
		   F("Contact: <%s>\r\n", dave->uri));
	answer_resume(t.call);
	check_bye(t.alice, dave);
	ROW("transfer.refresh");
}


TEST(notify_moves, "The Contact of a NOTIFY is where our requests go")
{
	struct peer *dave;
	struct msg *req, *m;

	scene();
	req = transfer("sip:carol@127.0.0.3");
	peer_reply(t.alice, req, 202, "Accepted",
		   F("Contact: <%s>\r\n", t.alice->uri));
	dave = move();
	notify_status(t.call, req, "active;expires=60", "SIP/2.0 100 Trying");
	expect_any(t.alice, "200 NOTIFY", WAIT);

	CHECK(ctrl(t.bob, "refercancel", "1").ok, "refercancel");
	m = expect_any(dave, "SUBSCRIBE ~ Expires: 0", WAIT);
	EQ_STR(dave->uri, ruri(m));
	peer_reply(dave, m, 200, "OK", "Expires: 0\r\n");
	ROW("transfer.refresh");
}
