/**
 * @file fake_wire.c  A softphone for the tests: messages, events and waiting
 */
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>
#include "unit.h"
#include "fake_host.h"


static struct list eventl;
static size_t messages;        /* That came or went, copies too */
void (*event_act)(const char *prm);


/* Messages */

static void wire_destructor(void *arg)
{
	struct wire *w = arg;

	list_unlink(&w->le);
	mem_deref(w->msg);
}


static bool is_same(const struct sip_msg *a, const struct sip_msg *b)
{
	return a->req == b->req && a->scode == b->scode &&
		!pl_cmp(&a->met, &b->met) &&
		!pl_cmp(&a->cseq.met, &b->cseq.met) &&
		!pl_cmp(&a->via.branch, &b->via.branch);
}


static bool is_retransmission(const struct ua *ua, const struct wire *w)
{
	struct le *le;

	LIST_FOREACH(&ua->wirel, le) {
		const struct wire *old = le->data;

		if (old->tx == w->tx && is_same(old->msg, w->msg))
			return true;
	}

	return false;
}


/**
 * Keep a message of a stack: its trace handler
 *
 * @param tx  True if it sent it
 * @param tp  Transport, unused
 * @param src Source, unused
 * @param dst Destination, unused
 * @param pkt Message
 * @param len Its length
 * @param arg Softphone or peer
 */
void wire_trace(bool tx, enum sip_transp tp, const struct sa *src,
		const struct sa *dst, const uint8_t *pkt, size_t len,
		void *arg)
{
	struct ua *ua = arg;
	struct mbuf *mb;
	struct wire *w;
	int err;
	(void)tp;
	(void)src;
	(void)dst;

	++messages;
	if (getenv("UNIT_VERBOSE"))
		(void)re_fprintf(stderr, "%s %s\n%b\n", ua->aor,
				 tx ? "sends" : "receives", pkt, len);

	w  = mem_zalloc(sizeof(*w), wire_destructor);
	mb = mbuf_alloc(len + 1);
	assert_non_null(w);
	assert_non_null(mb);

	w->tx = tx;
	w->ts = tmr_jiffies();
	assert_int_equal(0, mbuf_write_mem(mb, pkt, len));
	mb->pos = 0;
	err = sip_msg_decode(&w->msg, mb);
	mem_deref(mb);

	/* a peer may send anything, what is tested may not */
	assert_false(err && tx && ua->refer);

	if (err || is_retransmission(ua, w))
		mem_deref(w);
	else
		list_append(&ua->wirel, &w->le, w);
}


static bool is_what(const struct sip_msg *msg, const char *what)
{
	char buf[64];

	if (msg->req)
		return !pl_strcmp(&msg->met, what);

	(void)re_snprintf(buf, sizeof(buf), "%u %r", msg->scode,
			  &msg->cseq.met);

	return !str_cmp(buf, what);
}


/**
 * Find a message
 *
 * @param ua   Softphone or peer
 * @param tx   True if it sent it, false if it received it
 * @param what "REFER" for a request, "202 REFER" for a response
 * @param n    0 for the first one, 1 for the second
 *
 * @return Message, or NULL
 */
const struct wire *wire_find(const struct ua *ua, bool tx, const char *what,
			     unsigned n)
{
	struct le *le;

	LIST_FOREACH(&ua->wirel, le) {
		const struct wire *w = le->data;

		if (w->tx == tx && is_what(w->msg, what) && !n--)
			return w;
	}

	return NULL;
}


/**
 * Count messages; retransmissions do not count
 *
 * @param ua   Softphone or peer
 * @param tx   True for those it sent, false for those it received
 * @param what As for wire_find()
 *
 * @return Number of messages
 */
unsigned wire_count(const struct ua *ua, bool tx, const char *what)
{
	unsigned n = 0;

	while (wire_find(ua, tx, what, n))
		++n;

	return n;
}


struct wire_search {
	const struct ua *ua;
	bool tx;
	const char *what;
	unsigned n;
};


static bool wire_cond(void *arg)
{
	const struct wire_search *s = arg;

	return wire_find(s->ua, s->tx, s->what, s->n);
}


