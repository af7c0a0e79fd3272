/**
 * @file context.c  An application that decides on a REFER, for the tests
 */
#include <dlfcn.h>
#include "unit.h"
#include "context.h"
#include "admission/state.h"
#include "config/settings.h"
#include "core/invite.h"
#include "referee/referee.h"
#include "referee/server.h"


struct ua *alice, *bob, *carol;
struct call *ab, *ba;
struct app app;
struct sent sent;


/* In the place of libre's: a response is sent with it, a request is not */
int sip_send(struct sip *sip, void *sock, enum sip_transp tp,
	     const struct sa *dst, struct mbuf *mb)
{
	int (*real)(struct sip *, void *, enum sip_transp, const struct sa *,
		    struct mbuf *);

	if (bob && sip == bob->sip) {

		if (sent.fail) {
			--sent.fail;
			return ENETUNREACH;
		}

		++sent.n;
		mem_deref(sent.last);
		sent.last = mbuf_alloc(mb->end);
		assert_non_null(sent.last);
		assert_int_equal(0, mbuf_write_mem(sent.last, mb->buf,
						   mb->end));
	}

	*(void **)(&real) = dlsym(RTLD_NEXT, "sip_send");

	return real(sip, sock, tp, dst, mb);
}


static void act(struct refer_server *srv)
{
	act_h *h = app.act;

	app.act = NULL;
	h(srv);
}


static void text_add(const struct refer_event *ev)
{
	char code[16] = "";
	const size_t len = strlen(app.text);

	if (ev->scode)
		(void)re_snprintf(code, sizeof(code), "=%u", ev->scode);

	assert_true(re_snprintf(app.text + len, sizeof(app.text) - len,
				" %s%s", refer_event_name(ev->type),
				code) > 0);
}


static void event_handler(const struct refer_event *ev, void *arg)
{
	const char *name = refer_event_name(ev->type);
	char prm[64], what[32];

	assert_ptr_equal(&app, arg);
	assert_int_equal(REFER_ROLE_SERVER, ev->role);
	assert_null(ev->client);
	assert_int_equal(refer_server_id(ev->srv), ev->id);
	if (ev->scode)
		assert_true(str_isset(ev->reason));

	(void)re_snprintf(prm, sizeof(prm), "refer,%s,id=%u role=server",
			  name, ev->id);
	assert_true(event_is(events() - 1, prm));

	/* after the response that it speaks of */
	if (ev->type == REFER_EV_PROGRESS || ev->type == REFER_EV_ACCEPTED) {
		(void)re_snprintf(what, sizeof(what), "%u REFER", ev->scode);
		assert_non_null(wire_find(bob, true, what, 0));
	}

	text_add(ev);

	if (app.act && app.at && !strcmp(app.at, name))
		act(ev->srv);
}


static void cancel_handler(struct refer_server *srv, void *arg)
{
	assert_ptr_equal(&app, arg);
	assert_int_equal(REFER_WAITING, refer_server_state(srv));
	++app.cancels;
}


static void error_handler(struct refer_server *srv, int err, void *arg)
{
	assert_ptr_equal(&app, arg);
	assert_non_null(srv);
	assert_int_equal(ENETUNREACH, err);
	++app.errors;
}


const struct refer_delegate delegate = {
	.eventh  = event_handler,
	.cancelh = cancel_handler,
	.errorh  = error_handler,
};


static bool request_handler(struct refer_server *srv, void *arg)
{
	assert_ptr_equal(&app, arg);
	assert_int_equal(REFER_WAITING, refer_server_state(srv));

	++app.requests;
	app.srv = app.loose ? srv : mem_ref(srv);
	refer_server_set_delegate(srv, &delegate, &app);

	if (app.act && !app.at)
		act(srv);

	return true;
}


/**
 * Let the application go of the current REFER
 */
void app_drop(void)
{
	if (!app.loose)
		mem_deref(app.srv);

	app.srv = NULL;
	app.text[0] = '\0';
}


/**
 * Set up a test: alice has called bob, whose softphone asks the
 * application
 *
 * @param state Unused
 * @param set   Settings of bob
 *
 * @return 0 if success, otherwise errorcode
 */
