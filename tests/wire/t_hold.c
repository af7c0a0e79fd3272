/**
 * @file t_hold.c  bob puts a call on hold before he transfers it
 */
#include <signal.h>
#include <string.h>
#include "wire.h"
#include "scene.h"


/* The re-INVITE of /transfer, not answered yet */
static struct msg *held(void)
{
	CHECK(ctrl(t.bob, "transfer", "sip:carol@127.0.0.3").ok, "transfer");

	return expect_any(t.alice, "INVITE ~ a=sendonly", WAIT);
}


static void refused(struct msg *req)
{
	peer_reply(t.alice, req, 603, "Decline", NULL);
	event(t.bob, "? ~ refer,referEnded,id=1 role=client code=603", WAIT);
}


TEST(hold_first, "The REFER comes behind the ACK of the hold re-INVITE")
{
	struct msg *inv, *req;

	scene();
	peer_flush(t.alice);
	inv = held();
	expect_none(t.alice, "REFER", 300);
	peer_reply(t.alice, inv, 200, "OK", sdp_dir(t.alice, "recvonly"));

	/* in this order */
	expect(t.alice, F("ACK ~ CSeq: %u ACK", inv->sip->cseq.num), WAIT);
	req = expect(t.alice, "REFER", WAIT);
	EQ_INT(inv->sip->cseq.num + 1, req->sip->cseq.num);
	ROW("R17 transfer.hold");

	refused(req);
	answer_resume(t.call);
	check_alive(t.call);
	ROW("R16 transfer.hold");
}


TEST(hold_glare, "491 to the hold re-INVITE: it is sent again")
{
	struct msg *inv;

	scene();
	inv = held();
	peer_reply(t.alice, inv, 491, "Request Pending", NULL);
	expect_none(t.alice, "REFER", 300);
	(void)answer_hold(t.call);
	refused(expect_any(t.alice, "REFER", WAIT));
	answer_resume(t.call);
	ROW("transfer.hold");
}


/* The first message that is no re-INVITE, all of which are refused */
static struct msg *refuse_all(struct msg *m, uint16_t code)
{
	while (msg_match(m, "INVITE")) {
		peer_reply(t.alice, m, code, "No", NULL);
		do {
			m = expect_any(t.alice, "*", 15000);
		} while (msg_match(m, "ACK"));
	}

	return m;
}


TEST(hold_glare_ever, "491 for 10 s: REFER without hold", .secs = 12)
{
	struct msg *m;
	uint64_t start;

	scene();
	m = held();
	start = now_ms();
	m = refuse_all(m, 491);
	CHECK(msg_match(m, "REFER"), "is %s", msg_summary(m));
	CHECK(now_ms() - start >= 9900, "after %u ms",
	      (unsigned)(now_ms() - start));
	refused(m);
	answer_resume(t.call);
	check_alive(t.call);
	ROW("transfer.hold");
}


TEST(hold_refused, "488 to the hold re-INVITE: REFER without hold")
{
	struct msg *req;

	scene();
	peer_reply(t.alice, held(), 488, "Not Acceptable Here", NULL);
	req = expect_any(t.alice, "REFER", WAIT);
	refused(req);
	answer_resume(t.call);
	check_alive(t.call);
	ROW("transfer.hold");
}


TEST(hold_challenged, "A challenge to the hold re-INVITE is waited for")
{
	struct msg *inv, *again;

	scene(.account = ";auth_user=bob;auth_pass=secret");
	inv = held();
	peer_reply(t.alice, inv, 407, "Proxy Authentication Required",
		   "Proxy-Authenticate: Digest realm=\"r\", nonce=\"n\"\r\n");
	again = expect_any(t.alice, "INVITE ~ Proxy-Authorization", WAIT);
	expect_none(t.alice, "REFER", 300);
	peer_reply(t.alice, again, 200, "OK", sdp_dir(t.alice, "recvonly"));
	refused(expect_any(t.alice, "REFER", WAIT));
	answer_resume(t.call);
	ROW("transfer.hold");
}


TEST(hold_bare_401, "401 without a challenge to it: REFER without hold",
     .na4 = "libre 3.x and 4.x never offer again in a call after that")
{
	struct msg *m;

	scene();
	m = refuse_all(held(), 401);
	CHECK(msg_match(m, "REFER"), "is %s", msg_summary(m));
	refused(m);
	answer_resume(t.call);
	ROW("transfer.hold");
}


