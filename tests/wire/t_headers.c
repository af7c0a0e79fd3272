/**
 * @file t_headers.c  Headers as RFC 3261 section 7.3.1 lets them be written
 */
#include <string.h>
#include "wire.h"
#include "scene.h"


/* carol calls bob, in place of alice */
static struct dlg *invite(const char *hdrs)
{
	struct dlg *d = dlg_new(t.carol, t.bob->uri);

	(void)dlg_request(d, "INVITE", F("%s%s", hdrs, sdp(t.carol)));

	return d;
}


static void refused(const char *hdrs, const char *answer, const char *tags)
{
	struct dlg *d = invite(hdrs);
	struct msg *m = expect(t.carol, answer, WAIT);

	EQ_STR(tags, hdr(m, "Unsupported"));
	dlg_confirm(d, m);
	dlg_ack(d, m);
	expect_none(t.alice, "*", 0);
}


/* Each is bob's call with alice, and is replaced by one with carol */
static void replaced(const char *hdrs)
{
	struct msg *bye;

	(void)dlg_taken(invite(hdrs));
	bye = expect(t.alice, "BYE", WAIT);
	peer_reply(t.alice, bye, 200, "OK", NULL);
	peer_flush(t.carol);
}


TEST(require_replaces_list, "Require of an INVITE with Replaces is a list")
{
	const char *old;

	scene();
	old = replaces(t.call);

	refused(F("%sRequire: replaces, bogus\r\n", old), "420 INVITE",
		"bogus");
	refused(F("%sRequire: bogus\r\nRequire: Replaces\r\n", old),
		"420 INVITE", "bogus");
	refused(F("%sRequire: replaces,\r\n replaces ,bogus\r\n", old),
		"420 INVITE", "bogus");
	check_alive(t.call);

	replaced(F("%sRequire: replaces, replaces,\r\nRequire:\r\n REPLACES"
		   "\r\nRequire: replaces\r\n", old));
	ROW("replaces.require-list");
}


TEST(require_replaces_100rel, "1.x has no 100rel, which is all that it names",
     .na4 = "it has 100rel")
{
	scene();
	refused(F("%sRequire: replaces, 100rel\r\nSupported: 100rel\r\n",
		  replaces(t.call)), "420 INVITE", "100rel");
	check_alive(t.call);
	ROW("replaces.require-list");
}


/* alice refers bob to carol: he calls her */
static void referred(const char *refer_to, const char *more)
{
	(void)refer(refer_to, more);
	expect_any(t.alice, "202 REFER", WAIT);
	(void)answer(t.carol, expect(t.carol, "INVITE", WAIT));
}


TEST(require_refer_list, "Require of a REFER is a list, in its target too")
{
	struct msg *m;

	scene();
	peer_auto(t.alice, "NOTIFY");

	(void)refer(F("<%s>", t.carol->uri), "Require: replaces, 100rel\r\n");
	m = expect(t.alice, "420 REFER", WAIT);
	EQ_STR("100rel", hdr(m, "Unsupported"));
	(void)refer(F("<%s>", t.carol->uri), "Require: replaces,\r\n"
		    "\tfoo ,replaces\r\nRequire: norefersub,, bar,\r\n");
	m = expect(t.alice, "420 REFER", WAIT);
	EQ_STR("foo, bar", hdr(m, "Unsupported"));
	(void)refer(F("<%s?Require=replaces%%2Cfoo>", t.carol->uri), "");
	expect(t.alice, "400 REFER", WAIT);
	(void)refer(F("<%s?Require=replaces&Require=foo>", t.carol->uri), "");
	expect(t.alice, "400 REFER", WAIT);

	referred(F("<%s>", t.carol->uri), "Require: replaces,replaces,\r\n"
		 "Require: REPLACES\r\n");
	referred(F("<%s?Require=replaces%%2C%%20replaces&require=Replaces>",
		   t.carol->uri), "");
	ROW("refer.420");
}


