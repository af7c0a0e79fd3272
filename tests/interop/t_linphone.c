/**
 * @file t_linphone.c  bob transfers a linphonec to another linphonec
 *
 * dave is called and referred, erin is the target; both answer by themselves.
 * In an attended transfer dave can be each of the three.
 */
#include <sys/stat.h>
#include "wire.h"
#include "harness.h"
#include "typed.h"


#define RC								\
	"[sip]\nsip_port=5060\nsip_tcp_port=0\nsip_tls_port=0\n"	\
	"bind_address=%s\nguess_hostname=0\ncontact=sip:%s@%s\n"	\
	"media_encryption=none\n"					\
	"[rtp]\naudio_rtp_port=%u\n"					\
	"[video]\nenabled=0\n"

/* It calls the network unreachable unless there is a way out of it */
static void reachable(void)
{
	struct proc *p;

	p = proc_run("ip", "/bin/sh", "-c", "ip addr add 10.9.9.1/32 dev lo &&"
		     " ip route add default dev lo src 10.9.9.1", NULL);
	p->may_end = true;
	CHECK(proc_wait(p, WAIT) && p->status == 0, "%s", proc_log(p));
}


static void mkdirs(const char *dir)
{
	static const char *const v[] = {
		"", "/.local", "/.local/share", "/.local/share/linphone",
		"/.config", "/.config/linphone",
	};
	size_t i;

	for (i=0; i<ARRAY_SIZE(v); i++)
		(void)mkdir(F("%s%s", dir, v[i]), 0700);
}


static struct proc *linphone(const char *name, unsigned rtp)
{
	const char *dir = F("%s/%s", test_dir(), name);
	const char *ip = net_addr(name, false);
	struct proc *p;
	struct sa addr;

	mkdirs(dir);
	spew(F("%s/rc", dir), F(RC, ip, name, ip, rtp));

	(void)sa_set_str(&addr, ip, SIP_PORT);
	ladder_name(&addr, name);

	p = typed_run(name, "linphonec -a -d 6 -c rc");
	CHECK(proc_log_wait(p, "Creating listening point", WAIT_START),
	      "%s does not listen", name);

	return p;
}


/* bob calls dave */
static struct sut *scene_linphone(void)
{
	struct sut *bob;

	reachable();
	bob = sut_start("bob");
	(void)linphone("dave", 7100);

	CHECK(ctrl(bob, "dial", "sip:dave@127.0.0.4").ok, "dial");
	event(bob, "CALL_ESTABLISHED", WAIT_START);

	return bob;
}


TEST(linphone_transfer, "linphonec is transferred to another linphonec",
     .secs = 20, .limit = 120)
{
	struct sut *bob = scene_linphone();
	struct proc *erin = linphone("erin", 7200);
	struct msg *ack, *req;

	CHECK(ctrl(bob, "transfer", "sip:erin@127.0.0.5").ok, "transfer");
	(void)seen("bob", "dave", "INVITE ~ a=sendonly", WAIT);
	ack = seen("bob", "dave", "ACK", WAIT);
	req = seen("bob", "dave", "REFER", WAIT);
	CHECK(ack->time <= req->time, "REFER came before the ACK");

	event(bob, "? ~ refer,referRequestAccepted,id=1", WAIT_START);
	(void)seen("dave", "erin", "INVITE", WAIT_START);
	event(bob, "? ~ refer,referEnded,id=1 role=client code=200"
	      " outcome=accepted", WAIT_START);
	(void)seen("bob", "dave", "BYE", WAIT);
	event(bob, "CALL_CLOSED", WAIT);
	CHECK(proc_log_wait(erin, "connected", WAIT), "erin is in no call");
}


/* Its final answer to a re-INVITE */
static uint16_t answered(const struct msg *inv)
{
	struct msg *m;

	do {
		m = seen("dave", "bob", F("xxx INVITE ~ CSeq: %u INVITE",
					  inv->sip->cseq.num), WAIT);
	} while (scode(m) < 200);

	return scode(m);
}