TEST(hold_481, "481 to the hold re-INVITE: the call is over, no REFER")
{
	scene();
	peer_reply(t.alice, held(), 481, "Gone", NULL);
	event(t.bob, "? ~ refer,failed,id=1", WAIT);
	event(t.bob, "? ~ refer,referEnded,id=1 role=client outcome=failed",
	      WAIT);
	expect_none(t.alice, "REFER", 300);
	ROW("transfer.hold");
}


TEST(hold_bye, "BYE instead of an answer to the hold: it ends")
{
	scene();
	(void)held();
	hangup(t.call);
	event(t.bob, "? ~ refer,referEnded,id=1 role=client outcome=failed",
	      WAIT);
	EQ_INT(1, event_count(t.bob, "? ~ refer,referEnded"));
	expect_none(t.alice, "REFER", 300);
	ROW("transfer.hold");
}


TEST(hold_already, "A call on hold is not held again, and stays on hold")
{
	struct msg *req;

	scene();
	CHECK(ctrl(t.bob, "hold", NULL).ok, "hold");
	(void)answer_hold(t.call);

	CHECK(ctrl(t.bob, "transfer", "sip:carol@127.0.0.3").ok, "transfer");
	req = expect_any(t.alice, "REFER", WAIT);
	refused(req);
	expect_none(t.alice, "INVITE", 300);
	ROW("transfer.hold");
}


TEST(hold_by_hand, "/hold is not answered yet: /transfer waits for it")
{
	struct msg *inv;

	scene();
	CHECK(ctrl(t.bob, "hold", NULL).ok, "hold");
	inv = expect_any(t.alice, "INVITE ~ a=sendonly", WAIT);
	CHECK(ctrl(t.bob, "transfer", "sip:carol@127.0.0.3").ok, "transfer");
	expect_none(t.alice, "REFER", 300);
	peer_reply(t.alice, inv, 200, "OK", sdp_dir(t.alice, "recvonly"));

	/* 1.x cannot tell whether it is answered: it sends one more */
	if (host_major() < 3)
		(void)answer_hold(t.call);

	refused(expect_any(t.alice, "REFER", WAIT));
	expect_none(t.alice, "INVITE", 300);
	ROW("transfer.hold");
}


TEST(hold_by_hand_again, "After a failure it is still on hold, REFER follows")
{
	scene();
	CHECK(ctrl(t.bob, "hold", NULL).ok, "hold");
	(void)answer_hold(t.call);
	CHECK(ctrl(t.bob, "transfer", "sip:carol@127.0.0.3").ok, "transfer");
	refused(expect_any(t.alice, "REFER", WAIT));

	CHECK(ctrl(t.bob, "transfer", "sip:carol@127.0.0.3").ok, "transfer");
	peer_reply(t.alice, expect_any(t.alice, "REFER", WAIT), 603,
		   "Decline", NULL);
	event(t.bob, "? ~ refer,referEnded,id=2 role=client code=603", WAIT);
	expect_none(t.alice, "INVITE", 300);
	ROW("transfer.hold");
}


TEST(hold_no, "refer_hold no: REFER at once")
{
	scene(.config = "refer_hold no\n");
	CHECK(ctrl(t.bob, "transfer", "sip:carol@127.0.0.3").ok, "transfer");
	refused(expect(t.alice, "REFER", WAIT));
	expect_none(t.alice, "INVITE", 300);
	check_alive(t.call);
	ROW("setting.hold");
}


TEST(hold_account_no, "An account with refer_hold=no and"
     " refer_after_success=keep")
{
	struct msg *req;

	scene(.account = ";refer_hold=no;refer_after_success=keep");
	CHECK(ctrl(t.bob, "transfer", "sip:carol@127.0.0.3").ok, "transfer");
	req = expect(t.alice, "REFER", WAIT);
	peer_reply(t.alice, req, 202, "Accepted", NULL);
	(void)dlg_request(t.call, "NOTIFY",
			  "Event: refer\r\n"
			  "Subscription-State: terminated;reason=noresource"
			  "\r\nContent-Type: message/sipfrag\r\n\r\n"
			  "SIP/2.0 200 OK\r\n");
	event(t.bob, "? ~ refer,referEnded,id=1 role=client code=200", WAIT);
	expect_none(t.alice, "BYE", 300);
	check_alive(t.call);
	ROW("setting.hold setting.after-success");
}


