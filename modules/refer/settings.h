/**
 * @file settings.h  The settings of the module
 */
#ifndef REFER_SETTINGS_H
#define REFER_SETTINGS_H

struct ua;

/** What happens to a REFER that could be carried out */
enum policy {
	POLICY_ACCEPT,
	POLICY_ASK,
	POLICY_REJECT,
};

/** Settings, see docs/manual.md */
struct settings {
	uint32_t policy;         /**< enum policy, in a dialog             */
	uint32_t out_of_dialog;  /**< enum policy, out of a dialog         */
	uint32_t replaces;       /**< enum policy, INVITE with Replaces    */
	uint32_t auth;           /**< Challenge REFER out of a dialog      */
	uint32_t accept_code;    /**< Status code of an acceptance         */
	uint32_t reject_code;    /**< Status code of a refusal by policy   */
	uint32_t decide_time;    /**< Time with the status code open [s]   */
	uint32_t ask_timeout;    /**< Time for a decision [s]              */
	uint32_t expires;        /**< Life of a subscription [s]           */
	uint32_t old_call_timeout; /**< Wait for the referrer to hang up [s] */
	uint32_t max_pending;    /**< REFERs that may wait, 0: any number   */
	uint32_t max_pending_peer; /**< The same of one party               */
	uint32_t max_calls;      /**< Referred calls of one party, 0: any   */
	uint32_t rate;           /**< REFERs per second and party, 0: any   */
	uint32_t max_depth;      /**< Referrals in a chain, 0: any number  */
	uint32_t tel;            /**< Call telephone numbers               */
	uint32_t follow_redirect; /**< Follow a 3xx of the target          */
	uint32_t ring_timeout;   /**< Longest wait for the target [s]      */
	uint32_t keep;           /**< Keep the call after a transfer       */
	uint32_t hold;           /**< Put the call on hold before that     */
	uint32_t require_replaces; /**< Send Require: replaces             */
	uint32_t attended_aor;   /**< Attended: Refer-To is the AOR        */
	uint32_t take_transfer;  /**< Own /transfer while menu is loaded   */
	char users[256];         /**< File with user:password lines        */
	char realm[128];         /**< Realm of the challenges              */
	char copy_headers[256];  /**< Headers of the URI that are copied   */
};

void settings_read(struct settings *set, const struct conf *conf);
uint32_t settings_account(const char *key, uint32_t val,
			  const struct ua *ua);
int  settings_policy(enum policy *policy, const struct pl *pl);
const char *settings_policy_name(enum policy policy);

#endif
