/**
 * @file t_closed.c  A guard that cannot be what the configuration says is shut
 *
 * And what else has to be true so that somebody who asked for a guard has one.
 */
#include <string.h>
#include "wire.h"
#include "harness.h"
#include "scene.h"
#include "channel.h"

#define REFUSES "REFER_INTERCEPT_REFUSE=1"
#define EX_CONFIG 78


static void answers(const char *cmd, const char *prm, const char *text)
{
	EQ_STR(text, ctrl(t.bob, cmd, prm).data);
}


static void shows(const char *text)
{
	HAS_TEXT(ctrl(t.bob, "referpolicy", NULL).data, text);
}


static void shows_no(const char *text)
{
	check_has(HERE, ctrl(t.bob, "referpolicy", NULL).data, text, false);
}


static void refused(void)
{
	(void)refer_carol("");
	expect_any(t.alice, "603 REFER", WAIT);
	expect_none(t.carol, "INVITE", 0);
}


static void accepted(void)
{
	(void)refer_carol("");
	expect_any(t.alice, "202 REFER", WAIT);
	peer_reply(t.carol, expect_any(t.carol, "INVITE", WAIT), 486,
		   "Busy Here", NULL);
	expect_any(t.alice, "NOTIFY ~ SIP/2.0 486", WAIT);
}


TEST(closed_value, "refer_policy maybe: reject holds, until a person decides")
{
	scene(.config = "refer_policy maybe\nrefer_auth perhaps\n"
	      "refer_users /dev/null\n");
	sut_log_has(t.bob, "refer_policy maybe: this value is unknown,"
		    " allowed is accept | ask | reject; reject holds");
	sut_log_has(t.bob, "refer_auth perhaps: this value is unknown,"
		    " allowed is no | yes; yes holds");
	refused();
	shows("refer: guard: STRICT: config line ");
	shows_no("in force");

	answers("referpolicy", "accept", "refer: policy accept\n");
	accepted();
	ROW("setting.strict");
}


TEST(closed_params, "An account's parameter is wrong: reject for this account")
{
	scene(.account = ";refer_policy=maybe");
	sut_log_has(t.bob, "refer_policy=maybe: allowed is accept | ask |"
		    " reject; reject holds");
	refused();
	shows("refer: guard: STRICT: sip:bob@127.0.0.2: refer_policy=maybe");
	shows_no("in force");
	ROW("setting.strict");
}


TEST(closed_params_unknown, "An account's parameter is misspelt: it is shut")
{
	scene(.account = ";refer_polcy=reject");
	sut_log_has(t.bob, ";refer_polcy is no parameter of an account");
	refused();
	shows("refer: guard: SHUT: sip:bob@127.0.0.2: ;refer_polcy");
	HAS_TEXT(ctrl(t.bob, "referpolicy", "bob@127.0.0.2 accept").data,
		 "error: the guard is shut: an unknown parameter");
	refused();
	ROW("setting.shut");
}


TEST(closed_params_glued, "A parameter without its ; before it: the account is"
     " shut")
{
	scene(.account = ";mwi=no refer_policy=reject");
	refused();
	shows("refer: guard: SHUT: sip:bob@127.0.0.2: ;refer_policy");
	ROW("setting.shut");
}


TEST(closed_params_empty, "An account's parameter has no value: reject")
{
	scene(.account = ";refer_policy");
	refused();
	ROW("setting.strict");
}


