/**
 * @file patterns.c  Which targets may be called, and who may refer
 *
 * Against toll fraud: refer_allow, refer_deny and refer_deny_number, and
 * refer_allow_from and refer_deny_from of the referrer. What is allowed is
 * compared as it is written; what is denied also with what a PBX may make of
 * it.
 */
#include <ctype.h>
#include <fnmatch.h>
#include <string.h>
#include <re.h>
#include "admission/patterns.h"
#include "host/libre.h"
#include "syntax/refer_to.h"
#include "syntax/text.h"
#include "syntax/uri.h"


/** A pattern */
struct pattern {
	struct le le;
	char *glob;
};

/** A target or a referrer, as the patterns see it */
struct plain {
	char *rt_uri;          /**< Without needless escapes            */
	struct uri uri;        /**< Its parts                           */
	char *host;            /**< Host, in one form                   */
	char *user;            /**< User and '@', or empty              */
};

struct patterns {
	struct list listv[PATTERN_KINDS]; /**< struct pattern               */
	bool shut;             /**< One could not match: all is denied */
};

/** The lists that something is compared with */
struct fence {
	const struct list *allowl;
	const struct list *denyl;
	const struct list *numberl;
};

/* As the settings are named, without "refer_" */
static const char *const namev[PATTERN_KINDS] = {
	[PATTERN_DENY]        = "deny",
	[PATTERN_DENY_NUMBER] = "deny_number",
	[PATTERN_ALLOW]       = "allow",
	[PATTERN_DENY_FROM]   = "deny_from",
	[PATTERN_ALLOW_FROM]  = "allow_from",
};

/** What a form of the user is compared for */
struct look {
	const struct fence *fence;
	const struct plain *plain;
};


static void destructor(void *arg)
{
	struct patterns *ps = arg;
	size_t i;

	for (i=0; i<PATTERN_KINDS; ++i)
		list_flush(&ps->listv[i]);
}


static void pattern_destructor(void *arg)
{
	struct pattern *p = arg;

	list_unlink(&p->le);
	mem_deref(p->glob);
}


/** Allocate a set of patterns; without any, each target may be called */
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
 * One that can never match is a guard that somebody has asked for and does
 * not get: nothing may be called then.
 *
 * @return 0 if success, EINVAL if it can never match, otherwise errorcode
 */
int patterns_add(struct patterns *ps, enum pattern_kind kind,
		 const struct pl *text, const char **whyp)
{
	struct pattern *p;
	char *glob;
	int err;

	if (kind == PATTERN_DENY_NUMBER)
		err = wildcard_number(&glob, text, whyp);
	else
		err = wildcard_target(&glob, text, whyp);
	if (err) {
		ps->shut = true;
		return err;
	}

	p = mem_zalloc(sizeof(*p), pattern_destructor);
	if (!p) {
		mem_deref(glob);
		return ENOMEM;
	}

	p->glob = glob;
	list_append(&ps->listv[kind], &p->le, p);

	return 0;
}


static bool match(const struct list *lst, const char *text)
{
	struct le *le;

	LIST_FOREACH(lst, le) {
		const struct pattern *p = le->data;

		if (!fnmatch(p->glob, text, FNM_CASEFOLD))
			return true;
	}

	return false;
}


static bool match_port(const struct list *lst, const struct plain *plain,
		       const char *user, const char *at, uint16_t port,
		       bool failed)
{
	char text[8] = "", *str;
	bool ok;

	if (port)
		(void)re_snprintf(text, sizeof(text), ":%u", port);

	if (re_sdprintf(&str, "sip:%s%s%s%s", user, at, plain->host, text))
		return failed;

	ok = match(lst, str);
	mem_deref(str);

	return ok;
}


/* A pattern may name the port or not; one that denies, also that of a target
   without, which its transport tells. Without memory all is matched, which is
   denied, and nothing is allowed */
static bool match_user(const struct list *lst, const struct plain *plain,
		       const char *user, const char *at, bool failed)
{
	/* of UDP and TCP, TLS, WS and WSS */
	static const uint16_t portv[] = {SIP_PORT, SIP_PORT_TLS, 80, 443};
	const struct uri *uri = &plain->uri;
	size_t i, n = uri_has_param(uri, "transport") ? ARRAY_SIZE(portv) : 1;

	if (match_port(lst, plain, user, at, 0, failed))
		return true;

	if (uri->port || !failed)
		return uri->port && match_port(lst, plain, user, at,
					       uri->port, failed);

	for (i=0; i<n; ++i) {
		if (match_port(lst, plain, user, at, portv[i], failed))
			return true;
	}

	return false;
}


/* 00 is written for + in the patterns; some PBXs leave + out */
static bool match_number(const struct list *lst, const char *num)
{
	char *str;
	bool ok;

	if (*num == '+') {

		if (re_sdprintf(&str, "00%s", num + 1))
			return true;

		ok = match(lst, str);
		mem_deref(str);
		if (ok)
			return true;

		++num;
	}

	return !num[strspn(num, "0123456789*#")] && match(lst, num);
}


static bool form_handler(const char *user, void *arg)
{
	const struct look *look = arg;

	return match_number(look->fence->numberl, user) ||
		match_user(look->fence->denyl, look->plain, user, "@", true);
}


