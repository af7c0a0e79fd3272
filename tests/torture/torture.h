/**
 * @file torture.h  What the files of the torture share
 *
 * A script is a list of actions with a seed each, made from one seed. A run
 * plays it with a baresip (bob) whose time goes faster, and scripted peers. If
 * one fails it is played again with fewer actions, see shrink.c.
 */
#ifndef TORTURE_H
#define TORTURE_H

#include "wire.h"


enum {
	FACTOR  = 16,         /**< How much faster bob's time goes          */
	PEERS   = 4,
	NAMELEN = 16,
};

/** An action; all of its choices are drawn from its seed */
struct act {
	char name[NAMELEN];
	uint64_t seed;
};

struct script {
	uint64_t seed;        /**< Of the configuration and the reactions   */
	struct act *actv;
	unsigned actc;
};

/** A dialog, or the attempt to make one, of a peer with bob */
struct leg {
	struct le le;
	struct dlg *d;
	struct msg *request;  /**< Last INVITE or REFER of ours             */
	struct msg *refer;    /**< Last REFER of bob's                      */
	const struct leg *old; /**< The call in whose place it is           */
	bool call;
	bool up;              /**< Established                              */
	bool over;
	bool held;            /**< bob has put it on hold                   */
	bool spoilt;          /**< Its hold is not judged: the peer has
				   refused a re-INVITE or is elsewhere now,
				   or a user held it                        */
};

struct torture {
	struct script script;
	struct sut *bob;
	struct peer *peerv[PEERS];
	struct list legl;
	bool polite;          /**< Every request is answered well           */
	bool loaded;          /**< The module                               */
	bool account;         /**< bob has his                              */
	bool core_refer;      /**< bob has sent a REFER without the module  */
	const char *heap;     /**< File with the sizes of the heap          */
	unsigned sent;        /**< Messages and commands                    */
};

extern struct torture tt;

/** Time of bob's in real ms */
#define FAST(ms) ((uint32_t)((ms) / FACTOR))

/* rnd.c */
void rnd_seed(uint64_t seed);
uint64_t rnd_get(void);
void rnd_set(uint64_t state);
uint64_t rnd(void);
unsigned below(unsigned n);
bool odds(unsigned percent);
uint64_t hash_text(uint64_t seed, const char *s);

/** One of the elements of an array */
#define ONE_OF(v) ((v)[below(ARRAY_SIZE(v))])

/* script.c */
void script_make(struct script *s, uint64_t seed);
bool script_read(struct script *s, const char *path);
void script_write(const struct script *s, const char *path);

/* mutate.c */
const char *mutate(const char *s, size_t max);
const char *often(const char *good, const char *const *oddv, size_t oddc);

/* headers.c */
const char *any_uri(void);
const char *any_refer(const struct leg *leg);
const char *any_replaces(void);
const char *any_notify(const struct leg *leg, uint32_t id);
const char *any_subscribe(const struct leg *leg);
const char *any_answer(uint16_t code);
const char *any_config(void);
uint16_t any_code(void);

/* legs.c */
struct leg *leg_add(struct dlg *d, bool call);
struct leg *leg_find(const char *callid);
struct leg *leg_any(void);
struct peer *peer_any(void);
struct leg *leg_call(struct peer *p, const char *extra);
void leg_cancel(const struct leg *leg);
void leg_bye(struct leg *leg);
void legs_forget(void);
const char *leg_headers(struct leg *leg, const char *hdrs);
struct msg *leg_send(struct leg *leg, const char *method, const char *hdrs);
void legs_spoil(void);
void legs_spoil_called(void);

/* react.c */
void ack_failure(const struct dlg *d, const struct msg *m);
bool serve(void *arg);

/* deeds.c, commands.c */
void deed_do(const struct act *a);
const char *deed_any(void);
void command_any(void);
bool command_ask(const char *cmd, const char *params, struct resp *r);
void account_make(void);

/* invariants.c */
void settle(void);
void invariants_unloaded(void);
void events_check(void);
bool has_transfers(const char *list);
bool has_calls(const char *list);
void final_check(void);

/* run.c */
struct sut *fast_start(const char *config);
void name_server(void);
void torture_run(const struct script *s);

/* shrink.c */
int shrink(const char *prog, const char *dir, uint64_t seed,
	   const char *fault);

/* log.c */
const char *fault_of(const char *log);
const char *core_fault(const char *log);

#endif
