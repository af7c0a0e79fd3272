/**
 * @file patterns.h  Which targets may be called
 */
#ifndef REFER_PATTERNS_H
#define REFER_PATTERNS_H

struct patterns;
struct refer_to;

/** What a pattern is for; the setting of that name */
enum pattern_kind {
	PATTERN_ALLOW,
	PATTERN_DENY,
	PATTERN_DENY_NUMBER,
};

int  patterns_alloc(struct patterns **psp);
int  patterns_add(struct patterns *ps, enum pattern_kind kind,
		  const struct pl *text, const char **whyp);
bool patterns_allow(const struct patterns *ps, const struct refer_to *rt);
int  patterns_print(struct re_printf *pf, const struct patterns *ps);

#endif
