/**
 * @file t_replaces.c  Being the target: INVITE with Replaces (RFC 3891)
 */
#include <string.h>
#include "wire.h"
#include "scene.h"


static struct dlg *invite_by(struct peer *p, const char *uri,
			     const char *hdrs)
{
	struct dlg *d = dlg_new(p, uri);

	(void)dlg_request(d, "INVITE", F("%s%s", hdrs, sdp(p)));

	return d;
}


/* carol calls bob, with more headers */
static struct dlg *invite(const char *hdrs)
{
	return invite_by(t.carol, t.bob->uri, hdrs);
}


/* The new call is answered, and bob's old one ends behind that */
static void replaced(struct dlg *new)
{
	struct msg *m, *bye;

	m = dlg_taken(new);
	bye = expect(t.alice, "BYE", WAIT);
	CHECK(bye->time >= m->time, "200 precedes BYE");
	peer_reply(t.alice, bye, 200, "OK", NULL);
	event(t.bob, "? ~ refer,replaced,id=1 role=target code=200", WAIT);
	event(t.bob, "? ~ refer,referEnded,id=1 role=target code=200", WAIT);
	peer_flush(t.carol);
	check_alive(new);
}


static void refused(const char *hdrs, const char *answer, const char *text)
{
	struct dlg *d = invite(hdrs);
	struct msg *m = expect(t.carol, answer, WAIT);

	HAS(m, F("Warning: 399 %s:5060 \"%s\"", net_addr("bob", false),
		 text));
	CHECK(hdr_param(m, "To", "tag"), "a To-tag");
	dlg_confirm(d, m);
	dlg_ack(d, m);
	expect_none(t.alice, "*", 0);
}


TEST(replaces_accept, "INVITE with Replaces: 200, then BYE to the old")
{
	struct dlg *d;

	scene(.config = "call_max_calls 1\n");
	d = invite(F("%sRequire: replaces\r\n"
		     "Referred-By: <sip:dave@127.0.0.4>\r\n",
		     replaces(t.call)));
	replaced(d);
	EQ_INT(1, event_count(t.bob, "? ~ refer,replaced"));
	EQ_INT(1, event_count(t.bob, "? ~ reason=referred by"
			      " sip:dave@127.0.0.4 (not proven)"));
	sut_log_has(t.bob, "refer: #1 carol calls in place of alice");
	ROW("R75 R76 replaces.accept replaces.require replaces.max-calls");
}


/* Whether the old call was alive when the first RTP came */
static void rtp_handler(const struct sa *src, struct mbuf *mb, void *arg)
{
	int *alive = arg;
	(void)src;
	(void)mb;

	if (*alive < 0)
		*alive = !seen_count("bob", "alice", "BYE");
}


TEST(replaces_media, "The new peer hears us before the old call ends")
{
	struct udp_sock *us;
	int alive = -1;
	struct sa sa;

	CHECK(!sa_set_str(&sa, net_addr("carol", false), 40000));
	CHECK(!udp_listen(&us, &sa, rtp_handler, &alive));

	scene(.config = host_major() < 3
	      ? "module ausine.so\naudio_source ausine,440\n"
	      "ausrc_srate 48000\nausrc_channels 2\n"
	      : "module ausine.so\naudio_source ausine,440\n");
	replaced(invite(replaces(t.call)));
	EQ_INT(1, alive);
	mem_deref(us);
	ROW("R75 replaces.media");
}


TEST(replaces_manual, "An account that rings does not, for a replacement")
{
	t.bob   = sut_start("bob", .manual = true);
	t.alice = peer_new("alice");
	t.carol = peer_new("carol");
	t.call  = call_out(t.bob, t.alice);
	replaced(invite(replaces(t.call)));
	/* later ones always tell, and answer it at once */
	EQ_INT(host_major() < 3 ? 0 : 1,
	       event_count(t.bob, "CALL_INCOMING"));

	/* and rings for the next call */
	(void)invite("");
	event(t.bob, "CALL_INCOMING", WAIT);
	ROW("R75 replaces.no-ringing");
}


