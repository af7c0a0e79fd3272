/**
 * @file commands.c  The commands of the module: where they stand
 *
 * /transfer stands over the menu's of the same name. Each command answers
 * with one line; one that begins with "error:" tells why it was not done.
 */
#include <re.h>
#include "compat/compat.h"
#include "core.h"
#include "commands.h"
#include "shadow.h"


static struct {
	struct refer *refer;
	struct tmr tmr;
	bool incall;           /**< There was a call at the last look */
	bool menu;             /**< The menu was loaded then          */
	const struct le *mod;  /**< The youngest module then          */
	bool again;            /**< Look again when all have seen it  */
} commands;


static struct shadow transfer_cmd = {
	.cmd   = {NULL, 0, CMD_PRM, NULL, commands_transfer},
	.name  = "transfer",
	.upper = "TRANSFER",
	.key   = 't',
	.desc  = "Transfer call",
	.rival = "menu.so",
};


static bool have_calls(void)
{
	struct le *le;

	LIST_FOREACH(uag_list(), le) {
		if (list_head(ua_calls(le->data)))
			return true;
	}

	return false;
}


/* The menu's commands depend on these only; it can be loaded anew */
static bool has_changed(void)
{
	const struct le *mod = list_tail(mod_list());
	const bool incall = have_calls();
	const bool menu = mod_find(transfer_cmd.rival) != NULL;
	const bool changed = incall != commands.incall ||
		menu != commands.menu || mod != commands.mod;

	commands.incall = incall;
	commands.menu   = menu;
	commands.mod    = mod;

	return changed;
}


/*
 * Without a call the menu's can go at any event, its own or ours, and come
 * back at any other: ours must not be in the way then.
 */
static void update(void)
{
	if (commands.menu && !commands.incall)
		shadow_close(&transfer_cmd);
	else
		shadow_update(&transfer_cmd,
			      commands.refer->set.take_transfer);
}


static void tmr_handler(void *arg)
{
	(void)arg;

	if (has_changed() || commands.again)
		update();

	commands.again = false;
}


/**
 * Register the commands
 *
 * @param refer Protocol
 *
 * @return 0 if success, otherwise errorcode
 */
int commands_register(struct refer *refer)
{
	commands.refer = refer;
	tmr_init(&commands.tmr);
	(void)has_changed();
	update();

	return commands_referrer_register(refer) |
		commands_referee_register(refer) |
		commands_attended_register(refer) |
		commands_info_register(refer);
}


/**
 * Unregister the commands
 */
void commands_unregister(void)
{
	if (!commands.refer)
		return;

	tmr_cancel(&commands.tmr);
	shadow_close(&transfer_cmd);
	commands_referrer_unregister();
	commands_referee_unregister();
	commands_attended_unregister();
	commands_info_unregister();
	commands.refer = NULL;
}


/**
 * Put the commands in their place, at each event that can bring or take away
 * those of other modules
 *
 * Once now and once when all have seen the event: some saw it before us,
 * some will see it after us. A call that ends is there until then.
 *
 * @param closed True if a call ends
 */
void commands_update(bool closed)
{
	if (!commands.refer)
		return;

	if (has_changed()) {
		commands.again = true;
		update();
	}

	if (closed || commands.again)
		tmr_start(&commands.tmr, 0, tmr_handler, NULL);
}
