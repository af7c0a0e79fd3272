/**
 * @file opts.c  How to refer: the options of one REFER
 *
 * What is left out is as the configuration says.
 */
#include <string.h>
#include <re.h>
#include "config/params.h"
#include "host/libre.h"
#include "refer.h"
#include "referrer/client.h"
#include "syntax/header.h"


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


static bool lines_valid(const char *const *hdrv)
{
	for (; hdrv && *hdrv; ++hdrv) {
		const char *const one[] = {*hdrv, NULL};

		if (!is_free(*hdrv) && !header_lines_valid(one))
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


/** Tell whether a REFER can have these options */
bool client_opts_valid(const struct refer_client_opts *opts)
{
	return opts->hold <= REFER_NO && opts->keep <= REFER_NO &&
		lines_valid(opts->hdrv) &&
		single_valid(opts->hdrv, opts->nosub);
}


/** A copy of options, with what they point to */
struct copy {
	struct refer_client_opts opts;
	char *hdrv[];
};


static void destructor(void *arg)
{
	struct copy *copy = arg;
	char **hdr;

	for (hdr = copy->hdrv; *hdr; ++hdr)
		mem_deref(*hdr);
}


/** Copy options that are valid, without a body and a handler */
int client_opts_copy(const struct refer_client_opts **optsp,
		     const struct refer_client_opts *opts)
{
	struct copy *copy;
	size_t n = 0, i;
	int err = 0;

	while (opts->hdrv && opts->hdrv[n])
		++n;

	copy = mem_zalloc(sizeof(*copy) + (n + 1) * sizeof(*copy->hdrv),
			  destructor);
	if (!copy)
		return ENOMEM;

	copy->opts.hdrv    = (const char *const *)copy->hdrv;
	copy->opts.nosub   = opts->nosub;
	copy->opts.hold    = opts->hold;
	copy->opts.keep    = opts->keep;
	copy->opts.timeout = opts->timeout;
	for (i=0; i<n && !err; ++i)
		err = str_dup(&copy->hdrv[i], opts->hdrv[i]);

	if (err)
		mem_deref(copy);
	else
		*optsp = &copy->opts;

	return err;
}


/** Get what was chosen, or else what the configuration says */
bool client_chosen(enum refer_choice choice, const struct ua *ua,
		   const char *key, uint32_t dflt)
{
	return choice == REFER_AS_CONFIGURED ? params_value(ua, key, dflt)
		: choice == REFER_YES;
}
