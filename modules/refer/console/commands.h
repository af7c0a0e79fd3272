/**
 * @file commands.h  The commands of the module
 */
#ifndef REFER_COMMANDS_H
#define REFER_COMMANDS_H

struct call;
struct refer;

/** An error of each command that begins one */
#define COMMANDS_UNDER_WAY "a transfer is under way, see /referlist"

int  commands_register(struct refer *refer);
void commands_unregister(void);
void commands_update(bool closed);

int  commands_referrer_register(struct refer *refer);
void commands_referrer_unregister(void);
int  commands_transfer(struct re_printf *pf, void *arg);

int  commands_referee_register(struct refer *refer);
void commands_referee_unregister(void);

struct call *commands_find_call(const struct pl *id);
void commands_target(struct pl *target, struct pl *rest);

int  commands_start(struct re_printf *pf, void *arg);
int  commands_exec(struct re_printf *pf, void *arg);
int  commands_abort(struct re_printf *pf, void *arg);
int  commands_attended_register(struct refer *refer);
void commands_attended_unregister(void);

int  commands_info_register(struct refer *refer);
void commands_info_unregister(void);

#endif
