/**
 * @file unit_client_api.c  Tests of an outgoing REFER as an application has it
 *
 * Alice has called bob, a peer, and an application of hers transfers him.
 */
#include "unit.h"
#include "fake_host.h"
#include "core/call_watch.h"
#include "referrer/client.h"
#include "referrer/referrer.h"

#define TARGET "sip:carol@h"
#define CHALLENGE "WWW-Authenticate: Digest realm=\"r\", nonce=\"n1\"\r\n"

static struct ua *alice, *bob;
static struct call *ab, *ba;
static struct clients *clients;
static struct refer_client *c;

static struct {
	char text[1024];         /* Events, " name=code" */
	const char *at;          /* Event to act in      */
	void (*act)(void);       /* What to do, once     */
	int err;
	unsigned responses;
	uint16_t scode;
	bool null;
	enum refer_outcome outcome;
	bool notify;
} app;


static void event_handler(const struct refer_event *ev, void *arg)
{
	const char *name = refer_event_name(ev->type);
	const size_t len = strlen(app.text);
	void (*act)(void) = app.act;

	assert_ptr_equal(&app, arg);
	assert_int_equal(REFER_ROLE_CLIENT, ev->role);
	assert_null(ev->srv);
	assert_ptr_equal(c, ev->client);
	(void)re_snprintf(app.text + len, sizeof(app.text) - len, " %s=%u",
			  name, ev->scode);

	if (ev->outcome != REFER_OUTCOME_NONE)
		app.outcome = ev->outcome;

	if (ev->type == REFER_EV_NOTIFY)
		app.notify = ev->msg && !pl_strcmp(&ev->msg->met, "NOTIFY");

	if (act && !str_cmp(name, app.at)) {
		app.act = NULL;
		act();
	}
}


static void resp_handler(struct refer_client *cl, const struct sip_msg *msg,
			 void *arg)
{
	assert_ptr_equal(&app, arg);
	assert_ptr_equal(c, cl);
	++app.responses;
	app.scode = msg ? msg->scode : 0;
	app.null  = !msg;
}


static int setup(void **state)
{
	int err = fake_init(state);

	if (err)
		return err;

	memset(&app, 0, sizeof(app));
	alice = softphone("alice");
	bob   = peer("bob");
	ab    = call_setup(alice, bob);
	ba    = call_last(bob);
	clients = alice->refer->clients;

	err = client_alloc(&c, clients, ab, TARGET);
	refer_client_set_handler(c, event_handler, &app);

	return err;
}


static int teardown(void **state)
{
	refer_client_set_handler(c, NULL, NULL);
	c = mem_deref(c);

	return fake_close(state);
}


static void notify(unsigned n, const char *body)
{
	call_request(ba, "NOTIFY",
		     "Event: refer;id=%u\r\n"
		     "Subscription-State: %s\r\n"
		     "Content-Type: message/sipfrag\r\n"
		     "Content-Length: %zu\r\n"
		     "\r\n"
		     "%s", wire_await(bob, false, "REFER", n)->cseq.num,
		     strstr(body, " 1") ? "active;expires=60"
				        : "terminated;reason=noresource",
		     strlen(body), body);
}


static void refer_again(void)
{
	app.err = refer_client_refer(c, NULL);
}


static void dispose(void)
{
	app.err = refer_client_dispose(c);
}


static void test_accessors(void **state)
{
	const char *reason = "x";
	(void)state;

	assert_int_equal(REFER_CLIENT_IDLE, refer_client_state(c));
	assert_int_equal(0, refer_client_id(c));
	assert_ptr_equal(alice, refer_client_ua(c));
	assert_ptr_equal(ab, refer_client_call(c));
	assert_string_equal(TARGET, refer_client_target(c));
	assert_int_equal(0, refer_client_response(c, &reason));
	assert_null(reason);
	assert_null(refer_client_data(c));
	refer_client_set_data(c, &app);
	assert_ptr_equal(&app, refer_client_data(c));
	assert_int_equal(EPROTO, refer_client_dispose(c));

	/* nothing is under way */
	assert_int_equal(0, list_count(&clients->l));
	assert_int_equal(0, events());

	peer_script(bob, "REFER", 403, NULL);
	assert_int_equal(0, refer_client_refer(c, NULL));
	assert_int_equal(REFER_CLIENT_HOLDING, refer_client_state(c));
	assert_int_equal(1, refer_client_id(c));
	assert_int_equal(EALREADY, refer_client_refer(c, NULL));
	(void)event_await("referEnded", 0);
	assert_int_equal(REFER_CLIENT_TERMINATED, refer_client_state(c));
	assert_int_equal(403, refer_client_response(c, &reason));
	assert_string_equal("Refused", reason);
	assert_string_equal(" referRequestRejected=403 referEnded=403",
			    app.text);
	assert_int_equal(REFER_OUTCOME_REFUSED, app.outcome);
}


