/**
 * @file sipfrag.h  What a NOTIFY says (RFC 3420)
 */
#ifndef REFER_SIPFRAG_H
#define REFER_SIPFRAG_H

enum {
	/** Length of a status line without its reason */
	SIPFRAG_LEN = sizeof("SIP/2.0 200 \r\n") - 1,
};
struct refusal;

/** A status line */
struct sipfrag {
	uint16_t scode;      /**< Status code, 100-699              */
	struct pl reason;    /**< Reason phrase, points into the body */
};

int  sipfrag_decode(struct sipfrag *frag, const struct pl *body);
int  sipfrag_print(struct re_printf *pf, const struct sipfrag *frag);
const char *sip_reason(uint16_t scode);
const struct refusal *notify_decode(struct sipevent_substate *state,
				    struct sipfrag *frag,
				    const struct sip_msg *msg);
bool notify_is_last(const struct sipevent_substate *state, uint16_t scode);

#endif
