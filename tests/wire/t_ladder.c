/**
 * @file t_ladder.c  /referladder: the messages of a transfer
 */
#include <ctype.h>
#include <string.h>
#include "wire.h"
#include "harness.h"
#include "scene.h"


/* The ladder with "..." for each time */
static const char *ladder(unsigned id)
{
	const char *text = ctrl(t.bob, "referladder", F("%u", id)).data;
	char *p = (char *)F("%s", text);

	for (text = p; p; p = strchr(p, '\n')) {
		const size_t n = strspn(p += *p == '\n', " 0123456789");

		if (n > 6 && isdigit((unsigned char)p[5]))
			memcpy(p, "   ...", 6);
	}

	return text;
}


static struct odict *json(unsigned id)
{
	struct resp r = ctrl(t.bob, "referladder", F("%u json", id));
	struct odict *od;

	CHECK(r.ok && !json_decode_odict(&od, 32, r.data, strlen(r.data), 8),
	      "%s", r.data);

	return od;
}


static const struct odict *messages(const struct odict *od)
{
	return odict_lookup(od, "messages")->u.odict;
}


/* Of a message, which may be the last one */
static const struct odict *message(const struct odict *od, int i)
{
	const struct list *l = &messages(od)->lst;
	struct le *le;

	if (i < 0)
		return ((struct odict_entry *)l->tail->data)->u.odict;

	for (le = l->head; i; --i)
		le = le->next;

	return ((struct odict_entry *)le->data)->u.odict;
}


static const char *header(const struct odict *msg, const char *name)
{
	const struct odict_entry *e = odict_lookup(msg, "headers");

	return e ? odict_string(e->u.odict, name) : NULL;
}


#define HEAD								\
	"account bob             sip:bob@127.0.0.2\n"			\
	"peer    alice           sip:alice@127.0.0.1\n"			\
	"target  carol           sip:carol@127.0.0.3\n"			\
	"    ms  who                message\n"

/* A NOTIFY that alice and bob exchange */
#define NOTIFIES(who, back, uri, cseq, state, frag)			\
	F("   ...  " who "       NOTIFY %s\n"				\
	  "          Event: refer;id=%u\n"				\
	  "          Subscription-State: " state "\n"			\
	  "          SIP/2.0 " frag "\n%s", uri, cseq, back)

#define ALICE_OK "   ...  alice -> bob       200 OK (NOTIFY)\n"
#define BOB_OK   "   ...  bob -> alice       200 OK (NOTIFY)\n"


TEST(ladder_client, "The ladder of a transfer that fails, as the referrer")
{
	struct msg *req;
	struct odict *od;

	scene();
	req = transfer(t.carol->uri);
	peer_reply(t.alice, req, 202, "Accepted", NULL);
	notify_status(t.call, req, "active;expires=60",
		      "SIP/2.0 180 Ringing");
	notify_status(t.call, req, "terminated;reason=noresource",
		      "SIP/2.0 486 Busy Here");
	event(t.bob, "? ~ refer,referEnded,id=1 ", WAIT);
	answer_resume(t.call);

	EQ_STR(F(HEAD
		 "   ...  bob -> alice       REFER %s\n"
		 "          Refer-To: <%s>\n"
		 "   ...  alice -> bob       202 Accepted (REFER)\n%s%s",
		 t.alice->uri, t.carol->uri,
		 NOTIFIES("alice -> bob", BOB_OK, t.call->target,
			  req->sip->cseq.num, "active;expires=60",
			  "180 Ringing"),
		 NOTIFIES("alice -> bob", BOB_OK, t.call->target,
			  req->sip->cseq.num, "terminated;reason=noresource",
			  "486 Busy Here")), ladder(1));

	od = json(1);
	EQ_STR("ENDED", odict_string(od, "state"));
	EQ_INT(6, (int)odict_count(messages(od), false));
	EQ_STR("account", odict_string(message(od, 0), "from"));
	EQ_STR("peer", odict_string(message(od, 0), "to"));
	EQ_STR("REFER", odict_string(message(od, 0), "method"));
	EQ_STR(F("REFER %s SIP/2.0", t.alice->uri),
	       odict_string(message(od, 0), "line"));
	EQ_STR(F("<%s>", t.carol->uri), header(message(od, 0), "Refer-To"));
	EQ_STR("SIP/2.0 202 Accepted", odict_string(message(od, 1), "line"));
	EQ_STR("SIP/2.0 180 Ringing",
	       odict_string(message(od, 2), "sipfrag"));
	EQ_STR("account", odict_string(message(od, -1), "from"));
	EQ_STR("NOTIFY", odict_string(message(od, -1), "method"));
	EQ_STR("SIP/2.0 200 OK", odict_string(message(od, -1), "line"));
	mem_deref(od);
	ROW("command.ladder");
}


