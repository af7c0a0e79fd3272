/**
 * @file compat.h  The baresip that the module is built for
 *
 * compat/ is the only place that knows of versions: the declarations, and
 * the functions of host.h that differ between them. baresip 1.x has no
 * installed header, so ours is used.
 */
#ifndef REFER_COMPAT_H
#define REFER_COMPAT_H

#include "baresip1.h"

#endif
