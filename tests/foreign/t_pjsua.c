/**
 * @file t_pjsua.c  Transfers with PJSIP's pjsua in each role
 *
 * PJSUA is the program. Its commands are typed, as its own transfer tests do:
 * m (call), x (transfer), X (transfer with Replaces), ] (next call). Where it
 * is not the point who answers, carol is a scripted peer.
 */
#include <string.h>
#include "wire.h"
#include "scene.h"
#include "harness.h"
#include "foreign.h"
#include "../interop/typed.h"


static struct proc *alice, *carol;


static struct proc *pjsua(const char *name, unsigned rtp, const char *more)
{
	const char *prog = foreign("PJSUA");
	const char *ip = net_addr(name, false);
	struct proc *p;
	struct sa addr;

	(void)sa_set_str(&addr, ip, SIP_PORT);
	ladder_name(&addr, name);

	p = typed_run(name, F("%s --null-audio --no-tcp --local-port=5060"
			      " --ip-addr=%s --bound-addr=%s --rtp-port=%u"
			      " --id=sip:%s@%s --auto-answer=200 --no-color"
			      " --app-log-level=4 --stdout-no-buf %s", prog,
			      ip, ip, rtp, name, ip, more));
	CHECK(proc_log_wait(p, "You have 0 active call", WAIT_START),
	      "%s does not start", name);

	return p;
}


static void pjsua_calls(const char *name, struct proc *p, const char *uri)
{
	type(name, "m");
	type(name, uri);
	CHECK(proc_log_wait(p, "state changed to CONFIRMED", WAIT),
	      "%s is not connected", name);
}


static const char *bobs(void)
{
	return F("sip:bob@%s", net_addr("bob", false));
}


static const char *uri_of(const char *name)
{
	return F("sip:%s@%s", name, net_addr(name, false));
}


static void bob_and_alice(const char *more)
{
	alice = pjsua("alice", 4000, more);
	t.bob = sut_start("bob");
	pjsua_calls("alice", alice, bobs());
	event(t.bob, "CALL_ESTABLISHED", WAIT);
}


static void blind(const char *target)
{
	type("alice", "x");
	type("alice", target);
}


static void told(struct proc *p, const char *text)
{
	CHECK(proc_log_wait(p, text, WAIT), "%s says: %s", p->name, text);
}


/* The call is not on hold, and goes on */
static void goes_on(void)
{
	const char *list = ctrl(t.bob, "listcalls", NULL).data;

	HAS_TEXT(list, "alice@");
	CHECK(!strstr(list, "(on hold)"), "not on hold: %s", list);
	event(t.bob, "? ~ refer,referEnded", WAIT);
}


TEST(pjsua_referrer, "pjsua transfers bob (x)")
{
	bob_and_alice("");
	t.carol = peer_new("carol");
	blind(t.carol->uri);
	(void)answer(t.carol, expect(t.carol, "INVITE", WAIT));
	told(alice, "call transferred successfully");
	event(t.bob, "? ~ refer,referEnded ~ role=server code=200", WAIT);
	told(alice, "DISCONNECTED");
}


TEST(pjsua_referrer_rings, "pjsua transfers bob, the target rings, then"
     " answers")
{
	struct msg *inv;

	bob_and_alice("");
	t.carol = peer_new("carol");
	blind(t.carol->uri);
	inv = expect(t.carol, "INVITE", WAIT);
	(void)peer_reply(t.carol, inv, 180, "Ringing", NULL);
	told(alice, "transfer status=180");
	(void)answer(t.carol, inv);
	told(alice, "call transferred successfully");
	event(t.bob, "? ~ refer,referEnded ~ role=server code=200", WAIT);
}


TEST(pjsua_referrer_busy, "pjsua transfers bob, the target is busy: the call"
     " goes on")
{
	bob_and_alice("");
	t.carol = peer_new("carol");
	blind(t.carol->uri);
	(void)peer_reply(t.carol, expect(t.carol, "INVITE", WAIT), 486,
			 "Busy Here", NULL);
	told(alice, "transfer status=486");
	goes_on();
}