int setup_set(void **state, const struct settings *set)
{
	int err = fake_init(state);

	if (err)
		return err;

	alice = peer("alice");
	bob   = softphone_set("bob", set);
	carol = peer("carol");
	ab    = call_setup(alice, bob);
	ba    = call_last(bob);

	memset(&app, 0, sizeof(app));
	sent.n = 0;

	return refer_handler_register(&app.handler, "app", false,
				      request_handler, &app);
}


/**
 * Get settings without limits, under which the referred call stays
 *
 * @param set Settings
 */
void settings_get(struct settings *set)
{
	settings_init(set);
	set->rate = 0;
	set->max_calls = 0;
	set->old_call_timeout = 999999;
}


/**
 * Set up a test with the settings of settings_get()
 *
 * @param state Unused
 *
 * @return 0 if success, otherwise errorcode
 */
int setup(void **state)
{
	struct settings set;

	settings_get(&set);

	return setup_set(state, &set);
}


/**
 * Clean up after a test
 *
 * @param state Unused
 *
 * @return 0 if success, otherwise errorcode
 */
int teardown(void **state)
{
	app_drop();
	app.handler = mem_deref(app.handler);
	sent.last = mem_deref(sent.last);
	sent.fail = 0;

	return fake_close(state);
}


/**
 * Condition for wait_cond(): the application was asked so often
 *
 * @param arg Number of REFERs, unsigned
 *
 * @return True if so
 */
bool asked_cond(void *arg)
{
	return app.requests == *(unsigned *)arg;
}


/**
 * Let alice refer bob to carol, and wait until the application is asked
 *
 * @param hdrs More headers of the REFER
 *
 * @return What the application got
 */
struct refer_server *ask_with(const char *hdrs)
{
	unsigned n = app.requests + 1;

	app_drop();
	call_request(ab, "REFER",
		     "Refer-To: <%s>\r\n"
		     "%s"
		     "Content-Length: 0\r\n"
		     "\r\n", carol->aor, hdrs);
	assert_true(wait_cond(asked_cond, &n, WAIT_MS));

	return app.srv;
}


/**
 * The same without more headers
 *
 * @return What the application got
 */
struct refer_server *ask(void)
{
	return ask_with("");
}


/**
 * The same, but alice does not send it again by herself
 *
 * @return What the application got
 */
struct refer_server *ask_once(void)
{
	const struct raw raw = {.met = "REFER", .cseq = 70000};
	unsigned n = app.requests + 1;

	app_drop();
	raw_request(alice, bob, &raw, "Refer-To: <%s>\r\n"
		    "Content-Length: 0\r\n\r\n", carol->aor);
	assert_true(wait_cond(asked_cond, &n, WAIT_MS));

	return app.srv;
}


/**
 * Wait for the response to the current REFER
 *
 * @return Response as alice got it
 */
const struct sip_msg *response(void)
{
	char what[32];
	unsigned n = 0;
	const struct sip_msg *msg;

	(void)re_snprintf(what, sizeof(what), "%u REFER",
			  refer_server_response(app.srv, NULL));

	/* the one to the last REFER */
	do {
		msg = wire_await(alice, false, what, n++);
	} while (msg->cseq.num != refer_server_request(app.srv)->cseq.num);

	return msg;
}


/**
 * Check the response to the current REFER
 *
 * @param scode  Status code
 * @param reason Reason phrase, or NULL for any
 */
void assert_answered(uint16_t scode, const char *reason)
{
	const struct sip_msg *msg = response();
	const char *phrase;

	assert_int_equal(scode, refer_server_response(app.srv, &phrase));
	assert_int_equal(scode, msg->scode);
	assert_int_equal(0, pl_strcmp(&msg->reason, phrase));
	if (reason)
		assert_string_equal(reason, phrase);
	assert_true(str_isset(phrase));
}


/**
 * Wait for a NOTIFY that alice gets
 *
 * @param n 0 for the first one, 1 for the second
 *
 * @return NOTIFY
 */
const struct sip_msg *notify(unsigned n)
{
	return wire_await(alice, false, "NOTIFY", n);
}


