/**
 * @file transfers.c  Transfers as JSON: to list and to get
 */
#include <stdlib.h>
#include <string.h>
#include <re.h>
#include <refer/baresip.h>
#include <refer/refer.h>
#include "http.h"
#include "libre.h"


enum {
	HASH_SIZE   = 32,
	WAIT_MAX    = 60,        /* [s]                 */
	LIMIT_MAX   = 1000,      /* transfers in a list */
	TEXT_SIZE   = 16,
};

/** A part of the list of transfers */
struct page {
	struct mbuf *numbers;
	uint32_t before;         /* Only those with a smaller number */
	uint32_t limit;          /* So many at most                  */
};


/** Add an entry to an array; takes its reference */
int array_add(struct odict *array, uint32_t n, enum odict_type type,
	      void *val)
{
	char key[TEXT_SIZE];

	(void)re_snprintf(key, sizeof(key), "%u", n);

	return odict_entry_add(array, key, type, val);
}


static int add_can(struct odict *od, unsigned can)
{
	static const struct {
		unsigned can;
		const char *name;
	} namev[] = {
		{REFER_CAN_DECIDE, "accept"},
		{REFER_CAN_DECIDE, "reject"},
		{REFER_CAN_DECIDE, "redirect"},
		{REFER_CAN_REPORT, "notify"},
		{REFER_CAN_CANCEL, "cancel"},
	};
	struct odict *array;
	uint32_t n = 0;
	size_t i;
	int err;

	err = odict_alloc(&array, HASH_SIZE);
	if (err)
		return err;

	for (i=0; i<ARRAY_SIZE(namev); ++i) {
		if (can & namev[i].can)
			err |= array_add(array, n++, ODICT_STRING,
					 (char *)namev[i].name);
	}

	err |= odict_entry_add(od, "can", ODICT_ARRAY, array);
	mem_deref(array);

	return err;
}


/* Time to decide, if somebody is asked */
static int add_left(struct odict *od, uint64_t until)
{
	const uint64_t now = tmr_jiffies();

	return !until ? 0 : odict_entry_add(od, "left", ODICT_INT,
		(int64_t)(until > now ? (until - now) / 1000 : 0));
}


/** Add a transfer to an object of JSON */
int transfer_encode(struct odict *od, const struct refer_transfer *t,
		    bool stages)
{
	return refer_transfer_encode(od, t, stages) | add_can(od, t->can) |
		add_left(od, t->until);
}


/**
 * Answer with a transfer
 *
 * @param req   Request
 * @param scode Status code
 * @param hdrs  More header lines, or NULL
 * @param t     Transfer, NULL if there is none
 *
 * @return 0: this is the answer
 */
int transfer_reply(const struct request *req, unsigned scode,
		   const char *hdrs, const struct refer_transfer *t)
{
	struct odict *od = NULL;
	int err;

	if (!t)
		return problem_errno(req, ENOENT, "transfer");

	err = odict_alloc(&od, HASH_SIZE);
	if (!err)
		err = transfer_encode(od, t, true);
	if (!err)
		err = reply_object(req, scode, hdrs, od);
	if (err)
		problem_errno(req, err, "transfer");

	mem_deref(od);

	return 0;
}


/** Answer with a transfer that was changed; if it has ended by that, with
    refer_history 0 it is forgotten already */
int transfer_answer(const struct request *req, unsigned scode,
		    const char *hdrs, uint32_t id)
{
	const struct odict *ended = feed_ended(id);
	struct refer_transfer t;
	int err;

	err = refer_transfer_get(&t, id);
	if (!err)
		return transfer_reply(req, scode, hdrs, &t);

	return ended ? reply_object(req, scode, hdrs, ended) : err;
}


/* Their numbers first, so that no more are encoded than are wanted */
static int number_handler(const struct refer_transfer *t, void *arg)
{
	struct page *page = arg;

	return t->id < page->before ? mbuf_write_u32(page->numbers, t->id) : 0;
}


static int newest_first(const void *a, const void *b)
{
	const uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return x < y ? 1 : x > y ? -1 : 0;
}