static void test_null(void **state)
{
	const char *reason = "x";
	struct refer_client *other;
	(void)state;

	assert_int_equal(EINVAL, client_alloc(&other, clients, ab, ""));
	assert_int_equal(EINVAL, client_alloc(&other, clients, ab,
					      "sip:a@b>\r\nX: <y"));
	assert_int_equal(EINVAL, client_alloc_outside(&other, clients,
				 alice, "sip:a@b>\r\nX: <y", TARGET));

	assert_int_equal(EINVAL, refer_client_refer(NULL, NULL));
	assert_int_equal(EINVAL, refer_client_dispose(NULL));
	assert_int_equal(0, refer_client_id(NULL));
	assert_int_equal(REFER_CLIENT_IDLE, refer_client_state(NULL));
	assert_null(refer_client_ua(NULL));
	assert_null(refer_client_call(NULL));
	assert_null(refer_client_target(NULL));
	assert_null(refer_client_data(NULL));
	assert_int_equal(0, refer_client_response(NULL, &reason));
	assert_null(reason);
	refer_client_set_data(NULL, &app);
	refer_client_set_handler(NULL, event_handler, &app);
	assert_string_equal("???", refer_client_state_name(
				(enum refer_client_state)77));
	assert_int_equal(EINVAL, client_alloc_outside(&c, clients, NULL,
						      "sip:x@y", TARGET));
	assert_int_equal(EINVAL, client_alloc_outside(NULL, clients,
						      alice, "sip:x@y",
						      TARGET));
}


/* Headers and a body of one's own, and the responses */
static void test_opts(void **state)
{
	static const char *const hdrv[] = {"X-A: 1", "Require: x", NULL};
	const struct refer_client_opts opts = {
		.hdrv  = hdrv,
		.ctype = "text/plain",
		.body  = "hello",
		.resph = resp_handler,
		.arg   = &app,
	};
	const struct sip_msg *msg;
	(void)state;

	peer_script(bob, "REFER", 401, CHALLENGE);
	peer_script(bob, "REFER", 420, "Unsupported: x\r\n");
	peer_script(bob, "REFER", 202, NULL);
	assert_int_equal(0, refer_client_refer(c, &opts));
	(void)event_await("referRequestAccepted", 0);

	msg = wire_await(bob, false, "REFER", 1);
	assert_true(msg_has(msg, "Require: x\r\n"));
	msg = wire_await(bob, false, "REFER", 2);
	assert_true(msg_has(msg, "X-A: 1\r\n"));
	assert_false(msg_has(msg, "Require: x\r\n"));
	assert_true(msg_has(msg, "Content-Type: text/plain\r\n"));
	assert_true(body_is(msg, "hello"));

	/* what was answered by another REFER is not told */
	assert_int_equal(1, app.responses);
	assert_int_equal(202, app.scode);

	notify(2, "SIP/2.0 180 Ringing\r\n");
	(void)event_await("notify", 0);
	assert_true(app.notify);
	notify(2, "SIP/2.0 200 OK\r\n");
	(void)event_await("referEnded", 0);
	assert_string_equal(" referRequestAccepted=202 notify=180"
			    " referProgress=180 notify=200 referAccepted=200"
			    " referEnded=200", app.text);
	assert_int_equal(REFER_OUTCOME_ACCEPTED, app.outcome);
}


static void test_wrong_opts(void **state)
{
	static const char *const linev[] = {
		"", "X", "X 1", ": 1", "X: 1\r\nY: 2", "X: 1\n", "Via: x",
		"Refer-To: <sip:x@y>", "r: <sip:x@y>", "Content-Length: 9",
		"Referred-By: x\r\n", "Route: <sip:x>",
	};
	struct refer_client_opts opts = {.body = "x"};
	unsigned i;
	(void)state;

	assert_int_equal(EINVAL, refer_client_refer(c, &opts));
	opts.ctype = "a/b\r\nX: 1";
	assert_int_equal(EINVAL, refer_client_refer(c, &opts));
	opts.body = opts.ctype = NULL;

	for (i=0; i<ARRAY_SIZE(linev); ++i) {
		const char *const hdrv[] = {"X-Ok: 1", linev[i], NULL};

		opts.hdrv = hdrv;
		assert_int_equal(EINVAL, refer_client_refer(c, &opts));
	}

	assert_int_equal(REFER_CLIENT_IDLE, refer_client_state(c));
	assert_int_equal(0, refer_client_id(c));
	assert_int_equal(0, wire_count(alice, true, "REFER"));
	assert_false(ab->held);
	assert_int_equal(0, events());

	/* and a right call is none the worse */
	assert_int_equal(0, refer_client_refer(c, NULL));
	(void)event_await("referRequestAccepted", 0);
}


