/**
 * @file invariants.c  What holds after each round, and at the end
 *
 * A round ends when the peers have answered all and everything has had its
 * time. Then there is no transfer, each id that began has ended once, no call
 * is on hold that the module has put there, and the heap is as it was.
 */
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include "torture.h"
#include "harness.h"


enum {
	LONGEST = 100000,     /**< All timers of a transfer in a row, ms   */
	CALLS_END = 70000,    /**< INVITE and BYE that nobody answers, ms  */
	FORGOTTEN = 40000,    /**< libre's transactions, ms                */
	SLICE = 1600,         /**< Between two looks, ms                   */
	SLACK = 16384,        /**< Bytes of the heap                       */
	SLACK_MS = 20000,     /**< Real time, for a machine that is busy   */
	IDS_MAX = 4096,
};

static struct {
	unsigned begun[IDS_MAX];
	unsigned ended[IDS_MAX];
	struct le *last;      /* event that was read last */
	size_t heap;          /* after the first round    */
} inv;


/* bob's BYE may be on its way to a Contact that is not the peer's */
static void call_closed(const char *callid)
{
	struct leg *leg = leg_find(callid);

	if (leg)
		leg->over = true;
}


static void event_read(const struct event *ev)
{
	const char *id = strstr(ev->param, ",id=");
	const unsigned n = id ? (unsigned)atoi(id + 4) : 0;
	const bool late = !strncmp(ev->param, "refer,referLate", 15);

	if (!strcmp(ev->type, "CALL_CLOSED"))
		call_closed(ev->id);

	if (strncmp(ev->param, "refer,", 6) || !n || n >= IDS_MAX)
		return;

	if (inv.ended[n] && !late)
		FAIL("event after the end: %s", ev->param);

	inv.begun[n] = 1;
	inv.ended[n] += !strncmp(ev->param, "refer,referEnded", 16);
}


static void events_read(void)
{
	const struct list *eventl = ctrl_events(tt.bob);
	struct le *le = inv.last ? inv.last->next : list_head(eventl);

	for (; le; le = le->next) {
		event_read(le->data);
		inv.last = le;
	}
}


/* Returns the id of a transfer that has begun and has not ended once, or 0 */
static unsigned event_open(void)
{
	unsigned i;

	events_read();

	for (i=1; i<IDS_MAX; i++) {
		if (inv.begun[i] && inv.ended[i] != 1)
			return i;
	}

	return 0;
}


/** Each transfer so far has ended, once */
void events_check(void)
{
	const unsigned id = event_open();

	if (id)
		FAIL("a transfer has no end: id %u", id);
}


/**
 * The module was unloaded: all has ended, and numbers may begin anew
 */
void invariants_unloaded(void)
{
	events_check();
	memset(inv.begun, 0, sizeof(inv.begun));
	memset(inv.ended, 0, sizeof(inv.ended));
}


/**
 * Tell whether there are transfers
 *
 * @param list What /referlist has printed
 *
 * @return True if there is one
 */
bool has_transfers(const char *list)
{
	return !strstr(list, "refer: no transfers");
}


/**
 * Tell whether there are calls; with several accounts 3.x and 4.x list each
 *
 * @param list What /listcalls has printed
 *
 * @return True if there is one
 */
bool has_calls(const char *list)
{
	return strstr(list, "[line ") != NULL;
}


/* A consultation has no end of its own */
static void abort_consultation(void)
{
	(void)command_ask("atransferabort", "", NULL);
}


/* A call whose CSeq is out of order takes no BYE; one that the core transfers
   is nobody's current call */
static void hangup_any(void)
{
	if (!command_ask("hangup", "", NULL))
		(void)command_ask("hangupall", "", NULL);
}


static void ask_until(const char *cmd, bool (*is_left)(const char *list),
		      uint32_t ms, void (*also)(void))
{
	const uint64_t end = now_ms() + FAST(ms) + SLACK_MS;
	struct resp r;

	do {
		if (command_ask(cmd, "", &r) && !is_left(r.data))
			return;

		also();
		(void)wait_until(serve, NULL, FAST(SLICE));
	} while (now_ms() < end);

	FAIL("/%s does not come to an end: %s", cmd, r.data);
}


/* A call in the place of one that is on hold is put on hold itself */
static bool is_spoilt(const struct leg *leg)
{
	for (; leg; leg = leg->old) {
		if (leg->spoilt)
			return true;
	}

	return false;
}


