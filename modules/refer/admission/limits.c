/**
 * @file limits.c  How many REFERs are too many
 *
 * Against floods: REFERs per second and party, counted in a table of fixed
 * size. A party is a call, or out of a dialog a network address.
 */
#include <string.h>
#include <re.h>
#include "admission/state.h"
#include "syntax/uri.h"


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

struct limits {
	uint8_t secret[SECRET_SIZE];
	struct place placev[SETS][WAYS];
};


/** Allocate the table */
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


/* Of IPv6 the network: a host has all addresses of one */
static int write_net(struct mbuf *mb, const struct sa *addr)
{
	struct sa sa = *addr;
	uint8_t a[16];

	addr_unmap(&sa);
	if (sa_af(&sa) != AF_INET6)
		return mbuf_write_u32(mb, sa_in(&sa));

	sa_in6(&sa, a);

	return mbuf_write_mem(mb, a, NET6_SIZE);
}


/* Keyed: nobody can choose the one whose place to share */
static uint64_t identity(const struct limits *l, char kind,
			 const struct sa *addr, const struct pl *text)
{
	struct mbuf *mb = mbuf_alloc(128);
	uint8_t md[MD5_SIZE] = {0};
	uint64_t who;
	int err;

	err  = mbuf_write_mem(mb, l->secret, sizeof(l->secret));
	err |= mbuf_write_u8(mb, (uint8_t)kind);
	if (addr)
		err |= write_net(mb, addr);
	if (text)
		err |= mbuf_write_pl(mb, text);

	if (!err)
		md5(mb->buf, mb->end, md);

	memcpy(&who, md, sizeof(who));
	mem_deref(mb);

	return who;
}


/** Get the identity of a peer that refers out of a dialog: not of its port */
uint64_t limits_peer(const struct limits *l, const struct sa *addr)
{
	return identity(l, 'p', addr, NULL);
}


/**
 * Get the identity of a peer whose credentials are wrong: others of its
 * address, as behind a proxy, have other names
 */
uint64_t limits_guesser(const struct limits *l, const struct sa *addr,
			const struct pl *user)
{
	return identity(l, 'g', addr, user);
}


/** Get the identity of a call that REFERs come in */
uint64_t limits_call(const struct limits *l, const char *callid)
{
	struct pl pl;

	pl_set_str(&pl, callid);

	return identity(l, 'c', NULL, &pl);
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


/** Tell whether a party has used up its rate, of which 0 is none */
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
