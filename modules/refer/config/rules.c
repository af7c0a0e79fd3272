/**
 * @file rules.c  All that the configuration says, read as a whole
 *
 * Each line of the file is looked at: an unknown key, a second word, or a
 * second line with another value is a fault. Without a file (a configuration
 * in memory) only the keys that are known can be found.
 */
#include <errno.h>
#include <string.h>
#include <re.h>
#include "admission/auth.h"
#include "admission/patterns.h"
#include "config/rules.h"
#include "config/settings.h"
#include "core/handlers.h"
#include "host/host.h"
#include "syntax/header.h"
#include "syntax/template.h"
#include "syntax/text.h"


enum {
	SETTINGS_MAX = 64,
	FILE_MAX     = 512,
};

/** While the configuration is read */
struct reader {
	struct rules *r;
	const struct conf *conf;         /**< To compare with, or NULL */
	bool seenv[SETTINGS_MAX];        /**< It has a line            */
	struct pl httpv[SETTINGS_MAX];   /**< Its first value          */
	bool comparedv[SETTINGS_MAX];    /**< Compared with conf       */
};

/** A setting, to be printed */
struct held {
	const struct settings *set;
	const struct setting *s;
};

/** A handler for items of a configuration in memory */
struct in_memory {
	const struct setting *s;
	line_item_h *h;
	void *arg;
};


static void destructor(void *arg)
{
	struct rules *r = arg;

	mem_deref(r->patterns);
	list_flush(&r->templatel);
	mem_deref(r->guard);
}


/** Allocate rules: the defaults, which have no fault */
int rules_alloc(struct rules **rp)
{
	struct rules *r;
	int err;

	r = mem_zalloc(sizeof(*r), destructor);
	if (!r)
		return ENOMEM;

	settings_init(&r->set);
	err  = patterns_alloc(&r->patterns);
	err |= guard_alloc(&r->guard);

	if (err)
		mem_deref(r);
	else
		*rp = r;

	return err;
}


static size_t number(const struct setting *s)
{
	return s - settings_next(NULL);
}


static int print_key(struct re_printf *pf, const struct line_item *item)
{
	int err;

	err = item->line ? re_hprintf(pf, "config line %u: ", item->line)
			 : re_hprintf(pf, "config: ");

	return err | text_clean(pf, &item->key);
}


static int print_item(struct re_printf *pf, const struct line_item *item)
{
	return re_hprintf(pf, "%H%s%H%s", print_key, item,
			  item->val.l ? " " : "", text_clean, &item->val,
			  item->more ? " .." : "");
}


static int print_held(struct re_printf *pf, const struct held *held)
{
	return settings_print_value(pf, held->s,
				    *settings_value(held->set, held->s));
}


/* Of a number 0 is no limit at all */
static uint32_t stricter(const struct setting *s, uint32_t a, uint32_t b)
{
	if (s->namev)
		return s->strict;

	return a && b ? min(a, b) : max(a, b);
}


/* Nobody knows what was meant: the strictest value, if there is one */
static void wrong(struct reader *rd, const struct setting *s,
		  const struct line_item *item, const char *why)
{
	const bool restricts = s->flags & SETTING_RESTRICTS;
	struct settings *set = &rd->r->set;
	struct held held = {set, s};

	if (s->flags & SETTING_HTTP) {
		guard_fault(rd->r->guard, FAULT_NOTE, s->key, "%H: %s",
			    print_key, item, why);
		return;
	}

	if (s->flags & (SETTING_TEXT | SETTING_LIST)) {
		guard_fault(rd->r->guard, restricts ? FAULT_SHUT : FAULT_NOTE,
			    s->key, "%H: %s", print_item, item, why);
		return;
	}

	if (restricts)
		*settings_value(set, s) = rd->seenv[number(s)] ?
			stricter(s, *settings_value(set, s), s->strict) :
			s->strict;

	guard_fault(rd->r->guard, restricts ? FAULT_STRICT : FAULT_NOTE,
		    s->key, "%H: %s, allowed is %H; %H holds", print_item,
		    item, why, settings_print_allowed, s, print_held, &held);
}


