/**
 * @file flood.c  Floods: what does each message cost, and do others notice?
 *
 * 100,000 messages of a kind, as fast as they are answered, while somebody
 * else has a transfer each second, all of which must succeed. They come from
 * 65,536 addresses of 127.0.0.0/8, but for those in a dialog. The settings are
 * the defaults, so that what is tried is what protects a user.
 */
#define _GNU_SOURCE 1
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>
#include "bench.h"


enum {
	MESSAGES   = 100000,
	WINDOW     = 16,      /**< Under way at a time                      */
	LOST       = 500,     /**< None has come for so long: go on, ms     */
	TIME_MAX   = 600,     /**< Of a flood, s                            */
	EACH       = 1000,    /**< Between two transfers, ms                */
	GROWTH_MAX = 1024,    /**< KiB */
	PORT       = 5070,
	CODES      = 700,
	MSG_MAX    = 2048,
};

struct flood {
	const char *name;
	bool inside;          /**< In a dialog of the flooder's call        */
	bool base;            /**< Stock refuses it as well                 */
	const char *met;
	const char *hdrs;     /**< Header lines                             */
};

static const struct flood floodv[] = {
	{"REFER", false, true, "REFER",
	 "Refer-To: <sip:carol@127.0.0.1:5070>\r\n"},
	{"REFER, in a call", true, false, "REFER",
	 "Refer-To: <sip:carol@127.0.0.1:5070>\r\n"},
	{"NOTIFY", false, true, "NOTIFY",
	 "Event: refer;id=1\r\nSubscription-State: active;expires=60\r\n"
	 "Content-Type: message/sipfrag\r\n"},
	{"SUBSCRIBE", false, false, "SUBSCRIBE",
	 "Event: refer\r\nExpires: 60\r\n"},
	{"INVITE, Replaces", false, false, "INVITE",
	 "Replaces: a@127.0.0.1;to-tag=1;from-tag=2\r\n"},
};

/** A flood under way */
struct state {
	const struct flood *flood;
	struct run run;       /**< Its baresip, and transfers of others     */
	int fd;
	struct tmr tmr;       /**< The next transfer                        */
	struct sip_msg *dlg;  /**< Who floods a call: the 200 that made it  */
	uint32_t sent;
	uint32_t answered;    /**< Counted once, lost ones not at all       */
	uint32_t lost;
	uint32_t codev[CODES];
};


/* From an address that follows from the number */
static void put(struct state *s, uint32_t n, const char *text, size_t len)
{
	char control[CMSG_SPACE(sizeof(struct in_pktinfo))];
	struct in_pktinfo info;
	struct iovec iov = {(char *)text, len};
	struct msghdr mh = {
		.msg_name = &s->run.sut->addr.u, .msg_iov = &iov,
		.msg_namelen = s->run.sut->addr.len, .msg_iovlen = 1,
		.msg_control = control, .msg_controllen = sizeof(control),
	};
	struct cmsghdr *c;

	memset(control, 0, sizeof(control));
	memset(&info, 0, sizeof(info));
	info.ipi_spec_dst.s_addr = htonl(s->flood->inside ? 0x7f000001
					 : 0x7f100000 + (n & 0xffff));
	c = CMSG_FIRSTHDR(&mh);
	c->cmsg_level = IPPROTO_IP;
	c->cmsg_type  = IP_PKTINFO;
	c->cmsg_len   = CMSG_LEN(sizeof(info));
	memcpy(CMSG_DATA(c), &info, sizeof(info));

	if (sendmsg(s->fd, &mh, 0) < 0 && errno != EAGAIN)
		SETUP("cannot send: %s", strerror(errno));
}


/* The To-tag, and the Call-ID, of who floods a call */
static void send_message(struct state *s, const char *met, const char *hdrs,
			 uint32_t n)
{
	static const struct pl none = PL_INIT;
	const struct pl *tag = s->dlg ? &s->dlg->to.tag : &none;
	const bool invite = !strcmp(met, "INVITE") || !strcmp(met, "ACK");
	char buf[MSG_MAX];
	int len;

	len = re_snprintf(buf, sizeof(buf),
		"%s %s SIP/2.0\r\n"
		"Via: SIP/2.0/UDP 127.0.0.1:%u;branch=z9hG4bK%08x%s;rport\r\n"
		"Max-Forwards: 70\r\n"
		"From: <sip:mallory@127.0.0.1:%u>;tag=%08x\r\n"
		"To: <%s>%s%r\r\n"
		"Call-ID: flood-%08x\r\n"
		"CSeq: %u %s\r\n"
		"Contact: <sip:mallory@127.0.0.1:%u>\r\n"
		"%s%s",
		met, s->run.sut->uri, PORT, n, met, PORT,
		s->flood->inside ? 0 : n, s->run.sut->uri,
		s->dlg ? ";tag=" : "", tag, s->flood->inside ? 0 : n, n + 1,
		met, PORT, hdrs, invite ? body_sdp : body_none);

	put(s, n, buf, (size_t)len);
}


static void flood_pump(struct state *s)
{
	while (s->sent < MESSAGES * bench.times &&
	       s->sent - s->answered - s->lost < WINDOW)
		send_message(s, s->flood->met, s->flood->hdrs, ++s->sent);

	if (s->answered + s->lost >= MESSAGES * bench.times)
		wake();
}


