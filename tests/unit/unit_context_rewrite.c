/**
 * @file unit_context_rewrite.c  Tests of how an application has a referral
 * executed
 */
#include <string.h>
#include "unit.h"
#include "context.h"
#include "referee/referee.h"
#include "referee/server.h"


static struct refer_invite_opts invite_opts;
static const struct refer_opts opts = {.invite = &invite_opts};


/* Neither call has any effect */
static void wrong(int err, const struct refer_invite_opts *how)
{
	struct refer_inviter *inv;

	invite_opts = *how;
	NO_EFFECT(err, refer_server_accept(app.srv, &opts));
	NO_EFFECT(err, referral_make_inviter(&inv,
			refer_server_referral(app.srv), how));
}


static void test_wrong(void **state)
{
	static const char *const targetv[] = {
		"sips:a@h", "http://h", "sip:", "sip:a@h\r\nX-Evil: 1", "a b",
		"sip:a@h%0d%0aX:1", "sip:a@h;method=BYE", "<sip:a@h",
		"sip:a@h?Require=foo", "sip:a@h?Replaces=x", "<a,b>", "tel:",
		"sip:a@h>,<sip:b@h",
	};
	static const char *const namev[] = {
		"a\"b", "a\\", "<sip:eve@h>", "a\r\nX-Evil: 1", "a\n", "\x01",
		"\xff", "\xc2\x85", "\xe2\x80\xae",
	};
	static const char *const outboundv[] = {
		"h", "sip:", "sips:h", "tel:+1", "sip:h;lr", "sip:h;x;LR",
		"sip:h?X=1", "sip:a:b@h", "sip:h\r\nX-Evil: 1",
		"sip:h>,<sip:eve@h", "sip:h%0d%0a", "sip:h%00", "<sip:h>",
		" sip:h", "sip:h ",
	};
	char longer[257];
	size_t i;
	(void)state;

	(void)ask();
	for (i=0; i<ARRAY_SIZE(targetv); ++i)
		wrong(EINVAL, &(const struct refer_invite_opts){
				.target = targetv[i]});
	for (i=0; i<ARRAY_SIZE(namev); ++i)
		wrong(EINVAL, &(const struct refer_invite_opts){
				.name = namev[i]});
	for (i=0; i<ARRAY_SIZE(outboundv); ++i)
		wrong(EINVAL, &(const struct refer_invite_opts){
				.outbound = outboundv[i]});

	memset(longer, 'a', sizeof(longer));
	longer[256] = '\0';
	wrong(EINVAL, &(const struct refer_invite_opts){.name = longer});
	wrong(EINVAL, &(const struct refer_invite_opts){
			.name = "Desk", .anonymous = true});
	wrong(ENOENT, &(const struct refer_invite_opts){
			.ua = (struct ua *)&invite_opts});

	bob->late_callid = true;
	wrong(ENOTSUP, &(const struct refer_invite_opts){.anonymous = true});
	wrong(ENOTSUP, &(const struct refer_invite_opts){
			.outbound = "sip:h"});
	bob->late_callid = false;

	fake_unsafe = "%20s";
	wrong(ENOTSUP, &(const struct refer_invite_opts){
			.target = "sip:a%20s@h"});
	fake_unsafe = NULL;

	finish();
	assert_no_state();
}


static const struct sip_msg *invited(const struct refer_invite_opts *how,
				     unsigned n)
{
	const struct sip_msg *msg;

	peer_script(carol, "INVITE", 486, NULL);
	invite_opts = *how;
	assert_int_equal(0, refer_server_accept(ask(), &opts));
	msg = wire_await(carol, false, "INVITE", n);
	await_end();

	return msg;
}


