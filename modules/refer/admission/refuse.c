/**
 * @file refuse.c  The refusal of a request, statelessly
 */
#include <re.h>
#include "admission/admission.h"
#include "admission/auth.h"
#include "admission/request.h"
#include "admission/state.h"
#include "core/core.h"
#include "host/host.h"
#include "syntax/text.h"


enum {
	LOG_MAX = 10,          /* Refusals in the log, in 1 s */
};


/**
 * Let the stateless response to a request have the same To-tag as those to
 * its copies: libre makes it of a random number
 *
 * @param refer Protocol
 * @param msg   Request
 */
void request_same_tag(const struct refer *refer, const struct sip_msg *msg)
{
	if (!pl_isset(&msg->to.tag))
		((struct sip_msg *)msg)->tag =
			auth_hash(refer->admission->auth, msg);
}


/* A flood of refusals is not to become one of lines */
static void log_refusal(struct admission *adm, const struct sip_msg *msg,
			uint16_t scode, const char *why)
{
	const uint64_t now = tmr_jiffies();

	if (now - adm->log_time >= 1000) {
		adm->log_time  = now;
		adm->log_count = 0;
	}

	if (adm->log_count++ < LOG_MAX)
		info("refer: %H from %H refused: %u %s\n", text_clean,
		     &msg->met, text_clean, &msg->from.auri, scode, why);
}


/**
 * Refuse a request, with a Warning if the refusal has one
 *
 * @param refer Protocol
 * @param msg   Request
 * @param ref   Refusal
 * @param why   For the log, NULL for what the peer is told
 * @param hdrs  More header lines, or NULL
 */
void refuse_with(struct refer *refer, const struct sip_msg *msg,
		 const struct refusal *ref, const char *why, const char *hdrs)
{
	const char *told = ref->warning ? ref->warning : ref->reason;
	char *warning = NULL;

	log_refusal(refer->admission, msg, ref->scode, why ? why : told);
	request_same_tag(refer, msg);

	if (ref->warning)
		(void)re_sdprintf(&warning, "Warning: 399 %J \"%s\"\r\n",
				  &msg->dst, ref->warning);

	(void)sip_replyf(refer->sip, msg, ref->scode, ref->reason,
			 "%s"
			 "%s"
			 "Content-Length: 0\r\n"
			 "\r\n",
			 warning ? warning : "", hdrs ? hdrs : "");
	mem_deref(warning);
}


/** Refuse a request as refuse_with() does, with nothing more to say */
void request_refuse(struct refer *refer, const struct sip_msg *msg,
		    const struct refusal *ref)
{
	refuse_with(refer, msg, ref, NULL, NULL);
}
