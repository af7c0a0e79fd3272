/**
 * @file client.h  Inside of an outgoing REFER
 */
#ifndef REFER_CLIENT_H
#define REFER_CLIENT_H

#include "core/call_watch.h"
#include "core/queue.h"
#include "core/sender.h"
#include "referrer/hold.h"
#include "referrer/referrer.h"
#include "referrer/subscriber.h"
#include "refer.h"

/** All outgoing REFERs */
struct clients {
	struct list l;                 /**< Under way                    */
	struct list restl;             /**< Those that are not           */
	struct list latel;             /**< Those that may hear of it late */
	struct queue grace;            /**< Those whose call is over     */
	struct refer *refer;
	const struct client_owner *owner;
	void *arg;
};

struct refer_client {
	struct le le;
	struct queue_entry grace_due;
	struct clients *all;           /**< NULL once the module is gone */
	uint32_t id;
	uint32_t part;                 /**< Of a transfer of that number,
					    whose owner ends it, or 0    */
	uint64_t ts;                   /**< When it began [ms]           */
	enum refer_client_state state;
	bool ending;                   /**< Until referEnded is fired    */
	struct ua *ua;
	bool outside;                  /**< Out of a dialog              */
	struct call_watch watch;       /**< The call to transfer         */
	struct call_watch other;       /**< Attended: with the target    */
	struct hold *hold;             /**< While it is being held       */
	bool held;                     /**< Was put on hold for this     */
	struct sender *sender;
	struct subscriber *sub;
	char *target;
	char *again;                   /**< Target if that is not reached */
	bool tried_again;
	bool blind;                    /**< The other call ends before it */
	char *peer;
	char *name;                    /**< Display name of that, or NULL */
	char *dialled;                 /**< Attended: the target's AOR   */
	char *aor;
	char *hdrs;                    /**< Header lines of the opts     */
	char *uri_hdrs;                /**< Those for the URI, escaped   */
	char *content;                 /**< Body and its headers         */
	struct list contacts;          /**< Where a 3xx has sent us      */
	char *redirect;                /**< The one of them that is tried */
	unsigned redirects;
	enum refer_choice hold_how;
	enum refer_choice keep;        /**< The call, after a success    */
	uint32_t timeout;              /**< For its outcome, or 0 [s]    */
	struct tmr tmr;
	bool nosub;
	bool reduced;                  /**< Sent again after a 420       */
	uint16_t scode;                /**< Response to the REFER        */
	char *reason;                  /**< and its reason phrase        */
	uint16_t last;                 /**< Last status that came        */
	char *last_reason;             /**< and its reason phrase        */
	refer_response_h *resph;
	void *resp_arg;
	refer_event_h *eventh;
	void *arg;
	void *data;
};


/* The object (client.c) */

bool client_open(const struct refer_client *c);
void client_set_state(struct refer_client *c, enum refer_client_state state,
		      uint16_t scode);
void client_set_last(struct refer_client *c, uint16_t scode,
		     const char *reason);
void client_emit(struct refer_client *c, struct refer_event *ev);
bool client_event(struct refer_client *c, enum refer_event_type type,
		  uint16_t scode, const char *reason,
		  const struct sip_msg *msg);


/* What goes out (client_request.c) */

sender_again_h client_send;
int  client_start(struct refer_client *c);
bool client_reduce(struct refer_client *c);
bool client_again(struct refer_client *c);


/* Its options (opts.c) */

int  client_print_uri_lines(struct re_printf *pf, const char *const *linev);
uint32_t client_setting(const struct ua *ua, const char *key, uint32_t dflt);
bool client_chosen(enum refer_choice choice, const struct ua *ua,
		   const char *key, uint32_t dflt);


/* What comes back, and the end (client_outcome.c) */

call_watch_h client_call_handler;
sip_resp_h client_response_handler;
subscriber_status_h client_status_handler;
subscriber_close_h client_close_handler;
tmr_h client_grace_handler;
tmr_h client_timeout_handler;

void client_end(struct refer_client *c, enum refer_outcome outcome,
		uint16_t scode, const char *reason);


/* What comes after a timeout (late.c) */

/** Handles an outcome that has come */
typedef void (late_h)(struct refer_client *c, struct refer_event *ev);

bool late_listen(struct refer_client *c, late_h *h);

#endif
