/**
 * @file cmd_ladder.c  The messages of a transfer: /referladder
 *
 * Fills objects, and prints those as a ladder: an end has the user of its
 * address as a name, if that is short and cannot be taken for anything else.
 */
#include <ctype.h>
#include <string.h>
#include <re.h>
#include "console/command.h"
#include "console/console.h"
#include "console/fields.h"
#include "core/core.h"
#include "core/transfers.h"
#include "host/libre.h"
#include "syntax/text.h"


enum {
	NAME_SIZE = 16,
	PARTIES   = REFER_PARTY_TARGET + 1,
};

/** A ladder that is being shown */
struct ladder_print {
	struct command *cmd;
	const struct refer_transfer *row;
	struct odict *messages;
	uint32_t n;
	char namev[PARTIES][NAME_SIZE];
};


static bool is_plain(const struct pl *user)
{
	size_t i;

	for (i=0; i<user->l; ++i) {
		if (!isalnum((uint8_t)user->p[i]))
			return false;
	}

	return user->l && user->l < NAME_SIZE;
}


static void set_name(struct ladder_print *p, enum refer_party party,
		     bool short_one)
{
	const char *key = refer_party_name(party);
	const char *uri = odict_string(p->cmd->od, key);
	struct uri u;
	struct pl pl;

	pl_set_str(&pl, uri ? uri : "");
	if (!short_one || uri_decode(&u, &pl) || !is_plain(&u.user))
		pl_set_str(&u.user, key);

	(void)pl_strcpy(&u.user, p->namev[party], NAME_SIZE);
}


static void set_names(struct ladder_print *p)
{
	unsigned i, j;

	for (i=0; i<PARTIES; ++i)
		set_name(p, (enum refer_party)i, true);

	for (i=0; i<PARTIES; ++i) {
		for (j=0; j<i; ++j) {
			if (!strcmp(p->namev[i], p->namev[j])) {
				set_name(p, (enum refer_party)i, false);
				set_name(p, (enum refer_party)j, false);
			}
		}
	}
}


/* The messages, as objects */

/** Add a message to an object */
int console_encode_message(struct odict *od, const struct refer_transfer *row,
			   const struct refer_message *msg)
{
	int err = 0;

	if (msg->skipped)
		err |= odict_entry_add(od, "skipped", ODICT_INT,
				       (int64_t)msg->skipped);
	err |= odict_entry_add(od, "ms", ODICT_INT,
			       (int64_t)(msg->ts - row->ts));
	err |= fields_add_string(od, "from", refer_party_name(msg->from));
	err |= fields_add_string(od, "to", refer_party_name(msg->to));
	err |= fields_add_string(od, "method", msg->method);
	if (msg->scode)
		err |= odict_entry_add(od, "code", ODICT_INT,
				       (int64_t)msg->scode);
	err |= fields_add_string(od, "line", msg->line);
	err |= fields_add_headers(od, msg->headers);
	err |= fields_add_string(od, "sipfrag", msg->sipfrag);
	if (msg->cut)
		err |= odict_entry_add(od, "cut", ODICT_BOOL, true);

	return err;
}


static int add_object(struct ladder_print *p, const struct refer_message *msg)
{
	struct odict *od;
	char key[16];
	int err;

	err = odict_alloc(&od, FIELDS_HASH);
	if (err)
		return err;

	(void)re_snprintf(key, sizeof(key), "%u", p->n++);
	err  = console_encode_message(od, p->row, msg);
	err |= odict_entry_add(p->messages, key, ODICT_OBJECT, od);
	mem_deref(od);

	return err;
}


/* The same, as lines */

/* The version of SIP is left out, and a response has its method */
static int print_line(struct re_printf *pf, const struct refer_message *msg)
{
	static const size_t version = sizeof("SIP/2.0 ") - 1;
	struct pl pl;

	if (!msg->line)
		return re_hprintf(pf, "%s ..\n", msg->method);

	pl_set_str(&pl, msg->line);
	if (!msg->scode) {
		pl.l -= version;
		return re_hprintf(pf, "%H\n", text_clean, &pl);
	}

	pl_advance(&pl, (ssize_t)version);

	return re_hprintf(pf, "%H (%H)\n", text_clean, &pl, text_clean_str,
			  msg->method);
}


static int print_more(struct re_printf *pf, const char *lines)
{
	struct pl rest, line;
	int err = 0;

	pl_set_str(&rest, lines ? lines : "");
	while (text_cut(&line, &rest, '\n'))
		err |= re_hprintf(pf, "          %H\n", text_clean, &line);

	return err;
}


static int print_message(struct re_printf *pf, const struct ladder_print *p,
			 const struct refer_message *msg)
{
	char who[2 * NAME_SIZE + 8];
	int err = 0;

	(void)re_snprintf(who, sizeof(who), "%s -> %s", p->namev[msg->from],
			  p->namev[msg->to]);

	if (msg->skipped)
		err |= re_hprintf(pf, "        %u messages are left out\n",
				  msg->skipped);
	err |= re_hprintf(pf, "%6llu  %-18s ", msg->ts - p->row->ts, who);
	err |= print_line(pf, msg);
	err |= print_more(pf, msg->headers);
	err |= print_more(pf, msg->sipfrag);
	if (msg->cut)
		err |= print_more(pf, "(a text is too long to be kept)");

	return err;
}


static int print_head(struct re_printf *pf, const struct ladder_print *p)
{
	unsigned i;
	int err = 0;

	for (i=0; i<PARTIES; ++i) {
		const char *key = refer_party_name((enum refer_party)i);
		const char *uri = odict_string(p->cmd->od, key);

		if (uri)
			err |= re_hprintf(pf, "%-8s%-16s%s\n", key,
					  p->namev[i], uri);
	}

	return err | re_hprintf(pf, "    ms  who                message\n");
}


static int message_handler(const struct refer_message *msg, void *arg)
{
	struct ladder_print *p = arg;

	return print_message(p->cmd->pf, p, msg) | add_object(p, msg);
}


int cmd_ladder(struct command *cmd)
{
	struct refer_transfer row;
	struct ladder_print p = {.cmd = cmd, .row = &row};
	int err;

	err = command_row_alone(cmd, &row, "referladder");
	if (err)
		return err;

	err = odict_alloc(&p.messages, FIELDS_HASH);
	if (err)
		return err;

	err = fields_add(cmd->od, &row);
	set_names(&p);
	err |= print_head(cmd->pf, &p);
	err |= transfers_ladder_apply(cmd->refer->transfers, row.id,
				      message_handler, &p);
	err |= odict_entry_add(cmd->od, "messages", ODICT_ARRAY, p.messages);
	mem_deref(p.messages);

	return err;
}
