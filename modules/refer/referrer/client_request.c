/**
 * @file client_request.c  The REFER that goes out (RFC 3515 section 2.4.1)
 *
 * In the dialog of a call, which is put on hold first (RFC 5589 section 6), or
 * in one of its own. It is sent again after a challenge, a 420 or a
 * redirection; the CSeq of the last one is the id of the NOTIFYs.
 */
#include <string.h>
#include <re.h>
#include "config/settings.h"
#include "core/call_watch.h"
#include "core/core.h"
#include "core/dialogs.h"
#include "core/sender.h"
#include "core/transfers.h"
#include "host/host.h"
#include "host/libre.h"
#include "refer.h"
#include "referrer/client.h"
#include "referrer/hold.h"
#include "referrer/referrer.h"
#include "referrer/subscriber.h"
#include "syntax/header.h"
#include "syntax/people.h"
#include "syntax/uri.h"


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
	char *hdrs = NULL, *uri_hdrs = NULL, *content = NULL;
	struct answer ans;
	int err;

	if (opts_answer(&ans, &body, 200, 200, 299) ||
	    !client_opts_valid(opts, c->target))
		return EINVAL;

	err  = re_sdprintf(&hdrs, "%H", print_headers, opts->hdrv);
	err |= re_sdprintf(&uri_hdrs, "%H", client_print_uri_lines,
			   opts->uri_hdrv);
	err |= re_sdprintf(&content, "%H", opts_print, &ans);
	if (err) {
		mem_deref(hdrs);
		mem_deref(uri_hdrs);
		mem_deref(content);
		return err;
	}

	mem_deref(c->hdrs);
	mem_deref(c->uri_hdrs);
	mem_deref(c->content);
	c->hdrs     = hdrs;
	c->uri_hdrs = uri_hdrs;
	c->content  = content;
	c->nosub    = opts->nosub;
	c->resph    = opts->resph;
	c->resp_arg = opts->arg;
	c->hold_how = opts->hold;
	c->keep     = opts->keep;
	c->timeout  = opts->timeout;

	return 0;
}


static const char *next_line(const char *line)
{
	const char *end = strchr(line, '\n');

	return end ? end + 1 : line + strlen(line);
}


static bool has_header(const char *hdrs, const char *name)
{
	const char *line;

	for (line = hdrs; *line; line = next_line(line)) {
		if (header_line_is(line, name))
			return true;
	}

	return false;
}


static void drop_header(char *hdrs, const char *name)
{
	char *line = hdrs;

	while (*line) {
		const char *next = next_line(line);

		if (header_line_is(line, name))
			memmove(line, next, strlen(next) + 1);
		else
			line += next - line;
	}
}


/* That of an attended transfer has headers already */
static int print_refer_to(struct re_printf *pf, const struct refer_client *c)
{
	const char *sep = !*c->uri_hdrs ? "" :
		uri_has_headers(c->target) ? "&" : "?";

	return re_hprintf(pf, "Refer-To: <%s%s%s>\r\n", c->target, sep,
			  c->uri_hdrs);
}


/* Out of a dialog it could fork: RFC 4488 section 5 forbids Refer-Sub then */
static int print_nosub(struct re_printf *pf, const struct refer_client *c)
{
	if (!c->nosub)
		return 0;

	return re_hprintf(pf, "%s\r\n",
			  c->outside ? "Require: nosub" : "Refer-Sub: false");
}


static int print_referred_by(struct re_printf *pf,
			     const struct refer_client *c)
{
	if (has_header(c->hdrs, "Referred-By") || has_header(c->hdrs, "b"))
		return 0;

	return re_hprintf(pf, "Referred-By: <%s>\r\n", c->aor);
}


/** Send the REFER; its CSeq is the id of the NOTIFYs */
int client_send(void *arg)
{
	struct refer_client *c = arg;
	uint32_t cseq;
	int err;

	if (!host_ua_alive(c->ua))
		return ENOENT;

	err = sender_request(c->sender, "REFER",
			     "%H%H%H%H%s%s",
			     print_refer_to, c, print_referred_by, c,
			     print_nosub, c, host_ua_print, c->ua, c->hdrs,
			     c->content);
	if (err)
		return err;

	cseq = sender_cseq(c->sender);
	subscriber_set_id(c->sub, cseq);
	dialogs_sent(c->all->refer->dialogs, sender_dialog(c->sender), cseq);

	return 0;
}


/** After a 420, prepare a REFER without the options that the other side does
    not have (RFC 5589 section 7.7); false if there are none, or it was done */
bool client_reduce(struct refer_client *c)
{
	if (c->reduced ||
	    (!has_header(c->hdrs, "Require") && !(c->nosub && c->outside)))
		return false;

	c->reduced = true;
	c->nosub   = c->nosub && !c->outside;
	drop_header(c->hdrs, "Require");

	return true;
}


static int send_first(struct refer_client *c)
{
	const int err = client_send(c);

	if (!err)
		client_set_state(c, REFER_CLIENT_SENT, 0);

	return err;
}


/* The target has hung up when it is called again. An application may end the
   REFER in the event of that, or the call */
static void drop_other(struct refer_client *c)
{
	struct call *other = c->blind && call_alive(&c->other) ?
		c->other.call : NULL;

	if (!other)
		return;

	call_unwatch(&c->other);
	host_call_drop(other, "Transferred");
}


