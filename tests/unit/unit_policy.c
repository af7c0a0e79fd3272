/**
 * @file unit_policy.c  Tests of who may refer: accounts, and applications
 */
#include "unit.h"
#include "fake_host.h"
#include "admission/admission.h"
#include "config/rules.h"
#include "config/params.h"
#include "config/settings.h"
#include "core/handlers.h"
#include "referee/server.h"


static struct ua *bob;


static int setup(void **state)
{
	int err = fake_init(state);

	if (err)
		return err;

	bob = softphone("bob");

	return 0;
}


static enum policy inside(const char *params, const char *uri_params)
{
	bob->params     = params;
	bob->uri_params = uri_params;

	return policy_decide(bob->refer, bob, true);
}


/* What the parameters of an account say, however they are written */
static void test_params(void **state)
{
	static const struct {
		const char *params;
		enum policy policy;
		enum policy replaces;
		bool faulty;
	} rowv[] = {
		{"", POLICY_ACCEPT, POLICY_ACCEPT, false},
		{";regint=0;answermode=auto", POLICY_ACCEPT, POLICY_ACCEPT,
		 false},
		{";refer_policy=ask", POLICY_ASK, POLICY_ACCEPT, false},
		{";REFER_POLICY=Reject", POLICY_REJECT, POLICY_ACCEPT, false},
		{"; refer_policy = ask ;regint=0", POLICY_ASK, POLICY_ACCEPT,
		 false},
		{";refer_hold=no;refer_after_success=keep", POLICY_ACCEPT,
		 POLICY_ACCEPT, false},
		{";refer_hol=no", POLICY_ACCEPT, POLICY_ACCEPT, false},
		{";auth_pass=\"a;refer_x=1\";refer_replaces=ask",
		 POLICY_ACCEPT, POLICY_ASK, false},

		{";auth_pass=\"a;refer_policy=reject", POLICY_REJECT,
		 POLICY_ACCEPT, false},
		{";auth_pass=a\"b;refer_policy=reject;x=\"c\"",
		 POLICY_REJECT, POLICY_ACCEPT, false},
		{";auth_pass= \"a;b\" ;refer_policy=reject", POLICY_REJECT,
		 POLICY_ACCEPT, false},
		{";auth_pass=\"\";refer_policy=reject;x=\"", POLICY_REJECT,
		 POLICY_ACCEPT, false},
		{";auth_pass=\"a\\\";refer_policy=reject", POLICY_REJECT,
		 POLICY_ACCEPT, false},
		{";auth_pass=\"a;refer_policy=reject;x=\"c\"", POLICY_REJECT,
		 POLICY_ACCEPT, false},
		{";x=a>b;refer_policy=reject", POLICY_REJECT, POLICY_ACCEPT,
		 false},

		{";refer_policy=maybe", POLICY_REJECT, POLICY_ACCEPT, true},
		{";refer_policy=", POLICY_REJECT, POLICY_ACCEPT, true},
		{";refer_policy", POLICY_REJECT, POLICY_ACCEPT, true},
		{";refer_policy=\"ask\"", POLICY_REJECT, POLICY_ACCEPT, true},
		{";refer_policy=ask,reject", POLICY_REJECT, POLICY_ACCEPT,
		 true},
		{";refer_policy=ask refer_replaces=reject", POLICY_REJECT,
		 POLICY_REJECT, true},
		{";mwi=no refer_policy=reject", POLICY_REJECT, POLICY_REJECT,
		 true},
		{";extra=refer_policy=reject", POLICY_REJECT, POLICY_REJECT,
		 true},
		{";mwi=no, refer_policy=reject", POLICY_REJECT, POLICY_REJECT,
		 true},
		{";refer_policy=accept;refer_policy=reject", POLICY_REJECT,
		 POLICY_ACCEPT, false},
		{";refer_replaces=nobody", POLICY_ACCEPT, POLICY_REJECT,
		 true},

		{";refer_polcy=ask", POLICY_REJECT, POLICY_REJECT, true},
		{";refer-policy=ask", POLICY_REJECT, POLICY_REJECT, true},
		{";referpolicy=ask", POLICY_REJECT, POLICY_REJECT, true},
		{";refer_deny=sip:a", POLICY_REJECT, POLICY_REJECT, true},
		{";refer_anything", POLICY_REJECT, POLICY_REJECT, true},
		{";refer_policy:ask", POLICY_REJECT, POLICY_REJECT, true},
	};
	size_t i;
	(void)state;

	for (i=0; i<ARRAY_SIZE(rowv); ++i) {

		print_message("%s\n", rowv[i].params);
		assert_int_equal(rowv[i].policy, inside(rowv[i].params, ""));
		assert_int_equal(rowv[i].replaces,
				 policy_replaces(bob->refer, bob, NULL));
		assert_int_equal(rowv[i].faulty, params_faulty(bob));
	}
}


