/**
 * @file meter.c  Measures what a baresip costs
 *
 * Its CPU time in ns, of all its threads; or its instructions, which
 * callgrind counts all but exactly, 50 times slower.
 */
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include "bench.h"


/* The kernel counts in ns here, and in ticks of 10 ms in /proc/PID/stat */
static uint64_t cpu_read(const struct sut *s)
{
	struct timespec ts;
	clockid_t id;

	if (clock_getcpuclockid(s->proc->pid, &id) || clock_gettime(id, &ts))
		SETUP("%s: cannot read its CPU time", s->name);

	return (uint64_t)ts.tv_sec * 1000000000 + (uint64_t)ts.tv_nsec;
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
