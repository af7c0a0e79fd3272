/**
 * @file console.h  The commands of the module
 */
#ifndef REFER_CONSOLE_H
#define REFER_CONSOLE_H

struct odict;
struct refer;
struct refer_message;
struct refer_transfer;

int  console_register(struct refer *refer);
void console_unregister(void);
int  voice_init(void);
void voice_close(void);
int  console_encode(struct odict *od, const struct refer_transfer *row,
		    const struct refer *refer, bool stages);
int  console_encode_message(struct odict *od, const struct refer_transfer *row,
			    const struct refer_message *msg);
int  console_print_guard(struct re_printf *pf, const struct refer *refer,
			 bool *in_force);

#endif
