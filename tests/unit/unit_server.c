/**
 * @file unit_server.c  Tests of an incoming REFER
 *
 * Alice, a peer, has called bob and refers him to carol, another peer.
 */
#include "unit.h"
#include "fake_host.h"
#include "core/call_watch.h"
#include "core/invite.h"
#include "core/redirect.h"
#include "core/transfers.h"
#include "referee/referee.h"
#include "referee/server.h"

static struct ua *alice, *bob, *carol;
static struct call *ab, *ba;


static int setup(void **state)
{
	int err = fake_init(state);

	if (err)
		return err;

	alice = peer("alice");
	bob   = softphone("bob");
	carol = peer("carol");
	ab    = call_setup(alice, bob);
	ba    = call_last(bob);

	return 0;
}


static void refer_to(const char *val)
{
	call_request(ab, "REFER",
		     "Refer-To: %s\r\n"
		     "Referred-By: <%s>\r\n"
		     "Content-Length: 0\r\n"
		     "\r\n", val, alice->aor);
}


static void refer_to_carol(void)
{
	char val[128];

	(void)re_snprintf(val, sizeof(val), "<%s>", carol->aor);
	refer_to(val);
}


static const struct sip_msg *notify(unsigned n)
{
	return wire_await(alice, false, "NOTIFY", n);
}


/* Wait for the NOTIFY with a status; those before may have been passed over */
static const struct sip_msg *notify_status(const char *body)
{
	const struct sip_msg *msg;
	unsigned n = 0;
	struct pl pl;

	for (;;) {
		msg = notify(n++);
		pl_set_mbuf(&pl, msg->mb);
		if (!pl_strcmp(&pl, body))
			return msg;

		/* the answer to this one lets the next one go */
		settle();
		clock_forward(NOTIFY_PACE);
	}
}


static void assert_ended(const struct sip_msg *msg)
{
	assert_true(msg_hdr_is(msg, "Subscription-State",
			       "terminated;reason=noresource"));
}


static bool any(struct le *le, void *arg)
{
	(void)le;
	(void)arg;

	return true;
}


/* Nothing is kept of any REFER but a call that the referrer should end */
static void assert_no_state(void)
{
	settle();
	assert_int_equal(0, list_count(&bob->refer->servers->l));
	assert_int_equal(0, list_count(&bob->refer->invites->idle));
	assert_null(hash_apply(bob->refer->notifiers->ht, any, NULL));
	assert_null(hash_apply(bob->refer->invites->ht, any, NULL));
	old_calls_flush(bob->refer->old_calls);
	assert_int_equal(0, watch_count(bob->refer));
}


