/**
 * @file log4.c  The log of baresip 3.x and 4.x
 */
#include <re.h>
#include "host/compat.h"
#include "host/host.h"

#if HOST_MAJOR >= 3


/* The core's own are macros around functions of other names */
#define LOG(name)							\
	void name(const char *fmt, ...)					\
	{								\
		va_list ap;						\
									\
		va_start(ap, fmt);					\
		_##name(false, "%v", fmt, &ap);				\
		va_end(ap);						\
	}

LOG(debug)
LOG(info)
LOG(warning)

#endif
