/**
 * @file t_self.c  Tests of the wire harness itself
 *
 * Shows that it sees what it must see: faults of a module (tests/faulty.c,
 * which faults on purpose), messages in the wrong order, late ones, crashes.
 * No refer.so is needed here.
 */
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "wire.h"
#include "harness.h"


static void start(const char *dir, const char *fault, enum memcheck tool)
{
	char *const env[] = {(char *)F("FAULT=%s", fault), NULL};

	(void)sut_start("bob", .env = env, .memcheck = tool,
			.module = built(F("%s/refer.so", dir)));
}


static void faulty(const char *dir, const char *fault)
{
	start(dir, fault, MEMCHECK_VALGRIND);
}


static void faulty_asan(const char *fault)
{
	start("faulty-asan", fault, MEMCHECK_ASAN);
}


TEST(self_clean, "Harness: a module without a fault passes")
{
	faulty("faulty", "none");
}


TEST(self_leak, "Harness: sees a leak of the module",
     .fails = "1 blocks are definitely lost")
{
	faulty("faulty", "leak");
}


TEST(self_leak_src, "Harness: sees it with debug information too",
     .fails = "1 blocks are definitely lost")
{
	faulty("faulty-g", "leak");
}


TEST(self_reachable, "Harness: sees memory that is reachable at exit",
     .fails = "78 bytes in 1 blocks are still reachable")
{
	faulty("faulty", "reachable");
}


TEST(self_overrun, "Harness: sees a write behind a block",
     .fails = "Invalid write of size 1")
{
	faulty("faulty", "overrun");
}


TEST(self_asan_clean, "Harness: with ASan, a module without a fault passes")
{
	faulty_asan("none");
}


TEST(self_asan_leak, "Harness: with ASan, sees a leak of the module",
     .fails = "1 object(s) allocated from")
{
	faulty_asan("leak");
}


TEST(self_asan_overrun, "Harness: with ASan, sees a write behind a block",
     .fails = "heap-buffer-overflow")
{
	faulty_asan("overrun");
}


TEST(self_ubsan, "Harness: with UBSan, sees a shift too far",
     .fails = "runtime error: shift exponent 32")
{
	faulty_asan("shift");
}


TEST(self_crash, "Harness: sees a crash", .fails = "crashed: signal 6")
{
	faulty("faulty", "crash");
}


TEST(self_no_module, "Harness: a missing module is a failure",
     .fails = "no such module")
{
	(void)sut_start("bob", .module = "/nonexistent/refer.so");
}


TEST(self_bad_module, "Harness: a refer.so that does not load is a failure",
     .fails = "cannot load refer.so")
{
	/* no module of baresip at all */
	(void)sut_start("bob", .memcheck = MEMCHECK_NONE,
			.module = "/usr/lib/x86_64-linux-gnu/libc.so.6");
}


TEST(self_limit, "Harness: a test that takes too long ends itself",
     .limit = 1, .fails = "time limit")
{
	wait_ms(10000);
}


TEST(self_order, "Harness: the wrong message is a failure",
     .fails = "alice expects 'NOTIFY', got 200 OK (12 BYE)")
{
	struct sut *bob = sut_start("bob", .no_module = true);
	struct peer *alice = peer_new("alice");
	struct dlg *d = call_in(alice, bob);

	(void)dlg_request(d, "BYE", NULL);
	expect(alice, "NOTIFY", WAIT);
}


TEST(self_silence, "Harness: no message is a failure",
     .fails = "got nothing within 100 ms")
{
	expect(peer_new("alice"), "NOTIFY", 100);
}


TEST(self_orphans, "Harness: no process outlives the test")
{
	struct proc *p = proc_run("sh", "sh", "-c", "setsid sleep 987 &"
				  " echo $!");
	pid_t pid;

	CHECK(proc_wait(p, WAIT));
	pid = atoi(proc_log(p));
	EQ_INT(0, kill(pid, 0));
	procs_kill();
	EQ_INT(-1, kill(pid, 0));
}


TEST(self_match, "Harness: patterns match what they should")
{
	const char *raw =
		"SIP/2.0 202 Accepted\r\n"
		"Via: SIP/2.0/UDP 127.0.0.1;branch=z9hG4bKx\r\n"
		"From: <sip:a@b;tag=no>;tag=f\r\n"
		"To: <sip:c@d>;tag=t\r\n"
		"Call-ID: x\r\nCSeq: 2 REFER\r\n"
		"Refer-Sub: false\r\nRefer-Sub: true\r\n\r\nbody";
	struct sa sa;
	struct msg *m;

	(void)sa_set_str(&sa, "127.0.0.1", 5060);
	m = msg_new(raw, strlen(raw), &sa, &sa, SIP_TRANSP_UDP);

	CHECK(msg_match(m, "202"));
	CHECK(msg_match(m, "2xx"));
	CHECK(msg_match(m, "xxx REFER"));
	CHECK(msg_match(m, "* ~ Refer-Sub: false ~ Refer-Sub: true"));
	CHECK(!msg_match(m, "202 NOTIFY"));
	CHECK(!msg_match(m, "20"));
	CHECK(!msg_match(m, "3xx"));
	CHECK(!msg_match(m, "REFER"));
	CHECK(!msg_match(m, "202 ~ nothing"));
	EQ_STR("false", hdr(m, "refer-sub"));
	EQ_STR("true", hdr_n(m, "Refer-Sub", 1));
	EQ_INT(2, hdr_count(m, "Refer-Sub"));
	EQ_STR("f", hdr_param(m, "From", "tag"));
	EQ_STR(NULL, hdr(m, "Contact"));
	EQ_STR("body", body(m));
}


