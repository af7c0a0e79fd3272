/**
 * @file run.c  Runs the tests in parallel and counts them
 *
 * Runs the wire tests, each as a process and in a process group of its own,
 * and the unit test programs (cmocka). Prints a line for each as it ends,
 * with its output if it fails, and at last how many have passed and failed.
 */
#define _GNU_SOURCE 1
#include <errno.h>
#include <fcntl.h>
#include <fnmatch.h>
#include <ftw.h>
#include <getopt.h>
#include <libgen.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>


enum {
	JOBS_PER_CPU = 4,   /**< Most of a test's time is waiting        */
	UNIT_LIMIT = 120,   /**< Time limit of a unit test program, in s */
	GRACE = 15,         /**< A test ends itself, s before it is killed */
	LINE_MAX = 512,
	NOT_APPLICABLE = 77, /**< Exit status of a test for other baresips */
	DEAREST = 5,        /**< So many are named with their CPU time     */
};

#define FAILED "[  FAILED  ] "

/** A test or a unit test program */
struct job {
	char *name;
	char *desc;
	const char *prog;
	bool unit;
	unsigned secs;      /**< Expected duration, s */
	unsigned limit;     /**< Time limit, s        */
	pid_t pid;          /**< 0 if not running     */
	int fd;             /**< Its output           */
	int pidfd;
	double start;
	double cpu;         /**< Time that it and its children took, s */
	bool killed;
	char *out;
	size_t len;
};

static struct {
	struct job *jobv;
	unsigned jobc;
	unsigned next;      /**< Next job to start    */
	unsigned running;
	unsigned max;       /**< Jobs at a time       */
	unsigned passed;
	unsigned na;
	unsigned failed;
	bool verbose;
	bool filter;        /**< Only some tests run  */
	bool by_name;       /**< A test in one of the unit programs runs */
	char *dir;          /**< For temporary files  */
} g;

static volatile sig_atomic_t stopped;


static void *must(void *p)
{
	if (!p) {
		(void)fprintf(stderr, "run: no memory\n");
		exit(2);
	}

	return p;
}


static double now(void)
{
	struct timespec ts;

	(void)clock_gettime(CLOCK_MONOTONIC, &ts);

	return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}


static struct job *job_add(const char *prog, const char *name,
			   const char *desc, bool unit)
{
	struct job *j;

	g.jobv = must(realloc(g.jobv, (g.jobc + 1) * sizeof(*g.jobv)));
	j = memset(&g.jobv[g.jobc++], 0, sizeof(*j));

	j->prog  = prog;
	j->name  = must(strdup(name));
	j->desc  = must(strdup(desc));
	j->unit  = unit;
	j->limit = UNIT_LIMIT;

	return j;
}


/* A pattern is some names or globs, with spaces or commas between them */
static bool match(const char *pattern, const char *name)
{
	char *s, *save = NULL, *tok, *copy;
	bool hit = false;

	if (!pattern || !*pattern)
		return true;

	copy = must(strdup(pattern));
	for (s = copy; (tok = strtok_r(s, ", ", &save)); s = NULL)
		hit |= !fnmatch(tok, name, 0);

	free(copy);

	return hit;
}


/* Lines of `wire -l`: name, expected duration, limit, description */
static bool add_wire(const char *prog, const char *pattern)
{
	char cmd[LINE_MAX], line[LINE_MAX];
	FILE *f;

	(void)snprintf(cmd, sizeof(cmd), "%s -l", prog);
	f = popen(cmd, "r");
	if (!f)
		return false;

	while (fgets(line, sizeof(line), f)) {

		char *save, *name = strtok_r(line, "\t", &save);
		char *secs = strtok_r(NULL, "\t", &save);
		char *limit = strtok_r(NULL, "\t", &save);
		char *desc = strtok_r(NULL, "\n", &save);
		struct job *j;

		if (!desc || !match(pattern, name))
			continue;

		j = job_add(prog, name, desc, false);
		j->secs  = (unsigned)atoi(secs);
		j->limit = (unsigned)atoi(limit);
	}

	return pclose(f) == 0;
}


static void add_units(char *const *progv, int progc, const char *pattern)
{
	const unsigned found = g.jobc;
	int i;

	for (i=0; i<progc; i++) {
		if (match(pattern, basename(progv[i])))
			(void)job_add(progv[i], basename(progv[i]), "", true);
	}

	/* it may be the name of a test in one of the programs */
	for (i=0; i<progc && !found && g.jobc <= (unsigned)i; i++) {
		g.by_name = true;
		(void)setenv("UNIT_FILTER", pattern, 1);
		(void)job_add(progv[i], basename(progv[i]), "", true);
	}
}


