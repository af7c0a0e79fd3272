/**
 * @file api.h  Where the public API gets the module from
 */
#ifndef REFER_API_H
#define REFER_API_H

struct refer;

void api_set(struct refer *refer);

#endif
