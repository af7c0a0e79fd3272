/**
 * @file t_platforms.c  Platforms that refer us, in the shape they document
 *
 * alice is the platform that refers, carol the one behind the target: she
 * takes the call only if it has what the platform asks for.
 */
#include <string.h>
#include "wire.h"
#include "scene.h"

/** A platform, and what it asks for */
struct platform {
	const char *config;    /**< Lines of the configuration              */
	const char *refer;     /**< Header lines of its REFER               */
	const char *ruri;      /**< Request-URI of the INVITE               */
	const char *hdrv[8];   /**< Lines that the INVITE must have         */
	const char *notv[4];   /**< Text that it must not have              */
	bool bye;              /**< BYE comes before the target has answered */
};

#define REFERRED_BY_LONG						\
	"<sip:a@teams.example;x-m=8:orgid:0f0e0d0c-0b0a-0908-0706-0504" \
	"03020100;x-t=a1b2c3d4-e5f6-0718-293a-4b5c6d7e8f90;x-ti=0a1b2c" \
	"3d-4e5f-6071-8293-a4b5c6d7e8f9;x-tt=aHR0cHM6Ly9hcGkuZXhhbXBsZ" \
	"S5jb20vdjEvdHJhbnNmZXIvYWJjZGVmZ2hpamtsbW5vcHFyc3R1dnd4eXo%3D" \
	";x-rs=0123456789abcdef0123456789abcdef0123456789abcdef01234567>"

#define TEAMS_URI							\
	"sip:127.0.0.3:5060;transport=udp;x-m=8:orgid:0f0e0d0c;x-t=a1"	\
	"b2c3d4;x-ti=0a1b2c3d;x-tt=aHR0cHM6Ly9hcGk%3D"


static bool has_line(const struct msg *m, const char *line)
{
	return strstr(m->raw, F("\r\n%s\r\n", line)) != NULL;
}


static void enforce(const struct msg *inv, const struct platform *pf)
{
	size_t i;

	EQ_STR(pf->ruri, ruri(inv));
	for (i=0; i<ARRAY_SIZE(pf->hdrv) && pf->hdrv[i]; ++i)
		CHECK(has_line(inv, pf->hdrv[i]), "%s", pf->hdrv[i]);
	for (i=0; i<ARRAY_SIZE(pf->notv) && pf->notv[i]; ++i)
		HASNT(inv, pf->notv[i]);
}


static void play(const struct platform *pf)
{
	struct msg *inv, *n, *req;

	scene(.config = pf->config ? pf->config : "", .outbound =
	      strstr(pf->refer, "tel:") ? "sip:127.0.0.3;lr" : NULL);
	req = dlg_request(t.call, "REFER", pf->refer);
	expect(t.alice, "202 REFER", WAIT);
	n = expect(t.alice, "NOTIFY", WAIT);
	check_notify(n, req, "active", "SIP/2.0 100 Trying");
	peer_reply(t.alice, n, 200, "OK", NULL);
	inv = expect(t.carol, "INVITE", WAIT);
	if (pf->bye) {
		(void)dlg_request(t.call, "BYE", "");
		expect_any(t.alice, "200 BYE", WAIT);
	}

	enforce(inv, pf);
	(void)answer(t.carol, inv);
	n = expect_any(t.alice, "NOTIFY ~ SIP/2.0 200", WAIT);
	HAS(n, "Subscription-State: terminated;reason=noresource");
	peer_reply(t.alice, n, 200, "OK", NULL);
	ROW("transfer.platforms");
}

#define PLAY(...) play(&(const struct platform){__VA_ARGS__})


TEST(platform_teams, "Teams: no user part, long Referred-By, early BYE")
{
	PLAY(.refer = "REFER-TO: <" TEAMS_URI ">\r\n"
	     "REFERRED-BY: " REFERRED_BY_LONG "\r\n",
	     .ruri = TEAMS_URI,
	     .hdrv = {"Referred-By: " REFERRED_BY_LONG},
	     .bye = true);
}