static int longest_first(const void *a, const void *b)
{
	const struct job *x = a, *y = b;

	if (x->secs != y->secs)
		return x->secs < y->secs ? 1 : -1;

	return strcmp(x->name, y->name);
}


static _Noreturn void exec_job(const struct job *j, int out)
{
	const char *argv[4];
	int n = 0;

	(void)setpgid(0, 0);
	(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
	(void)dup2(out, STDOUT_FILENO);
	(void)dup2(out, STDERR_FILENO);

	argv[n++] = j->prog;
	if (!j->unit && g.verbose)
		argv[n++] = "-v";
	if (!j->unit)
		argv[n++] = j->name;
	argv[n] = NULL;

	(void)execv(j->prog, (char *const *)argv);
	(void)fprintf(stderr, "%s: %s\n", j->prog, strerror(errno));
	_exit(127);
}


static bool job_start(struct job *j)
{
	int fds[2];

	if (pipe2(fds, O_CLOEXEC))
		return false;

	(void)fflush(NULL);
	j->start = now();
	j->fd  = fds[0];
	j->pid = fork();

	if (j->pid < 0)
		return false;

	if (!j->pid)
		exec_job(j, fds[1]);

	(void)setpgid(j->pid, j->pid);
	(void)close(fds[1]);
	(void)fcntl(j->fd, F_SETFL, O_NONBLOCK);
	j->pidfd = pidfd_open(j->pid, 0);
	++g.running;

	return j->pidfd >= 0;
}


static void job_read(struct job *j)
{
	char buf[65536];
	ssize_t n;

	while ((n = read(j->fd, buf, sizeof(buf))) > 0) {

		j->out = must(realloc(j->out, j->len + (size_t)n + 1));
		memcpy(j->out + j->len, buf, (size_t)n);
		j->len += (size_t)n;
		j->out[j->len] = '\0';
	}
}


static unsigned count(const char *text, const char *what)
{
	unsigned n = 0;

	while (text && (text = strstr(text, what))) {
		text += strlen(what);
		++n;
	}

	return n;
}


/* The summary of each group says "[  FAILED  ] N test(s), listed below" */
static unsigned unit_failed(const struct job *j, int status)
{
	const char *p = j->out;
	unsigned n = 0, num;

	while (p && (p = strstr(p, FAILED))) {

		p += strlen(FAILED);
		if (sscanf(p, "%u test(s)", &num) == 1 &&
		    strspn(p, "0123456789") == strcspn(p, " "))
			n += num;
	}

	return n ? n : status != 0;
}


static void report(const struct job *j, int status)
{
	const bool na = WIFEXITED(status) &&
		WEXITSTATUS(status) == NOT_APPLICABLE;
	unsigned ok = !status, bad = status && !na;
	char tests[32] = "";

	if (j->unit) {
		ok  = count(j->out, "[       OK ] ");
		bad = unit_failed(j, status);
		ok += !ok && !bad && !g.by_name;   /* not of cmocka */
		(void)snprintf(tests, sizeof(tests), "%u tests", ok + bad);
	}

	if (j->unit && !ok && !bad)
		return;

	g.passed += ok;
	g.failed += bad;
	g.na     += na;

	(void)printf("%-4s %5.1fs %s - %s%s", bad ? "FAIL" : na ? "n/a" : "ok",
		     now() - j->start, j->name, j->unit ? tests : j->desc,
		     na ? "; " : "\n");

	if (j->killed)
		(void)printf("killed after %u s\n", j->limit + GRACE);
	else if (WIFSIGNALED(status))
		(void)printf("%s\n", strsignal(WTERMSIG(status)));

	if ((bad || na || g.verbose) && j->out)
		(void)printf("%s\n", j->out);

	(void)fflush(stdout);
}


static double secs(const struct timeval *tv)
{
	return (double)tv->tv_sec + (double)tv->tv_usec / 1e6;
}


static void job_end(struct job *j)
{
	struct rusage ru;
	int status;

	/* while it is a zombie, its group has no other's number */
	(void)kill(-j->pid, SIGKILL);
	if (wait4(j->pid, &status, 0, &ru) == j->pid)
		j->cpu = secs(&ru.ru_utime) + secs(&ru.ru_stime);
	else
		status = -1;

	job_read(j);
	(void)close(j->fd);
	(void)close(j->pidfd);
	j->pid = 0;
	--g.running;

	if (!stopped)
		report(j, status);

	free(j->out);
	j->out = NULL;
}


static void job_timeout(struct job *j)
{
	if (!stopped && now() - j->start < j->limit + GRACE)
		return;

	j->killed = true;
	(void)kill(-j->pid, SIGKILL);
}


static void poll_jobs(void)
{
	struct pollfd *pfd = must(calloc(g.jobc * 2, sizeof(*pfd)));
	unsigned i;

	for (i=0; i<g.jobc; i++) {

		const struct job *j = &g.jobv[i];

		pfd[2*i].fd     = j->pid ? j->fd : -1;
		pfd[2*i+1].fd   = j->pid ? j->pidfd : -1;
		pfd[2*i].events = pfd[2*i+1].events = POLLIN;
	}

	(void)poll(pfd, g.jobc * 2, 1000);

	for (i=0; i<g.jobc; i++) {

		struct job *j = &g.jobv[i];

		if (!j->pid)
			continue;

		job_read(j);

		if (pfd[2*i+1].revents)
			job_end(j);
		else
			job_timeout(j);
	}

	free(pfd);
}


static void run_all(void)
{
	while (g.running || (g.next < g.jobc && !stopped)) {

		while (g.running < g.max && g.next < g.jobc && !stopped) {

			if (job_start(&g.jobv[g.next++]))
				continue;

			(void)fprintf(stderr, "run: %s\n", strerror(errno));
			stopped = 1;
		}

		poll_jobs();
	}
}


static int rm(const char *path, const struct stat *st, int flag,
	      struct FTW *ftw)
{
	(void)st;
	(void)flag;
	(void)ftw;

	return remove(path);
}


static int dearest_first(const void *a, const void *b)
{
	const struct job *x = a, *y = b;

	return (x->cpu < y->cpu) - (x->cpu > y->cpu);
}


/* What a whole run costs does not depend on what else the machine does */
static void print_cpu(void)
{
	double sum = 0;
	unsigned i;

	qsort(g.jobv, g.jobc, sizeof(*g.jobv), dearest_first);
	for (i=0; i<g.jobc; i++)
		sum += g.jobv[i].cpu;

	(void)printf("%.0f s of CPU time, most of it:", sum);
	for (i=0; i<g.jobc && i < DEAREST; i++)
		(void)printf("%s %s %.1f s", i ? "," : "", g.jobv[i].name,
			     g.jobv[i].cpu);
	(void)printf("\n");
}


static void signal_handler(int sig)
{
	(void)sig;

	stopped = 1;
}


static void prepare(void)
{
	static char dir[] = "/tmp/wire-run.XXXXXX";

	(void)prctl(PR_SET_CHILD_SUBREAPER, 1);
	(void)signal(SIGINT, signal_handler);
	(void)signal(SIGTERM, signal_handler);

	g.dir = mkdtemp(dir);
	if (g.dir)
		(void)setenv("TMPDIR", g.dir, 1);

	/* the rows shown by tests of an earlier run do not count */
	if (!g.filter)
		(void)nftw(BUILD "/rows", rm, 16, FTW_DEPTH | FTW_PHYS);

	qsort(g.jobv, g.jobc, sizeof(*g.jobv), longest_first);
}


static int usage(void)
{
	(void)fprintf(stderr,
		      "usage: run [-c PROG] [-j JOBS] [-t PATTERN] [-v]"
		      " WIRE [UNIT..]\n"
		      " -c  run this when all have run, and count it\n"
		      " -j  how many at a time\n"
		      " -t  run only tests with this name or glob\n"
		      " -v  print the output of all\n");
	return 2;
}


int main(int argc, char *argv[])
{
	const char *pattern = NULL, *check = NULL;
	int c;

	g.max = JOBS_PER_CPU * (unsigned)sysconf(_SC_NPROCESSORS_ONLN);

	while ((c = getopt(argc, argv, "c:j:t:v")) >= 0) {

		switch (c) {

		case 'c':
			check = optarg;
			break;

		case 'j':
			g.max = (unsigned)atoi(optarg);
			break;

		case 't':
			pattern = optarg;
			break;

		case 'v':
			g.verbose = true;
			break;

		default:
			return usage();
		}
	}

	if (optind >= argc || !g.max)
		return usage();

	g.filter = pattern && *pattern;

	if (!add_wire(argv[optind], pattern)) {
		(void)fprintf(stderr, "run: cannot run %s\n", argv[optind]);
		return 2;
	}

	add_units(argv + optind + 1, argc - optind - 1, pattern);
	prepare();
	run_all();

	if (check && !g.filter) {
		(void)job_add(check, basename((char *)check), "", true);
		run_all();
	}

	if (g.dir)
		(void)nftw(g.dir, rm, 16, FTW_DEPTH | FTW_PHYS);

	if (!g.filter)
		print_cpu();

	(void)printf("%u passed, %u failed", g.passed, g.failed);
	if (g.na)
		(void)printf(", %u not for this baresip", g.na);
	(void)printf("%s\n", stopped ? " (stopped)" : "");

	if (g.filter && !g.passed && !g.failed && !g.na)
		(void)fprintf(stderr, "run: no test has the name %s\n",
			      pattern);

	return g.failed || !g.passed || stopped;
}
