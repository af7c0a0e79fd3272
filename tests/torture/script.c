/**
 * @file script.c  What a run does: made from a seed, or read from a file
 *
 * A file has a line "seed N" and a line "NAME SEED" for each action.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "torture.h"


enum {
	ROUNDS  = 3,
	ACTIONS = 60,         /**< Of a round */
};


static void add(struct script *s, const char *name, uint64_t seed)
{
	struct act *a;

	s->actv = realloc(s->actv, (s->actc + 1) * sizeof(*s->actv));
	if (!s->actv)
		abort();

	a = memset(&s->actv[s->actc++], 0, sizeof(*a));
	(void)str_ncpy(a->name, name, sizeof(a->name));
	a->seed = seed;
}


/**
 * Make a script
 *
 * @param s    Script, which is empty
 * @param seed Seed
 */
void script_make(struct script *s, uint64_t seed)
{
	unsigned i, k;

	s->seed = seed;
	rnd_seed(seed);

	for (i=0; i<ROUNDS; i++) {

		for (k=0; k<ACTIONS; k++) {

			const char *name = deed_any();

			add(s, name, rnd());
		}

		add(s, "settle", 0);
	}
}


/**
 * Read a script
 *
 * @param s    Script, which is empty
 * @param path File
 *
 * @return True if it could be read
 */
bool script_read(struct script *s, const char *path)
{
	FILE *f = fopen(path, "r");
	char name[NAMELEN];
	unsigned long long seed;

	if (!f)
		return false;

	while (fscanf(f, "%15s %llu", name, &seed) == 2) {

		if (!strcmp(name, "seed"))
			s->seed = seed;
		else
			add(s, name, seed);
	}

	(void)fclose(f);

	return true;
}


/**
 * Write a script
 *
 * @param s    Script
 * @param path File
 */
void script_write(const struct script *s, const char *path)
{
	const char *text = F("seed %llu\n", (unsigned long long)s->seed);
	unsigned i;

	for (i=0; i<s->actc; i++)
		text = F("%s%s %llu\n", text, s->actv[i].name,
			 (unsigned long long)s->actv[i].seed);

	spew(path, text);
}
