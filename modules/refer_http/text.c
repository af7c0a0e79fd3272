/**
 * @file text.c  Numbers, escapes, and text in JSON
 */
#include <ctype.h>
#include <re.h>
#include <refer/refer.h>
#include "text.h"


/** Read a whole number of at most nine digits */
bool text_uint(uint32_t *num, const struct pl *pl)
{
	size_t i;

	for (i=0; i<pl->l; ++i) {
		if (pl->p[i] < '0' || pl->p[i] > '9')
			return false;
	}

	if (!pl->l || pl->l > 9)
		return false;

	*num = pl_u32(pl);

	return true;
}


/**
 * Undo percent-encoding
 *
 * @param strp Pointer to allocated text
 * @param pl   Text of a URI
 *
 * @return 0 if success, EBADMSG for a malformed escape or a control
 *         character, otherwise errorcode
 */
int text_unescape(char **strp, const struct pl *pl)
{
	char *str = mem_zalloc(pl->l + 1, NULL);
	size_t i, n = 0;

	if (!str)
		return ENOMEM;

	for (i=0; i<pl->l; ++i) {

		int ch = (uint8_t)pl->p[i];

		if (ch == '%' && i + 2 < pl->l &&
		    isxdigit((uint8_t)pl->p[i + 1]) &&
		    isxdigit((uint8_t)pl->p[i + 2])) {
			ch = ch_hex(pl->p[i + 1]) << 4 | ch_hex(pl->p[i + 2]);
			i += 2;
		}
		else if (ch == '%') {
			ch = 0;
		}

		if (ch < ' ' || ch == 0x7f) {
			mem_deref(str);
			return EBADMSG;
		}

		str[n++] = (char)ch;
	}

	*strp = str;

	return 0;
}


/** Add text, clean whoever has sent it; nothing if there is none */
int odict_add_text(struct odict *od, const char *key, const char *text)
{
	struct pl pl;
	char *str;
	int err;

	if (!str_isset(text))
		return 0;

	pl_set_str(&pl, text);
	err = re_sdprintf(&str, "%H", refer_text_print, &pl);
	if (err)
		return err;

	err = odict_entry_add(od, key, ODICT_STRING, str);
	mem_deref(str);

	return err;
}
