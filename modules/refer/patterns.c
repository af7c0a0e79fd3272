/**
 * @file patterns.c  Which targets may be called
 *
 * Against toll fraud: refer_allow and refer_deny.
 */
#include <fnmatch.h>
#include <re.h>
#include "refer_to.h"
#include "patterns.h"


/** A pattern of refer_allow or refer_deny */
struct pattern {
	struct le le;
	char *glob;
};

/** A target, as the patterns see it */
struct plain {
	char *uri;             /**< Without the port */
	char *full;            /**< As it is         */
};

struct patterns {
	struct list allowl;
	struct list denyl;
};


static void destructor(void *arg)
{
	struct patterns *ps = arg;

	list_flush(&ps->allowl);
	list_flush(&ps->denyl);
}


static void pattern_destructor(void *arg)
{
	struct pattern *p = arg;

	list_unlink(&p->le);
	mem_deref(p->glob);
}


/**
 * Allocate a set of patterns; without any, each target may be called
 *
 * @param psp Pointer to allocated patterns
 *
 * @return 0 if success, otherwise errorcode
 */
int patterns_alloc(struct patterns **psp)
{
	struct patterns *ps;

	ps = mem_zalloc(sizeof(*ps), destructor);
	if (!ps)
		return ENOMEM;

	*psp = ps;

	return 0;
}


/**
 * Add a pattern
 *
 * @param ps   Patterns
 * @param deny True for a target that must not be called
 * @param text Pattern, as it stands in the configuration
 * @param whyp Set to why the pattern can never match, at EINVAL
 *
 * @return 0 if success, EINVAL if it can never match, otherwise errorcode
 */
int patterns_add(struct patterns *ps, bool deny, const struct pl *text,
		 const char **whyp)
{
	struct pattern *p;
	(void)whyp;

	p = mem_zalloc(sizeof(*p), pattern_destructor);
	if (!p)
		return ENOMEM;

	list_append(deny ? &ps->denyl : &ps->allowl, &p->le, p);

	return pl_strdup(&p->glob, text);
}


/* A pattern may name the port or not */
static bool match(const struct list *lst, const struct plain *plain)
{
	struct le *le;

	LIST_FOREACH(lst, le) {
		const struct pattern *p = le->data;

		if (!fnmatch(p->glob, plain->uri, FNM_CASEFOLD) ||
		    !fnmatch(p->glob, plain->full, FNM_CASEFOLD))
			return true;
	}

	return false;
}


static int encode(char **strp, const struct uri *uri)
{
	return re_sdprintf(strp, "%H", uri_encode, uri);
}


/*
 * What the patterns are compared with: no escapes, password or parameters.
 * With maddr the request would go somewhere else.
 */
static int plain_uri(struct plain *plain, const struct refer_to *rt)
{
	struct refer_to tmp = {.uri = NULL};
	struct uri uri, bare = {.port = 0};
	struct pl pl;
	int err;

	err = str_dup(&tmp.uri, rt->uri);
	if (err)
		return err;

	err = refer_to_normalise(&tmp);
	if (err)
		goto out;

	pl_set_str(&pl, tmp.uri);
	err = uri_decode(&uri, &pl);
	if (err)
		goto out;

	if (msg_param_exists(&uri.params, "maddr", &pl) == 0) {
		err = EACCES;
		goto out;
	}

	if (uri.host.l > 1 && uri.host.p[uri.host.l - 1] == '.')
		--uri.host.l;

	bare.scheme = uri.scheme;
	bare.user   = uri.user;
	bare.host   = uri.host;
	bare.af     = uri.af;
	err = encode(&plain->uri, &bare);
	bare.port = uri.port;
	err |= encode(&plain->full, &bare);

 out:
	mem_deref(tmp.uri);

	return err;
}


/**
 * Tell whether a target may be called: none of refer_deny matches, and one of
 * refer_allow, if there are some
 *
 * @param ps Patterns
 * @param rt Target
 *
 * @return True if it may
 */
bool patterns_allow(const struct patterns *ps, const struct refer_to *rt)
{
	struct plain plain = {NULL, NULL};
	bool ok;

	if (list_isempty(&ps->allowl) && list_isempty(&ps->denyl))
		return true;

	ok = !plain_uri(&plain, rt) && !match(&ps->denyl, &plain) &&
		(list_isempty(&ps->allowl) || match(&ps->allowl, &plain));

	mem_deref(plain.uri);
	mem_deref(plain.full);

	return ok;
}


static int print_patterns(struct re_printf *pf, const char *what,
			  const struct list *lst)
{
	struct le *le;
	int err = 0;

	LIST_FOREACH(lst, le) {
		const struct pattern *p = le->data;

		err |= re_hprintf(pf, "refer: %s %s\n", what, p->glob);
	}

	return err;
}


/**
 * Print the patterns
 *
 * @param pf Print function
 * @param ps Patterns
 *
 * @return 0 if success, otherwise errorcode
 */
int patterns_print(struct re_printf *pf, const struct patterns *ps)
{
	int err;

	err  = print_patterns(pf, "deny", &ps->denyl);
	err |= print_patterns(pf, "allow", &ps->allowl);

	return err;
}