static bool is_denied(const struct fence *f, const struct plain *plain)
{
	struct look look = {f, plain};

	if (list_isempty(f->denyl) && list_isempty(f->numberl))
		return false;

	return match_user(f->denyl, plain, plain->user, "", true) ||
		(!*plain->user && match_user(f->denyl, plain, "", "@",
					     true)) ||
		number_apply(&plain->uri, form_handler, &look);
}


static int print_user(struct re_printf *pf, const struct pl *user)
{
	int err = 0;
	size_t i;

	for (i=0; i<user->l && !err; ++i) {
		const bool esc = user->p[i] == '%' && i + 2 < user->l;
		const char c = esc ? escape_char(user->p + i) : user->p[i];

		err = wildcard_plain(c) ? pf->vph(&c, 1, pf->arg) :
			re_hprintf(pf, "%%%02X", (unsigned)(uint8_t)c);
		i += esc ? 2 : 0;
	}

	return err ? err : pf->vph("@", user->l ? 1 : 0, pf->arg);
}


/* 127.3 or 0x7f000003: an address to some, a name to nobody */
static bool is_number(const struct pl *host)
{
	struct pl rest = *host, label = PL_INIT, next;

	while (text_cut(&next, &rest, '.'))
		label = next;

	return label.l && isdigit((uint8_t)*label.p);
}


/* A number without a host is none; an address has one form */
static int host_dup(char **hostp, const struct uri *uri)
{
	struct pl host = uri->host, letter;
	struct sa sa;

	if (!sa_set(&sa, &host, 0)) {
		addr_unmap(&sa);
		return re_sdprintf(hostp, sa_af(&sa) == AF_INET6 ? "[%j]" :
				   "%j", &sa);
	}

	while (host.l > 1 && host.p[host.l - 1] == '.')
		--host.l;

	if (is_number(&host) || (!pl_isset(&uri->user) &&
	    re_regex(host.p, host.l, "[a-zA-Z]+", &letter)))
		return EACCES;

	return pl_strdup(hostp, &host);
}


static void plain_reset(struct plain *plain)
{
	mem_deref(plain->rt_uri);
	mem_deref(plain->host);
	mem_deref(plain->user);
}


/*
 * What the patterns are compared with: no parameters, and one way to write
 * it. With maddr the request would go somewhere else; a password may be
 * dialled.
 */
static int plain_uri(struct plain *plain, const struct refer_to *rt)
{
	struct refer_to tmp = {.uri = NULL};
	struct pl pl;
	int err;

	if (rt->password)
		return EACCES;

	err = str_dup(&tmp.uri, rt->uri);
	if (err)
		return err;

	err = refer_to_normalise(&tmp);
	plain->rt_uri = tmp.uri;
	if (err)
		return err;

	pl_set_str(&pl, plain->rt_uri);
	err = uri_decode(&plain->uri, &pl);
	if (err)
		return err;

	if (uri_has_param(&plain->uri, "maddr"))
		return EACCES;

	err = host_dup(&plain->host, &plain->uri);

	return err ? err : re_sdprintf(&plain->user, "%H", print_user,
				       &plain->uri.user);
}


static bool allow(const struct patterns *ps, const struct fence *f,
		  const struct refer_to *rt)
{
	struct plain plain;
	bool ok;

	if (ps->shut)
		return false;

	if (list_isempty(f->allowl) && list_isempty(f->denyl) &&
	    list_isempty(f->numberl))
		return true;

	memset(&plain, 0, sizeof(plain));

	ok = !plain_uri(&plain, rt) && !is_denied(f, &plain) &&
		(list_isempty(f->allowl) ||
		 match_user(f->allowl, &plain, plain.user, "", false));

	plain_reset(&plain);

	return ok;
}


/**
 * Tell whether a target may be called: none of those that deny matches, and
 * one of refer_allow, if there are some
 */
bool patterns_allow(const struct patterns *ps, const struct refer_to *rt)
{
	const struct fence fence = {
		&ps->listv[PATTERN_ALLOW],
		&ps->listv[PATTERN_DENY],
		&ps->listv[PATTERN_DENY_NUMBER],
	};

	return allow(ps, &fence, rt);
}


/** Tell whether it matters who refers */
bool patterns_name_referrers(const struct patterns *ps)
{
	return ps->shut || ps->listv[PATTERN_ALLOW_FROM].head ||
		ps->listv[PATTERN_DENY_FROM].head;
}


/** Tell whether someone may refer, by an address as that of a target */
bool patterns_allow_from(const struct patterns *ps, const struct refer_to *rt)
{
	static const struct list none = LIST_INIT;
	const struct fence fence = {
		&ps->listv[PATTERN_ALLOW_FROM],
		&ps->listv[PATTERN_DENY_FROM],
		&none,
	};

	return allow(ps, &fence, rt);
}


/** Find the kind of the patterns of a setting, by its name without "refer_";
    false if it has none */
bool patterns_kind(enum pattern_kind *kind, const char *name)
{
	unsigned i;

	for (i=0; i<PATTERN_KINDS; ++i) {
		if (!str_cmp(name, namev[i])) {
			*kind = (enum pattern_kind)i;
			return true;
		}
	}

	return false;
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


/** Print the patterns, as they were compiled */
int patterns_print(struct re_printf *pf, const struct patterns *ps)
{
	int err = 0;
	size_t i;

	if (ps->shut)
		return re_hprintf(pf, "refer: deny all: a pattern can never"
				  " match\n");

	for (i=0; i<PATTERN_KINDS; ++i)
		err |= print_patterns(pf, namev[i], &ps->listv[i]);

	return err;
}
