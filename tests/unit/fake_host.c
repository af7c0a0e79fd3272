/**
 * @file fake_host.c  A softphone for the tests: host.h on bare SIP stacks
 */
#include <time.h>
#include "unit.h"
#include "fake_host.h"


const char *fake_unsafe;

static struct list ual;
static struct list eventl;


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
		refer_call_closed(call->ua->refer, call, scode, reason);

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


static struct mbuf *sdp(void)
{
	static const char text[] = "v=0\r\n";
	struct mbuf *mb = mbuf_alloc(16);

	assert_non_null(mb);
	assert_int_equal(0, mbuf_write_mem(mb, (const uint8_t *)text,
					   sizeof(text) - 1));
	mb->pos = 0;

	return mb;
}


static int connect_to(struct call *call, const char *uri, const char *hdrs)
{
	struct mbuf *mb = sdp();
	struct ua *ua = call->ua;
	int err;

	err = sipsess_connect(&call->sess, ua->sock, uri, NULL, ua->aor,
			      host_ua_cuser(ua), NULL, 0, "application/sdp",
			      mb, host_auth, ua->auth_arg, true, offer_handler,
			      answer_handler, NULL, estab_handler, NULL, NULL,
			      close_handler, call, "%s", hdrs);
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
		mb = sdp();

	call = call_new(ua, false);
	assert_int_equal(0, sipsess_accept(&call->sess, ua->sock, msg,
			 ua->answer, ua->answer < 200 ? "Ringing" : "OK",
			 host_ua_cuser(ua), "application/sdp", mb, host_auth,
			 ua->auth_arg, true, offer_handler, answer_handler,
			 estab_handler, NULL, NULL, close_handler, call,
			 NULL));
	mem_deref(mb);
}


/* The port */

struct ua *host_ua_find(const struct pl *user)
{
	struct le *le;

	LIST_FOREACH(&ual, le) {
		struct ua *ua = le->data;
		struct pl pl;

		pl_set_str(&pl, ua->aor + strlen("sip:"));
		if (pl.l > user->l && pl.p[user->l] == '@' &&
		    !memcmp(pl.p, user->p, user->l))
			return ua;
	}

