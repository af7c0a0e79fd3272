/**
 * @file command.c  What the commands share: their parameters, which transfer
 * they mean, and their one line of answer
 */
#include <string.h>
#include <re.h>
#include "host/compat.h"
#include "admission/wildcard.h"
#include "console/command.h"
#include "core/core.h"
#include "core/row.h"
#include "referee/referee.h"
#include "syntax/text.h"


/** What command_only() looks for, and has found */
struct choice {
	struct re_printf *pf;
	struct refer_row *row;
	unsigned can;
	unsigned n;
};


/**
 * Answer with an error
 *
 * @param pf   Print function
 * @param err  Error code
 * @param text Why, one line
 *
 * @return As command_error()
 */
int command_fail(struct re_printf *pf, int err, const char *text)
{
	(void)re_hprintf(pf, "error: %s\n", text);

	return command_error(pf, err);
}


/**
 * Get the parameters of a command
 *
 * @param arg Argument of the command's handler
 *
 * @return Parameters, maybe empty
 */
struct pl command_params(const void *arg)
{
	const struct cmd_arg *carg = arg;
	struct pl pl;

	pl_set_str(&pl, carg->prm ? carg->prm : "");

	return pl;
}


/**
 * Cut off the next word, or what stands in quotes
 *
 * @param rest Parameters, what is left of them on return
 *
 * @return Word, empty at the end
 */
struct pl command_word(struct pl *rest)
{
	*rest = text_trim(rest);

	if (!rest->l || *rest->p != '"')
		return text_cut(rest, ' ');

	pl_advance(rest, 1);

	return text_cut(rest, '"');
}


static int print_handler(const struct refer_row *row, void *arg)
{
	const struct choice *c = arg;

	return row->can & c->can || !c->can ?
		re_hprintf(c->pf, " %u", row->id) : 0;
}


static int choose_handler(const struct refer_row *row, void *arg)
{
	struct choice *c = arg;

	if (row->can & c->can || !c->can) {
		*c->row = *row;
		++c->n;
	}

	return 0;
}


static void print_no_choice(struct re_printf *pf, unsigned can, bool several)
{
	const char *text;

	switch (can) {

	case CAN_DECIDE:
		text = several ? "several REFERs wait" : "no REFER waits";
		break;

	case CAN_REPORT:
		text = several ? "several REFERs wait for a report"
			       : "no REFER waits for a report";
		break;

	case CAN_CANCEL:
		text = several ? "several transfers are under way"
			       : "no transfer is under way";
		break;

	default:
		text = several ? "several transfers" : "no transfers";
		break;
	}

	(void)re_hprintf(pf, "error: %s", text);
}


/**
 * Find the only transfer that a command can mean; if there is none or there
 * are several, say so
 *
 * @param row   Set on return
 * @param refer Protocol
 * @param pf    Print function
 * @param can   What the command does, of enum row_can; 0 for anything
 *
 * @return True if there is exactly one
 */
bool command_only(struct refer_row *row, const struct refer *refer,
		  struct re_printf *pf, unsigned can)
{
	struct choice c = {pf, row, can, 0};

	(void)rows_apply(refer, choose_handler, &c);
	if (c.n == 1)
		return true;

	print_no_choice(pf, can, c.n > 1);
	if (c.n > 1) {
		(void)re_hprintf(pf, ":");
		(void)rows_apply(refer, print_handler, &c);
		(void)re_hprintf(pf, "; which one?");
	}
	(void)re_hprintf(pf, "\n");

	return false;
}


static struct refer_server *find_only(const struct refer *refer,
				      struct re_printf *pf)
{
	struct refer_row row = {.id = 0};

	return command_only(&row, refer, pf, CAN_DECIDE) ?
		server_find(refer, row.id) : NULL;
}


/**
 * Find the REFER that a command means; if there is none, say so
 *
 * @param refer        Protocol
 * @param pf           Print function
 * @param rest         Parameters; a number of a REFER is cut off
 * @param code_follows A first number that is no REFER's may be a status code
 *
 * @return Server context, or NULL
 */
struct refer_server *command_server(const struct refer *refer,
				    struct re_printf *pf, struct pl *rest,
				    bool code_follows)
{
	struct pl after = *rest, w = command_word(&after), next = after;
	struct refer_server *srv;
	uint32_t id;

	if (!text_number(&id, &w))
		return find_only(refer, pf);

	srv = server_find(refer, id);
	if (srv) {
		*rest = after;
		return srv;
	}

	w = command_word(&next);
	if (code_follows && id >= 100 && !text_number(&(uint32_t){0}, &w))
		return find_only(refer, pf);

	(void)re_hprintf(pf, "error: there is no REFER %u\n", id);

	return NULL;
}


/**
 * Answer a command that was tried
 *
 * @param pf   Print function
 * @param err  What it returned
 * @param id   Number of the transfer
 * @param done What was done
 *
 * @return As command_error(), or what printing returned
 */
int command_result(struct re_printf *pf, int err, uint32_t id,
		   const char *done)
{
	switch (err) {

	case 0:
		return re_hprintf(pf, "refer: #%u %s\n", id, done);

	case EPROTO:
		return command_fail(pf, err, "not in this state, see"
				    " /referlist");

	case EALREADY:
		return command_fail(pf, err, "that was done before");

	case EINVAL:
		return command_fail(pf, err, "wrong argument, see /help");

	case EPERM:
		return command_fail(pf, err, "the target is not allowed any"
				    " more, see /referpolicy");

	default:
		(void)re_hprintf(pf, "error: %m\n", err);
		return command_error(pf, err);
	}
}
