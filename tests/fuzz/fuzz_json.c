/**
 * @file fuzz_json.c  Any body of a request to refer_http
 *
 * What is taken is an object that libre writes as JSON that is taken again,
 * with the same meaning; and what is no JSON for a stricter reader is not
 * taken. Its properties are what their table says.
 */
#include <stddef.h>
#include "fuzz.h"
#include "refer.h"
#include "../refer_http/http.h"


/** One of each type */
struct props {
	const char *text;
	enum refer_choice flag;
	enum refer_choice choice;
	uint32_t number;
	struct odict *object;
	struct odict *list;
};

#define FIELD(name) offsetof(struct props, name)

static const struct prop propv[] = {
	{"text",   PROP_TEXT,   FIELD(text),   0, 0, {NULL, NULL}},
	{"flag",   PROP_BOOL,   FIELD(flag),   0, 0, {NULL, NULL}},
	{"choice", PROP_CHOICE, FIELD(choice), 0, 0, {"no", "yes"}},
	{"number", PROP_NUMBER, FIELD(number), 1, 699, {NULL, NULL}},
	{"object", PROP_OBJECT, FIELD(object), 0, 2, {NULL, NULL}},
	{"list",   PROP_LIST,   FIELD(list),   1, 2, {NULL, NULL}},
};

static unsigned answers;


/* The answer, which says what is wrong; stands for request.c */
int problem(const struct request *req, unsigned scode, const char *property,
	    const char *fmt, ...)
{
	char *detail = NULL;
	va_list ap;

	va_start(ap, fmt);
	PROPERTY(!re_vsdprintf(&detail, fmt, ap));
	va_end(ap);
	PROPERTY(req->body && scode == 422 && property && *detail);
	mem_deref(detail);
	++answers;

	return 0;
}


static void check_texts(const struct odict *od, uint32_t first, uint32_t last)
{
	struct le *le;

	PROPERTY(list_count(&od->lst) >= first);
	PROPERTY(list_count(&od->lst) <= last);
	LIST_FOREACH(&od->lst, le) {
		const struct odict_entry *e = le->data;

		PROPERTY(e->type == ODICT_STRING && *e->u.str && *e->key);
	}
}


static void check_props(struct odict *body)
{
	struct request req = {.body = body};
	struct props p = {.text = NULL};
	int err;

	answers = 0;
	err = props_decode(&p, propv, sizeof(propv) / sizeof(*propv), &req);
	PROPERTY(!err == !answers && answers < 2);
	if (err)
		return;

	PROPERTY(!p.text || !fuzz_has(p.text, strlen(p.text), "\r\n\x7f", 3));
	PROPERTY(p.number <= 699);
	if (p.object)
		check_texts(p.object, 0, 2);
	if (p.list)
		check_texts(p.list, 1, 2);
}


/* libre does not write each of these as it has read it: 24.2, and 1e333 with
   more digits than are taken */
static bool has_double(const struct odict *od)
{
	struct le *le;

	LIST_FOREACH(&od->lst, le) {
		const struct odict_entry *e = le->data;

		if (e->type == ODICT_DOUBLE ||
		    ((e->type == ODICT_OBJECT || e->type == ODICT_ARRAY) &&
		     has_double(e->u.odict)))
			return true;
	}

	return false;
}


/* The same again */
static void check_again(const struct odict *od)
{
	struct odict *again = NULL;
	struct mbuf *mb, *mb2;

	if (has_double(od))
		return;

	mb  = mbuf_alloc(256);
	mb2 = mbuf_alloc(256);
	if (!mb || !mb2)
		abort();

	PROPERTY(!mbuf_printf(mb, "%H", json_encode_odict, od));
	PROPERTY(!body_decode(&again, mb));
	PROPERTY(!mbuf_printf(mb2, "%H", json_encode_odict, again));
	PROPERTY(mb->end == mb2->end && !memcmp(mb->buf, mb2->buf, mb->end));

	mem_deref(again);
	mem_deref(mb);
	mem_deref(mb2);
}


int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct odict *od = NULL;
	struct mbuf mb;
	struct pl pl;
	char *copy;
	int err;

	memset(&mb, 0, sizeof(mb));
	copy = fuzz_copy(&pl, data, size);
	mb.buf = (uint8_t *)copy;
	mb.size = mb.end = size;

	err = body_decode(&od, &mb);
	PROPERTY(!err == (od != NULL));
	PROPERTY(!err || err == EBADMSG);
	if (od) {
		check_again(od);
		check_props(od);
	}

	mem_deref(od);
	free(copy);

	return 0;
}
