/**
 * @file fake_host.c  A softphone for the tests: host.h on bare SIP stacks
 */
#include "unit.h"
#include "fake_host.h"
#include "admission/state.h"
#include "config/rules.h"
#include "config/settings.h"
#include "core/call_watch.h"
#include "core/dialogs.h"


const char *fake_config;
struct conf *fake_conf;
const char *fake_unsafe;

static struct list ual;


static void call_destructor(void *arg)
{
	struct call *call = arg;

	list_unlink(&call->le);
	mem_deref(call->sess);
}


static struct call *call_new(struct ua *ua, bool outgoing)
{
	struct call *call = mem_zalloc(sizeof(*call), call_destructor);

	assert_non_null(call);
	call->ua = ua;
	call->outgoing = outgoing;
	list_append(&ua->calll, &call->le, call);

	return call;
}


/* A call is over: the softphone tells, then lets it go, as baresip does */
static void call_closed(struct call *call, uint16_t scode, const char *reason)
{
	if (call->ua->refer)
		call_watches_closed(call->ua->refer->watches, call, scode,
				    reason);

	mem_deref(call);
}


static int offer_handler(struct mbuf **descp, const struct sip_msg *msg,
			 void *arg)
{
	(void)msg;
	(void)arg;

	*descp = NULL;

	return 0;
}


static int answer_handler(const struct sip_msg *msg, void *arg)
{
	(void)msg;
	(void)arg;

	return 0;
}


static void estab_handler(const struct sip_msg *msg, void *arg)
{
	struct call *call = arg;
	(void)msg;

	call->established = true;

	if (call->ua->refer)
		refer_call_established(call->ua->refer, call);
}


/* baresip has the reason phrase in another form: "486 Busy Here" */
static void close_handler(int err, const struct sip_msg *msg, void *arg)
{
	char reason[128];

	if (msg) {
		(void)re_snprintf(reason, sizeof(reason), "%u %r", msg->scode,
				  &msg->reason);
		call_closed(arg, msg->scode, reason);
	}
	else if (err == ETIMEDOUT) {
		call_closed(arg, 408, "Request Timeout");
	}
	else {
		call_closed(arg, 487, "Request Terminated");
	}
}


static struct mbuf *sdp(const char *attr)
{
	struct mbuf *mb = mbuf_alloc(32);

	assert_non_null(mb);
	assert_int_equal(0, mbuf_printf(mb, "v=0\r\n%s", attr));
	mb->pos = 0;

	return mb;
}


static int connect_to(struct call *call, const struct host_invite *inv)
{
	struct mbuf *mb = sdp("");
	struct ua *ua = call->ua;
	const char *route = inv->outbound;
	int err;

	err = sipsess_connect(&call->sess, ua->sock, inv->uri,
			      inv->anonymous ? "Anonymous" : inv->name,
			      inv->anonymous ? "sip:anonymous@anonymous"
			      ".invalid" : ua->aor,
			      host_ua_cuser(ua), route ? &route : NULL,
			      route ? 1 : 0, "application/sdp", mb, host_auth,
			      ua->auth_arg, true, offer_handler,
			      answer_handler, NULL, estab_handler, NULL, NULL,
			      close_handler, call, "%s",
			      inv->hdrs ? inv->hdrs : "");
	mem_deref(mb);

	return err;
}


/* An INVITE of a new call */
static void conn_handler(const struct sip_msg *msg, void *arg)
{
	struct ua *ua = arg;
	struct mbuf *mb = NULL;
	struct call *call;

	if (!ua->answer || ua->answer >= 300) {
		if (ua->answer)
			(void)sip_treply(NULL, ua->sip, msg, ua->answer,
					 "Refused");
		return;
	}

	if (ua->answer >= 200)
		mb = sdp("");

	call = call_new(ua, false);
	if (sipsess_accept(&call->sess, ua->sock, msg, ua->answer,
			   ua->answer < 200 ? "Ringing" : "OK",
			   host_ua_cuser(ua), "application/sdp", mb,
			   host_auth, ua->auth_arg, true, offer_handler,
			   answer_handler, estab_handler, NULL, NULL,
			   close_handler, call, NULL)) {
		(void)sip_treply(NULL, ua->sip, msg, 400, "Bad Request");
		mem_deref(call);
	}
	mem_deref(mb);
}


