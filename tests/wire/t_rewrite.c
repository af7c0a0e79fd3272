/**
 * @file t_rewrite.c  A person rewrites a referral: /referaccept target= ..
 *
 * RFC 3323, RFC 3325 section 7
 */
#include <string.h>
#include "wire.h"
#include "harness.h"
#include "scene.h"


#define ASK "refer_policy ask\nrefer_rate 0\nrefer_max_pending_peer 0\n"


/* alice asks for eve, and waits */
static void asks(unsigned id, const char *refer_to)
{
	(void)refer(refer_to, "");
	event(t.bob, F("? ~ refer,referRequested,id=%u", id), WAIT);
}


/* The INVITE is refused, and the REFER over */
static struct msg *busy(struct peer *p)
{
	struct msg *inv = expect(p, "INVITE", WAIT);

	peer_reply(p, inv, 486, "Busy", NULL);
	expect_any(p, "ACK", WAIT);
	event(t.bob, "? ~ refer,referEnded ~ code=486", WAIT);
	peer_flush(p);

	return inv;
}


static void accepted(unsigned id, const char *options)
{
	struct resp r = ctrl(t.bob, "referaccept", F("%u %s", id, options));

	CHECK(r.ok, "%s", r.data);
}


static void failed(const char *options, const char *text)
{
	struct resp r = ctrl(t.bob, "referaccept", options);

	CHECK(!r.ok && strstr(r.data, text), "%s: %s", options, r.data);
}


TEST(rewrite_target, "/referaccept target=: another one is called")
{
	static const char *const v[][2] = {
		{"sip:carol@127.0.0.3", "sip:carol@127.0.0.3"},
		{"carol@127.0.0.3;x=y", "sip:carol@127.0.0.3;x=y"},
		{"\"sip:carol@127.0.0.3;transport=udp\"",
		 "sip:carol@127.0.0.3;transport=udp"},
		{"sip:c%61rol@127.0.0.3.", "sip:c%61rol@127.0.0.3"},
	};
	struct msg *inv;
	unsigned i;

	scene(.config = ASK);
	peer_auto(t.alice, "NOTIFY");
	for (i=0; i<ARRAY_SIZE(v); ++i) {
		asks(i + 1, "<sip:eve@127.0.0.8?Replaces=a%3Bto-tag%3Db%3B"
		     "from-tag%3Dc&User-to-User=data>");
		accepted(i + 1, F("target=%s", v[i][0]));
		event(t.bob, F("? ~ refer,referInviteSent,id=%u ~ target=%s",
			       i + 1, v[i][1]), WAIT);
		inv = busy(t.carol);
		EQ_STR(v[i][1], ruri(inv));
		HAS_TEXT(hdr(inv, "To"), v[i][1]);
		/* Replaces names a call of eve's, the data is for anyone */
		EQ_INT(0, hdr_count(inv, "Replaces"));
		EQ_STR("data", hdr(inv, "User-to-User"));
	}

	HAS_TEXT(ctrl(t.bob, "referinfo", "1 json").data,
		 "\"target\":\"sip:carol@127.0.0.3\"");
	check_alive(t.call);
	ROW("command.rewrite");
}


TEST(rewrite_replaces, "/referaccept target= with a Replaces of its own")
{
	struct msg *inv;

	scene(.config = ASK);
	peer_auto(t.alice, "NOTIFY");
	asks(1, "<sip:eve@127.0.0.8>");
	accepted(1, "target=\"sip:carol@127.0.0.3?Replaces=x%3Bto-tag%3Dy%3B"
		 "from-tag%3Dz&Require=replaces\"");
	inv = busy(t.carol);
	EQ_STR("sip:carol@127.0.0.3", ruri(inv));
	EQ_STR("x;to-tag=y;from-tag=z", hdr(inv, "Replaces"));
	EQ_STR("replaces", hdr(inv, "Require"));
	ROW("command.rewrite");
}


