/**
 * @file t_limits.c  What is too much, what is not allowed, and what is left
 */
#include <string.h>
#include "wire.h"
#include "scene.h"


static void refused_with(const char *refer_to, const char *status)
{
	refer(refer_to, "");
	expect(t.alice, status, WAIT);
}


TEST(deny, "refer_deny and refer_allow: patterns of targets, escapes or not")
{
	scene(.config = "refer_deny sip:9*@*\nrefer_allow *@127.0.0.3\n"
	      "refer_allow *@*.example.org\nrefer_rate 0\n");
	peer_auto(t.alice, "NOTIFY");

	refused_with("<sip:900123@127.0.0.3>", "603 REFER");
	refused_with("<sip:%3900123@127.0.0.3>", "603 REFER");
	refused_with("<SIP:900123:pw@127.0.0.3;x=y>", "603 REFER");
	refused_with("<sip:carol@127.0.0.4>", "603 REFER");
	refused_with("<sip:carol@example.org.evil.net>", "603 REFER");
	refused_with("<sip:900123@127.0.0.3:5060>", "603 REFER");
	refused_with("<sip:carol@127.0.0.3;maddr=127.0.0.4>", "603 REFER");
	refused_with("<sip:c@127.0.0.3;maddrx;maddr=127.0.0.4>", "603 REFER");
	expect_none(t.carol, "*", 0);

	refer("<sip:carol@127.0.0.3>", "");
	expect_any(t.alice, "202 REFER", WAIT);
	(void)answer(t.carol, expect(t.carol, "INVITE", WAIT));
	ROW("setting.allow");
}


TEST(deny_forms, "refer_deny is not passed by with a port or a dot")
{
	scene(.config = "refer_deny *@127.0.0.3\nrefer_deny *@evil.org\n");
	refused_with("<sip:carol@127.0.0.3:5060>", "603 REFER");
	refused_with("<sip:carol@127.0.0.3:5061;transport=tcp>", "603 REFER");
	refused_with("<sip:carol@EVIL.org.>", "603 REFER");
	refused_with("<sip:carol@127.0.0.4;MADDR=127.0.0.3>", "603 REFER");
	refused_with("<sip:c@127.0.0.4;maddr-x=y;maddr=127.0.0.3>",
		     "603 REFER");
	expect_none(t.carol, "*", 0);
	ROW("setting.allow");
}


TEST(deny_host, "A denied host is not reached without a user, or by its port")
{
	scene(.config = "refer_deny sip:*@127.0.0.3\n"
	      "refer_deny sip:*@127.0.0.4:5060\n"
	      "refer_deny sip:*@127.0.0.5:5061\nrefer_rate 0\n");
	refused_with("<sip:127.0.0.3>", "603 REFER");
	refused_with("<sip:127.0.0.3;transport=udp>", "603 REFER");
	refused_with("<sip:carol@127.0.0.4>", "603 REFER");
	refused_with("<sip:carol@127.0.0.5;transport=tls>", "603 REFER");
	refused_with("<sip:carol@127.3>", "603 REFER");
	refused_with("<sip:carol@0x7f000003>", "603 REFER");
	expect_none(t.carol, "*", 0);
	ROW("setting.allow");
}


TEST(max_pending, "Too many REFERs wait: 503 with Retry-After")
{
	struct msg *m;

	scene(.config = "refer_policy ask\nrefer_max_pending 2\n");
	refer("<sip:a@127.0.0.3>", "");
	refer("<sip:b@127.0.0.3>", "");
	event(t.bob, "? ~ refer,referRequested,id=2", WAIT);
	refer("<sip:c@127.0.0.3>", "");
	m = expect(t.alice, "503 REFER", WAIT);
	CHECK(hdr(m, "Retry-After"), "Retry-After");

	/* a decision makes room */
	(void)ctrl(t.bob, "referreject", "1");
	expect_any(t.alice, "480 REFER", WAIT);
	refer("<sip:d@127.0.0.3>", "");
	event(t.bob, "? ~ refer,referRequested,id=3", WAIT);
	ROW("refer.limits");
}


