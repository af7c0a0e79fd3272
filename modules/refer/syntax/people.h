/**
 * @file people.h  Names, addresses and results, as people read them
 */
#ifndef REFER_PEOPLE_H
#define REFER_PEOPLE_H

/** Somebody in a sentence */
struct person {
	struct pl name;      /**< Display name, may be empty or remote */
	struct pl uri;       /**< Address                              */
};

void person_set(struct person *p, const char *name, const char *uri);
int  person_print(struct re_printf *pf, const struct person *p);
int  people_uri(struct re_printf *pf, const char *uri);
int  people_quote(struct re_printf *pf, const char *text);
int  people_result(struct re_printf *pf, const uint16_t *scode);

#endif
