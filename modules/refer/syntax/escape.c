/**
 * @file escape.c  Escapes in a URI (RFC 3261 section 19.1.2)
 */
#include <ctype.h>
#include <string.h>
#include <re.h>
#include "syntax/escape.h"


static bool is_escape(const char *p, const char *end)
{
	return end - p > 2 && isxdigit((uint8_t)p[1]) &&
		isxdigit((uint8_t)p[2]);
}


/** Get the character of an escape: 'A' of "%41" */
char escape_char(const char *p)
{
	return (char)(ch_hex(p[1]) << 4 | ch_hex(p[2]));
}


/** Tell whether each escape is complete, and none stands for CR, LF or NUL */
bool escape_valid(const struct pl *pl)
{
	const char *p, *end = pl->p + pl->l;

	for (p = pl->p; p < end; ++p) {

		if (*p != '%')
			continue;

		if (!is_escape(p, end) ||
		    memchr("\0\r\n", escape_char(p), 3))
			return false;
	}

	return true;
}


/**
 * Decode escapes, and leave the rest as it is: many send '@' or ';' in a
 * Replaces without an escape, which uri_header_unescape() refuses
 */
int escape_decode(char **strp, const struct pl *pl)
{
	const char *p, *end = pl->p + pl->l;
	char *str, *s;

	str = s = mem_alloc(pl->l + 1, NULL);
	if (!str)
		return ENOMEM;

	for (p = pl->p; p < end; ++p) {

		if (*p == '%' && is_escape(p, end)) {
			*s++ = escape_char(p);
			p += 2;
		}
		else {
			*s++ = *p;
		}
	}

	*s = '\0';
	*strp = str;

	return 0;
}


/** Compare escaped text with a name, whatever the case */
bool escape_equals(const struct pl *pl, const char *str)
{
	const char *p, *end = pl->p + pl->l;

	for (p = pl->p; p < end; ++p, ++str) {
		const bool esc = *p == '%' && is_escape(p, end);
		const char c = esc ? escape_char(p) : *p;

		if (!*str || tolower((uint8_t)c) != tolower((uint8_t)*str))
			return false;

		p += esc ? 2 : 0;
	}

	return !*str;
}


/**
 * Print a text as the value of a header in a URI; more is escaped than must
 * be, for some take a '+' for a blank
 */
int escape_print(struct re_printf *pf, const char *str)
{
	int err = 0;

	for (; *str && !err; ++str) {

		if (isalnum((uint8_t)*str) || strchr("-_.!~*'()", *str))
			err = re_hprintf(pf, "%c", *str);
		else
			err = re_hprintf(pf, "%%%02X", (uint8_t)*str);
	}

	return err;
}