static void wire_print(const struct ua *ua)
{
	struct le *le;

	LIST_FOREACH(&ua->wirel, le) {
		const struct wire *w = le->data;

		(void)re_fprintf(stderr, "%s %s %r%u %r\n", ua->aor,
				 w->tx ? "->" : "<-", &w->msg->met,
				 w->msg->scode, &w->msg->cseq.met);
	}
}


/**
 * Wait for a message; the test fails if it does not come
 *
 * @param ua   Softphone or peer
 * @param tx   True if it sends it, false if it receives it
 * @param what As for wire_find()
 * @param n    0 for the first one, 1 for the second
 *
 * @return Message
 */
const struct sip_msg *wire_await(const struct ua *ua, bool tx,
				 const char *what, unsigned n)
{
	struct wire_search s = {ua, tx, what, n};

	if (!wait_cond(wire_cond, &s, WAIT_MS)) {
		wire_print(ua);
		log_print();
		fail_msg("%s %s no %s number %u", ua->aor,
			 tx ? "sends" : "receives", what, n + 1);
	}

	return wire_find(ua, tx, what, n)->msg;
}


/**
 * Tell whether the head of a message has a text in it
 *
 * @param msg  Message
 * @param text Text
 *
 * @return True if so
 */
bool msg_has(const struct sip_msg *msg, const char *text)
{
	return memmem(msg->mb->buf, msg->mb->pos, text, strlen(text));
}


/**
 * Tell whether a message has exactly one header with a name, and its value
 *
 * @param msg  Message
 * @param name Name of the header
 * @param val  Value
 *
 * @return True if so
 */
bool msg_hdr_is(const struct sip_msg *msg, const char *name, const char *val)
{
	const struct sip_hdr *hdr = sip_msg_xhdr(msg, name);

	if (hdr && sip_msg_xhdr_count(msg, name) == 1 &&
	    !pl_strcmp(&hdr->val, val))
		return true;

	(void)re_fprintf(stderr, "%s is \"%r\", not \"%s\"\n", name,
			 hdr ? &hdr->val : NULL, val);

	return false;
}


/**
 * Tell whether the body of a message is a text
 *
 * @param msg  Message
 * @param text Text
 *
 * @return True if so
 */
bool body_is(const struct sip_msg *msg, const char *text)
{
	struct pl pl;

	pl_set_mbuf(&pl, msg->mb);
	if (!pl_strcmp(&pl, text))
		return true;

	(void)re_fprintf(stderr, "body is \"%r\", not \"%s\"\n", &pl, text);

	return false;
}


/* Events */

static void event_destructor(void *arg)
{
	struct event *ev = arg;

	list_unlink(&ev->le);
	mem_deref(ev->prm);
}


void host_event(struct ua *ua, struct call *call, const char *prm)
{
	struct event *ev = mem_zalloc(sizeof(*ev), event_destructor);

	assert_non_null(ev);
	assert_int_equal(0, str_dup(&ev->prm, prm));
	ev->ua   = ua;
	ev->call = call;
	list_append(&eventl, &ev->le, ev);

	if (getenv("UNIT_VERBOSE"))
		(void)re_fprintf(stderr, "event %s\n", prm);

	if (event_act)
		event_act(prm);
}


/**
 * Find an event of the module
 *
 * @param name Its name, as "referEnded"
 * @param n    0 for the first one, 1 for the second
 *
 * @return Event, or NULL
 */
const struct event *event_find(const char *name, unsigned n)
{
	struct le *le;

	LIST_FOREACH(&eventl, le) {
		const struct event *ev = le->data;
		struct pl pl;

		if (!re_regex(ev->prm, strlen(ev->prm), "refer,[^,]+,", &pl) &&
		    !pl_strcmp(&pl, name) && !n--)
			return ev;
	}

	return NULL;
}


/**
 * Count events
 *
 * @param name Their name
 *
 * @return Number of events
 */
unsigned event_count(const char *name)
{
	unsigned n = 0;

	while (event_find(name, n))
		++n;

	return n;
}


struct event_search {
	const char *name;
	unsigned n;
};


static bool event_cond(void *arg)
{
	const struct event_search *s = arg;

	return event_find(s->name, s->n);
}


/**
 * Wait for an event; the test fails if it does not come
 *
 * @param name Its name
 * @param n    0 for the first one, 1 for the second
 *
 * @return Event
 */
