/**
 * @file fleet_traffic.c  Transfers in large numbers through a fleet
 *
 * A transfer is over when all its calls are. What fails, or was lost with its
 * bot, is kept in it; the caller judges.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include "wire.h"
#include "harness.h"
#include "fleet.h"
#include "fleet_traffic.h"


enum {
	RCVBUF  = 4 * 1024 * 1024,
};


static void call(struct traffic *l, struct xfer *it, enum leg leg,
		 const char *replaces)
{
	struct leg_state *st = &it->legv[leg];

	if (re_sdprintf(&st->callid, "%c%08x@load", "cop"[leg], it->id))
		abort();

	leg_request(l, it, leg, "INVITE", "Route: <%s;lr>\r\n%s%s",
		    l->fl->proxy_uri, replaces, body_sdp);
}


static void pump(void *arg)
{
	struct traffic *l = arg;

	while (l->started < l->total &&
	       l->started - l->done < l->window &&
	       pace_next(&l->pace, pump, l)) {

		struct xfer *it = &l->itemv[l->started++];

		it->begin = now_ms();
		call(l, it, CALL, "");
		if (it->kind == ATTENDED)
			call(l, it, OTHER, "");
	}
}


static void finish(struct traffic *l, struct xfer *it)
{
	unsigned i;

	if (it->done)
		return;

	for (i=0; i<LEGS; i++)
		leg_clear(&it->legv[i]);

	it->done = true;
	++l->done;
	l->last = now_ms();
	pump(l);
	wake();
}


/* Which legs it has, besides its first */
static bool has_leg(const struct xfer *it, enum leg leg)
{
	switch (leg) {

	case CALL:
		return true;

	case OTHER:
		return it->kind == ATTENDED;

	default:
		return it->kind == REPLACED ||
			(it->kind == BLIND && it->code < 300);
	}
}


static void over(struct traffic *l, struct xfer *it, enum leg leg)
{
	unsigned i;

	it->legv[leg].over = true;

	for (i=0; i<LEGS; i++) {
		if (has_leg(it, i) && !it->legv[i].over)
			return;
	}

	finish(l, it);
}


static void bye(struct traffic *l, struct xfer *it, enum leg leg)
{
	if (it->legv[leg].up)
		leg_request(l, it, leg, "BYE", "%s", body_none);
}


/* A call of it is refused: the rest of it is ended */
static void failed(struct traffic *l, struct xfer *it, enum leg leg,
		   const struct sip_msg *msg)
{
	unsigned i;

	it->failed = true;
	it->code   = msg->scode;

	for (i=0; i<LEGS; i++) {
		if (i != leg)
			bye(l, it, i);
	}

	finish(l, it);
}


static int print_replaces(struct re_printf *pf, const struct xfer *it)
{
	const enum leg leg = it->kind == ATTENDED ? OTHER : CALL;
	const struct leg_state *st = &it->legv[leg];
	const bool uri = leg == OTHER;

	return re_hprintf(pf, uri ? "?Replaces=%s%%3Bto-tag%%3D%s"
			  "%%3Bfrom-tag%%3D%c%08x"
			  : "Replaces: %s;to-tag=%s;from-tag=%c%08x\r\n",
			  st->callid, st->rtag, "cop"[leg], it->id);
}


/* All its calls are there: the transfer begins */
static void transfer(struct traffic *l, struct xfer *it)
{
	char buf[256];

	switch (it->kind) {

	case ATTENDED:
		leg_request(l, it, CALL, "REFER", "Refer-To: <%s%H>\r\n%s",
			    l->fl->uri, print_replaces, it, body_none);
		break;

	case REPLACED:
		(void)re_snprintf(buf, sizeof(buf), "%H", print_replaces, it);
		call(l, it, PHONE, buf);
		break;

	default:
		leg_request(l, it, CALL, "REFER", "Refer-To: <sip:p%08x@%s>"
			    "\r\n%s", it->id, l->local, body_none);
		break;
	}
}


