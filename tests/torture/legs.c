/**
 * @file legs.c  The dialogs that peers have, or try to have, with bob
 */
#include <stdlib.h>
#include <string.h>
#include "torture.h"


/**
 * Remember a dialog
 *
 * @param d    Dialog
 * @param call True if it is that of a call
 *
 * @return Its entry
 */
struct leg *leg_add(struct dlg *d, bool call)
{
	struct leg *leg = calloc(1, sizeof(*leg));

	if (!leg)
		abort();

	leg->d    = d;
	leg->call = call;
	list_append(&tt.legl, &leg->le, leg);

	return leg;
}


/**
 * Find a dialog, the latest if there are several
 *
 * @param callid Its Call-ID
 *
 * @return The dialog, NULL if it is unknown
 */
struct leg *leg_find(const char *callid)
{
	struct le *le;

	for (le = list_tail(&tt.legl); le; le = le->prev) {

		struct leg *leg = le->data;

		if (callid && !strcmp(leg->d->callid, callid))
			return leg;
	}

	return NULL;
}


/**
 * Choose a dialog: mostly one of the latest
 *
 * @return The dialog, NULL if there is none
 */
struct leg *leg_any(void)
{
	const unsigned n = list_count(&tt.legl);
	unsigned back = below(odds(80) ? MIN(n, 6) : n);
	struct le *le = list_tail(&tt.legl);

	while (le && back--)
		le = le->prev;

	return list_ledata(le);
}


/**
 * Choose a peer
 *
 * @return The peer
 */
struct peer *peer_any(void)
{
	return tt.peerv[below(PEERS)];
}


/**
 * A peer calls bob; nothing is awaited
 *
 * @param p     Peer
 * @param extra More header lines, and the body
 *
 * @return The call
 */
struct leg *leg_call(struct peer *p, const char *extra)
{
	struct leg *leg = leg_add(dlg_new(p, tt.bob->uri), true);

	leg->request = dlg_request(leg->d, "INVITE", extra);

	return leg;
}


/**
 * Cancel the last request of a dialog
 *
 * @param leg Dialog
 */
void leg_cancel(const struct leg *leg)
{
	const struct msg *m = leg->request;

	if (m->sip)
		(void)peer_send(leg->d->p, &m->dst,
				F("CANCEL %s SIP/2.0\r\nVia: %s\r\n"
				  "Max-Forwards: 70\r\nFrom: %s\r\nTo: %s"
				  "\r\nCall-ID: %s\r\nCSeq: %u CANCEL\r\n"
				  "Content-Length: 0\r\n\r\n", ruri(m),
				  hdr(m, "Via"), hdr(m, "From"), hdr(m, "To"),
				  hdr(m, "Call-ID"), m->sip->cseq.num));
}


/**
 * A peer ends a call, however far it is
 *
 * @param leg Call
 */
void leg_bye(struct leg *leg)
{
	struct msg *ringing = leg->d->invite;

	if (ringing && ringing->from != leg->d->p->name && !ringing->final)
		(void)peer_reply(leg->d->p, ringing, 480, "Gone", NULL);
	else if (leg->call && leg->d->rtag && !leg->over)
		(void)dlg_request(leg->d, "BYE", NULL);
	else if (leg->call && leg->request && !leg->over)
		leg_cancel(leg);

	leg->over = true;
}


/** Forget all dialogs; whatever still waits for one keeps its pointer */
void legs_forget(void)
{
	while (tt.legl.head)
		list_unlink(tt.legl.head);
}


/**
 * Note what a peer sends in a dialog: with another Contact the rest of bob's
 * requests, the re-INVITE that resumes it too, go there
 *
 * @param leg  Dialog, or NULL
 * @param hdrs Header lines
 *
 * @return Header lines
 */
const char *leg_headers(struct leg *leg, const char *hdrs)
{
	if (leg)
		leg->spoilt |= strstr(hdrs, "Contact:") != NULL;

	return hdrs;
}


/**
 * Send a request in a dialog
 *
 * @param leg    Dialog
 * @param method Method
 * @param hdrs   Header lines, see dlg_request()
 *
 * @return Request
 */
struct msg *leg_send(struct leg *leg, const char *method, const char *hdrs)
{
	return dlg_request(leg->d, method, leg_headers(leg, hdrs));
}


/** Somebody else than the module puts calls on hold */
void legs_spoil(void)
{
	struct le *le;

	for (le = tt.legl.head; le; le = le->next)
		((struct leg *)le->data)->spoilt = true;
}


/** The menu of 3.x and 4.x limits early media, by the direction of all calls
    that bob has made: after a hold they do not become sendrecv again */
void legs_spoil_called(void)
{
	struct le *le;

	for (le = tt.legl.head; le; le = le->next) {

		struct leg *leg = le->data;

		leg->spoilt |= leg->d->invite &&
			!str_cmp(leg->d->invite->from, "bob");
	}
}
