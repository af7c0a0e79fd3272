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
	PLAY(.config = "refer_pass_headers X-*\n"
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


#define REPLACES "Replaces=1234%40127.0.0.1%3Bto-tag%3Da%3Bfrom-tag%3Db"
#define REPLACES_LINE "Replaces: 1234@127.0.0.1;to-tag=a;from-tag=b"

TEST(platform_phones_attended, "Yealink, Snom: REFER with Replaces")
{
	PLAY(.refer = "Refer-To: \"Carol\" <sip:carol@127.0.0.3?" REPLACES
	     "&Require=replaces>\r\n"
	     "Referred-By: \"Alice\" <sip:alice@127.0.0.1>\r\n"
	     "Contact: <sip:alice@127.0.0.1>\r\n"
	     "Event: refer\r\nProxy-Require: 0\r\n",
	     .ruri = "sip:carol@127.0.0.3",
	     .hdrv = {REPLACES_LINE, "Require: replaces",
		      "Referred-By: \"Alice\" <sip:alice@127.0.0.1>"},
	     .bye = true);
}


TEST(platform_genesys_attended, "Genesys, Avaya: Replaces and User-to-User")
{
	PLAY(.refer = "Refer-To: <sip:carol@127.0.0.3?User-to-User=04c8d2"
	     "%3Bencoding%3Dhex&" REPLACES ">\r\n",
	     .ruri = "sip:carol@127.0.0.3",
	     .hdrv = {REPLACES_LINE, "User-to-User: 04c8d2;encoding=hex"});
}


/* Before the target has answered, both ends are as they were */
TEST(platform_cisco_attended, "Cisco: the call lives until the outcome")
{
	struct msg *inv;

	scene(.config = "refer_pass_headers Session-ID\n");
	peer_auto(t.alice, "NOTIFY");
	(void)refer(F("<sip:carol@127.0.0.3?%s>", REPLACES),
		    "Session-ID: ab30317f1a784dc48ff824d0d3715d86\r\n");
	expect_any(t.alice, "202 REFER", WAIT);
	inv = expect(t.carol, "INVITE", WAIT);
	CHECK(has_line(inv, REPLACES_LINE), "no Replaces");
	CHECK(has_line(inv, "Session-ID: ab30317f1a784dc48ff824d0d3715d86"),
	      "no Session-ID");
	check_alive(t.call);
	expect_none(t.alice, "BYE", 0);
	(void)answer(t.carol, inv);
	expect_any(t.alice, "NOTIFY ~ SIP/2.0 200", WAIT);
	check_alive(t.call);
	hangup(t.call);
	ROW("transfer.platforms");
}


TEST(platform_audiocodes, "AudioCodes: the call to replace still rings, 481;"
     " then CANCEL and blind")
{
	struct msg *inv;

	scene();
	peer_auto(t.alice, "NOTIFY");
	(void)refer(F("<sip:carol@127.0.0.3?%s%%3Bearly-only>", REPLACES),
		    "");
	expect_any(t.alice, "202 REFER", WAIT);
	inv = expect(t.carol, "INVITE", WAIT);
	CHECK(has_line(inv, REPLACES_LINE ";early-only"), "no Replaces");
	peer_reply(t.carol, inv, 481, "Call/Transaction Does Not Exist",
		   NULL);
	expect_any(t.alice, "NOTIFY ~ SIP/2.0 481", WAIT);
	expect_any(t.carol, "ACK", WAIT);
	check_alive(t.call);

	(void)refer_carol("");
	expect_any(t.alice, "202 REFER", WAIT);
	inv = expect(t.carol, "INVITE", WAIT);
	HASNT(inv, "Replaces:");
	(void)answer(t.carol, inv);
	expect_any(t.alice, "NOTIFY ~ SIP/2.0 200", WAIT);
	ROW("transfer.platforms");
}


TEST(platform_bandwidth, "jambonz, Bandwidth: NOTIFY at once, and a final one"
     " after the time to ring of the account")
{
	struct msg *inv, *n, *req;

	scene(.account = ";refer_ring_timeout=2");
	req = refer(F("<%s>", t.carol->uri), "");
	expect(t.alice, "202 REFER", WAIT);
	n = expect(t.alice, "NOTIFY", WAIT);
	check_notify(n, req, "active", "SIP/2.0 100 Trying");
	peer_reply(t.alice, n, 200, "OK", NULL);
	inv = expect(t.carol, "INVITE", WAIT);
	peer_reply(t.carol, inv, 180, "Ringing", NULL);
	n = expect(t.alice, "NOTIFY ~ SIP/2.0 180", WAIT);
	peer_reply(t.alice, n, 200, "OK", NULL);

	peer_reply(t.carol, expect(t.carol, "CANCEL", WAIT), 200, "OK", NULL);
	peer_reply(t.carol, inv, 487, "Request Terminated", NULL);
	n = expect(t.alice, "NOTIFY ~ SIP/2.0 408", WAIT);
	HAS(n, "Subscription-State: terminated;reason=noresource");
	peer_reply(t.alice, n, 200, "OK", NULL);
	event(t.bob, "? ~ refer,referEnded,id=1 role=server code=408", WAIT);
	ROW("transfer.platforms setting.ring-timeout");
}


static const char *sdp_to_hold(void)
{
	return "Content-Type: application/sdp\r\n\r\n"
		"v=0\r\no=- 1 2 IN IP4 127.0.0.1\r\ns=-\r\n"
		"c=IN IP4 0.0.0.0\r\nt=0 0\r\nm=audio 40000 RTP/AVP 0\r\n"
		"a=rtpmap:0 PCMU/8000\r\n";
}


static void burst(const char *transp)
{
	struct msg *inv, *ok;

	net_use(transp);
	scene();
	peer_auto(t.alice, "NOTIFY");
	(void)dlg_request(t.call, "INVITE", sdp_to_hold());
	(void)dlg_request(t.call, "REFER", F("Refer-To: <%s>\r\n"
					     "Event: refer\r\n",
					     t.carol->uri));
	ok = expect_any(t.alice, "200 INVITE", WAIT);
	expect_any(t.alice, "202 REFER", WAIT);
	dlg_ack(t.call, ok);
	inv = expect(t.carol, "INVITE", WAIT);
	HASNT(inv, "a=sendonly");
	HASNT(inv, "a=recvonly");
	HASNT(inv, "a=inactive");
	HASNT(inv, "0.0.0.0");
	(void)answer(t.carol, inv);
	expect_any(t.alice, "NOTIFY ~ SIP/2.0 200", WAIT);
	hangup(t.call);
	ROW("transfer.platforms");
}


TEST(platform_burst, "Yealink, Grandstream: hold (0.0.0.0) and REFER in one"
     " burst")
{
	burst("udp");
}


TEST(platform_burst_tcp, "The same over TCP")
{
	burst("tcp");
}


/* Zoom: TLS and SRTP only, numbers in E.164 only */
#define SRTP_KEY "AES_CM_128_HMAC_SHA1_80" \
	" inline:MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5"
#define ZOOM_HDRS "Supported: timer,replaces\r\n" \
	"Allow-Events: talk, hold, refer\r\n"

static const char *sdp_srtp(const char *addr)
{
	return F("Content-Type: application/sdp\r\n\r\n"
		 "v=0\r\no=- 1 1 IN IP4 %s\r\ns=-\r\nc=IN IP4 %s\r\n"
		 "t=0 0\r\nm=audio 40000 RTP/SAVP 0\r\n"
		 "a=rtpmap:0 PCMU/8000\r\na=crypto:1 " SRTP_KEY "\r\n",
		 addr, addr);
}


static bool has_replaces(const struct msg *m)
{
	unsigned i;

	for (i=0; i<hdr_count(m, "Supported"); ++i) {
		if (strstr(hdr_n(m, "Supported", i), "replaces"))
			return true;
	}

	return false;
}


static void check_zoom(const struct msg *m)
{
	HAS(m, "\r\nVia: SIP/2.0/TLS ");
	HAS(m, " RTP/SAVP ");
	HAS(m, "\r\na=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:");
}


static void zoom_call(void)
{
	struct msg *m;

	net_use("tls");
	t.bob   = sut_start("bob", .config = "module srtp.so\n",
			    .account = ";mediaenc=srtp-mand");
	t.alice = peer_new("alice");
	t.carol = peer_new("carol");
	t.call  = dlg_new(t.alice, t.bob->uri);
	(void)dlg_request(t.call, "INVITE", F(ZOOM_HDRS "%s",
					      sdp_srtp("127.0.0.1")));
	m = dlg_taken(t.call);
	check_zoom(m);
	CHECK(has_replaces(m), "no replaces in Supported");
	event(t.bob, "CALL_ESTABLISHED", WAIT);
	peer_auto(t.alice, "NOTIFY");
	peer_flush(t.alice);
}


static void zoom_refer(const char *hdrs, const char *line)
{
	struct msg *inv;
	struct dlg *d;

	zoom_call();
	(void)dlg_request(t.call, "REFER",
			  F("Refer-To: <sip:+14155550123@127.0.0.3:5061;"
			    "transport=tls%s>\r\nReferred-By: "
			    "<sip:+14155550100@127.0.0.1>\r\n%s", hdrs,
			    ZOOM_HDRS));
	expect_any(t.alice, "202 REFER", WAIT);
	inv = expect(t.carol, "INVITE", WAIT);
	EQ_STR("sip:+14155550123@127.0.0.3:5061;transport=tls", ruri(inv));
	check_zoom(inv);
	if (line)
		CHECK(has_line(inv, line), "%s", line);

	d = dlg_accept(t.carol, inv);
	peer_reply(t.carol, inv, 200, "OK", sdp_srtp("127.0.0.3"));
	expect_any(t.carol, "ACK", WAIT);
	expect_any(t.alice, "NOTIFY ~ SIP/2.0 200", WAIT);
	hangup(d);
	ROW("transfer.platforms");
}


TEST(platform_zoom, "Zoom: TLS, SRTP and E.164 only; replaces in Supported")
{
	zoom_refer("", NULL);
}


TEST(platform_zoom_attended, "Zoom: REFER with Replaces")
{
	zoom_refer("?" REPLACES, REPLACES_LINE);
}


TEST(platform_zoom_target, "Zoom: INVITE with Replaces")
{
	struct dlg *d;
	struct msg *m;

	zoom_call();
	d = dlg_new(t.carol, t.bob->uri);
	(void)dlg_request(d, "INVITE", F("%sRequire: replaces\r\n" ZOOM_HDRS
					 "%s", replaces(t.call),
					 sdp_srtp("127.0.0.3")));
	m = dlg_taken(d);
	check_zoom(m);
	peer_reply(t.alice, expect_any(t.alice, "BYE", WAIT), 200, "OK",
		   NULL);
	hangup(d);
	ROW("transfer.platforms");
}
