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


/* Whether there are more calls than that */
static bool have_calls(uint32_t n)
{
	uint32_t calls = 0;
	struct le *le;

	LIST_FOREACH(uag_list(), le) {
		calls += list_count(ua_calls(le->data));
		if (calls > n)
			return true;
	}

	return false;
}


/* As mod_find() does, without its regular expression: at each event */
static bool have_menu(void)
{
	struct le *le;

	LIST_FOREACH(mod_list(), le) {
		if (!str_casecmp(mod_export(le->data)->name, "menu"))
			return true;
	}

	return false;
}


/* The menu's commands depend on these only; it can be loaded anew */
static bool has_changed(void)
{
	const struct le *mod = list_tail(mod_list());
	const bool incall = have_calls(0);
	const bool menu = have_menu();
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
 * some will see it after us. A call that ends is there until then; it matters
 * if it is the last one.
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

	if ((closed && !have_calls(1)) || commands.again)
		tmr_start(&commands.tmr, 0, tmr_handler, NULL);
}
