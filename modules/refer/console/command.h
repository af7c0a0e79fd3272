/**
 * @file command.h  What the commands share
 */
#ifndef REFER_COMMAND_H
#define REFER_COMMAND_H

#include "core/event.h"

struct call;
struct refer;
struct ua;

/** A command while it runs */
struct command {
	struct refer *refer;
	struct re_printf *pf;      /**< Where its answer goes    */
	struct pl rest;            /**< Parameters still to read */
};

/**
 * Carries a command out, and answers with one line, or with what it shows
 *
 * @param cmd Command
 *
 * @return 0 if success; with an error the answer begins with "error:"
 */
typedef int (command_h)(struct command *cmd);

/* All of them, for the table in console.c */
command_h cmd_abort, cmd_accept, cmd_atransfer, cmd_cancel, cmd_exec, cmd_info,
	cmd_list, cmd_notify, cmd_policy, cmd_progress, cmd_redirect,
	cmd_reject, cmd_reload, cmd_send, cmd_start, cmd_transfer;


/* Parameters: each function cuts off what it has read */

bool command_word(struct pl *w, struct pl *rest);
bool command_number(uint32_t *num, struct pl *rest);
bool command_whole_word(struct pl *w, struct pl *rest);
void command_target(struct pl *target, struct pl *rest);
bool command_is_option(const struct pl *pl);


/* Transfers under way */

int  rows_apply(const struct refer *refer, row_h *h, void *arg);
bool rows_find(struct refer_row *row, const struct refer *refer, uint32_t id);


/* What they mean; these say so if there is no such thing, or no only one */

struct call *command_call(const struct command *cmd, const struct pl *id);
int  command_uri(const struct command *cmd, char **urip, const struct pl *text,
		 const struct ua *ua);
int  command_only(const struct command *cmd, struct refer_row *row,
		  unsigned can);
int  command_row(struct command *cmd, struct refer_row *row, unsigned can);


/* Answers */

/** What an error means; a table ends with 0: any other, NULL: its own text */
struct command_error {
	int err;
	const char *text;
};

int  answer_run(command_h *h, struct command *cmd, struct re_printf *pf);
int  command_fail(const struct command *cmd, int err, const char *fmt, ...);
int  command_explain(const struct command *cmd, int err,
		     const struct command_error *errv);
int  command_result(const struct command *cmd, int err, uint32_t id,
		    const char *done);

#endif
