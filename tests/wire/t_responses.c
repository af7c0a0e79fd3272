/**
 * @file t_responses.c  What is believed of a response: redirections that dress
 * up as something else, and responses of no transaction
 *
 * libre finds the transaction of a response by its Via branch and the method
 * of its CSeq, and looks at nothing else.
 */
#include <string.h>
#include "wire.h"
#include "scene.h"


/** What is not as RFC 3261 section 8.2.6.2 wants it; all may be left out */
struct dress {
	const char *name;
	uint16_t code;         /**< Default 302                            */
	const char *branch;
	const char *callid;
	const char *from_tag;
	const char *to_tag;
	int32_t cseq;          /**< Added to that of the request           */
	bool compact;          /**< Short names of the headers             */
	bool lower;            /**< Names in lower case                    */
	bool folded;           /**< Lines are folded                       */
	bool no_to_tag;
	bool alices;           /**< Call-ID, tags and CSeq of alice's call */
	const char *contact;   /**< Default FORBIDDEN                      */
	const char *before;    /**< Response that comes before it          */
	unsigned times;        /**< How often it comes, default 1          */
	bool stray;            /**< It belongs to no transaction           */
};

#define FORBIDDEN "<sip:00900123456@127.0.0.3>"
/* 4.x follows a redirection only with that parameter of the account */
#define GUARDED(more)							\
	.config = "refer_deny sip:00*@*\nrefer_rate 0\n" more,		\
	.account = ";sip_autoredirect=yes"


static const char *text(const struct dress *d, const char *name,
			const char *brief, const char *val)
{
	const char *fold = d->folded ? "\r\n\t" : "";

	if (d->compact && brief)
		name = brief;

	return F("%s: %s%s\r\n", name, fold, val);
}


static const char *via(const struct msg *req, const char *branch)
{
	const char *v = hdr(req, "Via"), *p = strstr(v, "branch=");
	const size_t len = p - v;

	return branch ? F("%s%s%s", keep(v, len), "branch=", branch) : v;
}


static const char *names(const struct dress *d, const char *which)
{
	return d->lower ? (which[0] == 'V' ? "via" : which[0] == 'F' ? "from"
			   : which[0] == 'T' ? "to" : "call-id") : which;
}


/* The response to a request, as the dress wants it */
static const char *dressed(const struct msg *req, const struct dress *d)
{
	const char *from_tag = d->from_tag, *callid = d->callid, *to_tag;
	uint32_t cseq = req->sip->cseq.num + d->cseq;

	to_tag = d->to_tag ? d->to_tag : req->tag;
	if (d->alices) {
		callid   = t.call->callid;
		from_tag = t.call->rtag;
		to_tag   = t.call->ltag;
	}

	return F("SIP/2.0 %u Moved\r\n%s%s%s%s%s%s"
		 "Content-Length: 0\r\n\r\n", d->code ? d->code : 302,
		 text(d, names(d, "Via"), "v", via(req, d->branch)),
		 text(d, names(d, "From"), "f",
		      from_tag ? F("<sip:bob@127.0.0.2>;tag=%s", from_tag)
		      : hdr(req, "From")),
		 text(d, names(d, "To"), "t",
		      F("%s%s%s", hdr(req, "To"),
			d->no_to_tag ? "" : ";tag=",
			d->no_to_tag ? "" : to_tag)),
		 text(d, names(d, "Call-ID"), "i",
		      callid ? callid : hdr(req, "Call-ID")),
		 text(d, "CSeq", NULL, F("%u %s", cseq,
				keep(req->sip->met.p, req->sip->met.l))),
		 text(d, "Contact", "m", d->contact ? d->contact : FORBIDDEN));
}


static void send_to_bob(struct peer *p, const struct msg *req,
			const struct dress *d)
{
	unsigned i;

	for (i = 0; i < (d->times ? d->times : 1); i++)
		(void)peer_send(p, &req->src, dressed(req, d));
}


