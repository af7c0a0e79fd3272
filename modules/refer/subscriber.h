/**
 * @file subscriber.h  Inside of the subscription that a sent REFER makes
 */
#ifndef REFER_SUBSCRIBER_H
#define REFER_SUBSCRIBER_H

struct subscriber {
	struct le he;
	struct queue_entry silence_due; /**< Timer N, or let go of       */
	struct tmr tmr_expire;
	struct tmr tmr_refresh;
	struct refer *refer;
	struct sip_dialog *dlg;
	struct sip_request *req;    /**< SUBSCRIBE                       */
	bool out;                   /**< It was sent                     */
	struct creds creds;
	char *cuser;
	char *said;                 /**< Id of the last NOTIFY, or NULL  */
	uint32_t first;             /**< CSeq of the REFER, first sent   */
	uint32_t id;                /**< and as it was sent last         */
	uint32_t rseq;              /**< CSeq of the last NOTIFY         */
	uint32_t expires;           /**< To ask for [s]                  */
	uint32_t asked;             /**< As in the last SUBSCRIBE [s]    */
	bool sent;                  /**< The REFER is out                */
	bool call_over;             /**< The dialog has lost its call    */
	bool notified;              /**< A NOTIFY has come               */
	bool ended;                 /**< By the notifier                 */
	subscriber_status_h *statush;  /**< NULL: the owner is gone      */
	subscriber_close_h *closeh;
	void *arg;
};

void subscriber_end(struct subscriber *s, int err, const char *reason);
void subscriber_live(struct subscriber *s, uint32_t expires, bool refresh);
int  subscriber_subscribe(struct subscriber *s);

#endif
