/**
 * @file baresip.c  baresip, as the protocol sees it
 *
 * Implements host.h, where each function is described. What differs between
 * releases is in baresip1.c and baresip4.c.
 */
#include <stdio.h>
#include <string.h>
#include <re.h>
#include "host/host.h"
#include "host/module.h"
#include "syntax/text.h"


/* Of libc, and of what is the same in all releases: see required.c */
int host_config_file(char *path, size_t size, const char *name)
{
	size_t len;
	int err;

	err = conf_path_get(path, size);
	if (err)
		return err;

	len = strlen(path);
	if (snprintf(path + len, size - len, "/%s", name) >=
	    (int)(size - len))
		return ENAMETOOLONG;

	return 0;
}


struct conf *host_conf(void)
{
	return conf_cur();
}


const char *host_ua_aor(const struct ua *ua)
{
	return account_aor(ua_account(ua));
}


const char *host_ua_cuser(const struct ua *ua)
{
	return ua_cuser(ua);
}


/* Most accounts have few of our parameters, and this is cheaper than libre's
   search. It may find more: libre decides */
static bool may_have(const struct pl *params, const char *name)
{
	struct pl rest = *params, prm;

	while (text_cut(&prm, &rest, ';')) {
		text_trim(&prm);
		if (prm.l > str_len(name) &&
		    !strncasecmp(prm.p, name, str_len(name)))
			return true;
	}

	return false;
}


int host_ua_param(const struct ua *ua, const char *name, struct pl *val)
{
	const struct sip_addr *laddr = account_laddr(ua_account(ua));

	return may_have(&laddr->params, name) ?
		msg_param_decode(&laddr->params, name, val) : ENOENT;
}


void host_ua_params(struct pl *params, const struct ua *ua, bool uri)
{
	const struct account *acc = ua_account(ua);

	*params = uri ? account_luri(acc)->params : account_laddr(acc)->params;
}


void *host_ua_auth_arg(const struct ua *ua)
{
	return ua_account(ua);
}


int host_auth(char **username, char **password, const char *realm, void *arg)
{
	return account_auth(arg, username, password, realm);
}


static bool is_ours(const struct pl *tag)
{
	return !pl_strcasecmp(tag, "norefersub") ||
		!pl_strcasecmp(tag, "replaces");
}


/* The core's own list, in a line that ours stands in too; 1.x has no more
   than eight, and at times none */
static int print_others(struct re_printf *pf, const struct ua *ua)
{
	struct pl list, tag;
	char line[256];
	int err = 0;

	if (re_snprintf(line, sizeof(line), "%H", ua_print_supported,
			ua) < 0 ||
	    re_regex(line, strlen(line), "Supported:[^\r\n]*", &list))
		return EINVAL;

	while (text_cut(&tag, &list, ',')) {
		text_trim(&tag);
		if (tag.l && !is_ours(&tag))
			err |= re_hprintf(pf, ",%r", &tag);
	}

	return err;
}


int host_ua_print(struct re_printf *pf, const struct ua *ua)
{
	return re_hprintf(pf, "Allow: %H\r\n"
			  "Supported: norefersub,replaces,tdialog%H\r\n",
			  ua_print_allowed, ua, print_others, ua);
}


const char *host_ua_outbound(const struct ua *ua)
{
	return ua_outbound(ua);
}


bool host_call_established(const struct call *call)
{
	return call_state(call) == CALL_STATE_ESTABLISHED;
}


bool host_call_outgoing(const struct call *call)
{
	return call_is_outgoing(call);
}


struct ua *host_call_ua(const struct call *call)
{
	return call_get_ua(call);
}


const char *host_call_id(const struct call *call)
{
	return call_id(call);
}


const char *host_call_peer(const struct call *call)
{
	const char *kept = host_call_kept_peer(call);

	return kept ? kept : call_peeruri(call);
}


const char *host_call_peer_name(const struct call *call)
{
	return call_peername(call);
}


bool host_call_has_video(const struct call *call)
{
	return call_has_video(call);
}


static int add_header(struct list *hdrs, const struct pl *line)
{
	struct pl name, val = *line;
	char *str;
	int err;

	(void)text_cut(&name, &val, ':');
	err = pl_strdup(&str, &name);
	if (err)
		return err;

	text_trim(&val);
	err = custom_hdrs_add(hdrs, str, "%r", &val);
	mem_deref(str);

	return err;
}


static int headers(struct list *hdrs, const char *lines)
{
	struct pl rest, line;
	int err = 0;

	pl_set_str(&rest, lines ? lines : "");

	while (!err && text_cut(&line, &rest, '\r')) {
		err = add_header(hdrs, &line);
		pl_advance(&rest, rest.l ? 1 : 0);
	}

	return err;
}