/* The port */

struct ua *host_ua_find(const struct sip_msg *msg)
{
	const struct pl *user = &msg->uri.user;
	struct le *le;

	LIST_FOREACH(&ual, le) {
		struct ua *ua = le->data;
		struct pl pl;

		pl_set_str(&pl, ua->aor + strlen("sip:"));
		if (ua->refer && pl.l > user->l && pl.p[user->l] == '@' &&
		    !memcmp(pl.p, user->p, user->l))
			return ua;
	}

	return NULL;
}


bool host_ua_takes(const struct ua *ua, const struct sip_msg *msg)
{
	(void)ua;
	(void)msg;

	return true;
}


bool host_ua_alive(const struct ua *ua)
{
	struct le *le;

	LIST_FOREACH(&ual, le) {
		if (le->data == ua)
			return true;
	}

	return false;
}


const char *host_ua_aor(const struct ua *ua)
{
	return ua->aor;
}


const char *host_ua_cuser(const struct ua *ua)
{
	return ua->auth_arg;
}


bool host_ua_transfer_allowed(const struct ua *ua)
{
	return !ua->no_transfer;
}


int host_config_file(char *path, size_t size, const char *name)
{
	if (!fake_config)
		return ENOENT;

	(void)name;
	str_ncpy(path, fake_config, size);

	return 0;
}


struct conf *host_conf(void)
{
	return fake_conf;
}


/* As in an account: <sip:user@host;params>;params */
void host_ua_params(struct pl *params, const struct ua *ua, bool uri)
{
	const char *str = uri ? ua->uri_params : ua->params;

	pl_set_str(params, str ? str : "");
}


int host_ua_param(const struct ua *ua, const char *name, struct pl *val)
{
	struct pl pl;

	host_ua_params(&pl, ua, false);

	return msg_param_decode(&pl, name, val);
}


void *host_ua_auth_arg(const struct ua *ua)
{
	return ua->auth_arg;
}


int host_auth(char **username, char **password, const char *realm, void *arg)
{
	(void)realm;

	return str_dup(username, arg) || str_dup(password, "secret");
}


int host_ua_print(struct re_printf *pf, const struct ua *ua)
{
	(void)ua;

	return re_hprintf(pf, "Allow: INVITE, REFER, NOTIFY\r\n"
			  "Supported: norefersub,replaces,tdialog\r\n");
}


void host_answer_supported(const struct sip_msg *msg)
{
	(void)msg;
}


const char *host_ua_outbound(const struct ua *ua)
{
	return ua->outbound;
}


struct call *host_call_find(const char *callid, unsigned n)
{
	struct call *found = NULL;
	struct le *leu, *lec;

	LIST_FOREACH(&ual, leu) {
		const struct ua *ua = leu->data;

		if (!ua->refer)
			continue;

		LIST_FOREACH(&ua->calll, lec) {
			struct call *call = lec->data;

			if (str_cmp(host_call_id(call), callid))
				continue;

			if (!found || call->outgoing == (n == 0))
				found = call;
		}
	}

	return found;
}


bool host_call_alive(const struct call *call, const char *callid)
{
	struct le *leu, *lec;

	LIST_FOREACH(&ual, leu) {
		const struct ua *ua = leu->data;

		LIST_FOREACH(&ua->calll, lec) {
			if (lec->data == call)
				return !callid ||
					!str_cmp(callid, host_call_id(call));
		}
	}

	return false;
}


bool host_call_established(const struct call *call)
{
	return call->established;
}


bool host_call_outgoing(const struct call *call)
{
	return call->outgoing;
}