static void test_straight(void **state)
{
	const struct sip_msg *refer, *accepted, *invite;
	char event[32];
	(void)state;

	carol->answer = 180;
	call_request(ab, "REFER",
		     "Refer-To: <%s;x=y;method=INVITE?Subject=z&Replaces="
		     "c1%%40h%%3Bto-tag%%3Da%%3Bfrom-tag%%3Db>\r\n"
		     "Referred-By: \"A\" <%s>;cid=\"1@h\"\r\n"
		     "Content-Length: 0\r\n"
		     "\r\n", carol->aor, alice->aor);

	accepted = wire_await(alice, false, "202 REFER", 0);
	assert_true(msg_hdr_is(accepted, "Expires", "180"));
	assert_int_equal(1, sip_msg_hdr_count(accepted, SIP_HDR_CONTACT));
	assert_true(msg_has(accepted, "Allow: INVITE, REFER, NOTIFY\r\n"));

	refer = wire_await(alice, true, "REFER", 0);
	(void)re_snprintf(event, sizeof(event), "refer;id=%u",
			  refer->cseq.num);
	assert_true(msg_hdr_is(notify(0), "Event", event));
	assert_true(body_is(notify(0), "SIP/2.0 100 Trying\r\n"));

	/* the 202 before the NOTIFY, the NOTIFY before the INVITE */
	assert_true(wire_find(bob, true, "202 REFER", 0)->le.next ==
		    &wire_find(bob, true, "NOTIFY", 0)->le);
	assert_true(wire_find(bob, true, "NOTIFY", 0)->le.next ==
		    &wire_find(bob, true, "INVITE", 0)->le);

	invite = wire_await(carol, false, "INVITE", 0);
	assert_true(msg_hdr_is(invite, "Replaces",
			       "c1@h;to-tag=a;from-tag=b"));
	assert_true(msg_has(invite, "Referred-By: \"A\" <sip:alice@"));
	assert_true(msg_has(invite, ">;cid=\"1@h\"\r\n"));
	assert_false(msg_has(invite, "Subject"));
	assert_false(msg_has(invite, "method"));
	assert_true(msg_has(invite, ";x=y SIP/2.0\r\n"));

	assert_non_null(notify_status("SIP/2.0 180 Ringing\r\n"));
	call_answer(call_last(carol));
	assert_ended(notify_status("SIP/2.0 200 OK\r\n"));

	assert_int_equal(6, events());
	assert_true(event_is(0, "refer,accepted,id=1 role=server code=202"));
	assert_true(event_is(1, "refer,referRequestAccepted,id=1 role=server"
			     " code=202"));
	assert_true(event_is(2, "refer,referInviteSent,id=1 role=server"));
	assert_true(event_is(3, "refer,referProgress,id=1 role=server"
			     " code=180"));
	assert_true(event_is(4, "refer,referAccepted,id=1 role=server"
			     " code=200"));
	assert_true(event_is(5, "refer,referEnded,id=1 role=server"
			     " code=200"));
	assert_ptr_equal(bob, event_find("referEnded", 0)->ua);
	assert_ptr_equal(ba, event_find("referEnded", 0)->call);
	assert_non_null(strstr(event_find("referEnded", 0)->prm, " target=sip:"
			       "carol@"));

	/* the module ends neither call */
	assert_no_state();
	assert_int_equal(2, list_count(&bob->calll));
	assert_int_equal(0, wire_count(bob, true, "BYE"));
	assert_int_equal(0, log_warnings(NULL));
}


static void test_busy(void **state)
{
	(void)state;

	carol->answer = 180;
	refer_to_carol();
	(void)wire_await(carol, true, "180 INVITE", 0);
	call_reject(call_last(carol), 486, "Besetzt %s%n");
	assert_ended(notify_status("SIP/2.0 486 Besetzt %s%n\r\n"));
	(void)event_await("referEnded", 0);
	assert_int_equal(1, event_count("referRejected"));
	assert_int_equal(0, event_count("referAccepted"));
	assert_non_null(strstr(event_find("referRejected", 0)->prm,
			       "code=486"));
	assert_non_null(strstr(event_find("referRejected", 0)->prm,
			       "reason=Besetzt %25s%25n target="));
	assert_no_state();
	assert_int_equal(1, list_count(&bob->calll));
}


static void test_codes(void **state)
{
	static const uint16_t codev[] = {
		400, 404, 408, 480, 486, 488, 500, 503, 600, 603, 699
	};
	char body[64];
	unsigned i;
	(void)state;

	for (i=0; i<ARRAY_SIZE(codev); ++i) {

		print_message("INVITE answered %u\n", codev[i]);
		carol->answer = codev[i];
		refer_to_carol();
		(void)re_snprintf(body, sizeof(body),
				  "SIP/2.0 %u Refused\r\n", codev[i]);
		assert_ended(notify_status(body));
		(void)event_await("referEnded", i);
	}

	assert_int_equal(i, event_count("referEnded"));
	assert_no_state();
}


static void test_progress(void **state)
{
	struct call *call;
	(void)state;

	carol->answer = 180;
	refer_to_carol();
	assert_non_null(notify_status("SIP/2.0 180 Ringing\r\n"));
	call = call_last(carol);
	call_progress(call, 181, "Call Is Being Forwarded");
	assert_non_null(notify_status("SIP/2.0 181 Call Is Being Forwarded"
				      "\r\n"));
	call_progress(call, 183, "Session Progress");
	assert_non_null(notify_status("SIP/2.0 183 Session Progress\r\n"));
	call_answer(call);
	assert_ended(notify_status("SIP/2.0 200 OK\r\n"));
}


