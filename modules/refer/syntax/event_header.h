/**
 * @file event_header.h  The headers of a subscription (RFC 6665 section 8.4)
 */
#ifndef REFER_EVENT_HEADER_H
#define REFER_EVENT_HEADER_H

int event_decode(struct sipevent_event *event, const struct pl *val);
int substate_decode(struct sipevent_substate *state, const struct pl *val);

#endif
