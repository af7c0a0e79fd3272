/**
 * @file run.c  Puts one load on one fresh baresip
 *
 * In slices: some items, with a window of them under way. Each message must
 * have its answer; one that is missing or wrong ends the benchmark.
 */
#include <errno.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>
#include "bench.h"


enum {
	MSG_MAX = 8192,
	IDLE_MAX = 1000,      /**< Time for it to come to rest, ms */
	SLICE_MAX = 64 * SIP_T1, /**< Time for a slice, ms */
	MORE_SLICES = 4,      /**< Than a load has: to warm up; of the soak,
				   those measured, and those at once */
};


static uint64_t now_ns(void)
{
	struct timespec ts;

	(void)clock_gettime(CLOCK_MONOTONIC, &ts);

	return (uint64_t)ts.tv_sec * 1000000000 + (uint64_t)ts.tv_nsec;
}


/**
 * Send a message to the baresip
 *
 * @param r   Run
 * @param fmt Format as of re_printf()
 */
void run_send(struct run *r, const char *fmt, ...)
{
	char buf[MSG_MAX];
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = re_vsnprintf(buf, sizeof(buf), fmt, ap);
	va_end(ap);

	if (n < 0 || send(r->fd, buf, (size_t)n, 0) != n)
		SETUP("%s: cannot send: %s", r->sut->name, strerror(errno));
}


/* Keep the window full */
static void pump(void *arg)
{
	struct run *r = arg;

	while (r->started < r->goal &&
	       r->started - r->done - r->waiting < r->load->window &&
	       pace_next(&r->pace, pump, r)) {

		struct item *it = &r->itemv[r->started];

		it->id = r->started++;
		r->load->start(r, it);
	}
}


/**
 * An item is done: all its messages have had their answers
 *
 * @param r  Run
 * @param it Item
 */
void run_done(struct run *r, struct item *it)
{
	it->done = true;

	if (++r->done + r->waiting < r->goal) {
		pump(r);
		return;
	}

	r->end = now_ns();
	wake();
}


/**
 * Take a step of an item, unless it was taken before
 *
 * @param r    Run
 * @param it   Item
 * @param step Bit of it
 *
 * @return False if it has come again: a retransmission
 */
bool run_first(struct run *r, struct item *it, int step)
{
	if (it->step & step) {
		++r->again;
		return false;
	}

	it->step |= step;

	return true;
}


/**
 * An item waits for something: another one may begin
 *
 * @param r  Run
 * @param it Item
 */
void run_wait(struct run *r, struct item *it)
{
	it->waits = true;

	if (++r->waiting + r->done < r->goal)
		pump(r);
	else
		wake();
}


/**
 * End the benchmark: this message should not have come
 *
 * @param r   Run
 * @param msg Message
 */
void run_fail(const struct run *r, const struct sip_msg *msg)
{
	FAIL("%s: unexpected message from %s:\n%.*s", r->load->name,
	     r->sut->name, (int)msg->mb->end, msg->mb->buf);
}


static void message(const struct sip_msg *msg, void *arg)
{
	struct run *r = arg;
	const uint32_t id = pl_x32(msg->req ? &msg->uri.user
				   : &msg->from.uri.user);

	if (id >= r->started)
		run_fail(r, msg);

	if (!waiting_recv(r, &r->itemv[id], msg))
		r->load->recv(r, &r->itemv[id], msg);
}


static void recv_handler(int flags, void *arg)
{
	struct run *r = arg;
	(void)flags;

	msg_read(r->fd, message, r);
}


static void socket_open(struct run *r)
{
	struct sa sa;

	(void)sa_set_str(&sa, net_addr("alice", false), 0);
	r->fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	if (r->fd < 0 ||
	    bind(r->fd, &sa.u.sa, sa.len) ||
	    connect(r->fd, &r->sut->addr.u.sa, r->sut->addr.len) ||
	    getsockname(r->fd, &sa.u.sa, &sa.len) ||
	    fd_listen(r->fd, FD_READ, recv_handler, r))
		SETUP("no socket: %s", strerror(errno));

	(void)re_snprintf(r->local, sizeof(r->local), "%J", &sa);
}


