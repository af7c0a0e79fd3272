/**
 * @file dialogs.h  The dialogs of calls
 */
#ifndef REFER_DIALOGS_H
#define REFER_DIALOGS_H

#include "core/queue.h"

struct call;
struct call_watches;
struct early;
struct intercept;
struct refer_replaces;

/** What is kept of dialogs beside libre's sessions */
struct dialogs {
	struct hash *ht_confirmed;   /**< struct confirmed, by Call-ID */
	struct hash *ht_early;       /**< struct early, by Call-ID     */
	struct queue ended;          /**< Confirmed ones that are over */
	const struct intercept *ic;
	struct call_watches *watches;
};

/** What a Replaces header can mean */
enum dialog_kind {
	DIALOG_NONE,
	DIALOG_CONFIRMED,
	DIALOG_EARLY_OURS,     /**< Of an INVITE that we have sent */
	DIALOG_EARLY_THEIRS,
	DIALOG_ENDED,          /**< Not long ago                   */
};

int  dialogs_alloc(struct dialogs **dp, const struct intercept *ic,
		   struct call_watches *watches);
void dialog_key(struct sip_msg *key, const struct pl *callid,
		const struct pl *ltag, const struct pl *rtag);
struct sip_dialog *dialogs_of(const struct dialogs *dialogs,
			      const struct call *call);
void dialogs_confirm(struct dialogs *dialogs, struct call *call);
void dialogs_answered(struct dialogs *dialogs, const struct sip_msg *msg);
void dialogs_sent(struct dialogs *dialogs, struct sip_dialog *dlg,
		  uint32_t cseq);
bool dialogs_is_answered(const struct dialogs *dialogs,
			 const struct call *call);
bool dialogs_inviting(const struct dialogs *dialogs, struct sip_dialog *dlg);
struct call *dialogs_calling(const struct dialogs *dialogs,
			     const struct sip_msg *msg);
struct early *dialogs_response(struct dialogs *dialogs,
			       const struct sip_msg *msg);
void dialogs_over(struct dialogs *dialogs, const struct sip_msg *msg);
enum dialog_kind dialogs_match(struct call **callp,
			       const struct dialogs *dialogs,
			       const struct refer_replaces *rep);


/* Where its requests go (contact.c) */

bool dialog_contact_valid(const struct sip_msg *msg);
int  dialog_accept(struct sip_dialog **dlgp, const struct sip_msg *msg);
void dialog_refresh(struct sip_dialog *dlg, const struct sip_msg *msg);
void dialog_learn(struct sip_dialog *dlg, const struct sip_msg *msg);

#endif
