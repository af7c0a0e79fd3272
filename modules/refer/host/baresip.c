/**
 * @file baresip.c  baresip, as the protocol sees it
 *
 * Implements host.h. What differs between versions of baresip has files of its
 * own.
 */
#include <stdio.h>
#include <string.h>
#include <re.h>
#include "host/compat.h"
#include "host/host.h"
#include "host/host_baresip.h"
#include "syntax/text.h"


/**
 * Get the name of a file of the configuration
 *
 * Uses libc, and what is the same in all releases: see required.c.
 *
 * @param path Set on success
 * @param size Room for it
 * @param name Name of the file, in the directory of the configuration
 *
 * @return 0 if success, otherwise errorcode
 */
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


/**
 * Get the configuration in memory; another one when it was read again
 *
 * @return Configuration, or NULL
 */
struct conf *host_conf(void)
{
	return conf_cur();
}


/**
 * Tell whether a user agent still exists
 *
 * @param ua User agent, maybe gone
 *
 * @return True if it does
 */
bool host_ua_alive(const struct ua *ua)
{
	struct le *le;

	LIST_FOREACH(uag_list(), le) {
		if (le->data == ua)
			return true;
	}

	return false;
}


/**
 * Get the address-of-record of a user agent
 *
 * @param ua User agent
 *
 * @return URI
 */
const char *host_ua_aor(const struct ua *ua)
{
	return account_aor(ua_account(ua));
}


/**
 * Get the user or URI for the Contact of a user agent
 *
 * @param ua User agent
 *
 * @return User or URI
 */
const char *host_ua_cuser(const struct ua *ua)
{
	return ua_cuser(ua);
}


/**
 * Get a parameter of the account of a user agent
 *
 * @param ua   User agent
 * @param name Name of the parameter
 * @param val  Value, set on success
 *
 * @return 0 if success, ENOENT if there is none
 */
int host_ua_param(const struct ua *ua, const char *name, struct pl *val)
{
	const struct sip_addr *laddr = account_laddr(ua_account(ua));

	return msg_param_decode(&laddr->params, name, val);
}


/**
 * Get all parameters of an account
 *
 * @param params Set to the text, empty if there are none
 * @param ua     User agent
 * @param uri    True for those of its URI, in <>
 */
void host_ua_params(struct pl *params, const struct ua *ua, bool uri)
{
	const struct account *acc = ua_account(ua);

	*params = uri ? account_luri(acc)->params : account_laddr(acc)->params;
}


/**
 * Get the argument for host_auth(); it is reference counted
 *
 * @param ua User agent
 *
 * @return Argument
 */
void *host_ua_auth_arg(const struct ua *ua)
{
	return ua_account(ua);
}


/**
 * Get the credentials to answer a challenge with
 *
 * @param username Pointer to allocated user name
 * @param password Pointer to allocated password
 * @param realm    Realm of the challenge
 * @param arg      As from host_ua_auth_arg()
 *
 * @return 0 if success, otherwise errorcode
 */
int host_auth(char **username, char **password, const char *realm, void *arg)
{
	return account_auth(arg, username, password, realm);
}


/**
 * Print the headers that tell what a user agent can do
 *
 * @param pf Print function
 * @param ua User agent
 *
 * @return 0 if success, otherwise errorcode
 */
int host_ua_print(struct re_printf *pf, const struct ua *ua)
{
	return re_hprintf(pf, "Allow: %H\r\n%H", ua_print_allowed, ua,
			  ua_print_supported, ua);
}


/**
 * Get the proxy that requests out of a dialog go through
 *
 * @param ua User agent
 *
 * @return URI, or NULL
 */
const char *host_ua_outbound(const struct ua *ua)
{
	return ua_outbound(ua);
}


/**
 * Tell whether a call is established
 *
 * @param call Call
 *
 * @return True if it is
 */
bool host_call_established(const struct call *call)
{
	return call_state(call) == CALL_STATE_ESTABLISHED;
}


/**
 * Tell whether a call was made by us
 *
 * @param call Call
 *
 * @return True if it was
 */
bool host_call_outgoing(const struct call *call)
{
	return call_is_outgoing(call);
}


/**
 * Get the user agent of a call
 *
 * @param call Call, or NULL
 *
 * @return User agent, or NULL
 */