static void answered(struct traffic *l, struct xfer *it, enum leg leg,
		     const struct sip_msg *msg)
{
	const bool again = it->legv[leg].up;

	if (!again)
		leg_confirm(l, it, leg, msg);

	leg_request(l, it, leg, "ACK", "%s", body_none);
	if (again)
		return;

	if (leg == CALL)
		it->took = now_ms() - it->begin;

	if (leg == PHONE) {
		it->code = msg->scode;
		it->told = true;
		bye(l, it, PHONE);
	}
	else if (it->kind != ATTENDED ||
		 (it->legv[CALL].up && it->legv[OTHER].up)) {
		transfer(l, it);
	}
}


static void recv_response(struct traffic *l, struct xfer *it, enum leg leg,
			  const struct sip_msg *msg)
{
	if (msg->scode < 200)
		return;

	if (!pl_strcmp(&msg->cseq.met, "BYE"))
		over(l, it, leg);
	else if (!pl_strcmp(&msg->cseq.met, "INVITE") && msg->scode < 300)
		answered(l, it, leg, msg);
	else if (msg->scode >= 300)
		failed(l, it, leg, msg);
}


/* The last NOTIFY has the outcome: the call is hung up */
static void recv_notify(struct traffic *l, struct xfer *it,
			const struct sip_msg *msg)
{
	const struct sip_hdr *h = sip_msg_hdr(msg,
					      SIP_HDR_SUBSCRIPTION_STATE);
	struct pl code = PL_INIT;

	leg_reply(l, it, CALL, msg, "200 OK", body_none);

	if (!h || re_regex(h->val.p, h->val.l, "terminated") || it->told)
		return;

	(void)re_regex((char *)mbuf_buf(msg->mb), mbuf_get_left(msg->mb),
		       "SIP/2.0 [0-9]+", &code);
	it->told = true;
	it->code = (uint16_t)pl_u32(&code);
	bye(l, it, CALL);
	if (it->kind == ATTENDED && it->code >= 300)
		bye(l, it, OTHER);
}


static void recv_request(struct traffic *l, struct xfer *it, enum leg leg,
			 const struct sip_msg *msg)
{
	if (!pl_strcmp(&msg->met, "NOTIFY")) {
		recv_notify(l, it, msg);
	}
	else if (!pl_strcmp(&msg->met, "BYE")) {
		leg_reply(l, it, leg, msg, "200 OK", body_none);
		over(l, it, leg);
	}
	else if (!pl_strcmp(&msg->met, "ACK")) {
		if (leg == PHONE && it->kind == BLIND)
			bye(l, it, leg);
	}
	else if (pl_strcmp(&msg->met, "INVITE")) {
		leg_reply(l, it, leg, msg, "405 Method Not Allowed",
			  body_none);
	}
	else if (it->kind == BUSY) {
		leg_reply(l, it, leg, msg, "486 Busy Here", body_none);
	}
	else {
		leg_confirm(l, it, leg, msg);
		leg_reply(l, it, leg, msg, "200 OK", body_sdp);
	}
}


/* What comes for one that is over is answered, so that the bot is done too */
static void late(struct traffic *l, struct xfer *it, enum leg leg,
		 const struct sip_msg *msg)
{
	if (msg->req && pl_strcmp(&msg->met, "ACK"))
		leg_reply(l, it, leg, msg, "200 OK", body_none);
}


static void message(const struct sip_msg *msg, void *arg)
{
	struct traffic *l = arg;
	struct xfer *it;
	enum leg leg;
	uint32_t id;

	if (!leg_decode(msg, &id, &leg) || id - l->base >= l->started)
		FAIL("not ours:\n%.*s", (int)msg->mb->end, msg->mb->buf);

	it = &l->itemv[id - l->base];
	if (it->done)
		late(l, it, leg, msg);
	else if (msg->req)
		recv_request(l, it, leg, msg);
	else
		recv_response(l, it, leg, msg);
}


static void recv_handler(int flags, void *arg)
{
	struct traffic *l = arg;
	(void)flags;

	msg_read(l->fd, message, l);
}


static void socket_open(struct traffic *l)
{
	const int rcvbuf = RCVBUF;
	struct sa sa, proxy;

	(void)sa_set_str(&sa, net_addr("alice", false), 0);
	(void)sa_set_str(&proxy, net_addr("proxy", false), SIP_PORT);
	l->fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	if (l->fd < 0 ||
	    setsockopt(l->fd, SOL_SOCKET, SO_RCVBUFFORCE, &rcvbuf,
		       sizeof(rcvbuf)) ||
	    bind(l->fd, &sa.u.sa, sa.len) ||
	    connect(l->fd, &proxy.u.sa, proxy.len) ||
	    getsockname(l->fd, &sa.u.sa, &sa.len) ||
	    fd_listen(l->fd, FD_READ, recv_handler, l))
		SETUP("no socket: %s", strerror(errno));

	ladder_name(&sa, "callers");
	(void)re_snprintf(l->local, sizeof(l->local), "%J", &sa);
}


