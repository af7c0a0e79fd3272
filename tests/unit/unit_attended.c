/**
 * @file unit_attended.c  Tests of the Refer-To of an attended transfer
 *
 * What it says is compared with the dialog of the far end.
 */
#include "unit.h"
#include "syntax/uri.h"
#include "fake_host.h"
#include "config/settings.h"
#include "core/dialogs.h"
#include "referrer/referrer.h"
#include "syntax/refer_to.h"


/* The Replaces in it is the far end's dialog, as that one knows it */
static void assert_names(const char *uri, const struct call *far,
			 const char *begin)
{
	struct refer_replaces rep;
	struct refer_to *rt;
	struct sip_msg fake;
	struct pl pl;
	char *val;

	assert_int_equal(0, strncmp(uri, begin, strlen(begin)));
	assert_int_equal(0, re_sdprintf(&val, "<%s>", uri));
	pl_set_str(&pl, val);
	assert_null(refer_to_decode(&rt, &pl));
	assert_non_null(rt->replaces);

	pl_set_str(&pl, rt->replaces);
	assert_int_equal(0, refer_replaces_decode(&rep, &pl));
	assert_false(rep.early_only);

	memset(&fake, 0, sizeof(fake));
	fake.req      = true;
	fake.callid   = rep.callid;
	fake.to.tag   = rep.to_tag;
	fake.from.tag = rep.from_tag;
	assert_true(sip_dialog_cmp(call_dlg(far), &fake));

	mem_deref(val);
	mem_deref(rt);
}


static void test_outgoing(void **state)
{
	struct ua *bob = softphone("bob"), *carol = peer("carol");
	struct call *call = call_setup(bob, carol);
	struct attended_target to = {NULL, NULL};
	(void)state;

	assert_int_equal(0, attended_refer_to(&to, bob->refer, call,
					      ATTENDED_AUTO));
	assert_names(to.uri, call_last(carol), "sip:carol@");
	assert_null(strstr(to.uri, "Require"));
	assert_names(to.again, call_last(carol),
		     "sip:peer@example.com?Require=replaces&Replaces=");
	mem_deref(to.uri);
	mem_deref(to.again);
}


static void test_incoming(void **state)
{
	struct ua *bob = softphone("bob"), *carol = peer("carol");
	struct call *far = call_setup(carol, bob);
	struct attended_target to = {NULL, NULL};
	(void)state;

	assert_int_equal(0, attended_refer_to(&to, bob->refer, call_last(bob),
					      ATTENDED_CONTACT));
	assert_names(to.uri, far, "sip:carol@");
	assert_null(to.again);
	mem_deref(to.uri);
}


static void test_aor(void **state)
{
	struct ua *bob = softphone("bob"), *carol = peer("carol");
	struct call *call = call_setup(bob, carol);
	struct attended_target to = {NULL, NULL};
	(void)state;

	assert_int_equal(0, attended_refer_to(&to, bob->refer, call,
					      ATTENDED_AOR));
	assert_names(to.uri, call_last(carol),
		     "sip:peer@example.com?Require=replaces&Replaces=");
	assert_null(to.again);
	mem_deref(to.uri);
}


static void test_blind(void **state)
{
	struct ua *bob = softphone("bob"), *carol = peer("carol");
	struct call *call = call_setup(bob, carol);
	struct attended_target to = {NULL, NULL};
	(void)state;

	assert_int_equal(0, attended_refer_to(&to, bob->refer, call,
					      ATTENDED_BLIND));
	assert_string_equal("sip:peer@example.com", to.uri);
	assert_null(to.again);
	mem_deref(to.uri);
}


static void test_wrong(void **state)
{
	struct ua *bob = softphone("bob"), *carol = peer("carol");
	struct attended_target to = {NULL, NULL};
	struct call *call;
	(void)state;

	peer_script(carol, "INVITE", 180, NULL);
	call = call_place(bob, carol);
	assert_int_equal(EPROTO, attended_refer_to(&to, bob->refer, call,
						   ATTENDED_AUTO));
	assert_null(to.uri);
}


