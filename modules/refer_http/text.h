/**
 * @file text.h  Numbers, escapes, and text in JSON
 */
#ifndef REFER_HTTP_TEXT_H
#define REFER_HTTP_TEXT_H

bool text_uint(uint32_t *num, const struct pl *pl);
int  text_unescape(char **strp, const struct pl *pl);
int  odict_add_text(struct odict *od, const char *key, const char *text);

#endif
