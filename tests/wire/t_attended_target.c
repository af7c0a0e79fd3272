/**
 * @file t_attended_target.c  Which Refer-To an attended transfer has
 *
 * RFC 5589 section 7.3; refer_attended_target
 */
#include <string.h>
#include "wire.h"
#include "scene.h"


#define AOR "sip:carol@127.0.0.3"
#define CONTACT "sip:line1@127.0.0.3"

static struct dlg *target;     /* carol's call with bob */


/* A phone behind a proxy, which is at its own address here: what it has as a
   Contact is of no use to anybody else */
static struct dlg *call_behind_proxy(const char *from, const char *contact)
{
	struct dlg *d = dlg_new(t.carol, t.bob->uri);
	struct msg *m;

	d->luri    = from;
	d->contact = contact;
	(void)dlg_request(d, "INVITE", F("Record-Route: <%s;lr>\r\n%s", AOR,
					 sdp(t.carol)));
	m = expect_any(t.carol, "200 INVITE", WAIT);
	dlg_confirm(d, m);
	d->route = "";
	d->dst   = t.bob->addr;
	dlg_ack(d, m);
	event(t.bob, F("CALL_ESTABLISHED ~ %s", d->callid), WAIT);

	return d;
}


static struct msg *attended(void)
{
	const char *calls = F("%s %s", t.call->callid, target->callid);
	struct resp r = ctrl(t.bob, "atransfer", calls);

	CHECK(r.ok, "%s", r.data);

	return await_refer(t.call);
}


static void two_calls(const char *config, const char *account)
{
	scene(.config = config, .account = account);
	target = call_behind_proxy(AOR, CONTACT);
	peer_flush(t.carol);
}


static void has_target(const struct msg *req, const char *begin)
{
	const char *val = hdr(req, "Refer-To");

	CHECK(!strncmp(val + 1, begin, strlen(begin)), "%s", val);
	HAS_TEXT(val, F("Replaces=%s%%3Bto-tag", target->callid));
}


/* alice has tried to reach carol */
static void tried(struct msg *req, uint16_t code)
{
	peer_reply(t.alice, req, 202, "Accepted", NULL);
	notify_status(t.call, req, "terminated;reason=noresource",
		      F("SIP/2.0 %u Phrase", code));
	expect_any(t.alice, "200 NOTIFY", WAIT);
}


static void ended(unsigned id, unsigned code)
{
	event(t.bob, F("? ~ refer,referEnded,id=%u role=client code=%u", id,
		       code), WAIT);
	EQ_INT((int)id, event_count(t.bob, "? ~ refer,referEnded"));
}


static void refused(struct msg *req, unsigned id)
{
	peer_reply(t.alice, req, 603, "Decline", NULL);
	ended(id, 603);
	answer_resume(t.call);
}


TEST(target_contact, "The Refer-To is the AOR if the Contact is for its own"
     " connection only")
{
	static const struct {
		const char *from;
		const char *contact;
		const char *refer_to;
	} rowv[] = {
		{AOR, CONTACT, CONTACT "?Replaces="},
		{AOR, "sip:line1@127.0.0.3;transport=udp",
		 "sip:line1@127.0.0.3;transport=udp?Replaces="},
		{AOR, "sip:1@xinvalid.example", "sip:1@xinvalid.example?Rep"},
		{AOR, "sip:k3h@df7jal23ls0d.invalid;transport=ws",
		 AOR "?Require=replaces&Replaces="},
		{AOR, "sip:k3h@192.0.2.7;transport=ws",
		 AOR "?Require=replaces&Replaces="},
		{AOR, "sip:k3h@192.0.2.7;ob;TRANSPORT=WSS",
		 AOR "?Require=replaces&Replaces="},
		{AOR, "sip:k3h@df7jal23ls0d.INVALID",
		 AOR "?Require=replaces&Replaces="},
		{AOR, "sip:k3h@invalid:5061;ob",
		 AOR "?Require=replaces&Replaces="},
		{AOR, "sip:127.0.0.3:5060",
		 AOR "?Require=replaces&Replaces="},
		/* nothing is better then */
		{"sip:anonymous@anonymous.invalid", "sip:k3h@x.invalid",
		 "sip:k3h@x.invalid?Replaces="},
	};
	struct msg *req;
	size_t i;

	scene();
	for (i=0; i<ARRAY_SIZE(rowv); ++i) {
		target = call_behind_proxy(rowv[i].from, rowv[i].contact);
		req = attended();
		has_target(req, rowv[i].refer_to);
		refused(req, (unsigned)i + 1);
		hangup(target);
	}
	ROW("R18 setting.attended-target");
}


