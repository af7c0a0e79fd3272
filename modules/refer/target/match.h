/**
 * @file match.h  The call that a Replaces header means
 */
#ifndef REFER_MATCH_H
#define REFER_MATCH_H

struct call;
struct refer;
struct refusal;

const struct refusal *replaces_match(struct call **callp,
				     const struct refer *refer,
				     const struct sip_msg *msg);

#endif
