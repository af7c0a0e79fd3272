/**
 * @file client_calls.c  What can be done with an outgoing REFER, and asked of
 * it (seed: ReferClientContext)
 */
#include <re.h>
#include "host/libre.h"
#include "core/call_watch.h"
#include "core/core.h"
#include "core/event.h"
#include "core/row.h"
#include "host/host.h"
#include "refer.h"
#include "referee/opts.h"
#include "referrer/client.h"
#include "referrer/referrer.h"
#include "referrer/subscriber.h"
#include "syntax/header.h"


/* Reserved in other messages, an application's matter in a REFER */
static bool is_free(const char *line)
{
	static const char *const namev[] = {
		"Referred-By", "b", "Require", "Refer-Sub",
	};
	struct pl name;
	size_t i;

	if (!opts_line_valid(line) ||
	    re_regex(line, str_len(line), "[^: \t]+[ \t]*:", &name, NULL) ||
	    name.p != line)
		return false;

	for (i=0; i<ARRAY_SIZE(namev); ++i) {
		if (!pl_strcasecmp(&name, namev[i]))
			return true;
	}

	return false;
}


static bool lines_valid(const char *const *hdrv)
{
	for (; hdrv && *hdrv; ++hdrv) {
		const char *const one[] = {*hdrv, NULL};

		if (!is_free(*hdrv) && !header_lines_valid(one))
			return false;
	}

	return true;
}


/* Of these a request has one */
static bool single_valid(const char *const *hdrv, bool nosub)
{
	unsigned byc = 0, subc = nosub;

	for (; hdrv && *hdrv; ++hdrv) {
		byc  += header_line_is(*hdrv, "Referred-By") ||
			header_line_is(*hdrv, "b");
		subc += header_line_is(*hdrv, "Refer-Sub");
	}

	return byc <= 1 && subc <= 1;
}


static int print_headers(struct re_printf *pf, const char *const *hdrv)
{
	int err = 0;

	for (; hdrv && *hdrv; ++hdrv)
		err |= re_hprintf(pf, "%s\r\n", *hdrv);

	return err;
}


/* The REFER may go out later: nothing of the application's is kept */
static int set_opts(struct refer_client *c,
		    const struct refer_client_opts *opts)
{
	const struct refer_opts body = {
		.ctype = opts->ctype,
		.body  = opts->body,
	};
	char *hdrs = NULL, *content = NULL;
	struct answer ans;
	int err;

	if (opts_answer(&ans, &body, 200, 200, 299) ||
	    !lines_valid(opts->hdrv) ||
	    !single_valid(opts->hdrv, opts->nosub))
		return EINVAL;

	err  = re_sdprintf(&hdrs, "%H", print_headers, opts->hdrv);
	err |= re_sdprintf(&content, "%H", opts_print, &ans);
	if (err) {
		mem_deref(hdrs);
		mem_deref(content);
		return err;
	}

	mem_deref(c->hdrs);
	mem_deref(c->content);
	c->hdrs     = hdrs;
	c->content  = content;
	c->nosub    = opts->nosub;
	c->resph    = opts->resph;
	c->resp_arg = opts->arg;

	return 0;
}


static int check(struct refer_client *c)
{
	if (client_open(c) || c->ending)
		return EALREADY;

	if (!c->refer || c->refer->closed || !host_ua_alive(c->ua))
		return ENOENT;

	if (c->outside)
		return 0;

	if (!refer_client_call(c))
		return ENOENT;

	if (consult_has(c->refer, c))
		return EALREADY;

	return host_call_established(c->watch.call) ? 0 : EPROTO;
}


/**
 * Send the REFER (seed: refer)
 *
 * Puts the call on hold first, unless it is or refer_hold says no. Returns at
 * once; how it goes on is told by events, the last is "referEnded". From here
 * on to that the protocol holds a reference. From that event on it may be
 * called again: the REFER has a new number then.
 *
 * @param c    Client context
 * @param opts How, or NULL; nothing of it is kept
 *
 * @return 0 if success, EALREADY while one is under way, or an attended
 *         transfer of the call, ENOENT if the call, the user agent or the
 *         module is gone, EPROTO if the call is not established, EINVAL if
 *         opts are wrong, otherwise errorcode
 */
int refer_client_refer(struct refer_client *c,
		       const struct refer_client_opts *opts)
{
	static const struct refer_client_opts dflt;
	struct refer *refer;
	int err;

	if (!c)
		return EINVAL;

	err = check(c);
	if (err)
		return err;

	err = set_opts(c, opts ? opts : &dflt);
	if (err)
		return err;

	refer = c->refer;

	c->id        = ++refer->id;
	c->ts        = tmr_jiffies();
	c->reduced   = false;
	c->redirects = 0;
	c->redirect  = mem_deref(c->redirect);

	err = client_start(c);
	if (err)
		return err;

	mem_ref(c);
	list_unlink(&c->le);
	list_append(&refer->clientl, &c->le, c);

	return 0;
}


