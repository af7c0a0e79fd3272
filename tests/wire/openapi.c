/**
 * @file openapi.c  What openapi.json says of a response
 *
 * Each response that a test gets is compared with it: its operation has this
 * status, with this type of content, and each property is described. What was
 * seen is noted, so that a test can ask what was not.
 *
 * Of JSON Schema it knows what openapi.json uses.
 */
#include <string.h>
#include "wire.h"
#include "harness.h"
#include "openapi.h"


enum {
	SEEN_MAX = 1024,
	DEPTH    = 32,
};

static struct {
	struct odict *doc;
	const char *seenv[SEEN_MAX];
	size_t seenc;
	const char *file;     /* Of the check that is being made */
	int line;
} api;

/** A schema, and what its properties are called in a list of those seen */
struct schema {
	const struct odict *od;
	const char *name;
};

#define WRONG(...) test_fail(false, api.file, api.line, "openapi.json: " \
			     __VA_ARGS__)


static const struct odict *doc(void)
{
	struct mbuf *mb;

	if (api.doc)
		return api.doc;

	mb = mbuf_alloc(65536);
	if (!mb || !slurp(mb, F("%s/modules/refer_http/openapi.json",
				top_dir())) ||
	    json_decode_odict(&api.doc, DEPTH, (const char *)mb->buf, mb->end,
			      DEPTH))
		SETUP("openapi.json: no JSON");
	mem_deref(mb);

	return api.doc;
}


/** Get an object or an array, NULL if there is none */
const struct odict *openapi_get(const struct odict *od, const char *key)
{
	const struct odict_entry *e = od ? odict_lookup(od, key) : NULL;

	return e && (e->type == ODICT_OBJECT || e->type == ODICT_ARRAY) ?
		e->u.odict : NULL;
}


static bool is_seen(const char *what)
{
	size_t i;

	for (i=0; i<api.seenc; ++i) {
		if (!strcmp(api.seenv[i], what))
			return true;
	}

	return false;
}


static void see(const char *what)
{
	if (is_seen(what))
		return;

	if (api.seenc == SEEN_MAX)
		SETUP("too much was seen");

	api.seenv[api.seenc++] = keep(what, strlen(what));
}


/* What "#/components/schemas/Name" stands for */
static struct schema resolve(const struct odict *od, const char *name)
{
	struct schema s = {od, name};
	const char *ref = od ? odict_string(od, "$ref") : NULL;
	struct pl rest, key;

	if (!ref)
		return s;

	s.od   = doc();
	s.name = strrchr(ref, '/') + 1;
	pl_set_str(&rest, ref + 1);
	while (!re_regex(rest.p, rest.l, "/[^/]+", &key)) {
		s.od = openapi_get(s.od, keep(key.p, key.l));
		pl_advance(&rest, key.p + key.l - rest.p);
	}

	if (!s.od)
		WRONG("%s: there is no %s", name, ref);

	return s;
}


/* The schema that a schema is a part of, if there is one */
static struct schema whole(const struct schema *s)
{
	const struct odict *all = openapi_get(s->od, "allOf");

	return resolve(openapi_get(all, "0"), s->name);
}


/* A property of a schema; its name is of the schema that has it */
static struct schema property(const struct schema *s, const char *key)
{
	const struct odict *od;
	struct schema outer;

	if (!s->od)
		return *s;

	od = openapi_get(openapi_get(s->od, "properties"), key);
	if (od)
		return (struct schema){od, F("%s.%s", s->name, key)};

	od = openapi_get(s->od, "additionalProperties");
	if (od)
		return (struct schema){od, F("%s.*", s->name)};

	outer = whole(s);

	return property(&outer, key);
}


static void check_object(const struct schema *s, const struct odict *od);


static void check_enum(const struct schema *s, const struct odict_entry *e)
{
	const struct odict *values = openapi_get(s->od, "enum");
	struct le *le;

	if (!values)
		return;

	LIST_FOREACH(&values->lst, le) {
		const struct odict_entry *v = le->data;

		if (!strcmp(v->u.str, e->u.str))
			return;
	}

	WRONG("%s: %s is none of its values", s->name, e->u.str);
}


