/**
 * @file unit_context.c  Tests of an application that decides on a REFER
 *
 * Alice, a peer, has called bob and refers him to carol, another peer. An
 * application on bob's softphone answers through the calls of refer.h.
 */
#include <dlfcn.h>
#include "unit.h"
#include "fake_host.h"

enum {
	TRYING_MS = 3500,
	DECIDE_MS = 20000,
	ASK_MS    = 120000,
};

typedef void (act_h)(struct refer_server *srv);

static struct ua *alice, *bob, *carol;
static struct call *ab, *ba;

/** The application */
static struct {
	struct refer_server *srv;  /* Held, to look at it after its end */
	bool loose;                /* Do not hold it                    */
	unsigned requests;
	const char *at;            /* Event to act in, NULL: the request */
	act_h *act;                /* What to do there, once            */
	int err;                   /* What came of it                   */
	char text[1024];           /* Events, " name=code"              */
	unsigned cancels;
	unsigned errors;
} app;

/** Responses of bob, retransmissions too */
static struct {
	unsigned n;
	unsigned fail;             /* So many cannot be sent            */
	struct mbuf *last;
} sent;


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


static void text_add(const struct refer_event_info *ev)
{
	char code[16] = "";
	const size_t len = strlen(app.text);

	if (ev->scode)
		(void)re_snprintf(code, sizeof(code), "=%u", ev->scode);

	assert_true(re_snprintf(app.text + len, sizeof(app.text) - len,
				" %s%s", ev->name, code) > 0);
}


static void event_handler(struct refer_server *srv,
			  const struct refer_event_info *ev, void *arg)
{
	char prm[64], what[32];

	assert_ptr_equal(&app, arg);
	assert_int_equal(refer_server_id(srv), ev->id);
	if (ev->scode)
		assert_true(str_isset(ev->reason));

	(void)re_snprintf(prm, sizeof(prm), "refer,%s,id=%u role=server",
			  ev->name, ev->id);
	assert_true(event_is(events() - 1, prm));

	/* after the response that it speaks of */
	if (!strcmp(ev->name, "progress") || !strcmp(ev->name, "accepted")) {
		(void)re_snprintf(what, sizeof(what), "%u REFER", ev->scode);
		assert_non_null(wire_find(bob, true, what, 0));
	}

	text_add(ev);

	if (app.act && app.at && !strcmp(app.at, ev->name))
		act(srv);
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


static const struct refer_delegate delegate = {
	event_handler, cancel_handler, error_handler
};


static void request_handler(struct refer_server *srv, void *arg)
{
	assert_ptr_equal(&app, arg);
	assert_int_equal(REFER_WAITING, refer_server_state(srv));

	++app.requests;
	app.srv = app.loose ? srv : mem_ref(srv);
	refer_server_set_delegate(srv, &delegate, &app);

	if (app.act && !app.at)
		act(srv);
}


static void app_drop(void)
{
	if (!app.loose)
		mem_deref(app.srv);

	app.srv = NULL;
	app.text[0] = '\0';
}


static int setup_set(void **state, const struct settings *set)
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
	bob->refer->requesth = request_handler;
	bob->refer->arg      = &app;

	return 0;
}


/* No limits, and the referred call stays */
static void settings_get(struct settings *set)
{
	settings_read(set, NULL);
	set->rate = 0;
	set->old_call_timeout = 999999;
}


static int setup(void **state)
{
	struct settings set;

	settings_get(&set);

	return setup_set(state, &set);
}


/* There is no 202 before the decision */
static int setup_impatient(void **state)
{
	struct settings set;

	settings_get(&set);
	set.ask_timeout = set.decide_time;

	return setup_set(state, &set);
}


/* Longer than a subscription lives */
static int setup_patient(void **state)
{
	struct settings set;

	settings_get(&set);
	set.ask_timeout = 3 * set.expires;

	return setup_set(state, &set);
}


static int teardown(void **state)
{
	app_drop();
	sent.last = mem_deref(sent.last);
	sent.fail = 0;

	return fake_close(state);
}


static bool asked_cond(void *arg)
{
	return app.requests == *(unsigned *)arg;
}


/* Alice refers bob to carol; the application is asked */
static struct refer_server *ask_with(const char *hdrs)
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


static struct refer_server *ask(void)
{
	return ask_with("");
}


/* The same, but alice does not send it again by herself */
static struct refer_server *ask_once(void)
{
	const struct raw raw = {.met = "REFER", .cseq = 70000};
	unsigned n = app.requests + 1;

	app_drop();
	raw_request(alice, bob, &raw, "Refer-To: <%s>\r\n"
		    "Content-Length: 0\r\n\r\n", carol->aor);
	assert_true(wait_cond(asked_cond, &n, WAIT_MS));

	return app.srv;
}


static const struct sip_msg *notify(unsigned n)
{
	return wire_await(alice, false, "NOTIFY", n);
}


static unsigned notifies(void)
{
	settle();

	return wire_count(alice, false, "NOTIFY");
}


static void assert_notify(const struct sip_msg *msg, const char *substate,
			  const char *frag)
{
	char val[64];

	(void)re_snprintf(val, sizeof(val), "Subscription-State: %s",
			  substate);
	assert_true(msg_has(msg, val));
	if (frag)
		assert_true(body_is(msg, frag));
}


/* The last event of the current REFER, and the only one of its kind */
static void await_end(void)
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


static unsigned count(const struct hash *ht)
{
	unsigned n = 0;

	(void)hash_apply(ht, count_handler, &n);

	return n;
}


static void assert_no_state(void)
{
	if (!app.loose)
		app_drop();
	settle();
	assert_int_equal(0, list_count(&bob->refer->serverl));
	assert_int_equal(0, list_count(&bob->refer->idlel));
	assert_int_equal(0, bob->refer->waiting);
	assert_int_equal(0, count(bob->refer->ht_notifier));
	assert_int_equal(0, count(bob->refer->ht_inviter));
	assert_int_equal(list_count(&bob->refer->oldl),
			 count(bob->refer->ht_watch));
	assert_int_equal(app.requests, event_count("referEnded"));
}


static int accept_nofollow(struct refer_server *srv)
{
	return refer_server_accept(srv, &(struct refer_opts){
			.nofollow = true});
}


static int reply(struct refer_server *srv, uint16_t scode)
{
	return refer_server_reply(srv, &(struct refer_opts){.scode = scode});
}


static int redirect(struct refer_server *srv, const struct refer_opts *opts)
{
	static const char *const contactv[] = {"sip:d@h", NULL};

	return refer_server_redirect(srv, contactv, opts);
}


static int make(struct refer_server *srv, struct refer_inviter **invp)
{
	return referral_make_inviter(invp, refer_server_referral(srv));
}


static int invite(struct refer_server *srv)
{
	struct refer_inviter *inv;
	int err = make(srv, &inv);

	return err ? err : refer_inviter_invite(inv);
}


static int cancel(struct refer_server *srv)
{
	struct refer_inviter *inv;
	int err = make(srv, &inv);

	return err ? err : refer_inviter_cancel(inv);
}


/* What a wrong call must leave as it is */

struct snap {
	unsigned tx;
	unsigned replies;
	unsigned events;
	unsigned requests;
	enum refer_server_state state;
	uint16_t scode;
	char text[sizeof(app.text)];
};


static struct snap snap(void)
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


static void assert_unchanged(const struct snap *before, const char *what)
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


