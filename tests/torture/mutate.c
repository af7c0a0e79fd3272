/**
 * @file mutate.c  Text that is wrong in some way
 *
 * What comes out has no NUL: messages are C strings here.
 */
#include <string.h>
#include "torture.h"


enum {
	TEXT_MAX = 4096,
};

/* What parsers, printers and terminals may stumble over */
static const char *const tokenv[] = {
	"%s%n%s", "%00", "%0d%0a", "%25", "\r\n ", "\r\n\t", "\"", "\\", "<",
	">", ";", ",", "?", "=", "&", "@", ":", "::", "[", "]", "()", "'",
	"\xff", "\xc3\x28", "\x1b[2J", "\x7f", "\t", " ", "  ", "--", "0",
	"-1", "4294967296", "99999999999999999999", "2147483648", "sip:",
	"tel:", "sips:", ";lr", ";tag=", ";id=", ";method=REFER", "?Replaces=",
	"?Require=x", ";early-only", "<sip:", "\r\nVia: x", "*", "[::1]",
	"%u0041", "%zz", "%", "&&", "//", "\"\"", "\"\\\"", ";;", ",,",
};


static void put(struct mbuf *mb, const char *s, size_t n)
{
	if (mb->end + n < TEXT_MAX)
		(void)mbuf_write_mem(mb, (const uint8_t *)s, n);
}


static void put_many(struct mbuf *mb)
{
	static const char charv[] = "A0;,<\"%=& (";
	const char c = charv[below(sizeof(charv) - 1)];
	unsigned n = 1u << below(12);

	while (n--)
		put(mb, &c, 1);
}


/* Put something in the place of n bytes at s */
static void put_change(struct mbuf *mb, const char *s, size_t n)
{
	const char *tok = ONE_OF(tokenv);
	const char c = (char)(1 + below(255));

	switch (below(8)) {

	case 0:                       /* taken out */
		break;

	case 1:                       /* twice */
		put(mb, s, n);
		put(mb, s, n);
		break;

	case 2:                       /* another byte */
	case 3:
		put(mb, &c, 1);
		break;

	case 4:
	case 5:
		put(mb, tok, strlen(tok));
		put(mb, s, n);
		break;

	case 6:
		put(mb, tok, strlen(tok));
		break;

	case 7:
		put_many(mb);
		put(mb, s, n);
		break;
	}
}


/**
 * Change a text at one to four places
 *
 * @param s   Text
 * @param max Longest result
 *
 * @return The result
 */
const char *mutate(const char *s, size_t max)
{
	unsigned i, n = 1 + below(4);
	struct mbuf *mb = mbuf_alloc(256);
	const char *res;

	for (i=0; i<n; i++) {

		const size_t len = strlen(s);
		const size_t at = below((unsigned)len + 1);
		const size_t cut = below(1 + (unsigned)MIN(5, len - at));

		mb->pos = mb->end = 0;
		put(mb, s, at);
		put_change(mb, s + at, cut);
		put(mb, s + at + cut, len - at - cut);
		s = keep((char *)mb->buf, MIN(mb->end, max));
	}

	res = s;
	mem_deref(mb);

	return res;
}


/**
 * Mostly a good text, else an odd one, or one that was changed
 *
 * @param good Good one
 * @param oddv Odd ones
 * @param oddc Their number
 *
 * @return The text
 */
const char *often(const char *good, const char *const *oddv, size_t oddc)
{
	const unsigned n = below(100);

	if (n < 75 || (n < 88 && !oddc))
		return good;

	if (n < 88)
		return oddv[below((unsigned)oddc)];

	return mutate(odds(70) || !oddc ? good : oddv[below((unsigned)oddc)],
		      TEXT_MAX);
}
