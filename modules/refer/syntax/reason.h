/**
 * @file reason.h  Standard reason phrases
 */
#ifndef REFER_REASON_H
#define REFER_REASON_H

const char *sip_reason(uint16_t scode);

#endif
