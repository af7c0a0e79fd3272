/**
 * @file sender.h  A request of ours in a dialog, until its response
 */
#ifndef REFER_SENDER_H
#define REFER_SENDER_H

struct call_watches;
struct sender;
struct senders;
struct transfers;
struct ua;

/**
 * Sends the request with sender_request(); called after a challenge
 *
 * @param arg Handler argument
 *
 * @return 0 if success, otherwise errorcode: the owner gets the challenge
 */
typedef int (sender_again_h)(void *arg);

/**
 * Called when a request was sent
 *
 * @param dlg  Dialog
 * @param cseq CSeq of the request
 * @param arg  Handler argument
 */
typedef void (sender_sent_h)(struct sip_dialog *dlg, uint32_t cseq, void *arg);

int  senders_alloc(struct senders **sp, struct sip *sip,
		   struct call_watches *watches, struct transfers *transfers,
		   sender_sent_h *senth, void *arg);

void senders_close(struct senders *senders);

int  sender_alloc(struct sender **sp, struct senders *senders,
		  const struct ua *ua, struct sip_dialog *dlg,
		  sender_again_h *againh, sip_resp_h *resph, void *arg);
int  sender_request(struct sender *s, const char *met, const char *fmt, ...);
void sender_record(struct sender *s, uint32_t id);
void sender_record_answer(const struct sender *s, const struct sip_msg *msg,
			  uint16_t scode, const char *reason);
void sender_stop(struct sender *s);
void sender_set_dialog(struct sender *s, struct sip_dialog *dlg);
struct sip_dialog *sender_dialog(const struct sender *s);
const char *sender_cuser(const struct sender *s);
uint32_t sender_cseq(const struct sender *s);
bool sender_busy(const struct sender *s);
bool sender_is_fatal(uint16_t scode);


/* A challenge (challenge.c) */

int  challenge_answer(struct sip_auth *auth, const struct sip_msg *msg,
		      enum sip_hdrid id, bool worked);

#endif
