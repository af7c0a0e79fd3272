/**
 * @file fake_http.c  What refer_http's server needs of refer.so and of the
 * routes
 */
#include <re.h>
#include "refer.h"
#include "../refer_http/http.h"


#define HANDLER(name) int name(struct request *req) { (void)req; return 0; }

HANDLER(transfers_list)
HANDLER(transfers_start)
HANDLER(transfer_get)
HANDLER(transfer_ladder)
HANDLER(transfer_accept)
HANDLER(transfer_reject)
HANDLER(transfer_redirect)
HANDLER(transfer_notify)
HANDLER(transfer_cancel)
HANDLER(calls_list)
HANDLER(calls_dial)
HANDLER(call_get)
HANDLER(call_end)
HANDLER(call_answer_it)
HANDLER(call_hold_it)
HANDLER(call_resume)
HANDLER(openapi_get)
HANDLER(metrics_get)
HANDLER(health_get)
HANDLER(page_get)


bool settings_host(const struct pl *name)
{
	return !pl_strcasecmp(name, "desk");
}


int refer_stats_get(struct refer_stats *stats)
{
	(void)stats;

	return 0;
}


int refer_text_print(struct re_printf *pf, const struct pl *pl)
{
	return re_hprintf(pf, "%r", pl);
}
