/**
 * @file unit_client.c  Tests of an outgoing REFER
 *
 * Alice has called bob, a peer, and transfers him.
 */
#include "unit.h"
#include "fake_host.h"
#include "config/settings.h"
#include "core/call_watch.h"
#include "referrer/client.h"
#include "referrer/referrer.h"
#include "referrer/subscriber.h"

#define TARGET "sip:carol@h;x=y"
#define CHALLENGE "WWW-Authenticate: Digest realm=\"r\", nonce=\"n1\"\r\n"

static struct ua *alice, *bob;
static struct call *ab, *ba;
static struct clients *clients;
static struct refer_client *c;


static int setup_set(void **state, const struct settings *set)
{
	int err = fake_init(state);

	if (err)
		return err;

	alice = softphone_set("alice", set);
	bob   = peer("bob");
	ab    = call_setup(alice, bob);
	ba    = call_last(bob);
	clients = alice->refer->clients;

	return 0;
}


static int setup(void **state)
{
	struct settings set;

	settings_init(&set);

	return setup_set(state, &set);
}


static int setup_keep(void **state)
{
	struct settings set;

	settings_init(&set);
	set.keep = true;

	return setup_set(state, &set);
}


/* Send a REFER; the protocol owns the context from then on */
static void refer(void)
{
	assert_int_equal(0, client_alloc(&c, clients, ab, TARGET));
	assert_int_equal(0, refer_client_refer(c, NULL));
	mem_deref(c);
}


/* Have the REFER answered */
static void refer_answered(uint16_t scode)
{
	char what[32];

	peer_script(bob, "REFER", scode, NULL);
	refer();
	(void)re_snprintf(what, sizeof(what), "%u REFER", scode);
	(void)wire_await(alice, false, what, 0);
}


static uint32_t id(unsigned n)
{
	return wire_await(bob, false, "REFER", n)->cseq.num;
}


static void notify_id(uint32_t num, const char *substate, const char *body)
{
	call_request(ba, "NOTIFY",
		     "Event: refer;id=%u\r\n"
		     "Subscription-State: %s\r\n"
		     "Content-Type: message/sipfrag\r\n"
		     "Content-Length: %zu\r\n"
		     "\r\n"
		     "%s", num, substate, strlen(body), body);
}


static void notify(const char *substate, const char *body)
{
	notify_id(id(0), substate, body);
}


static void answered(const char *what, unsigned n)
{
	(void)wire_await(bob, false, what, n);
	settle();
}


/* One end, and nothing is kept */
static void assert_ended(void)
{
	settle();
	assert_int_equal(1, event_count("referEnded"));
	assert_null(event_find("referEnded", 0)->le.next);
	assert_int_equal(0, list_count(&clients->l));

	/* whatever still comes, it is the end */
	clock_forward(100000);
	settle();
	assert_int_equal(1, event_count("referEnded"));
	assert_null(event_find("referEnded", 0)->le.next);
}


static void assert_kept(void)
{
	assert_int_equal(1, list_count(&alice->calll));
	assert_int_equal(0, wire_count(alice, true, "BYE"));
	assert_int_equal(0, event_count("referAccepted"));
}


