/**
 * @file fake_host.h  A softphone for the tests, and peers for it
 *
 * Implements host.h on real SIP stacks on loopback, several in one process.
 * A struct ua is one stack: a softphone with the protocol on it, or a peer
 * that answers as the test tells it to. Time can be moved forward.
 */
#ifndef UNIT_FAKE_HOST_H
#define UNIT_FAKE_HOST_H

#include "core/core.h"
#include "host/host.h"
#include "host/libre.h"
#include "refer.h"
#include "log.h"

enum {
	WAIT_MS   = 10000,  /**< Longest wait for anything expected    */
	SETTLE_MS = 15,     /**< To see that nothing unexpected comes  */
	HOLD      = 0,      /**< For a script: keep, answer later      */
};

/** A softphone or a peer */
struct ua {
	struct le le;
	struct sip *sip;
	struct sipsess_sock *sock;
	struct sip_lsnr *lsnr;       /**< Of a peer: before its sessions   */
	struct refer *refer;         /**< Of a softphone: what is tested   */
	struct list calll;           /**< struct call                      */
	struct list wirel;           /**< struct wire                      */
	struct list scriptl;
	struct list heldl;
	struct sa addr;
	char aor[64];
	const char *params;          /**< Of the account, or NULL          */
	const char *uri_params;      /**< Those in its <>, or NULL         */
	const char *outbound;        /**< Proxy, or NULL                   */
	char *auth_arg;              /**< Reference counted, as an account */
	uint16_t answer;             /**< To an INVITE; 1xx: then wait     */
	bool no_transfer;            /**< call_transfer=no                 */
	unsigned no_calls;           /**< So many calls cannot be placed   */
	bool late_callid;            /**< Call-ID is unknown at first, ICE */
	bool closed;
};

/** A call: a real session */
struct call {
	struct le le;
	struct ua *ua;
	struct sipsess *sess;
	char callid[64];
	bool outgoing;
	bool established;
	bool held;
};

/** A message that was sent or received */
struct wire {
	struct le le;
	bool tx;
	struct sip_msg *msg;
	uint64_t ts;
};

/** An event of the module */
struct event {
	struct le le;
	struct ua *ua;
	struct call *call;
	char *prm;
};


extern const char *fake_config;   /**< File of the configuration, or NULL */
extern struct conf *fake_conf;    /**< The one in memory, or NULL */

extern const char *fake_unsafe;   /**< Text that host_ua_dials() refuses */

/** What an application does in an event of the module, or NULL */
extern void (*event_act)(const char *prm);


/** A request that may be wrong, in the first call that a peer has made */
struct raw {
	const char *met;
	const char *callid;     /**< NULL: as in the call */
	const char *from_tag;   /**< NULL: as in the call */
	const char *to_tag;     /**< NULL: as in the call */
	uint32_t cseq;
};


/* Time */

void clock_forward(uint64_t ms);
void clock_stop(bool stop);
void run_idle(void);


/* Life */

int  fake_init(void **state);
int  fake_close(void **state);
struct ua *softphone(const char *user);
struct ua *softphone_set(const char *user, const struct settings *set);
struct ua *peer(const char *user);
void refer_stop(struct ua *ua);


/* Waiting */

typedef bool (cond_h)(void *arg);

bool wait_cond(cond_h *h, void *arg, uint32_t ms);
void settle(void);
void run_for(uint32_t ms);


/* Messages: what is "REFER" for a request or "202 REFER" for a response */

const struct wire *wire_find(const struct ua *ua, bool tx, const char *what,
			     unsigned n);
unsigned wire_count(const struct ua *ua, bool tx, const char *what);
const struct sip_msg *wire_await(const struct ua *ua, bool tx,
				 const char *what, unsigned n);
bool  msg_has(const struct sip_msg *msg, const char *text);
bool  msg_hdr_is(const struct sip_msg *msg, const char *name,
		 const char *val);
bool  body_is(const struct sip_msg *msg, const char *text);


/* Peers */

void peer_script(struct ua *ua, const char *met, uint16_t scode,
		 const char *hdrs);
void peer_answer_held(struct ua *ua, uint16_t scode, const char *hdrs);
void call_request(struct call *call, const char *met, const char *fmt, ...);
void call_request_bare(struct call *call, const char *met,
		       const char *fmt, ...);
void raw_request(struct ua *ua, const struct ua *to, const struct raw *raw,
		 const char *fmt, ...);
void ua_send(struct ua *ua, const struct ua *to, const char *fmt, ...);


/* Calls */

struct call *call_place(struct ua *from, const struct ua *to);
struct call *call_first(const struct ua *ua);
struct call *call_last(const struct ua *ua);
struct call *call_setup(struct ua *from, struct ua *to);
void call_await_established(struct ua *ua, unsigned n);
void call_progress(struct call *call, uint16_t scode, const char *reason);
void call_answer(struct call *call);
void call_reject(struct call *call, uint16_t scode, const char *reason);
unsigned watch_count(const struct refer *refer);
void call_vanish(struct call *call);
void call_bye(struct call *call);
struct sip_dialog *call_dlg(const struct call *call);


/* Events */

const struct event *event_find(const char *name, unsigned n);
unsigned event_count(const char *name);
const struct event *event_await(const char *name, unsigned n);
bool event_is(unsigned n, const char *prm);
unsigned events(void);


/* Between the files of this */

struct ua *ua_new(const char *user);
void ua_listen(struct ua *ua);
void wire_trace(bool tx, enum sip_transp tp, const struct sa *src,
		const struct sa *dst, const uint8_t *pkt, size_t len,
		void *arg);
void event_clear(void);

#endif
