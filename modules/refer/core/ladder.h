/**
 * @file ladder.h  The messages of one transfer
 */
#ifndef REFER_LADDER_H
#define REFER_LADDER_H

#include "refer.h"

/** The messages of one transfer; all 0 at first */
struct ladder {
	struct list l;             /**< struct rung, the oldest first    */
	unsigned n;
	size_t size;               /**< Of all their texts [bytes]       */
};

void ladder_received(struct ladder *l, enum refer_party from,
		     const struct sip_msg *msg);
void ladder_request(struct ladder *l, enum refer_party to, const char *met,
		    const char *uri, const struct pl *text);
void ladder_response(struct ladder *l, const struct pl *met,
		     uint16_t scode, const char *reason,
		     const struct pl *text);
int  ladder_apply(const struct ladder *l, refer_message_h *h, void *arg);

#endif
