/**
 * @file t_transport.c  The straight paths over TCP, TLS, IPv6, and a proxy
 */
#include <string.h>
#include <sys/socket.h>
#include "wire.h"
#include "scene.h"

enum {
	FD_MAX = 256,
};


static void referee(void)
{
	struct msg *req, *inv, *n;
	struct dlg *d;

	req = refer_carol("");
	n = expect(t.alice, "202 REFER", WAIT);
	HAS(n, F("\r\nContact: <sip:bob"));
	n = expect(t.alice, "NOTIFY", WAIT);
	check_notify(n, req, "active;expires=", "SIP/2.0 100 Trying");

	inv = expect(t.carol, "INVITE", WAIT);
	EQ_STR(t.carol->uri, ruri(inv));
	d = answer(t.carol, inv);
	n = expect(t.alice, "NOTIFY", WAIT);
	check_notify(n, req, "terminated;reason=noresource",
		     "SIP/2.0 200 OK");
	check_alive(d);
	hangup(d);
}


/* The REFER of bob has succeeded: alice tells him, and he hangs up */
static void succeeded(const struct msg *req)
{
	notify_status(t.call, req, "terminated;reason=noresource",
		      "SIP/2.0 200 OK");
	expect(t.alice, "200 NOTIFY", WAIT);
	peer_reply(t.alice, expect(t.alice, "BYE", WAIT), 200, "OK", NULL);
	event(t.bob, "? ~ refer,referEnded ~ role=client code=200", WAIT);
}


static void referrer(void)
{
	struct msg *req;

	req = transfer(t.carol->uri);
	EQ_STR(F("<%s>", t.carol->uri), hdr(req, "Refer-To"));
	EQ_STR(t.alice->uri, ruri(req));
	peer_reply(t.alice, req, 202, "Accepted", NULL);

	succeeded(req);
}


static void over(const char *transp)
{
	net_use(transp);
	scene();
	referee();
	referrer();
	ROW("peer.transport");
}


TEST(over_tcp, "Both straight paths over TCP")
{
	over("tcp");
}


TEST(over_tls, "Both straight paths over TLS")
{
	over("tls");
}


TEST(over_udp6, "Both straight paths over IPv6")
{
	over("udp6");
}


TEST(over_tcp6, "Both straight paths over TCP and IPv6")
{
	over("tcp6");
}


static struct dlg *call_through(const char *proxy)
{
	struct dlg *d = dlg_new(t.alice, t.bob->uri);

	dlg_route(d, proxy);
	(void)dlg_request(d, "INVITE", sdp(t.alice));
	(void)dlg_taken(d);
	event(t.bob, "CALL_ESTABLISHED", WAIT);
	peer_flush(t.alice);

	return d;
}


static bool is_sip(int fd)
{
	struct sa local = {.len = sizeof(local.u)};
	struct sa peer = {.len = sizeof(peer.u)};

	return !getsockname(fd, &local.u.sa, &local.len) &&
		!getpeername(fd, &peer.u.sa, &peer.len) &&
		sa_cmp(&local, &t.alice->addr, SA_ADDR) &&
		sa_cmp(&peer, &t.bob->addr, SA_ADDR) &&
		(sa_port(&local) == sa_port(&t.alice->addr) ||
		 sa_port(&peer) == sa_port(&t.bob->addr));
}


static bool is_closed(void *arg)
{
	int fd;
	(void)arg;

	for (fd=3; fd<FD_MAX; ++fd) {
		if (is_sip(fd))
			return false;
	}

	return true;
}


/* alice's connections end; she listens all the same */
static void close_connections(void)
{
	int fd, n = 0;

	for (fd=3; fd<FD_MAX; ++fd)
		n += is_sip(fd) && !shutdown(fd, SHUT_RDWR);

	CHECK(n > 0, "no connection");
	CHECK(wait_until(is_closed, NULL, WAIT), "not closed");
}


