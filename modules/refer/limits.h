/**
 * @file limits.h  What is too much, and what is not allowed to be called
 */
#ifndef REFER_LIMITS_H
#define REFER_LIMITS_H

struct limits;

int  limits_alloc(struct limits **lp, const struct conf *conf);
bool limits_target(const struct limits *l, const struct refer_to *rt);
bool limits_rate(struct limits *l, const struct sa *peer, uint32_t rate);
int  limits_print(struct re_printf *pf, const struct limits *l);

#endif
