/**
 * @file cmd_list.c  What is under way: /referlist, /referinfo
 *
 * As a line of a table, as a line for each key, and as JSON.
 */
#include <re.h>
#include "console/command.h"
#include "core/event.h"
#include "host/libre.h"
#include "syntax/carried.h"
#include "syntax/text.h"


enum {
	FIELDS_MAX = 16,
	JSON_HASH  = 32,
	WIDTH_MIN  = 32,       /* of a URI in the table */
	WIDTH_MAX  = 64,
};


static uint32_t age(const struct refer_row *row)
{
	return (uint32_t)((tmr_jiffies() - row->ts) / 1000);
}


/* The table */

struct table {
	struct re_printf *pf;
	size_t peer;           /**< Widths of the columns */
	size_t target;
};


/* Columns are as wide as a transfer needs, within limits; what is longer
   moves the rest of its line */
static int measure_handler(const struct refer_row *row, void *arg)
{
	struct table *t = arg;

	t->peer   = min(max(t->peer, row->peer.l), WIDTH_MAX);
	t->target = min(max(t->target, str_len(row->target)), WIDTH_MAX);
	t->peer   = max(t->peer, WIDTH_MIN);
	t->target = max(t->target, WIDTH_MIN);

	return 0;
}


/* Of bytes, left adjusted. Who decides has to see the whole URI */
static int print_column(struct re_printf *pf, const struct pl *pl,
			size_t width)
{
	size_t i;
	int err;

	err = text_clean(pf, pl);

	for (i=pl->l; i<width && !err; ++i)
		err = pf->vph(" ", 1, pf->arg);

	return err ? err : re_hprintf(pf, " ");
}


static int line_handler(const struct refer_row *row, void *arg)
{
	const struct table *t = arg;
	struct pl target;
	int err;

	pl_set_str(&target, row->target);

	err  = re_hprintf(t->pf, "%4u %-6s %-10s %4us ", row->id,
			  refer_role_name(row->role), row->state, age(row));
	err |= print_column(t->pf, &row->peer, t->peer);
	err |= print_column(t->pf, &target, t->target);
	err |= re_hprintf(t->pf, "%u\n", row->scode);

	return err;
}


static int list_table(const struct command *cmd)
{
	const struct pl peer = PL("peer"), target = PL("target");
	struct table t = {cmd->pf, 0, 0};
	int err;

	(void)rows_apply(cmd->refer, measure_handler, &t);
	if (!t.peer)
		return re_hprintf(cmd->pf, "refer: no transfers\n");

	err  = re_hprintf(cmd->pf, "%4s %-6s %-10s %5s ", "id", "role",
			  "state", "age");
	err |= print_column(cmd->pf, &peer, t.peer);
	err |= print_column(cmd->pf, &target, t.target);
	err |= re_hprintf(cmd->pf, "code\n");
	err |= rows_apply(cmd->refer, line_handler, &t);

	return err;
}


/* All of a transfer */

/** A key and its value */
struct field {
	const char *key;
	const char *str;       /**< NULL for a number */
	int64_t num;
};

struct fields {
	struct field v[FIELDS_MAX];
	size_t n;
	char *peer;            /**< The value of "peer" */
};


static void add_string(struct fields *f, const char *key, const char *str)
{
	if (str) {
		f->v[f->n].key   = key;
		f->v[f->n++].str = str;
	}
}


static void add_number(struct fields *f, const char *key, int64_t num)
{
	f->v[f->n].key   = key;
	f->v[f->n].str   = NULL;
	f->v[f->n++].num = num;
}


static int collect(struct fields *f, const struct refer_row *row)
{
	f->n = 0;

	if (re_sdprintf(&f->peer, "%r", &row->peer))
		return ENOMEM;

	add_number(f, "id", row->id);
	add_string(f, "role", refer_role_name(row->role));
	add_string(f, "state", row->state);
	add_string(f, "follow", row->can & CAN_REPORT ? "no" : NULL);
	add_number(f, "age", age(row));
	add_string(f, "account", row->account);
	add_string(f, "peer", f->peer);
	add_string(f, "target", row->target);
	add_number(f, "code", row->scode);
	add_string(f, "reason", row->reason);
	add_string(f, "call", row->callid);
	add_string(f, "new_call", row->new_callid);
	add_string(f, "referred_by", row->referred_by);
	add_string(f, "replaces", row->replaces);
	if (row->headers && row->headers->left)
		add_number(f, "headers_cut", row->headers->left);

	return 0;
}


static int print_headers(struct re_printf *pf, const struct refer_row *row)
{
	const struct le *le;
	int err = 0;

	LIST_FOREACH(row->headers ? &row->headers->l : NULL, le) {
		const struct carried *c = le->data;

		err |= re_hprintf(pf, "%-12s%s: %s\n", "header", c->name,
				  c->val);
	}

	return err;
}


static int print_fields(struct re_printf *pf, const struct refer_row *row)
{
	struct fields f;
	size_t i;
	int err;

	err = collect(&f, row);
	if (err)
		return err;

	for (i=0; i<f.n; ++i) {
		const struct field *fd = &f.v[i];

		err |= fd->str ? re_hprintf(pf, "%-12s%H\n", fd->key,
					    text_clean_str, fd->str)
			       : re_hprintf(pf, "%-12s%lli\n", fd->key,
					    fd->num);
	}

	mem_deref(f.peer);

	return err | print_headers(pf, row);
}