/* Again from the handler of the last event, with a number of its own */
static void test_again(void **state)
{
	(void)state;

	app.at  = "referEnded";
	app.act = refer_again;
	peer_script(bob, "REFER", 480, NULL);
	peer_script(bob, "REFER", 202, NULL);
	assert_int_equal(0, refer_client_refer(c, NULL));
	assert_non_null(strstr(event_await("referEnded", 0)->prm, ",id=1 "));
	assert_int_equal(0, app.err);
	assert_non_null(strstr(event_await("referRequestAccepted", 0)->prm,
			       ",id=2 "));
	notify(1, "SIP/2.0 603 No\r\n");
	assert_non_null(strstr(event_await("referEnded", 1)->prm, ",id=2 "));
	settle();
	assert_false(ab->held);
	assert_int_equal(2, event_count("referEnded"));

	/* the call is over: not again */
	call_bye(ba);
	(void)wire_await(bob, false, "200 BYE", 0);
	settle();
	assert_int_equal(ENOENT, refer_client_refer(c, NULL));
}


/* Not before the last event: it has not ended until then */
static void test_again_early(void **state)
{
	(void)state;

	app.at  = "referRequestRejected";
	app.act = refer_again;
	peer_script(bob, "REFER", 480, NULL);
	assert_int_equal(0, refer_client_refer(c, NULL));
	(void)event_await("referEnded", 0);
	assert_int_equal(EALREADY, app.err);
	assert_int_equal(0, list_count(&clients->l));
	assert_int_equal(1, wire_count(alice, true, "REFER"));
}


/* What has ended with the module does not begin again */
static void test_again_unloaded(void **state)
{
	(void)state;

	app.at  = "referEnded";
	app.act = refer_again;
	peer_script(bob, "REFER", HOLD, NULL);
	assert_int_equal(0, refer_client_refer(c, NULL));
	(void)wire_await(bob, false, "REFER", 0);
	refer_stop(alice);
	assert_int_equal(ENOENT, app.err);
}


/* What the REFER number n names; the referee then reports a status */
static void tried(unsigned n, const char *refer_to, const char *frag)
{
	const struct sip_msg *req = wire_await(bob, false, "REFER", n);

	if (!msg_has(req, refer_to))
		fail_msg("no %s in REFER %u", refer_to, n + 1);

	(void)wire_await(alice, false, "202 REFER", n);
	notify(n, frag);
	(void)wire_await(bob, false, "200 NOTIFY", n);
}


/* Each REFER of an attended transfer begins with the Contact of the target,
   and has a second attempt of its own */
static void test_again_attended(void **state)
{
	static const char contact[] = "Refer-To: <sip:carol@";
	static const char aor[] = "Refer-To: <sip:peer@example.com?Require=";
	struct call *other = call_setup(alice, peer("carol"));
	struct refer_transfer row;
	unsigned i;
	(void)state;

	mem_deref(c);
	assert_int_equal(0, client_alloc_attended(&c, alice->refer, ab,
						  other));

	for (i=0; i<4; ++i)
		peer_script(bob, "REFER", 202, NULL);

	for (i=0; i<2; ++i) {
		assert_int_equal(0, refer_client_refer(c, NULL));
		client_row(&row, c);
		assert_int_equal(0, row.scode);
		tried(2*i, contact, "SIP/2.0 404 Not Found\r\n");
		tried(2*i + 1, aor, "SIP/2.0 480 No\r\n");
		(void)event_await("referEnded", i);
		settle();
	}

	assert_int_equal(4, wire_count(bob, false, "REFER"));
	assert_int_equal(2, event_count("referEnded"));
}


static struct call *other_call;


static void hang_up_other(void)
{
	host_call_hangup(other_call, "because");
}