TEST(closed_key, "refer_polcy ask: nobody may refer, in no way; then mended")
{
	struct dlg *d;

	scene(.config = "refer_polcy ask\nrefer_out_of_dialog accept\n");
	sut_log_has(t.bob, "refer_polcy ask: this key is unknown, the nearest"
		    " is refer_policy; nobody may refer until it is mended");
	refused();

	d = dlg_new(t.alice, t.bob->uri);
	(void)dlg_request(d, "REFER", F("Refer-To: <%s>\r\n", t.carol->uri));
	expect_any(t.alice, "603 REFER", WAIT);

	d = dlg_new(t.alice, t.bob->uri);
	(void)dlg_request(d, "REFER",
			  F("Refer-To: <%s>\r\nTarget-Dialog: %s;local-tag=%s"
			    ";remote-tag=%s\r\n", t.carol->uri,
			    t.call->callid, t.call->ltag, t.call->rtag));
	expect_any(t.alice, "603 REFER", WAIT);

	d = dlg_new(t.carol, t.bob->uri);
	(void)dlg_request(d, "INVITE", F("%s%s", replaces(t.call),
					 sdp(t.carol)));
	dlg_ack(d, expect_any(t.carol, "603 INVITE", WAIT));
	check_alive(t.call);
	ROW("setting.shut");

	HAS_TEXT(ctrl(t.bob, "referpolicy", "accept").data,
		 "error: the guard is shut: config line ");
	refused();
	shows("refer: guard: SHUT: config line ");
	HAS_TEXT(ctrl(t.bob, "referreload", NULL).data,
		 "error: not reloaded, all is as it was: config line ");
	refused();

	mend("refer_polcy ask", "refer_policy accept");
	HAS_TEXT(ctrl(t.bob, "referreload", NULL).data,
		 "refer: guard: in force\n");
	accepted();
	ROW("setting.reload command.reload command.policy");
}


TEST(closed_redirect, "The guard is shut: no redirection is followed either")
{
	struct msg *req;

	t.bob   = sut_start("bob", .config = "refer_polcy ask\n"
			    "refer_follow_redirect yes\n");
	t.alice = peer_new("alice");
	t.carol = peer_new("carol");
	(void)ctrl(t.bob, "refersend", F("%s %s", t.alice->uri,
					 "sip:dave@127.0.0.4"));
	req = expect(t.alice, "REFER", WAIT);
	peer_reply(t.alice, req, 302, "Moved",
		   F("Contact: <%s>\r\n", t.carol->uri));
	event(t.bob, "? ~ refer,referEnded,id=1 ~ code=302", WAIT);
	expect_none(t.carol, "REFER", 0);
	ROW("setting.shut");
}


TEST(closed_pattern, "Two patterns on a line: nobody may refer")
{
	scene(.config = "refer_deny sip:1*@* sip:9*@*\n");
	sut_log_has(t.bob, "refer_deny sip:1*@* ..: there is more than one"
		    " word; nobody may refer");
	refused();
	ROW("setting.shut");
}


TEST(closed_users, "The file of users is missing: found at start")
{
	scene(.config = "refer_auth yes\nrefer_users /nowhere/users\n");
	sut_log_has(t.bob, "refer_users /nowhere/users: No such file or"
		    " directory");
	sut_log_has(t.bob, "; nobody may refer until it is mended");
	refused();
	ROW("setting.shut");
}


TEST(closed_bool, "refer_auth true means yes, users are read")
{
	const char *users = F("%s/users", test_dir());

	spew(users, "alice:secret\n# nobody:else\ncarol:x\n");
	scene(.config = F("refer_auth true\nrefer_users %s\n"
			  "refer_out_of_dialog accept\n", users));
	shows("refer: guard: in force\n");
	shows(F("refer: users 2 of %s, with SHA-256, MD5\n", users));
	shows("digest yes");

	(void)dlg_request(dlg_new(t.alice, t.bob->uri), "REFER",
			  F("Refer-To: <%s>\r\n", t.carol->uri));
	expect_any(t.alice, "401 REFER", WAIT);
	ROW("setting.strict command.policy");
}