/* The same 1xx again is no news */
static void test_progress_again(void **state)
{
	struct call *call;
	unsigned i;
	(void)state;

	carol->answer = 180;
	refer_to_carol();
	assert_non_null(notify_status("SIP/2.0 180 Ringing\r\n"));
	call = call_last(carol);

	for (i=0; i<5; ++i) {
		call_progress(call, 180, "Ringing");
		clock_forward(NOTIFY_PACE);
		settle();
	}

	assert_int_equal(2, wire_count(alice, false, "NOTIFY"));
	call_answer(call);
	assert_ended(notify_status("SIP/2.0 200 OK\r\n"));
}


static void test_challenged_invite(void **state)
{
	(void)state;

	peer_script(carol, "INVITE", 407,
		    "Proxy-Authenticate: Digest realm=\"r\", nonce=\"n\"\r\n");
	refer_to_carol();
	assert_ended(notify_status("SIP/2.0 200 OK\r\n"));
	assert_int_equal(2, wire_count(carol, false, "INVITE"));
	assert_int_equal(2, wire_count(alice, false, "NOTIFY"));
	assert_int_equal(0, event_count("referRejected"));
}


/* Nobody answers the phone */
static void test_ring_timeout(void **state)
{
	(void)state;

	carol->answer = 180;
	refer_to_carol();
	assert_non_null(notify_status("SIP/2.0 180 Ringing\r\n"));
	settle();
	clock_forward(121000);
	assert_ended(notify_status("SIP/2.0 408 Request Timeout\r\n"));
	(void)wire_await(carol, false, "CANCEL", 0);
	(void)event_await("referEnded", 0);
	assert_no_state();
	assert_int_equal(1, list_count(&bob->calll));
}


/* Nobody is there: libre's Timer B */
static void test_no_answer(void **state)
{
	(void)state;

	carol->answer = 0;
	refer_to_carol();
	(void)wire_await(carol, false, "INVITE", 0);
	settle();
	clock_forward(33000);
	assert_ended(notify_status("SIP/2.0 408 Request Timeout\r\n"));
	(void)event_await("referEnded", 0);
	assert_no_state();
}


/* Bob's user hangs up while carol's phone rings */
static void test_canceled(void **state)
{
	(void)state;

	carol->answer = 180;
	refer_to_carol();
	assert_non_null(notify_status("SIP/2.0 180 Ringing\r\n"));
	host_call_hangup(call_last(bob), "");
	assert_ended(notify_status("SIP/2.0 487 Request Terminated\r\n"));
	(void)event_await("referEnded", 0);
	assert_no_state();
}


static void refused(const char *what, const char *hdrs, unsigned n)
{
	print_message("%s", hdrs);
	call_request(ab, "REFER", "%sContent-Length: 0\r\n\r\n", hdrs);
	(void)wire_await(alice, false, what, n);
}