static const struct dress dressv[] = {
	{"plain", .code = 302},
	{"300", .code = 300},
	{"301", .code = 301},
	{"305", .code = 305},
	{"380", .code = 380},
	{"399", .code = 399},
	{"another Call-ID", .callid = "another"},
	{"a Call-ID with blanks", .callid = "a b"},
	{"an empty Call-ID is none", .callid = "\"\""},
	{"another From-tag", .from_tag = "another"},
	{"no From-tag", .from_tag = ""},
	{"another To-tag after a 180", .to_tag = "fork",
	 .before = "180 Ringing"},
	{"no To-tag", .no_to_tag = true},
	{"an older CSeq", .cseq = -1},
	{"a newer CSeq", .cseq = 1},
	{"another Call-ID and both tags", .callid = "x", .from_tag = "y",
	 .to_tag = "z"},
	{"short names", .compact = true},
	{"short names, another Call-ID", .compact = true, .callid = "x"},
	{"small names, another Call-ID", .lower = true, .callid = "x"},
	{"folded, another Call-ID", .folded = true, .callid = "x"},
	{"alice's call", .alices = true},
	{"alice's call, 301", .alices = true, .code = 301},
	{"three copies", .times = 3},
	{"three copies of another Call-ID", .times = 3, .callid = "x"},
	{"another branch first", .branch = "z9hG4bKother", .stray = true},
	{"another branch three times first", .branch = "z9hG4bKother",
	 .times = 3, .stray = true},
	{"another branch and Call-ID first", .branch = "z9hG4bKother",
	 .callid = "x", .stray = true},
	{"no branch first", .branch = "", .stray = true},
	{"two Contacts", .contact = FORBIDDEN ", <sip:0090@127.0.0.3>"},
	{"a bare Contact", .contact = "sip:00900123456@127.0.0.3;q=1"},
	{"100 before it", .before = "100 Trying", .callid = "x"},
};


static void before(const struct msg *req, const char *status)
{
	(void)peer_send(t.carol, &req->src,
			F("SIP/2.0 %s\r\nVia: %s\r\nFrom: %s\r\n"
			  "To: %s;tag=%s\r\nCall-ID: %s\r\nCSeq: %s\r\n"
			  "Contact: <%s>\r\nContent-Length: 0\r\n\r\n",
			  status, hdr(req, "Via"), hdr(req, "From"),
			  hdr(req, "To"), req->tag, hdr(req, "Call-ID"),
			  hdr(req, "CSeq"), t.carol->uri));
}


/* bob has called nobody but carol, and only when he was to */
static void check_called(const char *name, unsigned n)
{
	CHECK(!seen_count("bob", NULL, "INVITE ~ sip:0"), "%s", name);
	CHECK(seen_count("bob", "carol", "INVITE") == n, "%s: %u INVITEs",
	      name, seen_count("bob", "carol", "INVITE"));
}


static void redirect(struct msg *inv, const struct dress *d)
{
	static const struct dress plain = {.code = 302};

	if (d->before)
		before(inv, d->before);

	send_to_bob(t.carol, inv, d);
	if (d->stray)
		send_to_bob(t.carol, inv, &plain);
}


/* Each is told as it is, and none is followed */
static void redirections(const struct dress *v, size_t n)
{
	unsigned calls = 0;
	size_t i;

	for (i=0; i<n; i++) {
		const struct dress *d = &v[i];
		const unsigned code = d->code && !d->stray ? d->code : 302;

		(void)refer(F("<%s>", t.carol->uri), "");
		redirect(expect_any(t.carol, "INVITE", WAIT), d);
		++calls;

		EQ_STR(F("SIP/2.0 %u Moved\r\n", code),
		       body(expect_any(t.alice, "NOTIFY ~ terminated",
				       WAIT)));
		event(t.bob, F("? ~ refer,referEnded ~ code=%u ~ target=%s",
			       code, t.carol->uri), WAIT);
		check_called(d->name, calls);
	}

	check_alive(t.call);
	check_called("afterwards", calls);
}


TEST(redirect_dressed, "A redirection is not followed, however it is dressed",
     .secs = 8)
{
	scene(GUARDED(""));
	peer_auto(t.alice, "NOTIFY");
	redirections(dressv, ARRAY_SIZE(dressv));
	ROW("guard.redirect setting.allow");
}