TEST(reload, "/referreload: all is read again, or nothing")
{
	scene(.config = "refer_policy accept\nrefer_hold yes\n");
	answers("referpolicy", "bob@127.0.0.2 reject", "refer:"
		" sip:bob@127.0.0.2: reject, out of a dialog reject\n");
	refused();

	mend("refer_policy accept", "refer_policy reject\nrefer_deny x y\n");
	HAS_TEXT(ctrl(t.bob, "referreload", NULL).data, "error: not reloaded,"
		 " all is as it was: config line ");
	shows("refer: not reloaded: config line ");
	shows("refer: policy accept, ");
	shows("refer: sip:bob@127.0.0.2: reject");

	mend("refer_deny x y", "refer_deny sip:dave@*\nrefer_rate 7");
	HAS_TEXT(ctrl(t.bob, "referreload", NULL).data,
		 "refer: policy reject, ");
	shows_no("not reloaded");
	shows("refer: deny sip:dave@*");
	shows(", 7 a second and peer");
	refused();

	mend("refer_policy reject", "refer_policy accept");
	(void)ctrl(t.bob, "referreload", NULL);
	accepted();
	(void)refer("<sip:dave@127.0.0.3>", "");
	expect_any(t.alice, "603 REFER", WAIT);
	ROW("setting.reload command.reload");
}


static void refer_outside(const char *status)
{
	(void)dlg_request(dlg_new(t.alice, t.bob->uri), "REFER",
			  F("Refer-To: <%s>\r\n", t.carol->uri));
	expect_any(t.alice, status, WAIT);
}


TEST(reload_users, "/referreload: users, realm and code of a refusal")
{
	const char *users = F("%s/users", test_dir());

	scene(.config = "refer_out_of_dialog reject\n");
	refer_outside("603 REFER");

	mend("refer_out_of_dialog reject",
	     F("refer_out_of_dialog accept\nrefer_auth on\n"
	       "refer_realm here\nrefer_users %s", users));
	HAS_TEXT(ctrl(t.bob, "referreload", NULL).data, "error: not reloaded");
	refer_outside("603 REFER");

	spew(users, "alice:secret\n");
	HAS_TEXT(ctrl(t.bob, "referreload", NULL).data, "refer: users 1 of ");
	refer_outside("401 REFER ~ realm=\"here\"");

	mend("refer_out_of_dialog accept",
	     "refer_out_of_dialog reject\nrefer_reject_code 488");
	HAS_TEXT(ctrl(t.bob, "referreload", NULL).data,
		 "refer: guard: in force\n");
	refer_outside("488 REFER");
	ROW("setting.reload command.reload");
}


TEST(reload_core, "/conf_reload is noticed at a REFER and at /referpolicy")
{
	scene(.config = "module debug_cmd.so\nrefer_policy accept\n");
	accepted();

	mend("refer_policy accept", "refer_policy reject");
	(void)ctrl(t.bob, "conf_reload", NULL);
	refused();

	mend("refer_policy reject", "refer_policy perhaps");
	(void)ctrl(t.bob, "conf_reload", NULL);
	refused();
	sut_log_has(t.bob, "refer: not reloaded, all is as it was");
	shows("refer: not reloaded: config line ");

	mend("refer_policy perhaps", "refer_policy accept");
	(void)ctrl(t.bob, "conf_reload", NULL);
	shows("refer: policy accept, ");
	accepted();
	ROW("setting.reload");
}


/* The module cannot serve */

static void ends(const struct sut_opts *opts, const char *why)
{
	t.bob = sut_start_at(HERE, opts);
	sut_log_has(t.bob, "refer: cannot serve, and the configuration wants"
		    " it");
	sut_log_has(t.bob, why);
	CHECK(!strstr(proc_log(t.bob->proc), "baresip is ready"));
}


/* The module of another release: by its own word, or in fact */
#define FOREIGN(dir) .no_module = true, .link_module = true,		\
	.memcheck = MEMCHECK_NONE, .module = built(dir "/refer.so")
#define ALIEN FOREIGN("alien")