TEST(target_setting, "refer_attended_target contact: the Contact, whatever"
     " it is, once")
{
	struct msg *req;

	scene(.config = "refer_attended_target contact\n");
	target = call_behind_proxy(AOR, "sip:k3h@x.invalid;transport=ws");
	req = attended();
	has_target(req, "sip:k3h@x.invalid;transport=ws?Replaces=");
	tried(req, 404);
	ended(1, 404);
	answer_resume(t.call);
	EQ_INT(1, seen_count("bob", "alice", "REFER"));
	ROW("setting.attended-target");
}


TEST(target_account, "refer_attended_target as an account parameter")
{
	two_calls("", ";refer_attended_target=aor");
	has_target(attended(), AOR "?Require=replaces&Replaces=");
	ROW("setting.attended-target");
}


/* Both attempts are one transfer */
TEST(target_again, "The Contact cannot be reached: once more, with the AOR")
{
	static const uint16_t codev[] = {404, 410, 480, 481, 503};
	struct msg *req;
	unsigned id = 0;
	size_t i;

	two_calls("", NULL);
	for (i=0; i<ARRAY_SIZE(codev); ++i) {
		req = attended();
		has_target(req, CONTACT "?Replaces=");
		tried(req, codev[i]);

		req = expect_any(t.alice, "REFER", WAIT);
		EQ_INT(1, hdr_count(req, "Refer-To"));
		has_target(req, AOR "?Require=replaces&Replaces=");
		event(t.bob, F("? ~ refer,notify,id=%u role=client code=%u",
			       ++id, codev[i]), WAIT);
		EQ_INT(0, seen_count("bob", "alice", "INVITE ~ a=sendrecv") -
		       (int)i);
		tried(req, 481);
		ended(id, 481);
		answer_resume(t.call);
	}
	check_alive(t.call);
	check_alive(target);
	EQ_INT(10, seen_count("bob", "alice", "REFER"));
	ROW("R18 command.atransfer setting.attended-target");
}


TEST(target_again_joined, "The AOR is reached: one transfer, accepted")
{
	struct msg *req;

	two_calls("", NULL);
	req = attended();
	tried(req, 480);
	req = expect_any(t.alice, "REFER", WAIT);
	peer_reply(t.alice, req, 202, "Accepted", NULL);
	HAS_TEXT(ctrl(t.bob, "referlist", NULL).data, AOR "?Require=");
	notify_status(t.call, req, "active;expires=60", "SIP/2.0 100 Trying");
	expect_any(t.alice, "200 NOTIFY", WAIT);
	notify_status(t.call, req, "terminated;reason=noresource",
		      "SIP/2.0 200 OK");
	peer_reply(t.alice, expect_any(t.alice, "BYE", WAIT), 200, "OK",
		   NULL);
	hangup(target);
	ended(1, 200);
	EQ_STR("refer: no transfers\n", ctrl(t.bob, "referlist", NULL).data);
	ROW("command.atransfer setting.attended-target");
}


TEST(target_again_not, "Other codes, a call that is over, a blind transfer:"
     " no second REFER")
{
	static const uint16_t codev[] = {302, 403, 486, 487, 500, 603};
	struct msg *req;
	size_t i;

	two_calls("", NULL);
	for (i=0; i<ARRAY_SIZE(codev); ++i) {
		tried(attended(), codev[i]);
		ended((unsigned)i + 1, codev[i]);
		answer_resume(t.call);
	}

	tried(transfer(F("call=%s sip:dave@127.0.0.4", t.call->callid)), 404);
	ended(7, 404);
	answer_resume(t.call);

	/* carol's call is what Replaces names */
	req = attended();
	hangup(target);
	event(t.bob, F("CALL_CLOSED ~ %s", target->callid), WAIT);
	tried(req, 481);
	ended(8, 481);
	answer_resume(t.call);
	EQ_INT(8, seen_count("bob", "alice", "REFER"));
	ROW("command.atransfer setting.attended-target");
}


