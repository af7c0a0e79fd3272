/**
 * @file main.c  Plays scripts for a time, or one of them
 *
 *     torture [-t SECONDS] [-j JOBS] [-s SEED]    from this seed on
 *     torture -1 SEED                             only this one
 *     torture -f FILE                             a script
 *     torture -n LOSS [-c RUNS] ..                transfers over a bad network
 *
 * Each run is a process. What one that fails has printed is kept.
 */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include "badnet.h"
#include "harness.h"


enum {
	SECONDS  = 600,
	NET_RUNS = 100,
	NET_EACH = 5,         /**< Transfers of each kind in a run over it */
	JOBS_MAX = 64,
	LIMIT    = 240,       /**< Of one run, s */
	FAULTS_MAX = 20,
	TALLIES  = 32,
	STARVED  = 2000,      /**< A run is played again that failed after it
				   waited so long for a CPU, ms            */
	AGAIN_MAX = 500,
};

struct job {
	pid_t pid;
	uint64_t seed;
};

static struct {
	const char *prog;
	const char *dir;
	struct job jobv[JOBS_MAX];
	unsigned jobs;
	unsigned running;
	uint64_t first;
	uint64_t next;
	uint64_t againv[JOBS_MAX]; /**< To be played again                 */
	unsigned againc;
	unsigned again;       /**< So many were                            */
	unsigned runs;
	unsigned failed;
	unsigned long sent;
	unsigned loss;        /**< Of the network, 0 for a good one        */
	unsigned runs_max;    /**< 0 for no limit but the time             */
	struct tally {
		const char *text;
		unsigned n;
	} tallyv[TALLIES];    /**< How transfers, or a run, have ended     */
	const char *faultv[FAULTS_MAX];
	unsigned faultc;
} g;

static struct script script;
static volatile sig_atomic_t stopped;


static void play_script(void)
{
	if (g.loss)
		badnet_run(script.seed, g.loss, NET_EACH);
	else
		torture_run(&script);
}


static _Noreturn void play(void)
{
	static const struct test t = {
		.name = "torture", .desc = "", .run = play_script,
		.limit = LIMIT,
	};
	const struct test_opts opts = {.keep = getenv("KEEP") != NULL};

	test_run(&t, &opts);
}


static const char *log_path(uint64_t seed)
{
	return F("%s/%llu.log", g.dir, (unsigned long long)seed);
}


static void start(struct job *j, uint64_t seed)
{
	const char *num = F("%llu", (unsigned long long)seed);

	(void)fflush(NULL);
	j->seed = seed;
	j->pid  = fork();

	if (!j->pid) {
		const int fd = open(log_path(seed),
				    O_WRONLY | O_CREAT | O_TRUNC, 0644);

		(void)dup2(fd, STDOUT_FILENO);
		(void)dup2(fd, STDERR_FILENO);
		(void)execl(g.prog, g.prog, "-n", F("%u", g.loss), "-1", num,
			    NULL);
		_exit(127);
	}

	++g.running;
}


/* A fault that is known already is not shrunk again */
static bool is_new(const char *fault)
{
	unsigned i;

	for (i=0; i<g.faultc; i++) {
		if (!strcmp(g.faultv[i], fault))
			return false;
	}

	if (g.faultc < FAULTS_MAX)
		g.faultv[g.faultc++] = fault;

	return true;
}


static void failed(uint64_t seed, unsigned waited)
{
	const char *fault = fault_of(log_path(seed));
	const unsigned long long n = seed;
	int left;

	++g.failed;
	(void)printf("FAIL seed %llu: %s\n  %s, waited %u ms for a CPU\n", n,
		     fault, log_path(seed), waited);
	(void)fflush(stdout);

	if (!is_new(fault) || g.loss || getenv("NO_SHRINK"))
		return;

	left = shrink(g.prog, g.dir, seed, fault);
	(void)printf("  %d actions are enough: %s -f %s/%llu.script\n", left,
		     g.prog, g.dir, n);
	(void)fflush(stdout);
}


static void tally(const char *text)
{
	unsigned i;

	for (i=0; i<TALLIES && g.tallyv[i].text; i++) {
		if (!strcmp(g.tallyv[i].text, text))
			break;
	}

	if (i == TALLIES)
		return;

	g.tallyv[i].text = text;
	++g.tallyv[i].n;
}


/* Lines "net: KIND END" */
static void tally_lines(const char *s)
{
	while ((s = strstr(s, "net: "))) {
		s += 5;
		tally(first_line(s));
	}
}


/* What the core has done goes into core.log, with the seed */
static void collect(uint64_t seed)
{
	struct mbuf *mb = mbuf_alloc(8192);
	FILE *f = fopen(F("%s/core.log", g.dir), "a");
	const char *s, *p;

	if (slurp(mb, log_path(seed)) && f) {

		s = keep((char *)mb->buf, mb->end);
		p = strstr(s, "played ");
		g.sent += p ? strtoul(p + 7, NULL, 10) : 0;
		tally_lines(s);
		p = strstr(s, "core:\n");
		if (p)
			(void)fprintf(f, "seed %llu\n%s\n",
				      (unsigned long long)seed, p);
	}

	if (f)
		(void)fclose(f);
	mem_deref(mb);
}