TEST(ladder_server, "The ladder of a transfer, as the referee")
{
	struct msg *req, *inv;

	scene();
	req = refer_carol("");
	inv = expect_any(t.carol, "INVITE", WAIT);
	seen("alice", "bob", "200 NOTIFY", WAIT);
	peer_reply(t.carol, inv, 180, "Ringing", NULL);
	event(t.bob, "? ~ refer,referProgress,id=1 ", WAIT);
	seen("alice", "bob", "200 NOTIFY", WAIT);
	(void)answer(t.carol, inv);
	event(t.bob, "? ~ refer,referEnded,id=1 ", WAIT);
	seen("alice", "bob", "200 NOTIFY", WAIT);
	check_alive(t.call);

	EQ_STR(F(HEAD
		 "   ...  alice -> bob       REFER %s\n"
		 "          Refer-To: <%s>\n"
		 "   ...  bob -> alice       202 Accepted (REFER)\n%s"
		 "   ...  bob -> carol       INVITE %s\n" ALICE_OK
		 "   ...  carol -> bob       180 Ringing (INVITE)\n%s"
		 "   ...  carol -> bob       200 OK (INVITE)\n%s",
		 t.call->target, t.carol->uri,
		 NOTIFIES("bob -> alice", "", t.alice->uri,
			  req->sip->cseq.num, "active;expires=180",
			  "100 Trying"), t.carol->uri,
		 NOTIFIES("bob -> alice", ALICE_OK, t.alice->uri,
			  req->sip->cseq.num, "active;expires=179",
			  "180 Ringing"),
		 NOTIFIES("bob -> alice", ALICE_OK, t.alice->uri,
			  req->sip->cseq.num, "terminated;reason=noresource",
			  "200 OK")), ladder(1));
	ROW("command.ladder");
}


TEST(ladder_attended, "One ladder for an attended transfer, a Warning in it")
{
	struct odict *od;
	struct dlg *carol;
	struct msg *req;
	const char *val;

	scene();
	CHECK(ctrl(t.bob, "atransferstart", t.carol->uri).ok, "start");
	(void)answer_hold(t.call);
	req = expect_any(t.carol, "INVITE", WAIT);
	peer_reply(t.carol, req, 180, "Ringing", NULL);
	carol = answer(t.carol, req);
	event(t.bob, "CALL_ESTABLISHED ~ carol", WAIT);
	CHECK(ctrl(t.bob, "atransferexec", NULL).ok, "exec");
	req = expect_any(t.alice, "REFER", WAIT);
	peer_reply(t.alice, req, 603, "Decline",
		   "Warning: 399 a \"not\r\n \\\"him\\\"\"\r\n"
		   "Warning: 399 b \"two\"\r\n");
	event(t.bob, "? ~ refer,referRequestRejected,id=1 ", WAIT);

	od  = json(1);
	val = header(message(od, 3), "Refer-To");
	EQ_STR("TALKING", odict_string(od, "state"));
	EQ_INT(5, (int)odict_count(messages(od), false));
	EQ_STR(F("INVITE %s SIP/2.0", t.carol->uri),
	       odict_string(message(od, 0), "line"));
	EQ_STR("target", odict_string(message(od, 0), "to"));
	EQ_STR("SIP/2.0 180 Ringing", odict_string(message(od, 1), "line"));
	EQ_STR("SIP/2.0 200 OK", odict_string(message(od, 2), "line"));
	EQ_STR(hdr(req, "Refer-To"), val);
	HAS_TEXT(val, carol->callid);
	EQ_STR("399 a \"not   \\\"him\\\"\", 399 b \"two\"",
	       header(message(od, -1), "Warning"));
	mem_deref(od);
	HAS_TEXT(ctrl(t.bob, "referladder", "1").data,
		 "          Warning: 399 a \"not   \\\"him\\\"\"\n"
		 "          Warning: 399 b \"two\"\n");

	CHECK(ctrl(t.bob, "atransferabort", NULL).ok, "abort");
	peer_reply(t.carol, expect_any(t.carol, "BYE", WAIT), 200, "OK",
		   NULL);
	answer_resume(t.call);
	ROW("command.ladder");
}


