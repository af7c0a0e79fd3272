/**
 * @file incoming1.c  How baresip 1.x is made to take a call that replaces
 * another
 *
 * It answers by the account's mode, and counts all calls.
 */
#include <re.h>
#include "host/compat.h"
#include "admission/wildcard.h"
#include "host/host.h"
#include "host/host_baresip.h"

#if HOST_MAJOR < 3


enum {
	MAX_CALLS = 4,         /* if call_max_calls is not set */
};

/** The beginning of the core's struct config */
struct config_head {
	char uuid[64];
	char local[64];
	char cert[256];
	char cafile[256];
#if HOST_MINOR
	char capath[256];
	enum sip_transp transp;
	bool verify_server;
#endif
	uint32_t local_timeout;
	uint32_t max_calls;
#if HOST_MINOR
	bool hold_other_calls;
#endif
};


/* The core's struct config is private: what stands there must be what the
   configuration says */
static uint32_t *max_calls(void)
{
	struct config_head *head = (struct config_head *)conf_config();
	uint32_t most = MAX_CALLS;

	(void)conf_get_u32(conf_cur(), "call_max_calls", &most);

	return head && most && head->max_calls == most ? &head->max_calls
		: NULL;
}


/**
 * Have the softphone take an INVITE that takes the place of another call
 *
 * @param ua     User agent that it is for, or NULL
 * @param answer True to answer it at once, whatever the account says
 * @param h      Gives the INVITE to the softphone
 * @param arg    Handler argument
 */
void host_incoming(struct ua *ua, bool answer, void (*h)(void *arg),
		   void *arg)
{
	struct account *acc = ua_account(ua);
	const enum answermode mode = account_answermode(acc);
	uint32_t *most = max_calls();

	if (answer)
		(void)account_set_answermode(acc, ANSWERMODE_AUTO);
	if (most)
		++*most;

	h(arg);

	if (answer)
		(void)account_set_answermode(acc, mode);
	if (most)
		--*most;
}


/**
 * Answer a call
 *
 * @param call Incoming call
 */
void host_call_answer(struct call *call)
{
	(void)call_answer(call, 200, VIDMODE_ON);
}


/**
 * Get the setting that puts other calls on hold when one is established
 *
 * @return Setting, or NULL if there is none
 */
bool *host_hold_others(void)
{
#if HOST_MINOR
	struct config_head *head = (struct config_head *)conf_config();

	return max_calls() ? &head->hold_other_calls : NULL;
#else
	return NULL;
#endif
}

#endif
