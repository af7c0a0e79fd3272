/**
 * @file lossy.c  A network that loses, delays, swaps and doubles messages
 *
 * It is between bob and each peer that lossy_join() puts behind it, so it
 * knows what has got through. The fate of a message follows from the seed, its
 * dialog, direction, kind, and the count of that kind: a run with the same
 * seed loses the same ones, however fast the machine is. The peers are behind
 * resend.c, which sends again what is lost.
 */
#include <stdlib.h>
#include <string.h>
#include "badnet.h"


enum {
	DELAY_MAX = 2000,     /**< Of a message, bob's ms */
	DOUBLED   = 5,        /**< So many of 100         */
};

/** A message on its way */
struct packet {
	struct tmr tmr;
	struct peer *p;
	struct msg *m;
	bool out;             /**< To bob */
};

/** A message that has got through */
struct arrival {
	struct le le;
	const struct msg *m;
	const struct peer *p;
	bool out;
	uint64_t time;
};

/** Messages of a kind in a dialog, or a dialog */
struct kind {
	struct le le;
	const char *name;
	unsigned n;           /**< How many; or the number of the dialog */
};

static struct {
	uint64_t seed;
	unsigned loss;        /**< Of 100; 0: all get through at once */
	struct list arrivedl;
	struct list kindl;
	struct list dialogl;  /**< Those of this transfer             */
	struct list oldl;     /**< Those of transfers before          */
	unsigned sent, lost;
} net;


static struct kind *kind_find(const struct list *l, const char *name)
{
	struct le *le;

	for (le = list_head(l); le; le = le->next) {

		struct kind *k = le->data;

		if (!strcmp(k->name, name))
			return k;
	}

	return NULL;
}


static struct kind *kind_get(struct list *l, const char *name)
{
	struct kind *k = kind_find(l, name);

	if (k)
		return k;

	k = calloc(1, sizeof(*k));
	if (!k)
		abort();

	k->name = name;
	k->n    = list_count(l);
	list_append(l, &k->le, k);

	return k;
}


/**
 * Tell whether a message is of a transfer before
 *
 * @param m Message
 *
 * @return True if it is, or of no dialog
 */
bool lossy_is_old(const struct msg *m)
{
	const char *callid = m->sip ? hdr(m, "Call-ID") : NULL;

	return !callid || kind_find(&net.oldl, callid);
}


static void arrive(struct peer *p, struct msg *m, bool out)
{
	struct arrival *a = calloc(1, sizeof(*a));

	if (!a)
		abort();

	a->m    = m;
	a->p    = p;
	a->out  = out;
	a->time = now_ms();
	if (!lossy_is_old(m))
		list_append(&net.arrivedl, &a->le, a);

	if (out)
		peer_put(p, m);
	else
		resend_received(p, m);
}


static void packet_handler(void *arg)
{
	struct packet *pk = arg;

	arrive(pk->p, pk->m, pk->out);
	free(pk);
}


static void packet_send(struct peer *p, struct msg *m, bool out)
{
	struct packet *pk;

	if (odds(net.loss)) {
		++net.lost;
		ladder_note(out ? p->name : "bob",
			    F("lost: %s", msg_summary(m)));
		return;
	}

	pk = calloc(1, sizeof(*pk));
	if (!pk)
		abort();

	pk->p   = p;
	pk->m   = m;
	pk->out = out;
	tmr_init(&pk->tmr);
	tmr_start(&pk->tmr, below(FAST(DELAY_MAX)), packet_handler, pk);
}


/* The seed of the fate of a message */
static uint64_t fate(const struct peer *p, const struct msg *m, bool out,
		     const char *callid)
{
	const char *met = F("%.*s", (int)m->sip->cseq.met.l,
			    m->sip->cseq.met.p);
	const char *name = F("%u %s %d %s %u", kind_get(&net.dialogl,
							callid)->n,
			     p->name, out, met, scode(m));
	struct kind *k = kind_get(&net.kindl, name);

	return hash_text(net.seed, F("%s %u", name, ++k->n));
}


/**
 * Give a message to the network
 *
 * @param p   Peer that sends it, or shall have it
 * @param m   Message
 * @param out True if it is to bob
 */
void lossy_send(struct peer *p, struct msg *m, bool out)
{
	const uint64_t state = rnd_get();

	if (!net.loss || lossy_is_old(m)) {
		arrive(p, m, out);
		return;
	}

	rnd_seed(fate(p, m, out, hdr(m, "Call-ID")));
	++net.sent;
	packet_send(p, m, out);
	if (odds(DOUBLED))
		packet_send(p, m, out);

	rnd_set(state);
}


/** Have all messages get through at once, until lossy_start() */
void lossy_stop(void)
{
	net.loss = 0;
}


/**
 * Begin to lose messages
 *
 * @param seed Seed
 * @param loss Messages lost of 100
 */
void lossy_start(uint64_t seed, unsigned loss)
{
	net.seed = seed;
	net.loss = loss;
}


/** Forget what has got through; dialogs so far lose nothing from now on */
void lossy_forget(void)
{
	struct le *le;

	while ((le = net.dialogl.head)) {
		list_unlink(le);
		list_append(&net.oldl, le, le->data);
	}

	list_init(&net.kindl);
	list_init(&net.arrivedl);
}


/**
 * Tell whether a message has got through
 *
 * @param p       Peer at its one end
 * @param out     True if it was to bob
 * @param pattern As of msg_match()
 * @param until   When, at the latest, in ms; 0 for until now
 *
 * @return The first one, or NULL
 */
const struct msg *lossy_arrived(const struct peer *p, bool out,
				const char *pattern, uint64_t until)
{
	struct le *le;

	for (le = net.arrivedl.head; le; le = le->next) {

		const struct arrival *a = le->data;

		if (a->p == p && a->out == out &&
		    (!until || a->time <= until) && msg_match(a->m, pattern))
			return a->m;
	}

	return NULL;
}


static void send_handler(struct peer *p, struct msg *m)
{
	resend_sent(p, m);
	lossy_send(p, m, true);
}


static void recv_handler(struct peer *p, struct msg *m)
{
	lossy_send(p, m, false);
}


/**
 * Put a peer behind the network
 *
 * @param p Peer
 */
void lossy_join(struct peer *p)
{
	static const struct peer_net h = {send_handler, recv_handler};

	p->net = &h;
}


/**
 * Tell how many messages were lost
 *
 * @param sent Returned number of all messages
 *
 * @return Number of those that were lost
 */
unsigned lossy_lost(unsigned *sent)
{
	*sent = net.sent;

	return net.lost;
}