/*
 * It is not made "from" the referred call (xcall): the core would share the
 * subscription of that one with it. baresip 1.x reads the URI as a format
 * with the first event of the call: see host_peer_guard().
 */
static int place(struct call **callp, struct ua *ua,
		 const struct host_invite *inv, const struct mbuf *part)
{
	enum vidmode vidmode = inv->novideo ? VIDMODE_OFF : VIDMODE_ON;
	struct attachment *a = NULL;
	struct list hdrs = LIST_INIT;
	struct identity *id = NULL;
	struct call *call = NULL;
	char *addr = NULL;
	struct pl pl;
	int err;

	err  = host_call_supported(&hdrs);
	err |= headers(&hdrs, inv->hdrs);
	err |= re_sdprintf(&addr, "<%s>", inv->uri);
	if (!err)
		err = host_identity(&id, ua, inv);
	if (err)
		goto out;

	err = ua_call_alloc(&call, ua, vidmode, NULL, NULL,
			    host_from_uri(inv), true);
	if (err)
		goto out;

	if (part)
		err = host_attach(&a, call, &hdrs, part);
	if (err)
		goto out;

	host_call_headers(call, &hdrs);

	pl_set_str(&pl, addr);
	err = call_connect(call, &pl);
	if (err)
		goto out;

	host_call_add(call);
	host_call_keep_part(call, a);
	host_peer_guard(call);

 out:
	mem_deref(id);
	list_flush(&hdrs);
	mem_deref(addr);

	if (err) {
		host_call_undo(call);
		mem_deref(a);
	}
	else {
		*callp = call;
	}

	return err;
}


int host_call_place(struct call **callp, struct ua *ua,
		    const struct host_invite *inv)
{
	int err;

	if (!host_ua_dials(ua, inv->uri))
		return ENOTSUP;

	if (inv->part) {
		err = host_attach_possible(ua) ?
			place(callp, ua, inv, inv->part) : ENOTSUP;
		if (err != EMSGSIZE && err != ENOTSUP)
			return err;

		info("refer: the INVITE has no token: %m\n", err);
	}

	return place(callp, ua, inv, NULL);
}


/* Another call of the account, not on hold */
static bool is_talking(const struct ua *ua, const struct call *call)
{
	struct le *le;

	LIST_FOREACH(ua_calls(ua), le) {
		const struct call *other = le->data;

		if (other != call && host_call_established(other) &&
		    !call_is_onhold(other))
			return true;
	}

	return false;
}


bool host_call_alone(const struct call *call)
{
	struct le *le;

	LIST_FOREACH(uag_list(), le) {
		if (is_talking(le->data, call))
			return false;
	}

	return true;
}


static void hold_handler(void *arg)
{
	bool *hold = arg;

	*hold = true;
}


void host_hold_nobody(void)
{
	static struct tmr tmr;
	bool *hold = host_hold_others();

	if (!hold || !*hold)
		return;

	*hold = false;
	tmr_start(&tmr, 0, hold_handler, hold);
}


/* baresip resumes a call that is on hold then; not beside one that goes on */
void host_call_hangup(struct call *call, const char *reason)
{
	if (is_talking(call_get_ua(call), call))
		host_call_drop(call, reason);
	else
		ua_hangup(call_get_ua(call), call, 0, reason);
}


bool host_call_held(const struct call *call)
{
	return call_is_onhold(call);
}


/* Of the core there is only the text, made with %m */
static bool is_timeout(const char *prm)
{
	static char text[128];

	if (!*text)
		(void)re_snprintf(text, sizeof(text), "%m", ETIMEDOUT);

	return !str_cmp(prm, text);
}


/* The core writes "486 Busy Here" */
static const char *without_code(const char *prm, uint16_t scode)
{
	char code[8];

	(void)re_snprintf(code, sizeof(code), "%u ", scode);

	return prm && !strncmp(prm, code, strlen(code)) ? prm + strlen(code)
		: prm;
}


uint16_t host_call_outcome(const char **reason, const struct call *call,
			   const char *text)
{
	const uint16_t scode = call_scode(call);

	if (call_state(call) == CALL_STATE_TERMINATED) {
		*reason = "Request Terminated";
		return 487;
	}

	if (scode >= 300) {
		*reason = without_code(text, scode);
		return scode;
	}

	if (is_timeout(text)) {
		*reason = "Request Timeout";
		return 408;
	}

	*reason = "Service Unavailable";

	return 503;
}
