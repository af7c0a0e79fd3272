/**
 * @file wildcard_states.c  What patterns are compared with, as an automaton
 *
 * Written by patterns.c: sip:user@host, sip:user@host:port, or without the
 * user; and the digits of a number.
 */
#include <ctype.h>
#include <string.h>
#include <re.h>
#include "compat/libre.h"
#include "wildcard.h"


/** Where in a target: sip:user@host:port, or without the user */
enum state {
	S, SI, SIP, SCHEME,    /* how much of the scheme                    */
	BEGIN,                 /* behind the scheme                         */
	USER,                  /* in the user                               */
	ESC,                   /* behind the %                              */
	ESC_0,                 /* behind its first digit, 0 to 7            */
	ESC_7 = ESC_0 + 7,
	ESC_HIGH,              /* or a higher one                           */
	AT,                    /* behind the @                              */
	DIGITS,                /* in a host without letters: none by itself */
	HOST,
	DOT,                   /* in the host, behind a dot                 */
	GROUP,                 /* in an IPv6 address, where a group begins  */
	ZERO,                  /* in a group that is 0                      */
	HEX,                   /* in another one                            */
	BRACKET,               /* behind it                                 */
	COLON,                 /* before the port                           */
	PORT,
	NUMBER,                /* of a number, before the first digit       */
	NUMBERS,
};

#define BIT(st) (UINT32_C(1) << (st))


/**
 * Tell whether a character of a user stands for itself in what the patterns
 * are compared with, and is no escape
 *
 * @param c Character
 *
 * @return True if it does
 */
bool wildcard_plain(char c)
{
	return c > ' ' && c <= '~' && !strchr("<>\"\\^`{|}@:%", c);
}


static uint32_t host_step(char c)
{
	if (c == '.')
		return BIT(DOT);

	return isalnum((uint8_t)c) || (c && strchr("-_", c)) ? BIT(HOST) : 0;
}


/* The first character of a host */
static uint32_t first_step(char c)
{
	return c == '[' ? BIT(GROUP) : host_step(c);
}


/* A number without a host is no target */
static uint32_t bare_step(char c)
{
	return isdigit((uint8_t)c) || (c && strchr("-_", c)) ? BIT(DIGITS) :
		host_step(c);
}


static uint32_t user_step(char c)
{
	if (c == '%')
		return BIT(ESC);

	return wildcard_plain(c) ? BIT(USER) : 0;
}


static uint32_t escape_step(unsigned st, char c)
{
	const char byte = (char)((st - ESC_0) << 4 | ch_hex(c));

	if (!isxdigit((uint8_t)c))
		return 0;

	if (st == ESC)
		return BIT(min(ESC_0 + ch_hex(c), ESC_HIGH));

	if (st == ESC_HIGH)
		return BIT(USER);

	return wildcard_plain(byte) || memchr("\0\r\n", byte, 3) ? 0 : BIT(USER);
}


static uint32_t group_step(unsigned st, char c)
{
	if (c == ':' || (c == '.' && st != GROUP))
		return BIT(GROUP);

	if (c == ']')
		return BIT(BRACKET);

	if (!isxdigit((uint8_t)c) || st == ZERO)
		return 0;

	return st == GROUP && c == '0' ? BIT(ZERO) : BIT(HEX);
}


/* Where a character leads to in a target */
static uint32_t target_step(unsigned st, char c)
{
	static const char scheme[] = "sip:";

	switch (st) {

	case S:
	case SI:
	case SIP:
	case SCHEME:
		return tolower((uint8_t)c) == scheme[st] ? BIT(st + 1) : 0;

	case BEGIN:
		return user_step(c) | (c == '[' ? BIT(GROUP) : bare_step(c));

	case USER:
		return c == '@' ? BIT(AT) : user_step(c);

	case AT:
		return first_step(c);

	case DIGITS:
		return bare_step(c);

	case HOST:
		return c == ':' ? BIT(COLON) : host_step(c);

	case DOT:
		return host_step(c);

	case GROUP:
	case ZERO:
	case HEX:
		return group_step(st, c);

	case BRACKET:
		return c == ':' ? BIT(COLON) : 0;

	case COLON:
		return isdigit((uint8_t)c) && c != '0' ? BIT(PORT) : 0;

	case PORT:
		return isdigit((uint8_t)c) ? BIT(PORT) : 0;

	default:
		return escape_step(st, c);
	}
}


static uint32_t number_step(unsigned st, char c)
{
	(void)st;

	return isdigit((uint8_t)c) || (c && strchr("*#", c)) ?
		BIT(NUMBERS) : 0;
}


/** Targets */
const struct wildcard_states wildcard_targets = {
	target_step, BIT(S), BIT(HOST) | BIT(BRACKET) | BIT(PORT),
};

/** Numbers */
const struct wildcard_states wildcard_numbers = {
	number_step, BIT(NUMBER), BIT(NUMBERS),
};