/* The baresips on one CPU, we on another: with nothing else to move about,
   the measurement is several times less noisy */
static void use_cpu(bool ours)
{
	static cpu_set_t all;
	cpu_set_t set;
	int i, first = -1, last = -1;

	if (!CPU_COUNT(&all) && sched_getaffinity(0, sizeof(all), &all))
		return;

	for (i=0; i<CPU_SETSIZE; i++) {

		if (!CPU_ISSET(i, &all))
			continue;

		if (first < 0)
			first = i;
		last = i;
	}

	CPU_ZERO(&set);
	CPU_SET(ours ? first : last, &set);
	(void)sched_setaffinity(0, sizeof(set), &set);
}


/* Wait until it costs nothing more, and tell what it has cost so far */
static uint64_t idle(const struct run *r)
{
	const uint64_t late = now_ms() + IDLE_MAX;
	uint64_t a, b = bench.meter->read(r->sut);

	if (bench.meter->exact)
		return b;

	do {
		wait_ms(1);
		a = b;
		b = bench.meter->read(r->sut);

	} while (a != b && now_ms() < late);

	return b;
}


/**
 * Start a baresip for a load
 *
 * @param r    Run, set on return
 * @param load Load
 * @param side Without or with the module
 * @param name Name of the baresip
 */
void run_start(struct run *r, const struct load *load, enum side side,
	       const char *name)
{
	const bool module = (side == REFER || load->beside) && !bench.null;
	const char *program = load->floor && !module ? TOP "/build/floor"
		: load->program;
	char *const env[] = {(char *)F("PROGRAM=%s", program), NULL};
	uint32_t slices;

	memset(r, 0, sizeof(*r));

	r->load  = load;
	slices   = load->slices * bench.times + MORE_SLICES;
	r->itemv = calloc(load->items * slices + load->waiting,
			  sizeof(*r->itemv));
	if (!r->itemv)
		abort();

	use_cpu(false);
	r->sut = sut_start(name, .memcheck = MEMCHECK_NONE,
			   .config = load->config, .module = bench.module,
			   .no_module = !module,
			   .app = side == REFER && module ? load->app : NULL,
			   .no_ctrl = !load->ctrl,
			   .env = program ? env : NULL);
	use_cpu(true);

	socket_open(r);
}


static bool done_cond(void *arg)
{
	const struct run *r = arg;

	return r->done + r->waiting == r->goal;
}


/**
 * Wait until all items are done that have been started
 *
 * @param r Run
 */
void run_finish(struct run *r)
{
	const uint32_t paced = r->pace.rate
		? r->load->items * 1000 / r->pace.rate : 0;

	if (!wait_until(done_cond, r, SLICE_MAX * bench.times + paced))
		FAIL("%s: %u of %u have no answer from %s", r->load->name,
		     r->goal - r->done - r->waiting, r->goal, r->sut->name);
}


/**
 * Run the next slice of the load, and take its time
 *
 * Time in which another process had the CPU that the baresip was ready to use
 * does not count: it is no property of the baresip, and the most of the noise
 * on a machine that is not idle.
 *
 * @param r Run
 */
void run_slice(struct run *r)
{
	const pid_t pid = r->sut->proc->pid;
	const uint64_t before = proc_waited(pid), start = now_ns();
	uint64_t wait;

	r->goal = r->started + r->load->items;
	pump(r);
	run_finish(r);

	wait    = proc_waited(pid) - before;
	r->time = r->end - start - MIN(wait, r->end - start - 1);
}


/**
 * Tell what the baresip has cost since this was asked before
 *
 * @param r Run
 *
 * @return Cost by the meter
 */
uint64_t run_cost(struct run *r)
{
	const uint64_t mark = r->mark;

	r->mark = idle(r);

	return r->mark - mark;
}


/**
 * Stop the baresip
 *
 * @param r Run
 */
void run_stop(struct run *r)
{
	procs_check();
	proc_kill(r->sut->proc);
	list_unlink(&r->sut->proc->le);
	r->sut->checked = true;
	dir_remove(r->sut->dir);

	pace_stop(&r->pace);
	fd_close(r->fd);
	(void)close(r->fd);
	free(r->itemv);
}
