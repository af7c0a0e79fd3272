/**
 * @file commands.h  The commands of the module
 */
#ifndef REFER_COMMANDS_H
#define REFER_COMMANDS_H

struct refer;

void commands_register(struct refer *refer);
void commands_unregister(void);
void commands_update(void);

#endif