TEST(rate, "REFERs come too fast: 503 with Retry-After")
{
	struct msg *m;
	int i;

	scene(.config = "refer_policy ask\nrefer_rate 3\n");
	for (i=0; i<8; i++)
		refer("<sip:a@127.0.0.3>", "");

	m = expect_any(t.alice, "503 REFER", WAIT);
	CHECK(hdr(m, "Retry-After"), "Retry-After");
	check_alive(t.call);
	ROW("refer.limits");
}


TEST(old_call, "The referrer forgets to hang up: done after a while",
     .secs = 3)
{
	struct dlg *d;

	scene(.config = "refer_old_call_timeout 1\n");
	refer_carol("");
	d = answer(t.carol, expect(t.carol, "INVITE", WAIT));
	expect_any(t.alice, "NOTIFY ~ SIP/2.0 200", WAIT);
	expect_any(t.alice, "BYE", WAIT);
	check_alive(d);
	ROW("transfer.old-call");
}


TEST(redirect_reported, "302 of the target is reported, and not followed")
{
	struct msg *req, *inv;

	scene();
	req = refer_carol("");
	expect_any(t.alice, "NOTIFY ~ SIP/2.0 100", WAIT);
	inv = expect(t.carol, "INVITE", WAIT);
	peer_reply(t.carol, inv, 302, "Moved Temporarily",
		   "Contact: <sip:eve@127.0.0.3>\r\n");
	check_notify(expect_any(t.alice, "NOTIFY", WAIT), req,
		     "terminated;reason=noresource",
		     "SIP/2.0 302 Moved Temporarily");
	expect_none(t.carol, "INVITE", 0);
	check_alive(t.call);
	ROW("sipjs.41 transfer.follow-redirect");
}


TEST(redirect_denied, "A redirect does not lead to what is denied")
{
	struct msg *req;

	scene(.config = "refer_follow_redirect yes\nrefer_deny sip:dave@*\n");
	req = refer_carol("");
	peer_reply(t.carol, expect(t.carol, "INVITE", WAIT), 302, "Moved",
		   "Contact: <sip:dave@127.0.0.3>\r\n");
	check_notify(expect_any(t.alice, "NOTIFY ~ terminated", WAIT), req,
		     "terminated;reason=noresource", "SIP/2.0 302 Moved");
	expect_none(t.carol, "INVITE", 0);
	check_alive(t.call);
	ROW("setting.allow transfer.follow-redirect");
}


TEST(redirect_followed, "refer_follow_redirect yes: it is followed")
{
	struct msg *inv;

	scene(.config = "refer_follow_redirect yes\n");
	refer_carol("");
	inv = expect(t.carol, "INVITE", WAIT);
	peer_reply(t.carol, inv, 302, "Moved Temporarily",
		   "Contact: <sip:dave@127.0.0.3>\r\n");
	inv = expect(t.carol, "INVITE", WAIT);
	EQ_STR("sip:dave@127.0.0.3", ruri(inv));
	(void)answer(t.carol, inv);
	expect_any(t.alice, "NOTIFY ~ SIP/2.0 200", WAIT);
	ROW("transfer.follow-redirect");
}


TEST(depth, "A chain of referrals has an end: 482")
{
	struct dlg *d;

	scene(.config = "refer_max_depth 1\n");
	peer_auto(t.carol, "NOTIFY");
	(void)refer_carol("");
	d = answer(t.carol, expect(t.carol, "INVITE", WAIT));
	expect_any(t.alice, "NOTIFY ~ SIP/2.0 200", WAIT);

	(void)dlg_request(d, "REFER", F("Refer-To: <%s>\r\n", t.alice->uri));
	expect_any(t.carol, "482 REFER", WAIT);
	expect_none(t.alice, "INVITE", 0);
	check_alive(d);

	/* a call of its own is not in the chain */
	(void)refer_carol("");
	expect_any(t.alice, "202 REFER", WAIT);
	(void)answer(t.carol, expect_any(t.carol, "INVITE", WAIT));
	ROW("refer.depth setting.depth");
}