TEST(ladder_target, "The ladder of a call that takes another one's place")
{
	struct odict *od;

	scene();
	(void)call_replacing(t.carol, t.call);
	peer_reply(t.alice, expect_any(t.alice, "BYE", WAIT), 200, "OK",
		   NULL);
	event(t.bob, "? ~ refer,referEnded,id=1 ", WAIT);

	od = json(1);
	EQ_STR("target", odict_string(od, "role"));
	EQ_INT(2, (int)odict_count(messages(od), false));
	EQ_STR("peer", odict_string(message(od, 0), "from"));
	EQ_STR(F("%s;to-tag=%s;from-tag=%s", t.call->callid, t.call->rtag,
		 t.call->ltag), header(message(od, 0), "Replaces"));
	EQ_STR("SIP/2.0 200 OK", odict_string(message(od, 1), "line"));
	mem_deref(od);
	ROW("command.ladder");
}


TEST(ladder_challenge, "A challenge and a refresh are in the ladder")
{
	struct msg *req;
	struct odict *od;

	scene();
	req = transfer(t.carol->uri);
	peer_reply(t.alice, req, 401, "Unauthorized",
		   "WWW-Authenticate: Digest realm=\"a\", nonce=\"b\"\r\n");
	req = expect_any(t.alice, "REFER ~ Authorization:", WAIT);
	peer_reply(t.alice, req, 202, "Accepted",
		   F("Contact: <%s>\r\n", t.alice->uri));
	notify_status(t.call, req, "active;expires=2",
		      "SIP/2.0 100 Trying");
	peer_reply(t.alice, expect_any(t.alice, "SUBSCRIBE", WAIT), 200,
		   "OK", "Expires: 60\r\n");
	CHECK(ctrl(t.bob, "refercancel", "1").ok, "cancel");
	answer_resume(t.call);

	od = json(1);
	EQ_STR("SIP/2.0 401 Unauthorized",
	       odict_string(message(od, 1), "line"));
	EQ_STR("REFER", odict_string(message(od, 2), "method"));
	EQ_STR("SUBSCRIBE", odict_string(message(od, 6), "method"));
	EQ_STR(F("refer;id=%u", req->sip->cseq.num),
	       header(message(od, 6), "Event"));
	EQ_STR("SIP/2.0 200 OK", odict_string(message(od, 7), "line"));
	mem_deref(od);
	ROW("command.ladder");
}