#define NO_EFFECT(want, expr)						\
	do {								\
		const struct snap s_ = snap();				\
		const int err_ = (expr);				\
		if (err_ != (want))					\
			fail_msg("%s in %s: %d, not %d", #expr,		\
				 refer_server_state_name(s_.state),	\
				 err_, (want));				\
		assert_unchanged(&s_, #expr);				\
	} while (0)


/* The state table */

enum {
	TRYING, ACCEPT, NOFOLLOW, REDIRECT, REJECT, REPLY_100, REPLY_202,
	REPLY_302, REPLY_486, NOTIFY, MAKE, INVITE, CALLS
};


static int call_it(unsigned call)
{
	struct refer_server *srv = app.srv;
	struct refer_inviter *inv;

	switch (call) {

	case TRYING:    return refer_server_trying(srv);
	case ACCEPT:    return refer_server_accept(srv, NULL);
	case NOFOLLOW:  return accept_nofollow(srv);
	case REDIRECT:  return redirect(srv, NULL);
	case REJECT:    return refer_server_reject(srv, NULL);
	case REPLY_100: return reply(srv, 100);
	case REPLY_202: return reply(srv, 202);
	case REPLY_302: return reply(srv, 302);
	case REPLY_486: return reply(srv, 486);
	case NOTIFY:    return refer_server_notify(srv, 180, NULL);
	case MAKE:      return make(srv, &inv);
	case INVITE:    return invite(srv);
	default:        return ENOSYS;
	}
}


static bool state_cond(void *arg)
{
	return refer_server_state(app.srv) ==
		*(enum refer_server_state *)arg;
}


static void await_state(enum refer_server_state state)
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


static void reach_waiting(void)
{
	assert_int_equal(REFER_WAITING, refer_server_state(ask()));
	settle();
}


static void reach_pending(void)
{
	(void)ask();
	clock_forward(DECIDE_MS);
	await_state(REFER_PENDING);
}


static void reach_following(void)
{
	assert_int_equal(0, refer_server_accept(ask(), NULL));
	assert_true(wait_cond(held_cond, NULL, WAIT_MS));
	await_state(REFER_ACCEPTED);
}


static void reach_nofollow(void)
{
	assert_int_equal(0, accept_nofollow(ask()));
	await_state(REFER_ACCEPTED);
}


static void reach_rejected(void)
{
	assert_int_equal(0, refer_server_reject(ask(), NULL));
	await_state(REFER_REJECTED);
}


static void reach_terminated(void)
{
	reach_nofollow();
	assert_int_equal(0, refer_server_notify(app.srv, 200, NULL));
	await_end();
	await_state(REFER_TERMINATED);
}


/* Whatever was begun comes to its end */
static void finish(void)
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


/* On one REFER all calls that are wrong, then on one each the right ones */
static void table(void (*reach)(void), const int *errv)
{
	unsigned i;

	/* those that have no INVITE leave it for a later one */
	for (i=0; i<CALLS + 2; ++i)
		peer_script(carol, "INVITE", HOLD, NULL);

	reach();
	for (i=0; i<CALLS; ++i) {

		print_message("call %u, wrong\n", i);
		if (errv[i])
			NO_EFFECT(errv[i], call_it(i));
	}
	finish();

	for (i=0; i<CALLS; ++i) {

		if (errv[i])
			continue;

		print_message("call %u, right\n", i);
		reach();
		assert_int_equal(0, call_it(i));
		settle();
		finish();
	}

	assert_no_state();
}


static void test_table_waiting(void **state)
{
	static const int errv[CALLS] = {[NOTIFY] = EPROTO, [INVITE] = EPROTO};
	(void)state;

	table(reach_waiting, errv);
}


static void test_table_pending(void **state)
{
	static const int errv[CALLS] = {
		[TRYING] = EPROTO, [REPLY_100] = EPROTO, [NOTIFY] = EPROTO,
		[INVITE] = EPROTO
	};
	(void)state;

	table(reach_pending, errv);
}


static void test_table_following(void **state)
{
	static const int errv[CALLS] = {
		EPROTO, EPROTO, EPROTO, EPROTO, EPROTO, EPROTO, EPROTO,
		EPROTO, EPROTO, EPROTO, [MAKE] = 0, [INVITE] = EALREADY
	};
	(void)state;

	table(reach_following, errv);
}


static void test_table_nofollow(void **state)
{
	static const int errv[CALLS] = {
		EPROTO, EPROTO, EPROTO, EPROTO, EPROTO, EPROTO, EPROTO,
		EPROTO, EPROTO, [NOTIFY] = 0, [MAKE] = 0, [INVITE] = 0
	};
	(void)state;

	table(reach_nofollow, errv);
}


static void test_table_rejected(void **state)
{
	static const int errv[CALLS] = {
		EPROTO, EPROTO, EPROTO, EPROTO, EPROTO, EPROTO, EPROTO,
		EPROTO, EPROTO, EPROTO, EPROTO, EPROTO
	};
	(void)state;

	table(reach_rejected, errv);
}


static void test_table_terminated(void **state)
{
	static const int errv[CALLS] = {
		EPROTO, EPROTO, EPROTO, EPROTO, EPROTO, EPROTO, EPROTO,
		EPROTO, EPROTO, EPROTO, [MAKE] = 0, [INVITE] = EPROTO
	};
	(void)state;

	table(reach_terminated, errv);
}


static void test_null(void **state)
{
	static const struct refer_opts opts = {.scode = 486};
	const char *reason = "x";
	struct refer_inviter *inv;
	(void)state;

	assert_int_equal(EINVAL, refer_server_trying(NULL));
	assert_int_equal(EINVAL, refer_server_accept(NULL, NULL));
	assert_int_equal(EINVAL, redirect(NULL, NULL));
	assert_int_equal(EINVAL, refer_server_reject(NULL, NULL));
	assert_int_equal(EINVAL, refer_server_reply(NULL, &opts));
	assert_int_equal(EINVAL, refer_server_notify(NULL, 200, NULL));
	assert_int_equal(EINVAL, referral_make_inviter(&inv, NULL));
	assert_int_equal(EINVAL, refer_inviter_invite(NULL));
	assert_int_equal(EINVAL, refer_inviter_cancel(NULL));
	assert_null(refer_inviter_call(NULL));
	assert_null(referral_refer_to(NULL));
	assert_null(referral_referred_by(NULL));
	assert_null(referral_replaces(NULL));
	assert_null(refer_server_ua(NULL));
	assert_null(refer_server_call(NULL));
	assert_null(refer_server_request(NULL));
	assert_null(refer_server_dialog(NULL));
	assert_null(refer_server_referral(NULL));
	assert_null(refer_server_data(NULL));
	assert_int_equal(0, refer_server_id(NULL));
	assert_int_equal(0, refer_server_response(NULL, &reason));
	assert_null(reason);
	refer_server_set_data(NULL, &app);
	refer_server_set_delegate(NULL, &delegate, &app);

	(void)ask();
	NO_EFFECT(EINVAL, referral_make_inviter(NULL, refer_server_referral(
							app.srv)));
	finish();
}


/* Codes and reason phrases */

typedef int (answer_h)(struct refer_server *srv,
		       const struct refer_opts *opts);

static const struct {
	answer_h *h;
	uint16_t first, last, dflt;
	const char *reason;
} answerv[] = {
	{refer_server_accept,   200, 299, 202, "Accepted"},
	{redirect,              300, 399, 302, "Moved Temporarily"},
	{refer_server_reject,   300, 699, 480, "Temporarily Unavailable"},
	{refer_server_reply,    200, 299,   0, NULL},
	{refer_server_reply,    300, 699,   0, NULL},
};


static const struct sip_msg *response(void)
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


static void assert_answered(uint16_t scode, const char *reason)
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


/* Answer so, not following, and let it end */
static void answered(unsigned i, uint16_t scode, const char *text,
		     const char *reason)
{
	struct refer_opts opts = {
		.scode = scode, .reason = text, .nofollow = true
	};

	print_message("call %u, %u\n", i, scode);
	assert_int_equal(0, answerv[i].h(ask(), &opts));
	assert_answered(scode ? scode : answerv[i].dflt, reason);
	finish();
}


static void test_ranges(void **state)
{
	static const uint16_t badv[] = {
		1, 99, 101, 180, 199, 200, 299, 300, 399, 400, 699, 700, 999,
		65535
	};
	unsigned i, j;
	(void)state;

	for (i=0; i<ARRAY_SIZE(answerv); ++i) {

		(void)ask();
		for (j=0; j<ARRAY_SIZE(badv); ++j) {
			const struct refer_opts opts = {.scode = badv[j]};

			if (answerv[i].h == refer_server_reply &&
			    badv[j] >= 200 && badv[j] <= 699)
				continue;

			if (badv[j] < answerv[i].first ||
			    badv[j] > answerv[i].last)
				NO_EFFECT(EINVAL,
					  answerv[i].h(app.srv, &opts));
		}

		if (!answerv[i].dflt) {
			NO_EFFECT(EINVAL, answerv[i].h(app.srv, NULL));
			NO_EFFECT(EINVAL, reply(app.srv, 0));
		}
		finish();

		answered(i, answerv[i].first, NULL, NULL);
		answered(i, answerv[i].last, NULL, NULL);
	}

	assert_no_state();
}


static void test_defaults(void **state)
{
	static const struct refer_opts none;
	unsigned i;
	(void)state;

	for (i=0; i<3; ++i) {

		answered(i, 0, NULL, answerv[i].reason);
		answered(i, 0, "", answerv[i].reason);
		answered(i, answerv[i].first, "Mine %s%n", "Mine %s%n");

		/* no options at all, and empty ones */
		peer_script(carol, "INVITE", HOLD, NULL);
		assert_int_equal(0, answerv[i].h(ask(), NULL));
		assert_answered(answerv[i].dflt, answerv[i].reason);
		finish();
		peer_script(carol, "INVITE", HOLD, NULL);
		assert_int_equal(0, answerv[i].h(ask(), &none));
		assert_answered(answerv[i].dflt, answerv[i].reason);
		finish();
	}

	assert_no_state();
}


static void test_options(void **state)
{
	static const char *const hdrv[] = {
		"X-One: 1 %s", "Server : me", "x-empty:", NULL
	};
	static const struct refer_opts opts = {
		.reason = "So it is", .hdrv = hdrv, .ctype = "text/plain",
		.body = "a body %s\r\n", .nofollow = true
	};
	unsigned i;
	(void)state;

	for (i=0; i<ARRAY_SIZE(answerv); ++i) {

		struct refer_opts mine = opts, copy;
		const struct sip_msg *msg;

		mine.scode = answerv[i].first + 1;
		copy = mine;
		print_message("call %u\n", i);
		assert_int_equal(0, answerv[i].h(ask(), &mine));
		assert_memory_equal(&copy, &mine, sizeof(copy));
		assert_answered(mine.scode, "So it is");
		msg = response();
		assert_true(msg_hdr_is(msg, "X-One", "1 %s"));
		assert_true(msg_hdr_is(msg, "Server", "me"));
		assert_true(msg_hdr_is(msg, "X-Empty", ""));
		assert_true(msg_hdr_is(msg, "Content-Type", "text/plain"));
		assert_true(msg_hdr_is(msg, "Content-Length", "11"));
		assert_true(body_is(msg, opts.body));
		assert_int_equal(mine.scode < 300,
				 sip_msg_xhdr_count(msg, "Expires"));
		finish();
	}

	/* nothing of it in the INVITE nor in a NOTIFY */
	assert_false(msg_has(notify(0), "X-One"));
	assert_no_state();
}


/* Options that would break the message */
static void test_bad_options(void **state)
{
	static const char *const hdrvv[][3] = {
		{"X: a\r\nY: b"}, {"X: a\nY: b"}, {"X: a\r"}, {"X"}, {""},
		{": x"}, {" X: y"}, {"X y: z"}, {"\tX: y"}, {"\r\n"},
		{"Good: x", "X: a\r\n\r\nbody"},
	};
	static const struct refer_opts optsv[] = {
		{.reason = "a\r\nX: y"}, {.reason = "a\r"}, {.reason = "\n"},
		{.ctype = "text/plain\r\nX: y", .body = "b"},
		{.ctype = "text/plain\n", .body = "b"},
		{.body = "no type"}, {.body = "no type", .ctype = ""},
	};
	unsigned i, j;
	(void)state;

	(void)ask();
	for (i=0; i<ARRAY_SIZE(answerv); ++i) {

		struct refer_opts opts;

		for (j=0; j<ARRAY_SIZE(optsv); ++j) {
			print_message("call %u, options %u\n", i, j);
			opts = optsv[j];
			opts.scode = answerv[i].first;
			NO_EFFECT(EINVAL, answerv[i].h(app.srv, &opts));
		}

		for (j=0; j<ARRAY_SIZE(hdrvv); ++j) {
			print_message("call %u, header %u\n", i, j);
			opts = (struct refer_opts){
				.scode = answerv[i].first, .hdrv = hdrvv[j]
			};
			NO_EFFECT(EINVAL, answerv[i].h(app.srv, &opts));
		}
	}
	finish();

	reach_nofollow();
	NO_EFFECT(EINVAL, refer_server_notify(app.srv, 180, "a\r\nb"));
	NO_EFFECT(EINVAL, refer_server_notify(app.srv, 200, "a\n"));
	NO_EFFECT(EINVAL, refer_server_notify(app.srv, 0, NULL));
	NO_EFFECT(EINVAL, refer_server_notify(app.srv, 99, NULL));
	NO_EFFECT(EINVAL, refer_server_notify(app.srv, 700, NULL));
	finish();

	/* state comes before arguments */
	NO_EFFECT(EPROTO, refer_server_notify(app.srv, 99, NULL));
	NO_EFFECT(EPROTO, reply(app.srv, 700));
	NO_EFFECT(EPROTO, refer_server_redirect(app.srv, NULL, NULL));
	assert_no_state();
}


/* 100 has no reason or headers of the application's, yet they are checked */
static void test_bad_options_100(void **state)
{
	static const char *const hdrv[] = {"X: a\r\nY: b", NULL};
	(void)state;

	(void)ask();
	NO_EFFECT(EINVAL, refer_server_reply(app.srv, &(struct refer_opts){
				.scode = 100, .reason = "a\r\nX: y"}));
	NO_EFFECT(EINVAL, refer_server_reply(app.srv, &(struct refer_opts){
				.scode = 100, .hdrv = hdrv}));
	assert_int_equal(0, reply(app.srv, 100));
	finish();
}


static void test_redirect(void **state)
{
	static const char *const none[] = {NULL};
	static const char *const two[] = {
		"sip:d@127.0.0.1;x=y", "sip:e@127.0.0.2", NULL
	};
	static const char *const badv[][3] = {
		{""}, {"d"}, {"sip:d@h>\r\nX-Evil: 1"}, {"sip:d@h", "e f"},
		{"<sip:d@h>"}, {"sip:d@h\r\n"},
	};
	const struct refer_opts opts = {.scode = 301};
	const struct sip_msg *msg;
	unsigned i;
	(void)state;

	(void)ask();
	NO_EFFECT(EINVAL, refer_server_redirect(app.srv, NULL, NULL));
	NO_EFFECT(EINVAL, refer_server_redirect(app.srv, none, NULL));
	for (i=0; i<ARRAY_SIZE(badv); ++i) {
		print_message("contact %u\n", i);
		NO_EFFECT(EINVAL, refer_server_redirect(app.srv, badv[i],
							NULL));
	}

	assert_int_equal(0, refer_server_redirect(app.srv, two, &opts));
	assert_answered(301, "Moved Permanently");
	msg = response();
	assert_int_equal(2, sip_msg_hdr_count(msg, SIP_HDR_CONTACT));
	assert_true(msg_has(msg, "\r\nContact: <sip:d@127.0.0.1;x=y>\r\n"
			    "Contact: <sip:e@127.0.0.2>\r\n"));
	await_end();
	assert_string_equal(" rejected=301 failed=301"
			    " referRequestRejected=301 referEnded=301",
			    app.text);
	assert_int_equal(0, notifies());
	assert_no_state();
}


/* 100 Trying */

static void test_trying(void **state)
{
	uint64_t ms;
	(void)state;

	(void)ask_once();
	assert_int_equal(0, refer_server_trying(app.srv));
	NO_EFFECT(EALREADY, refer_server_trying(app.srv));
	NO_EFFECT(EALREADY, reply(app.srv, 100));
	clock_forward(TRYING_MS - 300);
	settle();
	assert_int_equal(0, sent.n);
	assert_string_equal("", app.text);

	/* not before its time, and soon then */
	(void)wire_await(alice, false, "100 REFER", 0);
	ms = wire_find(bob, true, "100 REFER", 0)->ts -
		wire_find(bob, false, "REFER", 0)->ts;
	assert_true(ms >= TRYING_MS);
	assert_true(ms < TRYING_MS + 500);
	assert_string_equal(" progress=100", app.text);
	assert_answered(100, "Trying");
	assert_int_equal(REFER_WAITING, refer_server_state(app.srv));

	NO_EFFECT(EALREADY, refer_server_trying(app.srv));
	clock_forward(TRYING_MS);
	settle();
	assert_int_equal(1, sent.n);
	assert_int_equal(0, refer_server_reject(app.srv, NULL));
	assert_answered(480, NULL);
	await_end();
	assert_int_equal(2, sent.n);
}


static void test_trying_automatic(void **state)
{
	(void)state;

	(void)ask_once();
	clock_forward(TRYING_MS);
	(void)wire_await(alice, false, "100 REFER", 0);
	clock_forward(DECIDE_MS / 2);
	settle();
	assert_int_equal(1, sent.n);
	NO_EFFECT(EALREADY, refer_server_trying(app.srv));
	finish();
	assert_string_equal(" progress=100 rejected=480 failed=480"
			    " referRequestRejected=480 referEnded=480",
			    app.text);
}


static void test_trying_not_after_answer(void **state)
{
	(void)state;

	(void)ask();
	assert_int_equal(0, refer_server_trying(app.srv));
	assert_int_equal(0, refer_server_reject(app.srv, NULL));
	clock_forward(2 * TRYING_MS);
	settle();
	assert_null(wire_find(bob, true, "100 REFER", 0));
	await_end();

	assert_int_equal(0, accept_nofollow(ask()));
	clock_forward(2 * TRYING_MS);
	settle();
	assert_null(wire_find(bob, true, "100 REFER", 0));
	finish();
	assert_no_state();
}


/* Deciding late */

static void test_pending(void **state)
{
	const struct sip_msg *msg;
	(void)state;

	reach_pending();
	assert_answered(202, "Accepted");
	assert_true(msg_hdr_is(response(), "Expires", "180"));
	assert_int_equal(1, sip_msg_hdr_count(response(), SIP_HDR_CONTACT));
	msg = notify(0);
	assert_notify(msg, "pending;expires=1", "SIP/2.0 100 Trying\r\n");
	assert_string_equal(" progress=100 referPending=202", app.text);

	/* nothing else happens */
	clock_forward((ASK_MS - DECIDE_MS) / 2);
	assert_int_equal(1, notifies());
	assert_int_equal(0, wire_count(bob, true, "INVITE"));
	assert_int_equal(1, list_count(&bob->calll));
	finish();
	assert_no_state();
}


static void test_late_yes(void **state)
{
	(void)state;

	reach_pending();
	assert_int_equal(0, refer_server_accept(app.srv, NULL));
	assert_int_equal(REFER_ACCEPTED, refer_server_state(app.srv));
	assert_notify(notify(1), "active;expires=1",
		      "SIP/2.0 100 Trying\r\n");
	(void)wire_await(carol, false, "INVITE", 0);
	await_end();
	assert_notify(notify(2), "terminated;reason=noresource",
		      "SIP/2.0 200 OK\r\n");
	assert_string_equal(" progress=100 referPending=202 accepted=202"
			    " referRequestAccepted=202 referInviteSent"
			    " referAccepted=200 referEnded=200", app.text);
	assert_int_equal(1, wire_count(alice, false, "202 REFER"));
	assert_int_equal(3, notifies());
	assert_no_state();
}


static void late_no(int err, uint16_t scode, const char *reason)
{
	char frag[64], text[256];

	assert_int_equal(0, err);
	(void)re_snprintf(frag, sizeof(frag), "SIP/2.0 %u %s\r\n", scode,
			  reason);
	assert_notify(notify(1), "terminated;reason=rejected\r\n", frag);
	await_end();
	assert_int_equal(REFER_REJECTED, refer_server_state(app.srv));
	(void)re_snprintf(text, sizeof(text), " progress=100 referPending=202"
			  " rejected=%u failed=%u referRequestRejected=%u"
			  " referEnded=%u", scode, scode, scode, scode);
	assert_string_equal(text, app.text);

	/* what was answered stays so */
	assert_answered(202, "Accepted");
	assert_int_equal(2, notifies());
	assert_int_equal(0, wire_count(bob, true, "INVITE"));
	assert_no_state();
}


static void test_late_no(void **state)
{
	(void)state;

	reach_pending();
	late_no(refer_server_reject(app.srv, NULL), 603, "Decline");
}


static void test_late_no_code(void **state)
{
	(void)state;

	reach_pending();
	late_no(refer_server_reject(app.srv, &(struct refer_opts){
				.scode = 486, .reason = "Not now"}),
		486, "Not now");
}


static void test_late_redirect(void **state)
{
	(void)state;

	reach_pending();
	late_no(redirect(app.srv, NULL), 302, "Moved Temporarily");
}


static void test_ask_timeout(void **state)
{
	(void)state;

	reach_pending();
	clock_forward(ASK_MS - DECIDE_MS);
	assert_notify(notify(1), "terminated;reason=rejected",
		      "SIP/2.0 603 Decline\r\n");
	await_end();
	assert_string_equal(" progress=100 referPending=202 referTimeout"
			    " rejected=603 failed=603"
			    " referRequestRejected=603 referEnded=603",
			    app.text);
	assert_int_equal(2, notifies());
	assert_no_state();
}


static void test_ask_timeout_early(void **state)
{
	(void)state;

	(void)ask();
	clock_forward(DECIDE_MS);
	(void)wire_await(alice, false, "603 REFER", 0);
	await_end();
	assert_string_equal(" progress=100 referTimeout rejected=603"
			    " failed=603 referRequestRejected=603"
			    " referEnded=603", app.text);
	assert_int_equal(0, notifies());
	assert_no_state();
}


/* The NOTIFY pending is not answered yet */
static void test_late_busy(void **state)
{
	(void)state;

	peer_script(alice, "NOTIFY", HOLD, NULL);
	reach_pending();
	assert_int_equal(0, refer_server_reject(app.srv, NULL));
	assert_int_equal(1, notifies());
	assert_int_equal(REFER_REJECTED, refer_server_state(app.srv));
	assert_int_equal(0, event_count("rejected"));
	NO_EFFECT(EPROTO, refer_server_accept(app.srv, NULL));
	peer_answer_held(alice, 200, NULL);
	assert_notify(notify(1), "terminated;reason=rejected",
		      "SIP/2.0 603 Decline\r\n");
	await_end();
	assert_no_state();
}


/* Alice has no subscription any more */
static void test_late_unsubscribed(void **state)
{
	(void)state;

	peer_script(alice, "NOTIFY", 481, NULL);
	reach_pending();
	assert_int_equal(0, refer_server_reject(app.srv, NULL));
	await_end();
	assert_non_null(strstr(app.text, " rejected=603 failed=603"
			       " referRequestRejected=603 referEnded=603"));
	assert_int_equal(1, notifies());
	assert_no_state();
}


/* Retransmissions and CANCEL */

static void send_again(void)
{
	const struct mbuf *mb = wire_find(alice, true, "REFER", 0)->msg->mb;

	ua_send(alice, bob, "%b", mb->buf, mb->end);
	settle();
}


static void assert_again(const char *what)
{
	const unsigned n = sent.n;
	struct mbuf *mb = mem_ref(sent.last);

	send_again();
	if (sent.n != n + 1)
		fail_msg("%s was not sent again", what);
	assert_int_equal(mb->end, sent.last->end);
	assert_memory_equal(mb->buf, sent.last->buf, mb->end);
	mem_deref(mb);
}


static void test_retransmissions(void **state)
{
	(void)state;

	(void)ask_once();
	send_again();
	assert_int_equal(0, sent.n);
	assert_int_equal(1, app.requests);

	clock_forward(TRYING_MS);
	(void)wire_await(alice, false, "100 REFER", 0);
	assert_again("100");
	assert_string_equal(" progress=100", app.text);

	assert_int_equal(0, refer_server_reject(app.srv, NULL));
	(void)response();
	settle();
	assert_again("480");
	await_end();
	assert_no_state();
	assert_again("480");

	/* Timer J */
	clock_forward(31000);
	settle();
	assert_again("480");
	assert_int_equal(1, app.requests);
	assert_int_equal(1, event_count("referEnded"));
}


static void test_retransmission_accepted(void **state)
{
	(void)state;

	assert_int_equal(0, accept_nofollow(ask()));
	(void)response();
	assert_int_equal(1, notifies());
	assert_again("202");
	finish();
	assert_again("202");
	assert_int_equal(1, app.requests);
}


static void send_cancel(void)
{
	const struct sip_msg *msg = wire_find(alice, true, "REFER", 0)->msg;

	ua_send(alice, bob,
		"CANCEL %r SIP/2.0\r\n"
		"Via: %r\r\n"
		"From: %r\r\n"
		"To: %r\r\n"
		"Call-ID: %r\r\n"
		"CSeq: %u CANCEL\r\n"
		"Max-Forwards: 70\r\n"
		"Content-Length: 0\r\n"
		"\r\n", &msg->ruri, &sip_msg_hdr(msg, SIP_HDR_VIA)->val,
		&sip_msg_hdr(msg, SIP_HDR_FROM)->val,
		&sip_msg_hdr(msg, SIP_HDR_TO)->val, &msg->callid,
		msg->cseq.num);
	settle();
}


static void test_cancel_waiting(void **state)
{
	(void)state;

	(void)ask_once();
	send_cancel();
	(void)wire_await(alice, false, "200 CANCEL", 0);
	assert_int_equal(1, app.cancels);
	assert_int_equal(REFER_WAITING, refer_server_state(app.srv));
	assert_int_equal(1, sent.n);
	assert_string_equal("", app.text);

	/* it is as it was */
	clock_forward(TRYING_MS);
	(void)wire_await(alice, false, "100 REFER", 0);
	assert_int_equal(0, accept_nofollow(app.srv));
	assert_answered(202, NULL);
	finish();

	/* and without effect after the answer */
	send_cancel();
	assert_int_equal(1, app.cancels);
	assert_no_state();
}


static void test_cancel_no_delegate(void **state)
{
	(void)state;

	refer_server_set_delegate(ask(), NULL, NULL);
	send_cancel();
	(void)wire_await(alice, false, "200 CANCEL", 0);
	assert_int_equal(0, app.cancels);
	finish();
}


/* The application executes it */

static void test_nofollow(void **state)
{
	(void)state;

	assert_int_equal(0, accept_nofollow(ask()));
	assert_answered(202, "Accepted");
	assert_notify(notify(0), "active;expires=", "SIP/2.0 100 Trying\r\n");
	assert_string_equal(" accepted=202 referRequestAccepted=202",
			    app.text);
	clock_forward(NOTIFY_PACE);
	assert_int_equal(1, notifies());

	assert_int_equal(0, refer_server_notify(app.srv, 180, NULL));
	assert_notify(notify(1), "active;expires=",
		      "SIP/2.0 180 Ringing\r\n");
	clock_forward(NOTIFY_PACE);
	assert_int_equal(0, refer_server_notify(app.srv, 199, "Mine %n"));
	assert_notify(notify(2), "active;expires=",
		      "SIP/2.0 199 Mine %n\r\n");
	settle();
	assert_int_equal(0, refer_server_notify(app.srv, 200, ""));
	assert_notify(notify(3), "terminated;reason=noresource",
		      "SIP/2.0 200 OK\r\n");
	await_end();
	assert_string_equal(" accepted=202 referRequestAccepted=202"
			    " referProgress=180 referProgress=199"
			    " referAccepted=200 referEnded=200", app.text);
	NO_EFFECT(EPROTO, refer_server_notify(app.srv, 200, NULL));
	assert_int_equal(0, wire_count(bob, true, "INVITE"));
	assert_int_equal(4, notifies());
	assert_no_state();
}


static void test_nofollow_failure(void **state)
{
	(void)state;

	reach_nofollow();
	assert_int_equal(0, refer_server_notify(app.srv, 699, NULL));
	assert_notify(notify(1), "terminated;reason=noresource",
		      "SIP/2.0 699 Global Failure\r\n");
	await_end();
	assert_non_null(strstr(app.text, " referRejected=699"
			       " referEnded=699"));
	assert_no_state();
}


/* An INVITE of the application's */
static void test_app_invites(void **state)
{
	struct refer_inviter *one, *two;
	(void)state;

	carol->answer = 180;
	(void)ask();
	assert_int_equal(0, make(app.srv, &one));
	assert_null(refer_inviter_call(one));
	NO_EFFECT(EPROTO, refer_inviter_invite(one));
	NO_EFFECT(EPROTO, refer_inviter_cancel(one));
	assert_int_equal(0, accept_nofollow(app.srv));
	assert_int_equal(0, make(app.srv, &two));
	assert_ptr_equal(one, two);
	assert_int_equal(0, refer_inviter_invite(one));
	assert_int_equal(EALREADY, refer_inviter_invite(one));
	assert_ptr_equal(call_last(bob), refer_inviter_call(one));
	(void)wire_await(carol, true, "180 INVITE", 0);
	settle();
	clock_forward(NOTIFY_PACE);
	assert_notify(notify(1), "active;expires=",
		      "SIP/2.0 180 Ringing\r\n");
	call_answer(call_last(carol));
	await_end();
	assert_notify(notify(2), "terminated;reason=noresource",
		      "SIP/2.0 200 OK\r\n");
	assert_string_equal(" accepted=202 referRequestAccepted=202"
			    " referInviteSent referProgress=180"
			    " referAccepted=200 referEnded=200", app.text);
	assert_null(refer_inviter_call(one));
	NO_EFFECT(EPROTO, refer_inviter_cancel(one));
	assert_int_equal(1, wire_count(bob, true, "INVITE"));
	assert_no_state();
}


/* It cannot be placed: the application knows, and goes on */
static void test_app_invite_fails(void **state)
{
	(void)state;

	reach_nofollow();
	bob->no_calls = true;
	NO_EFFECT(EHOSTUNREACH, invite(app.srv));
	bob->no_calls = false;
	peer_script(carol, "INVITE", HOLD, NULL);
	assert_int_equal(0, invite(app.srv));
	finish();
	assert_no_state();
}


static void test_inviter_cancel(void **state)
{
	(void)state;

	carol->answer = 180;
	assert_int_equal(0, refer_server_accept(ask(), NULL));
	(void)wire_await(bob, false, "180 INVITE", 0);
	settle();
	assert_int_equal(0, cancel(app.srv));
	assert_int_equal(EPROTO, cancel(app.srv));
	(void)wire_await(carol, false, "CANCEL", 0);
	await_end();
	assert_notify(wire_await(alice, false, "NOTIFY", notifies() - 1),
		      "terminated;reason=noresource",
		      "SIP/2.0 487 Request Terminated\r\n");
	assert_non_null(strstr(app.text, " referRejected=487 referEnded=487"));
	assert_int_equal(1, list_count(&bob->calll));
	assert_no_state();
}


/* No subscription */

static void nosub(const char *hdr, const char *text)
{
	carol->answer = 180;
	assert_int_equal(0, refer_server_accept(ask_with(hdr), NULL));
	assert_answered(202, NULL);
	assert_true(msg_hdr_is(response(), "Refer-Sub", "false"));
	assert_int_equal(0, sip_msg_xhdr_count(response(), "Expires"));
	assert_int_equal(1, sip_msg_hdr_count(response(), SIP_HDR_CONTACT));
	(void)event_await("referProgress", app.requests - 1);
	call_answer(call_last(carol));
	await_end();
	assert_string_equal(text, app.text);
	assert_int_equal(0, notifies());
	assert_no_state();
}


static void test_no_subscription(void **state)
{
	static const char text[] =
		" accepted=202 referRequestAccepted=202 referInviteSent"
		" referProgress=180 referAccepted=200 referEnded=200";
	(void)state;

	nosub("Refer-Sub: false\r\n", text);
	nosub("Refer-Sub: FALSE;x=y\r\n", text);
	nosub("Require: nosub\r\n", text);
	nosub("Require: replaces, nosub\r\n", text);
}


static void test_no_subscription_late(void **state)
{
	static const char hdr[] = "Refer-Sub: false\r\n";
	(void)state;

	(void)ask_with(hdr);
	clock_forward(DECIDE_MS);
	await_state(REFER_PENDING);
	assert_answered(202, NULL);
	assert_true(msg_hdr_is(response(), "Refer-Sub", "false"));
	assert_int_equal(0, refer_server_reject(app.srv, NULL));
	await_end();
	assert_string_equal(" progress=100 referPending=202 rejected=603"
			    " failed=603 referRequestRejected=603"
			    " referEnded=603", app.text);

	(void)ask_with(hdr);
	clock_forward(DECIDE_MS);
	await_state(REFER_PENDING);
	assert_int_equal(0, refer_server_accept(app.srv, NULL));
	await_end();
	assert_non_null(strstr(app.text, " accepted=202 referRequestAccepted"
			       "=202 referInviteSent referAccepted=200"
			       " referEnded=200"));

	assert_int_equal(0, refer_server_reject(ask_with(hdr), NULL));
	assert_int_equal(0, sip_msg_xhdr_count(response(), "Refer-Sub"));
	await_end();
	assert_int_equal(0, notifies());
	assert_no_state();
}


/* "true", or nothing, is a subscription */
static void test_subscription(void **state)
{
	(void)state;

	assert_int_equal(0, accept_nofollow(ask_with("Refer-Sub: true\r\n")));
	assert_int_equal(0, sip_msg_xhdr_count(response(), "Refer-Sub"));
	assert_true(msg_hdr_is(response(), "Expires", "180"));
	assert_int_equal(1, notifies());
	finish();
}


/* Events in order, the host's too */

static void assert_order(const char *const *namev)
{
	char prm[64];
	unsigned i;

	for (i=0; namev[i]; ++i) {
		(void)re_snprintf(prm, sizeof(prm), "refer,%s,id=1", namev[i]);
		assert_true(event_is(i, prm));
	}

	assert_int_equal(i, events());
}


static void test_order_accepted(void **state)
{
	static const char *const namev[] = {
		"referRequested", "accepted", "referRequestAccepted",
		"referInviteSent", "referProgress", "referAccepted",
		"referEnded", NULL
	};
	(void)state;

	carol->answer = 180;
	assert_int_equal(0, refer_server_accept(ask(), NULL));
	(void)wire_await(bob, false, "180 INVITE", 0);
	settle();
	clock_forward(NOTIFY_PACE);
	(void)event_await("referProgress", 0);
	call_answer(call_last(carol));
	await_end();
	assert_order(namev);
	assert_no_state();
}


static void target_answers(uint16_t scode)
{
	static const char *const namev[] = {
		"referRequested", "accepted", "referRequestAccepted",
		"referInviteSent", "referRejected", "referEnded", NULL
	};
	char text[128], frag[64];

	carol->answer = scode;
	assert_int_equal(0, refer_server_accept(ask(), NULL));
	await_end();
	assert_order(namev);
	(void)re_snprintf(text, sizeof(text), " accepted=202"
			  " referRequestAccepted=202 referInviteSent"
			  " referRejected=%u referEnded=%u", scode, scode);
	assert_string_equal(text, app.text);
	(void)re_snprintf(frag, sizeof(frag), "SIP/2.0 %u Refused\r\n", scode);
	assert_notify(notify(1), "terminated;reason=noresource", frag);
	assert_int_equal(2, notifies());
	assert_int_equal(1, wire_count(bob, true, "INVITE"));
	assert_no_state();
}


static void test_order_486(void **state)
{
	(void)state;
	target_answers(486);
}


static void test_order_429(void **state)
{
	(void)state;
	target_answers(429);
}


static void test_order_302(void **state)
{
	(void)state;
	target_answers(302);
}


static void test_order_rejected(void **state)
{
	static const char *const namev[] = {
		"referRequested", "rejected", "failed",
		"referRequestRejected", "referEnded", NULL
	};
	(void)state;

	assert_int_equal(0, refer_server_reject(ask(), NULL));
	await_end();
	assert_order(namev);
	assert_int_equal(0, notifies());
	assert_no_state();
}


/* What can be asked */

static void test_accessors(void **state)
{
	struct refer_server *srv;
	const struct sip_msg *msg;
	struct referral *rf;
	const char *reason = "x";
	unsigned n = 1;
	struct pl pl;
	(void)state;

	call_request(ab, "REFER",
		     "Refer-To: \"C\" <%s;x=y?Replaces=a%%40b%%3Bto-tag%%3D1"
		     "%%3Bfrom-tag%%3D2&Subject=hi>\r\n"
		     "Referred-By: \"Al\" <%s>;cid=\"x@y\"\r\n"
		     "Content-Type: text/plain\r\n"
		     "Content-Length: 4\r\n"
		     "\r\n"
		     "body", carol->aor, alice->aor);
	assert_true(wait_cond(asked_cond, &n, WAIT_MS));
	srv = app.srv;
	msg = refer_server_request(srv);
	rf  = refer_server_referral(srv);

	assert_int_equal(1, refer_server_id(srv));
	assert_ptr_equal(bob, refer_server_ua(srv));
	assert_ptr_equal(ba, refer_server_call(srv));
	assert_ptr_equal(call_dlg(ba), refer_server_dialog(srv));
	assert_int_equal(0, refer_server_response(srv, &reason));
	assert_null(reason);
	assert_null(refer_server_data(srv));
	refer_server_set_data(srv, &n);

	assert_int_equal(0, pl_strcmp(&msg->met, "REFER"));
	assert_int_equal(0, pl_strcmp(&msg->from.auri, alice->aor));
	assert_int_equal(0, pl_strcmp(&msg->ctyp.subtype, "plain"));
	pl_set_mbuf(&pl, msg->mb);
	assert_int_equal(0, pl_strcmp(&pl, "body"));

	assert_non_null(strstr(referral_refer_to(rf), "sip:carol@"));
	assert_non_null(strstr(referral_refer_to(rf), ";x=y"));
	assert_null(strchr(referral_refer_to(rf), '?'));
	assert_string_equal("a@b;to-tag=1;from-tag=2", referral_replaces(rf));
	assert_non_null(strstr(referral_referred_by(rf), ";cid=\"x@y\""));

	assert_int_equal(0, accept_nofollow(srv));
	assert_int_equal(202, refer_server_response(srv, &reason));
	assert_string_equal("Accepted", reason);
	assert_int_equal(202, refer_server_response(srv, NULL));

	/* the referred call ends before it does */
	call_bye(ab);
	(void)wire_await(alice, false, "200 BYE", 0);
	settle();
	assert_null(refer_server_call(srv));
	assert_non_null(refer_server_dialog(srv));
	finish();

	assert_int_equal(REFER_TERMINATED, refer_server_state(srv));
	assert_string_equal("TERMINATED", refer_server_state_name(
				    refer_server_state(srv)));
	assert_ptr_equal(&n, refer_server_data(srv));
	assert_ptr_equal(msg, refer_server_request(srv));
	assert_ptr_equal(rf, refer_server_referral(srv));
	assert_ptr_equal(bob, refer_server_ua(srv));
	assert_int_equal(202, refer_server_response(srv, NULL));
	assert_string_equal("a@b;to-tag=1;from-tag=2", referral_replaces(rf));
	assert_no_state();
}


static void test_absent(void **state)
{
	struct referral *rf = refer_server_referral(ask());
	(void)state;

	assert_null(referral_referred_by(rf));
	assert_null(referral_replaces(rf));
	assert_string_equal(carol->aor, referral_refer_to(rf));
	finish();
}


static void test_delegate_replaced(void **state)
{
	static const struct refer_delegate deaf;
	(void)state;

	refer_server_set_delegate(ask(), NULL, NULL);
	clock_forward(TRYING_MS);
	(void)wire_await(alice, false, "100 REFER", 0);
	assert_string_equal("", app.text);
	refer_server_set_delegate(app.srv, &deaf, NULL);
	sent.fail = 1;
	assert_int_equal(ENETUNREACH, accept_nofollow(app.srv));
	assert_int_equal(0, app.errors);
	refer_server_set_delegate(app.srv, &delegate, &app);
	assert_int_equal(0, accept_nofollow(app.srv));
	finish();
	assert_string_equal(" accepted=202 referRequestAccepted=202"
			    " referAccepted=200 referEnded=200", app.text);
}


/* A response that cannot be sent: the application is told, and tries again */
static void test_send_error(void **state)
{
	(void)state;

	(void)ask();
	sent.fail = 1;
	NO_EFFECT(ENETUNREACH, refer_server_accept(app.srv, NULL));
	assert_int_equal(1, app.errors);
	sent.fail = 1;
	NO_EFFECT(ENETUNREACH, refer_server_reject(app.srv, NULL));
	assert_int_equal(2, app.errors);
	sent.fail = 1;
	NO_EFFECT(ENETUNREACH, redirect(app.srv, NULL));
	assert_int_equal(3, app.errors);

	assert_int_equal(0, accept_nofollow(app.srv));
	finish();
	assert_no_state();
	assert_int_equal(3, app.errors);
}


/* Two that wait are independent */
static void test_two(void **state)
{
	struct refer_server *one = mem_ref(ask()), *two = ask();
	(void)state;

	assert_ptr_not_equal(one, two);
	assert_int_equal(2, refer_server_id(two));
	assert_int_equal(0, refer_server_reject(one, NULL));
	assert_int_equal(REFER_REJECTED, refer_server_state(one));
	assert_int_equal(REFER_WAITING, refer_server_state(two));
	mem_deref(one);
	assert_int_equal(0, accept_nofollow(two));
	finish();
	assert_no_state();
}


/* The referrer hangs up while it waits: it can be accepted even so */
static void test_bye_waiting(void **state)
{
	(void)state;

	(void)ask();
	call_bye(ab);
	(void)wire_await(alice, false, "200 BYE", 0);
	settle();
	assert_int_equal(REFER_WAITING, refer_server_state(app.srv));
	assert_null(refer_server_call(app.srv));
	assert_int_equal(0, refer_server_accept(app.srv, NULL));
	(void)wire_await(carol, false, "INVITE", 0);
	await_end();
	assert_non_null(strstr(app.text, " referAccepted=200"));
	assert_no_state();
}


/* Unloading the module: a REFER that waits is answered */
static void test_unload_waiting(void **state)
{
	(void)state;

	app.loose = true;
	(void)ask();
	refer_stop(bob);
	(void)wire_await(alice, false, "480 REFER", 0);
	assert_string_equal(" referEnded", app.text);
	clock_forward(ASK_MS);
	settle();
	assert_int_equal(1, sent.n);
}


static void test_unload_pending(void **state)
{
	(void)state;

	app.loose = true;
	reach_pending();
	refer_stop(bob);
	assert_notify(notify(1), "terminated;reason=deactivated",
		      "SIP/2.0 100 Trying\r\n");
	assert_int_equal(1, event_count("referEnded"));
	clock_forward(ASK_MS);
	assert_int_equal(2, notifies());
}


/* To act in a handler */

static void act_accept(struct refer_server *srv)
{
	app.err = refer_server_accept(srv, NULL);
}


static void act_nofollow(struct refer_server *srv)
{
	app.err = accept_nofollow(srv);
}


static void act_reject(struct refer_server *srv)
{
	app.err = refer_server_reject(srv, NULL);
}


static void act_redirect(struct refer_server *srv)
{
	app.err = redirect(srv, NULL);
}


static void act_notify(struct refer_server *srv)
{
	app.err = refer_server_notify(srv, 200, NULL);
}


static void act_invite(struct refer_server *srv)
{
	app.err = invite(srv);
}


static void act_cancel(struct refer_server *srv)
{
	app.err = cancel(srv);
}


static void act_once(struct refer_server *srv)
{
	app.err = accept_nofollow(srv);
	if (!app.err)
		app.err = refer_server_notify(srv, 200, NULL);
}


/* Nobody holds the context but the module */
static void act_at(const char *at, act_h *h, const char *hdrs)
{
	app.loose = true;
	app.at    = at;
	app.act   = h;
	app.err   = -1;
	print_message("in %s\n", at ? at : "the request handler");
	(void)ask_with(hdrs);
}


static void acted(const char *text)
{
	await_end();
	assert_null(app.act);
	assert_int_equal(0, app.err);
	assert_string_equal(text, app.text);
	assert_no_state();
}


#define NOSUB "Refer-Sub: false\r\n"
#define PENDING_TEXT " progress=100 referPending=202"
#define FOLLOWED_TEXT " accepted=202 referRequestAccepted=202" \
	" referInviteSent referAccepted=200 referEnded=200"
#define CANCELED_TEXT " accepted=202 referRequestAccepted=202" \
	" referInviteSent referRejected=487 referEnded=487"
#define REJECTED_TEXT(c) " rejected=" c " failed=" c \
	" referRequestRejected=" c " referEnded=" c
#define NOFOLLOW_TEXT " accepted=202 referRequestAccepted=202" \
	" referAccepted=200 referEnded=200"


static void test_act_request(void **state)
{
	static const char *const hdrv[] = {"", NOSUB};
	unsigned i;
	(void)state;

	for (i=0; i<ARRAY_SIZE(hdrv); ++i) {
		act_at(NULL, act_accept, hdrv[i]);
		acted(FOLLOWED_TEXT);
		act_at(NULL, act_reject, hdrv[i]);
		acted(REJECTED_TEXT("480"));
		act_at(NULL, act_redirect, hdrv[i]);
		acted(REJECTED_TEXT("302"));
		act_at(NULL, act_once, hdrv[i]);
		acted(NOFOLLOW_TEXT);
	}
}


static void test_act_progress(void **state)
{
	(void)state;

	act_at("progress", act_accept, "");
	clock_forward(TRYING_MS);
	acted(" progress=100" FOLLOWED_TEXT);
	act_at("progress", act_reject, "");
	clock_forward(TRYING_MS);
	acted(" progress=100" REJECTED_TEXT("480"));
}


static void test_act_pending(void **state)
{
	static const char *const hdrv[] = {"", NOSUB};
	unsigned i;
	(void)state;

	for (i=0; i<ARRAY_SIZE(hdrv); ++i) {
		act_at("referPending", act_accept, hdrv[i]);
		clock_forward(DECIDE_MS);
		acted(PENDING_TEXT FOLLOWED_TEXT);
		act_at("referPending", act_reject, hdrv[i]);
		clock_forward(DECIDE_MS);
		acted(PENDING_TEXT REJECTED_TEXT("603"));
		act_at("referPending", act_once, hdrv[i]);
		clock_forward(DECIDE_MS);
		acted(PENDING_TEXT NOFOLLOW_TEXT);
	}
}


/* At the last moment */
static void test_act_timeout(void **state)
{
	(void)state;

	act_at("referTimeout", act_accept, "");
	clock_forward(DECIDE_MS);
	(void)event_await("referPending", 0);
	settle();
	clock_forward(ASK_MS - DECIDE_MS);
	acted(PENDING_TEXT " referTimeout" FOLLOWED_TEXT);
	act_at("referTimeout", act_redirect, "");
	clock_forward(DECIDE_MS);
	(void)event_await("referPending", 1);
	settle();
	clock_forward(ASK_MS - DECIDE_MS);
	acted(PENDING_TEXT " referTimeout" REJECTED_TEXT("302"));
}


static void test_act_cancel(void **state)
{
	static const char *const hdrv[] = {"", NOSUB};
	unsigned i;
	(void)state;

	carol->answer = 180;
	for (i=0; i<ARRAY_SIZE(hdrv); ++i) {

		act_at("referInviteSent", act_cancel, hdrv[i]);
		assert_int_equal(0, refer_server_accept(app.srv, NULL));
		acted(CANCELED_TEXT);

		act_at("referInviteSent", act_cancel, hdrv[i]);
		assert_int_equal(0, accept_nofollow(app.srv));
		assert_int_equal(0, invite(app.srv));
		acted(CANCELED_TEXT);

		act_at("referProgress", act_cancel, hdrv[i]);
		assert_int_equal(0, refer_server_accept(app.srv, NULL));
		(void)wire_await(bob, false, "180 INVITE", i);
		settle();
		clock_forward(NOTIFY_PACE);
		acted(" accepted=202 referRequestAccepted=202"
		      " referInviteSent referProgress=180 referRejected=487"
		      " referEnded=487");
	}
}


static void test_act_accepted(void **state)
{
	(void)state;

	act_at("referRequestAccepted", act_notify, "");
	assert_int_equal(0, accept_nofollow(app.srv));
	acted(NOFOLLOW_TEXT);
	act_at("referRequestAccepted", act_notify, NOSUB);
	assert_int_equal(0, accept_nofollow(app.srv));
	acted(NOFOLLOW_TEXT);
	act_at("referRequestAccepted", act_invite, "");
	assert_int_equal(0, accept_nofollow(app.srv));
	acted(FOLLOWED_TEXT);
}


/* It is over: everything is refused in there */
static void act_all(struct refer_server *srv)
{
	app.err = refer_server_accept(srv, NULL) == EPROTO &&
		refer_server_reject(srv, NULL) == EPROTO &&
		refer_server_trying(srv) == EPROTO &&
		refer_server_notify(srv, 200, NULL) == EPROTO &&
		invite(srv) == EPROTO && cancel(srv) == EPROTO ? 0 : EALREADY;
}


static void test_act_over(void **state)
{
	static const char *const eventv[] = {
		"rejected", "failed", "referRequestRejected", "referEnded"
	};
	unsigned i;
	(void)state;

	for (i=0; i<ARRAY_SIZE(eventv); ++i) {
		act_at(eventv[i], act_all, "");
		assert_int_equal(0, refer_server_reject(app.srv, NULL));
		acted(REJECTED_TEXT("480"));
	}

	act_at("referEnded", act_all, "");
	assert_int_equal(0, refer_server_accept(app.srv, NULL));
	acted(FOLLOWED_TEXT);
	act_at("referAccepted", act_all, "");
	assert_int_equal(0, refer_server_accept(app.srv, NULL));
	acted(FOLLOWED_TEXT);
}


/* "referEnded" stays the last, even if one ends it in "accepted" */
static void test_act_accepted_first(void **state)
{
	static const char *const hdrv[] = {"", NOSUB};
	const char *last;
	unsigned i;
	(void)state;

	for (i=0; i<ARRAY_SIZE(hdrv); ++i) {
		act_at("accepted", act_notify, hdrv[i]);
		assert_int_equal(0, accept_nofollow(app.srv));
		await_end();
		assert_int_equal(0, app.err);
		last = strrchr(app.text, ' ');
		assert_string_equal(" referEnded=200", last);
		assert_no_state();
	}
}


/* Decided in "referPending": there is nothing to time out any more */
static void test_act_pending_no_timeout(void **state)
{
	(void)state;

	act_at("referPending", act_nofollow, "");
	clock_forward(DECIDE_MS);
	(void)event_await("referRequestAccepted", 0);
	settle();
	clock_forward(ASK_MS - DECIDE_MS);
	settle();
	assert_int_equal(0, event_count("referTimeout"));
	assert_int_equal(0, refer_server_notify(app.srv, 200, NULL));
	await_end();
}


/* The application is faster than the module with the INVITE */
static void test_act_invite_follow(void **state)
{
	(void)state;

	carol->answer = 180;
	act_at("referRequestAccepted", act_invite, "");
	assert_int_equal(0, refer_server_accept(app.srv, NULL));
	(void)wire_await(bob, false, "180 INVITE", 0);
	settle();
	assert_int_equal(0, log_warnings("could not call"));
	assert_int_equal(0, event_count("referEnded"));
	call_answer(call_last(carol));
	await_end();
	assert_non_null(strstr(app.text, " referAccepted=200 referEnded=200"));
	assert_int_equal(1, wire_count(bob, true, "INVITE"));
	assert_no_state();
}


/* After a final status there is no other */
static void test_notify_final_once(void **state)
{
	(void)state;

	/* the first NOTIFY is not answered, so the final one waits */
	peer_script(alice, "NOTIFY", HOLD, NULL);
	assert_int_equal(0, accept_nofollow(ask()));
	(void)notify(0);
	assert_int_equal(0, refer_server_notify(app.srv, 200, NULL));
	NO_EFFECT(EPROTO, refer_server_notify(app.srv, 486, NULL));
	peer_answer_held(alice, 200, NULL);
	assert_notify(notify(1), "terminated;reason=noresource",
		      "SIP/2.0 200 OK\r\n");
	await_end();
	assert_non_null(strstr(app.text, " referAccepted=200 referEnded=200"));
	assert_no_state();
}


static void test_notify_no_progress_after_final(void **state)
{
	(void)state;

	peer_script(alice, "NOTIFY", HOLD, NULL);
	assert_int_equal(0, accept_nofollow(ask()));
	(void)notify(0);
	assert_int_equal(0, refer_server_notify(app.srv, 200, NULL));
	(void)refer_server_notify(app.srv, 180, NULL);
	peer_answer_held(alice, 200, NULL);
	assert_notify(notify(1), "terminated;reason=noresource",
		      "SIP/2.0 200 OK\r\n");
	await_end();
	assert_no_state();
}


/* The subscription begins anew with a late yes */
static void test_late_yes_expires(void **state)
{
	(void)state;

	reach_pending();
	clock_forward(ASK_MS - DECIDE_MS - 5000);
	settle();
	assert_int_equal(0, accept_nofollow(app.srv));
	assert_true(msg_has(notify(1), "Subscription-State: active;"
			    "expires=180\r\n") ||
		    msg_has(notify(1), "Subscription-State: active;"
			    "expires=179\r\n"));
	finish();
}


/* A subscription that is pending lives until there is a decision */
static void test_patient(void **state)
{
	(void)state;

	reach_pending();
	clock_forward(2 * 180000);
	settle();
	assert_int_equal(REFER_PENDING, refer_server_state(app.srv));
	assert_int_equal(1, notifies());
	assert_int_equal(0, refer_server_reject(app.srv, NULL));
	assert_notify(notify(1), "terminated;reason=rejected",
		      "SIP/2.0 603 Decline\r\n");
	await_end();
}


/* The user agent vanished without a word while it waited */
static void without_ua(int (*h)(struct refer_server *srv))
{
	struct list *ual = bob->le.list;
	int err;

	settle();
	list_unlink(&bob->le);
	if (h) {
		err = h(app.srv);
	}
	else {
		clock_forward(DECIDE_MS);
		settle();
		err = ENOENT;
	}
	list_append(ual, &bob->le, bob);

	assert_int_equal(ENOENT, err);
	settle();
	assert_int_equal(0, wire_count(alice, false, "202 REFER"));
	assert_int_equal(0, notifies());
}


static void test_no_ua_accept(void **state)
{
	(void)state;

	(void)ask();
	without_ua(accept_nofollow);
}


static void test_no_ua_timer(void **state)
{
	(void)state;

	(void)ask();
	without_ua(NULL);
	(void)wire_await(alice, false, "480 REFER", 0);
	await_end();
}


/* An application may hold a context for longer than the module lives */

static void test_held_deactivated(void **state)
{
	(void)state;

	reach_pending();
	refer_stop(bob);
	assert_notify(notify(1), "terminated;reason=deactivated",
		      "SIP/2.0 100 Trying\r\n");
	assert_int_equal(1, event_count("referEnded"));
}


static void test_held_waiting(void **state)
{
	(void)state;

	(void)ask();
	refer_stop(bob);
	(void)wire_await(alice, false, "480 REFER", 0);
	assert_int_equal(EPROTO, refer_server_accept(app.srv, NULL));
	assert_int_equal(EPROTO, refer_server_reject(app.srv, NULL));
	clock_forward(ASK_MS);
	settle();
	app_drop();
}


static void test_held_following(void **state)
{
	(void)state;

	carol->answer = 180;
	assert_int_equal(0, refer_server_accept(ask(), NULL));
	(void)wire_await(bob, false, "180 INVITE", 0);
	settle();
	refer_stop(bob);
	settle();

	/* its call goes on, and nobody hangs it up */
	clock_forward(130000);
	settle();
	assert_int_equal(2, list_count(&bob->calll));
	assert_int_equal(EPROTO, cancel(app.srv));
	app_drop();
}


/* Giving it up */

static void test_dispose(void **state)
{
	(void)state;

	refer_server_dispose(NULL);

	reach_waiting();
	refer_server_dispose(app.srv);
	assert_answered(480, "Temporarily Unavailable");
	await_end();
	assert_string_equal(" referEnded", app.text);
	assert_int_equal(REFER_TERMINATED, refer_server_state(app.srv));
	assert_int_equal(0, notifies());

	/* once only */
	refer_server_dispose(app.srv);
	await_end();

	reach_rejected();
	refer_server_dispose(app.srv);
	await_end();
	reach_terminated();
	refer_server_dispose(app.srv);
	await_end();
	assert_no_state();
}


/* Nobody holds it: the subscription ends at once, a call goes on */
static void test_dispose_loose(void **state)
{
	(void)state;

	app.loose = true;
	reach_pending();
	refer_server_dispose(app.srv);
	assert_notify(notify(1), "terminated;reason=deactivated",
		      "SIP/2.0 100 Trying\r\n");
	await_end();

	carol->answer = 180;
	assert_int_equal(0, refer_server_accept(ask(), NULL));
	(void)wire_await(bob, false, "180 INVITE", 0);
	settle();
	refer_server_dispose(app.srv);
	assert_notify(notify(3), "terminated;reason=deactivated",
		      NULL);
	await_end();
	call_answer(call_last(carol));
	call_await_established(bob, 2);
	assert_int_equal(0, event_count("referAccepted"));
	assert_no_state();
}


static void act_dispose(struct refer_server *srv)
{
	app.err = 0;
	refer_server_dispose(srv);
}


/* "referEnded" is the last one */
static void disposed(void)
{
	await_end();
	assert_null(app.act);
	clock_forward(2 * ASK_MS);
	settle();
	assert_string_equal(" referEnded", strrchr(app.text, ' '));
	assert_no_state();
}


static void test_act_dispose(void **state)
{
	static const char *const hdrv[] = {"", NOSUB};
	unsigned i;
	(void)state;

	carol->answer = 180;
	for (i=0; i<ARRAY_SIZE(hdrv); ++i) {

		act_at(NULL, act_dispose, hdrv[i]);
		disposed();

		act_at("progress", act_dispose, hdrv[i]);
		clock_forward(TRYING_MS);
		disposed();

		act_at("referPending", act_dispose, hdrv[i]);
		clock_forward(DECIDE_MS);
		disposed();

		act_at("referRequestAccepted", act_dispose, hdrv[i]);
		assert_int_equal(0, refer_server_accept(app.srv, NULL));
		disposed();

		act_at("referInviteSent", act_dispose, hdrv[i]);
		assert_int_equal(0, refer_server_accept(app.srv, NULL));
		disposed();

		act_at("referInviteSent", act_dispose, hdrv[i]);
		assert_int_equal(0, accept_nofollow(app.srv));
		assert_int_equal(0, invite(app.srv));
		disposed();
	}
}


/* One that fires more than one event in a row has to look in between */

static void test_act_dispose_accepted(void **state)
{
	(void)state;

	act_at("accepted", act_dispose, "");
	assert_int_equal(0, refer_server_accept(app.srv, NULL));
	disposed();
}


static void test_act_dispose_rejected(void **state)
{
	static const char *const eventv[] = {
		"referRequestRejected", "failed", "rejected"
	};
	unsigned i;
	(void)state;

	for (i=0; i<ARRAY_SIZE(eventv); ++i) {
		act_at(eventv[i], act_dispose, "");
		assert_int_equal(0, refer_server_reject(app.srv, NULL));
		await_end();
		assert_non_null(strstr(strrchr(app.text, ' '),
				       " referEnded"));
		assert_no_state();
	}
}


/* The network is down, and the application gives up */
static void dispose_on_error(struct refer_server *srv, int err, void *arg)
{
	(void)err;
	(void)arg;

	++app.errors;
	refer_server_dispose(srv);
}


static void test_dispose_on_error(void **state)
{
	static const struct refer_delegate quitter = {
		NULL, NULL, dispose_on_error
	};
	(void)state;

	app.loose = true;
	refer_server_set_delegate(ask(), &quitter, &app);
	sent.fail = 20;
	assert_int_equal(ENETUNREACH, refer_server_reject(app.srv, NULL));
	sent.fail = 0;
	await_end();
	assert_true(app.errors <= 2);
	assert_no_state();
}


/* Held: no less is it over */
static void test_held_disposed(void **state)
{
	(void)state;

	carol->answer = 180;
	assert_int_equal(0, refer_server_accept(ask(), NULL));
	(void)wire_await(bob, false, "180 INVITE", 0);
	settle();
	refer_server_dispose(app.srv);
	await_end();
	assert_notify(notify(1), "terminated;reason=deactivated", NULL);
	call_answer(call_last(carol));
	call_await_established(bob, 2);
	settle();
	assert_int_equal(REFER_TERMINATED, refer_server_state(app.srv));
	assert_string_equal(" referEnded", strrchr(app.text, ' '));
}


/* Held: nothing of the module's points to it any more */
static void test_held_unlinked(void **state)
{
	(void)state;

	reach_nofollow();
	assert_int_equal(0, refer_server_notify(app.srv, 486, NULL));
	await_end();
	assert_int_equal(0, count(bob->refer->ht_notifier));
	assert_int_equal(0, count(bob->refer->ht_watch));
}


#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
#define TEST_WITH(f, s) cmocka_unit_test_setup_teardown(f, s, teardown)

int main(void)
{
	const struct CMUnitTest testv[] = {
		TEST(test_table_waiting),
		TEST(test_table_pending),
		TEST(test_table_following),
		TEST(test_table_nofollow),
		TEST(test_table_rejected),
		TEST(test_table_terminated),
		TEST(test_null),
		TEST(test_ranges),
		TEST(test_defaults),
		TEST(test_options),
		TEST(test_bad_options),
		TEST(test_bad_options_100),
		TEST(test_redirect),
		TEST(test_trying),
		TEST(test_trying_automatic),
		TEST(test_trying_not_after_answer),
		TEST(test_pending),
		TEST(test_late_yes),
		TEST(test_late_no),
		TEST(test_late_no_code),
		TEST(test_late_redirect),
		TEST(test_ask_timeout),
		TEST_WITH(test_ask_timeout_early, setup_impatient),
		TEST(test_late_busy),
		TEST(test_late_unsubscribed),
		TEST(test_retransmissions),
		TEST(test_retransmission_accepted),
		TEST(test_cancel_waiting),
		TEST(test_cancel_no_delegate),
		TEST(test_nofollow),
		TEST(test_nofollow_failure),
		TEST(test_app_invites),
		TEST(test_app_invite_fails),
		TEST(test_inviter_cancel),
		TEST(test_no_subscription),
		TEST(test_no_subscription_late),
		TEST(test_subscription),
		TEST(test_order_accepted),
		TEST(test_order_486),
		TEST(test_order_429),
		TEST(test_order_302),
		TEST(test_order_rejected),
		TEST(test_accessors),
		TEST(test_absent),
		TEST(test_delegate_replaced),
		TEST(test_send_error),
		TEST(test_two),
		TEST(test_bye_waiting),
		TEST(test_unload_waiting),
		TEST(test_unload_pending),
		TEST(test_act_request),
		TEST(test_act_progress),
		TEST(test_act_pending),
		TEST(test_act_timeout),
		TEST(test_act_cancel),
		TEST(test_act_accepted),
		TEST(test_act_over),
		TEST(test_dispose),
		TEST(test_dispose_loose),
		TEST(test_act_dispose),
		TEST(test_act_dispose_accepted),
		TEST(test_act_dispose_rejected),
		TEST(test_dispose_on_error),
		TEST(test_act_accepted_first),
		TEST(test_act_pending_no_timeout),
		TEST(test_act_invite_follow),
		TEST(test_notify_final_once),
		TEST(test_notify_no_progress_after_final),
		TEST(test_late_yes_expires),
		TEST_WITH(test_patient, setup_patient),
		TEST(test_no_ua_accept),
		TEST(test_no_ua_timer),
		TEST(test_held_unlinked),
		TEST(test_held_disposed),
		TEST(test_held_deactivated),
		TEST(test_held_waiting),
		TEST(test_held_following),
	};

	return UNIT_RUN(testv, NULL, NULL);
}