static void test_straight(void **state)
{
	const struct sip_msg *msg, *ack;
	(void)state;

	refer_answered(202);
	ack = wire_await(bob, false, "ACK", 0);
	msg = wire_await(bob, false, "REFER", 0);
	assert_true(msg_hdr_is(msg, "Refer-To", "<" TARGET ">"));
	assert_true(msg_has(msg, "Referred-By: <sip:alice@127.0.0.1:"));
	assert_true(msg_has(msg, "Allow: INVITE, REFER, NOTIFY\r\n"));
	assert_int_equal(1, sip_msg_hdr_count(msg, SIP_HDR_CONTACT));
	assert_int_equal(0, pl_cmp(&msg->callid, &ack->callid));
	assert_int_equal(0, pl_cmp(&msg->to.tag, &ack->to.tag));
	assert_int_equal(0, pl_cmp(&msg->from.tag, &ack->from.tag));
	assert_true(msg->cseq.num > ack->cseq.num);

	notify("active;expires=60", "SIP/2.0 100 Trying\r\n");
	answered("200 NOTIFY", 0);
	notify("active;expires=60", "SIP/2.0 180 Ringing\r\n");
	answered("200 NOTIFY", 1);
	assert_int_equal(0, event_count("referEnded"));
	assert_int_equal(0, wire_count(alice, true, "BYE"));

	notify("terminated;reason=noresource", "SIP/2.0 200 OK\r\n");
	answered("200 NOTIFY", 2);
	(void)wire_await(bob, false, "BYE", 0);

	assert_true(event_is(0, "refer,referRequestAccepted,id=1 role=client"
			     " code=202 "));
	assert_true(event_is(1, "refer,notify,id=1 role=client code=100 "));
	assert_true(event_is(2, "refer,referProgress,id=1 role=client"
			     " code=100 "));
	assert_true(event_is(3, "refer,notify,id=1 role=client code=180 "));
	assert_true(event_is(4, "refer,referProgress,id=1 role=client"
			     " code=180 "));
	assert_true(event_is(5, "refer,notify,id=1 role=client code=200 "));
	assert_true(event_is(6, "refer,referAccepted,id=1 role=client"
			     " code=200 "));
	assert_true(event_is(7, "refer,referEnded,id=1 role=client"
			     " code=200 "));
	assert_non_null(strstr(event_find("referEnded", 0)->prm,
			       " target=" TARGET));
	assert_int_equal(0, list_count(&alice->calll));
	assert_int_equal(0, log_warnings(NULL));
	assert_ended();
}


/* refer_after_success keep */
static void test_keep(void **state)
{
	(void)state;

	refer_answered(202);
	notify("terminated;reason=noresource", "SIP/2.0 200 OK\r\n");
	(void)event_await("referAccepted", 0);
	assert_ended();
	assert_int_equal(1, list_count(&alice->calll));
	assert_int_equal(0, wire_count(alice, true, "BYE"));
}


static void test_rejected(void **state)
{
	(void)state;

	refer_answered(202);
	notify("active;expires=60", "SIP/2.0 100 Trying\r\n");
	answered("200 NOTIFY", 0);
	notify("terminated;reason=noresource",
	       "SIP/2.0 486 Besetzt %s%n\r\n");
	answered("200 NOTIFY", 1);
	assert_non_null(strstr(event_await("referRejected", 0)->prm,
			       "code=486"));
	assert_non_null(strstr(event_find("referRejected", 0)->prm,
			       "reason=Besetzt %25s%25n "));
	assert_int_equal(0, event_count("referAccepted"));
	assert_ended();
	assert_kept();
}


static void test_refused(void **state)
{
	static const uint16_t codev[] = {
		300, 400, 403, 405, 420, 480, 481, 486, 488, 500, 501, 503,
		600, 603
	};
	char what[32];
	unsigned i;
	(void)state;

	for (i=0; i<ARRAY_SIZE(codev); ++i) {

		print_message("REFER answered %u\n", codev[i]);
		peer_script(bob, "REFER", codev[i], NULL);
		refer();
		(void)event_await("referEnded", i);
		(void)re_snprintf(what, sizeof(what), "code=%u", codev[i]);
		assert_non_null(strstr(event_find("referRequestRejected", i)
				       ->prm, what));
		assert_int_equal(2 * (i + 1), events());
		assert_int_equal(0, list_count(&clients->l));
	}

	/* also not ours any more */
	notify_id(id(0), "active", "SIP/2.0 100 Trying\r\n");
	answered("501 NOTIFY", 0);
	assert_int_equal(1, list_count(&alice->calll));
	assert_int_equal(0, wire_count(alice, true, "BYE"));
}


