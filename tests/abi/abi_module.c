/**
 * @file abi_module.c  A module that shows what host/baresip1.h declares
 *
 * Loaded into the installed baresip by unit_abi.c. Uses the declarations and
 * prints what the core makes of them, one line each, beginning with "abi ".
 * Makes the process end when it is done.
 */
#include <stddef.h>
#include <re.h>
#include "host/module.h"


/* what only this test needs of the core */
int ua_alloc(struct ua **uap, const char *aor);
int ua_answer(struct ua *ua, struct call *call, enum vidmode vmode);
int call_debug(struct re_printf *pf, const struct call *call);
int cmd_print(struct re_printf *pf, const struct commands *commands);
int cmd_process_long(struct commands *commands, const char *str, size_t len,
		     struct re_printf *pf_resp, void *data);

extern const struct mod_export exports;

enum {
	LIMIT = 10000,   /* of the whole, in ms */
};

static struct tmr tmr, tmr_limit;
static struct ua *ua;
static unsigned established, closed;


#define EVENT(ev) {ev, #ev}

static const struct {
	enum ua_event ev;
	const char *name;
} eventv[] = {
	EVENT(UA_EVENT_REGISTERING),
	EVENT(UA_EVENT_REGISTER_OK),
	EVENT(UA_EVENT_REGISTER_FAIL),
	EVENT(UA_EVENT_UNREGISTERING),
	EVENT(UA_EVENT_MWI_NOTIFY),
	EVENT(UA_EVENT_SHUTDOWN),
	EVENT(UA_EVENT_EXIT),
	EVENT(UA_EVENT_CALL_INCOMING),
	EVENT(UA_EVENT_CALL_RINGING),
	EVENT(UA_EVENT_CALL_PROGRESS),
	EVENT(UA_EVENT_CALL_ESTABLISHED),
	EVENT(UA_EVENT_CALL_CLOSED),
	EVENT(UA_EVENT_CALL_TRANSFER),
	EVENT(UA_EVENT_CALL_TRANSFER_FAILED),
	EVENT(UA_EVENT_CALL_DTMF_START),
	EVENT(UA_EVENT_CALL_DTMF_END),
	EVENT(UA_EVENT_CALL_RTPESTAB),
	EVENT(UA_EVENT_CALL_RTCP),
	EVENT(UA_EVENT_CALL_MENC),
	EVENT(UA_EVENT_VU_TX),
	EVENT(UA_EVENT_VU_RX),
	EVENT(UA_EVENT_AUDIO_ERROR),
	EVENT(UA_EVENT_CALL_LOCAL_SDP),
	EVENT(UA_EVENT_CALL_REMOTE_SDP),
	EVENT(UA_EVENT_MAX),
};


static int handler_one(struct re_printf *pf, void *arg)
{
	(void)arg;

	return re_hprintf(pf, "one");
}


static int handler_two(struct re_printf *pf, void *arg)
{
	const struct cmd_arg *carg = arg;

	return re_hprintf(pf, "two key=%c prm=%s data=%s", carg->key,
			  carg->prm, carg->data);
}


static const struct cmd cmdv[] = {
	{"abi_one", 0,    0,       "first of the block",  handler_one},
	{"abi_two", '\n', CMD_PRM, "second of the block", handler_two},
};


static void show_events(void)
{
	size_t i;

	for (i=0; i<ARRAY_SIZE(eventv); ++i)
		(void)re_printf("abi event %s %s\n", eventv[i].name,
				uag_event_str(eventv[i].ev));
}


static int find_line(struct re_printf *pf, const char *text)
{
	struct pl all, line;

	pl_set_str(&all, text);
	if (re_regex(all.p, all.l, "/abi_two[^\n]+", &line))
		return re_hprintf(pf, "none");

	return re_hprintf(pf, "/abi_two%r", &line);
}


static int print_commands(struct re_printf *pf, void *arg)
{
	return cmd_print(pf, arg);
}


static int run_two(struct re_printf *pf, void *arg)
{
	static const char line[] = "abi_two hello there";

	return cmd_process_long(arg, line, sizeof(line) - 1, pf, "data");
}


static void show_commands(void)
{
	struct commands *commands = baresip_commands();
	const struct cmd *cmd;
	char *text = NULL;
	int err;

	err = cmd_register(commands, cmdv, ARRAY_SIZE(cmdv));
	(void)re_printf("abi cmd register %d\n", err);

	cmd = cmd_find_long(commands, "abi_two");
	(void)re_printf("abi cmd found %d\n", cmd == &cmdv[1]);

	(void)re_printf("abi cmd run %H\n", run_two, commands);

	(void)re_sdprintf(&text, "%H", print_commands, commands);
	(void)re_printf("abi cmd help %H\n", find_line, text);
	mem_deref(text);

	cmd_unregister(commands, cmdv);
	cmd = cmd_find_long(commands, "abi_two");
	(void)re_printf("abi cmd gone %d\n", cmd == NULL);
}


static const char *state_name(enum call_state state)
{
	switch (state) {

	case CALL_STATE_IDLE:        return "IDLE";
	case CALL_STATE_INCOMING:    return "INCOMING";
	case CALL_STATE_OUTGOING:    return "OUTGOING";
	case CALL_STATE_RINGING:     return "RINGING";
	case CALL_STATE_EARLY:       return "EARLY";
	case CALL_STATE_ESTABLISHED: return "ESTABLISHED";
	case CALL_STATE_TERMINATED:  return "TERMINATED";
	default:                     return "???";
	}
}