/* Dressings of targets that are denied */
TEST(rewrite_denied, "/referaccept target=: the patterns are asked again")
{
	static const char *const v[] = {
		"sip:dave@127.0.0.3", "SIP:DAVE@127.0.0.3",
		"dave@127.0.0.3", "\"Dave <sip:dave@127.0.0.3>\"",
		"<sip:dave@127.0.0.3>", "sip:d%61ve@127.0.0.3",
		"sip:dave@127.0.0.3:5060", "sip:dave@127.0.0.3;x=y",
		"sip:dave@127.0.0.3.",
		"sip:dave@127.0.0.3?X=y", "sip:dave;x@127.0.0.3",
		"sip:dave:secret@127.0.0.3",
		"sip:carol:secret@127.0.0.3",
		"sip:carol@127.0.0.3;maddr=127.0.0.9",
		"tel:00900123", "tel:00-900.123", "tel:+900123",
		"tel:00900123;ext=1", "sip:00900123@127.0.0.3",
		"sip:0-09%300123@127.0.0.3;user=phone",
		"sip:%2B900123@127.0.0.3",
	};
	size_t i;

	scene(.config = ASK "refer_deny sip:dave@*\nrefer_deny sip:dave;*@*\n"
	      "refer_deny_number 00900*\n");
	peer_auto(t.alice, "NOTIFY");
	asks(1, "<sip:eve@127.0.0.8>");
	for (i=0; i<ARRAY_SIZE(v); ++i)
		failed(F("1 target=%s", v[i]), "the target, or the referrer,"
		       " is not allowed");

	HAS_TEXT(ctrl(t.bob, "referaccept", "1 target=sip:dave@127.0.0.3 json")
		 .data, "\"errno\":\"EPERM\"");

	/* nothing has happened: it can still be accepted */
	expect_none(t.alice, "*", 0);
	accepted(1, "target=carol@127.0.0.3");
	expect_any(t.alice, "202 REFER", WAIT);
	(void)busy(t.carol);
	EQ_INT(0, seen_count("bob", "carol", "INVITE ~ dave"));
	ROW("command.rewrite");
}


TEST(rewrite_wrong, "/referaccept: wrong options name the argument")
{
	static const char *const v[][2] = {
		{"target=http://x", "the target is not a sip:"},
		{"target=sips:carol@127.0.0.3", "the target, or a header"},
		{"target=", "there is no value behind target="},
		{"target=<sip:a@h", "the target is no SIP address"},
		{"target=sip:a@h%0d%0aX:1", "the target"},
		{"\"target=sip:a@h\r\nX-Evil: 1\"", "no option"},
		{"target=\"sip:a@h\r\nX-Evil: 1\"", "the target"},
		{"target=sip:a@h?Require=foo", "the target, or a header"},
		{"target=sip:a@h?Replaces=x", "the target, or a header"},
		{"target=sip:a@h;method=BYE", "the target, or a header"},
		{"account=sip:nobody@h", "there is no account sip:nobody@h"},
		{"account=", "there is no account "},
		{"outbound=carol", "carol is no value of outbound="},
		{"outbound=sip:", "is no value of outbound="},
		{"outbound=", "there is no value behind outbound="},
		{"outbound=sips:127.0.0.9", "no value of outbound="},
		{"outbound=tel:+1", "no value of outbound="},
		{"outbound=sip:127.0.0.9;lr", "no value of outbound="},
		{"outbound=sip:127.0.0.9?X=1", "no value of outbound="},
		{"outbound=sip:a:b@127.0.0.9", "no value of outbound="},
		{"outbound=sip:a,b@127.0.0.9", "no value of outbound="},
		{"outbound=\"sip:127.0.0.9\r\nX-Evil: 1\"", "of outbound="},
		{"outbound=\"sip:127.0.0.9>,<sip:eve@h\"", "of outbound="},
		{"outbound=<sip:127.0.0.9>", "no value of outbound="},
		{"outbound=sip:127.0.0.9%0d%0aX:1", "no value of outbound="},
		{"outbound=sip:%00@127.0.0.9", "no value of outbound="},
		{"name=", "there is no value behind name="},
		{"name=\"a\r\nX-Evil: 1\"", "is no value of name="},
		{"name=\"a\"b\"", "a\"b is no value of name="},
		{"name=a<b", "is no value of name="},
		{"name=a>b", "is no value of name="},
		{"name=a\\", "is no value of name="},
		{"name=a\x01", "is no value of name="},
		{"name=a\xff", "is no value of name="},
		{"name=a\xc2\x85", "is no value of name="},
		{"name=a\xe2\x80\xae", "is no value of name="},
		{"anonymous=maybe", "maybe is no value of anonymous="},
		{"anonymous=yes name=Desk", "name= and anonymous=yes exclude"},
		{"follow=no target=carol", "follow=no calls nobody"},
		{"anonymous=yes follow=no", "follow=no calls nobody"},
		{"Subject=x", "Subject=x is no option (follow= code= target="
		 " account= outbound= name= anonymous=)"},
	};
	size_t i;

	scene(.config = ASK);
	peer_auto(t.alice, "NOTIFY");
	asks(1, "<sip:carol@127.0.0.3>");
	for (i=0; i<ARRAY_SIZE(v); ++i)
		failed(F("1 %s", v[i][0]), v[i][1]);
	failed(F("1 name=%0256d", 0), "is no value of name=");

	expect_none(t.alice, "*", 0);
	expect_none(t.carol, "*", 0);
	accepted(1, F("name=%0255d", 0));
	(void)busy(t.carol);
	ROW("command.rewrite");
}


