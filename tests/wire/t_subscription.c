/**
 * @file t_subscription.c  How long bob follows a transfer, and by what
 *
 * RFC 6665 section 4.1, RFC 5057 section 5.1.
 */
#include <string.h>
#include "wire.h"
#include "scene.h"


static void notify_event(const char *ev, const char *state, const char *frag,
			 const char *answer)
{
	(void)dlg_request(t.call, "NOTIFY",
			  F("Event: %s\r\n"
			    "Subscription-State: %s\r\n"
			    "Content-Type: message/sipfrag\r\n"
			    "\r\n%s\r\n", ev, state, frag));
	expect_any(t.alice, answer, WAIT);
}


static void notify(const struct msg *req, const char *state, const char *frag)
{
	notify_event(F("refer;id=%u", req->sip->cseq.num), state, frag,
		     "200 NOTIFY");
}


/* bob transfers alice, who accepts and says how long that is */
static struct msg *accepted(const char *state)
{
	struct msg *req = transfer("sip:carol@127.0.0.3");

	peer_reply(t.alice, req, 202, "Accepted", NULL);
	notify(req, state, "SIP/2.0 180 Ringing");

	return req;
}


static void ended(unsigned id, const char *outcome)
{
	event(t.bob, F("? ~ refer,referEnded,id=%u role=client %s", id,
		       outcome), WAIT);
	EQ_INT(1, event_count(t.bob, F("? ~ refer,referEnded,id=%u ", id)));
}


TEST(refresh, "The subscription is refreshed with the id of its NOTIFYs")
{
	struct msg *req, *sub;
	uint64_t start;
	unsigned i;

	scene();
	start = now_ms();
	req = accepted("active;expires=2");

	for (i=0; i<2; i++) {
		sub = expect(t.alice, "SUBSCRIBE", WAIT);
		EQ_STR(F("refer;id=%u", req->sip->cseq.num),
		       hdr(sub, "Event"));
		EQ_STR("180", hdr(sub, "Expires"));
		EQ_INT(1, hdr_count(sub, "Contact"));
		EQ_STR(t.call->ltag, hdr_param(sub, "To", "tag"));
		peer_reply(t.alice, sub, 200, "OK", "Expires: 180\r\n");

		/* the NOTIFY counts, not the 200 */
		notify(req, "active;expires=2", "SIP/2.0 180 Ringing");
	}

	CHECK(now_ms() - start >= 3500, "refreshed too soon");
	EQ_INT(0, event_count(t.bob, "? ~ refer,referEnded"));
	notify(req, "terminated;reason=noresource", "SIP/2.0 486 Busy");
	ended(1, "code=486 outcome=rejected");
	answer_resume(t.call);
	ROW("R12 R13");
}


TEST(refresh_no_id, "Where the NOTIFYs have no id, SUBSCRIBE has none")
{
	struct msg *sub;

	scene();
	peer_reply(t.alice, transfer("sip:carol@127.0.0.3"), 202, "Accepted",
		   NULL);
	notify_event("refer", "active;expires=1", "SIP/2.0 100 Trying",
		     "200 NOTIFY");
	sub = expect(t.alice, "SUBSCRIBE", WAIT);
	EQ_STR("refer", hdr(sub, "Event"));
	peer_reply(t.alice, sub, 200, "OK", "Expires: 60\r\n");
	notify_event("refer", "terminated", "SIP/2.0 486 Busy", "200 NOTIFY");
	ended(1, "code=486 outcome=rejected");
	answer_resume(t.call);
	ROW("R13");
}


/* Refreshed at 9/10 of its life: the answers must be in time for the rest */
TEST(refresh_challenged, "A challenge to SUBSCRIBE is answered, 423 too",
     .secs = 6)
{
	struct msg *req, *sub;

	/* the refresh is due 0.5 s before the end: room for all answers */
	scene(.account = ";auth_user=bob;auth_pass=secret");
	req = accepted("active;expires=5");
	sub = expect(t.alice, "SUBSCRIBE", WAIT);
	peer_reply(t.alice, sub, 401, "Unauthorized",
		   "WWW-Authenticate: Digest realm=\"r\", nonce=\"n\"\r\n");
	sub = expect(t.alice, "SUBSCRIBE", WAIT);
	HAS(sub, "\r\nAuthorization: Digest username=\"bob\"");
	peer_reply(t.alice, sub, 423, "Interval Too Brief",
		   "Min-Expires: 600\r\n");
	sub = expect(t.alice, "SUBSCRIBE", WAIT);
	EQ_STR("600", hdr(sub, "Expires"));
	peer_reply(t.alice, sub, 200, "OK", "Expires: 600\r\n");

	/* it lives by the 200 now */
	wait_ms(1500);
	EQ_INT(0, event_count(t.bob, "? ~ refer,referEnded"));
	notify(req, "terminated;reason=noresource", "SIP/2.0 486 Busy");
	ended(1, "code=486 outcome=rejected");
	answer_resume(t.call);
	ROW("R12");
}