TEST(target_again_bye, "alice hangs up, then tells that she got 404")
{
	struct msg *req;

	two_calls("", NULL);
	req = attended();
	peer_reply(t.alice, req, 202, "Accepted", NULL);
	hangup(t.call);
	notify_status(t.call, req, "terminated;reason=noresource",
		      "SIP/2.0 404 Not Found");
	expect_any(t.alice, "200 NOTIFY", WAIT);
	ended(1, 404);
	EQ_INT(1, seen_count("bob", "alice", "REFER"));
	ROW("command.atransfer");
}


/* A platform that takes no Replaces is asked to call who has hung up */
static void is_blind(struct msg *req)
{
	struct msg *bye = expect_any(t.carol, "BYE", WAIT);

	peer_reply(t.carol, bye, 200, "OK", NULL);
	CHECK(bye->time <= req->time, "BYE precedes REFER");
	EQ_STR(F("<%s>", AOR), hdr(req, "Refer-To"));
}


/* Bob consults carol, joins, and alice is referred */
static struct msg *consult_blind(void)
{
	struct msg *req;

	CHECK(ctrl(t.bob, "atransferstart", AOR).ok, "start");
	(void)answer_hold(t.call);
	target = answer(t.carol, expect(t.carol, "INVITE", WAIT));
	event(t.bob, "CALL_ESTABLISHED ~ carol", WAIT);
	CHECK(ctrl(t.bob, "atransferexec", NULL).ok, "exec");
	req = await_refer(t.call);
	is_blind(req);

	return req;
}


TEST(target_blind, "refer_attended_target=blind: consult, hang up, transfer")
{
	struct msg *req;

	scene(.account = ";refer_attended_target=blind");
	req = consult_blind();
	tried(req, 200);
	peer_reply(t.alice, expect_any(t.alice, "BYE", WAIT), 200, "OK",
		   NULL);
	event(t.bob, "? ~ refer,referEnded,id=1 ~ outcome=accepted", WAIT);
	EQ_INT(0, seen_count("bob", "alice", "INVITE ~ a=sendrecv"));
	EQ_STR("refer: no transfers\n", ctrl(t.bob, "referlist", NULL).data);
	ROW("setting.attended-target command.atransferexec");
}


TEST(target_blind_fails, "It fails: alice is resumed, carol is gone")
{
	struct msg *req;

	scene(.config = "refer_attended_target blind\n");
	req = consult_blind();
	tried(req, 404);
	answer_resume(t.call);
	event(t.bob, "? ~ refer,referRejected,id=1", WAIT);
	event(t.bob, "? ~ refer,referEnded,id=1 ~ outcome=rejected", WAIT);
	EQ_INT(1, seen_count("bob", "alice", "REFER"));
	check_alive(t.call);
	ROW("setting.attended-target command.atransferexec");
}


TEST(target_blind_two, "/atransfer with it: BYE to carol when alice is held")
{
	struct msg *inv, *req;
	const char *calls;

	two_calls("refer_attended_target blind\n", NULL);
	calls = F("%s %s", t.call->callid, target->callid);
	CHECK(ctrl(t.bob, "atransfer", calls).ok, "atransfer");
	inv = expect_any(t.alice, "INVITE ~ a=sendonly", WAIT);
	expect_none(t.carol, "BYE", 300);
	peer_reply(t.alice, inv, 200, "OK", sdp_dir(t.alice, "recvonly"));
	req = expect_any(t.alice, "REFER", WAIT);
	is_blind(req);
	tried(req, 200);
	peer_reply(t.alice, expect_any(t.alice, "BYE", WAIT), 200, "OK",
		   NULL);
	ended(1, 200);
	ROW("setting.attended-target command.atransfer");
}


TEST(target_blind_held, "The same when alice is on hold already")
{
	two_calls("refer_attended_target blind\nrefer_hold no\n", NULL);
	EQ_STR(F("refer: #1 transferring alice to %s\n", t.carol->uri),
	       ctrl(t.bob, "atransfer", F("%s %s", t.call->callid,
					  target->callid)).data);
	is_blind(expect_any(t.alice, "REFER", WAIT));
	ROW("setting.attended-target command.atransfer");
}
