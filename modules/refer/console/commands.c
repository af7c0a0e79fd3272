/**
 * @file commands.c  The commands of the module: where they stand
 *
 * /transfer stands over the menu's of the same name. Each command answers
 * with one line; one that begins with "error:" tells why it was not done.
 */
#include <re.h>
#include "host/compat.h"
#include "admission/wildcard.h"
#include "console/commands.h"
#include "console/shadow.h"
#include "core/core.h"
#include "host/host_baresip.h"


#define MENU "menu.so"

static struct {
	struct refer *refer;
	struct tmr tmr;
	bool incall;           /**< There was a call at the last look */
	bool menu;             /**< The menu was loaded then          */
	bool take;             /**< Ours stood over the menu's then   */
	const struct le *mod;  /**< The youngest module then,         */
	const struct mod_export *me; /**< what it exports,            */
	uint32_t modc;         /**< and how many there were           */
	bool again;            /**< Look again when all have seen it  */
	bool early;            /**< The menu's are still to come      */
} commands;


/* The first one on any baresip, the others where the menu has them too */
static struct shadow shadowv[] = {
	{
		.cmd   = {NULL, 0, CMD_PRM, NULL, commands_transfer},
		.name  = "transfer",
		.upper = "TRANSFER",
		.key   = 't',
		.desc  = "Transfer call",
		.rival = MENU,
	},
	{
		.cmd   = {NULL, 0, CMD_PRM, NULL, commands_start},
		.name  = "atransferstart",
		.upper = "ATRANSFERSTART",
		.key   = 'T',
		.desc  = "Hold the call, and call <target>",
		.rival = MENU,
	},
	{
		.cmd   = {NULL, 0, 0, NULL, commands_exec},
		.name  = "atransferexec",
		.upper = "ATRANSFEREXEC",
		.desc  = "Join the call and the target",
		.rival = MENU,
	},
	{
		.cmd   = {NULL, 0, 0, NULL, commands_abort},
		.name  = "atransferabort",
		.upper = "ATRANSFERABORT",
		.desc  = "Give the attended transfer up",
		.rival = MENU,
	},
};


static size_t shadow_count(void)
{
	return host_menu_attends() ? ARRAY_SIZE(shadowv) : 1;
}


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


/* Each one that is loaded becomes the youngest */
static bool mods_changed(void)
{
	const struct le *mod = list_tail(mod_list());
	const struct mod_export *me = mod ? mod_export(mod->data) : NULL;
	const uint32_t n = list_count(mod_list());
	const bool changed = mod != commands.mod || me != commands.me ||
		n != commands.modc;

	commands.mod  = mod;
	commands.me   = me;
	commands.modc = n;

	return changed;
}


/* The menu's commands depend on these only; it can be loaded anew */
static bool has_changed(void)
{
	const bool incall = have_calls(0), mods = mods_changed();
	const bool take = commands.refer->set->take_transfer;
	const bool changed = incall != commands.incall || mods ||
		take != commands.take;

	commands.incall = incall;
	commands.take   = take;
	if (mods)
		commands.menu = mod_find(MENU) != NULL;

	return changed;
}


/*
 * Without a call the menu's can go at any event, its own or ours, and come
 * back at any other: ours must not be in the way then.
 */
static void update(void)
{
	const bool take = commands.refer->set->take_transfer;
	size_t i;

	commands.early = false;

	for (i=0; i<shadow_count(); ++i) {

		struct shadow *sh = &shadowv[i];

		if (commands.menu && !commands.incall)
			shadow_close(sh);
		else
			shadow_update(sh, take);

		if (commands.menu && commands.incall && take &&
		    !sh->registered)
			commands.early = true;
	}
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
	size_t i;

	if (!commands.refer)
		return;

	tmr_cancel(&commands.tmr);
	for (i=0; i<shadow_count(); ++i)
		shadow_close(&shadowv[i]);
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

	if (has_changed() || commands.early) {
		commands.again = true;
		update();
	}

	if ((closed && !have_calls(1)) || commands.again)
		tmr_start(&commands.tmr, 0, tmr_handler, NULL);
}
