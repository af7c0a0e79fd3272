/**
 * @file t_uri_headers.c  Headers of the URI in the Refer-To that we send
 *
 * RFC 3261 sections 19.1.1 and 19.1.5
 */
#include <string.h>
#include "wire.h"
#include "harness.h"
#include "scene.h"


static void refused(struct msg *req)
{
	peer_reply(t.alice, req, 603, "Decline", NULL);
	event(t.bob, "? ~ refer,referEnded ~ code=603", WAIT);
}


TEST(uri_headers_sent, "/transfer uri.X-Case=42: in the URI, escaped")
{
	static const char *const v[][2] = {
		{"uri.X-Case=42 X-Case=43", "?X-Case=42"},
		{"uri.User-to-User=00ff;encoding=hex uri.X-A=",
		 "?User-to-User=00ff%3Bencoding%3Dhex&X-A="},
		{"uri.Subject=\"to the office\"",
		 "?Subject=to%20the%20office"},
		{"uri.X-A=a&Replaces=b?c#d/[e]:+$", "?X-A=a%26Replaces%3Db%3F"
		 "c%23d%2F%5Be%5D%3A%2B%24"},
		{"uri.X-A=%0d%0aX-Evil:1", "?X-A=%250d%250aX-Evil%3A1"},
		{"uri.X-A=%s%n<>@,", "?X-A=%25s%25n%3C%3E%40%2C"},
		{"uri.X-A=gr\xc3\xbcn", "?X-A=gr%C3%BCn"},
	};
	struct msg *req;
	size_t i;

	scene();
	for (i=0; i<ARRAY_SIZE(v); ++i) {
		req = transfer(F("carol@127.0.0.3 %s", v[i][0]));
		EQ_STR(F("<sip:carol@127.0.0.3%s>", v[i][1]),
		       hdr(req, "Refer-To"));
		if (!i)
			EQ_STR("43", hdr(req, "X-Case"));
		refused(req);
		answer_resume(t.call);
	}

	/* it is data, and no part of the target */
	EQ_INT(0, event_count(t.bob, "? ~ refer, ~ User-to-User"));
	req = transfer("sip:carol@127.0.0.3?X-B=1 uri.X-A=2");
	EQ_STR("<sip:carol@127.0.0.3?X-B=1&X-A=2>", hdr(req, "Refer-To"));
	refused(req);
	answer_resume(t.call);

	/* a '?' of the user begins no headers */
	req = transfer("sip:car?ol@127.0.0.3 uri.X-A=2");
	EQ_STR("<sip:car?ol@127.0.0.3?X-A=2>", hdr(req, "Refer-To"));
	ROW("command.uri-headers");
}


TEST(uri_headers_outside, "/refersend uri.X-Case=42")
{
	struct msg *req;

	t.bob   = sut_start("bob");
	t.alice = peer_new("alice");
	CHECK(ctrl(t.bob, "refersend", "sip:alice@127.0.0.1 carol@127.0.0.3"
		   " uri.X-Case=42 X-B=1").ok, "refersend");
	req = expect(t.alice, "REFER", WAIT);
	EQ_STR("<sip:carol@127.0.0.3?X-Case=42>", hdr(req, "Refer-To"));
	EQ_STR("1", hdr(req, "X-B"));
	refused(req);
	ROW("command.uri-headers");
}


/* Behind Replaces, which only the module writes */
static void check_attended(const struct msg *req)
{
	const char *val = hdr(req, "Refer-To"), *rep;

	HAS_TEXT(val, "?Replaces=");
	HAS_TEXT(val, "%3Bfrom-tag%3D");
	HAS_TEXT(val, "&X-Case=4%202>");
	rep = strstr(val, "Replaces=");
	CHECK(!strstr(rep + 1, "Replaces="), "%s", val);
}


TEST(uri_headers_attended, "/atransfer uri.X-Case=42: behind Replaces")
{
	struct msg *req;

	scene();
	(void)call_in(t.carol, t.bob);
	peer_flush(t.carol);
	CHECK(ctrl(t.bob, "atransfer", "1 2 uri.X-Case=\"4 2\"").ok,
	      "atransfer");
	req = await_refer(t.call);
	check_attended(req);
	refused(req);
	ROW("command.uri-headers");
}