TEST(redirect_dressed_tcp, "The same over TCP, also two in one segment",
     .secs = 8)
{
	static const struct dress d = {.name = "two", .callid = "x"},
		plain = {.name = "plain"};
	struct msg *inv;

	net_use("tcp");
	scene(GUARDED(""));
	peer_auto(t.alice, "NOTIFY");

	(void)refer(F("<%s>", t.carol->uri), "");
	inv = expect_any(t.carol, "INVITE", WAIT);
	(void)peer_send(t.carol, &inv->src,
			F("%s%s%s", dressed(inv, &plain), dressed(inv, &d),
			  dressed(inv, &plain)));
	expect_any(t.alice, "NOTIFY ~ SIP/2.0 302 Moved", WAIT);
	event(t.bob, "? ~ refer,referEnded ~ code=302", WAIT);
	check_called("two in one segment", 1);

	(void)refer(F("<%s>", t.carol->uri), "");
	inv = expect_any(t.carol, "INVITE", WAIT);
	(void)peer_send(t.carol, &inv->src,
			F("%s%s", dressed(inv, &d), dressed(inv, &plain)));
	expect_any(t.alice, "NOTIFY ~ SIP/2.0 302 Moved", WAIT);
	event(t.bob, "? ~ refer,referEnded ~ code=302", WAIT);
	check_called("two in one segment, the other first", 2);
	check_alive(t.call);
	ROW("guard.redirect");
}


TEST(redirect_dressed_yes, "refer_follow_redirect yes: nor to what is denied",
     .secs = 8)
{
	scene(GUARDED("refer_follow_redirect yes\n"));
	peer_auto(t.alice, "NOTIFY");
	redirections(dressv, ARRAY_SIZE(dressv));
	ROW("guard.redirect setting.allow");
}


TEST(redirect_told, "A redirection that is followed: who is called is told")
{
	struct msg *inv;

	scene(.config = "refer_follow_redirect yes\n");
	(void)refer_carol("");
	peer_reply(t.carol, expect(t.carol, "INVITE", WAIT), 302, "Moved",
		   "Contact: <sip:dave@127.0.0.3>\r\n");
	inv = expect(t.carol, "INVITE", WAIT);
	event(t.bob, "? ~ refer,referInviteSent ~ code=302"
	      " ~ target=sip:dave@127.0.0.3", WAIT);
	HAS_TEXT(ctrl(t.bob, "referinfo", "json").data,
		 "\"target\":\"sip:dave@127.0.0.3\"");
	(void)answer(t.carol, inv);
	event(t.bob, "? ~ refer,referEnded ~ code=200"
	      " ~ target=sip:dave@127.0.0.3", WAIT);
	ROW("guard.redirect");
}


/* bob asks carol first; alice is on hold */
static struct msg *consult(void)
{
	struct msg *m;

	CHECK(ctrl(t.bob, "atransferstart", t.carol->uri).ok,
	      "atransferstart");
	m = expect_any(t.alice, "INVITE ~ a=sendonly", WAIT);
	peer_reply(t.alice, m, 200, "OK", sdp_dir(t.alice, "recvonly"));

	return expect_any(t.carol, "INVITE", WAIT);
}


TEST(redirect_consult, "/atransferstart: nor does the target send us anywhere",
     .secs = 8)
{
	size_t i;

	scene(GUARDED(""));
	for (i=0; i<ARRAY_SIZE(dressv); i++) {
		const struct dress *d = &dressv[i];
		const unsigned code = d->code && !d->stray ? d->code : 302;

		redirect(consult(), d);
		event(t.bob, F("? ~ refer,failed ~ code=%u ~ "
			       "reason=Moved target=%s", code,
			       t.carol->uri), WAIT);
		answer_resume(t.call);
		event(t.bob, "? ~ refer,referEnded ~ outcome=failed", WAIT);
		check_called(d->name, (unsigned)i + 1);
	}
	check_alive(t.call);
	ROW("guard.redirect");
}


TEST(redirect_consulted, "/atransferstart: followed if the settings say so")
{
	struct msg *inv;

	scene(GUARDED("refer_follow_redirect yes\n"));
	inv = consult();
	peer_reply(t.carol, inv, 302, "Moved",
		   "Contact: <sip:dave@127.0.0.3>\r\n");
	inv = expect(t.carol, "INVITE", WAIT);
	EQ_STR("sip:dave@127.0.0.3", ruri(inv));
	HAS_TEXT(ctrl(t.bob, "referlist", NULL).data, "sip:dave@127.0.0.3");
	peer_reply(t.carol, inv, 302, "Moved",
		   "Contact: " FORBIDDEN "\r\n");
	event(t.bob, "? ~ refer,failed ~ code=302", WAIT);
	answer_resume(t.call);
	CHECK(!seen_count("bob", NULL, "INVITE ~ sip:0"), "FORBIDDEN");
	ROW("guard.redirect");
}


