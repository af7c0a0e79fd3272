/**
 * @file private.c  What we declare of baresip, beside its own declarations
 *
 * Compiled by tools/hosts in the tree of each release: where the two differ,
 * the compiler says so. What is in no header of 3.x or 4.x that is installed,
 * the build itself cannot compare.
 */
#include <re.h>
#include <rem.h>
#include <baresip.h>
#include "src/core.h"
#include "modules/menu/menu.h"
#include "host/module.h"


/* as host/menu.c finds it in the menu by its name */
struct call *(*const private_callcur)(void) = menu_callcur;
