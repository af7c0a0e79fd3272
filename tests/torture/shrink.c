/**
 * @file shrink.c  Makes the script of a failing run shorter
 *
 * Parts of it are left out, half of it first, one action at last, as long as
 * the run still fails in the same way.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include "torture.h"


enum {
	TRIES   = 60,
	SECONDS = 240,
};


static bool fails(const char *prog, const char *path, const char *log,
		  const char *fault)
{
	const pid_t pid = fork();
	int status;

	if (!pid) {
		const int fd = open(log, O_WRONLY | O_CREAT | O_TRUNC, 0644);

		(void)dup2(fd, STDOUT_FILENO);
		(void)dup2(fd, STDERR_FILENO);
		(void)execl(prog, prog, "-f", path, NULL);
		_exit(127);
	}

	(void)waitpid(pid, &status, 0);

	return status && !strcmp(fault_of(log), fault);
}


static void leave_out(struct script *to, const struct script *from,
		      unsigned at, unsigned n)
{
	unsigned i;

	to->seed = from->seed;
	to->actc = 0;

	for (i=0; i<from->actc; i++) {
		if (i < at || i >= at + n)
			to->actv[to->actc++] = from->actv[i];
	}
}


/**
 * Shorten the script of a seed
 *
 * @param prog  This program
 * @param dir   Where the scripts go
 * @param seed  Seed
 * @param fault What has failed, see fault_of()
 *
 * @return Number of actions that are left, and are in DIR/SEED.script
 */
int shrink(const char *prog, const char *dir, uint64_t seed,
	   const char *fault)
{
	const char *path = F("%s/%llu.script", dir, (unsigned long long)seed);
	const char *try = F("%s.try", path), *log = F("%s.log", path);
	struct script s = {0, NULL, 0}, t;
	const time_t until = time(NULL) + SECONDS;
	unsigned n, at, tries = 0;

	script_make(&s, seed);
	t.actv = calloc(s.actc, sizeof(*t.actv));
	if (!t.actv)
		abort();

	script_write(&s, path);

	for (n = s.actc / 2; n && tries < TRIES; n /= 2) {

		for (at = 0; at < s.actc && tries < TRIES &&
		     time(NULL) < until; ) {

			leave_out(&t, &s, at, n);
			script_write(&t, try);
			++tries;

			if (!fails(prog, try, log, fault)) {
				at += n;
				continue;
			}

			memcpy(s.actv, t.actv, t.actc * sizeof(*s.actv));
			s.actc = t.actc;
			script_write(&s, path);
		}
	}

	(void)remove(try);
	free(t.actv);

	return (int)s.actc;
}
