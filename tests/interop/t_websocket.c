/**
 * @file t_websocket.c  SIP.js and JsSIP behind kamailio's WebSocket
 *
 * jane runs one of them without a browser (js/). She is the transferor, the
 * transferee and the target in turn. Her Contact is
 * sip:..@random.invalid;transport=ws, so that others reach her only by her
 * address-of-record at the proxy.
 */
#include <string.h>
#include "wire.h"
#include "harness.h"
#include "typed.h"


static struct proc *jane;

/** One test for each of these user agents */
#define EACH(id, text)							\
	static void id(const char *stack);				\
	EACH_OF(sipjs, "SIP.js", id, text)				\
	EACH_OF(contexts, "SIP.js 0.15", id, text)			\
	EACH_OF(jssip, "JsSIP", id, text)				\
	static void id(const char *stack)

#define EACH_OF(stack, name, id, text)					\
	TEST(stack##_##id, name " " text, .secs = 15, .limit = 120)	\
	{								\
		id(#stack);						\
	}


static void proxy_and_jane(const char *cfg, const char *stack)
{
	const char *proxy = net_addr("proxy", false);

	(void)proxy_start_as(cfg);
	jane = typed_run("jane", F("node %s/" BUILD "/npm/%s.mjs jane %s %s",
				   top_dir(), stack, net_addr("jane", false),
				   proxy));
	CHECK(proc_log_wait(jane, "ready\n", WAIT_START), "jane: no REGISTER");
}


/* Her address of record */
static const char *jane_uri(void)
{
	return F("sip:jane@%s", net_addr("proxy", false));
}


/* In any order: calls and transfers overtake each other */
static void prints(const char *line)
{
	const char *whole = F("\n%s\n", line);

	jane->mark = 0;
	CHECK(proc_log_wait(jane, whole, WAIT), "jane: no '%s'", line);
}


static void jane_calls(struct sut *s, unsigned n)
{
	type("jane", F("call %s", s->uri));
	event(s, "CALL_ESTABLISHED ~ jane", WAIT_START);
	prints(F("call %u up", n));
}


static void jane_is_busy(void)
{
	type("jane", "busy");
	prints("busy");
}


/* Both ends of the call still have it */
static void jane_hangs_up(struct sut *s, unsigned n)
{
	EQ_INT(0, event_count(s, "CALL_CLOSED ~ jane"));
	type("jane", F("bye %u", n));
	event(s, "CALL_CLOSED ~ jane", WAIT);
	(void)seen(s->name, "proxy", "200 BYE", WAIT);
}


static void dial(struct sut *s, const char *uri)
{
	CHECK(ctrl(s, "dial", uri).ok, "dial %s", uri);
	event(s, F("CALL_ESTABLISHED ~ %s", uri), WAIT_START);
}


/* The INVITE with Replaces ends the old call of carol, a baresip */
static void replaced(struct sut *carol, const char *old)
{
	event(carol, "? ~ refer,replaced,id=1 role=target code=200", WAIT);
	event(carol, "? ~ refer,referEnded,id=1 role=target code=200", WAIT);
	(void)seen("carol", old, "BYE", WAIT);
	event(carol, "CALL_CLOSED", WAIT);
	EQ_INT(1, event_count(carol, "CALL_CLOSED"));
}


static void peer_is_busy(struct peer *carol, const char *invite)
{
	(void)peer_reply(carol, expect_any(carol, invite, WAIT_START), 486,
			 "Busy Here", NULL);
}


/* NOTIFYs of one subscription: 100, then the result */
static void check_notifies(const char *from, const char *to, unsigned code)
{
	struct msg *first, *last;

	first = seen(from, to, "NOTIFY ~ SIP/2.0 100", WAIT_START);
	last  = seen(from, to, F("NOTIFY ~ SIP/2.0 %u", code), WAIT_START);

	EQ_STR(hdr(first, "Event"), hdr(last, "Event"));
	EQ_INT(0, strncmp("terminated", hdr(last, "Subscription-State"), 10));
	(void)seen(to, from, F("200 NOTIFY ~ CSeq: %u NOTIFY",
			       last->sip->cseq.num), WAIT);
}


/* The referrer reports the outcome once and forgets the transfer */
static void client_ended(struct sut *s, unsigned code)
{
	event(s, F("? ~ refer,referEnded,id=1 role=client code=%u"
		   " outcome=%s", code, code < 300 ? "accepted" : "rejected"),
	      WAIT);
	EQ_INT(1, event_count(s, "? ~ refer,referEnded"));
	EQ_STR("refer: no transfers\n", ctrl(s, "referlist", NULL).data);
}


static void server_ended(struct sut *s, unsigned code)
{
	event(s, F("? ~ refer,referEnded,id=1 role=server code=%u", code),
	      WAIT);
	EQ_INT(1, event_count(s, "? ~ refer,referEnded"));
	EQ_STR("refer: no transfers\n", ctrl(s, "referlist", NULL).data);
}


/* jane has transferred bob, with whom she has call 1 */
static void bob_referred(struct sut *bob, unsigned code)
{
	struct msg *req = seen("proxy", "bob", "REFER", WAIT);

	EQ_STR(F("<%s>", jane_uri()), hdr(req, "Referred-By"));
	(void)seen("bob", "proxy", "202 REFER", WAIT);
	prints("refer 1 202");
	check_notifies("bob", "proxy", code);
	prints(F("notify 1 %u", code));
	server_ended(bob, code);
}


EACH(transferor, "transfers bob to carol")
{
	struct sut *bob, *carol;

	proxy_and_jane("websocket.cfg", stack);
	bob   = sut_start("bob");
	carol = sut_start("carol");
	jane_calls(bob, 1);

	type("jane", F("refer 1 %s", carol->uri));
	(void)seen("bob", "carol", "INVITE ~ Referred-By: ", WAIT);
	event(carol, "CALL_ESTABLISHED ~ bob", WAIT);
	bob_referred(bob, 200);

	(void)seen("proxy", "bob", "BYE", WAIT);
	prints("call 1 over");
	event(bob, "CALL_CLOSED ~ jane", WAIT);
	EQ_INT(1, event_count(bob, "CALL_CLOSED"));
	EQ_INT(0, event_count(carol, "CALL_CLOSED"));
}


EACH(transferor_busy, "transfers bob to carol, who is busy")
{
	struct sut *bob;
	struct peer *carol;

	proxy_and_jane("websocket.cfg", stack);
	bob   = sut_start("bob");
	carol = peer_new("carol");
	jane_calls(bob, 1);

	type("jane", F("refer 1 %s", carol->uri));
	peer_is_busy(carol, "INVITE");
	bob_referred(bob, 486);

	jane_hangs_up(bob, 1);
}


EACH(transferor_attended, "joins bob and carol")
{
	struct sut *bob, *carol;
	struct msg *inv;

	proxy_and_jane("websocket.cfg", stack);
	bob   = sut_start("bob");
	carol = sut_start("carol");
	jane_calls(bob, 1);
	type("jane", "hold 1");
	prints("call 1 held");
	jane_calls(carol, 2);

	type("jane", "refer 1 2");
	inv = seen("bob", "carol", "INVITE ~ Replaces: ", WAIT);
	EQ_INT(1, hdr_count(inv, "Referred-By"));
	replaced(carol, "proxy");
	prints("call 2 over");
	bob_referred(bob, 200);

	(void)seen("proxy", "bob", "BYE", WAIT);
	prints("call 1 over");
	event(bob, "CALL_CLOSED ~ jane", WAIT);
	EQ_INT(1, event_count(bob, "CALL_CLOSED"));
}


EACH(transferor_attended_busy, "joins bob and carol, who is busy")
{
	struct sut *bob;
	struct peer *carol;
	struct dlg *call;

	proxy_and_jane("websocket.cfg", stack);
	bob   = sut_start("bob");
	carol = peer_new("carol");
	jane_calls(bob, 1);
	type("jane", F("call %s", carol->uri));
	call = answer(carol, expect(carol, "INVITE", WAIT));
	prints("call 2 up");

	type("jane", "refer 1 2");
	peer_is_busy(carol, "INVITE ~ Replaces: ");
	bob_referred(bob, 486);

	hangup(call);
	prints("call 2 over");
	jane_hangs_up(bob, 1);
}


/* bob has transferred jane, with whom he has call 1 */
static void jane_referred(struct sut *bob, unsigned code)
{
	(void)seen("bob", "proxy", "INVITE ~ a=sendonly", WAIT);
	(void)seen("bob", "proxy", "REFER ~ Referred-By: ", WAIT);
	(void)seen("proxy", "bob", "202 REFER", WAIT);
	check_notifies("proxy", "bob", code);
	client_ended(bob, code);
}


/* SIP.js 0.15 reports any failure as 603 */
static unsigned busy_as(const char *stack)
{
	return strcmp(stack, "contexts") ? 486 : 603;
}


static void bob_left(struct sut *bob)
{
	(void)seen("bob", "proxy", "BYE", WAIT);
	prints("call 1 over");
	event(bob, "CALL_CLOSED ~ jane", WAIT);
}


static void bob_resumes(struct sut *bob)
{
	struct msg *inv = seen("bob", "proxy", "INVITE ~ a=sendrecv", WAIT);

	(void)seen("proxy", "bob", F("200 INVITE ~ CSeq: %u INVITE",
				     inv->sip->cseq.num), WAIT);
	jane_hangs_up(bob, 1);
}


/* The offer of the first INVITE looks like a resumption: take it away */
static struct sut *bob_calls_jane(const char *stack)
{
	struct sut *bob;

	proxy_and_jane("websocket.cfg", stack);
	bob = sut_start("bob");
	dial(bob, jane_uri());
	prints("call 1 up");
	(void)seen("bob", "proxy", "INVITE ~ a=sendrecv", WAIT);

	return bob;
}


EACH(transferee, "is transferred to carol")
{
	struct sut *bob = bob_calls_jane(stack);
	struct sut *carol = sut_start("carol");

	CHECK(ctrl(bob, "transfer", carol->uri).ok, "transfer");
	(void)seen("proxy", "carol", "INVITE", WAIT);
	event(carol, "CALL_ESTABLISHED ~ jane", WAIT);
	prints("call 2 up");
	jane_referred(bob, 200);
	bob_left(bob);
	EQ_INT(0, event_count(carol, "CALL_CLOSED"));
}


EACH(transferee_busy, "is transferred to carol, who is busy")
{
	struct sut *bob = bob_calls_jane(stack);
	struct peer *carol = peer_new("carol");

	CHECK(ctrl(bob, "transfer", carol->uri).ok, "transfer");
	peer_is_busy(carol, "INVITE");
	jane_referred(bob, busy_as(stack));
	prints("call 2 over");
	bob_resumes(bob);
}


EACH(transferee_attended, "is joined with carol")
{
	struct sut *bob = bob_calls_jane(stack);
	struct sut *carol = sut_start("carol");

	dial(bob, carol->uri);
	CHECK(ctrl(bob, "atransfer", "1 2").ok, "atransfer");
	(void)seen("proxy", "carol", "INVITE ~ Replaces: ", WAIT);
	replaced(carol, "bob");
	prints("call 2 up");
	jane_referred(bob, 200);
	bob_left(bob);
}


EACH(transferee_attended_busy, "is joined with carol, who is busy")
{
	struct sut *bob = bob_calls_jane(stack);
	struct peer *carol = peer_new("carol");
	struct dlg *call = call_out(bob, carol);

	CHECK(ctrl(bob, "atransfer", "1 2").ok, "atransfer");
	peer_is_busy(carol, "INVITE ~ Replaces: ");
	jane_referred(bob, busy_as(stack));
	prints("call 2 over");
	bob_resumes(bob);
	hangup(call);
}


/* alice and bob, both baresips, agree on the outcome */
static void alice_refers(struct sut *alice, struct sut *bob, unsigned code)
{
	(void)seen("bob", "alice", "202 REFER", WAIT);
	check_notifies("bob", "alice", code);
	server_ended(bob, code);
	client_ended(alice, code);
}


static void alice_resumes(struct sut *alice, struct sut *bob)
{
	struct msg *inv = seen("alice", "bob", "INVITE ~ a=sendrecv", WAIT);

	(void)seen("bob", "alice", F("200 INVITE ~ CSeq: %u INVITE",
				     inv->sip->cseq.num), WAIT);
	EQ_INT(0, event_count(alice, "CALL_CLOSED"));
	EQ_INT(0, event_count(bob, "CALL_CLOSED ~ alice"));
}


static void alice_calls_bob(struct sut **alice, struct sut **bob)
{
	*alice = sut_start("alice");
	*bob   = sut_start("bob");
	dial(*alice, (*bob)->uri);
	(void)seen("alice", "bob", "INVITE ~ a=sendrecv", WAIT);
}


EACH(target, "is the target of a blind transfer")
{
	struct sut *alice, *bob;

	proxy_and_jane("websocket.cfg", stack);
	alice_calls_bob(&alice, &bob);
	CHECK(ctrl(alice, "transfer", jane_uri()).ok, "transfer");
	(void)seen("bob", "proxy", "INVITE ~ Referred-By: ", WAIT);
	prints("call 1 up");
	alice_refers(alice, bob, 200);

	event(bob, "CALL_CLOSED ~ alice", WAIT);
	event(alice, "CALL_CLOSED ~ bob", WAIT);
	EQ_INT(1, event_count(bob, "CALL_CLOSED"));
	jane_hangs_up(bob, 1);
}


EACH(target_busy, "is the busy target of a blind transfer")
{
	struct sut *alice, *bob;

	proxy_and_jane("websocket.cfg", stack);
	alice_calls_bob(&alice, &bob);
	jane_is_busy();
	CHECK(ctrl(alice, "transfer", jane_uri()).ok, "transfer");
	(void)seen("proxy", "bob", "486 INVITE", WAIT);
	alice_refers(alice, bob, 486);
	alice_resumes(alice, bob);
}


/* alice joins bob and jane */
static void alice_joins(struct sut *alice, const char *refer_to)
{
	CHECK(ctrl(alice, "atransfer", "1 2").ok, "atransfer");
	(void)seen("alice", "bob", F("REFER ~ Refer-To: <%s", refer_to),
		   WAIT);
}


/* bob cannot reach her Contact: RFC 5589 section 7.3 */
static const char *by_aor(void)
{
	return F("%s?Require=replaces&Replaces=", jane_uri());
}


static void joined(struct sut *alice, struct sut *bob)
{
	prints("call 2 up");
	prints("call 1 over");
	(void)seen("proxy", "alice", "BYE", WAIT);
	alice_refers(alice, bob, 200);

	event(bob, "CALL_CLOSED ~ alice", WAIT);
	EQ_INT(1, event_count(bob, "CALL_CLOSED"));
	EQ_INT(1, seen_count("alice", "bob", "REFER"));
	jane_hangs_up(bob, 2);
}


EACH(target_attended, "is the target of an attended transfer")
{
	struct sut *alice, *bob;
	struct msg *inv;

	proxy_and_jane("websocket.cfg", stack);
	alice_calls_bob(&alice, &bob);
	dial(alice, jane_uri());
	alice_joins(alice, by_aor());
	inv = seen("bob", "proxy", "INVITE ~ \r\nReplaces: ", WAIT);
	EQ_STR(jane_uri(), ruri(inv));
	HAS(inv, "\r\nRequire: replaces\r\n");
	joined(alice, bob);
}


TEST(jssip_target_gruu, "JsSIP with a GRUU as its Contact is the target",
     .secs = 15, .limit = 120)
{
	struct sut *alice, *bob;

	proxy_and_jane("gruu.cfg", "jssip");
	alice_calls_bob(&alice, &bob);
	dial(alice, jane_uri());
	alice_joins(alice, F("%s;", jane_uri()));
	(void)seen("bob", "proxy", "INVITE ~ ;gr=urn:uuid: ~ \r\nReplaces: ",
		   WAIT);
	joined(alice, bob);
}


EACH(target_attended_busy, "is the busy target of an attended transfer")
{
	struct sut *alice, *bob;

	proxy_and_jane("websocket.cfg", stack);
	alice_calls_bob(&alice, &bob);
	dial(alice, jane_uri());
	prints("call 1 up");
	jane_is_busy();
	alice_joins(alice, by_aor());
	(void)seen("proxy", "bob", "486 INVITE", WAIT);
	alice_refers(alice, bob, 486);
	alice_resumes(alice, bob);
	jane_hangs_up(alice, 1);
}
