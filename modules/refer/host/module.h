/**
 * @file compat.h  The baresip that the module is built for
 *
 * host/ is the only place that knows of versions: the declarations, and
 * those functions of host.h and host_baresip.h that differ between them.
 */
#ifndef REFER_COMPAT_H
#define REFER_COMPAT_H

#include "host/baresip.h"
#include "host/libre.h"

#if HOST_MAJOR >= 3
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

#endif
