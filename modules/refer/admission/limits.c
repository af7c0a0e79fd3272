/**
 * @file limits.c  How many REFERs are too many
 *
 * Against floods: REFERs per second and party, counted in a table of fixed
 * size. A party is a call, or out of a dialog a network address.
 */
#include <string.h>
#include <re.h>
#include "admission/limits.h"
#include "syntax/addr.h"


enum {
	SETS = 128,            /* of the table                          */
	WAYS = 8,              /* places in a set                       */
	SECRET_SIZE = 16,
	NET6_SIZE = 8,         /* of an IPv6 network, /64 */
};

/** What a party did in a second */
struct place {
	uint64_t who;
	uint32_t second;
	uint32_t count;
};

/** Who shows wrong credentials */
struct guesser {
	const struct sa *addr;
	const struct pl *user;
};

struct limits {
	uint8_t secret[SECRET_SIZE];
	struct place placev[SETS][WAYS];
};


/**
 * Allocate the table
 *
 * @param lp Pointer to allocated limits
 *
 * @return 0 if success, otherwise errorcode
 */
int limits_alloc(struct limits **lp)
{
	struct limits *l;

	l = mem_zalloc(sizeof(*l), NULL);
	if (!l)
		return ENOMEM;

	rand_bytes(l->secret, sizeof(l->secret));
	*lp = l;

	return 0;
}


/* Keyed: nobody can choose the one whose place to share */
static uint64_t identity(const struct limits *l, const char *kind,
			 re_printf_h *h, const void *arg)
{
	uint8_t md[MD5_SIZE] = {0};
	uint64_t who;

	(void)md5_printf(md, "%w|%s|%H", l->secret, sizeof(l->secret), kind,
			 h, arg);
	memcpy(&who, md, sizeof(who));

	return who;
}


/* Of IPv6 the network: a host has all addresses of one */
static int print_addr(struct re_printf *pf, const struct sa *addr)
{
	struct sa sa = *addr;

	addr_unmap(&sa);

	return sa_af(&sa) == AF_INET6 ?
		re_hprintf(pf, "%w", &sa.u.in6.sin6_addr, (size_t)NET6_SIZE) :
		re_hprintf(pf, "%j", &sa);
}


static int print_guesser(struct re_printf *pf, const struct guesser *guesser)
{
	return re_hprintf(pf, "%H|%r", print_addr, guesser->addr,
			  guesser->user);
}


static int print_str(struct re_printf *pf, const char *str)
{
	return re_hprintf(pf, "%s", str);
}


/**
 * Get the identity of a peer that refers out of a dialog
 *
 * @param l    Limits
 * @param addr Its network address; the port does not count
 *
 * @return Identity
 */
uint64_t limits_peer(const struct limits *l, const struct sa *addr)
{
	return identity(l, "peer", (re_printf_h *)print_addr, addr);
}


/**
 * Get the identity of a peer whose credentials are wrong: others of its
 * address, as behind a proxy, have other names
 *
 * @param l    Limits
 * @param addr Its network address; the port does not count
 * @param user Name of the user
 *
 * @return Identity
 */
uint64_t limits_guesser(const struct limits *l, const struct sa *addr,
			const struct pl *user)
{
	const struct guesser guesser = {addr, user};

	return identity(l, "guesser", (re_printf_h *)print_guesser, &guesser);
}


/**
 * Get the identity of a call that REFERs come in
 *
 * @param l      Limits
 * @param callid Its Call-ID
 *
 * @return Identity
 */
uint64_t limits_call(const struct limits *l, const char *callid)
{
	return identity(l, "call", (re_printf_h *)print_str, callid);
}


static uint32_t now(void)
{
	return (uint32_t)(tmr_jiffies() / 1000);
}


static const struct place *find(const struct place *setv, uint64_t who)
{
	size_t i;

	for (i=0; i<WAYS; ++i) {
		if (setv[i].who == who && setv[i].second == now())
			return &setv[i];
	}

	return NULL;
}


/* A place that is not of this second, or the one with the lowest count */
static struct place *victim(struct place *setv)
{
	struct place *p = setv;
	size_t i;

	for (i=0; i<WAYS; ++i) {

		if (setv[i].second != now()) {
			setv[i].count = 0;
			return &setv[i];
		}

		if (setv[i].count < p->count)
			p = &setv[i];
	}

	return p;
}


/**
 * Tell whether a party has used up its rate; nothing is counted
 *
 * @param l    Limits
 * @param who  Identity of the party
 * @param rate Number in a second, 0 for any number
 *
 * @return True if it has
 */
bool limits_reached(const struct limits *l, uint64_t who, uint32_t rate)
{
	const struct place *p = find(l->placev[who % SETS], who);

	return rate && p && p->count >= rate;
}


/**
 * Count something that a party does
 *
 * When more parties than there are places come in a second, one takes over
 * the count of another along with its place: taking turns gains nothing.
 *
 * @param l    Limits
 * @param who  Identity of the party
 * @param rate Number in a second, 0 for any number
 *
 * @return True if it may do this
 */
bool limits_rate(struct limits *l, uint64_t who, uint32_t rate)
{
	struct place *setv = l->placev[who % SETS], *p;

	if (!rate)
		return true;

	p = (struct place *)find(setv, who);
	if (!p) {
		p = victim(setv);
		p->who    = who;
		p->second = now();
	}

	if (p->count >= rate)
		return false;

	++p->count;

	return true;
}