/* All that stands between the parts of a header may be a fold */
#define FOLD "\r\n \t"


TEST(folded_replaces, "A folded Replaces, and quotes in its parameters")
{
	const struct dlg *c;

	scene();
	c = t.call;
	replaced(F("Replaces:" FOLD "%s" FOLD ";" FOLD "x" FOLD "=" FOLD
		   "\"a;to-tag=b,\\\" c" FOLD "d\"" FOLD ";to-tag" FOLD "="
		   FOLD "%s;" FOLD "from-tag=%s" FOLD "\r\n", c->callid,
		   c->rtag, c->ltag));
	ROW("peer.folded");
}


TEST(folded_targets, "A Refer-To may be folded, its display name too")
{
	static const char *const valv[] = {
		"\"Carol" FOLD "Smith\" <sip:carol@127.0.0.3>",
		"\"Carol\"" FOLD "<sip:carol@127.0.0.3>",
		"Carol" FOLD "Smith" FOLD "<sip:carol@127.0.0.3>",
		FOLD "<sip:carol@127.0.0.3>" FOLD,
		"\"<\\\">, <sip:x@y>\"" FOLD "<sip:carol@127.0.0.3>",
		"<sip:carol@127.0.0.3>" FOLD ";" FOLD "x" FOLD "=" FOLD "y",
		"<sip:carol@127.0.0.3>;x=\"a;b, <c>\\\"" FOLD ",d\";y",
		"sip:carol@127.0.0.3" FOLD,
		"sip:carol@127.0.0.3" FOLD ";" FOLD "x" FOLD "=" FOLD "y",
		"sip:carol@127.0.0.3;x=\"a;b,<c>\"",
	};
	struct msg *inv;
	size_t i;

	scene(.config = "refer_rate 0\n");
	peer_auto(t.alice, "NOTIFY");
	for (i=0; i<ARRAY_SIZE(valv); ++i) {
		(void)refer(valv[i], "Referred-By:" FOLD "\"Ali" FOLD "ce\""
			    FOLD "<sip:alice@a>" FOLD ";x=\"a,b;c\"\r\n"
			    "Require:" FOLD "replaces" FOLD "," FOLD
			    "tdialog\r\n"
			    "Refer-Sub:" FOLD "false" FOLD ";x\r\n");
		HAS(expect_any(t.alice, "202 REFER", WAIT),
		    "Refer-Sub: false");
		inv = expect(t.carol, "INVITE", WAIT);
		EQ_STR("sip:carol@127.0.0.3", ruri(inv));
		peer_reply(t.carol, inv, 486, "Busy", NULL);
		expect(t.carol, "ACK", WAIT);
	}

	ROW("peer.folded");
}


TEST(folded_target_dialog, "A folded Target-Dialog, and quotes in it")
{
	struct dlg *d;

	scene();
	peer_auto(t.alice, "NOTIFY");
	d = dlg_new(t.alice, t.bob->uri);
	(void)dlg_request(d, "REFER",
			  F("Refer-To: <%s>\r\nTarget-Dialog:" FOLD "%s" FOLD
			    ";" FOLD "x=\";local-tag=y\"" FOLD ";local-tag"
			    FOLD "=" FOLD "%s;" FOLD "remote-tag=%s\r\n",
			    t.carol->uri, t.call->callid, t.call->ltag,
			    t.call->rtag));
	expect_any(t.alice, "202 REFER", WAIT);
	(void)answer(t.carol, expect(t.carol, "INVITE", WAIT));
	ROW("peer.folded");
}


TEST(folded_subscribe, "A folded Event of a SUBSCRIBE, and quotes in it")
{
	struct msg *req;

	scene();
	req = refer_carol("");
	(void)expect(t.carol, "INVITE", WAIT);
	(void)dlg_request(t.call, "SUBSCRIBE",
			  F("Event:" FOLD "refer" FOLD ";" FOLD
			    "x=\"a;id=77\"" FOLD ";id" FOLD "=" FOLD "%u"
			    "\r\nExpires:" FOLD "0\r\n",
			    req->sip->cseq.num));
	expect_any(t.alice, "200 SUBSCRIBE", WAIT);
	expect_any(t.alice, "NOTIFY ~ terminated;reason=timeout", WAIT);
	ROW("peer.folded");
}