static void test_provisional(void **state)
{
	(void)state;

	peer_script(bob, "REFER", HOLD, NULL);
	refer();
	(void)wire_await(bob, false, "REFER", 0);
	peer_answer_held(bob, 100, NULL);
	(void)wire_await(alice, false, "100 REFER", 0);
	settle();
	assert_int_equal(0, event_count("referRequestAccepted"));
	peer_answer_held(bob, 202, NULL);
	(void)event_await("referRequestAccepted", 0);
	notify("terminated;reason=noresource", "SIP/2.0 200 OK\r\n");
	(void)event_await("referAccepted", 0);
	assert_ended();
}


/* The credentials come in a second REFER: its CSeq is the id now */
static void test_challenge(void **state)
{
	const struct sip_msg *first, *second;
	(void)state;

	peer_script(bob, "REFER", 401, CHALLENGE);
	refer_answered(202);
	first  = wire_await(bob, false, "REFER", 0);
	second = wire_await(bob, false, "REFER", 1);
	assert_int_equal(first->cseq.num + 1, second->cseq.num);
	assert_true(msg_has(second, "username=\"alice\""));
	assert_true(msg_hdr_is(second, "Refer-To", "<" TARGET ">"));

	/* some keep that of the REFER before the challenge */
	notify_id(id(0), "active;expires=60", "SIP/2.0 100 Trying\r\n");
	answered("200 NOTIFY", 0);
	notify_id(id(0) - 1, "active;expires=60", "SIP/2.0 100 Trying\r\n");
	answered("501 NOTIFY", 0);
	assert_int_equal(1, event_count("notify"));
	notify_id(id(1), "terminated;reason=noresource",
		  "SIP/2.0 200 OK\r\n");
	answered("200 NOTIFY", 1);
	(void)event_await("referAccepted", 0);
	assert_ended();
}


static void test_challenge_twice(void **state)
{
	(void)state;

	peer_script(bob, "REFER", 401, CHALLENGE);
	peer_script(bob, "REFER", 401, CHALLENGE);
	refer();
	assert_non_null(strstr(event_await("referRequestRejected", 0)->prm,
			       "code=401"));
	assert_int_equal(2, wire_count(bob, false, "REFER"));
	assert_ended();
	assert_kept();
}


static void test_challenge_stale(void **state)
{
	unsigned i;
	(void)state;

	for (i=0; i<40; ++i)
		peer_script(bob, "REFER", 407, "Proxy-Authenticate: Digest"
			    " realm=\"r\", nonce=\"n\", stale=true\r\n");

	refer();
	(void)event_await("referRequestRejected", 0);
	assert_true(wire_count(bob, false, "REFER") < 20);
	assert_ended();
	assert_kept();
}


static void test_no_response(void **state)
{
	(void)state;

	peer_script(bob, "REFER", HOLD, NULL);
	refer();
	(void)wire_await(bob, false, "REFER", 0);
	settle();
	clock_forward(33000);
	assert_non_null(strstr(event_await("failed", 0)->prm, "code=408"));
	assert_ended();
	assert_kept();
}


/* 202 and then never a NOTIFY */
static void test_no_notify(void **state)
{
	(void)state;

	refer_answered(202);
	settle();
	clock_forward(TIMER_N - 1000);
	settle();
	assert_int_equal(0, event_count("referEnded"));
	clock_forward(1001);
	(void)event_await("referTimeout", 0);
	assert_ended();
	assert_kept();
}


static void test_expiry(void **state)
{
	(void)state;

	refer_answered(202);
	notify("active;expires=60", "SIP/2.0 180 Ringing\r\n");
	answered("200 NOTIFY", 0);
	clock_forward(59000);
	settle();
	assert_int_equal(0, event_count("referEnded"));
	clock_forward(2000);
	(void)event_await("referTimeout", 0);
	assert_ended();
	assert_kept();
}