struct ua *host_call_ua(const struct call *call)
{
	return call ? call->ua : NULL;
}


const char *host_call_id(const struct call *call)
{
	if (call->ua->late_callid && !call->established)
		return NULL;

	if (!call->sess)
		return call->callid;

	return sip_dialog_callid(sipsess_dialog(call->sess));
}


bool host_call_has_video(const struct call *call)
{
	(void)call;

	return true;
}


const char *host_call_peer(const struct call *call)
{
	(void)call;

	return "sip:peer@example.com";
}


const char *host_call_peer_name(const struct call *call)
{
	(void)call;

	return NULL;
}


void host_sound(const char *file)
{
	(void)file;
}


int host_call_place(struct call **callp, struct ua *ua,
		    const struct host_invite *inv)
{
	struct call *call;
	int err;

	if (ua->no_calls) {
		--ua->no_calls;
		return EHOSTUNREACH;
	}

	call = call_new(ua, true);
	err = connect_to(call, inv);
	if (err)
		mem_deref(call);
	else
		*callp = call;

	return err;
}


void host_part_end(struct call *call)
{
	(void)call;
}


void host_incoming(struct ua *ua, bool answer, uint32_t rings,
		   void (*h)(void *arg), void *arg)
{
	(void)ua;
	(void)answer;
	(void)rings;

	h(arg);
}


int host_call_answer(struct call *call)
{
	(void)call;

	return 0;
}


bool host_call_alone(const struct call *call)
{
	(void)call;

	return true;
}


void host_hold_nobody(void)
{
}


void host_call_hangup(struct call *call, const char *reason)
{
	(void)reason;

	/* its Call-ID outlives the session, as in baresip */
	str_ncpy(call->callid, sip_dialog_callid(call_dlg(call)),
		 sizeof(call->callid));
	call->sess = mem_deref(call->sess);
	call_closed(call, 487, "Request Terminated");
}


void host_call_drop(struct call *call, const char *reason)
{
	host_call_hangup(call, reason);
}


bool host_call_held(const struct call *call)
{
	return call->held;
}


static int modify(struct call *call)
{
	struct mbuf *mb = sdp(call->held ? "a=sendonly\r\n"
			      : "a=sendrecv\r\n");
	int err;

	err = sipsess_modify(call->sess, mb);
	mem_deref(mb);

	return err;
}


int host_call_hold(struct call *call, bool hold)
{
	if (hold == call->held)
		return 0;

	call->held = hold;

	return modify(call);
}


int host_call_hold_again(struct call *call)
{
	return modify(call);
}


bool host_ua_sends_at_once(const struct ua *ua)
{
	return !ua->late_callid;
}


bool host_ua_dials(const struct ua *ua, const char *uri)
{
	(void)ua;

	return !fake_unsafe || !strstr(uri, fake_unsafe);
}


void host_response_guard(const struct sip_msg *msg)
{
	(void)msg;
}


/* Stacks */

static void ua_destructor(void *arg)
{
	struct ua *ua = arg;

	list_unlink(&ua->le);
	list_flush(&ua->wirel);
	list_flush(&ua->scriptl);
	list_flush(&ua->heldl);
	mem_deref(ua->auth_arg);
}


static void exit_handler(void *arg)
{
	struct ua *ua = arg;

	ua->closed = true;
}


/**
 * Start a stack, which has no sessions yet
 *
 * @param user User part of its address
 *
 * @return Softphone or peer
 */
struct ua *ua_new(const char *user)
{
	struct ua *ua = mem_zalloc(sizeof(*ua), ua_destructor);

	assert_non_null(ua);
	list_append(&ual, &ua->le, ua);
	ua->answer = 200;

	assert_int_equal(0, sip_alloc(&ua->sip, NULL, 16, 16, 16, NULL,
				      exit_handler, ua));
	assert_int_equal(0, sa_set_str(&ua->addr, "127.0.0.1", 0));
	assert_int_equal(0, sip_transp_add(ua->sip, SIP_TRANSP_UDP,
					   &ua->addr));
	assert_int_equal(0, sip_transp_laddr(ua->sip, &ua->addr,
					     SIP_TRANSP_UDP, NULL));
	sip_set_trace_handler(ua->sip, wire_trace);

