/**
 * @file opts.c  What an application gives for a message: a status, headers, a
 * body
 *
 * Checked before anything is sent, and printed.
 */
#include <string.h>
#include <re.h>
#include "core/opts.h"
#include "refer.h"
#include "syntax/header.h"
#include "syntax/sipfrag.h"


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
