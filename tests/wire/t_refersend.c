/**
 * @file t_refersend.c  bob refers alice out of a dialog: /refersend
 */
#include <string.h>
#include "wire.h"
#include "scene.h"


#define RESULT "terminated;reason=noresource"

/* bob, alice and carol, no calls */
static void players(const struct sut_opts *opts)
{
	t.bob   = sut_start_at(HERE, opts);
	t.alice = peer_new("alice");
	t.carol = peer_new("carol");
}


#define PLAYERS(...) \
	players(&(const struct sut_opts){.name = "bob", ##__VA_ARGS__})


static struct msg *refersend(const char *more)
{
	struct resp r = ctrl(t.bob, "refersend",
			     F("sip:alice@127.0.0.1 carol@127.0.0.3%s", more));

	CHECK(r.ok, "%s", r.data);
	EQ_STR("refer: #1 asking sip:alice@127.0.0.1 to call"
	       " sip:carol@127.0.0.3\n", r.data);

	return expect(t.alice, "REFER", WAIT);
}


static void notify(struct dlg *d, const struct msg *req, const char *state,
		   const char *frag)
{
	notify_status(d, req, state, frag);
	expect(d->p, "200 NOTIFY", WAIT);
}


static void ended(const char *outcome)
{
	event(t.bob, F("? ~ refer,referEnded,id=1 role=client %s", outcome),
	      WAIT);
	EQ_INT(1, event_count(t.bob, "? ~ refer,referEnded"));
	EQ_STR("refer: no transfers\n", ctrl(t.bob, "referlist", NULL).data);
}


TEST(refersend_200, "/refersend: REFER in a dialog of its own, followed")
{
	struct msg *req;
	struct dlg *d;

	PLAYERS(.no_menu = true);
	req = refersend("");
	EQ_INT(1, hdr_count(req, "Refer-To"));
	EQ_STR("<sip:carol@127.0.0.3>", hdr(req, "Refer-To"));
	EQ_INT(1, hdr_count(req, "Contact"));
	EQ_STR("<sip:bob@127.0.0.2>", hdr(req, "Referred-By"));
	CHECK(!hdr_param(req, "To", "tag"), "a To-tag");
	HASNT(req, "Refer-Sub");
	HASNT(req, "Require");
	ROW("R01 R02 R04");

	HAS(req, "\r\nAllow: ");
	HAS_TEXT(hdr(req, "Allow"), "REFER");
	HAS_TEXT(hdr(req, "Allow"), "NOTIFY");
	HAS(req, "\r\nSupported: norefersub,replaces,tdialog");
	ROW("R66 R06");

	d = dlg_accept(t.alice, req);
	peer_reply(t.alice, req, 202, "Accepted", NULL);
	notify(d, req, "active;expires=60", "SIP/2.0 100 Trying");
	notify(d, req, RESULT, "SIP/2.0 200 OK");
	ended("code=200 outcome=accepted");
	expect_none(t.alice, "BYE", 300);
	ROW("command.send transfer.outside");
}


TEST(refersend_back, "A request of the referee in its dialog is not 481, which"
     " would end it")
{
	struct msg *req;
	struct dlg *d;

	PLAYERS(.no_menu = true);
	req = refersend("");
	d = dlg_accept(t.alice, req);
	peer_reply(t.alice, req, 202, "Accepted", NULL);
	notify(d, req, "active;expires=60", "SIP/2.0 100 Trying");

	(void)dlg_request(d, "REFER", F("Refer-To: <%s>\r\n", t.carol->uri));
	expect(t.alice, "603 REFER", WAIT);
	(void)dlg_request(d, "SUBSCRIBE", "Event: presence\r\n");
	expect(t.alice, "489 SUBSCRIBE", WAIT);

	notify(d, req, RESULT, "SIP/2.0 200 OK");
	ended("code=200 outcome=accepted");
	ROW("refer.out-of-dialog refer.489");
}


TEST(refersend_notify_first, "Its NOTIFY may come before the 202")
{
	struct msg *req;
	struct dlg *d;

	PLAYERS(.no_menu = true);
	req = refersend("");
	d = dlg_accept(t.alice, req);
	notify(d, req, "active;expires=60", "SIP/2.0 100 Trying");
	peer_reply(t.alice, req, 202, "Accepted", NULL);
	notify(d, req, RESULT, "SIP/2.0 486 Busy Here");
	ended("code=486 outcome=rejected");
	ROW("R07 transfer.outside");
}


TEST(refersend_fork, "The NOTIFYs of another fork are not taken for it")
{
	struct msg *req;
	struct dlg *d, *fork;

	PLAYERS(.no_menu = true);
	req = refersend("");
	d = dlg_accept(t.alice, req);
	fork = dlg_accept(t.alice, req);
	fork->ltag = random_id();
	peer_reply(t.alice, req, 202, "Accepted", NULL);
	notify(d, req, "active;expires=60", "SIP/2.0 100 Trying");

	(void)dlg_request(fork, "NOTIFY",
			  F("Event: refer;id=%u\r\n"
			    "Subscription-State: " RESULT "\r\n"
			    "Content-Type: message/sipfrag\r\n\r\n"
			    "SIP/2.0 200 OK\r\n", req->sip->cseq.num));
	expect(t.alice, "481 NOTIFY", WAIT);
	notify(d, req, RESULT, "SIP/2.0 603 Decline");
	ended("code=603 outcome=rejected");
	ROW("R08 transfer.outside");
}


TEST(refersend_no_contact, "202 and NOTIFY without a Contact do (SIP.js)")
{
	struct msg *req;
	struct dlg *d;

	PLAYERS(.no_menu = true);
	req = refersend("");
	d = dlg_accept(t.alice, req);
	d->contact = NULL;
	peer_reply(t.alice, req, 202, "Accepted", "Contact: \r\n");
	notify(d, req, "active;expires=60", "SIP/2.0 100 Trying");
	notify(d, req, RESULT, "SIP/2.0 200 OK");
	ended("code=200 outcome=accepted");
	ROW("transfer.rule-breakers");
}


TEST(refersend_contact_blank, "A Contact with a blank would stand in the start"
     " line: nothing is sent there")
{
	struct msg *req;
	struct dlg *d;

	PLAYERS(.no_menu = true);
	req = refersend("");
	d = dlg_accept(t.alice, req);
	d->contact = "sip:alice@127.0.0.1 5060";
	peer_reply(t.alice, req, 202, "Accepted",
		   F("Contact: <%s>\r\n", d->contact));
	notify(d, req, "active;expires=60", "SIP/2.0 180 Ringing");
	CHECK(ctrl(t.bob, "refercancel", "1").ok, "refercancel");
	ended("outcome=cancelled");
	expect_none(t.alice, "*", 300);
	ROW("transfer.rule-breakers");
}


TEST(refersend_challenged, "A challenge is answered: the next CSeq, its id")
{
	struct msg *req, *again;
	struct dlg *d;

	PLAYERS(.no_menu = true, .account = ";auth_user=bob;auth_pass=secret");
	req = refersend("");
	peer_reply(t.alice, req, 401, "Unauthorized",
		   "WWW-Authenticate: Digest realm=\"r\", nonce=\"n\"\r\n");
	again = expect(t.alice, "REFER", WAIT);
	HAS(again, "\r\nAuthorization: Digest username=\"bob\"");
	EQ_STR(hdr(req, "Call-ID"), hdr(again, "Call-ID"));
	EQ_INT(req->sip->cseq.num + 1, again->sip->cseq.num);

	d = dlg_accept(t.alice, again);
	peer_reply(t.alice, again, 202, "Accepted", NULL);
	notify(d, again, RESULT, "SIP/2.0 200 OK");
	ended("code=200 outcome=accepted");
	ROW("transfer.challenge transfer.outside");
}


static void challenge(struct msg *req, uint16_t scode, const char *algs)
{
	const char *hdrs = "", *p;

	for (p = algs; *p; p += strcspn(p, " "), p += *p == ' ')
		hdrs = F("%s%s-Authenticate: Digest realm=\"r\", nonce=\"n\","
			 " qop=\"auth\", algorithm=%.*s\r\n", hdrs,
			 scode == 401 ? "WWW" : "Proxy",
			 (int)strcspn(p, " "), p);

	peer_reply(t.alice, req, scode, "Unauthorized", hdrs);
}


TEST(refersend_algorithms, "Of several challenges the first one is answered"
     " that libre has the algorithm of")
{
	const char *best = host_major() < 3 ? "MD5" : "SHA-256";
	struct msg *req;
	struct dlg *d;

	PLAYERS(.no_menu = true, .account = ";auth_user=bob;auth_pass=secret");
	req = refersend("");
	challenge(req, 401, "SHA-512-256 SHA-256 MD5");
	req = expect(t.alice, "REFER", WAIT);
	EQ_INT(1, hdr_count(req, "Authorization"));
	if (host_major() < 3)
		HASNT(req, "algorithm=SHA");
	else
		HAS(req, F("algorithm=%s", best));
	d = dlg_accept(t.alice, req);
	peer_reply(t.alice, req, 202, "Accepted", NULL);
	notify(d, req, RESULT, "SIP/2.0 200 OK");
	ended("code=200 outcome=accepted");
	ROW("transfer.challenge");
}


TEST(refersend_unanswerable, "A proxy's challenge is answered too; where none"
     " can be, the REFER has failed")
{
	struct msg *req;

	PLAYERS(.no_menu = true, .account = ";auth_user=bob;auth_pass=secret");
	req = refersend("");
	challenge(req, 407, "MD5-sess MD5 SHA-256");
	req = expect(t.alice, "REFER", WAIT);
	EQ_INT(1, hdr_count(req, "Proxy-Authorization"));
	HASNT(req, "algorithm=SHA");
	challenge(req, 401, "SHA-512-256 MD5-sess");
	ended("code=401 outcome=refused");
	expect_none(t.alice, "REFER", 0);
	ROW("transfer.challenge");
}


TEST(refersend_nosub, "sub=no: Require: nosub, as the REFER may fork")
{
	struct msg *req;

	PLAYERS(.no_menu = true);
	req = refersend(" sub=no");
	EQ_STR("nosub", hdr(req, "Require"));
	HASNT(req, "Refer-Sub");
	ROW("R23");

	peer_reply(t.alice, req, 200, "OK", NULL);
	event(t.bob, "? ~ refer,referRequestAccepted,id=1", WAIT);
	ended("code=200 outcome=unknown");
	expect_none(t.alice, "SUBSCRIBE", 300);
	ROW("R25 transfer.nosub");
}


TEST(refersend_nosub_420, "420 to that: again without, with a subscription")
{
	struct msg *req, *again, *sub;
	struct dlg *d;

	PLAYERS(.no_menu = true);
	req = refersend(" sub=no");
	peer_reply(t.alice, req, 420, "Bad Extension",
		   "Unsupported: nosub\r\n");
	again = expect(t.alice, "REFER", WAIT);
	HASNT(again, "Require");
	EQ_INT(req->sip->cseq.num + 1, again->sip->cseq.num);
	ROW("R22");

	d = dlg_accept(t.alice, again);
	peer_reply(t.alice, again, 202, "Accepted", NULL);
	notify(d, again, "active;expires=2", "SIP/2.0 100 Trying");
	sub = expect(t.alice, "SUBSCRIBE", WAIT);
	HASNT(sub, "Require");
	ROW("R25");

	peer_reply(t.alice, sub, 200, "OK", "Expires: 60\r\n");
	notify(d, again, RESULT, "SIP/2.0 200 OK");
	ended("code=200 outcome=accepted");
}


TEST(refersend_420_twice, "420 without an option of ours: refused, no loop")
{
	struct msg *req;

	PLAYERS(.no_menu = true);
	req = refersend(" sub=no");
	peer_reply(t.alice, req, 420, "Bad Extension", NULL);
	req = expect(t.alice, "REFER", WAIT);
	peer_reply(t.alice, req, 420, "Bad Extension", NULL);
	ended("code=420 outcome=refused");
	expect_none(t.alice, "REFER", 300);
	ROW("R22");
}


TEST(refersend_redirect, "A 3xx is reported, and followed when set")
{
	struct msg *req;
	struct dlg *d;

	PLAYERS(.no_menu = true, .config = "refer_follow_redirect yes\n");
	req = refersend("");
	peer_reply(t.alice, req, 302, "Moved Temporarily",
		   F("Contact: <%s>\r\n", t.carol->uri));
	req = expect(t.carol, "REFER", WAIT);
	EQ_STR(t.carol->uri, ruri(req));
	EQ_STR("<sip:alice@127.0.0.1>", hdr(req, "To"));

	d = dlg_accept(t.carol, req);
	peer_reply(t.carol, req, 202, "Accepted", NULL);
	notify(d, req, RESULT, "SIP/2.0 200 OK");
	ended("code=200 outcome=accepted");
	ROW("transfer.redirect-refer");
}


TEST(refersend_redirected, "A 3xx to a REFER is not followed by default")
{
	struct msg *req;

	PLAYERS(.no_menu = true);
	req = refersend("");
	peer_reply(t.alice, req, 302, "Moved Temporarily",
		   F("Contact: <%s>\r\n", t.carol->uri));
	event(t.bob, "? ~ refer,referRequestRejected,id=1 role=client"
	      " code=302", WAIT);
	ended("code=302 outcome=refused reason=Moved Temporarily"
	      " (redirected, not followed)");
	expect_none(t.carol, "REFER", 300);
	ROW("transfer.redirect-refer");
}


TEST(refersend_folded, "A 3xx whose Contact is folded breaks no request")
{
	struct msg *req;

	PLAYERS(.no_menu = true, .config = "refer_follow_redirect yes\n");
	req = refersend("");
	peer_reply(t.alice, req, 302, "Moved",
		   "Contact: <sip:carol@127.0.0.3;x=\r\n"
		   " SIP/2.0\r\n X-Evil: yes>\r\n");
	ended("code=302 outcome=refused");
	expect_none(t.carol, "*", 300);
	ROW("transfer.redirect-refer");
}


TEST(refersend_loop, "Redirected again and again, or in a circle: it ends")
{
	struct msg *req;
	unsigned i;

	PLAYERS(.no_menu = true, .config = "refer_follow_redirect yes\n");
	req = refersend("");
	for (i=0; i<5; i++) {
		peer_reply(t.alice, req, 302, "Moved",
			   F("Contact: <sip:a%u@127.0.0.1>\r\n", i));
		req = expect(t.alice, "REFER", WAIT);
	}
	peer_reply(t.alice, req, 302, "Moved",
		   "Contact: <sip:a9@127.0.0.1>\r\n");
	ended("code=302 outcome=refused");
	expect_none(t.alice, "REFER", 300);

	/* each is tried once */
	(void)ctrl(t.bob, "refersend", "sip:alice@127.0.0.1 carol@127.0.0.3");
	peer_reply(t.alice, expect(t.alice, "REFER", WAIT), 302, "Moved",
		   "Contact: <sip:a1@127.0.0.1>\r\n");
	peer_reply(t.alice, expect(t.alice, "REFER", WAIT), 302, "Moved",
		   "Contact: <sip:a1@127.0.0.1>;q=1\r\n");
	event(t.bob, "? ~ refer,referEnded,id=2 ~ outcome=refused", WAIT);
	expect_none(t.alice, "REFER", 300);
	ROW("transfer.redirect-refer");
}


TEST(refersend_proxy, "REFER out of a dialog goes by the outbound proxy")
{
	struct peer *proxy;
	struct msg *req;

	PLAYERS(.no_menu = true, .outbound = "sip:127.0.0.9");
	proxy = peer_new("proxy");
	CHECK(ctrl(t.bob, "refersend", "alice@127.0.0.1 sip:carol@127.0.0.3")
	      .ok, "refersend");
	req = expect_any(proxy, "REFER", WAIT);
	EQ_STR("sip:alice@127.0.0.1", ruri(req));
	EQ_STR("<sip:127.0.0.9;lr>", hdr(req, "Route"));
	peer_reply(proxy, req, 603, "Decline", NULL);
	ended("code=603 outcome=refused");
	ROW("R05 transfer.outside");
}


TEST(refersend_wrong, "/refersend says what is wrong, and sends nothing")
{
	static const char *const v[][2] = {
		{"", "usage: /refersend PEER TARGET [sub=no]"
		 " [HEADER=VALUE ...]"},
		{"sip:alice@127.0.0.1", "usage: /refersend PEER TARGET"
		 " [sub=no] [HEADER=VALUE ...]"},
		{"sip: sip:carol@127.0.0.3", "the target is no SIP address"},
		{"sip:alice@127.0.0.1 sip:", "the target is no SIP address"},
		{"sip:alice@127.0.0.1 sip:carol@127.0.0.3 sub=maybe",
		 "maybe is no value of sub= (yes or no)"},
		{"sip:alice@127.0.0.1 sip:carol@127.0.0.3 now",
		 "now is not header=value"},
		{"sip:alice@127.0.0.1 sip:carol@127.0.0.3 Refer-To=x",
		 "Refer-To= is a header that cannot be sent"},
		{"sip:alice@127.0.0.1 sub=no",
		 "the target must come before the options"},
		{"sip:alice@127.0.0.1 X=<sip:carol@127.0.0.3>",
		 "the target must come before the options"},
		{"sip:alice@127.0.0.1 sip:carol@127.0.0.3 <sip:d@127.0.0.4>",
		 "<sip:d@127.0.0.4> is not header=value"},
	};
	size_t i;

	PLAYERS(.no_menu = true);
	for (i=0; i<ARRAY_SIZE(v); i++) {
		struct resp r = ctrl(t.bob, "refersend", v[i][0]);

		CHECK(!r.ok, "%s", v[i][0]);
		EQ_STR(F("error: %s\n", v[i][1]), r.data);
	}

	expect_none(t.alice, "*", 300);
	ROW("command.send");
}


TEST(refersend_cancel, "/refercancel of it: SUBSCRIBE with Expires: 0")
{
	struct msg *req, *sub;
	struct dlg *d;

	PLAYERS(.no_menu = true);
	req = refersend("");
	d = dlg_accept(t.alice, req);
	peer_reply(t.alice, req, 202, "Accepted", NULL);
	notify(d, req, "active;expires=60", "SIP/2.0 100 Trying");

	EQ_STR("refer: #1 cancelled\n", ctrl(t.bob, "refercancel", "1").data);
	sub = expect(t.alice, "SUBSCRIBE", WAIT);
	EQ_STR("0", hdr(sub, "Expires"));
	EQ_STR(F("refer;id=%u", req->sip->cseq.num), hdr(sub, "Event"));
	EQ_STR(d->ltag, hdr_param(sub, "To", "tag"));
	peer_reply(t.alice, sub, 200, "OK", "Expires: 0\r\n");
	notify(d, req, "terminated;reason=timeout", "SIP/2.0 100 Trying");
	ended("outcome=cancelled");
	ROW("R13 command.cancel");
}