/**
 * Count the NOTIFYs that alice got
 *
 * @return Number of NOTIFYs
 */
unsigned notifies(void)
{
	settle();

	return wire_count(alice, false, "NOTIFY");
}


/**
 * Check a NOTIFY
 *
 * @param msg      NOTIFY
 * @param substate How its Subscription-State begins
 * @param frag     Its body, or NULL for any
 */
void assert_notify(const struct sip_msg *msg, const char *substate,
		   const char *frag)
{
	char val[64];

	(void)re_snprintf(val, sizeof(val), "Subscription-State: %s",
			  substate);
	assert_true(msg_has(msg, val));
	if (frag)
		assert_true(body_is(msg, frag));
}


/**
 * Wait for the last event of the current REFER, the only one of its kind
 */
void await_end(void)
{
	(void)event_await("referEnded", app.requests - 1);
	settle();
	assert_int_equal(app.requests, event_count("referEnded"));
}


static bool count_handler(struct le *le, void *arg)
{
	(void)le;
	++*(unsigned *)arg;

	return false;
}


/**
 * Count the elements of a hash table
 *
 * @param ht Hash table
 *
 * @return Number of elements
 */
unsigned count(const struct hash *ht)
{
	unsigned n = 0;

	(void)hash_apply(ht, count_handler, &n);

	return n;
}


static unsigned count_ringing(const struct ua *ua)
{
	unsigned n = 0;
	struct le *le;

	LIST_FOREACH(&ua->calll, le) {
		const struct call *call = le->data;

		n += call->outgoing && !call->established;
	}

	return n;
}


/**
 * Check that nothing is left of any REFER; but no call that it has made may
 * be redirected as long as it rings
 */
void assert_no_state(void)
{
	const unsigned ringing = count_ringing(bob);

	if (!app.loose)
		app_drop();
	settle();
	assert_int_equal(0, list_count(&bob->refer->servers->l));
	assert_int_equal(0, list_count(&bob->refer->invites->idle));
	assert_int_equal(0, bob->refer->admission->waiting);
	assert_int_equal(0, count(bob->refer->notifiers->ht));
	assert_int_equal(ringing, count(bob->refer->invites->ht));
	assert_int_equal(ringing, list_count(&bob->refer->invites->l));
	old_calls_flush(bob->refer->old_calls);
	assert_int_equal(ringing, watch_count(bob->refer));
	assert_int_equal(app.requests, event_count("referEnded"));
}


/**
 * Accept a REFER that the application executes
 *
 * @param srv REFER
 *
 * @return 0 if success, otherwise errorcode
 */
int accept_nofollow(struct refer_server *srv)
{
	return refer_server_accept(srv, &(struct refer_opts){
			.nofollow = true});
}


/**
 * Reply to a REFER with a status code
 *
 * @param srv   REFER
 * @param scode Status code
 *
 * @return 0 if success, otherwise errorcode
 */
int reply(struct refer_server *srv, uint16_t scode)
{
	return refer_server_reply(srv, &(struct refer_opts){.scode = scode});
}


/**
 * Redirect a REFER to sip:d@h
 *
 * @param srv  REFER
 * @param opts Options, or NULL
 *
 * @return 0 if success, otherwise errorcode
 */
int redirect(struct refer_server *srv, const struct refer_opts *opts)
{
	static const char *const contactv[] = {"sip:d@h", NULL};

	return refer_server_redirect(srv, contactv, opts);
}


/**
 * Make the inviter of a REFER
 *
 * @param srv  REFER
 * @param invp Set to the inviter
 *
 * @return 0 if success, otherwise errorcode
 */
int make(struct refer_server *srv, struct refer_inviter **invp)
{
	return referral_make_inviter(invp, refer_server_referral(srv),
				     NULL);
}


/**
 * Place the call of a REFER
 *
 * @param srv REFER
 *
 * @return 0 if success, otherwise errorcode
 */
int invite(struct refer_server *srv)
{
	struct refer_inviter *inv;
	int err = make(srv, &inv);

	return err ? err : refer_inviter_invite(inv);
}


/**
 * Cancel the call of a REFER
 *
 * @param srv REFER
 *
 * @return 0 if success, otherwise errorcode
 */