TEST(self_resend, "Harness: retransmissions are told apart")
{
	struct sut *bob = sut_start("bob", .no_module = true);
	struct peer *alice = peer_new("alice");
	struct dlg *d = call_in(alice, bob);
	struct msg *req, *m;

	req = dlg_request(d, "INFO", NULL);
	m = expect(alice, "xxx INFO", WAIT);
	(void)peer_resend(alice, req);
	wait_ms(100);
	expect_none(alice, "* INFO", 0);
	EQ_INT(2, m->copies);
	EQ_INT(1, seen_count("alice", "bob", "INFO"));
	EQ_INT(1, seen_count("bob", "alice", "xxx INFO"));
}


/* A call each way; the peer sends the first BYE and the baresip the second */
static void calls(const char *transp)
{
	struct sut *bob;
	struct peer *alice;
	struct dlg *d;

	net_use(transp);
	bob   = sut_start("bob", .no_module = true);
	alice = peer_new("alice");

	d = call_in(alice, bob);
	hangup(d);
	event(bob, "CALL_CLOSED", WAIT);

	d = call_out(bob, alice);
	CHECK(ctrl(bob, "hangup", NULL).ok);
	peer_reply(alice, expect(alice, "BYE", WAIT), 200, "OK", NULL);
	event(bob, F("CALL_CLOSED ~ %s", d->callid), WAIT);

	if (strncmp(transp, "tls", 3)) {
		seen("bob", "alice", "200 BYE", WAIT);
		seen("alice", "bob", "200 BYE", WAIT);
	}
}


TEST(self_udp, "Harness: calls over UDP")
{
	calls("udp");
}


TEST(self_tcp, "Harness: calls over TCP")
{
	calls("tcp");
}


TEST(self_tls, "Harness: calls over TLS")
{
	calls("tls");
}


TEST(self_udp6, "Harness: calls over UDP and IPv6")
{
	calls("udp6");
}


TEST(self_tcp6, "Harness: calls over TCP and IPv6")
{
	calls("tcp6");
}


TEST(self_tls6, "Harness: calls over TLS and IPv6")
{
	calls("tls6");
}


TEST(self_addresses, "Harness: each address can be bound to at once")
{
	int i;

	for (i=0; i<20; i++) {

		struct udp_sock *us = NULL;
		struct sa laddr;

		EQ_INT(0, netns_enter());
		EQ_INT(0, sa_set_str(&laddr, net_addr(F("host%d", i), true),
				     5060));
		EQ_INT(0, udp_listen(&us, &laddr, NULL, NULL));
		mem_deref(us);
	}
}


TEST(self_no_menu, "Harness: a baresip without the menu")
{
	struct sut *bob = sut_start("bob", .no_module = true,
				    .no_menu = true);

	hangup(call_in(peer_new("alice"), bob));
	CHECK(!ctrl(bob, "dial", "sip:x@127.0.0.1").ok);
}


TEST(self_quit_call, "Harness: quits with calls up")
{
	struct sut *bob = sut_start("bob", .no_module = true);
	struct peer *alice = peer_new("alice");

	(void)call_in(alice, bob);
	ctrl(bob, "dial", alice->uri);
	peer_reply(alice, expect_any(alice, "INVITE", WAIT), 180, "Ringing",
		   NULL);
	sut_quit(bob);
	seen("bob", "alice", "BYE", WAIT);
}


TEST(self_sipp, "Harness: sipp calls and is called")
{
	struct sut *bob = sut_start("bob", .no_module = true);
	struct proc *p;

	p = sipp_start("alice", "uac.xml", "-m", "1", "-s", "bob",
		       "127.0.0.2:5060");
	sipp_wait(p, WAIT);

	p = sipp_start("carol", "uas.xml", "-m", "1");
	CHECK(ctrl(bob, "dial", "sip:carol@127.0.0.3").ok);
	event(bob, "CALL_CLOSED ~ carol", WAIT);
	sipp_wait(p, WAIT);
}


/* Both calls go through the proxy, all of their requests do */
static void routed(const char *transp)
{
	const char *proxy;
	struct sut *bob;
	struct peer *alice;
	struct dlg *d;

	net_use(transp);
	proxy = proxy_start();
	bob   = sut_start("bob", .no_module = true, .outbound = proxy);
	alice = peer_new("alice");

	d = call_in_via(alice, bob, proxy);
	HAS(seen("proxy", "alice", "200 INVITE", WAIT), "Record-Route: ");
	hangup(d);
	seen("proxy", "bob", "BYE", WAIT);

	d = call_out(bob, alice);
	hangup(d);
	seen("proxy", "bob", F("BYE ~ %s", d->callid), WAIT);
	EQ_INT(0, seen_count("alice", "bob", "*"));
	EQ_INT(0, seen_count("bob", "alice", "*"));
}


TEST(self_proxy, "Harness: calls through a Record-Routing proxy")
{
	routed("udp");
}


TEST(self_proxy_tcp, "Harness: calls through a proxy over TCP")
{
	routed("tcp");
}


TEST(self_proxy6, "Harness: calls through a proxy over IPv6")
{
	routed("udp6");
}
