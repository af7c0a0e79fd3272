/**
 * @file rules.h  All that the configuration says, read as a whole, and the
 * guard: what is wrong with it
 */
#ifndef REFER_RULES_H
#define REFER_RULES_H

#include "config/lines.h"
#include "config/settings.h"

struct guard;
struct patterns;

/** What the configuration says; a reload makes another one */
struct rules {
	struct settings set;
	struct patterns *patterns;
	struct guard *guard;   /**< What is wrong with it             */
	unsigned users;        /**< Of refer_users, when it was read  */
};

int rules_alloc(struct rules **rp);
int rules_read(struct rules **rp, bool start);
int rules_apply(line_item_h *h, void *arg);


/* What is wrong with it (guard.c) */

/** What a fault does */
enum fault {
	FAULT_NOTE,            /**< It is told, and a default holds        */
	FAULT_STRICT,          /**< The strictest value of the key holds   */
	FAULT_SHUT,            /**< Nobody may refer until it is mended    */
};

int  guard_alloc(struct guard **gp);
void guard_fault(struct guard *g, enum fault what, const char *key,
		 const char *fmt, ...);
const char *guard_shut(const struct guard *g);
const char *guard_faulty(const struct guard *g);
void guard_settle(struct guard *g, const char *key);
void guard_log(const struct guard *g);
int  guard_print(struct re_printf *pf, const struct guard *g, bool rest);

#endif
