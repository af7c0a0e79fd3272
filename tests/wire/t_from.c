/**
 * @file t_from.c  Who may refer: refer_allow_from, refer_deny_from
 */
#include <string.h>
#include "wire.h"
#include "scene.h"

#define WARNING "399 127.0.0.2:5060 \"this referrer is not allowed\""


static void begin(const char *config)
{
	t.bob   = sut_start("bob", .config = F("refer_rate 0\n%s", config));
	t.alice = peer_new("alice");
	t.carol = peer_new("carol");
	peer_auto(t.alice, "NOTIFY");
}


/* Someone calls bob and refers him; the response. The From of the REFER, and
   all else in it, may say something else */
static struct msg *refers(const char *uri, const char *from, const char *more)
{
	struct dlg *d = dlg_new(t.alice, t.bob->uri);
	struct msg *m;

	d->luri = uri;
	(void)dlg_request(d, "INVITE", sdp(t.alice));
	(void)dlg_taken(d);

	d->luri = from ? from : uri;
	(void)dlg_request(d, "REFER", F("Refer-To: <%s>\r\n%s", t.carol->uri,
					more));
	m = expect_any(t.alice, "xxx REFER", WAIT);
	if (scode(m) == 202) {
		struct msg *inv = expect(t.carol, "INVITE", WAIT);

		peer_reply(t.carol, inv, 486, "Busy", NULL);
		expect(t.carol, "ACK", WAIT);
		expect_any(t.alice, "NOTIFY ~ SIP/2.0 486", WAIT);
	}
	else {
		EQ_STR(WARNING, hdr(m, "Warning"));
	}

	d->luri = uri;
	hangup(d);
	peer_flush(t.alice);

	return m;
}


TEST(allow_from, "refer_allow_from: these may refer, and nobody else")
{
	const char *policy;

	begin("refer_allow_from *@example.org\n"
	      "refer_deny_from sip:mallory@*\n");
	EQ_INT(202, scode(refers("sip:anna@example.org", NULL, "")));
	EQ_INT(202, scode(refers("sip:anna@EXAMPLE.org:5070;x=y", NULL, "")));
	EQ_INT(603, scode(refers("sip:anna@evil.org", NULL, "")));
	EQ_INT(603, scode(refers("sip:anna@evil.org;x=@example.org", NULL,
				 "")));
	EQ_INT(603, scode(refers("sip:anna@evil.org", "sip:anna@example.org",
				 "Referred-By: <sip:anna@example.org>\r\n"
				 "P-Asserted-Identity: <sip:a@example.org>"
				 "\r\n")));
	EQ_INT(603, scode(refers("sip:mallory@example.org",
				 "sip:anna@example.org", "")));

	policy = ctrl(t.bob, "referpolicy", NULL).data;
	HAS_TEXT(policy, "refer: deny_from sip:mallory@*\n");
	HAS_TEXT(policy, "refer: allow_from *@example.org\n");
	ROW("setting.from");
}


/* The same person, or number, in other clothes */
TEST(deny_from, "refer_deny_from: however the referrer is written")
{
	static const char *const denyv[] = {
		"sip:mallory@127.0.0.1", "sip:Mallory@127.0.0.1:5060;x=y",
		"sip:%6dallory@127.0.0.1", "sips:mallory@127.0.0.1",
		"sip:mallory;x=y@127.0.0.1", "sip:mallory:pw@127.0.0.1",
		"sip:mallory@127.0.0.1;maddr=127.0.0.1",
		"sip:0900123@127.0.0.1", "sip:0-9-00(1)23@127.0.0.1",
		"sip:0900123;ext=1@127.0.0.1;user=phone",
		"sip:%30900123@h", "tel:0900-123", "tel:0900123;ext=1",
	};
	size_t i;

	begin("refer_deny_from sip:mallory@*\nrefer_deny_from sip:0900*@*\n");
	for (i=0; i<ARRAY_SIZE(denyv); ++i)
		CHECK(scode(refers(denyv[i], NULL, "")) == 603, "%s",
		      denyv[i]);

	EQ_INT(202, scode(refers("sip:alice@127.0.0.1", NULL, "")));
	EQ_INT(202, scode(refers("sip:alice@127.0.0.1",
				 "sip:mallory@127.0.0.1", "")));
	ROW("setting.from");
}


/* Someone with this From calls bob */
static struct dlg *calls(const char *from)
{
	struct dlg *d = dlg_new(t.alice, t.bob->uri);

