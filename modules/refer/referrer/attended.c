/**
 * @file attended.c  A REFER that joins two calls (RFC 5589 section 7)
 *
 * Its Refer-To names the other call by Replaces, as the far end of that knows
 * it: the to-tag is that one's, the from-tag is ours (RFC 3891 section 6.1).
 * It is the target's Contact, or where that cannot be reached its
 * address-of-record (RFC 5589 section 7.3).
 */
#include <re.h>
#include "config/params.h"
#include "config/settings.h"
#include "core/call_watch.h"
#include "core/core.h"
#include "core/dialogs.h"
#include "host/host.h"
#include "referrer/client.h"
#include "referrer/hold.h"
#include "referrer/referrer.h"
#include "syntax/uri.h"


/* Exported by libre, declared in its later releases only */
__attribute__((weak))
int sip_dialog_encode(struct mbuf *mb, struct sip_dialog *dlg, uint32_t cseq,
		      const char *met);
__attribute__((weak))
const char *sip_dialog_uri(const struct sip_dialog *dlg);


/* A request in the dialog, as it would be sent */
static int dialog_request(struct sip_msg **msgp, struct sip_dialog *dlg)
{
	struct mbuf *mb;
	int err;

	if (!sip_dialog_encode || !sip_dialog_uri)
		return ENOSYS;

	mb = mbuf_alloc(512);
	if (!mb)
		return ENOMEM;

	err  = mbuf_printf(mb, "ACK %s SIP/2.0\r\n", sip_dialog_uri(dlg));
	err |= sip_dialog_encode(mb, dlg, 0, "ACK");
	err |= mbuf_printf(mb, "\r\n");
	mb->pos = 0;
	if (!err)
		err = sip_msg_decode(msgp, mb);

	mem_deref(mb);

	return err;
}


/* What was read is what the dialog compares with */
static bool is_proven(const struct sip_dialog *dlg, const struct sip_msg *msg)
{
	struct sip_msg key;

	dialog_key(&key, &msg->callid, &msg->from.tag, &msg->to.tag);

	return sip_dialog_cmp(dlg, &key);
}


/* Others can send to it: not only those with a connection to its owner (RFC
   7118 section 5), or with a route */
static bool is_reachable(const char *str)
{
	static const char none[] = "invalid";
	struct uri uri;
	struct pl pl, host;

	pl_set_str(&pl, str);
	if (uri_decode(&uri, &pl) || !pl_isset(&uri.user))
		return false;

	/* RFC 2606 section 2 */
	host = uri.host;
	if (host.l >= sizeof(none))
		pl_advance(&host, (ssize_t)(host.l - sizeof(none)));
	if (!pl_strcasecmp(&host, none) || !pl_strcasecmp(&host, ".invalid"))
		return false;

	return msg_param_decode(&uri.params, "transport", &pl) ||
		(pl_strcasecmp(&pl, "ws") && pl_strcasecmp(&pl, "wss"));
}


static bool is_same(const char *str1, const char *str2)
{
	struct uri uri1, uri2;
	struct pl pl1, pl2;

	pl_set_str(&pl1, str1);
	pl_set_str(&pl2, str2);

	return !uri_decode(&uri1, &pl1) && !uri_decode(&uri2, &pl2) &&
		uri1.port == uri2.port && !pl_cmp(&uri1.user, &uri2.user) &&
		!pl_casecmp(&uri1.host, &uri2.host);
}


static int print_refer_to(char **urip, const struct sip_msg *msg,
			  const char *uri, bool require)
{
	char *rep;
	int err;

	err = re_sdprintf(&rep, "%r;to-tag=%r;from-tag=%r", &msg->callid,
			  &msg->to.tag, &msg->from.tag);
	if (err)
		return err;

	err = re_sdprintf(urip, "%s%c%sReplaces=%H", uri,
			  uri_has_headers(uri) ? '&' : '?',
			  require ? "Require=replaces&" : "",
			  escape_print, rep);
	mem_deref(rep);

	return err;
}


