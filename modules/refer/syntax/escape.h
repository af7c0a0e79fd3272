/**
 * @file escape.h  Escapes in a URI (RFC 3261 section 19.1.2)
 */
#ifndef REFER_ESCAPE_H
#define REFER_ESCAPE_H

char escape_char(const char *p);
bool escape_valid(const struct pl *pl);
int  escape_decode(char **strp, const struct pl *pl);
int  escape_print(struct re_printf *pf, const char *str);
bool escape_equals(const struct pl *pl, const char *str);

#endif