TEST(platform_twilio, "Twilio: data as headers of the Refer-To URI")
{
	PLAY(.config = "refer_copy_headers User-to-User\n"
	     "refer_copy_headers X-*\n",
	     .refer = "Refer-To: <sip:carol@127.0.0.3?User-to-User=72656665"
	     "72%3Bencoding%3Dhex&X-Name=Ann%20B>\r\n",
	     .ruri = "sip:carol@127.0.0.3",
	     .hdrv = {"User-to-User: 7265666572;encoding=hex",
		      "X-Name: Ann B"});
}


TEST(platform_genesys, "Genesys, Avaya, Connect: User-to-User of the URI")
{
	PLAY(.refer = "Refer-To: <sip:carol@127.0.0.3;user=phone?User-to-User"
	     "=04c8d2%3Bpurpose%3Disdn-uui%3Bencoding%3Dhex>\r\n"
	     "Referred-By: <sip:acd@127.0.0.1>\r\n",
	     .ruri = "sip:carol@127.0.0.3;user=phone",
	     .hdrv = {"User-to-User: 04c8d2;purpose=isdn-uui;encoding=hex",
		      "Referred-By: <sip:acd@127.0.0.1>"});
}


TEST(platform_bots, "OpenAI, Vapi, LiveKit: tel: and headers on the REFER")
{
	PLAY(.config = "refer_tel yes\nrefer_pass_headers X-*\n"
	     "refer_pass_headers User-to-User\n",
	     .refer = "Refer-To: <tel:+14155550123>\r\nX-Case: 42\r\n"
	     "User-to-User: 3432;encoding=hex\r\nX-Route: a\r\n",
	     .ruri = "sip:+14155550123@127.0.0.2;user=phone",
	     .hdrv = {"X-Case: 42", "User-to-User: 3432;encoding=hex"});
}


TEST(platform_cisco, "Cisco: Session-ID passes where it is named")
{
	PLAY(.config = "refer_pass_headers Session-ID\n",
	     .refer = "Refer-To: \"Carol\" <sip:carol@127.0.0.3>\r\n"
	     "Session-ID: ab30317f1a784dc48ff824d0d3715d86;remote="
	     "47755a9de7794ba387653f2099600ef2\r\n"
	     "Cisco-Guid: 1-2-3-4\r\n",
	     .ruri = "sip:carol@127.0.0.3",
	     .hdrv = {"Session-ID: ab30317f1a784dc48ff824d0d3715d86;remote="
		      "47755a9de7794ba387653f2099600ef2"},
	     .notv = {"Cisco-Guid"});
}


TEST(platform_trunk, "Telnyx, PSTN trunks: Diversion by a template")
{
	PLAY(.config = "refer_invite_headers \"Diversion: <${account}>;"
	     "reason=deflection\"\n"
	     "refer_invite_headers \"P-Asserted-Identity: <${account}>\"\n",
	     .refer = "Refer-To: <sip:+4930123@127.0.0.3;user=phone"
	     "?Diversion=%3Csip%3Aeve%40evil%3E>\r\n"
	     "Diversion: <sip:eve@evil>\r\n"
	     "P-Asserted-Identity: <sip:eve@evil>\r\n",
	     .ruri = "sip:+4930123@127.0.0.3;user=phone",
	     .hdrv = {"Diversion: <sip:bob@127.0.0.2>;reason=deflection",
		      "P-Asserted-Identity: <sip:bob@127.0.0.2>"},
	     .notv = {"eve@evil"});
}


TEST(platform_phones, "Yealink, Snom: Event, two Contacts, Proxy-Require")
{
	PLAY(.refer = "Refer-To: <sip:carol@127.0.0.3>\r\n"
	     "Referred-By: <sip:alice@127.0.0.1>\r\n"
	     "Contact: <sip:alice@127.0.0.1>\r\n"
	     "Event: refer\r\nProxy-Require: 0\r\n",
	     .ruri = "sip:carol@127.0.0.3",
	     .hdrv = {"Referred-By: <sip:alice@127.0.0.1>"},
	     .notv = {"Proxy-Require"});
}
