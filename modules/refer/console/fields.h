/**
 * @file fields.h  A transfer, by keys and values
 */
#ifndef REFER_FIELDS_H
#define REFER_FIELDS_H

struct odict;
struct pl;
struct re_printf;
struct refer_transfer;
struct transfers;

enum {
	FIELDS_HASH = 32,          /**< Size of the table of an object   */
};

int  fields_add(struct odict *od, const struct refer_transfer *row);
int  fields_add_headers(struct odict *od, const char *lines);
int  fields_add_stages(struct odict *od, const struct transfers *ts,
		       uint32_t id);
int  fields_add_text(struct odict *od, const char *key, const struct pl *pl);
int  fields_add_string(struct odict *od, const char *key, const char *str);
struct odict *fields_add_object(struct odict *od, const char *key);
int  fields_print(struct re_printf *pf, const struct odict *od);
int  fields_print_headers(struct re_printf *pf, const char *lines);
int  fields_print_object(struct re_printf *pf, const struct odict *od,
			 const char *key, const char *unit);

#endif