static void hold_handler(int err, void *arg)
{
	struct refer_client *c = arg;

	c->hold = mem_deref(c->hold);

	if (err) {
		client_end(c, REFER_OUTCOME_TIMEOUT, 408,
			   "the call could not be put on hold");
		return;
	}

	mem_ref(c);
	drop_other(c);
	if (client_open(c) && send_first(c))
		client_end(c, REFER_OUTCOME_FAILED, 503,
			   "Service Unavailable");
	mem_deref(c);
}


/* Wants a dialog of its own when it is out of one */
static int make_dialog(struct refer_client *c)
{
	const char *route = host_ua_outbound(c->ua);
	const char *uri = c->redirect ? c->redirect : c->peer;
	struct sip_dialog *dlg;
	int err;

	err = sip_dialog_alloc(&dlg, uri, c->peer, NULL, c->aor,
			       str_isset(route) ? &route : NULL,
			       str_isset(route) ? 1 : 0);
	if (err)
		return err;

	sender_set_dialog(c->sender, dlg);
	mem_deref(dlg);

	return 0;
}


static bool wants_hold(const struct refer_client *c)
{
	return !c->outside && client_chosen(c->hold_how, c->ua, "refer_hold",
					    c->all->refer->set->hold);
}


static bool must_hold(const struct refer_client *c)
{
	struct sip_dialog *dlg;

	if (!wants_hold(c))
		return false;

	dlg = sender_dialog(c->sender);

	return !host_call_held(c->watch.call) ||
		hold_under_way(c->all->refer->holds, dlg) ||
		dialogs_inviting(c->all->refer->dialogs, dlg);
}


static int subscribe(struct refer_client *c)
{
	const struct refer *refer = c->all->refer;

	int err;

	c->sub = mem_deref(c->sub);

	err = subscriber_alloc(&c->sub, refer->subscribers, c->ua,
			       sender_dialog(c->sender), refer->set->expires,
			       client_status_handler, client_close_handler,
			       c);
	if (!err)
		subscriber_record(c->sub, c->id);

	return err;
}


/** Start an attempt: hold, or send the REFER at once; after an error nothing
    is under way */
int client_start(struct refer_client *c)
{
	const bool was_held = !c->outside && host_call_held(c->watch.call);
	struct holds *holds = c->all->refer->holds;
	int err;

	if (c->outside) {
		err = make_dialog(c);
		if (err)
			return err;
	}

	err = subscribe(c);
	if (err)
		return err;

	if (must_hold(c) && !hold_alloc(&c->hold, holds, c->watch.call,
					sender_dialog(c->sender),
					hold_handler, c)) {
		c->held = hold_keep(holds, c->watch.call) || c->held ||
			!was_held;
		client_set_state(c, REFER_CLIENT_HOLDING, 0);
		return 0;
	}

	drop_other(c);
	err = c->outside || call_alive(&c->watch) ? send_first(c) : ENOENT;
	if (err)
		c->sub = mem_deref(c->sub);
	else if (wants_hold(c) && hold_keep(holds, c->watch.call))
		c->held = true;

	return err;
}


static void swap_target(struct refer_client *c)
{
	char *target = c->target;

	c->target = c->again;
	c->again  = target;
	c->tried_again = !c->tried_again;
}


/** The target of an attended transfer was not reached at its Contact: send a
    REFER to its address-of-record; false if there is none, or it was done */
bool client_again(struct refer_client *c)
{
	if (!c->again || c->tried_again || !host_ua_alive(c->ua) ||
	    !call_alive(&c->watch) || !call_alive(&c->other))
		return false;

	swap_target(c);
	info("refer: #%u not reached there, trying %H\n", c->id, people_uri,
	     c->target);

	sender_stop(c->sender);
	subscriber_release(c->sub);
	c->sub = NULL;

	return !client_start(c);
}


static int check(struct refer_client *c)
{
	if (client_open(c) || c->ending)
		return EALREADY;

	if (!c->all || c->all->refer->closed || !host_ua_alive(c->ua))
		return ENOENT;

	if (c->outside)
		return 0;

	if (!refer_client_call(c))
		return ENOENT;

	/* its dialog is what the target replaces */
	if (c->dialled && !c->blind && !call_alive(&c->other))
		return ENOENT;

	if (c->all->owner->busyh(c, c->all->arg))
		return EALREADY;

	return host_call_established(c->watch.call) ? 0 : EPROTO;
}


/* Each attempt is a transfer, unless it is a part of one */
static void begin(struct refer_client *c)
{
	if (c->part) {
		c->id = c->part;
	}
	else {
		c->id = transfers_begin(c->all->refer->transfers);
		c->ts = tmr_jiffies();
	}

	sender_record(c->sender, c->id);
}


int refer_client_refer(struct refer_client *c,
		       const struct refer_client_opts *opts)
{
	static const struct refer_client_opts dflt;
	int err;

	if (!c)
		return EINVAL;

	err = check(c);
	if (err)
		return err;

	err = set_opts(c, opts ? opts : &dflt);
	if (err)
		return err;

	begin(c);
	client_set_last(c, 0, NULL);
	c->held      = false;
	c->reduced   = false;
	c->redirects = 0;
	c->redirect  = mem_deref(c->redirect);
	list_flush(&c->contacts);
	if (c->tried_again)
		swap_target(c);

	mem_ref(c);
	err = client_start(c);
	if (err) {
		mem_deref(c);
		return err;
	}

	if (c->timeout)
		tmr_start(&c->tmr, (uint64_t)c->timeout * 1000,
			  client_timeout_handler, c);

	list_unlink(&c->le);
	list_append(&c->all->l, &c->le, c);

	return 0;
}
