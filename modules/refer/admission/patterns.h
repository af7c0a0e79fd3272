/**
 * @file patterns.h  Which targets may be called, and who may refer
 */
#ifndef REFER_PATTERNS_H
#define REFER_PATTERNS_H

struct patterns;
struct refer_to;

/** What a pattern is for; the setting of that name */
enum pattern_kind {
	PATTERN_DENY,
	PATTERN_DENY_NUMBER,
	PATTERN_ALLOW,
	PATTERN_DENY_FROM,
	PATTERN_ALLOW_FROM,
	PATTERN_KINDS,
};

int  patterns_alloc(struct patterns **psp);
int  patterns_add(struct patterns *ps, enum pattern_kind kind,
		  const struct pl *text, const char **whyp);
bool patterns_allow(const struct patterns *ps, const struct refer_to *rt);
bool patterns_name_referrers(const struct patterns *ps);
bool patterns_allow_from(const struct patterns *ps, const struct refer_to *rt);
bool patterns_kind(enum pattern_kind *kind, const char *name);
int  patterns_print(struct re_printf *pf, const struct patterns *ps);


/* One pattern (wildcard.c, wildcard_states.c) */

int  wildcard_target(char **globp, const struct pl *text, const char **whyp);
int  wildcard_number(char **globp, const struct pl *text, const char **whyp);

/** An automaton, of less than 32 states */
struct wildcard_states {
	/** The states that a character leads to from a state */
	uint32_t (*step)(unsigned st, char c);

	uint32_t begin;
	uint32_t ends;
};

extern const struct wildcard_states wildcard_targets, wildcard_numbers;

bool wildcard_plain(char c);


/* The number in a target (number.c) */

/** Called with a form of the user part, or a number out of it; returns true to
    stop */
typedef bool (number_h)(const char *user, void *arg);

bool number_apply(const struct uri *uri, number_h *h, void *arg);

#endif