/* The kinds by turns, each as often as it is to be */
static void choose_kinds(struct traffic *l, const unsigned *mixv)
{
	unsigned duev[KINDS] = {0}, k;
	uint32_t i;

	for (i=0; i<l->total; i++) {

		unsigned best = 0;

		for (k=0; k<KINDS; k++) {
			duev[k] += mixv[k];
			if (duev[k] > duev[best])
				best = k;
		}

		duev[best] -= MIN(duev[best], 100);
		l->itemv[i].id   = l->base + i;
		l->itemv[i].kind = best;
		for (k=0; k<LEGS; k++)
			l->itemv[i].legv[k].bot = -1;
	}
}


/**
 * Begin transfers
 *
 * @param l      Traffic, set on return
 * @param fl     Fleet
 * @param total  Transfers in all
 * @param window So many at a time
 * @param rate   So many a second at most, 0: no limit
 * @param mixv   How many of each kind in a hundred
 */
void traffic_start(struct traffic *l, struct fleet *fl, uint32_t total,
		   uint32_t window, uint32_t rate, const unsigned *mixv)
{
	static uint32_t base;

	memset(l, 0, sizeof(*l));
	l->base   = base;
	base     += total;
	l->fl     = fl;
	l->total  = total;
	l->window = window;
	l->itemv  = calloc(total, sizeof(*l->itemv));
	if (!l->itemv)
		abort();

	choose_kinds(l, mixv);
	socket_open(l);
	l->first = now_ms();
	pace_start(&l->pace, rate);
	pump(l);
}


static bool done_cond(void *arg)
{
	const struct traffic *l = arg;

	return l->done >= l->goal;
}


/**
 * Wait until so many transfers are over
 *
 * @param l    Traffic
 * @param goal So many
 * @param ms   Deadline in ms
 *
 * @return True if they are
 */
bool traffic_wait(struct traffic *l, uint32_t goal, uint32_t ms)
{
	l->goal = goal;

	return wait_until(done_cond, l, ms);
}


/**
 * Begin no more transfers; those that are under way go on
 *
 * @param l Traffic
 */
void traffic_stop(struct traffic *l)
{
	l->total = l->started;
}


/**
 * A bot was killed: what it had under way is lost. Where it only had the
 * second call, that will not be hung up, and the outcome is still to come.
 *
 * @param l   Traffic
 * @param bot Number of the bot
 */
void traffic_lose(struct traffic *l, unsigned bot)
{
	const uint32_t n = l->started;
	uint32_t i;

	for (i=0; i<n; i++) {

		struct xfer *it = &l->itemv[i];

		if (it->done)
			continue;

		if (it->legv[OTHER].bot == (int)bot)
			over(l, it, OTHER);

		if (it->done || it->legv[CALL].bot != (int)bot)
			continue;

		it->lost = true;
		bye(l, it, OTHER);
		bye(l, it, PHONE);
		finish(l, it);
	}
}


/**
 * Print what is under way
 *
 * @param l Traffic
 */
void traffic_print_open(const struct traffic *l)
{
	uint32_t i;

	for (i=0; i<l->started; i++) {

		const struct xfer *it = &l->itemv[i];

		if (!it->done)
			(void)printf("%08x: kind %d, bot %d, %s %u, up %d%d%d"
				     " over %d%d%d\n", it->id, it->kind,
				     it->legv[CALL].bot,
				     it->told ? "told" : "not told", it->code,
				     it->legv[CALL].up, it->legv[OTHER].up,
				     it->legv[PHONE].up, it->legv[CALL].over,
				     it->legv[OTHER].over,
				     it->legv[PHONE].over);
	}
}


/**
 * End them
 *
 * @param l Traffic
 */
void traffic_close(struct traffic *l)
{
	pace_stop(&l->pace);
	fd_close(l->fd);
	(void)close(l->fd);
	free(l->itemv);
}
