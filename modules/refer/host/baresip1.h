/**
 * @file baresip1.h  The part of baresip 1.x's ABI that this module uses
 *
 * Debian ships no baresip.h, so the prototypes stand here, of 1.0.0 and, where
 * HOST_MINOR is 1, of 1.1.0. The test tests/abi proves them against the
 * installed baresip: every symbol is exported, and the enum values agree with
 * what uag_event_str() prints.
 */
#ifndef REFER_HOST_BARESIP1_H
#define REFER_HOST_BARESIP1_H

#include "odict1.h"

#define DECL_EXPORTS(name) exports

struct account;
struct audio;
struct call;
struct commands;
struct ua;


/* Account */

const char *account_aor(const struct account *acc);
const char *account_call_transfer(const struct account *acc);
const char *account_medianat(const struct account *acc);
const char *account_display_name(const struct account *acc);
const char *account_outbound(const struct account *acc, unsigned ix);
int account_set_display_name(struct account *acc, const char *dname);
int account_set_outbound(struct account *acc, const char *ob, unsigned ix);
struct sip_addr *account_laddr(const struct account *acc);
struct uri *account_luri(const struct account *acc);
enum answermode {
	ANSWERMODE_MANUAL = 0,
	ANSWERMODE_EARLY,
	ANSWERMODE_AUTO,
};

enum answermode account_answermode(const struct account *acc);
int account_set_answermode(struct account *acc, enum answermode mode);
int account_auth(const struct account *acc, char **username, char **password,
		 const char *realm);


/* Call */

enum call_state {
	CALL_STATE_IDLE = 0,
	CALL_STATE_INCOMING,
	CALL_STATE_OUTGOING,
	CALL_STATE_RINGING,
	CALL_STATE_EARLY,
	CALL_STATE_ESTABLISHED,
	CALL_STATE_TERMINATED,
	CALL_STATE_UNKNOWN
};

enum vidmode {
	VIDMODE_OFF = 0,
	VIDMODE_ON,
};

struct audio *call_audio(const struct call *call);
int  call_answer(struct call *call, uint16_t scode, enum vidmode vmode);
int  call_connect(struct call *call, const struct pl *paddr);
bool call_has_video(const struct call *call);
bool call_is_outgoing(const struct call *call);
void call_set_custom_hdrs(struct call *call, const struct list *hdrs);
int  call_sdp_get(const struct call *call, struct mbuf **descp, bool offer);
struct list *call_streaml(const struct call *call);
uint16_t call_scode(const struct call *call);
const char *call_id(const struct call *call);
const char *call_peeruri(const struct call *call);
const char *call_peername(const struct call *call);
uint32_t call_duration(const struct call *call);
enum call_state call_state(const struct call *call);
struct ua *call_get_ua(const struct call *call);
int  call_modify(struct call *call);
int  call_hold(struct call *call, bool hold);
bool call_is_onhold(const struct call *call);
struct call *call_find_linenum(const struct list *calls, uint32_t linenum);

int custom_hdrs_add(struct list *hdrs, const char *name, const char *fmt, ...);


/* Audio and video */

struct stream;

struct sdp_media *stream_sdpmedia(const struct stream *s);

int audio_set_source(struct audio *au, const char *mod, const char *device);


struct auplay;
struct play;
struct player;

int  play_file(struct play **playp, struct player *player,
	       const char *filename, int repeat,
	       const char *play_mod, const char *play_dev);
struct player *baresip_player(void);
struct list *baresip_auplayl(void);


/* Commands */

enum {
	CMD_PRM = (1<<0),
};

struct cmd_arg {
	char key;
	char *prm;
	void *data;
};

struct cmd {
	const char *name;
	char key;
	int flags;
	const char *desc;
	re_printf_h *h;
};

int  cmd_register(struct commands *commands, const struct cmd *cmdv,
		  size_t cmdc);
void cmd_unregister(struct commands *commands, const struct cmd *cmdv);
const struct cmd *cmd_find_long(const struct commands *commands,
				const char *name);
