/**
 * @file guard.c  What is wrong with the configuration, and what that means
 *
 * A guard that somebody has asked for, and that cannot be what the
 * configuration says, is shut: every REFER, and every INVITE with Replaces, is
 * refused by policy.
 */
#include <re.h>
#include "config/rules.h"
#include "host/host.h"


/** Something that is wrong */
struct entry {
	struct le le;
	enum fault what;
	const char *key;       /**< Key that it is about, or NULL */
	char *text;
};

struct guard {
	struct list faultl;
	bool lost;             /**< A fault could not be kept */
};


static void destructor(void *arg)
{
	struct guard *g = arg;

	list_flush(&g->faultl);
}


static void entry_destructor(void *arg)
{
	struct entry *e = arg;

	list_unlink(&e->le);
	mem_deref(e->text);
}


/** Allocate a guard without faults */
int guard_alloc(struct guard **gp)
{
	struct guard *g;

	g = mem_zalloc(sizeof(*g), destructor);
	if (!g)
		return ENOMEM;

	*gp = g;

	return 0;
}


/** Add a fault; the key that it is about, or NULL, is not copied */
void guard_fault(struct guard *g, enum fault what, const char *key,
		 const char *fmt, ...)
{
	struct entry *e;
	va_list ap;
	int err = ENOMEM;

	e = mem_zalloc(sizeof(*e), entry_destructor);
	if (e) {
		e->what = what;
		e->key  = key;
		list_append(&g->faultl, &e->le, e);

		va_start(ap, fmt);
		err = re_vsdprintf(&e->text, fmt, ap);
		va_end(ap);
	}

	if (err) {
		mem_deref(e);
		g->lost = true;
	}
}


static const char *first(const struct guard *g, enum fault least)
{
	struct le *le;

	LIST_FOREACH(&g->faultl, le) {
		const struct entry *e = le->data;

		if (e->what >= least)
			return e->text;
	}

	return g->lost ? "out of memory" : NULL;
}


/** Get why the guard is shut, NULL if it is not */
const char *guard_shut(const struct guard *g)
{
	return first(g, FAULT_SHUT);
}


/** Get what is wrong, NULL if nothing is */
const char *guard_faulty(const struct guard *g)
{
	return first(g, FAULT_NOTE);
}


/** Tell whether the configuration says nothing wrong that a guard asks for */
bool guard_in_force(const struct guard *g)
{
	return !first(g, FAULT_STRICT);
}


/** A person has said what holds in the place of a wrong value */
void guard_settle(struct guard *g, const char *key)
{
	struct le *le;

	for (le = list_head(&g->faultl); le; ) {
		struct entry *e = le->data;

		le = le->next;
		if (e->what != FAULT_SHUT && !str_cmp(e->key, key))
			mem_deref(e);
	}
}


/** Log all that is wrong, and what that means, if the guard is in use */
void guard_log(const struct guard *g, bool used)
{
	struct le *le;

	LIST_FOREACH(&g->faultl, le) {
		const struct entry *e = le->data;

		warning("refer: %s%s\n", e->text,
			used && e->what == FAULT_SHUT ?
			"; nobody may refer until it is mended" : "");
	}

	if (g->lost)
		warning("refer: out of memory: REFERs are refused\n");
}


/**
 * Print whether the guard is in force, and what is wrong; rest tells whether
 * all that is not of the configuration is right
 */
int guard_print(struct re_printf *pf, const struct guard *g, bool rest)
{
	static const char *const whatv[] = {"note", "STRICT", "SHUT"};
	struct le *le;
	int err = 0;

	if (rest && guard_in_force(g))
		err |= re_hprintf(pf, "refer: guard: in force\n");

	LIST_FOREACH(&g->faultl, le) {
		const struct entry *e = le->data;

		err |= re_hprintf(pf, "refer: guard: %s: %s\n",
				  whatv[e->what], e->text);
	}

	if (g->lost)
		err |= re_hprintf(pf, "refer: guard: SHUT: out of memory\n");

	return err;
}
