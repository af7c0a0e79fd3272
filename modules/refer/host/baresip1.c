/**
 * @file baresip1.c  What baresip 1.x does in its own way
 */
#include <re.h>
#include "host/host.h"
#include "host/module.h"

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


bool host_ua_transfer_allowed(const struct ua *ua)
{
	return str_casecmp(account_call_transfer(ua_account(ua)), "no");
}


struct ua *host_ua_find(const struct sip_msg *msg)
{
	return uag_find(&msg->uri.user);
}


/* It has no filter */
bool host_ua_takes(const struct ua *ua, const struct sip_msg *msg)
{
	(void)ua;
	(void)msg;

	return true;
}


/* What it does not say itself: RFC 3891 section 6.2 */
int host_call_supported(struct list *hdrs)
{
	return custom_hdrs_add(hdrs, "Supported", "%s", "replaces");
}


/*
 * Nor in an answer. libre 1.1 and 2.0 write the headers that they copy from
 * the request's list, by their kind: a Record-Route into what makes a dialog
 * and into the 200 to OPTIONS. The route set is taken from the table of the
 * headers, in which this one is not.
 */
void host_answer_supported(const struct sip_msg *msg)
{
	struct sip_hdr *hdr;

	if (pl_strcmp(&msg->met, "INVITE") && pl_strcmp(&msg->met, "OPTIONS"))
		return;

	hdr = mem_zalloc(sizeof(*hdr), NULL);
	if (!hdr)
		return;

	pl_set_str(&hdr->name, "Supported");
	pl_set_str(&hdr->val, "replaces");
	hdr->id = SIP_HDR_RECORD_ROUTE;
	list_append((struct list *)&msg->hdrl, &hdr->le, hdr);
}


void host_call_headers(struct call *call, const struct list *hdrs)
{
	call_set_custom_hdrs(call, hdrs);
}


void host_call_undo(struct call *call)
{
	mem_deref(call);
}


int host_call_hold(struct call *call, bool hold)
{
	return call_hold(call, hold);
}


int host_call_hold_again(struct call *call)
{
	return call_modify(call);
}


/* ua_hangup() would resume a call that is on hold */
void host_call_drop(struct call *call, const char *reason)
{
	call_hangup(call, 0, reason);
	ua_event(call_get_ua(call), UA_EVENT_CALL_CLOSED, call, "%s",
		 reason);
	mem_deref(call);
}


int host_call_answer(struct call *call)
{
	return call_answer(call, 200, VIDMODE_ON);
}


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


/* It answers by the account's mode, and counts all calls */
void host_incoming(struct ua *ua, bool answer, uint32_t rings,
		   void (*h)(void *arg), void *arg)
{
	struct account *acc = ua_account(ua);
	const enum answermode mode = account_answermode(acc);
	const uint32_t n = list_count(ua_calls(ua));
	uint32_t *most = max_calls();
	const uint32_t limit = most ? *most : 0;

	if (answer)
		(void)account_set_answermode(acc, ANSWERMODE_AUTO);
	if (most)
		*most = max(limit, n - min(n, rings)) + 1;

	h(arg);

	if (answer)
		(void)account_set_answermode(acc, mode);
	if (most)
		*most = limit;
}


/* The setting that puts other calls on hold, or NULL */
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