static void check_value(struct schema s, const struct odict_entry *e)
{
	static const struct {
		const char *name;
		enum odict_type type;
	} typev[] = {
		{"object",  ODICT_OBJECT}, {"array",   ODICT_ARRAY},
		{"string",  ODICT_STRING}, {"integer", ODICT_INT},
		{"boolean", ODICT_BOOL},
	};
	const char *type;
	struct le *le;
	size_t i;

	s    = resolve(s.od, s.name);
	type = odict_string(s.od, "type");
	for (i=0; i<ARRAY_SIZE(typev); ++i) {
		if (type && !strcmp(type, typev[i].name) &&
		    typev[i].type != e->type)
			WRONG("%s is no %s", s.name, type);
	}

	if (e->type == ODICT_STRING)
		check_enum(&s, e);
	else if (e->type == ODICT_OBJECT)
		check_object(&s, e->u.odict);
	else if (e->type == ODICT_ARRAY) {
		struct schema item = {openapi_get(s.od, "items"), s.name};

		LIST_FOREACH(&e->u.odict->lst, le) {
			check_value(item, le->data);
		}
	}
}


static void check_required(const struct schema *s, const struct odict *od)
{
	const struct odict *required = openapi_get(s->od, "required");
	const struct schema outer = whole(s);
	struct le *le;

	LIST_FOREACH(required ? &required->lst : NULL, le) {
		const struct odict_entry *e = le->data;

		if (!odict_lookup(od, e->u.str))
			WRONG("%s.%s is required, and missing", s->name,
			      e->u.str);
	}

	if (outer.od)
		check_required(&outer, od);
}


static void check_object(const struct schema *s, const struct odict *od)
{
	struct le *le;

	check_required(s, od);

	LIST_FOREACH(&od->lst, le) {
		const struct odict_entry *e = le->data;
		const struct schema p = property(s, e->key);

		if (!p.od)
			WRONG("%s has no property %s", s->name, e->key);

		see(p.name);
		check_value(p, e);
	}
}


static bool is_path(const char *pattern, const char *path, size_t len)
{
	const char *end = path + len;

	for (; *pattern; ++pattern) {
		if (*pattern == '{') {
			pattern = strchr(pattern, '}');
			while (path < end && *path != '/')
				++path;
		}
		else if (path == end || *path++ != *pattern) {
			return false;
		}
	}

	return path == end;
}


static const char *lower(const char *str)
{
	char *low = keep(str, strlen(str));
	size_t i;

	for (i=0; low[i]; ++i) {
		if (low[i] >= 'A' && low[i] <= 'Z')
			low[i] = (char)(low[i] + ('a' - 'A'));
	}

	return low;
}


/* An operation, and its name; NULL if there is none */
static struct schema operation(const char *method, const char *path)
{
	const struct odict *paths = openapi_get(doc(), "paths");
	const char *met = strcmp(method, "HEAD") ? method : "GET";
	struct le *le;

	LIST_FOREACH(&paths->lst, le) {
		const struct odict_entry *e = le->data;

		if (is_path(e->key, path, strcspn(path, "?")))
			return (struct schema){
				openapi_get(e->u.odict, lower(met)),
				F("%s %s", met, e->key)};
	}

	return (struct schema){NULL, NULL};
}


/** Tell whether there is an operation */
bool openapi_has(const char *method, const char *path)
{
	return operation(method, path).od != NULL;
}


/* The response of an operation; where there is none, it is a problem */
static struct schema response(const char *method, const char *path,
			      unsigned scode)
{
	const struct schema op = operation(method, path);
	const struct odict *all = openapi_get(op.od, "responses");
	const struct odict *od = openapi_get(all, F("%u", scode));
	const bool any = scode == 408 || scode >= 500;

	if (!op.od)
		return resolve(openapi_get(openapi_get(openapi_get(doc(),
			"components"), "responses"), "Problem"), "Problem");

	if (!od && any)
		od = openapi_get(all, "default");
	if (!od)
		WRONG("%s has no %u", op.name, scode);

	see(F("%s %u", op.name, scode));

	return resolve(od, F("%s %u", op.name, scode));
}


