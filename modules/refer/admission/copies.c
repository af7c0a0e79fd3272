/**
 * @file copies.c  REFERs that were served a short time ago
 *
 * libre forgets a request 32 s after its final response (Timer J of RFC 3261
 * section 17.2.2), but the network may still have a copy of it then: one that
 * comes so late must not be served again.
 */
#include <re.h>
#include "admission/state.h"
#include "core/queue.h"


enum {
	HASH_SIZE = 1024,
	T4        = 5000,      /* A message in the network, at most [ms] */
	LIFETIME  = 64 * 500 + T4,
};

struct copies {
	struct hash *ht;
	struct queue queue;
};

/** A REFER that was served */
struct copy {
	struct le he;
	struct queue_entry due;
	uint64_t key;          /**< See auth_hash() */
	uint32_t branch;
};


static void copy_destructor(void *arg)
{
	struct copy *c = arg;

	hash_unlink(&c->he);
	queue_remove(&c->due);
}


static void due_handler(void *arg)
{
	mem_deref(arg);
}


static void destructor(void *arg)
{
	struct copies *cs = arg;

	hash_flush(cs->ht);
	queue_close(&cs->queue);
	mem_deref(cs->ht);
}


/** Allocate the table */
int copies_alloc(struct copies **csp)
{
	struct copies *cs;
	int err;

	cs = mem_zalloc(sizeof(*cs), destructor);
	if (!cs)
		return ENOMEM;

	queue_init(&cs->queue, LIFETIME, due_handler);

	err = hash_alloc(&cs->ht, HASH_SIZE);
	if (err)
		mem_deref(cs);
	else
		*csp = cs;

	return err;
}


/** Remember a REFER by its key; without memory a late copy is not known */
void copies_add(struct copies *cs, uint64_t key, const struct pl *branch)
{
	struct copy *c = mem_zalloc(sizeof(*c), copy_destructor);

	if (!c)
		return;

	c->key    = key;
	c->branch = hash_joaat_pl(branch);
	hash_append(cs->ht, (uint32_t)key, &c->he, c);
	queue_add(&cs->queue, &c->due, c);
}


/** Tell whether there is any: if not, no key is needed */
bool copies_any(const struct copies *cs)
{
	return !list_isempty(&cs->queue.l);
}


/** Tell whether a REFER was served: as a copy of it, or over another way */
enum copies_match copies_find(const struct copies *cs, uint64_t key,
			      const struct pl *branch)
{
	struct le *le;

	LIST_FOREACH(hash_list(cs->ht, (uint32_t)key), le) {
		const struct copy *c = le->data;

		if (c->key == key)
			return c->branch == hash_joaat_pl(branch) ?
				COPY_SAME : COPY_MERGED;
	}

	return COPY_NONE;
}