	assert_int_equal(0, str_dup(&ua->auth_arg, user));
	assert_true(re_snprintf(ua->aor, sizeof(ua->aor), "sip:%s@%J", user,
				&ua->addr) > 0);

	return ua;
}


/**
 * Let a stack have sessions
 *
 * @param ua Softphone or peer
 */
void ua_listen(struct ua *ua)
{
	assert_int_equal(0, sipsess_listen(&ua->sock, ua->sip, 16,
					   conn_handler, ua));
}


/**
 * Start a softphone with the protocol on it
 *
 * There can be one at a time: a call is found by its Call-ID alone.
 *
 * @param user User part of its address
 * @param set  Settings
 *
 * @return Softphone
 */
struct ua *softphone_set(const char *user, const struct settings *set)
{
	struct ua *ua = ua_new(user);
	struct rules *rules;

	ua_listen(ua);
	assert_int_equal(0, rules_alloc(&rules));
	rules->set = *set;
	assert_int_equal(0, refer_alloc(&ua->refer, ua->sip, ua->sock,
					rules));
	mem_deref(rules);

	return ua;
}


/**
 * Start a softphone with the default settings
 *
 * @param user User part of its address
 *
 * @return Softphone
 */
struct ua *softphone(const char *user)
{
	struct settings set;

	settings_init(&set);

	return softphone_set(user, &set);
}


/* Calls */

/**
 * Place a call
 *
 * @param from Who calls
 * @param to   Who is called
 *
 * @return Call
 */
struct call *call_place(struct ua *from, const struct ua *to)
{
	const struct host_invite inv = {.uri = to->aor};
	struct call *call = call_new(from, true);

	assert_int_equal(0, connect_to(call, &inv));

	return call;
}


/**
 * Get the oldest call
 *
 * @param ua Softphone or peer
 *
 * @return Call, or NULL
 */
struct call *call_first(const struct ua *ua)
{
	return list_ledata(ua->calll.head);
}


/**
 * Get the newest call
 *
 * @param ua Softphone or peer
 *
 * @return Call, or NULL
 */
struct call *call_last(const struct ua *ua)
{
	return list_ledata(ua->calll.tail);
}


struct estab {
	const struct ua *ua;
	unsigned n;
};


static bool established_cond(void *arg)
{
	const struct estab *estab = arg;
	unsigned n = 0;
	struct le *le;

	LIST_FOREACH(&estab->ua->calll, le) {
		const struct call *call = le->data;

		n += call->established;
	}

	return n >= estab->n;
}


/**
 * Wait for calls to be established
 *
 * @param ua Softphone or peer
 * @param n  Number of its established calls
 */
void call_await_established(struct ua *ua, unsigned n)
{
	struct estab estab = {ua, n};

	if (!wait_cond(established_cond, &estab, WAIT_MS))
		fail_msg("%s: no %u calls are established", ua->aor, n);
}


/**
 * Place a call and wait until both sides have it established
 *
 * @param from Who calls
 * @param to   Who is called
 *
 * @return Call of the calling side; that of the other is call_last(to)
 */
struct call *call_setup(struct ua *from, struct ua *to)
{
	struct call *call = call_place(from, to);

	call_await_established(from, list_count(&from->calll));
	call_await_established(to, list_count(&to->calll));

	return call;
}


/**
 * Answer an INVITE with 1xx
 *
 * @param call   Call
 * @param scode  Status code
 * @param reason Reason phrase
 */
void call_progress(struct call *call, uint16_t scode, const char *reason)
{
	assert_int_equal(0, sipsess_progress(call->sess, scode, reason, NULL,
					     NULL));
}


/**
 * Answer an INVITE with 200
 *
 * @param call Call
 */