TEST(copy_headers, "refer_copy_headers: those of the URI, and no others")
{
	struct msg *m;

	scene(.config = "refer_copy_headers X-Queue\n"
	      "refer_copy_headers Subject\nrefer_copy_headers Route\n");
	sut_log_has(t.bob, "refer_copy_headers Route: this header is never"
		    " copied");
	peer_auto(t.alice, "NOTIFY");
	refer("<sip:carol@127.0.0.3?Subject=hi%20there&x-queue=sales%3B7"
	      "&Route=%3Csip:evil%40127.0.0.9%3E&X-Other=1>", "");
	m = expect(t.carol, "INVITE", WAIT);
	EQ_STR("hi there", hdr(m, "Subject"));
	EQ_STR("sales;7", hdr(m, "x-queue"));
	EQ_INT(0, hdr_count(m, "X-Other"));
	HASNT(m, "evil");
	(void)answer(t.carol, m);
	expect_any(t.alice, "NOTIFY ~ SIP/2.0 200", WAIT);
	ROW("setting.copy-headers R56");
}


TEST(tel, "refer_tel yes: a number is called in the account's domain")
{
	struct msg *m;

	scene(.config = "refer_tel yes\n", .outbound = F("sip:%s;lr",
							net_addr("carol",
								 false)));
	peer_auto(t.alice, "NOTIFY");
	refused_with("<tel:>", "400 REFER");
	refused_with("<tel:+49x30>", "400 REFER");
	refused_with("<tel:1@evil.org>", "400 REFER");
	refused_with("<tel:1?Subject=x>", "400 REFER");
	refused_with("<mailto:a@b>", "416 REFER");

	refer("<tel:+49-(30)-12.34;ext=5>", "");
	m = expect(t.carol, "INVITE", WAIT);
	EQ_STR("sip:+49301234;ext=5@127.0.0.2;user=phone", ruri(m));
	(void)answer(t.carol, m);
	expect_any(t.alice, "NOTIFY ~ SIP/2.0 200", WAIT);
	ROW("setting.tel");
}


static void refer_to_account(const char *user, const char *status)
{
	struct dlg *d = dlg_new(t.alice, F("sip:%s@127.0.0.2", user));

	(void)dlg_request(d, "REFER", "Refer-To: <tel:+4930123>\r\n");
	if (status)
		expect_any(t.alice, status, WAIT);
}


TEST(tel_auto, "A number is called where the account has a domain or an"
     " outbound proxy")
{
	struct msg *m;

	scene(.config = "refer_out_of_dialog ask\n");
	refer("<tel:+4930123>", "");
	m = expect_any(t.alice, "416 REFER", WAIT);
	HAS(m, "this account calls no telephone numbers");
	HAS_TEXT(ctrl(t.bob, "referpolicy", NULL).data, ", tel auto, ");

	ROW("setting.tel");

	/* to such accounts 4.x gives no request for another host */
	if (host_major() >= 3)
		return;

	(void)ctrl(t.bob, "uanew", "<sip:bert@127.0.0.9>;regint=0");
	refer_to_account("bert", "416 REFER");
	(void)ctrl(t.bob, "uanew", "<sip:bill@[fd00::9]>;regint=0");
	refer_to_account("bill", "416 REFER");
	(void)ctrl(t.bob, "uanew", "<sip:ben@example.test>;regint=0");
	refer_to_account("ben", NULL);
	event(t.bob, "? ~ refer,referRequested,id=1 ~ target=sip:+4930123@"
	      "example.test;user=phone", WAIT);
	(void)ctrl(t.bob, "referreject", "1");
	expect_any(t.alice, "480 REFER", WAIT);
	ROW("setting.tel");
}


