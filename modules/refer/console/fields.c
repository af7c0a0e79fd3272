/**
 * @file fields.c  A transfer as it is shown: keys and values
 *
 * In JSON, or with a line for each; see docs/events.md for the keys.
 */
#include <re.h>
#include "console/command.h"
#include "console/console.h"
#include "console/fields.h"
#include "core/core.h"
#include "core/transfers.h"
#include "host/baresip.h"
#include "host/libre.h"
#include "syntax/text.h"


static uint32_t seconds_since(uint64_t ts)
{
	return (uint32_t)((tmr_jiffies() - ts) / 1000);
}


static int add_number(struct odict *od, const char *key, int64_t num)
{
	return odict_entry_add(od, key, ODICT_INT, num);
}


/** Add a text that may be remote */
int fields_add_text(struct odict *od, const char *key, const struct pl *pl)
{
	char *str;
	int err;

	err = re_sdprintf(&str, "%H", text_clean, pl);
	if (err)
		return err;

	err = odict_entry_add(od, key, ODICT_STRING, str);
	mem_deref(str);

	return err;
}


/** Add a text that may be remote, or NULL for none */
int fields_add_string(struct odict *od, const char *key, const char *str)
{
	struct pl pl;

	if (!str)
		return 0;

	pl_set_str(&pl, str);

	return fields_add_text(od, key, &pl);
}


/** Add an empty object, which is the other one's; NULL without memory */
struct odict *fields_add_object(struct odict *od, const char *key)
{
	struct odict *obj;
	int err;

	if (odict_alloc(&obj, FIELDS_HASH))
		return NULL;

	err = odict_entry_add(od, key, ODICT_OBJECT, obj);
	mem_deref(obj);

	return err ? NULL : obj;
}


/* Of a header that came twice it is a list (RFC 3261 section 7.3.1) */
static int add_header(struct odict *od, const char *name,
		      const struct pl *val)
{
	const struct odict_entry *e = odict_lookup(od, name);
	char *both;
	struct pl pl;
	int err;

	if (!e)
		return fields_add_text(od, name, val);

	err = re_sdprintf(&both, "%s, %r", odict_entry_str(e), val);
	if (err)
		return err;

	odict_entry_del(od, name);
	pl_set_str(&pl, both);
	err = fields_add_text(od, name, &pl);
	mem_deref(both);

	return err;
}


static int add_header_line(struct odict *od, struct pl *line)
{
	struct pl name;
	char *str;
	int err;

	(void)text_cut(&name, line, ':');
	text_trim(line);

	err = pl_strdup(&str, &name);
	if (err)
		return err;

	err = add_header(od, str, line);
	mem_deref(str);

	return err;
}


/** Add header lines, or NULL for none, as an object */
int fields_add_headers(struct odict *od, const char *lines)
{
	struct odict *hdrs;
	struct pl rest, line;
	int err = 0;

	if (!lines)
		return 0;

	hdrs = fields_add_object(od, "headers");
	if (!hdrs)
		return ENOMEM;

	pl_set_str(&rest, lines);
	while (!err && text_cut(&line, &rest, '\n'))
		err = add_header_line(hdrs, &line);

	return err;
}


/** Add a transfer to an object */
int fields_add(struct odict *od, const struct refer_transfer *row)
{
	int err;

	err  = add_number(od, "id", row->id);
	err |= fields_add_string(od, "role", refer_role_name(row->role));
	err |= fields_add_string(od, "state", row->state);
	err |= fields_add_string(od, "follow",
				 row->can & REFER_CAN_REPORT ? "no" : NULL);
	err |= add_number(od, "age", seconds_since(row->ts));
	err |= fields_add_string(od, "account", row->account);
	err |= fields_add_text(od, "peer", &row->peer);
	err |= fields_add_string(od, "target", row->target);
	err |= add_number(od, "code", row->scode);
	err |= fields_add_string(od, "reason", row->reason);
	err |= fields_add_string(od, "call", row->callid);
	err |= fields_add_string(od, "new_call", row->new_callid);
	err |= fields_add_string(od, "referred_by", row->referred_by);
	err |= fields_add_string(od, "replaces", row->replaces);
	err |= fields_add_headers(od, row->headers);
	if (row->headers_cut)
		err |= add_number(od, "headers_cut", row->headers_cut);
	if (row->role == REFER_ROLE_SERVER && !row->told)
		err |= fields_add_string(od, "told", "no");
	if (!row->ended)
		return err;

	err |= fields_add_string(od, "outcome",
				 refer_outcome_name(row->outcome));
	err |= add_number(od, "ended", seconds_since(row->ended));
	err |= fields_add_string(od, "cut", row->cut);

	return err;
}


/** Add when each event of a transfer came first, in order, to an object */
int fields_add_stages(struct odict *od, const struct transfers *ts,
		      uint32_t id)
{
	const struct stage *s;
	struct odict *stages;
	unsigned i, n;
	int err = 0;

	s = transfers_stages(&n, ts, id);
	if (!s)
		return 0;

	stages = fields_add_object(od, "stages");
	if (!stages)
		return ENOMEM;

	for (i=0; i<n && !err; ++i)
		err = add_number(stages, refer_event_name(s[i].type),
				 s[i].ms);

	return err;
}


/** Add a transfer to an object, as /referinfo shows it */
int console_encode(struct odict *od, const struct refer_transfer *row,
		   const struct refer *refer, bool stages)
{
	int err;

	err = fields_add(od, row);
	if (stages)
		err |= fields_add_stages(od, refer->transfers, row->id);

	return err;
}


/** Print an object with a line for each key; keys of other objects are left
    out */
int fields_print(struct re_printf *pf, const struct odict *od)
{
	struct le *le;
	int err = 0;

	LIST_FOREACH(&od->lst, le) {
		const struct odict_entry *e = le->data;

		const char *key = odict_entry_key(e);

		if (odict_entry_type(e) == ODICT_STRING)
			err |= re_hprintf(pf, "%-11s %s\n", key,
					  odict_entry_str(e));
		else if (odict_entry_type(e) == ODICT_INT)
			err |= re_hprintf(pf, "%-11s %lli\n", key,
					  odict_entry_int(e));
	}

	return err;
}


/** Print the headers of a transfer with a line for each */
int fields_print_headers(struct re_printf *pf, const char *lines)
{
	struct pl rest, line;
	int err = 0;

	pl_set_str(&rest, lines ? lines : "");
	while (text_cut(&line, &rest, '\n'))
		err |= re_hprintf(pf, "%-11s %r\n", "header", &line);

	return err;
}


/** Print an object of numbers that has a key, in one line */
int fields_print_object(struct re_printf *pf, const struct odict *od,
			const char *key, const char *unit)
{
	const struct odict_entry *entry = odict_lookup(od, key);
	const char *sep = "";
	struct le *le;
	int err;

	if (!entry)
		return 0;

	err = re_hprintf(pf, "%-11s ", key);

	LIST_FOREACH(&odict_entry_object(entry)->lst, le) {
		const struct odict_entry *e = le->data;

		err |= re_hprintf(pf, "%s%s %lli", sep, odict_entry_key(e),
				  odict_entry_int(e));
		sep = ", ";
	}

	return err | re_hprintf(pf, "%s\n", unit);
}