	d->from = from;
	(void)dlg_request(d, "INVITE", sdp(t.alice));
	(void)dlg_taken(d);

	return d;
}


/* RFC 3261 section 25.1: gen-value. A proxy reads the address in front */
TEST(from_quoted, "Who calls is not taken out of a quoted parameter of From")
{
	struct dlg *d;

	begin("refer_allow_from sip:anna@*\n");
	d = calls("sip:mallory@127.0.0.1;x=\"<sip:anna@127.0.0.1>\" ");
	HAS_TEXT(ctrl(t.bob, "listcalls", NULL).data, "mallory");

	d->from = NULL;
	(void)dlg_request(d, "REFER", F("Refer-To: <%s>\r\n", t.carol->uri));
	EQ_STR(WARNING, hdr(expect_any(t.alice, "603 REFER", WAIT),
			    "Warning"));
	hangup(d);

	d = calls("sip:anna@127.0.0.1;x=\"<sip:mallory@127.0.0.1>\" ");
	(void)dlg_request(d, "REFER", F("Refer-To: <%s>\r\n", t.carol->uri));
	(void)expect_any(t.alice, "202 REFER", WAIT);
	(void)expect(t.carol, "INVITE", WAIT);
	ROW("setting.from");
}


/* A '<' stands in no parameter without quotes, and kamailio reads the address
   in front of it. Of a list the first one counts here; a name may have a comma
   if it has no ':' */
TEST(from_unquoted, "Nor is it taken from behind another address in From")
{
	static const struct {
		const char *from;
		uint16_t scode;
	} rowv[] = {
		{"sip:mallory@127.0.0.1;x=<sip:anna@127.0.0.1>", 603},
		{"sip:mallory@127.0.0.1;<sip:anna@127.0.0.1>", 603},
		{"sip:mallory@127.0.0.1 ;x=y <sip:anna@127.0.0.1>", 603},
		{"sip:mallory@127.0.0.1, <sip:anna@127.0.0.1>", 603},
		{"sip:mallory@127.0.0.1, sip:anna@127.0.0.1", 603},
		{"Doe, Anna <sip:anna@127.0.0.1>", 202},
		{"100@127.0.0.1 <sip:anna@127.0.0.1>", 202},
		{"\"A; B: C, D\" <sip:anna@127.0.0.1>", 202},
	};
	size_t i;

	begin("refer_allow_from sip:anna@*\n");
	for (i=0; i<ARRAY_SIZE(rowv); ++i) {
		struct dlg *d = calls(rowv[i].from);

		EQ_STR(rowv[i].scode == 202 ? "sip:anna@127.0.0.1" :
		       "sip:mallory@127.0.0.1",
		       event(t.bob, "CALL_ESTABLISHED", WAIT)->peeruri);
		d->from = NULL;
		(void)dlg_request(d, "REFER",
				  F("Refer-To: <%s>\r\n", t.carol->uri));
		CHECK(scode(expect_any(t.alice, "xxx REFER", WAIT)) ==
		      rowv[i].scode, "%s", rowv[i].from);
		hangup(d);
	}
	ROW("setting.from");
}


TEST(from_none, "An INVITE whose From begins with no address is no call: 400")
{
	static const char *const fromv[] = {
		"\"x\";y=<sip:anna@127.0.0.1>", ";y=<sip:anna@127.0.0.1>",
		"anna;y=<sip:anna@127.0.0.1>",
	};
	size_t i;

	begin("refer_allow_from sip:anna@*\n");
	for (i=0; i<ARRAY_SIZE(fromv); ++i) {
		struct dlg *d = dlg_new(t.alice, t.bob->uri);

		d->from = fromv[i];
		(void)dlg_request(d, "INVITE", sdp(t.alice));
		CHECK(scode(expect(t.alice, "xxx INVITE", WAIT)) == 400, "%s",
		      fromv[i]);
	}
	EQ_INT(202, scode(refers("sip:anna@127.0.0.1", NULL, "")));
	ROW("setting.from");
}