/* Returns a call that the module has left on hold, or NULL */
static const struct leg *left_on_hold(void)
{
	struct le *le;

	for (le = tt.legl.head; le; le = le->next) {

		const struct leg *leg = le->data;

		if (leg->call && leg->up && !leg->over && leg->held &&
		    !is_spoilt(leg))
			return leg;
	}

	return NULL;
}


/* A bob that gets no CPU begins the last transfer, or sends the last
   re-INVITE, when it has said already that there is none */
static void check_ended(void)
{
	const uint64_t end = now_ms() + SLACK_MS;
	const struct leg *leg;

	do {
		ask_until("referlist", has_transfers, LONGEST,
			  abort_consultation);
		(void)wait_until(serve, NULL, FAST(SLICE));
		leg = left_on_hold();
	} while ((event_open() || leg) && now_ms() < end);

	events_check();
	if (leg)
		FAIL("a call is left on hold: %s", leg->d->callid);
}


static void hangup_all(void)
{
	struct le *le;

	for (le = tt.legl.head; le; le = le->next)
		leg_bye(le->data);
}


static bool heap_cond(void *arg)
{
	struct mbuf *mb = arg;

	mbuf_rewind(mb);

	return slurp(mb, tt.heap) && mb->end && mb->buf[mb->end - 1] == '\n';
}


static size_t heap_size(void)
{
	struct mbuf *mb = mbuf_alloc(64);
	size_t n;
	bool ok = false;
	unsigned i;

	(void)remove(tt.heap);
	(void)kill(tt.bob->proc->pid, SIGUSR2);
	for (i=0; i<200 && !ok; i++) {
		(void)wait_until(serve, NULL, 20);
		ok = heap_cond(mb);
	}

	(void)mbuf_write_u8(mb, 0);
	n = ok ? strtoul((char *)mb->buf, NULL, 10) : 0;
	mem_deref(mb);
	if (!ok)
		SETUP("bob does not tell the size of his heap");

	return n;
}


/* A bob that gets no CPU forgets later */
static void check_heap(void)
{
	const uint64_t end = now_ms() + SLACK_MS;
	size_t n;

	do {
		(void)wait_until(serve, NULL, FAST(FORGOTTEN));
		n = heap_size();
		ladder_note("bob", F("heap %zu", n));

		if (!inv.heap)
			inv.heap = n;
	}
	while (n > inv.heap + SLACK && now_ms() < end);

	if (n > inv.heap + SLACK)
		FAIL("the heap has grown: %zu -> %zu", inv.heap, n);
}


/** End a round, and look at what it has left */
void settle(void)
{
	tt.polite = true;
	(void)wait_until(serve, NULL, FAST(SLICE));

	if (!tt.account)
		account_make();
	if (!tt.loaded)
		tt.loaded = command_ask("insmod", "refer", NULL);
	if (!tt.loaded || !tt.account)
		FAIL("account or module do not come back");

	check_ended();
	hangup_all();
	ask_until("listcalls", has_calls, CALLS_END, hangup_any);
	check_ended();
	check_heap();

	legs_forget();
	tt.polite = false;
}


static void check_asan(void)
{
	struct mbuf *mine = mbuf_alloc(1024), *others = mbuf_alloc(1024);
	unsigned n;

	n = sanitizer_check(memcheck_log(tt.bob), mine, others);

	if (others->end)
		(void)printf("core:\n%.*s\n", (int)others->end,
			     (char *)others->buf);
	if (n)
		FAIL("a sanitizer's report: %.*s", (int)mine->end,
		     (char *)mine->buf);

	mem_deref(mine);
	mem_deref(others);
}


/**
 * Have bob quit, in stock's time, and look at what the sanitizers say
 *
 * libre never ends, with or without the module, when the core's own REFER was
 * followed by NOTIFY terminated and then by 202 of another dialog.
 */
void final_check(void)
{
	bool quits;

	tt.polite = true;
	(void)serve(NULL);
	peers_polite();
	tt.bob->proc->may_end = true;
	ctrl_post(tt.bob, "quit", NULL);

	quits = proc_wait(tt.bob->proc, FAST(WAIT_QUIT) + SLACK_MS);
	if (!quits && !tt.core_refer)
		FAIL("bob does not quit");
	if (!quits)
		proc_kill(tt.bob->proc);

	tt.bob->checked = true;
	check_asan();

	if (quits && tt.bob->proc->status)
		FAIL("at quit bob %s", proc_status(tt.bob->proc));
}
