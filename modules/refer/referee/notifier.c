/**
 * @file notifier.c  The subscription that an accepted REFER makes
 *
 * The side of the referee: sends NOTIFY on the call's own dialog (RFC 3515
 * section 2.4.4, RFC 6665 section 4.2). One is under way at a time, one goes
 * out in a second; of the statuses that wait the newest wins, and the final
 * one waits for nothing but the answer to the last.
 */
#include <re.h>
#include "core/core.h"
#include "core/intercept.h"
#include "core/queue.h"
#include "core/sender.h"
#include "core/transfers.h"
#include "host/host.h"
#include "referee/notifier.h"
#include "referee/referee.h"
#include "syntax/sipfrag.h"
#include "syntax/text.h"


static void stop_expiry(struct notifier *n)
{
	queue_remove(&n->expire_due);
	tmr_cancel(&n->tmr_expire);
}


static void stop(struct notifier *n)
{
	hash_unlink(&n->he);
	stop_expiry(n);
	tmr_cancel(&n->tmr_pace);
}


static int print_substate(struct re_printf *pf, const struct notifier *n)
{
	if (n->state == PENDING || n->state == ACTIVE)
		return re_hprintf(pf, "%s;expires=%u",
				  n->state == ACTIVE ? "active" : "pending",
				  (uint32_t)((notifier_left(n) + 500) / 1000));

	return re_hprintf(pf, "terminated;reason=%s",
			  sipevent_reason_name(n->why));
}


static int notify_request(struct notifier *n)
{
	struct sipfrag frag = {n->scode, PL_INIT};
	int err;

	pl_set_str(&frag.reason, n->reason);

	err = sender_request(n->sender, "NOTIFY",
			     "Event: refer;id=%u\r\n"
			     "Subscription-State: %H\r\n"
			     "Content-Type: message/sipfrag;version=2.0\r\n"
			     "Content-Length: %zu\r\n\r\n%H",
			     n->id, print_substate, n,
			     SIPFRAG_LEN + frag.reason.l, sipfrag_print,
			     &frag);
	if (err)
		return err;

	transfers_notify_sent(n->transfers);
	n->due  = false;
	n->sent = true;
	n->ts   = tmr_jiffies();
	if (n->state == ENDING)
		n->state = ENDED;

	return 0;
}


/* The stack stays until there is an answer */
static int start(struct notifier *n)
{
	const int err = notify_request(n);

	if (!err)
		mem_ref(n->sip);

	return err;
}


static void destructor(void *arg)
{
	struct notifier *n = arg;

	n->senth = NULL;
	stop(n);

	if (!n->orphan && !sender_busy(n->sender) &&
	    !intercept_active(n->all->refer->ic))
		n->state = DEAD;

	/* nobody has more to report: say good-bye, then go */
	if (n->state == PENDING || n->state == ACTIVE) {
		n->state = ENDING;
		n->why   = SIPEVENT_DEACTIVATED;
		n->due   = true;
	}

	if (n->state == ENDING && !sender_busy(n->sender) && start(n))
		n->state = DEAD;

	if (n->state == ENDING || n->state == ENDED) {
		n->orphan = true;
		mem_ref(n);
		return;
	}

	mem_deref(n->sender);
	mem_deref(n->transfers);
	mem_deref(n->reason);
}


/* The owner may let the notifier go here: call it last */
static void tell(struct notifier *n)
{
	struct sipfrag frag = {n->scode, PL_INIT};

	if (n->told || !n->senth)
		return;

	n->told = true;
	pl_set_str(&frag.reason, n->reason);
	n->senth(&frag, n->arg);
}


static void die(struct notifier *n)
{
	/* the owner waits for a decision, and has to know */
	if (n->state == PENDING)
		n->told = false;

	n->state = DEAD;
	stop(n);

	if (n->orphan)
		mem_deref(n);
	else
		tell(n);
}


