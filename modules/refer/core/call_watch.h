/**
 * @file call_watch.h  Calls and user agents that are followed to their end
 */
#ifndef REFER_CALL_WATCH_H
#define REFER_CALL_WATCH_H

struct call;
struct ua;

enum call_change {
	CALL_ESTABLISHED,
	CALL_CLOSED,
	CALL_GONE,             /**< Over, without an event    */
	UA_GONE,               /**< And any call of it        */
};

/**
 * Handles a change of a watched call
 *
 * After all but CALL_ESTABLISHED the call is NULL, its Call-ID is kept.
 *
 * @param change What happened
 * @param scode  Status code that the call ended with, or 0
 * @param reason Reason phrase
 * @param arg    Handler argument
 */
typedef void (call_watch_h)(enum call_change change, uint16_t scode,
			    const char *reason, void *arg);

/** A call, or a user agent, that a context follows; at first all zero */
struct call_watch {
	struct le he;          /**< By call                   */
	struct le le;          /**< Among all                 */
	struct call *call;     /**< NULL once it is over      */
	char *callid;
	const struct ua *ua;   /**< NULL if it is not watched */
	bool established;      /**< That was reported         */
	call_watch_h *h;
	void *arg;
};

/** All watches */
struct call_watches {
	struct hash *ht;
	struct list l;         /**< The oldest first          */
	struct tmr tmr;        /**< While there are any       */
};

int  call_watches_alloc(struct call_watches **wsp);
void call_watches_established(struct call_watches *ws, struct call *call);
void call_watches_closed(struct call_watches *ws, const struct call *call,
			 uint16_t scode, const char *reason);
void call_watches_sweep(struct call_watches *ws);

int  call_watch(struct call_watch *w, struct call_watches *ws,
		const struct ua *ua, struct call *call, call_watch_h *h,
		void *arg);
void call_unwatch(struct call_watch *w);
bool call_alive(const struct call_watch *w);

/** Handler of an object that goes with its call */
call_watch_h call_watch_deref;

#endif