	return NULL;
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


int host_ua_param(const struct ua *ua, const char *name, struct pl *val)
{
	(void)ua;
	(void)name;
	(void)val;

	return ENOENT;
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
			  "Supported: replaces\r\n");
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


const char *host_call_peer(const struct call *call)
{
	(void)call;

	return "sip:peer@example.com";
}


int host_call_place(struct call **callp, struct ua *ua,
		    const struct host_invite *inv)
{
	char *hdrs = NULL;
	struct call *call;
	int err;

	if (ua->no_calls)
		return EHOSTUNREACH;

	err = re_sdprintf(&hdrs, "%s%s%s%s%s%s",
			  inv->replaces ? "Replaces: " : "",
			  inv->replaces ? inv->replaces : "",
			  inv->replaces ? "\r\n" : "",
			  inv->referred_by ? "Referred-By: " : "",
			  inv->referred_by ? inv->referred_by : "",
			  inv->referred_by ? "\r\n" : "");
	if (err)
		return err;

	call = call_new(ua, true);
	err = connect_to(call, inv->uri, hdrs);
	if (err)
		mem_deref(call);
	else
		*callp = call;

	mem_deref(hdrs);

	return err;
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


bool host_uri_safe(const char *uri)
{
	return !fake_unsafe || !strstr(uri, fake_unsafe);
}


void host_response_guard(const struct sip_msg *msg)
{
	(void)msg;
}


static void event_destructor(void *arg)
{
	struct event *ev = arg;

	list_unlink(&ev->le);
	mem_deref(ev->prm);
}


void host_event(struct ua *ua, struct call *call, const char *prm)
{
	struct event *ev = mem_zalloc(sizeof(*ev), event_destructor);

	assert_non_null(ev);
	assert_int_equal(0, str_dup(&ev->prm, prm));
	ev->ua   = ua;
	ev->call = call;
	list_append(&eventl, &ev->le, ev);

	if (getenv("UNIT_VERBOSE"))
		(void)re_fprintf(stderr, "event %s\n", prm);
}


/* Stacks */

static void wire_destructor(void *arg)
{
	struct wire *w = arg;

	list_unlink(&w->le);
	mem_deref(w->msg);
}


static bool is_same(const struct sip_msg *a, const struct sip_msg *b)
{
	return a->req == b->req && a->scode == b->scode &&
		!pl_cmp(&a->met, &b->met) &&
		!pl_cmp(&a->cseq.met, &b->cseq.met) &&
		!pl_cmp(&a->via.branch, &b->via.branch);
}


static bool is_retransmission(const struct ua *ua, const struct wire *w)
{
	struct le *le;

	LIST_FOREACH(&ua->wirel, le) {
		const struct wire *old = le->data;

		if (old->tx == w->tx && is_same(old->msg, w->msg))
			return true;
	}

	return false;
}


static void trace_handler(bool tx, enum sip_transp tp, const struct sa *src,
			  const struct sa *dst, const uint8_t *pkt, size_t len,
			  void *arg)
{
	struct ua *ua = arg;
	struct mbuf *mb;
	struct wire *w;
	(void)tp;
	(void)src;
	(void)dst;

	if (getenv("UNIT_VERBOSE"))
		(void)re_fprintf(stderr, "%s %s\n%b\n", ua->aor,
				 tx ? "sends" : "receives", pkt, len);

	w  = mem_zalloc(sizeof(*w), wire_destructor);
	mb = mbuf_alloc(len + 1);
	assert_non_null(w);
	assert_non_null(mb);

	w->tx = tx;
	w->ts = tmr_jiffies();
	assert_int_equal(0, mbuf_write_mem(mb, pkt, len));
	mb->pos = 0;
	assert_int_equal(0, sip_msg_decode(&w->msg, mb));
	mem_deref(mb);

	if (is_retransmission(ua, w))
		mem_deref(w);
	else
		list_append(&ua->wirel, &w->le, w);
}


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


static struct ua *ua_new(const char *user)
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
	sip_set_trace_handler(ua->sip, trace_handler);

	assert_int_equal(0, str_dup(&ua->auth_arg, user));
	assert_true(re_snprintf(ua->aor, sizeof(ua->aor), "sip:%s@%J", user,
				&ua->addr) > 0);

	return ua;
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

	assert_int_equal(0, sipsess_listen(&ua->sock, ua->sip, 16,
					   conn_handler, ua));
	assert_int_equal(0, refer_alloc(&ua->refer, ua->sip, ua->sock, set,
				       NULL));

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

	settings_read(&set, NULL);

	return softphone_set(user, &set);
}


/* Scripted answers of a peer */

struct script {
	struct le le;
	const char *met;
	uint16_t scode;
	const char *hdrs;
};

struct held {
	struct le le;
	struct sip_strans *st;
	struct sip_msg *msg;
};


static void script_destructor(void *arg)
{
	struct script *s = arg;

	list_unlink(&s->le);
}


static void held_destructor(void *arg)
{
	struct held *held = arg;

	list_unlink(&held->le);
	mem_deref(held->msg);
}


static void hold(struct ua *ua, const struct sip_msg *msg)
{
	struct held *held = mem_zalloc(sizeof(*held), held_destructor);

	assert_non_null(held);
	assert_int_equal(0, sip_strans_alloc(&held->st, ua->sip, msg, NULL,
					     NULL));
	held->msg = mem_ref((void *)msg);
	list_append(&ua->heldl, &held->le, held);
}


static void answer(struct ua *ua, struct sip_strans **stp,
		   const struct sip_msg *msg, uint16_t scode,
		   const char *hdrs)
{
	(void)sip_treplyf(stp, NULL, ua->sip, msg, true, scode,
			  scode < 300 ? "OK" : "Refused",
			  "Contact: <%s>\r\n"
			  "%s"
			  "Content-Length: 0\r\n"
			  "\r\n", ua->aor, hdrs);
}


static struct script *script_find(const struct ua *ua, const struct pl *met)
{
	struct le *le;

	LIST_FOREACH(&ua->scriptl, le) {
		struct script *s = le->data;

		if (!pl_strcmp(met, s->met))
			return s;
	}

	return NULL;
}


static bool peer_handler(const struct sip_msg *msg, void *arg)
{
	static const char *corev[] = {"INVITE", "ACK", "BYE", "CANCEL"};
	struct ua *ua = arg;
	struct script *s;
	size_t i;

	s = script_find(ua, &msg->met);

	for (i=0; i<ARRAY_SIZE(corev) && !s; ++i) {
		if (!pl_strcmp(&msg->met, corev[i]))
			return false;
	}

	if (s && s->scode == HOLD)
		hold(ua, msg);
	else
		answer(ua, NULL, msg, s ? s->scode : 200, s ? s->hdrs : "");

	mem_deref(s);

	return true;
}


/**
 * Start a peer: it takes calls, and answers other requests by its script or
 * with 200
 *
 * @param user User part of its address
 *
 * @return Peer
 */
struct ua *peer(const char *user)
{
	struct ua *ua = ua_new(user);

