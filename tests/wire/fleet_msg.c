/**
 * @file fleet_msg.c  Messages of the transfers of fleet_traffic.c
 *
 * Our URI has the leg and the number of the transfer as its user part, which
 * are the tag too, and the Call-ID of the dialogs that we begin.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include "wire.h"
#include "harness.h"
#include "fleet.h"
#include "fleet_traffic.h"


enum {
	MSG_MAX = 8192,
};

static const char names[] = "cop";

/** Who we are in a leg, for %H */
struct user {
	const struct xfer *it;
	enum leg leg;
};


static int print_user(struct re_printf *pf, const struct user *u)
{
	return re_hprintf(pf, "%c%08x", names[u->leg], u->it->id);
}


static void put(const struct traffic *l, const char *fmt, ...)
{
	char buf[MSG_MAX];
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = re_vsnprintf(buf, sizeof(buf), fmt, ap);
	va_end(ap);

	if (n < 0 || send(l->fd, buf, (size_t)n, 0) != n)
		SETUP("cannot send: %s", strerror(errno));
}


/**
 * Find out which leg a message is for
 *
 * @param msg Message
 * @param id  Returned number of the transfer
 * @param leg Returned leg
 *
 * @return True if it is for one
 */
bool leg_decode(const struct sip_msg *msg, uint32_t *id, enum leg *leg)
{
	const struct pl *user = msg->req ? &msg->uri.user
		: &msg->from.uri.user;
	const char *p = user->l == 9 ? strchr(names, *user->p) : NULL;
	struct pl num = {user->p + 1, user->l - 1};

	if (!p)
		return false;

	*leg = (enum leg)(p - names);
	*id  = pl_x32(&num);

	return true;
}


/**
 * Send a request in a leg, or the one that begins it
 *
 * @param l   Traffic
 * @param it  Transfer
 * @param leg Leg
 * @param met Method
 * @param fmt Format as of re_printf() for more header lines, and a body
 */
void leg_request(struct traffic *l, struct xfer *it, enum leg leg,
		 const char *met, const char *fmt, ...)
{
	struct leg_state *st = &it->legv[leg];
	struct user u = {it, leg};
	const bool ack = !strcmp(met, "ACK");
	va_list ap;

	if (!ack)
		++st->cseq;

	va_start(ap, fmt);
	put(l, "%s %s SIP/2.0\r\n"
	    "Via: SIP/2.0/UDP %s;branch=z9hG4bK%H.%u%s;rport\r\n"
	    "Max-Forwards: 70\r\n"
	    "%s"
	    "From: <sip:%H@%s>;tag=%H\r\n"
	    "To: %s%s%s\r\n"
	    "Call-ID: %s\r\n"
	    "CSeq: %u %s\r\n"
	    "Contact: <sip:%H@%s>\r\n"
	    "%v",
	    met, st->target ? st->target : l->fl->uri, l->local,
	    print_user, &u, st->cseq, met, st->route ? st->route : "",
	    print_user, &u, l->local, print_user, &u,
	    st->remote ? "" : "<", st->remote ? st->remote : l->fl->uri,
	    st->remote ? "" : ">", st->callid, st->cseq, met,
	    print_user, &u, l->local, fmt, &ap);
	va_end(ap);
}


static int print_record(struct re_printf *pf, const struct sip_msg *msg)
{
	const struct list *lst = hash_list(msg->hdrht,
					   SIP_HDR_RECORD_ROUTE);
	struct le *le;
	int err = 0;

	for (le = list_head(lst); le; le = le->next) {

		const struct sip_hdr *h = le->data;

		if (h->id == SIP_HDR_RECORD_ROUTE)
			err |= re_hprintf(pf, "Record-Route: %r\r\n",
					  &h->val);
	}

	return err;
}


static int print_via(struct re_printf *pf, const struct sip_msg *msg)
{
	struct le *le;
	int err = 0;

	for (le = list_head(&msg->hdrl); le; le = le->next) {

		const struct sip_hdr *h = le->data;

		if (h->id == SIP_HDR_VIA)
			err |= re_hprintf(pf, "Via: %r\r\n", &h->val);
	}

	return err;
}


/**
 * Answer a request
 *
 * @param l      Traffic
 * @param it     Transfer
 * @param leg    Leg
 * @param req    Request
 * @param status Status code and reason phrase
 * @param body   body_none or body_sdp
 */
void leg_reply(struct traffic *l, const struct xfer *it, enum leg leg,
	       const struct sip_msg *req, const char *status,
	       const char *body)
{
	struct user u = {it, leg};
	const bool tag = !pl_isset(&req->to.tag);

	put(l, "SIP/2.0 %s\r\n"
	    "%H%H"
	    "From: %r\r\n"
	    "To: %r%s%H\r\n"
	    "Call-ID: %r\r\n"
	    "CSeq: %u %r\r\n"
	    "Contact: <sip:%H@%s>\r\n"
	    "%s",
	    status, print_via, req, print_record, req, &req->from.val,
	    &req->to.val, tag ? ";tag=" : "", tag ? print_user : NULL, &u,
	    &req->callid, req->cseq.num, &req->cseq.met, print_user, &u,
	    l->local, body);
}


/* The Record-Route of a 2xx from its end, that of a request as it is */
static int print_route(struct re_printf *pf, const struct sip_msg *msg)
{
	const struct list *lst = hash_list(msg->hdrht,
					   SIP_HDR_RECORD_ROUTE);
	struct le *le = msg->req ? list_head(lst) : list_tail(lst);
	int err = 0;

	for (; le; le = msg->req ? le->next : le->prev) {

		const struct sip_hdr *h = le->data;

		if (h->id == SIP_HDR_RECORD_ROUTE)
			err |= re_hprintf(pf, "Route: %r\r\n", &h->val);
	}

	return err;
}


/**
 * Learn from the 2xx to our INVITE, or from the INVITE that we get
 *
 * @param l   Traffic
 * @param it  Transfer
 * @param leg Leg
 * @param msg The message
 */
void leg_confirm(struct traffic *l, struct xfer *it, enum leg leg,
		 const struct sip_msg *msg)
{
	const struct sip_hdr *h = sip_msg_hdr(msg, SIP_HDR_CONTACT);
	const struct sip_taddr *ta = msg->req ? &msg->from : &msg->to;
	struct leg_state *st = &it->legv[leg];
	struct sip_addr addr;

	if (!h || sip_addr_decode(&addr, &h->val))
		FAIL("no Contact:\n%.*s", (int)msg->mb->end, msg->mb->buf);

	leg_clear(st);
	if (pl_strdup(&st->callid, &msg->callid) ||
	    pl_strdup(&st->target, &addr.auri) ||
	    pl_strdup(&st->remote, &ta->val) ||
	    pl_strdup(&st->rtag, &ta->tag) ||
	    re_sdprintf(&st->route, "%H", print_route, msg))
		abort();

	st->bot = fleet_bot_of(l->fl, st->target);
	st->up  = true;
}


/**
 * Free the texts of a leg
 *
 * @param st Leg
 */
void leg_clear(struct leg_state *st)
{
	st->callid = mem_deref(st->callid);
	st->target = mem_deref(st->target);
	st->remote = mem_deref(st->remote);
	st->rtag   = mem_deref(st->rtag);
	st->route  = mem_deref(st->route);
}
