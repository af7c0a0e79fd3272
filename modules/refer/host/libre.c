/**
 * @file libre.c  What differs between the releases of libre
 */
#include <re.h>
#include "host/libre.h"
#include "admission/wildcard.h"


/* Not in all releases: in those without PRACK and UPDATE an INVITE that is
   not answered yet is the last request of its dialog */
__attribute__((weak))
uint32_t sip_dialog_lseqinv(const struct sip_dialog *dlg);


/**
 * Get the CSeq of the last INVITE that was sent in a dialog
 *
 * @param dlg Dialog
 *
 * @return CSeq
 */
uint32_t libre_invite_cseq(const struct sip_dialog *dlg)
{
	return sip_dialog_lseqinv ? sip_dialog_lseqinv(dlg)
		: sip_dialog_lseq(dlg) - 1;
}


/**
 * Tell whether libre compares a response to an INVITE with the dialog before
 * it acts on it: Call-ID, From-tag and CSeq, since it knows that CSeq
 *
 * @return False if the Via branch is all that it looks at
 */
bool libre_compares(void)
{
	return sip_dialog_lseqinv != NULL;
}
