/**
 * @file uri.h  SIP URIs, strictly, their escapes, and addresses in one form
 */
#ifndef REFER_URI_H
#define REFER_URI_H

int  uri_decode_strict(struct uri *uri, const struct pl *pl);
int  uri_check(const struct uri *uri, const struct pl *pl);
bool uri_has_scheme(const struct pl *pl, const char *scheme);
bool uri_has_password(struct pl *pw, const struct uri *uri,
		      const struct pl *pl);
bool uri_has_headers(const char *str);
bool uri_has_param(const struct uri *uri, const char *name);
bool uri_is_proxy(const char *str);
bool uri_chars_valid(const struct pl *pl);
int  uri_normalise(char **urip);
void addr_unmap(struct sa *sa);
int  uri_unmap(char **urip, const struct pl *uri);


/* Escapes (RFC 3261 section 19.1.2) */

char escape_char(const char *p);
bool escape_valid(const struct pl *pl);
int  escape_decode(char **strp, const struct pl *pl);
int  escape_print(struct re_printf *pf, const char *str);
bool escape_equals(const struct pl *pl, const char *str);

#endif