/* Until bob is ready he alone needs a CPU; later both fare alike */
static unsigned waited_of(const struct job *j)
{
	struct mbuf *mb = mbuf_alloc(4096);
	struct pl ms = PL_INIT;
	unsigned n = (unsigned)(proc_waited(j->pid) / 1000000);

	if (slurp(mb, log_path(j->seed)) &&
	    !re_regex((char *)mb->buf, mb->end, "bob (still runs, waited "
		      "[0-9]+ ms", &ms))
		n = MAX(n, pl_u32(&ms));

	mem_deref(mb);

	return n;
}


/* Returns true if it is to be played again, since it had no CPU */
static bool play_again(uint64_t seed, unsigned waited)
{
	if (waited <= STARVED || g.againc == JOBS_MAX ||
	    g.again++ >= AGAIN_MAX)
		return false;

	g.againv[g.againc++] = seed;
	tally("failed without a CPU, and played again");

	return true;
}


static void end(struct job *j, int status)
{
	const unsigned waited = waited_of(j);
	const char *core = status ? core_fault(log_path(j->seed)) : NULL;

	j->pid = 0;
	--g.running;
	++g.runs;
	collect(j->seed);

	if (!status || core) {
		if (core)
			tally(core);
		(void)remove(log_path(j->seed));
	}
	else if (!play_again(j->seed, waited)) {
		failed(j->seed, waited);
	}
}


static void reap(void)
{
	unsigned i;
	siginfo_t si;

	if (waitid(P_ALL, 0, &si, WEXITED | WNOWAIT))
		return;

	for (i=0; i<g.jobs; i++) {
		if (g.jobv[i].pid == si.si_pid)
			end(&g.jobv[i], si.si_status);
	}

	(void)waitpid(si.si_pid, NULL, 0);
}


/* Those that run are waited for */
static void stop_handler(int sig)
{
	(void)sig;
	stopped = 1;
}


static bool goes_on(time_t until)
{
	if (stopped)
		return false;

	if (g.againc)
		return true;

	return g.runs_max ? g.next < g.first + g.runs_max
		: time(NULL) < until;
}


static uint64_t next_seed(void)
{
	return g.againc ? g.againv[--g.againc] : g.next++;
}


static int torture(uint32_t secs)
{
	const time_t until = time(NULL) + secs;
	unsigned i;

	(void)mkdir(g.dir, 0755);
	(void)printf("torture: from seed %llu on, %u at a time\n",
		     (unsigned long long)g.first, g.jobs);

	while (g.running || goes_on(until)) {

		for (i=0; i<g.jobs && goes_on(until); i++) {
			if (!g.jobv[i].pid)
				start(&g.jobv[i], next_seed());
		}

		reap();
	}

	for (i=0; i<TALLIES && g.tallyv[i].text; i++)
		(void)printf("%6u %s\n", g.tallyv[i].n, g.tallyv[i].text);

	(void)printf("torture: seeds %llu to %llu, %u runs, %lu messages and"
		     " commands, %u failed\n", (unsigned long long)g.first,
		     (unsigned long long)g.next - 1, g.runs, g.sent,
		     g.failed);

	return g.failed != 0;
}


static int usage(void)
{
	(void)fprintf(stderr, "usage: torture [-t SECONDS] [-j JOBS]"
		      " [-s SEED] [-n LOSS [-c RUNS]] | -1 SEED"
		      " | -f SCRIPT\n");
	return 2;
}


int main(int argc, char *argv[])
{
	uint32_t secs = SECONDS;
	int c;

	g.prog  = argv[0];
	g.dir   = built("torture");
	g.jobs  = (unsigned)sysconf(_SC_NPROCESSORS_ONLN) * 2;
	g.first = (uint64_t)time(NULL);

	while ((c = getopt(argc, argv, "t:j:s:n:c:1:f:")) >= 0) {

		switch (c) {

		case 't': secs    = (uint32_t)atol(optarg);           break;
		case 'j': g.jobs  = (unsigned)atoi(optarg);           break;
		case 's': g.first = strtoull(optarg, NULL, 10);       break;

		case 'c': g.runs_max = (unsigned)atoi(optarg);        break;

		case 'n':
			g.loss     = (unsigned)atoi(optarg);
			g.runs_max = g.loss ? NET_RUNS : 0;
			break;

		case '1':
			script_make(&script, strtoull(optarg, NULL, 10));
			play();

		case 'f':
			if (script_read(&script, optarg))
				play();
			(void)fprintf(stderr, "%s: %s\n", optarg,
				      strerror(errno));
			return 2;

		default:
			return usage();
		}
	}

	if (optind < argc || !g.jobs || g.jobs > JOBS_MAX)
		return usage();

	g.next = g.first;
	(void)signal(SIGTERM, stop_handler);
	(void)signal(SIGINT, stop_handler);

	return torture(secs);
}