/**
 * Check a response
 *
 * @param file   File of the test
 * @param line   Line of it
 * @param method Method of the request
 * @param path   Path and query
 * @param scode  Status code
 * @param ctype  Content-Type, "" if there is none
 * @param od     Body, NULL if it is no JSON
 */
void openapi_response(const char *file, int line, const char *method,
		      const char *path, unsigned scode, const char *ctype,
		      const struct odict *od)
{
	const struct odict *content, *media;
	struct schema s;

	api.file = file;
	api.line = line;
	if (!strcmp(method, "OPTIONS") && scode == 204)
		return;

	s = response(method, path, scode);
	content = openapi_get(s.od, "content");
	media = openapi_get(content, keep(ctype, strcspn(ctype, ";")));
	if (!content != !*ctype || !content != !media)
		WRONG("%s is no '%s'", s.name, ctype);

	s = resolve(openapi_get(media, "schema"), s.name);
	if (od && s.od)
		check_object(&s, od);
}


/** Check an object that is described by a schema of this name */
void openapi_object(const char *file, int line, const char *schema,
		    const struct odict *od)
{
	struct schema s = {openapi_get(openapi_get(openapi_get(doc(),
			   "components"), "schemas"), schema), schema};

	api.file = file;
	api.line = line;
	if (!s.od)
		WRONG("there is no %s", schema);

	see(schema);
	check_object(&s, od);
}


/** Call a handler with each operation */
void openapi_each(openapi_h *h)
{
	static const char *const methodv[] = {"GET", "POST", "DELETE"};
	const struct odict *paths = openapi_get(doc(), "paths"), *op;
	struct le *le;
	size_t i;

	LIST_FOREACH(&paths->lst, le) {
		const struct odict_entry *e = le->data;

		for (i=0; i<ARRAY_SIZE(methodv); ++i) {
			op = openapi_get(e->u.odict, lower(methodv[i]));
			if (op)
				h(methodv[i], e->key, op);
		}
	}
}


/** Get the schema of the body of a request, NULL if it has none */
const struct odict *openapi_body(const struct odict *op)
{
	return resolve(openapi_get(openapi_get(openapi_get(openapi_get(op,
		"requestBody"), "content"), "application/json"), "schema"),
		"body").od;
}


static void check_seen(const char *what)
{
	if (!is_seen(what))
		WRONG("%s was not seen", what);
}


static void schema_seen(struct schema s)
{
	const struct odict *properties, *items;
	struct schema outer;
	struct le *le;

	s = resolve(s.od, s.name);
	if (!s.od)
		return;

	items = openapi_get(s.od, "items");
	if (items)
		schema_seen((struct schema){items, s.name});

	outer = whole(&s);
	schema_seen(outer);

	properties = openapi_get(s.od, "properties");
	LIST_FOREACH(properties ? &properties->lst : NULL, le) {
		const struct odict_entry *e = le->data;
		const char *name = F("%s.%s", s.name, e->key);

		check_seen(name);
		schema_seen((struct schema){e->u.odict, name});
	}
}


static void operation_seen(const char *method, const char *path,
			   const struct odict *op)
{
	const struct odict *all = openapi_get(op, "responses");
	struct le *le;

	LIST_FOREACH(&all->lst, le) {
		const struct odict_entry *e = le->data;
		const char *name = F("%s %s %s", method, path, e->key);
		struct schema s;

		if (!strcmp(e->key, "default"))
			continue;

		check_seen(name);
		s = resolve(e->u.odict, name);
		s.od = openapi_get(openapi_get(openapi_get(s.od, "content"),
					       "application/json"), "schema");
		schema_seen(s);
	}
}


/** Check that each response, and each property of one, was seen; also of
    what openapi_object() was given */
void openapi_all_seen(const char *file, int line)
{
	const struct odict *schemas;
	struct le *le;

	api.file = file;
	api.line = line;
	openapi_each(operation_seen);

	schemas = openapi_get(openapi_get(doc(), "components"), "schemas");
	LIST_FOREACH(&schemas->lst, le) {
		const struct odict_entry *e = le->data;

		if (is_seen(e->key))
			schema_seen((struct schema){e->u.odict, e->key});
	}
}