TEST(from_asks, "Who asks is who is talked to, whatever the REFER says")
{
	const char *list;
	struct dlg *d;

	begin("refer_policy ask\n");
	d = calls("\"Mallory\" <sip:mallory@127.0.0.1>");

	d->from = "\"The Boss\" <sip:boss@example.org>";
	(void)dlg_request(d, "REFER", F("Refer-To: <%s>\r\n", t.carol->uri));
	event(t.bob, "? ~ refer,referRequested,id=1 ~"
	      " peer=sip:mallory@127.0.0.1", WAIT);
	sut_log_wait(t.bob, "refer: Mallory asks you to call", WAIT);
	list = ctrl(t.bob, "referlist", "json").data;
	HAS_TEXT(list, "\"peer\":\"sip:mallory@127.0.0.1\"");
	CHECK(!strstr(list, "boss"), "%s", list);
	ROW("setting.from");
}


/* RFC 4475 section 3.3.8. kamailio reads the first one, libre the last; it
   knows a name by 12 bits of a hash, and Aerk has those of From */
TEST(from_two, "An INVITE with more than one From is no call: 400")
{
	static const char *const morev[] = {
		"From: <sip:anna@127.0.0.1>", "f: <sip:anna@127.0.0.1>",
		"Aerk: <sip:anna@127.0.0.1>",
	};
	struct dlg *d;
	size_t i;

	begin("refer_allow_from sip:anna@*\n");
	for (i=0; i<ARRAY_SIZE(morev); ++i) {
		d = dlg_new(t.alice, t.bob->uri);
		d->luri = "sip:mallory@127.0.0.1";
		(void)dlg_request(d, "INVITE", F("%s;tag=%s\r\n%s", morev[i],
						 d->ltag, sdp(t.alice)));
		(void)expect(t.alice, "400 INVITE", WAIT);
	}

	EQ_INT(202, scode(refers("sip:anna@127.0.0.1", NULL, "")));
	ROW("setting.from");
}


/* A gateway writes a caller's number so, and anybody can; a proxy that checks
   who says to be of its domain has nothing to check */
TEST(from_tel, "refer_allow_from: a number is no user of our own domain")
{
	begin("refer_allow_from *@127.0.0.2\nrefer_allow_from sip:+4930*@*\n");
	EQ_INT(603, scode(refers("tel:+1-202-555-0123", NULL, "")));
	EQ_INT(202, scode(refers("sip:anna@127.0.0.2", NULL, "")));
	EQ_INT(202, scode(refers("tel:+49-30-123", NULL, "")));
	ROW("setting.from");
}


static struct msg *refers_outside(struct dlg *d, const char *more)
{
	(void)dlg_request(d, "REFER", F("Refer-To: <%s>\r\n%s", t.carol->uri,
					more));

	return expect_any(t.alice, "xxx REFER", WAIT);
}


TEST(from_outside, "Out of a dialog a referrer without digest is unknown")
{
	struct dlg *call;
	struct msg *m;

	begin("refer_out_of_dialog accept\nrefer_deny_from sip:mallory@*\n");
	m = refers_outside(dlg_new(t.alice, t.bob->uri), "");
	EQ_INT(603, scode(m));
	EQ_STR(WARNING, hdr(m, "Warning"));

	/* the other side of a call is known: RFC 4538 */
	call = call_in(t.alice, t.bob);
	m = refers_outside(dlg_new(t.alice, t.bob->uri),
			   F("Target-Dialog: %s;local-tag=%s;remote-tag=%s"
			     "\r\n", call->callid, call->ltag, call->rtag));
	EQ_INT(202, scode(m));
	ROW("setting.from");
}


TEST(from_reload, "A REFER that waits: the referrer is checked again")
{
	struct mbuf *mb = mbuf_alloc(1024);
	const char *config;

	begin("refer_policy ask\n");
	t.call = call_in(t.alice, t.bob);
	(void)refer_carol("");
	event(t.bob, "? ~ refer,referRequested,id=1", WAIT);

	config = F("%s/config", t.bob->dir);
	CHECK(mb && slurp(mb, config), "no config");
	spew(config, F("%.*s\nrefer_deny_from *@127.0.0.1\n", (int)mb->end,
		       (char *)mb->buf));
	mem_deref(mb);
	HAS_TEXT(ctrl(t.bob, "referreload", NULL).data,
		 "refer: deny_from *@127.0.0.1\n");
	HAS_TEXT(ctrl(t.bob, "referaccept", "1").data,
		 "error: the target, or the referrer, is not allowed"
		 " any more");
	(void)ctrl(t.bob, "referreject", "1");
	expect(t.alice, "480 REFER", WAIT);
	expect_none(t.carol, "*", 0);
	ROW("setting.from");
}