TEST(tel_no, "refer_tel no: 416, whatever the account has")
{
	scene(.config = "refer_tel no\n", .outbound = "sip:127.0.0.3;lr");
	refused_with("<tel:+4930123>", "416 REFER");
	refused_with("<TEL:110>", "416 REFER");
	expect_none(t.carol, "*", 0);
	ROW("setting.tel");
}


TEST(tel_local, "A local number is the domain's, or its phone-context says")
{
	static const char *const rowv[][2] = {
		{"<tel:110>", "sip:110@127.0.0.2;user=phone"},
		{"\"Help\" <TEL:1-1-0>", "sip:110@127.0.0.2;user=phone"},
		{"<tel:30123;phone-context=+49>",
		 "sip:30123;phone-context=+49@127.0.0.2;user=phone"},
		{"<tel:123;phone-context=example.org>",
		 "sip:123;phone-context=example.org@127.0.0.2;user=phone"},
	};
	struct msg *m;
	size_t i;

	scene(.outbound = "sip:127.0.0.3;lr", .config = "refer_rate 0\n");
	peer_auto(t.alice, "NOTIFY");
	for (i=0; i<ARRAY_SIZE(rowv); ++i) {
		refer(rowv[i][0], "");
		expect_any(t.alice, "202 REFER", WAIT);
		m = expect(t.carol, "INVITE", WAIT);
		EQ_STR(rowv[i][1], ruri(m));
		peer_reply(t.carol, m, 486, "Busy Here", NULL);
		expect_any(t.carol, "ACK", WAIT);
		expect_any(t.alice, "NOTIFY ~ SIP/2.0 486", WAIT);
	}

	peer_flush(t.alice);
	refused_with("<tel:1;phone-context=>", "400 REFER");
	refused_with("<tel:1;phone-context=00>;x, <tel:2>", "400 REFER");
	refused_with("<tel:1;phone-context=+1;phone-context=+2>",
		     "400 REFER");
	refused_with("<tel:+49 30-123>", "400 REFER");
	ROW("setting.tel");
}


TEST(require_replaces, "Require: replaces only if it is asked for")
{
	static const char repl[] = "Replaces=a%3Bto-tag%3D1%3Bfrom-tag%3D2";
	struct msg *m;

	scene();
	peer_auto(t.alice, "NOTIFY");
	refer(F("<%s?%s>", t.carol->uri, repl), "");
	m = expect(t.carol, "INVITE", WAIT);
	EQ_STR("a;to-tag=1;from-tag=2", hdr(m, "Replaces"));
	EQ_INT(0, hdr_count(m, "Require"));
	peer_reply(t.carol, m, 486, "Busy Here", NULL);

	refer(F("<%s?Require=replaces&%s>", t.carol->uri, repl), "");
	m = expect(t.carol, "INVITE", WAIT);
	EQ_STR("replaces", hdr(m, "Require"));
	peer_reply(t.carol, m, 481, "Call Does Not Exist", NULL);
	expect_any(t.alice, "NOTIFY ~ SIP/2.0 481", WAIT);
	check_alive(t.call);
	ROW("setting.require-replaces");
}


TEST(require_replaces_yes, "refer_require_replaces yes")
{
	struct msg *m;

	scene(.config = "refer_require_replaces yes\n");
	peer_auto(t.alice, "NOTIFY");
	refer(F("<%s?Replaces=a%%3Bto-tag%%3D1%%3Bfrom-tag%%3D2>",
		t.carol->uri), "");
	m = expect(t.carol, "INVITE", WAIT);
	EQ_STR("replaces", hdr(m, "Require"));
	peer_reply(t.carol, m, 486, "Busy Here", NULL);

	refer(F("<%s>", t.carol->uri), "");
	EQ_INT(0, hdr_count(expect(t.carol, "INVITE", WAIT), "Require"));
	ROW("setting.require-replaces");
}
