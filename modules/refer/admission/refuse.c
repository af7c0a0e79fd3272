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

/** A Warning header */
struct warning {
	const struct sa *agent;
	const char *text;      /**< NULL for none */
};


/**
 * Let the stateless response to a request have the same To-tag as those to
 * its copies: libre makes it of a random number
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


static int print_warning(struct re_printf *pf, const struct warning *w)
{
	return w->text ? re_hprintf(pf, "Warning: 399 %J \"%s\"\r\n",
				    w->agent, w->text) : 0;
}


/**
 * Refuse a request, with a Warning if the refusal has one
 *
 * The log has what the peer is told, or why; hdrs are more header lines, or
 * NULL.
 */
void refuse_with(struct refer *refer, const struct sip_msg *msg,
		 const struct refusal *ref, const char *why, const char *hdrs)
{
	const char *told = ref->warning ? ref->warning : ref->reason;
	const struct warning warning = {&msg->dst, ref->warning};

	log_refusal(refer->admission, msg, ref->scode, why ? why : told);
	request_same_tag(refer, msg);

	(void)sip_replyf(refer->sip, msg, ref->scode, ref->reason,
			 "%H"
			 "%s"
			 "Content-Length: 0\r\n"
			 "\r\n",
			 print_warning, &warning, hdrs ? hdrs : "");
}


/** Refuse a request as refuse_with() does, with nothing more to say */
void request_refuse(struct refer *refer, const struct sip_msg *msg,
		    const struct refusal *ref)
{
	refuse_with(refer, msg, ref, NULL, NULL);
}
