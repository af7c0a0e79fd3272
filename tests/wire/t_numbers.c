/**
 * @file t_numbers.c  Patterns see a target as a PBX does
 */
#include "wire.h"
#include "scene.h"


static void refused(const char *user)
{
	struct msg *m;

	refer(F("<sip:%s@127.0.0.3;user=phone>", user), "");
	m = expect_any(t.alice, "xxx REFER", WAIT);
	CHECK(scode(m) == 603 || scode(m) == 484, "sip:%s: %d", user,
	      scode(m));
}


static void carried_out(const char *refer_to)
{
	struct msg *inv;

	refer(F("<%s>", refer_to), "");
	expect_any(t.alice, "202 REFER", WAIT);
	inv = expect(t.carol, "INVITE", WAIT);
	peer_reply(t.carol, inv, 486, "Busy Here", NULL);
	expect_any(t.carol, "ACK", WAIT);
	expect_any(t.alice, "NOTIFY ~ SIP/2.0 486", WAIT);
}


static void called(const char *user)
{
	carried_out(F("sip:%s@127.0.0.3", user));
}


TEST(numbers_deny, "refer_deny sip:00*@*: however the number is written")
{
	static const char *const userv[] = {
		"00900123", "0-0-9(0)0.123", "%30%30900123", "0%30-900123",
		"00900123;ext=1", "00:900123", "0:0:900123", "00900:x",
		"%2d00900123", "0%2D0900123", "(00)900123", "0%2e0900123",
		"00%3A900123", "0;ext=0900123", "900123;phone-context=00",
		"1;rn=00900123", "%2530%2530900123", "0%200900123",
		"0%090900123", "0~0'900123", "0*;x=00900123", "00900123#",
		"00900123%23", "%2500900123",
	};
	size_t i;

	scene(.config = "refer_deny sip:00*@*\nrefer_rate 0\n");
	peer_auto(t.alice, "NOTIFY");

	for (i=0; i<ARRAY_SIZE(userv); ++i)
		refused(userv[i]);
	expect_none(t.carol, "*", 0);

	called("0900123");
	called("alice00900");
	ROW("setting.number");
}


TEST(numbers_prefix, "refer_deny_number: + and 00 are one prefix")
{
	static const char *const userv[] = {
		"00900123", "+900123", "%2B900123", "+9(00)123",
		"+9-00;ext=1", "(+)900123", "+00900123", "0-0-900123",
		"123;phone-context=+900", "0%0900123",
	};
	size_t i;

	scene(.config = "refer_deny_number +900*\nrefer_deny_number 0190*\n"
	      "refer_rate 0\n");
	peer_auto(t.alice, "NOTIFY");

	for (i=0; i<ARRAY_SIZE(userv); ++i)
		refused(userv[i]);
	refused("0-190-1");
	expect_none(t.carol, "*", 0);

	called("+4930123");
	called("1900123");
	called("carol");
	ROW("setting.number");
}


TEST(numbers_allow, "refer_allow is not widened: only the number as written")
{
	scene(.config = "refer_allow sip:110@*\nrefer_rate 0\n");
	peer_auto(t.alice, "NOTIFY");
	refused("1-1-0");
	refused("110;ext=00900123");
	refused("110:900123");
	refused("110%40x");
	expect_none(t.carol, "*", 0);
	called("%31%310");
	ROW("setting.number setting.allow");
}


TEST(numbers_tel, "A forbidden number is one, as tel: and as sip:")
{
	static const char *const uriv[] = {
		"tel:+49900123", "TEL:+49900123", "tel:+49-900-123",
		"tel:+49(900)123", "tel:+49.900.123", "tel:+4-9-9-0-0-1-2-3",
		"tel:+49(0)900123", "tel:+(49)900123",
		"tel:+49900123;ext=4", "tel:+49900123;EXT=4;isub=5",
		"tel:+49900123;isub=12", "tel:+49900123;x=y;z",
		"tel:+49900123;phone-context=example.org",
		"tel:900123;phone-context=+49",
		"tel:0900123;phone-context=+49",
		"tel:(0)900-123;PHONE-CONTEXT=+4-9",
		"tel:123;phone-context=+49900", "tel:1;rn=+49900123",
		"tel:+49;ext=900123", "tel:+49900;ext=123",
		"tel:+49900;postd=p123", "tel:0049900123",
		"tel:00-49-900-123", "tel:1;postd=p0049900123",
		"sip:+49900123@127.0.0.3;user=phone",
		"SIP:+49900123@127.0.0.3", "sip:+49-900-123@127.0.0.3",
		"sip:%2B49900123@127.0.0.3",
		"sip:%2b49%2D900%2d123@127.0.0.3;user=phone",
		"sip:+49%20900%20123@127.0.0.3",
		"sip:+49900123;ext=4@127.0.0.3",
		"sip:+49900123;isub=5;phone-context=h@127.0.0.3;user=phone",
		"sip:0049900123@127.0.0.3", "sip:00%34%39900123@127.0.0.3",
		"sip:0900123;phone-context=+49@127.0.0.3",
		"sip:0900123@127.0.0.3;phone-context=+49;user=phone",
		"sip:tel%3A+49900123@127.0.0.3",
		"sip:+49(0)900123@127.0.0.3",
		"sip:+49%C2%A0900123@127.0.0.3",
		"sip:+49%252D900123@127.0.0.3",
	};
	size_t i;

	scene(.config = "refer_deny_number +49900*\nrefer_rate 0\n",
	      .outbound = "sip:127.0.0.3;lr");
	peer_auto(t.alice, "NOTIFY");

	for (i=0; i<ARRAY_SIZE(uriv); ++i) {
		struct msg *m;

		refer(F("<%s>", uriv[i]), "");
		m = expect_any(t.alice, "xxx REFER", WAIT);
		CHECK(scode(m) == 603, "%s: %u", uriv[i], scode(m));
	}
	expect_none(t.carol, "*", 0);

	carried_out("tel:+4930900123");
	carried_out("tel:+49-89-900;ext=123");
	carried_out("tel:110");
	carried_out("tel:030123;phone-context=+49");
	carried_out("sip:+4930123@127.0.0.3;user=phone");
	carried_out("sip:carol@127.0.0.3");
	ROW("setting.number setting.tel");
}


TEST(patterns_v6, "An IPv6 address in a pattern is the address")
{
	net_use("udp6");
	scene(.config = "refer_deny sip:*@[FD00:0:0::0003]\nrefer_rate 0\n");
	peer_auto(t.alice, "NOTIFY");
	refer("<sip:carol@[fd00::3]>", "");
	expect_any(t.alice, "603 REFER", WAIT);
	refer("<sip:carol@[fd00:0000::03]:5060>", "");
	expect_any(t.alice, "603 REFER", WAIT);
	refer("<sip:carol@[FD00:0:0:0:0:0:0:3];x=y>", "");
	expect_any(t.alice, "603 REFER", WAIT);
	expect_none(t.carol, "*", 0);
	ROW("setting.allow");
}
