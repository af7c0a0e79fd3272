/**
 * @file main.c  Lists the wire tests, or runs one of them
 *
 * `wire -l` lists the tests, `wire NAME` runs one of them in this process:
 * exit status 0 if it passes, 1 if it fails.
 */
#include <getopt.h>
#include <string.h>
#include "wire.h"
#include "harness.h"


static void list(void)
{
	const struct test *t;

	for (t = test_first(); t; t = t->next) {

		const uint32_t limit = test_limit(t);

		(void)printf("%s\t%u\t%u\t%s\n", t->name, t->secs, limit,
			     t->desc);
		if (t->fixes)
			(void)printf("%s.stock\t%u\t%u\tfault of stock"
				     " baresip: %s\n", t->name, t->secs,
				     limit, t->desc);
	}
}


static struct test *find(const char *name, bool *stock)
{
	const char *dot = strchr(name, '.');
	const size_t n = dot ? (size_t)(dot - name) : strlen(name);
	struct test *t;

	for (t = test_first(); t; t = t->next) {

		if (strlen(t->name) == n && !strncmp(t->name, name, n))
			break;
	}

	if (dot && (strcmp(dot, ".stock") || !t || !t->fixes))
		return NULL;

	*stock = dot != NULL;

	return t;
}


int main(int argc, char *argv[])
{
	struct test_opts opts = {false, false, false, false};
	struct test *t;
	int c;

	while ((c = getopt(argc, argv, "lvk")) >= 0) {

		switch (c) {

		case 'l':
			list();
			return 0;

		case 'v':
			opts.verbose = true;
			break;

		case 'k':
			opts.keep = true;
			break;

		default:
			return 2;
		}
	}

	t = optind < argc ? find(argv[optind], &opts.stock) : NULL;
	if (!t) {
		(void)fprintf(stderr, "usage: wire -l | [-v] [-k] TEST\n"
			      " -l  list the tests\n"
			      " -v  print ladder and logs always\n"
			      " -k  keep the temporary directory\n");
		return 2;
	}

	test_run(t, &opts);
}
