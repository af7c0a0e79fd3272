/**
 * @file capture.c  Reads the packets of the test's network
 *
 * A packet socket on lo gives each packet twice, the outgoing copy is dropped.
 * UDP datagrams and TCP streams with SIP in them become messages of the
 * ladder; all else (RTP, ctrl_tcp, TLS) is passed over.
 */
#define _GNU_SOURCE 1
#include <errno.h>
#include <linux/if_packet.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <netinet/ip.h>
#include <netinet/ip6.h>
#include <netinet/tcp.h>
#include <netinet/udp.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "wire.h"
#include "harness.h"


enum {
	PACKET_MAX = 65536 + 64,
	RCVBUF = 16 * 1024 * 1024,
};

/** One direction of a TCP connection */
struct stream {
	struct le le;
	struct sa src;
	struct sa dst;
	struct mbuf *mb;      /**< Bytes of messages not complete yet */
	uint32_t seq;         /**< Next sequence number               */
	bool other;           /**< It does not carry SIP              */
};

static int fd = -1;
static struct list streaml;


static void add(const uint8_t *p, size_t len, const struct sa *src,
		const struct sa *dst, enum sip_transp tp, uint64_t time)
{
	struct msg *m = msg_new(p, len, src, dst, tp);

	m->time = time;
	ladder_msg(m);
}


static bool is_sip(const uint8_t *p, size_t len)
{
	const uint8_t *eol = memchr(p, '\r', len);

	return eol && memmem(p, (size_t)(eol - p), "SIP/2.0", 7);
}


static struct stream *stream_find(const struct sa *src, const struct sa *dst)
{
	struct stream *s;
	struct le *le;

	for (le = streaml.head; le; le = le->next) {

		s = le->data;
		if (sa_cmp(&s->src, src, SA_ALL) &&
		    sa_cmp(&s->dst, dst, SA_ALL))
			return s;
	}

	s = calloc(1, sizeof(*s));
	if (!s)
		abort();

	s->src = *src;
	s->dst = *dst;
	s->mb  = mbuf_alloc(2048);
	list_append(&streaml, &s->le, s);

	return s;
}


/* Take one complete message from the head of a stream */
static bool stream_take(struct stream *s, uint64_t time)
{
	struct mbuf *mb = s->mb;
	struct sip_msg *sip;
	size_t start, end;

	while (mbuf_get_left(mb) && strchr("\r\n", *mbuf_buf(mb)))
		++mb->pos;

	start = mb->pos;

	if (mbuf_get_left(mb) && !memchr("ABCDEFGHIJKLMNOPQRSTUVWXYZ",
					 *mbuf_buf(mb), 26))
		s->other = true;
	if (mbuf_get_left(mb) >= 5 && !memcmp(mbuf_buf(mb), "HTTP/", 5))
		s->other = true;

	if (s->other || sip_msg_decode(&sip, mb)) {
		mb->pos = start;
		return false;
	}

	end = mb->pos + pl_u32(&sip->clen);
	mem_deref(sip);

	if (end > mb->end) {
		mb->pos = start;
		return false;
	}

	add(mb->buf + start, end - start, &s->src, &s->dst, SIP_TRANSP_TCP,
	    time);
	mb->pos = end;

	return true;
}


static void tcp_packet(const uint8_t *p, size_t len, struct sa *src,
		       struct sa *dst, uint64_t time)
{
	struct tcphdr h;
	struct stream *s;
	uint32_t skip;
	size_t pos;

	if (len < sizeof(h))
		return;

	memcpy(&h, p, sizeof(h));
	sa_set_port(src, ntohs(h.source));
	sa_set_port(dst, ntohs(h.dest));
	pos = h.doff * 4u;

	s = stream_find(src, dst);

	if (h.syn) {
		s->seq = ntohl(h.seq) + 1;
		s->other = false;
		s->mb->pos = s->mb->end = 0;
		return;
	}

	/* lo loses and swaps nothing, but TCP may send a byte again */
	skip = s->seq - ntohl(h.seq);
	if (pos >= len || skip >= len - pos)
		return;

	p   += pos + skip;
	len -= pos + skip;
	s->seq += (uint32_t)len;

	if (s->other)
		return;

