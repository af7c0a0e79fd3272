/**
 * @file required.c  Whether baresip may go on without the module
 *
 * The module cannot serve, so that baresip would carry each REFER out itself.
 * Not if the configuration restricts that.
 *
 * This may be another release than the one that the module was built for:
 * libc is used only, and what is the same in all releases.
 */
#include <stdio.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>
#include <re.h>
#include "config/config.h"
#include "config/rules.h"
#include "config/settings.h"
#include "host/host.h"


enum {
	FILE_MAX = 512,
	TEXT_MAX = 128,
};

/** What the configuration has */
struct look {
	uint32_t required;         /**< enum required                */
	bool account;              /**< These are parameters         */
	const char *file;
	char text[TEXT_MAX];       /**< The first restriction        */
};


static void found(struct look *l, const struct line_item *item)
{
	if (*l->text)
		return;

	(void)snprintf(l->text, sizeof(l->text), "%s line %u: %.*s", l->file,
		       item->line, (int)item->key.l, item->key.p);
}


/* Of two lines the stricter one, as in rules.c */
static void see_required(struct look *l, const struct setting *s,
			 const struct line_item *item)
{
	uint32_t val;

	if (item->odd || item->more || settings_decode(&val, s, &item->val))
		val = REQUIRED_YES;

	if (l->required == REQUIRED_AUTO)
		l->required = val;
	else if (l->required != val)
		l->required = REQUIRED_YES;
}


static bool is_open(const struct setting *s, const struct line_item *item)
{
	uint32_t val;

	return !(s->flags & (SETTING_TEXT | SETTING_LIST)) && !item->odd &&
		!item->more && !settings_decode(&val, s, &item->val) &&
		val == s->open;
}


static void item_handler(const struct line_item *item, void *arg)
{
	const struct setting *near = NULL, *s = settings_find(&item->key);
	struct look *l = arg;

	if (!s) {
		if (settings_unknown(&near, &item->key, l->account) ==
		    UNKNOWN_GUARD)
			found(l, item);
	}
	else if (!strcmp(s->key, "refer_required") && !l->account) {
		see_required(l, s, item);
	}
	else if ((s->flags & SETTING_RESTRICTS) && !is_open(s, item)) {
		found(l, item);
	}
}


/**
 * The module cannot serve: end baresip if it is required
 *
 * It is if the configuration restricts anything, or says so; refer_required
 * no lets baresip go on.
 */
void required_check(void)
{
	struct look l = {.required = REQUIRED_AUTO, .file = "config"};
	char path[FILE_MAX];
	int err;

	err = rules_apply(item_handler, &l);
	if (err && err != ENOENT && !*l.text)
		(void)snprintf(l.text, sizeof(l.text), "config: %s",
			       strerror(err));

	l.file    = "accounts";
	l.account = true;
	if (!host_config_file(path, sizeof(path), "accounts"))
		(void)lines_accounts(path, item_handler, &l);

	if (l.required == REQUIRED_NO ||
	    (l.required == REQUIRED_AUTO && !*l.text))
		return;

	(void)fprintf(stderr, "refer: cannot serve, and the configuration"
		      " wants it (%s): baresip ends. \"refer_required no\""
		      " lets it go on without the module: then any transfer"
		      " is carried out\n",
		      *l.text ? l.text : "refer_required yes");
	(void)fflush(NULL);
	_exit(EX_CONFIG);
}
