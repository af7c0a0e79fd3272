/**
 * @file ctrl.c  Client of baresip's ctrl_tcp module
 *
 * Sends commands as JSON in netstrings, and collects the responses and the
 * events that come back.
 */
#define _GNU_SOURCE 1
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include "wire.h"
#include "harness.h"


enum {
	NUM_MAX = 12,   /**< Length of a netstring's number and colon */
};

/** Connection to a ctrl_tcp module */
struct ctrl {
	struct tcp_conn *tc;
	struct mbuf *mb;      /**< Received, not handled yet      */
	struct list eventl;   /**< All events                     */
	struct odict *resp;   /**< Response to the last command   */
	const char *raw;      /**< The same, as it came           */
	const char *token;    /**< Token of the last command      */
	const char *name;
	bool up;
};

/** What event() looks for */
struct look {
	struct ctrl *c;
	const char *pattern;
	struct event *ev;
};


static const char *str(const struct odict *od, const char *key)
{
	const struct odict_entry *e = odict_lookup(od, key);

	if (!e || e->type != ODICT_STRING)
		return "";

	return keep(e->u.str, strlen(e->u.str));
}


static void event_add(struct ctrl *c, const struct odict *od,
		      const char *json, size_t len)
{
	struct event *ev = calloc(1, sizeof(*ev));

	if (!ev)
		abort();

	ev->raw     = keep(json, len);
	ev->type    = str(od, "type");
	ev->param   = str(od, "param");
	ev->id      = str(od, "id");
	ev->peeruri = str(od, "peeruri");
	list_append(&c->eventl, &ev->le, ev);

	if (strcmp(ev->type, "CALL_LOCAL_SDP") &&
	    strcmp(ev->type, "CALL_REMOTE_SDP") &&
	    strcmp(ev->type, "CALL_RTCP"))
		ladder_note(c->name, F("%s %s",
				       strcmp(ev->type, host_module_event())
				       ? ev->type : "event",
				       ev->param));
}


static void frame_handler(struct ctrl *c, const char *json, size_t len)
{
	struct odict *od = NULL;

	if (json_decode_odict(&od, 32, json, len, 16)) {
		ladder_note(c->name, F("bad JSON: %.*s", (int)len, json));
		return;
	}

	if (odict_lookup(od, "event"))
		event_add(c, od, json, len);
	else if (c->token && !strcmp(str(od, "token"), c->token)) {
		c->resp = mem_ref(od);
		c->raw  = keep(json, len);
	}

	mem_deref(od);
	wake();
}


static bool frame_take(struct ctrl *c)
{
	char num[NUM_MAX] = "", *colon;
	struct mbuf *mb = c->mb;
	size_t n = MIN(mbuf_get_left(mb), sizeof(num) - 1);
	unsigned long len;

	memcpy(num, mbuf_buf(mb), n);
	len = strtoul(num, &colon, 10);
	if (*colon != ':')
		return false;

	n = (size_t)(colon - num) + 1;
	if (mbuf_get_left(mb) < n + len + 1)
		return false;

	frame_handler(c, (char *)mbuf_buf(mb) + n, len);
	mb->pos += n + len + 1;

	return true;
}


/* baresip sends small segments: do not let it wait for our ACK each time */
static void ack_quickly(const struct ctrl *c)
{
	const int on = 1;

	(void)setsockopt(tcp_conn_fd(c->tc), IPPROTO_TCP, TCP_QUICKACK, &on,
			 sizeof(on));
}


static void recv_handler(struct mbuf *mb, void *arg)
{
	struct ctrl *c = arg;
	const size_t pos = c->mb->pos;

	ack_quickly(c);
	c->mb->pos = c->mb->end;
	(void)mbuf_write_mem(c->mb, mbuf_buf(mb), mbuf_get_left(mb));
	c->mb->pos = pos;

	while (mbuf_get_left(c->mb) && frame_take(c))
		;
}


static void estab_handler(void *arg)
{
	struct ctrl *c = arg;

	ack_quickly(c);
	c->up = true;
	wake();
}


static void close_handler(int err, void *arg)
{
	struct ctrl *c = arg;
	(void)err;

	c->tc = mem_deref(c->tc);
	c->up = false;
	wake();
}


static bool up_cond(void *arg)
{
	const struct ctrl *c = arg;

	return c->up || !c->tc;
}


/**
 * Connect to the ctrl_tcp of a baresip under test
 *
 * @param s The baresip
 *
 * @return 0 if success, otherwise errorcode
 */
int ctrl_open(struct sut *s)
{
	struct ctrl *c = calloc(1, sizeof(*c));
	struct sa sa;
	int err;

	if (!c)
		abort();

	c->mb = mbuf_alloc(1024);
	c->name = s->name;
	s->ctrl = c;

	err = sa_set_str(&sa, net_addr(s->name, false), CTRL_PORT);
	if (err)
		return err;

	err = tcp_connect(&c->tc, &sa, estab_handler, recv_handler,
			  close_handler, c);
	if (err)
		return err;

	return wait_until(up_cond, c, WAIT) && c->up ? 0 : ETIMEDOUT;
}