/* Refused, each with a text for people, and nothing is kept */
static void test_refused(void **state)
{
	static const struct {
		const char *what;
		const char *hdrs;
	} rowv[] = {
		{"400 REFER", ""},
		{"400 REFER", "Refer-To:\r\n"},
		{"400 REFER", "Refer-To: <sip:c@h>\r\n"
		 "Refer-To: <sip:d@h>\r\n"},
		{"400 REFER", "Refer-To: <sip:c@h>, <sip:d@h>\r\n"},
		{"400 REFER", "Refer-To: <sip:c@h\r\n"},
		{"400 REFER", "Refer-To: <sip:c%0d%0a@h>\r\n"},
		{"400 REFER", "Refer-To: <sip:c@h:70000>\r\n"},
		{"400 REFER", "Refer-To: <sip:c@h?Replaces=x>\r\n"},
		{"400 REFER", "Refer-To: <sip:c@h?Require=foo>\r\n"},
		{"400 REFER", "r: <sip:c@h>, <sip:d@h>\r\n"},
		{"416 REFER", "Refer-To: <sips:c@h>\r\n"},
		{"416 REFER", "Refer-To: <tel:+1>\r\n"},
		{"416 REFER", "Refer-To: <http://h/>\r\n"},
		{"501 REFER", "Refer-To: <sip:c@h;method=BYE>\r\n"},
		{"501 REFER", "Refer-To: <sip:c@h;%6dethod=BYE>\r\n"},
	};
	const struct sip_msg *msg;
	unsigned i, n = 0;
	(void)state;

	for (i=0; i<ARRAY_SIZE(rowv); ++i) {

		n = i && !strcmp(rowv[i].what, rowv[i - 1].what) ? n + 1 : 0;
		refused(rowv[i].what, rowv[i].hdrs, n);
		msg = wire_await(alice, false, rowv[i].what, n);
		assert_true(msg_has(msg, "Warning: 399 127.0.0.1:"));
		assert_int_equal(0, list_count(&bob->refer->servers->l));
	}

	assert_no_state();
	assert_int_equal(0, events());
	assert_null(transfers_stages(&n, bob->refer->transfers, 1));
	assert_int_equal(0, wire_count(bob, true, "NOTIFY"));
	assert_int_equal(0, wire_count(bob, true, "INVITE"));
	assert_int_equal(1, list_count(&bob->calll));

	/* and the next one is accepted */
	refer_to_carol();
	assert_ended(notify_status("SIP/2.0 200 OK\r\n"));
}


static void test_no_contact(void **state)
{
	(void)state;

	call_request_bare(ab, "REFER", "Refer-To: <sip:c@h>\r\n\r\n");
	(void)wire_await(alice, false, "400 REFER", 0);
	assert_no_state();
}


static void test_extensions(void **state)
{
	const struct sip_msg *msg;
	char hdrs[128];
	(void)state;

	(void)re_snprintf(hdrs, sizeof(hdrs), "Require: foo\r\n"
			  "Refer-To: <%s>\r\n", carol->aor);
	refused("420 REFER", hdrs, 0);
	msg = wire_await(alice, false, "420 REFER", 0);
	assert_true(msg_hdr_is(msg, "Unsupported", "foo"));

	(void)re_snprintf(hdrs, sizeof(hdrs), "Require: foo, Replaces,bar\r\n"
			  "Refer-To: <%s>\r\nRequire: 100rel\r\n",
			  carol->aor);
	refused("420 REFER", hdrs, 1);
	msg = wire_await(alice, false, "420 REFER", 1);
	assert_true(msg_has(msg, "Unsupported: foo, bar, 100rel\r\n"));
	assert_no_state();

	(void)re_snprintf(hdrs, sizeof(hdrs), "Require: replaces\r\n"
			  "Refer-To: <%s>\r\n", carol->aor);
	refused("202 REFER", hdrs, 0);
	assert_ended(notify_status("SIP/2.0 200 OK\r\n"));
}


static void test_dialogs(void **state)
{
	static const char hdrs[] = "Refer-To: <sip:c@h>\r\n\r\n";
	static const struct raw rowv[] = {
		{.met = "REFER", .cseq = 70000, .callid = "other"},
		{.met = "REFER", .cseq = 70000, .to_tag = "other"},
		{.met = "REFER", .cseq = 70000, .from_tag = "other"},
	};
	const struct raw old = {.met = "REFER", .cseq = 0};
	unsigned i;
	(void)state;

	for (i=0; i<ARRAY_SIZE(rowv); ++i) {
		raw_request(alice, bob, &rowv[i], "%s", hdrs);
		(void)wire_await(alice, false, "481 REFER", i);
	}

	raw_request(alice, bob, &old, "%s", hdrs);
	(void)wire_await(alice, false, "500 REFER", 0);
	assert_no_state();
	assert_int_equal(0, events());
}