/* The first NOTIFY is the last one, and tells nothing */
static void test_ended_without_outcome(void **state)
{
	(void)state;

	refer_answered(202);
	notify("terminated;reason=noresource", "SIP/2.0 100 Trying\r\n");
	answered("200 NOTIFY", 0);
	(void)event_await("failed", 0);
	assert_ended();
	assert_kept();
}


/* The outcome overtakes the 202 */
static void test_overtaken(void **state)
{
	(void)state;

	peer_script(bob, "REFER", HOLD, NULL);
	refer();
	(void)wire_await(bob, false, "REFER", 0);
	notify("terminated;reason=noresource", "SIP/2.0 200 OK\r\n");
	answered("200 NOTIFY", 0);
	(void)event_await("referAccepted", 0);
	peer_answer_held(bob, 202, NULL);
	settle();
	assert_ended();
	assert_int_equal(0, list_count(&alice->calll));
}


static void test_overtaken_progress(void **state)
{
	(void)state;

	peer_script(bob, "REFER", HOLD, NULL);
	refer();
	(void)wire_await(bob, false, "REFER", 0);
	notify("active;expires=60", "SIP/2.0 100 Trying\r\n");
	answered("200 NOTIFY", 0);
	peer_answer_held(bob, 202, NULL);
	(void)event_await("referRequestAccepted", 0);
	notify("terminated;reason=noresource", "SIP/2.0 603 Decline\r\n");
	answered("200 NOTIFY", 1);
	(void)event_await("referRejected", 0);
	assert_ended();
	assert_kept();
}


/* Refused although a NOTIFY has come */
static void test_overtaken_refused(void **state)
{
	(void)state;

	peer_script(bob, "REFER", HOLD, NULL);
	refer();
	(void)wire_await(bob, false, "REFER", 0);
	notify("active;expires=60", "SIP/2.0 100 Trying\r\n");
	answered("200 NOTIFY", 0);
	peer_answer_held(bob, 403, NULL);
	(void)event_await("referRequestRejected", 0);
	assert_ended();
	assert_kept();
}


/* The referee hangs up first, and tells the outcome then */
static void test_bye_then_outcome(void **state)
{
	const struct sip_msg *ack = wire_await(bob, false, "ACK", 0);
	(void)state;

	refer_answered(202);
	notify("active;expires=60", "SIP/2.0 100 Trying\r\n");
	answered("200 NOTIFY", 0);
	call_bye(ba);
	(void)wire_await(bob, false, "200 BYE", 0);
	settle();
	assert_int_equal(0, event_count("referEnded"));

	ua_send(bob, alice,
		"NOTIFY %s SIP/2.0\r\n"
		"Via: SIP/2.0/UDP %J;branch=z9hG4bKlate\r\n"
		"From: <%s>;tag=%r\r\n"
		"To: <%s>;tag=%r\r\n"
		"Call-ID: %r\r\n"
		"CSeq: 70000 NOTIFY\r\n"
		"Event: refer;id=%u\r\n"
		"Subscription-State: terminated;reason=noresource\r\n"
		"Content-Type: message/sipfrag\r\n"
		"Content-Length: 16\r\n"
		"\r\n"
		"SIP/2.0 200 OK\r\n",
		alice->aor, &bob->addr, bob->aor, &ack->to.tag, alice->aor,
		&ack->from.tag, &ack->callid, id(0));
	answered("200 NOTIFY", 1);
	(void)event_await("referAccepted", 0);
	assert_ended();
	assert_int_equal(0, wire_count(alice, true, "BYE"));
}


static void test_bye_and_no_outcome(void **state)
{
	(void)state;

	refer_answered(202);
	notify("active;expires=600", "SIP/2.0 100 Trying\r\n");
	answered("200 NOTIFY", 0);
	call_bye(ba);
	(void)wire_await(bob, false, "200 BYE", 0);
	settle();
	clock_forward(TIMER_N - 1000);
	settle();
	assert_int_equal(0, event_count("referEnded"));
	clock_forward(1001);
	(void)event_await("referTimeout", 0);
	assert_ended();
}


