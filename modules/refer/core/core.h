/**
 * @file core.h  The REFER protocol on one SIP stack
 *
 * Includes libre and the port to the softphone only.
 */
#ifndef REFER_CORE_H
#define REFER_CORE_H

#include "config/config.h"
#include "refer.h"

struct admission;
struct call;
struct call_watches;
struct clients;
struct consults;
struct dialogs;
struct holds;
struct intercept;
struct invites;
struct notifiers;
struct old_calls;
struct senders;
struct servers;
struct subscribers;
struct targets;
struct transfers;

enum {
	HASH_SIZE = 1024,
};

/** The REFER protocol; refer.c owns the only one */
struct refer {
	struct sip *sip;
	struct intercept *ic;
	struct refer_config *config;
	const struct settings *set;  /**< Those of it, in force          */
	struct admission *admission;
	struct call_watches *watches;
	struct dialogs *dialogs;
	struct invites *invites;
	struct senders *senders;
	struct servers *servers;
	struct notifiers *notifiers;
	struct old_calls *old_calls;
	struct clients *clients;
	struct subscribers *subscribers;
	struct holds *holds;
	struct consults *consults;
	struct targets *targets;
	struct transfers *transfers;
	bool closed;                 /**< Nothing new begins             */
};

int  refer_alloc(struct refer **rp, struct sip *sip,
		 struct sipsess_sock *sock, struct rules *rules);
void refer_shutdown(struct refer *refer, const char *reason);
void refer_call_answering(struct refer *refer, struct call *call);
void refer_call_established(struct refer *refer, struct call *call);
struct sip_dialog *refer_dialog(const struct refer *refer,
				const struct sip_msg *msg);
int  refer_apply(const struct refer *refer, unsigned which,
		 refer_transfer_h *h, void *arg);
bool refer_find(struct refer_transfer *t, const struct refer *refer,
		uint32_t id);
int  refer_cancel(const struct refer *refer, uint32_t id);
void refer_stats(struct refer_stats *stats, const struct refer *refer);
bool refer_holds(const struct call *call, void *arg);

#endif
