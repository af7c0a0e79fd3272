/**
 * @file dlg.c  Dialogs of a scripted peer
 *
 * Keeps what a dialog needs and prints complete requests from it. Nothing is
 * checked or corrected: a test may change any field to send something odd.
 */
#include <stdlib.h>
#include <string.h>
#include "wire.h"
#include "harness.h"


/* Address to send to for a URI; tests use IP addresses only */
static bool uri_sa(struct sa *sa, const struct peer *p, const char *s)
{
	struct uri uri;
	struct pl pl;

	pl_set_str(&pl, s);

	if (uri_decode(&uri, &pl))
		return false;

	return !sa_set(sa, &uri.host, sip_transp_port(p->tp, uri.port));
}


static const char *addr_uri(const char *val)
{
	struct sip_addr addr;
	struct pl pl;

	if (!val)
		return NULL;

	pl_set_str(&pl, val);

	return sip_addr_decode(&addr, &pl) ? NULL
					   : keep(addr.auri.p, addr.auri.l);
}


/* The next hop is the first route, else the remote target */
static void update_dst(struct dlg *d)
{
	const char *uri = d->target;

	if (*d->route)
		uri = addr_uri(first_line(d->route + strlen("Route: ")));

	if (uri)
		(void)uri_sa(&d->dst, d->p, uri);
}


static struct dlg *alloc(struct peer *p, const char *uri)
{
	struct dlg *d = calloc(1, sizeof(*d));

	if (!d)
		abort();

	d->p      = p;
	d->callid = random_id();
	d->ltag   = random_id();
	d->luri   = p->uri;
	d->ruri   = uri;
	d->target = uri;
	d->contact = p->uri;
	d->route  = "";
	d->lseq   = 10;

	return d;
}


/**
 * Make a dialog that does not exist yet, for requests outside of one too
 *
 * @param p   Peer
 * @param uri Whom to send to
 *
 * @return The dialog, without a remote tag
 */
struct dlg *dlg_new(struct peer *p, const char *uri)
{
	struct dlg *d = alloc(p, uri);

	if (!uri_sa(&d->dst, p, uri))
		SETUP("%s: not an address", uri);

	return d;
}


/**
 * Send all requests of a dialog through a proxy
 *
 * @param d   Dialog
 * @param uri URI of the proxy, with ;lr
 */
void dlg_route(struct dlg *d, const char *uri)
{
	d->route = F("Route: <%s>\r\n", uri);
	update_dst(d);
}


static const char *routes(const struct msg *m, bool reverse)
{
	const struct list *lst = hash_list(m->sip->hdrht,
					   SIP_HDR_RECORD_ROUTE);
	const char *s = "";
	struct le *le;

	for (le = list_head(lst); le; le = le->next) {

		const struct sip_hdr *h = le->data;
		const char *line;

		if (h->id != SIP_HDR_RECORD_ROUTE)
			continue;

		line = F("Route: %.*s\r\n", (int)h->val.l, h->val.p);

		s = F("%s%s", reverse ? line : s, reverse ? s : line);
	}

	return s;
}


/**
 * Learn from a response to our INVITE
 *
 * @param d  Dialog
 * @param ok The response
 */
void dlg_confirm(struct dlg *d, const struct msg *ok)
{
	const char *uri = addr_uri(hdr(ok, "Contact"));

	d->rtag  = hdr_param(ok, "To", "tag");
	d->route = routes(ok, true);

	if (uri)
		d->target = uri;

	update_dst(d);
}


/**
 * Make the dialog of an INVITE that the peer has received
 *
 * @param p   Peer
 * @param inv INVITE; answer it with peer_reply() before or after
 *
 * @return The dialog
 */
struct dlg *dlg_accept(struct peer *p, struct msg *inv)
{
	const char *uri = addr_uri(hdr(inv, "Contact"));
	struct dlg *d;

	if (!uri)
		SETUP("INVITE without a Contact\n%s", inv->raw);