TEST(hold_twice, "Two transfers of a call: held once, resumed once")
{
	struct msg *first, *second, *inv;

	scene();
	inv = held();
	CHECK(ctrl(t.bob, "transfer", "sip:dave@127.0.0.4").ok, "transfer");
	expect_none(t.alice, "REFER", 300);
	peer_reply(t.alice, inv, 200, "OK", sdp_dir(t.alice, "recvonly"));
	first  = expect_any(t.alice, "REFER ~ carol", WAIT);
	second = expect_any(t.alice, "REFER ~ dave", WAIT);

	refused(first);
	expect_none(t.alice, "INVITE", 300);
	peer_reply(t.alice, second, 603, "Decline", NULL);
	event(t.bob, "? ~ refer,referEnded,id=2", WAIT);
	answer_resume(t.call);
	check_alive(t.call);
	ROW("transfer.hold");
}


TEST(hold_resumed_by_hand, "Resumed by hand meanwhile: it is not done again")
{
	struct msg *req;

	scene();
	req = transfer("sip:carol@127.0.0.3");
	(void)ctrl(t.bob, "resume", NULL);
	answer_resume(t.call);
	refused(req);
	expect_none(t.alice, "INVITE", 300);
	check_alive(t.call);
	ROW("transfer.hold");
}


/* dave takes alice's place, who is on hold to be transferred */
static void replaced_by_dave(void)
{
	struct peer *dave = peer_new("dave");
	struct dlg *d = call_replacing(dave, t.call);

	peer_reply(t.alice, expect_any(t.alice, "BYE", WAIT), 200, "OK",
		   NULL);
	event(t.bob, "? ~ refer,referEnded ~ role=target", WAIT);
	expect_none(dave, "INVITE ~ a=sendonly", 0);
	peer_flush(dave);
	check_alive(d);
	ROW("module.held");
}


TEST(hold_replaced, "A call that is being transferred is replaced: no hold",
     .secs = 3)
{
	scene();
	(void)transfer(t.carol->uri);
	replaced_by_dave();
}


TEST(hold_replaced_joined, "The same, while it is joined with a target")
{
	struct dlg *target;

	scene();
	(void)joining(&target);
	replaced_by_dave();
	check_alive(target);
}


/* bob gets no CPU while the NOTIFY falls due and the answer comes */
TEST(hold_notify, "A NOTIFY that goes out right behind the answer to the"
     " re-INVITE is not taken for the re-INVITE again", .secs = 4)
{
	struct msg *inv, *target;
	const char *to;

	scene();
	peer_auto(t.alice, "NOTIFY");
	(void)dlg_request(t.call, "REFER",
			  "Refer-To: <sip:dave@127.0.0.3>\r\n");
	target = expect(t.carol, "INVITE", WAIT);
	to = F("call=%s sip:carol@127.0.0.3", t.call->callid);
	CHECK(ctrl(t.bob, "transfer", to).ok, "transfer");
	inv = expect_any(t.alice, "INVITE ~ a=sendonly", WAIT);

	expect_none(t.alice, "REFER", 1200);
	peer_reply(t.carol, target, 180, "Ringing", NULL);
	expect_any(t.alice, "NOTIFY ~ SIP/2.0 180", WAIT);
	peer_reply(t.carol, target, 182, "Queued", NULL);
	expect_none(t.alice, "REFER", 400);
	(void)kill(t.bob->proc->pid, SIGSTOP);
	expect_none(t.alice, "REFER", 1000);
	peer_reply(t.alice, inv, 200, "OK", sdp_dir(t.alice, "recvonly"));
	expect_none(t.alice, "REFER", 100);
	(void)kill(t.bob->proc->pid, SIGCONT);

	expect_any(t.alice, "NOTIFY ~ SIP/2.0 182", WAIT);
	expect_any(t.alice, "REFER", WAIT);
	ROW("transfer.hold");
}
