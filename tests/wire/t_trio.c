/**
 * @file t_trio.c  Three baresips: each role, over each kind of network
 *
 * alice and bob have a call, and bob and carol. bob is the referrer, alice the
 * referee, carol the target. Their media are real.
 */
#include "wire.h"
#include "scene.h"

/* 1.x has no other rate in ausine */
#define AUDIO "module ausine.so\naudio_source ausine,440\n"		\
	"ausrc_srate 48000\nausrc_channels 2\n"

/** Three baresips with the module */
struct trio {
	struct sut *alice;
	struct sut *bob;
	struct sut *carol;
};


static void dial(struct sut *from, struct sut *to)
{
	(void)ctrl(from, "dial", to->uri);
	event(from, F("CALL_ESTABLISHED ~ sip:%s", to->name), WAIT);
	event(to, F("CALL_ESTABLISHED ~ sip:%s", from->name), WAIT);
}


/* bob has a call with each */
static void trio_start(const struct trio *s, bool alice_calls,
		       bool carol_calls)
{
	if (alice_calls)
		dial(s->alice, s->bob);
	else
		dial(s->bob, s->alice);
	if (carol_calls)
		dial(s->carol, s->bob);
	else
		dial(s->bob, s->carol);

	CHECK(ctrl(s->bob, "atransfer", "1 2").ok, "atransfer");
}


/* alice and carol end up with one another */
static void trio_joined(bool alice_calls, bool carol_calls)
{
	struct trio s = {
		sut_start("alice"), sut_start("bob"), sut_start("carol"),
	};
	struct msg *inv, *ok, *bye;

	trio_start(&s, alice_calls, carol_calls);
	inv = seen("alice", "carol", "INVITE ~ Replaces: ", WAIT);
	EQ_INT(1, hdr_count(inv, "Referred-By"));
	ok  = seen("carol", "alice", "200 INVITE", WAIT);
	bye = seen("carol", "bob", "BYE", WAIT);
	CHECK(ok->time <= bye->time, "200 precedes BYE");
	seen("alice", "bob", "NOTIFY ~ SIP/2.0 200", WAIT);
	seen("bob", "alice", "BYE", WAIT);

	event(s.alice, "? ~ refer,referEnded,id=1 role=server code=200",
	      WAIT);
	event(s.bob, "? ~ refer,referEnded,id=1 role=client code=200", WAIT);
	event(s.carol, "? ~ refer,replaced,id=1 role=target code=200", WAIT);
	event(s.alice, "CALL_ESTABLISHED ~ sip:carol", WAIT);
	event(s.carol, F("CALL_ESTABLISHED ~ %s", s.alice->uri), WAIT);
	EQ_INT(0, seen_count("alice", "carol", "BYE"));
	EQ_INT(0, seen_count("carol", "alice", "BYE"));
	EQ_STR("refer: no transfers\n",
	       ctrl(s.carol, "referlist", NULL).data);
	ROW("peer.trio");
}


TEST(trio_in_in, "Three baresips, attended: both have called bob")
{
	trio_joined(true, true);
}


TEST(trio_in_out, "Three baresips, attended: bob has called carol")
{
	trio_joined(true, false);
}


TEST(trio_out_in, "Three baresips, attended: bob has called alice")
{
	trio_joined(false, true);
}


TEST(trio_out_out, "Three baresips, attended: bob has called both")
{
	trio_joined(false, false);
}


/* One without the module: the two still end up with one another */
static void trio_stock(const struct trio *s)
{
	trio_start(s, true, true);
	event(s->bob, "? ~ refer,referEnded,id=1 role=client code=200", WAIT);
	event(s->alice, "CALL_ESTABLISHED ~ sip:carol", WAIT);
	event(s->carol, F("CALL_ESTABLISHED ~ %s", s->alice->uri), WAIT);
	seen("bob", "alice", "BYE", WAIT);

	/* one that knows no Replaces lets bob end the other call */
	if (host_major() < 3)
		seen("bob", "carol", "BYE", WAIT);
	else
		seen("carol", "bob", "BYE", WAIT);
	event(s->carol, "CALL_CLOSED ~ sip:bob", WAIT);
	EQ_INT(0, seen_count("alice", "carol", "BYE"));
	EQ_INT(0, seen_count("carol", "alice", "BYE"));
	ROW("peer.trio-stock");
}


TEST(trio_stock_transferee, "Attended, alice is a stock baresip", .secs = 8)
{
	const struct trio s = {
		sut_start("alice", .no_module = true), sut_start("bob"),
		sut_start("carol"),
	};

	trio_stock(&s);
}


TEST(trio_stock_target, "Attended, carol is a stock baresip", .secs = 8)
{
	const struct trio s = {
		sut_start("alice"), sut_start("bob"),
		sut_start("carol", .no_module = true),
	};

	trio_stock(&s);
}