static int print_with_replaces(struct attended_target *to,
			       const struct sip_msg *msg, const char *contact,
			       const char *aor, enum attended how)
{
	const bool again = how == ATTENDED_AUTO && is_reachable(aor);
	const bool use_aor = how == ATTENDED_AOR ||
		(again && !is_reachable(contact));
	int err;

	err = print_refer_to(&to->uri, msg, use_aor ? aor : contact, use_aor);

	if (!err && again && !use_aor && !is_same(contact, aor))
		err = print_refer_to(&to->again, msg, aor, true);

	return err;
}


static int print_target(struct attended_target *to, struct sip_dialog *dlg,
			const char *aor, enum attended how)
{
	const char *contact = sip_dialog_uri ? sip_dialog_uri(dlg) : aor;
	struct sip_msg *msg;
	int err;

	if (how == ATTENDED_BLIND)
		return str_dup(&to->uri, is_reachable(aor) ? aor : contact);

	err = dialog_request(&msg, dlg);
	if (err)
		return err;

	err = is_proven(dlg, msg) ?
		print_with_replaces(to, msg, contact, aor, how) : ENOSYS;
	mem_deref(msg);

	return err;
}


/** Make the Refer-To URI that puts the referee in the place of one of our
    calls, or that has it call the other side of that. EPROTO if the call is
    not established, ENOENT if it has no dialog, ENOSYS if this libre hides its
    tags; what is set on an error must be released as well */
int attended_refer_to(struct attended_target *to, const struct refer *refer,
		      const struct call *call, enum attended how)
{
	struct sip_dialog *dlg;

	if (!host_call_established(call))
		return EPROTO;

	dlg = dialogs_of(refer->dialogs, call);
	if (!dlg)
		return ENOENT;

	return print_target(to, dlg, host_call_peer(call), how);
}


static enum attended setting(const struct refer *refer,
			     const struct call *call)
{
	const uint32_t val = params_value(host_call_ua(call),
					  "refer_attended_target",
					  refer->set->attended_target);

	return (enum attended)val;
}


/* The account knows how the target is reached; either side may be one that
   refuses Replaces */
static enum attended choose(const struct refer *refer,
			    const struct call *call, const struct call *other)
{
	return setting(refer, call) == ATTENDED_BLIND ? ATTENDED_BLIND
		: setting(refer, other);
}


/* The target can end it by itself once it knows of the transfer */
static void other_handler(enum call_change change, uint16_t scode,
			  const char *reason, void *arg)
{
	struct refer_client *c = arg;
	(void)scode;
	(void)reason;

	if (change == CALL_ESTABLISHED || c->state != REFER_CLIENT_HOLDING)
		return;

	if (c->held)
		hold_resume_none(c->all->refer->holds);
	client_end(c, REFER_OUTCOME_FAILED, 0,
		   "the call with the target has ended");
}


/** Allocate a REFER that joins two calls; errors as
    refer_client_alloc_attended() */
int client_alloc_attended(struct refer_client **cp, struct refer *refer,
			  struct call *call, struct call *other)
{
	struct attended_target to = {NULL, NULL};
	struct refer_client *c = NULL;
	enum attended how;
	int err;

	if (!cp || !refer || !call || !other || call == other)
		return EINVAL;

	how = choose(refer, call, other);
	err = attended_refer_to(&to, refer, other, how);
	if (!err)
		err = client_alloc(&c, refer->clients, call, to.uri);
	if (!err)
		err = call_watch(&c->other, refer->watches, NULL, other,
				 other_handler, c);
	if (!err)
		err = str_dup(&c->dialled, host_call_peer(other));
	if (!err) {
		c->again = mem_ref(to.again);
		c->blind = how == ATTENDED_BLIND;
		*cp = c;
	}
	else {
		mem_deref(c);
	}

	mem_deref(to.uri);
	mem_deref(to.again);

	return err;
}
