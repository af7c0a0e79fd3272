/**
 * @file t_silence.c  Those who never answer: name servers, and targets
 *
 * A name server is bound at 127.0.0.1:53, which each baresip under test asks,
 * and answers when the test says so. The host example.test is alice's.
 */
#include <poll.h>
#include <string.h>
#include <unistd.h>
#include "wire.h"
#include "harness.h"
#include "scene.h"

enum {
	DNS_MAX    = 512,
	DNS_HEADER = 12,
	TYPE_A     = 1,
	NO_ANSWER  = 32000,    /* 64 * T1 [ms] */
	MARGIN     = 4000,
	LATE       = 3000,
};

/** A question, and who has asked it */
struct query {
	uint8_t buf[DNS_MAX];
	ssize_t len;
	struct sa src;
};

static int dns;


/* Silent so far */
static void name_server(void)
{
	struct sa sa;

	dns = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	(void)sa_set_str(&sa, "127.0.0.1", 53);
	if (dns < 0 || bind(dns, &sa.u.sa, sa.len))
		SETUP("no name server: %s", strerror(errno));
}


static bool read_query(struct query *q)
{
	q->src.len = sizeof(q->src.u);
	q->len = recvfrom(dns, q->buf, sizeof(q->buf) - 16, 0, &q->src.u.sa,
			  &q->src.len);

	return q->len >= DNS_HEADER + 4;
}


/* Of this type; there is one of each */
static void await_query(struct query *q, uint8_t type)
{
	struct pollfd pfd = {.fd = dns, .events = POLLIN};

	do {
		CHECK(poll(&pfd, 1, WAIT) == 1, "no query");
	} while (!read_query(q) || q->buf[q->len - 3] != type);
}


/* alice's address */
static void answer_query(struct query *q)
{
	static const uint8_t rr[] = {0xc0, DNS_HEADER, 0, TYPE_A, 0, 1,
				     0, 0, 0, 60, 0, 4, 127, 0, 0, 1};

	q->buf[2] |= 0x80;     /* a response */
	q->buf[7]  = 1;        /* with one record */
	memcpy(q->buf + q->len, rr, sizeof(rr));
	CHECK(sendto(dns, q->buf, q->len + sizeof(rr), 0, &q->src.u.sa,
		     q->src.len) > 0, "answer");
}


static void query_handler(int flags, void *arg)
{
	struct query q;
	(void)flags;
	(void)arg;

	if (read_query(&q))
		answer_query(&q);
}


/* So that baresip can quit: stock waits for what it asks until it is
   answered, or for 72 s */
static void dns_polite(void)
{
	CHECK(!fd_listen(dns, FD_READ, query_handler, NULL), "listen");
}


static void players(const char *config)
{
	name_server();
	t.bob   = sut_start("bob", .config = config);
	t.alice = peer_new("alice");
	t.carol = peer_new("carol");
}


static void refersend(const char *peer)
{
	struct resp r = ctrl(t.bob, "refersend", F("%s carol@127.0.0.3",
						   peer));

	CHECK(r.ok, "%s", r.data);
}


TEST(silent_dns_refersend, "/refersend to a name that is never resolved ends",
     .secs = 36)
{
	struct query q;

	players("");
	refersend("sip:alice@example.test");
	await_query(&q, 35);
	event(t.bob, "? ~ refer,referEnded,id=1 role=client code=408"
	      " outcome=failed reason=Request Timeout", NO_ANSWER + MARGIN);
	EQ_STR("refer: no transfers\n", ctrl(t.bob, "referlist", NULL).data);
	ROW("refer.silence");
}


TEST(silent_dns_cancel, "What was given up is not sent when the name resolves")
{
	struct query q;

	players("");
	refersend("sip:alice@example.test:5060");
	await_query(&q, TYPE_A);
	CHECK(ctrl(t.bob, "refercancel", "1").ok, "cancel");
	event(t.bob, "? ~ refer,referEnded,id=1", WAIT);
	answer_query(&q);
	expect_none(t.alice, "REFER", 1000);

	/* the name server is fine */
	refersend("sip:alice@example.test:5060");
	await_query(&q, TYPE_A);
	answer_query(&q);
	peer_reply(t.alice, expect(t.alice, "REFER", 2 * WAIT), 603,
		   "Decline", NULL);
	event(t.bob, "? ~ refer,referEnded,id=2", WAIT);
	ROW("refer.silence");
}