/* Empty texts are none */
static void test_right(void **state)
{
	const struct sip_msg *msg;
	char *target = NULL;
	(void)state;

	msg = invited(&(const struct refer_invite_opts){
			.name = "", .target = "", .outbound = ""}, 0);
	assert_false(pl_isset(&msg->from.dname));
	assert_int_equal(0, sip_msg_xhdr_count(msg, "Privacy"));

	msg = invited(&(const struct refer_invite_opts){
			.name = "Front %s desk"}, 1);
	assert_int_equal(0, pl_strcmp(&msg->from.dname, "Front %s desk"));

	msg = invited(&(const struct refer_invite_opts){.anonymous = true}, 2);
	assert_int_equal(0, pl_strcmp(&msg->from.auri,
				      "sip:anonymous@anonymous.invalid"));
	assert_true(msg_hdr_is(msg, "Privacy", "id"));

	assert_int_equal(0, re_sdprintf(&target, "\"D\" <sip:dave@%J;x=y>",
					&carol->addr));
	msg = invited(&(const struct refer_invite_opts){.target = target}, 3);
	mem_deref(target);
	assert_int_equal(0, pl_strcmp(&msg->uri.user, "dave"));
	assert_int_equal(0, pl_strcmp(&msg->uri.params, ";x=y"));

	assert_int_equal(0, re_sdprintf(&target, "sip:%J", &carol->addr));
	msg = invited(&(const struct refer_invite_opts){
			.target = "sip:x@h.invalid", .outbound = target}, 4);
	mem_deref(target);
	assert_int_equal(0, pl_strcmp(&msg->uri.host, "h.invalid"));
	assert_int_equal(1, sip_msg_hdr_count(msg, SIP_HDR_ROUTE));
	assert_no_state();
}


/* An inviter was made before: what is said at the end counts */
static void test_said_last(void **state)
{
	static const struct refer_invite_opts before = {.name = "Before"};
	struct refer_inviter *inv;
	(void)state;

	peer_script(carol, "INVITE", 486, NULL);
	assert_int_equal(0, referral_make_inviter(&inv,
				refer_server_referral(ask()), &before));
	assert_int_equal(0, refer_server_accept(app.srv, NULL));
	assert_int_equal(0, pl_strcmp(&wire_await(carol, false, "INVITE",
						  0)->from.dname, "Before"));
	await_end();

	peer_script(carol, "INVITE", 486, NULL);
	invite_opts = (struct refer_invite_opts){.name = "After"};
	assert_int_equal(0, referral_make_inviter(&inv,
				refer_server_referral(ask()), &before));
	assert_int_equal(0, refer_server_accept(app.srv, &opts));
	assert_int_equal(0, pl_strcmp(&wire_await(carol, false, "INVITE",
						  1)->from.dname, "After"));
	await_end();
	assert_no_state();
}


/* A Privacy of the application's own is the only one */
static void test_privacy(void **state)
{
	static const char *const hdrv[] = {"privacy: id;critical", NULL};
	const struct sip_msg *msg;
	(void)state;

	msg = invited(&(const struct refer_invite_opts){
			.anonymous = true, .hdrv = hdrv}, 0);
	assert_int_equal(1, sip_msg_xhdr_count(msg, "Privacy"));
	assert_true(msg_hdr_is(msg, "Privacy", "id;critical"));
	assert_no_state();
}


/* A delegate that decides where it is asked for headers */
static act_h *asked;

static const char *const *headers_handler(struct refer_server *srv, void *arg)
{
	static const char *const linev[] = {"X-A: 1", NULL};
	(void)arg;

	asked(srv);

	return linev;
}


static const struct refer_delegate deciding = {.headersh = headers_handler};


static void dispose(struct refer_server *srv)
{
	refer_server_dispose(srv);
}


static void reject(struct refer_server *srv)
{
	(void)refer_server_reject(srv, NULL);
}


static void test_decided_meanwhile(void **state)
{
	static act_h *const actv[] = {dispose, reject};
	size_t i;
	(void)state;

	for (i=0; i<ARRAY_SIZE(actv); ++i) {
		(void)ask();
		asked = actv[i];
		refer_server_set_delegate(app.srv, &deciding, NULL);
		assert_int_equal(EPROTO, refer_server_accept(app.srv, NULL));
		assert_int_equal(480, refer_server_response(app.srv, NULL));
		await_end();
	}

	assert_int_equal(0, wire_count(bob, true, "INVITE"));
	assert_no_state();
}


