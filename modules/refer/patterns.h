/**
 * @file patterns.h  Which targets may be called
 */
#ifndef REFER_PATTERNS_H
#define REFER_PATTERNS_H

struct patterns;

int  patterns_alloc(struct patterns **psp);
int  patterns_add(struct patterns *ps, bool deny, const struct pl *text,
		  const char **whyp);
bool patterns_allow(const struct patterns *ps, const struct refer_to *rt);
int  patterns_print(struct re_printf *pf, const struct patterns *ps);

#endif
