/**
 * @file match.c  The call that a Replaces header means (RFC 3891 section 3)
 */
#include <re.h>
#include "core/core.h"
#include "core/dialogs.h"
#include "core/intercept.h"
#include "refer.h"
#include "syntax/refer_to.h"
#include "syntax/replaces.h"
#include "target/match.h"


static const struct refusal
	many        = {400, "Bad Request", "more than one Replaces"},
	not_invite  = {400, "Bad Request", "Replaces is for INVITE only"},
	malformed   = {400, "Bad Request", "Replaces is malformed"},
	no_match    = {481, "Call/Transaction Does Not Exist",
		       "Replaces matches no call"},
	is_over     = {603, "Decline", "the call to replace is over"},
	is_answered = {486, "Busy Here",
		       "the call to replace is established already"},
	merged      = {482, "Loop Detected",
		       "there is a call of this Call-ID already"},
	is_ringing  = {481, "Call/Transaction Does Not Exist",
		       "the call to replace is not established yet"};


/* An INVITE of ours to ourselves has a session, and no more than that */
static bool is_merged(const struct refer *refer, const struct sip_msg *msg)
{
	const unsigned n = intercept_count(refer->ic, msg);
	struct sip_msg key;

	dialog_key(&key, &msg->callid, &msg->from.tag, &msg->to.tag);

	return n > 1 || (n && !dialogs_calling(refer->dialogs, &key));
}


/** Find the call that a request with Replaces means; returns NULL if it may be
    replaced, otherwise why not */
const struct refusal *replaces_match(struct call **callp,
				     const struct refer *refer,
				     const struct sip_msg *msg)
{
	const struct sip_hdr *hdr = sip_msg_hdr(msg, SIP_HDR_REPLACES);
	struct refer_replaces rep;

	if (pl_strcmp(&msg->met, "INVITE"))
		return &not_invite;

	if (sip_msg_hdr_count(msg, SIP_HDR_REPLACES) > 1)
		return &many;

	if (refer_replaces_decode(&rep, &hdr->val))
		return &malformed;

	if (is_merged(refer, msg))
		return &merged;

	switch (dialogs_match(callp, refer->dialogs, &rep)) {

	case DIALOG_CONFIRMED:    return rep.early_only ? &is_answered : NULL;
	case DIALOG_EARLY_OURS:   return NULL;
	case DIALOG_EARLY_THEIRS: return &is_ringing;
	case DIALOG_ENDED:        return &is_over;
	default:                  return &no_match;
	}
}
