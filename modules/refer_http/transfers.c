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
	enum refer_which which;
	uint32_t before;         /* Only those with a smaller number */
	uint32_t limit;          /* So many at most, then: so many   */
	uint32_t next;           /* The last one, if there are more  */
	struct mbuf *numbers;    /* The newest first                 */
	struct odict **odv;      /* Of the first `limit` of them     */
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


/* One that is wanted, at its place */
static int object_handler(const struct refer_transfer *t, void *arg)
{
	const struct page *page = arg;
	const uint32_t *idv = (uint32_t *)(void *)page->numbers->buf, *id;
	struct odict **odp;
	int err;

	id = bsearch(&t->id, idv, page->limit, sizeof(*idv), newest_first);
	if (!id || page->odv[id - idv])
		return 0;

	odp = &page->odv[id - idv];
	err = odict_alloc(odp, HASH_SIZE);

	return err ? err : transfer_encode(*odp, t, false);
}


static int add_objects(struct odict *array, const struct page *page)
{
	uint32_t i;
	int err = 0;

	for (i=0; i<page->limit; ++i) {
		if (page->odv[i])
			err |= array_add(array, i, ODICT_OBJECT,
					 page->odv[i]);
	}

	return err;
}


static void page_destructor(void *arg)
{
	struct page *page = arg;
	uint32_t i;

	for (i=0; page->odv && i<page->limit; ++i)
		mem_deref(page->odv[i]);
	mem_deref(page->odv);
	mem_deref(page->numbers);
}


/* Each is looked at twice, for to find one by its number takes as long */
static int page_read(struct page *page)
{
	uint32_t *idv;
	size_t all;
	int err;

	err = refer_transfers_apply(page->which, number_handler, page);
	if (err)
		return err;

	idv = (uint32_t *)(void *)page->numbers->buf;
	all = page->numbers->end / sizeof(*idv);
	qsort(idv, all, sizeof(*idv), newest_first);
	if (all <= page->limit)
		page->limit = (uint32_t)all;
	else
		page->next = idv[page->limit - 1];

	page->odv = mem_zalloc((page->limit + 1) * sizeof(*page->odv), NULL);

	return page->odv ? refer_transfers_apply(page->which, object_handler,
						 page) : ENOMEM;
}


static int reply_page(const struct request *req, const struct page *page)
{
	struct odict *od = NULL, *array = NULL;
	int err;

	err = odict_alloc(&od, 2);
	if (!err)
		err = odict_alloc(&array, 256);
	if (!err)
		err = add_objects(array, page);
	if (!err)
		err = odict_entry_add(od, "transfers", ODICT_ARRAY, array);
	if (!err && page->next)
		err = odict_entry_add(od, "next", ODICT_INT,
				      (int64_t)page->next);
	if (!err)
		err = reply_object(req, 200, NULL, od);

	mem_deref(array);
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
	char *text = NULL;
	bool found = false;
	size_t i;

	/* most clients write the comma as %2C */
	if (text_unescape(&text, val))
		return false;

	for (i=0; i<ARRAY_SIZE(namev) && !found; ++i) {
		found = !strcmp(text, namev[i].name);
		if (found)
			*which = namev[i].which;
	}

	mem_deref(text);

	return found;
}


/* What the query says; false if that is answered as a fault */
static bool page_decode(struct page *page, const struct request *req)
{
	struct pl val;

	page->which  = REFER_ALL;
	page->before = UINT32_MAX;
	page->limit  = LIMIT_MAX;

	if (query_param(&val, req->msg, "state") &&
	    !decode_state(&page->which, &val))
		problem(req, 400, NULL, "state is active, ended or"
			" active,ended");
	else if (query_param(&val, req->msg, "limit") &&
		 (!text_uint(&page->limit, &val) || !page->limit ||
		  page->limit > LIMIT_MAX))
		problem(req, 400, NULL, "limit is 1 to %u", LIMIT_MAX);
	else if (query_param(&val, req->msg, "before") &&
		 !text_uint(&page->before, &val))
		problem(req, 400, NULL, "before is a number of a transfer");
	else
		return true;

	return false;
}


int transfers_list(struct request *req)
{
	struct page *page = mem_zalloc(sizeof(*page), page_destructor);
	int err = 0;

	if (page)
		page->numbers = mbuf_alloc(1024);

	if (!page || !page->numbers)
		err = ENOMEM;
	else if (page_decode(page, req)) {
		err = page_read(page);
		if (!err)
			err = reply_page(req, page);
	}
	mem_deref(page);

	return err;
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
