/**
 * @file party.h  What those who refer have under way
 */
#ifndef REFER_PARTY_H
#define REFER_PARTY_H

/** A call that REFERs come in, or an address that they come from */
struct party {
	struct le he;
	uint64_t who;          /**< Identity, see limits.h                 */
	uint32_t waiting;      /**< Its REFERs that nobody decided on      */
	uint32_t calls;        /**< Calls that execute its referrals       */
	bool inside;           /**< A call                                 */
};

struct party_call;

int  party_get(struct party **pp, struct hash *ht, uint64_t who,
	       bool inside);
const struct party *party_find(const struct hash *ht, uint64_t who);
int  party_call_alloc(struct party_call **pcp, struct party *party);
uint64_t party_call_who(const struct party_call *pc);
bool party_call_inside(const struct party_call *pc);

#endif
