/**
 * @file fleet_traffic.h  Transfers in large numbers through a fleet
 *
 * One UDP socket is all callers and all targets. Each transfer has up to
 * three dialogs of ours, its legs.
 */
#ifndef FLEET_TRAFFIC_H
#define FLEET_TRAFFIC_H

#include "pace.h"


/** What a transfer is */
enum kind {
	BLIND,                /**< The target answers                       */
	BUSY,                 /**< The target is busy                       */
	ATTENDED,             /**< Two calls of ours are joined: bot to bot */
	REPLACED,             /**< A phone takes the place of the caller    */
	KINDS
};

/** Its dialogs */
enum leg {
	CALL,                 /**< The call that is transferred             */
	OTHER,                /**< The second call of ATTENDED              */
	PHONE,                /**< Who takes the caller's place; the target */
	LEGS
};

/** A dialog of ours */
struct leg_state {
	char *callid;
	char *target;         /**< Remote target                            */
	char *route;          /**< Route header lines                       */
	char *remote;         /**< The other side, as in From or To         */
	char *rtag;           /**< and its tag                              */
	uint32_t cseq;
	int bot;              /**< Which bot is there, -1: none so far      */
	bool up;              /**< Established                              */
	bool over;            /**< Ended                                    */
};

/** A transfer */
struct xfer {
	uint32_t id;
	enum kind kind;
	struct leg_state legv[LEGS];
	uint64_t begin;       /**< INVITE of CALL sent, ms                  */
	uint64_t took;        /**< and answered after, ms                   */
	uint16_t code;        /**< Outcome that was reported, 0: none       */
	bool told;            /**< The outcome has come                     */
	bool done;
	bool lost;            /**< Its bot was killed                       */
	bool failed;          /**< A call of it was refused                 */
};

/** Transfers under way, and those that follow */
struct traffic {
	struct fleet *fl;
	int fd;
	char local[64];       /**< Our address                              */
	struct xfer *itemv;
	uint32_t base;        /**< Number of the first                      */
	uint32_t total;       /**< So many in all                           */
	uint32_t window;      /**< So many at a time                        */
	struct pace pace;     /**< .. and a second                          */
	uint32_t started;
	uint32_t done;        /**< Over, lost ones too                      */
	uint32_t goal;        /**< traffic_wait() waits for so many         */
	unsigned mixv[KINDS]; /**< How many of each kind in a hundred       */
	uint64_t first, last; /**< Begin, and end of the last one, ms       */
};

void traffic_start(struct traffic *l, struct fleet *fl, uint32_t total,
		   uint32_t window, uint32_t rate, const unsigned *mixv);
bool traffic_wait(struct traffic *l, uint32_t goal, uint32_t ms);
void traffic_stop(struct traffic *l);
void traffic_close(struct traffic *l);
void traffic_lose(struct traffic *l, unsigned bot);
void traffic_print_open(const struct traffic *l);

/* Their messages (fleet_msg.c) */

bool leg_decode(const struct sip_msg *msg, uint32_t *id, enum leg *leg);
void leg_request(struct traffic *l, struct xfer *it, enum leg leg,
		 const char *met, const char *fmt, ...);
void leg_reply(struct traffic *l, const struct xfer *it, enum leg leg,
	       const struct sip_msg *req, const char *status,
	       const char *body);
void leg_confirm(struct traffic *l, struct xfer *it, enum leg leg,
		 const struct sip_msg *msg);
void leg_clear(struct leg_state *leg);

#endif
