/**
 * @file guard.h  What is wrong with the configuration, and what that means
 */
#ifndef REFER_GUARD_H
#define REFER_GUARD_H

struct guard;

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
