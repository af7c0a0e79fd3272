/**
 * @file core.h  What the files of fuzz_core share
 */
#ifndef FUZZ_CORE_H
#define FUZZ_CORE_H

#include "unit.h"
#include "fuzz.h"
#include "fake_host.h"

enum {
	PEERS   = 2,
	CLIENTS = 3,
};

/** A conversation */
struct play {
	const uint8_t *p;                    /**< What is left of the input */
	size_t n;
	struct ua *bob;                      /**< With the core             */
	struct ua *peerv[PEERS];
	struct refer_client *clientv[CLIENTS]; /**< Kept by an application  */
	struct sip_lsnr *lsnrv[2 * (PEERS + 1)]; /**< The last, of each     */
};


/* The input (core_text.c) */

uint8_t take(struct play *p);
unsigned below(struct play *p, unsigned n);
bool odds(struct play *p, unsigned percent);
const char *text(const char *fmt, ...);
void text_clear(void);

#define ONE_OF(p, v) ((v)[below(p, ARRAY_SIZE(v))])


/* What is in messages (core_text.c) */

const char *any_uri(struct play *p);
const char *any_refer(struct play *p);
const char *any_notify(struct play *p);
const char *any_subscribe(struct play *p);
const char *any_replaces(struct play *p);
const char *any_answer(struct play *p, uint16_t code);
uint16_t any_code(struct play *p);


/* What the peers do (core_peers.c) */

/** Something that happens, as the input says */
typedef void (op_h)(struct play *p);

op_h do_refer, do_notify, do_subscribe, do_outside, do_raw, do_again,
     do_respond, do_script, do_answer_held, do_how, do_ring, do_call,
     do_replaces, do_bye, do_vanish, do_reinvite;

struct ua *any_peer(struct play *p);
struct ua *any_ua(struct play *p);
struct call *any_call(struct play *p, const struct ua *ua, bool established);
void answer(const struct call *call);


/* What happens (core_ops.c) */

op_h op_do;
op_h be_polite;

#endif
