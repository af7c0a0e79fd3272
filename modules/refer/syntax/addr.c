/**
 * @file addr.c  Network addresses, each in one form
 */
#include <string.h>
#include <re.h>
#include "syntax/addr.h"


/**
 * Make an IPv4 address out of one that is in an IPv6 address
 * (::ffff:192.0.2.1), and leave others as they are
 *
 * @param sa Address
 */
void addr_unmap(struct sa *sa)
{
	static const uint8_t mapped[12] = {[10] = 0xff, [11] = 0xff};
	uint8_t a[16];

	if (sa_af(sa) != AF_INET6)
		return;

	sa_in6(sa, a);
	if (!memcmp(a, mapped, sizeof(mapped)))
		sa_set_in(sa, (uint32_t)a[12] << 24 | a[13] << 16 |
			  a[14] << 8 | a[15], sa_port(sa));
}
