/**
 * @file leak.c  Loses memory of libre: must be found, or "no leak" means none
 */
#include <re.h>


static __attribute__((noinline)) void lose(void)
{
	unsigned i;

	/* more than one: a copy in a register hides the last */
	for (i=0; i<8; ++i)
		(void)mbuf_alloc(64);
}


int main(void)
{
	lose();

	return 0;
}
