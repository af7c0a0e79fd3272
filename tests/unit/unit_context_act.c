/**
 * @file unit_context_act.c  Tests of an application that acts in a handler
 */
#include "unit.h"
#include "context.h"
#include "referee/referee.h"
#include "referee/server.h"


/* To act in a handler */

static void act_accept(struct refer_server *srv)
{
	app.err = refer_server_accept(srv, NULL);
}


static void act_nofollow(struct refer_server *srv)
{
	app.err = accept_nofollow(srv);
}


static void act_reject(struct refer_server *srv)
{
	app.err = refer_server_reject(srv, NULL);
}


static void act_redirect(struct refer_server *srv)
{
	app.err = redirect(srv, NULL);
}


static void act_notify(struct refer_server *srv)
{
	app.err = refer_server_notify(srv, 200, NULL);
}


static void act_invite(struct refer_server *srv)
{
	app.err = invite(srv);
}


static void act_cancel(struct refer_server *srv)
{
	app.err = cancel(srv);
}


static void act_once(struct refer_server *srv)
{
	app.err = accept_nofollow(srv);
	if (!app.err)
		app.err = refer_server_notify(srv, 200, NULL);
}


/* Nobody holds the context but the module */
static void act_at(const char *at, act_h *h, const char *hdrs)
{
	app.loose = true;
	app.at    = at;
	app.act   = h;
	app.err   = -1;
	print_message("in %s\n", at ? at : "the request handler");
	(void)ask_with(hdrs);
}


static void acted(const char *text)
{
	await_end();
	assert_null(app.act);
	assert_int_equal(0, app.err);
	assert_string_equal(text, app.text);
	assert_no_state();
}


#define NOSUB "Refer-Sub: false\r\n"
#define PENDING_TEXT " progress=100 referPending=202"
#define FOLLOWED_TEXT " accepted=202 referRequestAccepted=202" \
	" referInviteSent referAccepted=200 referEnded=200"
#define CANCELED_TEXT " accepted=202 referRequestAccepted=202" \
	" referInviteSent referRejected=487 referEnded=487"
#define REJECTED_TEXT(c) " rejected=" c " failed=" c \
	" referRequestRejected=" c " referEnded=" c
#define NOFOLLOW_TEXT " accepted=202 referRequestAccepted=202" \
	" referAccepted=200 referEnded=200"


static void test_act_request(void **state)
{
	static const char *const hdrv[] = {"", NOSUB};
	unsigned i;
	(void)state;

	for (i=0; i<ARRAY_SIZE(hdrv); ++i) {
		act_at(NULL, act_accept, hdrv[i]);
		acted(FOLLOWED_TEXT);
		act_at(NULL, act_reject, hdrv[i]);
		acted(REJECTED_TEXT("480"));
		act_at(NULL, act_redirect, hdrv[i]);
		acted(REJECTED_TEXT("302"));
		act_at(NULL, act_once, hdrv[i]);
		acted(NOFOLLOW_TEXT);
	}
}


static void test_act_progress(void **state)
{
	(void)state;

	act_at("progress", act_accept, "");
	clock_forward(TRYING_MS);
	acted(" progress=100" FOLLOWED_TEXT);
	act_at("progress", act_reject, "");
	clock_forward(TRYING_MS);
	acted(" progress=100" REJECTED_TEXT("480"));
}


static void test_act_pending(void **state)
{
	static const char *const hdrv[] = {"", NOSUB};
	unsigned i;
	(void)state;

	for (i=0; i<ARRAY_SIZE(hdrv); ++i) {
		act_at("referPending", act_accept, hdrv[i]);
		clock_forward(DECIDE_MS);
		acted(PENDING_TEXT FOLLOWED_TEXT);
		act_at("referPending", act_reject, hdrv[i]);
		clock_forward(DECIDE_MS);
		acted(PENDING_TEXT REJECTED_TEXT("603"));
		act_at("referPending", act_once, hdrv[i]);
		clock_forward(DECIDE_MS);
		acted(PENDING_TEXT NOFOLLOW_TEXT);
	}
}


/* At the last moment */
static void test_act_timeout(void **state)
{
	(void)state;

	act_at("referTimeout", act_accept, "");
	clock_forward(DECIDE_MS);
	(void)event_await("referPending", 0);
	settle();
	clock_forward(ASK_MS - DECIDE_MS);
	acted(PENDING_TEXT " referTimeout" FOLLOWED_TEXT);
	act_at("referTimeout", act_redirect, "");
	clock_forward(DECIDE_MS);
	(void)event_await("referPending", 1);
	settle();
	clock_forward(ASK_MS - DECIDE_MS);
	acted(PENDING_TEXT " referTimeout" REJECTED_TEXT("302"));
}