struct commands *baresip_commands(void);


/* Config */

struct config;
struct dnsc;
struct network;

struct network *baresip_network(void);
struct dnsc *net_dnsc(const struct network *net);
int conf_path_get(char *path, size_t sz);
struct conf *conf_cur(void);
struct config *conf_config(void);


/* Log */

void debug(const char *fmt, ...);
void info(const char *fmt, ...);
void warning(const char *fmt, ...);


/* User-Agent */

enum ua_event {
	UA_EVENT_REGISTERING = 0,
	UA_EVENT_REGISTER_OK,
	UA_EVENT_REGISTER_FAIL,
	UA_EVENT_UNREGISTERING,
#if HOST_MINOR
	UA_EVENT_FALLBACK_OK,
	UA_EVENT_FALLBACK_FAIL,
#endif
	UA_EVENT_MWI_NOTIFY,
	UA_EVENT_SHUTDOWN,
	UA_EVENT_EXIT,

	UA_EVENT_CALL_INCOMING,
	UA_EVENT_CALL_RINGING,
	UA_EVENT_CALL_PROGRESS,
#if HOST_MINOR
	UA_EVENT_CALL_ANSWERED,
#endif
	UA_EVENT_CALL_ESTABLISHED,
	UA_EVENT_CALL_CLOSED,
	UA_EVENT_CALL_TRANSFER,
	UA_EVENT_CALL_TRANSFER_FAILED,
	UA_EVENT_CALL_DTMF_START,
	UA_EVENT_CALL_DTMF_END,
	UA_EVENT_CALL_RTPESTAB,
	UA_EVENT_CALL_RTCP,
	UA_EVENT_CALL_MENC,
	UA_EVENT_VU_TX,
	UA_EVENT_VU_RX,
	UA_EVENT_AUDIO_ERROR,
	UA_EVENT_CALL_LOCAL_SDP,
	UA_EVENT_CALL_REMOTE_SDP,
#if HOST_MINOR
	UA_EVENT_MODULE,
	UA_EVENT_CUSTOM,
#endif

	UA_EVENT_MAX,
};

typedef void (ua_event_h)(struct ua *ua, enum ua_event ev,
			  struct call *call, const char *prm, void *arg);

#if HOST_MINOR
void module_event(const char *module, const char *event, struct ua *ua,
		  struct call *call, const char *fmt, ...);
#endif
void ua_event(struct ua *ua, enum ua_event ev, struct call *call,
	      const char *fmt, ...);
void call_hangup(struct call *call, uint16_t scode, const char *reason);
void ua_hangup(struct ua *ua, struct call *call, uint16_t scode,
	       const char *reason);
int  ua_call_alloc(struct call **callp, struct ua *ua, enum vidmode vidmode,
		   const struct sip_msg *msg, struct call *xcall,
		   const char *local_uri, bool use_rtp);
int  ua_connect(struct ua *ua, struct call **callp, const char *from_uri,
		const char *req_uri, enum vidmode vmode);
int  ua_print_allowed(struct re_printf *pf, const struct ua *ua);
int  ua_print_supported(struct re_printf *pf, const struct ua *ua);
const char *ua_cuser(const struct ua *ua);
const char *ua_local_cuser(const struct ua *ua);
void ua_pub_gruu_set(struct ua *ua, const struct pl *pval);
struct account *ua_account(const struct ua *ua);
struct call *ua_call(const struct ua *ua);
struct list *ua_calls(const struct ua *ua);
const char *ua_outbound(const struct ua *ua);

int  uag_event_register(ua_event_h *h, void *arg);
void uag_event_unregister(ua_event_h *h);
const char *uag_event_str(enum ua_event ev);
struct list *uag_list(void);
struct sip *uag_sip(void);
struct sipsess_sock *uag_sipsess_sock(void);
#if !HOST_MINOR
struct ua *uag_current(void);
#endif
struct ua *uag_find(const struct pl *cuser);

#endif
