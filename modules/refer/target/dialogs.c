/**
 * @file dialogs.c  Which dialog a Replaces header means (RFC 3891 section 3)
 *
 * The core's sessions are found in libre's table. Kept here is what it
 * forgets: confirmed dialogs for a while after their end, and the tags of the
 * early dialogs that our own INVITEs have made.
 */
#include <string.h>
#include <re.h>
#include "admission/wildcard.h"
#include "core/call_watch.h"
#include "core/core.h"
#include "core/intercept.h"
#include "core/queue.h"
#include "host/host.h"
#include "refer.h"
#include "target/target.h"


enum {
	EARLY_MAX = 8,         /* Early dialogs of an INVITE */
	TAG_MAX   = 256,       /* No longer tag is kept [bytes] */
	ENDED_MAX = 64,        /* So many that are over are remembered */
};

/** A dialog that was confirmed */
struct confirmed {
	struct le he;
	struct queue_entry due;    /**< Among those that are over */
	struct refer *refer;
	struct sip_dialog *dlg;
	struct call_watch watch;
};

/** An early dialog of our own INVITE */
struct early {
	struct le he;
	struct call_watch watch;
	char *rtag;
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


/**
 * Make the key of a dialog: the request in it that libre compares it with
 *
 * @param key    Set on return; has no other fields
 * @param callid Call-ID
 * @param ltag   Our tag
 * @param rtag   Tag of the other side; not looked at for an early dialog
 */
void dialog_key(struct sip_msg *key, const struct pl *callid,
		const struct pl *ltag, const struct pl *rtag)
{
	memset(key, 0, sizeof(*key));
	key->req      = true;
	key->callid   = *callid;
	key->to.tag   = *ltag;
	key->from.tag = *rtag;
}


/**
 * Find the dialog of a call
 *
 * Of a call to oneself the called side is the younger session. Others that
 * share a Call-ID, a forked INVITE, cannot be told apart: better none than
 * that of the wrong call.
 *
 * @param refer Protocol
 * @param call  Call
 *
 * @return Dialog, NULL if there is none
 */
struct sip_dialog *dialogs_of(const struct refer *refer,
			      const struct call *call)
{
	const char *callid = host_call_id(call);
	struct sip_dialog *first, *second;
	struct call *from, *to;

	first  = intercept_dialog_nth(refer->ic, callid, 0);
	second = intercept_dialog_nth(refer->ic, callid, 1);
	if (!second)
		return first;

	from = host_call_find(callid, 0);
	to   = host_call_find(callid, 1);
	if (intercept_dialog_nth(refer->ic, callid, 2) ||
	    !host_call_outgoing(from) || host_call_outgoing(to))
		return NULL;

	return host_call_outgoing(call) ? first : second;
}


/**
 * A dialog is over for long enough: forget it
 *
 * @param arg Confirmed dialog
 */
void dialogs_ended_handler(void *arg)
{
	mem_deref(arg);
}


static void confirmed_handler(enum call_change change, uint16_t scode,
			      const char *reason, void *arg)
{
	struct confirmed *c = arg;
	struct queue *ended = &c->refer->ended;
	(void)scode;
	(void)reason;

	if (change == CALL_ESTABLISHED)
		return;

	queue_add(ended, &c->due, c);

	if (list_count(&ended->l) > ENDED_MAX)
		mem_deref(list_ledata(list_head(&ended->l)));
}


/**
 * A call is established: its dialog is confirmed
 *
 * @param refer Protocol
 * @param call  Call
 */
void dialogs_established(struct refer *refer, struct call *call)
{
	struct sip_dialog *dlg = dialogs_of(refer, call);
	struct confirmed *c;

	if (!dlg)
		return;

	c = mem_zalloc(sizeof(*c), confirmed_destructor);
	if (!c)
		return;

	c->refer = refer;
	c->dlg   = mem_ref(dlg);

	if (call_watch(&c->watch, refer->watches, NULL, call,
		       confirmed_handler, c)) {
		mem_deref(c);
		return;
	}

	hash_append(refer->ht_dialog, hash_joaat_str(c->watch.callid), &c->he,
		    c);
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


/* The session stays after a CANCEL for a while, the call does not */
static struct call *early_call(const struct refer *refer,
			       const struct sip_msg *msg)
{
	const struct sip_dialog *dlg = intercept_early(refer->ic, msg);

	return dlg ? host_call_find(sip_dialog_callid(dlg), 0) : NULL;
}


/**
 * A response to an INVITE came: keep the tag of an early dialog
 *
 * @param refer Protocol
 * @param msg   Response that the softphone has not seen yet
 *
 * @return What is kept, to be dereferenced if the response turns out to be of
 *         no transaction; NULL for nothing new
 */
struct early *dialogs_response(struct refer *refer, const struct sip_msg *msg)
{
	const uint32_t key = hash_joaat_pl(&msg->callid);
	struct count cnt = {&msg->callid, &msg->to.tag, 0};
	struct call *call;
	struct early *e;

	if (msg->scode <= 100 || msg->scode >= 200 ||
	    !pl_isset(&msg->to.tag) || msg->to.tag.l > TAG_MAX)
		return NULL;

	call = early_call(refer, msg);
	if (!call)
		return NULL;

	if (hash_lookup(refer->ht_early, key, count_handler, &cnt) ||
	    cnt.n >= EARLY_MAX)
		return NULL;

	e = mem_zalloc(sizeof(*e), early_destructor);
	if (!e)
		return NULL;

	if (pl_strdup(&e->rtag, &msg->to.tag) ||
	    call_watch(&e->watch, refer->watches, NULL, call, early_handler,
		       e)) {
		mem_deref(e);
		return NULL;
	}

	hash_append(refer->ht_early, key, &e->he, e);

	return e;
}


/* The early dialog is ours by half; its other tag came in a response */
static struct sip_dialog *find_early(const struct refer *refer,
				     const struct sip_msg *key)
{
	struct count cnt = {&key->callid, &key->from.tag, 0};

	return hash_lookup(refer->ht_early, hash_joaat_pl(&key->callid),
			   count_handler, &cnt) ?
		intercept_early(refer->ic, key) : NULL;
}


/* Over, or vanished without a word */
static bool cmp_ended(struct le *le, void *arg)
{
	const struct confirmed *c = le->data;

	return sip_dialog_cmp(c->dlg, arg) && !call_alive(&c->watch);
}


static enum dialog_kind call_kind(const struct call *call)
{
	if (host_call_established(call))
		return DIALOG_CONFIRMED;

	return host_call_outgoing(call) ? DIALOG_EARLY_OURS
		: DIALOG_EARLY_THEIRS;
}


/**
 * Find the dialog that a Replaces header means; both tags must match
 *
 * @param callp Set to its call, unless none or ended
 * @param refer Protocol
 * @param rep   Replaces
 *
 * @return What kind of dialog it is
 */
enum dialog_kind dialogs_match(struct call **callp, const struct refer *refer,
			       const struct refer_replaces *rep)
{
	struct sip_dialog *dlg;
	struct sip_msg key;
	unsigned n;

	dialog_key(&key, &rep->callid, &rep->to_tag, &rep->from_tag);

	dlg = intercept_dialog(refer->ic, &key, &n);
	if (!dlg) {
		dlg = find_early(refer, &key);
		n   = 0;
	}

	*callp = dlg ? host_call_find(sip_dialog_callid(dlg), n) : NULL;
	if (*callp)
		return call_kind(*callp);

	return hash_lookup(refer->ht_dialog, hash_joaat_pl(&rep->callid),
			   cmp_ended, &key) ? DIALOG_ENDED : DIALOG_NONE;
}


/**
 * Forget all
 *
 * @param refer Protocol
 */
void dialogs_flush(struct refer *refer)
{
	hash_flush(refer->ht_dialog);
	hash_flush(refer->ht_early);
}