	pos = s->mb->pos;
	s->mb->pos = s->mb->end;
	(void)mbuf_write_mem(s->mb, p, len);
	s->mb->pos = pos;

	while (stream_take(s, time))
		;
}


static void udp_packet(const uint8_t *p, size_t len, struct sa *src,
		       struct sa *dst, uint64_t time)
{
	struct udphdr h;

	if (len < sizeof(h))
		return;

	memcpy(&h, p, sizeof(h));
	sa_set_port(src, ntohs(h.source));
	sa_set_port(dst, ntohs(h.dest));

	if (is_sip(p + sizeof(h), len - sizeof(h)))
		add(p + sizeof(h), len - sizeof(h), src, dst, SIP_TRANSP_UDP,
		    time);
}


static void ip_packet(const uint8_t *p, size_t len, uint64_t time)
{
	struct sa src, dst;
	uint8_t proto;
	size_t hlen;

	if (len >= sizeof(struct iphdr) && *p >> 4 == 4) {

		struct iphdr h;

		memcpy(&h, p, sizeof(h));
		sa_set_in(&src, ntohl(h.saddr), 0);
		sa_set_in(&dst, ntohl(h.daddr), 0);
		proto = h.protocol;
		hlen  = h.ihl * 4u;
		len   = MIN(len, ntohs(h.tot_len) ? ntohs(h.tot_len) : len);
	}
	else if (len >= sizeof(struct ip6_hdr) && *p >> 4 == 6) {

		struct ip6_hdr h;

		memcpy(&h, p, sizeof(h));
		sa_set_in6(&src, h.ip6_src.s6_addr, 0);
		sa_set_in6(&dst, h.ip6_dst.s6_addr, 0);
		proto = h.ip6_nxt;
		hlen  = sizeof(h);
	}
	else
		return;

	if (hlen > len)
		return;

	if (proto == IPPROTO_UDP)
		udp_packet(p + hlen, len - hlen, &src, &dst, time);
	else if (proto == IPPROTO_TCP)
		tcp_packet(p + hlen, len - hlen, &src, &dst, time);
}


static uint64_t packet_time(struct msghdr *mh)
{
	struct cmsghdr *c;
	struct timespec ts;

	for (c = CMSG_FIRSTHDR(mh); c; c = CMSG_NXTHDR(mh, c)) {

		if (c->cmsg_level == SOL_SOCKET &&
		    c->cmsg_type == SCM_TIMESTAMPNS) {
			memcpy(&ts, CMSG_DATA(c), sizeof(ts));
			return stamp_ms(&ts);
		}
	}

	return now_ms();
}


/**
 * Read the packets that have come since the last time
 */
void capture_read(void)
{
	static uint8_t buf[PACKET_MAX];
	char control[256];
	struct sockaddr_ll ll;

	for (;;) {
		struct iovec iov = {buf, sizeof(buf)};
		struct msghdr mh = {
			.msg_name = &ll, .msg_namelen = sizeof(ll),
			.msg_iov = &iov, .msg_iovlen = 1,
			.msg_control = control,
			.msg_controllen = sizeof(control),
		};
		const ssize_t n = recvmsg(fd, &mh, MSG_DONTWAIT);

		if (n < 0)
			break;

		if (ll.sll_pkttype != PACKET_OUTGOING)
			ip_packet(buf, (size_t)n, packet_time(&mh));
	}
}


static void read_handler(int flags, void *arg)
{
	(void)flags;
	(void)arg;

	capture_read();
}


/**
 * Start to capture
 *
 * @return 0 if success, otherwise errorcode
 */
int capture_start(void)
{
	struct sockaddr_ll ll = {
		.sll_family = AF_PACKET, .sll_protocol = htons(ETH_P_ALL),
		.sll_ifindex = (int)if_nametoindex("lo"),
	};
	const int on = 1, rcvbuf = RCVBUF;

	/* DGRAM: packets begin with their IP header */
	fd = socket(AF_PACKET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return errno;

	(void)setsockopt(fd, SOL_SOCKET, SO_TIMESTAMPNS, &on, sizeof(on));
	(void)setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &rcvbuf,
			 sizeof(rcvbuf));

	if (bind(fd, (struct sockaddr *)&ll, sizeof(ll)))
		return errno;

	return fd_listen(fd, FD_READ, read_handler, NULL);
}
