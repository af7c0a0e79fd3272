/**
 * @file fleet_load.h  Transfers in large numbers through a fleet
 *
 * One UDP socket is all callers and all targets. Each transfer has up to
 * three dialogs of ours, its legs.
 */
#ifndef FLEET_LOAD_H
#define FLEET_LOAD_H


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

/** A load */
struct load {
	struct fleet *fl;
	int fd;
	char local[64];       /**< Our address                              */
	struct xfer *itemv;
	uint32_t base;        /**< Number of the first                      */
	uint32_t total;       /**< So many in all                           */
	uint32_t window;      /**< So many at a time                        */
	uint32_t started;
	uint32_t done;        /**< Over, lost ones too                      */
	uint32_t goal;        /**< load_wait() waits for so many            */
	unsigned mixv[KINDS]; /**< How many of each kind in a hundred       */
	uint64_t first, last; /**< Begin, and end of the last one, ms       */
};

void load_start(struct load *l, struct fleet *fl, uint32_t total,
		uint32_t window, const unsigned *mixv);
bool load_wait(struct load *l, uint32_t goal, uint32_t ms);
void load_stop(struct load *l);
void load_close(struct load *l);
void load_lose(struct load *l, unsigned bot);
void load_print_open(const struct load *l);

/* Their messages (fleet_msg.c) */

extern const char leg_none[];
extern const char leg_sdp[];

bool leg_decode(const struct sip_msg *msg, uint32_t *id, enum leg *leg);
void leg_request(struct load *l, struct xfer *it, enum leg leg,
		 const char *met, const char *fmt, ...);
void leg_reply(struct load *l, const struct xfer *it, enum leg leg,
	       const struct sip_msg *req, const char *status,
	       const char *body);
void leg_confirm(struct load *l, struct xfer *it, enum leg leg,
		 const struct sip_msg *msg);
void leg_clear(struct leg_state *leg);

#endif