int cancel(struct refer_server *srv)
{
	struct refer_inviter *inv;
	int err = make(srv, &inv);

	return err ? err : refer_inviter_cancel(inv, NULL);
}


/**
 * Take down what a wrong call must leave as it is
 *
 * @return How it is now
 */
struct snap snap(void)
{
	struct snap s = {0};
	struct le *le;

	LIST_FOREACH(&bob->wirel, le) {
		const struct wire *w = le->data;

		s.tx += w->tx;
	}

	s.replies  = sent.n;
	s.events   = events();
	s.requests = app.requests;
	s.state    = refer_server_state(app.srv);
	s.scode    = refer_server_response(app.srv, NULL);
	str_ncpy(s.text, app.text, sizeof(s.text));

	return s;
}


/**
 * Check that a wrong call had no effect
 *
 * @param before How it was
 * @param what   Call
 */
void assert_unchanged(const struct snap *before, const char *what)
{
	struct snap now;

	settle();
	now = snap();
	if (memcmp(before, &now, sizeof(now)))
		fail_msg("%s: state %s -> %s, %u sent, %u events:%s", what,
			 refer_server_state_name(before->state),
			 refer_server_state_name(now.state),
			 now.tx - before->tx, now.events - before->events,
			 now.text);
}


static bool state_cond(void *arg)
{
	return refer_server_state(app.srv) ==
		*(enum refer_server_state *)arg;
}


/**
 * Wait until the current REFER is in a state
 *
 * @param state State
 */
void await_state(enum refer_server_state state)
{
	if (!wait_cond(state_cond, &state, WAIT_MS))
		fail_msg("state is %s", refer_server_state_name(
				 refer_server_state(app.srv)));
	settle();
}


static bool held_cond(void *arg)
{
	(void)arg;

	return carol->heldl.head;
}


/**
 * Get a REFER that waits
 */
void reach_waiting(void)
{
	assert_int_equal(REFER_WAITING, refer_server_state(ask()));
	settle();
}


/**
 * Get a REFER that is pending
 */
void reach_pending(void)
{
	(void)ask();
	clock_forward(DECIDE_MS);
	await_state(REFER_PENDING);
}


/**
 * Get a REFER that was accepted, its INVITE not answered
 */
void reach_following(void)
{
	assert_int_equal(0, refer_server_accept(ask(), NULL));
	assert_true(wait_cond(held_cond, NULL, WAIT_MS));
	await_state(REFER_ACCEPTED);
}


/**
 * Get a REFER that was accepted, and that the application executes
 */
void reach_nofollow(void)
{
	assert_int_equal(0, accept_nofollow(ask()));
	await_state(REFER_ACCEPTED);
}


/**
 * Get a REFER that was rejected
 */
void reach_rejected(void)
{
	assert_int_equal(0, refer_server_reject(ask(), NULL));
	await_state(REFER_REJECTED);
}


/**
 * Get a REFER that is over
 */
void reach_terminated(void)
{
	reach_nofollow();
	assert_int_equal(0, refer_server_notify(app.srv, 200, NULL));
	await_end();
	await_state(REFER_TERMINATED);
}


/**
 * Bring whatever was begun to its end
 */
void finish(void)
{
	struct refer_inviter *inv = NULL;
	unsigned code = 0;

	switch (refer_server_state(app.srv)) {

	case REFER_WAITING:
	case REFER_PENDING:
		assert_int_equal(0, refer_server_reject(app.srv, NULL));
		break;

	case REFER_ACCEPTED:
		assert_int_equal(0, make(app.srv, &inv));
		if (refer_inviter_call(inv)) {
			assert_true(wait_cond(held_cond, NULL, WAIT_MS));
			peer_answer_held(carol, 486, NULL);
			code = 486;
		}
		else {
			assert_int_equal(0, refer_server_notify(app.srv, 200,
								NULL));
			code = 200;
		}
		break;

	default:
		break;
	}

	await_end();
	if (code)
		assert_non_null(strstr(app.text, code == 486 ?
				       " referRejected=486 referEnded=486" :
				       " referAccepted=200 referEnded=200"));
}
