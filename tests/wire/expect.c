/**
 * @file expect.c  What a scripted peer expects to receive
 *
 * The messages of a peer's queue are read in their order, or one is picked
 * from it; retransmissions never get into the queue and are counted instead.
 */
#include "wire.h"
#include "harness.h"


/** What expect() waits for */
struct want {
	struct peer *p;
	const char *pattern;
	bool any;
	struct msg *m;        /**< The message that decides it */
	bool ok;              /**< It matches                  */
};


/* ACKs and 100s come whenever they like */
static bool skip(const struct msg *m)
{
	return msg_match(m, "ACK") || msg_match(m, "100");
}


static bool want_cond(void *arg)
{
	struct want *w = arg;
	struct le *le = list_head(&w->p->queue);

	while (le) {
		struct msg *m = le->data;

		le = le->next;
		w->ok = msg_match(m, w->pattern);

		if (w->ok) {
			list_unlink(&m->qle);
			w->m = m;
			return true;
		}

		if (w->any)
			continue;

		if (!skip(m)) {
			w->m = m;
			return true;
		}

		list_unlink(&m->qle);
	}

	return false;
}


/**
 * Wait for a message, see expect() and expect_any()
 *
 * @param file    File of the test
 * @param line    Line of it
 * @param p       Peer
 * @param pattern Pattern as of msg_match()
 * @param ms      Deadline in ms
 * @param any     True to look behind messages that do not match
 *
 * @return The message; without one the test ends
 */
struct msg *expect_at(const char *file, int line, struct peer *p,
		      const char *pattern, uint32_t ms, bool any)
{
	struct want w = {p, pattern, any, NULL, false};

	test_here(file, line);

	if (!wait_until(want_cond, &w, ms))
		test_fail(false, file, line, "%s expects '%s', got nothing"
			  " within %u ms", p->name, pattern, ms);

	if (!w.ok)
		test_fail(false, file, line, "%s expects '%s', got %s\n%s",
			  p->name, pattern, msg_summary(w.m), w.m->raw);

	return w.m;
}


/**
 * Make sure that a message does not come, see expect_none()
 *
 * @param file    File of the test
 * @param line    Line of it
 * @param p       Peer
 * @param pattern Pattern as of msg_match()
 * @param ms      How long to wait in ms, 0 to look at the queue only
 */
void expect_none_at(const char *file, int line, struct peer *p,
		    const char *pattern, uint32_t ms)
{
	struct want w = {p, pattern, true, NULL, false};

	test_here(file, line);

	if (wait_until(want_cond, &w, ms))
		test_fail(false, file, line, "%s expects no '%s', got %s",
			  p->name, pattern, msg_summary(w.m));
}


static bool again_cond(void *arg)
{
	const struct msg *m = arg;

	return m->copies > m->asked + 1;
}


/**
 * Wait for a retransmission, see expect_again()
 *
 * @param file File of the test
 * @param line Line of it
 * @param p    Peer
 * @param m    Message that it has received before
 * @param ms   Deadline in ms
 */
void expect_again_at(const char *file, int line, struct peer *p,
		     struct msg *m, uint32_t ms)
{
	test_here(file, line);

	if (!wait_until(again_cond, m, ms))
		test_fail(false, file, line, "%s expects another copy within"
			  " %u ms of %s", p->name, ms, msg_summary(m));

	++m->asked;
}


/**
 * Forget all unread messages of a peer
 *
 * @param p Peer
 */
void peer_flush(struct peer *p)
{
	while (p->queue.head)
		list_unlink(p->queue.head);
}
