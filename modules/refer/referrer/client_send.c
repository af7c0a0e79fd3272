/**
 * @file client_send.c  The REFER that is sent, and what is answered to it
 *
 * RFC 3515 section 2.4. Challenges, options that the other side does not
 * have (420), and redirections are answered with another REFER; its CSeq is
 * the id of the NOTIFYs then.
 */
#include <string.h>
#include <re.h>
#include "core/core.h"
#include "admission/admission.h"
#include "admission/wildcard.h"
#include "core/sender.h"
#include "host/host.h"
#include "refer.h"
#include "referrer/client.h"
#include "referrer/referrer.h"
#include "syntax/header.h"
#include "syntax/text.h"
#include "syntax/uri.h"


enum {
	REDIRECTS_MAX = 5,
};


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


/* Its CSeq is the id of the NOTIFYs */
static int refer_request(void *arg)
{
	struct refer_client *c = arg;
	int err;

	if (!host_ua_alive(c->ua))
		return ENOENT;

	err = sender_request(c->sender, "REFER",
			     "Refer-To: <%s>\r\n"
			     "%H%H%H"
			     "Supported: norefersub,replaces,tdialog\r\n"
			     "%s%s",
			     c->target, print_referred_by, c, print_nosub, c,
			     host_ua_print, c->ua, c->hdrs, c->content);
	if (!err)
		subscriber_set_id(c->sub, sender_cseq(c->sender));

	return err;
}


static bool refer_sub_false(const struct sip_msg *msg)
{
	const struct sip_hdr *hdr = sip_msg_xhdr(msg, "Refer-Sub");
	struct pl val;

	if (!hdr)
		return false;

	val = hdr->val;
	(void)text_cut(&val, &val, ';');
	text_trim(&val);

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
	struct sip_dialog *dlg = sender_dialog(c->sender);
	const uint16_t scode = msg ? msg->scode : 0;

	client_set_state(c, REFER_CLIENT_ACCEPTED, scode);

	/* without a Contact it stays half, which does for NOTIFYs */
	if (msg && !sip_dialog_established(dlg))
		(void)sip_dialog_create(dlg, msg);

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


static void handle(struct refer_client *c, const struct sip_msg *msg)
{
	const uint32_t id = c->id;

	if (host_ua_alive(c->ua) && reduce(c, msg) && !refer_request(c))
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


static void response_handler(int err, const struct sip_msg *msg, void *arg)
{
	struct refer_client *c = arg;

	mem_ref(c);

	if (err)
		no_response(c, err);
	else
		handle(c, msg);

	mem_deref(c);
}


/** Allocate the sender; a dialog can be given to it later */
int client_sender(struct refer_client *c, struct sip_dialog *dlg)
{
	return sender_alloc(&c->sender, c->refer->senders, c->ua, dlg,
			    refer_request, response_handler, c);
}


/** Send the REFER */
int client_send(struct refer_client *c)
{
	int err;

	err = refer_request(c);
	if (!err)
		client_set_state(c, REFER_CLIENT_SENT, 0);

	return err;
}