TEST(pjsua_referrer_refused, "pjsua transfers bob, who refuses")
{
	alice = pjsua("alice", 4000, "");
	t.bob = sut_start("bob", .config = "refer_policy reject\n");
	pjsua_calls("alice", alice, bobs());
	t.carol = peer_new("carol");
	blind(t.carol->uri);
	told(alice, "transfer status=603");
	expect_none(t.carol, "INVITE", 0);
}


TEST(pjsua_referrer_nosub, "pjsua transfers bob with Refer-Sub: false")
{
	bob_and_alice("--norefersub");
	t.carol = peer_new("carol");
	blind(t.carol->uri);
	(void)answer(t.carol, expect(t.carol, "INVITE", WAIT));
	told(alice, "Refer-Sub: false");
	event(t.bob, "? ~ refer,referEnded ~ role=server code=200", WAIT);
	EQ_INT(0, seen_count("bob", "alice", "NOTIFY"));
}


TEST(pjsua_referrer_attended, "pjsua joins bob and another pjsua (X)")
{
	carol = pjsua("carol", 4020, "");
	bob_and_alice("");
	pjsua_calls("alice", alice, uri_of("carol"));
	type("alice", "]");
	type("alice", "X");
	type("alice", "1");
	told(carol, "is being replaced");
	told(alice, "call transferred successfully");
	event(t.bob, "? ~ refer,referEnded ~ role=server code=200", WAIT);
	(void)seen("bob", "carol", "INVITE ~ Replaces:", WAIT);
}


static void bob_calls_alice(void)
{
	alice = pjsua("alice", 4000, "");
	t.bob = sut_start("bob");
	(void)ctrl(t.bob, "dial", uri_of("alice"));
	event(t.bob, "CALL_ESTABLISHED", WAIT);
}


TEST(pjsua_referee, "bob transfers pjsua")
{
	bob_calls_alice();
	t.carol = peer_new("carol");
	CHECK(ctrl_at(HERE, t.bob, "transfer", t.carol->uri).ok, "transfer");
	(void)answer(t.carol, expect(t.carol, "INVITE", WAIT));
	event(t.bob, "? ~ refer,referEnded ~ role=client code=200"
	      " outcome=accepted", WAIT);
	told(alice, "DISCONNECTED");
}


TEST(pjsua_referee_busy, "bob transfers pjsua, the target is busy: the call"
     " goes on")
{
	bob_calls_alice();
	t.carol = peer_new("carol");
	CHECK(ctrl_at(HERE, t.bob, "transfer", t.carol->uri).ok, "transfer");
	(void)peer_reply(t.carol, expect(t.carol, "INVITE", WAIT), 486,
			 "Busy Here", NULL);
	event(t.bob, "? ~ refer,referRejected ~ role=client code=486", WAIT);
	goes_on();
}


TEST(pjsua_referee_attended, "bob joins two pjsuas")
{
	carol = pjsua("carol", 4020, "");
	bob_calls_alice();
	CHECK(ctrl_at(HERE, t.bob, "atransferstart", uri_of("carol")).ok,
	      "atransferstart");
	event(t.bob, "CALL_ESTABLISHED ~ carol", WAIT);
	CHECK(ctrl(t.bob, "atransferexec", NULL).ok, "atransferexec");
	told(carol, "is being replaced");
	event(t.bob, "? ~ refer,referEnded ~ role=client code=200"
	      " outcome=accepted", WAIT);
}


TEST(pjsua_target, "pjsua joins another pjsua and bob, who is the target")
{
	carol = pjsua("carol", 4020, "");
	bob_and_alice("");
	pjsua_calls("alice", alice, uri_of("carol"));
	type("alice", "X");
	type("alice", "0");
	event(t.bob, "? ~ refer,replaced", WAIT);
	told(alice, "call transferred successfully");
	(void)seen("carol", "bob", "INVITE ~ Replaces:", WAIT);
}


TEST(pjsua_target_blind, "pjsua transfers another pjsua to bob")
{
	carol = pjsua("carol", 4020, "");
	alice = pjsua("alice", 4000, "");
	t.bob = sut_start("bob");
	pjsua_calls("alice", alice, uri_of("carol"));
	blind(bobs());
	event(t.bob, "CALL_ESTABLISHED", WAIT);
	told(alice, "call transferred successfully");
}
