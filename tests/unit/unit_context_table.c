/**
 * @file unit_context_table.c  Tests of which call is right in which state
 */
#include "unit.h"
#include "context.h"
#include "referee/server.h"


/* The state table */

enum {
	TRYING, ACCEPT, NOFOLLOW, REDIRECT, REJECT, REPLY_100, REPLY_202,
	REPLY_302, REPLY_486, NOTIFY, MAKE, INVITE, CALLS
};


static int call_it(unsigned call)
{
	struct refer_server *srv = app.srv;
	struct refer_inviter *inv;

	switch (call) {

	case TRYING:    return refer_server_trying(srv);
	case ACCEPT:    return refer_server_accept(srv, NULL);
	case NOFOLLOW:  return accept_nofollow(srv);
	case REDIRECT:  return redirect(srv, NULL);
	case REJECT:    return refer_server_reject(srv, NULL);
	case REPLY_100: return reply(srv, 100);
	case REPLY_202: return reply(srv, 202);
	case REPLY_302: return reply(srv, 302);
	case REPLY_486: return reply(srv, 486);
	case NOTIFY:    return refer_server_notify(srv, 180, NULL);
	case MAKE:      return make(srv, &inv);
	case INVITE:    return invite(srv);
	default:        return ENOSYS;
	}
}


/* On one REFER all calls that are wrong, then on one each the right ones */
static void table(void (*reach)(void), const int *errv)
{
	unsigned i;

	/* those that have no INVITE leave it for a later one */
	for (i=0; i<CALLS + 2; ++i)
		peer_script(carol, "INVITE", HOLD, NULL);

	reach();
	for (i=0; i<CALLS; ++i) {

		print_message("call %u, wrong\n", i);
		if (errv[i])
			NO_EFFECT(errv[i], call_it(i));
	}
	finish();

	for (i=0; i<CALLS; ++i) {

		if (errv[i])
			continue;

		print_message("call %u, right\n", i);
		reach();
		assert_int_equal(0, call_it(i));
		settle();
		finish();
	}

	assert_no_state();
}


static void test_table_waiting(void **state)
{
	static const int errv[CALLS] = {[NOTIFY] = EPROTO, [INVITE] = EPROTO};
	(void)state;

	table(reach_waiting, errv);
}


static void test_table_pending(void **state)
{
	static const int errv[CALLS] = {
		[TRYING] = EPROTO, [REPLY_100] = EPROTO, [NOTIFY] = EPROTO,
		[INVITE] = EPROTO
	};
	(void)state;

	table(reach_pending, errv);
}


static void test_table_following(void **state)
{
	static const int errv[CALLS] = {
		EPROTO, EPROTO, EPROTO, EPROTO, EPROTO, EPROTO, EPROTO,
		EPROTO, EPROTO, EPROTO, [MAKE] = 0, [INVITE] = EALREADY
	};
	(void)state;

	table(reach_following, errv);
}


static void test_table_nofollow(void **state)
{
	static const int errv[CALLS] = {
		EPROTO, EPROTO, EPROTO, EPROTO, EPROTO, EPROTO, EPROTO,
		EPROTO, EPROTO, [NOTIFY] = 0, [MAKE] = 0, [INVITE] = 0
	};
	(void)state;

	table(reach_nofollow, errv);
}


static void test_table_rejected(void **state)
{
	static const int errv[CALLS] = {
		EPROTO, EPROTO, EPROTO, EPROTO, EPROTO, EPROTO, EPROTO,
		EPROTO, EPROTO, EPROTO, EPROTO, EPROTO
	};
	(void)state;

	table(reach_rejected, errv);
}


static void test_table_terminated(void **state)
{
	static const int errv[CALLS] = {
		EPROTO, EPROTO, EPROTO, EPROTO, EPROTO, EPROTO, EPROTO,
		EPROTO, EPROTO, EPROTO, [MAKE] = EPROTO, [INVITE] = EPROTO
	};
	(void)state;

	table(reach_terminated, errv);
}


static void test_null(void **state)
{
	static const struct refer_opts opts = {.scode = 486};
	const char *reason = "x";
	struct refer_inviter *inv;
	(void)state;

	assert_int_equal(EINVAL, refer_server_trying(NULL));
	assert_int_equal(EINVAL, refer_server_accept(NULL, NULL));
	assert_int_equal(EINVAL, redirect(NULL, NULL));
	assert_int_equal(EINVAL, refer_server_reject(NULL, NULL));
	assert_int_equal(EINVAL, refer_server_reply(NULL, &opts));
	assert_int_equal(EINVAL, refer_server_notify(NULL, 200, NULL));
	assert_int_equal(EINVAL, referral_make_inviter(&inv, NULL, NULL));
	assert_int_equal(EINVAL, refer_inviter_invite(NULL));
	assert_int_equal(EINVAL, refer_inviter_cancel(NULL, NULL));
	assert_null(refer_inviter_call(NULL));
	assert_null(referral_refer_to(NULL));
	assert_null(referral_referred_by(NULL));
	assert_null(referral_request(NULL));
	assert_int_equal(EINVAL, referral_refer_to_addr(NULL, NULL));
	assert_null(referral_replaces(NULL));
	assert_null(refer_server_ua(NULL));
	assert_null(refer_server_call(NULL));
	assert_null(refer_server_request(NULL));
	assert_null(refer_server_dialog(NULL));
	assert_null(refer_server_referral(NULL));
	assert_null(refer_server_data(NULL));
	assert_int_equal(0, refer_server_id(NULL));
	assert_int_equal(0, refer_server_response(NULL, &reason));
	assert_null(reason);
	refer_server_set_data(NULL, &app);
	refer_server_set_delegate(NULL, &delegate, &app);

	(void)ask();
	NO_EFFECT(EINVAL, referral_make_inviter(NULL, refer_server_referral(
							app.srv), NULL));
	finish();
}


