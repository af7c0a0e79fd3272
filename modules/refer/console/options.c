/**
 * @file options.c  The options of a transfer, as people and programs type them
 *
 * "name=value" with a capital letter is a header of the REFER, with "uri."
 * before it one of the URI in Refer-To, any other one of this table.
 */
#include <ctype.h>
#include <stddef.h>
#include <string.h>
#include <re.h>
#include "console/command.h"
#include "host/libre.h"
#include "host/module.h"
#include "refer.h"
#include "referrer/referrer.h"
#include "syntax/text.h"


enum {
	HDRS_MAX    = 16,      /* Of the REFER, and of the URI   */
	TIMEOUT_MAX = 86400,   /* [s] */
};

/* What begins the name of a header for the URI in Refer-To */
#define URI_PREFIX "uri."

/** Header lines, a NULL behind them */
struct lines {
	char *v[HDRS_MAX + 1];
	unsigned n;
};

struct options {
	struct command *cmd;
	unsigned set;              /**< Those that the command has       */
	unsigned seen;             /**< Those that were given            */
	struct lines hdrs;
	struct lines uri_hdrs;
	struct pl call;            /**< Call-ID or line, or empty        */
	uint32_t sub;
	struct refer_client_opts refer;
};

/** One of them: one of some values, the first one REFER_YES, or a number, or
    any text */
struct option {
	const char *name;
	unsigned bit;
	size_t offset;             /**< In struct options                */
	const char *const *namev;
	uint32_t last;             /**< Of a number from 1               */
};

static const char *const yesv[]   = {"yes", "no", NULL};
static const char *const afterv[] = {"keep", "hangup", NULL};

#define FIELD(name) offsetof(struct options, name)

static const struct option optionv[] = {
	{"call",    OPTION_CALL,    FIELD(call),          NULL,   0},
	{"sub",     OPTION_SUB,     FIELD(sub),           yesv,   0},
	{"hold",    OPTION_HOLD,    FIELD(refer.hold),    yesv,   0},
	{"after",   OPTION_AFTER,   FIELD(refer.keep),    afterv, 0},
	{"timeout", OPTION_TIMEOUT, FIELD(refer.timeout), NULL, TIMEOUT_MAX},
};


static void destructor(void *arg)
{
	struct options *o = arg;

	while (o->hdrs.n)
		mem_deref(o->hdrs.v[--o->hdrs.n]);
	while (o->uri_hdrs.n)
		mem_deref(o->uri_hdrs.v[--o->uri_hdrs.n]);
}


/** Allocate the options of a command, of enum option_set; those that are for a
    call are missing only out of a dialog */
int options_alloc(struct options **op, struct command *cmd, unsigned set)
{
	struct options *o;

	o = mem_zalloc(sizeof(*o), destructor);
	if (!o)
		return ENOMEM;

	o->cmd = cmd;
	o->set = set;
	o->refer.hdrv     = (const char *const *)o->hdrs.v;
	o->refer.uri_hdrv = (const char *const *)o->uri_hdrs.v;
	*op = o;

	return 0;
}


static const struct option *find(const struct pl *name)
{
	size_t i;

	for (i=0; i<ARRAY_SIZE(optionv); ++i) {
		if (!pl_strcmp(name, optionv[i].name))
			return &optionv[i];
	}

	return NULL;
}


static int print_names(struct re_printf *pf, const struct options *o)
{
	const char *sep = "";
	size_t i;
	int err = 0;

	for (i=0; i<ARRAY_SIZE(optionv); ++i) {
		if (optionv[i].bit & o->set) {
			err |= re_hprintf(pf, "%s%s=", sep, optionv[i].name);
			sep = " ";
		}
	}

	return err;
}


static int print_allowed(struct re_printf *pf, const struct option *opt)
{
	return opt->namev ?
		re_hprintf(pf, "%s or %s", opt->namev[0], opt->namev[1]) :
		opt->last ? re_hprintf(pf, "1 to %u s", opt->last) :
		re_hprintf(pf, "a Call-ID or a line");
}


static bool decode_value(struct options *o, const struct option *opt,
			 const struct pl *val)
{
	void *field = (uint8_t *)o + opt->offset;
	uint32_t num;
	size_t i;

	for (i=0; opt->namev && opt->namev[i]; ++i) {
		if (!pl_strcasecmp(val, opt->namev[i])) {
			*(uint32_t *)field = (uint32_t)(REFER_YES + i);
			return true;
		}
	}

	if (opt->last && text_number(&num, val) && num && num <= opt->last) {
		*(uint32_t *)field = num;
		return true;
	}

	if (!opt->namev && !opt->last && val->l) {
		*(struct pl *)field = *val;
		return true;
	}

	return false;
}


