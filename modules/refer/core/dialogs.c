/**
 * @file dialogs.c  The dialogs of calls
 *
 * Which one a call has, and which one a Replaces header means (RFC 3891
 * section 3). baresip's sessions are found in libre's table. Kept here is what
 * libre forgets: confirmed dialogs for a while after their end, and the tags
 * of the early dialogs that our own INVITEs have made.
 */
#include <string.h>
#include <re.h>
#include "core/call_watch.h"
#include "core/dialogs.h"
#include "core/intercept.h"
#include "core/queue.h"
#include "host/host.h"
#include "host/libre.h"
#include "refer.h"


enum {
	HASH_SIZE  = 1024,
	EARLY_MAX  = 8,        /* Early dialogs of an INVITE */
	TAG_MAX    = 256,      /* No longer tag is kept [bytes] */
	FORK_OVER  = 199,      /* Status code of an early dialog's end */
	ENDED_MAX  = 64,       /* So many that are over are remembered */
	ENDED_TIME = 32000,    /* For so long [ms] */
};

/** A dialog that was confirmed, or is about to be: its call is being answered
    here */
struct confirmed {
	struct le he;
	struct queue_entry due;    /**< Among those that are over */
	struct queue *ended;       /**< Those that are over       */
	struct sip_dialog *dlg;
	uint32_t cseq;             /**< Up to this no INVITE of ours is open */
	struct call_watch watch;
};

/** An early dialog of our own INVITE */
struct early {
	struct le he;
	struct call_watch watch;
	char *rtag;
	uint32_t cseq;             /**< Of the INVITE */
};

struct count {
	const struct pl *callid;
	const struct pl *rtag;
	unsigned n;
};


static void confirmed_destructor(void *arg)
{
	struct confirmed *c = arg;

	hash_unlink(&c->he);
	queue_remove(&c->due);
	call_unwatch(&c->watch);
	mem_deref(c->dlg);
}


static void early_destructor(void *arg)
{
	struct early *e = arg;

	hash_unlink(&e->he);
	call_unwatch(&e->watch);
	mem_deref(e->rtag);
}


static void destructor(void *arg)
{
	struct dialogs *d = arg;

	hash_flush(d->ht_confirmed);
	hash_flush(d->ht_early);
	queue_close(&d->ended);
	mem_deref(d->ht_confirmed);
	mem_deref(d->ht_early);
}


static void ended_handler(void *arg)
{
	mem_deref(arg);
}


int dialogs_alloc(struct dialogs **dp, const struct intercept *ic,
		  struct call_watches *watches)
{
	struct dialogs *d;
	int err;

	d = mem_zalloc(sizeof(*d), destructor);
	if (!d)
		return ENOMEM;

	d->ic      = ic;
	d->watches = watches;
	queue_init(&d->ended, ENDED_TIME, ended_handler);

	err  = hash_alloc(&d->ht_confirmed, HASH_SIZE);
	err |= hash_alloc(&d->ht_early, HASH_SIZE);
	if (err)
		mem_deref(d);
	else
		*dp = d;

	return err;
}


/** Make the key of a dialog: the request in it that libre compares it with;
    the other side's tag is not looked at for an early dialog */
void dialog_key(struct sip_msg *key, const struct pl *callid,
		const struct pl *ltag, const struct pl *rtag)
{
	memset(key, 0, sizeof(*key));
	key->req      = true;
	key->callid   = *callid;
	key->to.tag   = *ltag;
	key->from.tag = *rtag;
}


/** Find the dialog of a call, or NULL. Of a call to oneself the called side is
    the younger session. Others that share a Call-ID, a forked INVITE, cannot
    be told apart: better none than that of the wrong call */
struct sip_dialog *dialogs_of(const struct dialogs *d,
			      const struct call *call)
{
	const char *callid = host_call_id(call);
	struct sip_dialog *first, *second;
	struct call *from, *to;

	first  = intercept_dialog_nth(d->ic, callid, 0);
	second = intercept_dialog_nth(d->ic, callid, 1);
	if (!second)
		return first;

	from = host_call_find(callid, 0);
	to   = host_call_find(callid, 1);
	if (intercept_dialog_nth(d->ic, callid, 2) ||
	    !host_call_outgoing(from) || host_call_outgoing(to))
		return NULL;

	return host_call_outgoing(call) ? first : second;
}


