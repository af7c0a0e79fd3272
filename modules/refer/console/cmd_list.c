/**
 * @file cmd_list.c  What there is: /referlist, /referinfo
 *
 * Both fill objects; /referlist shows them as lines of a table, too.
 */
#include <re.h>
#include "console/command.h"
#include "console/fields.h"
#include "core/core.h"
#include "core/transfers.h"
#include "host/baresip.h"
#include "host/libre.h"
#include "syntax/text.h"


enum {
	ROWS_HASH = 256,
	WIDTH_MIN = 32,        /* of a URI in the table */
	WIDTH_MAX = 64,
};


/* The table */

static const char *string(const struct odict *od, const char *key)
{
	const char *str = odict_string(od, key);

	return str ? str : "";
}


static int64_t number(const struct odict *od, const char *key)
{
	const struct odict_entry *e = odict_lookup(od, key);

	return e ? odict_entry_int(e) : 0;
}


/* A column is as wide as a transfer needs, within limits; what is longer moves
   the rest of its line */
static size_t width(const struct odict *rows, const char *key)
{
	size_t n = WIDTH_MIN;
	struct le *le;

	LIST_FOREACH(&rows->lst, le) {
		const struct odict_entry *e = le->data;

		n = max(n, str_len(string(odict_entry_object(e), key)));
	}

	return min(n, WIDTH_MAX);
}


/* Of bytes, left adjusted. Who decides has to see the whole URI */
static int print_column(struct re_printf *pf, const char *str, size_t n)
{
	size_t i;
	int err;

	err = re_hprintf(pf, "%s", str);

	for (i=str_len(str); i<n && !err; ++i)
		err = pf->vph(" ", 1, pf->arg);

	return err ? err : re_hprintf(pf, " ");
}


static int print_table(struct re_printf *pf, const struct odict *rows)
{
	const size_t peer = width(rows, "peer");
	const size_t target = width(rows, "target");
	struct le *le;
	int err;

	if (!rows->lst.head)
		return re_hprintf(pf, "refer: no transfers\n");

	err  = re_hprintf(pf, "%4s %-6s %-10s %5s ", "id", "role", "state",
			  "age");
	err |= print_column(pf, "peer", peer);
	err |= print_column(pf, "target", target);
	err |= re_hprintf(pf, "code\n");

	LIST_FOREACH(&rows->lst, le) {
		const struct odict_entry *e = le->data;
		const struct odict *od = odict_entry_object(e);

		err |= re_hprintf(pf, "%4lli %-6s %-10s %4llis ",
				  number(od, "id"), string(od, "role"),
				  string(od, "state"), number(od, "age"));
		err |= print_column(pf, string(od, "peer"), peer);
		err |= print_column(pf, string(od, "target"), target);
		err |= re_hprintf(pf, "%lli\n", number(od, "code"));
	}

	return err;
}


/* The objects */

/** JSON array that is being filled */
struct array {
	struct odict *od;
	uint32_t n;
};


static int array_handler(const struct refer_transfer *row, void *arg)
{
	struct array *a = arg;
	struct odict *od;
	char key[16];
	int err;

	err = odict_alloc(&od, FIELDS_HASH);
	if (err)
		return err;

	(void)re_snprintf(key, sizeof(key), "%u", a->n++);
	err  = fields_add(od, row);
	err |= odict_entry_add(a->od, key, ODICT_OBJECT, od);
	mem_deref(od);

	return err;
}


/* The commands */

static int decode_which(unsigned *which, struct pl *rest)
{
	struct pl w;

	*which = REFER_UNDER_WAY;
	if (!command_word(&w, rest))
		return 0;

	*which = !pl_strcasecmp(&w, "all") ? REFER_ALL : REFER_ENDED;

	return *which == REFER_ALL || !pl_strcasecmp(&w, "ended") ? 0
		: EINVAL;
}


int cmd_list(struct command *cmd)
{
	struct array a = {NULL, 0};
	unsigned which;
	struct pl w;
	int err;

	if (decode_which(&which, &cmd->rest) || command_word(&w, &cmd->rest))
		return command_fail(cmd, EINVAL, "usage: /referlist"
				    " [all|ended] [json]");

	err = odict_alloc(&a.od, ROWS_HASH);
	if (err)
		return err;

	err  = refer_apply(cmd->refer, which, array_handler, &a);
	err |= odict_entry_add(cmd->od, "transfers", ODICT_ARRAY, a.od);
	err |= print_table(cmd->pf, a.od);
	mem_deref(a.od);

	return err;
}


int cmd_info(struct command *cmd)
{
	struct refer_transfer row;
	int err;

	err = command_row_alone(cmd, &row, "referinfo");
	if (err)
		return err;

	err  = fields_add(cmd->od, &row);
	err |= fields_print(cmd->pf, cmd->od);
	err |= fields_print_headers(cmd->pf, row.headers);
	err |= fields_add_stages(cmd->od, cmd->refer->transfers, row.id);
	if (row.ended)
		err |= fields_print_object(cmd->pf, cmd->od, "stages",
					   " [ms]");

	return err;
}
