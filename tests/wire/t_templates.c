/**
 * @file t_templates.c  refer_invite_headers: headers of the configuration
 */
#include <string.h>
#include "wire.h"
#include "scene.h"


/* The INVITE for a REFER that came in this call, which is refused */
static struct msg *invited(struct dlg *d, const char *more)
{
	struct msg *inv;

	(void)dlg_request(d, "REFER", F("Refer-To: <%s>\r\n%s", t.carol->uri,
					more));
	expect_any(t.alice, "202 REFER", WAIT);
	inv = expect(t.carol, "INVITE", WAIT);
	peer_reply(t.carol, inv, 486, "Busy", NULL);
	expect(t.carol, "ACK", WAIT);
	expect_any(t.alice, "NOTIFY ~ SIP/2.0 486", WAIT);
	peer_flush(t.alice);

	return inv;
}


TEST(invite_headers, "refer_invite_headers: variables, and headers of others")
{
	const char *policy;
	struct msg *inv;

	scene(.config = "refer_invite_headers \"Diversion: <${account}>;"
	      "reason=deflection\"\n"
	      "refer_invite_headers \"P-Asserted-Identity: <${referrer}>\"\n"
	      "refer_invite_headers \"X-All: ${referred}/${target}\"\n"
	      "refer_invite_headers \"X-By: <${referred_by}>\"\n"
	      "refer_invite_headers \"X-One: all\"\n"
	      "refer_invite_headers \"sip:BOB@127.0.0.2 X-One: bob's\"\n"
	      "refer_invite_headers \"sip:eve@127.0.0.2 X-Two: eve's\"\n"
	      "refer_invite_headers User-to-User:ours\n");
	peer_auto(t.alice, "NOTIFY");

	inv = invited(t.call, "Referred-By: Al <sip:al@a.org>;x=y\r\n"
		      "User-to-User: theirs\r\n");
	EQ_STR("<sip:bob@127.0.0.2>;reason=deflection", hdr(inv, "Diversion"));
	EQ_STR("<sip:alice@127.0.0.1>", hdr(inv, "P-Asserted-Identity"));
	EQ_STR(F("%s/sip:carol@127.0.0.3", t.call->ruri), hdr(inv, "X-All"));
	EQ_STR("<sip:al@a.org>", hdr(inv, "X-By"));
	EQ_INT(1, hdr_count(inv, "X-One"));
	EQ_STR("bob's", hdr(inv, "X-One"));
	HASNT(inv, "X-Two");
	EQ_INT(1, hdr_count(inv, "User-to-User"));
	EQ_STR("ours", hdr(inv, "User-to-User"));

	/* without a value there is no header */
	HASNT(invited(t.call, ""), "X-By");

	policy = ctrl(t.bob, "referpolicy", NULL).data;
	HAS_TEXT(policy, "refer: invite header Diversion: <${account}>;"
		 "reason=deflection\n");
	HAS_TEXT(policy, "refer: invite header sip:BOB@127.0.0.2 X-One: bob's"
		 "\n");
	ROW("setting.invite-headers");
}


TEST(invite_headers_wrong, "refer_invite_headers: faults are told at start")
{
	static const char *const linev[][2] = {
		{"\"Via: x\"", "this header cannot be given"},
		{"\"route: <sip:x>\"", "this header cannot be given"},
		{"\"Authorization: x\"", "this header cannot be given"},
		{"\"X-A: ${peer}\"", "the variables are ${referrer}"},
		{"\"X-A: ${referrer\"", "the variables are ${referrer}"},
		{"\"X-A: ${}\"", "the variables are ${referrer}"},
		{"\"X-A:\"", "there is no value behind the header"},
		{"\"X A: b\"", "there is no header"},
		{"\": b\"", "there is no header"},
		{"\"sip:bob@127.0.0.2\"", "there is no header"},
		{"X-A", "there is no value behind the header"},
		{"X-A: b", "there is more than one word"},
	};
	const char *config = "";
	struct msg *inv;
	size_t i;

	for (i=0; i<ARRAY_SIZE(linev); ++i)
		config = F("%srefer_invite_headers %s\n", config, linev[i][0]);

	scene(.config = config);
	peer_auto(t.alice, "NOTIFY");
	for (i=0; i<ARRAY_SIZE(linev); ++i)
		sut_log_has(t.bob, linev[i][1]);

	inv = invited(t.call, "");
	HASNT(inv, "X-A");
	EQ_INT(1, hdr_count(inv, "Via"));
	ROW("setting.invite-headers");
}


/* What is in a URI of a peer stays in it */
TEST(invite_headers_escaped, "refer_invite_headers: no URI breaks out")
{
	static const char *const fromv[][3] = {
		{"sip:a,b;c@h;x=y", "<sip:a,b;c@h;x=y>",
		 "sip:a%2Cb%3Bc@h%3Bx=y"},
		{"sip:a@h?Route=%3Csip:evil%3E", "<sip:a@h%3FRoute=%3Csip:evil"
		 "%3E>", "sip:a@h%3FRoute=%3Csip:evil%3E"},
		{"sip:a%0d%0aX-Evil:1@h", "<sip:a%0d%0aX-Evil:1@h>",
		 "sip:a%0d%0aX-Evil:1@h"},
		{"sip:a\"b\\c{}@h", "<sip:a%22b%5Cc%7B%7D@h>",
		 "sip:a%22b%5Cc%7B%7D@h"},
		{"sip:a${target}@h", "<sip:a$%7Btarget%7D@h>",
		 "sip:a$%7Btarget%7D@h"},
		/* 1.0 takes it for a format: not one that crashes it */
		{"sip:a%d%u@h", "<sip:a%d%u@h>", "sip:a%d%u@h"},
	};
	struct dlg *d;
	struct msg *inv;
	size_t i;

	t.bob   = sut_start("bob", .config = "refer_rate 0\n"
			    "refer_invite_headers \"X-In: <${referrer}>;z\"\n"
			    "refer_invite_headers \"X-Out: ${referrer};z\"\n");
	t.alice = peer_new("alice");
	t.carol = peer_new("carol");
	peer_auto(t.alice, "NOTIFY");

	for (i=0; i<ARRAY_SIZE(fromv); ++i) {
		d = dlg_new(t.alice, t.bob->uri);
		d->luri = fromv[i][0];
		(void)dlg_request(d, "INVITE", sdp(t.alice));
		(void)dlg_taken(d);
		inv = invited(d, "");
		EQ_STR(F("%s;z", fromv[i][1]), hdr(inv, "X-In"));
		EQ_STR(F("%s;z", fromv[i][2]), hdr(inv, "X-Out"));
		EQ_INT(0, hdr_count(inv, "X-Evil"));
		EQ_INT(0, hdr_count(inv, "Route"));
		hangup(d);
		peer_flush(t.alice);
	}

	ROW("setting.invite-headers");
}
