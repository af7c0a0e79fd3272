/**
 * @file t_transport.c  The straight paths over TCP, TLS, IPv6, and a proxy
 */
#include <string.h>
#include "wire.h"
#include "scene.h"


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


static void referrer(void)
{
	struct msg *req;

	req = transfer(t.carol->uri);
	EQ_STR(F("<%s>", t.carol->uri), hdr(req, "Refer-To"));
	EQ_STR(t.alice->uri, ruri(req));
	peer_reply(t.alice, req, 202, "Accepted", NULL);

	notify_status(t.call, req, "terminated;reason=noresource",
		      "SIP/2.0 200 OK");
	expect(t.alice, "200 NOTIFY", WAIT);
	peer_reply(t.alice, expect(t.alice, "BYE", WAIT), 200, "OK", NULL);
	event(t.bob, "? ~ refer,referEnded ~ role=client code=200", WAIT);
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