/* What can be asked */

static void test_accessors(void **state)
{
	struct refer_server *srv;
	const struct sip_msg *msg;
	struct referral *rf;
	const char *reason = "x";
	struct refer_replaces rep;
	struct sip_addr addr;
	unsigned n = 1;
	struct pl pl;
	(void)state;

	call_request(ab, "REFER",
		     "Refer-To: \"C\" <%s;x=y?Replaces=a%%40b%%3Bto-tag%%3D1"
		     "%%3Bfrom-tag%%3D2&Subject=hi>\r\n"
		     "Referred-By: \"Al\" <%s>;cid=\"x@y\"\r\n"
		     "Content-Type: text/plain\r\n"
		     "Content-Length: 4\r\n"
		     "\r\n"
		     "body", carol->aor, alice->aor);
	assert_true(wait_cond(asked_cond, &n, WAIT_MS));
	srv = app.srv;
	msg = refer_server_request(srv);
	rf  = refer_server_referral(srv);

	assert_int_equal(1, refer_server_id(srv));
	assert_ptr_equal(bob, refer_server_ua(srv));
	assert_ptr_equal(ba, refer_server_call(srv));
	assert_ptr_equal(call_dlg(ba), refer_server_dialog(srv));
	assert_int_equal(0, refer_server_response(srv, &reason));
	assert_null(reason);
	assert_null(refer_server_data(srv));
	refer_server_set_data(srv, &n);

	assert_int_equal(0, pl_strcmp(&msg->met, "REFER"));
	assert_int_equal(0, pl_strcmp(&msg->from.auri, alice->aor));
	assert_int_equal(0, pl_strcmp(&msg->ctyp.subtype, "plain"));
	pl_set_mbuf(&pl, msg->mb);
	assert_int_equal(0, pl_strcmp(&pl, "body"));

	assert_non_null(strstr(referral_refer_to(rf), "sip:carol@"));
	assert_non_null(strstr(referral_refer_to(rf), ";x=y"));
	assert_null(strchr(referral_refer_to(rf), '?'));
	assert_string_equal("a@b;to-tag=1;from-tag=2", referral_replaces(rf));
	assert_non_null(strstr(referral_referred_by(rf), ";cid=\"x@y\""));
	assert_ptr_equal(msg, referral_request(rf));

	pl_set_str(&pl, referral_replaces(rf));
	assert_int_equal(0, refer_replaces_decode(&rep, &pl));
	assert_int_equal(0, pl_strcmp(&rep.callid, "a@b"));
	assert_int_equal(0, pl_strcmp(&rep.to_tag, "1"));
	assert_int_equal(0, pl_strcmp(&rep.from_tag, "2"));
	assert_false(rep.early_only);

	assert_int_equal(0, referral_refer_to_addr(rf, &addr));
	assert_int_equal(0, pl_strcmp(&addr.dname, "C"));
	assert_int_equal(0, pl_strcmp(&addr.uri.params, ";x=y"));
	assert_int_equal('?', *addr.uri.headers.p);
	assert_int_equal(EINVAL, referral_refer_to_addr(rf, NULL));

	assert_int_equal(0, accept_nofollow(srv));
	assert_int_equal(202, refer_server_response(srv, &reason));
	assert_string_equal("Accepted", reason);
	assert_int_equal(202, refer_server_response(srv, NULL));

	/* the referred call ends before it does */
	call_bye(ab);
	(void)wire_await(alice, false, "200 BYE", 0);
	settle();
	assert_null(refer_server_call(srv));
	assert_non_null(refer_server_dialog(srv));
	finish();

	assert_int_equal(REFER_TERMINATED, refer_server_state(srv));
	assert_string_equal("TERMINATED", refer_server_state_name(
				    refer_server_state(srv)));
	assert_ptr_equal(&n, refer_server_data(srv));
	assert_ptr_equal(msg, refer_server_request(srv));
	assert_ptr_equal(rf, refer_server_referral(srv));
	assert_ptr_equal(bob, refer_server_ua(srv));
	assert_int_equal(202, refer_server_response(srv, NULL));
	assert_string_equal("a@b;to-tag=1;from-tag=2", referral_replaces(rf));
	assert_no_state();
}


static void test_absent(void **state)
{
	struct referral *rf = refer_server_referral(ask());
	(void)state;

	assert_null(referral_referred_by(rf));
	assert_null(referral_replaces(rf));
	assert_string_equal(carol->aor, referral_refer_to(rf));
	finish();
}


int main(void)
{
	const struct CMUnitTest testv[] = {
		TEST(test_table_waiting),
		TEST(test_table_pending),
		TEST(test_table_following),
		TEST(test_table_nofollow),
		TEST(test_table_rejected),
		TEST(test_table_terminated),
		TEST(test_null),
		TEST(test_accessors),
		TEST(test_absent),
	};

	return UNIT_RUN(testv, NULL, NULL);
}
