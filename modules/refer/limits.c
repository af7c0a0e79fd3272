/**
 * @file limits.c  How many REFERs are too many
 *
 * Against floods: REFERs per second and peer, counted in a table of fixed
 * size.
 */
#include <re.h>
#include "limits.h"


enum {
	PEERS = 1024,          /* of the table, a power of 2 */
};

/** What a peer did in a second */
struct peer {
	uint32_t hash;
	uint32_t second;
	uint32_t count;
};

struct limits {
	struct peer peerv[PEERS];
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

	*lp = l;

	return 0;
}


/**
 * Count a REFER of a peer
 *
 * @param l    Limits
 * @param peer Its network address; the port does not count
 * @param rate REFERs that it may send in a second, 0 for any number
 *
 * @return True if it may send this one
 */
bool limits_rate(struct limits *l, const struct sa *peer, uint32_t rate)
{
	const uint32_t second = (uint32_t)(tmr_jiffies() / 1000);
	const uint32_t hash = sa_hash(peer, SA_ADDR);
	struct peer *p = &l->peerv[hash & (PEERS - 1)];

	if (!rate)
		return true;

	if (p->hash != hash || p->second != second) {
		p->hash   = hash;
		p->second = second;
		p->count  = 0;
	}

	return ++p->count <= rate;
}