/** It does not get ready, but ends */
#define ENDS(why, ...)							\
	ends(&(const struct sut_opts){.name = "bob",			\
				      .ends = EX_CONFIG, ##__VA_ARGS__}, why)


TEST(required_alien, "Of another release, and refer_policy ask: baresip ends")
{
	ENDS("refer_policy", ALIEN,
	     .config = "module_app refer.so\nrefer_policy ask\n");
	ROW("setting.required");
}


TEST(required_alien_key, "Of another release, and refer_polcy: baresip ends")
{
	ENDS("refer_polcy", ALIEN,
	     .config = "module_app refer.so\nrefer_polcy ask\n");
	ROW("setting.required");
}


TEST(required_alien_account, "The account restricts: baresip ends")
{
	ENDS("accounts line 1: refer_policy", ALIEN,
	     .config = "module_app refer.so\n",
	     .account = ";refer_policy=reject;refer_required=no");
	ROW("setting.required");
}


TEST(required_insmod, "/insmod of another release ends baresip as well")
{
	scene(ALIEN, .config = "refer_policy ask\n");
	t.bob->checked = true;
	ctrl_post(t.bob, "insmod", "refer");
	CHECK(proc_wait(t.bob->proc, WAIT), "it ends");
	EQ_STR("exit status 78", proc_status(t.bob->proc));
	ROW("setting.required");
}


TEST(required_yes, "Of another release, refer_required yes: baresip ends")
{
	ENDS("refer_required yes", ALIEN,
	     .config = "module_app refer.so\nrefer_required yes\n");
	ROW("setting.required");
}


TEST(required_no, "Of another release, refer_required no: baresip goes on")
{
	scene(ALIEN, .config = "module_app refer.so\nrefer_policy reject\n"
	      "refer_required no\n");
	(void)refer_carol("");
	expect_any(t.alice, "202 REFER", WAIT);
	ROW("setting.required");
}


TEST(required_open, "Of another release, all open: baresip goes on")
{
	scene(ALIEN, .config = "module_app refer.so\nrefer_policy accept\n"
	      "refer_hold no\nrefer_expires 200\nrefer_auth 0\n"
	      "refer_rate 0\n", .account = ";refer_policy=accept");
	(void)refer_carol("");
	expect_any(t.alice, "202 REFER", WAIT);
	ROW("setting.required");
}


#define NO_OTHER .na1 = "it is the one that the other module is for"

TEST(required_other, "Debian's module loaded here, refer_policy ask: it ends",
     NO_OTHER)
{
	ENDS("refer_policy", FOREIGN("other"),
	     .config = "module_app refer.so\nrefer_policy ask\n");
	sut_log_has(t.bob, "built for baresip 1.");
}


TEST(required_other_no, "The same, refer_required no: baresip goes on",
     NO_OTHER)
{
	scene(FOREIGN("other"), .config = "module_app refer.so\n"
	      "refer_policy reject\nrefer_required no\n");
	sut_log_has(t.bob, "built for baresip 1.");
	(void)refer_carol("");
	expect_any(t.alice, "202 REFER", WAIT);
}


TEST(required_layout, "Another libre, and refer_deny: baresip ends")
{
	static char *const env[] = {REFUSES, NULL};

	ENDS("refer_deny", .no_module = true, .link_module = true,
	     .config = "module_app refer.so\nrefer_deny sip:9*@*\n",
	     .env = env);
	ROW("setting.required");
}


TEST(required_preload, "Loaded with -m, and it cannot start: baresip ends")
{
	static char *const env[] = {REFUSES, NULL};

	t.bob = sut_start("bob", .no_module = true, .preload = true,
			  .config = "refer_replaces reject\n", .env = env,
			  .ends = EX_CONFIG);
	sut_log_has(t.bob, "refer: cannot serve");
	sut_log_has(t.bob, "refer_replaces");
	ROW("setting.required");
}


/* Applications that decide */

static void refused_by_app(void)
{
	(void)refer_carol("");
	HAS(expect_any(t.alice, "486 REFER", WAIT), "X-By: handlers\r\n");
}


TEST(handlers, "Applications are a list: who goes takes none along")
{
	scene(.app = "handlers.so");
	answers("appadd", "one leave", "added\n");
	answers("appadd", "two reject", "added\n");
	answers("appadd", "three accept", "added\n");
	shows("refer: handler one\nrefer: handler two\nrefer: handler three");
	refused_by_app();
	sut_log_has(t.bob, "handlers: one is asked");
	CHECK(!strstr(proc_log(t.bob->proc), "handlers: three is asked"));

	answers("appdrop", "one", "dropped\n");
	refused_by_app();
	answers("appdrop", "three", "dropped\n");
	refused_by_app();
	answers("appdrop", "two", "dropped\n");
	accepted();

	/* nobody takes it */
	answers("appadd", "one leave", "added\n");
	accepted();
	ROW("setting.handlers");
}


TEST(handlers_rmmod, "/rmmod refer and /insmod refer: it asks as before")
{
	scene(.app = "handlers.so");
	answers("appadd", "one reject", "added\n");
	refused_by_app();
	(void)ctrl(t.bob, "rmmod", "refer");
	(void)ctrl(t.bob, "insmod", "refer");
	refused_by_app();
	ROW("setting.handlers");
}


TEST(handlers_required, "A required application goes: nobody accepts for it")
{
	scene(.app = "handlers.so");
	answers("appadd", "one Accept", "added\n");
	answers("appadd", "two accept", "added\n");
	shows("refer: guard: in force\n");
	shows("refer: handler one, required\n");
	accepted();
	event(t.bob, "? ~ refer,referRequested", WAIT);

	answers("appdrop", "one", "dropped\n");
	shows("refer: guard: SHUT: the handler one is missing\n");
	shows("refer: handler one, required, missing\n");
	shows_no("in force");
	refused();

	/* it is so after the module was loaded again */
	(void)ctrl(t.bob, "rmmod", "refer");
	(void)ctrl(t.bob, "insmod", "refer");
	refused();

	/* a person may decide, and nobody else */
	answers("referpolicy", "ask", "refer: policy ask\n");
	(void)refer_carol("");
	event(t.bob, "? ~ refer,referRequested", WAIT);
	(void)ctrl(t.bob, "referreject", "");
	expect_any(t.alice, "480 REFER", WAIT);

	answers("referpolicy", "accept", "refer: policy accept\n");
	answers("appadd", "one leave", "added\n");
	accepted();
	ROW("setting.handlers");
}


TEST(handlers_config, "refer_handler NAME: it is required from the start")
{
	scene(.app = "handlers.so", .config = "refer_handler one\n");
	sut_log_has(t.bob, "refer: the handler one is missing");
	shows("refer: guard: SHUT: the handler one is missing\n");
	refused();
	answers("appadd", "two accept", "added\n");
	refused();
	answers("appadd", "one leave", "added\n");
	accepted();
	ROW("setting.handlers");
}


TEST(handlers_gone, "A required application goes while another is asked")
{
	scene(.app = "handlers.so");
	answers("appadd", "one drop", "added\n");
	answers("appadd", "two Reject", "added\n");
	refused();
	shows("refer: guard: SHUT: the handler two is missing\n");
	ROW("setting.handlers");
}


TEST(reload_waiting, "A REFER that waits is looked at again after a reload")
{
	scene(.config = "refer_policy ask\nrefer_deny sip:9*@*\n");
	(void)refer("<sip:00900@127.0.0.3>", "");
	event(t.bob, "? ~ refer,referRequested", WAIT);
	mend("sip:9*@*", "sip:00*@*");
	CHECK(ctrl(t.bob, "referreload", NULL).ok, "referreload");
	EQ_STR("error: the target, or the referrer, is not allowed any more,"
	       " see /referpolicy\n",
	       ctrl(t.bob, "referaccept", "").data);
	CHECK(ctrl(t.bob, "referreject", "").ok, "referreject");
	expect_any(t.alice, "480 REFER", WAIT);
	expect_none(t.carol, "*", 0);
	ROW("setting.reload");
}


TEST(quoted, "Values in quotes are what baresip takes them for")
{
	scene(.config = "refer_policy \"accept\"\n"
	      "refer_deny \"sip:00*@*\"\nrefer_realm \"My PBX\"\n");
	shows("refer: guard: in force\n");
	shows("refer: deny sip:00*@*\n");
	(void)refer("<sip:00900@127.0.0.3>", "");
	expect_any(t.alice, "603 REFER", WAIT);
	accepted();
	ROW("setting.strict");
}
