/**
 * @file attended.c  A REFER that joins two calls (RFC 5589 section 7)
 *
 * Its Refer-To names the other call by Replaces, as the far end of that knows
 * it: the to-tag is that one's, the from-tag is ours (RFC 3891 section 6.1).
 */
#include <string.h>
#include <re.h>
#include "core/call_watch.h"
#include "core/core.h"
#include "core/dialogs.h"
#include "host/host.h"
#include "referrer/client.h"
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
			  strchr(uri, '?') ? '&' : '?',
			  require ? "Require=replaces&" : "",
			  escape_print, rep);
	mem_deref(rep);

	return err;
}


/** Make the Refer-To URI that puts the referee in the place of one of our
    calls. EPROTO if that is not established, ENOENT if it has no dialog,
    ENOSYS if this libre hides its tags */
int attended_refer_to(char **urip, const struct refer *refer,
		      const struct call *call)
{
	const bool aor = refer->set->attended_aor;
	struct sip_dialog *dlg;
	struct sip_msg *msg = NULL;
	int err;

	if (!host_call_established(call))
		return EPROTO;

	dlg = dialogs_of(refer->dialogs, call);
	if (!dlg)
		return ENOENT;

	err = dialog_request(&msg, dlg);
	if (err)
		return err;

	if (is_proven(dlg, msg))
		err = print_refer_to(urip, msg, aor ? host_call_peer(call)
				     : sip_dialog_uri(dlg), aor);
	else
		err = ENOSYS;

	mem_deref(msg);

	return err;
}


/* The target can end it by itself once it knows of the transfer */
static void other_handler(enum call_change change, uint16_t scode,
			  const char *reason, void *arg)
{
	struct refer_client *c = arg;
	(void)scode;
	(void)reason;

	if (change != CALL_ESTABLISHED && c->state == REFER_CLIENT_HOLDING)
		client_end(c, REFER_OUTCOME_FAILED, 0,
			   "the call with the target has ended");
}


/** Allocate a REFER that joins two calls; errors as
    refer_client_alloc_attended() */
int client_alloc_attended(struct refer_client **cp, struct refer *refer,
			  struct call *call, struct call *other)
{
	struct refer_client *c = NULL;
	char *target;
	int err;

	if (!cp || !refer || !call || !other || call == other)
		return EINVAL;

	err = attended_refer_to(&target, refer, other);
	if (err)
		return err;

	err = client_alloc(&c, refer->clients, call, target);
	mem_deref(target);
	if (!err)
		err = call_watch(&c->other, refer->watches, NULL, other,
				 other_handler, c);
	if (err)
		mem_deref(c);
	else
		*cp = c;

	return err;
}


/** Allocate a REFER that joins two calls. While other still rings, which needs
    the target's URI, it is given up first (RFC 5589 section 7.6) */
int client_alloc_join(struct refer_client **cp, struct refer *refer,
		      struct call *call, struct call *other,
		      const char *ringing)
{
	if (!ringing)
		return client_alloc_attended(cp, refer, call, other);

	host_call_drop(other, "Transferred");

	return client_alloc(cp, refer->clients, call, ringing);
}