/* The state by our constants, and as the core prints it */
static void show_state(const char *when, const struct call *call)
{
	struct pl word = PL_INIT;
	char *text = NULL;

	(void)re_sdprintf(&text, "%H", call_debug, call);
	if (text)
		(void)re_regex(text, str_len(text), "Call debug ([A-Z]+",
			       &word);

	(void)re_printf("abi state %s %s %r\n", when,
			state_name(call_state(call)), &word);
	mem_deref(text);
}


static void show_call(const struct call *call)
{
	const struct account *acc = ua_account(call_get_ua(call));

	(void)re_printf("abi call outgoing=%d video=%d scode=%u ua=%d"
			" callid=%d peer=%r\n",
			call_is_outgoing(call), call_has_video(call),
			call_scode(call), call_get_ua(call) == ua,
			str_isset(call_id(call)),
			&(struct pl){call_peeruri(call), 8});
	(void)re_printf("abi account transfer=%s user=%r aor=%s cuser=%d"
			" medianat=%d\n",
			account_call_transfer(acc), &account_luri(acc)->user,
			account_aor(acc), str_isset(ua_cuser(ua)),
			account_medianat(acc) != NULL);
	(void)re_printf("abi lists ua=%d calls=%u\n",
			list_ledata(list_head(uag_list())) == ua,
			list_count(ua_calls(ua)));
}


static void show_headers(struct call *call)
{
	struct list hdrs = LIST_INIT;
	int err;

	err = custom_hdrs_add(&hdrs, "X-Abi", "%s", "y");
	call_set_custom_hdrs(call, &hdrs);
	(void)re_printf("abi headers %d %u\n", err, list_count(&hdrs));
	list_flush(&hdrs);
}


static void quit_handler(void *arg)
{
	(void)re_printf("abi end %s\n", arg);
	re_cancel();
}


#if HOST_MINOR
static const enum ua_event own = UA_EVENT_MODULE;

static void own_event(struct ua *eua, struct call *call, const char *text)
{
	module_event("abi", "own", eua, call, "%s", text);
}
#else
static const enum ua_event own = (enum ua_event)(UA_EVENT_MAX + 1);

static void own_event(struct ua *eua, struct call *call, const char *text)
{
	ua_event(eua, own, call, "%s", text);
}
#endif


static void event_handler(struct ua *eua, enum ua_event ev,
			  struct call *call, const char *prm, void *arg)
{
	(void)arg;

	switch (ev) {

	case UA_EVENT_CALL_INCOMING:
		show_state("incoming", call);
		(void)ua_answer(eua, call, VIDMODE_OFF);
		break;

	case UA_EVENT_CALL_ESTABLISHED:
		show_state("established", call);
		if (call_is_outgoing(call))
			show_call(call);

		if (++established == 2) {
			own_event(eua, call, "%s is no format");
			ua_hangup(eua, call, 0, "over");
		}
		break;

	case UA_EVENT_CALL_CLOSED:
		show_state("closed", call);
		if (++closed == 2)
			tmr_start(&tmr, 0, quit_handler, "done");
		break;

	default:
		if (ev == own)
			(void)re_printf("abi own %s %s\n", uag_event_str(ev),
					prm);
		break;
	}
}


/* A call to oneself */
static int call_self(void)
{
	struct call *call = NULL;
	struct sa laddr;
	char addr[64];
	struct pl pl;
	int err;

	err = sip_transp_laddr(uag_sip(), &laddr, SIP_TRANSP_UDP, NULL);
	if (err)
		return err;

	(void)re_snprintf(addr, sizeof(addr), "sip:abi@%J", &laddr);

	err = ua_call_alloc(&call, ua, VIDMODE_OFF, NULL, NULL, NULL, true);
	if (err)
		return err;

	show_state("new", call);
	show_headers(call);

	pl_set_str(&pl, addr);
	err = call_connect(call, &pl);
	show_state("connecting", call);

	return err;
}


static void start_handler(void *arg)
{
	int err;
	(void)arg;

	show_events();
	show_commands();

	err  = uag_event_register(event_handler, NULL);
	err |= ua_alloc(&ua, "<sip:abi@127.0.0.1>;regint=0"
			";call_transfer=no");
	if (!err)
		err = call_self();

	(void)re_printf("abi sock %d conf %d\n", uag_sipsess_sock() != NULL,
			conf_cur() != NULL);

	if (err) {
		(void)re_printf("abi error %m\n", err);
		quit_handler("error");
	}
}


static int module_init(void)
{
	tmr_init(&tmr);
	tmr_init(&tmr_limit);
	tmr_start(&tmr, 0, start_handler, NULL);
	tmr_start(&tmr_limit, LIMIT, quit_handler, "timeout");

	return 0;
}


static int module_close(void)
{
	tmr_cancel(&tmr);
	tmr_cancel(&tmr_limit);
	uag_event_unregister(event_handler);

	return 0;
}


__attribute__((visibility("default")))
const struct mod_export exports = {
	"abi",
	"application",
	module_init,
	module_close
};