TEST(rewrite_outbound, "/referaccept outbound=: this INVITE goes by a proxy")
{
	struct peer *proxy;
	struct msg *inv;

	scene(.config = ASK);
	proxy = peer_new("proxy");
	peer_auto(t.alice, "NOTIFY");
	asks(1, "<sip:carol@127.0.0.3>");
	accepted(1, "outbound=sip:127.0.0.9");
	inv = busy(proxy);
	EQ_STR("<sip:127.0.0.9;lr>", hdr(inv, "Route"));
	EQ_STR("sip:carol@127.0.0.3", ruri(inv));
	EQ_INT(0, seen_count("bob", "carol", "INVITE"));

	/* the account is as it was */
	asks(2, "<sip:carol@127.0.0.3>");
	accepted(2, "");
	EQ_INT(0, hdr_count(busy(t.carol), "Route"));
	ROW("command.rewrite");
}


TEST(rewrite_outbound_other, "/referaccept outbound=, not the account's own")
{
	struct peer *proxy;
	struct msg *inv;

	t.bob   = sut_start("bob", .config = ASK,
			    .outbound = "sip:127.0.0.3");
	t.alice = peer_new("alice");
	t.carol = peer_new("carol");
	t.call  = call_in(t.alice, t.bob);
	proxy   = peer_new("proxy");
	peer_auto(t.alice, "NOTIFY");

	asks(1, "<sip:eve@127.0.0.8>");
	accepted(1, "outbound=sip:127.0.0.9;transport=udp");
	inv = busy(proxy);
	EQ_INT(1, hdr_count(inv, "Route"));
	EQ_STR("<sip:127.0.0.9;transport=udp;lr>", hdr(inv, "Route"));

	asks(2, "<sip:eve@127.0.0.8>");
	accepted(2, "");
	EQ_STR("<sip:127.0.0.3;lr>", hdr(busy(t.carol), "Route"));
	ROW("command.rewrite");
}


TEST(rewrite_name, "/referaccept name=: the display name of this INVITE")
{
	static const char *const v[][2] = {
		{"Desk", "\"Desk\" <sip:bob@127.0.0.2>;tag="},
		{"\"Front desk, 1;x=y\"",
		 "\"Front desk, 1;x=y\" <sip:bob@127.0.0.2>;tag="},
		{"gr\xc3\xbcn", "\"gr\xc3\xbcn\" <sip:bob@127.0.0.2>;tag="},
		{"%s%n%H%20s", "\"%s%n%H%20s\" <sip:bob@127.0.0.2>;tag="},
	};
	unsigned i;

	scene(.config = ASK);
	peer_auto(t.alice, "NOTIFY");
	for (i=0; i<ARRAY_SIZE(v); ++i) {
		asks(i + 1, "<sip:carol@127.0.0.3>");
		accepted(i + 1, F("name=%s", v[i][0]));
		HAS_TEXT(hdr(busy(t.carol), "From"), v[i][1]);
	}

	asks(i + 1, "<sip:carol@127.0.0.3>");
	accepted(i + 1, "");
	CHECK(*hdr(busy(t.carol), "From") == '<', "no name any more");
	ROW("command.rewrite");
}


/* Nothing of it tells who calls */
static void check_anonymous(const struct msg *inv)
{
	CHECK(!strncmp(hdr(inv, "From"), "\"Anonymous\""
		       " <sip:anonymous@anonymous.invalid>;tag=", 46), "%s",
	      hdr(inv, "From"));
	EQ_INT(1, hdr_count(inv, "Privacy"));
	EQ_STR("id", hdr(inv, "Privacy"));
	HAS_TEXT(hdr(inv, "Contact"), "<sip:anonymous@127.0.0.2");
	HASNT(inv, "bob");
}


