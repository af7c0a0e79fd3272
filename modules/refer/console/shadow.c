/**
 * @file shadow.c  A command that stands over another module's
 *
 * menu.so registers a block of commands with "transfer" while there is a
 * call, and cmd_register() refuses a whole block for one name that is taken.
 * So ours comes after it, without a name, and is named then, in upper case:
 * the look-up ignores the case and begins at the end. It has no description,
 * so that help and TAB show one entry. Ours is gone before the block can
 * come again.
 */
#include <re.h>
#include "host/module.h"
#include "console/shadow.h"
#include "host/host.h"


static void set_name(struct shadow *sh, const char *name, char key,
		     const char *desc)
{
	sh->cmd.name = name;
	sh->cmd.key  = key;
	sh->cmd.desc = desc;
}


static void unregister(struct shadow *sh)
{
	if (sh->registered)
		cmd_unregister(baresip_commands(), &sh->cmd);

	sh->registered = false;
	sh->below      = NULL;
}


static void registr(struct shadow *sh)
{
	int err;

	err = cmd_register(baresip_commands(), &sh->cmd, 1);
	if (err)
		warning("refer: /%s could not be registered: %m\n", sh->name,
			err);
	else
		sh->registered = true;
}


/* Look past ours */
static const struct cmd *find_below(struct shadow *sh)
{
	const struct cmd save = sh->cmd;
	const struct cmd *cmd;

	set_name(sh, NULL, 0, NULL);
	cmd = cmd_find_long(baresip_commands(), sh->name);
	sh->cmd = save;

	return cmd;
}


/**
 * Put the command where it belongs now
 *
 * @param sh   Command
 * @param take True to stand over the other one, false to leave it alone
 */
void shadow_update(struct shadow *sh, bool take)
{
	const struct cmd *below = find_below(sh);

	if (sh->registered && below && below == sh->below && take)
		return;

	if (sh->registered && !below && !sh->below && !mod_find(sh->rival))
		return;

	unregister(sh);

	if (below && take) {
		set_name(sh, NULL, 0, NULL);
		registr(sh);
		set_name(sh, sh->upper, sh->key, NULL);
		sh->below = below;
	}
	else if (!below && !mod_find(sh->rival)) {
		set_name(sh, sh->name, sh->key, sh->desc);
		registr(sh);
	}
}


/**
 * Take the command away
 *
 * @param sh Command
 */
void shadow_close(struct shadow *sh)
{
	unregister(sh);
}
