/**
 * @file module.h  baresip, as refer.c, the commands and host/ itself see it
 *
 * What they ask of it beside the port, host.h.
 */
#ifndef REFER_HOST_MODULE_H
#define REFER_HOST_MODULE_H

#include "host/baresip.h"
#include "host/libre.h"

#if HOST_MAJOR >= 3
/* There they are macros; ours are functions, see baresip4.c */
#undef debug
#undef info
#undef warning

void debug(const char *fmt, ...);
void info(const char *fmt, ...);
void warning(const char *fmt, ...);

/* Exported, declared in the core's private header only */
int  call_sdp_get(const struct call *call, struct mbuf **descp, bool offer);
void call_set_custom_hdrs(struct call *call, const struct list *hdrs);
int  ua_print_allowed(struct re_printf *pf, const struct ua *ua);
#endif


/* Whether the module was built for this baresip (version.c); says so if not */

bool host_version_matches(void);


/* What the menu makes of calls (menu.c): the user agent and the call that
   commands mean, NULL if there is none; whether it has commands for attended
   transfer; whether its commands may come or go with an event */

struct ua *host_ua_current(void);
struct call *host_call_current(void);
bool host_menu_attends(void);
bool host_menu_changes(enum bevent_ev ev);


/* The table of calls (calls.c). It hears events: whoever relies on it must
   register for them later */

int  host_calls_init(void);
void host_calls_close(void);


/* End the sound that is played */

void host_sound_close(void);


/* End what host_resume_not() has begun */

void host_resume_close(void);


/* How a call ended, when BEVENT_CALL_CLOSED tells so with a text: the status
   code, and the reason phrase, which may be part of the text */

uint16_t host_call_outcome(const char **reason, const struct call *call,
			   const char *text);


/* An INVITE with a second body part (attach.c) */

struct attachment;

bool host_attach_possible(const struct ua *ua);
int  host_attach(struct attachment **ap, struct call *call, struct list *hdrs,
		 const struct mbuf *part);
void host_attach_close(void);


/* Who calls (identity.c): the account is as it was when this is released; no
   allocation is needed for an INVITE of the account's own */

struct host_invite;
struct identity;

int  host_identity(struct identity **idp, struct ua *ua,
		   const struct host_invite *inv);
const char *host_from_uri(const struct host_invite *inv);


/* What baresip.c leaves to calls.c, format.c, baresip1.c and baresip4.c */

void host_call_add(struct call *call);
void host_call_keep_part(struct call *call, struct attachment *a);
void host_call_keep_peer(struct call *call);
const char *host_call_kept_peer(const struct call *call);
void host_peer_guard(struct call *call);
bool *host_hold_others(void);
void host_call_undo(struct call *call);
int  host_call_supported(struct list *hdrs);
void host_call_headers(struct call *call, const struct list *hdrs);

#endif