/* alice's Contact is a name, her REFER out of a dialog */
static void refer_from_name(void)
{
	struct dlg *d;

	players("refer_out_of_dialog accept\n");
	d = dlg_new(t.alice, t.bob->uri);
	d->contact = "sip:alice@example.test";
	(void)dlg_request(d, "REFER", F("Refer-To: <%s>\r\n", t.carol->uri));
	expect(t.alice, "202 REFER", WAIT);
}


TEST(silent_dns_notify, "A NOTIFY whose name is never resolved is given up",
     .secs = 36)
{
	struct query q;

	refer_from_name();
	await_query(&q, 35);
	(void)answer(t.carol, expect(t.carol, "INVITE", WAIT));
	event(t.bob, "? ~ refer,referEnded,id=1 role=server code=200",
	      NO_ANSWER + MARGIN);
	ROW("refer.silence");
}


/* A NOTIFY waits for the name, and nothing else is under way */
static void notify_waits(void)
{
	struct query q;

	refer_from_name();
	await_query(&q, 35);
	peer_reply(t.carol, expect(t.carol, "INVITE", WAIT), 486, "Busy Here",
		   NULL);
	expect(t.carol, "ACK", WAIT);
}


static void check_quit(void)
{
	const uint64_t start = now_ms();

	sut_quit(t.bob);
	CHECK(now_ms() - start < MARGIN, "after %u ms",
	      (unsigned)(now_ms() - start));
}


TEST(silent_dns_quit, "A NOTIFY whose name is not resolved holds up no quit")
{
	notify_waits();
	check_quit();
	ROW("refer.silence");
}


TEST(silent_dns_rmmod, "Nor does it after /rmmod")
{
	notify_waits();
	(void)ctrl(t.bob, "rmmod", "refer");
	check_quit();
	ROW("refer.silence");
}


TEST(silent_dns_start, "A silent name server when baresip starts")
{
	struct query q;

	name_server();
	scene(.account = "\n<sip:spare@example.test:5060>;regint=60");
	await_query(&q, TYPE_A);
	(void)refer_carol("");
	(void)answer(t.carol, expect(t.carol, "INVITE", WAIT));
	event(t.bob, "? ~ refer,referEnded,id=1 role=server code=200", WAIT);
	hangup(t.call);

	answer_query(&q);
	expect_any(t.alice, "REGISTER", WAIT);
	dns_polite();
	ROW("refer.silence");
}


TEST(late_dns_target, "A target whose name is resolved late is called",
     .secs = 6)
{
	struct query q;

	name_server();
	scene();
	peer_auto(t.alice, "NOTIFY");
	(void)refer("<sip:dave@example.test:5060>", "");
	await_query(&q, TYPE_A);
	wait_ms(LATE);
	answer_query(&q);
	(void)answer(t.alice, expect_any(t.alice, "INVITE ~ dave@", WAIT));
	(void)seen("bob", "alice", "NOTIFY ~ SIP/2.0 200", WAIT);
	event(t.bob, "? ~ refer,referEnded,id=1 role=server code=200", WAIT);
	ROW("refer.silence");
}


TEST(late_dns_none, "No name server: a target ends after refer_ring_timeout",
     .secs = 6)
{
	scene(.config = "refer_ring_timeout 3\n");
	peer_auto(t.alice, "NOTIFY");
	(void)refer("<sip:dave@example.test:5060>", "");
	(void)seen("bob", "alice", "NOTIFY ~ SIP/2.0 408", WAIT);
	event(t.bob, "? ~ refer,referEnded,id=1 role=server code=408", WAIT);
	check_alive(t.call);
	name_server();
	dns_polite();
	ROW("refer.silence");
}


TEST(silent_target, "A target that never answers is reported as 408",
     .secs = 36)
{
	scene();
	(void)refer_carol("");
	(void)expect(t.carol, "INVITE", WAIT);
	(void)seen("bob", "alice", "NOTIFY ~ SIP/2.0 408 Request Timeout",
		   NO_ANSWER + MARGIN);
	event(t.bob, "? ~ refer,referEnded,id=1 role=server code=408", WAIT);
	ROW("refer.silence");
}