TEST(replaces_hijack, "Without both right tags no call is replaced: 481")
{
	const struct dlg *c;

	scene();
	c = t.call;
	refused(F("Replaces: %s;to-tag=%s;from-tag=%s\r\n", c->callid,
		  c->ltag, c->rtag), "481 INVITE", "Replaces matches no call");
	refused(F("Replaces: %s;to-tag=%s;from-tag=x\r\n", c->callid,
		  c->rtag), "481 INVITE", "Replaces matches no call");
	refused(F("Replaces: %s;to-tag=x;from-tag=%s\r\n", c->callid,
		  c->ltag), "481 INVITE", "Replaces matches no call");
	refused(F("Replaces: x;to-tag=%s;from-tag=%s\r\n", c->rtag, c->ltag),
		"481 INVITE", "Replaces matches no call");
	ROW("R68 R73");

	refused(F("Replaces: %s\r\n", c->callid), "400 INVITE",
		"Replaces is malformed");
	refused(F("Replaces: %s;to-tag=%s\r\n", c->callid, c->rtag),
		"400 INVITE", "Replaces is malformed");
	refused(F("Replaces: %s;to-tag=%s;to-tag=x;from-tag=%s\r\n",
		  c->callid, c->rtag, c->ltag), "400 INVITE",
		"Replaces is malformed");
	refused(F("%s%s", replaces(c), replaces(c)), "400 INVITE",
		"more than one Replaces");
	refused(F("Replaces: %s;to-tag=%s;from-tag=%s, %s;to-tag=%s;"
		  "from-tag=%s\r\n", c->callid, c->rtag, c->ltag, c->callid,
		  c->rtag, c->ltag), "400 INVITE", "Replaces is malformed");
	ROW("R67 replaces.400");

	check_alive(t.call);
	EQ_STR("refer: no transfers\n", ctrl(t.bob, "referlist", NULL).data);
}


TEST(replaces_other, "Replaces in another request than INVITE: 400")
{
	static const char *const metv[] = {"OPTIONS", "MESSAGE", "SUBSCRIBE"};
	struct dlg *d;
	size_t i;

	scene();
	for (i=0; i<ARRAY_SIZE(metv); ++i) {
		d = dlg_new(t.carol, t.bob->uri);
		(void)dlg_request(d, metv[i], replaces(t.call));
		HAS(expect(t.carol, F("400 %s", metv[i]), WAIT),
		    "\"Replaces is for INVITE only\"");
	}

	/* in a dialog, too */
	(void)dlg_request(t.call, "INFO", replaces(t.call));
	HAS(expect(t.alice, "400 INFO", WAIT),
	    "\"Replaces is for INVITE only\"");
	check_alive(t.call);
	ROW("R67 replaces.400");
}


TEST(replaces_early_only, "early-only and the call is established: 486")
{
	scene();
	refused(F("Replaces: %s;to-tag=%s;from-tag=%s;early-only\r\n",
		  t.call->callid, t.call->rtag, t.call->ltag), "486 INVITE",
		"the call to replace is established already");
	check_alive(t.call);
	ROW("R70 sipjs.66 replaces.early-only");
}


TEST(replaces_over, "The call has ended: 603")
{
	scene();
	hangup(t.call);
	event(t.bob, "CALL_CLOSED", WAIT);
	refused(replaces(t.call), "603 INVITE",
		"the call to replace is over");
	ROW("R69 replaces.over");
}


TEST(replaces_reject, "refer_replaces reject, here of the account: 603")
{
	scene(.account = ";refer_replaces=reject");
	refused(replaces(t.call), "603 INVITE", "refused by policy");
	check_alive(t.call);
	ROW("R73 replaces.policy");
}


/* The account of the call has one policy, the called one another; a call that
   rings is given up */
static void called(const char *old, const char *other, unsigned code)
{
	struct dlg *d;

	t.bob   = sut_start("bob", .account = F(";refer_replaces=%s", old));
	t.alice = peer_new("alice");
	t.carol = peer_new("carol");
	t.call  = call_in(t.alice, t.bob);
	(void)ctrl(t.bob, "uanew",
		   F("<sip:bert@127.0.0.2>;regint=0;refer_replaces=%s",
		     other));
	d = dlg_new(t.carol, "sip:bert@127.0.0.2");
	(void)dlg_request(d, "INVITE", F("%s%s", replaces(t.call),
					 sdp(t.carol)));
	EQ_INT(code, scode(expect(t.carol, "xxx INVITE", WAIT)));
	expect_none(t.carol, "200 INVITE", 300);
	check_alive(t.call);
	ROW("R73 replaces.policy");
}


