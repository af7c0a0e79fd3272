/**
 * @file console.c  The commands of the module: their table, and their place
 *
 * Each command answers with one line, or with a JSON object; "error:" tells
 * why it was not done.
 *
 * Some stand over another module's of the same name: menu.so registers a
 * block of commands with "transfer" while there is a call, and cmd_register()
 * refuses a whole block for one name that is taken. So ours comes after it,
 * without a name, and is named then, in upper case: the look-up ignores the
 * case and begins at the end. It has no description, so that help and TAB
 * show one entry. Ours is gone before the block can come again.
 */
#include <ctype.h>
#include <re.h>
#include "console/command.h"
#include "console/console.h"
#include "core/core.h"
#include "host/host.h"
#include "host/module.h"


#define MENU "menu.so"

enum {
	NAME_SIZE = 16,
};

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
} console;

static void place(void);


/* Whether ours are to stand over the menu's */
static bool takes(void)
{
	return console.refer->set->take_transfer;
}


static int run(command_h *h, struct re_printf *pf, void *arg)
{
	const struct cmd_arg *carg = arg;
	int err;

	err = answer_run(h, console.refer, carg->prm, pf);

	/* it may have read the configuration again */
	if (console.refer && console.take != takes())
		place();

	return err;
}


/* baresip does not tell a handler which command it is called for */
#define HANDLER(name)							\
	static int run_##name(struct re_printf *pf, void *arg)		\
	{								\
		return run(cmd_##name, pf, arg);			\
	}

HANDLER(abort)
HANDLER(accept)
HANDLER(atransfer)
HANDLER(callanswer)
HANDLER(callend)
HANDLER(callhold)
HANDLER(callresume)
HANDLER(cancel)
HANDLER(exec)
HANDLER(info)
HANDLER(ladder)
HANDLER(list)
HANDLER(notify)
HANDLER(policy)
HANDLER(progress)
HANDLER(redirect)
HANDLER(reject)
HANDLER(reload)
HANDLER(send)
HANDLER(start)
HANDLER(stats)
HANDLER(transfer)


static const struct cmd cmdv[] = {

{"atransfer",     0, CMD_PRM, "Attended transfer CALL CALL",
							run_atransfer },
{"callanswer",    0, CMD_PRM, "Answer a call ID|LINE", run_callanswer},
{"callend",       0, CMD_PRM, "End a call ID|LINE",   run_callend  },
{"callhold",      0, CMD_PRM, "Put a call on hold ID|LINE", run_callhold},
{"callresume",    0, CMD_PRM, "Resume a call ID|LINE", run_callresume},
{"referaccept",   0, CMD_PRM, "Accept a REFER [ID] [follow=no] [code=200]",
							run_accept   },
{"refercancel",   0, CMD_PRM, "Stop a transfer [ID]",   run_cancel   },
{"referinfo",     0, CMD_PRM, "Show a transfer [ID] [json]", run_info},
{"referladder",   0, CMD_PRM, "Messages of a transfer [ID] [json]",
							run_ladder   },
{"referlist",     0, CMD_PRM, "List transfers [json]",  run_list     },
{"refernotify",   0, CMD_PRM, "Report on a REFER [ID] CODE [REASON]",
							run_notify   },
{"referpolicy",   0, CMD_PRM, "REFER policy [ACCOUNT] [accept|ask|reject]",
							run_policy   },
{"referprogress", 0, CMD_PRM, "Send 100 Trying to a REFER [ID]",
							run_progress },
{"referredirect", 0, CMD_PRM, "Redirect a REFER [ID] CONTACT ...",
							run_redirect },
{"referreject",   0, CMD_PRM, "Reject a REFER [ID] [CODE] [REASON]",
							run_reject   },
{"referreload",   0, 0,       "Read the configuration again", run_reload },
{"refersend",     0, CMD_PRM, "Send REFER PEER TARGET [sub=no]",
							run_send     },
{"referstats",    0, CMD_PRM, "Counters of transfers [json]", run_stats},
};

/* The menu has the first one on any baresip, the others since 3.x */
static const struct cmd menuv[] = {

{"transfer",       't', CMD_PRM, "Transfer call", run_transfer },
{"atransferabort", 0,   0,       "Give the attended transfer up", run_abort },
{"atransferexec",  0,   0,       "Join the call and the target",  run_exec  },
{"atransferstart", 'T', CMD_PRM, "Hold the call, and call TARGET",
							run_start    },
};

/** One of these */
struct shadow {
	const struct cmd *own;
	struct cmd cmd;             /**< As the core knows it now   */
	char upper[NAME_SIZE];      /**< Its name in upper case     */
	const struct cmd *below;    /**< The menu's, if it is there */
	bool registered;
};

static struct shadow shadowv[ARRAY_SIZE(menuv)];


/* Its own name, that in upper case, or none */
static void shadow_name(struct shadow *sh, const char *name)
{
	sh->cmd      = *sh->own;
	sh->cmd.name = name;
	sh->cmd.key  = name ? sh->own->key : 0;
	sh->cmd.desc = name == sh->own->name ? sh->own->desc : NULL;
}


static void shadow_init(struct shadow *sh, const struct cmd *own)
{
	size_t i;

	sh->own = own;
	for (i=0; i<NAME_SIZE - 1 && own->name[i]; ++i)
		sh->upper[i] = (char)toupper((unsigned char)own->name[i]);
}


static int shadow_register(struct shadow *sh)
{
	int err;

	err = cmd_register(baresip_commands(), &sh->cmd, 1);
	if (err)
		warning("refer: /%s could not be registered: %m\n",
			sh->own->name, err);
	else
		sh->registered = true;

	return err;
}


static void shadow_close(struct shadow *sh)
{
	if (sh->registered)
		cmd_unregister(baresip_commands(), &sh->cmd);

	sh->registered = false;
	sh->below      = NULL;
}


/* Look past ours */
static const struct cmd *find_below(struct shadow *sh)
{
	const struct cmd save = sh->cmd;
	const struct cmd *cmd;

	shadow_name(sh, NULL);
	cmd = cmd_find_long(baresip_commands(), sh->own->name);
	sh->cmd = save;

	return cmd;
}


/* Put a command where it belongs now: over the menu's, unless that is to be
   left alone */
static void shadow_update(struct shadow *sh, bool take)
{
	const struct cmd *below = find_below(sh);

	if (sh->registered && below && below == sh->below && take)
		return;

	if (sh->registered && !below && !sh->below && !mod_find(MENU))
		return;

	shadow_close(sh);

	if (below && take) {
		shadow_name(sh, NULL);
		(void)shadow_register(sh);
		shadow_name(sh, sh->upper);
		sh->below = below;
	}
	else if (!below && !mod_find(MENU)) {
		shadow_name(sh, sh->own->name);
		(void)shadow_register(sh);
	}
}


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
	const bool changed = mod != console.mod || me != console.me ||
		n != console.modc;

	console.mod  = mod;
	console.me   = me;
	console.modc = n;

	return changed;
}


