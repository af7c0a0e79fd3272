/**
 * @file context.h  An application that decides on a REFER, for the tests
 *
 * Alice, a peer, has called bob and refers him to carol, another peer. An
 * application on bob's softphone answers through the calls of refer.h.
 */
#ifndef UNIT_CONTEXT_H
#define UNIT_CONTEXT_H

#include "fake_host.h"

enum {
	TRYING_MS = 3500,
	DECIDE_MS = 20000,
	ASK_MS    = 120000,
	TEXT_SIZE = 1024,
};

typedef void (act_h)(struct refer_server *srv);

/** The application */
struct app {
	struct refer_handler *handler;
	struct refer_server *srv;  /**< Held, to look at it after its end */
	bool loose;                /**< Do not hold it */
	unsigned requests;
	const char *at;            /**< Event to act in, NULL: the request */
	act_h *act;                /**< What to do there, once */
	int err;                   /**< What came of it */
	char text[TEXT_SIZE];      /**< Events, " name=code" */
	unsigned cancels;
	unsigned errors;
};

/** Responses of bob, retransmissions too */
struct sent {
	unsigned n;
	unsigned fail;             /**< So many cannot be sent */
	struct mbuf *last;
};

/** What a wrong call must leave as it is */
struct snap {
	unsigned tx;
	unsigned replies;
	unsigned events;
	unsigned requests;
	enum refer_server_state state;
	uint16_t scode;
	char text[TEXT_SIZE];
};


extern struct ua *alice, *bob, *carol;
extern struct call *ab, *ba;
extern struct app app;
extern struct sent sent;
extern const struct refer_delegate delegate;


/* Life */

void settings_get(struct settings *set);
int setup_set(void **state, const struct settings *set);
int setup(void **state);
int teardown(void **state);


/* REFERs, and what becomes of them */

bool asked_cond(void *arg);
struct refer_server *ask(void);
struct refer_server *ask_with(const char *hdrs);
struct refer_server *ask_once(void);
void app_drop(void);
const struct sip_msg *response(void);
void assert_answered(uint16_t scode, const char *reason);
const struct sip_msg *notify(unsigned n);
unsigned notifies(void);
void assert_notify(const struct sip_msg *msg, const char *substate,
		   const char *frag);
void await_state(enum refer_server_state state);
void await_end(void);
void assert_no_state(void);
unsigned count(const struct hash *ht);


/* What the application does */

int accept_nofollow(struct refer_server *srv);
int reply(struct refer_server *srv, uint16_t scode);
int redirect(struct refer_server *srv, const struct refer_opts *opts);
int make(struct refer_server *srv, struct refer_inviter **invp);
int invite(struct refer_server *srv);
int cancel(struct refer_server *srv);


/* A REFER in each state */

void reach_waiting(void);
void reach_pending(void);
void reach_following(void);
void reach_nofollow(void);
void reach_rejected(void);
void reach_terminated(void);
void finish(void);


/* Wrong calls */

struct snap snap(void);
void assert_unchanged(const struct snap *before, const char *what);

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


#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
#define TEST_WITH(f, s) cmocka_unit_test_setup_teardown(f, s, teardown)

#endif
