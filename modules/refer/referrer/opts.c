/**
 * @file opts.c  How to refer: the options of one REFER
 *
 * What is left out is as the configuration says.
 */
#include <string.h>
#include <re.h>
#include "config/params.h"
#include "host/host.h"
#include "host/libre.h"
#include "refer.h"
#include "referrer/client.h"
#include "syntax/header.h"
#include "syntax/uri.h"


/* Reserved in other messages, an application's matter in a REFER */
static bool is_free(const char *line)
{
	static const char *const namev[] = {
		"Referred-By", "b", "Require", "Refer-Sub",
	};
	struct pl name;
	size_t i;

	if (!opts_line_valid(line) ||
	    re_regex(line, str_len(line), "[^: \t]+[ \t]*:", &name, NULL) ||
	    name.p != line)
		return false;

	for (i=0; i<ARRAY_SIZE(namev); ++i) {
		if (!pl_strcasecmp(&name, namev[i]))
			return true;
	}

	return false;
}


/** Tell whether a REFER can have a header line */
bool client_line_valid(const char *line)
{
	const char *const one[] = {line, NULL};

	return is_free(line) || header_lines_valid(one);
}


/** Tell whether the URI in Refer-To can have a header line: nothing that a
    peer must not give (RFC 3261 section 19.1.5) */
bool client_uri_line_valid(const char *line)
{
	struct pl val;
	char *name;
	bool ok;

	if (header_line_decode(&name, &val, line))
		return false;

	ok = header_may_pass(name);
	mem_deref(name);

	return ok;
}


/** Print lines that are valid as the headers of a URI, without the '?' or '&'
    before them */
int client_print_uri_lines(struct re_printf *pf, const char *const *linev)
{
	const char *sep = "";
	int err = 0;

	for (; linev && *linev && !err; ++linev, sep = "&") {
		char *name, *str = NULL;
		struct pl val;

		err = header_line_decode(&name, &val, *linev);
		if (err)
			return err;

		err = pl_strdup(&str, &val);
		if (!err)
			err = re_hprintf(pf, "%s%s=%H", sep, name,
					 escape_print, str);
		mem_deref(name);
		mem_deref(str);
	}

	return err;
}


static bool lines_valid(const char *const *hdrv, bool (*h)(const char *line))
{
	while (hdrv && *hdrv) {
		if (!h(*hdrv++))
			return false;
	}

	return true;
}


/* Of these a request has one */
static bool single_valid(const char *const *hdrv, bool nosub)
{
	unsigned byc = 0, subc = nosub;

	for (; hdrv && *hdrv; ++hdrv) {
		byc  += header_line_is(*hdrv, "Referred-By") ||
			header_line_is(*hdrv, "b");
		subc += header_line_is(*hdrv, "Refer-Sub");
	}

	return byc <= 1 && subc <= 1;
}


/** Tell whether a REFER to a target can have these options: RFC 3966 knows no
    headers of a tel URI */
bool client_opts_valid(const struct refer_client_opts *opts,
		       const char *target)
{
	const struct pl uri = {target, str_len(target)};

	if (opts->uri_hdrv && *opts->uri_hdrv && uri_has_scheme(&uri, "tel"))
		return false;

	return opts->hold <= REFER_NO && opts->keep <= REFER_NO &&
		lines_valid(opts->hdrv, client_line_valid) &&
		lines_valid(opts->uri_hdrv, client_uri_line_valid) &&
		single_valid(opts->hdrv, opts->nosub);
}


/** A copy of options, with what they point to */
struct copy {
	struct refer_client_opts opts;
	size_t n;
	char *linev[];         /**< The lines of both, a NULL behind each */
};


static void destructor(void *arg)
{
	struct copy *copy = arg;

	while (copy->n)
		mem_deref(copy->linev[--copy->n]);
}


static size_t count(const char *const *linev)
{
	size_t n = 0;

	while (linev && linev[n])
		++n;

	return n;
}


static int copy_lines(const char *const **linevp, char **copyv,
		      const char *const *linev)
{
	int err = 0;

	*linevp = (const char *const *)copyv;
	for (; linev && *linev; ++linev)
		err |= str_dup(copyv++, *linev);

	return err;
}


/** Copy options that are valid, without a body and a handler */
int client_opts_copy(const struct refer_client_opts **optsp,
		     const struct refer_client_opts *opts)
{
	const size_t hdrc = count(opts->hdrv);
	const size_t n = hdrc + 1 + count(opts->uri_hdrv) + 1;
	struct copy *copy;
	int err;

	copy = mem_zalloc(sizeof(*copy) + n * sizeof(*copy->linev),
			  destructor);
	if (!copy)
		return ENOMEM;

	copy->n            = n;
	copy->opts.nosub   = opts->nosub;
	copy->opts.hold    = opts->hold;
	copy->opts.keep    = opts->keep;
	copy->opts.timeout = opts->timeout;

	err  = copy_lines(&copy->opts.hdrv, copy->linev, opts->hdrv);
	err |= copy_lines(&copy->opts.uri_hdrv, copy->linev + hdrc + 1,
			  opts->uri_hdrv);
	if (err)
		mem_deref(copy);
	else
		*optsp = &copy->opts;

	return err;
}


/** Get a setting as an account has it, or else the configuration; the account
    may be gone, which is noticed a second later */
uint32_t client_setting(const struct ua *ua, const char *key, uint32_t dflt)
{
	return host_ua_alive(ua) ? params_value(ua, key, dflt) : dflt;
}


/** Get what was chosen, or else the setting */
bool client_chosen(enum refer_choice choice, const struct ua *ua,
		   const char *key, uint32_t dflt)
{
	if (choice != REFER_AS_CONFIGURED)
		return choice == REFER_YES;

	return client_setting(ua, key, dflt);
}
