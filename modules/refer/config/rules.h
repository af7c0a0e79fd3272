/**
 * @file rules.h  All that the configuration says, read as a whole
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

#endif