TEST(replaces_called_reject, "The account that is called rejects: 603")
{
	called("accept", "reject", 603);
}


TEST(replaces_called_accept, "It accepts, that of the call does not: 603")
{
	called("reject", "accept", 603);
}


TEST(replaces_called_ask, "The account that is called asks: it rings")
{
	called("accept", "ask", 180);
}


TEST(replaces_called_asked, "It accepts, that of the call asks: it rings")
{
	called("ask", "accept", 180);
}


TEST(replaces_ringing, "The call rings here: 481, it rings on")
{
	struct msg *m;

	t.bob   = sut_start("bob", .manual = true);
	t.alice = peer_new("alice");
	t.carol = peer_new("carol");
	t.call  = dlg_new(t.alice, t.bob->uri);
	(void)dlg_request(t.call, "INVITE", sdp(t.alice));
	m = expect(t.alice, "180 INVITE", WAIT);
	dlg_confirm(t.call, m);

	refused(replaces(t.call), "481 INVITE",
		"the call to replace is not established yet");
	(void)ctrl(t.bob, "accept", "");
	m = expect(t.alice, "200 INVITE", WAIT);
	dlg_ack(t.call, m);
	event(t.bob, "CALL_ESTABLISHED", WAIT);
	check_alive(t.call);
	ROW("R71 replaces.early-theirs");
}


TEST(replaces_unacked, "The old call's ACK is late: taken, then BYE")
{
	struct dlg *d;
	struct msg *m, *bye;

	m = call_unacked(NULL);
	d = invite(replaces(t.call));
	(void)dlg_taken(d);

	/* RFC 3261 section 15: no BYE before the ACK */
	expect_none(t.alice, "BYE", 300);
	dlg_ack(t.call, m);
	bye = expect_any(t.alice, "BYE", WAIT);
	peer_reply(t.alice, bye, 200, "OK", NULL);
	event(t.bob, "? ~ refer,referEnded,id=1 role=target code=200", WAIT);
	peer_flush(t.carol);
	check_alive(d);
	ROW("R75 replaces.unacked");
}


TEST(replaces_unacked_early, "early-only, and the ACK is late: 486")
{
	struct msg *m = call_unacked(NULL);

	refused(F("Replaces: %s;to-tag=%s;from-tag=%s;early-only\r\n",
		  t.call->callid, t.call->rtag, t.call->ltag),
		"486 INVITE", "the call to replace is established already");
	dlg_ack(t.call, m);
	event(t.bob, "CALL_ESTABLISHED", WAIT);
	check_alive(t.call);
	ROW("R70 replaces.unacked");
}


TEST(replaces_calling, "We are calling: the new call is taken, CANCEL")
{
	struct msg *inv, *m;
	struct dlg *d;

	t.bob   = sut_start("bob", .manual = true);
	t.alice = peer_new("alice");
	t.carol = peer_new("carol");
	(void)ctrl(t.bob, "dial", t.alice->uri);
	inv = expect(t.alice, "INVITE", WAIT);
	peer_reply(t.alice, inv, 180, "Ringing", NULL);
	event(t.bob, "CALL_RINGING", WAIT);

	refused(F("Replaces: %s;to-tag=%s;from-tag=x;early-only\r\n",
		  hdr(inv, "Call-ID"), hdr_param(inv, "From", "tag")),
		"481 INVITE", "Replaces matches no call");

	d = invite(F("Replaces: %s;to-tag=%s;from-tag=%s;early-only\r\n",
		     hdr(inv, "Call-ID"), hdr_param(inv, "From", "tag"),
		     inv->tag));
	(void)dlg_taken(d);
	m = expect(t.alice, "CANCEL", WAIT);
	peer_reply(t.alice, m, 200, "OK", NULL);
	peer_reply(t.alice, inv, 487, "Request Terminated", NULL);
	event(t.bob, "? ~ refer,replaced,id=1 role=target", WAIT);
	peer_flush(t.carol);
	check_alive(d);
	ROW("R72 replaces.early-ours");
}