static void read_value(struct reader *rd, const struct setting *s,
		       const struct line_item *item)
{
	uint32_t *val = settings_value(&rd->r->set, s), next;

	if (settings_decode(&next, s, &item->val)) {
		wrong(rd, s, item, "this value is unknown");
	}
	else if (!rd->seenv[number(s)]) {
		*val = next;
	}
	else if (*val != next) {
		wrong(rd, s, item, "another line says otherwise");
		if ((s->flags & SETTING_RESTRICTS) && !s->namev)
			*val = stricter(s, *val, next);
	}
}


static void read_text(struct reader *rd, const struct setting *s,
		      const struct line_item *item)
{
	char *text = settings_text(&rd->r->set, s);

	if (item->val.l >= s->last)
		wrong(rd, s, item, "this is too long");
	else if (!rd->seenv[number(s)])
		(void)pl_strcpy(&item->val, text, s->last);
	else if (pl_strcmp(&item->val, text))
		wrong(rd, s, item, "another line says otherwise");
}


/* refer_http.so has it from baresip, which takes the first line */
static void read_http(struct reader *rd, const struct setting *s,
		      const struct line_item *item)
{
	struct pl *first = &rd->httpv[number(s)];

	if (!first->p)
		*first = item->val;
	else if (!(s->flags & SETTING_LIST) && pl_cmp(first, &item->val))
		wrong(rd, s, item, "another line says otherwise");
}


/* Words with blanks between them */
static void append(struct reader *rd, const struct setting *s,
		   const struct line_item *item)
{
	char *text = settings_text(&rd->r->set, s);
	size_t len;

	/* the first line takes the place of the default */
	if (!rd->seenv[number(s)])
		*text = '\0';

	len = strlen(text);
	if (len + item->val.l + 2 > s->last) {
		wrong(rd, s, item, "these are too many");
		return;
	}

	(void)re_snprintf(text + len, s->last - len, "%s%r", len ? " " : "",
			  &item->val);
}


/* "none" stands alone */
static void add_header(struct reader *rd, const struct setting *s,
		       const struct line_item *item)
{
	static const char none[] = "none";
	const char *text = settings_text(&rd->r->set, s);
	const bool is_none = !pl_strcasecmp(&item->val, none);
	const bool was_none = !str_casecmp(text, none);

	if (!header_pattern_valid(&item->val))
		wrong(rd, s, item, "this header is never copied");
	else if (rd->seenv[number(s)] && *text && is_none != was_none)
		wrong(rd, s, item, "another line says otherwise");
	else
		append(rd, s, item);
}


static void add_pattern(struct reader *rd, const struct setting *s,
			const struct line_item *item,
			enum pattern_kind kind)
{
	const char *why = NULL;
	int err;

	err = patterns_add(rd->r->patterns, kind, &item->val, &why);
	if (err)
		wrong(rd, s, item, err == EINVAL && why ? why :
		      "this cannot be a pattern");
}


static void add_template(struct reader *rd, const struct setting *s,
			 const struct line_item *item)
{
	const char *why = NULL;
	int err;

	err = template_add(&rd->r->templatel, &item->val, &why);
	if (err)
		wrong(rd, s, item, err == EINVAL ? why : "out of memory");
}


static void read_list(struct reader *rd, const struct setting *s,
		      const struct line_item *item)
{
	enum pattern_kind kind;

	if (patterns_kind(&kind, s->key + strlen("refer_")))
		add_pattern(rd, s, item, kind);
	else if (!str_cmp(s->key, "refer_invite_headers"))
		add_template(rd, s, item);
	else if (s->flags & SETTING_HEADERS)
		add_header(rd, s, item);
	else if (!str_cmp(s->key, "refer_handler") &&
		 item->val.l >= HANDLER_NAME_SIZE)
		wrong(rd, s, item, "no application has so long a name");
	else
		append(rd, s, item);
}


/* "set refer_policy ask": not one that libre finds */
static bool is_hidden(const struct pl *word)
{
	const struct setting *s = settings_find(word);

	return s && s->flags & (SETTING_RESTRICTS | SETTING_HTTP);
}


/* What is no value of the nearest key may be a token */
static bool may_be_secret(const struct setting *near, const struct pl *val)
{
	uint32_t n;

	return near && (near->flags & (SETTING_TEXT | SETTING_LIST) ||
			settings_decode(&n, near, val));
}


