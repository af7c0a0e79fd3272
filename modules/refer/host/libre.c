/**
 * @file libre.c  What differs between the releases of libre
 */
#include <re.h>
#include "host/libre.h"


/* Not in all releases: in those without PRACK and UPDATE an INVITE that is
   not answered yet is the last request of its dialog */
__attribute__((weak))
uint32_t sip_dialog_lseqinv(const struct sip_dialog *dlg);


uint32_t libre_invite_cseq(const struct sip_dialog *dlg)
{
	return sip_dialog_lseqinv ? sip_dialog_lseqinv(dlg)
		: sip_dialog_lseq(dlg) - 1;
}


bool libre_compares(void)
{
	return sip_dialog_lseqinv != NULL;
}
