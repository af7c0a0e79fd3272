/**
 * @file foreign.c  Where the suites of others are
 */
#include <stdio.h>
#include <stdlib.h>
#include "wire.h"
#include "foreign.h"


/**
 * Get the place of a suite from the environment; without it the test ends as
 * one that does not apply
 *
 * @param name Variable
 *
 * @return Its value
 */
const char *foreign(const char *name)
{
	const char *val = getenv(name);

	if (!val || !*val) {
		(void)printf("n/a: make test-foreign %s=...\n", name);
		exit(77);
	}

	return val;
}
