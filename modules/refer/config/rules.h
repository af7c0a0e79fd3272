/**
 * @file rules.h  All that the configuration says, read as a whole, and the
 * guard: what is wrong with it
 */
#ifndef REFER_RULES_H
#define REFER_RULES_H

#include "config/settings.h"

struct guard;
struct patterns;


/* The lines that it is read from (lines.c) */

/** A key and its value */
struct line_item {
	unsigned line;         /**< Line of the file, 0 if there is none  */
	struct pl key;
	struct pl val;         /**< First word behind it, maybe empty     */
	bool more;             /**< Another word follows                  */
	bool odd;              /**< The key stands in something else      */
};

typedef void (line_item_h)(const struct line_item *item, void *arg);

int  lines_read(const char *path, line_item_h *h, void *arg);
void lines_params(const char *text, size_t len, unsigned line,
		   line_item_h *h, void *arg);
int  lines_accounts(const char *path, line_item_h *h, void *arg);


/* All of them, as a whole (rules.c) */

/** What the configuration says; a reload makes another one */
struct rules {
	struct settings set;
	struct patterns *patterns;
	struct list templatel; /**< Headers for the INVITE, template.c */
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
bool guard_in_force(const struct guard *g);
void guard_settle(struct guard *g, const char *key);
void guard_log(const struct guard *g, bool used);
int  guard_print(struct re_printf *pf, const struct guard *g, bool rest);

#endif
