/**
 * @file relay.c  A way into the network of a test
 *
 * A socket stays in the network namespace that it was made in: one that
 * listens is made before netns_enter(), and what comes there is passed on.
 */
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <unistd.h>
#include "wire.h"
#include "harness.h"


enum {
	BACKLOG = 64,
	CHUNK   = 16384,
};


static bool copy(int from, int to)
{
	char buf[CHUNK];
	ssize_t n = read(from, buf, sizeof(buf)), sent = 0, w = 0;

	while (sent < n && w >= 0) {
		w = write(to, buf + sent, (size_t)(n - sent));
		sent += w;
	}

	return n > 0 && w > 0;
}


/* Until one of them has closed it */
static _Noreturn void pass(int a, const struct sa *dst)
{
	int b = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	struct pollfd fdv[] = {{a, POLLIN, 0}, {b, POLLIN, 0}};
	bool ok = !connect(b, &dst->u.sa, dst->len);

	(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
	while (ok && poll(fdv, 2, -1) > 0) {
		if (fdv[0].revents)
			ok = copy(a, b);
		if (ok && fdv[1].revents)
			ok = copy(b, a);
	}

	_exit(0);
}


/**
 * Listen at 127.0.0.1
 *
 * @param port Port, in use: any other
 *
 * @return Socket
 */
int relay_listen(uint16_t port)
{
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), on = 1;
	struct sa sa;

	(void)sa_set_str(&sa, "127.0.0.1", port);
	(void)setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	if (bind(fd, &sa.u.sa, sa.len)) {
		sa_set_port(&sa, 0);
		(void)bind(fd, &sa.u.sa, sa.len);
	}

	if (listen(fd, BACKLOG))
		SETUP("cannot listen at 127.0.0.1");

	return fd;
}


/**
 * Pass on each connection, until this process ends
 *
 * @param fd   Socket of relay_listen()
 * @param addr Where to, in the namespace
 * @param port Port there
 *
 * @return Port at 127.0.0.1
 */
uint16_t relay_start(int fd, const char *addr, uint16_t port)
{
	struct sa dst, sa = {.len = sizeof(sa.u)};
	int a;

	(void)sa_set_str(&dst, addr, port);
	(void)getsockname(fd, &sa.u.sa, &sa.len);
	(void)fflush(NULL);
	if (fork())
		return sa_port(&sa);

	(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
	(void)signal(SIGCHLD, SIG_IGN);
	while ((a = accept(fd, NULL, NULL)) >= 0) {
		if (!fork())
			pass(a, &dst);
		(void)close(a);
	}
	_exit(0);
}