	d = alloc(p, uri);
	d->invite = inv;
	d->callid = hdr(inv, "Call-ID");
	d->ltag   = inv->tag;
	d->rtag   = hdr_param(inv, "From", "tag");
	d->luri   = addr_uri(hdr(inv, "To"));
	d->ruri   = addr_uri(hdr(inv, "From"));
	d->route  = routes(inv, false);
	update_dst(d);
	if (!sa_isset(&d->dst, SA_ALL))
		SETUP("no way to %s", uri);

	return d;
}


static struct msg *request(struct dlg *d, const char *method, uint32_t cseq,
			   const char *extra)
{
	const char *x = extra ? extra : "", *b = strstr(x, "\r\n\r\n");
	const bool contact = d->contact && !strstr(x, "Contact:") &&
		strcmp(method, "ACK") && strcmp(method, "BYE");
	char via[80];

	b = b ? b + 4 : NULL;
	if (b)
		x = keep(x, (size_t)(b - x) - 2);

	(void)re_snprintf(via, sizeof(via), "%s %J",
			  sip_transp_name(d->p->tp), &d->p->addr);

	return peer_send(d->p, &d->dst,
		F("%s %s SIP/2.0\r\n"
		  "Via: SIP/2.0/%s;branch=z9hG4bK%s;rport\r\n"
		  "Max-Forwards: 70\r\n%s"
		  "From: %s;tag=%s\r\n"
		  "To: <%s>%s%s\r\n"
		  "Call-ID: %s\r\n"
		  "CSeq: %u %s\r\n%s%s%s%s"
		  "Content-Length: %zu\r\n\r\n%s",
		  method, d->target, via, random_id(), d->route,
		  d->from ? d->from : d->p->display ?
		  F("\"%s\" <%s>", d->p->display, d->luri) :
		  F("<%s>", d->luri), d->ltag, d->ruri,
		  d->rtag ? ";tag=" : "", d->rtag ? d->rtag : "",
		  d->callid, cseq, method,
		  contact ? "Contact: <" : "", contact ? d->contact : "",
		  contact ? ">\r\n" : "", x, b ? strlen(b) : 0, b ? b : ""));
}


/**
 * Send a request in a dialog with a chosen CSeq; the dialog's own stays
 *
 * @param d      Dialog
 * @param method Method
 * @param cseq   CSeq number
 * @param extra  Header lines to add, or NULL; see peer_reply()
 *
 * @return The message sent
 */
struct msg *dlg_request_cseq(struct dlg *d, const char *method,
			     uint32_t cseq, const char *extra)
{
	return request(d, method, cseq, extra);
}


/**
 * Send the next request in a dialog
 *
 * @param d      Dialog
 * @param method Method
 * @param extra  Header lines to add, or NULL; see peer_reply()
 *
 * @return The message sent
 */
struct msg *dlg_request(struct dlg *d, const char *method, const char *extra)
{
	struct msg *m = request(d, method, ++d->lseq, extra);

	if (!strcmp(method, "INVITE") && !d->invite)
		d->invite = m;

	return m;
}


/**
 * Send the ACK for a 2xx
 *
 * @param d  Dialog, confirmed
 * @param ok The 2xx
 */
void dlg_ack(struct dlg *d, const struct msg *ok)
{
	(void)request(d, "ACK", ok->sip->cseq.num, NULL);
}


/**
 * Make a session description
 *
 * @param p   Peer
 * @param dir Direction, "sendrecv"
 *
 * @return Content-Type and SDP, to be used as `extra`
 */
const char *sdp_dir(struct peer *p, const char *dir)
{
	const char *in = sa_af(&p->addr) == AF_INET6 ? "IP6" : "IP4";
	char ip[64] = "";

	(void)sa_ntop(&p->addr, ip, sizeof(ip));

	return F("Content-Type: application/sdp\r\n\r\n"
		 "v=0\r\n"
		 "o=- 1 1 IN %s %s\r\n"
		 "s=-\r\n"
		 "c=IN %s %s\r\n"
		 "t=0 0\r\n"
		 "m=audio 40000 RTP/AVP 0\r\n"
		 "a=rtpmap:0 PCMU/8000\r\n"
		 "a=%s\r\n", in, ip, in, ip, dir);
}


