/**
 * @file header.c  Header lines and bodies that applications and settings give
 *
 * Checked before anything is sent, and printed.
 */
#include <string.h>
#include <re.h>
#include "host/libre.h"
#include "refer.h"
#include "syntax/header.h"
#include "syntax/sipfrag.h"
#include "syntax/text.h"


/**
 * Tell whether a header is written by us or by libre, so that another one
 * would break the message
 */
bool header_is_reserved(const struct pl *name)
{
	static const char *const namev[] = {
		"Allow", "Authorization", "Call-ID", "Contact",
		"Content-Encoding", "Content-Length", "Content-Type", "CSeq",
		"Event", "Expires", "From", "Max-Forwards",
		"Proxy-Authorization", "Proxy-Require", "Record-Route",
		"Refer-Sub", "Refer-To", "Referred-By", "Replaces", "Require",
		"Route", "Subscription-State", "Supported", "To",
		"User-Agent", "Via", "b", "c", "e", "f", "i", "k", "l", "m",
		"o", "r", "t", "v",
	};
	size_t i;

	for (i=0; i<ARRAY_SIZE(namev); ++i) {
		if (!pl_strcasecmp(name, namev[i]))
			return true;
	}

	return false;
}


/** Tell whether lines can be added to a message */
bool header_lines_valid(const char *const *linev)
{
	struct pl name;

	for (; linev && *linev; ++linev) {

		if (strpbrk(*linev, "\r\n") ||
		    re_regex(*linev, strlen(*linev), "[^: \t]+[ \t]*:", &name,
			     NULL) || name.p != *linev ||
		    header_is_reserved(&name))
			return false;
	}

	return true;
}


/** Tell whether a line is a certain header */
bool header_line_is(const char *line, const char *name)
{
	struct pl pl = {line, strcspn(line, "\r")}, val = pl;

	(void)text_cut(&pl, &val, ':');
	text_trim(&pl);

	return !pl_strcasecmp(&pl, name);
}


/** Tell whether a text, or NULL, can be part of one line of a message */
bool opts_line_valid(const char *line)
{
	return !line || !strpbrk(line, "\r\n");
}


/** Check an answer, first <= status code <= last, and fill in its defaults;
    EINVAL if it is wrong, or if there is no status code and dflt is 0 */
int opts_answer(struct answer *ans, const struct refer_opts *opts,
		uint16_t dflt, uint16_t first, uint16_t last)
{
	const uint16_t scode = opts && opts->scode ? opts->scode : dflt;

	if (scode < first || scode > last)
		return EINVAL;

	if (opts && (!opts_line_valid(opts->reason) ||
		     !opts_line_valid(opts->ctype) ||
		     !header_lines_valid(opts->hdrv) ||
		     (opts->invite &&
		      !header_lines_valid(opts->invite->hdrv)) ||
		     (opts->body && !str_isset(opts->ctype))))
		return EINVAL;

	ans->scode  = scode;
	ans->reason = opts && str_isset(opts->reason) ? opts->reason
						      : sip_reason(scode);
	ans->opts   = opts;

	return 0;
}


/** Print the headers and the body of an answer */
int opts_print(struct re_printf *pf, const struct answer *ans)
{
	const struct refer_opts *opts = ans->opts;
	const char *const *hdrv = opts ? opts->hdrv : NULL;
	const char *body = opts && opts->body ? opts->body : "";
	int err = 0;

	for (; hdrv && *hdrv; ++hdrv)
		err |= re_hprintf(pf, "%s\r\n", *hdrv);

	if (*body)
		err |= re_hprintf(pf, "Content-Type: %s\r\n", opts->ctype);

	return err | re_hprintf(pf, "Content-Length: %zu\r\n\r\n%s",
				strlen(body), body);
}
