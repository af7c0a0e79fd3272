/**
 * @file attended.c  Refer-To of an attended transfer (RFC 5589 section 7)
 *
 * Names the other call by Replaces, as its far end knows it: the to-tag is
 * that one's, the from-tag is ours (RFC 3891 section 6.1).
 */
#include <string.h>
#include <re.h>
#include "admission/wildcard.h"
#include "core/core.h"
#include "host/host.h"
#include "referrer/referrer.h"
#include "syntax/escape.h"
#include "target/target.h"


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


/**
 * Make the Refer-To URI that puts somebody in the place of one of our calls
 *
 * @param urip  Pointer to allocated URI
 * @param refer Protocol; its setting attended_target tells which URI is used
 * @param call  Call with the target, established
 *
 * @return 0 if success, EPROTO if the call is not established, ENOENT if it
 *         has no dialog, ENOSYS if this libre cannot tell its tags, otherwise
 *         errorcode
 */
int attended_refer_to(char **urip, const struct refer *refer,
		      const struct call *call)
{
	const bool aor = refer->set->attended_aor;
	struct sip_dialog *dlg;
	struct sip_msg *msg = NULL;
	int err;

	if (!host_call_established(call))
		return EPROTO;

	dlg = dialogs_of(refer, call);
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
