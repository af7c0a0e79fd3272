/**
 * @file limits.h  How many REFERs are too many
 */
#ifndef REFER_LIMITS_H
#define REFER_LIMITS_H

struct limits;

int  limits_alloc(struct limits **lp);
uint64_t limits_peer(const struct limits *l, const struct sa *addr);
uint64_t limits_guesser(const struct limits *l, const struct sa *addr,
			const struct pl *user);
uint64_t limits_call(const struct limits *l, const char *callid);
bool limits_reached(const struct limits *l, uint64_t who, uint32_t rate);
bool limits_rate(struct limits *l, uint64_t who, uint32_t rate);

#endif