static void test_outside_dialog(void **state)
{
	(void)state;

	ua_send(alice, bob,
		"REFER %s SIP/2.0\r\n"
		"Via: SIP/2.0/UDP %J;branch=z9hG4bKout\r\n"
		"From: <%s>;tag=1\r\n"
		"To: <%s>\r\n"
		"Call-ID: out\r\n"
		"CSeq: 1 REFER\r\n"
		"Contact: <%s>\r\n"
		"Refer-To: <%s>\r\n"
		"Content-Length: 0\r\n"
		"\r\n", bob->aor, &alice->addr, alice->aor, bob->aor,
		alice->aor, carol->aor);
	(void)wire_await(alice, false, "603 REFER", 0);
	assert_no_state();
}


static void test_after_bye(void **state)
{
	const struct raw late = {.met = "REFER", .cseq = 70000};
	(void)state;

	call_bye(ab);
	(void)wire_await(alice, false, "200 BYE", 0);
	settle();
	raw_request(alice, bob, &late, "Refer-To: <%s>\r\n\r\n", carol->aor);
	(void)wire_await(alice, false, "481 REFER", 0);
	assert_no_state();
}


/* In the early dialog of a call that bob has made */
static void test_early_outgoing(void **state)
{
	struct call *call;
	(void)state;

	carol->answer = 180;
	(void)call_place(bob, carol);
	(void)wire_await(bob, false, "180 INVITE", 0);
	call = call_last(carol);
	call_request(call, "REFER", "Refer-To: <%s>\r\n\r\n", alice->aor);
	(void)wire_await(carol, false, "480 REFER", 0);
	assert_no_state();
	assert_int_equal(0, events());
}


/* In the early dialog of a call that bob has not answered yet */
static void test_early_incoming(void **state)
{
	const struct raw early = {.met = "REFER", .cseq = 70000};
	const struct sip_msg *ringing;
	char tag[64];
	struct ua *dave;
	(void)state;

	dave = peer("dave");
	bob->answer = 180;
	(void)call_place(dave, bob);
	ringing = wire_await(dave, false, "180 INVITE", 0);
	(void)pl_strcpy(&ringing->to.tag, tag, sizeof(tag));
	assert_null(wire_find(dave, false, "200 INVITE", 0));
	ua_send(dave, bob,
		"%s %s SIP/2.0\r\n"
		"Via: SIP/2.0/UDP %J;branch=z9hG4bKearly\r\n"
		"From: <%s>;tag=%r\r\n"
		"To: <%s>;tag=%s\r\n"
		"Call-ID: %r\r\n"
		"CSeq: %u REFER\r\n"
		"Contact: <%s>\r\n"
		"Refer-To: <%s>\r\n"
		"Content-Length: 0\r\n"
		"\r\n", early.met, bob->aor, &dave->addr, dave->aor,
		&ringing->from.tag, bob->aor, tag, &ringing->callid,
		early.cseq, dave->aor, carol->aor);
	(void)wire_await(dave, false, "480 REFER", 0);
	assert_no_state();
}


static void test_not_allowed(void **state)
{
	(void)state;

	bob->no_transfer = true;
	refer_to_carol();
	(void)wire_await(alice, false, "603 REFER", 0);
	assert_no_state();
	assert_int_equal(1, list_count(&bob->calll));
}


static void test_undialable(void **state)
{
	(void)state;

	fake_unsafe = "%20s";
	refer_to("<sip:a%20s@h>");
	(void)wire_await(alice, false, "484 REFER", 0);
	assert_no_state();
}


/* What can be written without the escape is dialled so */
static void test_normalised(void **state)
{
	const struct sip_msg *invite;
	char val[128];
	(void)state;

	fake_unsafe = "%48";
	(void)re_snprintf(val, sizeof(val), "<sip:%%48i@%J>", &carol->addr);
	refer_to(val);
	invite = wire_await(carol, false, "INVITE", 0);
	assert_true(msg_has(invite, "INVITE sip:Hi@127.0.0.1"));
	assert_ended(notify_status("SIP/2.0 200 OK\r\n"));
}


