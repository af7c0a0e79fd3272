/**
 * @file client_send.c  The REFER that is sent, and what is answered to it
 *
 * RFC 3515 section 2.4. Challenges, options that the other side does not
 * have (420), and redirections are answered with another REFER; its CSeq is
 * the id of the NOTIFYs then.
 */
#include <string.h>
#include <re.h>
#include "core.h"
#include "client.h"
#include "header.h"
#include "text.h"


enum {
	REDIRECTS_MAX = 5,
};


static int send_handler(LIBRE_SEND_PARAMS)
{
	struct refer_client *c = arg;

	c->out = true;

	return header_write_contact(mb, c->cuser, src, tp);
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


static int refer_request(struct refer_client *c, sip_resp_h *resph)
{
	int err;

	c->cseq = sip_dialog_lseq(c->dlg);
	c->out  = false;
	subscriber_set_id(c->sub, c->cseq);

	err = sip_drequestf(&c->req, c->refer->sip, true, "REFER", c->dlg, 0,
			     c->creds.auth, send_handler, resph, c,
			     "Refer-To: <%s>\r\n"
			     "%H%H%H"
			     "Supported: norefersub,replaces,tdialog\r\n"
			     "%s%s",
			     c->target, print_referred_by, c, print_nosub, c,
			     host_ua_print, c->ua, c->hdrs, c->content);
	if (!err)
		queue_add(&c->refer->answer, &c->answer_due, c);

	return err;
}


static bool refer_sub_false(const struct sip_msg *msg)
{
	const struct sip_hdr *hdr = sip_msg_xhdr(msg, "Refer-Sub");
	struct pl val;

	if (!hdr)
		return false;

	val = hdr->val;
	val = text_cut(&val, ';');
	val = text_trim(&val);

	return !pl_strcasecmp(&val, "false");
}


/* Granted that there are no NOTIFYs: nothing is to be waited for */
static bool is_silent(const struct refer_client *c,
		      const struct sip_msg *msg)
{
	if (subscriber_notified(c->sub))
		return false;

	return refer_sub_false(msg) || (c->nosub && c->outside);
}


static void accepted(struct refer_client *c, const struct sip_msg *msg,
		     const char *reason)
{
	const uint16_t scode = msg ? msg->scode : 0;

	client_set_state(c, REFER_CLIENT_ACCEPTED, scode);

	/* without a Contact it stays half, which does for NOTIFYs */
	if (msg && !sip_dialog_established(c->dlg))
		(void)sip_dialog_create(c->dlg, msg);

	if (!client_event(c, "referRequestAccepted", scode, reason, msg))
		return;

	if (msg && is_silent(c, msg))
		client_end(c, OUTCOME_UNKNOWN, scode,
			   "accepted, its outcome will not be told");
	else
		subscriber_confirm(c->sub);
}


/* What people can do about a refusal */
static const char *hint(const struct refer_client *c, uint16_t scode)
{
	if (scode == 405 || scode == 501)
		return " (it cannot be referred; ask it to call the target)";

	if (scode == 429)
		return " (it wants a signed Referred-By, which is not"
			" supported)";

	if (scode == 420 && c->reduced)
		return " (also without the options)";

	if (scode >= 300 && scode < 400)
		return " (redirected, not followed)";

	return "";
}


static void refused(struct refer_client *c, const struct sip_msg *msg)
{
	char reason[256];

	(void)re_snprintf(reason, sizeof(reason), "%r%s", &msg->reason,
			  hint(c, msg->scode));
	client_end(c, OUTCOME_REFUSED, msg->scode, reason);
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


/* RFC 5589 section 7.7: once more, without what it does not have */
static bool reduce(struct refer_client *c, const struct sip_msg *msg)
{
	if (msg->scode != 420 || c->reduced ||
	    (!has_header(c->hdrs, "Require") && !(c->nosub && c->outside)))
		return false;

	c->reduced = true;
	c->nosub   = c->nosub && !c->outside;
	drop_header(c->hdrs, "Require");

	return true;
}


/* In a dialog the other side is who it is: a 3xx is reported only */
static bool redirect(struct refer_client *c, const struct sip_msg *msg)
{
	const struct sip_hdr *hdr = sip_msg_hdr(msg, SIP_HDR_CONTACT);
	struct sip_addr addr;
	struct uri uri;

	if (msg->scode < 300 || msg->scode >= 400 || !c->outside ||
	    !policy_follow_redirect(c->refer) ||
	    c->redirects >= REDIRECTS_MAX)
		return false;

	if (!hdr || sip_addr_decode(&addr, &hdr->val) ||
	    uri_decode_strict(&uri, &addr.auri))
		return false;

	++c->redirects;
	c->redirect = mem_deref(c->redirect);

	uri.headers = pl_null;

	return !re_sdprintf(&c->redirect, "%H", uri_encode, &uri) &&
		!client_start(c);
}


static int keep_response(struct refer_client *c, const struct sip_msg *msg)
{
	char *reason;
	int err;

	err = pl_strdup(&reason, &msg->reason);
	if (err)
		return err;

	mem_deref(c->reason);
	c->reason = reason;
	c->scode  = msg->scode;

	return 0;
}


static void handle(struct refer_client *c, const struct sip_msg *msg,
		   sip_resp_h *resph)
{
	const uint32_t id = c->id;

	if (msg->scode >= 200)
		queue_remove(&c->answer_due);

	/* the id is the new CSeq then */
	if (host_ua_alive(c->ua) &&
	    (creds_answer(&c->creds, msg) || reduce(c, msg)) &&
	    !refer_request(c, resph))
		return;

	if (keep_response(c, msg))
		return;

	if (c->resph)
		c->resph(c, msg, c->resp_arg);

	if (!client_open(c) || c->id != id)
		return;

	if (msg->scode < 200) {
		(void)client_event(c, "referRequestProgress", msg->scode,
				   c->reason, msg);
	}
	else if (msg->scode < 300) {
		creds_accepted(&c->creds);
		accepted(c, msg, c->reason);
	}
	else if (msg->scode == 408 && subscriber_notified(c->sub)) {
		accepted(c, NULL, "its NOTIFY came");
	}
	else if (!host_ua_alive(c->ua) || !redirect(c, msg)) {
		refused(c, msg);
	}
}


static void no_response(struct refer_client *c, int err)
{
	const uint32_t id = c->id;

	queue_remove(&c->answer_due);

	if (subscriber_notified(c->sub)) {
		accepted(c, NULL, "its NOTIFY came");
		return;
	}

	if (c->resph)
		c->resph(c, NULL, c->resp_arg);

	if (!client_open(c) || c->id != id)
		return;

	client_end(c, OUTCOME_FAILED, err == ETIMEDOUT ? 408 : 503,
		   err == ETIMEDOUT ? "Request Timeout"
				    : "Service Unavailable");
}


/* libre compares the Via branch only, see RFC 3261 section 8.2.6.2 */
static bool is_ours(const struct refer_client *c, const struct sip_msg *msg)
{
	return sip_dialog_cmp_half(c->dlg, msg) &&
		msg->cseq.num == c->cseq;
}


static void response_handler(int err, const struct sip_msg *msg, void *arg)
{
	struct refer_client *c = arg;

	if (!err && !is_ours(c, msg)) {
		if (msg->scode < 200)
			return;

		err = EBADMSG;
	}

	mem_ref(c);

	if (err)
		no_response(c, err);
	else
		handle(c, msg, response_handler);

	mem_deref(c);
}


/**
 * There was no answer in time: for libre, which starts Timer F when the
 * request is out, that can be minutes of asking name servers
 *
 * @param arg Client context
 */
void client_answer_handler(void *arg)
{
	struct refer_client *c = arg;

	intercept_drop(&c->req);
	response_handler(ETIMEDOUT, NULL, c);
}


/**
 * Wait for no answer any more; what is not out never goes out
 *
 * @param c Client context
 */
void client_send_stop(struct refer_client *c)
{
	queue_remove(&c->answer_due);

	if (c->out)
		c->req = mem_deref(c->req);
	else
		intercept_drop(&c->req);
}


/**
 * Send the REFER
 *
 * @param c Client context with a dialog and a subscriber
 *
 * @return 0 if success, otherwise errorcode
 */
int client_send(struct refer_client *c)
{
	int err;

	err = refer_request(c, response_handler);
	if (!err)
		client_set_state(c, REFER_CLIENT_SENT, 0);

	return err;
}