struct ua *host_call_ua(const struct call *call)
{
	return call_get_ua(call);
}


/**
 * Get the Call-ID of a call
 *
 * @param call Call
 *
 * @return Call-ID, or NULL as long as the INVITE is not out
 */
const char *host_call_id(const struct call *call)
{
	return call_id(call);
}


/**
 * Get the URI of the other side of a call
 *
 * @param call Call
 *
 * @return URI
 */
const char *host_call_peer(const struct call *call)
{
	return call_peeruri(call);
}


/**
 * Tell whether a call has video
 *
 * @param call Call
 *
 * @return True if it has
 */
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

	pl_set_str(&rest, lines);

	while (!err && text_cut(&line, &rest, '\r')) {
		err = add_header(hdrs, &line);
		pl_advance(&rest, rest.l ? 1 : 0);
	}

	return err;
}


/**
 * Place a call
 *
 * It is not made "from" the referred call (xcall): the core would share the
 * subscription of that one with it. baresip 1.x reads the URI as a format.
 *
 * @param callp Pointer to the call
 * @param ua    User agent to call from
 * @param inv   What the INVITE carries
 *
 * @return 0 if success, ENOTSUP if the URI cannot be called without harm,
 *         otherwise errorcode
 */
int host_call_place(struct call **callp, struct ua *ua,
		    const struct host_invite *inv)
{
	enum vidmode vidmode = VIDMODE_ON;
	struct list hdrs = LIST_INIT;
	struct call *call = NULL;
	char *addr = NULL;
	struct pl pl;
	int err;

	if (!host_uri_safe(inv->uri))
		return ENOTSUP;

	/* what the core of 1.0 does not say itself: RFC 3891 section 6.2 */
	err  = custom_hdrs_add(&hdrs, "Supported", "%s", "replaces");
	err |= headers(&hdrs, inv->hdrs);
	err |= re_sdprintf(&addr, "<%s>", inv->uri);
	if (err)
		goto out;

	if (inv->novideo)
		vidmode = VIDMODE_OFF;

	err = ua_call_alloc(&call, ua, vidmode, NULL, NULL, NULL, true);
	if (err)
		goto out;

	host_call_headers(call, &hdrs);

	pl_set_str(&pl, addr);
	err = call_connect(call, &pl);
	if (!err)
		host_call_add(call);

 out:
	list_flush(&hdrs);
	mem_deref(addr);

	if (err)
		host_call_undo(call);
	else
		*callp = call;

	return err;
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


/**
 * Tell whether nobody but the other side of a call is talked to
 *
 * @param call Call
 *
 * @return True if so
 */
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


/**
 * Have the softphone put no other call on hold for one that is established by
 * the message that it is about to see
 */
void host_hold_nobody(void)
{
	static struct tmr tmr;
	bool *hold = host_hold_others();

	if (!hold || !*hold)
		return;

	*hold = false;
	tmr_start(&tmr, 0, hold_handler, hold);
}


/**
 * Hang up a call as people do: baresip resumes one that is on hold then, but
 * not beside another that goes on
 *
 * @param call   Call
 * @param reason Why, for people
 */
void host_call_hangup(struct call *call, const char *reason)
{
	if (is_talking(call_get_ua(call), call))
		host_call_drop(call, reason);
	else
		ua_hangup(call_get_ua(call), call, 0, reason);
}


/**
 * Tell whether we have put a call on hold
 *
 * @param call Call
 *
 * @return True if so, even if the other side does not know yet
 */
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


/**
 * Tell how a call ended, at UA_EVENT_CALL_CLOSED
 *
 * @param out  Status, set on return
 * @param call Call
 * @param prm  Parameter of the event
 */
void host_call_outcome(struct call_outcome *out, const struct call *call,
		       const char *prm)
{
	out->scode  = 503;
	out->reason = "Service Unavailable";

	if (call_state(call) == CALL_STATE_TERMINATED) {
		out->scode  = 487;
		out->reason = "Request Terminated";
	}
	else if (call_scode(call) >= 300) {
		out->scode  = call_scode(call);
		out->reason = without_code(prm, out->scode);
	}
	else if (is_timeout(prm)) {
		out->scode  = 408;
		out->reason = "Request Timeout";
	}
}