static void test_call_fails(void **state)
{
	(void)state;

	bob->no_calls = 1;
	refer_to_carol();
	(void)wire_await(alice, false, "202 REFER", 0);
	assert_ended(notify_status("SIP/2.0 503 Service Unavailable\r\n"));
	(void)event_await("referEnded", 0);
	assert_int_equal(0, event_count("referInviteSent"));
	assert_int_equal(1, event_count("referRejected"));
	assert_int_equal(1, log_warnings("could not call"));
	assert_no_state();
}


/* Of the Contacts of a 302 only those that were called count */
static void test_contacts_fail(void **state)
{
	static struct settings set;
	static char hdrs[512];
	unsigned i;
	int n = 0;
	(void)state;

	set = *bob->refer->set;
	set.follow_redirect = true;
	bob->refer->set = &set;

	for (i=1; i<=REDIRECTS_MAX + 1; ++i)
		n += re_snprintf(hdrs + n, sizeof(hdrs) - n,
				 "Contact: <sip:%u@%J>\r\n", i,
				 &carol->addr);

	peer_script(carol, "INVITE", HOLD, NULL);
	refer_to_carol();
	(void)wire_await(carol, false, "INVITE", 0);
	bob->no_calls = REDIRECTS_MAX + 1;
	peer_answer_held(carol, 302, hdrs);
	assert_int_equal(0, pl_strcmp(&wire_await(carol, false, "INVITE",
						  1)->uri.user, "6"));
	assert_int_equal(0, bob->no_calls);
}


/* The referrer hangs up as soon as it has the 202 */
static void test_early_bye(void **state)
{
	(void)state;

	carol->answer = 180;
	refer_to_carol();
	(void)wire_await(alice, false, "202 REFER", 0);
	call_bye(ab);
	(void)wire_await(alice, false, "200 BYE", 0);
	(void)wire_await(carol, true, "180 INVITE", 0);
	settle();
	call_answer(call_last(carol));
	assert_ended(notify_status("SIP/2.0 200 OK\r\n"));
	(void)event_await("referAccepted", 0);
	assert_no_state();
	assert_int_equal(1, list_count(&bob->calll));
}


/* No NOTIFY is wanted: the referral goes on */
static void test_notify_refused(void **state)
{
	(void)state;

	carol->answer = 180;
	peer_script(alice, "NOTIFY", 481, NULL);
	refer_to_carol();
	(void)wire_await(bob, false, "481 NOTIFY", 0);
	(void)wire_await(bob, false, "180 INVITE", 0);
	settle();
	call_answer(call_last(carol));
	(void)event_await("referAccepted", 0);
	(void)event_await("referEnded", 0);
	assert_no_state();
	assert_int_equal(1, wire_count(bob, true, "NOTIFY"));
	assert_int_equal(2, list_count(&bob->calll));
	assert_int_equal(0, wire_count(bob, true, "BYE"));
}


static void test_unsubscribed(void **state)
{
	(void)state;

	carol->answer = 180;
	refer_to_carol();
	(void)notify(0);
	settle();
	call_request(ab, "SUBSCRIBE", "Event: refer\r\nExpires: 0\r\n\r\n");
	(void)wire_await(alice, false, "200 SUBSCRIBE", 0);
	settle();
	call_answer(call_last(carol));
	(void)event_await("referAccepted", 0);
	assert_no_state();
	assert_int_equal(2, list_count(&bob->calll));
}


/* Two at once, told apart by the id */
static void test_two(void **state)
{
	struct ua *dave = peer("dave");
	const struct sip_msg *msg;
	struct pl pl;
	char ev[2][32], val[128];
	unsigned i, busy = 0, ok = 0;
	(void)state;

	carol->answer = 486;
	refer_to_carol();
	(void)re_snprintf(val, sizeof(val), "<%s>", dave->aor);
	refer_to(val);
	(void)event_await("referEnded", 1);

	for (i=0; i<2; ++i)
		(void)re_snprintf(ev[i], sizeof(ev[i]), "refer;id=%u",
				  wire_await(alice, true, "REFER", i)
				  ->cseq.num);
	assert_string_not_equal(ev[0], ev[1]);

	for (i=0; i<4; ++i) {
		msg = notify(i);
		pl_set_mbuf(&pl, msg->mb);
		if (!pl_strcmp(&pl, "SIP/2.0 486 Refused\r\n")) {
			assert_true(msg_hdr_is(msg, "Event", ev[0]));
			++busy;
		}
		if (!pl_strcmp(&pl, "SIP/2.0 200 OK\r\n")) {
			assert_true(msg_hdr_is(msg, "Event", ev[1]));
			++ok;
		}
	}

	assert_int_equal(1, busy);
	assert_int_equal(1, ok);
	assert_no_state();
}