/* The user hangs up while the REFER is on its way */
static void test_hangup(void **state)
{
	(void)state;

	peer_script(bob, "REFER", HOLD, NULL);
	refer();
	(void)wire_await(bob, false, "REFER", 0);
	host_call_hangup(ab, "");
	(void)wire_await(bob, true, "200 BYE", 0);
	settle();
	clock_forward(TIMER_N + 1000);
	settle();
	assert_int_equal(1, event_count("referEnded"));
	assert_int_equal(0, list_count(&clients->l));
}


static void test_arguments(void **state)
{
	struct call *early;
	(void)state;

	assert_int_equal(EINVAL, client_alloc(NULL, clients, ab, "x"));
	assert_int_equal(EINVAL, client_alloc(&c, NULL, ab, TARGET));
	assert_int_equal(EINVAL, client_alloc(&c, clients, NULL,
					      TARGET));
	assert_int_equal(EINVAL, client_alloc(&c, clients, ab, NULL));
	assert_int_equal(EINVAL, refer_client_refer(NULL, NULL));
	assert_int_equal(0, refer_client_id(NULL));

	bob->answer = 180;
	early = call_place(alice, bob);
	(void)wire_await(alice, false, "180 INVITE", 0);
	assert_int_equal(EPROTO, client_alloc(&c, clients, early,
					      TARGET));
	assert_int_equal(0, wire_count(alice, true, "REFER"));

	refer();
	assert_int_equal(1, refer_client_id(c));
	assert_int_equal(EALREADY, refer_client_refer(c, NULL));
	assert_int_equal(1, list_count(&clients->l));
	(void)wire_await(alice, false, "200 REFER", 0);
	assert_int_equal(1, wire_count(alice, true, "REFER"));
}


static void test_close(void **state)
{
	(void)state;

	refer_answered(202);
	settle();
	client_close(c, "as asked for");
	assert_non_null(strstr(event_await("referEnded", 0)->prm,
			       "reason=as asked for "));
	assert_ended();
	assert_int_equal(1, list_count(&alice->calll));
	notify("active", "SIP/2.0 100 Trying\r\n");
	answered("501 NOTIFY", 0);
}


static void test_unload(void **state)
{
	(void)state;

	peer_script(bob, "REFER", HOLD, NULL);
	refer();
	(void)wire_await(bob, false, "REFER", 0);
	refer_stop(alice);
	assert_int_equal(1, event_count("referEnded"));
	peer_answer_held(bob, 202, NULL);
	settle();
	assert_int_equal(1, events());
	assert_int_equal(1, list_count(&alice->calll));
	assert_int_equal(0, wire_count(alice, true, "BYE"));
}


static void test_sweep_call(void **state)
{
	(void)state;

	refer_answered(202);
	settle();
	call_vanish(ab);
	call_watches_sweep(alice->refer->watches);
	call_watches_sweep(alice->refer->watches);
	assert_int_equal(0, event_count("referEnded"));
	clock_forward(TIMER_N + 1);
	(void)event_await("referTimeout", 0);
	assert_null(event_find("referEnded", 0)->call);
	assert_ended();
}


/* The outcome is a success, but the call has vanished */
static void test_vanished(void **state)
{
	uint32_t num;
	(void)state;

	refer_answered(202);
	settle();
	num = id(0);

	/* at once: bob's call ends with the BYE that this sends */
	call_vanish(ab);
	notify_id(num, "terminated;reason=noresource", "SIP/2.0 200 OK\r\n");
	(void)event_await("referAccepted", 0);
	assert_ended();
}


static void test_sweep_ua(void **state)
{
	struct list *ual = alice->le.list;
	(void)state;

	refer_answered(202);
	settle();
	list_unlink(&alice->le);
	call_watches_sweep(alice->refer->watches);
	list_append(ual, &alice->le, alice);
	assert_null(event_await("referEnded", 0)->ua);
	assert_ended();
}


