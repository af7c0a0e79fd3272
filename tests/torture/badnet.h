/**
 * @file badnet.h  What the files of the bad network share
 *
 * lossy.c is the network, resend.c has the peers send again, party.c has them
 * behave, roles.c has the kinds of transfers, and badnet.c plays and judges
 * them.
 */
#ifndef BADNET_H
#define BADNET_H

#include "torture.h"


enum {
	KINDS = 5,
	WAYS_EACH = 5,        /**< Transfers of a kind in a run            */
};

/** alice or carol */
struct party {
	struct peer *p;
	struct dlg *d;        /**< With bob, NULL for none yet              */
	struct msg *invite;   /**< bob's, that has made it                  */
	struct msg *refer;    /**< bob's REFER                              */
	struct tmr tmr;       /**< Until it answers the INVITE, or knows the
				   outcome of the REFER                     */
	bool up;              /**< Its call is established                  */
	bool over;            /**< and has ended, as far as it knows        */
	uint64_t lost;        /**< When it gave up what begins a transfer   */
	bool leaving;         /**< It hangs up as soon as it may            */
	bool held;            /**< Its last answer to bob was to a hold     */
	uint32_t rseq;        /**< CSeq of bob's last request               */
	uint16_t told;        /**< The outcome that bob's NOTIFY told       */
	bool unsubscribed;    /**< A NOTIFY had no answer: RFC 6665 4.2.2   */
	bool notifying;       /**< A NOTIFY waits for its answer            */
	unsigned told_bob;    /**< 1: 100, 2: the outcome                   */
};

/** A transfer over the bad network */
struct badnet {
	struct party alice, carol;
	unsigned id;          /**< Number of the transfer                   */
	uint16_t code;        /**< What becomes of the referral, 0: nothing */
	uint16_t answer;      /**< carol's, when bob calls her; 0: none     */
	uint32_t delay;       /**< Until either, bob's ms                   */
	bool rings;           /**< She sends 180 meanwhile                  */
	bool bye;             /**< alice hangs up after success             */
	bool attended;
	bool joined;          /**< /atransferexec was given                 */
	uint64_t since;       /**< When it began, ms                        */
};

/** How a transfer has ended, by referEnded */
struct ending {
	const char *param;    /**< Of the event                             */
	uint64_t time;        /**< When it was seen                         */
	uint16_t code;
	const char *outcome;  /**< "" if it has none                        */
};

/** A kind of transfer */
struct way {
	const char *name;
	bool attended;
	/** Begin it; alice's call is established */
	void (*start)(void);
	/** What is to be done until it has ended, or NULL */
	void (*more)(void);
	/** Has it succeeded, so that alice's call ends? */
	bool (*success)(const struct ending *e);
	/** Look whether bob's word and what has got through are the same */
	void (*agree)(const struct ending *e);
	bool carol_stays;     /**< Her call with bob, after a success       */
};

extern struct badnet bn;
extern const struct way wayv[KINDS];

/* lossy.c */
void lossy_join(struct peer *p);
void lossy_start(uint64_t seed, unsigned loss);
void lossy_stop(void);
void lossy_forget(void);
bool lossy_is_old(const struct msg *m);
void lossy_send(struct peer *p, struct msg *m, bool out);
const struct msg *lossy_arrived(const struct peer *p, bool out,
				const char *pattern, uint64_t until);
unsigned lossy_lost(unsigned *sent);

/* resend.c */
typedef void (resend_h)(struct peer *p, struct msg *m);
void resend_lost(resend_h *h);
void resend_sent(struct peer *p, struct msg *m);
void resend_received(struct peer *p, struct msg *m);
void resend_forget(void);

/* party.c */
void parties_begin(void);
void parties_reset(void);
void party_bye(struct party *x);
bool parties_serve(void *arg);

/* roles.c */
unsigned bob_tells(const char *event);

/* badnet.c */
void badnet_run(uint64_t seed, unsigned loss, unsigned each);

#endif
