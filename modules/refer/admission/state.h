/**
 * @file state.h  What the files of admission/ keep
 */
#ifndef REFER_ADMISSION_STATE_H
#define REFER_ADMISSION_STATE_H

struct auth;
struct call_watches;
struct limits;

/** Who may refer, and what they have under way */
struct admission {
	struct call_watches *watches;
	struct auth *auth;
	struct limits *limits;
	struct hash *ht_party;       /**< struct party, by identity         */
	struct hash *ht_link;        /**< struct link, by Call-ID           */
	struct list overridel;       /**< struct override, of /referpolicy  */
	uint32_t waiting;            /**< REFERs that nobody decided on     */
	uint32_t waiting_outside;    /**< Those of them out of a dialog     */
	uint64_t log_time;           /**< Refusals are logged since [ms]    */
	uint32_t log_count;          /**< How many                          */
};

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
