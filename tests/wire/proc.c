/**
 * @file proc.c  Child processes of a wire test
 *
 * Starts programs, captures what they print, waits for texts in it and for
 * their end. None survives the test: they are killed by pid when it ends, by
 * the kernel if it dies, and so are processes that they leave behind.
 */
#define _GNU_SOURCE 1
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>
#include "wire.h"
#include "harness.h"


/** What proc_log_wait() waits for */
struct grep {
	struct proc *p;
	const char *text;
	bool found;
};

static struct list procl;


/**
 * Read what a process has printed since the last time
 *
 * @param p Process
 */
void proc_read(struct proc *p)
{
	uint8_t buf[8192];
	ssize_t n;

	if (p->fd < 0)
		return;

	while ((n = read(p->fd, buf, sizeof(buf))) > 0) {
		p->log->pos = p->log->end;
		(void)mbuf_write_mem(p->log, buf, (size_t)n);
		wake();
	}

	if (!n) {
		fd_close(p->fd);
		(void)close(p->fd);
		p->fd = -1;
	}
}


static void log_handler(int flags, void *arg)
{
	(void)flags;

	proc_read(arg);
}


static void end_handler(int flags, void *arg)
{
	struct proc *p = arg;
	(void)flags;

	if (p->ended || waitpid(p->pid, &p->status, WNOHANG) != p->pid)
		return;

	p->ended = true;
	fd_close(p->pidfd);
	(void)close(p->pidfd);

	proc_read(p);
	wake();
}


