/**
 * @file t_http_calls.c  refer_http.so: calls and transfers from begin to end
 */
#include <string.h>
#include "wire.h"
#include "harness.h"
#include "scene.h"
#include "rest.h"


#define ASKS CONFIG_REST "refer_policy ask\n"
#define SCENE(config_)							\
	do {								\
		scene(.app = "refer_http.so", .config = config_);	\
		sut_log_wait(t.bob, REST_LISTENS, WAIT);		\
	} while (0)


static const char *path(const char *more)
{
	return F("/v1/calls/%s%s", http_escape(t.call->callid), more);
}


static struct rest begin(unsigned scode, const char *more)
{
	return rest(scode, "POST", "/v1/transfers",
		    F("{\"call\":\"%s\"%s}", t.call->callid, more));
}


static void is(const struct rest *r, const char *key, const char *val)
{
	if (strcmp(rest_str(r, key), val))
		FAIL("%s is %s, not %s: %s", key, rest_str(r, key), val,
		     r->body);
}


/* Those of the transfers in a list */
static const char *numbers(const char *text)
{
	const char *str = "";
	struct pl rest_, id;

	pl_set_str(&rest_, text);
	while (!re_regex(rest_.p, rest_.l, "{\"id\":[0-9]+,", &id)) {
		str = F("%s%.*s,", str, (int)id.l, id.p);
		pl_advance(&rest_, id.p + id.l - rest_.p);
	}

	return str;
}


TEST(http_blind, "A call is transferred, GET with wait tells the outcome",
     .secs = 8)
{
	struct msg *req;
	struct rest r;

	SCENE(CONFIG_REST);
	r = rest(200, "GET", "/v1/calls", NULL);
	HAS_TEXT(r.body, F("{\"calls\":[{\"id\":\"%s\",", t.call->callid));
	HAS_TEXT(r.body, "\"direction\":\"incoming\",\"state\":\"established\""
		 ",\"held\":false,\"duration\":");

	r = begin(201, F(",\"target\":\"%s\",\"headers\":{\"Subject\":\"a b\"}"
			 ",\"timeout\":60,\"after\":\"hangup\"",
			 t.carol->uri));
	HAS_TEXT(r.head, "\r\nLocation: /v1/transfers/1\r\n");
	is(&r, "role", "client");
	is(&r, "call", t.call->callid);
	HAS_TEXT(r.body, "\"can\":[\"cancel\"]");
	begin(409, F(",\"target\":\"%s\"", t.carol->uri));

	answer_hold(t.call);
	req = expect_any(t.alice, "REFER", WAIT);
	EQ_STR("a b", hdr(req, "Subject"));
	HAS_TEXT(rest(200, "GET", path(""), NULL).body, "\"held\":true");
	HAS_TEXT(rest(200, "GET", "/v1/transfers?state=active", NULL).body,
		 "{\"transfers\":[{\"id\":1,");
	is(&r, "state", "HOLDING");
	r = rest(200, "GET", "/v1/transfers/1?wait=1", NULL);
	is(&r, "state", "SENT");

	peer_reply(t.alice, req, 202, "Accepted", NULL);
	peer_auto(t.alice, "BYE");
	notify_status(t.call, req, "terminated;reason=noresource",
		      "SIP/2.0 200 OK");
	r = rest(200, "GET", "/v1/transfers/1?wait=30", NULL);
	is(&r, "state", "ENDED");
	is(&r, "outcome", "accepted");
	HAS_TEXT(r.body, "\"stages\":{\"referRequestAccepted\":");
	HAS_TEXT(r.body, "\"can\":[]");
	HAS_TEXT(rest(409, "POST", "/v1/transfers/1/cancel", "{}").body,
		 "transfer 1 has ended");
	HAS_TEXT(rest(200, "GET", "/v1/transfers/1/ladder", NULL).body,
		 "\"method\":\"REFER\"");
	HAS_TEXT(rest(200, "GET", "/v1/transfers/1/ladder", NULL, "-H",
		      "Accept: image/svg+xml").body,
		 "<svg xmlns=\"http://www.w3.org/2000/svg\"");
	HAS_TEXT(rest(200, "GET", "/metrics", NULL).body,
		 "\nrefer_transfers_total{role=\"client\","
		 "outcome=\"accepted\"} 1\n");
	ROW("http.start");
}