	assert_int_equal(0, sip_listen(&ua->lsnr, ua->sip, true, peer_handler,
				       ua));
	assert_int_equal(0, sipsess_listen(&ua->sock, ua->sip, 16,
					   conn_handler, ua));

	return ua;
}


/**
 * Tell a peer how to answer the next request with a method
 *
 * @param ua    Peer
 * @param met   Method
 * @param scode Status code, or HOLD
 * @param hdrs  More headers of the response, or NULL
 */
void peer_script(struct ua *ua, const char *met, uint16_t scode,
		 const char *hdrs)
{
	struct script *s = mem_zalloc(sizeof(*s), script_destructor);

	assert_non_null(s);
	s->met   = met;
	s->scode = scode;
	s->hdrs  = hdrs ? hdrs : "";
	list_append(&ua->scriptl, &s->le, s);
}


/**
 * Answer the oldest request that was held
 *
 * @param ua    Peer
 * @param scode Status code
 * @param hdrs  More headers of the response, or NULL
 */
void peer_answer_held(struct ua *ua, uint16_t scode, const char *hdrs)
{
	struct held *held = list_ledata(ua->heldl.head);

	assert_non_null(held);
	answer(ua, &held->st, held->msg, scode, hdrs ? hdrs : "");

	if (scode >= 200)
		mem_deref(held);
}


static int contact_handler(enum sip_transp tp, const struct sa *src,
			   const struct sa *dst, struct mbuf *mb, void *arg)
{
	(void)tp;
	(void)dst;
	(void)arg;

	return mbuf_printf(mb, "Contact: <sip:%J>\r\n", src);
}


static void vrequest(struct call *call, const char *met, sip_send_h *sendh,
		     const char *fmt, va_list *ap)
{
	assert_int_equal(0, sip_drequestf(NULL, call->ua->sip, true, met,
					  call_dlg(call), 0, NULL, sendh,
					  NULL, NULL, "%v", fmt, ap));
}


/**
 * Send a request in the dialog of a peer's call
 *
 * @param call Call
 * @param met  Method
 * @param fmt  Headers, empty line and body
 */
void call_request(struct call *call, const char *met, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vrequest(call, met, contact_handler, fmt, &ap);
	va_end(ap);
}


/**
 * Send a request without a Contact in the dialog of a peer's call
 *
 * @param call Call
 * @param met  Method
 * @param fmt  Headers, empty line and body
 */
void call_request_bare(struct call *call, const char *met, const char *fmt,
		       ...)
{
	va_list ap;

	va_start(ap, fmt);
	vrequest(call, met, NULL, fmt, &ap);
	va_end(ap);
}


/**
 * Send a request with a CSeq and tags of one's own
 *
 * @param ua  Peer, which has called
 * @param to  Who was called
 * @param raw What is of one's own
 * @param fmt Headers, empty line and body
 */
void raw_request(struct ua *ua, const struct ua *to, const struct raw *raw,
		 const char *fmt, ...)
{
	const struct wire *w = wire_find(ua, false, "200 INVITE", 0);
	struct pl callid, from, tag;
	va_list ap;

	assert_non_null(w);
	callid = w->msg->callid;
	from   = w->msg->from.tag;
	tag    = w->msg->to.tag;

	if (raw->callid)
		pl_set_str(&callid, raw->callid);
	if (raw->from_tag)
		pl_set_str(&from, raw->from_tag);
	if (raw->to_tag)
		pl_set_str(&tag, raw->to_tag);

	va_start(ap, fmt);
	ua_send(ua, to,
		"%s %s SIP/2.0\r\n"
		"Via: SIP/2.0/UDP %J;branch=z9hG4bK%016llx;rport\r\n"
		"Max-Forwards: 70\r\n"
		"From: <%s>;tag=%r\r\n"
		"To: <%s>;tag=%r\r\n"
		"Call-ID: %r\r\n"
		"CSeq: %u %s\r\n"
		"Contact: <%s>\r\n"
		"%v",
		raw->met, to->aor, &ua->addr, rand_u64(), ua->aor, &from,
		to->aor, &tag, &callid, raw->cseq, raw->met, ua->aor, fmt,
		&ap);
	va_end(ap);
}


/**
 * Send a text as it is
 *
 * @param ua  Who sends
 * @param to  Who receives
 * @param fmt Text
 */
void ua_send(struct ua *ua, const struct ua *to, const char *fmt, ...)
{
	struct mbuf *mb = mbuf_alloc(512);
	va_list ap;

	assert_non_null(mb);

	va_start(ap, fmt);
	assert_int_equal(0, mbuf_vprintf(mb, fmt, ap));
	va_end(ap);

	mb->pos = 0;
	assert_int_equal(0, sip_send(ua->sip, NULL, SIP_TRANSP_UDP, &to->addr,
				     mb));
	mem_deref(mb);
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
	struct call *call = call_new(from, true);

	assert_int_equal(0, connect_to(call, to->aor, ""));

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
	struct mbuf *mb = sdp();

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


/* Messages */

static bool is_what(const struct sip_msg *msg, const char *what)
{
	char buf[64];

	if (msg->req)
		return !pl_strcmp(&msg->met, what);

	(void)re_snprintf(buf, sizeof(buf), "%u %r", msg->scode,
			  &msg->cseq.met);

	return !str_cmp(buf, what);
}


/**
 * Find a message
 *
 * @param ua   Softphone or peer
 * @param tx   True if it sent it, false if it received it
 * @param what "REFER" for a request, "202 REFER" for a response
 * @param n    0 for the first one, 1 for the second
 *
 * @return Message, or NULL
 */
const struct wire *wire_find(const struct ua *ua, bool tx, const char *what,
			     unsigned n)
{
	struct le *le;

	LIST_FOREACH(&ua->wirel, le) {
		const struct wire *w = le->data;

		if (w->tx == tx && is_what(w->msg, what) && !n--)
			return w;
	}

	return NULL;
}


/**
 * Count messages; retransmissions do not count
 *
 * @param ua   Softphone or peer
 * @param tx   True for those it sent, false for those it received
 * @param what As for wire_find()
 *
 * @return Number of messages
 */
unsigned wire_count(const struct ua *ua, bool tx, const char *what)
{
	unsigned n = 0;

	while (wire_find(ua, tx, what, n))
		++n;

	return n;
}


struct wire_search {
	const struct ua *ua;
	bool tx;
	const char *what;
	unsigned n;
};


static bool wire_cond(void *arg)
{
	const struct wire_search *s = arg;

	return wire_find(s->ua, s->tx, s->what, s->n);
}


static void wire_print(const struct ua *ua)
{
	struct le *le;

	LIST_FOREACH(&ua->wirel, le) {
		const struct wire *w = le->data;

		(void)re_fprintf(stderr, "%s %s %r%u %r\n", ua->aor,
				 w->tx ? "->" : "<-", &w->msg->met,
				 w->msg->scode, &w->msg->cseq.met);
	}
}


/**
 * Wait for a message; the test fails if it does not come
 *
 * @param ua   Softphone or peer
 * @param tx   True if it sends it, false if it receives it
 * @param what As for wire_find()
 * @param n    0 for the first one, 1 for the second
 *
 * @return Message
 */
const struct sip_msg *wire_await(const struct ua *ua, bool tx,
				 const char *what, unsigned n)
{
	struct wire_search s = {ua, tx, what, n};

	if (!wait_cond(wire_cond, &s, WAIT_MS)) {
		wire_print(ua);
		log_print();
		fail_msg("%s %s no %s number %u", ua->aor,
			 tx ? "sends" : "receives", what, n + 1);
	}

	return wire_find(ua, tx, what, n)->msg;
}


/**
 * Tell whether the head of a message has a text in it
 *
 * @param msg  Message
 * @param text Text
 *
 * @return True if so
 */
bool msg_has(const struct sip_msg *msg, const char *text)
{
	return memmem(msg->mb->buf, msg->mb->pos, text, strlen(text));
}


/**
 * Tell whether a message has exactly one header with a name, and its value
 *
 * @param msg  Message
 * @param name Name of the header
 * @param val  Value
 *
 * @return True if so
 */
bool msg_hdr_is(const struct sip_msg *msg, const char *name, const char *val)
{
	const struct sip_hdr *hdr = sip_msg_xhdr(msg, name);

	if (hdr && sip_msg_xhdr_count(msg, name) == 1 &&
	    !pl_strcmp(&hdr->val, val))
		return true;

	(void)re_fprintf(stderr, "%s is \"%r\", not \"%s\"\n", name,
			 hdr ? &hdr->val : NULL, val);

	return false;
}


/**
 * Tell whether the body of a message is a text
 *
 * @param msg  Message
 * @param text Text
 *
 * @return True if so
 */
bool body_is(const struct sip_msg *msg, const char *text)
{
	struct pl pl;

	pl_set_mbuf(&pl, msg->mb);
	if (!pl_strcmp(&pl, text))
		return true;

	(void)re_fprintf(stderr, "body is \"%r\", not \"%s\"\n", &pl, text);

	return false;
}


/* Events */

/**
 * Find an event of the module
 *
 * @param name Its name, as "referEnded"
 * @param n    0 for the first one, 1 for the second
 *
 * @return Event, or NULL
 */
const struct event *event_find(const char *name, unsigned n)
{
	struct le *le;

	LIST_FOREACH(&eventl, le) {
		const struct event *ev = le->data;
		struct pl pl;

		if (!re_regex(ev->prm, strlen(ev->prm), "refer,[^,]+,", &pl) &&
		    !pl_strcmp(&pl, name) && !n--)
			return ev;
	}

	return NULL;
}


/**
 * Count events
 *
 * @param name Their name
 *
 * @return Number of events
 */
unsigned event_count(const char *name)
{
	unsigned n = 0;

	while (event_find(name, n))
		++n;

	return n;
}


struct event_search {
	const char *name;
	unsigned n;
};


static bool event_cond(void *arg)
{
	const struct event_search *s = arg;

	return event_find(s->name, s->n);
}


/**
 * Wait for an event; the test fails if it does not come
 *
 * @param name Its name
 * @param n    0 for the first one, 1 for the second
 *
 * @return Event
 */
const struct event *event_await(const char *name, unsigned n)
{
	struct event_search s = {name, n};

	if (!wait_cond(event_cond, &s, WAIT_MS)) {
		log_print();
		fail_msg("no event %s number %u", name, n + 1);
	}

	return event_find(name, n);
}


/**
 * Tell whether an event begins with a text
 *
 * @param n   0 for the first event of all
 * @param prm Text
 *
 * @return True if so
 */
bool event_is(unsigned n, const char *prm)
{
	const struct event *ev = NULL;
	struct le *le;

	LIST_FOREACH(&eventl, le) {
		ev = le->data;
		if (!n--)
			break;
	}

	if (le && ev && !strncmp(ev->prm, prm, strlen(prm)))
		return true;

	(void)re_fprintf(stderr, "event is \"%s\", not \"%s\"\n",
			 le && ev ? ev->prm : "none", prm);

	return false;
}


/**
 * Count all events
 *
 * @return Number of events
 */
unsigned events(void)
{
	return list_count(&eventl);
}


/* Time and waiting */

static uint64_t skew;


static uint64_t real_ms(void)
{
	struct timespec ts;

	(void)clock_gettime(CLOCK_MONOTONIC, &ts);

	return (uint64_t)ts.tv_sec * 1000 + (uint64_t)ts.tv_nsec / 1000000;
}


/*
 * In the place of libre's, for all of libre too: long timers need not be
 * waited for.
 */
uint64_t tmr_jiffies(void)
{
	return real_ms() + skew;
}


/**
 * Move the time forward; timers that are due then run in the next wait
 *
 * @param ms How far
 */
void clock_forward(uint64_t ms)
{
	skew += ms;
}


static struct {
	struct tmr tmr;
	cond_h *h;
	void *arg;
	uint64_t end;
	bool met;
} wait;


static void wait_handler(void *arg)
{
	(void)arg;

	wait.met = wait.h && wait.h(wait.arg);

	if (wait.met || real_ms() >= wait.end)
		re_cancel();
	else
		tmr_start(&wait.tmr, 1, wait_handler, NULL);
}


/**
 * Run the stacks until something has happened
 *
 * @param h   Tells whether it has, or NULL
 * @param arg Handler argument
 * @param ms  Longest time to run
 *
 * @return True if it has
 */
bool wait_cond(cond_h *h, void *arg, uint32_t ms)
{
	wait.h   = h;
	wait.arg = arg;
	wait.end = real_ms() + ms;

	/* a test that failed in a handler has left the main loop so */
	re_cancel();

	tmr_start(&wait.tmr, 0, wait_handler, NULL);
	(void)re_main(NULL);
	tmr_cancel(&wait.tmr);

	return wait.met;
}


/**
 * Run the stacks for a time
 *
 * @param ms How long
 */
void run_for(uint32_t ms)
{
	(void)wait_cond(NULL, NULL, ms);
}


/**
 * Run the stacks until what is on its way has arrived
 */
void settle(void)
{
	run_for(SETTLE_MS);
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

	list_flush(&eventl);
	log_clear();
	fake_unsafe = NULL;

	if (!closed)
		(void)re_fprintf(stderr, "a stack was not closed\n");

	return closed ? 0 : ETIMEDOUT;
}