static void notify(const struct msg *req, const char *state, const char *frag)
{
	(void)dlg_request(t.call, "NOTIFY",
			  F("Event:" FOLD "refer" FOLD ";" FOLD
			    "x=\"a;id=77\"" FOLD ";id" FOLD "=" FOLD "%u\r\n"
			    "Subscription-State:" FOLD "%s" FOLD "\r\n"
			    "Content-Type:" FOLD "message/sipfrag" FOLD ";"
			    FOLD "version=2.0\r\n\r\n%s\r\n",
			    req->sip->cseq.num, state, frag));
	expect_any(t.alice, "200 NOTIFY", WAIT);
}


TEST(folded_notify, "A folded NOTIFY, and quotes in its parameters")
{
	struct msg *req;

	scene();
	req = transfer(t.carol->uri);
	peer_reply(t.alice, req, 202, "Accepted", NULL);

	/* a reason in quotes is none: it goes on */
	notify(req, "terminated" FOLD ";" FOLD "x=\";reason=timeout;y\"",
	       "SIP/2.0 180 Ringing");
	event(t.bob, "? ~ refer,referProgress,id=1 ~ code=180", WAIT);
	notify(req, "active" FOLD ";" FOLD "x=\"a,b;expires=0\"" FOLD ";"
	       FOLD "expires" FOLD "=" FOLD "60", "SIP/2.0 183 Progress");
	event(t.bob, "? ~ refer,referProgress,id=1 ~ code=183", WAIT);
	notify(req, "terminated" FOLD ";" FOLD "reason" FOLD "=" FOLD
	       "\"noresource\"", "SIP/2.0 200 OK");
	event(t.bob, "? ~ refer,referEnded,id=1 ~ code=200", WAIT);
	ROW("peer.folded");
}


TEST(folded_nosub, "A folded Refer-Sub of a response")
{
	struct msg *req;

	scene();
	req = transfer(F("%s sub=no", t.carol->uri));
	peer_reply(t.alice, req, 202, "Accepted", "Refer-Sub:" FOLD "False"
		   FOLD ";" FOLD "x=\";\"\r\n");
	event(t.bob, "? ~ refer,referEnded,id=1 ~ outcome=unknown", WAIT);
	answer_resume(t.call);
	ROW("peer.folded");
}


static struct msg *refer_of(const char *ltag, const char *rtag)
{
	struct dlg *d = dlg_new(t.alice, t.bob->uri);

	(void)dlg_request(d, "REFER",
			  F("Refer-To: <%s>\r\nTarget-Dialog: %s;local-tag=%s"
			    ";remote-tag=%s\r\n", t.carol->uri,
			    t.call->callid, ltag, rtag));

	return expect_any(t.alice, "xxx REFER", WAIT);
}


TEST(target_dialog_views, "Target-Dialog as sender or receiver sees it")
{
	const struct dlg *c;

	scene();
	c = t.call;
	peer_auto(t.alice, "NOTIFY");

	EQ_INT(202, scode(refer_of(c->ltag, c->rtag)));
	(void)answer(t.carol, expect(t.carol, "INVITE", WAIT));
	EQ_INT(202, scode(refer_of(c->rtag, c->ltag)));
	(void)answer(t.carol, expect(t.carol, "INVITE", WAIT));

	EQ_INT(603, scode(refer_of(c->rtag, c->rtag)));
	EQ_INT(603, scode(refer_of(c->ltag, c->ltag)));
	EQ_INT(603, scode(refer_of(c->rtag, "wrong")));
	EQ_INT(603, scode(refer_of("wrong", c->ltag)));
	ROW("refer.target-dialog");
}