/* The peer may be there again for the next status. A transport error is as a
   503 (RFC 3261 section 8.1.3.1), which does not end the subscription; no
   answer does (RFC 6665 section 4.2.2) */
static bool is_passing(int err)
{
	switch (err) {

	case ECONNREFUSED:
	case ECONNRESET:
	case EPIPE:
	case ENOTCONN:
	case EHOSTUNREACH:
	case ENETUNREACH:
	case ENETDOWN:
		return true;

	default:
		return false;
	}
}


/** Send the NOTIFY that is due, when it may go out */
void notifier_flush(void *arg)
{
	struct notifier *n = arg;
	const uint64_t age = tmr_jiffies() - n->ts;
	int err;

	if (!n->due || sender_busy(n->sender) || n->state == DEAD)
		return;

	if (n->state <= ACTIVE && n->ts && age < NOTIFY_PACE) {
		tmr_start(&n->tmr_pace, NOTIFY_PACE - age, notifier_flush, n);
		return;
	}

	err = start(n);
	if (err && (n->state > ACTIVE || !is_passing(err)))
		die(n);
	else
		tell(n);
}


/* The newest status may be another one now */
static int again_handler(void *arg)
{
	const int err = notify_request(arg);

	if (!err)
		tell(arg);

	return err;
}


static void response_handler(int err, const struct sip_msg *msg, void *arg)
{
	struct notifier *n = arg;
	struct sip *sip = n->sip;

	if (!err && msg->scode < 200)
		return;

	if (err)
		debug("refer: NOTIFY of REFER %u failed: %m\n", n->id, err);
	else if (msg->scode >= 300)
		debug("refer: NOTIFY of REFER %u was refused: %u %H\n", n->id,
		      msg->scode, text_clean, &msg->reason);

	if (n->state == ENDED ||
	    (err ? !is_passing(err) : sender_is_fatal(msg->scode)))
		die(n);
	else
		notifier_flush(n);

	mem_deref(sip);
}


/** End a subscription, with the last NOTIFY */
void notifier_end(struct notifier *n, enum sipevent_reason why)
{
	if (n->state == PENDING && why == SIPEVENT_TIMEOUT)
		n->told = false;

	n->state = ENDING;
	n->why   = why;
	n->due   = true;
	stop(n);
	notifier_flush(n);
}


static void expire_handler(void *arg);


/** Let a subscription live for so long [s] */
void notifier_live(struct notifier *n, uint32_t expires)
{
	struct queue *usual = &n->all->expire;
	const uint64_t delay = (uint64_t)expires * 1000;

	stop_expiry(n);

	usual->delay = (uint64_t)n->all->refer->set->expires * 1000;
	if (delay == usual->delay)
		queue_add(usual, &n->expire_due, n);
	else
		tmr_start(&n->tmr_expire, delay, expire_handler, n);
}


/** Let a subscription live for at least so long [s] from its first status */
void notifier_extend(struct notifier *n, uint32_t expires)
{
	n->expires = max(n->expires, expires);
}


/* It was not refreshed; a pending one lives until there is a decision */
static void expire_handler(void *arg)
{
	struct notifier *n = arg;

	if (n->state == PENDING)
		notifier_live(n, n->expires);
	else
		notifier_end(n, SIPEVENT_TIMEOUT);
}


static void notifiers_destructor(void *arg)
{
	struct notifiers *ns = arg;

	queue_close(&ns->expire);
	mem_deref(ns->ht);
}


/** Allocate the table of all subscriptions */
int notifiers_alloc(struct notifiers **nsp, const struct refer *refer)
{
	struct notifiers *ns;
	int err;

	ns = mem_zalloc(sizeof(*ns), notifiers_destructor);
	if (!ns)
		return ENOMEM;

	ns->refer = refer;
	queue_init(&ns->expire, 0, expire_handler);

	err = hash_alloc(&ns->ht, HASH_SIZE);
	if (err)
		mem_deref(ns);
	else
		*nsp = ns;

	return err;
}


