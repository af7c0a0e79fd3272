/**
 * @file settings.h  The settings of the module
 */
#ifndef REFER_SETTINGS_H
#define REFER_SETTINGS_H

/** What happens to a REFER that could be carried out, the strictest last */
enum policy {
	POLICY_ACCEPT,
	POLICY_ASK,
	POLICY_REJECT,
};

/** Whether baresip may go on without the module */
enum required {
	REQUIRED_NO,
	REQUIRED_YES,
	REQUIRED_AUTO,           /**< Not if the configuration restricts */
};

/** Whether telephone numbers are called */
enum tel {
	TEL_NO,
	TEL_YES,
	TEL_AUTO,                /**< If the account has a domain or a proxy */
};

/** What an attended transfer refers to */
enum attended {
	ATTENDED_AUTO,           /**< Whatever reaches the target        */
	ATTENDED_CONTACT,
	ATTENDED_AOR,
	ATTENDED_BLIND,          /**< No Replaces                        */
};

enum {
	SETTING_RESTRICTS = 1,   /**< Without it, more is allowed        */
	SETTING_ACCOUNT   = 2,   /**< Also a parameter of an account     */
	SETTING_TEXT      = 4,   /**< One word                           */
	SETTING_LIST      = 8,   /**< One word a line, any number        */
	SETTING_HEADERS   = 16,  /**< The words are names of headers     */
	SETTING_HTTP      = 32,  /**< Of refer_http.so: never printed     */

	SETTING_NEAR      = 2,   /**< So many letters off is misspelt    */
};

/** What an unknown key is */
enum unknown {
	UNKNOWN_OTHERS,          /**< Not ours                           */
	UNKNOWN_HARMLESS,        /**< Nearly one that does not restrict  */
	UNKNOWN_GUARD,           /**< It may be a restriction            */
};

/** A setting: a number in a range, one of some names, or text */
struct setting {
	const char *key;
	size_t offset;           /**< In struct settings                 */
	uint32_t dflt;
	uint32_t first;
	uint32_t last;           /**< Of text: room for it               */
	const char *const *namev; /**< NULL for a number                 */
	uint32_t strict;         /**< Holds when the value is wrong      */
	uint32_t open;           /**< The value that does not restrict   */
	unsigned flags;
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
	uint32_t tel;            /**< enum tel                             */
	uint32_t follow_redirect; /**< Follow a 3xx of the target          */
	uint32_t ring_timeout;   /**< Longest wait for the target [s]      */
	uint32_t notify_timeout; /**< Longest wait for a NOTIFY [s]        */
	uint32_t keep;           /**< Keep the call after a transfer       */
	uint32_t hold;           /**< Put the call on hold before that     */
	uint32_t require_replaces; /**< Send Require: replaces             */
	uint32_t attended_target; /**< enum attended                       */
	uint32_t history;        /**< Ended transfers that are kept        */
	uint32_t history_time;   /**< and for how long [s]                 */
	uint32_t take_transfer;  /**< Own /transfer while menu is loaded   */
	uint32_t required;       /**< enum required                      */
	char users[256];         /**< File with user:password lines        */
	char realm[128];         /**< Realm of the challenges              */
	char ask_sound[128];     /**< File that is played for ask, or none */
	char copy_headers[256];  /**< Headers of the URI that are copied   */
	char pass_headers[256];  /**< Those of the REFER that are           */
	char handlers[256];      /**< Applications that must decide        */
};

const struct setting *settings_next(const struct setting *s);
const struct setting *settings_find(const struct pl *key);
enum unknown settings_unknown(const struct setting **nearest,
			      const struct pl *key, bool account);
int  settings_decode(uint32_t *val, const struct setting *s,
		     const struct pl *pl);
int  settings_print_allowed(struct re_printf *pf, const struct setting *s);
int  settings_print_value(struct re_printf *pf, const struct setting *s,
			  uint32_t val);
const char *settings_value_name(const struct settings *set, const char *key);
uint32_t *settings_value(const struct settings *set,
			 const struct setting *s);
char *settings_text(const struct settings *set, const struct setting *s);
void settings_init(struct settings *set);
uint32_t settings_expires(const struct settings *set, uint32_t ring);
void settings_settle(struct settings *set);
int  settings_policy(enum policy *policy, const struct pl *pl);
const char *settings_policy_name(enum policy policy);

#endif
