/**
 * @file addr.h  Network addresses, each in one form
 */
#ifndef REFER_ADDR_H
#define REFER_ADDR_H

void addr_unmap(struct sa *sa);

#endif