static void confirmed_handler(enum call_change change, uint16_t scode,
			      const char *reason, void *arg)
{
	struct confirmed *c = arg;
	(void)scode;
	(void)reason;

	if (change == CALL_ESTABLISHED)
		return;

	queue_add(c->ended, &c->due, c);

	if (list_count(&c->ended->l) > ENDED_MAX)
		mem_deref(list_ledata(list_head(&c->ended->l)));
}


static bool cmp_dialog(struct le *le, void *arg)
{
	const struct confirmed *c = le->data;

	return c->dlg == arg;
}


static struct confirmed *find_confirmed(const struct dialogs *d,
					struct sip_dialog *dlg)
{
	const uint32_t key = hash_joaat_str(sip_dialog_callid(dlg));

	return list_ledata(hash_lookup(d->ht_confirmed, key, cmp_dialog,
				       dlg));
}


/** Keep the dialog of a call that is established, or is being answered */
void dialogs_confirm(struct dialogs *d, struct call *call)
{
	struct sip_dialog *dlg = dialogs_of(d, call);
	struct confirmed *c;

	if (!dlg || find_confirmed(d, dlg))
		return;

	c = mem_zalloc(sizeof(*c), confirmed_destructor);
	if (!c)
		return;

	c->ended = &d->ended;
	c->dlg   = mem_ref(dlg);
	c->cseq  = libre_invite_cseq(dlg);

	if (call_watch(&c->watch, d->watches, NULL, call,
		       confirmed_handler, c)) {
		mem_deref(c);
		return;
	}

	hash_append(d->ht_confirmed, hash_joaat_str(c->watch.callid), &c->he,
		    c);
}


static bool answer_handler(struct le *le, void *arg)
{
	const struct sip_msg *msg = arg;
	struct confirmed *c = le->data;

	if (msg->cseq.num > c->cseq && sip_dialog_cmp(c->dlg, msg))
		c->cseq = msg->cseq.num;

	return false;
}


/** Keep that an INVITE of ours is answered, which belongs to a transaction and
    is not sent again */
void dialogs_answered(struct dialogs *d, const struct sip_msg *msg)
{
	if (msg->scode >= 200 && msg->scode != 491)
		(void)hash_lookup(d->ht_confirmed, hash_joaat_pl(&msg->callid),
				  answer_handler, (void *)msg);
}


/** Keep that the request with a CSeq is no INVITE; if an INVITE before it is
    open, what was sent last is not sure */
void dialogs_sent(struct dialogs *d, struct sip_dialog *dlg, uint32_t cseq)
{
	struct confirmed *c = find_confirmed(d, dlg);

	if (c && cseq == c->cseq + 1)
		c->cseq = cseq;
}


/** Tell whether an INVITE of ours in the dialog of a call is not answered yet;
    with 1.x it may be another request that was sent last */
bool dialogs_inviting(const struct dialogs *d, struct sip_dialog *dlg)
{
	const struct confirmed *c = find_confirmed(d, dlg);

	return c && libre_invite_cseq(dlg) > c->cseq;
}


static void early_handler(enum call_change change, uint16_t scode,
			  const char *reason, void *arg)
{
	(void)change;
	(void)scode;
	(void)reason;

	mem_deref(arg);
}


static bool count_handler(struct le *le, void *arg)
{
	const struct early *e = le->data;
	struct count *cnt = arg;

	if (pl_strcmp(cnt->callid, e->watch.callid))
		return false;

	++cnt->n;

	return !pl_strcmp(cnt->rtag, e->rtag);
}


static bool is_calling(const struct call *call)
{
	return call && host_call_outgoing(call) &&
		!host_call_established(call);
}


/** Find the call that we are making by Call-ID and our tag, whatever fork a
    message is of. The session stays after a CANCEL for a while, the call does
    not */
struct call *dialogs_calling(const struct dialogs *d,
			     const struct sip_msg *msg)
{
	unsigned n;
	const struct sip_dialog *dlg = intercept_half(d->ic, msg, &n);
	struct call *call;

	call = dlg ? host_call_find(sip_dialog_callid(dlg), n) : NULL;

	return is_calling(call) ? call : NULL;
}


/** Keep the tag of an early dialog of ours, from a response that the softphone
    has not seen yet. Returns what is kept, to be dereferenced if the response
    turns out to be of no transaction; NULL for nothing new */
