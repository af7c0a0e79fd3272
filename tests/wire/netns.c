/**
 * @file netns.c  A network of its own for each wire test
 *
 * In a fresh network namespace there is nothing but lo, so every test can use
 * the same addresses and ports: alice is 127.0.0.1 and fd00::1, bob 127.0.0.2
 * and fd00::2, and so on.
 */
#define _GNU_SOURCE 1
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <sched.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>
#include "wire.h"
#include "harness.h"


enum {
	HOSTS  = 32,    /**< Addresses fd00::1 .. of the namespace        */
	IP6_MS = 10000, /**< Longest wait for an address to be usable, ms */
};

/* As in linux/ipv6.h, which does not go together with netinet/in.h */
struct in6_req {
	struct in6_addr addr;
	uint32_t prefixlen;
	int ifindex;
};

static const char *hostv[HOSTS] = {
	"alice", "bob", "carol", "dave", "erin", "frank", "grace", "heidi",
	"proxy",
};

static const char *transp_default = "udp";


static bool put(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY);
	ssize_t n;

	if (fd < 0)
		return false;

	n = write(fd, text, strlen(text));
	(void)close(fd);

	return n == (ssize_t)strlen(text);
}


/* Without root, a user namespace gives the right to have a network one */
static int unshare_as_user(void)
{
	const char *uid = F("0 %u 1", getuid()), *gid = F("0 %u 1", getgid());

	if (unshare(CLONE_NEWUSER | CLONE_NEWNET))
		return errno;

	if (!put("/proc/self/setgroups", "deny") ||
	    !put("/proc/self/uid_map", uid) ||
	    !put("/proc/self/gid_map", gid))
		return EPERM;

	return 0;
}


/* baresip 3.x and 4.x use addresses only that an interface has */
static void add_ip4(int fd, int i)
{
	struct ifreq ifr;
	struct sa sa;

	memset(&ifr, 0, sizeof(ifr));
	(void)re_snprintf(ifr.ifr_name, sizeof(ifr.ifr_name), "lo:%d", i);
	(void)sa_set_str(&sa, F("127.0.0.%d", i), 0);
	memcpy(&ifr.ifr_addr, &sa.u.in, sizeof(sa.u.in));
	(void)ioctl(fd, SIOCSIFADDR, &ifr);
}


/* The kernel keeps a new IPv6 address tentative until a worker has been there,
   which comes late on a busy machine; nobody can bind to it before */
static int await_ip6(int i)
{
	const uint64_t end = tmr_jiffies() + IP6_MS;
	int fd = socket(AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	struct sa sa;
	int err;

	(void)sa_set_str(&sa, F("fd00::%x", i), 0);

	for (;;) {
		err = bind(fd, &sa.u.sa, sa.len) ? errno : 0;

		if (err != EADDRNOTAVAIL || tmr_jiffies() > end)
			break;

		(void)usleep(1000);
	}

	(void)close(fd);

	return err;
}


static int lo_up(void)
{
	int fd4 = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	int fd6 = socket(AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	struct ifreq ifr;
	bool ip6 = false;
	int err = 0, i;

	memset(&ifr, 0, sizeof(ifr));
	strcpy(ifr.ifr_name, "lo");

	if (ioctl(fd4, SIOCGIFFLAGS, &ifr))
		err = errno;

	ifr.ifr_flags |= IFF_UP | IFF_RUNNING;

	if (ioctl(fd4, SIOCSIFFLAGS, &ifr))
		err = errno;

	for (i=1; i<=HOSTS; i++) {

		struct in6_req req = {.prefixlen = 128};

		(void)inet_pton(AF_INET6, F("fd00::%x", i), &req.addr);
		req.ifindex = (int)if_nametoindex("lo");

		/* a kernel without IPv6 fails here; tests that need it tell */
		ip6 = !ioctl(fd6, SIOCSIFADDR, &req);

		if (i > 1)
			add_ip4(fd4, i);
	}

	for (i=1; i<=HOSTS && ip6 && !err; i++)
		err = await_ip6(i);

	(void)close(fd4);
	(void)close(fd6);

	return err;
}


/**
 * Move this process into a network namespace of its own
 *
 * @return 0 if success, otherwise errorcode
 */
int netns_enter(void)
{
	int err = 0;

	if (unshare(CLONE_NEWNET))
		err = unshare_as_user();

	return err ? err : lo_up();
}


/**
 * Get what to tell when there is no network namespace
 *
 * @param err Errorcode of netns_enter()
 *
 * @return Text
 */
const char *netns_help(int err)
{
	return F("cannot make a network namespace (%s): run it as root, or"
		 " where user namespaces are allowed; in a container with"
		 " --cap-add SYS_ADMIN and --security-opt apparmor=unconfined",
		 strerror(err));
}


/**
 * Get the IP address of a host of the namespace
 *
 * @param name Name, e.g. "alice"; unknown ones get the next free address
 * @param ip6  True for its IPv6 address
 *
 * @return Address as text
 */
const char *net_addr(const char *name, bool ip6)
{
	int i;

	for (i=0; i<HOSTS-1; i++) {

		if (!hostv[i])
			hostv[i] = name;

		if (!strcmp(hostv[i], name))
			break;
	}

	return F(ip6 ? "fd00::%x" : "127.0.0.%d", i + 1);
}


/**
 * Set the transport of the peers and baresips that name none
 *
 * @param transp udp, tcp, tls, udp6, tcp6, tls6
 */
void net_use(const char *transp)
{
	transp_default = transp;
}


/**
 * Decode the name of a transport
 *
 * @param transp Name, or NULL for the default
 * @param tp     Returned transport
 * @param ip6    Returned true for IPv6
 */
void net_transp(const char *transp, enum sip_transp *tp, bool *ip6)
{
	const char *s = transp ? transp : transp_default;

	if (!strncmp(s, "udp", 3))
		*tp = SIP_TRANSP_UDP;
	else if (!strncmp(s, "tcp", 3))
		*tp = SIP_TRANSP_TCP;
	else if (!strncmp(s, "tls", 3))
		*tp = SIP_TRANSP_TLS;
	else
		SETUP("unknown transport '%s'", s);

	*ip6 = s[3] == '6';
}


/**
 * Put the addresses of the namespace into a text of a user's file or page
 *
 * @param text Text
 *
 * @return The same, in which NAME@example.org is NAME of the namespace
 */
const char *net_names(const char *text)
{
	static const char domain[] = "@example.org";
	const char *all = "", *at;

	for (; (at = strstr(text, domain)); text = at + strlen(domain)) {
		size_t n = 0;

		while (at - n > text && isalnum((unsigned char)*(at - n - 1)))
			++n;

		all = F("%s%.*s@%s", all, (int)(at - text), text,
			n ? net_addr(keep(at - n, n), false) : domain + 1);
	}

	return F("%s%s", all, text);
}


/**
 * Make the URI of somebody
 *
 * @param name Name
 * @param addr Address
 * @param tp   Transport
 *
 * @return The URI
 */
const char *net_uri(const char *name, const struct sa *addr,
		    enum sip_transp tp)
{
	char host[64] = "";
	const char *port = "";

	(void)sa_ntop(addr, host, sizeof(host));

	if (sa_port(addr) != sip_transp_port(tp, 0))
		port = F(":%u", sa_port(addr));

	return F(sa_af(addr) == AF_INET6 ? "sip:%s@[%s]%s%s" : "sip:%s@%s%s%s",
		 name, host, port, sip_transp_param(tp));
}
