/**
 * @file ladder.c  The message ladder of a wire test
 *
 * Collects every SIP message that was captured, names both ends, marks
 * retransmissions, and prints the whole as a ladder. Tests look for messages
 * between others in it with seen().
 */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
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
static struct ladder_style style;


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


/* Whoever speaks first is the first in the table of names */
static const char *color_of(const char *who)
{
	static const char *const colorv[] = {
		"\x1b[36m", "\x1b[33m", "\x1b[35m", "\x1b[32m", "\x1b[34m",
	};
	unsigned i, n = 0;

	for (i=0; i<namec; i++) {

		if (!strcmp(namev[i].name, who))
			return colorv[n % ARRAY_SIZE(colorv)];

		if (!i || strcmp(namev[i].name, namev[i - 1].name))
			++n;
	}

	return "";
}


static const char *colored(const char *who)
{
	return F("%s%s\x1b[0m", color_of(who), who);
}


/* Of a line that is too long ".." is the end */
static const char *fit(const char *text)
{
	const size_t before = 8 + ARROW + 1, len = strlen(text);
	const size_t room = style.columns > before + 2 ?
		style.columns - before : 2;

	return !style.columns || len <= room ? text :
		F("%.*s..", (int)room - 2, text);
}


static void rung_show(const struct rung *r)
{
	const char *from = r->note ? r->who : r->m->from;
	const char *to = r->note ? NULL : r->m->to;
	const size_t len = to ? strlen(from) + 4 + strlen(to)
		: 2 + strlen(from);

	if (!style.color)
		(void)fprintf(live, "%6llu  %-*s %s\n",
			      (unsigned long long)r->time, ARROW,
			      to ? F("%s -> %s", from, to) : F("* %s", from),
			      fit(r->note ? r->note : msg_summary(r->m)));
	else
		(void)fprintf(live, "\x1b[2m%6llu\x1b[0m  %s%s%s%*s %s\n",
			      (unsigned long long)r->time,
			      to ? colored(from) : "* ", to ? " -> " : "",
			      colored(to ? to : from),
			      len < ARROW ? (int)(ARROW - len) : 0, "",
			      fit(r->note ? r->note : msg_summary(r->m)));
}


/* Print a line; false if there is none left so far */
static bool show_next(uint64_t until)
{
	struct le *le;

	for (le = rungl.head; le; le = le->next) {

		struct rung *r = le->data;

		if (r->printed || r->time > until)
			continue;

		r->printed = true;
		if (r->note && r->note[0] != '/' && style.no_events)
			continue;

		rung_show(r);
		(void)fflush(live);
		return true;
	}

	return false;
}


static void live_handler(void *arg)
{
	const uint64_t until = now_ms() - LIVE_MS;
	(void)arg;

	if (!style.pace)
		while (show_next(until))
			;
	else if (show_next(until))
		tmr_start(&tmr_live, style.pace, live_handler, NULL);
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

	if (live && !(style.pace && tmr_isrunning(&tmr_live)))
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
 * Choose how the ladder is printed as it comes
 *
 * @param st Style
 */
void ladder_style(const struct ladder_style *st)
{
	style = *st;
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
		tmr_cancel(&tmr_live);
		while (show_next(now_ms()))
			(void)usleep(style.pace * 1000);
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