/* bob dials eve, who rings at carol's, and alice refers him to carol */
static struct msg *dialled_and_referred(struct msg **refp)
{
	struct msg *inv;

	scene(GUARDED("call_max_calls 8\n"));
	peer_auto(t.alice, "NOTIFY");
	(void)ctrl(t.bob, "dial", "sip:eve@127.0.0.3");
	inv = expect(t.carol, "INVITE ~ sip:eve", WAIT);
	peer_reply(t.carol, inv, 180, "Ringing", NULL);
	(void)refer(F("<%s>", t.carol->uri), "");
	*refp = expect(t.carol, "INVITE ~ sip:carol", WAIT);

	return inv;
}


TEST(redirect_as_dialled, "A redirection dressed as that of a call that people"
     " make")
{
	struct dress d = {.code = 302};
	struct msg *ref, *inv = dialled_and_referred(&ref);

	d.callid   = hdr(inv, "Call-ID");
	d.from_tag = hdr_param(inv, "From", "tag");
	d.to_tag   = inv->tag;
	d.cseq     = (int32_t)(inv->sip->cseq.num - ref->sip->cseq.num);
	send_to_bob(t.carol, ref, &d);
	expect_any(t.alice, "NOTIFY ~ terminated", WAIT);
	event(t.bob, "? ~ refer,referEnded", WAIT);
	CHECK(!seen_count("bob", NULL, "INVITE ~ sip:0"), "FORBIDDEN");
	check_alive(t.call);
	ROW("guard.redirect");
}


TEST(redirect_dialled, "A call that people make is redirected as without us,"
     " but on 1.x not during a referral")
{
	struct msg *ref, *inv = dialled_and_referred(&ref);

	peer_reply(t.carol, inv, 302, "Moved",
		   "Contact: <sip:dave@127.0.0.3>\r\n");
	if (host_major() == 1)
		sut_log_wait(t.bob, "a call was redirected", WAIT);
	else
		(void)answer(t.carol, expect(t.carol, "INVITE ~ sip:dave",
					     WAIT));

	peer_reply(t.carol, ref, 486, "Busy", NULL);
	expect_any(t.alice, "NOTIFY ~ SIP/2.0 486", WAIT);
	event(t.bob, "? ~ refer,referEnded", WAIT);
	EQ_INT(host_major() == 1 ? 0 : 1,
	       seen_count("bob", "carol", "INVITE ~ sip:dave"));

	(void)ctrl(t.bob, "dial", "sip:eve@127.0.0.3");
	inv = expect(t.carol, "INVITE ~ sip:eve", WAIT);
	peer_reply(t.carol, inv, 302, "Moved",
		   "Contact: <sip:dave@127.0.0.3>\r\n");
	(void)answer(t.carol, expect(t.carol, "INVITE ~ sip:dave", WAIT));
	ROW("guard.redirect");
}


/* Who forges knows the Call-ID, and maybe more */
static const struct dress forgedv[] = {
	{"tags and CSeq too", .branch = "z9hG4bKforged"},
	{"the Call-ID", .branch = "z9hG4bKforged", .from_tag = "x", .cseq = 7},
	{"no branch", .branch = "", .from_tag = "x"},
	{"a branch of 2543", .branch = "1", .no_to_tag = true},
};

static const uint16_t codev[] = {183, 302, 486, 603, 401, 408, 200};


/* From her own address, and from another one */
static void forge(const struct msg *inv)
{
	size_t i, k;

	for (i=0; i<ARRAY_SIZE(forgedv); i++) {
		for (k=0; k<ARRAY_SIZE(codev); k++) {
			struct dress d = forgedv[i];

			d.code = codev[k];
			send_to_bob(t.carol, inv, &d);
			(void)peer_send(t.alice, &inv->src,
					dressed(inv, &d));
		}
	}
}