static void read_unknown(struct reader *rd, const struct line_item *item)
{
	const struct setting *near = NULL;
	const enum unknown what = settings_unknown(&near, &item->key, false);

	if (what == UNKNOWN_OTHERS && !is_hidden(&item->val))
		return;

	guard_fault(rd->r->guard,
		    what == UNKNOWN_HARMLESS ? FAULT_NOTE : FAULT_SHUT, NULL,
		    "%H: this key is unknown, the nearest is %s",
		    may_be_secret(near, &item->val) ? print_key : print_item,
		    item, near ? near->key : "none");
}


/* Another file than the one that baresip has read is none to trust */
static void compare(struct reader *rd, const struct setting *s,
		    const struct pl *val)
{
	struct pl pl;

	if (!rd->conf || rd->comparedv[number(s)] ||
	    !(s->flags & SETTING_RESTRICTS))
		return;

	rd->comparedv[number(s)] = true;

	if (!conf_get(rd->conf, s->key, &pl) && (!val || pl_cmp(&pl, val)))
		guard_fault(rd->r->guard, FAULT_SHUT, s->key, "config: %s %H"
			    " is what baresip was started with, the file says"
			    " otherwise; /referreload takes the file", s->key,
			    text_clean, &pl);
}


static void item_handler(const struct line_item *item, void *arg)
{
	const struct setting *s = settings_find(&item->key);
	struct reader *rd = arg;

	if (!s) {
		read_unknown(rd, item);
		return;
	}

	if (item->odd)
		wrong(rd, s, item, "key and value are \"key value\"");
	else if (!item->val.l)
		wrong(rd, s, item, "there is no value");
	else if (item->more)
		wrong(rd, s, item, "there is more than one word");
	else if (s->flags & SETTING_HTTP)
		read_http(rd, s, item);
	else if (s->flags & SETTING_LIST)
		read_list(rd, s, item);
	else if (s->flags & SETTING_TEXT)
		read_text(rd, s, item);
	else
		read_value(rd, s, item);

	rd->seenv[number(s)] = true;

	if (!item->odd && item->val.l)
		compare(rd, s, &item->val);
}


static int memory_handler(const struct pl *val, void *arg)
{
	const struct in_memory *m = arg;
	struct line_item item = {.val = *val};

	pl_set_str(&item.key, m->s->key);
	m->h(&item, m->arg);

	return 0;
}


/**
 * Go through the configuration: the file, or what there is in memory
 *
 * @return 0 if it is the file, ENOENT if there is none, otherwise errorcode
 */
int rules_apply(line_item_h *h, void *arg)
{
	struct in_memory m = {NULL, h, arg};
	char path[FILE_MAX];
	int err;

	err = host_config_file(path, sizeof(path), "config");
	if (!err)
		err = lines_read(path, h, arg);
	if (err != ENOENT)
		return err;

	while (host_conf() && (m.s = settings_next(m.s)))
		(void)conf_apply(host_conf(), m.s->key, memory_handler, &m);

	return ENOENT;
}


static void check_users(struct rules *r)
{
	const char *path = r->set.users;
	struct users_fault fault;

	if (!r->set.auth)
		return;

	if (!*path)
		guard_fault(r->guard, FAULT_SHUT, "refer_users", "config:"
			    " refer_auth yes needs refer_users, a file");
	else if (auth_users_check(&r->users, &fault, path, r->set.realm))
		guard_fault(r->guard, FAULT_SHUT, "refer_users",
			    "config: refer_users %s: %H", path,
			    users_print_fault, &fault);
}


/**
 * Read the configuration, which may have faults; at the start the file must
 * be the one that baresip has read itself
 */
int rules_read(struct rules **rp, bool start)
{
	struct reader rd = {.conf = start ? host_conf() : NULL};
	const struct setting *s = NULL;
	int err;

	err = rules_alloc(&rd.r);
	if (err)
		return err;

	err = rules_apply(item_handler, &rd);
	if (err && err != ENOENT)
		guard_fault(rd.r->guard, FAULT_SHUT, NULL, "config: the file"
			    " cannot be read: %m", err);

	while (!err && (s = settings_next(s)))
		compare(&rd, s, NULL);

	settings_settle(&rd.r->set);
	check_users(rd.r);
	*rp = rd.r;

	return 0;
}