static int add_transfer(struct odict *array, uint32_t n, uint32_t id)
{
	struct refer_transfer t;
	struct odict *od;
	int err;

	err = refer_transfer_get(&t, id);
	if (err)
		return err;

	err = odict_alloc(&od, HASH_SIZE);
	if (err)
		return err;

	err  = transfer_encode(od, &t, false);
	err |= array_add(array, n, ODICT_OBJECT, od);
	mem_deref(od);

	return err;
}


static int add_page(struct odict *od, struct page *page)
{
	uint32_t *idv = (uint32_t *)(void *)page->numbers->buf;
	const size_t all = page->numbers->end / sizeof(*idv);
	const uint32_t n = (uint32_t)min(all, page->limit);
	struct odict *array;
	uint32_t i;
	int err;

	err = odict_alloc(&array, 256);
	if (err)
		return err;

	qsort(idv, all, sizeof(*idv), newest_first);
	for (i=0; i<n && !err; ++i)
		err = add_transfer(array, i, idv[i]);

	if (!err)
		err = odict_entry_add(od, "transfers", ODICT_ARRAY, array);
	if (!err && n < all)
		err = odict_entry_add(od, "next", ODICT_INT,
				      (int64_t)idv[n - 1]);
	mem_deref(array);

	return err;
}


static int reply_page(const struct request *req, enum refer_which which,
		      struct page *page)
{
	struct odict *od = NULL;
	int err = ENOMEM;

	page->numbers = mbuf_alloc(1024);
	if (page->numbers)
		err = refer_transfers_apply(which, number_handler, page);
	if (!err)
		err = odict_alloc(&od, 2);
	if (!err)
		err = add_page(od, page);
	if (!err)
		err = reply_object(req, 200, NULL, od);

	mem_deref(page->numbers);
	mem_deref(od);

	return err;
}


static bool decode_state(enum refer_which *which, const struct pl *val)
{
	static const struct {
		const char *name;
		enum refer_which which;
	} namev[] = {
		{"active",       REFER_UNDER_WAY},
		{"ended",        REFER_ENDED},
		{"active,ended", REFER_ALL},
		{"ended,active", REFER_ALL},
	};
	size_t i;

	for (i=0; i<ARRAY_SIZE(namev); ++i) {
		if (!pl_strcmp(val, namev[i].name)) {
			*which = namev[i].which;
			return true;
		}
	}

	return false;
}


int transfers_list(struct request *req)
{
	struct page page = {NULL, UINT32_MAX, LIMIT_MAX};
	enum refer_which which = REFER_ALL;
	struct pl val;

	if (query_param(&val, req->msg, "state") &&
	    !decode_state(&which, &val))
		return problem(req, 400, NULL, "state is active, ended or"
			       " active,ended");

	if (query_param(&val, req->msg, "limit") &&
	    (!text_uint(&page.limit, &val) || !page.limit ||
	     page.limit > LIMIT_MAX))
		return problem(req, 400, NULL, "limit is 1 to %u", LIMIT_MAX);

	if (query_param(&val, req->msg, "before") &&
	    !text_uint(&page.before, &val))
		return problem(req, 400, NULL, "before is a number of a"
			       " transfer");

	return reply_page(req, which, &page);
}


/** Get the transfer that the path names; false if there is none, which is
    answered */
bool transfer_find(struct refer_transfer *t, const struct request *req)
{
	struct pl pl;
	uint32_t id;
	int err = ENOENT;

	pl_set_str(&pl, req->id);
	if (text_uint(&id, &pl))
		err = refer_transfer_get(t, id);
	if (err)
		problem_errno(req, err, "transfer");

	return !err;
}


int transfer_get(struct request *req)
{
	struct refer_transfer t;
	struct pl val;
	uint32_t secs = 0;

	if (query_param(&val, req->msg, "wait") &&
	    (!text_uint(&secs, &val) || !secs || secs > WAIT_MAX))
		return problem(req, 400, NULL, "wait is 1 to %u s", WAIT_MAX);

	if (!transfer_find(&t, req))
		return 0;

	return secs && !t.ended ?
		waiters_add(req->http->waiters, req, t.id, secs) :
		transfer_reply(req, 200, NULL, &t);
}
