/**
 * @file host_baresip.h  What the module asks of baresip beside host.h
 */
#ifndef REFER_HOST_BARESIP_H
#define REFER_HOST_BARESIP_H

struct call;
struct ua;

/** How a call ended */
struct call_outcome {
	uint16_t scode;
	const char *reason;
};

void host_call_outcome(struct call_outcome *out, const struct call *call,
		       const char *prm);

int  host_calls_init(void);
void host_calls_close(void);
void host_call_add(struct call *call);
void host_call_remove(const struct call *call);


/* What differs between versions of baresip */

/** What baresip tells of its calls, as far as it matters here */
enum news {
	NEWS_CALL_NEW,
	NEWS_CALL_ESTABLISHED,
	NEWS_CALL_TRANSFER_FAILED,
	NEWS_CALL_CLOSED,
	NEWS_SHUTDOWN,
	NEWS_OTHER,            /**< The menu's commands may have changed */
};

typedef void (news_h)(enum news news, struct call *call, const char *prm);

bool host_is_right(void);
int  host_news_register(news_h *h);
void host_news_unregister(void);
struct ua *host_ua_current(void);
struct call *host_call_current(void);
bool host_menu_attends(void);
bool *host_hold_others(void);
void host_call_undo(struct call *call);
void host_call_headers(struct call *call, const struct list *hdrs);

#endif