/* In the <> of an account they have no effect: they are not believed */
static void test_uri_params(void **state)
{
	(void)state;

	assert_int_equal(POLICY_ACCEPT, inside("", ";transport=tcp"));
	assert_int_equal(POLICY_REJECT, inside("", ";refer_policy=ask"));
	assert_true(params_faulty(bob));
	assert_int_equal(POLICY_REJECT,
			 inside(";refer_policy=ask", ";refer_polcy=ask"));
}


/* What a person says does not open what is shut */
static void test_set(void **state)
{
	(void)state;

	(void)inside(";refer_polcy=ask", "");
	assert_int_equal(EPERM, policy_set(bob->refer, bob, POLICY_ACCEPT));
	assert_int_equal(0, policy_set(bob->refer, NULL, POLICY_ACCEPT));
	assert_int_equal(POLICY_REJECT,
			 policy_decide(bob->refer, bob, true));

	(void)inside(";refer_policy=maybe", "");
	assert_int_equal(0, policy_set(bob->refer, bob, POLICY_ACCEPT));
	assert_int_equal(POLICY_ACCEPT,
			 policy_decide(bob->refer, bob, true));

	(void)inside("", "");
	guard_fault(config_rules(bob->refer->config)->guard, FAULT_SHUT, NULL,
		    "a fault");
	assert_int_equal(EPERM, policy_set(bob->refer, bob, POLICY_ACCEPT));
	assert_int_equal(EPERM, policy_set(bob->refer, NULL, POLICY_ACCEPT));
	assert_int_equal(POLICY_REJECT,
			 policy_decide(bob->refer, bob, true));
	assert_int_equal(POLICY_REJECT, policy_decide(bob->refer, bob, false));
	assert_int_equal(POLICY_REJECT,
			 policy_replaces(bob->refer, bob, NULL));

	((struct settings *)bob->refer->set)->follow_redirect = 1;
	assert_false(policy_follow_redirect(bob->refer));
}


static bool nothing(struct refer_server *srv, void *arg)
{
	(void)srv;
	(void)arg;

	return false;
}


/* The last test: what is required stays so */
static void test_handlers(void **state)
{
	struct refer_handler *hd = NULL, *again = NULL;
	struct pl name;
	char text[16];
	unsigned i;
	(void)state;

	assert_int_equal(EINVAL, refer_handler_register(&hd, "", false,
							nothing, NULL));
	assert_int_equal(EINVAL, refer_handler_register(&hd, "a b", false,
							nothing, NULL));
	assert_int_equal(EINVAL, refer_handler_register(&hd, NULL, false,
							nothing, NULL));
	assert_int_equal(EINVAL, refer_handler_register(&hd, "a", false,
							NULL, NULL));
	assert_int_equal(EINVAL, refer_handler_register(&hd,
				"a-name-of-thirty-two-bytes-is-too", false,
				nothing, NULL));
	assert_false(handlers_any());

	assert_false(handlers_missing(&name, ""));
	assert_true(handlers_missing(&name, "a"));
	assert_int_equal(0, refer_handler_register(&hd, "a", false, nothing,
						   NULL));
	assert_false(handlers_missing(&name, "a"));
	assert_true(handlers_missing(&name, "a b"));
	assert_int_equal(0, pl_strcmp(&name, "b"));

	/* two of one name: it is missing when both are gone */
	assert_int_equal(0, refer_handler_register(&again, "a", true, nothing,
						   NULL));
	mem_deref(again);
	assert_false(handlers_missing(&name, ""));
	mem_deref(hd);
	assert_true(handlers_missing(&name, ""));
	assert_false(handlers_any());

	assert_int_equal(POLICY_REJECT, inside("", ""));
	assert_int_equal(POLICY_ASK, inside(";refer_policy=ask", ""));

	for (i=0; i<15; ++i) {
		(void)re_snprintf(text, sizeof(text), "app%u", i);
		assert_int_equal(0, refer_handler_register(&hd, text, true,
							   nothing, NULL));
		mem_deref(hd);
	}

	assert_int_equal(EOVERFLOW, refer_handler_register(&hd, "more", true,
							   nothing, NULL));
	assert_int_equal(0, refer_handler_register(&hd, "a", true, nothing,
						   NULL));
	assert_true(handlers_missing(&name, ""));
	assert_int_equal(0, pl_strcmp(&name, "app0"));
	mem_deref(hd);
}


#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, fake_close)

int main(void)
{
	const struct CMUnitTest testv[] = {
		TEST(test_params),
		TEST(test_uri_params),
		TEST(test_set),
		TEST(test_handlers),
	};

	return UNIT_RUN(testv, NULL, NULL);
}
