/**
 * @file rnd.c  Numbers that look random and follow from a seed (splitmix64)
 */
#include "torture.h"


static uint64_t state;


void rnd_seed(uint64_t seed)
{
	state = seed;
}


uint64_t rnd_get(void)
{
	return state;
}


void rnd_set(uint64_t s)
{
	state = s;
}


uint64_t rnd(void)
{
	uint64_t z = state += 0x9e3779b97f4a7c15u;

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;

	return z ^ (z >> 31);
}


unsigned below(unsigned n)
{
	return n ? (unsigned)(rnd() % n) : 0;
}


bool odds(unsigned percent)
{
	return below(100) < percent;
}


/**
 * Mix a text into a seed
 *
 * @param seed Seed
 * @param s    Text
 *
 * @return Another seed
 */
uint64_t hash_text(uint64_t seed, const char *s)
{
	while (*s)
		seed = (seed ^ (uint8_t)*s++) * 0x100000001b3u;

	return seed;
}