TEST(http_cancel, "A transfer is stopped, the call is there again",
     .secs = 8)
{
	struct msg *req;
	struct rest r;

	SCENE(CONFIG_REST);
	begin(201, F(",\"target\":\"%s\"", t.carol->uri));
	answer_hold(t.call);
	req = expect_any(t.alice, "REFER", WAIT);
	peer_reply(t.alice, req, 202, "Accepted", NULL);
	event(t.bob, "? ~ refer,referRequestAccepted,id=1 ", WAIT);
	peer_auto(t.alice, "SUBSCRIBE");
	r = rest(200, "POST", "/v1/transfers/1/cancel", "{}");
	is(&r, "outcome", "cancelled");
	answer_resume(t.call);
	rest(422, "POST", "/v1/transfers/1/cancel", "{\"x\":1}");
}


TEST(http_decisions, "REFERs that wait are accepted, refused and redirected",
     .secs = 12)
{
	struct msg *inv;
	struct rest r;

	SCENE(ASKS);
	(void)refer_carol("");
	event(t.bob, "? ~ refer,referRequested,id=1 ", WAIT);
	r = rest(200, "GET", "/v1/transfers/1", NULL);
	HAS_TEXT(r.body, "\"can\":[\"accept\",\"reject\",\"redirect\"]");
	HAS_TEXT(rest(409, "POST", "/v1/transfers/1/cancel", "{}").body,
		 "waits for a decision");
	HAS_TEXT(rest(409, "POST", "/v1/transfers/1/notify",
		      "{\"code\":200}").body, "follow");
	rest(422, "POST", "/v1/transfers/1/accept", "{\"code\":300}");
	rest(422, "POST", "/v1/transfers/1/accept", "{\"follow\":\"no\"}");
	rest(422, "POST", "/v1/transfers/1/reject", "{\"code\":200}");
	rest(422, "POST", "/v1/transfers/1/reject",
	     "{\"reason\":\"a\\r\\nb: c\"}");
	rest(422, "POST", "/v1/transfers/1/redirect", "{}");
	rest(422, "POST", "/v1/transfers/1/redirect", "{\"contacts\":[]}");
	rest(422, "POST", "/v1/transfers/1/redirect",
	     "{\"contacts\":[\"sip:a@h>,<sip:b@h\"]}");
	rest(422, "POST", "/v1/transfers/1/redirect", "{\"contacts\":[1]}");
	rest(422, "POST", "/v1/transfers/1/notify", "{}");

	r = rest(200, "POST", "/v1/transfers/1/reject",
		 "{\"code\":486,\"reason\":\"Not now\"}");
	is(&r, "state", "ENDED");
	is(&r, "outcome", "refused");
	(void)expect_any(t.alice, "486 REFER ~ Not now", WAIT);

	(void)refer_carol("");
	event(t.bob, "? ~ refer,referRequested,id=2 ", WAIT);
	r = rest(200, "POST", "/v1/transfers/2/redirect",
		 "{\"contacts\":[\"sip:dave@127.0.0.4\"]}");
	is(&r, "state", "ENDED");
	(void)expect_any(t.alice, "302 REFER ~ <sip:dave@127.0.0.4>", WAIT);

	(void)refer_carol("");
	event(t.bob, "? ~ refer,referRequested,id=3 ", WAIT);
	r = rest(200, "POST", "/v1/transfers/3/accept", "{\"follow\":false}");
	is(&r, "follow", "no");
	HAS_TEXT(r.body, "\"can\":[\"notify\",\"cancel\"]");
	rest(200, "POST", "/v1/transfers/3/notify", "{\"code\":180}");
	r = rest(200, "POST", "/v1/transfers/3/notify",
		 "{\"code\":200,\"reason\":\"Fine\"}");
	(void)expect_any(t.alice, "NOTIFY ~ SIP/2.0 200 Fine", WAIT);
	event(t.bob, "? ~ refer,referEnded,id=3 ", WAIT);

	(void)refer_carol("");
	event(t.bob, "? ~ refer,referRequested,id=4 ", WAIT);
	rest(200, "POST", "/v1/transfers/4/accept", "{}");
	inv = expect_any(t.carol, "INVITE", WAIT);
	peer_reply(t.carol, inv, 180, "Ringing", NULL);
	(void)expect_any(t.alice, "NOTIFY ~ SIP/2.0 180 Ringing", WAIT);
	rest(409, "POST", "/v1/transfers/4/accept", "{}");
	r = rest(200, "POST", "/v1/transfers/4/cancel", "{}");
	(void)expect_any(t.carol, "CANCEL", WAIT);
	peer_reply(t.carol, inv, 487, "Request Terminated", NULL);
	ROW("http.decide");
}


