/**
 * @file clock.c  Preloaded into a baresip under torture: its time runs faster
 *
 * Every clock goes TIME_FACTOR times as fast as the real one, and whoever
 * waits for a time waits for that part of it, so that timers of 32 s take 2 s
 * with a factor of 16. The kernel is asked directly: a sanitizer stands before
 * this library and calls it.
 *
 * SIGUSR1 moves all clocks on by TIME_JUMP seconds at once. SIGUSR2 writes the
 * size of the heap to the file TIME_HEAP.
 */
#include <errno.h>
#include <fcntl.h>
#include <malloc.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/select.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>


#define NS 1000000000LL

enum {
	CLOCKS = 8,
};

size_t __sanitizer_get_current_allocated_bytes(void)
	__attribute__((weak));

static long factor;
static int64_t basev[CLOCKS];     /* When the program began [ns] */
static int64_t jump;              /* For each SIGUSR1 [ns] */
static volatile int64_t ahead;    /* By these so far [ns] */


static int64_t real_ns(clockid_t id)
{
	struct timespec ts = {0, 0};

	(void)syscall(SYS_clock_gettime, id, &ts);

	return ts.tv_sec * NS + ts.tv_nsec;
}


static void heap_handler(int sig)
{
	const int saved = errno;
	const char *path = getenv("TIME_HEAP");
	char buf[32];
	int fd, n;

	(void)sig;

	n = snprintf(buf, sizeof(buf), "%zu\n",
		     __sanitizer_get_current_allocated_bytes ?
		     __sanitizer_get_current_allocated_bytes() :
		     mallinfo2().uordblks);
	fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
	if (write(fd, buf, (size_t)n) != n)
		abort();
	(void)close(fd);
	errno = saved;
}


static void jump_handler(int sig)
{
	(void)sig;
	ahead += jump;
}


__attribute__((constructor))
static void start(void)
{
	const char *s = getenv("TIME_FACTOR"), *j = getenv("TIME_JUMP");
	int i;

	for (i=0; i<CLOCKS; i++)
		basev[i] = real_ns(i);

	factor = s ? atol(s) : 1;

	if (j) {
		jump = atol(j) * NS;
		(void)signal(SIGUSR1, jump_handler);
	}

	if (getenv("TIME_HEAP"))
		(void)signal(SIGUSR2, heap_handler);
}


static int64_t fast_ns(clockid_t id)
{
	const int64_t ns = real_ns(id);

	if (!factor || id < 0 || id >= CLOCKS ||
	    id == CLOCK_PROCESS_CPUTIME_ID || id == CLOCK_THREAD_CPUTIME_ID)
		return ns;

	return basev[id] + (ns - basev[id]) * factor + ahead;
}


/* What is waited for; the least that is not 0 is 1 */
static int64_t real_wait(int64_t n)
{
	return factor && n > 0 ? (n + factor - 1) / factor : n;
}


static struct timespec timespec_ns(int64_t ns)
{
	return (struct timespec){ns / NS, ns % NS};
}


int clock_gettime(clockid_t id, struct timespec *ts)
{
	*ts = timespec_ns(fast_ns(id));

	return 0;
}


int gettimeofday(struct timeval *restrict tv, void *restrict tz)
{
	const int64_t ns = fast_ns(CLOCK_REALTIME);

	(void)tz;
	tv->tv_sec  = ns / NS;
	tv->tv_usec = ns % NS / 1000;

	return 0;
}


time_t time(time_t *t)
{
	const time_t now = fast_ns(CLOCK_REALTIME) / NS;

	if (t)
		*t = now;

	return now;
}


int epoll_wait(int fd, struct epoll_event *ev, int n, int ms)
{
	return (int)syscall(SYS_epoll_pwait, fd, ev, n, (int)real_wait(ms),
			    NULL, 8);
}


int poll(struct pollfd *fdv, nfds_t n, int ms)
{
	struct timespec ts = timespec_ns(real_wait(ms) * (NS / 1000));

	return (int)syscall(SYS_ppoll, fdv, n, ms < 0 ? NULL : &ts, NULL, 8);
}


int select(int n, fd_set *restrict r, fd_set *restrict w, fd_set *restrict e,
	   struct timeval *restrict tv)
{
	struct timespec ts = {0, 0};

	if (tv)
		ts = timespec_ns(real_wait(tv->tv_sec * NS +
					   tv->tv_usec * 1000));

	return (int)syscall(SYS_pselect6, n, r, w, e, tv ? &ts : NULL, NULL);
}


int nanosleep(const struct timespec *req, struct timespec *rem)
{
	const struct timespec ts =
		timespec_ns(real_wait(req->tv_sec * NS + req->tv_nsec));

	return (int)syscall(SYS_nanosleep, &ts, rem);
}


int usleep(useconds_t us)
{
	const struct timespec ts = timespec_ns(real_wait(us * 1000LL));

	return (int)syscall(SYS_nanosleep, &ts, NULL);
}
