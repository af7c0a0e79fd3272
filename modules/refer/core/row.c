/**
 * @file row.c  What is shown of a transfer: a line, all of it, or JSON
 */
#include <re.h>
#include "core/event.h"
#include "core/row.h"
#include "syntax/text.h"


enum {
	FIELDS_MAX = 16,
	JSON_HASH  = 32,
	WIDTH_MIN  = 32,       /* of a URI in the table */
	WIDTH_MAX  = 64,
};

/** A key and its value */
struct field {
	const char *key;
	const char *str;       /**< NULL for a number */
	int64_t num;
};

struct fields {
	struct field v[FIELDS_MAX];
	size_t n;
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


static uint32_t age(const struct refer_row *row)
{
	return (uint32_t)((tmr_jiffies() - row->ts) / 1000);
}


static void collect(struct fields *f, const struct refer_row *row,
		    const char *peer)
{
	f->n = 0;

	add_number(f, "id", row->id);
	add_string(f, "role", refer_role_name(row->role));
	add_string(f, "state", row->state);
	add_string(f, "follow", row->can & CAN_REPORT ? "no" : NULL);
	add_number(f, "age", age(row));
	add_string(f, "account", row->account);
	add_string(f, "peer", peer);
	add_string(f, "target", row->target);
	add_number(f, "code", row->scode);
	add_string(f, "reason", row->reason);
	add_string(f, "call", row->callid);
	add_string(f, "new_call", row->new_callid);
	add_string(f, "referred_by", row->referred_by);
	add_string(f, "replaces", row->replaces);
}


/**
 * Make the columns of the table as wide as a transfer needs, within limits;
 * what is longer moves the rest of its line
 *
 * @param row Transfer
 * @param arg Widths, all 0 at the beginning
 *
 * @return 0
 */
int row_measure(const struct refer_row *row, void *arg)
{
	struct row_width *w = arg;

	w->peer   = min(max(w->peer, row->peer.l), WIDTH_MAX);
	w->target = min(max(w->target, str_len(row->target)), WIDTH_MAX);
	w->peer   = max(w->peer, WIDTH_MIN);
	w->target = max(w->target, WIDTH_MIN);

	return 0;
}


/* A column of bytes, left adjusted. Who decides has to see the whole URI */
static int print_column(struct re_printf *pf, const struct pl *pl,
			size_t width)
{
	size_t i;
	int err;

	err = text_clean(pf, pl);

	for (i=pl->l; i<width && !err; ++i)
		err = pf->vph(" ", 1, pf->arg);

	return err;
}


/**
 * Print the head of the table
 *
 * @param pf    Print function
 * @param width Widths of the columns
 *
 * @return 0 if success, otherwise errorcode
 */
int row_print_head(struct re_printf *pf, const struct row_width *width)
{
	const struct pl peer = PL("peer"), target = PL("target");
	int err;

	err  = re_hprintf(pf, "%4s %-6s %-10s %5s ", "id", "role", "state",
			  "age");
	err |= print_column(pf, &peer, width->peer);
	err |= re_hprintf(pf, " ");
	err |= print_column(pf, &target, width->target);
	err |= re_hprintf(pf, " code\n");

	return err;
}


/**
 * Print a transfer as a line of the table
 *
 * @param pf    Print function
 * @param row   Transfer
 * @param width Widths of the columns
 *
 * @return 0 if success, otherwise errorcode
 */
int row_print(struct re_printf *pf, const struct refer_row *row,
	      const struct row_width *width)
{
	struct pl target;
	int err;

	pl_set_str(&target, row->target);

	err  = re_hprintf(pf, "%4u %-6s %-10s %4us ", row->id,
			  refer_role_name(row->role), row->state, age(row));
	err |= print_column(pf, &row->peer, width->peer);
	err |= re_hprintf(pf, " ");
	err |= print_column(pf, &target, width->target);
	err |= re_hprintf(pf, " %u\n", row->scode);

	return err;
}


/**
 * Print all of a transfer, a line for each key
 *
 * @param pf  Print function
 * @param row Transfer
 *
 * @return 0 if success, otherwise errorcode
 */
int row_print_info(struct re_printf *pf, const struct refer_row *row)
{
	struct fields f;
	char *peer;
	size_t i;
	int err;

	err = re_sdprintf(&peer, "%r", &row->peer);
	if (err)
		return err;

	collect(&f, row, peer);

	for (i=0; i<f.n; ++i) {
		const struct field *fd = &f.v[i];

		err |= fd->str ? re_hprintf(pf, "%-12s%H\n", fd->key,
					    text_clean_str, fd->str)
			       : re_hprintf(pf, "%-12s%lli\n", fd->key,
					    fd->num);
	}

	mem_deref(peer);

	return err;
}


static int add_clean(struct odict *o, const struct field *fd)
{
	char *str;
	int err;

	err = re_sdprintf(&str, "%H", text_clean_str, fd->str);
	if (err)
		return err;

	err = odict_entry_add(o, fd->key, ODICT_STRING, str);
	mem_deref(str);

	return err;
}


/**
 * Make a JSON object of a transfer
 *
 * @param op  Pointer to allocated object
 * @param row Transfer
 *
 * @return 0 if success, otherwise errorcode
 */
int row_odict(struct odict **op, const struct refer_row *row)
{
	struct odict *o;
	struct fields f;
	char *peer;
	size_t i;
	int err;

	err = re_sdprintf(&peer, "%r", &row->peer);
	if (err)
		return err;

	err = odict_alloc(&o, JSON_HASH);
	if (err)
		goto out;

	collect(&f, row, peer);

	for (i=0; i<f.n && !err; ++i) {
		const struct field *fd = &f.v[i];

		err = fd->str ? add_clean(o, fd)
			      : odict_entry_add(o, fd->key, ODICT_INT,
						fd->num);
	}

	if (err)
		mem_deref(o);
	else
		*op = o;

 out:
	mem_deref(peer);

	return err;
}
