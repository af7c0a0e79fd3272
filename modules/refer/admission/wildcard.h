/**
 * @file wildcard.h  A pattern of refer_allow, refer_deny, refer_deny_number
 */
#ifndef REFER_WILDCARD_H
#define REFER_WILDCARD_H

int  wildcard_target(char **globp, const struct pl *text, const char **whyp);
int  wildcard_number(char **globp, const struct pl *text, const char **whyp);


/* What they are compared with */

/** An automaton, of less than 32 states */
struct wildcard_states {
	/** The states that a character leads to from a state */
	uint32_t (*step)(unsigned st, char c);

	uint32_t begin;
	uint32_t ends;
};

extern const struct wildcard_states wildcard_targets, wildcard_numbers;

bool wildcard_plain(char c);

#endif