/* Two transfers of one call: each follows its own NOTIFYs */
static void test_two(void **state)
{
	(void)state;

	peer_script(bob, "REFER", 202, NULL);
	peer_script(bob, "REFER", 202, NULL);
	refer();
	refer();
	(void)event_await("referRequestAccepted", 1);
	notify_id(id(1), "terminated;reason=noresource",
		  "SIP/2.0 486 Busy\r\n");
	assert_non_null(strstr(event_await("referRejected", 0)->prm,
			       ",id=2 "));
	notify_id(id(0), "terminated;reason=noresource",
		  "SIP/2.0 200 OK\r\n");
	assert_non_null(strstr(event_await("referAccepted", 0)->prm,
			       ",id=1 "));
	settle();
	assert_int_equal(2, event_count("referEnded"));
	assert_int_equal(0, list_count(&clients->l));
}


/* The call ends: each of them hears of it */
static void test_two_bye(void **state)
{
	(void)state;

	peer_script(bob, "REFER", 202, NULL);
	peer_script(bob, "REFER", 202, NULL);
	refer();
	refer();
	(void)event_await("referRequestAccepted", 1);
	notify_id(id(0), "active;expires=600", "SIP/2.0 100 Trying\r\n");
	notify_id(id(1), "active;expires=600", "SIP/2.0 100 Trying\r\n");
	answered("200 NOTIFY", 1);
	call_bye(ba);
	(void)wire_await(bob, false, "200 BYE", 0);
	settle();
	clock_forward(TIMER_N + 1);
	(void)event_await("referTimeout", 1);
	settle();
	assert_int_equal(2, event_count("referEnded"));
	assert_int_equal(0, list_count(&clients->l));
}


/* Alice was called: the REFER goes the other way */
static void test_called(void **state)
{
	struct ua *carol = peer("carol");
	(void)state;

	(void)call_setup(carol, alice);
	ab = call_last(alice);
	refer();
	(void)wire_await(carol, false, "REFER", 0);
	assert_int_equal(0, wire_count(bob, false, "REFER"));
}


/* A call to oneself: each side has its own dialog */
static void test_call_to_oneself(void **state)
{
	const struct sip_msg *invite, *msg;
	(void)state;

	ab = call_place(alice, alice);
	call_await_established(alice, 3);
	invite = wire_await(alice, false, "INVITE", 0);

	refer();
	msg = wire_await(alice, true, "REFER", 0);
	assert_int_equal(0, pl_cmp(&invite->from.tag, &msg->from.tag));

	ab = call_last(alice);
	refer();
	msg = wire_await(alice, true, "REFER", 1);
	assert_int_equal(0, pl_cmp(&invite->from.tag, &msg->to.tag));
}


#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, fake_close)

int main(void)
{
	const struct CMUnitTest testv[] = {
		TEST(test_straight),
		cmocka_unit_test_setup_teardown(test_keep, setup_keep,
						fake_close),
		TEST(test_rejected),
		TEST(test_refused),
		TEST(test_provisional),
		TEST(test_challenge),
		TEST(test_challenge_twice),
		TEST(test_challenge_stale),
		TEST(test_no_response),
		TEST(test_no_notify),
		TEST(test_expiry),
		TEST(test_ended_without_outcome),
		TEST(test_overtaken),
		TEST(test_overtaken_progress),
		TEST(test_overtaken_refused),
		TEST(test_bye_then_outcome),
		TEST(test_bye_and_no_outcome),
		TEST(test_hangup),
		TEST(test_arguments),
		TEST(test_close),
		TEST(test_unload),
		TEST(test_sweep_call),
		TEST(test_vanished),
		TEST(test_sweep_ua),
		TEST(test_two),
		TEST(test_two_bye),
		TEST(test_called),
		TEST(test_call_to_oneself),
	};

	return UNIT_RUN(testv, NULL, NULL);
}
