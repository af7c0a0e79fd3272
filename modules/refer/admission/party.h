/**
 * @file party.h  What those who refer have under way
 */
#ifndef REFER_PARTY_H
#define REFER_PARTY_H

/** A call that REFERs come in, or an address that they come from */
struct party {
	struct le he;
	struct admission *adm;
	uint64_t who;          /**< Identity, see limits.h                 */
	uint32_t waiting;      /**< Its REFERs that nobody decided on      */
	uint32_t calls;        /**< Calls that execute its referrals       */
	bool inside;           /**< A call                                 */
};

const struct party *party_find(const struct admission *adm, uint64_t who);
uint32_t chain_depth(const struct admission *adm, const char *callid);
uint64_t chain_party(const struct admission *adm, const char *callid);

#endif