TEST(replaces_488, "The new call has no codec of ours: 488, the old one lives")
{
	static const char offer[] =
		"v=0\r\no=- 1 1 IN IP4 127.0.0.3\r\ns=-\r\n"
		"c=IN IP4 127.0.0.3\r\nt=0 0\r\n"
		"m=audio 9 RTP/AVP 99\r\na=rtpmap:99 nothing/8000\r\n";
	struct dlg *d;
	struct msg *m;

	scene();
	d = dlg_new(t.carol, t.bob->uri);
	(void)dlg_request(d, "INVITE",
			  F("%sContent-Type: application/sdp\r\n"
			    "Content-Length: %zu\r\n\r\n%s",
			    replaces(t.call), strlen(offer), offer));
	m = expect_any(t.carol, "488 INVITE", WAIT);
	dlg_confirm(d, m);
	dlg_ack(d, m);
	event(t.bob, "? ~ refer,referEnded,id=1 role=target", WAIT);
	check_alive(t.call);
	expect_none(t.alice, "BYE", 0);
	ROW("R74 replaces.failed");
}


TEST(replaces_two, "Who comes while the call is being replaced: 603")
{
	struct peer *dave = peer_new("dave");
	struct dlg *d;

	scene();
	d = invite(replaces(t.call));
	(void)invite_by(dave, t.bob->uri, replaces(t.call));
	expect(dave, "603 INVITE", WAIT);
	replaced(d);
	ROW("R74 replaces.over");
}


TEST(replaces_merged, "An INVITE with the Call-ID of the old call itself: 482")
{
	struct dlg *d;

	scene();
	d = dlg_new(t.alice, "sip:nobody@127.0.0.2");
	d->dst    = t.call->dst;
	d->callid = t.call->callid;
	(void)dlg_request(d, "INVITE", F("%s%s", replaces(t.call),
					 sdp(t.alice)));
	expect_any(t.alice, "482 INVITE", WAIT);
	EQ_STR("refer: no transfers\n",
	       ctrl(t.bob, "referlist", NULL).data);
	check_alive(t.call);
	ROW("R74");
}


TEST(replaces_nobody, "A replacement for an account that is not there: 404",
     .na11 = "an account without registration takes what is for nobody")
{
	scene();
	(void)invite_by(t.carol, "sip:nobody@127.0.0.2", replaces(t.call));
	expect_any(t.carol, "404 INVITE", WAIT);
	EQ_STR("refer: no transfers\n",
	       ctrl(t.bob, "referlist", NULL).data);
	check_alive(t.call);
	ROW("R74 replaces.failed");
}


/* By hand; the menu may put the old call on hold */
static void accept_call(void)
{
	(void)ctrl(t.bob, "accept", "");
	if (host_accept_holds())
		peer_reply(t.alice, expect(t.alice, "INVITE", WAIT), 200,
			   "OK", sdp(t.alice));
}


/* bob, who asks, is called by carol in place of alice */
static struct dlg *ask(void)
{
	struct dlg *d;

	t.bob   = sut_start("bob", .manual = true,
			    .config = "refer_replaces ask\n");
	t.alice = peer_new("alice");
	t.carol = peer_new("carol");
	t.call  = call_out(t.bob, t.alice);
	d = invite(replaces(t.call));
	expect(t.carol, "180 INVITE", WAIT);
	event(t.bob, "CALL_INCOMING", WAIT);

	return d;
}


TEST(replaces_ask, "refer_replaces ask: it rings, and replaces when answered")
{
	struct dlg *d = ask();

	HAS_TEXT(ctrl(t.bob, "referlist", NULL).data, "   1 target RINGING ");
	expect_none(t.alice, "*", 0);

	accept_call();
	replaced(d);
	ROW("replaces.policy");
}