/* JSON */

static int add_clean(struct odict *od, const struct field *fd)
{
	char *str;
	int err;

	err = re_sdprintf(&str, "%H", text_clean_str, fd->str);
	if (err)
		return err;

	err = odict_entry_add(od, fd->key, ODICT_STRING, str);
	mem_deref(str);

	return err;
}


/* The next header of a name, from a place in the list; or NULL */
static struct le *find_header(struct le *le, const char *name)
{
	while (le) {
		const struct carried *c = le->data;

		if (!str_casecmp(c->name, name))
			break;

		le = le->next;
	}

	return le;
}


/* Of one that came twice it is a list (RFC 3261 section 7.3.1) */
static int print_values(struct re_printf *pf, struct le *le)
{
	const char *name = ((const struct carried *)le->data)->name;
	int err = 0;

	for (; le && !err; le = find_header(le->next, name)) {
		const struct carried *c = le->data;

		err = re_hprintf(pf, "%s", c->val);
		if (find_header(le->next, name))
			err |= re_hprintf(pf, ", ");
	}

	return err;
}


static int add_headers(struct odict *od, const struct list *l)
{
	struct le *le;
	int err = 0;

	for (le = list_head(l); le && !err; le = le->next) {
		const struct carried *c = le->data;
		char *str;

		if (find_header(list_head(l), c->name) != le)
			continue;

		err = re_sdprintf(&str, "%H", print_values, le);
		if (!err) {
			err = odict_entry_add(od, c->name, ODICT_STRING, str);
			mem_deref(str);
		}
	}

	return err;
}


static int add_object(struct odict *od, const struct refer_row *row)
{
	struct odict *hdrs;
	int err;

	if (!row->headers || !row->headers->l.head)
		return 0;

	err = odict_alloc(&hdrs, JSON_HASH);
	if (err)
		return err;

	err  = add_headers(hdrs, &row->headers->l);
	err |= odict_entry_add(od, "headers", ODICT_OBJECT, hdrs);
	mem_deref(hdrs);

	return err;
}


static int row_odict(struct odict **odp, const struct refer_row *row)
{
	struct odict *od = NULL;
	struct fields f;
	size_t i;
	int err;

	err = collect(&f, row);
	if (err)
		return err;

	err = odict_alloc(&od, JSON_HASH);

	for (i=0; i<f.n && !err; ++i) {
		const struct field *fd = &f.v[i];

		err = fd->str ? add_clean(od, fd)
			      : odict_entry_add(od, fd->key, ODICT_INT,
						fd->num);
	}

	mem_deref(f.peer);
	if (!err)
		err = add_object(od, row);

	if (err)
		mem_deref(od);
	else
		*odp = od;

	return err;
}


static int info_json(struct re_printf *pf, const struct refer_row *row)
{
	struct odict *od;
	int err;

	err = row_odict(&od, row);
	if (err)
		return err;

	err = re_hprintf(pf, "%H\n", json_encode_odict, od);
	mem_deref(od);

	return err;
}


/** JSON array that is being filled */
struct array {
	struct odict *od;
	uint32_t n;
};


static int array_handler(const struct refer_row *row, void *arg)
{
	struct array *a = arg;
	struct odict *od;
	char key[16];
	int err;

	err = row_odict(&od, row);
	if (err)
		return err;

	(void)re_snprintf(key, sizeof(key), "%u", a->n++);
	err = odict_entry_add(a->od, key, ODICT_OBJECT, od);
	mem_deref(od);

	return err;
}


static int list_json(const struct command *cmd)
{
	struct array a = {NULL, 0};
	struct odict *od = NULL;
	int err;

	err  = odict_alloc(&od, JSON_HASH);
	err |= odict_alloc(&a.od, JSON_HASH);
	if (err)
		goto out;

	err  = rows_apply(cmd->refer, array_handler, &a);
	err |= odict_entry_add(od, "transfers", ODICT_ARRAY, a.od);
	if (!err)
		err = re_hprintf(cmd->pf, "%H\n", json_encode_odict, od);

 out:
	mem_deref(a.od);
	mem_deref(od);

	return err;
}


/* The commands */

/* "[json]", and nothing else */
static bool only_json(bool *json, struct pl *rest)
{
	struct pl w;

	*json = command_word(&w, rest);
	if (*json && pl_strcasecmp(&w, "json"))
		return false;

	return !command_word(&w, rest);
}


int cmd_list(struct command *cmd)
{
	bool json;

	if (!only_json(&json, &cmd->rest))
		return command_fail(cmd, EINVAL, "usage: /referlist [json]");

	return json ? list_json(cmd) : list_table(cmd);
}


int cmd_info(struct command *cmd)
{
	struct refer_row row;
	bool json;
	int err;

	err = command_row(cmd, &row, 0);
	if (err)
		return err;

	if (!only_json(&json, &cmd->rest))
		return command_fail(cmd, EINVAL,
				    "usage: /referinfo [id] [json]");

	return json ? info_json(cmd->pf, &row) : print_fields(cmd->pf, &row);
}
