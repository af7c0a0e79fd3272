/**
 * @file target.h  Being the target: INVITE with Replaces
 */
#ifndef REFER_TARGET_ROOM_H
#define REFER_TARGET_ROOM_H

struct call;
struct early;
struct refer;
struct refer_replaces;
struct refer_row;


/* Dialogs that can be replaced */

/** What a Replaces header can mean */
enum dialog_kind {
	DIALOG_NONE,
	DIALOG_CONFIRMED,
	DIALOG_EARLY_OURS,     /**< Of an INVITE that we have sent */
	DIALOG_EARLY_THEIRS,
	DIALOG_ENDED,          /**< Not long ago                   */
};

tmr_h dialogs_ended_handler;

void dialog_key(struct sip_msg *key, const struct pl *callid,
		const struct pl *ltag, const struct pl *rtag);
struct sip_dialog *dialogs_of(const struct refer *refer,
			      const struct call *call);
void dialogs_established(struct refer *refer, struct call *call);
struct early *dialogs_response(struct refer *refer,
			       const struct sip_msg *msg);
void dialogs_flush(struct refer *refer);
enum dialog_kind dialogs_match(struct call **callp, const struct refer *refer,
			       const struct refer_replaces *rep);


/* Being the target */

struct replacement;

bool replace_handle(struct refer *refer, const struct sip_msg *msg);
void replace_rings(const struct refer *refer, struct call *call);
void replace_ack(const struct refer *refer, const struct sip_msg *msg);
void replace_row(struct refer_row *row, const struct replacement *r);
void replace_close(struct refer *refer, const char *reason);

#endif
