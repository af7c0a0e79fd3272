/**
 * @file console.h  The commands of the module
 */
#ifndef REFER_CONSOLE_H
#define REFER_CONSOLE_H

struct refer;

int  console_register(struct refer *refer);
void console_unregister(void);

#endif
