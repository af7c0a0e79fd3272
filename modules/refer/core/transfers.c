/**
 * @file transfers.c  All transfers by their number, also those that have ended
 *
 * Knows of each what its events tell: when each stage was reached, and at the
 * end all that can be shown of it; and its messages. The last ones are kept
 * for some time (refer_history, refer_history_time); the oldest goes first,
 * and text that is too long is left out, so that others cannot fill the
 * memory.
 */
#include <stddef.h>
#include <string.h>
#include <re.h>
#include "config/settings.h"
#include "core/core.h"
#include "core/ladder.h"
#include "core/stats.h"
#include "core/transfers.h"
#include "host/libre.h"
#include "refer.h"


enum {
	TEXT_MAX = 1024,       /* of one value that is kept [bytes] */
	CUT_SIZE = 80,
};

struct transfers {
	struct hash *ht;           /**< All, by number                   */
	struct list endedl;        /**< Those that have ended, in order  */
	uint32_t endedc;
	uint32_t id;               /**< The last number that was given   */
	struct stats *stats;
	const struct refer *refer;
};

struct transfer {
	struct le he;
	struct le le;
	uint32_t id;
	enum refer_event_type last;    /**< Event before referEnded      */
	struct stage stagev[STAGES_MAX]; /**< In the order of the events */
	unsigned stagec;
	struct ladder ladder;
	struct refer_transfer row;          /**< Once it has ended; of the
					    texts a copy                 */
	char cut[CUT_SIZE];            /**< Those that were too long     */
};

/** The texts of a row */
static const struct {
	const char *name;
	size_t offset;
} textv[] = {
	{"account",     offsetof(struct refer_transfer, account)},
	{"target",      offsetof(struct refer_transfer, target)},
	{"reason",      offsetof(struct refer_transfer, reason)},
	{"call",        offsetof(struct refer_transfer, callid)},
	{"new_call",    offsetof(struct refer_transfer, new_callid)},
	{"referred_by", offsetof(struct refer_transfer, referred_by)},
	{"replaces",    offsetof(struct refer_transfer, replaces)},
	{"headers",     offsetof(struct refer_transfer, headers)},
};


static char **text_of(struct refer_transfer *row, size_t i)
{
	return (char **)(void *)((uint8_t *)row + textv[i].offset);
}


static void destructor(void *arg)
{
	struct transfer *t = arg;
	size_t i;

	hash_unlink(&t->he);
	list_unlink(&t->le);
	list_flush(&t->ladder.l);
	if (!t->row.ended)
		return;

	for (i=0; i<ARRAY_SIZE(textv); ++i)
		mem_deref(*text_of(&t->row, i));
	mem_deref((void *)t->row.peer.p);
}


static bool cmp_id(struct le *le, void *arg)
{
	const struct transfer *t = le->data;

	return t->id == *(const uint32_t *)arg;
}


static struct transfer *find(const struct transfers *ts, uint32_t id)
{
	return list_ledata(hash_lookup(ts->ht, id, cmp_id, &id));
}


static struct transfer *get(struct transfers *ts, uint32_t id)
{
	struct transfer *t = find(ts, id);

	if (t)
		return t;

	t = mem_zalloc(sizeof(*t), destructor);
	if (t) {
		t->id = id;
		hash_append(ts->ht, id, &t->he, t);
	}

	return t;
}


/* Forget those that ended too long ago, and that are too many */
static void forget(struct transfers *ts)
{
	const struct settings *set = ts->refer->set;
	const uint64_t age = (uint64_t)set->history_time * 1000;
	struct le *le;

	while ((le = ts->endedl.head)) {
		struct transfer *t = le->data;

		if (ts->endedc <= set->history &&
		    tmr_jiffies() - t->row.ended <= age)
			break;

		mem_deref(t);
		--ts->endedc;
	}
}


static void cut(struct transfer *t, const char *name)
{
	const size_t len = strlen(t->cut);

	(void)re_snprintf(t->cut + len, sizeof(t->cut) - len, "%s%s",
			  len ? "," : "", name);
	t->row.cut = t->cut;
}


/* A text that cannot be kept is left out whole: half a URI is another one */
static void keep(struct transfer *t, const char **dst, const char *src,
		 size_t len, const char *name)
{
	struct pl pl = {src, len};
	char *copy;

	*dst = NULL;
	if (!src)
		return;

	if (len > TEXT_MAX || pl_strdup(&copy, &pl))
		cut(t, name);
	else
		*dst = copy;
}


static void keep_all(struct transfer *t, const struct refer_transfer *row)
{
	struct refer_transfer from = *row;
	size_t i;

	t->row = *row;
	t->row.peer_name = pl_null;
	t->row.dialled   = NULL;
	keep(t, &t->row.peer.p, row->peer.p, row->peer.l, "peer");
	if (!t->row.peer.p)
		t->row.peer = pl_null;

	for (i=0; i<ARRAY_SIZE(textv); ++i) {
		const char *text = *text_of(&from, i);

		keep(t, (const char **)text_of(&t->row, i), text,
		     str_len(text), textv[i].name);
	}
}


/* Who refers knows the outcome; otherwise the last event tells it */
static enum refer_outcome outcome(const struct transfer *t,
				  const struct refer_event *ev)
{
	if (ev->outcome != REFER_OUTCOME_NONE)
		return ev->outcome;

	switch (t->last) {

	case REFER_EV_REPLACED:
	case REFER_EV_REFER_ACCEPTED:
		return REFER_OUTCOME_ACCEPTED;

	case REFER_EV_REFER_REJECTED:
		return REFER_OUTCOME_REJECTED;

	case REFER_EV_REFER_REQUEST_REJECTED:
		return REFER_OUTCOME_REFUSED;

	case REFER_EV_REFER_TIMEOUT:
		return REFER_OUTCOME_TIMEOUT;

	default:
		return REFER_OUTCOME_CANCELLED;
	}
}


