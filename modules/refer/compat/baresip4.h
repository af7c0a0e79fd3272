/**
 * @file baresip4.h  baresip 3.x and 4.x: their own header, and what it lacks
 */
#ifndef REFER_COMPAT_BARESIP4_H
#define REFER_COMPAT_BARESIP4_H

#include <baresip.h>

/* There they are macros; ours are functions, see log4.c */
#undef debug
#undef info
#undef warning

void debug(const char *fmt, ...);
void info(const char *fmt, ...);
void warning(const char *fmt, ...);

/* Exported, declared in the core's private header only */
void call_set_custom_hdrs(struct call *call, const struct list *hdrs);
int  ua_print_allowed(struct re_printf *pf, const struct ua *ua);

#endif
