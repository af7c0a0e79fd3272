/**
 * @file command.h  What the commands share
 */
#ifndef REFER_COMMAND_H
#define REFER_COMMAND_H

#include "core/event.h"

struct call;
struct refer;
struct refer_client_opts;
struct refer_server;
struct ua;

/** A command while it runs, and its answer: text, and keys for programs */
struct command {
	struct refer *refer;
	struct pl rest;            /**< Parameters still to read         */
	struct re_printf *pf;      /**< Where the text goes              */
	struct odict *od;          /**< Keys and values                  */
	uint32_t id;               /**< Transfer that it is about, or 0  */
	char *error;               /**< Why it was not done, or NULL     */
};

/**
 * Carries a command out, and fills its answer; knows nothing of its form
 *
 * A text without keys is given to programs as an array of its lines.
 *
 * @param cmd Command
 *
 * @return 0 if success, otherwise the errorcode of command_fail()
 */
typedef int (command_h)(struct command *cmd);

/* All of them, for the table in console.c */
command_h cmd_abort, cmd_accept, cmd_atransfer, cmd_callanswer, cmd_callend,
	cmd_callhold, cmd_callresume, cmd_cancel, cmd_exec, cmd_info,
	cmd_ladder, cmd_list, cmd_notify, cmd_policy, cmd_progress,
	cmd_redirect, cmd_reject, cmd_reload, cmd_send, cmd_start, cmd_stats,
	cmd_transfer;


/* Parameters: each function cuts off what it has read */

bool command_word(struct pl *w, struct pl *rest);
bool command_number(uint32_t *num, struct pl *rest);
bool command_whole_word(struct pl *w, struct pl *rest);
void command_unquote(struct pl *val);
void command_target(struct pl *target, struct pl *rest);
bool command_is_option(const struct pl *pl);


/* What they mean; these say so if there is no such thing, or no only one */

struct refer_server *command_server(struct command *cmd);
int  command_code(struct command *cmd, uint16_t *code, const struct pl *text,
		  uint32_t first, uint32_t last);
struct ua *command_account(const struct pl *name);
struct call *command_call(struct command *cmd, const struct pl *id);
int  command_uri(struct command *cmd, char **urip, const struct pl *text,
		 const struct ua *ua);
int  command_only(struct command *cmd, struct refer_transfer *row,
		  unsigned can);
int  command_row(struct command *cmd, struct refer_transfer *row,
		 unsigned can);
int  command_row_alone(struct command *cmd, struct refer_transfer *row,
		       const char *name);


/* Answers */

/** What an error means; a table ends with 0: any other, NULL: its own text */
struct command_error {
	int err;
	const char *text;
};

int  answer_run(command_h *h, struct refer *refer, const char *prm,
		struct re_printf *pf);
int  command_fail(struct command *cmd, int err, const char *fmt, ...);
int  command_explain(struct command *cmd, int err,
		     const struct command_error *errv);
int  command_done(struct command *cmd, uint32_t id, const char *fmt, ...);
int  command_result(struct command *cmd, int err, uint32_t id,
		    const char *done);


/* Options of a transfer (options.c) */

/** Which of them a command has */
enum option_set {
	OPTION_CALL    = 1 << 0,
	OPTION_SUB     = 1 << 1,
	OPTION_HOLD    = 1 << 2,
	OPTION_AFTER   = 1 << 3,
	OPTION_TIMEOUT = 1 << 4,
	OPTION_ALL     = (1 << 5) - 1,
};

struct options;

int  options_alloc(struct options **op, struct command *cmd, unsigned set);
int  options_decode(struct options *o);
int  options_decode_call(struct options *o);
bool options_name_call(const struct options *o);
struct call *options_call(struct options *o);
const struct refer_client_opts *options_refer(struct options *o);

#endif