/* At the sweep: the application ends the next one meanwhile */
static void test_sweep(void **state)
{
	struct refer_client *next;
	(void)state;

	other_call = call_setup(alice, peer("dave"));
	peer_script(bob, "REFER", HOLD, NULL);
	assert_int_equal(0, refer_client_refer(c, NULL));
	assert_int_equal(0, client_alloc(&next, clients, other_call,
					 TARGET));
	assert_int_equal(0, refer_client_refer(next, NULL));
	mem_deref(next);
	assert_int_equal(0, client_alloc(&next, clients, ab, TARGET));
	assert_int_equal(0, refer_client_refer(next, NULL));
	mem_deref(next);

	app.at  = "referEnded";
	app.act = hang_up_other;
	call_vanish(ab);
	call_watches_sweep(alice->refer->watches);
	settle();
	clock_forward(33000);
	settle();
	assert_int_equal(3, event_count("referEnded"));
	assert_int_equal(0, list_count(&clients->l));
}


static void assert_disposed(const char *text)
{
	(void)event_await("referEnded", 0);
	settle();
	assert_int_equal(0, app.err);
	assert_string_equal(text, app.text);
	assert_int_equal(REFER_OUTCOME_CANCELLED, app.outcome);
	assert_int_equal(0, list_count(&clients->l));
	assert_false(ab->held);
	assert_int_equal(1, list_count(&alice->calll));
}


static void test_dispose_at_accepted(void **state)
{
	(void)state;

	app.at  = "referRequestAccepted";
	app.act = dispose;
	peer_script(bob, "REFER", 202, NULL);
	assert_int_equal(0, refer_client_refer(c, NULL));
	assert_disposed(" referRequestAccepted=202 referEnded=0");
	(void)wire_await(bob, false, "SUBSCRIBE", 0);
}


static void test_dispose_at_notify(void **state)
{
	(void)state;

	app.at  = "notify";
	app.act = dispose;
	peer_script(bob, "REFER", 202, NULL);
	assert_int_equal(0, refer_client_refer(c, NULL));
	notify(0, "SIP/2.0 200 OK\r\n");
	assert_disposed(" referRequestAccepted=202 notify=200 referEnded=0");
}


/* Let go of at once: the protocol goes on with it */
static void test_loose(void **state)
{
	(void)state;

	refer_client_set_handler(c, NULL, NULL);
	peer_script(bob, "REFER", 202, NULL);
	assert_int_equal(0, refer_client_refer(c, NULL));
	c = mem_deref(c);
	notify(0, "SIP/2.0 200 OK\r\n");
	(void)event_await("referEnded", 0);
	settle();
	assert_int_equal(0, list_count(&clients->restl));
}


/* Let go of while it is under way: nothing of the application is called */
static void test_released(void **state)
{
	const struct refer_client_opts opts = {
		.resph = resp_handler,
		.arg   = &app,
	};
	(void)state;

	peer_script(bob, "REFER", 202, NULL);
	assert_int_equal(0, refer_client_refer(c, &opts));
	refer_client_set_handler(c, NULL, NULL);
	c = mem_deref(c);
	(void)event_await("referRequestAccepted", 0);
	notify(0, "SIP/2.0 200 OK\r\n");
	(void)event_await("referEnded", 0);
	assert_int_equal(0, app.responses);
	assert_string_equal("", app.text);
}


/* The module goes, the application keeps what it has */
static void test_unloaded(void **state)
{
	(void)state;

	peer_script(bob, "REFER", HOLD, NULL);
	assert_int_equal(0, refer_client_refer(c, NULL));
	(void)wire_await(bob, false, "REFER", 0);
	refer_stop(alice);
	assert_int_equal(REFER_OUTCOME_CANCELLED, app.outcome);
	assert_int_equal(ENOENT, refer_client_refer(c, NULL));
	assert_int_equal(EPROTO, refer_client_dispose(c));
	assert_null(refer_client_call(c));
}


static void test_no_response(void **state)
{
	const struct refer_client_opts opts = {
		.resph = resp_handler,
		.arg   = &app,
	};
	(void)state;

	peer_script(bob, "REFER", HOLD, NULL);
	assert_int_equal(0, refer_client_refer(c, &opts));
	(void)wire_await(bob, false, "REFER", 0);
	settle();
	clock_forward(33000);
	(void)event_await("referEnded", 0);
	assert_int_equal(1, app.responses);
	assert_true(app.null);
	assert_string_equal(" failed=408 referEnded=408", app.text);
}


