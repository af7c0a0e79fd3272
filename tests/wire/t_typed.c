/**
 * @file t_typed.c  What people type as a target goes through the same checks
 * as what others send
 */
#include <string.h>
#include "wire.h"
#include "harness.h"
#include "scene.h"

#define SCHEME "error: the target is not a sip:, sips: or tel: URI\n"
#define ESCAPE "error: baresip cannot call a target with this escape (%)\n"


static void refused(const char *cmd, const char *params, const char *text)
{
	struct resp r = ctrl(t.bob, cmd, params);

	CHECK(!r.ok, "%s %s", cmd, params);
	EQ_STR(text, r.data);
}


static void start(const char *target)
{
	struct resp r = ctrl(t.bob, "atransferstart", target);

	CHECK(r.ok, "%s: %s", target, r.data);
}


/* Nothing was sent, and nothing begun */
static void check_untouched(void)
{
	expect_none(t.alice, "*", 0);
	expect_none(t.carol, "*", 0);
	EQ_INT(0, event_count(t.bob, "? ~ refer,"));
	EQ_STR("refer: no transfers\n", ctrl(t.bob, "referlist", NULL).data);
	check_alive(t.call);
}


TEST(typed_scheme, "A target with another scheme is an error, nothing is sent")
{
	static const char *const v[] = {
		"http://127.0.0.3", "mailto:carol@127.0.0.3", "foo:bar",
		"<foo:bar>", "Carol <xmpp:carol@127.0.0.3>", "HTTP:x",
		"carol:secret@127.0.0.3", "urn:service:sos",
	};
	unsigned i;

	scene();
	for (i=0; i<ARRAY_SIZE(v); i++) {
		refused("transfer", v[i], SCHEME);
		refused("atransferstart", v[i], SCHEME);
		refused("refersend", F("sip:alice@127.0.0.1 %s", v[i]),
			SCHEME);
		refused("refersend", F("%s sip:carol@127.0.0.3", v[i]),
			SCHEME);
	}

	check_untouched();
	ROW("command.target-scheme");
}


/* The core of 1.x would read these as a format: wild memory, or a crash */
TEST(typed_format, "With medianat a target that reads as a format is an error",
     .na4 = "it reads no target as a format")
{
	static const char *const v[] = {
		"sip:carol%20smith@127.0.0.3", "carol%20smith@127.0.0.3",
		"sip:a%20b@127.0.0.3", "sip:carol@127.0.0.3;x=%20s",
		"sip:carol@127.0.0.3?Subject=a%20s", "carol%20s",
		"sip:%25s%25n@127.0.0.3", "\"C\" <sip:carol%20x@127.0.0.3>",
	};
	unsigned i;

	scene(.config = "module ice.so\n", .account = ";medianat=ice");
	for (i=0; i<ARRAY_SIZE(v); i++)
		refused("atransferstart", v[i], ESCAPE);

	/* neither when nothing has to be done before the call */
	(void)ctrl(t.bob, "hold", NULL);
	(void)answer_hold(t.call);
	refused("atransferstart", v[0], ESCAPE);
	check_untouched();
	ROW("command.target-format");
}


/* Not dialled here: the REFER has it, as it was typed */
TEST(typed_transfer_escape, "/transfer to a target with an escape sends it")
{
	struct msg *req;

	scene();
	req = transfer("sip:carol%20smith@127.0.0.3");
	EQ_STR("<sip:carol%20smith@127.0.0.3>", hdr(req, "Refer-To"));
	peer_reply(t.alice, req, 603, "Decline", NULL);
	event(t.bob, "? ~ refer,referEnded ~ target=sip:carol%20smith@",
	      WAIT);
	answer_resume(t.call);
	ROW("command.target-format");
}


TEST(typed_escape, "A needless escape of a target is undone, others are kept")
{
	struct msg *inv;

	scene();
	start("sip:c%61rol%23@127.0.0.3");
	(void)answer_hold(t.call);
	inv = expect(t.carol, "INVITE", WAIT);
	EQ_STR("sip:carol%23@127.0.0.3", ruri(inv));
	peer_reply(t.carol, inv, 486, "Busy Here", NULL);
	event(t.bob, "? ~ refer,referEnded", WAIT);
	answer_resume(t.call);
	ROW("command.target-format");
}


/* libre looks for a name of the root, and never finds it */
TEST(dot_typed, "A target's host is called without a dot at its end")
{
	struct msg *m;

	scene();
	m = transfer("sip:carol@127.0.0.3.;a=b");
	EQ_STR("<sip:carol@127.0.0.3;a=b>", hdr(m, "Refer-To"));
	peer_reply(t.alice, m, 603, "Decline", NULL);
	event(t.bob, "? ~ refer,referEnded,id=1", WAIT);
	answer_resume(t.call);

	start("carol@127.0.0.3.");
	(void)answer_hold(t.call);
	m = expect(t.carol, "INVITE", WAIT);
	EQ_STR("sip:carol@127.0.0.3", ruri(m));
	peer_reply(t.carol, m, 486, "Busy Here", NULL);
	event(t.bob, "? ~ refer,referEnded,id=2", WAIT);
	answer_resume(t.call);

	CHECK(ctrl(t.bob, "refersend", "sip:carol@127.0.0.3. dave@h.").ok,
	      "refersend");
	m = expect(t.carol, "REFER", WAIT);
	EQ_STR("<sip:dave@h>", hdr(m, "Refer-To"));
	peer_reply(t.carol, m, 603, "Decline", NULL);
	ROW("refer.root-dot");
}


TEST(dot_refer_to, "So is that of a Refer-To, and of a redirection")
{
	struct msg *inv;

	scene(.config = "refer_follow_redirect yes\n"
	      "refer_deny sip:00*@127.0.0.3\n");
	peer_auto(t.alice, "NOTIFY");
	(void)refer("<sip:0049@127.0.0.3.>", "");
	expect_any(t.alice, "603 REFER", WAIT);

	(void)refer("<sip:carol@127.0.0.3.>", "");
	inv = expect(t.carol, "INVITE", WAIT);
	EQ_STR("sip:carol@127.0.0.3", ruri(inv));
	peer_reply(t.carol, inv, 302, "Moved",
		   "Contact: <sip:c%61rl@127.0.0.3.>\r\n");
	inv = expect(t.carol, "INVITE ~ sip:carl@127.0.0.3 SIP", WAIT);
	peer_reply(t.carol, inv, 486, "Busy Here", NULL);
	event(t.bob, "? ~ refer,referEnded", WAIT);
	ROW("refer.root-dot");
}


TEST(typed_rest, "What stands behind the target of /atransferstart: an error")
{
	scene();
	refused("atransferstart", "sip:0049@127.0.0.3 (0)30 123",
		"error: (0)30 is not header=value\n");
	refused("atransferstart", "+49 30 123",
		"error: 30 is not header=value\n");
	refused("atransferstart", "sip:carol@127.0.0.3 x=y",
		"error: x= is no option (call= sub= hold= after= timeout=);"
		" a header begins with a capital letter\n");
	check_untouched();

	start("Carol <sip:carol@127.0.0.3>");
	(void)answer_hold(t.call);
	expect(t.carol, "INVITE", WAIT);
	ROW("command.atransferstart");
}