/**
 * Close the connection, keeping the events
 *
 * @param s The baresip
 */
void ctrl_close(struct sut *s)
{
	s->ctrl->tc = mem_deref(s->ctrl->tc);
	s->ctrl->up = false;
}


/**
 * Send a command, and do not wait for its response
 *
 * @param s      The baresip
 * @param cmd    Command, without the slash
 * @param params Parameters, or NULL
 */
void ctrl_post(struct sut *s, const char *cmd, const char *params)
{
	struct ctrl *c = s->ctrl;
	struct mbuf *mb = mbuf_alloc(1024);
	struct odict *od = NULL;
	char *json = NULL;
	int err;

	c->resp  = mem_deref(c->resp);
	c->token = random_id();

	err  = odict_alloc(&od, 8);
	err |= odict_entry_add(od, "command", ODICT_STRING, cmd);
	err |= odict_entry_add(od, "token", ODICT_STRING, c->token);
	if (params)
		err |= odict_entry_add(od, "params", ODICT_STRING, params);

	err |= re_sdprintf(&json, "%H", json_encode_odict, od);
	err |= mbuf_printf(mb, "%zu:%s,", str_len(json), json);
	mb->pos = 0;

	ladder_note(c->name, params ? F("/%s %s", cmd, params)
				    : F("/%s", cmd));

	if (err || !c->tc || tcp_send(c->tc, mb))
		SETUP("%s: cannot send command '%s'", s->name, cmd);

	mem_deref(json);
	mem_deref(od);
	mem_deref(mb);
}


static bool resp_cond(void *arg)
{
	return ((struct ctrl *)arg)->resp != NULL;
}


/**
 * Run a command, see ctrl()
 *
 * @param file   File of the test
 * @param line   Line of it
 * @param s      The baresip
 * @param cmd    Command, without the slash
 * @param params Parameters, or NULL
 *
 * @return Its response; without one the test ends
 */
struct resp ctrl_at(const char *file, int line, struct sut *s,
		    const char *cmd, const char *params)
{
	struct resp resp;
	const struct odict_entry *ok;

	test_here(file, line);
	ctrl_post(s, cmd, params);

	if (!wait_until(resp_cond, s->ctrl, WAIT))
		test_fail(false, file, line, "%s: no response to command"
			  " '%s'", s->name, cmd);

	ok = odict_lookup(s->ctrl->resp, "ok");
	resp.ok   = ok && ok->type == ODICT_BOOL && ok->u.boolean;
	resp.data = str(s->ctrl->resp, "data");
	resp.raw  = s->ctrl->raw;
	resp.token = s->ctrl->token;

	return resp;
}


static bool event_match(const struct event *ev, const char *pattern)
{
	const char *rest = strstr(pattern, " ~ ");
	size_t n = rest ? (size_t)(rest - pattern) : strlen(pattern);

	if (n == 1 && *pattern == '?') {
		pattern = host_module_event();
		n = strlen(pattern);
	}

	if (strncmp(pattern, "*", n) &&
	    (strlen(ev->type) != n || strncmp(ev->type, pattern, n)))
		return false;

	return text_match(F("%s|%s|%s|%s", ev->type, ev->param, ev->id,
			    ev->peeruri), rest);
}


static bool event_cond(void *arg)
{
	struct look *look = arg;
	struct le *le;

	for (le = look->c->eventl.head; le; le = le->next) {

		struct event *ev = le->data;

		if (ev->used || !event_match(ev, look->pattern))
			continue;

		ev->used = true;
		look->ev = ev;
		return true;
	}

	return false;
}


/**
 * Wait for an event, see event()
 *
 * @param file    File of the test
 * @param line    Line of it
 * @param s       The baresip
 * @param pattern Type, then texts with a ~ before each
 * @param ms      Deadline in ms
 *
 * @return The event; without one the test ends
 */
struct event *event_at(const char *file, int line, struct sut *s,
		       const char *pattern, uint32_t ms)
{
	struct look look = {s->ctrl, pattern, NULL};

	test_here(file, line);

	if (!wait_until(event_cond, &look, ms))
		test_fail(false, file, line, "%s: no event '%s' within %u ms",
			  s->name, pattern, ms);

	return look.ev;
}


/**
 * Count the events so far that match, returned before or not
 *
 * @param s       The baresip
 * @param pattern As of event()
 *
 * @return Their number
 */
unsigned event_count(struct sut *s, const char *pattern)
{
	unsigned n = 0;
	struct le *le;

	for (le = s->ctrl->eventl.head; le; le = le->next)
		n += event_match(le->data, pattern);

	return n;
}


/**
 * Get all events so far
 *
 * @param s The baresip
 *
 * @return List of struct event
 */
const struct list *ctrl_events(const struct sut *s)
{
	return &s->ctrl->eventl;
}
