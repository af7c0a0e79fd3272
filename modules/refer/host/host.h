/**
 * @file host.h  What the protocol needs from a softphone
 *
 * The port between the protocol (libre only) and the softphone around it.
 * baresip.c implements it for baresip, tests/unit/fake_host.c for tests.
 * A struct ua or struct call is the softphone's own, opaque here; it can
 * vanish at any time, so whoever kept one asks host_..._alive() before use.
 */
#ifndef REFER_HOST_H
#define REFER_HOST_H

struct ua;
struct call;


/* Log */

void debug(const char *fmt, ...);
void info(const char *fmt, ...);
void warning(const char *fmt, ...);


/* Configuration */

int          host_config_file(char *path, size_t size, const char *name);
struct conf *host_conf(void);


/* User-Agents */

struct ua  *host_ua_find(const struct sip_msg *msg);
bool        host_ua_takes(const struct ua *ua, const struct sip_msg *msg);
bool        host_ua_alive(const struct ua *ua);
const char *host_ua_aor(const struct ua *ua);
const char *host_ua_cuser(const struct ua *ua);
bool        host_ua_transfer_allowed(const struct ua *ua);
int         host_ua_param(const struct ua *ua, const char *name,
			  struct pl *val);
void        host_ua_params(struct pl *params, const struct ua *ua, bool uri);
void       *host_ua_auth_arg(const struct ua *ua);
sip_auth_h  host_auth;
int         host_ua_print(struct re_printf *pf, const struct ua *ua);
const char *host_ua_outbound(const struct ua *ua);


/* Calls */

/** What an INVITE that executes a referral carries */
struct host_invite {
	const char *uri;           /**< Request-URI and To             */
	const char *hdrs;          /**< More header lines, or ""       */
	bool novideo;              /**< Audio only                     */
};

struct call *host_call_find(const char *callid, unsigned n);
bool         host_call_alive(const struct call *call, const char *callid);
bool         host_call_established(const struct call *call);
bool         host_call_outgoing(const struct call *call);
struct ua   *host_call_ua(const struct call *call);
const char  *host_call_id(const struct call *call);
bool         host_call_has_video(const struct call *call);
const char  *host_call_peer(const struct call *call);
int          host_call_place(struct call **callp, struct ua *ua,
			     const struct host_invite *inv);
void         host_call_hangup(struct call *call, const char *reason);
void         host_call_drop(struct call *call, const char *reason);
bool         host_call_held(const struct call *call);
int          host_call_hold(struct call *call, bool hold);
void         host_incoming(struct ua *ua, bool answer, void (*h)(void *arg),
			   void *arg);
void         host_call_answer(struct call *call);
bool         host_call_alone(const struct call *call);
void         host_hold_nobody(void);


/* Messages and events */

bool host_uri_safe(const char *uri);
void host_response_guard(const struct sip_msg *msg);
void host_event(struct ua *ua, struct call *call, const char *prm);

#endif
