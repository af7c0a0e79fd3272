/**
 * @file limits.c  What is too much, and what is not allowed to be called
 *
 * Against toll fraud: patterns of targets. Against floods: REFERs per second
 * and peer, counted in a table of fixed size.
 */
#include <fnmatch.h>
#include <re.h>
#include "refer_to.h"
#include "limits.h"


enum {
	PEERS = 1024,          /* of the table, a power of 2 */
};

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

/** What a peer did in a second */
struct peer {
	uint32_t hash;
	uint32_t second;
	uint32_t count;
};

struct limits {
	struct list allowl;
	struct list denyl;
	struct peer peerv[PEERS];
};


static void destructor(void *arg)
{
	struct limits *l = arg;

	list_flush(&l->allowl);
	list_flush(&l->denyl);
}


static void pattern_destructor(void *arg)
{
	struct pattern *p = arg;

	list_unlink(&p->le);
	mem_deref(p->glob);
}


static int add_handler(const struct pl *val, void *arg)
{
	struct list *lst = arg;
	struct pattern *p;

	p = mem_zalloc(sizeof(*p), pattern_destructor);
	if (!p)
		return ENOMEM;

	list_append(lst, &p->le, p);

	return pl_strdup(&p->glob, val);
}


/**
 * Read the patterns
 *
 * @param lp   Pointer to allocated limits
 * @param conf Configuration, or NULL
 *
 * @return 0 if success, otherwise errorcode
 */
int limits_alloc(struct limits **lp, const struct conf *conf)
{
	struct limits *l;
	int err = 0;

	l = mem_zalloc(sizeof(*l), destructor);
	if (!l)
		return ENOMEM;

	if (conf) {
		err  = conf_apply(conf, "refer_allow", add_handler,
				  &l->allowl);
		err |= conf_apply(conf, "refer_deny", add_handler, &l->denyl);
	}

	if (err)
		mem_deref(l);
	else
		*lp = l;

	return err;
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
 * @param l  Limits
 * @param rt Target
 *
 * @return True if it may
 */
bool limits_target(const struct limits *l, const struct refer_to *rt)
{
	struct plain plain = {NULL, NULL};
	bool ok;

	if (list_isempty(&l->allowl) && list_isempty(&l->denyl))
		return true;

	ok = !plain_uri(&plain, rt) && !match(&l->denyl, &plain) &&
		(list_isempty(&l->allowl) || match(&l->allowl, &plain));

	mem_deref(plain.uri);
	mem_deref(plain.full);

	return ok;
}


/**
 * Count a REFER of a peer
 *
 * @param l    Limits
 * @param peer Its network address; the port does not count
 * @param rate REFERs that it may send in a second, 0 for any number
 *
 * @return True if it may send this one
 */
bool limits_rate(struct limits *l, const struct sa *peer, uint32_t rate)
{
	const uint32_t second = (uint32_t)(tmr_jiffies() / 1000);
	const uint32_t hash = sa_hash(peer, SA_ADDR);
	struct peer *p = &l->peerv[hash & (PEERS - 1)];

	if (!rate)
		return true;

	if (p->hash != hash || p->second != second) {
		p->hash   = hash;
		p->second = second;
		p->count  = 0;
	}

	return ++p->count <= rate;
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
 * @param l  Limits
 *
 * @return 0 if success, otherwise errorcode
 */
int limits_print(struct re_printf *pf, const struct limits *l)
{
	int err;

	err  = print_patterns(pf, "deny", &l->denyl);
	err |= print_patterns(pf, "allow", &l->allowl);

	return err;
}
