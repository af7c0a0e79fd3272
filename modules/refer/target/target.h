/**
 * @file target.h  Being the target: INVITE with Replaces
 */
#ifndef REFER_TARGET_ROOM_H
#define REFER_TARGET_ROOM_H

struct call;
struct refer;
struct refer_row;


/* Being the target */

struct replacement;

bool replace_handle(struct refer *refer, const struct sip_msg *msg);
void replace_rings(const struct refer *refer, struct call *call);
void replace_ack(const struct refer *refer, const struct sip_msg *msg);
void replace_row(struct refer_row *row, const struct replacement *r);
void replace_close(struct refer *refer, const char *reason);

#endif