const struct event *event_await(const char *name, unsigned n)
{
	struct event_search s = {name, n};

	if (!wait_cond(event_cond, &s, WAIT_MS)) {
		log_print();
		fail_msg("no event %s number %u", name, n + 1);
	}

	return event_find(name, n);
}


/**
 * Tell whether an event begins with a text
 *
 * @param n   0 for the first event of all
 * @param prm Text
 *
 * @return True if so
 */
bool event_is(unsigned n, const char *prm)
{
	const struct event *ev = NULL;
	struct le *le;

	LIST_FOREACH(&eventl, le) {
		ev = le->data;
		if (!n--)
			break;
	}

	if (le && ev && !strncmp(ev->prm, prm, strlen(prm)))
		return true;

	(void)re_fprintf(stderr, "event is \"%s\", not \"%s\"\n",
			 le && ev ? ev->prm : "none", prm);

	return false;
}


/**
 * Count all events
 *
 * @return Number of events
 */
unsigned events(void)
{
	return list_count(&eventl);
}


/**
 * Forget all events
 */
void event_clear(void)
{
	list_flush(&eventl);
}


/* Time and waiting */

static uint64_t skew;
static uint64_t stopped;


static uint64_t real_ms(void)
{
	struct timespec ts;

	(void)clock_gettime(CLOCK_MONOTONIC, &ts);

	return (uint64_t)ts.tv_sec * 1000 + (uint64_t)ts.tv_nsec / 1000000;
}


/*
 * In the place of libre's, for all of libre too: long timers need not be
 * waited for.
 */
uint64_t tmr_jiffies(void)
{
	return (stopped ? stopped : real_ms()) + skew;
}


/**
 * Stop the time, so that only clock_forward() moves it; or let it go on
 *
 * @param stop True to stop it
 */
void clock_stop(bool stop)
{
	stopped = stop ? real_ms() : 0;
}


/**
 * Move the time forward; timers that are due then run in the next wait
 *
 * @param ms How far
 */
void clock_forward(uint64_t ms)
{
	skew += ms;
}


static struct {
	struct tmr tmr;
	cond_h *h;
	void *arg;
	uint64_t end;
	bool met;
} wait;


static void wait_handler(void *arg)
{
	(void)arg;

	wait.met = wait.h && wait.h(wait.arg);

	if (wait.met || real_ms() >= wait.end)
		re_cancel();
	else
		tmr_start(&wait.tmr, 1, wait_handler, NULL);
}


/**
 * Run the stacks until something has happened
 *
 * @param h   Tells whether it has, or NULL
 * @param arg Handler argument
 * @param ms  Longest time to run
 *
 * @return True if it has
 */
bool wait_cond(cond_h *h, void *arg, uint32_t ms)
{
	wait.h   = h;
	wait.arg = arg;
	wait.end = real_ms() + ms;

	/* a test that failed in a handler has left the main loop so */
	re_cancel();

	tmr_start(&wait.tmr, 0, wait_handler, NULL);
	(void)re_main(NULL);
	tmr_cancel(&wait.tmr);

	return wait.met;
}


/**
 * Run the stacks for a time
 *
 * @param ms How long
 */
void run_for(uint32_t ms)
{
	(void)wait_cond(NULL, NULL, ms);
}


/**
 * Run the stacks until what is on its way has arrived
 */
void settle(void)
{
	run_for(SETTLE_MS);
}


enum {
	IDLE_ROUNDS = 6,       /* A retransmission and its answer need two */
};

static struct {
	size_t messages;
	unsigned rounds;
} idle;


/* Always ready, so that the main loop never waits */
static void idle_handler(int flags, void *arg)
{
	(void)flags;
	(void)arg;

	if (idle.messages != messages) {
		idle.messages = messages;
		idle.rounds   = 0;
	}
	else if (++idle.rounds >= IDLE_ROUNDS) {
		re_cancel();
	}
}


/**
 * Run the stacks until no message is on its way, without waiting for time
 */
void run_idle(void)
{
	const int fd = eventfd(1, 0);

	assert_true(fd >= 0);
	idle.rounds = 0;
	re_cancel();
	assert_int_equal(0, fd_listen(fd, FD_READ, idle_handler, NULL));
	(void)re_main(NULL);
	fd_close(fd);
	(void)close(fd);
}