TEST(replaces_ask_no, "It rings and is given up: the old call lives")
{
	const struct dlg *d = ask();

	(void)ctrl(t.bob, "hangup", host_major() < 3 ? "" : d->callid);
	expect_any(t.carol, "486 INVITE", WAIT);
	event(t.bob, "? ~ refer,referEnded,id=1 role=target", WAIT);
	check_alive(t.call);
	ROW("R74 replaces.failed");
}


TEST(replaces_ask_fork, "It rings twice: that is no end of it")
{
	struct dlg *d = ask(), *fork = dlg_new(t.carol, t.bob->uri);

	fork->callid = d->callid;
	(void)dlg_request(fork, "INVITE", sdp(t.carol));
	expect_any(t.carol, "180 INVITE", WAIT);
	event(t.bob, "CALL_INCOMING", WAIT);

	/* it is looked for each second */
	expect_none(t.alice, "*", 1200);
	EQ_INT(0, event_count(t.bob, "? ~ refer,referEnded"));
	HAS_TEXT(ctrl(t.bob, "referlist", NULL).data, "   1 target RINGING ");
	ROW("replaces.policy");
}


TEST(replaces_two_sessions, "Calls of one Call-ID are not told apart: 481")
{
	struct dlg *d;

	scene();
	d = dlg_new(t.alice, t.bob->uri);
	d->callid = t.call->callid;
	(void)dlg_request(d, "INVITE", sdp(t.alice));
	(void)dlg_taken(d);
	event(t.bob, "CALL_ESTABLISHED", WAIT);
	peer_flush(t.alice);
	refused(replaces(t.call), "481 INVITE", "Replaces matches no call");
	check_alive(t.call);
	ROW("R74");
}


TEST(replaces_uadel, "The call has vanished with its account: 603")
{
	scene();
	(void)ctrl(t.bob, "uanew", "<sip:bert@127.0.0.2>;regint=0");
	(void)ctrl(t.bob, "uadel", "sip:bob@127.0.0.2");
	peer_reply(t.alice, expect_any(t.alice, "BYE", WAIT), 200, "OK",
		   NULL);
	(void)invite_by(t.carol, "sip:bert@127.0.0.2", replaces(t.call));
	expect_any(t.carol, "603 INVITE", WAIT);
	ROW("R69 replaces.over");
}


TEST(replaces_rmmod_handover, "/rmmod before the old call is hung up")
{
	struct dlg *d;

	scene();
	d = invite(replaces(t.call));
	(void)dlg_taken(d);
	event(t.bob, "CALL_ESTABLISHED ~ carol", WAIT);
	(void)ctrl(t.bob, "rmmod", "refer");
	peer_reply(t.alice, expect_any(t.alice, "BYE", WAIT), 200, "OK",
		   NULL);
	peer_flush(t.carol);
	check_alive(d);
	ROW("module.rmmod");
}


TEST(replaces_rmmod, "/rmmod while it rings: both calls stay")
{
	struct dlg *d = ask();

	(void)ctrl(t.bob, "rmmod", "refer");
	accept_call();
	(void)dlg_taken(d);
	peer_flush(t.carol);
	check_alive(d);
	check_alive(t.call);
	ROW("module.rmmod");
}


TEST(replaces_max_calls, "call_max_calls is not counted, also with a call that"
     " bob has made")
{
	struct peer *dave = peer_new("dave");

	scene(.config = "call_max_calls 1\n");
	(void)call_out(t.bob, t.carol);
	(void)dlg_taken(invite_by(dave, t.bob->uri, replaces(t.call)));
	event(t.bob, "? ~ refer,replaced", WAIT);
	ROW("replaces.max-calls");
}


TEST(replaces_max_ring, "With \"ask\" one more than call_max_calls may ring")
{
	struct peer *dave = peer_new("dave"), *erin = peer_new("erin");

	scene(.config = "call_max_calls 1\nrefer_replaces ask\n");
	(void)invite_by(dave, t.bob->uri, replaces(t.call));
	expect(dave, "180 INVITE", WAIT);
	(void)invite_by(erin, t.bob->uri, replaces(t.call));
	expect(erin, "486 INVITE", WAIT);
	check_alive(t.call);
	ROW("replaces.max-calls");
}