TEST(forged, "Responses of no transaction are not told: 408 stays 408",
     .secs = 4)
{
	struct msg *inv;

	scene(.config = "refer_ring_timeout 2\nrefer_follow_redirect yes\n");
	(void)refer_carol("");
	inv = expect(t.carol, "INVITE", WAIT);
	forge(inv);
	peer_reply(t.carol, inv, 180, "Ringing", NULL);
	expect_any(t.alice, "NOTIFY ~ SIP/2.0 180", WAIT);
	forge(inv);
	expect_any(t.alice, "NOTIFY ~ SIP/2.0 408 Request Timeout", WAIT);
	event(t.bob, "? ~ refer,referEnded ~ code=408", WAIT);
	EQ_INT(0, seen_count("bob", "alice", "NOTIFY ~ Moved"));
	EQ_INT(1, seen_count("bob", "carol", "INVITE"));
	check_alive(t.call);
	ROW("guard.response");
}


TEST(forged_cancel, "What is cancelled after forged responses is told as 487")
{
	struct msg *inv;

	scene();
	(void)refer_carol("");
	inv = expect(t.carol, "INVITE", WAIT);
	peer_reply(t.carol, inv, 180, "Ringing", NULL);
	expect_any(t.alice, "NOTIFY ~ SIP/2.0 180", WAIT);
	forge(inv);
	(void)ctrl(t.bob, "refercancel", NULL);
	expect_any(t.alice, "NOTIFY ~ SIP/2.0 487", WAIT);
	peer_reply(t.carol, expect_any(t.carol, "CANCEL", WAIT), 200, "OK",
		   NULL);
	peer_reply(t.carol, inv, 487, "Request Terminated", NULL);
	event(t.bob, "? ~ refer,referEnded ~ code=487", WAIT);
	check_alive(t.call);
	ROW("guard.response");
}


TEST(forged_answer, "Forged responses, then the true answer")
{
	struct msg *inv;

	scene();
	(void)refer_carol("");
	inv = expect(t.carol, "INVITE", WAIT);
	forge(inv);
	(void)answer(t.carol, inv);
	expect_any(t.alice, "NOTIFY ~ SIP/2.0 200 OK", WAIT);
	event(t.bob, "? ~ refer,referEnded ~ code=200", WAIT);
	ROW("guard.response");
}


TEST(forged_progress, "A 183 of the transaction, but not for our INVITE",
     .na4 = "their core ends the call for that")
{
	static const struct dress v[] = {
		{"Call-ID", .code = 183, .callid = "x"},
		{"From-tag", .code = 183, .from_tag = "x"},
		{"CSeq", .code = 183, .cseq = 3},
		{"alice's", .code = 183, .alices = true},
	};
	struct msg *inv;
	size_t i;

	scene();
	(void)refer_carol("");
	inv = expect(t.carol, "INVITE", WAIT);
	for (i=0; i<ARRAY_SIZE(v); i++)
		send_to_bob(t.carol, inv, &v[i]);
	peer_reply(t.carol, inv, 486, "Busy Here", NULL);
	expect_any(t.alice, "NOTIFY ~ SIP/2.0 486", WAIT);
	EQ_INT(0, seen_count("bob", "alice", "NOTIFY ~ Moved"));
	ROW("guard.response");
}


TEST(forged_mismatch, "The core ends the call for a response that does not"
     " fit: that is no success", .na1 = "its core looks at the branch only")
{
	static const struct dress v[] = {
		{"200, Call-ID", .code = 200, .callid = "x"},
		{"200, From-tag", .code = 200, .from_tag = "x"},
		{"200, CSeq", .code = 200, .cseq = 1},
		{"183, Call-ID", .code = 183, .callid = "x"},
		{"183, From-tag", .code = 183, .from_tag = "x"},
		{"183, CSeq", .code = 183, .cseq = 1},
	};
	struct msg *n;
	size_t i;

	scene(.config = "refer_rate 0\n");
	peer_auto(t.alice, "NOTIFY");
	peer_auto(t.carol, "BYE");
	peer_auto(t.carol, "CANCEL");
	for (i=0; i<ARRAY_SIZE(v); i++) {
		(void)refer(F("<%s>", t.carol->uri), "");
		send_to_bob(t.carol, expect_any(t.carol, "INVITE", WAIT),
			    &v[i]);
		n = expect_any(t.alice, "NOTIFY ~ terminated", WAIT);
		CHECK(!strncmp(body(n), "SIP/2.0 503", 11) ||
		      !strncmp(body(n), "SIP/2.0 488", 11), "%s: %s",
		      v[i].name, body(n));
		event(t.bob, "? ~ refer,referEnded", WAIT);
	}
	EQ_STR("refer: no transfers\n", ctrl(t.bob, "referlist", NULL).data);
	check_alive(t.call);
}