/* What is not told by the event stays as it was */
static void row_end(struct refer_transfer *row, const struct refer_event *ev,
		    enum refer_outcome how)
{
	row->id      = ev->id;
	row->can     = 0;
	row->until   = 0;
	row->state   = "ENDED";
	row->target  = ev->target;
	row->outcome = how;
	row->ended   = tmr_jiffies();
	row->scode   = ev->scode ? ev->scode : row->scode;
	row->reason  = ev->reason ? ev->reason : row->reason;
}


static void end(struct transfers *ts, struct transfer *t,
		const struct refer_event *ev, struct refer_transfer *row)
{
	row_end(row, ev, outcome(t, ev));
	keep_all(t, row);
	stats_ended(ts->stats, row);

	list_append(&ts->endedl, &t->le, t);
	++ts->endedc;
	forget(ts);
}


/* What has ended can still hear of its outcome */
static void late(struct transfer *t, const struct refer_event *ev)
{
	t->row.scode  = ev->scode;
	t->row.reason = mem_deref((void *)t->row.reason);
	keep(t, &t->row.reason, ev->reason, str_len(ev->reason), "reason");
}


static void reach(struct transfers *ts, struct transfer *t,
		  const struct refer_event *ev, uint64_t begin)
{
	struct stage *s;

	for (s = t->stagev; s < t->stagev + t->stagec; ++s) {
		if (s->type == ev->type)
			return;
	}

	++t->stagec;
	s->type = ev->type;
	s->ms   = (uint32_t)(tmr_jiffies() - begin);
	stats_stage(ts->stats, ev, s->ms);
}


/** Take note of an event, and of its transfer as it is then; once it has
    ended, row is changed to what it is after that */
void transfers_event(struct transfers *ts, const struct refer_event *ev,
		     struct refer_transfer *row)
{
	struct transfer *t;

	if (ev->type == REFER_EV_REFER_LATE) {
		forget(ts);
		if (!find(ts, ev->id)) {
			row_end(row, ev, REFER_OUTCOME_TIMEOUT);
			return;
		}
	}

	t = get(ts, ev->id);
	if (!t)
		return;

	if (ev->type == REFER_EV_NOTIFY)
		stats_notify(ts->stats, false);

	reach(ts, t, ev, t->row.ended ? t->row.ts : row->ts);

	if (t->row.ended) {
		late(t, ev);
		*row = t->row;
	}
	else if (ev->type == REFER_EV_REFER_ENDED) {
		end(ts, t, ev, row);
	}
	else {
		t->last = ev->type;
	}
}


/** Get a transfer that has ended; false if there is none of that number, or it
    is forgotten. It points into what is kept: until the next event */
bool transfers_ended(struct refer_transfer *row, struct transfers *ts,
		     uint32_t id)
{
	const struct transfer *t;

	forget(ts);

	t = find(ts, id);
	if (!t || !t->row.ended)
		return false;

	*row = t->row;

	return true;
}


/** Show all that have ended to a handler, the oldest first */
int transfers_ended_apply(struct transfers *ts, refer_transfer_h *h, void *arg)
{
	struct le *le;
	int err = 0;

	forget(ts);

	LIST_FOREACH(&ts->endedl, le) {
		const struct transfer *t = le->data;

		err |= h(&t->row, arg);
	}

	return err;
}


/** Get when each event of a transfer came first, in order; NULL if there was
    none at all */
const struct stage *transfers_stages(unsigned *n, const struct transfers *ts,
				     uint32_t id)
{
	const struct transfer *t = find(ts, id);

	*n = t ? t->stagec : 0;

	return *n ? t->stagev : NULL;
}


/** Get where messages of a transfer are added, its first one if begin; NULL if
    nothing is kept of it, and for the number 0 */
struct ladder *transfers_ladder(struct transfers *ts, uint32_t id, bool begin)
{
	struct transfer *t = begin && id ? get(ts, id) : find(ts, id);

	return t ? &t->ladder : NULL;
}


/** Show the messages of a transfer to a handler; there may be none */
int transfers_ladder_apply(const struct transfers *ts, uint32_t id,
			   refer_message_h *h, void *arg)
{
	const struct transfer *t = find(ts, id);

	return t ? ladder_apply(&t->ladder, h, arg) : 0;
}


/** Count a REFER that is refused without a number */
void transfers_refused(struct transfers *ts, uint16_t scode)
{
	stats_refused(ts->stats, scode);
}


/** Count a NOTIFY that is sent */
void transfers_notify_sent(struct transfers *ts)
{
	stats_notify(ts->stats, true);
}


/** Get the counters, but how many wait now */
void transfers_stats(struct refer_stats *stats, const struct transfers *ts)
{
	stats_get(stats, ts->stats);
}


/** Give a transfer that begins its number */
uint32_t transfers_begin(struct transfers *ts)
{
	return ++ts->id;
}


static void transfers_destructor(void *arg)
{
	struct transfers *ts = arg;

	hash_flush(ts->ht);
	mem_deref(ts->ht);
	mem_deref(ts->stats);
}


int transfers_alloc(struct transfers **tsp, const struct refer *refer)
{
	struct transfers *ts;
	int err;

	ts = mem_zalloc(sizeof(*ts), transfers_destructor);
	if (!ts)
		return ENOMEM;

	ts->refer = refer;
	err  = hash_alloc(&ts->ht, HASH_SIZE);
	err |= stats_alloc(&ts->stats);
	if (err)
		mem_deref(ts);
	else
		*tsp = ts;

	return err;
}