/* A refresh is refused: with some codes it is the end, or it expires */
static void refresh_refused(uint16_t code, const char *outcome, unsigned id)
{
	struct msg *sub;

	(void)accepted("active;expires=1");
	sub = expect(t.alice, "SUBSCRIBE", WAIT);
	peer_reply(t.alice, sub, code, "No", NULL);
	ended(id, F("outcome=%s", outcome));
	answer_resume(t.call);
	check_alive(t.call);
}


TEST(refresh_refused, "What the refusals of a refresh end", .secs = 30,
     .limit = 120)
{
	static const uint16_t fatalv[] = {
		404, 405, 410, 416, 480, 481, 482, 483, 484, 485, 489, 501,
		502, 604
	};
	static const uint16_t otherv[] = {400, 403, 408, 500, 503, 603};
	unsigned id = 0;
	size_t i;

	scene();
	for (i=0; i<ARRAY_SIZE(fatalv); i++)
		refresh_refused(fatalv[i], "failed", ++id);

	for (i=0; i<ARRAY_SIZE(otherv); i++)
		refresh_refused(otherv[i], "timeout", ++id);

	ROW("R29");
}


TEST(refresh_after_bye, "After the BYE there is no refresh, it is waited for")
{
	struct msg *req;

	scene();
	req = accepted("active;expires=1");
	hangup(t.call);
	expect_none(t.alice, "SUBSCRIBE", 1500);
	notify(req, "terminated;reason=noresource", "SIP/2.0 200 OK");
	ended(1, "code=200 outcome=accepted");
	ROW("R28");
}


TEST(refresh_bye, "BYE while a refresh is under way: 481 to it is no end")
{
	struct msg *req, *sub;

	scene();
	req = accepted("active;expires=1");
	sub = expect_any(t.alice, "SUBSCRIBE", WAIT);
	hangup(t.call);
	peer_reply(t.alice, sub, 481, "No Call", NULL);
	notify(req, "terminated;reason=noresource", "SIP/2.0 200 OK");
	ended(1, "code=200 outcome=accepted");
	ROW("R13 transfer.rule-breakers");
}


TEST(notify_unknown, "NOTIFYs of no subscription get 481")
{
	struct dlg *other;
	struct msg *req;

	scene();
	notify_event("refer;id=1", "active", "SIP/2.0 200 OK", "481 NOTIFY");
	notify_event("refer", "active", "SIP/2.0 200 OK", "481 NOTIFY");

	/* of another dialog */
	req = accepted("active;expires=60");
	other = dlg_new(t.alice, t.bob->uri);
	other->rtag = t.call->rtag;
	(void)dlg_request(other, "NOTIFY",
			  F("Event: refer;id=%u\r\n"
			    "Subscription-State: active\r\n"
			    "Content-Type: message/sipfrag\r\n\r\n"
			    "SIP/2.0 200 OK\r\n", req->sip->cseq.num));
	expect_any(t.alice, "481 NOTIFY", WAIT);

	/* of a REFER before ours */
	notify_event("refer;id=1", "active", "SIP/2.0 200 OK", "481 NOTIFY");
	EQ_INT(0, event_count(t.bob, "? ~ refer,referEnded"));
	ROW("R08");
}


TEST(notify_two, "Two transfers of a call: an id of neither gets 481")
{
	struct msg *first, *second;

	scene();
	first = accepted("active;expires=60");
	CHECK(ctrl(t.bob, "transfer", "sip:dave@127.0.0.4").ok, "transfer");
	second = expect_any(t.alice, "REFER", WAIT);
	peer_reply(t.alice, second, 202, "Accepted", NULL);

	notify_event("refer;id=999999", "active", "SIP/2.0 200 OK",
		     "481 NOTIFY");
	notify(second, "terminated;reason=noresource", "SIP/2.0 486 Busy");
	ended(2, "code=486 outcome=rejected");
	expect_none(t.alice, "INVITE", 300);
	notify(first, "terminated;reason=noresource", "SIP/2.0 603 Decline");
	ended(1, "code=603 outcome=rejected");
	answer_resume(t.call);
	ROW("R08");
}