/* With ICE the INVITE goes out later, and so does its Call-ID */
static void test_late_callid(void **state)
{
	(void)state;

	peer_script(carol, "INVITE", HOLD, NULL);
	bob->late_callid = true;
	refer_to_carol();
	(void)notify(0);
	(void)wire_await(carol, false, "INVITE", 0);
	assert_int_equal(1, list_count(&bob->refer->invites->idle));
	bob->late_callid = false;
	peer_answer_held(carol, 180, NULL);
	assert_non_null(notify_status("SIP/2.0 180 OK\r\n"));
	assert_int_equal(0, list_count(&bob->refer->invites->idle));
	peer_answer_held(carol, 200, NULL);
	assert_ended(notify_status("SIP/2.0 200 OK\r\n"));
	(void)event_await("referEnded", 0);
	assert_no_state();
}


/* Calls vanish without a word */
static void test_sweep_referred(void **state)
{
	(void)state;

	carol->answer = 180;
	refer_to_carol();
	(void)wire_await(bob, false, "180 INVITE", 0);
	call_vanish(ba);
	call_watches_sweep(bob->refer->watches);
	assert_int_equal(1, list_count(&bob->refer->servers->l));
	settle();
	call_answer(call_last(carol));
	assert_ended(notify_status("SIP/2.0 200 OK\r\n"));
	assert_null(event_await("referEnded", 0)->call);
	assert_no_state();
}


static void test_sweep_placed(void **state)
{
	(void)state;

	carol->answer = 180;
	refer_to_carol();
	assert_non_null(notify_status("SIP/2.0 180 Ringing\r\n"));
	settle();
	call_vanish(call_last(bob));
	call_watches_sweep(bob->refer->watches);
	assert_ended(notify_status("SIP/2.0 487 Request Terminated\r\n"));
	(void)event_await("referEnded", 0);
	assert_no_state();
}


/* The call that was placed vanished, then nobody answers */
static void test_vanished_ring_timeout(void **state)
{
	(void)state;

	carol->answer = 180;
	refer_to_carol();
	assert_non_null(notify_status("SIP/2.0 180 Ringing\r\n"));
	settle();
	call_vanish(call_last(bob));
	clock_forward(121000);
	assert_ended(notify_status("SIP/2.0 487 Request Terminated\r\n"));
	(void)event_await("referEnded", 0);
	assert_no_state();
}


static void test_sweep_ua(void **state)
{
	struct list *ual = bob->le.list;
	(void)state;

	carol->answer = 180;
	refer_to_carol();
	(void)wire_await(bob, false, "180 INVITE", 0);
	settle();

	list_unlink(&bob->le);
	call_watches_sweep(bob->refer->watches);
	list_append(ual, &bob->le, bob);

	assert_true(msg_hdr_is(notify(1), "Subscription-State",
			       "terminated;reason=deactivated"));
	assert_null(event_await("referEnded", 0)->ua);
	assert_no_state();
}


/* Unloading the module: calls stay */
static void test_unload(void **state)
{
	(void)state;

	carol->answer = 180;
	refer_to_carol();
	assert_non_null(notify_status("SIP/2.0 180 Ringing\r\n"));
	settle();
	refer_stop(bob);
	assert_true(msg_hdr_is(notify(2), "Subscription-State",
			       "terminated;reason=deactivated"));
	assert_int_equal(1, event_count("referEnded"));
	assert_int_equal(0, event_count("referRejected"));
	assert_int_equal(2, list_count(&bob->calll));
	call_answer(call_last(carol));
	call_await_established(bob, 2);
	assert_int_equal(0, wire_count(bob, true, "BYE"));
	assert_int_equal(1, event_count("referEnded"));
}