static void test_act_cancel(void **state)
{
	static const char *const hdrv[] = {"", NOSUB};
	unsigned i;
	(void)state;

	carol->answer = 180;
	for (i=0; i<ARRAY_SIZE(hdrv); ++i) {

		act_at("referInviteSent", act_cancel, hdrv[i]);
		assert_int_equal(0, refer_server_accept(app.srv, NULL));
		acted(CANCELED_TEXT);

		act_at("referInviteSent", act_cancel, hdrv[i]);
		assert_int_equal(0, accept_nofollow(app.srv));
		assert_int_equal(0, invite(app.srv));
		acted(CANCELED_TEXT);

		act_at("referProgress", act_cancel, hdrv[i]);
		assert_int_equal(0, refer_server_accept(app.srv, NULL));
		(void)wire_await(bob, false, "180 INVITE", i);
		settle();
		clock_forward(NOTIFY_PACE);
		acted(" accepted=202 referRequestAccepted=202"
		      " referInviteSent referProgress=180 referRejected=487"
		      " referEnded=487");
	}
}


static void test_act_accepted(void **state)
{
	(void)state;

	act_at("referRequestAccepted", act_notify, "");
	assert_int_equal(0, accept_nofollow(app.srv));
	acted(NOFOLLOW_TEXT);
	act_at("referRequestAccepted", act_notify, NOSUB);
	assert_int_equal(0, accept_nofollow(app.srv));
	acted(NOFOLLOW_TEXT);
	act_at("referRequestAccepted", act_invite, "");
	assert_int_equal(0, accept_nofollow(app.srv));
	acted(FOLLOWED_TEXT);
}


/* It is over: everything is refused in there */
static void act_all(struct refer_server *srv)
{
	app.err = refer_server_accept(srv, NULL) == EPROTO &&
		refer_server_reject(srv, NULL) == EPROTO &&
		refer_server_trying(srv) == EPROTO &&
		refer_server_notify(srv, 200, NULL) == EPROTO &&
		invite(srv) == EPROTO && cancel(srv) == EPROTO ? 0 : EALREADY;
}


static void test_act_over(void **state)
{
	static const char *const eventv[] = {
		"rejected", "failed", "referRequestRejected", "referEnded"
	};
	unsigned i;
	(void)state;

	for (i=0; i<ARRAY_SIZE(eventv); ++i) {
		act_at(eventv[i], act_all, "");
		assert_int_equal(0, refer_server_reject(app.srv, NULL));
		acted(REJECTED_TEXT("480"));
	}

	act_at("referEnded", act_all, "");
	assert_int_equal(0, refer_server_accept(app.srv, NULL));
	acted(FOLLOWED_TEXT);
	act_at("referAccepted", act_all, "");
	assert_int_equal(0, refer_server_accept(app.srv, NULL));
	acted(FOLLOWED_TEXT);
}


/* "referEnded" stays the last, even if one ends it in "accepted" */
static void test_act_accepted_first(void **state)
{
	static const char *const hdrv[] = {"", NOSUB};
	const char *last;
	unsigned i;
	(void)state;

	for (i=0; i<ARRAY_SIZE(hdrv); ++i) {
		act_at("accepted", act_notify, hdrv[i]);
		assert_int_equal(0, accept_nofollow(app.srv));
		await_end();
		assert_int_equal(0, app.err);
		last = strrchr(app.text, ' ');
		assert_string_equal(" referEnded=200", last);
		assert_no_state();
	}
}


/* Decided in "referPending": there is nothing to time out any more */
static void test_act_pending_no_timeout(void **state)
{
	(void)state;

	act_at("referPending", act_nofollow, "");
	clock_forward(DECIDE_MS);
	(void)event_await("referRequestAccepted", 0);
	settle();
	clock_forward(ASK_MS - DECIDE_MS);
	settle();
	assert_int_equal(0, event_count("referTimeout"));
	assert_int_equal(0, refer_server_notify(app.srv, 200, NULL));
	await_end();
}


/* The application is faster than the module with the INVITE */
static void test_act_invite_follow(void **state)
{
	(void)state;

	carol->answer = 180;
	act_at("referRequestAccepted", act_invite, "");
	assert_int_equal(0, refer_server_accept(app.srv, NULL));
	(void)wire_await(bob, false, "180 INVITE", 0);
	settle();
	assert_int_equal(0, log_warnings("could not call"));
	assert_int_equal(0, event_count("referEnded"));
	call_answer(call_last(carol));
	await_end();
	assert_non_null(strstr(app.text, " referAccepted=200 referEnded=200"));
	assert_int_equal(1, wire_count(bob, true, "INVITE"));
	assert_no_state();
}