TEST(forged_hold, "A forged answer to the hold does not send the REFER")
{
	struct dress d = {.name = "hold", .branch = "z9hG4bKforged"};
	struct msg *inv;
	size_t i;

	scene();
	CHECK(ctrl(t.bob, "transfer", t.carol->uri).ok, "transfer");
	inv = expect_any(t.alice, "INVITE ~ a=sendonly", WAIT);
	for (i=0; i<ARRAY_SIZE(codev); i++) {
		d.code = codev[i];
		(void)peer_send(t.alice, &inv->src, dressed(inv, &d));
	}

	/* a request behind them is answered, and then another one */
	for (i=0; i<2; i++) {
		(void)dlg_request(t.call, "OPTIONS", "");
		expect_any(t.alice, "xxx OPTIONS", WAIT);
	}
	expect_none(t.alice, "REFER", 0);
	peer_reply(t.alice, inv, 200, "OK", sdp_dir(t.alice, "recvonly"));
	(void)await_refer(t.call);
	ROW("guard.response");
}


TEST(forged_early, "A forged 180 makes no early dialog to be replaced")
{
	struct dress d = {.name = "early", .code = 180, .to_tag = "forged",
			  .branch = "z9hG4bKforged"};
	struct msg *inv;

	scene();
	(void)ctrl(t.bob, "dial", t.carol->uri);
	inv = expect(t.carol, "INVITE", WAIT);
	send_to_bob(t.carol, inv, &d);
	peer_reply(t.carol, inv, 180, "Ringing", NULL);
	event(t.bob, "CALL_RINGING", WAIT);

	(void)peer_send(t.alice, &t.call->dst,
		      F("INVITE %s SIP/2.0\r\n"
			"Via: SIP/2.0/UDP 127.0.0.1;branch=z9hG4bKe\r\n"
			"Max-Forwards: 70\r\n"
			"From: <%s>;tag=e\r\nTo: <%s>\r\nCall-ID: e\r\n"
			"CSeq: 1 INVITE\r\nContact: <%s>\r\n"
			"Replaces: %s;to-tag=%s;from-tag=forged\r\n"
			"Content-Length: 0\r\n\r\n", t.bob->uri,
			t.alice->uri, t.bob->uri, t.alice->uri,
			hdr(inv, "Call-ID"), hdr_param(inv, "From", "tag")));
	expect_any(t.alice, "481 INVITE", WAIT);
	ROW("guard.response");
}


TEST(forged_refer, "A response to the REFER that is for another request")
{
	static const struct dress v[] = {
		{"branch", .code = 603, .branch = "z9hG4bKforged"},
		{"branch", .code = 202, .branch = "z9hG4bKforged"},
		{"Call-ID", .code = 183, .callid = "x"},
		{"From-tag", .code = 183, .from_tag = "x"},
		{"CSeq", .code = 183, .cseq = 3},
	};
	struct msg *req;
	size_t i;

	scene(.config = "refer_hold no\n");
	CHECK(ctrl(t.bob, "transfer", t.carol->uri).ok, "transfer");
	req = await_refer(t.call);
	for (i=0; i<ARRAY_SIZE(v); i++)
		(void)peer_send(t.alice, &req->src, dressed(req, &v[i]));
	peer_reply(t.alice, req, 486, "Busy", NULL);
	event(t.bob, "? ~ refer,referEnded ~ code=486 outcome=refused", WAIT);
	EQ_INT(0, event_count(t.bob, "? ~ referRequestProgress"));
	EQ_INT(0, event_count(t.bob, "? ~ referRequestAccepted"));
	ROW("guard.response");
}


TEST(forged_refused, "A final response that is not for our REFER: no outcome")
{
	static const struct dress d = {.name = "Call-ID", .code = 202,
				       .callid = "x"};
	struct msg *req;

	scene(.config = "refer_hold no\n");
	CHECK(ctrl(t.bob, "transfer", t.carol->uri).ok, "transfer");
	req = await_refer(t.call);
	(void)peer_send(t.alice, &req->src, dressed(req, &d));
	event(t.bob, "? ~ refer,referEnded ~ outcome=failed", WAIT);
	EQ_INT(0, event_count(t.bob, "? ~ referRequestAccepted"));
	check_alive(t.call);
	ROW("guard.response");
}
