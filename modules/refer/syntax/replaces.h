/**
 * @file replaces.h  The Replaces header (RFC 3891); refer.h has its decoder
 */
#ifndef REFER_REPLACES_H
#define REFER_REPLACES_H

void replaces_take(struct sip_msg *msg);

#endif