TEST(linphone_busy, "linphonec is transferred to a busy target, and resumed",
     .secs = 40, .limit = 120)
{
	struct sut *bob = scene_linphone();
	struct peer *carol = peer_new("carol");
	struct msg *inv;
	uint16_t code;

	(void)seen("bob", "dave", "INVITE ~ a=sendrecv", WAIT);
	CHECK(ctrl(bob, "transfer", carol->uri).ok, "transfer");
	(void)seen("bob", "dave", "INVITE ~ a=sendonly", WAIT);
	peer_reply(carol, expect(carol, "INVITE", WAIT_START), 486,
		   "Busy Here", NULL);
	event(bob, "? ~ refer,referEnded,id=1 role=client code=486"
	      " outcome=rejected", WAIT_START);

	/* it un-holds, too: one of both is told 491, and tries again */
	do {
		inv = seen("bob", "dave", "INVITE ~ a=sendrecv", WAIT);
		code = answered(inv);
	} while (code == 491);

	EQ_INT(200, code);
	EQ_INT(0, event_count(bob, "CALL_CLOSED"));
}


TEST(linphone_attended, "bob joins two linphonecs: attended transfer",
     .secs = 20, .limit = 120)
{
	struct sut *bob = scene_linphone();
	struct msg *inv;

	(void)linphone("erin", 7200);
	CHECK(ctrl(bob, "dial", "sip:erin@127.0.0.5").ok, "dial");
	event(bob, "CALL_ESTABLISHED ~ erin", WAIT_START);

	CHECK(ctrl(bob, "atransfer", "1 2").ok, "atransfer");
	inv = seen("dave", "erin", "INVITE ~ Replaces: ", WAIT_START);
	EQ_INT(1, hdr_count(inv, "Referred-By"));
	(void)seen("erin", "bob", "BYE", WAIT_START);
	(void)seen("erin", "dave", "200 INVITE", WAIT_START);
	event(bob, "? ~ refer,referEnded,id=1 role=client code=200"
	      " outcome=accepted", WAIT_START);
	(void)seen("bob", "dave", "BYE", WAIT);
	EQ_INT(0, seen_count("erin", "dave", "BYE"));
}


TEST(linphone_transferor, "A linphonec joins bob and carol: attended transfer",
     .secs = 20, .limit = 120)
{
	struct sut *bob, *carol;
	struct msg *ok, *bye;

	reachable();
	bob   = sut_start("bob");
	carol = sut_start("carol");
	(void)linphone("dave", 7100);

	CHECK(ctrl(bob, "dial", "sip:dave@127.0.0.4").ok, "dial");
	event(bob, "CALL_ESTABLISHED", WAIT_START);
	CHECK(ctrl(carol, "dial", "sip:dave@127.0.0.4").ok, "dial");
	event(carol, "CALL_RINGING", WAIT_START);
	type("dave", "answer 2");
	event(carol, "CALL_ESTABLISHED", WAIT_START);

	/* it transfers no call that it is about to put on hold */
	(void)seen("dave", "bob", "INVITE", WAIT_START);
	(void)seen("dave", "bob", "ACK", WAIT_START);
	type("dave", "transfer 1 --to-call 2");
	(void)seen("dave", "bob", "REFER ~ Replaces=", WAIT_START);
	(void)seen("bob", "carol", "INVITE ~ Replaces: ", WAIT_START);
	ok  = seen("carol", "bob", "200 INVITE", WAIT_START);
	event(carol, "? ~ refer,replaced,id=1 role=target code=200",
	      WAIT_START);
	bye = seen("carol", "dave", "BYE", WAIT);
	CHECK(ok->time <= bye->time, "200 precedes BYE");
	event(bob, "? ~ refer,referEnded,id=1 role=server code=200", WAIT);
	EQ_INT(0, seen_count("bob", "carol", "BYE"));
}
