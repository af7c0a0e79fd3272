/**
 * @file commands_info.c  The commands that show what is under way and what is
 * allowed
 */
#include <re.h>
#include "compat/compat.h"
#include "core.h"
#include "command.h"
#include "commands.h"
#include "text.h"


enum {
	JSON_HASH = 32,
};

/**
 * Handles a transfer
 *
 * @param row Transfer
 * @param arg Handler argument
 *
 * @return 0 if success, otherwise errorcode
 */
typedef int (row_h)(const struct refer_row *row, void *arg);

/** JSON array that is being filled */
struct array {
	struct odict *od;
	uint32_t n;
};

/** The only transfer, if there are no more */
struct only {
	uint32_t id;
	uint32_t n;
};

static struct refer *refer;


static int row_apply(row_h *h, void *arg)
{
	struct refer_row row;
	struct le *le;
	int err = 0;

	LIST_FOREACH(&refer->serverl, le) {
		server_row(&row, le->data);
		err |= h(&row, arg);
	}

	LIST_FOREACH(&refer->clientl, le) {
		client_row(&row, le->data);
		err |= h(&row, arg);
	}

	if (refer->consult) {
		consult_row(&row, refer->consult);
		err |= h(&row, arg);
	}

	LIST_FOREACH(&refer->replacel, le) {
		replace_row(&row, le->data);
		err |= h(&row, arg);
	}

	return err;
}


static int line_handler(const struct refer_row *row, void *arg)
{
	return row_print(arg, row);
}


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


static int list_json(struct re_printf *pf)
{
	struct array a = {NULL, 0};
	struct odict *od = NULL;
	int err;

	err  = odict_alloc(&od, JSON_HASH);
	err |= odict_alloc(&a.od, JSON_HASH);
	if (err)
		goto out;

	err  = row_apply(array_handler, &a);
	err |= odict_entry_add(od, "transfers", ODICT_ARRAY, a.od);
	if (!err)
		err = re_hprintf(pf, "%H\n", json_encode_odict, od);

 out:
	mem_deref(a.od);
	mem_deref(od);

	return err;
}


static int cmd_list(struct re_printf *pf, void *arg)
{
	struct pl rest = command_params(arg), w = command_word(&rest);

	if (!pl_strcasecmp(&w, "json"))
		return list_json(pf);

	if (w.l)
		return command_fail(pf, EINVAL, "usage: /referlist [json]");

	if (!refer->serverl.head && !refer->clientl.head &&
	    !refer->replacel.head && !refer->consult)
		return re_hprintf(pf, "refer: no transfers\n");

	return row_print_head(pf, NULL) | row_apply(line_handler, pf);
}


static int row_find(struct refer_row *row, uint32_t id)
{
	const struct refer_server *srv = server_find(refer, id);
	const struct refer_client *c = client_find(refer, id);

	if (srv)
		server_row(row, srv);
	else if (c)
		client_row(row, c);
	else
		return ENOENT;

	return 0;
}


static int only_handler(const struct refer_row *row, void *arg)
{
	struct only *only = arg;

	only->id = row->id;
	++only->n;

	return 0;
}


/* The transfer that is meant: by its number, or the only one */
static bool info_row(struct re_printf *pf, struct refer_row *row,
		    struct pl *rest)
{
	struct pl after = *rest, w = command_word(&after);
	struct only only = {0, 0};
	uint32_t id;

	if (text_number(&id, &w)) {
		*rest = after;
	}
	else {
		(void)row_apply(only_handler, &only);
		if (only.n != 1) {
			(void)command_fail(pf, 0, only.n ? "several transfers;"
					   " which one? see /referlist"
					   : "no transfers");
			return false;
		}
		id = only.id;
	}

	if (row_find(row, id)) {
		(void)re_hprintf(pf, "error: there is no transfer %u\n", id);
		return false;
	}

	return true;
}


static int cmd_info(struct re_printf *pf, void *arg)
{
	struct pl rest = command_params(arg), w;
	struct refer_row row;
	struct odict *od;
	int err;

	if (!info_row(pf, &row, &rest))
		return command_error(pf, ENOENT);

	w = command_word(&rest);
	if (!w.l)
		return row_print_info(pf, &row);

	if (pl_strcasecmp(&w, "json"))
		return command_fail(pf, EINVAL,
				    "usage: /referinfo [id] [json]");

	err = row_odict(&od, &row);
	if (err)
		return err;

	err = re_hprintf(pf, "%H\n", json_encode_odict, od);
	mem_deref(od);

	return err;
}


/* By its address-of-record, with or without "sip:" */
static struct ua *find_account(const struct pl *name)
{
	struct pl aor, bare;
	struct le *le;

	LIST_FOREACH(uag_list(), le) {
		struct ua *ua = le->data;

		pl_set_str(&aor, host_ua_aor(ua));
		bare = aor;
		(void)text_cut(&bare, ':');

		if (!pl_casecmp(name, &aor) || !pl_casecmp(name, &bare))
			return ua;
	}

	return NULL;
}


static int print_policy(struct re_printf *pf)
{
	struct le *le;
	int err;

	err = policy_print(pf, refer);

	LIST_FOREACH(uag_list(), le) {
		err |= policy_print_ua(pf, refer, le->data);
	}

	return err;
}


static int cmd_policy(struct re_printf *pf, void *arg)
{
	struct pl rest = command_params(arg), w = command_word(&rest);
	enum policy policy;
	struct ua *ua;
	int err;

	if (!w.l)
		return print_policy(pf);

	if (!settings_policy(&policy, &w)) {
		err = policy_set(refer, NULL, policy);
		return err | re_hprintf(pf, "refer: policy %s\n",
					settings_policy_name(policy));
	}

	ua = find_account(&w);
	if (!ua)
		return command_fail(pf, ENOENT, "usage: /referpolicy"
				    " [account] [accept|ask|reject]");

	w = command_word(&rest);
	if (w.l && settings_policy(&policy, &w))
		return command_fail(pf, EINVAL,
				    "the policy is accept, ask or reject");

	err = w.l ? policy_set(refer, ua, policy) : 0;

	return err ? err : policy_print_ua(pf, refer, ua);
}


static const struct cmd cmdv[] = {

{"referinfo",     0, CMD_PRM, "Show a transfer [id] [json]", cmd_info   },
{"referlist",     0, CMD_PRM, "List transfers [json]",       cmd_list   },
{"referpolicy",   0, CMD_PRM, "REFER policy [account] [accept|ask|reject]",
							     cmd_policy },
};


/**
 * Register the commands
 *
 * @param r Protocol
 *
 * @return 0 if success, otherwise errorcode
 */
int commands_info_register(struct refer *r)
{
	refer = r;

	return cmd_register(baresip_commands(), cmdv, ARRAY_SIZE(cmdv));
}


/**
 * Unregister the commands
 */
void commands_info_unregister(void)
{
	cmd_unregister(baresip_commands(), cmdv);
	refer = NULL;
}