/**
 * Make a session description that sends and receives, see sdp_dir()
 *
 * @param p Peer
 *
 * @return Content-Type and SDP
 */
const char *sdp(struct peer *p)
{
	return sdp_dir(p, "sendrecv");
}


/**
 * bob takes the call that a peer has begun: 200, ACK
 *
 * @param d Dialog of the peer, whose INVITE is out
 *
 * @return The 200
 */
struct msg *dlg_taken(struct dlg *d)
{
	struct msg *m = expect_any(d->p, "200 INVITE", WAIT);

	dlg_confirm(d, m);
	dlg_ack(d, m);

	return m;
}


/**
 * The peer calls the baresip under test, see call_in()
 *
 * @param file File of the test
 * @param line Line of it
 * @param p    Peer
 * @param s    The baresip
 * @param via  URI of a proxy to call through, or NULL
 *
 * @return The dialog, confirmed
 */
struct dlg *call_in_at(const char *file, int line, struct peer *p,
		       struct sut *s, const char *via)
{
	struct dlg *d = dlg_new(p, s->uri);
	struct msg *m;

	test_here(file, line);
	if (via)
		dlg_route(d, via);

	(void)dlg_request(d, "INVITE", sdp(p));

	do {
		m = expect_at(file, line, p,
			      F("xxx INVITE ~ Call-ID: %s", d->callid),
			      WAIT, true);
	} while (scode(m) < 200);

	if (scode(m) != 200)
		test_fail(true, file, line, "%s does not answer the call: %s",
			  s->name, msg_summary(m));

	dlg_confirm(d, m);
	dlg_ack(d, m);
	if (s->ctrl)
		event_at(file, line, s, F("CALL_ESTABLISHED ~ %s", d->callid),
			 WAIT);

	return d;
}


/**
 * The peer answers a call, see answer()
 *
 * @param file File of the test
 * @param line Line of it
 * @param p    Peer
 * @param inv  INVITE
 *
 * @return The dialog, confirmed
 */
struct dlg *answer_at(const char *file, int line, struct peer *p,
		      struct msg *inv)
{
	struct dlg *d = dlg_accept(p, inv);

	test_here(file, line);
	(void)peer_reply(p, inv, 200, "OK", sdp(p));
	(void)expect_at(file, line, p, F("ACK ~ Call-ID: %s ~ CSeq: %u ACK",
					 d->callid, inv->sip->cseq.num),
			WAIT, true);

	return d;
}


/**
 * The baresip under test dials the peer, see call_out()
 *
 * @param file File of the test
 * @param line Line of it
 * @param s    The baresip
 * @param p    Peer
 *
 * @return The dialog, confirmed
 */
struct dlg *call_out_at(const char *file, int line, struct sut *s,
			struct peer *p)
{
	struct dlg *d;
	size_t n = strlen(p->uri);

	/* baresip adds the transport of its account */
	if (s->tp == p->tp)
		n -= strlen(sip_transp_param(p->tp));

	(void)ctrl_at(file, line, s, "dial", keep(p->uri, n));
	d = answer_at(file, line, p,
		      expect_at(file, line, p, "INVITE", WAIT, true));
	event_at(file, line, s, F("CALL_ESTABLISHED ~ %s", d->callid), WAIT);

	return d;
}


/**
 * The peer ends a call, see hangup()
 *
 * @param file File of the test
 * @param line Line of it
 * @param d    Dialog
 */
void hangup_at(const char *file, int line, struct dlg *d)
{
	(void)dlg_request(d, "BYE", NULL);
	(void)expect_at(file, line, d->p,
			F("200 BYE ~ Call-ID: %s", d->callid), WAIT, true);
}
