/**
 * @file faulty.c  A module with faults, to test the test harness
 *
 * Built as a refer.so that leaks, or writes where it must not, or crashes, as
 * the environment variable FAULT tells. The harness must see each of these.
 */
#include <stdlib.h>
#include <string.h>
#include <re.h>


extern const struct mod_export exports;

static char *kept;


static void fault(const char *what)
{
	char *p;

	if (!strcmp(what, "leak")) {
		p = mem_zalloc(77, NULL);
		memset(p, 1, 7);
	}
	else if (!strcmp(what, "reachable")) {
		kept = malloc(78);
	}
	else if (!strcmp(what, "overrun")) {
		p = malloc(16);
		((volatile char *)p)[16] = 1;
		free(p);
	}
	else if (!strcmp(what, "shift")) {
		(void)(1 << (what[0] - 's' + 32));
	}
	else if (!strcmp(what, "crash")) {
		abort();
	}
}


static int module_init(void)
{
	const char *what = getenv("FAULT");

	fault(what ? what : "");

	return 0;
}


static int module_close(void)
{
	return 0;
}


const struct mod_export exports = {
	"refer",
	"application",
	module_init,
	module_close
};