TEST(uri_headers_start, "/atransferstart uri.X-Case=42: in the REFER later")
{
	struct dlg *target;
	struct msg *inv, *req;

	scene();
	CHECK(ctrl(t.bob, "atransferstart", "sip:carol@127.0.0.3"
		   " uri.X-Case=\"4 2\" X-B=1").ok, "atransferstart");
	(void)answer_hold(t.call);
	inv = expect(t.carol, "INVITE", WAIT);
	HASNT(inv, "X-Case");
	target = answer(t.carol, inv);
	event(t.bob, F("CALL_ESTABLISHED ~ %s", target->callid), WAIT);
	CHECK(ctrl(t.bob, "atransferexec", NULL).ok, "exec");
	req = await_refer(t.call);
	check_attended(req);
	EQ_STR("1", hdr(req, "X-B"));
	ROW("command.uri-headers");
}


/* The module is on both sides */
TEST(uri_headers_arrive, "What /transfer puts into the URI, a referee calls"
     " with")
{
	static const char val[] = "a b;c=d&e?f=%0d%0ag,\"h\"";
	struct sut *dave;
	struct msg *inv;
	struct resp r;

	t.bob   = sut_start("bob");
	dave    = sut_start("dave", .config = "refer_copy_headers X-*\n");
	t.carol = peer_new("carol");
	CHECK(ctrl(t.bob, "dial", dave->uri).ok, "dial");
	event(t.bob, "CALL_ESTABLISHED", WAIT);
	r = ctrl(t.bob, "transfer", F("%s uri.X-A=\"%s\"", t.carol->uri, val));
	CHECK(r.ok, "%s", r.data);
	inv = expect(t.carol, "INVITE", WAIT);
	EQ_STR(val, hdr(inv, "X-A"));
	EQ_INT(0, hdr_count(inv, "X-Evil"));
	ROW("command.uri-headers");
}


TEST(uri_headers_refused, "uri.Route= and the like: an error, nothing sent")
{
	static const char *const namev[] = {
		"Replaces", "replaces", "REQUIRE", "Require", "Route", "Via",
		"Record-Route", "From", "f", "To", "t", "Contact", "m",
		"Call-ID", "i", "CSeq", "Max-Forwards", "Authorization",
		"Proxy-Authorization", "Proxy-Require", "Refer-To", "r",
		"Referred-By", "b", "body", "Body", "Content-Length", "l",
		"Content-Type", "c", "Event", "o", "Expires", "Supported",
		"Allow", "Accept", "Accept-Contact", "Answer-Mode",
		"P-Asserted-Identity", "P-Preferred-Identity", "Privacy",
		"Identity", "Diversion", "History-Info", "Session-Expires",
		"x", "X A", "X%41", "X:A", "X-\xc3\xa9", "Re%70laces",
		"Replaces ", " Replaces",
	};
	static const char *const valuev[] = {
		"1\r\nX-Evil: 1", "1\nX-Evil", "1\r", "\x01", "\x7f",
		"\xc2\x85", "\xff", "a\tb", "\xe2\x80\xae",
	};
	struct resp r;
	size_t i;

	scene();
	for (i=0; i<ARRAY_SIZE(namev); ++i) {
		r = ctrl(t.bob, "transfer",
			 F("carol@127.0.0.3 uri.%s=1", namev[i]));
		CHECK(!r.ok && !strncmp(r.data, "error: ", 7), "%s: %s",
		      namev[i], r.data);
	}
	for (i=0; i<ARRAY_SIZE(valuev); ++i) {
		EQ_STR("error: uri.X-A= is a header that cannot be sent in a"
		       " URI\n", ctrl(t.bob, "transfer",
				      F("carol@127.0.0.3 uri.X-A=\"%s\"",
					valuev[i])).data);
	}

	EQ_STR("error: uri.Route= is a header that cannot be sent in a URI\n",
	       ctrl(t.bob, "refersend", "sip:alice@127.0.0.1 carol"
		    " uri.Route=<sip:eve@h>").data);
	EQ_STR("error: uri.Replaces= is a header that cannot be sent in a URI"
	       "\n", ctrl(t.bob, "atransferstart", "carol@127.0.0.3"
			  " uri.Replaces=1").data);
	EQ_STR("{\"ok\":false,\"error\":\"uri.Route= is a header that cannot"
	       " be sent in a URI\",\"errno\":\"EINVAL\"}\n",
	       ctrl(t.bob, "transfer", "carol uri.Route=1 json").data);
	EQ_STR("error: Referred-By= or Refer-Sub= is given twice, or uri."
	       " with a tel: target\n",
	       ctrl(t.bob, "transfer", "tel:+123 uri.X-A=1").data);
	r = ctrl(t.bob, "transfer", "carol uri.=1");
	HAS_TEXT(r.data, "error: uri.= is no option");

	expect_none(t.carol, "*", 0);
	expect_none(t.alice, "*", 300);
	check_alive(t.call);
	ROW("command.uri-headers");
}