TEST(notify_before, "A NOTIFY before the REFER is out is for none: 481")
{
	struct msg *inv, *req;

	scene();
	CHECK(ctrl(t.bob, "transfer", "sip:carol@127.0.0.3").ok, "transfer");
	inv = expect_any(t.alice, "INVITE ~ a=sendonly", WAIT);
	notify_event("refer", "terminated;reason=noresource",
		     "SIP/2.0 200 OK", "481 NOTIFY");
	peer_reply(t.alice, inv, 200, "OK", sdp_dir(t.alice, "recvonly"));
	req = expect_any(t.alice, "REFER", WAIT);
	peer_reply(t.alice, req, 202, "Accepted", "Refer-Sub: false\r\n");
	ended(1, "code=202 outcome=unknown");
	answer_resume(t.call);
	check_alive(t.call);
	ROW("R08");
}


TEST(notify_farewell, "The end of one that was given up is not the next one's")
{
	struct msg *req;

	scene();
	req = transfer("sip:carol@127.0.0.3");
	peer_reply(t.alice, req, 202, "Accepted", NULL);
	notify_event("refer", "active;expires=60", "SIP/2.0 100 Trying",
		     "200 NOTIFY");
	CHECK(ctrl(t.bob, "refercancel", "1").ok, "refercancel");
	peer_reply(t.alice, expect_any(t.alice, "SUBSCRIBE", WAIT), 200,
		   "OK", "Expires: 0\r\n");
	answer_resume(t.call);
	peer_flush(t.alice);

	req = transfer("sip:dave@127.0.0.4");
	peer_reply(t.alice, req, 202, "Accepted", NULL);
	notify_event("refer", "terminated;reason=timeout",
		     "SIP/2.0 100 Trying", "200 NOTIFY");
	EQ_INT(0, event_count(t.bob, "? ~ refer,referEnded,id=2"));
	notify(req, "terminated;reason=noresource", "SIP/2.0 486 Busy");
	ended(2, "code=486 outcome=rejected");
	answer_resume(t.call);
	ROW("R08 R13");
}


TEST(notify_last_word, "Nor is the last word of one that has its outcome")
{
	struct msg *req;

	scene();
	peer_reply(t.alice, transfer("sip:carol@127.0.0.3"), 202, "Accepted",
		   NULL);
	notify_event("refer", "active;expires=60", "SIP/2.0 486 Busy",
		     "200 NOTIFY");
	ended(1, "code=486 outcome=rejected");
	answer_resume(t.call);

	req = transfer("sip:dave@127.0.0.4");
	notify_event("refer", "terminated;reason=noresource",
		     "SIP/2.0 486 Busy", "200 NOTIFY");
	peer_reply(t.alice, req, 202, "Accepted", NULL);
	event(t.bob, "? ~ refer,referRequestAccepted,id=2", WAIT);
	EQ_INT(0, event_count(t.bob, "? ~ refer,referEnded,id=2"));
	notify_event("refer", "active;expires=60", "SIP/2.0 200 OK",
		     "200 NOTIFY");
	ended(2, "code=200 outcome=accepted");
	ROW("transfer.rule-breakers");
}


TEST(notify_late, "What comes after the end is answered with 200")
{
	struct msg *req;

	scene();
	req = accepted("active;expires=60");
	notify(req, "active;expires=59", "SIP/2.0 486 Busy");
	ended(1, "code=486 outcome=rejected");
	answer_resume(t.call);
	notify(req, "active;expires=58", "SIP/2.0 486 Busy");
	notify(req, "terminated;reason=noresource", "SIP/2.0 486 Busy");
	notify_event(F("refer;id=%u", req->sip->cseq.num), "active",
		     "SIP/2.0 200 OK", "481 NOTIFY");
	check_alive(t.call);
	ROW("transfer.rule-breakers");
}


