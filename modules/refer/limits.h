/**
 * @file limits.h  How many REFERs are too many
 */
#ifndef REFER_LIMITS_H
#define REFER_LIMITS_H

struct limits;

int  limits_alloc(struct limits **lp);
bool limits_rate(struct limits *l, const struct sa *peer, uint32_t rate);

#endif
