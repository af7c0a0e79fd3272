/**
 * @file compat.h  The baresip that the module is built for
 *
 * compat/ is the only place that knows of versions: the declarations, and
 * those functions of host.h and host_baresip.h that differ between them.
 * baresip 1.x has no installed header, so ours is used; 3.x and 4.x bring
 * theirs.
 */
#ifndef REFER_COMPAT_H
#define REFER_COMPAT_H

#if HOST_MAJOR >= 3
#include "baresip4.h"
#else
#include "baresip1.h"
#endif
#include "bevent.h"
#include "libre.h"

#endif