TEST(http_call_control, "Calls are made, answered, held and ended",
     .secs = 10)
{
	struct peer *carol;
	struct dlg *d;
	struct msg *m;
	struct rest r;
	const char *p;

	t.bob = sut_start("bob", .app = "refer_http.so", .manual = true,
			  .config = CONFIG_REST);
	sut_log_wait(t.bob, REST_LISTENS, WAIT);
	t.alice = peer_new("alice");
	carol = peer_new("carol");
	d = dlg_new(t.alice, "sip:bob@127.0.0.2");
	(void)dlg_request(d, "INVITE", sdp(t.alice));
	(void)expect_any(t.alice, "180 INVITE", WAIT);

	p = F("/v1/calls/%s", http_escape(d->callid));
	r = rest(200, "GET", p, NULL);
	is(&r, "state", "incoming");
	is(&r, "peer", t.alice->uri);
	HAS_TEXT(rest(409, "POST", F("%s/hold", p), "{}").body,
		 "not established");
	HAS_TEXT(rest(409, "POST", "/v1/transfers",
		      F("{\"call\":\"%s\",\"target\":\"x\"}", d->callid)).body,
		 "not established");
	(void)rest(200, "POST", F("%s/answer", p), "{}");
	m = expect_any(t.alice, "200 INVITE", WAIT);
	dlg_confirm(d, m);
	dlg_ack(d, m);
	HAS_TEXT(rest(409, "POST", F("%s/answer", p), "{}").body,
		 "does not wait");

	r = rest(200, "POST", F("%s/hold", p), "{}");
	HAS_TEXT(r.body, "\"held\":true");
	answer_hold(d);
	r = rest(200, "POST", F("%s/resume", p), "{}");
	HAS_TEXT(r.body, "\"held\":false");
	answer_resume(d);

	peer_auto(t.alice, "BYE");
	(void)rest(204, "DELETE", p, NULL);
	(void)seen("bob", "alice", "BYE", WAIT);
	(void)rest(404, "GET", p, NULL);

	r = rest(201, "POST", "/v1/calls", F("{\"target\":\"%s\",\"account\":"
		 "\"sip:bob@127.0.0.2\"}", carol->uri));
	HAS_TEXT(r.head, F("\r\nLocation: /v1/calls/%s",
			   rest_str(&r, "id")));
	is(&r, "direction", "outgoing");
	is(&r, "peer", carol->uri);
	m = expect_any(carol, "INVITE", WAIT);
	EQ_STR(rest_str(&r, "id"), hdr(m, "Call-ID"));
	peer_reply(carol, m, 486, "Busy Here", NULL);
	(void)expect_any(carol, "ACK", WAIT);
	ROW("http.calls");
}


