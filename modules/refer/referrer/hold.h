/**
 * @file hold.h  A call on hold, before it is transferred
 */
#ifndef REFER_HOLD_H
#define REFER_HOLD_H

struct call;
struct call_watch;
struct hold;
struct holds;

/**
 * Called when the re-INVITE was answered, and the answer acknowledged
 *
 * @param err 0 if success, ETIMEDOUT if nobody answered
 * @param arg Handler argument
 */
typedef void (hold_h)(int err, void *arg);

int  holds_alloc(struct holds **hsp);
void holds_close(struct holds *hs);
void hold_look(struct holds *hs, const struct sip_msg *msg);
void hold_sent(struct holds *hs, const struct sip_dialog *dlg, uint32_t cseq);
void hold_response(struct holds *hs, const struct sip_msg *msg);

int  hold_alloc(struct hold **hp, struct holds *hs, struct call *call,
		struct sip_dialog *dlg, hold_h *h, void *arg);
bool hold_under_way(const struct holds *hs, const struct sip_dialog *dlg);
void hold_resume_later(struct holds *hs, const struct call_watch *w);
void hold_resume_none(struct holds *hs);
bool hold_keep(struct holds *hs, const struct call *call);
bool hold_resumes_later(const struct holds *hs);

#endif