struct early *dialogs_response(struct dialogs *d, const struct sip_msg *msg)
{
	const uint32_t key = hash_joaat_pl(&msg->callid);
	struct count cnt = {&msg->callid, &msg->to.tag, 0};
	struct call *call;
	struct early *e;

	if (msg->scode <= 100 || msg->scode >= FORK_OVER ||
	    !pl_isset(&msg->to.tag) || msg->to.tag.l > TAG_MAX)
		return NULL;

	call = dialogs_calling(d, msg);
	if (!call)
		return NULL;

	if (hash_lookup(d->ht_early, key, count_handler, &cnt) ||
	    cnt.n >= EARLY_MAX)
		return NULL;

	e = mem_zalloc(sizeof(*e), early_destructor);
	if (!e)
		return NULL;

	if (pl_strdup(&e->rtag, &msg->to.tag) ||
	    call_watch(&e->watch, d->watches, NULL, call, early_handler,
		       e)) {
		mem_deref(e);
		return NULL;
	}

	e->cseq = msg->cseq.num;
	hash_append(d->ht_early, key, &e->he, e);

	return e;
}


static bool over_handler(struct le *le, void *arg)
{
	struct early *e = le->data;
	const struct sip_msg *msg = arg;

	if (e->cseq == msg->cseq.num &&
	    !pl_strcmp(&msg->callid, e->watch.callid) &&
	    (msg->scode > FORK_OVER || !pl_strcmp(&msg->to.tag, e->rtag)))
		mem_deref(e);

	return false;
}


/** Forget the early dialogs that a response to our INVITE has ended: all of
    that INVITE with a final one (RFC 3261 section 12.3), which may be sent
    again with credentials; one fork with a 199 (RFC 6228 section 4) */
void dialogs_over(struct dialogs *d, const struct sip_msg *msg)
{
	if (msg->scode >= FORK_OVER)
		(void)hash_lookup(d->ht_early, hash_joaat_pl(&msg->callid),
				  over_handler, (void *)msg);
}


static struct call *find_early(const struct dialogs *d,
			       const struct sip_msg *key)
{
	struct count cnt = {&key->callid, &key->from.tag, 0};

	return hash_lookup(d->ht_early, hash_joaat_pl(&key->callid),
			   count_handler, &cnt) ?
		dialogs_calling(d, key) : NULL;
}


/* Over, or destroyed without an event */
static bool cmp_ended(struct le *le, void *arg)
{
	const struct confirmed *c = le->data;

	return sip_dialog_cmp(c->dlg, arg) && !call_alive(&c->watch);
}


/* It is confirmed by our 2xx: RFC 3261 section 12.1 */
static bool is_answered(const struct dialogs *d, struct sip_dialog *dlg)
{
	return find_confirmed(d, dlg) && !intercept_unanswered(d->ic, dlg);
}


/** Tell whether a call was answered here, also if its ACK has not come */
bool dialogs_is_answered(const struct dialogs *d, const struct call *call)
{
	struct sip_dialog *dlg = dialogs_of(d, call);

	return dlg && is_answered(d, dlg);
}


static enum dialog_kind call_kind(const struct dialogs *d,
				  const struct call *call,
				  struct sip_dialog *dlg)
{
	if (host_call_established(call))
		return DIALOG_CONFIRMED;

	if (host_call_outgoing(call))
		return DIALOG_EARLY_OURS;

	return is_answered(d, dlg) ? DIALOG_CONFIRMED : DIALOG_EARLY_THEIRS;
}


/** Find the dialog that a Replaces header means; both tags must match. The
    call is set unless there is none or the dialog has ended */
enum dialog_kind dialogs_match(struct call **callp, const struct dialogs *d,
			       const struct refer_replaces *rep)
{
	struct sip_dialog *dlg;
	struct sip_msg key;
	unsigned n;

	dialog_key(&key, &rep->callid, &rep->to_tag, &rep->from_tag);

	dlg = intercept_dialog(d->ic, &key, &n);
	*callp = dlg ? host_call_find(sip_dialog_callid(dlg), n) : NULL;

	/* libre has no early dialog of ours, or but the last one */
	if (!*callp || is_calling(*callp))
		*callp = find_early(d, &key);

	if (*callp)
		return call_kind(d, *callp, dlg);

	return hash_lookup(d->ht_confirmed, hash_joaat_pl(&rep->callid),
			   cmp_ended, &key) ? DIALOG_ENDED : DIALOG_NONE;
}