/* Its call is answered: the flood begins */
static void answered(struct state *s, struct mbuf *mb)
{
	if (sip_msg_decode(&s->dlg, mb))
		FAIL("no SIP:\n%.*s", (int)mb->end, mb->buf);

	send_message(s, "ACK", "", 0);
	wake();
}


static void flood_recv(int flags, void *arg)
{
	struct state *s = arg;
	struct mbuf *mb = mbuf_alloc(MSG_MAX);
	ssize_t n;
	(void)flags;

	while ((n = recv(s->fd, mb->buf, mb->size, MSG_DONTWAIT)) > 0) {

		const unsigned code = n > 12 && !memcmp(mb->buf, "SIP/2.0 ", 8)
			? (unsigned)atoi((char *)mb->buf + 8) : 0;

		mb->pos = 0;
		mb->end = (size_t)n;

		/* what it is told or asked in turn it leaves unanswered */
		if (code < 200 || code >= CODES)
			continue;

		if (s->flood->inside && !s->dlg) {
			answered(s, mb);
			break;
		}

		++s->codev[code];
		if (s->answered < s->sent - s->lost)
			++s->answered;
	}

	mem_deref(mb);
	if (s->sent)
		flood_pump(s);
}


static void socket_open(struct state *s)
{
	const int on = 1;
	struct sa sa;

	(void)sa_set_str(&sa, "0.0.0.0", PORT);
	s->fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	if (s->fd < 0 || bind(s->fd, &sa.u.sa, sa.len) ||
	    setsockopt(s->fd, IPPROTO_IP, IP_PKTINFO, &on, sizeof(on)) ||
	    fd_listen(s->fd, FD_READ, flood_recv, s))
		SETUP("no socket: %s", strerror(errno));
}


static void transfer_handler(void *arg)
{
	struct state *s = arg;
	struct run *r = &s->run;
	struct item *it = &r->itemv[r->started];

	tmr_start(&s->tmr, EACH, transfer_handler, s);
	it->id  = r->started++;
	r->goal = r->started;
	r->load->start(r, it);
}


static bool dialog_cond(void *arg)
{
	return ((struct state *)arg)->dlg != NULL;
}


static bool over_cond(void *arg)
{
	const struct state *s = arg;

	return s->answered + s->lost >= MESSAGES * bench.times;
}


/* No answer for a while: those under way are lost */
static void await(struct state *s)
{
	uint32_t before;

	do {
		before = s->answered;
		if (wait_until(over_cond, s, LOST))
			break;

		if (s->answered == before) {
			s->lost = s->sent - s->answered;
			flood_pump(s);
		}
	} while (!over_cond(s));
}


static void print_codes(const struct state *s)
{
	unsigned i;

	for (i=0; i<CODES; i++) {
		if (s->codev[i])
			(void)printf(" %u x %u", s->codev[i], i);
	}
}


/* Returns what a message has cost, in us */
static double flood_run(const struct flood *f, enum side side, bool *failed)
{
	struct state s;
	size_t before, after;
	uint64_t start;
	double cost, secs;

	memset(&s, 0, sizeof(s));
	s.flood = f;
	setup_limit(TIME_MAX * bench.times);
	run_start(&s.run, &load_flood, side, "carol");
	socket_open(&s);

	if (f->inside) {
		send_message(&s, "INVITE", "", 0);
		if (!wait_until(dialog_cond, &s, WAIT))
			FAIL("flood: the call is not answered");
	}

	transfer_handler(&s);
	run_finish(&s.run);
	before = meter_rss_trimmed(s.run.sut) / 1024;
	start  = now_ms();
	(void)run_cost(&s.run);
	flood_pump(&s);
	await(&s);
	cost = run_cost(&s.run) * bench.meter->scale /
		(MESSAGES * bench.times);
	secs = (double)(now_ms() - start) / 1000;
	tmr_cancel(&s.tmr);
	run_finish(&s.run);
	wait_ms(FORGET);
	after = meter_rss_trimmed(s.run.sut) / 1024;

	(void)printf("%-17s %-7s %8.1f us %7.1f s %6d KiB %4u transfers,"
		     " %u lost,", f->name, side == REFER ? "module" : "stock",
		     cost, secs, (int)(after - before), s.run.done, s.lost);
	print_codes(&s);
	(void)printf("\n");
	(void)fflush(stdout);

	*failed |= after > before + GROWTH_MAX;
	fd_close(s.fd);
	(void)close(s.fd);
	mem_deref(s.dlg);
	run_stop(&s.run);

	return cost;
}


/**
 * Flood baresips, with the module and without
 *
 * @return Exit status: 0 if memory is flat; a transfer that fails ends all
 */
int flood(void)
{
	bool failed = false;
	size_t i;

	(void)printf("flood: %u messages of a kind, a transfer a second\n",
		     MESSAGES * bench.times);

	for (i=0; i<ARRAY_SIZE(floodv); i++) {

		const struct flood *f = &floodv[i];
		const double cost = flood_run(f, REFER, &failed);
		bool base;

		if (f->base)
			(void)printf("%-17s ratio   %8.3f\n", f->name,
				     cost / flood_run(f, BASE, &base));
	}

	return failed;
}
