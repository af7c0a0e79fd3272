/**
 * @file meter.c  Measures what a baresip costs
 *
 * Its CPU time in ns, of all its threads; or its instructions, which
 * callgrind counts all but exactly, 50 times slower. Its memory, too.
 */
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include "bench.h"


/**
 * Tell the CPU time of a process. The kernel counts in ns here, and in ticks
 * of 10 ms in /proc/PID/stat.
 *
 * @param pid Process
 *
 * @return CPU time in ns, of all its threads
 */
uint64_t meter_cpu_time(pid_t pid)
{
	struct timespec ts;
	clockid_t id;

	if (clock_getcpuclockid(pid, &id) || clock_gettime(id, &ts))
		SETUP("process %d: cannot read its CPU time", pid);

	return (uint64_t)ts.tv_sec * 1000000000 + (uint64_t)ts.tv_nsec;
}


static uint64_t cpu_read(const struct sut *s)
{
	return meter_cpu_time(s->proc->pid);
}


static uint64_t dump_read(const char *path)
{
	static const char key[] = "\nsummary: ";
	struct mbuf *mb = mbuf_alloc(65536);
	const char *p;
	uint64_t n;

	if (!slurp(mb, path) || mbuf_write_u8(mb, 0))
		SETUP("%s: cannot read", path);

	p = strstr((char *)mb->buf, key);
	if (!p)
		SETUP("%s: no summary", path);

	n = strtoull(p + strlen(key), NULL, 10);

	mem_deref(mb);

	return n;
}


static void callgrind(const struct sut *s, const char *cmd)
{
	struct proc *p = proc_run("vgdb", "vgdb", F("--pid=%d", s->proc->pid),
				  cmd, NULL);

	if (!proc_wait(p, WAIT) || p->status)
		SETUP("%s: vgdb: %s", s->name, proc_log(p));
}


static void callgrind_pause(const struct sut *s, bool pause)
{
	callgrind(s, pause ? "instrumentation off" : "instrumentation on");
}


/* Each dump makes one more file: what was counted since the one before */
static uint64_t callgrind_read(const struct sut *s)
{
	const char *path;
	uint64_t n = 0;
	unsigned i;

	callgrind(s, "dump");

	for (i=1; ; i++) {
		path = F("%s/cg.%u", s->dir, i);
		if (access(path, F_OK))
			return n;

		n += dump_read(path);
	}
}


const struct meter meter_cpu = {
	"CPU", "us", 1e-3, false, "", cpu_read, NULL
};

const struct meter meter_callgrind = {
	"instructions", "ki", 1e-3, true,
	"valgrind -q --tool=callgrind --callgrind-out-file=\"$2/cg\"",
	callgrind_read, callgrind_pause
};


/**
 * Do not measure for a while, if that makes it faster
 *
 * @param s     The baresip
 * @param pause True to pause, false to go on
 */
void meter_pause(const struct sut *s, bool pause)
{
	if (bench.meter->pause)
		bench.meter->pause(s, pause);
}


/**
 * Tell how much memory a baresip has in use, exactly (VmRSS is not)
 *
 * @param s The baresip
 *
 * @return Resident memory in bytes
 */
size_t meter_rss(const struct sut *s)
{
	const char *path = F("/proc/%d/smaps_rollup", s->proc->pid);
	struct mbuf *mb = mbuf_alloc(4096);
	struct pl rss = PL_INIT;

	if (!slurp(mb, path) ||
	    re_regex((char *)mb->buf, mb->end, "Rss:[ ]*[0-9]+ kB", NULL,
		     &rss))
		SETUP("%s: cannot read", path);

	mem_deref(mb);

	return (size_t)pl_u32(&rss) * 1024;
}


/**
 * The same, but for what the heap only keeps for later. The baresip has
 * ctrl_tcp and the command "trim".
 *
 * @param s The baresip
 *
 * @return Resident memory in bytes
 */
size_t meter_rss_trimmed(struct sut *s)
{
	(void)ctrl(s, "trim", NULL);

	return meter_rss(s);
}
