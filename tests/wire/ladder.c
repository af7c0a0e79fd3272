/**
 * @file ladder.c  The message ladder of a wire test
 *
 * Collects every SIP message that was captured, names both ends, marks
 * retransmissions, and prints the whole as a ladder. Tests look for messages
 * between others in it with seen().
 */
#include <stdlib.h>
#include <string.h>
#include "wire.h"
#include "harness.h"


enum {
	NAMES = 256,
	ARROW = 16,
	LIVE_MS = 20,    /**< Packets and events come in order after this */
};

/** An address and who is there */
struct name {
	struct sa addr;
	const char *name;
};

/** A line of the ladder: a message or a note */
struct rung {
	struct le le;
	struct msg *m;
	uint64_t time;
	const char *who;
	const char *note;
	bool printed;
};

/** What seen() looks for */
struct look {
	const char *from;
	const char *to;
	const char *pattern;
	struct msg *m;
};

static struct name namev[NAMES];
static unsigned namec;
static struct list rungl;
static FILE *live;
static struct tmr tmr_live;


/**
 * Tell who is at an address
 *
 * @param addr Address and port
 * @param name Name
 */
void ladder_name(const struct sa *addr, const char *name)
{
	unsigned i;

	for (i=0; i<namec; i++) {

		if (!sa_cmp(&namev[i].addr, addr, SA_ALL))
			continue;

		namev[i].name = name;
		return;
	}

	if (namec < NAMES) {
		namev[namec].addr = *addr;
		namev[namec++].name = name;
	}
}


/**
 * Find out whether an address and port has a name
 *
 * @param addr Address and port
 *
 * @return True if so
 */
bool ladder_known(const struct sa *addr)
{
	unsigned i;

	for (i=0; i<namec; i++) {

		if (sa_cmp(&namev[i].addr, addr, SA_ALL))
			return true;
	}

	return false;
}


/**
 * Find out who is at an address: the name of the address and port, else that
 * of the address
 *
 * @param addr Address and port
 *
 * @return Name, or the address as text
 */
const char *ladder_who(const struct sa *addr)
{
	char buf[80];
	unsigned i;

	for (i=0; i<namec; i++) {

		if (sa_cmp(&namev[i].addr, addr, SA_ALL))
			return namev[i].name;
	}

	for (i=0; i<namec; i++) {

		if (sa_cmp(&namev[i].addr, addr, SA_ADDR))
			return namev[i].name;
	}

	(void)re_snprintf(buf, sizeof(buf), "%J", addr);

	return keep(buf, strlen(buf));
}


static void rung_print(FILE *f, const struct rung *r)
{
	const char *arrow;

	if (r->note) {
		(void)fprintf(f, "%6llu  * %-*s %s\n",
			      (unsigned long long)r->time, ARROW - 2, r->who,
			      r->note);
		return;
	}

	arrow = F("%s -> %s", r->m->from, r->m->to);

	(void)fprintf(f, "%6llu  %-*s %s\n", (unsigned long long)r->time,
		      ARROW, arrow, msg_summary(r->m));
}


static void live_flush(uint64_t until)
{
	struct le *le;

	for (le = rungl.head; le; le = le->next) {

		struct rung *r = le->data;

		if (r->printed || r->time > until)
			continue;

		rung_print(live, r);
		r->printed = true;
	}

	(void)fflush(live);
}


static void live_handler(void *arg)
{
	(void)arg;

	live_flush(now_ms() - LIVE_MS);
}


static void rung_add(struct rung *r)
{
	struct le *le = list_tail(&rungl);

	/* packets are read after they came: keep the order of their times */
	while (le && ((struct rung *)le->data)->time > r->time)
		le = le->prev;

	if (le)
		list_insert_after(&rungl, le, &r->le, r);
	else
		list_prepend(&rungl, &r->le, r);

	if (live)
		tmr_start(&tmr_live, LIVE_MS + 1, live_handler, NULL);

	wake();
}


/**
 * Add a message to the ladder
 *
 * @param m Message
 */
void ladder_msg(struct msg *m)
{
	struct rung *r = calloc(1, sizeof(*r));
	struct le *le;

	if (!r)
		abort();

	for (le = list_tail(&rungl); le; le = le->prev) {

		struct msg *old = ((struct rung *)le->data)->m;

		if (!old || old->again || !msg_same(old, m))
			continue;

		m->again = true;
		++old->copies;
		break;
	}

	r->m = m;
	r->time = m->time;
	rung_add(r);
}


/**
 * Add a note to the ladder
 *
 * @param who  Whom it is about
 * @param text What
 */
void ladder_note(const char *who, const char *text)
{
	struct rung *r = calloc(1, sizeof(*r));

	if (!r)
		abort();

	r->who = who;
	r->note = text;
	r->time = now_ms();
	rung_add(r);
}


/**
 * Print each line of the ladder from now on as it comes
 *
 * @param f File to print to, NULL to stop
 */
void ladder_live(FILE *f)
{
	if (live) {
		capture_read();
		live_flush(now_ms());
		tmr_cancel(&tmr_live);
	}

	live = f;
}


/**
 * Print the ladder
 *
 * @param f File to print to
 */
void ladder_print(FILE *f)
{
	struct le *le;

	capture_read();

	(void)fprintf(f, "    ms  %-*s message\n", ARROW, "who");

	for (le = rungl.head; le; le = le->next)
		rung_print(f, le->data);
}


static bool look_match(const struct look *look, const struct msg *m)
{
	if (!m || m->again)
		return false;

	if (look->from && strcmp(look->from, m->from))
		return false;

	if (look->to && strcmp(look->to, m->to))
		return false;

	return msg_match(m, look->pattern);
}


static bool seen_cond(void *arg)
{
	struct look *look = arg;
	struct le *le;

	for (le = rungl.head; le; le = le->next) {

		struct msg *m = ((struct rung *)le->data)->m;

		if (!look_match(look, m) || m->used)
			continue;

		m->used = true;
		look->m = m;
		return true;
	}

	return false;
}


/**
 * Wait for a message on the wire, see seen()
 *
 * @param file    File of the test
 * @param line    Line of it
 * @param from    Name of the sender, or NULL
 * @param to      Name of the receiver, or NULL
 * @param pattern Pattern as of msg_match()
 * @param ms      Deadline in ms
 *
 * @return The message; without one the test ends
 */
struct msg *seen_at(const char *file, int line, const char *from,
		    const char *to, const char *pattern, uint32_t ms)
{
	struct look look = {from, to, pattern, NULL};

	test_here(file, line);

	if (!wait_until(seen_cond, &look, ms))
		test_fail(false, file, line, "no '%s' from %s to %s on the"
			  " wire within %u ms", pattern, from ? from : "any",
			  to ? to : "any", ms);

	return look.m;
}


/**
 * Count messages on the wire, each of them once however often it was sent
 *
 * @param from    Name of the sender, or NULL
 * @param to      Name of the receiver, or NULL
 * @param pattern Pattern as of msg_match()
 *
 * @return Number of messages so far
 */
unsigned seen_count(const char *from, const char *to, const char *pattern)
{
	const struct look look = {from, to, pattern, NULL};
	unsigned n = 0;
	struct le *le;

	capture_read();

	for (le = rungl.head; le; le = le->next)
		n += look_match(&look, ((struct rung *)le->data)->m);

	return n;
}