TEST(two_referred_by, "More than one Referred-By gets 400")
{
	static const char *const hdrv[] = {
		"Referred-By: <sip:a@a>\r\nReferred-By: <sip:b@b>\r\n",
		"Referred-By: <sip:a@a>\r\nb: <sip:b@b>\r\n",
		"Referred-By: <sip:a@a>, <sip:b@b>\r\n",
		"Referred-By: sip:a@a,\r\n sip:b@b\r\n",
		"Referred-By: \"a\" <sip:a@a>;x=\"y\" , <sip:b@b>\r\n",
	};
	struct msg *m;
	size_t i;

	scene();
	peer_auto(t.alice, "NOTIFY");
	for (i=0; i<ARRAY_SIZE(hdrv); ++i) {
		(void)refer(F("<%s>", t.carol->uri), hdrv[i]);
		m = expect(t.alice, "xxx REFER", WAIT);
		CHECK(scode(m) == 400, "%s", hdrv[i]);
		HAS(m, "\"more than one Referred-By\"");
	}

	(void)refer(F("<%s>", t.carol->uri), "Referred-By: \"A, <sip:b@b>\""
		    " <sip:a,b@a;x=,>;x=\"y, <z>\"\r\n");
	expect_any(t.alice, "202 REFER", WAIT);
	EQ_STR("\"A, <sip:b@b>\" <sip:a,b@a;x=,>;x=\"y, <z>\"",
	       hdr(expect(t.carol, "INVITE", WAIT), "Referred-By"));
	ROW("refer.referred-by");
}


TEST(mapped_target, "An IPv4 address in an IPv6 one is called as that")
{
	static const char *const valv[] = {
		"<sip:carol@[::ffff:127.0.0.3];x=y>",
		"<sip:carol@[::FFFF:7F00:3];x=y>",
		"<sip:carol@[0:0::0:ffff:127.0.0.3];x=y>",
		"sip:carol@[::ffff:127.0.0.3];x=y",
	};
	struct msg *inv;
	size_t i;

	scene(.config = "refer_deny sip:*@127.0.0.4\n");
	peer_auto(t.alice, "NOTIFY");

	for (i=0; i<ARRAY_SIZE(valv); ++i) {
		(void)refer(valv[i], "");
		EQ_INT(202, scode(expect_any(t.alice, "xxx REFER", WAIT)));
		inv = expect(t.carol, "INVITE", WAIT);
		EQ_STR("sip:carol@127.0.0.3;x=y", ruri(inv));
		peer_reply(t.carol, inv, 486, "Busy", NULL);
		expect(t.carol, "ACK", WAIT);
		expect_any(t.alice, "NOTIFY ~ SIP/2.0 486", WAIT);
	}

	(void)refer("<sip:carol@[::ffff:127.0.0.4]>", "");
	EQ_INT(603, scode(expect_any(t.alice, "xxx REFER", WAIT)));
	ROW("refer.mapped");
}


TEST(subscribe_unknown, "An unknown event in a call: 489, with Allow-Events")
{
	static const char *const eventv[] = {
		"Event: foo\r\n", "Event:\r\n dialog;id=1\r\n",
		"Event: refers\r\n", "",
	};
	const char *ltag;
	struct msg *m;
	size_t i;

	scene();
	for (i=0; i<ARRAY_SIZE(eventv); ++i) {
		(void)dlg_request(t.call, "SUBSCRIBE", eventv[i]);
		m = expect(t.alice, "489 SUBSCRIBE", WAIT);
		EQ_STR("refer", hdr(m, "Allow-Events"));
	}

	check_alive(t.call);

	ltag = t.call->ltag;
	t.call->ltag = "wrong";
	(void)dlg_request(t.call, "SUBSCRIBE", "Event: foo\r\n");
	expect(t.alice, "481 SUBSCRIBE", WAIT);
	t.call->ltag = ltag;
	ROW("refer.489");
}
