/**
 * @file settings.c  The settings of the module
 *
 * Read from baresip's config with libre's parser. A wrong value is told with
 * its key, and the default holds.
 */
#include <stddef.h>
#include <re.h>
#include "host.h"
#include "settings.h"


struct setting {
	const char *key;
	size_t offset;
	uint32_t dflt;
	const char *no;      /**< Value that means false; NULL: a number [s] */
	const char *yes;     /**< Value that means true */
};


static const struct setting settingv[] = {
	{"refer_expires", offsetof(struct settings, expires), 180, NULL, NULL},
	{"refer_ring_timeout", offsetof(struct settings, ring_timeout), 120,
	 NULL, NULL},
	{"refer_after_success", offsetof(struct settings, keep), false,
	 "hangup", "keep"},
	{"refer_take_transfer", offsetof(struct settings, take_transfer), true,
	 "no", "yes"},
};


static int decode_seconds(uint32_t *val, const struct pl *pl)
{
	struct pl num;

	if (re_regex(pl->p, pl->l, "[0-9]+", &num) || num.l != pl->l ||
	    num.l > 6 || !pl_u32(&num))
		return EINVAL;

	*val = pl_u32(&num);

	return 0;
}


static int decode_choice(bool *val, const struct setting *s,
			 const struct pl *pl)
{
	const bool yes = !pl_strcasecmp(pl, s->yes);

	if (!yes && pl_strcasecmp(pl, s->no))
		return EINVAL;

	*val = yes;

	return 0;
}


static void setting_read(void *p, const struct setting *s,
			 const struct conf *conf)
{
	const bool number = !s->no;
	struct pl pl;

	if (number)
		*(uint32_t *)p = s->dflt;
	else
		*(bool *)p = s->dflt;

	if (!conf || conf_get(conf, s->key, &pl))
		return;

	if (number && decode_seconds(p, &pl))
		warning("refer: config: %s %r is not a number of seconds from"
			" 1 to 999999; %u is used\n", s->key, &pl, s->dflt);

	if (!number && decode_choice(p, s, &pl))
		warning("refer: config: %s %r is neither %s nor %s;"
			" %s is used\n", s->key, &pl, s->no, s->yes,
			s->dflt ? s->yes : s->no);
}


/**
 * Read the settings
 *
 * A subscription must outlive the call that it reports on (RFC 3515 section
 * 3.4), so refer_expires is at least refer_ring_timeout and 8 s more.
 *
 * @param set  Settings, set on return
 * @param conf Configuration, or NULL for the defaults
 */
void settings_read(struct settings *set, const struct conf *conf)
{
	size_t i;

	for (i=0; i<ARRAY_SIZE(settingv); ++i) {
		setting_read((uint8_t *)set + settingv[i].offset,
			     &settingv[i], conf);
	}

	set->expires = max(set->expires, set->ring_timeout + 8);
}