TEST(rewrite_anonymous, "/referaccept anonymous=yes: nobody calls, and talks")
{
	struct dlg *d;
	struct msg *inv, *m;

	scene(.config = ASK);
	peer_auto(t.alice, "NOTIFY");
	asks(1, "<sip:carol@127.0.0.3>");
	accepted(1, "anonymous=yes");
	inv = expect(t.carol, "INVITE", WAIT);
	check_anonymous(inv);
	d = answer(t.carol, inv);
	event(t.bob, "? ~ refer,referEnded,id=1 ~ code=200", WAIT);

	/* requests in it, both ways */
	(void)dlg_request(d, "INVITE", sdp(t.carol));
	m = expect_any(t.carol, "200 INVITE", WAIT);
	HASNT(m, "bob");
	dlg_ack(d, m);
	hangup(d);

	asks(2, "<sip:carol@127.0.0.3>");
	accepted(2, "anonymous=no");
	inv = busy(t.carol);
	HAS_TEXT(hdr(inv, "From"), "<sip:bob@127.0.0.2>;tag=");
	HAS_TEXT(hdr(inv, "Contact"), "<sip:bob");
	EQ_INT(0, hdr_count(inv, "Privacy"));
	check_alive(t.call);
	ROW("command.rewrite");
}


TEST(rewrite_account, "/referaccept account=: another account calls")
{
	struct msg *inv;
	struct resp r;

	scene(.config = ASK "refer_invite_headers \"X-Acc: <${account}>\"\n"
	      "refer_invite_headers \"sip:desk@127.0.0.2 X-Desk: yes\"\n");
	peer_auto(t.alice, "NOTIFY");
	r = ctrl(t.bob, "uanew", "<sip:desk@127.0.0.2>;regint=0");
	CHECK(r.ok, "%s", r.data);

	asks(1, "<sip:carol@127.0.0.3>");
	accepted(1, "account=desk@127.0.0.2 name=\"The desk\"");
	inv = busy(t.carol);
	HAS_TEXT(hdr(inv, "From"), "\"The desk\" <sip:desk@127.0.0.2>;tag=");
	HAS_TEXT(hdr(inv, "Contact"), "<sip:desk");
	EQ_STR("<sip:desk@127.0.0.2>", hdr(inv, "X-Acc"));
	EQ_STR("yes", hdr(inv, "X-Desk"));

	asks(2, "<sip:carol@127.0.0.3>");
	accepted(2, "");
	inv = busy(t.carol);
	HAS_TEXT(hdr(inv, "From"), "<sip:bob@127.0.0.2>;tag=");
	check_alive(t.call);
	ROW("command.rewrite");
}


/* baresip sends the INVITE later then, when the account is itself again */
TEST(rewrite_medianat, "With medianat outbound= and anonymous= are an error")
{
	t.bob   = sut_start("bob", .config = ASK "module ice.so\n"
			    "refer_out_of_dialog ask\n",
			    .account = ";medianat=ice");
	t.alice = peer_new("alice");
	t.carol = peer_new("carol");
	t.call  = dlg_new(t.alice, t.bob->uri);
	peer_auto(t.alice, "NOTIFY");
	asks(1, "<sip:carol@127.0.0.3>");
	failed("1 outbound=sip:127.0.0.9", "an account with medianat");
	failed("1 anonymous=yes", "an account with medianat");
	HAS_TEXT(ctrl(t.bob, "referaccept", "1 anonymous=yes json").data,
		 "\"errno\":\"ENOTSUP\"");
	expect_none(t.carol, "*", 0);

	/* 3.x and 4.x find no address for ICE in this network */
	if (host_major() < 3) {
		accepted(1, "name=Desk");
		HAS_TEXT(hdr(busy(t.carol), "From"), "\"Desk\" <");
	}
	ROW("command.rewrite");
}


TEST(rewrite_account_rings, "/referaccept account=: the subscription outlives"
     " the time to ring of that account", .secs = 15)
{
	struct msg *inv;
	struct resp r;

	scene(.config = ASK "refer_expires 1\nrefer_ring_timeout 1\n");
	peer_auto(t.alice, "NOTIFY");
	r = ctrl(t.bob, "uanew", "<sip:desk@127.0.0.2>;regint=0"
		 ";refer_ring_timeout=30");
	CHECK(r.ok, "%s", r.data);

	asks(1, "<sip:carol@127.0.0.3>");
	accepted(1, "account=desk@127.0.0.2");
	inv = expect(t.carol, "INVITE", WAIT);
	peer_reply(t.carol, inv, 180, "Ringing", NULL);
	expect_none(t.alice, "NOTIFY ~ terminated", 11000);
	(void)answer(t.carol, inv);
	expect_any(t.alice, "NOTIFY ~ SIP/2.0 200 ~ reason=noresource", WAIT);
	ROW("command.rewrite");
}