static void test_outside(void **state)
{
	const struct refer_client_opts opts = {.nosub = true};
	const struct sip_msg *msg;
	(void)state;

	c = mem_deref(c);
	assert_int_equal(0, client_alloc_outside(&c, clients, alice,
						 bob->aor, TARGET));
	refer_client_set_handler(c, event_handler, &app);
	assert_null(refer_client_call(c));
	peer_script(bob, "REFER", 503, NULL);
	peer_script(bob, "REFER", 202, NULL);
	assert_int_equal(0, refer_client_refer(c, &opts));
	(void)event_await("referEnded", 0);
	msg = wire_await(bob, false, "REFER", 0);
	assert_true(msg_has(msg, "Require: nosub\r\n"));
	assert_false(pl_isset(&msg->to.tag));

	/* again: a dialog of its own */
	assert_int_equal(0, refer_client_refer(c, &opts));
	(void)event_await("referEnded", 1);
	assert_int_equal(REFER_OUTCOME_UNKNOWN, app.outcome);
	assert_int_not_equal(0, pl_cmp(&msg->callid, &wire_await(bob, false,
				       "REFER", 1)->callid));

	/* that cannot be sent to */
	c = mem_deref(c);
	assert_int_equal(0, client_alloc_outside(&c, clients, alice,
						 "tel:+49123", TARGET));
	assert_int_not_equal(0, refer_client_refer(c, NULL));
	assert_int_equal(0, list_count(&clients->l));
}


/* What is no URI of ours is not sent as one */
static void test_rubbish(void **state)
{
	static const char *const v[] = {
		"", "a,b", "<a,b>", "<>", "carol smith", "sip:", "http://x",
		"mailto:a@b", "sip:a b@h", "sip:a@h\r\nX: y", "tel:",
		"sip:a@h>,<sip:e@h", "<sip:a@h>, <sip:e@h>", "<sip:a@h",
		"<sip:a@h> <sip:e@h>", "sip:a@h, sip:e@h", "a@h,e@h",
	};
	const struct refer_client_opts plain = {.timeout = 0};
	size_t i;
	(void)state;

	for (i=0; i<ARRAY_SIZE(v); ++i) {
		assert_int_equal(EINVAL, client_alloc(&c, clients, ab, v[i]));
		assert_int_equal(EINVAL, client_alloc_outside(&c,
				 clients, alice, bob->aor, v[i]));
		assert_int_equal(EINVAL, client_alloc_outside(&c,
				 clients, alice, v[i], TARGET));
		assert_int_equal(EINVAL, consult_start(
				 alice->refer->consults, ab, v[i], &plain));
	}

	assert_int_equal(0, consult_id(alice->refer->consults));
	assert_int_equal(0, wire_count(bob, false, "REFER"));
}


/* What people type is completed */
static void test_completed(void **state)
{
	static const char *const v[][2] = {
		{"sip:carol@h", "sip:carol@h"},
		{"<sip:carol@h;a=b?X=y>;z", "sip:carol@h;a=b?X=y"},
		{"\"Carol, <C>\" <sip:carol@h>", "sip:carol@h"},
		{"<carol@h>", "sip:carol@h"},
		{"tel:+49-30", "tel:+49-30"},
	};
	struct refer_client *other;
	size_t i;
	(void)state;

	for (i=0; i<ARRAY_SIZE(v); ++i) {
		assert_int_equal(0, client_alloc(&other, clients, ab,
						 v[i][0]));
		assert_string_equal(v[i][1], refer_client_target(other));
		mem_deref(other);
		assert_int_equal(0, client_alloc_outside(&other, clients,
							 alice, v[i][0],
							 v[i][0]));
		assert_string_equal(v[i][1], refer_client_target(other));
		mem_deref(other);
	}

	assert_int_equal(0, client_alloc(&other, clients, ab, "<carol>"));
	assert_memory_equal("sip:carol@", refer_client_target(other), 10);
	mem_deref(other);
}


#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest testv[] = {
		TEST(test_accessors),
		TEST(test_null),
		TEST(test_rubbish),
		TEST(test_completed),
		TEST(test_opts),
		TEST(test_wrong_opts),
		TEST(test_again),
		TEST(test_again_early),
		TEST(test_again_unloaded),
		TEST(test_again_attended),
		TEST(test_sweep),
		TEST(test_dispose_at_accepted),
		TEST(test_dispose_at_notify),
		TEST(test_loose),
		TEST(test_released),
		TEST(test_unloaded),
		TEST(test_no_response),
		TEST(test_outside),
	};

	return UNIT_RUN(testv, NULL, NULL);
}
