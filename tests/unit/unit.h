/**
 * @file unit.h  What every unit test program includes
 */
#ifndef UNIT_UNIT_H
#define UNIT_UNIT_H

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include <re.h>

/* UNIT_FILTER, a name or a glob, selects tests: see tests/run.c */
#define UNIT_RUN(testv, setup, teardown) \
	(cmocka_set_test_filter(getenv("UNIT_FILTER")), \
	 cmocka_run_group_tests(testv, setup, teardown))

#endif
