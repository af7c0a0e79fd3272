/**
 * @file client.h  Inside of an outgoing REFER
 */
#ifndef REFER_CLIENT_H
#define REFER_CLIENT_H

#include "core/call_watch.h"
#include "core/queue.h"
#include "refer.h"

struct hold;
struct refer;
struct sender;
struct subscriber;

struct refer_client {
	struct le le;
	struct queue_entry grace_due;
	struct refer *refer;           /**< NULL once the module is gone */
	uint32_t id;
	uint64_t ts;                   /**< When it began [ms]           */
	enum refer_client_state state;
	bool ending;                   /**< Until referEnded was told    */
	struct ua *ua;
	bool outside;                  /**< Out of a dialog              */
	struct call_watch watch;       /**< The call to transfer         */
	struct call_watch other;       /**< Attended: with the target    */
	struct hold *hold;             /**< While it is being held       */
	bool held;                     /**< Was put on hold for this     */
	struct sender *sender;
	struct subscriber *sub;
	char *target;
	char *peer;
	char *aor;
	char *hdrs;                    /**< Header lines of the opts     */
	char *content;                 /**< Body and its headers         */
	char *redirect;                /**< Where a 3xx has sent us      */
	unsigned redirects;
	bool nosub;
	bool reduced;                  /**< Sent again after a 420       */
	uint16_t scode;                /**< Response to the REFER        */
	char *reason;                  /**< and its reason phrase        */
	uint16_t last;                 /**< Last status that came        */
	refer_response_h *resph;
	void *resp_arg;
	refer_event_h *eventh;
	void *arg;
	void *data;
};

bool client_open(const struct refer_client *c);
bool client_event(struct refer_client *c, enum refer_event_type type,
		  uint16_t scode, const char *reason,
		  const struct sip_msg *msg);
void client_set_state(struct refer_client *c, enum refer_client_state state,
		      uint16_t scode);
void client_end(struct refer_client *c, enum refer_outcome outcome, uint16_t scode,
		const char *reason);
int  client_subscribe(struct refer_client *c);
void client_call_handler(enum call_change change, uint16_t scode,
			 const char *reason, void *arg);


/* How it begins (client_start.c) */

int  client_start(struct refer_client *c);


/* The REFER itself (client_send.c) */

int  client_sender(struct refer_client *c, struct sip_dialog *dlg);
int  client_send(struct refer_client *c);

#endif