TEST(ladder_hostile, "Nothing of a peer breaks the ladder or its JSON")
{
	static const char *const reasonv[] = {
		"\"},{\"x\":\"", "\x1b[2J\x07", "\xff\xfe\xc0\x80",
		"\xe2\x80\xae evil", "%s%n%99999d", "   1  bob -> x",
	};
	char longone[2000];
	struct odict *od;
	struct msg *req;
	const char *text;
	unsigned i;

	memset(longone, 'x', sizeof(longone) - 1);
	longone[sizeof(longone) - 1] = '\0';

	scene();
	req = transfer("sip:alice@127.0.0.3");
	peer_reply(t.alice, req, 202, "\"\x1b[1m\xff", NULL);
	for (i=0; i<80; i++) {
		notify_status(t.call, req, "active;expires=60",
			      F("SIP/2.0 180 %u%s", i,
				reasonv[i % ARRAY_SIZE(reasonv)]));
		expect_any(t.alice, "200 NOTIFY", WAIT);
	}
	notify_status(t.call, req, "active;expires=60",
		      F("SIP/2.0 180 %s", longone));
	expect_any(t.alice, "200 NOTIFY", WAIT);

	od = json(1);
	EQ_INT(64, (int)odict_count(messages(od), false));
	CHECK(odict_lookup(message(od, 8), "skipped") != NULL, "skipped");
	CHECK(!odict_string(message(od, 62), "sipfrag"), "it is left out");
	CHECK(odict_lookup(message(od, 62), "cut") != NULL, "cut");
	mem_deref(od);

	text = ctrl(t.bob, "referladder", "1").data;
	for (; *text; ++text)
		CHECK(*text == '\n' || !iscntrl((unsigned char)*text),
		      "0x%x", *text);
	text = ladder(1);
	HAS_TEXT(text, "account bob             sip:bob@127.0.0.2\n"
		 "peer    peer            sip:alice@127.0.0.1\n"
		 "target  target          sip:alice@127.0.0.3\n");
	HAS_TEXT(text, "   ...  bob -> peer        REFER ");
	HAS_TEXT(text, " messages are left out\n");
	HAS_TEXT(text, "          (a text is too long to be kept)\n");

	CHECK(ctrl(t.bob, "refercancel", "1").ok, "cancel");
	answer_resume(t.call);
	ROW("command.ladder");
}


TEST(ladder_wrong, "/referladder: without a transfer, and of one of two")
{
	scene(.config = "refer_policy ask\n");
	EQ_STR("error: no transfers\n",
	       ctrl(t.bob, "referladder", NULL).data);
	EQ_STR("error: there is no transfer 1, see /referlist\n",
	       ctrl(t.bob, "referladder", "1").data);
	(void)refer_carol("");
	event(t.bob, "? ~ refer,referRequested,id=1 ", WAIT);
	EQ_STR("error: usage: /referladder [ID] [json]\n",
	       ctrl(t.bob, "referladder", "1 x").data);
	HAS_TEXT(ctrl(t.bob, "referladder", NULL).data,
		 F("alice -> bob       REFER %s\n", t.call->target));
	(void)refer_carol("");
	event(t.bob, "? ~ refer,referRequested,id=2 ", WAIT);
	EQ_STR("error: several transfers: 1 2; which one?\n",
	       ctrl(t.bob, "referladder", NULL).data);
	ROW("command.ladder");
}


/* build/ladder.svg is for docs/, when it has to change */
TEST(ladder_picture, "tools/ladder: docs/ladder.svg is a real transfer")
{
	const char *text = F("%s/ladder.txt", test_dir());
	struct proc *p;
	struct msg *inv;

	scene();
	(void)refer_carol("");
	inv = expect(t.carol, "INVITE", WAIT);
	peer_reply(t.carol, inv, 180, "Ringing", NULL);
	expect_any(t.alice, "NOTIFY ~ SIP/2.0 180", WAIT);
	(void)answer(t.carol, inv);
	expect_any(t.alice, "NOTIFY ~ SIP/2.0 200", WAIT);
	event(t.bob, "? ~ refer,referEnded,id=1 ", WAIT);

	spew(text, ctrl(t.bob, "referladder", "1").data);
	p = proc_run("picture", "sh", "-c",
		     F("%s/tools/ladder <%s >%s && cmp %s %s/docs/ladder.svg",
		       top_dir(), text, built("ladder.svg"),
		       built("ladder.svg"), top_dir()), NULL);
	CHECK(proc_wait(p, WAIT), "it ends");
	EQ_STR("", proc_log(p));
}