TEST(http_attended, "Two calls are joined", .secs = 8)
{
	struct dlg *other;
	struct msg *req;
	struct rest r;

	SCENE(CONFIG_REST);
	other = call_in(t.carol, t.bob);
	begin(422, F(",\"with\":\"%s\"", t.call->callid));
	begin(422, ",\"with\":\"nobody\"");
	r = begin(201, F(",\"with\":\"%s\",\"hold\":false", other->callid));
	is(&r, "role", "client");
	req = expect_any(t.alice, "REFER", WAIT);
	HAS_TEXT(hdr(req, "Refer-To"), "?Replaces=");
	peer_reply(t.alice, req, 603, "Decline", NULL);
	r = rest(200, "GET", "/v1/transfers/1?wait=10", NULL);
	is(&r, "outcome", "refused");
	ROW("http.start");
}


TEST(http_outside, "A REFER outside a dialog", .secs = 6)
{
	struct msg *req;
	struct rest r;

	SCENE(CONFIG_REST);
	r = rest(201, "POST", "/v1/transfers",
		 F("{\"peer\":\"%s\",\"target\":\"sip:dave@127.0.0.4\","
		   "\"sub\":false}", t.carol->uri));
	req = expect_any(t.carol, "REFER", WAIT);
	EQ_STR("<sip:dave@127.0.0.4>", hdr(req, "Refer-To"));
	peer_reply(t.carol, req, 202, "Accepted", NULL);
	r = rest(200, "GET", "/v1/transfers/1?wait=10", NULL);
	is(&r, "state", "ENDED");
	ROW("http.start");
}


TEST(http_pages, "A list of transfers in parts, the newest first",
     .secs = 6)
{
	struct rest r;
	unsigned i;

	SCENE(ASKS);
	for (i=1; i<=7; ++i) {
		(void)refer_carol("");
		event(t.bob, F("? ~ refer,referRequested,id=%u ", i), WAIT);
		if (i % 2)
			rest(200, "POST", F("/v1/transfers/%u/reject", i), "");
	}

	r = rest(200, "GET", "/v1/transfers?limit=3", NULL);
	EQ_STR("7,6,5,", numbers(r.body));
	HAS_TEXT(r.body, "],\"next\":5}\n");
	r = rest(200, "GET", "/v1/transfers?limit=3&before=5", NULL);
	EQ_STR("4,3,2,", numbers(r.body));
	HAS_TEXT(r.body, "],\"next\":2}\n");
	r = rest(200, "GET", "/v1/transfers?limit=3&before=2", NULL);
	EQ_STR("1,", numbers(r.body));
	HAS_TEXT(r.body, "}]}\n");
	r = rest(200, "GET", "/v1/transfers?state=active&limit=2", NULL);
	EQ_STR("6,4,", numbers(r.body));
	r = rest(200, "GET", "/v1/transfers", NULL);
	EQ_STR("7,6,5,4,3,2,1,", numbers(r.body));
	HAS_TEXT(r.body, "}]}\n");
	ROW("http.pages");
}


TEST(http_markup, "What others send is no markup, in JSON and in the picture",
     .secs = 6)
{
	struct rest r;

	SCENE(ASKS);
	(void)refer("<sip:%3Cscript%3E@127.0.0.3>",
		    "Referred-By: \"<script>alert(1)</script>\\\"\""
		    " <sip:a@h>\r\n");
	event(t.bob, "? ~ refer,referRequested,id=1 ", WAIT);
	r = rest(200, "GET", "/v1/transfers/1", NULL);
	HAS_TEXT(r.head, "\r\nContent-Type: application/json\r\n");
	HAS_TEXT(r.head, "\r\nX-Content-Type-Options: nosniff\r\n");
	HAS_TEXT(rest_str(&r, "referred_by"), "\"<script>alert(1)</script>");
	r = rest(200, "GET", "/v1/transfers/1/ladder", NULL, "-H",
		 "Accept: image/svg+xml");
	CHECK(!strstr(r.body, "<script"), "%s", r.body);
	rest(200, "POST", "/v1/transfers/1/reject", "{}");
	ROW("http.markup");
}
