/**
 * @file sipfrag.h  The status line in a message/sipfrag body (RFC 3420)
 */
#ifndef REFER_SIPFRAG_H
#define REFER_SIPFRAG_H

/** A status line */
struct sipfrag {
	uint16_t scode;      /**< Status code, 100-699              */
	struct pl reason;    /**< Reason phrase, points into the body */
};

int  sipfrag_decode(struct sipfrag *frag, const struct pl *body);
int  sipfrag_print(struct re_printf *pf, const struct sipfrag *frag);
const char *sip_reason(uint16_t scode);

#endif