static void closed_over(const char *transp)
{
	struct resp r;

	net_use(transp);
	scene(.app = "handlers.so", .config = "refer_policy ask\n");
	peer_auto(t.alice, "NOTIFY");
	r = ctrl(t.bob, "appadd", "one wait");
	CHECK(r.ok, "%s", r.data);

	(void)refer_carol("");
	event(t.bob, "? ~ refer,referRequested,id=1", WAIT);
	close_connections();
	sut_log_wait(t.bob, "refer: #1 the connection of the referrer is"
		     " closed", WAIT);
	sut_log_wait(t.bob, "handlers: one: error of #1: Connection reset by"
		     " peer", WAIT);

	ROW("refer.connection");

	/* the answer goes to her Via; over TLS libre 4.x has no name for it */
	if (!strcmp(transp, "tls"))
		return;

	r = ctrl(t.bob, "referreject", "1");
	CHECK(r.ok, "%s", r.data);
	expect_any(t.alice, "480 REFER", WAIT);
}


TEST(over_tcp_closed, "The connection is closed before our answer: the"
     " application learns it, the answer goes to the Via")
{
	closed_over("tcp");
}


TEST(over_tls_closed, "The same over TLS")
{
	closed_over("tls");
}


TEST(over_tcp_answered, "Answered, a REFER needs its connection no longer")
{
	struct msg *inv;

	net_use("tcp");
	scene(.app = "handlers.so");
	(void)ctrl(t.bob, "appadd", "one wait");
	(void)refer_carol("");
	event(t.bob, "? ~ refer,referRequested,id=1", WAIT);
	CHECK(ctrl(t.bob, "referaccept", "1").ok, "accept");
	expect_any(t.alice, "202 REFER", WAIT);
	inv = expect(t.carol, "INVITE", WAIT);
	close_connections();
	(void)ctrl(t.bob, "referlist", NULL);
	(void)answer(t.carol, inv);
	expect_any(t.alice, "NOTIFY ~ SIP/2.0 200", WAIT);
	event(t.bob, "? ~ refer,referEnded,id=1 role=server code=200", WAIT);
	CHECK(!strstr(proc_log(t.bob->proc), "error of #1"), "an error");
	ROW("refer.connection");
}


TEST(over_tcp_absent, "Nobody takes the first NOTIFY: the last one is sent")
{
	struct peer *dave;
	struct msg *inv;

	net_use("tcp");
	scene();
	t.call->contact = F("sip:dave@%s;transport=tcp",
			    net_addr("dave", false));
	(void)refer_carol("");
	inv = expect(t.carol, "INVITE", WAIT);
	(void)ctrl(t.bob, "referlist", NULL);

	dave = peer_new("dave");
	peer_auto(dave, "NOTIFY");
	peer_reply(t.carol, inv, 486, "Busy Here", NULL);
	expect_any(dave, "NOTIFY ~ SIP/2.0 486", WAIT);
	event(t.bob, "? ~ refer,referEnded,id=1 role=server code=486", WAIT);
	ROW("R48");
}


TEST(over_tcp_reopened, "Nor is our REFER lost if the peer closes it before"
     " it answers")
{
	struct msg *req;

	net_use("tcp");
	scene();
	req = transfer(t.carol->uri);
	close_connections();
	peer_reply(t.alice, req, 202, "Accepted", NULL);
	succeeded(req);
	ROW("transfer.connection");
}


TEST(over_proxy, "Both straight paths through a Record-Routing proxy")
{
	const char *uri = proxy_start();
	struct msg *m;

	t.bob   = sut_start("bob");
	t.alice = peer_new("alice");
	t.carol = peer_new("carol");
	t.call  = call_through(uri);

	referee();

	m = seen("bob", "proxy", "NOTIFY ~ SIP/2.0 100", WAIT);
	EQ_STR(t.alice->uri, ruri(m));
	HAS(m, "\r\nRoute: <sip:127.0.0.");
	m = seen("bob", "proxy", "NOTIFY ~ SIP/2.0 200", WAIT);
	EQ_STR(t.alice->uri, ruri(m));
	EQ_INT(0, seen_count("bob", "alice", "NOTIFY"));

	referrer();

	m = seen("bob", "proxy", "REFER", WAIT);
	HAS(m, "\r\nRoute: <sip:127.0.0.");
	EQ_INT(0, seen_count("bob", "alice", "REFER"));
	ROW("R05 peer.proxy");
}