static bool count(struct le *le, void *arg)
{
	unsigned *n = arg;
	(void)le;

	++*n;

	return false;
}


static void send_180(struct ua *from, const struct ua *to,
		     const char *branch, const char *callid, const char *tag,
		     unsigned n)
{
	ua_send(from, to,
		"SIP/2.0 180 Ringing\r\n"
		"Via: SIP/2.0/UDP %J;branch=%s\r\n"
		"From: <sip:bob@h>;tag=%s\r\n"
		"To: <sip:carol@h>;tag=other%u\r\n"
		"Call-ID: %s\r\n"
		"CSeq: 1 INVITE\r\n"
		"Content-Length: 0\r\n\r\n", &to->addr, branch, tag, n,
		callid);
}


/* All that was sent before has come */
static void all_came(struct ua *from, const struct ua *to, unsigned n)
{
	char branch[32];

	(void)re_snprintf(branch, sizeof(branch), "z9hG4bKlast%u", n);
	send_180(from, to, branch, "another", "another", 0);
	(void)wire_await(to, false, "180 INVITE", n);
	settle();
}


/* Tags of early dialogs are kept of our own INVITEs, and not without end */
static void test_early(void **state)
{
	struct ua *bob = softphone("bob"), *carol = peer("carol");
	const struct sip_msg *inv;
	struct call *call;
	unsigned i, n = 0;
	char *branch, *callid, *tag;
	(void)state;

	carol->answer = 180;
	call = call_place(bob, carol);
	inv  = wire_await(carol, false, "INVITE", 0);
	assert_int_equal(0, pl_strdup(&callid, &inv->callid));
	assert_int_equal(0, pl_strdup(&tag, &inv->from.tag));
	assert_int_equal(0, pl_strdup(&branch, &inv->via.branch));
	(void)wire_await(bob, false, "180 INVITE", 0);

	for (i=0; i<20; ++i) {
		send_180(carol, bob, "z9hG4bK1", callid, tag, i);
		send_180(carol, bob, branch, "another", tag, i);
		send_180(carol, bob, branch, callid, "another", i);
	}
	all_came(carol, bob, 2);
	(void)hash_apply(bob->refer->dialogs->ht_early, count, &n);
	assert_int_equal(1, n);

	for (n=i=0; i<20; ++i)
		send_180(carol, bob, branch, callid, tag, i);
	all_came(carol, bob, 3);
	(void)hash_apply(bob->refer->dialogs->ht_early, count, &n);
	assert_int_equal(8, n);

	/* the session lives on until the CANCEL is answered */
	n = 0;
	call_bye(call);
	send_180(carol, bob, branch, callid, tag, 20);
	all_came(carol, bob, 4);
	(void)hash_apply(bob->refer->dialogs->ht_early, count, &n);
	assert_int_equal(0, n);
	mem_deref(callid);
	mem_deref(tag);
	mem_deref(branch);
}


static void test_escape(void **state)
{
	char *str;
	(void)state;

	assert_int_equal(0, re_sdprintf(&str, "%H", escape_print,
					"a@b+c;d=e%f&g?h/i~j\xff"));
	assert_string_equal("a%40b%2Bc%3Bd%3De%25f%26g%3Fh%2Fi~j%FF", str);
	mem_deref(str);
}


int main(void)
{
	const struct CMUnitTest testv[] = {
		cmocka_unit_test_setup_teardown(test_outgoing, fake_init,
						fake_close),
		cmocka_unit_test_setup_teardown(test_incoming, fake_init,
						fake_close),
		cmocka_unit_test_setup_teardown(test_aor, fake_init,
						fake_close),
		cmocka_unit_test_setup_teardown(test_blind, fake_init,
						fake_close),
		cmocka_unit_test_setup_teardown(test_wrong, fake_init,
						fake_close),
		cmocka_unit_test_setup_teardown(test_early, fake_init,
						fake_close),
		cmocka_unit_test(test_escape),
	};

	return UNIT_RUN(testv, NULL, NULL);
}