/* Its state: "*" that is handled, and its call is there */
static char states[TEXT_SIZE];

static void state_handler(struct refer_inviter *inv,
			  enum refer_inviter_state state, void *arg)
{
	const size_t len = strlen(states);
	(void)arg;

	(void)re_snprintf(states + len, sizeof(states) - len, " %s%s",
			  refer_inviter_state_name(state),
			  refer_inviter_call(inv) ? "*" : "");
}


static void test_cancel_reason(void **state)
{
	struct refer_inviter *inv;
	(void)state;

	*states = '\0';
	carol->answer = 180;
	(void)ask();
	assert_int_equal(0, make(app.srv, &inv));
	assert_int_equal(REFER_INVITER_INITIAL, refer_inviter_state(inv));
	refer_inviter_set_handler(inv, state_handler, NULL);
	NO_EFFECT(EPROTO, refer_inviter_cancel(inv, "early"));
	assert_int_equal(0, refer_server_accept(app.srv, NULL));
	(void)wire_await(bob, false, "180 INVITE", 0);

	NO_EFFECT(EINVAL, refer_inviter_cancel(inv, "a\r\nX-Evil: 1"));
	NO_EFFECT(EINVAL, refer_inviter_cancel(inv, "a\n"));
	assert_int_equal(0, refer_inviter_cancel(inv, "agent %s left"));
	assert_string_equal(" ESTABLISHING* TERMINATED", states);
	await_end();
	assert_notify(notify(notifies() - 1), "terminated;reason=noresource",
		      "SIP/2.0 487 agent %s left\r\n");
	NO_EFFECT(EPROTO, refer_inviter_cancel(inv, "again"));
	assert_no_state();
}


/* The context is given up: its call goes on, and is followed */
static void test_disposed(void **state)
{
	struct refer_inviter *inv;
	(void)state;

	*states = '\0';
	carol->answer = 180;
	(void)ask();
	assert_int_equal(0, make(app.srv, &inv));
	refer_inviter_set_handler(inv, state_handler, NULL);
	assert_int_equal(0, refer_server_accept(app.srv, NULL));
	(void)wire_await(bob, false, "180 INVITE", 0);
	refer_server_dispose(app.srv);
	assert_ptr_equal(call_last(bob), refer_inviter_call(inv));
	assert_int_equal(EPROTO, refer_inviter_cancel(inv, NULL));

	call_answer(call_last(carol));
	call_await_established(bob, 2);
	settle();
	assert_string_equal(" ESTABLISHING* ESTABLISHED*", states);
	call_bye(call_last(carol));
	while (refer_inviter_call(inv))
		settle();
	assert_string_equal(" ESTABLISHING* ESTABLISHED* TERMINATED", states);
}


/* The last one to know: the protocol is gone, and the call is not */
static void test_stopped(void **state)
{
	struct refer_inviter *inv;
	(void)state;

	*states = '\0';
	(void)ask();
	assert_int_equal(0, make(app.srv, &inv));
	refer_inviter_set_handler(inv, state_handler, NULL);
	assert_int_equal(0, refer_server_accept(app.srv, NULL));
	await_end();
	refer_stop(bob);
	assert_ptr_equal(call_last(bob), refer_inviter_call(inv));
	call_vanish(call_last(bob));
	assert_null(refer_inviter_call(inv));
}


static void test_nobody(void **state)
{
	(void)state;

	assert_int_equal(REFER_INVITER_TERMINATED, refer_inviter_state(NULL));
	assert_string_equal("???", refer_inviter_state_name(9));
	refer_inviter_set_handler(NULL, state_handler, NULL);
}


int main(void)
{
	const struct CMUnitTest testv[] = {
		TEST(test_wrong),
		TEST(test_right),
		TEST(test_said_last),
		TEST(test_privacy),
		TEST(test_decided_meanwhile),
		TEST(test_cancel_reason),
		TEST(test_disposed),
		TEST(test_stopped),
		TEST(test_nobody),
	};

	return UNIT_RUN(testv, NULL, NULL);
}