void call_answer(struct call *call)
{
	struct mbuf *mb = sdp("");

	assert_int_equal(0, sipsess_answer(call->sess, 200, "OK", mb, NULL));
	mem_deref(mb);
}


/**
 * Refuse an INVITE
 *
 * @param call   Call, gone on return
 * @param scode  Status code
 * @param reason Reason phrase
 */
void call_reject(struct call *call, uint16_t scode, const char *reason)
{
	assert_int_equal(0, sipsess_reject(call->sess, scode, reason, NULL));
	mem_deref(call);
}


static bool count_handler(struct le *le, void *arg)
{
	unsigned *np = arg;
	(void)le;

	++*np;

	return false;
}


static unsigned hash_count(const struct hash *ht)
{
	unsigned n = 0;

	(void)hash_apply(ht, count_handler, &n);

	return n;
}


/**
 * Count the watches of calls, but for those that each call has: of its
 * dialogs, and of the referrals that led to it
 *
 * @param refer Protocol
 *
 * @return Number of watches
 */
unsigned watch_count(const struct refer *refer)
{
	const struct dialogs *dialogs = refer->dialogs;

	return hash_count(refer->watches->ht) -
		hash_count(dialogs->ht_early) -
		hash_count(dialogs->ht_confirmed) +
		list_count(&dialogs->ended.l) -
		hash_count(refer->admission->ht_link);
}


/**
 * Let go of a call without a word to the protocol, as baresip's /uadel does
 *
 * @param call Call, gone on return
 */
void call_vanish(struct call *call)
{
	mem_deref(call);
}


/**
 * Hang up a call
 *
 * @param call Call, gone on return
 */
void call_bye(struct call *call)
{
	host_call_hangup(call, "");
}


/**
 * Get the dialog of a call
 *
 * @param call Call
 *
 * @return Dialog
 */
struct sip_dialog *call_dlg(const struct call *call)
{
	return sipsess_dialog(call->sess);
}


/* Life */

/**
 * Take the protocol off a softphone, as unloading the module does
 *
 * @param ua Softphone
 */
void refer_stop(struct ua *ua)
{
	ua->refer = mem_deref(ua->refer);
}


/**
 * Set up a test
 *
 * @param state Unused
 *
 * @return 0 if success, otherwise errorcode
 */
int fake_init(void **state)
{
	static bool ready;
	(void)state;

	if (ready)
		return 0;

	ready = true;

	return libre_init() || atexit(libre_close);
}


static bool closed_cond(void *arg)
{
	struct le *le;
	(void)arg;

	LIST_FOREACH(&ual, le) {
		const struct ua *ua = le->data;

		if (!ua->closed)
			return false;
	}

	return true;
}


/**
 * Clean up after a test: let go of everything, and see that it ends
 *
 * @param state Unused
 *
 * @return 0 if success, otherwise errorcode
 */
int fake_close(void **state)
{
	bool closed;
	struct le *le;
	unsigned i;
	(void)state;

	clock_stop(false);

	LIST_FOREACH(&ual, le)
		refer_stop(le->data);

	LIST_FOREACH(&ual, le) {
		struct ua *ua = le->data;

		list_flush(&ua->calll);
		sip_close(ua->sip, false);
	}

	closed = wait_cond(closed_cond, NULL, 100);

	/* those that wait for an answer that never comes */
	for (i=0; i<8 && !closed; ++i) {
		clock_forward(33000);
		closed = wait_cond(closed_cond, NULL, 100);
	}

	while (ual.head) {
		struct ua *ua = ual.head->data;

		mem_deref(ua->lsnr);
		mem_deref(ua->sock);
		mem_deref(ua->sip);
		mem_deref(ua);
	}

	event_clear();
	log_clear();
	fake_unsafe = NULL;

	if (!closed)
		(void)re_fprintf(stderr, "a stack was not closed\n");

	return closed ? 0 : ETIMEDOUT;
}