static void act_dispose(struct refer_server *srv)
{
	app.err = 0;
	refer_server_dispose(srv);
}


/* "referEnded" is the last one */
static void disposed(void)
{
	await_end();
	assert_null(app.act);
	clock_forward(2 * ASK_MS);
	settle();
	assert_string_equal(" referEnded", strrchr(app.text, ' '));
	assert_no_state();
}


static void test_act_dispose(void **state)
{
	static const char *const hdrv[] = {"", NOSUB};
	unsigned i;
	(void)state;

	carol->answer = 180;
	for (i=0; i<ARRAY_SIZE(hdrv); ++i) {

		act_at(NULL, act_dispose, hdrv[i]);
		disposed();

		act_at("progress", act_dispose, hdrv[i]);
		clock_forward(TRYING_MS);
		disposed();

		act_at("referPending", act_dispose, hdrv[i]);
		clock_forward(DECIDE_MS);
		disposed();

		act_at("referRequestAccepted", act_dispose, hdrv[i]);
		assert_int_equal(0, refer_server_accept(app.srv, NULL));
		disposed();

		act_at("referInviteSent", act_dispose, hdrv[i]);
		assert_int_equal(0, refer_server_accept(app.srv, NULL));
		disposed();

		act_at("referInviteSent", act_dispose, hdrv[i]);
		assert_int_equal(0, accept_nofollow(app.srv));
		assert_int_equal(0, invite(app.srv));
		disposed();
	}
}


/* Nobody follows its INVITE any more, and libre no redirection either */
static void test_act_dispose_redirected(void **state)
{
	const struct sip_msg *inv;
	(void)state;

	carol->answer = 0;
	act_at("referInviteSent", act_dispose, "");
	assert_int_equal(0, refer_server_accept(app.srv, NULL));
	await_end();

	inv = wire_await(carol, false, "INVITE", 0);
	ua_send(carol, bob, "SIP/2.0 302 Moved\r\n"
		"Via: %r\r\nFrom: %r\r\nTo: %r;tag=carol\r\n"
		"Call-ID: %r\r\nCSeq: %u INVITE\r\n"
		"Contact: <sip:900@%J>\r\nContent-Length: 0\r\n\r\n",
		&inv->via.val, &inv->from.val, &inv->to.val, &inv->callid,
		inv->cseq.num, &carol->addr);
	(void)wire_await(carol, false, "ACK", 0);
	settle();
	assert_int_equal(1, wire_count(carol, false, "INVITE"));
	assert_no_state();
}


/* One that fires more than one event in a row has to look in between */

static void test_act_dispose_accepted(void **state)
{
	static const char *const eventv[] = {
		"accepted", "referRequestAccepted"
	};
	unsigned i, n;
	(void)state;

	for (i=0; i<ARRAY_SIZE(eventv); ++i) {
		const struct sip_msg *msg;

		act_at(eventv[i], act_dispose, "");
		n = wire_count(alice, false, "NOTIFY");
		assert_int_equal(0, refer_server_accept(app.srv, NULL));
		msg = wire_await(alice, false, "NOTIFY", n);
		assert_non_null(strstr((char *)msg->mb->buf,
				       "SIP/2.0 480 Temporarily"));
		assert_non_null(strstr((char *)msg->mb->buf,
				       "terminated;reason=noresource"));
		disposed();
	}
}


static void test_act_dispose_rejected(void **state)
{
	static const char *const eventv[] = {
		"referRequestRejected", "failed", "rejected"
	};
	unsigned i;
	(void)state;

	for (i=0; i<ARRAY_SIZE(eventv); ++i) {
		act_at(eventv[i], act_dispose, "");
		assert_int_equal(0, refer_server_reject(app.srv, NULL));
		await_end();
		assert_non_null(strstr(strrchr(app.text, ' '),
				       " referEnded"));
		assert_no_state();
	}
}


int main(void)
{
	const struct CMUnitTest testv[] = {
		TEST(test_act_request),
		TEST(test_act_progress),
		TEST(test_act_pending),
		TEST(test_act_timeout),
		TEST(test_act_cancel),
		TEST(test_act_accepted),
		TEST(test_act_over),
		TEST(test_act_dispose),
		TEST(test_act_dispose_redirected),
		TEST(test_act_dispose_accepted),
		TEST(test_act_dispose_rejected),
		TEST(test_act_accepted_first),
		TEST(test_act_pending_no_timeout),
		TEST(test_act_invite_follow),
	};

	return UNIT_RUN(testv, NULL, NULL);
}