/**
 * Give a REFER up: the subscription is ended, the call resumed
 *
 * The other side may execute it even so (RFC 3515 section 2.4.4).
 *
 * @param c Client context
 *
 * @return 0 if success, EPROTO if none is under way
 */
int refer_client_dispose(struct refer_client *c)
{
	if (!c)
		return EINVAL;

	if (!client_open(c))
		return EPROTO;

	if (c->state == REFER_CLIENT_ACCEPTED)
		subscriber_unsubscribe(c->sub);

	client_close(c, "given up");

	return 0;
}


/**
 * Set the handler of events; it can be replaced at any time
 *
 * @param c      Client context
 * @param eventh Handler, or NULL
 * @param arg    Handler argument
 */
void refer_client_set_handler(struct refer_client *c,
			      refer_event_h *eventh, void *arg)
{
	if (!c)
		return;

	c->eventh = eventh;
	c->arg    = arg;
}


/**
 * Set data of an application
 *
 * @param c    Client context
 * @param data Data; nothing is done with it
 */
void refer_client_set_data(struct refer_client *c, void *data)
{
	if (c)
		c->data = data;
}


/**
 * Get data of an application
 *
 * @param c Client context
 *
 * @return As it was set, or NULL
 */
void *refer_client_data(const struct refer_client *c)
{
	return c ? c->data : NULL;
}


/**
 * Get the number of a REFER, as commands and events use it
 *
 * @param c Client context
 *
 * @return Number, from 1; 0 before it is sent
 */
uint32_t refer_client_id(const struct refer_client *c)
{
	return c ? c->id : 0;
}


/**
 * Get the state of a REFER
 *
 * @param c Client context
 *
 * @return State
 */
enum refer_client_state refer_client_state(const struct refer_client *c)
{
	return c ? c->state : REFER_CLIENT_IDLE;
}


/**
 * Get the name of a state
 *
 * @param state State
 *
 * @return Name
 */
const char *refer_client_state_name(enum refer_client_state state)
{
	switch (state) {

	case REFER_CLIENT_IDLE:       return "IDLE";
	case REFER_CLIENT_HOLDING:    return "HOLDING";
	case REFER_CLIENT_SENT:       return "SENT";
	case REFER_CLIENT_ACCEPTED:   return "ACCEPTED";
	case REFER_CLIENT_TERMINATED: return "TERMINATED";
	default:                      return "???";
	}
}


/**
 * Get the user agent that refers
 *
 * @param c Client context
 *
 * @return User agent, or NULL once it is gone
 */
struct ua *refer_client_ua(const struct refer_client *c)
{
	return c && host_ua_alive(c->ua) ? c->ua : NULL;
}


/**
 * Get the call that is transferred
 *
 * @param c Client context
 *
 * @return Call, or NULL if there is none, or none any more
 */
struct call *refer_client_call(const struct refer_client *c)
{
	return c && call_alive(&c->watch) ? c->watch.call : NULL;
}


/**
 * Get the target
 *
 * @param c Client context
 *
 * @return URI
 */
const char *refer_client_target(const struct refer_client *c)
{
	return c ? c->target : NULL;
}


/**
 * Get the last response to the REFER
 *
 * @param c      Client context
 * @param reason Set to its reason phrase, or NULL; may itself be NULL
 *
 * @return Status code, or 0 if there was none yet
 */
uint16_t refer_client_response(const struct refer_client *c,
			       const char **reason)
{
	if (reason)
		*reason = c ? c->reason : NULL;

	return c ? c->scode : 0;
}


/**
 * Find an outgoing REFER that is under way by its number
 *
 * @param refer Protocol
 * @param id    Number
 *
 * @return Client context, or NULL
 */
struct refer_client *client_find(const struct refer *refer, uint32_t id)
{
	struct le *le;

	LIST_FOREACH(&refer->clientl, le) {
		struct refer_client *c = le->data;

		if (c->id == id)
			return c;
	}

	return NULL;
}


/**
 * Get what is shown of an outgoing REFER
 *
 * @param row Set on return; points into the context
 * @param c   Client context
 */
void client_row(struct refer_row *row, const struct refer_client *c)
{
	*row = (struct refer_row){
		.id      = c->id,
		.can     = CAN_CANCEL,
		.role    = REFER_ROLE_CLIENT,
		.state   = refer_client_state_name(c->state),
		.ts      = c->ts,
		.account = c->aor,
		.peer    = {c->peer, str_len(c->peer)},
		.target  = c->target,
		.scode   = c->last,
		.callid  = c->watch.callid,
	};
}
