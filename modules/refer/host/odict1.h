/**
 * @file odict1.h  What libre 3.x and 4.x tell of an entry by functions, and
 *                 1.x by its struct
 */
#ifndef REFER_ODICT1_H
#define REFER_ODICT1_H

static inline const char *odict_entry_key(const struct odict_entry *e)
{
	return e->key;
}


static inline enum odict_type odict_entry_type(const struct odict_entry *e)
{
	return e->type;
}


static inline int64_t odict_entry_int(const struct odict_entry *e)
{
	return e->u.integer;
}


static inline bool odict_entry_boolean(const struct odict_entry *e)
{
	return e->u.boolean;
}


static inline const char *odict_entry_str(const struct odict_entry *e)
{
	return e->u.str;
}


static inline struct odict *odict_entry_object(const struct odict_entry *e)
{
	return e->u.odict;
}


static inline struct odict *odict_entry_array(const struct odict_entry *e)
{
	return e->u.odict;
}

#endif
