/**
 * @file contact.c  The Contact of a message: where a dialog's requests go
 */
#include <re.h>
#include "core/dialogs.h"
#include "host/host.h"
#include "host/libre.h"
#include "syntax/text.h"
#include "syntax/uri.h"


/* libre writes it into the start line as it is */
static bool has_blank(const struct pl *uri)
{
	size_t i;

	for (i=0; i<uri->l; ++i) {
		if ((uint8_t)uri->p[i] <= ' ')
			return true;
	}

	return false;
}


static bool is_target(const struct pl *uri)
{
	return (uri_has_scheme(uri, "sip") || uri_has_scheme(uri, "sips")) &&
		!has_blank(uri);
}


/** Tell whether a message has a Contact that can be a remote target */
bool dialog_contact_valid(const struct sip_msg *msg)
{
	const struct sip_hdr *hdr = sip_msg_hdr(msg, SIP_HDR_CONTACT);
	struct sip_addr addr;

	return hdr && !sip_addr_decode(&addr, &hdr->val) &&
		is_target(&addr.auri);
}


/**
 * Make the dialog of a request from outside, with its Contact as the remote
 * target, which libre decodes
 *
 * @return 0 if success, EBADMSG without a valid Contact, otherwise errorcode
 */
int dialog_accept(struct sip_dialog **dlgp, const struct sip_msg *msg)
{
	struct sip_dialog *dlg;
	struct pl uri;
	int err;

	err = sip_dialog_accept(&dlg, msg);
	if (err)
		return err;

	pl_set_str(&uri, sip_dialog_uri(dlg));
	if (!is_target(&uri)) {
		mem_deref(dlg);
		return EBADMSG;
	}

	*dlgp = dlg;

	return 0;
}


/** Send all further requests of a dialog, the softphone's own too, to the
    Contact of a message in it, if it has one: a request that was accepted, or
    the 2xx to one of ours (RFC 3261 section 12.2, RFC 5057 section 5.4).
    libre could not send to a sips URI */
void dialog_refresh(struct sip_dialog *dlg, const struct sip_msg *msg)
{
	const struct sip_hdr *hdr = sip_msg_hdr(msg, SIP_HDR_CONTACT);
	struct sip_addr addr;

	if (!sip_dialog_established(dlg) || !sip_dialog_cmp(dlg, msg) ||
	    !hdr || sip_addr_decode(&addr, &hdr->val) ||
	    !uri_has_scheme(&addr.auri, "sip") || has_blank(&addr.auri) ||
	    !pl_strcmp(&addr.auri, sip_dialog_uri(dlg)))
		return;

	if (!sip_dialog_update(dlg, msg))
		debug("refer: the remote target is %H now\n", text_clean,
		      &addr.auri);
}


/** Learn from a message that the dialog began with, if it is half a dialog, or
    that refreshes it. Without a valid Contact it stays half, which does for
    requests of the other side */
void dialog_learn(struct sip_dialog *dlg, const struct sip_msg *msg)
{
	if (sip_dialog_established(dlg))
		dialog_refresh(dlg, msg);
	else if (dialog_contact_valid(msg))
		(void)sip_dialog_create(dlg, msg);
}