/* Both hear the other */
static void talk(struct sut *a, struct sut *b, const char *media)
{
	event(a, F("CALL_ESTABLISHED ~ sip:%s", b->name), WAIT);
	event(b, F("CALL_ESTABLISHED ~ sip:%s", a->name), WAIT);
	event(a, F("%s ~ sip:%s", media, b->name), WAIT);
	event(b, F("%s ~ sip:%s", media, a->name), WAIT);
}


static void joined(const struct trio *s, unsigned id, const char *media)
{
	talk(s->alice, s->carol, media);
	event(s->alice, F("? ~ refer,referEnded,id=%u role=server code=200",
			  id), WAIT);
	event(s->bob, F("? ~ refer,referEnded,id=%u role=client code=200",
			id), WAIT);
}


static void hang_up(const struct trio *s)
{
	CHECK(ctrl(s->alice, "hangup", NULL).ok, "hangup");
	event(s->carol, F("CALL_CLOSED ~ sip:%s", s->alice->name), WAIT);
}


/* bob transfers alice to carol, blind and then attended */
static void transfers(const struct trio *s, const char *media)
{
	dial(s->alice, s->bob);
	CHECK(ctrl(s->bob, "transfer", s->carol->uri).ok, "transfer");
	joined(s, 1, media);
	hang_up(s);

	trio_start(s, true, false);
	joined(s, 2, media);
	event(s->carol, "? ~ refer,replaced,id=1 role=target code=200", WAIT);
	event(s->carol, "CALL_CLOSED ~ sip:bob", WAIT);
	hang_up(s);
	ROW("peer.trio-media");
}


static struct sut *start(const struct sut_opts *o, const char *name)
{
	struct sut_opts named = *o;

	named.name = name;

	return sut_start_at(HERE, &named);
}


/* The name of the referee is alice unless it is given */
static void each_role(const struct sut_opts *o, const char *media)
{
	const struct trio s = {
		start(o, o->name ? o->name : "alice"), start(o, "bob"),
		start(o, "carol"),
	};

	transfers(&s, media);
}

#define EACH_ROLE(media, ...)						\
	each_role(&(const struct sut_opts){__VA_ARGS__}, media)


TEST(trio_srtp, "Three baresips, blind and attended: TLS and SRTP")
{
	net_use("tls");
	EACH_ROLE("CALL_MENC", .config = AUDIO "module srtp.so\n",
		  .account = ";mediaenc=srtp-mand");
}


TEST(trio_dtls, "Three baresips, blind and attended: TLS and DTLS-SRTP")
{
	net_use("tls");
	EACH_ROLE("CALL_MENC", .config = AUDIO "module dtls_srtp.so\n",
		  .account = ";mediaenc=dtls_srtp");
}


/* 127.0.0.1 is no candidate in 1.x, nor is any 127.x in 3.x and 4.x. 1.x has
   one for each address of the namespace, more than it reads from UDP. The
   checks of so many pairs do not end in time under valgrind or ASan */
TEST(trio_ice, "Three baresips, blind and attended: ICE")
{
	const bool ip6 = host_major() >= 3;

	net_use(ip6 ? "tcp6" : "tcp");
	EACH_ROLE("CALL_RTPESTAB", .name = "dave", .account = ";medianat=ice",
		  .memcheck = MEMCHECK_NONE,
		  .config = ip6 ? AUDIO "module ice.so\nnet_af ipv6\n"
		  : AUDIO "module ice.so\n");
}


TEST(trio_ip6, "Three baresips, blind and attended: IPv6 only")
{
	net_use("tcp6");
	EACH_ROLE("CALL_RTPESTAB", .config = AUDIO "net_af ipv6\n");
}


/* kamailio has their connections: each reaches the other through it only.
   libre quits after 32 s when it has answered an INVITE over one */
TEST(trio_ws, "Three baresips, blind and attended: SIP over WebSocket",
     .secs = 33, .limit = 120,
     .na1 = "1.0 has no WebSocket; 1.1 was not tried")
{
	static const char *const namev[] = {"alice", "bob", "carol"};
	const char *proxy = net_addr("proxy", false);
	const struct sut_opts o = {
		.config = AUDIO, .registers = true,
		.outbound = F("sip:%s:80;transport=ws", proxy),
	};
	struct sut *v[ARRAY_SIZE(namev)];
	size_t i;

	(void)proxy_start_as("ws.cfg");
	for (i=0; i<ARRAY_SIZE(v); ++i) {
		v[i] = start(&o, namev[i]);
		event(v[i], "REGISTER_OK", WAIT);
		v[i]->uri = (char *)F("sip:%s@%s", namev[i], proxy);
	}
	transfers(&(const struct trio){v[0], v[1], v[2]}, "CALL_RTPESTAB");
}