/* The menu's commands depend on these only; it can be loaded anew */
static bool has_changed(void)
{
	const bool incall = have_calls(0), mods = mods_changed();
	const bool take = takes();
	const bool changed = incall != console.incall || mods ||
		take != console.take;

	console.incall = incall;
	console.take   = take;
	if (mods)
		console.menu = mod_find(MENU) != NULL;

	return changed;
}


/*
 * Without a call the menu's can go at any event, its own or ours, and come
 * back at any other: ours must not be in the way then.
 */
static void update(void)
{
	const bool take = takes();
	size_t i;

	console.early = false;

	for (i=0; i<shadow_count(); ++i) {

		struct shadow *sh = &shadowv[i];

		if (console.menu && !console.incall)
			shadow_close(sh);
		else
			shadow_update(sh, take);

		if (console.menu && console.incall && take && !sh->registered)
			console.early = true;
	}
}


static void tmr_handler(void *arg)
{
	(void)arg;

	if (has_changed() || console.again)
		update();

	console.again = false;
}


/*
 * Put the commands in their place: once now and once when all have seen the
 * event. Some saw it before us, some will see it after us.
 */
static void place(void)
{
	if (has_changed() || console.early) {
		console.again = true;
		update();
	}

	if (console.again)
		tmr_start(&console.tmr, 0, tmr_handler, NULL);
}


/* A call that ends is there until all have seen it; it matters if it is the
   last one */
static void event_handler(enum bevent_ev ev, struct bevent *event, void *arg)
{
	(void)event;
	(void)arg;

	if (!host_menu_changes(ev))
		return;

	place();
	if (ev == BEVENT_CALL_CLOSED && !have_calls(1))
		tmr_start(&console.tmr, 0, tmr_handler, NULL);
}


int console_register(struct refer *refer)
{
	size_t i;
	int err;

	console.refer = refer;
	tmr_init(&console.tmr);
	for (i=0; i<ARRAY_SIZE(menuv); ++i)
		shadow_init(&shadowv[i], &menuv[i]);

	(void)has_changed();
	update();

	err = cmd_register(baresip_commands(), cmdv, ARRAY_SIZE(cmdv));
	for (i=shadow_count(); i<ARRAY_SIZE(shadowv); ++i) {
		shadow_name(&shadowv[i], menuv[i].name);
		shadowv[i].cmd.key = 0;
		err |= shadow_register(&shadowv[i]);
	}

	return err | bevent_register(event_handler, NULL);
}


void console_unregister(void)
{
	size_t i;

	if (!console.refer)
		return;

	bevent_unregister(event_handler);
	tmr_cancel(&console.tmr);
	for (i=0; i<ARRAY_SIZE(shadowv); ++i)
		shadow_close(&shadowv[i]);
	cmd_unregister(baresip_commands(), cmdv);
	console.refer = NULL;
}