TEST(notify_at_once, "A NOTIFY is answered before anybody is told of it")
{
	struct msg *req, *m;
	uint64_t start;

	scene();
	req = accepted("active;expires=60");

	/* nobody reads the events, which go by a socket of their own */
	start = now_ms();
	(void)dlg_request(t.call, "NOTIFY",
			  F("Event: refer;id=%u\r\n"
			    "Subscription-State: active;expires=60\r\n"
			    "Content-Type: message/sipfrag\r\n\r\n"
			    "SIP/2.0 183 Progress\r\n", req->sip->cseq.num));
	m = expect(t.alice, "200 NOTIFY", WAIT);
	CHECK(m->time - start < 1000, "after %u ms",
	      (unsigned)(m->time - start));
	EQ_INT(0, event_count(t.bob, "? ~ refer,referEnded"));
	ROW("R11");
}


TEST(transfer_status, "/referinfo shows the last status with its reason")
{
	struct msg *req;

	scene();
	req = transfer("sip:carol@127.0.0.3");
	peer_reply(t.alice, req, 202, "Fine", NULL);
	event(t.bob, "? ~ refer,referRequestAccepted,id=1", WAIT);
	HAS_TEXT(ctrl(t.bob, "referinfo", "1").data, "code        202\n"
		 "reason      Fine\n");
	notify(req, "active;expires=60", "SIP/2.0 180 She comes");
	HAS_TEXT(ctrl(t.bob, "referinfo", "1").data, "code        180\n"
		 "reason      She comes\n");
	ROW("command.info");
}


TEST(transfer_cancel, "/refercancel: un-SUBSCRIBE, the call is resumed")
{
	struct msg *req, *sub;

	scene();
	req = accepted("active;expires=60");
	EQ_STR("refer: #1 cancelled\n", ctrl(t.bob, "refercancel", "1").data);
	sub = expect_any(t.alice, "SUBSCRIBE", WAIT);
	EQ_STR("0", hdr(sub, "Expires"));
	EQ_STR(F("refer;id=%u", req->sip->cseq.num), hdr(sub, "Event"));
	peer_reply(t.alice, sub, 200, "OK", "Expires: 0\r\n");
	ended(1, "outcome=cancelled");
	answer_resume(t.call);

	/* even a success does not end the call then */
	notify(req, "terminated;reason=noresource", "SIP/2.0 200 OK");
	check_alive(t.call);
	expect_none(t.alice, "BYE", 0);
	EQ_STR("error: there is no transfer 1, see /referlist\n",
	       ctrl(t.bob, "refercancel", "1").data);
	ROW("R13 command.cancel");
}


TEST(transfer_cancel_refresh, "/refercancel while a refresh is under way")
{
	struct msg *sub;

	scene();
	(void)accepted("active;expires=1");
	sub = expect_any(t.alice, "SUBSCRIBE ~ Expires: 180", WAIT);
	CHECK(ctrl(t.bob, "refercancel", "1").ok, "refercancel");
	ended(1, "outcome=cancelled");
	answer_resume(t.call);
	peer_reply(t.alice, sub, 200, "OK", "Expires: 180\r\n");
	sub = expect_any(t.alice, "SUBSCRIBE ~ Expires: 0", WAIT);
	peer_reply(t.alice, sub, 200, "OK", "Expires: 0\r\n");
	ROW("R13 command.cancel");
}


TEST(transfer_cancel_early, "/refercancel before the REFER is answered")
{
	struct msg *req;

	scene();
	req = transfer("sip:carol@127.0.0.3");
	CHECK(ctrl(t.bob, "refercancel", "1").ok, "refercancel");
	ended(1, "outcome=cancelled");
	answer_resume(t.call);
	peer_reply(t.alice, req, 202, "Accepted", NULL);
	notify(req, "active;expires=60", "SIP/2.0 100 Trying");
	check_alive(t.call);
	expect_none(t.alice, "SUBSCRIBE", 0);
	ROW("command.cancel");
}


TEST(transfer_cancel_hold, "/refercancel while the call is being held")
{
	struct msg *inv;

	scene();
	CHECK(ctrl(t.bob, "transfer", "sip:carol@127.0.0.3").ok, "transfer");
	inv = expect_any(t.alice, "INVITE ~ a=sendonly", WAIT);
	CHECK(ctrl(t.bob, "refercancel", "1").ok, "refercancel");
	ended(1, "outcome=cancelled");
	peer_reply(t.alice, inv, 200, "OK", sdp_dir(t.alice, "recvonly"));
	answer_resume(t.call);
	expect_none(t.alice, "REFER", 300);
	check_alive(t.call);
	ROW("command.cancel transfer.hold");
}
