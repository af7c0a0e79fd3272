/**
 * @file props.c  The properties of a body
 *
 * Each one is known, is there once, and has the right type.
 */
#include <string.h>
#include <re.h>
#include <refer/baresip.h>
#include <refer/refer.h>
#include "http.h"
#include "libre.h"


/* Control characters have no place in a URI, a header or a reason */
static bool is_text(const struct odict_entry *e)
{
	const char *p;

	if (odict_entry_type(e) != ODICT_STRING)
		return false;

	for (p = odict_entry_str(e); *p; ++p) {
		if ((uint8_t)*p < ' ' || *p == 0x7f)
			return false;
	}

	return p != odict_entry_str(e);
}


static bool decode_choice(enum refer_choice *val, const struct prop *p,
			  const struct odict_entry *e)
{
	size_t i;

	if (odict_entry_type(e) != ODICT_STRING)
		return false;

	for (i=0; i<2; ++i) {
		if (!strcmp(odict_entry_str(e), p->namev[i])) {
			*val = i ? REFER_YES : REFER_NO;
			return true;
		}
	}

	return false;
}


static bool decode_number(uint32_t *val, const struct prop *p,
			  const struct odict_entry *e)
{
	if (odict_entry_type(e) != ODICT_INT ||
	    odict_entry_int(e) < p->first || odict_entry_int(e) > p->last)
		return false;

	*val = (uint32_t)odict_entry_int(e);

	return true;
}


static bool decode_texts(struct odict **val, const struct prop *p,
			 const struct odict_entry *e)
{
	const enum odict_type type = p->type == PROP_LIST ? ODICT_ARRAY
		: ODICT_OBJECT;
	struct odict *od;
	struct le *le;

	if (odict_entry_type(e) != type)
		return false;

	od = type == ODICT_ARRAY ? odict_entry_array(e)
		: odict_entry_object(e);

	LIST_FOREACH(&od->lst, le) {
		if (!is_text(le->data) || !*odict_entry_key(le->data))
			return false;
	}

	*val = od;

	return list_count(&od->lst) >= p->first &&
		list_count(&od->lst) <= p->last;
}


static bool decode(void *field, const struct prop *p,
		   const struct odict_entry *e)
{
	switch (p->type) {

	case PROP_TEXT:
		*(const char **)field = is_text(e) ? odict_entry_str(e) : NULL;
		return is_text(e);

	case PROP_BOOL:
		if (odict_entry_type(e) != ODICT_BOOL)
			return false;
		*(enum refer_choice *)field = odict_entry_boolean(e) ?
			REFER_YES : REFER_NO;
		return true;

	case PROP_CHOICE:
		return decode_choice(field, p, e);

	case PROP_NUMBER:
		return decode_number(field, p, e);

	default:
		return decode_texts(field, p, e);
	}
}


static int print_allowed(struct re_printf *pf, const struct prop *p)
{
	switch (p->type) {

	case PROP_TEXT:
		return re_hprintf(pf, "text without control characters");

	case PROP_BOOL:
		return re_hprintf(pf, "true or false");

	case PROP_CHOICE:
		return re_hprintf(pf, "%s or %s", p->namev[0], p->namev[1]);

	case PROP_NUMBER:
		return re_hprintf(pf, "a number from %u to %u", p->first,
				  p->last);

	case PROP_OBJECT:
		return re_hprintf(pf, "an object of at most %u texts",
				  p->last);

	default:
		return re_hprintf(pf, "an array of %u to %u texts", p->first,
				  p->last);
	}
}


/** Properties, to print their names */
struct names {
	const struct prop *propv;
	size_t n;
};


static int print_names(struct re_printf *pf, const struct names *names)
{
	size_t i;
	int err = 0;

	if (!names->n)
		return re_hprintf(pf, "there is none");

	for (i=0; i<names->n; ++i)
		err |= re_hprintf(pf, "%s%s", i ? ", " : "",
				  names->propv[i].name);

	return err;
}


static const struct prop *find(const struct names *names, const char *name)
{
	size_t i;

	for (i=0; i<names->n; ++i) {
		if (!strcmp(names->propv[i].name, name))
			return &names->propv[i];
	}

	return NULL;
}


#define fault(req, key, ...)						\
	(problem(req, 422, key, __VA_ARGS__), EBADMSG)

/**
 * Decode the properties of a body into a struct
 *
 * @param dst   Struct; what has no property is left as it is. It points into
 *              the body
 * @param propv Properties
 * @param n     How many of them
 * @param req   Request; a fault is its answer
 *
 * @return 0 if success, EBADMSG with a fault
 */
int props_decode(void *dst, const struct prop *propv, size_t n,
		 const struct request *req)
{
	const struct names names = {propv, n};
	uint32_t seen = 0;
	struct le *le;

	LIST_FOREACH(&req->body->lst, le) {

		const struct odict_entry *e = le->data;
		const char *key = odict_entry_key(e);
		const struct prop *p = find(&names, key);
		const uint32_t bit = p ? 1u << (p - propv) : 0;

		if (!p)
			return fault(req, key, "%s is no property (%H)", key,
				     print_names, &names);

		if (seen & bit)
			return fault(req, key, "%s is there twice", key);

		if (!decode((uint8_t *)dst + p->offset, p, e))
			return fault(req, key, "%s is not %H", key,
				     print_allowed, p);

		seen |= bit;
	}

	return 0;
}
