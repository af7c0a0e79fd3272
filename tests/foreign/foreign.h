/**
 * @file foreign.h  Suites of others, which are not part of the sources
 */
#ifndef FOREIGN_H
#define FOREIGN_H

const char *foreign(const char *name);

#endif
