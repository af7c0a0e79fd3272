/**
 * @file wildcard_states.c  What patterns are compared with, as an automaton
 *
 * Written by patterns.c: sip:user@host, sip:user@host:port, or without the
 * user; and the digits of a number.
 */
#include <ctype.h>
#include <string.h>
#include <re.h>
#include "admission/patterns.h"


/** Where in a target: sip:user@host:port, or without the user */
enum state {
	IN_S, IN_SI, IN_SIP, IN_SCHEME, /* how much of the scheme */
	IN_BEGIN,              /* behind the scheme */
	IN_USER,
	IN_ESC,                /* behind the % */
	IN_ESC_0,              /* behind its first digit, 0 to 7 */
	IN_ESC_7 = IN_ESC_0 + 7,
	IN_ESC_HIGH,           /* or a higher one */
	IN_AT,                 /* behind the @ */
	IN_DIGITS,             /* in a host without letters: none by itself */
	IN_HOST,
	IN_DOT,                /* in the host, behind a dot */
	IN_GROUP,              /* where a group of an IPv6 address begins */
	IN_ZERO,               /* in a group that is 0 */
	IN_HEX,                /* in another one */
	IN_BRACKET,            /* behind the address */
	IN_COLON,              /* before the port */
	IN_PORT,
	IN_NUMBER,             /* of a number, before the first digit */
	IN_NUMBERS,
};

#define BIT(st) (UINT32_C(1) << (st))


/**
 * Tell whether a character of a user stands for itself in what the patterns
 * are compared with, and is no escape
 */
bool wildcard_plain(char c)
{
	return c > ' ' && c <= '~' && !strchr("<>\"\\^`{|}@:%", c);
}


static uint32_t host_step(char c)
{
	if (c == '.')
		return BIT(IN_DOT);

	return isalnum((uint8_t)c) || c == '-' || c == '_' ? BIT(IN_HOST) : 0;
}


/* The first character of a host */
static uint32_t first_step(char c)
{
	return c == '[' ? BIT(IN_GROUP) : host_step(c);
}


/* A number without a host is no target */
static uint32_t bare_step(char c)
{
	return isdigit((uint8_t)c) || c == '-' || c == '_' ?
		BIT(IN_DIGITS) : host_step(c);
}


static uint32_t user_step(char c)
{
	if (c == '%')
		return BIT(IN_ESC);

	return wildcard_plain(c) ? BIT(IN_USER) : 0;
}


static uint32_t escape_step(unsigned st, char c)
{
	const char byte = (char)((st - IN_ESC_0) << 4 | ch_hex(c));

	if (!isxdigit((uint8_t)c))
		return 0;

	if (st == IN_ESC)
		return BIT(min(IN_ESC_0 + ch_hex(c), IN_ESC_HIGH));

	if (st == IN_ESC_HIGH)
		return BIT(IN_USER);

	return wildcard_plain(byte) || memchr("\0\r\n", byte, 3) ?
		0 : BIT(IN_USER);
}


static uint32_t group_step(unsigned st, char c)
{
	if (c == ':' || (c == '.' && st != IN_GROUP))
		return BIT(IN_GROUP);

	if (c == ']')
		return BIT(IN_BRACKET);

	if (!isxdigit((uint8_t)c) || st == IN_ZERO)
		return 0;

	return st == IN_GROUP && c == '0' ? BIT(IN_ZERO) : BIT(IN_HEX);
}


/* Where a character leads to in a target */
static uint32_t target_step(unsigned st, char c)
{
	static const char scheme[] = "sip:";

	switch (st) {

	case IN_S:
	case IN_SI:
	case IN_SIP:
	case IN_SCHEME:
		return tolower((uint8_t)c) == scheme[st] ? BIT(st + 1) : 0;

	case IN_BEGIN:
		return user_step(c) |
			(c == '[' ? BIT(IN_GROUP) : bare_step(c));

	case IN_USER:
		return c == '@' ? BIT(IN_AT) : user_step(c);

	case IN_AT:
		return first_step(c);

	case IN_DIGITS:
		return bare_step(c);

	case IN_HOST:
		return c == ':' ? BIT(IN_COLON) : host_step(c);

	case IN_DOT:
		return host_step(c);

	case IN_GROUP:
	case IN_ZERO:
	case IN_HEX:
		return group_step(st, c);

	case IN_BRACKET:
		return c == ':' ? BIT(IN_COLON) : 0;

	case IN_COLON:
		return isdigit((uint8_t)c) && c != '0' ? BIT(IN_PORT) : 0;

	case IN_PORT:
		return isdigit((uint8_t)c) ? BIT(IN_PORT) : 0;

	default:
		return escape_step(st, c);
	}
}


static uint32_t number_step(unsigned st, char c)
{
	(void)st;

	return isdigit((uint8_t)c) || c == '*' || c == '#' ?
		BIT(IN_NUMBERS) : 0;
}


/** Targets */
const struct wildcard_states wildcard_targets = {
	target_step, BIT(IN_S), BIT(IN_HOST) | BIT(IN_BRACKET) | BIT(IN_PORT),
};

/** Numbers */
const struct wildcard_states wildcard_numbers = {
	number_step, BIT(IN_NUMBER), BIT(IN_NUMBERS),
};
