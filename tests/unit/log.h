/**
 * @file log.h  The log of the module, kept for the tests
 */
#ifndef UNIT_LOG_H
#define UNIT_LOG_H

void     log_clear(void);
unsigned log_warnings(const char *text);
void     log_print(void);

#endif
