/**
 * @file state.h  What the files of admission/ keep
 */
#ifndef REFER_ADMISSION_STATE_H
#define REFER_ADMISSION_STATE_H

struct auth;
struct call_watches;
struct copies;
struct limits;

/** Who may refer, and what they have under way */
struct admission {
	struct call_watches *watches;
	struct auth *auth;
	struct limits *limits;
	struct copies *copies;
	struct hash *ht_party;       /**< struct party, by identity         */
	struct hash *ht_link;        /**< struct link, by Call-ID           */
	struct list overridel;       /**< struct override, of /referpolicy  */
	uint32_t waiting;            /**< REFERs that nobody decided on     */
	uint32_t waiting_outside;    /**< Those of them out of a dialog     */
	uint64_t log_time;           /**< Refusals are logged since [ms]    */
	uint32_t log_count;          /**< How many                          */
};


/* REFERs that were served a short time ago (copies.c) */

/** What a REFER is to one that was served */
enum copies_match {
	COPY_NONE,
	COPY_SAME,             /**< A copy of it                           */
	COPY_MERGED,           /**< It came over another way (RFC 3261
				    section 8.2.2.2)                       */
};

int  copies_alloc(struct copies **csp);
void copies_add(struct copies *cs, uint64_t key, const struct pl *branch);
bool copies_any(const struct copies *cs);
enum copies_match copies_find(const struct copies *cs, uint64_t key,
			      const struct pl *branch);


/* How many are too many (limits.c) */

int  limits_alloc(struct limits **lp);
uint64_t limits_peer(const struct limits *l, const struct sa *addr);
uint64_t limits_guesser(const struct limits *l, const struct sa *addr,
			const struct pl *user);
uint64_t limits_call(const struct limits *l, const char *callid);
bool limits_reached(const struct limits *l, uint64_t who, uint32_t rate);
bool limits_rate(struct limits *l, uint64_t who, uint32_t rate);


/* What a party has under way (party.c) */

/** A call that REFERs come in, or an address that they come from */
struct party {
	struct le he;
	struct admission *adm;
	uint64_t who;          /**< Identity, see limits.c                 */
	uint32_t waiting;      /**< Its REFERs that nobody decided on      */
	uint32_t calls;        /**< Calls that execute its referrals       */
	bool inside;           /**< A call                                 */
};

const struct party *party_find(const struct admission *adm, uint64_t who);
uint32_t chain_depth(const struct admission *adm, const char *callid);
uint64_t chain_party(const struct admission *adm, const char *callid);

#endif
