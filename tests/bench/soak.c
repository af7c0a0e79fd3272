/**
 * @file soak.c  Many whole transfers: does anything fail, or stay behind?
 *
 * 10,000 REFERs out of a dialog in a row, and 1,000 at once, each carried
 * through to the 200 of the target and the end of the call. The 1,000 wait
 * together and are then accepted some at a time, since this baresip has no
 * more than 255 calls.
 *
 * libre keeps each transaction and ACK for 32 s, whoever makes them. When it
 * has forgotten them, and what is free was given back to the system, resident
 * memory is what is in use.
 */
#include <dirent.h>
#include <stdio.h>
#include <string.h>
#include "bench.h"


enum {
	TIME_MAX   = 300,     /**< Time limit, s                            */
	FORGET     = 64 * SIP_T1 + 500, /**< Then libre has forgotten, ms   */
	GROWTH_MAX = 1024,    /**< Most after the first tenth, KiB          */
	CALLS      = 25,      /**< Calls at a time of those at once         */
};


/* Returns the resident memory in KiB */
static uint32_t report(const struct run *r, const char *what)
{
	const uint32_t kib = (uint32_t)(run_rss(r) / 1024);

	(void)printf("soak: %5u transfers, %u retransmissions, %6u KiB"
		     " resident %s\n", r->done, r->again, kib, what);
	(void)fflush(stdout);

	return kib;
}


/* Returns true if its output ends so */
static bool says(struct run *r, const char *cmd, const char *text)
{
	const char *data = ctrl(r->sut, cmd, NULL).data;
	const size_t len = strlen(data), n = strlen(text);

	if (len >= n && !strcmp(data + len - n, text))
		return true;

	(void)printf("soak: /%s: something is left:\n%s\n", cmd, data);

	return false;
}


/* Returns the resident memory in KiB, or 0 if libre has not forgotten all */
static uint32_t forget(struct run *r)
{
	wait_ms(FORGET);

	if (!says(r, "sipstat", "\nclient transactions:\n"
		  "server transactions:\n"))
		return 0;

	(void)ctrl(r->sut, "trim", NULL);

	return report(r, "when libre has forgotten them");
}


/* Each item has a context in the module: its number is one higher */
static void accept_item(struct run *r, uint32_t id)
{
	const struct resp resp = ctrl(r->sut, "referaccept", F("%u", id + 1));

	if (!resp.ok)
		FAIL("soak: #%u: %s", id + 1, resp.data);

	--r->waiting;
}


static unsigned descriptors(const struct run *r)
{
	DIR *dir = opendir(F("/proc/%d/fd", r->sut->proc->pid));
	unsigned n = 0;

	while (dir && readdir(dir))
		++n;

	/* "." and ".." */
	n -= min(n, 2);

	if (dir)
		(void)closedir(dir);

	return n;
}


/* Figures of the last share of a long soak; returns the memory in KiB */
static uint32_t point(struct run *r, unsigned done)
{
	const uint64_t used = run_cost(r);
	const double cost = (double)used * bench.meter->scale;
	const uint32_t kib = forget(r);

	(void)printf("soak: %u transfers: %.1f %s each since the last point,"
		     " %u descriptors\n", r->done,
		     cost / (r->done - done), bench.meter->unit,
		     descriptors(r));
	(void)fflush(stdout);
	(void)run_cost(r);

	return kib;
}


static void at_once(struct run *r)
{
	uint32_t id = r->started;

	waiting_start(r, load_soak.items);
	waiting_finish(r);
	(void)report(r, F("while %u more wait", r->waiting));

	while (id < r->started) {

		accept_item(r, id++);

		if (id % CALLS == 0)
			run_finish(r);
	}
}


/**
 * Do many whole transfers
 *
 * @return Exit status: 0 if nothing is left, 1 if something is
 */
int soak(void)
{
	const uint32_t slices = load_soak.slices * bench.times;
	uint32_t first = 0, last, done = 0, i;
	struct run r;
	bool ok, small;

	setup_limit(TIME_MAX * bench.times);
	(void)printf("soak: %s; %u in a row, then %u at once\n",
		     load_soak.desc, load_soak.items * slices,
		     load_soak.items);

	run_start(&r, &load_soak, REFER, "carol");

	for (i=1; i<=slices; i++) {
		run_slice(&r);

		/* 10, 50 and 100 % */
		if (i != slices / 10 && i != slices / 2 && i != slices)
			continue;

		last  = point(&r, done);
		first = first ? first : last;
		done  = r.done;
	}

	(void)report(&r, "after all in a row");
	at_once(&r);
	(void)report(&r, "after those at once");

	ok  = says(&r, "referlist", "refer: no transfers\n");
	ok &= says(&r, "listcalls", "(0) ---\n\n");
	last = forget(&r);
	small = last <= first + GROWTH_MAX;

	(void)printf("soak: %u transfers, none failed, %s left, %+d KiB after"
		     " the first tenth: %s %d\n", r.done,
		     ok && first && last ? "nothing" : "SOMETHING",
		     (int)(last - first),
		     small ? "within" : "NOT within", GROWTH_MAX);
	run_stop(&r);

	return ok && first && last && small ? 0 : 1;
}
