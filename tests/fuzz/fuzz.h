/**
 * @file fuzz.h  What the fuzz targets share
 */
#ifndef FUZZ_FUZZ_H
#define FUZZ_FUZZ_H

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <re.h>

/* A property that holds for every input */
#define PROPERTY(expr) \
	do { \
		if (!(expr)) { \
			(void)fprintf(stderr, "%s:%d: not so: %s\n", \
				      __FILE__, __LINE__, #expr); \
			(void)raise(SIGABRT); \
		} \
	} while (0)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A copy of just that size: reading behind its end is seen by ASan. An empty
   text is nowhere, as that of a header that is not there */
static inline char *fuzz_copy(struct pl *pl, const uint8_t *data, size_t size)
{
	char *p = malloc(size + !size);

	if (!p)
		abort();

	if (size)
		memcpy(p, data, size);

	pl->p = size ? p : NULL;
	pl->l = size;

	return p;
}


static inline bool fuzz_has(const char *p, size_t l, const char *set,
			    size_t n)
{
	size_t i;

	for (i=0; i<l; ++i) {
		if (memchr(set, p[i], n))
			return true;
	}

	return false;
}

#endif
