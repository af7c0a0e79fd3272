/**
 * @file address.c  Gives a process the address of a host of its own
 *
 * All hosts of a wire test are one to the kernel, which would give a socket
 * without an address that of its destination; baresip 3.x and 4.x ask for it
 * to learn their own. Preloaded into the baresip under test, this binds such
 * sockets to $ADDRESS4 or $ADDRESS6, as on a host that has no other.
 */
#include <arpa/inet.h>
#include <dlfcn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

typedef int (bind_h)(int fd, const struct sockaddr *addr, socklen_t len);
typedef int (connect_h)(int fd, const struct sockaddr *addr, socklen_t len);


/* 0 if the socket has no address of its own so far */
static in_port_t port(const struct sockaddr_storage *ss)
{
	return ss->ss_family == AF_INET6
		? ((const struct sockaddr_in6 *)ss)->sin6_port
		: ((const struct sockaddr_in *)ss)->sin_port;
}


static void set4(struct sockaddr_in *in)
{
	const char *addr = getenv("ADDRESS4");

	if (addr && in->sin_addr.s_addr == INADDR_ANY)
		(void)inet_pton(AF_INET, addr, &in->sin_addr);
}


static void set6(struct sockaddr_in6 *in)
{
	const char *addr = getenv("ADDRESS6");

	if (addr && IN6_IS_ADDR_UNSPECIFIED(&in->sin6_addr))
		(void)inet_pton(AF_INET6, addr, &in->sin6_addr);
}


/* In the place of libc's */
int connect(int fd, const struct sockaddr *addr, socklen_t len)
{
	struct sockaddr_storage own;
	socklen_t n = sizeof(own);
	connect_h *real;

	*(void **)&real = dlsym(RTLD_NEXT, "connect");

	memset(&own, 0, sizeof(own));
	if (addr->sa_family != AF_UNIX &&
	    !getsockname(fd, (struct sockaddr *)&own, &n) && !port(&own))
		(void)bind(fd, (struct sockaddr *)&own, n);

	return real(fd, addr, len);
}


/* In the place of libc's */
int bind(int fd, const struct sockaddr *addr, socklen_t len)
{
	struct sockaddr_storage own;
	bind_h *real;

	*(void **)&real = dlsym(RTLD_NEXT, "bind");

	if (len > sizeof(own))
		return real(fd, addr, len);

	memcpy(&own, addr, len);
	if (addr->sa_family == AF_INET)
		set4((struct sockaddr_in *)&own);
	else if (addr->sa_family == AF_INET6)
		set6((struct sockaddr_in6 *)&own);

	return real(fd, (struct sockaddr *)&own, len);
}
