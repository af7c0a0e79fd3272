/**
 * @file typed.h  Interactive programs
 */
#ifndef TYPED_H
#define TYPED_H

struct proc *typed_run(const char *name, const char *command);
void type(const char *name, const char *line);

#endif