static int decode_option(struct options *o, const struct pl *name,
			 const struct pl *val)
{
	const struct option *opt = find(name);

	if (!opt)
		return command_fail(o->cmd, EINVAL, "%H= is no option (%H);"
				    " a header begins with a capital letter",
				    text_clean, name, print_names, o);

	if (!(opt->bit & o->set))
		return command_fail(o->cmd, EINVAL, "%s= is for a call, and"
				    " out of a dialog there is none (%H)",
				    opt->name, print_names, o);

	if (opt->bit & o->seen)
		return command_fail(o->cmd, EINVAL, "%s= is given twice",
				    opt->name);

	o->seen |= opt->bit;

	return decode_value(o, opt, val) ? 0 :
		command_fail(o->cmd, EINVAL, "%H is no value of %s= (%H)",
			     text_clean, val, opt->name, print_allowed, opt);
}


static int add_line(struct options *o, struct lines *lines,
		    const struct pl *name, const struct pl *val)
{
	if (lines->n >= HDRS_MAX)
		return command_fail(o->cmd, E2BIG, "more than %u headers",
				    HDRS_MAX);

	return re_sdprintf(&lines->v[lines->n], "%r: %r", name, val) ?
		ENOMEM : 0;
}


static int add_header(struct options *o, const struct pl *name,
		      const struct pl *val)
{
	int err;

	err = add_line(o, &o->hdrs, name, val);
	if (err)
		return err;

	return client_line_valid(o->hdrs.v[o->hdrs.n++]) ? 0 :
		command_fail(o->cmd, EINVAL, "%H= is a header that cannot be"
			     " sent", text_clean, name);
}


/* "uri.X-Case=42" */
static int add_uri_header(struct options *o, const struct pl *name,
			  const struct pl *val)
{
	struct pl hdr = *name;
	int err;

	pl_advance(&hdr, strlen(URI_PREFIX));
	err = add_line(o, &o->uri_hdrs, &hdr, val);
	if (err)
		return err;

	return client_uri_line_valid(o->uri_hdrs.v[o->uri_hdrs.n++]) ? 0 :
		command_fail(o->cmd, EINVAL, "%H= is a header that cannot be"
			     " sent in a URI", text_clean, name);
}


static int decode(struct options *o, const struct pl *w)
{
	struct pl name, val = *w;

	(void)text_cut(&name, &val, '=');
	if (name.l == w->l || !name.l)
		return command_fail(o->cmd, EINVAL, "%H is not header=value",
				    text_clean, w);

	command_unquote(&val);

	if (name.l > strlen(URI_PREFIX) &&
	    !memcmp(name.p, URI_PREFIX, strlen(URI_PREFIX)))
		return add_uri_header(o, &name, &val);

	return isupper((uint8_t)*name.p) ? add_header(o, &name, &val)
		: decode_option(o, &name, &val);
}


/** Read all options that stand next */
int options_decode(struct options *o)
{
	struct pl w;
	int err = 0;

	while (!err && command_whole_word(&w, &o->cmd->rest))
		err = decode(o, &w);

	return err;
}


/** Read call=, if that stands next: it may come before the target */
int options_decode_call(struct options *o)
{
	struct pl rest = o->cmd->rest, w;
	int err = 0;

	while (!err && command_whole_word(&w, &rest) && w.l > 4 &&
	       !memcmp(w.p, "call=", 5)) {
		o->cmd->rest = rest;
		err = decode(o, &w);
	}

	return err;
}


/** Tell whether a call is named by call= */
bool options_name_call(const struct options *o)
{
	return o->call.l > 0;
}


/** Get the call that is meant: the current one if none is named. NULL if there
    is none, which is the answer then */
struct call *options_call(struct options *o)
{
	struct call *call;

	if (o->call.l)
		return command_call(o->cmd, &o->call);

	call = host_call_current();
	if (!call)
		(void)command_fail(o->cmd, ENOENT, "there is no call, see"
				   " /listcalls");

	return call;
}


/** Get how to refer; valid as long as the options */
const struct refer_client_opts *options_refer(struct options *o)
{
	o->refer.nosub = o->sub == REFER_NO;

	return &o->refer;
}
