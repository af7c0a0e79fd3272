/**
 * @file command.c  What the commands share: their parameters, which REFER
 * they mean, and their one line of answer
 */
#include <string.h>
#include <re.h>
#include "compat/compat.h"
#include "core.h"
#include "command.h"
#include "server.h"
#include "text.h"


static int probe(struct re_printf *pf, re_vprintf_h **vphp)
{
	*vphp = pf->vph;

	return 0;
}


/**
 * Tell the channel of a command that it failed, if that does no harm
 *
 * httpd prints the answer with mbuf_printf("%H"), which an error ends: it
 * would never reply. Its print function is known by the one of mbuf_printf().
 *
 * @param pf  Print function of the command
 * @param err Error code
 *
 * @return The error code, 0 where it would swallow the answer
 */
int command_error(const struct re_printf *pf, int err)
{
	re_vprintf_h *vph = NULL;
	struct mbuf *mb;

	mb = mbuf_alloc(8);
	if (!mb)
		return err;

	(void)mbuf_printf(mb, "%H", probe, &vph);
	mem_deref(mb);

	return pf->vph == vph ? 0 : err;
}


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


static int print_open(struct re_printf *pf, const struct refer *refer)
{
	struct le *le;
	int err = 0;

	LIST_FOREACH(&refer->serverl, le) {
		const struct refer_server *srv = le->data;

		if (server_is_open(srv->state))
			err |= re_hprintf(pf, " %u", srv->id);
	}

	return err;
}


static struct refer_server *find_only(const struct refer *refer,
				      struct re_printf *pf)
{
	struct refer_server *found = NULL;
	struct le *le;

	LIST_FOREACH(&refer->serverl, le) {
		struct refer_server *srv = le->data;

		if (!server_is_open(srv->state))
			continue;

		if (found) {
			(void)re_hprintf(pf, "error: several REFERs wait:%H;"
					 " which one?\n", print_open, refer);
			return NULL;
		}

		found = srv;
	}

	if (!found)
		(void)command_fail(pf, 0, "no REFER waits");

	return found;
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

	default:
		(void)re_hprintf(pf, "error: %m\n", err);
		return command_error(pf, err);
	}
}