/** Make the subscription of an accepted REFER: id is its CSeq, expires in s;
    letting go of it sends a last NOTIFY, with the reason "deactivated" */
int notifier_alloc(struct notifier **np, struct notifiers *ns,
		   const struct ua *ua, struct sip_dialog *dlg, uint32_t id,
		   uint32_t expires, notifier_sent_h *senth, void *arg)
{
	struct notifier *n;
	int err;

	n = mem_zalloc(sizeof(*n), destructor);
	if (!n)
		return ENOMEM;

	n->all = ns;
	n->sip = ns->refer->sip;
	n->transfers = mem_ref(ns->refer->transfers);

	err = sender_alloc(&n->sender, ns->refer->senders, ua, dlg,
			   again_handler, response_handler, n);
	if (err)
		goto out;

	n->id      = id;
	n->expires = expires;
	n->senth   = senth;
	n->arg     = arg;
	hash_append(ns->ht, hash_joaat_str(sip_dialog_callid(dlg)), &n->he, n);
	notifier_live(n, n->expires);

 out:
	if (err)
		mem_deref(n);
	else
		*np = n;

	return err;
}


/** Its messages belong to a transfer of that number */
void notifier_record(struct notifier *n, uint32_t id)
{
	sender_record(n->sender, id);
}


static int set_status(struct notifier *n, const struct sipfrag *frag)
{
	char *reason;
	int err;

	err = pl_strdup(&reason, &frag->reason);
	if (err)
		return err;

	mem_deref(n->reason);
	n->reason = reason;
	n->scode  = frag->scode;
	n->told   = false;
	n->sent   = false;

	return 0;
}


/** Report that nothing is decided yet (RFC 3515 section 2.4.5) */
void notifier_pending(struct notifier *n)
{
	const struct sipfrag frag = {100, PL("Trying")};

	if (n->state != NEW || set_status(n, &frag))
		return;

	n->state = PENDING;
	n->told  = true;
	n->due   = true;
	notifier_flush(n);
}


/** Report that the decision was no, or that there was none */
void notifier_reject(struct notifier *n, const struct sipfrag *frag,
		     bool undecided)
{
	if (set_status(n, frag))
		return;

	if (n->state == PENDING)
		notifier_end(n, undecided ? SIPEVENT_GIVEUP
					  : SIPEVENT_REJECTED);
	else
		tell(n);
}


/** Report that nobody follows it any more, if that can still be reported; the
    owner hears no more */
void notifier_abandon(struct notifier *n, const struct sipfrag *frag)
{
	const enum sipevent_reason why = n->state == PENDING ?
		SIPEVENT_REJECTED : SIPEVENT_NORESOURCE;

	n->senth = NULL;
	if (n->state <= ACTIVE && !set_status(n, frag))
		notifier_end(n, why);
}


/** Tell whether the last status is on the wire */
bool notifier_sent(const struct notifier *n)
{
	return n->sent;
}


/** Tell whether the subscriber can no longer be told anything */
bool notifier_over(const struct notifier *n)
{
	return n->state > ACTIVE;
}


/** Report a status; 200 and above ends the subscription */
void notifier_status(struct notifier *n, const struct sipfrag *frag)
{
	const bool first = n->state == NEW || n->state == PENDING;

	if (set_status(n, frag))
		return;

	if (first) {
		n->state = ACTIVE;
		n->ts    = 0;
		notifier_live(n, n->expires);
	}

	if (n->state != ACTIVE) {
		tell(n);
	}
	else if (frag->scode >= 200) {
		notifier_end(n, SIPEVENT_NORESOURCE);
	}
	else {
		n->due = true;
		notifier_flush(n);
	}
}


/** Tell how long the subscription still lives [ms] */
uint64_t notifier_left(const struct notifier *n)
{
	if (!n)
		return 0;

	return max(queue_left(&n->expire_due),
		   tmr_get_expire(&n->tmr_expire));
}