/* In the middle of the first NOTIFY, which is never answered */
static void test_unload_busy(void **state)
{
	(void)state;

	carol->answer = 180;
	peer_script(alice, "NOTIFY", HOLD, NULL);
	refer_to_carol();
	(void)notify(0);
	refer_stop(bob);
	clock_forward(33000);
	settle();
	assert_int_equal(1, wire_count(bob, true, "NOTIFY"));
}


/* The text of an event has no room for it */
static void test_long_target(void **state)
{
	char val[600], user[400];
	const char *prm;
	(void)state;

	memset(user, 'x', sizeof(user));
	user[sizeof(user) - 1] = '\0';
	(void)re_snprintf(val, sizeof(val), "<sip:%s@%J>", user,
			  &carol->addr);
	refer_to(val);
	assert_ended(notify_status("SIP/2.0 200 OK\r\n"));
	prm = event_await("referEnded", 0)->prm;
	assert_non_null(strstr(prm, " reason=OK cut=target"));
	assert_true(msg_has(wire_await(carol, false, "INVITE", 0), user));
}


/* A reason phrase that is longer than any buffer */
static void test_long_reason(void **state)
{
	char reason[800], body[900];
	(void)state;

	memset(reason, 'r', sizeof(reason));
	reason[sizeof(reason) - 1] = '\0';
	carol->answer = 180;
	refer_to_carol();
	(void)wire_await(carol, true, "180 INVITE", 0);
	call_reject(call_last(carol), 603, reason);
	(void)re_snprintf(body, sizeof(body), "SIP/2.0 603 %s\r\n", reason);
	assert_ended(notify_status(body));
	assert_non_null(strstr(event_await("referRejected", 0)->prm,
			       "code=603"));
	(void)event_await("referEnded", 0);
	assert_no_state();
}


/* A call to oneself: the REFER comes in the dialog of the called side */
static void test_call_to_oneself(void **state)
{
	struct call *caller, *called;
	const struct event *ev;
	(void)state;

	caller = call_place(bob, bob);
	call_await_established(bob, 3);
	called = call_last(bob);
	call_request(caller, "REFER", "Refer-To: <%s>\r\n\r\n", carol->aor);
	(void)wire_await(bob, false, "202 REFER", 0);
	ev = event_await("accepted", 0);
	assert_ptr_equal(called, ev->call);
	assert_ptr_not_equal(caller, ev->call);
}


#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, fake_close)

int main(void)
{
	const struct CMUnitTest testv[] = {
		TEST(test_straight),
		TEST(test_busy),
		TEST(test_codes),
		TEST(test_progress),
		TEST(test_progress_again),
		TEST(test_challenged_invite),
		TEST(test_ring_timeout),
		TEST(test_no_answer),
		TEST(test_canceled),
		TEST(test_refused),
		TEST(test_no_contact),
		TEST(test_extensions),
		TEST(test_dialogs),
		TEST(test_outside_dialog),
		TEST(test_after_bye),
		TEST(test_early_outgoing),
		TEST(test_early_incoming),
		TEST(test_not_allowed),
		TEST(test_undialable),
		TEST(test_normalised),
		TEST(test_call_fails),
		TEST(test_contacts_fail),
		TEST(test_early_bye),
		TEST(test_notify_refused),
		TEST(test_unsubscribed),
		TEST(test_two),
		TEST(test_late_callid),
		TEST(test_sweep_referred),
		TEST(test_sweep_placed),
		TEST(test_vanished_ring_timeout),
		TEST(test_sweep_ua),
		TEST(test_unload),
		TEST(test_unload_busy),
		TEST(test_long_target),
		TEST(test_long_reason),
		TEST(test_call_to_oneself),
	};

	return UNIT_RUN(testv, NULL, NULL);
}