static _Noreturn void child(int out, int term, char *const argv[],
			    char *const env[])
{
	int null = open("/dev/null", O_RDONLY);

	(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
	(void)dup2(term < 0 ? null : term, STDIN_FILENO);
	(void)dup2(out, STDOUT_FILENO);
	(void)dup2(term < 0 ? out : term, STDERR_FILENO);
	/* a core file goes away with the directory */
	if (chdir(test_dir()))
		_exit(127);

	(void)close_range(3, ~0U, 0);

	for (; env && *env; env++)
		(void)putenv(*env);

	(void)execvp(argv[0], argv);
	(void)re_fprintf(stderr, "%s: %m\n", argv[0], errno);
	_exit(127);
}


/**
 * Start a program
 *
 * @param name Name in messages
 * @param argv Program and arguments, NULL-terminated
 * @param env  VAR=value to add to the environment, NULL-terminated, or NULL
 * @param term Terminal for its stdin and stderr, or -1
 *
 * @return The process; if it cannot be started, the test ends
 */
struct proc *proc_start(const char *name, char *const argv[],
			char *const env[], int term)
{
	struct proc *p = calloc(1, sizeof(*p));
	int fds[2];

	if (!p || pipe2(fds, O_CLOEXEC))
		abort();

	(void)prctl(PR_SET_CHILD_SUBREAPER, 1);
	(void)fflush(NULL);

	p->name = keep(name, strlen(name));
	p->log  = mbuf_alloc(8192);
	p->fd   = fds[0];
	p->pid  = fork();

	if (p->pid < 0)
		SETUP("fork: %s", strerror(errno));

	if (!p->pid)
		child(fds[1], term, argv, env);

	(void)close(fds[1]);
	(void)fcntl(p->fd, F_SETFL, O_NONBLOCK);
	p->pidfd = pidfd_open(p->pid, 0);
	list_append(&procl, &p->le, p);

	if (p->pidfd < 0 ||
	    fd_listen(p->fd, FD_READ, log_handler, p) ||
	    fd_listen(p->pidfd, FD_READ, end_handler, p))
		SETUP("%s: cannot watch the process", name);

	return p;
}


/**
 * Append arguments to those of a command line
 *
 * @param argv Command line, NULL-terminated, of PROC_ARGS elements
 * @param ap   More arguments, NULL-terminated
 */
void proc_args(char **argv, va_list ap)
{
	size_t n = 0;

	while (argv[n])
		++n;

	while (n < PROC_ARGS - 1 && (argv[n] = va_arg(ap, char *)))
		++n;

	argv[n] = NULL;
}


/**
 * Start a program, see proc_run()
 *
 * @param file File of the test
 * @param line Line of it
 * @param name Name in messages
 * @param ...  Program and its arguments, NULL-terminated
 *
 * @return The process
 */
struct proc *proc_run_at(const char *file, int line, const char *name, ...)
{
	char *argv[PROC_ARGS] = {NULL};
	va_list ap;

	test_here(file, line);

	va_start(ap, name);
	proc_args(argv, ap);
	va_end(ap);

	return proc_start(name, argv, NULL, -1);
}


/**
 * Get what a process has printed
 *
 * @param p Process
 *
 * @return The text
 */
const char *proc_log(struct proc *p)
{
	proc_read(p);

	return keep((char *)p->log->buf, p->log->end);
}


/* Of a process that has ended, nothing more comes; should it not have, the
   test fails for that */
static bool grep_cond(void *arg)
{
	struct grep *g = arg;
	const struct mbuf *log = g->p->log;
	const uint8_t *hit;

	if (g->p->ended)
		proc_read(g->p);

	hit = memmem(log->buf + g->p->mark, log->end - g->p->mark, g->text,
		     strlen(g->text));
	if (!hit)
		return g->p->ended && g->p->may_end;

	g->p->mark = (size_t)(hit - log->buf) + strlen(g->text);
	g->found = true;

	return true;
}


/**
 * Wait until a process prints a text, after the one waited for before
 *
 * @param p    Process
 * @param text Text
 * @param ms   Deadline in ms
 *
 * @return True if it has come
 */
bool proc_log_wait(struct proc *p, const char *text, uint32_t ms)
{
	struct grep g = {p, text, false};

	(void)wait_until(grep_cond, &g, ms);

	return g.found;
}


static bool ended_cond(void *arg)
{
	return ((struct proc *)arg)->ended;
}


/**
 * Wait for the end of a process
 *
 * @param p  Process
 * @param ms Deadline in ms
 *
 * @return True if it has ended
 */
bool proc_wait(struct proc *p, uint32_t ms)
{
	p->may_end = true;

	return wait_until(ended_cond, p, ms);
}


/**
 * Tell how long a process was ready to run, but had no CPU
 *
 * @param pid Process; it may have ended, but not been waited for
 *
 * @return Time in ns, 0 if this kernel does not tell
 */
uint64_t proc_waited(pid_t pid)
{
	unsigned long long cpu, wait;
	char path[64];
	FILE *f;
	int n;

	(void)re_snprintf(path, sizeof(path), "/proc/%d/schedstat", pid);

	f = fopen(path, "r");
	if (!f)
		return 0;

	n = fscanf(f, "%llu %llu", &cpu, &wait);
	(void)fclose(f);

	return n == 2 ? wait : 0;
}


/**
 * Describe how a process has ended
 *
 * @param p Process
 *
 * @return Text
 */
const char *proc_status(const struct proc *p)
{
	if (!p->ended)
		return F("still runs, waited %u ms for a CPU",
			 (unsigned)(proc_waited(p->pid) / 1000000));

	if (WIFSIGNALED(p->status))
		return F("crashed: signal %d (%s)", WTERMSIG(p->status),
			 strsignal(WTERMSIG(p->status)));

	return F("exit status %d", WEXITSTATUS(p->status));
}


/** End the test if a process has ended that should not */
void procs_check(void)
{
	struct le *le;

	for (le = procl.head; le; le = le->next) {

		struct proc *p = le->data;

		if (!p->ended || p->may_end)
			continue;

		p->may_end = true;
		test_fail_here(false, F("%s %s", p->name, proc_status(p)));
	}
}


/**
 * Kill a process
 *
 * @param p Process
 */
void proc_kill(struct proc *p)
{
	p->may_end = true;

	if (p->ended)
		return;

	(void)kill(p->pid, SIGKILL);
	(void)waitpid(p->pid, &p->status, 0);
	p->ended = true;
	fd_close(p->pidfd);
	(void)close(p->pidfd);
	proc_read(p);
}


/* Orphans of our children have become ours: we are their subreaper */
static bool kill_orphan(void)
{
	const char *path = F("/proc/self/task/%d/children", getpid());
	FILE *f = fopen(path, "r");
	int pid = 0, n = 0;

	if (f) {
		n = fscanf(f, "%d", &pid);
		(void)fclose(f);
	}

	if (n != 1)
		return false;

	(void)kill(pid, SIGKILL);
	(void)waitpid(pid, NULL, 0);

	return true;
}


/** Kill all processes of the test */
void procs_kill(void)
{
	struct le *le;

	for (le = procl.head; le; le = le->next)
		proc_kill(le->data);

	while (kill_orphan())
		;
}


/**
 * Print what the processes have printed
 *
 * @param f   File to print to
 * @param max Print no more than so many of the last bytes of each
 */
void procs_print(FILE *f, size_t max)
{
	struct le *le;

	for (le = procl.head; le; le = le->next) {

		struct proc *p = le->data;
		const struct mbuf *log = p->log;
		const size_t n = MIN(max, log->end);

		(void)fprintf(f, "--- %s (%s)%s\n%.*s\n", p->name,
			      proc_status(p), n < log->end ? " ..." : "",
			      (int)n, log->buf + log->end - n);
	}
}
